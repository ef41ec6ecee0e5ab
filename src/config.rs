//! What a model is made of: sizes, layers and presets.

use std::fmt;
use std::ops::RangeInclusive;

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

/// A number for each level, finest first; in files one number if it is the same for all, else a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrMany", into = "OneOrMany")]
pub struct ByLevel(Vec<usize>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(usize),
    Many(Vec<usize>),
}

impl ByLevel {
    /// The number for `level`, 0 being the finest. Panics if there is none.
    pub fn at(&self, level: usize) -> usize {
        match self.0.as_slice() {
            [all] => *all,
            each => each[level],
        }
    }

    /// One for each of so many levels.
    pub fn list(&self, levels: usize) -> Vec<usize> {
        (0..levels).map(|level| self.at(level)).collect()
    }

    /// Whether it has a number, in `range`, for each of so many levels.
    fn fits(&self, levels: usize, range: RangeInclusive<usize>) -> bool {
        [1, levels].contains(&self.0.len()) && self.0.iter().all(|number| range.contains(number))
    }
}

impl From<usize> for ByLevel {
    fn from(all: usize) -> Self {
        Self(vec![all])
    }
}

impl From<Vec<usize>> for ByLevel {
    fn from(mut each: Vec<usize>) -> Self {
        if each.iter().all(|number| *number == each[0]) {
            each.truncate(1);
        }
        Self(each)
    }
}

impl From<OneOrMany> for ByLevel {
    fn from(number: OneOrMany) -> Self {
        match number {
            OneOrMany::One(all) => all.into(),
            OneOrMany::Many(each) => each.into(),
        }
    }
}

impl From<ByLevel> for OneOrMany {
    fn from(ByLevel(mut each): ByLevel) -> Self {
        match each.len() {
            1 => Self::One(each.remove(0)),
            _ => Self::Many(each),
        }
    }
}

impl fmt::Display for ByLevel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let each: Vec<String> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&each.join(", "))
    }
}

/// Sizes and layers of a Glow model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlowConfig {
    /// Side of the square images, in pixels.
    pub size: usize,
    /// Levels L: each begins with a squeeze.
    pub levels: usize,
    /// Steps K of flow in each level.
    pub steps: ByLevel,
    /// Hidden channels of each level's coupling networks.
    pub width: ByLevel,
    /// Bits a colour channel is quantised to, 1 to 8.
    pub bits: u32,
    /// How couplings change their second half.
    pub coupling: CouplingKind,
    /// How steps mix the channels.
    pub permutation: PermutationKind,
    /// Hidden channels of the network that learns the noise of dequantisation; without one it is uniform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dequantiser: Option<usize>,
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
        Ok(Self {
            size: 32,
            levels: 3,
            steps: steps.into(),
            width: width.into(),
            bits: 5,
            coupling,
            permutation,
            dequantiser: None,
        })
    }

    /// Refuses what cannot be built.
    pub fn validate(&self) -> Result<()> {
        let fail = |message: String| Err(Error::Config(message));
        let Self { size, levels, ref steps, ref width, bits, dequantiser, .. } = *self;
        if !(1..=8).contains(&levels) || !steps.fits(levels, 1..=256) || !width.fits(levels, 1..=4096) {
            return fail(format!(
                "levels must be 1 to 8, steps 1 to 256 and width 1 to 4096, each one number or one a level; got {levels}, \
                 {steps} and {width}"
            ));
        }
        if size == 0 || size > 1024 || !size.is_multiple_of(1 << levels) {
            return fail(format!("size must be a multiple of 2^levels = {} and at most 1024; got {size}", 1 << levels));
        }
        if !(1..=8).contains(&bits) {
            return fail(format!("bits must be 1 to 8; got {bits}"));
        }
        if let Some(width) = dequantiser.filter(|width| !(1..=4096).contains(width)) {
            return fail(format!("dequantiser must be 1 to 4096; got {width}"));
        }
        Ok(())
    }

    /// Steps of flow in all levels.
    pub fn all_steps(&self) -> usize {
        self.steps.list(self.levels).into_iter().sum()
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
        let level = |(level, [h, w, c]): (usize, [usize; 3])| {
            let width = self.width.at(level);
            let net = 9 * (c / 2) * width + width * width + 9 * width * (c / 2) * outputs;
            self.steps.at(level) * h * w * (net + c * c)
        };
        2.0 * self.level_shapes().into_iter().enumerate().map(level).sum::<usize>() as f64
    }
}
