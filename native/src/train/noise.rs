//! The gradient of learned dequantisation: see [`Dequantiser`].

use burn::tensor::{Tensor, activation::sigmoid};
use glow::config::{CouplingKind, GlowConfig};
use glow::flow::{Dequantiser, from_logits, log_slope, squeeze, to_logits};
use glow::ops::{KeptNet, Precision, Sums, couple_by, halves, join};

use super::net::Net;

/// The noise as its arithmetic meets it.
pub(super) struct Noise {
    pub(super) net: Net,
    pub(super) bins: f64,
}

/// What [`backward`](Noise::backward) needs: what the coupling was given, its network, what it gave.
pub(super) type Kept = (Tensor<4>, KeptNet, Tensor<4>);

impl Noise {
    pub(super) fn new(noise: &Dequantiser, config: &GlowConfig) -> Self {
        Self { net: Net::new(noise.coupling.weights()), bins: config.bins().into() }
    }

    /// Numbers in the gradients by its weights.
    pub(super) fn room(&self) -> usize {
        self.net.room()
    }

    /// The batch with its noise, and what log p gains by it, `[1]`.
    pub(super) fn forward(&self, x: Tensor<4>, precision: Precision) -> (Tensor<4>, Tensor<1>, Kept) {
        let parted = to_logits(x, self.bins);
        let net = KeptNet::new(&parted, &self.net.weights, precision);
        let (y, log_s) = couple_by(parted.clone(), net.output(&self.net.weights), CouplingKind::Affine);
        let log_det = log_s.expect("an affine coupling's") + log_slope(y.clone()) - log_slope(parted.clone());
        (from_logits(y.clone(), self.bins), log_det.sum(), (parted, net, y))
    }

    /// Takes the gradient by the batch with its noise. Those by w2, b2, w1, b1, w0 and b0 go to `sums`.
    pub(super) fn backward(&self, (parted, net, y): Kept, grad: Tensor<4>, sums: &mut Sums) {
        let u = sigmoid(halves(y)[1].clone());
        let slope = u.clone() * (u.clone().neg() + 1.0);
        let by_logit = squeeze(grad) * slope / self.bins + (u * -2.0 + 1.0);
        let mut group = sums.group(self.room(), &parted);
        self.net.backward(CouplingKind::Affine, parted, net, join(by_logit.zeros_like(), by_logit), &mut group);
        sums.add(group);
    }
}
