//! The numeric parts under the layers: convolutions as matrix products, the coupling and its network; in plain tensor
//! operations, and in kernels where a backend has some.

mod blocks;
mod bound;
mod colour;
mod conv;
mod couple;
#[cfg_attr(target_family = "wasm", path = "dense_wasm.rs")]
mod dense;
mod net;
mod net_weights;
#[cfg(all(feature = "roof", target_family = "wasm"))]
pub mod pieces;
mod taps;

#[cfg(feature = "gpu")]
mod cube;
mod flex;
#[cfg(not(target_family = "wasm"))]
mod gemm;
mod input_gradient;
#[cfg(feature = "train")]
mod kept_net;
#[cfg(feature = "train")]
mod train;

use burn::backend::DispatchDevice;
#[cfg(feature = "train")]
use burn::tensor::Device;
use burn::tensor::Tensor;

pub use bound::{bound, bound_gradient};
pub use colour::colour;
pub use conv::{conv3x3, fold3x3, linear, unfold3x3};
pub use couple::{couple, halves, join, uncouple, uncouple_linear};
#[cfg(feature = "train")]
pub use couple::{couple_by, uncouple_by};
#[cfg(all(feature = "gpu", feature = "train"))]
pub use cube::view;
#[cfg(feature = "train")]
pub use flex::train::Precision;
pub use input_gradient::{net_gradient, net_gradient_plain, transposed, turned};
#[cfg(feature = "train")]
pub use kept_net::{KeptNet, room};
pub use net::{net, net_plain};
pub use net_weights::NetWeights;
#[cfg(feature = "train")]
pub use train::{Group, Sums};

/// Whether the CPU's kernels without gradients serve a tensor.
fn on_flex(x: &Tensor<4>) -> bool {
    matches!(x.device().as_dispatch(), DispatchDevice::Flex(_)) && !x.is_autodiff()
}

/// Whether the GPU's kernels serve a tensor: they have no gradients.
#[cfg(feature = "gpu")]
fn on_cube(x: &Tensor<4>) -> bool {
    matches!(x.device().as_dispatch(), DispatchDevice::Cube(_)) && !x.is_autodiff()
}

/// Whether a device is a GPU.
#[cfg(feature = "train")]
pub fn is_gpu(device: &Device) -> bool {
    !matches!(device.clone().inner().as_dispatch(), DispatchDevice::Flex(_))
}
