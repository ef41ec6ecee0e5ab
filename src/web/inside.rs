//! A look into a model, for pages that explain it. Steps count from 0, from the image upwards.

use burn::tensor::Tensor;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::Model;
use super::task::Task;
use crate::error::Error;
use crate::pixels::{host_async, to_tensor};
use crate::trajectory;

/// What [`Model::walk`] finds.
#[wasm_bindgen]
pub struct Walk {
    states: Vec<f32>,
    log_dets: Vec<f32>,
}

#[wasm_bindgen]
impl Walk {
    /// All numbers that the flow holds before the first step and after each, `[all steps + 1, dims]` flattened: the
    /// latents that have left it, finest first, then the activations. The first are the pixels, from -1/2 to 1/2, the
    /// last the latents.
    #[wasm_bindgen(getter)]
    pub fn states(&self) -> Vec<f32> {
        self.states.clone()
    }

    /// log|det| of the map from the pixels to each state, in nats.
    #[wasm_bindgen(getter, js_name = logDets)]
    pub fn log_dets(&self) -> Vec<f32> {
        self.log_dets.clone()
    }
}

#[wasm_bindgen]
impl Model {
    /// The way of one image to its latents; `onProgress(done, total)`.
    pub async fn walk(
        &self,
        rgb: Vec<u8>,
        #[wasm_bindgen(
            js_name = onProgress,
            unchecked_param_type = "((done: number, total: number) => void | Promise<void>) | undefined"
        )]
        on_progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Walk, JsValue> {
        let task = Task { report: on_progress, signal };
        let total = self.steps() + 1;
        let (mut states, mut log_dets) = (Vec::new(), Vec::new());
        for (state, log_det) in trajectory::states(self.flow(), self.one_image(&rgb)?) {
            states.push(state);
            log_dets.push(log_det);
            task.report(states.len() as u32, total).await?;
        }
        let states = host_async(Tensor::cat(states, 0)).await?;
        Ok(Walk { states, log_dets: host_async(Tensor::cat(log_dets, 0)).await? })
    }

    /// The coupling of a step at work on one image: what it is given, what it makes of that, and what undoing it gives
    /// back, `[3, height, width, channels]` flattened. The first half of the channels passes.
    pub async fn coupling(&self, rgb: Vec<u8>, step: u32) -> Result<Vec<f32>, JsValue> {
        let passage = self.flow().passages(self.one_image(&rgb)?).nth(step as usize);
        let passage = passage.ok_or_else(|| self.no_step(step))?;
        let (before, _) = passage.step.mixing.forward(passage.x);
        let (after, _) = passage.step.coupling.forward(before.clone());
        let back = passage.step.coupling.inverse(after.clone());
        Ok(host_async(Tensor::cat(vec![before, after, back], 0)).await?)
    }

    /// The matrix W that mixes the channels in a step, `[channels, channels]` flattened: `y = W x`.
    pub async fn permutation(&self, step: u32) -> Result<Vec<f32>, JsValue> {
        let found = self.flow().levels.iter().flat_map(|level| &level.steps).nth(step as usize);
        let weight = found.ok_or_else(|| self.no_step(step))?.mixing.permutation.clone();
        Ok(host_async(weight).await?)
    }

    fn steps(&self) -> u32 {
        self.config().all_steps() as u32
    }

    fn one_image(&self, rgb: &[u8]) -> Result<Tensor<4>, Error> {
        let dims = self.config().dims();
        if rgb.len() != dims {
            return Err(Error::Image(format!("expected {dims} bytes of RGB, got {}", rgb.len())));
        }
        Ok(to_tensor(rgb, self.config().size, &self.flow().device()))
    }

    fn no_step(&self, step: u32) -> Error {
        Error::Config(format!("the model has steps 0 to {}; there is no step {step}", self.steps() - 1))
    }
}
