//! Training on a GPU gives the curve of the CPU. Runs on any Vulkan driver, also in software, such as SwiftShader, which
//! comes with Chromium: `VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json`. That one wants the feature `wgpu`
//! without `vulkan`: of cubecl's own SPIR-V it cannot run kernels with loops, and fills their results with zeros.

mod common;

use burn::optim::ModuleOptimizer;
use burn::tensor::Device;
use common::normal;
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::device::DeviceKind;
use glow::flow::Glow;
use glow::train::{Adamax, StepOptions, train_step};

const STEP: StepOptions = StepOptions { rate: 3e-3, clip: 10.0, shards: 1, checkpointing: false };

/// The losses of ten steps on one batch.
fn losses(coupling: CouplingKind, device: &Device) -> Vec<f64> {
    let device = device.clone().autodiff();
    let config = GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 16.into(),
        bits: 5,
        coupling,
        permutation: PermutationKind::Conv1x1,
    };
    // Drawn on the CPU: the same numbers everywhere.
    let x = normal([8, 8, 8, 3], 0.2, 1, &Device::flex()).into_data();
    let x = burn::tensor::Tensor::<4>::from_data(x, &device);
    let mut model = Glow::new(&config, 1, &device).unwrap().initialise(x.clone());
    let mut optimiser = ModuleOptimizer::from(Adamax::default());
    let step = |_| {
        let (next, loss, _) = train_step(model.clone(), &mut optimiser, x.clone(), STEP);
        model = next;
        loss
    };
    (0..10).map(step).collect()
}

/// Ten steps are those of the CPU. A program of its own, since that driver crashes when a process that used it tidies up.
fn main() {
    let gpu = DeviceKind::Wgpu.open().unwrap();
    for coupling in [CouplingKind::Additive, CouplingKind::Affine] {
        let (on_cpu, on_gpu) = (losses(coupling, &Device::flex()), losses(coupling, &gpu));
        println!("{coupling:?}, flex:   {on_cpu:.4?}\n{coupling:?}, GPU:    {on_gpu:.4?}");
        assert!(on_cpu[9] < on_cpu[0] - 0.1, "it learns: {on_cpu:?}");
        for (cpu, gpu) in on_cpu.iter().zip(&on_gpu) {
            assert!((cpu - gpu).abs() <= 0.01 * cpu.abs(), "{cpu} {gpu}");
        }
    }
    unsafe extern "C" {
        fn _exit(status: i32) -> !;
    }
    // SAFETY: ends the process, at once.
    unsafe { _exit(0) }
}
