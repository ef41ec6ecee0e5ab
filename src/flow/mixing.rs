//! Actnorm and permutation as one matrix product, since both are linear in the channels.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Actnorm, Permutation, matrix};
use crate::ops::linear;

/// Rows of channels: `y = x M + v`.
#[derive(Module, Debug)]
pub struct Mixing {
    /// `M = diag(exp s) W^T`, `[c, c]`.
    pub matrix: Tensor<2>,
    /// `v = (b exp s) W^T`, `[c]`.
    pub shift: Tensor<1>,
    /// log|det M|, `[1]`.
    pub log_det: Tensor<1>,
    /// M^-1, `[c, c]`.
    pub inverse: Tensor<2>,
    /// `-v M^-1 = -b`, `[c]`: `x = y M^-1 - b`.
    pub shift_back: Tensor<1>,
    /// W of the permutation, `[c, c]`: `y = W x`.
    pub permutation: Tensor<2>,
}

impl Mixing {
    /// Computed on the host, in f64.
    pub(super) fn new(actnorm: &Actnorm, permutation: &Permutation) -> Self {
        let [weight, back] = permutation.on_host();
        let bias = matrix::to_rows(actnorm.bias.val());
        let scale: Vec<_> = matrix::to_rows(actnorm.log_scale.val()).into_iter().map(f64::exp).collect();
        let (n, device) = (bias.len(), actnorm.bias.device());
        let transposed = |value: &dyn Fn(usize, usize) -> f64| {
            let values: Vec<_> = (0..n * n).map(|i| value(i % n, i / n)).collect();
            matrix::from_rows(&values, [n, n], &device)
        };
        let shift =
            |row: &[f64]| row.iter().zip(&scale).zip(&bias).map(|((weight, scale), bias)| weight * scale * bias).sum();
        let shift: Vec<_> = weight.chunks(n).map(shift).collect();
        Self {
            matrix: transposed(&|i, j| weight[i * n + j] * scale[j]),
            shift: matrix::from_rows(&shift, [n], &device),
            log_det: actnorm.log_scale.val().sum() + permutation.log_det(),
            inverse: transposed(&|i, j| back[i * n + j] / scale[i]),
            shift_back: -actnorm.bias.val(),
            permutation: matrix::from_rows(&weight, [n, n], &device),
        }
    }

    /// What the coupling is given, `[b, h, w, c]`, and log|det M|, `[1, 1, 1, 1]`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        (linear(x, self.matrix.clone(), self.shift.clone()), self.log_det.clone().unsqueeze())
    }

    /// The inverse of [`forward`](Self::forward).
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        linear(y, self.inverse.clone(), self.shift_back.clone())
    }
}
