//! A flow whose weights no longer change, with every layer turned round: gradients by pictures and by latents, without those
//! of the weights.

use burn::tensor::Tensor;

use super::{FrozenGlow, FrozenStep};
use crate::ops::{NetWeights, transposed, turned};

/// A flow, with what gradients through it need of its weights.
#[derive(Clone, Debug)]
pub struct Gradients {
    pub(super) flow: FrozenGlow,
    pub(super) levels: Vec<TurnedLevel>,
}

#[derive(Clone, Debug)]
pub(super) struct TurnedLevel {
    pub(super) steps: Vec<TurnedStep>,
    /// Of the split's prior; none in the last level.
    pub(super) prior: Option<Tensor<2>>,
}

#[derive(Clone, Debug)]
pub(super) struct TurnedStep {
    /// M^T.
    pub(super) matrix: Tensor<2>,
    /// M^-T.
    pub(super) inverse: Tensor<2>,
    pub(super) net: NetWeights,
}

impl Gradients {
    /// Those of a flow.
    pub fn new(flow: FrozenGlow) -> Self {
        let levels = flow.levels.iter().map(|level| TurnedLevel {
            steps: level.steps.iter().map(TurnedStep::new).collect(),
            prior: level.split.as_ref().map(|split| turned(split.prior.weight.clone())),
        });
        Self { levels: levels.collect(), flow }
    }

    /// The flow itself.
    pub fn flow(&self) -> &FrozenGlow {
        &self.flow
    }
}

impl TurnedStep {
    fn new(step: &FrozenStep) -> Self {
        let [matrix, inverse] = [&step.mixing.matrix, &step.mixing.inverse].map(|matrix| transposed(matrix.clone()));
        Self { matrix, inverse, net: step.coupling.net.turned() }
    }
}
