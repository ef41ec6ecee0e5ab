use std::path::PathBuf;

use eyes::Finder;
use glow::error::Result;
use image::RgbImage;
use rayon::prelude::*;

use super::model::ModelArgs;
use super::sample::temperatures;
use crate::align::is_face;
use crate::output::say;
use crate::picture;
use crate::train::{Part, data::Images};

/// Measure samples at several temperatures: how many are faces, and how much they differ
///
/// A sample counts as a face if the finder of eyes sees one, with both eyes within a tenth of the side from where the
/// photographs have them. Spread is the standard deviation of a value (0 to 255) between the images.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Also measure as many test images of this data set
    #[arg(long)]
    data: Option<PathBuf>,
    /// How many samples a temperature
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u16).range(2..=4096))]
    count: u16,
    /// Seed of the samples
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take the grain out of them
    #[arg(long)]
    clean: bool,
    /// What to compare: temperatures, each one number, or one a level, finest level first, separated by slashes
    #[arg(long, default_value = "0.4,0.5,0.6,0.7,0.8,0.9,1.0", value_delimiter = ',')]
    temperature: Vec<String>,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let (model, header, _) = self.model.load()?;
        let (config, count) = (&header.config, usize::from(self.count));
        let finder = Finder::default();
        say("| temperature | faces | spread |\n|---|---|---|")?;
        let row = |name: &str, images: &[RgbImage]| {
            let faces = images.par_iter().filter(|image| is_face(&finder, image)).count();
            say(format!("| {name} | {:.3} | {:.1} |", faces as f64 / images.len() as f64, spread(images)))
        };
        if let Some(data) = &self.data {
            let images = Images::of(config, data, Part::Test)?;
            let images = (0..images.len().min(count)).map(|i| picture::from_bytes(images.get(i), config.size));
            row("photographs", &images.collect::<Vec<_>>())?;
        }
        for given in &self.temperature {
            let levels =
                temperatures(given.split('/').map(|t| t.parse().unwrap_or(f32::NAN)).collect(), config.levels)?;
            let samples = picture::sample(&model, self.seed, count, &levels);
            row(given, &if self.clean { picture::clean(&model, &samples) } else { samples })?;
        }
        Ok(())
    }
}

/// The root of the mean variance of a value between images.
fn spread(images: &[RgbImage]) -> f64 {
    let (n, values) = (images.len() as f64, images[0].len());
    let variance = |i: usize| {
        let of = images.iter().map(|image| f64::from(image.as_raw()[i]));
        let (sum, squares) = of.fold((0.0, 0.0), |(sum, squares), v| (sum + v, squares + v * v));
        squares / n - (sum / n).powi(2)
    };
    ((0..values).map(variance).sum::<f64>() / values as f64).sqrt()
}
