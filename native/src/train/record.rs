//! What a run leaves in its folder: a log, a curve, sheets of samples, checkpoint and weights.

use burn::module::Module;
use glow::error::{Error, Result};
use glow::flow::Glow;
use glow::parameters;
use glow::tensor_file::Precision;
use glow::weights::{self, Facts};
use image::ImageFormat;

use super::metrics::{self, Metrics};
use super::run::Run;
use super::{evaluate, plot, round_trip};
use crate::output::{self, note};
use crate::picture::{self, Sheet};

/// Images of the watch on the round trip.
const WATCHED: usize = 16;
/// Temperature of the sheets drawn during training.
const SHEET_TEMPERATURE: f32 = 0.7;

impl Run<'_> {
    /// Logs and draws, in the first of the processes that train together. Errors: they have come to different weights.
    pub(super) fn measure(&mut self) -> Result<()> {
        let ranks = &self.options.ranks;
        if ranks.count() > 1 && !ranks.is_same(checksum(&self.state.model).into()) {
            let message = "the processes' weights differ: they want one recipe, and processors of one kind";
            return Err(Error::Training(message.into()));
        }
        let since = std::mem::take(&mut self.since);
        if !ranks.is_first() {
            return Ok(());
        }
        let device = self.device.clone().inner();
        let average = self.state.average.frozen();
        let validation = evaluate(&average, &self.validation, &device).bits_per_dim;
        if !validation.is_finite() {
            return Err(self.diverged("validation images have no finite bits/dim any more"));
        }
        let n = since.steps.max(1) as f64;
        let metrics = Metrics {
            step: self.state.progress.step,
            images: self.seen(),
            seconds: self.state.progress.seconds,
            // A few batches tell nothing of the loss.
            train: (since.steps >= 100).then_some(since.loss / n),
            validation,
            round_trip: self.round_trip_error()?,
            gradient: since.norm / n,
            rate: self.rate(),
            skipped: self.state.progress.skipped,
        };
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

    /// Largest error of a few images' way through the weights in training and back. Errors: it is no number.
    fn round_trip_error(&self) -> Result<f32> {
        let watched = self.validation.batches(WATCHED).take(1);
        let flow = self.state.model.valid().frozen();
        let error = round_trip(&flow, watched, &self.device.clone().inner()).largest_error;
        if error.is_finite() { Ok(error) } else { Err(self.not_invertible(error)) }
    }

    fn not_invertible(&self, error: f32) -> Error {
        let limit = self.largest_error();
        self.diverged(format!("images no longer come back from their latents (error {error:.4}, limit {limit:.4})"))
    }

    /// Half a quantisation bin.
    fn largest_error(&self) -> f32 {
        0.5 / self.recipe.model.bins() as f32
    }

    /// Writes checkpoint and weights, unless the model is no longer invertible in f32: an error of half a quantisation bin
    /// changes the image that comes back.
    pub(super) fn save(&self) -> Result<()> {
        if !self.options.ranks.is_first() {
            return Ok(());
        }
        let error = self.round_trip_error()?;
        if error >= self.largest_error() {
            return Err(self.not_invertible(error));
        }
        let out = &self.options.out;
        self.state.write(self.recipe, &out.join("checkpoint.safetensors"))?;
        let log = out.join("metrics.jsonl");
        let last = if log.exists() { metrics::read(&log)?.pop() } else { None };
        let facts = Facts {
            data: self.description.clone(),
            images_seen: self.seen(),
            hours: self.state.progress.seconds / 3600.0,
            validation_bits_per_dim: last.map(|metrics| metrics.validation),
            test_bits_per_dim: None,
            commit: env!("GLOW_COMMIT").to_owned(),
        };
        let weights = weights::save(&self.state.average, facts, Precision::F32);
        output::write(&out.join("model.safetensors"), &weights)
    }
}

fn checksum(model: &Glow) -> u32 {
    let mut all = crc32fast::Hasher::new();
    for (_, tensor) in parameters::collect(model).into_values() {
        all.update(&tensor.encode(Precision::F32).bytes);
    }
    all.finalize()
}
