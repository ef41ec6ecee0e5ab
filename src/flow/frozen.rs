//! The whole flow at work: from images to latents and back (Glow, arXiv 1807.03039, figure 2b).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{FrozenDequantiser, FrozenSplit, FrozenStep, Prior, squeeze, unsqueeze};
use crate::acceptance::Acceptance;
use crate::config::GlowConfig;
use crate::ops::join;

/// A flow whose weights no longer change: what samples and encodes.
#[derive(Module, Debug)]
pub struct FrozenGlow {
    /// From the image upwards.
    pub levels: Vec<FrozenLevel>,
    /// The last level's prior.
    pub top: Prior,
    /// The noise that pictures were given in training; none, if it was uniform.
    pub dequantiser: Option<FrozenDequantiser>,
    /// Which draws become pictures; all, if there is none.
    #[module(skip)]
    pub acceptance: Option<Acceptance>,
    #[module(skip)]
    pub(super) config: GlowConfig,
}

/// The steps of one resolution, and the split that ends it, in all levels but the last.
#[derive(Module, Debug)]
pub struct FrozenLevel {
    /// K of them, the image's side first.
    pub steps: Vec<FrozenStep>,
    /// None in the last level.
    pub split: Option<FrozenSplit>,
}

/// What the flow makes of a batch of images.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// Whitened latents of every level, shaped as [`GlowConfig::latent_shapes`] says; standard normal under the model.
    pub latents: Vec<Tensor<4>>,
    /// What each place of every level adds to log p(x), in nats, `[batch, h, w, 1]`: the log-determinants of its steps and
    /// the density of its latents.
    pub local_log_p: Vec<Tensor<4>>,
}

impl FrozenGlow {
    /// Sizes and layers.
    pub fn config(&self) -> &GlowConfig {
        &self.config
    }

    /// The device of the weights.
    pub fn device(&self) -> Device {
        self.top.mean.val().device()
    }

    /// The same flow for a GPU that knows f16, see [`NetWeights::half`](crate::ops::NetWeights::half).
    #[cfg(feature = "gpu")]
    pub fn half(mut self) -> Self {
        for step in self.levels.iter_mut().flat_map(|level| &mut level.steps) {
            step.coupling.net = step.coupling.net.clone().half();
        }
        self
    }

    /// Gives uniformly dequantised images, `[b, size, size, 3]`, the noise of training, and says what log p of the quantised ones
    /// gains by it, in nats, `[b]`.
    pub fn dequantise(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<1>) {
        match &self.dequantiser {
            Some(noise) => {
                let (x, log_det) = noise.forward(x);
                (x, log_det.sum_dims_squeeze(&[1, 2, 3]))
            }
            None => {
                let none = Tensor::zeros([x.dims()[0]], &x.device());
                (x, none)
            }
        }
    }

    /// Encodes dequantised images, `[b, size, size, 3]` in [-1/2, 1/2).
    pub fn forward(&self, mut x: Tensor<4>) -> Encoding {
        let mut encoding = Encoding { latents: Vec::new(), local_log_p: Vec::new() };
        for level in &self.levels {
            x = squeeze(x);
            let mut log_det = Tensor::zeros([1; 4], &x.device());
            for step in &level.steps {
                let (y, of_step) = step.forward(x);
                x = y;
                log_det = log_det + of_step;
            }
            let (eps, whitening);
            match &level.split {
                Some(split) => (x, eps, whitening) = split.forward(x),
                None => (eps, whitening) = self.top.forward(x.clone()),
            }
            encoding.local_log_p.push(log_det + whitening + standard_normal(eps.clone()));
            encoding.latents.push(eps);
        }
        encoding
    }

    /// Decodes whitened latents to images, `[b, size, size, 3]`.
    pub fn inverse(&self, latents: &[Tensor<4>]) -> Tensor<4> {
        let mut x = self.top.inverse(self.last_of(latents));
        for (level, eps) in self.levels.iter().zip(latents).rev() {
            if let Some(split) = &level.split {
                x = split.inverse(x, eps.clone());
            }
            for step in level.steps.iter().rev() {
                x = step.inverse(x);
            }
            x = unsqueeze(x);
        }
        x
    }

    /// Latents of the last level, with which the inverse begins.
    pub(super) fn last_of(&self, latents: &[Tensor<4>]) -> Tensor<4> {
        assert_eq!(latents.len(), self.levels.len(), "one tensor of latents a level");
        latents[latents.len() - 1].clone()
    }

    /// Activations `x` of `level` and the latents of the levels below it, put where the flow without its steps would
    /// have them: a picture of what the inverse flow holds, `[b, size, size, 3]`.
    pub fn arrange(&self, level: usize, x: Tensor<4>, latents: &[Tensor<4>]) -> Tensor<4> {
        unsqueeze(latents[..level].iter().rev().fold(x, |x, eps| join(unsqueeze(x), eps.clone())))
    }
}

impl Encoding {
    /// log p(x) of the dequantised image, in nats, `[batch]`: the change of variables (RealNVP, arXiv 1605.08803,
    /// equation 3).
    pub fn log_p(&self) -> Tensor<1> {
        self.level_log_p().reduce(|sum, level| sum + level).expect("at least one level")
    }

    /// What each level adds to it, `[batch]`.
    pub fn level_log_p(&self) -> impl Iterator<Item = Tensor<1>> {
        self.local_log_p.iter().cloned().map(|places| places.sum_dims_squeeze(&[1, 2, 3]))
    }

    /// What each pixel adds to it, `[batch, size, size, 1]`: a place of a level shares its part evenly among the pixels that
    /// it covers.
    pub fn log_p_map(&self) -> Tensor<4> {
        let quarters = Tensor::full([1, 1, 1, 4], 0.25, &self.local_log_p[0].device());
        let spread = |places| unsqueeze(places * quarters.clone());
        let coarsest_first = self.local_log_p.iter().rev().cloned();
        coarsest_first.reduce(|coarser, places| spread(coarser) + places).map(spread).expect("at least one level")
    }
}

/// log N(eps; 0, I) of each place, `[b, h, w, 1]`.
pub fn standard_normal(eps: Tensor<4>) -> Tensor<4> {
    let constant = 0.5 * eps.dims()[3] as f64 * (2.0 * std::f64::consts::PI).ln();
    eps.square().sum_dim(3) * -0.5 - constant
}
