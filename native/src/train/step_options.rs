//! How a training step goes.

use burn::tensor::Device;
use glow::ops::Precision;

use super::Ranks;

/// How a training step goes.
#[derive(Clone)]
pub struct StepOptions {
    /// Learning rate.
    pub rate: f64,
    /// Largest norm of the gradient.
    pub clip: f64,
    /// Parts of the batch that run side by side.
    pub shards: usize,
    /// The processes that have a share of them each.
    pub ranks: Ranks,
    /// Whether to keep no activations, and compute them again from the outputs of the flow's steps.
    pub recompute: bool,
    /// What a CPU multiplies with in the coupling networks.
    pub precision: Precision,
    /// Where the gradient is computed, if not on the CPU; the model is there all the same.
    pub gpu: Option<Device>,
}
