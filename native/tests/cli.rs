//! The program, as a shell uses it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use glow_native::picture::box_scale;
use tempfile::TempDir;

fn glow(args: &[&str]) -> Output {
    // Mesa's layer, which picks a GPU for a desktop, complains to standard error where there is none.
    Command::new(env!("CARGO_BIN_EXE_glow")).args(args).env("NODEVICE_SELECT", "1").output().unwrap()
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
    format!("{}/tests/portraits/{name}", concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
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
    let expected = glow_native::picture::read_image(Path::new(&fixture("astronaut.png")), 32).unwrap();
    assert_eq!(image::open(&back).unwrap().into_rgb8(), expected);

    ok(&["encode", &fixture("astronaut.png"), "--align", "--out", text(&latents)]);
    ok(&["decode", text(&latents), "--out", text(&back)]);
    let expected = glow_native::align::align(&image::open(fixture("astronaut.png")).unwrap().into_rgb8(), 32).unwrap();
    assert_eq!(image::open(back).unwrap().into_rgb8(), expected);
}

#[test]
fn grain_is_taken_out() {
    let dir = TempDir::new().unwrap();
    let [drawn, cleaned, alone] = ["drawn.png", "cleaned.png", "alone.png"].map(|name| dir.path().join(name));
    let sample = ["sample", "--count", "1", "--zoom", "1", "--out"];
    ok(&[sample.as_slice(), &[text(&drawn)]].concat());
    ok(&[sample.as_slice(), &[text(&cleaned), "--clean"]].concat());
    // The sheet has a margin of a pixel.
    let face = |path: &Path| image::open(path).unwrap().into_rgb8();
    let inner = |path: &Path| image::imageops::crop_imm(&face(path), 1, 1, 32, 32).to_image();
    inner(&drawn).save(&drawn).unwrap();
    ok(&["clean", text(&drawn), "--out", text(&alone)]);
    assert_eq!(face(&alone), inner(&cleaned));
    assert_ne!(face(&alone), face(&drawn));
}

#[test]
fn noise_comes_back_by_its_correction() {
    let dir = TempDir::new().unwrap();
    let [picture, latents, back] = ["noise.png", "latents.safetensors", "back.png"].map(|name| dir.path().join(name));
    let mut value = 1_u32;
    let noise = image::RgbImage::from_fn(32, 32, |_, _| {
        image::Rgb([(); 3].map(|()| {
            value = value.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (value >> 24) as u8
        }))
    });
    noise.save(&picture).unwrap();
    let model = ["--model", "../models/cifar10.safetensors"];
    let encode = ["encode", text(&picture), "--out", text(&latents)];
    let printed = ok(&[encode.as_slice(), &model].concat());
    assert!(printed.contains("identical in 8 bits with a correction of "), "{printed}");
    let decode = ["decode", text(&latents), "--out", text(&back)];
    ok(&[decode.as_slice(), &model].concat());
    assert_eq!(image::open(&back).unwrap().into_rgb8(), noise);
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
    let path = format!("{}/models/faces32.safetensors", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
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
    fails(&["sample", "--out", ""], 1, "--out: a file needs a name");
    fails(&["encode", &fixture("chelsea.png"), "--out", ""], 1, "a file needs a name");
    fails(&["sample", "--count", "0", "--out", text(&out)], 2, "--count");
    fails(&["sample", "--temperature", "1,2", "--out", text(&out)], 1, "3 levels");
    fails(&["sample", "--model", "nowhere", "--out", text(&out)], 1, "nowhere");
    for extension in ["gif", "safetensors"] {
        fails(&["sample", "--out", &format!("{}.{extension}", text(&out))], 1, ".png, .jpg or .webp");
    }
    fails(&["sample", "--count", "4096", "--zoom", "32", "--out", text(&out)], 1, "take fewer images or less zoom");
    // Room for the model and its faces, but not for so large a sheet of them.
    let shell = "ulimit -v 800000; exec \"$@\"";
    let sheet = ["sample", "--count", "300", "--zoom", "32", "--out", text(&out)];
    let mut limited = Command::new("sh");
    limited.args(["-c", shell, "sh", env!("CARGO_BIN_EXE_glow")]).args(sheet).env("RAYON_NUM_THREADS", "1");
    let run = limited.output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.code() == Some(1) && stderr.contains("take fewer images or less zoom"), "{stderr}");
    fails(&["sample", "--device", "cuda", "--out", text(&out)], 2, "flex");
    fails(&["encode", &fixture("README.md"), "--out", text(&out)], 1, "README.md");
    fails(&["encode", &fixture("chelsea.png"), "--align", "--out", text(&out)], 1, "no face was found");
    fails(&["inspect", &fixture("chelsea.png")], 1, "another kind");
    fails(&["decode", &fixture("chelsea.png"), "--out", text(&out)], 1, "another kind");
    fails(&["eval", "--data", text(dir.path())], 1, "no Test image");
    let recipe = dir.path().join("recipe.toml");
    std::fs::write(
        &recipe,
        "[model]\nsize = 8\nlevels = 2\nsteps = 2\nwidth = 16\nbits = 5\ncoupling = \"affine\"\n\
                             permutation = \"conv1x1\"\n[train]\nimages = 0\n",
    )
    .unwrap();
    let train = ["train", "--data", text(dir.path()), "--config", text(&recipe), "--out", text(&out)];
    fails(&train, 1, "images, learning_rate");
    for minutes in ["0", "-1", "nan", "inf"] {
        fails(&[&train[..], &[&format!("--minutes={minutes}")]].concat(), 2, "--minutes");
    }
}

/// Every command, with the option that its help is to tell of.
#[test]
fn every_command_explains_itself() {
    let listed = ok(&["--help"]);
    let lines = listed.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // The rest of a long line lies below its beginning.
    let lines = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let commands: Vec<&str> =
        lines.map(|line| line.split(' ').next().unwrap()).filter(|name| *name != "help").collect();
    for (command, option) in [
        ("sample", "--temperature"),
        ("temperature", "--count"),
        ("clean", "--align"),
        ("repair", "--mask"),
        ("enlarge", "--times"),
        ("encode", "--align"),
        ("decode", "<LATENTS>"),
        ("eval", "--split"),
        ("train", "--resume"),
        ("compare", "<RUNS>"),
        ("export", "--data"),
        ("export-onnx", "--direction"),
        ("attributes", "--method"),
        ("accept", "--share"),
        ("pack", "--bits"),
        ("inspect", "<FILE>"),
    ] {
        assert!(commands.contains(&command) && ok(&[command, "--help"]).contains(option), "{command} {commands:?}");
    }
    assert_eq!(commands.len(), 16, "{commands:?}");
}

#[test]
fn results_are_checked_before_the_work() {
    // No model, data or latents are there: what is said first is that the result cannot be written.
    let data = ["--model", "nowhere", "--data", "nowhere", "--out", "/nowhere/x"];
    for command in ["export", "attributes"] {
        fails(&[&[command], &data[..]].concat(), 1, "/nowhere/x");
    }
    let recipe = format!("{}/models/experiments/faces32.toml", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let (model, portrait) = (["--model", "nowhere"], fixture("astronaut.png"));
    let dir = TempDir::new().unwrap();
    let fine = dir.path().join("fine");
    for args in [
        &["sample", "--out", "/nowhere/x.png"][..],
        &["decode", "nowhere", "--out", "/nowhere/x.png"],
        &["encode", &portrait, "--out", "/nowhere/x"],
        &["encode", &portrait, "--map", "/nowhere/x.png"],
        &["export-onnx", "--direction", "inverse", "--out", "/nowhere/x"],
        &["clean", &portrait, "--out", "/nowhere/x.png"],
        &["repair", &portrait, "--mask", &portrait, "--out", "/nowhere/x.png"],
        &["enlarge", &portrait, "--out", "/nowhere/x.png"],
        &["attributes", "--data", "nowhere", "--out", text(&fine), "--sheet", "/nowhere/x.png"],
    ] {
        fails(&[args, &model].concat(), 1, "/nowhere/x");
    }
    fails(&["compare", "nowhere", "--out", "/nowhere/x.svg"], 1, "/nowhere/x");
    let file = fixture("astronaut.png/x");
    fails(&["train", "--data", "nowhere", "--config", &recipe, "--out", &file], 1, &file);
    fails(&["pack", "--data", "nowhere", "--size", "8", "--out", &file], 1, &file);
}

#[test]
fn a_result_goes_to_standard_output_and_lines_beside_it() {
    let dir = TempDir::new().unwrap();
    let [out, latents, log, faces] = ["x", "latents", "log", "faces"].map(|name| dir.path().join(name));
    let portrait = fixture("astronaut.png");
    ok(&["encode", &portrait, "--out", text(&latents)]);
    std::fs::write(&log, log_line("2.5")).unwrap();
    celeba(&faces);
    let attributes = ["attributes", "--data", text(&faces), "--names", "Smiling", "--method", "means"];
    let with_sheet = [&attributes[..], &["--out", "/dev/null"]].concat();
    for (args, result, lines) in [
        (&["sample", "--count", "2"][..], "--out", ""),
        (&["encode", &portrait], "--out", "bits/dim "),
        (&["encode", &portrait], "--map", "bits/dim "),
        (&["export-onnx", "--direction", "forward"], "--out", ""),
        (&["decode", text(&latents)], "--out", ""),
        (&["clean", &portrait], "--out", ""),
        (&["compare", text(&log)], "--out", "| run |"),
        (&["export", "--data", text(&faces)], "--out", ""),
        (&attributes, "--out", "   "),
        (&with_sheet, "--sheet", "   "),
    ] {
        let printed = glow(&[args, &[result, "-"]].concat());
        ok(&[args, &[result, text(&out)]].concat());
        let beside = String::from_utf8(printed.stderr).unwrap();
        assert!(printed.status.success() && printed.stdout == std::fs::read(&out).unwrap(), "{args:?}: {beside}");
        assert!(beside.starts_with(lines) && beside.is_empty() == lines.is_empty(), "{args:?}: {beside}");
    }
    assert!(ok(&["encode", &fixture("astronaut.png")]).starts_with("bits/dim "), "without a result");
    for (name, magic) in [("x.jpg", &b"\xff\xd8\xff"[..]), ("x.png", b"\x89PNG"), ("x.webp", b"RIFF")] {
        let out = dir.path().join(name);
        ok(&["sample", "--count", "1", "--out", text(&out)]);
        assert!(std::fs::read(out).unwrap().starts_with(magic), "{name}");
    }
}

#[test]
fn a_result_is_on_the_disk_before_the_program_ends() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("x.png");
    // It names files as -y has it.
    let trace = ["-f", "-y", "-e", "trace=fsync,fdatasync", env!("CARGO_BIN_EXE_glow")];
    let run = Command::new("strace").args(trace).args(["sample", "--count", "1", "--out", text(&out)]).output();
    let Some(run) = run.ok().filter(|run| run.status.success()) else {
        return eprintln!("strace does not run here: not tested");
    };
    let calls = String::from_utf8_lossy(&run.stderr);
    let (file, folder) = (format!("<{}/", text(dir.path())), format!("<{}>", text(dir.path())));
    let synced: Vec<&str> = calls.lines().filter(|line| line.contains("sync(")).collect();
    assert!(
        synced.iter().any(|line| line.contains(&file)) && synced.iter().any(|line| line.contains(&folder)),
        "{calls}"
    );
}

/// Runs the program with nobody who reads what it prints.
fn unread(args: &[&str]) -> Option<i32> {
    let (stdout, stderr) = (Stdio::piped(), Stdio::piped());
    let mut run = Command::new(env!("CARGO_BIN_EXE_glow")).args(args).stdout(stdout).stderr(stderr).spawn().unwrap();
    drop((run.stdout.take(), run.stderr.take()));
    run.wait().unwrap().code()
}

#[test]
fn a_model_learns_which_draws_to_take() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (grades, model) = (at("grades.csv"), at("model.safetensors"));
    let lines = |count: u32| (0..count).map(|i| format!("7,{i},{}", i % 4)).collect::<Vec<_>>().join("\n");
    std::fs::write(&grades, lines(150)).unwrap();
    let accept = ["accept", "--grades", text(&grades), "--steps", "2", "2", "--out", text(&model)];
    assert!(ok(&[&accept[..], &["--share", "0.3"]].concat()).starts_with("grades known by shapes: "));

    let draw = |name: &str, more: &[&str]| {
        let out = at(name);
        ok(&[&["sample", "--count", "6", "--out", text(&out)], more].concat());
        std::fs::read(out).unwrap()
    };
    let all = draw("all.png", &[]);
    assert_ne!(draw("some.png", &["--model", text(&model)]), all);
    assert_eq!(draw("every.png", &["--model", text(&model), "--every"]), all);
    assert!(ok(&["inspect", text(&model)]).contains("\"takes_every_draw\": false"));

    fails(&[&accept[..], &["--share", "0"]].concat(), 1, "--share");
    std::fs::write(&grades, lines(20)).unwrap();
    fails(&accept, 1, "too few");
    std::fs::write(&grades, "7,1\n").unwrap();
    fails(&accept, 1, "'7,1'");
}

#[test]
fn it_prints_to_nobody() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("x");
    assert_eq!(unread(&["encode", &fixture("astronaut.png"), "--out", text(&out)]), Some(0));
    assert!(out.exists());
    let model = format!("{}/models/faces32.safetensors", concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    assert_eq!(unread(&["inspect", &model]), Some(0));
    assert_eq!(unread(&["sample", "--count", "1", "--out", "-"]), Some(0));
    assert_eq!(unread(&["inspect", "nowhere"]), Some(1));
    // These print first, and write then.
    let [log, plot, faces, directions] = ["log", "x.svg", "faces", "directions"].map(|name| dir.path().join(name));
    std::fs::write(&log, log_line("2.5")).unwrap();
    assert_eq!(unread(&["compare", text(&log), "--out", text(&plot)]), Some(0));
    celeba(&faces);
    let attributes = ["attributes", "--data", text(&faces), "--names", "Smiling", "--method", "means", "--out"];
    assert_eq!(unread(&[&attributes[..], &[text(&directions)]].concat()), Some(0));
    assert!(plot.exists() && directions.exists());
    // But a disk that is full is not somebody who has read enough.
    let full = Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let run = Command::new(env!("CARGO_BIN_EXE_glow")).args(["inspect", &model]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("standard output"));
}

/// A line of a run's log.
fn log_line(validation: &str) -> String {
    format!(
        "{{\"step\":1,\"images\":8,\"seconds\":1.0,\"train\":null,\"validation\":{validation},\
         \"round_trip\":0.0,\"gradient\":1.0,\"rate\":0.1,\"skipped\":0}}\n"
    )
}

/// Two dozen pictures with CelebA's lists.
fn celeba(dir: &Path) {
    std::fs::create_dir(dir).unwrap();
    let (mut labels, mut parts) = ("24\nSmiling Male Young\n".to_owned(), String::new());
    for i in 0..24 {
        image::RgbImage::from_pixel(32, 32, image::Rgb([i * 10, 100, 200 - i]))
            .save(dir.join(format!("{i}.png")))
            .unwrap();
        labels += &format!("{i}.png {} {} 1\n", i32::from(i % 2) * 2 - 1, i32::from(i / 2 % 2) * 2 - 1);
        parts += &format!("{i}.png {}\n", i / 10);
    }
    std::fs::write(dir.join("list_attr.txt"), labels).unwrap();
    std::fs::write(dir.join("list_eval_partition.txt"), parts).unwrap();
}

#[test]
fn a_log_without_measurements_is_not_drawn() {
    let dir = TempDir::new().unwrap();
    let (log, out) = (dir.path().join("lr=0.1"), dir.path().join("x.svg"));
    let line = log_line;
    for (content, reason) in [
        (String::new(), "no measurement yet"),
        (line("1.0")[..20].to_owned(), "no measurement yet"),
        (line("1.0") + &line("null"), "line 2"),
        (line("1e999"), "line 1"),
    ] {
        std::fs::write(&log, content).unwrap();
        fails(&["compare", text(&log), "--out", text(&out)], 1, reason);
        assert!(!out.exists());
    }
    // What exists is a path, also with an = in it; and numbers that differ by less than they round to can be drawn.
    for validation in ["2.5", "1e300", "1e20"] {
        std::fs::write(&log, line(validation)).unwrap();
        let table = ok(&["compare", text(&log), "--out", text(&out)]);
        assert!(table.contains(&format!("| {} |", log.display())), "{table}");
    }
}

/// Forty pictures.
fn pictures(data: &Path) {
    std::fs::create_dir(data).unwrap();
    for i in 0..40 {
        image::RgbImage::from_pixel(8, 8, image::Rgb([i * 6, 100, 200 - i]))
            .save(data.join(format!("{i}.png")))
            .unwrap();
    }
}

fn write_recipe(recipe: &Path, images: u32) {
    let toml = format!(
        "[model]\nsize = 8\nlevels = 2\nsteps = 2\nwidth = 16\nbits = 5\ncoupling = \"affine\"\n\
         permutation = \"conv1x1\"\n[train]\nbatch = 8\nimages = {images}\n"
    );
    std::fs::write(recipe, toml).unwrap();
}

#[test]
fn a_run_says_first_what_it_multiplies_in_and_does_not_depend_on_its_threads() {
    let dir = TempDir::new().unwrap();
    let (data, recipe) = (dir.path().join("data"), dir.path().join("recipe.toml"));
    pictures(&data);
    write_recipe(&recipe, 160);
    let run = |precision: &str, threads: &str| {
        let out = dir.path().join(format!("{precision}{threads}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_glow"));
        command.args(["train", "--data", text(&data), "--config", text(&recipe), "--out", text(&out)]);
        command.args(["--device", "flex", "--precision", precision, "--shards", "3"]);
        let done = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.success(), "{said}");
        let weights = std::fs::read(out.join("model.safetensors")).unwrap();
        // Behind the header, which tells how long it took.
        let values = weights[8 + u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize..].to_vec();
        (said.lines().next().unwrap().to_owned(), values)
    };
    let (line, exact) = run("f32", "1");
    assert_eq!(line, "the coupling networks multiply in f32");
    let (line, fast) = run("fastest", "1");
    assert!(line.starts_with("the coupling networks multiply in "), "{line}");
    assert_eq!(fast == exact, line.ends_with("in f32"), "{line}");
    assert_eq!((run("f32", "3").1, run("fastest", "2").1), (exact, fast));
}

#[test]
fn an_interrupted_run_writes_its_state() {
    let dir = TempDir::new().unwrap();
    let (data, out, recipe) = (dir.path().join("data"), dir.path().join("out"), dir.path().join("recipe.toml"));
    pictures(&data);
    write_recipe(&recipe, 100_000_000);
    for (signal, resume) in [("INT", false), ("TERM", true)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glow"));
        command.args(["train", "--data", text(&data), "--config", text(&recipe), "--out", text(&out)]);
        command.args(["--device", "flex", "--checkpoint-seconds", "1000000"]).args(resume.then_some("--resume"));
        let mut run = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
        // Some steps later.
        lines.find(|line| line.contains("on validation")).unwrap();
        Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(1));
        assert!(lines.any(|line| line.contains("--resume")));
        let json: serde_json::Value =
            serde_json::from_str(&ok(&["inspect", text(&out.join("model.safetensors"))])).unwrap();
        assert!(json["facts"]["images_seen"].as_u64().unwrap() >= if resume { 12_800 } else { 6400 });
    }
}

#[test]
fn a_disk_that_is_full_leaves_the_last_good_checkpoint() {
    let dir = TempDir::new().unwrap();
    let (data, out, recipe) = (dir.path().join("data"), dir.path().join("out"), dir.path().join("recipe.toml"));
    pictures(&data);
    write_recipe(&recipe, 80);
    let args = ["train", "--data", text(&data), "--config", text(&recipe), "--out", text(&out), "--device", "flex"];
    ok(&args);
    let good = std::fs::read(out.join("checkpoint.safetensors")).unwrap();
    let files = || std::fs::read_dir(&out).unwrap().count();
    let before = files();
    write_recipe(&recipe, 160);
    // Files end at so many blocks of 512 bytes, as on a disk with no more space.
    let shell = "trap '' XFSZ; ulimit -f 40; exec \"$@\"";
    let glow = env!("CARGO_BIN_EXE_glow");
    let run = Command::new("sh").args(["-c", shell, "sh", glow]).args(args).arg("--resume").output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("large") && stderr.contains(text(&out)), "{stderr}");
    assert_eq!(std::fs::read(out.join("checkpoint.safetensors")).unwrap(), good);
    assert_eq!(files(), before, "nothing half-written is left");
    ok(&[&args[..], &["--resume"]].concat());
}

#[test]
fn a_killed_run_goes_on() {
    let dir = TempDir::new().unwrap();
    let (data, out, recipe) = (dir.path().join("data"), dir.path().join("out"), dir.path().join("recipe.toml"));
    pictures(&data);
    let write_recipe = |images| write_recipe(&recipe, images);
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

#[test]
fn what_a_picture_has_lost_is_filled_in() {
    let dir = TempDir::new().unwrap();
    let [picture, mask, hole] = ["picture.png", "mask.png", "hole.png"].map(|name| dir.path().join(name));
    // A face that the model drew, without its grain, and without its middle.
    ok(&["sample", "--count", "1", "--zoom", "1", "--clean", "--out", text(&picture)]);
    let sheet = image::open(&picture).unwrap().into_rgb8();
    let face = image::imageops::crop_imm(&sheet, 1, 1, 32, 32).to_image();
    let lost = |x, y| (10..22).contains(&x) && (10..22).contains(&y);
    let with_hole = |x, y| if lost(x, y) { image::Rgb([0; 3]) } else { *face.get_pixel(x, y) };
    image::RgbImage::from_fn(32, 32, with_hole).save(&hole).unwrap();
    image::RgbImage::from_fn(32, 32, |x, y| image::Rgb([if lost(x, y) { 255 } else { 0 }; 3])).save(&mask).unwrap();
    let repaired = |seed: &str, mean: &str| {
        let out = dir.path().join("repaired.png");
        ok(&["repair", text(&hole), "--mask", text(&mask), "--seed", seed, "--mean", mean, "--out", text(&out)]);
        image::open(out).unwrap().into_rgb8()
    };
    // The mean error of what was lost.
    let error = |other: &dyn Fn(u32, u32) -> image::Rgb<u8>| {
        let places = (10..22).flat_map(|x| (10..22).map(move |y| (x, y)));
        let square = |(x, y)| {
            (0..3).map(|c| f64::from(face.get_pixel(x, y).0[c].abs_diff(other(x, y).0[c])).powi(2)).sum::<f64>()
        };
        (places.map(square).sum::<f64>() / (3.0 * 144.0)).sqrt()
    };
    // The plainest filling: the mean of the hole's edge.
    let edge: Vec<_> = (9..23).flat_map(|i| [(i, 9), (i, 22), (9, i), (22, i)]).collect();
    let plain = image::Rgb([0, 1, 2].map(|c| {
        (edge.iter().map(|(x, y)| u32::from(face.get_pixel(*x, *y).0[c])).sum::<u32>() / edge.len() as u32) as u8
    }));
    let [first, other, mean] = [("1", "1"), ("2", "1"), ("1", "2")].map(|(seed, mean)| repaired(seed, mean));
    for filled in [&first, &other, &mean] {
        for (x, y, pixel) in filled.enumerate_pixels().filter(|(x, y, _)| !lost(*x, *y)) {
            assert_eq!(pixel, face.get_pixel(x, y), "what is known stays as it is");
        }
        let (flow, plain) = (error(&|x, y| *filled.get_pixel(x, y)), error(&|_, _| plain));
        assert!(flow < 0.8 * plain, "{flow} {plain}");
    }
    assert_ne!(first, other, "another seed, another filling");
    for (mean, (one, other)) in mean.iter().zip(first.iter().zip(other.iter())) {
        assert!((2 * i16::from(*mean) - i16::from(*one) - i16::from(*other)).abs() <= 2, "{mean} of {one} and {other}");
    }
    repaired(&u64::MAX.to_string(), "2");
    let other = fixture("chelsea.png");
    fails(&["repair", text(&hole), "--mask", &other, "--out", text(&hole)], 1, "451x300 pixels, the picture 32x32");
    let all = dir.path().join("all.png");
    image::RgbImage::from_pixel(32, 32, image::Rgb([255; 3])).save(&all).unwrap();
    fails(&["repair", text(&hole), "--mask", text(&all), "--out", text(&hole)], 1, "nothing of the picture is left");
    let none = dir.path().join("none.png");
    image::RgbImage::new(32, 32).save(&none).unwrap();
    fails(&["repair", text(&hole), "--mask", text(&none), "--out", text(&hole)], 1, "nothing to fill in");
}

#[test]
fn a_small_photo_is_enlarged_to_faces_that_look_like_it_when_they_are_as_small() {
    let dir = TempDir::new().unwrap();
    let [sheet, small] = ["sheet.png", "small.png"].map(|name| dir.path().join(name));
    ok(&["sample", "--count", "1", "--zoom", "1", "--clean", "--out", text(&sheet)]);
    let face = image::imageops::crop_imm(&image::open(&sheet).unwrap().into_rgb8(), 1, 1, 32, 32).to_image();
    box_scale(&face, 8).save(&small).unwrap();
    let enlarged = |seed: &str| {
        let out = dir.path().join("enlarged.png");
        ok(&["enlarge", text(&small), "--seed", seed, "--out", text(&out)]);
        image::open(out).unwrap().into_rgb8()
    };
    let error = |image: &image::RgbImage, other: &image::RgbImage| {
        let squares = image.iter().zip(other.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        (squares.sum::<f64>() / image.len() as f64).sqrt()
    };
    let plain = image::imageops::resize(&box_scale(&face, 8), 32, 32, image::imageops::FilterType::Nearest);
    let [first, other] = ["1", "2"].map(enlarged);
    for large in [&first, &other] {
        let reduced = box_scale(large, 8);
        for (x, y, pixel) in box_scale(&face, 8).enumerate_pixels() {
            let square = image::imageops::crop_imm(large, 4 * x, 4 * y, 4, 4).to_image();
            let differences = [0, 1, 2].map(|c| pixel.0[c].abs_diff(reduced.get_pixel(x, y).0[c]));
            // What lies outside of the range is cut off.
            let cut = square.iter().any(|value| [0, 255].contains(value));
            assert!(cut || differences.iter().all(|levels| *levels <= 1), "as small, it is the same: {differences:?}");
        }
        assert!(error(large, &face) < error(&plain, &face), "{} {}", error(large, &face), error(&plain, &face));
    }
    assert_ne!(first, other, "another seed, another face");
    let refused = glow(&["enlarge", text(&small), "--times", "3", "--out", text(&sheet)]);
    assert_eq!(refused.status.code(), Some(2));
}
