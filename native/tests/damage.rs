//! Damaged files of every kind are read or refused, without a panic.

mod common;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use burn::tensor::Device;
use common::config;
use glow::attributes::{self, Direction};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::tensor_file::Precision;
use glow::weights::Facts;
use glow::{latents, weights};
use glow_native::picture;
use glow_native::train::attributes::{Method, find};
use glow_native::train::{Part, data::Images};
use glow_native::train::{Recipe, metrics, pack};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};
use moxcms::ColorProfile;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tempfile::TempDir;

/// What reads a file.
type Read = fn(&Path);

fn small() -> GlowConfig {
    config(CouplingKind::Affine, PermutationKind::Conv1x1)
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// A good file of every kind: its name, what it holds, and its reader, which may refuse it.
static GOOD: LazyLock<Vec<(&str, Vec<u8>, Read)>> = LazyLock::new(|| {
    let (dir, device) = (TempDir::new().unwrap(), Device::flex());
    let picture = RgbImage::from_fn(24, 16, |x, y| Rgb([(x * 9) as u8, (y * 15) as u8, 90]));
    for i in 0..20 {
        picture.save(dir.path().join(format!("{i:02}.png"))).unwrap();
    }
    let packed = dir.path().join("packed");
    pack(dir.path(), 8, 5, 1_000_000, &packed).unwrap();
    let model = Glow::new(&small(), 1, &device).unwrap();
    let drawn = latents::draw(&small(), None, 1, 0, 1, &[0.7; 2], &device);
    let direction = Direction { name: "Smiling".into(), values: vec![0.5; small().dims()] };
    let recipe = "[model]\nsize = 8\nlevels = 2\nsteps = [2, 3]\nwidth = 16\nbits = 5\ncoupling = \"affine\"\n\
                  permutation = \"conv1x1\"\n[train]\nbatch = 8\nimages = 100\n";
    let log = "{\"step\":1,\"images\":8,\"seconds\":1.0,\"train\":null,\"validation\":2.5,\"round_trip\":0.0,\
               \"gradient\":1.0,\"rate\":0.1,\"skipped\":0}\n";
    let open: Read = |path| drop(picture::open(path));
    let celeba: Read = |path| drop(Images::read(path.parent().unwrap(), Part::Train, 8));
    let labels: Read = |path| {
        let (model, names) = (Glow::new(&small(), 1, &Device::flex()).unwrap().frozen(), ["Smiling".to_owned()]);
        drop(find(&model, path.parent().unwrap(), &names, Method::Balanced, &Device::flex()));
    };
    let mut profiled = Vec::new();
    let mut encoder = PngEncoder::new(&mut profiled);
    encoder.set_icc_profile(ColorProfile::new_display_p3().encode().unwrap()).unwrap();
    encoder.write_image(picture.as_raw(), 24, 16, ExtendedColorType::Rgb8).unwrap();
    let mut good: Vec<(&str, Vec<u8>, Read)> = vec![
        ("model", weights::save(&model, Facts::default(), Precision::F16), |path| {
            drop(weights::load(&bytes(path), &Device::flex()));
        }),
        ("latents", latents::save(&drawn, &[3; 192], &small()), |path| {
            drop(latents::load(&bytes(path), &small(), &Device::flex()));
        }),
        ("attributes", attributes::save(vec![direction], &small()), |path| {
            drop(attributes::load(&bytes(path), &small()));
        }),
        ("recipe.toml", recipe.into(), |path| drop(Recipe::read(path))),
        ("metrics.jsonl", log.repeat(3).into(), |path| drop(metrics::read(path))),
        ("list_eval_partition.txt", b"1.png 0\n2.png 1\n3.png 2\n".to_vec(), celeba),
        ("list_attr_celeba.txt", b"2\nMale Smiling Young\n1.png 1 -1 1\n2.png -1 1 1\n".to_vec(), labels),
        ("0.pack", bytes(&packed.join("0.pack")), celeba),
        ("profile", profiled, open),
    ];
    use ImageFormat::*;
    for (name, format) in [("png", Png), ("jpeg", Jpeg), ("webp", WebP), ("gif", Gif), ("bmp", Bmp), ("tiff", Tiff)] {
        let mut file = Cursor::new(Vec::new());
        image::DynamicImage::from(picture.clone()).write_to(&mut file, format).unwrap();
        good.push((name, file.into_inner(), open));
    }
    good
});

/// Changes a byte, leaves some out, doubles some, or cuts off the rest.
fn damage(bytes: &mut Vec<u8>, (at, value, way): (Index, u8, usize)) {
    if bytes.is_empty() {
        return;
    }
    let at = at.index(bytes.len());
    let some = at..(at + 1 + usize::from(value) / 16).min(bytes.len());
    match way {
        0 => drop(bytes.drain(some)),
        1 => drop(bytes.splice(at..at, bytes[some].to_vec())),
        2 => bytes.truncate(at),
        _ => bytes[at] = value,
    }
}

/// A weights file whose checksum is right again, so that what was changed behind it is seen.
fn with_its_checksum(file: &[u8]) -> Option<Vec<u8>> {
    let length = u64::from_le_bytes(file.get(..8)?.try_into().unwrap()) as usize;
    let (header, rest) = file[8..].split_at_checked(length)?;
    let mut header: Value = serde_json::from_slice(header).ok()?;
    let of_model = header.get_mut("__metadata__")?.get_mut("glow")?;
    let mut facts: Value = serde_json::from_str(of_model.as_str()?).ok()?;
    *facts.get_mut("crc32")? = crc32fast::hash(rest).into();
    *of_model = facts.to_string().into();
    let header = header.to_string();
    Some([&(header.len() as u64).to_le_bytes(), header.as_bytes(), rest].concat())
}

// More with PROPTEST_CASES=100000.
proptest! {
    #[test]
    fn damaged_files_are_read_or_refused(damages in vec((any::<Index>(), any::<u8>(), 0..12_usize), 1..6)) {
        for (name, good, read) in GOOD.iter() {
            let mut file = good.clone();
            damages.iter().for_each(|each| damage(&mut file, *each));
            let (dir, again) = (TempDir::new().unwrap(), with_its_checksum(&file));
            let path = dir.path().join(name);
            for file in [Some(file), again].into_iter().flatten() {
                fs::write(&path, file).unwrap();
                read(&path);
            }
        }
    }
}

/// What the program is asked to do with a file.
fn command(name: &str, path: &str, model: &str, data: &str, out: &str) -> Vec<String> {
    let args = match name {
        "model" => vec!["sample", "--count", "1", "--model", path, "--out", "/dev/null"],
        "latents" => vec!["decode", path, "--model", model, "--out", out],
        "recipe.toml" => vec!["train", "--config", path, "--data", data, "--device", "flex", "--out", out],
        "metrics.jsonl" => vec!["compare", path, "--out", out],
        "list_eval_partition.txt" | "0.pack" => vec!["eval", "--data", data, "--split", "train", "--model", model],
        "list_attr_celeba.txt" => {
            vec!["attributes", "--data", data, "--names", "Smiling", "--model", model, "--out", out]
        }
        _ => vec!["encode", path, "--model", model],
    };
    args.into_iter().map(str::to_owned).collect()
}

/// The program's exit code is 0 or 1, and it does not panic.
#[test]
fn the_program_answers_damaged_files() {
    let good = |name: &str| GOOD.iter().find(|(of, ..)| *of == name).unwrap().1.clone();
    for (kind, (name, file, _)) in GOOD.iter().enumerate().filter(|(_, (name, ..))| *name != "attributes") {
        for variant in 0..6_usize {
            let dir = TempDir::new().unwrap();
            let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
            let mut bytes = file.clone();
            let places = bytes.len();
            match variant {
                0 => bytes.clear(),
                1 => bytes.truncate(places / 2),
                2 => bytes[places / 3] ^= 0x55,
                3 => drop(bytes.drain(places / 4..places / 4 + 3)),
                4 => bytes.extend_from_within(..),
                _ => bytes.rotate_left(places / 5),
            }
            fs::create_dir(at("data")).unwrap();
            fs::write(at("model.safetensors"), good("model")).unwrap();
            let path =
                if name.starts_with("list") || *name == "0.pack" { format!("data/{name}") } else { format!("x{kind}") };
            fs::write(at(&path), &bytes).unwrap();
            let args = command(name, &at(&path), &at("model.safetensors"), &at("data"), &at("out"));
            let run = Command::new(env!("CARGO_BIN_EXE_glow")).args(&args).output().unwrap();
            let stderr = String::from_utf8_lossy(&run.stderr);
            assert!(matches!(run.status.code(), Some(0 | 1)), "{args:?}, {variant}: {:?}, {stderr}", run.status);
            assert!(!stderr.contains("panicked") && (run.status.success() || stderr.len() > 10), "{args:?}: {stderr}");
        }
    }
}
