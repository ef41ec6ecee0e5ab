//! The flow a step at a time, for those who show the way that [`FrozenGlow::forward`] and [`FrozenGlow::inverse`] go.

use std::iter::successors;

use burn::tensor::Tensor;

use super::{FrozenGlow, FrozenStep, squeeze, unsqueeze};

/// A step on the way of images through the flow.
pub struct Passage<'a> {
    /// Where they are.
    pub step: &'a FrozenStep,
    /// What it is given.
    pub x: Tensor<4>,
    /// What goes on; nothing after the last step.
    pub carried: Option<Tensor<4>>,
    /// Whitened latents, where some leave the flow.
    pub latents: Option<Tensor<4>>,
    /// Of each place, in nats, `[b, h, w, 1]` or `[1, 1, 1, 1]`.
    pub log_det: Tensor<4>,
    level: usize,
    index: usize,
}

/// What the inverse flow holds after a step.
pub struct Held {
    /// The step's.
    pub level: usize,
    /// Shaped as [`level_shapes`](crate::config::GlowConfig::level_shapes) says.
    pub x: Tensor<4>,
    index: usize,
}

impl FrozenGlow {
    /// From an image to latents. The last step of a level takes the split along, or the last prior.
    pub fn passages(&self, x: Tensor<4>) -> impl Iterator<Item = Passage<'_>> {
        successors(Some(self.pass(0, 0, x)), |last| {
            let x = last.carried.clone()?;
            Some(match last.latents {
                Some(_) => self.pass(last.level + 1, 0, x),
                None => self.pass(last.level, last.index + 1, x),
            })
        })
    }

    fn pass(&self, level: usize, index: usize, x: Tensor<4>) -> Passage<'_> {
        let steps = &self.levels[level].steps;
        let step = &steps[index];
        let x = if index == 0 { squeeze(x) } else { x };
        let (y, log_det) = step.forward(x.clone());
        let passage = Passage { step, x, carried: None, latents: None, log_det: log_det.clone(), level, index };
        if index + 1 < steps.len() {
            return Passage { carried: Some(y), ..passage };
        }
        match &self.levels[level].split {
            Some(split) => {
                let (carried, eps, whitening) = split.forward(y);
                Passage { carried: Some(carried), latents: Some(eps), log_det: log_det + whitening, ..passage }
            }
            None => {
                let (eps, whitening) = self.top.forward(y);
                Passage { latents: Some(eps), log_det: log_det + whitening, ..passage }
            }
        }
    }

    /// From latents to an image. The last step of a level is the first there.
    pub fn inverse_passages<'a>(&'a self, latents: &'a [Tensor<4>]) -> impl Iterator<Item = Held> + 'a {
        let x = self.top.inverse(self.last_of(latents));
        let first = self.pass_back(self.levels.len() - 1, None, x);
        successors(Some(first), |last| match (last.index, last.level) {
            (0, 0) => None,
            (0, level) => {
                let (level, x) = (level - 1, unsqueeze(last.x.clone()));
                let split = self.levels[level].split.as_ref().expect("in all levels but the last");
                Some(self.pass_back(level, None, split.inverse(x, latents[level].clone())))
            }
            (index, level) => Some(self.pass_back(level, Some(index - 1), last.x.clone())),
        })
    }

    /// Through the step at `index`, or the level's last.
    fn pass_back(&self, level: usize, index: Option<usize>, y: Tensor<4>) -> Held {
        let steps = &self.levels[level].steps;
        let index = index.unwrap_or(steps.len() - 1);
        Held { level, x: steps[index].inverse(y), index }
    }
}
