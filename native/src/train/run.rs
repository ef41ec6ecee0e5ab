//! The training loop.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};
use glow::error::{Error, Result};
use glow::ops::{Precision, is_gpu};
use indicatif::{ProgressBar, ProgressStyle};

use super::data::Images;
use super::start::{begin, described, lock, read_images};
use super::step::train_step;
use super::{Batches, Checkpoint, Part, Ranks, Recipe, StepOptions, gradients, metrics};
use crate::output::note;

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
    pub recompute: bool,
    /// What a CPU multiplies with in the coupling networks.
    pub precision: Precision,
    /// Parts of a batch that a CPU's cores, or several processes, work on side by side; as many as there are cores by default. Other
    /// parts are added up in another order.
    pub shards: Option<usize>,
    /// The processes that train together.
    pub ranks: Ranks,
    /// What the weights file says of the data and its terms; without it, nothing, or what it says already.
    pub describe_data: Option<String>,
    /// Becomes true when the run is to write its state and stop.
    pub stop: Arc<AtomicBool>,
}

/// Images between two measurements; ten times as many where a GPU computes.
const MEASURE_EVERY: u64 = 6400;
/// Steps in a row without a finite gradient after which a run is given up.
const MOST_SKIPPED: u64 = 100;

/// Trains until the budget is spent. The weights are in `out/model.safetensors` then.
pub fn train(recipe: &Recipe, options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.out).map_err(Error::io(&options.out))?;
    let _lock = options.ranks.is_first().then(|| lock(&options.out)).transpose()?;
    // The model and its optimiser are on the CPU, also where a GPU computes the gradients.
    let gpu = is_gpu(&options.device).then(|| options.device.clone());
    note(match &gpu {
        Some(_) => "a GPU computes the gradients".into(),
        None => format!("the coupling networks multiply in {}", options.precision),
    });
    let ranks = options.ranks.count();
    // Those of the first process, however many cores the others have.
    let shards = options.shards.unwrap_or(ranks * rayon::current_num_threads()).min(recipe.train.batch);
    let shards = options.ranks.of_first(shards as u64) as usize;
    if ranks > 1 && (gpu.is_some() || parts(recipe.train.batch, shards) < ranks) {
        let message = format!("{ranks} processes train on CPUs, each with an image or more of every batch in --shards");
        return Err(Error::Training(message));
    }
    let training = read_images(&recipe.model, &options.data, Part::Train)?;
    let validation = read_images(&recipe.model, &options.data, Part::Validation)?;
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
    if !options.ranks.is_same(state.data.into()) {
        return Err(Error::Training("the processes have not the same training images".into()));
    }
    let bar = if options.ranks.is_first() { bar() } else { ProgressBar::hidden() };
    if options.ranks.is_first() {
        metrics::truncate(&options.out.join("metrics.jsonl"), state.progress.step)?;
    }
    let description = match &options.describe_data {
        Some(description) => description.clone(),
        None if options.resume => described(&options.out.join("model.safetensors")),
        None => String::new(),
    };
    let since = Since::default();
    Run { recipe, options, description, device, gpu, shards, validation, state, since, skipped_in_a_row: 0, bar }
        .go(&training)
}

/// In how many parts a batch falls that is cut for so many shards.
fn parts(batch: usize, shards: usize) -> usize {
    batch.div_ceil(batch.div_ceil(shards))
}

/// What was seen since the last measurement.
#[derive(Default)]
pub(super) struct Since {
    pub(super) steps: u64,
    pub(super) loss: f64,
    pub(super) norm: f64,
}

pub(super) struct Run<'a> {
    pub(super) recipe: &'a Recipe,
    pub(super) options: &'a Options,
    /// What the weights file says of the data.
    pub(super) description: String,
    pub(super) device: Device,
    gpu: Option<Device>,
    shards: usize,
    pub(super) validation: Images,
    pub(super) state: Checkpoint,
    pub(super) since: Since,
    skipped_in_a_row: u64,
    pub(super) bar: ProgressBar,
}

impl Run<'_> {
    fn go(mut self, images: &Images) -> Result<()> {
        let Recipe { model: config, train } = self.recipe;
        let mut batches = Batches::new(images, config, train.batch, train.flip, train.seed);
        let before = self.state.progress.seconds;
        let start = Instant::now();
        let mut saved = Instant::now();
        let every = if self.gpu.is_some() { 10 * MEASURE_EVERY } else { MEASURE_EVERY };
        let (device, ranks) = (self.device.clone(), &self.options.ranks);
        let mut next = batches.get(self.state.progress.step, &device);
        let told = || self.options.stop.load(Ordering::Relaxed);
        let (_, mut stop) = ranks.agree(before, told());
        while self.share_spent() < 1.0 {
            if stop {
                let saved = self.save();
                // Until it is.
                ranks.agree(before, stop);
                saved?;
                return Err(Error::Training("interrupted; its state is kept, go on with --resume".into()));
            }
            let (x, following) = (next, self.state.progress.step + 1);
            let done;
            (done, next) = rayon::join(|| self.step(x), || batches.get(following, &device));
            done?;
            self.state.progress.step = following;
            (self.state.progress.seconds, stop) = ranks.agree(before + start.elapsed().as_secs_f64(), told());
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

    pub(super) fn seen(&self) -> u64 {
        self.state.progress.step * self.recipe.train.batch as u64
    }

    /// The share of the budget that is spent, 0 to 1.
    fn share_spent(&self) -> f64 {
        match self.recipe.train.images {
            Some(images) => self.seen() as f64 / images as f64,
            None => self.state.progress.seconds / (60.0 * self.options.minutes),
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.recipe.train.learning_rate_at(self.state.progress.step, self.share_spent())
    }

    fn step(&mut self, x: Tensor<4>) -> Result<()> {
        let train = &self.recipe.train;
        let options = StepOptions {
            rate: self.rate(),
            clip: train.clip,
            shards: self.shards,
            ranks: self.options.ranks.clone(),
            recompute: self.options.recompute,
            precision: self.options.precision,
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

    /// Why the run cannot go on, and what to do: by its own recipe it would come to the same end.
    pub(super) fn diverged(&self, what: impl Display) -> Error {
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
