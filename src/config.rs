//! What a model is made of: sizes, layers and presets.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Colour channels of an image.
pub const CHANNELS: usize = 3;

/// How a coupling layer changes its second half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CouplingKind {
    /// `y2 = x2 + t(x1)` (NICE, arXiv 1410.8516, equation 7).
    Additive,
    /// `y2 = (x2 + t(x1)) s(x1)` with `s = sigmoid(r + 2)` (RealNVP, arXiv 1605.08803, section 3.2; Glow's form).
    Affine,
}

/// How a step mixes the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermutationKind {
    /// Channels in reverse order (NICE).
    Reverse,
    /// A shuffle, drawn once (RealNVP).
    Shuffle,
    /// The invertible 1x1 convolution in LU form (Glow, arXiv 1807.03039, section 3.2).
    Conv1x1,
}

/// Sizes and layers of a Glow model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlowConfig {
    /// Side of the square images, in pixels.
    pub size: usize,
    /// Levels L: each begins with a squeeze.
    pub levels: usize,
    /// Steps K of flow in a level.
    pub steps: usize,
    /// Hidden channels of the coupling networks.
    pub width: usize,
    /// Bits a colour channel is quantised to, 1 to 8.
    pub bits: u32,
    /// The couplings.
    pub coupling: CouplingKind,
    /// The permutations.
    pub permutation: PermutationKind,
}

/// Names that [`GlowConfig::preset`] knows.
pub const PRESETS: [&str; 4] = ["nice", "realnvp", "keras-glow", "glow"];

impl GlowConfig {
    /// A named model at 32x32 and 5 bits: the ancestors `nice` and `realnvp` and `glow` in one small size, so that they
    /// differ only in their layers, and `keras-glow`, the article's author's own.
    pub fn preset(name: &str) -> Result<Self> {
        use {CouplingKind::*, PermutationKind::*};
        let (steps, width, coupling, permutation) = match name {
            "nice" => (8, 128, Additive, Reverse),
            "realnvp" => (8, 128, Affine, Shuffle),
            "keras-glow" => (6, 512, Additive, Shuffle),
            "glow" => (8, 128, Affine, Conv1x1),
            _ => {
                let known = PRESETS.join(", ");
                return Err(Error::Config(format!("no preset is called '{name}'; there are {known}")));
            }
        };
        Ok(Self { size: 32, levels: 3, steps, width, bits: 5, coupling, permutation })
    }

    /// Refuses what cannot be built.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { size, levels, steps, width, bits, .. } = *self;
        if !(1..=8).contains(&levels) || !(1..=256).contains(&steps) || !(1..=4096).contains(&width) {
            return fail(format!(
                "levels must be 1 to 8, steps 1 to 256, width 1 to 4096; got {levels}, {steps}, {width}"
            ));
        }
        if size == 0 || size > 1024 || !size.is_multiple_of(1 << levels) {
            return fail(format!("size must be a multiple of 2^levels = {} and at most 1024; got {size}", 1 << levels));
        }
        if !(1..=8).contains(&bits) {
            return fail(format!("bits must be 1 to 8; got {bits}"));
        }
        Ok(())
    }

    /// Dimensions of an image, D = H W C.
    pub fn dims(&self) -> usize {
        self.size * self.size * CHANNELS
    }

    /// Intensity levels of a channel, 2^bits.
    pub fn bins(&self) -> u32 {
        1 << self.bits
    }

    /// `[height, width, channels]` of the flow's activations in every level, after its squeeze.
    pub fn level_shapes(&self) -> Vec<[usize; 3]> {
        (0..self.levels)
            .map(|level| {
                let side = self.size >> (level + 1);
                [side, side, CHANNELS << (level + 2)]
            })
            .collect()
    }

    /// `[height, width, channels]` of every level's latents: half the activations, or all in the last level.
    pub fn latent_shapes(&self) -> Vec<[usize; 3]> {
        let mut shapes = self.level_shapes();
        for [_, _, channels] in &mut shapes[..self.levels - 1] {
            *channels /= 2;
        }
        shapes
    }

    /// Floating-point operations of one image's way through the flow, in either direction; matrix products only.
    /// A training step costs three times as many.
    pub fn flops(&self) -> f64 {
        let outputs = match self.coupling {
            CouplingKind::Additive => 1,
            CouplingKind::Affine => 2,
        };
        let step = |[h, w, c]: [usize; 3]| {
            let net = 9 * (c / 2) * self.width + self.width * self.width + 9 * self.width * (c / 2) * outputs;
            h * w * (net + c * c)
        };
        2.0 * (self.steps * self.level_shapes().into_iter().map(step).sum::<usize>()) as f64
    }
}
