//! Glow, a normalizing-flow face model: one crate for training and for the browser.
//!
//! [`flow`] is the model, [`weights`] reads and writes it, [`latents`] draws what it decodes, [`image`] turns pixels
//! into what it encodes, [`frames`] and [`walk`] show the way between. `train`, `onnx` and `cli` are native, `web` is what
//! a page calls.

pub mod attributes;
pub mod complexity;
pub mod config;
pub mod correction;
pub mod device;
pub mod error;
pub mod flow;
pub mod frames;
pub mod image;
pub mod latents;
pub mod ops;
pub mod walk;
pub mod weights;

#[cfg(not(target_family = "wasm"))]
pub mod align;
#[cfg(not(target_family = "wasm"))]
pub mod cli;
#[cfg(not(target_family = "wasm"))]
mod colour;
#[cfg(not(target_family = "wasm"))]
pub mod onnx;
#[cfg(not(target_family = "wasm"))]
pub mod output;
#[cfg(not(target_family = "wasm"))]
pub mod picture;
#[cfg(not(target_family = "wasm"))]
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;
