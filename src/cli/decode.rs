use std::path::PathBuf;

use super::model::ModelArgs;
use crate::error::{Error, Result};
use crate::image::{host, to_rgb};
use crate::latents;
use crate::picture::{from_bytes, png};
use crate::train::write_atomically;

/// Decode latents to the image that they are of
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// A safetensors file, as `glow encode` writes it
    latents: PathBuf,
    /// The image, a PNG file
    #[arg(long)]
    out: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let (model, header, device) = self.model.load()?;
        let bytes = std::fs::read(&self.latents).map_err(Error::io(&self.latents))?;
        let latents = latents::load(&bytes, &header.config, &device)?;
        let rgb = to_rgb(&host(model.inverse(&latents)));
        write_atomically(&self.out, &png(&from_bytes(&rgb, header.config.size))?)
    }
}
