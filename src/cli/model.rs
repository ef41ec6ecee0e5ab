//! The options that name a model and a device.

use std::borrow::Cow;
use std::path::PathBuf;

use burn::tensor::Device;

use crate::device::DeviceKind;
use crate::error::{Error, Result};
use crate::flow::Glow;
use crate::weights::{self, Header};

/// The model that ships with the program.
static SHIPPED: &[u8] = include_bytes!("../../models/faces32.safetensors");

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
    /// The weights file.
    pub fn bytes(&self) -> Result<Cow<'static, [u8]>> {
        match &self.model {
            None => Ok(Cow::Borrowed(SHIPPED)),
            Some(path) => std::fs::read(path).map(Cow::Owned).map_err(Error::io(path)),
        }
    }

    /// The model, ready for use, and what its file says of it.
    pub fn load(&self) -> Result<(Glow, Header, Device)> {
        let device = self.device.open()?;
        let (model, header) = weights::load(&self.bytes()?, &device)?;
        Ok((model.fold(), header, device))
    }
}
