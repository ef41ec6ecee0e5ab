//! A deeper flow that computes the same function, to train on from a shallower one: Net2DeeperNet (Chen et al., arXiv
//! 1511.05641) for flows, in which a new additive coupling is the identity and a rotation can be undone by its neighbour.

use burn::module::Param;
use nalgebra::DMatrix;

use super::{Actnorm, Conv1x1, Glow, Init, Permutation, Step, matrix};
use crate::config::{ByLevel, CouplingKind, GlowConfig, PermutationKind};
use crate::error::{Error, Result};

impl Glow {
    /// The same function with more `steps` in some levels, the new ones spread evenly; each rotates the channels at random, so
    /// that its coupling learns about other halves than its neighbours'. Errors: fewer steps than there are, or a flow whose
    /// coupling is not additive or whose permutation is not the 1x1 convolution.
    pub fn deepen(mut self, steps: &ByLevel, seed: u64) -> Result<Self> {
        let config = GlowConfig { steps: steps.clone(), ..self.config.clone() };
        config.validate()?;
        if config == self.config {
            return Ok(self);
        }
        self.can_be("deepened")?;
        let mut init = Init::random(seed);
        let device = self.device();
        for (l, level) in self.levels.iter_mut().enumerate() {
            let ([_, _, c], width) = (config.level_shapes()[l], config.width.at(l));
            let (old, steps) = (level.steps.len(), steps.at(l));
            if steps < old {
                return Err(Error::Config(format!("a level of {old} steps cannot be cut to {steps}")));
            }
            let mut deeper = Vec::with_capacity(steps);
            for (i, mut step) in std::mem::take(&mut level.steps).into_iter().enumerate() {
                while deeper.len() < (i + 1) * steps / old - 1 {
                    let new = Step::new(&config, c, width, &mut init, &device);
                    step = step.after(&matrix::download(new.permutation.weight()));
                    deeper.push(new);
                }
                deeper.push(step);
            }
            level.steps = deeper;
        }
        self.config = config;
        Ok(self)
    }
}

impl Glow {
    /// Errors unless new couplings are the identity and rotations can be taken back.
    pub(super) fn can_be(&self, changed: &str) -> Result<()> {
        match (self.config.coupling, self.config.permutation) {
            (CouplingKind::Additive, PermutationKind::Conv1x1) => Ok(()),
            _ => Err(Error::Config(format!("only an additive flow with 1x1 convolutions can be {changed}"))),
        }
    }
}

impl Step {
    /// The step that takes `Q x` for `x`: with `W diag(exp s) Q^-1` as its matrix and `Q b` as its bias.
    fn after(mut self, rotation: &DMatrix<f64>) -> Self {
        let device = self.actnorm.bias.val().device();
        let [bias, scale] = self.actnorm.affine().map(|t| matrix::download(t.unsqueeze()).transpose());
        let weight = matrix::download(self.permutation.weight());
        // Rounded to f32 it is no rotation, and its transpose not quite its inverse.
        let back = matrix::inverse(rotation.clone());
        let weight = weight * DMatrix::from_diagonal(&scale.column(0).into_owned()) * back;
        let bias = matrix::upload(&(rotation * bias), &device).flatten(0, 1);
        self.actnorm = Actnorm { bias: Param::from_tensor(bias), ..Actnorm::new(weight.nrows(), &device) };
        self.permutation = Permutation::Conv1x1(Conv1x1::new(&weight, &device));
        self
    }
}
