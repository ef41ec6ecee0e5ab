//! A weights file on its way.

use std::mem::take;

use burn::tensor;
use wasm_bindgen::prelude::*;

use super::{Device, Model};
use crate::tensor_stream::TensorStream;
use crate::weights;

/// A weights file that comes in parts: what is there is read while the rest is on its way.
#[wasm_bindgen]
#[derive(Default)]
pub struct Weights(TensorStream);

#[wasm_bindgen]
impl Weights {
    /// Of a file of which nothing has come.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the file's next bytes, however many.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    /// The model, once the whole file has come; nothing is left here then. Throws when it is damaged or of another kind.
    #[allow(clippy::unused_async)] // A promise, like all else that takes long.
    pub async fn open(&mut self, device: &Device) -> Result<Model, JsError> {
        let (glow, header) = weights::finish(take(&mut self.0), &tensor::Device::flex())?;
        Ok(Model::new(&glow, header, device))
    }
}
