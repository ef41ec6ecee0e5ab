//! The whole flow: L levels of squeeze, K steps and split (Glow, arXiv 1807.03039, figure 2b).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Init, Prior, Split, Step, squeeze, unsqueeze};
use crate::config::GlowConfig;
use crate::error::Result;
use crate::ops::join;

/// The flow and its weights.
#[derive(Module, Debug)]
pub struct Glow {
    /// From the image upwards.
    pub levels: Vec<Level>,
    /// The last level's prior.
    pub top: Prior,
    /// Whether actnorm has seen its first batch. Stored with the weights, so that loading never initialises again.
    pub initialised: bool,
    #[module(skip)]
    pub(super) config: GlowConfig,
}

/// The steps of one resolution, and the split that ends it, in all levels but the last.
#[derive(Module, Debug)]
pub struct Level {
    /// K of them, the image's side first.
    pub steps: Vec<Step>,
    /// None in the last level.
    pub split: Option<Split>,
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

/// A step on the way of images through the flow.
pub struct Passage<'a> {
    /// Where they are.
    pub step: &'a Step,
    /// What it is given.
    pub x: Tensor<4>,
    /// What goes on; nothing after the last step.
    pub carried: Option<Tensor<4>>,
    /// Whitened latents, where some leave the flow.
    pub latents: Option<Tensor<4>>,
    /// Of each place, in nats, `[batch, h, w, 1]` or `[1, 1, 1, 1]`.
    pub log_det: Tensor<4>,
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

impl Glow {
    /// A new model, which (but for its rotations and affine scales) is the identity. The same seed makes the same model.
    pub fn new(config: &GlowConfig, seed: u64, device: &Device) -> Result<Self> {
        Self::with(config, Init::random(seed), device)
    }

    /// A model whose weights are still to come.
    pub(crate) fn blank(config: &GlowConfig, device: &Device) -> Result<Self> {
        Self::with(config, Init::Blank, device)
    }

    fn with(config: &GlowConfig, mut init: Init, device: &Device) -> Result<Self> {
        config.validate()?;
        let shapes = config.level_shapes();
        let last = config.levels - 1;
        let levels = shapes
            .iter()
            .enumerate()
            .map(|(level, &[_, _, c])| Level {
                steps: (0..config.steps.at(level))
                    .map(|_| Step::new(config, c, config.width.at(level), &mut init, device))
                    .collect(),
                split: (level < last).then(|| Split::new(c, device)),
            })
            .collect();
        let top = Prior::new(shapes[last][2], device);
        Ok(Self { levels, top, initialised: false, config: config.clone() })
    }

    /// Sizes and layers.
    pub fn config(&self) -> &GlowConfig {
        &self.config
    }

    /// The device of the weights.
    pub fn device(&self) -> Device {
        self.top.mean.val().device()
    }

    /// Initialises every actnorm on a first batch `x`, `[b, size, size, 3]`; a model that has been is left as it is.
    pub fn initialise(mut self, x: Tensor<4>) -> Self {
        if self.initialised {
            return self;
        }
        let mut x = x;
        for level in &mut self.levels {
            x = squeeze(x);
            level.steps = std::mem::take(&mut level.steps)
                .into_iter()
                .map(|step| {
                    let (step, y) = step.initialised(x.clone());
                    x = y;
                    step
                })
                .collect();
            if let Some(split) = &level.split {
                x = split.forward(x.clone()).0;
            }
        }
        self.initialised = true;
        self
    }

    /// Prepares a model whose weights no longer change: each step's linear part becomes one matrix, with its inverse, and
    /// the scales of the convolutions go into their weights.
    /// Reads the weights, so they must be on a device that can be read synchronously.
    pub fn fold(mut self) -> Self {
        for level in &mut self.levels {
            level.steps = std::mem::take(&mut level.steps).into_iter().map(Step::fold).collect();
            level.split = level.split.take().map(Split::fold);
        }
        self
    }

    /// Encodes dequantised images, `[b, size, size, 3]` in [-1/2, 1/2).
    pub fn forward(&self, x: Tensor<4>) -> Encoding {
        let mut encoding = Encoding { latents: Vec::new(), local_log_p: Vec::new() };
        let zero = Tensor::zeros([1; 4], &x.device());
        let mut log_det = zero.clone();
        for passage in self.forward_steps(x) {
            log_det = log_det + passage.log_det;
            if let Some(eps) = passage.latents {
                encoding.local_log_p.push(log_det + standard_normal(eps.clone()));
                encoding.latents.push(eps);
                log_det = zero.clone();
            }
        }
        encoding
    }

    /// The flow a step at a time. The last step of a level takes the split along, or the last prior.
    pub fn forward_steps(&self, x: Tensor<4>) -> impl Iterator<Item = Passage<'_>> {
        let steps = self.levels.iter().flat_map(|level| (0..level.steps.len()).map(move |i| (level, i)));
        let mut carried = Some(x);
        steps.map(move |(level, i)| {
            let passage = self.pass(level, i, carried.take().expect("only the last step carries nothing on"));
            carried.clone_from(&passage.carried);
            passage
        })
    }

    fn pass<'a>(&'a self, level: &'a Level, i: usize, x: Tensor<4>) -> Passage<'a> {
        let step = &level.steps[i];
        let x = if i == 0 { squeeze(x) } else { x };
        let (y, log_det) = step.forward(x.clone());
        if i + 1 < level.steps.len() {
            return Passage { step, x, carried: Some(y), latents: None, log_det };
        }
        let (carried, eps, whitening) = match &level.split {
            Some(split) => {
                let (carried, eps, log_det) = split.forward(y);
                (Some(carried), eps, log_det)
            }
            None => {
                let (eps, log_det) = self.top.forward(y);
                (None, eps, log_det)
            }
        };
        Passage { step, x, carried, latents: Some(eps), log_det: log_det + whitening }
    }

    /// Decodes whitened latents to images, `[b, size, size, 3]`.
    pub fn inverse(&self, latents: &[Tensor<4>]) -> Tensor<4> {
        let (_, x) = self.inverse_steps(latents).last().expect("at least one step");
        unsqueeze(x)
    }

    /// The inverse flow a step at a time: after each, its level and what it made, shaped as
    /// [`GlowConfig::level_shapes`] says.
    pub fn inverse_steps<'a>(&'a self, latents: &'a [Tensor<4>]) -> impl Iterator<Item = (usize, Tensor<4>)> + 'a {
        assert_eq!(latents.len(), self.levels.len(), "one tensor of latents a level");
        let steps = self.levels.iter().enumerate().rev().flat_map(|(level, Level { steps, .. })| {
            steps.iter().rev().enumerate().map(move |(i, step)| (level, i == 0, step))
        });
        let mut below: Option<Tensor<4>> = None;
        steps.map(move |(level, first, step)| {
            let eps = || latents[level].clone();
            let x = match (below.take(), &self.levels[level].split) {
                (Some(x), Some(split)) if first => split.inverse(unsqueeze(x), eps()),
                (Some(x), _) => x,
                (None, _) => self.top.inverse(eps()),
            };
            let x = step.inverse(x);
            below = Some(x.clone());
            (level, x)
        })
    }

    /// Activations `x` of `level` and the latents of the levels below it, put where the flow without its steps would
    /// have them: a picture of what the inverse flow holds, `[b, size, size, 3]`.
    pub fn arrange(&self, level: usize, x: Tensor<4>, latents: &[Tensor<4>]) -> Tensor<4> {
        unsqueeze(latents[..level].iter().rev().fold(x, |x, eps| join(unsqueeze(x), eps.clone())))
    }
}

/// log N(eps; 0, I) of each place, `[b, h, w, 1]`.
pub fn standard_normal(eps: Tensor<4>) -> Tensor<4> {
    let constant = 0.5 * eps.dims()[3] as f64 * (2.0 * std::f64::consts::PI).ln();
    eps.square().sum_dim(3) * -0.5 - constant
}
