//! The log of a run: a line of JSON a measurement, and the loss curve drawn from it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use plotters::prelude::*;
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

/// Draws bits/dim against images seen as SVG.
pub fn plot(log: &[Metrics], path: &Path) -> Result<()> {
    let mut svg = String::new();
    draw(log, &mut svg).map_err(|error| Error::Data(format!("the loss curve could not be drawn: {error}")))?;
    write_atomically(path, svg.as_bytes())
}

/// What a curve shows of a measurement.
type Curve = fn(&Metrics) -> Option<f64>;

fn draw(log: &[Metrics], svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let thousands = |metrics: &Metrics| metrics.images as f64 / 1000.0;
    let end = log.last().map_or(1.0, thousands).max(1e-3);
    // The steep beginning is cut off, so that the rest can be read.
    let late = log.iter().filter(|m| thousands(m) >= 0.05 * end);
    let bits: Vec<f64> = late.flat_map(|m| [m.train, Some(m.validation)]).flatten().filter(|b| b.is_finite()).collect();
    let low = bits.iter().copied().fold(f64::INFINITY, f64::min);
    let high = bits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let margin = 0.05 * (high - low) + 1e-3;
    let root = SVGBackend::with_string(svg, (800, 450)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..end, low - margin..high + margin)?;
    let font = ("sans-serif", 15);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.1))
        .x_desc("thousands of images seen")
        .y_desc("bits/dim")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.2}"))
        .label_style(font)
        .axis_desc_style(font)
        .draw()?;
    let curves: [(_, _, Curve); 2] = [
        ("training batches", RGBColor(230, 159, 0), |m| m.train),
        ("validation, averaged weights", RGBColor(0, 114, 178), |m| Some(m.validation)),
    ];
    for (name, colour, value) in curves {
        let points =
            log.iter().filter_map(|m| Some((thousands(m), value(m)?))).filter(|point| point.1 <= high + margin);
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().label_font(font).background_style(WHITE).border_style(BLACK.mix(0.2)).draw()?;
    root.present()?;
    Ok(())
}
