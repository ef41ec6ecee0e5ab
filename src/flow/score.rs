//! The score, the gradient of log p(x) by x: where to a picture becomes more probable.

use burn::tensor::{Tensor, activation::sigmoid};

use super::gradients::{Gradients, TurnedLevel, TurnedStep};
use super::{FrozenCoupling, FrozenSplit, gaussian_gradient, squeeze, unsqueeze};
use crate::config::CouplingKind;
use crate::ops::{conv3x3, halves, join, linear, net, net_gradient};

/// How often [`clean`](Gradients::clean) steps: once takes half of the grain out of samples, four times leave none.
pub const CLEANING: usize = 4;

impl Gradients {
    /// The gradient of log p(x) by every value of `x`, both `[b, size, size, 3]`, in nats a unit of x.
    pub fn score(&self, mut x: Tensor<4>) -> Tensor<4> {
        let mut passed = Vec::new();
        for level in &self.flow.levels {
            x = squeeze(x);
            let mut mixed = Vec::new();
            for step in &level.steps {
                mixed.push(step.mixing.forward(x).0);
                x = step.coupling.forward(mixed[mixed.len() - 1].clone()).0;
            }
            let y = x.clone();
            if let Some(split) = &level.split {
                x = split.forward(x).0;
            }
            passed.push((mixed, y));
        }
        let mut grad = self.top(x);
        for ((level, turned), (mixed, y)) in self.flow.levels.iter().zip(&self.levels).zip(passed).rev() {
            if let Some(split) = &level.split {
                grad = turned.split(split, y, grad);
            }
            for ((step, turned), mixed) in level.steps.iter().zip(&turned.steps).zip(mixed).rev() {
                grad = turned.mix(turned.couple(&step.coupling, mixed, grad));
            }
            grad = unsqueeze(grad);
        }
        grad
    }

    /// `x` without the noise of one bin that the model learned together with its pictures, as the mean of what was there before
    /// it: `x + s^2 grad log p(x)` with the noise's variance `s^2 = 4^-bits / 12` (Tweedie's formula; TarFlow, arXiv
    /// 2412.06329, section 3.4), so many times over. Learned noise is narrower, least where pictures are smooth: a third of s^2,
    /// as nine in ten places have at least, steps too far nowhere.
    pub fn clean(&self, x: Tensor<4>, times: usize) -> Tensor<4> {
        let narrower = if self.flow.dequantiser.is_some() { 3.0 } else { 1.0 };
        let variance = 0.25_f64.powi(self.flow.config.bits as i32) / (12.0 * narrower);
        (0..times).fold(x, |x, _| x.clone() + self.score(x) * variance)
    }

    /// Of the last level's latents: `log N(eps; 0, I)` with `eps = (z - mean) exp(-log_sigma)`.
    fn top(&self, z: Tensor<4>) -> Tensor<4> {
        let c = z.dims()[3];
        let (eps, _) = self.flow.top.forward(z);
        eps.neg() * self.flow.top.log_sigma.val().neg().exp().reshape([1, 1, 1, c])
    }
}

impl TurnedLevel {
    /// Of what a split is given, by what it carries on and by log p of the latents that leave:
    /// `log N(eps; 0, I) - sum log_sigma` with `eps = (z2 - mean(z1)) exp(-log_sigma(z1))`.
    fn split(&self, split: &FrozenSplit, y: Tensor<4>, carried: Tensor<4>) -> Tensor<4> {
        let [z1, z2] = halves(y);
        let [mean, log_sigma] = split.gaussian(z1);
        let inverse_sigma = log_sigma.clone().neg().exp();
        let eps = (z2 - mean) * inverse_sigma.clone();
        let by_z2 = eps.clone().neg() * inverse_sigma;
        let by_prior = gaussian_gradient(&log_sigma, by_z2.clone().neg(), eps.square() - 1.0);
        let prior = self.prior.clone().expect("a split's level has one");
        let c = by_z2.dims()[3];
        let zeros = Tensor::zeros([c], &by_z2.device());
        join(carried + conv3x3(by_prior, prior, zeros), by_z2)
    }
}

impl TurnedStep {
    /// Through actnorm and permutation, `y = x M + v`.
    fn mix(&self, grad: Tensor<4>) -> Tensor<4> {
        let zeros = Tensor::zeros([grad.dims()[3]], &grad.device());
        linear(grad, self.matrix.clone(), zeros)
    }

    /// Through the coupling, with what it adds to log p: `y2 = x2 + t`, or `(x2 + t) s` and `sum log s` with
    /// `s = sigmoid(r + 2)`.
    fn couple(&self, coupling: &FrozenCoupling, x: Tensor<4>, grad: Tensor<4>) -> Tensor<4> {
        let [x1, x2] = halves(x);
        let [by_y1, by_y2] = halves(grad);
        let (by_x2, by_net) = match coupling.kind {
            CouplingKind::Additive => (by_y2.clone(), by_y2),
            CouplingKind::Affine => {
                let [t, r] = halves(net(x1.clone(), &coupling.net));
                let s = sigmoid(r + 2.0);
                let by_x2 = by_y2 * s.clone();
                let by_r = ((x2 + t) * by_x2.clone() + 1.0) * (s.neg() + 1.0);
                (by_x2.clone(), join(by_x2, by_r))
            }
        };
        join(by_y1 + net_gradient(x1, by_net, &coupling.net, &self.net), by_x2)
    }
}
