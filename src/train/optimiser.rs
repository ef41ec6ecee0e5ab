//! The optimiser of a recipe.

use burn::module::ParamGroup;
use burn::optim::{AdamConfig, LearningRate, ModuleOptimizer, MuonConfig, Optimizer};
use burn::tensor::{Device, Tensor};

use super::Adamax;
use super::config::{OptimiserKind, TrainConfig};

/// The matrices that Muon (Jordan et al., 2024, <https://kellerjordan.github.io/posts/muon/>) is for: those of hidden layers.
/// The last layer begins as zero, and does better without.
const HIDDEN: [&str; 2] = ["coupling.conv0.weight", "coupling.conv1.weight"];

/// Without any state yet.
pub fn optimiser(config: &TrainConfig) -> ModuleOptimizer {
    let levels = config.level_rates.iter().enumerate().map(|(level, factor)| (format!("levels.{level}."), *factor));
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
            let factor = factor * config.muon_rate / config.rate;
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
