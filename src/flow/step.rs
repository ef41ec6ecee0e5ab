//! A step of flow: actnorm, permutation, coupling (Glow, arXiv 1807.03039, figure 2a).

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::{Actnorm, Coupling, Init, Permutation, matrix};
use crate::config::GlowConfig;
use crate::ops::linear;

/// One step. Actnorm and permutation are both linear in the channels, and are applied as one matrix product.
#[derive(Module, Debug)]
pub struct Step {
    /// First: scale and bias of every channel.
    pub actnorm: Actnorm,
    /// Second: mixes the channels at every place.
    pub permutation: Permutation,
    /// Third: changes one half of the channels as the other says.
    pub coupling: Coupling,
    /// The first two with the inverse at hand, once the weights stand still.
    folded: Option<Linear>,
}

/// Rows of channels: `y = x M + v`.
#[derive(Module, Debug)]
pub(crate) struct Linear {
    /// `diag(exp s) W^T`, `[c, c]`.
    pub(crate) matrix: Param<Tensor<2>>,
    /// M^-1, `[c, c]`.
    pub(crate) inverse: Param<Tensor<2>>,
    /// `v = (b exp s) W^T`, `[c]`.
    pub(crate) shift: Param<Tensor<1>>,
    /// `-v M^-1`, `[c]`: `x = y M^-1 - v M^-1`.
    pub(crate) shift_back: Param<Tensor<1>>,
    /// log|det M|, `[1]`.
    pub(crate) log_det: Param<Tensor<1>>,
}

impl Step {
    /// A new step of `channels` channels, with `width` hidden ones in its network.
    pub fn new(config: &GlowConfig, channels: usize, width: usize, init: &mut Init, device: &Device) -> Self {
        Self {
            actnorm: Actnorm::new(channels, device),
            permutation: Permutation::new(config.permutation, channels, init, device),
            coupling: Coupling::new(config.coupling, channels, width, init, device),
            folded: None,
        }
    }

    /// The step with its actnorm initialised on `x`, and what it makes of `x`.
    pub(super) fn initialised(mut self, x: Tensor<4>) -> (Self, Tensor<4>) {
        self.actnorm = self.actnorm.initialised(&x);
        let y = self.forward(x).0;
        (self, y)
    }

    /// `[b, h, w, c]` -> `[b, h, w, c]`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let (mixed, log_det) = self.mix(x);
        self.coupling.forward_after(mixed, log_det)
    }

    /// Actnorm and permutation: what the coupling is given.
    pub fn mix(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let (matrix, shift, log_det) = self.linear();
        (linear(x, matrix, shift), log_det.unsqueeze())
    }

    /// The inverse of [`forward`](Self::forward).
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        self.unmix(self.coupling.inverse(y))
    }

    /// The inverse of [`mix`](Self::mix). Call [`fold`](Self::fold) first to have M^-1 computed only once.
    pub(crate) fn unmix(&self, mixed: Tensor<4>) -> Tensor<4> {
        let Some(folded) = &self.folded else {
            return self.clone().fold().unmix(mixed);
        };
        linear(mixed, folded.inverse.val(), folded.shift_back.val())
    }

    /// Computes what is constant for weights that no longer change; M^-1 on the host, in f64.
    pub fn fold(mut self) -> Self {
        self.folded = None;
        self.coupling = self.coupling.fold();
        let (matrix, shift, log_det) = self.linear();
        let inverse = matrix::inverse(matrix::download(matrix.clone()));
        let shift_back = matrix::download(shift.clone().unsqueeze()) * &inverse * -1.0;
        let device = matrix.device();
        self.folded = Some(Linear {
            inverse: Param::from_tensor(matrix::upload(&inverse, &device)),
            shift_back: Param::from_tensor(matrix::upload(&shift_back, &device).flatten(0, 1)),
            matrix: Param::from_tensor(matrix),
            shift: Param::from_tensor(shift),
            log_det: Param::from_tensor(log_det),
        });
        self
    }

    /// What [`fold`](Self::fold) has computed.
    pub(crate) fn folded(&self) -> &Linear {
        self.folded.as_ref().expect("a folded model")
    }

    /// M, v and log|det M|.
    pub(crate) fn linear(&self) -> (Tensor<2>, Tensor<1>, Tensor<1>) {
        if let Some(folded) = &self.folded {
            return (folded.matrix.val(), folded.shift.val(), folded.log_det.val());
        }
        let [bias, scale] = self.actnorm.affine();
        let c = bias.dims()[0];
        let weight = self.permutation.weight().transpose();
        let shift = (bias * scale.clone()).reshape([1, c]).matmul(weight.clone()).flatten(0, 1);
        let matrix = weight * scale.reshape([c, 1]);
        (matrix, shift, self.actnorm.log_scale.val().sum() + self.permutation.log_det())
    }
}
