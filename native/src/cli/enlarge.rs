use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use glow::error::Result;
use glow::restore::Known;

use super::model::ModelArgs;
use super::output::Output;
use super::photo::PhotoArgs;
use super::seeds::SeedArgs;
use crate::picture::restore;

/// Enlarge a small photo to the model's size, with the flow for what is probable
///
/// The central square of the image is taken, and made as small as is said before it is enlarged. Detail that it has not is
/// invented: what comes is a face that looks so when it is as small, and most likely not the one in the photo. A face is found only
/// where the training images have it, with the eyes at 37% and 62% of the width and 47% of the height; --align puts it there.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    photo: PhotoArgs,
    /// How many times as wide it gets: 2, 4 or 8
    #[arg(long, default_value = "4", value_parser = PossibleValuesParser::new(["2", "4", "8"]).map(|times| times.parse::<usize>().expect("a number")))]
    times: usize,
    #[command(flatten)]
    seeds: SeedArgs,
    /// The picture: PNG, JPEG or WebP by its name; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check_picture()?;
        let (model, header, device) = self.model.load()?;
        let small = self.photo.read(header.config.size / self.times)?;
        let known = Known::means(&small, &header.config, &device)?;
        self.out.write_picture(&restore(&model, &known, self.seeds.seeds())?)
    }
}
