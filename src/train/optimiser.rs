//! The optimiser of a recipe.

use burn::module::ParamGroup;
use burn::optim::{AdamConfig, LearningRate, ModuleOptimizer, Muon, MuonConfig, MuonState, Optimizer};
use burn::tensor::{Device, Tensor};

use super::Adamax;
use super::config::{OptimiserKind, TrainConfig};

/// The matrices that Muon is for: those of hidden layers. The last layer begins as zero, and does better without.
const HIDDEN: [&str; 2] = ["coupling.conv0.weight", "coupling.conv1.weight"];

/// Without any state yet.
pub fn optimiser(config: &TrainConfig) -> ModuleOptimizer {
    match config.optimiser {
        OptimiserKind::Adamax => Adamax::default().into(),
        OptimiserKind::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
        OptimiserKind::Muon => {
            let hidden = ParamGroup::from_any_predicates(HIDDEN.to_vec());
            let muon = Scaled { muon: MuonConfig::new().build(), factor: config.muon_rate / config.rate };
            ModuleOptimizer::from(Adamax::default()).with_group(hidden, muon, None)
        }
    }
}

/// Muon (Jordan et al., 2024, <https://kellerjordan.github.io/posts/muon/>) at a multiple of the rate that the other
/// parameters have.
#[derive(Clone)]
struct Scaled {
    muon: Muon,
    factor: f64,
}

impl Optimizer for Scaled {
    type State<const D: usize> = MuonState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        self.muon.step(self.factor * rate, tensor, grad, state)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        Muon::to_device(state, device)
    }
}
