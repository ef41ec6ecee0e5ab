//! What training needs beyond the flow itself: the coupling network that keeps what its gradient needs, and gradients of weights.

use burn::tensor::{Device, Tensor};

#[cfg(feature = "gpu")]
use super::cube;
use super::flex::train as flex;
use super::{KeptNet, NetWeights, Precision, conv3x3, couple_by};
use crate::config::CouplingKind;
use crate::pixels::host;

/// Gradients of weights, each followed by its bias's, one after the other and read at once.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // One at a time.
pub enum Sums {
    /// Of a CPU.
    Flex(Vec<Tensor<1>>),
    /// Of a GPU.
    #[cfg(feature = "gpu")]
    Cube(cube::Sums),
}

/// Those that are summed together.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // One at a time.
pub enum Group {
    /// On a CPU.
    Flex(Vec<Tensor<1>>),
    /// On a GPU.
    #[cfg(feature = "gpu")]
    Cube(cube::Group),
}

impl Sums {
    /// Room for `length` numbers.
    pub fn new(length: usize, device: &Device) -> Self {
        #[cfg(feature = "gpu")]
        if super::is_gpu(device) {
            return Self::Cube(cube::Sums::new(length, device));
        }
        let _ = (length, device);
        Self::Flex(Vec::new())
    }

    /// A group of `length` of them, over pixels like those of `x`.
    pub fn group(&self, length: usize, x: &Tensor<4>) -> Group {
        let _ = (length, x);
        match self {
            Self::Flex(_) => Group::Flex(Vec::new()),
            #[cfg(feature = "gpu")]
            Self::Cube(_) => Group::Cube(cube::Group::new(length, x)),
        }
    }

    /// Takes a whole group's.
    pub fn add(&mut self, group: Group) {
        match (self, group) {
            (Self::Flex(sums), Group::Flex(group)) => sums.extend(group),
            #[cfg(feature = "gpu")]
            (Self::Cube(sums), Group::Cube(group)) => sums.add(group),
            #[cfg(feature = "gpu")]
            _ => unreachable!("a group of these sums"),
        }
    }

    /// All of them.
    pub fn read(self) -> Vec<f32> {
        match self {
            Self::Flex(sums) => sums.into_iter().map(host).collect::<Vec<_>>().concat(),
            #[cfg(feature = "gpu")]
            Self::Cube(sums) => sums.read(),
        }
    }
}

impl Group {
    /// The gradients of a 1x1 convolution's matrix, `[c_in, c_out]`, and bias, `[c_out]`, by what it was given, `[b, h, w,
    /// c_in]`, and the gradient by what it gave, `[b, h, w, c_out]`.
    pub fn linear(&mut self, x: &Tensor<4>, grad: &Tensor<4>) {
        match self {
            Self::Flex(sums) => sums.push(flex::linear(x.clone(), grad.clone())),
            #[cfg(feature = "gpu")]
            Self::Cube(sums) => sums.sum(x, grad, x.dims()[3], cube::Layout::InOut),
        }
    }

    /// The same of a 3x3 convolution, `[c_in, 9 c_out]` and `[c_out]`.
    pub fn conv3x3(&mut self, x: &Tensor<4>, grad: &Tensor<4>) {
        match self {
            Self::Flex(sums) => sums.push(flex::conv3x3(x.clone(), grad.clone())),
            #[cfg(feature = "gpu")]
            Self::Cube(sums) => sums.sum(x, grad, x.dims()[3], cube::Layout::InTapOut),
        }
    }
}

impl KeptNet {
    /// Of the first half of the channels of `x`, on a CPU in this precision.
    pub fn new(x: &Tensor<4>, weights: &NetWeights, precision: Precision) -> Self {
        #[cfg(feature = "gpu")]
        if super::on_cube(x) {
            let [first, second] = cube::hidden(x, weights);
            return Self { x: x.clone(), first, second, output: None, precision };
        }
        let half = x.dims()[3] / 2;
        let x = x.clone().narrow(3, 0, half);
        let (output, [first, second]) = flex::net_kept(x.clone(), weights, precision);
        Self { x, first, second, output: Some(output), precision }
    }

    /// The network's output.
    pub fn output(&self, weights: &NetWeights) -> Tensor<4> {
        match &self.output {
            Some(output) => output.clone(),
            None => conv3x3(self.second.clone(), weights.w2.clone(), weights.b2.clone()),
        }
    }

    /// `x` with it added to the second half.
    pub fn shift(&self, x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
        #[cfg(feature = "gpu")]
        if self.output.is_none() {
            return cube::couple_additive(self.second.clone(), weights, x);
        }
        couple_by(x, self.output(weights), CouplingKind::Additive).0
    }

    /// `grad`, the gradient by what a coupling is given directly, with that through the network added to its first half: by the one by
    /// the network's output, and the network [`turned`](NetWeights::turned). The gradients by w2, b2, w1, b1, w0 and b0 go to
    /// `sums`, in this order.
    pub fn backward(self, grad: Tensor<4>, by_output: Tensor<4>, turned: &NetWeights, sums: &mut Group) -> Tensor<4> {
        match sums {
            Group::Flex(sums) => {
                let (by_x, by_weights) = flex::net_backward(self, grad, by_output, turned);
                sums.push(by_weights);
                by_x
            }
            #[cfg(feature = "gpu")]
            Group::Cube(sums) => cube::net_backward(self, grad, by_output, turned, sums),
        }
    }
}
