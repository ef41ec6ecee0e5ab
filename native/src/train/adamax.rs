//! Adamax (Adam, arXiv 1412.6980, algorithm 2), as one of burn's optimisers.

use burn::optim::{AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

/// Adam with the infinity norm: steps are bounded by the rate, whatever the gradient.
#[derive(Clone, Debug)]
pub struct Adamax {
    /// Decay of the mean.
    pub beta_1: f32,
    /// Decay of the norm.
    pub beta_2: f32,
    /// Added to the gradient's size.
    pub epsilon: f32,
}

impl Default for Adamax {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 }
    }
}

impl Optimizer for Adamax {
    /// The paper's m, u and t.
    type State<const D: usize> = AdaptiveMomentumState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let size = grad.clone().abs() + self.epsilon;
        let fresh = grad * (1.0 - self.beta_1);
        let (mean, norm, time) = match state {
            None => (fresh, size, 1),
            Some(state) => {
                (state.moment_1 * self.beta_1 + fresh, (state.moment_2 * self.beta_2).max_pair(size), state.time + 1)
            }
        };
        let rate = rate / (1.0 - f64::from(self.beta_1).powi(time as i32));
        let delta = mean.clone() / norm.clone() * rate;
        (tensor - delta, Some(AdaptiveMomentumState::new(time, mean, norm)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
