//! The mathematics: invertible layers, each with `forward -> (y, log_det)` and `inverse`.
//!
//! Activations are `[batch, height, width, channel]`. `log_det` is what each place adds to `log|det dy/dx|` of its image, in
//! nats, `[batch, height, width, 1]`, or `[1, 1, 1, 1]` where it is the same at every place.

mod actnorm;
mod coupling;
mod decode_gradient;
mod deepen;
mod glow;
mod gradients;
mod grow;
mod init;
mod matrix;
mod permutation;
mod prior;
mod score;
mod split;
mod squeeze;
mod step;
mod widen;
mod zero_conv;

pub use actnorm::Actnorm;
pub use coupling::Coupling;
pub use decode_gradient::Decoded;
#[cfg(not(target_family = "wasm"))]
pub(crate) use glow::Level;
pub use glow::{Encoding, Glow, Passage, standard_normal};
pub use gradients::Gradients;
pub use init::Init;
pub use permutation::{Conv1x1, Fixed, Permutation};
#[cfg(not(target_family = "wasm"))]
pub(crate) use permutation::{below, diagonal};
pub use prior::Prior;
pub use score::CLEANING;
pub use split::Split;
pub use squeeze::{squeeze, unsqueeze};
#[cfg(not(target_family = "wasm"))]
pub(crate) use step::Linear;
pub use step::Step;
pub use zero_conv::ZeroConv;
