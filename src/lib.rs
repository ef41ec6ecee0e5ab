//! Glow, a normalizing-flow face model.
//!
//! [`flow`] is the model, [`weights`] reads and writes it, [`latents`] draws what it decodes, [`pixels`] become
//! what it encodes, [`trajectory`] shows the way between. `web` is what a
//! page calls. Training, the command line and ONNX export are in the crate `glow-native`.
//!
//! ```ignore-wasm32
//! use burn::tensor::Device;
//! use glow::config::GlowConfig;
//! use glow::flow::Glow;
//! use glow::pixels::{bits_per_dim, host, to_rgb, to_tensor};
//! use glow::latents;
//!
//! // A tiny model, untrained; `weights::load` reads a trained one.
//! let device = Device::flex();
//! let config = GlowConfig { size: 8, levels: 2, steps: 2.into(), width: 8.into(), ..GlowConfig::preset("glow")? };
//! let glow = Glow::new(&config, 1, &device)?.frozen();
//!
//! // Sample: the first two images of seed 7, at temperature 0.7.
//! let eps = latents::draw(&config, None, 7, 0, 2, &[0.7; 2], &device);
//! let rgb = to_rgb(&host(glow.inverse(&eps)));
//!
//! // Encode: latents, and how probable each image is.
//! let encoding = glow.forward(to_tensor(&rgb, config.size, &device));
//! let bits = bits_per_dim(host(encoding.log_p())[0].into(), &config);
//! assert!(bits.is_finite());
//!
//! // Decode: the same bytes.
//! assert_eq!(to_rgb(&host(glow.inverse(&encoding.latents))), rgb);
//! # Ok::<(), glow::error::Error>(())
//! ```

pub mod acceptance;
pub mod attributes;
pub mod complexity;
pub mod config;
pub mod correction;
pub mod error;
pub mod flow;
pub mod latents;
pub mod ops;
pub mod parameters;
pub mod pixels;
pub mod restore;
pub mod tensor_file;
pub mod tensor_stream;
pub mod trajectory;
pub mod weights;

#[cfg(target_family = "wasm")]
pub mod web;
