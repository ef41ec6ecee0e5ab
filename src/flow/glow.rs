//! The parameters of the whole flow: L levels of squeeze, K steps and split (Glow, arXiv 1807.03039, figure 2b).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Dequantiser, FrozenGlow, FrozenLevel, Init, Prior, Split, Step, squeeze};
use crate::acceptance::Acceptance;
use crate::config::GlowConfig;
use crate::error::{Error, Result};

/// What is trained, saved, deepened and grown. It computes nothing: [`frozen`](Self::frozen) gives what encodes and decodes.
#[derive(Module, Debug)]
pub struct Glow {
    /// From the image upwards.
    pub levels: Vec<Level>,
    /// The last level's prior.
    pub top: Prior,
    /// The noise that pictures are given in training; none, if it is uniform.
    pub dequantiser: Option<Dequantiser>,
    /// Whether actnorm has seen its first batch. Stored with the weights, so that loading never initialises again.
    pub initialised: bool,
    /// Which draws become pictures; all, if there is none. It belongs to these weights: others draw other faces of the same latents.
    #[module(skip)]
    pub acceptance: Option<Acceptance>,
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

impl Glow {
    /// A new model, which (but for its rotations and affine scales) is the identity. The same seed makes the same model.
    pub fn new(config: &GlowConfig, seed: u64, device: &Device) -> Result<Self> {
        Self::with(config, Init::random(seed), device)
    }

    /// A model whose weights are still to come.
    pub fn blank(config: &GlowConfig, device: &Device) -> Result<Self> {
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
        let dequantiser = config.dequantiser.map(|width| Dequantiser::new(width, &mut init, device));
        Ok(Self { levels, top, dequantiser, initialised: false, acceptance: None, config: config.clone() })
    }

    /// The same flow, whose noise a network with `width` hidden channels learns; what it has of it, it keeps. Errors: noise of another
    /// width.
    pub fn with_dequantiser(mut self, width: Option<usize>, seed: u64) -> Result<Self> {
        if self.config.dequantiser.is_none() {
            let device = self.device();
            self.dequantiser = width.map(|width| Dequantiser::new(width, &mut Init::random(seed), &device));
            self.config.dequantiser = width;
        }
        match self.config.dequantiser {
            Some(learned) if width != Some(learned) => Err(Error::Config(format!(
                "the weights have learned their noise; the recipe must say dequantiser = {learned}"
            ))),
            _ => Ok(self),
        }
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
            for step in &mut level.steps {
                step.actnorm.initialise(&x);
                (x, _) = step.frozen().forward(x);
            }
            if let Some(split) = &level.split {
                (x, _, _) = split.frozen().forward(x);
            }
        }
        self.initialised = true;
        self
    }

    /// The flow of these weights as they are now: what is constant for it is computed once. Reads them, so they must be on a
    /// device that can be read synchronously.
    pub fn frozen(&self) -> FrozenGlow {
        let level = |level: &Level| FrozenLevel {
            steps: level.steps.iter().map(Step::frozen).collect(),
            split: level.split.as_ref().map(Split::frozen),
        };
        FrozenGlow {
            levels: self.levels.iter().map(level).collect(),
            top: self.top.clone(),
            dequantiser: self.dequantiser.as_ref().map(|noise| noise.frozen(&self.config)),
            acceptance: self.acceptance.clone(),
            config: self.config.clone(),
        }
    }
}
