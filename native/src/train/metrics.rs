//! The log of a run: a line of JSON a measurement.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use glow::error::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::output;

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
    /// Learning rate.
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

/// Reads a log; a last line that was cut off by an interruption is passed over. Errors: a line that is no measurement, such
/// as one whose bits/dim are `null`, as those of a run that diverged were.
pub fn read(path: &Path) -> Result<Vec<Metrics>> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let parse = |(i, line)| {
        let refuse = |error| Error::Data(format!("{}, line {}: no measurement ({error})", path.display(), i + 1));
        serde_json::from_str(line).map_err(refuse)
    };
    whole.lines().enumerate().map(parse).collect()
}

/// Forgets what was logged after `step`, which a resumed run will measure again, and what is no measurement.
pub fn truncate(path: &Path, step: u64) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let log = text.lines().filter_map(|line| serde_json::from_str::<Metrics>(line).ok());
    let kept = log.filter(|metrics| metrics.step <= step);
    let lines: String = kept.map(|metrics| serde_json::to_string(&metrics).expect("plain data") + "\n").collect();
    output::write(path, lines.as_bytes())
}
