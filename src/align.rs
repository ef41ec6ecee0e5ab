//! The frame of a photograph of a face: the square that has the eyes where the training photographs have them. Native only.

use eyes::{Finder, Picture, Point, Square};
use image::RgbImage;

use crate::picture::from_bytes;

/// (23.9, 30.3) and (39.9, 30.3) of 64, in shares of the side.
pub const EYES: [Point; 2] = [[0.3734, 0.4734], [0.6234, 0.4734]];

/// The likeliest face in its frame, `size` pixels wide; `None` if there is no face.
pub fn align(image: &RgbImage, size: usize) -> Option<RgbImage> {
    let picture = Picture::new(image, image.width() as usize, image.height() as usize)?;
    let eyes = *Finder::default().find(picture).first()?;
    let values = Square::through(EYES, eyes).look(picture, size);
    Some(from_bytes(&values.into_iter().map(|value| value.round() as u8).collect::<Vec<_>>(), size))
}
