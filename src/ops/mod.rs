//! The numeric parts under the layers: 3x3 convolution as a matrix product, and the coupling network.

mod conv;
mod gemm;
mod net;
mod taps;

#[cfg(not(target_family = "wasm"))]
mod autodiff;
#[cfg(not(target_family = "wasm"))]
mod backward;
mod flex;

pub use conv::{fold3x3, unfold3x3};
pub use net::{NetWeights, net, net_plain};
