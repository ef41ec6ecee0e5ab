//! A step of flow: actnorm, permutation, coupling (Glow, arXiv 1807.03039, figure 2a).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Actnorm, Coupling, FrozenCoupling, Init, Mixing, Permutation};
use crate::config::GlowConfig;

/// The parameters of one step.
#[derive(Module, Debug)]
pub struct Step {
    /// First: scale and bias of every channel.
    pub actnorm: Actnorm,
    /// Second: mixes the channels at every place.
    pub permutation: Permutation,
    /// Third: changes one half of the channels as the other says.
    pub coupling: Coupling,
}

/// One step.
#[derive(Module, Debug)]
pub struct FrozenStep {
    /// Actnorm and permutation at once.
    pub mixing: Mixing,
    /// What follows them.
    pub coupling: FrozenCoupling,
}

impl Step {
    /// A new step of `channels` channels, with `width` hidden ones in its network.
    pub fn new(config: &GlowConfig, channels: usize, width: usize, init: &mut Init, device: &Device) -> Self {
        Self {
            actnorm: Actnorm::new(channels, device),
            permutation: Permutation::new(config.permutation, channels, init, device),
            coupling: Coupling::new(config.coupling, channels, width, init, device),
        }
    }

    /// Computes what is constant for weights that no longer change.
    pub fn frozen(&self) -> FrozenStep {
        FrozenStep { mixing: Mixing::new(&self.actnorm, &self.permutation), coupling: self.coupling.frozen() }
    }
}

impl FrozenStep {
    /// `[b, h, w, c]` -> `[b, h, w, c]`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let (mixed, log_det) = self.mixing.forward(x);
        self.coupling.forward_after(mixed, log_det)
    }

    /// The inverse of [`forward`](Self::forward).
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        self.coupling.inverse_after(y, &self.mixing)
    }
}
