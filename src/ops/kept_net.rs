//! What is kept of the coupling network for its gradient, and where its gradients go.

use burn::tensor::Tensor;

use super::Precision;

/// A call of the coupling network, with its hidden activations.
#[derive(Debug)]
pub struct KeptNet {
    /// What it was given: of a GPU's, the first channels.
    pub(super) x: Tensor<4>,
    /// After the first ReLU, `[b, h, w, n]`: on a CPU in this precision, with padding.
    pub(super) first: Tensor<4>,
    /// After the second.
    pub(super) second: Tensor<4>,
    /// Where it comes with them.
    pub(super) output: Option<Tensor<4>>,
    pub(super) precision: Precision,
}

/// Numbers that the gradients of so many weights and biases take: the next ones begin with a whole vector.
pub fn room(weights: usize, biases: usize) -> usize {
    (weights + biases).next_multiple_of(4)
}
