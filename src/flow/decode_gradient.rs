//! Gradients by latents, of a function of the picture that they decode to: back through the inverse flow.

use burn::tensor::{Tensor, activation::sigmoid};

use super::gradients::{Gradients, TurnedLevel, TurnedStep};
use super::{FrozenCoupling, FrozenSplit, gaussian_gradient, squeeze, unsqueeze};
use crate::config::CouplingKind;
use crate::ops::{conv3x3, halves, join, linear, net, net_gradient};

/// A decoded picture, with what was passed on the way to it.
pub struct Decoded {
    /// `[b, size, size, 3]`.
    pub x: Tensor<4>,
    /// Of each level, finest first.
    levels: Vec<Passed>,
}

struct Passed {
    /// What the inverse couplings gave, image side first.
    unmixed: Vec<Tensor<4>>,
    /// What the steps began with: both halves, or the last level's activations.
    y: Tensor<4>,
}

impl Gradients {
    /// Decodes whitened latents, as [`FrozenGlow::inverse`](super::FrozenGlow::inverse) does, for [`by_latents`](Self::by_latents).
    pub fn decode(&self, latents: &[Tensor<4>]) -> Decoded {
        let mut x = self.flow.top.inverse(self.flow.last_of(latents));
        let mut levels = Vec::new();
        for (level, eps) in self.flow.levels.iter().zip(latents).rev() {
            if let Some(split) = &level.split {
                x = split.inverse(x, eps.clone());
            }
            let (y, mut unmixed) = (x.clone(), Vec::new());
            for step in level.steps.iter().rev() {
                unmixed.push(step.coupling.inverse(x));
                x = step.mixing.inverse(unmixed[unmixed.len() - 1].clone());
            }
            x = unsqueeze(x);
            unmixed.reverse();
            levels.push(Passed { unmixed, y });
        }
        levels.reverse();
        Decoded { x, levels }
    }

    /// The gradient by the latents of every level, given the one by the picture, `[b, size, size, 3]`.
    pub fn by_latents(&self, decoded: Decoded, by_x: Tensor<4>) -> Vec<Tensor<4>> {
        let mut grad = by_x;
        let mut by_latents = Vec::new();
        for ((level, turned), Passed { unmixed, y }) in self.flow.levels.iter().zip(&self.levels).zip(decoded.levels) {
            grad = squeeze(grad);
            for ((step, turned), unmixed) in level.steps.iter().zip(&turned.steps).zip(unmixed) {
                grad = turned.uncouple(&step.coupling, unmixed, turned.unmix(grad));
            }
            let by_eps = match &level.split {
                Some(split) => {
                    let (carried, by_eps) = turned.unsplit(split, y, grad);
                    grad = carried;
                    by_eps
                }
                // Of `z = eps exp(log_sigma) + mean`.
                None => grad.clone() * self.flow.top.log_sigma.val().exp().reshape([1, 1, 1, -1]),
            };
            by_latents.push(by_eps);
        }
        by_latents
    }
}

impl TurnedLevel {
    /// Of the carried half, and of the latents in `z2 = eps exp(log_sigma(z1)) + mean(z1)`.
    fn unsplit(&self, split: &FrozenSplit, y: Tensor<4>, grad: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let ([z1, z2], [by_z1, by_z2]) = (halves(y), halves(grad));
        let [mean, log_sigma] = split.gaussian(z1);
        let by_prior = gaussian_gradient(&log_sigma, by_z2.clone(), by_z2.clone() * (z2 - mean));
        let prior = self.prior.clone().expect("a split's level has one");
        let zeros = Tensor::zeros([by_z1.dims()[3]], &by_z1.device());
        (by_z1 + conv3x3(by_prior, prior, zeros), by_z2 * log_sigma.exp())
    }
}

impl TurnedStep {
    /// Through the inverse of actnorm and permutation, `x = y M^-1 - v M^-1`.
    fn unmix(&self, grad: Tensor<4>) -> Tensor<4> {
        let zeros = Tensor::zeros([grad.dims()[3]], &grad.device());
        linear(grad, self.inverse.clone(), zeros)
    }

    /// Through the inverse coupling, which gave `x`: `x2 = y2 - t`, or `y2 / s - t` with `s = sigmoid(r + 2)`.
    fn uncouple(&self, coupling: &FrozenCoupling, x: Tensor<4>, grad: Tensor<4>) -> Tensor<4> {
        let ([x1, x2], [by_x1, by_x2]) = (halves(x), halves(grad));
        let (by_y2, by_net) = match coupling.kind {
            CouplingKind::Additive => (by_x2.clone(), by_x2.neg()),
            CouplingKind::Affine => {
                let [t, r] = halves(net(x1.clone(), &coupling.net));
                let s = sigmoid(r + 2.0);
                let by_r = (x2 + t) * by_x2.clone() * (s.clone() - 1.0);
                (by_x2.clone() / s, join(by_x2.neg(), by_r))
            }
        };
        join(by_x1 + net_gradient(x1, by_net, &coupling.net, &self.net), by_y2)
    }
}
