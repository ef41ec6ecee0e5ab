//! The frame of a photograph of a face: the square that has the eyes where the training photographs have them. Native only.

use eyes::{Finder, Picture, Point, Square};
use image::imageops::{FilterType, replace, resize};
use image::{Rgb, RgbImage};

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

/// Whether an image is a face in the frame: with both eyes within a tenth of the side from where they belong.
pub fn is_face(finder: &Finder, image: &RgbImage) -> bool {
    // The finder wants faces of some size that do not touch the edge.
    const SIDE: u32 = 320;
    const EDGE: u32 = 48;
    let large = resize(image, SIDE - 2 * EDGE, SIDE - 2 * EDGE, FilterType::Triangle);
    let mut framed = RgbImage::from_pixel(SIDE, SIDE, Rgb([128; 3]));
    replace(&mut framed, &large, EDGE.into(), EDGE.into());
    let picture = Picture::new(&framed, SIDE as usize, SIDE as usize).expect("a picture");
    let at = |pixel: f32| (pixel - EDGE as f32) / large.width() as f32;
    let near = |[x, y]: [f32; 2], [to_x, to_y]: [f32; 2]| (at(x) - to_x).hypot(at(y) - to_y) <= 0.1;
    finder.find(picture).iter().any(|eyes| near(eyes[0], EYES[0]) && near(eyes[1], EYES[1]))
}
