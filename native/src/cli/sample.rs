use glow::error::{Error, Result};

use super::model::ModelArgs;
use super::output::Output;
use crate::picture::{self, Sheet};

/// Draw new images and write them as one picture
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// How many images
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=4096))]
    count: u16,
    /// Seed: the same seed draws the same images, on every machine and device
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Temperature: one number, or one a level, finest level first, separated by commas
    #[arg(long, default_value = "0.7", value_delimiter = ',')]
    temperature: Vec<f32>,
    /// Every draw, also those that the model would not take
    #[arg(long)]
    every: bool,
    /// Take the grain out of them
    #[arg(long)]
    clean: bool,
    /// Images in a row; without it, about as many as rows
    #[arg(long)]
    columns: Option<usize>,
    /// Enlarges every pixel so many times
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=32))]
    zoom: u32,
    /// The picture: PNG, JPEG or WebP by its name; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check_picture()?;
        let (mut model, header, _) = self.model.load()?;
        if self.every {
            model.acceptance = None;
        }
        let temperature = temperatures(self.temperature, header.config.levels)?;
        let count = usize::from(self.count);
        let columns = self.columns.unwrap_or((count as f64).sqrt().ceil() as usize);
        let sheet = Sheet::new(count, header.config.size, columns, self.zoom)?;
        let mut images = picture::sample(&model, self.seed, count, &temperature);
        if self.clean {
            images = picture::clean(&model, &images);
        }
        self.out.write_picture(&sheet.with(&images))
    }
}

pub(super) fn temperatures(given: Vec<f32>, levels: usize) -> Result<Vec<f32>> {
    if given.iter().any(|t| !(0.0..=10.0).contains(t)) {
        return Err(Error::Config("a temperature must be between 0 and 10; 0.7 is a good one".into()));
    }
    match given.len() {
        1 => Ok(vec![given[0]; levels]),
        n if n == levels => Ok(given),
        n => Err(Error::Config(format!("the model has {levels} levels; give 1 or {levels} temperatures, not {n}"))),
    }
}
