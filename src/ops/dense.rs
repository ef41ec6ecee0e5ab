//! A dense layer on rows of channels, by the `gemm` crate, which uses the widest vectors that the processor has.

use super::gemm::{Matrix, matmul};

/// `relu(x W + b)`, or parts of it.
pub(super) struct Dense<'a> {
    weight: Matrix<'a>,
    bias: Option<&'a [f32]>,
    relu: bool,
}

impl<'a> Dense<'a> {
    /// W, `[inputs, outputs]`, alone.
    pub(super) fn new(weight: &'a [f32], outputs: usize) -> Self {
        Self { weight: Matrix::new(weight, outputs), bias: None, relu: false }
    }

    /// With `b`, `[outputs]`.
    pub(super) fn biased(weight: &'a [f32], bias: &'a [f32]) -> Self {
        Self { bias: Some(bias), ..Self::new(weight, bias.len()) }
    }

    /// With `b` and the ReLU.
    pub(super) fn relu(weight: &'a [f32], bias: &'a [f32]) -> Self {
        Self { relu: true, ..Self::biased(weight, bias) }
    }

    /// `[rows, inputs]` -> `[rows, outputs]`.
    pub(super) fn apply(&self, x: &[f32], y: &mut [f32]) {
        matmul(Matrix::new(x, self.weight.rows()), self.weight, y);
        let Some(bias) = self.bias else { return };
        for row in y.chunks_exact_mut(bias.len()) {
            for (value, bias) in row.iter_mut().zip(bias) {
                let sum = *value + bias;
                *value = if self.relu { sum.max(0.0) } else { sum };
            }
        }
    }
}
