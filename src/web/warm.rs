//! Code that is not compiled well yet.

use wasm_bindgen::prelude::*;

use super::Device;
use crate::config::{CouplingKind, GlowConfig, PermutationKind};
use crate::flow::Glow;
use crate::latents;
use crate::pixels::{host, to_rgb};
use crate::tensor_file::Precision;
use crate::weights::{self, Facts};

/// Reads a small model and draws a picture of it, in milliseconds, and forgets both. Browsers compile WebAssembly fast first,
/// and well what has been used: to be called while the weights are on their way, for the first image to be drawn by fast
/// code.
#[wasm_bindgen(js_name = warmUp)]
pub fn warm_up() -> Result<(), JsError> {
    let config = GlowConfig {
        size: 16,
        levels: 2,
        steps: 2.into(),
        width: 64.into(),
        bits: 5,
        coupling: CouplingKind::Additive,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    let Device { tensors, .. } = Device::cpu();
    let file = weights::save(&Glow::blank(&config, &tensors)?, Facts::default(), Precision::F16);
    let flow = weights::load(&file, &tensors)?.0.frozen();
    to_rgb(&host(flow.inverse(&latents::draw(&config, None, 0, 0, 1, &[1.0; 2], &tensors))));
    Ok(())
}
