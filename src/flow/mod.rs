//! The mathematics: invertible layers, each with `forward -> (y, log_det)` and `inverse`.
//!
//! [`Glow`] and its layers are the parameters, which train. [`Glow::frozen`] makes the flow of them that computes, layer by layer:
//! a [`Step`] becomes a [`FrozenStep`].
//!
//! Activations are `[batch, height, width, channel]`. `log_det` is what each place adds to `log|det dy/dx|` of its image, in
//! nats, `[batch, height, width, 1]`, or `[1, 1, 1, 1]` where it is the same at every place.

mod actnorm;
mod coupling;
mod decode_gradient;
mod deepen;
mod dequantiser;
mod frozen;
mod glow;
mod gradients;
mod grow;
mod init;
mod matrix;
mod mixing;
mod passage;
mod permutation;
mod prior;
mod score;
mod split;
mod squeeze;
mod step;
mod widen;
mod zero_conv;

pub use actnorm::Actnorm;
pub use coupling::{Coupling, FrozenCoupling};
pub use decode_gradient::Decoded;
pub use dequantiser::{Dequantiser, FrozenDequantiser, from_logits, log_slope, to_logits};
pub use frozen::{Encoding, FrozenGlow, FrozenLevel, standard_normal};
pub use glow::{Glow, Level};
pub use gradients::Gradients;
pub use init::Init;
pub use mixing::Mixing;
pub use passage::{Held, Passage};
pub use permutation::{Conv1x1, Fixed, Permutation, below, diagonal};
pub use prior::Prior;
pub use score::CLEANING;
pub use split::{FrozenSplit, MAX_LOG_SIGMA, Split, gaussian, gaussian_gradient};
pub use squeeze::{squeeze, unsqueeze};
pub use step::{FrozenStep, Step};
pub use zero_conv::{Conv3x3, ZeroConv};
