//! What JavaScript sees: a device, and a model on it. Thin; the work is done by the modules that the native program uses.
//!
//! Everything is asynchronous and meant for a worker. A callback may return a promise, which is awaited: a worker that
//! returns one that resolves in a new task stays able to hear a cancel. Errors are `Error`s with a sentence; a call that
//! was cancelled throws its signal's `reason`.

mod attributes;
pub mod device;
mod inside;
mod model;
pub use attributes::Attributes;
pub use inside::Walk;
pub use model::{Encoding, Model};
pub use weights::Weights;
#[cfg(feature = "roof")]
mod roof;
mod task;
#[cfg(feature = "threads")]
mod threads;
mod warm;
#[cfg(feature = "gpu")]
pub mod webgpu;
mod weights;

use burn::tensor;
#[cfg(feature = "gpu")]
use burn::tensor::DType;
use wasm_bindgen::prelude::*;

use crate::error::Error;

/// Shows panics in the console, with their place.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        JsError::from(error).into()
    }
}

/// Where a model computes.
#[wasm_bindgen]
pub struct Device {
    tensors: tensor::Device,
    batches: [usize; 2],
    /// Whether its kernels may read f16.
    #[cfg(feature = "gpu")]
    half: bool,
}

#[wasm_bindgen]
impl Device {
    /// The CPU, with SIMD.
    pub fn cpu() -> Self {
        Self {
            tensors: device::cpu(),
            batches: [1, 4],
            #[cfg(feature = "gpu")]
            half: false,
        }
    }

    /// The GPU. `onLost` is called with a sentence when it is gone or has failed; what is under way then never ends.
    /// Throws where there is no fitting adapter, or in a package that was built without WebGPU.
    #[cfg(feature = "gpu")]
    pub async fn webgpu(
        #[wasm_bindgen(js_name = onLost, unchecked_param_type = "(reason: string) => void")] on_lost: js_sys::Function,
    ) -> Result<Self, JsError> {
        let tensors = webgpu::open(move |reason: String| {
            // A callback that throws has nobody to tell.
            let _ = on_lost.call1(&JsValue::NULL, &reason.into());
        })
        .await?;
        let half = tensors.supports_dtype(DType::F16);
        Ok(Self { tensors, batches: [8; 2], half })
    }
}
