//! The gradient of a coupling.

use burn::tensor::{Tensor, activation::sigmoid};
use glow::config::CouplingKind;
use glow::ops::{Group, KeptNet, NetWeights, halves, join, room};

/// A coupling's network.
pub(super) struct Net {
    pub(super) weights: NetWeights,
    pub(super) turned: NetWeights,
}

impl Net {
    pub(super) fn new(weights: NetWeights) -> Self {
        Self { turned: weights.turned(), weights }
    }

    /// Numbers in the gradients by its weights.
    pub(super) fn room(&self) -> usize {
        let NetWeights { w0, b0, w1, b1, w2, b2 } = &self.weights;
        let pairs = [(w2, b2), (w1, b1), (w0, b0)];
        pairs.iter().map(|(weight, bias)| room(weight.shape().num_elements(), bias.dims()[0])).sum()
    }

    /// The gradient by what a coupling is given, by the one by what it gives and by what it adds to log p. Those by w2, b2, w1, b1,
    /// w0 and b0 go to `sums`.
    pub(super) fn backward(
        &self,
        kind: CouplingKind,
        x: Tensor<4>,
        net: KeptNet,
        grad: Tensor<4>,
        sums: &mut Group,
    ) -> Tensor<4> {
        let half = grad.dims()[3] / 2;
        let by_y2 = grad.clone().narrow(3, half, half);
        let (by_x, by_net) = match kind {
            CouplingKind::Additive => (grad, by_y2),
            CouplingKind::Affine => {
                let ([_, x2], [t, r]) = (halves(x), halves(net.output(&self.weights)));
                let s = sigmoid(r + 2.0);
                let by_x2 = by_y2 * s.clone();
                let by_r = ((x2 + t) * by_x2.clone() + 1.0) * (s.neg() + 1.0);
                (join(grad.narrow(3, 0, half), by_x2.clone()), join(by_x2, by_r))
            }
        };
        net.backward(by_x, by_net, &self.turned, sums)
    }
}
