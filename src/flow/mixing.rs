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
    /// `-v M^-1`, `[c]`: `x = y M^-1 - v M^-1`.
    pub shift_back: Tensor<1>,
}

impl Mixing {
    /// M^-1 is computed on the host, in f64.
    pub(super) fn new(actnorm: &Actnorm, permutation: &Permutation) -> Self {
        let (matrix, shift, log_det) = linear_map(actnorm, permutation);
        let inverse = matrix::inverse(matrix::download(matrix.clone()));
        let shift_back = matrix::download(shift.clone().unsqueeze()) * &inverse * -1.0;
        let device = matrix.device();
        Self {
            inverse: matrix::upload(&inverse, &device),
            shift_back: matrix::upload(&shift_back, &device).flatten(0, 1),
            matrix,
            shift,
            log_det,
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

/// M, v and log|det M|.
pub fn linear_map(actnorm: &Actnorm, permutation: &Permutation) -> (Tensor<2>, Tensor<1>, Tensor<1>) {
    let [bias, scale] = actnorm.affine();
    let c = bias.dims()[0];
    let weight = permutation.weight().transpose();
    let shift = (bias * scale.clone()).reshape([1, c]).matmul(weight.clone()).flatten(0, 1);
    let matrix = weight * scale.reshape([c, 1]);
    (matrix, shift, actnorm.log_scale.val().sum() + permutation.log_det())
}
