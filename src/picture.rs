//! Image files: reading and scaling them, samples, sheets of images as one picture. Native only.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage, imageops};

use crate::config::CHANNELS;
use crate::error::{Error, Result};
use crate::flow::Glow;
use crate::image::{host, to_rgb};
use crate::latents;

/// Samples a batch of this many at once.
const BATCH: usize = 16;

/// Reads an image, upright: EXIF says how a camera was held.
pub fn open(path: &Path) -> Result<RgbImage> {
    let read = || {
        let mut decoder = ImageReader::open(path)?.into_decoder()?;
        Limits::default().reserve(decoder.total_bytes())?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder)?;
        image.apply_orientation(orientation);
        Ok(image.into_rgb8())
    };
    read().map_err(|error: ImageError| Error::Image(format!("{}: {error}", path.display())))
}

/// Reads an image, cuts its central square (of CelebA's 178x218: 148x148) and scales that with a box filter.
pub fn read_image(path: &Path, size: usize) -> Result<RgbImage> {
    let image = open(path)?;
    let side = match image.dimensions() {
        (178, 218) => 148,
        (width, height) => width.min(height),
    };
    let (x, y) = ((image.width() - side) / 2, (image.height() - side) / 2);
    let square = imageops::crop_imm(&image, x, y, side, side).to_image();
    Ok(box_scale(&square, size))
}

/// Scales a square image: every new pixel is the mean of the area that it covers.
pub fn box_scale(image: &RgbImage, size: usize) -> RgbImage {
    let side = image.width() as usize;
    if side == size {
        return image.clone();
    }
    let spans: Vec<Vec<(u32, f32)>> = (0..size).map(|i| span(i, side as f32 / size as f32, side)).collect();
    RgbImage::from_fn(size as u32, size as u32, |x, y| {
        let mut sum = [0.0; CHANNELS];
        let mut area = 0.0;
        for (from_y, height) in &spans[y as usize] {
            for (from_x, width) in &spans[x as usize] {
                area += height * width;
                for (sum, value) in sum.iter_mut().zip(image.get_pixel(*from_x, *from_y).0) {
                    *sum += f32::from(value) * height * width;
                }
            }
        }
        image::Rgb(sum.map(|sum| (sum / area).round() as u8))
    })
}

/// The old pixels that new pixel `i` covers, each with its share.
fn span(i: usize, scale: f32, side: usize) -> Vec<(u32, f32)> {
    let (from, to) = (i as f32 * scale, (i + 1) as f32 * scale);
    (from as usize..(to.ceil() as usize).min(side))
        .map(|p| (p as u32, (to.min(p as f32 + 1.0) - from.max(p as f32)).max(1e-6)))
        .collect()
}

/// Draws `count` samples from a folded model, RGB bytes one after the other.
pub fn sample(model: &Glow, seed: u64, count: usize, temperature: &[f32]) -> Vec<RgbImage> {
    let config = model.config();
    let device = model.device();
    let mut images = Vec::with_capacity(count);
    for first in (0..count).step_by(BATCH) {
        let batch = BATCH.min(count - first);
        let latents = latents::draw(config, seed, first, batch, temperature, &device);
        let rgb = to_rgb(&host(model.inverse(&latents)));
        images.extend(rgb.chunks(config.dims()).map(|image| from_bytes(image, config.size)));
    }
    images
}

/// `size * size * 3` bytes as an image.
pub fn from_bytes(rgb: &[u8], size: usize) -> RgbImage {
    RgbImage::from_raw(size as u32, size as u32, rgb.to_vec()).expect("the bytes of one image")
}

/// Images side by side in rows of `columns`, with a pixel between them, each enlarged `zoom` times.
pub fn grid(images: &[RgbImage], columns: usize, zoom: u32) -> RgbImage {
    let columns = columns.clamp(1, images.len().max(1));
    let cell = images.first().map_or(1, RgbImage::width) * zoom + 1;
    let rows = images.len().div_ceil(columns);
    let mut sheet = RgbImage::from_pixel(columns as u32 * cell + 1, rows as u32 * cell + 1, image::Rgb([255; 3]));
    for (i, image) in images.iter().enumerate() {
        let (x, y) = ((i % columns) as u32 * cell + 1, (i / columns) as u32 * cell + 1);
        let side = image.width() * zoom;
        let image = imageops::resize(image, side, side, imageops::FilterType::Nearest);
        imageops::replace(&mut sheet, &image, x.into(), y.into());
    }
    sheet
}

/// An image as PNG bytes.
pub fn png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| Error::Image(error.to_string()))?;
    Ok(bytes.into_inner())
}
