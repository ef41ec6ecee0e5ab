//! Multi-scale split (RealNVP, arXiv 1605.08803, section 3.6): half of the channels leave the flow, whitened by a
//! Gaussian that the carried half predicts.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Conv3x3, ZeroConv};
use crate::ops::{halves, join};

/// The parameters of a split.
#[derive(Module, Debug)]
pub struct Split {
    /// From the carried half to (mean, log sigma).
    pub prior: ZeroConv,
}

/// `eps = (z2 - mean(z1)) exp(-log_sigma(z1))`, with both from a zero-initialised 3x3 convolution.
#[derive(Module, Debug)]
pub struct FrozenSplit {
    /// From the carried half to (mean, log sigma).
    pub prior: Conv3x3,
}

impl Split {
    /// A split of `channels` channels (even).
    pub fn new(channels: usize, device: &Device) -> Self {
        Self { prior: ZeroConv::new(channels / 2, channels, device) }
    }

    /// Computes what is constant for weights that no longer change.
    pub fn frozen(&self) -> FrozenSplit {
        FrozenSplit { prior: self.prior.frozen() }
    }
}

impl FrozenSplit {
    /// `[b, h, w, c]` -> carried half, whitened half, `log_det = -sum log_sigma`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>, Tensor<4>) {
        let [z1, z2] = halves(x);
        let [mean, log_sigma] = halves(self.prior.forward(z1.clone()));
        let eps = (z2 - mean) * log_sigma.clone().neg().exp();
        (z1, eps, log_sigma.sum_dim(3).neg())
    }

    /// Puts the halves together again.
    pub fn inverse(&self, z1: Tensor<4>, eps: Tensor<4>) -> Tensor<4> {
        let [mean, log_sigma] = halves(self.prior.forward(z1.clone()));
        join(z1, eps * log_sigma.exp() + mean)
    }
}
