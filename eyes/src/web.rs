//! What JavaScript sees.

use wasm_bindgen::prelude::*;

use crate::{Finder, Picture};

/// Finds the eyes of every face in RGBA bytes, likeliest face first: four numbers a face, the left eye's place in pixels and
/// the right one's.
#[wasm_bindgen(js_name = findEyes)]
pub fn find_eyes(rgba: &[u8], width: usize) -> Result<Vec<f32>, JsError> {
    let rgb: Vec<u8> = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let height = rgb.len() / 3 / width.max(1);
    let picture = Picture::new(&rgb, width, height).ok_or_else(|| JsError::new("not a picture of this width"))?;
    Ok(Finder::default().find(picture).into_iter().flatten().flatten().collect())
}
