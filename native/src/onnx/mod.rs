//! A model as ONNX graphs, for other runtimes. Native only.
//!
//! Values are `[batch, channel, height, width]`: images in [-1/2, 1/2), latents as [`Encoding`] has them. The weights are
//! folded, signs included; a squeeze and the matrix behind it are one convolution of stride 2.
//!
//! [`Encoding`]: glow::flow::Encoding

mod forward;
mod graph;
mod inverse;
mod layers;
pub mod proto;

pub use forward::forward;
pub use inverse::inverse;

use glow::config::GlowConfig;

const IMAGE: &str = "image";

/// Name and shape of every level's latents.
fn latents(config: &GlowConfig) -> Vec<(String, [usize; 3])> {
    let shapes = config.latent_shapes().into_iter().enumerate();
    shapes.map(|(level, [h, w, c])| (format!("level.{level}"), [c, h, w])).collect()
}
