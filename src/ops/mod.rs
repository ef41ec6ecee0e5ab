//! The numeric parts under the layers: convolutions as matrix products, the coupling and its network; in plain tensor
//! operations, and in kernels where a backend has some.

mod blocks;
mod conv;
mod couple;
#[cfg_attr(target_family = "wasm", path = "dense_wasm.rs")]
mod dense;
mod net;
mod net_weights;
mod taps;

#[cfg(not(target_family = "wasm"))]
mod backward;
#[cfg(gpu)]
mod cube;
mod flex;
#[cfg(not(target_family = "wasm"))]
mod gemm;
mod input_gradient;
#[cfg(not(target_family = "wasm"))]
mod train;

use burn::backend::DispatchDevice;
use burn::tensor::Tensor;

pub use conv::{conv3x3, fold3x3, linear, unfold3x3};
pub use couple::{couple, halves, join, uncouple};
#[cfg(not(target_family = "wasm"))]
pub(crate) use couple::{couple_by, uncouple_by};
#[cfg(all(gpu, not(target_family = "wasm")))]
pub(crate) use cube::view;
pub use input_gradient::{net_gradient, net_gradient_plain, turned};
pub use net::{net, net_plain};
pub use net_weights::NetWeights;
#[cfg(not(target_family = "wasm"))]
pub use train::{Group, KeptNet, Sums, room};

/// Whether the CPU's kernels without gradients serve a tensor.
fn on_flex(x: &Tensor<4>) -> bool {
    matches!(x.device().as_dispatch(), DispatchDevice::Flex(_)) && !x.is_autodiff()
}

/// Whether the GPU's kernels serve a tensor: they have no gradients.
#[cfg(gpu)]
fn on_cube(x: &Tensor<4>) -> bool {
    matches!(x.device().as_dispatch(), DispatchDevice::Cube(_)) && !x.is_autodiff()
}
