use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use glow::error::{Error, Result};
use glow::weights;

use crate::output::say;

/// Print what a weights file says of itself, after checking all of it
#[derive(clap::Args)]
pub struct Args {
    /// A weights file
    file: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let bytes = std::fs::read(&self.file).map_err(Error::io(&self.file))?;
        let (model, header) = weights::load(&bytes, &Device::flex())?;
        let mut json = serde_json::to_value(&header).expect("plain data");
        json["parameters"] = model.num_params().into();
        json["takes_every_draw"] = model.acceptance.is_none().into();
        json["bytes"] = bytes.len().into();
        json["megaflops_per_image"] = (header.config.flops() / 1e6).round().into();
        say(serde_json::to_string_pretty(&json).expect("plain data"))
    }
}
