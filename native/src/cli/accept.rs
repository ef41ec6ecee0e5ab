use std::path::PathBuf;

use glow::error::{Error, Result};
use glow::tensor_file::Precision;
use glow::weights;

use super::model::ModelArgs;
use super::output::{Output, say};
use crate::train::acceptance::{Effort, learn, read_grades};

/// Learn which draws of a model become pictures, from grades that some were given
///
/// It prints the correlation of what has learned the grades with those that it did not see, and of what looks at latents alone with that.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Lines of seed, index and grade, with commas between them; the greater a grade, the worse the draw (`glow sample --every`)
    #[arg(long)]
    grades: PathBuf,
    /// The temperature of the coarsest level at which they were drawn
    #[arg(long, default_value_t = 0.9)]
    temperature: f32,
    /// The share of draws that is taken
    #[arg(long, default_value_t = 0.2)]
    share: f64,
    /// Steps of the teachers, and of what learns from them
    #[arg(long, num_args = 2, default_values_t = [900, 3000])]
    steps: Vec<usize>,
    /// The model with it, in half precision; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check()?;
        if !(0.01..=1.0).contains(&self.share) {
            return Err(Error::Config("--share must be between 0.01 and 1".into()));
        }
        let (mut model, header, _) = self.model.read()?;
        let grades = read_grades(&std::fs::read_to_string(&self.grades).map_err(Error::io(&self.grades))?)?;
        let effort = Effort { teacher: self.steps[0], acceptance: self.steps[1] };
        let learned = learn(&model.frozen(), &grades, self.temperature, self.share, effort)?;
        let [teacher, student] = [learned.teacher, learned.student];
        say(format!("grades known by shapes: {teacher:.3}; those known by latents: {student:.3}"), [&self.out])?;
        model.acceptance = Some(learned.acceptance);
        self.out.write(&weights::save(&model, header.facts, Precision::F16))
    }
}
