use std::path::PathBuf;

use glow::error::Result;

use super::model::ModelArgs;
use crate::output::{note, say};
use crate::train::{Part, data::Images};
use crate::train::{Spread, evaluate, round_trip, spread};

/// Measure bits/dim on a data set
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Folder with the images, as for `glow train`
    #[arg(long)]
    data: PathBuf,
    /// Which part of it
    #[arg(long, value_enum, default_value = "test")]
    split: Part,
    /// Also encode and decode every image, and count those that come back changed
    #[arg(long)]
    round_trip: bool,
    /// Print one line of JSON, also with percentiles of the bits/dim of images that are encoded as by `glow encode`, and of
    /// those less what a plain lossless code needs
    #[arg(long)]
    json: bool,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let (model, header, device) = self.model.load()?;
        let images = Images::of(&header.config, &self.data, self.split)?;
        for file in &images.unreadable {
            note(format!("passed over: {file}"));
        }
        let result = evaluate(&model, &images, &device);
        let trip = self.round_trip.then(|| round_trip(&model, images.batches(50), &device));
        if self.json {
            let mut json = serde_json::to_value(&result).expect("plain data");
            let Spread { percentiles, excess } = spread(&model, &images, &device);
            json["percentiles"] = serde_json::to_value(percentiles).expect("plain data");
            json["excess"] = serde_json::to_value(excess).expect("plain data");
            if let Some(trip) = &trip {
                json["round_trip"] = serde_json::to_value(trip).expect("plain data");
            }
            return say(json);
        }
        say(format!("{:.4} ± {:.4} bits/dim over {} images", result.bits_per_dim, result.stderr, result.images))?;
        trip.map_or(Ok(()), |trip| {
            say(format!(
                "round trip: {} of {} images changed in 8 bits, largest error {:.1e} of the range",
                trip.changed, trip.images, trip.largest_error
            ))
        })
    }
}
