//! 8-bit RGB to the model's tensor and back.
//!
//! A colour value v of 0..=255 stands at the centre of its bin, `x = (v + 1/2) / 256 - 1/2`. For a model of fewer bits
//! this is uniform dequantisation with the lower bits as the noise: `x = (q + u) / 2^bits - 1/2` with `q = v >> (8 -
//! bits)`. Nothing is lost, so what is encoded comes back to the last bit.

use burn::tensor::{Device, Tensor, TensorData};

use crate::config::{CHANNELS, GlowConfig};
use crate::error::{Error, Result};

/// RGB bytes of whole images, `[b, size, size, 3]` flattened, to a tensor of that shape.
pub fn to_tensor(rgb: &[u8], size: usize, device: &Device) -> Tensor<4> {
    let x: Vec<f32> = rgb.iter().map(|&v| (f32::from(v) + 0.5) / 256.0 - 0.5).collect();
    upload(x, size, device)
}

/// Quantises RGB bytes to the model's bits and spreads each value over its bin by `noise`, each in [0, 1).
pub fn dequantise(rgb: &[u8], noise: impl Iterator<Item = f32>, config: &GlowConfig, device: &Device) -> Tensor<4> {
    let scale = 1.0 / config.bins() as f32;
    let x = rgb.iter().zip(noise).map(|(&v, u)| (f32::from(v >> (8 - config.bits)) + u) * scale - 0.5).collect();
    upload(x, config.size, device)
}

/// A tensor of images, read to the host, as RGB bytes; what lies outside [-1/2, 1/2) is clamped.
pub fn to_rgb(x: &[f32]) -> Vec<u8> {
    x.iter().map(|&x| ((x + 0.5) * 256.0).floor().clamp(0.0, 255.0) as u8).collect()
}

/// bits/dim of a density: `-(log p(x) - D bits ln 2) / (D ln 2)` (RealNVP, arXiv 1605.08803, section 4.1). What overflowed on the
/// way, so that it is no number, is infinite.
pub fn bits_per_dim(log_p: f64, config: &GlowConfig) -> f64 {
    let log_p = if log_p.is_nan() { f64::NEG_INFINITY } else { log_p };
    f64::from(config.bits) - log_p / (config.dims() as f64 * std::f64::consts::LN_2)
}

/// bits/dim of every pixel, from what each adds to log p(x); the mean over an image is its [`bits_per_dim`].
pub fn bits_map(log_p: &[f32], config: &GlowConfig) -> Vec<f32> {
    let pixels = (config.size * config.size) as f64;
    log_p.iter().map(|log_p| bits_per_dim(f64::from(*log_p) * pixels, config) as f32).collect()
}

/// Reads a tensor to the host, row by row.
pub fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().expect("f32")
}

/// [`host`] for where nobody may wait: a page's GPU. Errors: the device failed.
pub async fn host_async<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor.into_data_async().await.map_err(|error| Error::Device(format!("reading failed: {error:?}")))?;
    Ok(data.try_into_vec::<f32>().expect("f32"))
}

fn upload(x: Vec<f32>, size: usize, device: &Device) -> Tensor<4> {
    let images = x.len() / (size * size * CHANNELS);
    Tensor::from_data(TensorData::new(x, [images, size, size, CHANNELS]), device)
}
