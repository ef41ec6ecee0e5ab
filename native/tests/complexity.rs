//! The length of a plain lossless code.

mod common;

use common::config;
use glow::complexity::complexity;
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

#[test]
fn flat_images_are_simple_and_noise_is_not() {
    let config = GlowConfig { size: 32, ..config(CouplingKind::Additive, PermutationKind::Conv1x1) };
    let image = |value: &mut dyn FnMut(usize, usize) -> u8| -> Vec<u8> {
        (0..config.dims()).map(|i| value(i / 3 % 32, i % 3)).collect()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let flat = complexity(&image(&mut |_, c| [200, 30, 90][c]), &config);
    let ramp = complexity(&image(&mut |x, _| x as u8 * 8), &config);
    let noise = complexity(&image(&mut |_, _| rng.next_u32() as u8), &config);
    assert!(flat < 0.5 && ramp < 1.0, "{flat} {ramp}");
    // No code is shorter than the noise's own five bits.
    assert!((5.0..7.0).contains(&noise), "{noise}");
}
