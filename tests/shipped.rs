//! The model that ships.

use burn::tensor::Device;
use glow::picture::{box_scale, sample};
use glow::train::round_trip;
use glow::weights;
use image::imageops::crop_imm;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn path(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn model() -> glow::flow::Glow {
    let bytes = std::fs::read(path("models/faces32.safetensors")).unwrap();
    weights::load(&bytes, &Device::flex()).unwrap().0.fold()
}

#[test]
fn a_thousand_images_come_back_identical() {
    let portraits =
        ["astronaut.png", "chelsea.png"].map(|name| image::open(path("tests/portraits/") + name).unwrap().into_rgb8());
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut below = |n: u32| rng.next_u32() % n;
    let crops: Vec<Vec<u8>> = (0..1000)
        .map(|i| {
            let portrait = &portraits[i % 2];
            let side = 32 + below(portrait.height() - 32);
            let (x, y) = (below(portrait.width() - side + 1), below(portrait.height() - side + 1));
            box_scale(&crop_imm(portrait, x, y, side, side).to_image(), 32).into_raw()
        })
        .collect();
    let batches: Vec<Vec<u8>> = crops.chunks(50).map(<[_]>::concat).collect();
    let result = round_trip(&model(), batches.iter().map(Vec::as_slice), &Device::flex());
    assert_eq!((result.images, result.changed), (1000, 0));
    assert!(result.largest_error <= 1e-4, "{}", result.largest_error);
}

#[test]
fn samples_are_neither_flat_nor_noise() {
    let samples = sample(&model(), 1, 16, &[0.7; 3]);
    for image in samples {
        // Faces: neighbouring pixels are much more alike than distant ones.
        let difference = |dx: u32| {
            let pairs = (0..32).flat_map(|y| (0..16).map(move |x| (x, y)));
            pairs
                .map(|(x, y)| f64::from(image.get_pixel(x, y).0[1].abs_diff(image.get_pixel(x + dx, y).0[1])))
                .sum::<f64>()
        };
        assert!(difference(1) > 100.0 && difference(12) > 1.5 * difference(1), "{} {}", difference(1), difference(12));
    }
}
