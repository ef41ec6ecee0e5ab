//! Whitened latents: seeded draws with a temperature a level, and files of them.

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::config::GlowConfig;
use crate::error::{Error, Result};
use crate::image::host;
use crate::weights::{self, HostTensor, Precision};

/// Latents of the images `first..first + count` of a seed, one tensor a level, `[count, h, w, c]`.
///
/// Image i is stream i of ChaCha8 under `seed`, so the same seed gives the same faces on every machine and backend,
/// however they are batched. Each level's draws are multiplied by its `temperature` (Glow, arXiv 1807.03039, section 6).
pub fn draw(
    config: &GlowConfig,
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
        for ((level, [h, w, c]), temperature) in levels.iter_mut().zip(&shapes).zip(temperature) {
            let draws = (0..h * w * c).map(|_| -> f32 { StandardNormal.sample(&mut rng) });
            level.extend(draws.map(|eps| eps * temperature));
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

/// The key of the model's configuration in a file's metadata.
const KEY: &str = "glow-latents";

/// Latents as a safetensors file: `level.0`, `level.1`, ..., and the configuration of the model that they belong to.
pub fn save(latents: &[Tensor<4>], config: &GlowConfig) -> Vec<u8> {
    let tensors = latents.iter().enumerate().map(|(level, eps)| {
        let tensor = HostTensor { shape: eps.dims().to_vec(), values: host(eps.clone()) };
        (format!("level.{level}"), tensor.encode(Precision::F32))
    });
    weights::write(tensors.collect(), KEY, config)
}

/// Reads what [`save`] wrote. Errors: a damaged file, or latents of another model.
pub fn load(bytes: &[u8], config: &GlowConfig, device: &Device) -> Result<Vec<Tensor<4>>> {
    if weights::metadata::<GlowConfig>(bytes, KEY)? != *config {
        return Err(Error::Weights("these latents belong to a model of another configuration".into()));
    }
    let file = weights::parse(bytes)?;
    config
        .latent_shapes()
        .into_iter()
        .enumerate()
        .map(|(level, shape)| {
            let name = format!("level.{level}");
            let view = file.tensor(&name).map_err(|_| Error::Weights(format!("'{name}' is missing")))?;
            let tensor = weights::read_tensor(&name, &view)?;
            match tensor.shape[..] {
                [_, h, w, c] if [h, w, c] == shape => {
                    Ok(Tensor::from_data(TensorData::new(tensor.values, tensor.shape), device))
                }
                _ => Err(Error::Weights(format!("'{name}' has shape {:?}, not [_, {shape:?}]", tensor.shape))),
            }
        })
        .collect()
}
