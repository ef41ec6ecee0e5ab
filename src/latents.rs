//! Whitened latents: seeded draws with a temperature a level, and files of them.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::acceptance::{Acceptance, MOST};
use crate::config::{CHANNELS, GlowConfig};
use crate::error::{Error, Result};
use crate::pixels::host;
use crate::tensor_file::{self, HostTensor, Precision, TensorFile};

/// Latents of the images `first..first + count` of a seed, one tensor a level, `[count, h, w, c]`.
///
/// Image i is stream i of ChaCha8 under `seed`, so the same seed gives the same faces on every machine and backend,
/// however they are batched. With an `acceptance` the stream goes on until it takes the coarsest level's draws, which it sees at
/// temperature 1, so that a face is the same at every other. Each level's draws are multiplied by its `temperature` (Glow, arXiv
/// 1807.03039, section 6).
pub fn draw(
    config: &GlowConfig,
    acceptance: Option<&Acceptance>,
    seed: u64,
    first: usize,
    count: usize,
    temperature: &[f32],
    device: &Device,
) -> Vec<Tensor<4>> {
    assert_eq!(temperature.len(), config.levels, "one temperature a level");
    let shapes = config.latent_shapes();
    let mut levels: Vec<Vec<f32>> = vec![Vec::new(); config.levels];
    for image in first..first + count {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(image as u64);
        let mut draws =
            |[h, w, c]: [usize; 3]| -> Vec<f32> { (0..h * w * c).map(|_| StandardNormal.sample(&mut rng)).collect() };
        let mut drawn: Vec<_> = shapes.iter().map(|shape| draws(*shape)).collect();
        let coarsest = config.levels - 1;
        for _ in 1..MOST {
            if acceptance.is_none_or(|acceptance| acceptance.score(&drawn[coarsest]) < 0.0) {
                break;
            }
            drawn[coarsest] = draws(shapes[coarsest]);
        }
        for ((level, drawn), temperature) in levels.iter_mut().zip(drawn).zip(temperature) {
            level.extend(drawn.into_iter().map(|eps| eps * temperature));
        }
    }
    levels
        .into_iter()
        .zip(shapes)
        .map(|(level, [h, w, c])| Tensor::from_data(TensorData::new(level, [count, h, w, c]), device))
        .collect()
}

/// Latents with each image's levels one after the other, finest first: `[b, dims]`.
pub fn flatten(latents: Vec<Tensor<4>>) -> Tensor<2> {
    Tensor::cat(latents.into_iter().map(|eps| eps.flatten(1, 3)).collect(), 1)
}

/// The latents of values that [`flatten`] put in order.
pub fn unflatten(values: &[f32], config: &GlowConfig, device: &Device) -> Vec<Tensor<4>> {
    let images = values.len() / config.dims();
    let mut from = 0;
    let levels = config.latent_shapes().into_iter().map(|[h, w, c]| {
        let range = from..from + h * w * c;
        from = range.end;
        let level = values.chunks_exact(config.dims()).flat_map(|image| &image[range.clone()]).copied();
        Tensor::from_data(TensorData::new(level.collect(), [images, h, w, c]), device)
    });
    levels.collect()
}

/// A latent of a picture that was beyond the model, for which something overflowed on the way, is 0: what that leaves out is for
/// the [`correction`](crate::correction::correction).
pub fn finite(eps: f32) -> f32 {
    if eps.is_finite() { eps } else { 0.0 }
}

/// The key of the model's configuration in a file's metadata.
const KEY: &str = "glow-latents";

/// The name of a file's [`correction`](crate::correction::correction).
const CORRECTION: &str = "correction";

/// Latents as a safetensors file: `level.0`, `level.1`, ..., the configuration of the model that they belong to, and the
/// `correction` of what they decode to, if it is not empty.
pub fn save(latents: &[Tensor<4>], correction: &[i16], config: &GlowConfig) -> Vec<u8> {
    let mut tensors: BTreeMap<_, _> = latents
        .iter()
        .enumerate()
        .map(|(level, eps)| {
            let tensor = HostTensor { shape: eps.dims().to_vec(), values: host(eps.clone()) };
            (format!("level.{level}"), tensor.encode(Precision::F32))
        })
        .collect();
    if !correction.is_empty() {
        let shape = vec![correction.len() / config.dims(), config.size, config.size, CHANNELS];
        let tensor = HostTensor { shape, values: correction.iter().map(|&missing| f32::from(missing)).collect() };
        // Whole numbers up to 2048 are f16's.
        tensors.insert(CORRECTION.into(), tensor.encode(Precision::F16));
    }
    tensor_file::write(tensors, KEY, config)
}

/// Latents and correction, as [`save`] wrote them. Errors: a damaged file, or latents of another model.
pub fn load(bytes: &[u8], config: &GlowConfig, device: &Device) -> Result<(Vec<Tensor<4>>, Vec<i16>)> {
    let file = TensorFile::parse(bytes)?;
    if file.about::<GlowConfig>(KEY)? != *config {
        return Err(Error::Weights("these latents belong to a model of another configuration".into()));
    }
    let read = |name: &str, [h, w, c]: [usize; 3]| {
        let tensor = file.tensor(name)?;
        if tensor.shape.len() == 4 && tensor.shape[1..] == [h, w, c] {
            return Ok(tensor);
        }
        Err(Error::Weights(format!("'{name}' has shape {:?}, not [_, {h}, {w}, {c}]", tensor.shape)))
    };
    let levels = config.latent_shapes().into_iter().enumerate().map(|(level, shape)| {
        let HostTensor { shape, values } = read(&format!("level.{level}"), shape)?;
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    });
    let levels = levels.collect::<Result<_>>()?;
    let correction = match file.bytes(CORRECTION) {
        Some(_) => {
            read(CORRECTION, [config.size, config.size, CHANNELS])?.values.into_iter().map(|v| v as i16).collect()
        }
        None => Vec::new(),
    };
    Ok((levels, correction))
}
