//! Sheets of images as one picture.

use image::RgbImage;

use crate::error::Result;
use crate::flow::Glow;
use crate::image::to_rgb;
use crate::latents;

use super::evaluate::host;

/// Samples a batch of this many at once.
const BATCH: usize = 16;

/// Draws `count` samples from a folded model, RGB bytes one after the other.
pub fn sample(model: &Glow, seed: u64, count: usize, temperature: &[f32]) -> Vec<RgbImage> {
    let config = model.config();
    let device = model.device();
    let mut images = Vec::with_capacity(count);
    for first in (0..count).step_by(BATCH) {
        let batch = BATCH.min(count - first);
        let latents = latents::draw(config, seed, first, batch, temperature, &device);
        let rgb = to_rgb(&host(model.inverse(&latents)));
        images.extend(
            rgb.chunks(config.dims())
                .map(|image| from_bytes(image, config.size)),
        );
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
    let mut sheet = RgbImage::from_pixel(
        columns as u32 * cell + 1,
        rows as u32 * cell + 1,
        image::Rgb([255; 3]),
    );
    for (i, image) in images.iter().enumerate() {
        let (x, y) = (
            (i % columns) as u32 * cell + 1,
            (i / columns) as u32 * cell + 1,
        );
        let side = image.width() * zoom;
        let image =
            image::imageops::resize(image, side, side, image::imageops::FilterType::Nearest);
        image::imageops::replace(&mut sheet, &image, x.into(), y.into());
    }
    sheet
}

/// An image as PNG bytes.
pub fn png(image: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, image::ImageFormat::Png)
        .map_err(|error| crate::error::Error::Image(error.to_string()))?;
    Ok(bytes.into_inner())
}
