//! The coupling network `3x3 -> ReLU -> 1x1 -> ReLU -> 3x3` (Glow, arXiv 1807.03039, section 3.3).

use burn::tensor::{Tensor, activation::relu};

use super::NetWeights;
use super::conv::{fold3x3, unfold3x3};

/// `[b, h, w, c_in]` -> `[b, h, w, c_out]`, by the fastest form that the device has.
pub fn net(x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
    match super::on_flex(&x) {
        true => super::flex::net(x, weights),
        false => net_plain(x, weights),
    }
}

/// The same in plain tensor operations: the reference, and the form for backends without a kernel.
pub fn net_plain(x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
    let [b, h, w, _] = x.dims();
    let c_out = weights.b2.dims()[0];
    let [_, hidden] = hidden_plain(x, weights);
    let taps = hidden.matmul(weights.w2.clone()).reshape([b, h, w, 9 * c_out]);
    fold3x3(taps) + weights.b2.clone().reshape([1, 1, 1, c_out])
}

/// The hidden activations after their ReLUs, `[b h w, n]` each.
pub(super) fn hidden_plain(x: Tensor<4>, weights: &NetWeights) -> [Tensor<2>; 2] {
    let NetWeights { w0, b0, w1, b1, .. } = weights.clone();
    let [b, h, w, c] = x.dims();
    let n = w1.dims()[0];
    let first = relu(unfold3x3(x).reshape([b * h * w, 9 * c]).matmul(w0) + b0.reshape([1, n]));
    let second = relu(first.clone().matmul(w1) + b1.reshape([1, n]));
    [first, second]
}
