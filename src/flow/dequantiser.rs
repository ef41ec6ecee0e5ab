//! Learned dequantisation (Flow++, Ho et al., arXiv 1902.00275, section 3.1): where in its bin a quantised value stands is drawn
//! from a density that depends on the picture, so that no flow has to model the edges of the bins. The noise is a flow of its own,
//! from uniform noise u to `sigmoid((logit u + t) s)`, with t and s by an affine coupling of which the picture is the first half.

use burn::module::Module;
use burn::tensor::activation::{log_sigmoid, sigmoid};
use burn::tensor::{Device, Tensor};

use super::{Coupling, FrozenCoupling, Init, squeeze, unsqueeze};
use crate::config::{CHANNELS, CouplingKind, GlowConfig};
use crate::ops::{halves, join};

/// Channels of a squeezed picture.
const SQUEEZED: usize = 4 * CHANNELS;
/// The picture is given to the network within so much of 0.
const RANGE: f64 = 8.0;
/// The least distance of u from 0 and 1, whose logits are infinite.
const MARGIN: f64 = 1e-6;

/// The parameters of the noise.
#[derive(Module, Debug)]
pub struct Dequantiser {
    /// Of the picture and the noise, squeezed.
    pub coupling: Coupling,
}

/// The noise of weights that no longer change.
#[derive(Module, Debug)]
pub struct FrozenDequantiser {
    /// Of the picture and the noise, squeezed.
    pub coupling: FrozenCoupling,
    #[module(skip)]
    bins: f64,
}

impl Dequantiser {
    /// Noise that is nearly uniform, with `width` hidden channels in its network.
    pub fn new(width: usize, init: &mut Init, device: &Device) -> Self {
        Self { coupling: Coupling::new(CouplingKind::Affine, 2 * SQUEEZED, width, init, device) }
    }

    /// Computes what is constant for weights that no longer change.
    pub fn frozen(&self, config: &GlowConfig) -> FrozenDequantiser {
        FrozenDequantiser { coupling: self.coupling.frozen(), bins: config.bins().into() }
    }
}

impl FrozenDequantiser {
    /// A uniformly dequantised picture, `[b, h, w, 3]`, with learned noise, and what log p of the quantised one gains by it,
    /// `[b, h/2, w/2, 1]`: `log p(q) >= log p(x) + log_det`, in the mean over u.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let parted = to_logits(x, self.bins);
        let (y, log_det) = self.coupling.forward(parted.clone());
        (from_logits(y.clone(), self.bins), log_det + log_slope(y) - log_slope(parted))
    }
}

/// `x = (q + u) / bins - 1/2`, `[b, h, w, 3]`, as the coupling is given it: q within [-8, 8), and logit u, squeezed,
/// `[b, h/2, w/2, 24]`.
pub fn to_logits(x: Tensor<4>, bins: f64) -> Tensor<4> {
    let scaled = (squeeze(x) + 0.5) * bins;
    let q = scaled.clone().floor();
    let u = (scaled - q.clone()).clamp(MARGIN, 1.0 - MARGIN);
    join(q * (2.0 * RANGE / bins) - RANGE, u.clone().log() - (u.neg() + 1.0).log())
}

/// The inverse of [`to_logits`].
pub fn from_logits(y: Tensor<4>, bins: f64) -> Tensor<4> {
    let [q, logit] = halves(y);
    unsqueeze((q + RANGE) / (2.0 * RANGE) + sigmoid(logit) / bins - 0.5)
}

/// The log of the slope of u by its logit, `log u (1 - u)`, summed over the channels of the second half, `[b, h, w, 1]`.
pub fn log_slope(y: Tensor<4>) -> Tensor<4> {
    let [_, logit] = halves(y);
    (log_sigmoid(logit.clone()) + log_sigmoid(logit.neg())).sum_dim(3)
}
