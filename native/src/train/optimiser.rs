//! The optimiser of a recipe.

use burn::module::ParamGroup;
use burn::optim::{AdamConfig, GradientsParams, LearningRate, ModuleOptimizer, MuonConfig, Optimizer};
use burn::store::RecordError;
use burn::tensor::{Bytes, Device, Tensor};
use glow::flow::Glow;
use rayon::prelude::*;

use super::config::{OptimiserKind, TrainConfig};
use super::{Adamax, gradients};

/// The matrices that Muon (Jordan et al., 2024, <https://kellerjordan.github.io/posts/muon/>) is for: those of hidden layers.
/// The last layer begins as zero, and does better without.
const HIDDEN: [&str; 2] = ["coupling.conv0.weight", "coupling.conv1.weight"];

/// The optimiser of a recipe, in parts that step side by side: each has every so manieth parameter. How many there are changes
/// no result.
pub struct Optimiser(Vec<ModuleOptimizer>);

impl Optimiser {
    /// Without any state yet, in a part a core.
    pub fn new(config: &TrainConfig) -> Self {
        Self((0..rayon::current_num_threads()).map(|_| part(config)).collect())
    }

    /// How many.
    pub(super) fn parts(&self) -> usize {
        self.0.len()
    }

    /// The model after a step along its gradient, which comes in a share a part.
    pub(super) fn step(&mut self, rate: f64, model: Glow, shares: Vec<GradientsParams>) -> Glow {
        let step = |(part, share): (&mut ModuleOptimizer, _)| part.step(rate, model.clone(), share);
        gradients::merge(self.0.par_iter_mut().zip(shares).map(step).collect())
    }

    /// The state of each part.
    pub(super) fn to_bytes(&self) -> Result<Vec<Vec<u8>>, RecordError> {
        self.0.iter().map(|part| Ok(part.into_bytes()?.to_vec())).collect()
    }

    /// With a state that [`to_bytes`](Self::to_bytes) gave.
    pub(super) fn from_bytes(config: &TrainConfig, parts: Vec<Vec<u8>>) -> Result<Self, RecordError> {
        let parts = parts.into_iter().map(|bytes| part(config).from_bytes(Bytes::from_bytes_vec(bytes)));
        Ok(Self(parts.collect::<Result<_, _>>()?))
    }
}

/// Of a part, without any state yet.
fn part(config: &TrainConfig) -> ModuleOptimizer {
    let levels =
        config.level_learning_rates.iter().enumerate().map(|(level, factor)| (format!("levels.{level}."), *factor));
    // Of groups that a parameter is in, the last one counts.
    [(String::new(), 1.0)].into_iter().chain(levels).fold(Adamax::default().into(), |all, (part, factor)| {
        let group = ParamGroup::from_predicate(&part);
        if config.optimiser == OptimiserKind::Adam {
            let optimiser = AdamConfig::new().with_epsilon(1e-8).build();
            return all.with_group(group, Scaled { optimiser, factor }, None);
        }
        let all: ModuleOptimizer = all.with_group(group, Scaled { optimiser: Adamax::default(), factor }, None);
        if config.optimiser == OptimiserKind::Adamax {
            return all;
        }
        HIDDEN.into_iter().fold(all, |all, layer| {
            let hidden = ParamGroup::from_predicates(vec![&part[..], layer]);
            let factor = factor * config.muon_learning_rate / config.learning_rate;
            all.with_group(hidden, Scaled { optimiser: MuonConfig::new().build(), factor }, None)
        })
    })
}

/// An optimiser at a multiple of the rate.
#[derive(Clone)]
struct Scaled<O> {
    optimiser: O,
    factor: f64,
}

impl<O: Optimizer> Optimizer for Scaled<O> {
    type State<const D: usize> = O::State<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        self.optimiser.step(self.factor * rate, tensor, grad, state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        O::to_device(state, device)
    }
}
