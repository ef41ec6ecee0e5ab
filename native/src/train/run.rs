//! The training loop.

use std::fmt::Display;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use glow::config::GlowConfig;
use glow::error::{Error, Result};
use glow::flow::Glow;
use glow::ops::is_gpu;
use glow::tensor_file::Precision;
use glow::weights::{self, Facts};
use image::ImageFormat;
use indicatif::{ProgressBar, ProgressStyle};

use super::StepOptions;
use super::metrics::{self, Metrics};
use super::step::train_step;
use super::{Batches, Checkpoint, Optimiser, Progress, Recipe, evaluate, gradients, plot, round_trip};
use super::{Part, data::Images};
use crate::output::{self, note};
use crate::picture::{self, Sheet};

/// Where a run reads and writes, and how long it takes.
pub struct Options {
    /// The data set.
    pub data: PathBuf,
    /// The folder of the run: checkpoint, weights, log, curve, sheets.
    pub out: PathBuf,
    /// Where to compute.
    pub device: Device,
    /// The budget, over all sessions of the run, unless the recipe gives one in images.
    pub minutes: f64,
    /// Whether to go on with the run in `out`.
    pub resume: bool,
    /// Weights to begin with, which grow if the recipe's images are twice as large, and get deeper and wider if its model is.
    pub from: Option<PathBuf>,
    /// Time between two checkpoints.
    pub checkpoint_every: Duration,
    /// Whether to keep no activations, and compute them again from the outputs of the flow's steps.
    pub checkpointing: bool,
    /// What the weights file says of the data and its terms.
    pub describe_data: String,
    /// Becomes true when the run is to write its state and stop.
    pub stop: Arc<AtomicBool>,
}

/// Images between two measurements; ten times as many where a GPU computes.
const MEASURE_EVERY: u64 = 6400;
/// Images of the first batch, on which actnorm is initialised.
const FIRST_BATCH: usize = 256;
/// Images of the watch on the round trip.
const WATCHED: usize = 16;
/// Steps in a row without a finite gradient after which a run is given up.
const MOST_SKIPPED: u64 = 100;
/// Temperature of the sheets drawn during training.
const SHEET_TEMPERATURE: f32 = 0.7;

/// Trains until the budget is spent. The weights are in `out/model.safetensors` then.
pub fn train(recipe: &Recipe, options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.out).map_err(Error::io(&options.out))?;
    let _lock = lock(&options.out)?;
    let training = read_images(&recipe.model, &options.data, Part::Train)?;
    let validation = read_images(&recipe.model, &options.data, Part::Validation)?;
    // The model and its optimiser are on the CPU, also where a GPU computes the gradients.
    let gpu = is_gpu(&options.device).then(|| options.device.clone());
    let device = Device::flex().autodiff();
    let path = options.out.join("checkpoint.safetensors");
    let state = match options.resume {
        true => {
            let data = training.checksum(recipe.model.bits);
            Checkpoint::read(&path, recipe, data, &device)?
        }
        false if path.exists() => {
            let message = format!("{} has a run; go on with --resume or give another --out", options.out.display());
            return Err(Error::Training(message));
        }
        false => begin(recipe, &training, options.from.as_deref(), &device)?,
    };
    metrics::truncate(&options.out.join("metrics.jsonl"), state.progress.step)?;
    Run { recipe, options, device, gpu, validation, state, since: Since::default(), skipped_in_a_row: 0, bar: bar() }
        .go(&training)
}

/// Keeps a second run out of the folder for as long as the file is open.
fn lock(out: &Path) -> Result<File> {
    let path = out.join("lock");
    let file = File::create(&path).map_err(Error::io(&path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Error::Training(format!("another run is at work in {}; give another --out", out.display())))
        }
        // Or a file system that has no locks.
        _ => Ok(file),
    }
}

fn read_images(config: &GlowConfig, dir: &Path, part: Part) -> Result<Images> {
    let images = Images::of(config, dir, part)?;
    for file in &images.unreadable {
        note(format!("passed over: {file}"));
    }
    note(format!("{part:?}: {} images, {} unreadable", images.len(), images.unreadable.len()));
    Ok(images)
}

/// A new run, from given weights or from new ones with actnorm initialised on a first batch.
fn begin(recipe: &Recipe, images: &Images, from: Option<&Path>, device: &Device) -> Result<Checkpoint> {
    let Recipe { model: config, train } = recipe;
    // Without a graph, which would be that of a large batch.
    let first = Batches::new(images, config, FIRST_BATCH, train.flip, train.seed).get(0, device).inner();
    let average = match from {
        Some(path) => read_weights(path, recipe, first, device)?,
        None => Glow::new(config, train.seed, device)?.valid().initialise(first),
    };
    let model = average.clone().train();
    let (optimiser, progress) = (Optimiser::new(train), Progress::default());
    Ok(Checkpoint { model, average, optimiser, progress, data: images.checksum(config.bits) })
}

/// The weights in a file, grown and deepened to what the recipe says.
fn read_weights(path: &Path, recipe: &Recipe, first: Tensor<4>, device: &Device) -> Result<Glow> {
    let Recipe { model: config, train } = recipe;
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let (model, _) = weights::load(&bytes, device)?;
    let mut model = model.valid();
    if config.size == 2 * model.config().size {
        model = model.grow(config.steps.at(0), config.width.at(0), first, train.seed)?;
    }
    let same = GlowConfig { steps: config.steps.clone(), width: config.width.clone(), ..model.config().clone() };
    if same != *config {
        return Err(Error::Training(format!("{} cannot become the recipe's model", path.display())));
    }
    model.widen(&config.width, train.seed)?.deepen(&config.steps, train.seed)
}

/// What was seen since the last measurement.
#[derive(Default)]
struct Since {
    steps: u64,
    loss: f64,
    norm: f64,
}

struct Run<'a> {
    recipe: &'a Recipe,
    options: &'a Options,
    device: Device,
    gpu: Option<Device>,
    validation: Images,
    state: Checkpoint,
    since: Since,
    skipped_in_a_row: u64,
    bar: ProgressBar,
}

impl Run<'_> {
    fn go(mut self, images: &Images) -> Result<()> {
        let Recipe { model: config, train } = self.recipe;
        let mut batches = Batches::new(images, config, train.batch, train.flip, train.seed);
        let before = self.state.progress.seconds;
        let start = Instant::now();
        let mut saved = Instant::now();
        let every = if self.gpu.is_some() { 10 * MEASURE_EVERY } else { MEASURE_EVERY };
        let device = self.device.clone();
        let mut next = batches.get(self.state.progress.step, &device);
        while self.share_spent() < 1.0 {
            if self.options.stop.load(Ordering::Relaxed) {
                self.save()?;
                return Err(Error::Training("interrupted; its state is kept, go on with --resume".into()));
            }
            let (x, following) = (next, self.state.progress.step + 1);
            let done;
            (done, next) = rayon::join(|| self.step(x), || batches.get(following, &device));
            done?;
            self.state.progress.seconds = before + start.elapsed().as_secs_f64();
            self.state.progress.step = following;
            if self.seen() % every < train.batch as u64 {
                self.measure()?;
            }
            if saved.elapsed() >= self.options.checkpoint_every {
                self.save()?;
                saved = Instant::now();
            }
        }
        if self.since.steps > 0 {
            self.measure()?;
        }
        self.save()?;
        self.bar.finish();
        Ok(())
    }

    fn seen(&self) -> u64 {
        self.state.progress.step * self.recipe.train.batch as u64
    }

    /// The share of the budget that is spent, 0 to 1.
    fn share_spent(&self) -> f64 {
        match self.recipe.train.images {
            Some(images) => self.seen() as f64 / images as f64,
            None => self.state.progress.seconds / (60.0 * self.options.minutes),
        }
    }

    fn rate(&self) -> f64 {
        self.recipe.train.learning_rate_at(self.state.progress.step, self.share_spent())
    }

    fn step(&mut self, x: Tensor<4>) -> Result<()> {
        let train = &self.recipe.train;
        let options = StepOptions {
            rate: self.rate(),
            clip: train.clip,
            // Of a CPU, one a core.
            shards: rayon::current_num_threads(),
            checkpointing: self.options.checkpointing,
            gpu: self.gpu.clone(),
        };
        let (model, loss, norm) = train_step(self.state.model.clone(), &mut self.state.optimiser, x, &options);
        if !loss.is_finite() || !norm.is_finite() {
            self.state.progress.skipped += 1;
            self.skipped_in_a_row += 1;
            if self.skipped_in_a_row == MOST_SKIPPED {
                return Err(self.diverged(format!("{MOST_SKIPPED} steps in a row had no finite gradient")));
            }
            return Ok(());
        }
        self.state.model = model;
        // The average forgets the beginning as fast as it can (as TensorFlow's ExponentialMovingAverage does).
        let step = self.state.progress.step as f64;
        let decay = train.ema_decay.min((1.0 + step) / (10.0 + step));
        self.state.average = gradients::update_average(&self.state.average, &self.state.model, decay);
        self.skipped_in_a_row = 0;
        self.since.steps += 1;
        self.since.loss += loss;
        self.since.norm += norm;
        let rate = self.seen() as f64 / self.state.progress.seconds.max(1e-9);
        let share = self.share_spent();
        let left = self.state.progress.seconds * (1.0 - share) / share.max(1e-9);
        self.bar.set_position((1000.0 * share) as u64);
        self.bar.set_message(format!(
            "{:.3} bits/dim, {}k images, {rate:.0}/s, {:.0} min left",
            self.since.loss / self.since.steps as f64,
            self.seen() / 1000,
            left / 60.0
        ));
        Ok(())
    }

    /// Logs and draws.
    fn measure(&mut self) -> Result<()> {
        let device = self.device.clone().inner();
        let average = self.state.average.frozen();
        let validation = evaluate(&average, &self.validation, &device).bits_per_dim;
        if !validation.is_finite() {
            return Err(self.diverged("validation images have no finite bits/dim any more"));
        }
        let n = self.since.steps.max(1) as f64;
        let metrics = Metrics {
            step: self.state.progress.step,
            images: self.seen(),
            seconds: self.state.progress.seconds,
            // A few batches tell nothing of the loss.
            train: (self.since.steps >= 100).then_some(self.since.loss / n),
            validation,
            round_trip: self.round_trip_error(),
            gradient: self.since.norm / n,
            rate: self.rate(),
            skipped: self.state.progress.skipped,
        };
        self.since = Since::default();
        let log = self.options.out.join("metrics.jsonl");
        metrics::append(&log, &metrics)?;
        self.bar.suspend(|| {
            note(format!("{:>6}k images: {validation:.4} bits/dim on validation", self.seen() / 1000));
        });
        output::write(&self.options.out.join("curve.svg"), plot::run(&metrics::read(&log)?)?.as_bytes())?;
        let model = &self.recipe.model;
        let samples = picture::sample(&average, 0, 32, &vec![SHEET_TEMPERATURE; model.levels]);
        let sheet = Sheet::new(samples.len(), model.size, 8, 3)?.with(&samples);
        let path = self.options.out.join(format!("samples-{:05}k.png", self.seen() / 1000));
        output::write(&path, &picture::encode(&sheet, ImageFormat::Png)?)
    }

    /// Largest error of a few images' way through the weights in training and back.
    fn round_trip_error(&self) -> f32 {
        let watched = self.validation.batches(WATCHED).take(1);
        round_trip(&self.state.model.valid().frozen(), watched, &self.device.clone().inner()).largest_error
    }

    /// Writes checkpoint and weights, unless the model is no longer invertible in f32: an error of half a quantisation bin
    /// changes the image that comes back.
    fn save(&self) -> Result<()> {
        let (error, limit) = (self.round_trip_error(), 0.5 / self.recipe.model.bins() as f32);
        if error >= limit {
            let what = "images no longer come back from their latents";
            return Err(self.diverged(format!("{what} (error {error:.4}, limit {limit:.4})")));
        }
        let out = &self.options.out;
        self.state.write(self.recipe, &out.join("checkpoint.safetensors"))?;
        let log = out.join("metrics.jsonl");
        let last = if log.exists() { metrics::read(&log)?.pop() } else { None };
        let facts = Facts {
            data: self.options.describe_data.clone(),
            images_seen: self.seen(),
            hours: self.state.progress.seconds / 3600.0,
            validation_bits_per_dim: last.map(|metrics| metrics.validation),
            test_bits_per_dim: None,
            commit: env!("GLOW_COMMIT").to_owned(),
        };
        let weights = weights::save(&self.state.average, facts, Precision::F32);
        output::write(&out.join("model.safetensors"), &weights)
    }

    /// Why the run cannot go on, and what to do: by its own recipe it would come to the same end.
    fn diverged(&self, what: impl Display) -> Error {
        let weights = self.options.out.join("model.safetensors");
        let from = match weights.exists() {
            true => format!(" in another folder, with the last good weights: --from {}", weights.display()),
            false => String::new(),
        };
        Error::Training(format!("{what}; lower the rate in the recipe and begin anew{from}"))
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent}% {msg}").expect("a valid template");
    ProgressBar::new(1000).with_style(style)
}
