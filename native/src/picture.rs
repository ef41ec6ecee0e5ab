//! Image files: reading and scaling them, samples, sheets of images as one picture. Native only.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use glow::config::CHANNELS;
use glow::error::{Error, Result};
use glow::flow::{CLEANING, FrozenGlow, Gradients};
use glow::latents;
use glow::pixels::{host, to_rgb, to_tensor};
use glow::restore::{Known, Restore, STEPS, checked_rgb};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage, imageops};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::colour::to_srgb;

/// Samples a batch of this many at once.
const BATCH: usize = 16;
/// Bytes of a file, or of its pixels, that are read.
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of a sheet.
const MOST_OF_SHEET: usize = 1 << 30;

/// Reads an image, of whatever kind its content is, as a browser shows it: upright, as EXIF says how a camera was held, in
/// sRGB, on white where it is transparent. Errors: no picture, a part of one, or one that is too large.
pub fn open(path: &Path) -> Result<RgbImage> {
    read(path).map_err(|error| Error::Image(format!("{}: {error}", path.display())))
}

fn read(path: &Path) -> Result<RgbImage, Box<dyn std::error::Error>> {
    let mut file = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut file)?;
    if file.len() as u64 > MOST_BYTES {
        return Err(format!("a file of more than {} MiB", MOST_BYTES >> 20).into());
    }
    let format = image::guess_format(&file).ok().filter(ImageFormat::reading_enabled);
    let format = format.ok_or("no picture of a kind that is read: PNG, JPEG, WebP, GIF, BMP or TIFF")?;
    if format == ImageFormat::Jpeg && !is_whole(&file) {
        return Err("only the first part of a JPEG; get it again".into());
    }
    let mut decoder = ImageReader::with_format(Cursor::new(&file), format).into_decoder()?;
    let ((width, height), bytes) = (decoder.dimensions(), decoder.total_bytes());
    if bytes > MOST_BYTES {
        let (bytes, most) = (bytes >> 20, MOST_BYTES >> 20);
        return Err(format!("{width}x{height} pixels are {bytes} MiB, more than {most}; make it smaller").into());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or(None);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let alpha = image.color().has_alpha().then(|| image.to_rgba8());
    let mut rgb = profile.and_then(|profile| to_srgb(&image, &profile)).unwrap_or_else(|| image.into_rgb8());
    for (Rgb(colour), rgba) in rgb.pixels_mut().zip(alpha.iter().flat_map(|image| image.pixels())) {
        let opaque = f32::from(rgba.0[3]) / 255.0;
        *colour = colour.map(|value| (255.0 - opaque * (255.0 - f32::from(value))).round() as u8);
    }
    Ok(rgb)
}

/// Whether a JPEG goes on to its end: the decoder of the `image` crate makes the rest grey, as browsers do. Some files lack
/// the mark of the end, but no pixel.
fn is_whole(jpeg: &[u8]) -> bool {
    let last = |mark: u8| jpeg.windows(2).rposition(|bytes| bytes == [0xff, mark]);
    let (scan, end) = (last(0xda), last(0xd9));
    let strict = DecoderOptions::default().set_strict_mode(true);
    end > scan || JpegDecoder::new_with_options(ZCursor::new(jpeg), strict).decode().is_ok()
}

/// Reads an image, and takes its [`square`].
pub fn read_image(path: &Path, size: usize) -> Result<RgbImage> {
    Ok(square(&open(path)?, size))
}

/// Cuts the central square of an image (of CelebA's 178x218: 148x148) and scales that with a box filter.
pub fn square(image: &RgbImage, size: usize) -> RgbImage {
    let side = match image.dimensions() {
        (178, 218) => 148,
        (width, height) => width.min(height),
    };
    let (x, y) = ((image.width() - side) / 2, (image.height() - side) / 2);
    box_scale(&imageops::crop_imm(image, x, y, side, side).to_image(), size)
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

/// Draws `count` samples of a model, RGB bytes one after the other.
pub fn sample(model: &FrozenGlow, seed: u64, count: usize, temperature: &[f32]) -> Vec<RgbImage> {
    let config = model.config();
    let device = model.device();
    let mut images = Vec::with_capacity(count);
    for first in (0..count).step_by(BATCH) {
        let batch = BATCH.min(count - first);
        let latents = latents::draw(config, model.acceptance.as_ref(), seed, first, batch, temperature, &device);
        let rgb = to_rgb(&host(model.inverse(&latents)));
        images.extend(rgb.chunks(config.dims()).map(|image| from_bytes(image, config.size)));
    }
    images
}

/// Images that the flow finds more probable, without the grain of a sample: see [`Gradients::clean`].
pub fn clean(model: &FrozenGlow, images: &[RgbImage]) -> Vec<RgbImage> {
    let (size, gradients) = (model.config().size, Gradients::new(model.clone()));
    let batches = images.chunks(BATCH).flat_map(|images| {
        let rgb: Vec<u8> = images.iter().flat_map(|image| image.iter().copied()).collect();
        to_rgb(&host(gradients.clean(to_tensor(&rgb, size, &model.device()), CLEANING)))
    });
    let rgb: Vec<u8> = batches.collect();
    rgb.chunks(model.config().dims()).map(|image| from_bytes(image, size)).collect()
}

/// A picture that the flow finds probable and that agrees with what is known, or the mean of such pictures, one a seed. Errors: a search
/// has left the range of numbers.
pub fn restore(model: &FrozenGlow, known: &Known, seeds: impl ExactSizeIterator<Item = u64>) -> Result<RgbImage> {
    let gradients = Gradients::new(model.clone());
    let count = seeds.len() as f64;
    let found = seeds.map(|seed| {
        let mut search = Restore::new(&gradients, known.clone(), seed);
        (0..STEPS).map(|_| search.step()).last().expect("some steps")
    });
    let sum = found.reduce(|sum, found| sum + found).expect("some seeds");
    Ok(from_bytes(&checked_rgb(&host(sum / count))?, model.config().size))
}

/// `size * size * 3` bytes as an image.
pub fn from_bytes(rgb: &[u8], size: usize) -> RgbImage {
    RgbImage::from_raw(size as u32, size as u32, rgb.to_vec()).expect("the bytes of one image")
}

/// Images side by side in rows, with a pixel between them.
pub struct Sheet {
    columns: usize,
    zoom: u32,
    picture: RgbImage,
}

impl Sheet {
    /// Room for `count` images of `size` pixels, each enlarged `zoom` times, in rows of `columns`. Errors: more than there
    /// is memory for.
    pub fn new(count: usize, size: usize, columns: usize, zoom: u32) -> Result<Self> {
        let columns = columns.clamp(1, count.max(1));
        let cell = size * zoom as usize + 1;
        let (width, height) = (columns * cell + 1, count.div_ceil(columns) * cell + 1);
        let mut pixels = Vec::new();
        let bytes = width.saturating_mul(height).saturating_mul(CHANNELS);
        if bytes > MOST_OF_SHEET || pixels.try_reserve_exact(bytes).is_err() {
            let message = format!("a picture of {width}x{height} pixels is too large; take fewer images or less zoom");
            return Err(Error::Image(message));
        }
        pixels.resize(bytes, 255);
        let picture = RgbImage::from_raw(width as u32, height as u32, pixels).expect("so many bytes");
        Ok(Self { columns, zoom, picture })
    }

    /// The picture with its images.
    pub fn with(mut self, images: &[RgbImage]) -> RgbImage {
        for (i, image) in images.iter().enumerate() {
            let side = image.width() * self.zoom;
            let [x, y] = [i % self.columns, i / self.columns].map(|at| at as i64 * i64::from(side + 1) + 1);
            let image = imageops::resize(image, side, side, imageops::FilterType::Nearest);
            imageops::replace(&mut self.picture, &image, x, y);
        }
        self.picture
    }
}

/// The kind of picture that a file's name asks for; PNG without an extension. Errors: one that is not written.
pub fn format(path: &Path) -> Result<ImageFormat> {
    let Some(extension) = path.extension() else { return Ok(ImageFormat::Png) };
    match ImageFormat::from_extension(extension) {
        Some(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => Ok(format),
        _ => Err(Error::Image(format!("{}: pictures are written as .png, .jpg or .webp", path.display()))),
    }
}

/// An image as the bytes of a file: lossless but for JPEG.
pub fn encode(image: &RgbImage, format: ImageFormat) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let encoded = match format {
        ImageFormat::Jpeg => JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(image),
        format => image.write_to(&mut bytes, format),
    };
    encoded.map_err(|error| Error::Image(error.to_string()))?;
    Ok(bytes.into_inner())
}
