//! What [`glow`] does outside a page: training, the command line, ONNX export, files of images.

pub mod align;
pub mod cli;
mod colour;
pub mod device;
pub mod onnx;
pub mod output;
pub mod picture;
pub mod train;
