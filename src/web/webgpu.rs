//! A page's GPU, through WebGPU.

use std::sync::Arc;

use burn::tensor::Device;
use burn_wgpu::WgpuSetup;
use wgpu::{
    Adapter, Backend, Backends, DeviceDescriptor, ExperimentalFeatures, Features, Instance, InstanceDescriptor,
    MemoryHints, PowerPreference, RequestAdapterOptions, Trace,
};

use super::device::constructors;
use crate::error::{Error, Result};

/// Launches that go to the GPU together, at most: those of a picture, of the largest model.
const TASKS: usize = 1024;

/// The GPU. `failed` is called with a sentence when the device is lost or a command fails,
/// which nothing else tells. Errors: no adapter, or one that cannot run the kernels.
pub async fn open(failed: impl Fn(String) + Send + Sync + 'static) -> Result<Device> {
    constructors();
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::BROWSER_WEBGPU,
        ..InstanceDescriptor::new_without_display_handle()
    });
    let wanted = RequestAdapterOptions { power_preference: PowerPreference::HighPerformance, ..Default::default() };
    let adapter = instance.request_adapter(&wanted).await.map_err(|error| Error::Device(error.to_string()))?;
    check(&adapter)?;
    let descriptor = DeviceDescriptor {
        label: None,
        required_features: adapter.features().difference(Features::MAPPABLE_PRIMARY_BUFFERS),
        required_limits: adapter.limits(),
        // cubecl has an allocator of its own.
        memory_hints: MemoryHints::MemoryUsage,
        experimental_features: ExperimentalFeatures::disabled(),
        trace: Trace::default(),
    };
    let (device, queue) =
        adapter.request_device(&descriptor).await.map_err(|error| Error::Device(error.to_string()))?;
    let failed = Arc::new(failed);
    let lost = failed.clone();
    device.set_device_lost_callback(move |reason, message| lost(format!("device lost, {reason:?}: {message}")));
    device.on_uncaptured_error(Arc::new(move |error| failed(format!("{error}"))));
    let setup = WgpuSetup { instance, adapter, device, queue, backend: Backend::BrowserWebGpu };
    Device::wgpu_options().setup(setup).tasks_max(TASKS).init().map_err(|error| Error::Device(error.to_string()))
}

/// What burn's and our kernels need.
fn check(adapter: &Adapter) -> Result<()> {
    let limits = adapter.limits();
    for (what, has, needs) in [
        ("storage buffers in a shader", limits.max_storage_buffers_per_shader_stage, 8),
        ("threads in a workgroup", limits.max_compute_invocations_per_workgroup, 256),
    ] {
        if has < needs {
            return Err(Error::Device(format!("the adapter allows {has} {what}; {needs} are needed")));
        }
    }
    Ok(())
}
