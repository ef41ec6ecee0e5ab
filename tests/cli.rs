//! The program, as a shell uses it.

#![cfg(not(target_family = "wasm"))]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn glow(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glow")).args(args).output().unwrap()
}

fn ok(args: &[&str]) -> String {
    let output = glow(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(args: &[&str], code: i32, message: &str) {
    let output = glow(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
    assert!(stderr.contains(message), "{args:?}: {stderr}");
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn fixture(name: &str) -> String {
    format!("{}/tests/portraits/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_same_seed_draws_the_same_faces() {
    let dir = TempDir::new().unwrap();
    let draw = |name: &str, seed: &str, count: &str| {
        let out = dir.path().join(name);
        ok(&["sample", "--seed", seed, "--count", count, "--columns", "1", "--zoom", "1", "--out", text(&out)]);
        image::open(out).unwrap().into_rgb8()
    };
    let (a, b, c) = (draw("a.png", "3", "2"), draw("b.png", "3", "1"), draw("c.png", "4", "1"));
    assert_eq!((a.dimensions(), b.dimensions()), ((34, 67), (34, 34)));
    assert_eq!(image::imageops::crop_imm(&a, 0, 0, 34, 34).to_image(), b, "whatever the count");
    assert_ne!(b, c);
}

#[test]
fn cool_faces_are_faces_and_hot_ones_differ() {
    let printed = ok(&["temperature", "--count", "8", "--temperature", "0,0.6,5/5/5"]);
    let row = |line: usize| -> Vec<f64> {
        let line = printed.lines().nth(2 + line).unwrap();
        line.split('|').skip(2).take(2).map(|cell| cell.trim().parse().unwrap()).collect()
    };
    let (still, cool, hot) = (row(0), row(1), row(2));
    assert!(still[1] == 0.0 && cool[1] > 10.0 && hot[1] > cool[1], "{printed}");
    assert!(cool[0] >= 0.5 && hot[0] < cool[0], "{printed}");
    fails(&["temperature", "--temperature", "0.7/0.7"], 1, "3 levels");
}

#[test]
fn a_photograph_is_encoded_and_comes_back() {
    let dir = TempDir::new().unwrap();
    let (latents, back) = (dir.path().join("latents.safetensors"), dir.path().join("back.png"));
    let map = dir.path().join("map.png");
    let printed = ok(&["encode", &fixture("astronaut.png"), "--out", text(&latents), "--map", text(&map)]);
    assert!(printed.starts_with("bits/dim ") && printed.contains("identical in 8 bits"), "{printed}");
    let number = |line: &str, at: usize| line.split_whitespace().nth(at).unwrap().parse::<f64>().unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    let levels: f64 = lines[1..4].iter().map(|line| number(line, 2)).sum();
    assert!((levels - number(lines[0], 1)).abs() < 1e-3, "the levels add up: {printed}");
    let map = image::open(map).unwrap().into_luma8();
    assert_eq!(map.dimensions(), (32, 32));
    let mean = map.iter().map(|grey| f64::from(*grey)).sum::<f64>() / 1024.0 / 255.0 * 5.0;
    assert!((mean - number(lines[0], 1)).abs() < 0.05, "{mean}: {printed}");
    ok(&["decode", text(&latents), "--out", text(&back)]);
    let expected = glow::picture::read_image(Path::new(&fixture("astronaut.png")), 32).unwrap();
    assert_eq!(image::open(&back).unwrap().into_rgb8(), expected);

    ok(&["encode", &fixture("astronaut.png"), "--align", "--out", text(&latents)]);
    ok(&["decode", text(&latents), "--out", text(&back)]);
    let expected = glow::align::align(&image::open(fixture("astronaut.png")).unwrap().into_rgb8(), 32).unwrap();
    assert_eq!(image::open(back).unwrap().into_rgb8(), expected);
}

#[test]
fn noise_is_less_probable_than_photographs() {
    let dir = TempDir::new().unwrap();
    let portrait = image::open(fixture("astronaut.png")).unwrap().into_rgb8();
    let noise = image::RgbImage::from_fn(32, 32, |x, y| {
        image::Rgb([0, 1, 2].map(|c| (x.wrapping_mul(2_654_435_761) ^ (y * 3 + c).wrapping_mul(2_246_822_519)) as u8))
    });
    for (image, name) in [(portrait, "portrait"), (noise, "noise")] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
        for i in 0..20 {
            image.save(dir.path().join(name).join(format!("{i:02}.png"))).unwrap();
        }
    }
    let bits = |name: &str| {
        let json = ok(&["eval", "--data", text(&dir.path().join(name)), "--split", "test", "--json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["images"], 1);
        assert!(json["stderr"].is_number());
        json["bits_per_dim"].as_f64().unwrap()
    };
    assert!(bits("noise") > bits("portrait") + 2.0, "{} {}", bits("noise"), bits("portrait"));
}

#[test]
fn the_shipped_model_describes_itself() {
    let path = format!("{}/models/faces32.safetensors", env!("CARGO_MANIFEST_DIR"));
    let json: serde_json::Value = serde_json::from_str(&ok(&["inspect", &path])).unwrap();
    assert_eq!(json["config"]["size"], 32);
    assert!(json["parameters"].as_u64().unwrap() >= 1_500_000);
    assert!(json["facts"]["validation_bits_per_dim"].as_f64().unwrap() <= 1.95);
    assert!(json["facts"]["data"].as_str().unwrap().contains("non-commercial"));
}

#[test]
fn mistakes_are_answered_with_a_sentence() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("x.png");
    fails(&[], 2, "Usage");
    fails(&["sample"], 2, "--out");
    fails(&["sample", "--count", "0", "--out", text(&out)], 2, "--count");
    fails(&["sample", "--temperature", "1,2", "--out", text(&out)], 1, "3 levels");
    fails(&["sample", "--model", "nowhere", "--out", text(&out)], 1, "nowhere");
    fails(&["sample", "--out", "/nowhere/x.png"], 1, "/nowhere/x.png");
    fails(&["sample", "--device", "cuda", "--out", text(&out)], 2, "flex");
    fails(&["encode", &fixture("README.md"), "--out", text(&out)], 1, "README.md");
    fails(&["encode", &fixture("chelsea.png"), "--align", "--out", text(&out)], 1, "no face was found");
    fails(&["inspect", &fixture("chelsea.png")], 1, "another kind");
    fails(&["decode", &fixture("chelsea.png"), "--out", text(&out)], 1, "another kind");
    fails(&["eval", "--data", text(dir.path())], 1, "no Test image");
    let commands = "sample encode decode eval train pack compare export export-onnx attributes inspect";
    for command in commands.split(' ') {
        assert!(ok(&[command, "--help"]).contains("Usage"), "{command}");
    }
}

#[test]
fn a_killed_run_goes_on() {
    let dir = TempDir::new().unwrap();
    let (data, out, recipe) = (dir.path().join("data"), dir.path().join("out"), dir.path().join("recipe.toml"));
    std::fs::create_dir(&data).unwrap();
    for i in 0..40 {
        image::RgbImage::from_pixel(8, 8, image::Rgb([i * 6, 100, 200 - i]))
            .save(data.join(format!("{i}.png")))
            .unwrap();
    }
    let write_recipe = |images: u32| {
        let toml = format!(
            "[model]\nsize = 8\nlevels = 2\nsteps = 2\nwidth = 16\nbits = 5\ncoupling = \"affine\"\n\
             permutation = \"conv1x1\"\n[train]\nbatch = 8\nimages = {images}\n"
        );
        std::fs::write(&recipe, toml).unwrap();
    };
    let args = ["train", "--data", text(&data), "--config", text(&recipe), "--out", text(&out)];
    let args = [&args[..], &["--device", "flex", "--checkpoint-seconds", "0"]].concat();
    // More than it can do before it is killed.
    write_recipe(100_000_000);
    let mut run = Command::new(env!("CARGO_BIN_EXE_glow")).args(&args).spawn().unwrap();
    while !out.join("model.safetensors").exists() {
        assert!(run.try_wait().unwrap().is_none(), "it runs until it is killed");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    fails(&args, 1, "--resume");
    write_recipe(100_000);
    let images_seen = |path: &Path| {
        let json: serde_json::Value = serde_json::from_str(&ok(&["inspect", text(path)])).unwrap();
        json["facts"]["images_seen"].as_u64().unwrap()
    };
    let before = images_seen(&out.join("model.safetensors"));
    write_recipe(before as u32 + 800);
    ok(&[&args[..], &["--resume"]].concat());
    assert_eq!(images_seen(&out.join("model.safetensors")), before + 800);
    let (plot, named) = (dir.path().join("curves.svg"), format!("mine={}", text(&out)));
    let table = ok(&["compare", text(&out), &named, "--out", text(&plot)]);
    assert!(table.lines().count() == 4 && table.contains("| minutes |") && table.contains("\n| mine | "), "{table}");
    let svg = std::fs::read_to_string(&plot).unwrap();
    assert!(svg.contains("minutes") && svg.contains("mine"));
    assert!(!ok(&["compare", &named, "--no-time", "--out", text(&plot)]).contains("minutes"));
}
