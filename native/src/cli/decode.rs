use std::path::PathBuf;

use glow::correction::correct;
use glow::error::{Error, Result};
use glow::latents;
use glow::pixels::{host, to_rgb};

use super::model::ModelArgs;
use super::output::Output;
use crate::picture::from_bytes;

/// Decode latents to the image that they are of
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// A safetensors file, as `glow encode` writes it
    latents: PathBuf,
    /// The image: PNG, JPEG or WebP by its name; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check_picture()?;
        let (model, header, device) = self.model.load()?;
        let bytes = std::fs::read(&self.latents).map_err(Error::io(&self.latents))?;
        let (latents, correction) = latents::load(&bytes, &header.config, &device)?;
        let mut rgb = to_rgb(&host(model.inverse(&latents)));
        correct(&mut rgb, &correction);
        self.out.write_picture(&from_bytes(&rgb, header.config.size))
    }
}
