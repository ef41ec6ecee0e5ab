//! The last level's prior: a Gaussian with a learned mean and scale a channel.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

/// `eps = (z - mean) exp(-log_sigma)`.
#[derive(Module, Debug)]
pub struct Prior {
    /// `[c]`.
    pub mean: Param<Tensor<1>>,
    /// `[c]`.
    pub log_sigma: Param<Tensor<1>>,
}

impl Prior {
    /// The standard normal.
    pub fn new(channels: usize, device: &Device) -> Self {
        let zeros = || Param::from_tensor(Tensor::zeros([channels], device));
        Self { mean: zeros(), log_sigma: zeros() }
    }

    /// `[b, h, w, c]` -> whitened, `log_det = -sum log_sigma`.
    pub fn forward(&self, z: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let c = z.dims()[3];
        let log_sigma = self.log_sigma.val();
        let eps = (z - self.mean.val().reshape([1, 1, 1, c])) * log_sigma.clone().neg().exp().reshape([1, 1, 1, c]);
        (eps, log_sigma.sum().neg().unsqueeze())
    }

    /// `z = eps exp(log_sigma) + mean`.
    pub fn inverse(&self, eps: Tensor<4>) -> Tensor<4> {
        let c = eps.dims()[3];
        eps * self.log_sigma.val().exp().reshape([1, 1, 1, c]) + self.mean.val().reshape([1, 1, 1, c])
    }
}
