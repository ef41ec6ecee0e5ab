use glow::error::Result;

use super::model::ModelArgs;
use super::output::Output;
use super::photo::PhotoArgs;
use crate::picture;

/// Take the noise out of a photo, with the flow for what is probable
///
/// The central square of the image is used. The noise is that of the model's bins: an error of some levels of 255.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    photo: PhotoArgs,
    /// The picture: PNG, JPEG or WebP by its name; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check_picture()?;
        let (model, header, _) = self.model.load()?;
        let photo = self.photo.read(header.config.size)?;
        self.out.write_picture(&picture::clean(&model, &[photo])[0])
    }
}
