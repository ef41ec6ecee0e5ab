//! Multi-scale split (RealNVP, arXiv 1605.08803, section 3.6): half of the channels leave the flow, whitened by a
//! Gaussian that the carried half predicts.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Conv3x3, ZeroConv};
use crate::ops::{bound, bound_gradient, colour, halves, join};

/// The largest |log sigma|. Photographs come to 4.3. In pictures unlike any it would be tens, and sigma so steep in the carried half
/// that its rounding kept them from coming back.
pub const MAX_LOG_SIGMA: f32 = 5.0;

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
        let [mean, log_sigma] = self.gaussian(z1.clone());
        let eps = (z2 - mean) * log_sigma.clone().neg().exp();
        (z1, eps, log_sigma.sum_dim(3).neg())
    }

    /// Puts the halves together again.
    pub fn inverse(&self, z1: Tensor<4>, eps: Tensor<4>) -> Tensor<4> {
        let Conv3x3 { weight, bias } = self.prior.clone();
        colour(z1, eps, weight, bias, MAX_LOG_SIGMA)
    }

    /// Mean and log sigma of z2, given z1.
    pub(super) fn gaussian(&self, z1: Tensor<4>) -> [Tensor<4>; 2] {
        gaussian(self.prior.forward(z1))
    }
}

/// Mean and log sigma, of what a prior's convolution says.
pub fn gaussian(prior: Tensor<4>) -> [Tensor<4>; 2] {
    let [mean, log_sigma] = halves(prior);
    [mean, bound(log_sigma, MAX_LOG_SIGMA)]
}

/// The gradient by what [`gaussian`] is given, by those by mean and log sigma.
pub fn gaussian_gradient(log_sigma: &Tensor<4>, by_mean: Tensor<4>, by_log_sigma: Tensor<4>) -> Tensor<4> {
    join(by_mean, bound_gradient(by_log_sigma, log_sigma.clone(), MAX_LOG_SIGMA))
}
