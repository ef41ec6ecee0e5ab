use std::path::PathBuf;

use glow::error::Result;
use glow::tensor_file::Precision;
use glow::weights;

use super::model::ModelArgs;
use super::output::Output;
use crate::train::evaluate;
use crate::train::{Part, data::Images};

/// Write a trained model as it ships: in half precision, with its bits/dim in the file
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// The data set whose validation and test images are measured
    #[arg(long)]
    data: PathBuf,
    /// The weights file; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check()?;
        let (model, header, device) = self.model.read()?;
        let mut facts = header.facts;
        // What is measured is the model in half precision.
        let half = weights::save(&model, facts.clone(), Precision::F16);
        let half = weights::load(&half, &device)?.0;
        let frozen = half.frozen();
        let measure = |part| -> Result<f64> {
            let images = Images::of(&header.config, &self.data, part)?;
            Ok(evaluate(&frozen, &images, &device).bits_per_dim)
        };
        facts.validation_bits_per_dim = Some(measure(Part::Validation)?);
        facts.test_bits_per_dim = Some(measure(Part::Test)?);
        self.out.write(&weights::save(&half, facts, Precision::F16))
    }
}
