//! Directions of attributes: found where they are, kept in a file.

#![cfg(not(target_family = "wasm"))]

mod common;

use std::fs;

use burn::tensor::Device;
use common::normal;
use glow::attributes::{Direction, edit, load, save};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::train::attributes::{Method, decode, find, measure};
use image::{Rgb, RgbImage};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tempfile::TempDir;

fn config() -> GlowConfig {
    GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 16.into(),
        bits: 5,
        coupling: CouplingKind::Additive,
        permutation: PermutationKind::Conv1x1,
    }
}

/// Noise; what is bright has the first attribute. Nine of ten bright ones are red and male, one of ten dark ones.
fn pictures() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("images")).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut labels, mut parts) = ("240\nSmiling Male Young\n".to_owned(), String::new());
    for i in 0..240 {
        let bright = i % 2 == 0;
        let male = (i / 2 % 10 == 0) != bright;
        let mut noise = || (rng.next_u32() % 40) as u8;
        let image = RgbImage::from_fn(8, 8, |_, _| {
            let base = if bright { 150 } else { 60 };
            Rgb([base + noise() + if male { 50 } else { 0 }, base + noise(), base + noise()])
        });
        image.save(dir.path().join(format!("images/{i}.png"))).unwrap();
        let label = |is| if is { 1 } else { -1 };
        labels += &format!("{i}.png {} {} {}\n", label(bright), label(male), label(i % 4 < 2));
        parts += &format!("{i}.png {}\n", if i < 200 { 0 } else { 2 });
    }
    fs::write(dir.path().join("list_attr.txt"), labels).unwrap();
    fs::write(dir.path().join("list_eval_partition.txt"), parts).unwrap();
    dir
}

#[test]
fn a_direction_changes_its_attribute_and_no_other() {
    let (dir, device) = (pictures(), Device::flex());
    let first = normal([32, 8, 8, 3], 0.3, 1, &device);
    let model = Glow::new(&config(), 1, &device).unwrap().initialise(first).fold();
    let names = ["Smiling", "Male"].map(str::to_owned);
    let by = |method| {
        let found = find(&model, dir.path(), &names, method, &device).unwrap();
        let measured = measure(&model, dir.path(), &found, &device).unwrap();
        // From grey, so little that no value ends at white.
        let some = edit(&[0.0; 192], &[found[0].direction.clone()], &[0.2]);
        let rgb = decode(&model, &some, &device);
        let mean = |channel: usize| rgb.chunks(3).map(|pixel| f64::from(pixel[channel])).sum::<f64>() / 64.0;
        (measured, mean(0) - mean(1), mean(1))
    };
    let (means, redder, _) = by(Method::Means);
    let (balanced, balanced_redder, bright) = by(Method::Balanced);
    for smiling in [&means[0], &balanced[0]] {
        assert!(smiling.accuracy > 0.95 && smiling.without == 20, "{} {}", smiling.accuracy, smiling.without);
        assert!(smiling.flipped > 0.95, "{}", smiling.flipped);
    }
    assert!(bright > 140.0, "grey without it is 128: {bright}");
    assert!(redder > 5.0 && balanced_redder.abs() < 0.5 * redder, "{redder} {balanced_redder}");
    assert!(balanced[0].male <= means[0].male);
    let unknown = find(&model, dir.path(), &["Wings".to_owned()], Method::Means, &device);
    assert!(unknown.err().unwrap().to_string().contains("Smiling, Male, Young"));
}

#[test]
fn edits_add_up_and_none_changes_nothing() {
    let direction = |value| Direction { name: String::new(), values: vec![value; 3] };
    let directions = [direction(1.0), direction(10.0)];
    let z = [0.1, -0.2, 0.3];
    assert_eq!(edit(&z, &directions, &[0.0, 0.0]), z);
    assert_eq!(edit(&z, &directions, &[1.0, -0.5]), z.map(|z| z + 1.0 - 5.0));
}

#[test]
fn directions_come_back_from_their_file() {
    let direction = |name: &str, value| Direction { name: name.to_owned(), values: vec![value; 192] };
    let directions = vec![direction("Young", 0.5), direction("Male", -2.0)];
    let bytes = save(directions.clone(), &config());
    assert_eq!(load(&bytes, &config()).unwrap(), directions);
    let other = GlowConfig { width: 8.into(), ..config() };
    assert!(load(&bytes, &other).unwrap_err().to_string().contains("another configuration"));
    assert!(load(&bytes[..50], &config()).is_err());
}
