//! A flow whose weights no longer change, with every layer turned round: gradients by pictures and by latents, without those
//! of the weights.

use burn::tensor::Tensor;

use super::Glow;
use crate::ops::{NetWeights, turned};

/// A [`Glow`] whose weights no longer change, with what gradients through it need of them.
#[derive(Clone, Debug)]
pub struct Gradients {
    pub(super) glow: Glow,
    pub(super) levels: Vec<Level>,
}

#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) steps: Vec<Step>,
    /// Of the split's prior, turned round; none in the last level.
    pub(super) prior: Option<Tensor<2>>,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    /// M^T.
    pub(super) matrix: Tensor<2>,
    /// M^-T.
    pub(super) inverse: Tensor<2>,
    pub(super) net: NetWeights,
    pub(super) turned: NetWeights,
}

impl Gradients {
    /// Those of a folded model.
    pub fn new(glow: Glow) -> Self {
        let levels = glow.levels.iter().map(|level| Level {
            steps: level.steps.iter().map(Step::new).collect(),
            prior: level.split.as_ref().map(|split| turned(split.prior.folded().0, 9)),
        });
        Self { levels: levels.collect(), glow }
    }

    /// The flow itself.
    pub fn glow(&self) -> &Glow {
        &self.glow
    }
}

impl Step {
    fn new(step: &super::Step) -> Self {
        let (net, linear) = (step.coupling.weights(), step.folded());
        let [matrix, inverse] = [&linear.matrix, &linear.inverse].map(|matrix| turned(matrix.val(), 1));
        Self { matrix, inverse, turned: net.turned(), net }
    }
}
