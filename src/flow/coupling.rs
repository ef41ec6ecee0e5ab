//! Coupling layers: the first half of the channels passes, and says how the second half changes.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::zero_conv::zeros;
use super::{Init, Mixing, ZeroConv};
use crate::config::CouplingKind;
use crate::ops::{self, NetWeights};

/// The parameters of a coupling.
#[derive(Module, Debug)]
pub struct Coupling {
    /// The network's first layer, 3x3.
    pub conv0: Conv,
    /// The second, 1x1.
    pub conv1: Conv,
    /// The last, 3x3; zero at first, so that a new coupling changes nothing but the affine scale sigmoid(2).
    pub conv2: ZeroConv,
    #[module(skip)]
    kind: CouplingKind,
}

/// Additive (NICE, arXiv 1410.8516, equation 7) or affine (RealNVP, arXiv 1605.08803, equations 4 and 5) coupling, in which a
/// network of the first half of the channels gives the shift t and, if affine, r.
#[derive(Module, Debug)]
pub struct FrozenCoupling {
    /// The network's weights, with the last layer's scale in them.
    pub net: NetWeights,
    #[module(skip)]
    pub(super) kind: CouplingKind,
}

impl FrozenCoupling {
    /// `y2 = x2 + t`, or `(x2 + t) sigmoid(r + 2)` with `log_det = sum log sigmoid(r + 2)`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let zero = Tensor::zeros([1; 4], &x.device());
        self.forward_after(x, zero)
    }

    /// The same after a layer with `log_det`, which is `[1, 1, 1, 1]`; with both's.
    pub(super) fn forward_after(&self, x: Tensor<4>, log_det: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        ops::couple(x, &self.net, self.kind, log_det)
    }

    /// The inverse of a layer and of this one after it, at once.
    pub(super) fn inverse_after(&self, y: Tensor<4>, Mixing { inverse, shift_back, .. }: &Mixing) -> Tensor<4> {
        ops::uncouple_linear(y, &self.net, self.kind, inverse.clone(), shift_back.clone())
    }

    /// `x2 = y2 - t`, or `y2 / sigmoid(r + 2) - t`.
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        ops::uncouple(y, &self.net, self.kind)
    }
}

/// A convolution as a matrix.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[taps c_in, c_out]`: a row for each tap and input, tap by tap.
    pub weight: Param<Tensor<2>>,
    /// `[c_out]`.
    pub bias: Param<Tensor<1>>,
}

impl Conv {
    /// He's initialisation (arXiv 1502.01852), for the ReLU that follows.
    pub(super) fn new(inputs: usize, outputs: usize, init: &mut Init, device: &Device) -> Self {
        let std = (2.0 / inputs as f32).sqrt();
        let weight = match init {
            Init::Random(_) => {
                let values = (0..inputs * outputs).map(|_| init.normal() as f32 * std).collect();
                Tensor::from_data(TensorData::new::<f32, _>(values, [inputs, outputs]), device)
            }
            Init::Blank => zeros([inputs, outputs], device),
        };
        Self { weight: Param::from_tensor(weight), bias: Param::from_tensor(Tensor::zeros([outputs], device)) }
    }
}

impl Coupling {
    /// A new coupling of `channels` channels (even) with `width` hidden ones.
    pub fn new(kind: CouplingKind, channels: usize, width: usize, init: &mut Init, device: &Device) -> Self {
        let half = channels / 2;
        let outputs = match kind {
            CouplingKind::Additive => half,
            CouplingKind::Affine => 2 * half,
        };
        Self {
            conv0: Conv::new(9 * half, width, init, device),
            conv1: Conv::new(width, width, init, device),
            conv2: ZeroConv::new(width, outputs, device),
            kind,
        }
    }

    /// Computes what is constant for weights that no longer change.
    pub fn frozen(&self) -> FrozenCoupling {
        FrozenCoupling { net: self.weights(), kind: self.kind }
    }

    /// The network's, with the last layer's scale in them.
    pub fn weights(&self) -> NetWeights {
        let (w2, b2) = self.conv2.scaled();
        NetWeights {
            w0: self.conv0.weight.val(),
            b0: self.conv0.bias.val(),
            w1: self.conv1.weight.val(),
            b1: self.conv1.bias.val(),
            w2,
            b2,
        }
    }
}
