//! The log of a run: a line of JSON a measurement.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::checkpoint::write_atomically;
use crate::error::{Error, Result};

/// A measurement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Metrics {
    /// Steps taken.
    pub step: u64,
    /// Images seen.
    pub images: u64,
    /// Seconds of training.
    pub seconds: f64,
    /// Mean bits/dim of the training batches since the last measurement, if that was not just now.
    pub train: Option<f64>,
    /// bits/dim of the average on the validation images.
    pub validation: f64,
    /// Largest error of a round trip through the weights in training, where the range of colours is 1.
    pub round_trip: f32,
    /// Mean norm of the gradient since the last measurement.
    pub gradient: f64,
    /// The rate.
    pub rate: f64,
    /// Steps skipped so far.
    pub skipped: u64,
}

/// Adds a line to a log.
pub fn append(path: &Path, metrics: &Metrics) -> Result<()> {
    let line = serde_json::to_string(metrics).expect("plain data") + "\n";
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(Error::io(path))?;
    file.write_all(line.as_bytes()).map_err(Error::io(path))
}

/// Reads a log; lines cut off by an interruption are passed over.
pub fn read(path: &Path) -> Result<Vec<Metrics>> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Forgets what was logged after `step`: a resumed run will measure it again.
pub fn truncate(path: &Path, step: u64) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let kept = read(path)?.into_iter().filter(|metrics| metrics.step <= step);
    let lines: String = kept.map(|metrics| serde_json::to_string(&metrics).expect("plain data") + "\n").collect();
    write_atomically(path, lines.as_bytes())
}
