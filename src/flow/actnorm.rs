//! Activation normalisation (Glow, arXiv 1807.03039, section 3.1): an affine map a channel, `y = (x + b) exp(s)`. The flow has
//! it in its [`Mixing`](super::Mixing); forward and inverse stand here to be read, and for tests to compare with.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

/// Scale and bias of every channel, initialised so that the first batch comes out with mean 0 and variance 1.
#[derive(Module, Debug)]
pub struct Actnorm {
    /// b, `[c]`.
    pub bias: Param<Tensor<1>>,
    /// s, `[c]`.
    pub log_scale: Param<Tensor<1>>,
}

impl Actnorm {
    /// The identity on `channels` channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        let zeros = || Param::from_tensor(Tensor::zeros([channels], device));
        Self { bias: zeros(), log_scale: zeros() }
    }

    /// From now on the statistics of `x`, `[b, h, w, c]`, are normalised away.
    pub fn initialise(&mut self, x: &Tensor<4>) {
        let c = x.dims()[3];
        let rows = x.clone().reshape([-1, c as i32]);
        let mean = rows.clone().mean_dim(0);
        let std = (rows - mean.clone()).square().mean_dim(0).sqrt();
        replace(&mut self.bias, -mean.reshape([c]));
        replace(&mut self.log_scale, -(std + 1e-6).log().reshape([c]));
    }

    /// `y = (x + b) exp(s)`, `log_det = sum(s)`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let c = x.dims()[3];
        let [bias, scale] = self.affine().map(|t| t.reshape([1, 1, 1, c]));
        ((x + bias) * scale, self.log_scale.val().sum().unsqueeze())
    }

    /// `x = y exp(-s) - b`.
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        let c = y.dims()[3];
        let [bias, scale] = self.affine().map(|t| t.reshape([1, 1, 1, c]));
        y / scale - bias
    }

    /// `[b, exp(s)]`, `[c]` each.
    pub(super) fn affine(&self) -> [Tensor<1>; 2] {
        [self.bias.val(), self.log_scale.val().exp()]
    }
}

/// Gives a parameter another value, detached from how that was computed.
fn replace(param: &mut Param<Tensor<1>>, value: Tensor<1>) {
    *param = param.clone().map(|old| value.detach().set_require_grad(old.is_require_grad()));
}
