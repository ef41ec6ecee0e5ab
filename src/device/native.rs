//! Devices of the program: the CPU, and a GPU where the build has one.

use burn::backend::DispatchDevice;
use burn::tensor::Device;

use crate::error::{Error, Result};

/// A choice of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DeviceKind {
    /// A GPU where this build knows one, else the CPU.
    Auto,
    /// The CPU.
    Flex,
    /// A GPU through WebGPU's API.
    Wgpu,
    /// A GPU through Vulkan, with shaders compiled to SPIR-V.
    Vulkan,
}

impl DeviceKind {
    /// Opens the device. Errors: a GPU that this build was made without.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Flex => Ok(Device::flex()),
            #[cfg(feature = "vulkan")]
            Self::Vulkan | Self::Auto => Ok(Device::vulkan(Default::default())),
            #[cfg(all(feature = "wgpu", not(feature = "vulkan")))]
            Self::Auto => Ok(Device::wgpu(Default::default())),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Ok(Device::wgpu(Default::default())),
            #[cfg(not(any(feature = "vulkan", feature = "wgpu")))]
            Self::Auto => Ok(Device::flex()),
            #[allow(unreachable_patterns)]
            missing => {
                let name = format!("{missing:?}").to_lowercase();
                let message = format!("this build has no {name}; build with --features {name}, or use --device flex");
                Err(Error::Device(message))
            }
        }
    }
}

/// Into how many parts a batch is cut for training: a CPU works on one a core, a GPU on the whole.
pub fn shards(device: &Device) -> usize {
    match device.clone().inner().as_dispatch() {
        DispatchDevice::Flex(_) => rayon::current_num_threads(),
        #[allow(unreachable_patterns)]
        _ => 1,
    }
}
