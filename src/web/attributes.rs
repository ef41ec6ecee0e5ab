//! Edits of a face.

use wasm_bindgen::prelude::*;

use super::Model;
use crate::attributes::{self, Direction};
use crate::error::Error;

/// The attributes of a model's faces, as `glow attributes` finds them.
#[wasm_bindgen]
pub struct Attributes {
    directions: Vec<Direction>,
}

#[wasm_bindgen]
impl Attributes {
    /// Reads the attributes that belong to a model. Throws when the file is damaged or belongs to another one.
    pub fn load(bytes: &[u8], model: &Model) -> Result<Self, JsError> {
        Ok(Self { directions: attributes::load(bytes, model.config())? })
    }

    /// CelebA's names of them: `Smiling`.
    #[wasm_bindgen(getter)]
    pub fn names(&self) -> Vec<String> {
        self.directions.iter().map(|direction| direction.name.clone()).collect()
    }

    /// Latents of one image with `strengths` of the attributes, in their order: 0 leaves one as it is, 1 adds it, -1 takes
    /// it away.
    pub fn edit(&self, latents: &[f32], strengths: &[f32]) -> Result<Vec<f32>, JsError> {
        let wanted = (self.directions.first().map_or(0, |direction| direction.values.len()), self.directions.len());
        if (latents.len(), strengths.len()) != wanted {
            let message = format!("expected {} latents and {} strengths", wanted.0, wanted.1);
            return Err(Error::Image(message).into());
        }
        Ok(attributes::edit(latents, &self.directions, strengths))
    }
}
