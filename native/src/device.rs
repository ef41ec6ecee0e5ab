//! Devices of the program: the CPU, and a GPU where the build has one.

#[cfg(feature = "wgpu")]
use burn::backend::{CubeDevice, DispatchDevice, WgpuDeviceKind};
use burn::tensor::Device;
#[cfg(feature = "wgpu")]
use burn::tensor::DeviceType;
use glow::error::{Error, Result};

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
    /// Opens the device. Errors: a GPU that this build was made without, or that this machine has not.
    pub fn open(self) -> Result<Device> {
        let name = format!("{self:?}").to_lowercase();
        let missing = |what: String| Error::Device(format!("{what}, or use --device flex"));
        match self {
            Self::Flex => Ok(Device::flex()),
            Self::Auto => {
                let mut gpus = [Self::Vulkan, Self::Wgpu].into_iter().filter_map(Self::gpus).flatten();
                Ok(gpus.find(|gpu| !is_software(gpu)).unwrap_or_else(Device::flex))
            }
            Self::Vulkan | Self::Wgpu => match self.gpus().map(|gpus| gpus.into_iter().next()) {
                Some(Some(gpu)) => Ok(gpu),
                Some(None) => Err(missing(format!("{name} finds no GPU here; install its driver and loader"))),
                None => Err(missing(format!("this build has no {name}; build with --features {name}"))),
            },
        }
    }

    /// This machine's GPUs; None if the build does not know their kind.
    fn gpus(self) -> Option<Vec<Device>> {
        match self {
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Some(Device::enumerate(DeviceType::Vulkan).into_vec()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Some(Device::enumerate(DeviceType::Wgpu).into_vec()),
            _ => None,
        }
    }
}

/// Whether a GPU is the CPU in disguise, which flex uses better.
fn is_software(gpu: &Device) -> bool {
    match gpu.as_dispatch() {
        #[cfg(feature = "wgpu")]
        DispatchDevice::Cube(CubeDevice::Wgpu(device)) => device.kind == WgpuDeviceKind::Cpu,
        _ => false,
    }
}
