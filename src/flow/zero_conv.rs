//! The 3x3 convolution that begins as zero (Glow, arXiv 1807.03039, section 3.3): `(conv(x) + b) exp(3 s)`.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::ops::conv3x3;

/// A zero-initialised 3x3 convolution with a learned scale a channel.
#[derive(Module, Debug)]
pub struct ZeroConv {
    /// `[c_in, 9 c_out]`: a column for each tap and output, tap by tap.
    pub weight: Param<Tensor<2>>,
    /// b, `[c_out]`.
    pub bias: Param<Tensor<1>>,
    /// s, `[c_out]`.
    pub log_scale: Param<Tensor<1>>,
}

/// A 3x3 convolution of few output channels.
#[derive(Module, Debug)]
pub struct Conv3x3 {
    /// `[c_in, 9 c_out]`, as in [`ZeroConv`].
    pub weight: Tensor<2>,
    /// `[c_out]`.
    pub bias: Tensor<1>,
}

impl Conv3x3 {
    /// `[b, h, w, c_in]` -> `[b, h, w, c_out]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        conv3x3(x, self.weight.clone(), self.bias.clone())
    }
}

impl ZeroConv {
    /// All zeros.
    pub fn new(c_in: usize, c_out: usize, device: &Device) -> Self {
        let vector = || Param::from_tensor(Tensor::zeros([c_out], device));
        Self { weight: Param::from_tensor(zeros([c_in, 9 * c_out], device)), bias: vector(), log_scale: vector() }
    }

    /// Weight and bias with the scale multiplied into them.
    pub fn scaled(&self) -> (Tensor<2>, Tensor<1>) {
        let weight = self.weight.val();
        let [c_in, c_out9] = weight.dims();
        let c_out = c_out9 / 9;
        let scale = (self.log_scale.val() * 3.0).exp();
        let weight = weight.reshape([c_in * 9, c_out]) * scale.clone().reshape([1, c_out]);
        (weight.reshape([c_in, c_out9]), self.bias.val() * scale)
    }

    /// Computes what is constant for weights that no longer change.
    pub(super) fn frozen(&self) -> Conv3x3 {
        let (weight, bias) = self.scaled();
        Conv3x3 { weight, bias }
    }
}

/// One zero, seen as many: it takes memory only when others come in its place.
pub(super) fn zeros(shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::<2>::zeros([1, 1], device).expand(shape)
}
