//! Whitened latents: seeded draws, a temperature a level.

use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

use crate::config::GlowConfig;

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
        .map(|(level, [h, w, c])| {
            Tensor::from_data(TensorData::new(level, [count, h, w, c]), device)
        })
        .collect()
}
