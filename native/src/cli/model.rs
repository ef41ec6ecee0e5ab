//! The options that name a model and a device.

use std::borrow::Cow;
use std::path::PathBuf;

use burn::tensor::Device;
use glow::error::{Error, Result};
use glow::flow::{FrozenGlow, Glow};
use glow::weights::{self, Header};

use crate::device::DeviceKind;

/// The model that ships with the program.
static SHIPPED: &[u8] = include_bytes!("../../../models/faces32.safetensors");

#[derive(clap::Args)]
pub struct ModelArgs {
    /// Weights file; without it, the faces32 model that is built into the program
    #[arg(long)]
    model: Option<PathBuf>,
    /// Where to compute; a GPU needs a build with its feature
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceKind,
}

impl ModelArgs {
    /// The model as it is stored, and what its file says of it.
    pub fn read(&self) -> Result<(Glow, Header, Device)> {
        let device = self.device.open()?;
        let bytes = match &self.model {
            None => Cow::Borrowed(SHIPPED),
            Some(path) => Cow::Owned(std::fs::read(path).map_err(Error::io(path))?),
        };
        let (model, header) = weights::load(&bytes, &device)?;
        Ok((model, header, device))
    }

    /// The same, ready for use.
    pub fn load(&self) -> Result<(FrozenGlow, Header, Device)> {
        let (model, header, device) = self.read()?;
        Ok((model.frozen(), header, device))
    }
}
