//! Which images a step sees, and with what noise: a function of the seed and the step alone.

use burn::tensor::{Device, Tensor};
use glow::config::{CHANNELS, GlowConfig};
use glow::pixels::dequantise;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_distr::uniform::SampleRange;

use super::data::Images;

/// An endless stream of batches: the data in a new order every epoch.
pub struct Batches<'a> {
    images: &'a Images,
    config: &'a GlowConfig,
    batch: usize,
    flip: bool,
    seed: u64,
    /// The epoch whose order is at hand.
    epoch: Option<u64>,
    order: Vec<u32>,
}

impl<'a> Batches<'a> {
    /// Batches of `batch` images.
    pub fn new(images: &'a Images, config: &'a GlowConfig, batch: usize, flip: bool, seed: u64) -> Self {
        Self { images, config, batch, flip, seed, epoch: None, order: Vec::new() }
    }

    /// The batch of a step, dequantised, `[batch, size, size, 3]`.
    pub fn get(&mut self, step: u64, device: &Device) -> Tensor<4> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(2 * step + 1);
        let mut rgb = Vec::with_capacity(self.batch * self.config.dims());
        for i in 0..self.batch as u64 {
            let image = self.images.get(self.index(step * self.batch as u64 + i));
            if self.flip && rng.next_u32() & 1 == 1 {
                for row in image.chunks(self.config.size * CHANNELS) {
                    rgb.extend(row.chunks(CHANNELS).rev().flatten());
                }
            } else {
                rgb.extend_from_slice(image);
            }
        }
        let noise = std::iter::repeat_with(|| unit(&mut rng));
        dequantise(&rgb, noise, self.config, device)
    }

    /// The image at a position of the endless stream.
    fn index(&mut self, position: u64) -> usize {
        let length = self.images.len() as u64;
        let epoch = position / length;
        if self.epoch != Some(epoch) {
            self.order = shuffled(self.images.len(), self.seed, epoch);
            self.epoch = Some(epoch);
        }
        self.order[(position % length) as usize] as usize
    }
}

/// A number in [0, 1) with 24 random bits.
pub fn unit(rng: &mut ChaCha8Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 / (1 << 24) as f32
}

/// The order of an epoch, drawn as Fisher and Yates do.
fn shuffled(length: usize, seed: u64, epoch: u64) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(2 * epoch);
    let mut order: Vec<u32> = (0..length as u32).collect();
    for i in (1..length).rev() {
        order.swap(i, (0..=i).sample_single(&mut rng).expect("a range that is not empty"));
    }
    order
}
