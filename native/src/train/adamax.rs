//! Adamax (Adam, arXiv 1412.6980, algorithm 2), as one of burn's optimisers.

use burn::optim::{AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};
use glow::pixels::host;

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
        let shape = tensor.dims();
        let device = tensor.device();
        let (mut values, grad) = (host(tensor), host(grad));
        let (mut mean, mut norm, time) = match state {
            None => (vec![0.0; grad.len()], vec![0.0; grad.len()], 1),
            Some(state) => (host(state.moment_1), host(state.moment_2), state.time + 1),
        };
        let rate = (rate / (1.0 - f64::from(self.beta_1).powi(time as i32))) as f32;
        for (((value, grad), mean), norm) in values.iter_mut().zip(&grad).zip(&mut mean).zip(&mut norm) {
            *mean = *mean * self.beta_1 + grad * (1.0 - self.beta_1);
            *norm = (*norm * self.beta_2).max(grad.abs() + self.epsilon);
            *value -= *mean / *norm * rate;
        }
        let [values, mean, norm] = [values, mean, norm].map(|v| Tensor::from_data(TensorData::new(v, shape), &device));
        (values, Some(AdaptiveMomentumState::new(time, mean, norm)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
