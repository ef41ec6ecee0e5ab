//! bits/dim of a data set, and the error of the way to the latents and back.

use burn::tensor::{Device, Tensor};
use glow::complexity::complexity;
use glow::flow::FrozenGlow;
use glow::pixels::{bits_per_dim, dequantise, host, to_rgb, to_tensor};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;

use super::batches::unit;
use super::data::Images;

/// Images a batch.
const BATCH: usize = 50;

/// The mean over a data set.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Of the images with dequantisation noise, one draw an image; where the model has learned the noise, an upper bound.
    pub bits_per_dim: f64,
    /// Standard error of that mean.
    pub stderr: f64,
    /// How many images.
    pub images: usize,
}

/// How images spread that are encoded as a photo is: their own lower bits stand in for the noise.
#[derive(Clone, Debug, Serialize)]
pub struct Spread {
    /// bits/dim.
    pub percentiles: Percentiles,
    /// bits/dim less the [`complexity`].
    pub excess: Percentiles,
}

/// Values that 1, 10, 50, 90 and 99 of 100 images stay below.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Percentiles {
    pub p1: f64,
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
}

/// bits/dim of `images`. The noise is the same in every call.
pub fn evaluate(model: &FrozenGlow, images: &Images, device: &Device) -> Evaluation {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let bits = each(model, images, |rgb| {
        let noise = std::iter::repeat_with(|| unit(&mut rng));
        let (x, log_det) = model.dequantise(dequantise(rgb, noise, model.config(), device));
        model.forward(x).log_p() + log_det
    });
    let n = bits.len() as f64;
    let mean = bits.iter().sum::<f64>() / n;
    let variance = bits.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    Evaluation { bits_per_dim: mean, stderr: (variance / n).sqrt(), images: bits.len() }
}

/// The spread of `images`.
pub fn spread(model: &FrozenGlow, images: &Images, device: &Device) -> Spread {
    let config = model.config();
    let bits = each(model, images, |rgb| model.forward(to_tensor(rgb, config.size, device)).log_p());
    let excess = bits.iter().enumerate().map(|(i, bits)| bits - complexity(images.get(i), config)).collect();
    Spread { percentiles: Percentiles::of(bits), excess: Percentiles::of(excess) }
}

/// bits/dim of every image, given log p of a batch.
fn each(model: &FrozenGlow, images: &Images, mut log_p: impl FnMut(&[u8]) -> Tensor<1>) -> Vec<f64> {
    let log_p = images.batches(BATCH).flat_map(|rgb| host(log_p(rgb)));
    log_p.map(|log_p| bits_per_dim(f64::from(log_p), model.config())).collect()
}

impl Percentiles {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |percent| values[(values.len() - 1) * percent / 100];
        Self { p1: at(1), p10: at(10), p50: at(50), p90: at(90), p99: at(99) }
    }
}

/// What comes back from the latents.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RoundTrip {
    /// Largest difference of a value, in the model's units: the range of colours is 1.
    pub largest_error: f32,
    /// Images of which some 8-bit value changed.
    pub changed: usize,
    /// How many images.
    pub images: usize,
}

/// Encodes and decodes `images`.
pub fn round_trip<'a>(model: &FrozenGlow, batches: impl Iterator<Item = &'a [u8]>, device: &Device) -> RoundTrip {
    let config = model.config();
    let mut result = RoundTrip::default();
    for rgb in batches {
        let x = to_tensor(rgb, config.size, device);
        let back = model.inverse(&model.forward(x.clone()).latents);
        result.largest_error = result.largest_error.max(largest_error(back.clone(), x));
        let after = to_rgb(&host(back));
        for (before, after) in rgb.chunks(config.dims()).zip(after.chunks(config.dims())) {
            result.images += 1;
            result.changed += usize::from(before != after);
        }
    }
    result
}

/// The largest difference of a value; a NaN is the largest there is.
pub(crate) fn largest_error(back: Tensor<4>, x: Tensor<4>) -> f32 {
    let error = (back - x).abs().max().into_scalar::<f32>();
    if error.is_nan() { f32::INFINITY } else { error }
}
