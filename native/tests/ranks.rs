//! Processes that train together by MPI, as a shell starts them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// A folder with pictures and a recipe of so many images.
fn folder(images: u64) -> TempDir {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    for i in 0..40_u8 {
        let image = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8 * i, y as u8 * 9, i * 5]));
        image.save(data.join(format!("{i:02}.png"))).unwrap();
    }
    let recipe = format!(
        "[model]\nsize = 16\nlevels = 2\nsteps = 2\nwidth = 16\nbits = 5\ncoupling = \"affine\"\npermutation = \"conv1x1\"\n\
         [train]\nbatch = 8\noptimiser = \"muon\"\nwarmup_steps = 10\nimages = {images}\n"
    );
    fs::write(dir.path().join("recipe.toml"), recipe).unwrap();
    dir
}

fn launcher() -> Command {
    let mut command = Command::new("mpirun");
    // Open MPI's.
    command.envs([("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")]);
    command.env("OMPI_MCA_rmaps_base_oversubscribe", "1");
    command
}

/// `glow train` in so many processes, each on one thread, or in one without MPI's launcher, on two.
fn train(dir: &Path, ranks: usize, out: &str, more: &[&str]) -> Command {
    let glow = env!("CARGO_BIN_EXE_glow");
    let mut command = match ranks {
        0 => Command::new(glow),
        _ => launcher(),
    };
    if ranks > 0 {
        command.args(["-n", &ranks.to_string(), glow]);
    }
    command.env("RAYON_NUM_THREADS", if ranks == 0 { "2" } else { "1" });
    command.current_dir(dir).args(["train", "--data", "data", "--config", "recipe.toml", "--device", "flex"]);
    command.args(["--out", out]).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const SHARDS: [&str; 2] = ["--shards", "4"];

/// Every parameter of the weights: what stands behind the header, which tells how long the run took.
fn weights(out: PathBuf) -> Vec<u8> {
    let file = fs::read(out.join("model.safetensors")).unwrap();
    file[8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize..].to_vec()
}

#[test]
fn however_many_processes_the_weights_are_the_same() {
    let dir = folder(400);
    let runs: Vec<_> = [0, 1, 2, 4]
        .into_iter()
        .map(|ranks| {
            let out = ranks.to_string();
            let done = train(dir.path(), ranks, &out, &SHARDS).output().unwrap();
            let said = String::from_utf8(done.stderr).unwrap();
            assert!(done.status.success(), "{said}");
            assert_eq!(said.matches("Train: ").count(), 1, "one of them speaks: {said}");
            weights(dir.path().join(out))
        })
        .collect();
    assert!(runs.iter().all(|run| *run == runs[0]));
}

/// Its last step is one after which the first process measures, and the others do not.
#[test]
fn a_run_that_ends_where_it_measures_ends_for_all() {
    let dir = folder(6400);
    let mut run = train(dir.path(), 2, "out", &SHARDS).spawn().unwrap();
    let began = Instant::now();
    while run.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < Duration::from_mins(2), "it hangs");
        sleep(Duration::from_millis(100));
    }
    assert!(run.wait().unwrap().success());
}

/// One with one thread would have two shards for two processes, the other four.
#[test]
fn processes_of_different_machines_have_the_first_ones_shards() {
    let dir = folder(80);
    let done = unlike(dir.path(), [("RAYON_NUM_THREADS=1", "data"), ("RAYON_NUM_THREADS=2", "data")], "uneven");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let done = train(dir.path(), 0, "alone", &["--shards", "2"]).output().unwrap();
    assert!(done.status.success());
    assert!(weights(dir.path().join("uneven")) == weights(dir.path().join("alone")));
}

/// Two processes with their own environment and data.
fn unlike(dir: &Path, processes: [(&str, &str); 2], out: &str) -> Output {
    let glow = env!("CARGO_BIN_EXE_glow");
    let [first, second] = processes.map(|(threads, data)| {
        let train = ["train", "--data", data, "--config", "recipe.toml", "--device", "flex", "--out", out];
        [&["-n", "1", "env", threads, glow], &train[..]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    });
    launcher().args(first).arg(":").args(second).current_dir(dir).output().unwrap()
}

#[test]
fn processes_with_other_images_are_refused() {
    let dir = folder(80);
    let other = dir.path().join("other");
    fs::create_dir(&other).unwrap();
    for i in 0..40_u8 {
        RgbImage::from_pixel(16, 16, Rgb([i, 90, 200])).save(other.join(format!("{i}.png"))).unwrap();
    }
    let done = unlike(dir.path(), [("A=1", "data"), ("A=1", "other")], "out");
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success() && said.matches("the same training images").count() == 1, "{said}");
}

#[test]
fn what_is_wrong_is_said_once_and_ends_all() {
    let dir = folder(400);
    let said = |more: &[&str]| {
        let done = train(dir.path(), 3, "out", more).output().unwrap();
        assert!(!done.status.success());
        String::from_utf8(done.stderr).unwrap()
    };
    let missing = said(&["--resume", "--shards", "4"]);
    assert_eq!(missing.matches("error: ").count(), 1, "{missing}");
    let few = said(&["--shards", "2"]);
    assert!(few.contains("3 processes") && few.contains("--shards"), "{few}");
}

/// A run that takes long, once it has a checkpoint, and its processes.
fn running(dir: &Path, out: &str) -> (Child, Vec<String>) {
    let run = train(dir, 2, out, &["--checkpoint-seconds", "1"]).spawn().unwrap();
    while !dir.join(out).join("checkpoint.safetensors").exists() {
        sleep(Duration::from_millis(100));
    }
    let pattern = format!("^{} train.*--out {out}( |$)", env!("CARGO_BIN_EXE_glow"));
    let found = Command::new("pgrep").args(["-f", &pattern]).output().unwrap();
    let ids: Vec<_> = String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    (run, ids)
}

fn kill(signal: &str, id: &str) {
    assert!(Command::new("kill").args([signal, id]).status().unwrap().success());
}

/// What a run said that has come to an end, and its launcher.
fn end(mut run: Child) -> String {
    run.wait().unwrap();
    let mut said = String::new();
    run.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    run.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

#[test]
fn a_process_that_dies_ends_the_run_which_goes_on_from_its_checkpoint() {
    let dir = folder(1_000_000);
    for (out, victim) in [("first", 0), ("second", 1)] {
        let (run, ids) = running(dir.path(), out);
        kill("-KILL", &ids[victim]);
        // It is the launcher that says so.
        let said = end(run);
        assert!(said.to_lowercase().contains("process"), "{said}");
        let checkpoint = dir.path().join(out).join("checkpoint.safetensors");
        let written = || fs::metadata(&checkpoint).unwrap().modified().unwrap();
        let before = written();
        let run = train(dir.path(), 2, out, &["--resume", "--checkpoint-seconds", "1"]).spawn().unwrap();
        while written() == before {
            sleep(Duration::from_millis(100));
        }
        kill("-INT", &run.id().to_string());
        let said = end(run);
        assert!(said.contains("its state is kept"), "{said}");
    }
}

#[test]
fn a_process_that_stands_still_does_not_hold_one_that_is_to_stop() {
    let dir = folder(1_000_000);
    let (run, ids) = running(dir.path(), "still");
    kill("-STOP", &ids[1]);
    sleep(Duration::from_secs(1));
    kill("-TERM", &ids[0]);
    let said = end(run);
    assert!(said.contains("answers no more") && said.contains("--resume"), "{said}");
}
