//! A GPU encodes and decodes as the CPU does, and training on it gives the CPU's curve. Runs on any Vulkan driver, also in software, such as SwiftShader, which
//! comes with Chromium: `VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json`. That one wants the feature `wgpu`
//! without `vulkan`: of cubecl's own SPIR-V it cannot run kernels with loops, and fills their results with zeros.

mod common;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};
use common::{normal, randomised};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::latents::flatten;
use glow::ops::{Precision, is_gpu};
use glow::pixels::host;
use glow::tensor_file::Precision as WeightsPrecision;
use glow::weights::{self, Facts};
use glow_native::device::DeviceKind;
use glow_native::train::{Optimiser, Ranks, StepOptions, TrainConfig, log_p_gradient, train_step};

const STEP: StepOptions = StepOptions {
    rate: 3e-3,
    clip: 10.0,
    shards: 1,
    recompute: false,
    precision: Precision::F32,
    ranks: Ranks::ALONE,
    gpu: None,
};

fn small(coupling: CouplingKind) -> GlowConfig {
    GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 16.into(),
        bits: 5,
        coupling,
        permutation: PermutationKind::Conv1x1,
        dequantiser: Some(9),
    }
}

/// Drawn on the CPU: the same numbers everywhere.
fn images(device: &Device) -> Tensor<4> {
    Tensor::from_data(normal::<4>([8, 8, 8, 3], 0.2, 1, &Device::flex()).into_data(), device)
}

/// Latents, log-densities and what the latents decode to, by a model from a file at rest: no gradients, so the fused kernels.
fn encoded(coupling: CouplingKind, device: &Device, half: bool) -> [Vec<f32>; 3] {
    let x = images(&Device::flex());
    // A new coupling would do nothing.
    let model = randomised(Glow::new(&small(coupling), 1, &Device::flex()).unwrap().initialise(x), 0.05, 1);
    let file = weights::save(&model, Facts::default(), WeightsPrecision::F16);
    let flow = weights::load(&file, &Device::flex()).unwrap().0.frozen();
    let model = if half { flow.half() } else { flow }.to_device(device);
    let encoding = model.forward(images(device));
    let back = host(model.inverse(&encoding.latents));
    [host(encoding.log_p()), host(flatten(encoding.latents)), back]
}

/// The losses of ten steps on one batch.
fn losses(coupling: CouplingKind, device: &Device) -> Vec<f64> {
    let host = Device::flex().autodiff();
    let (config, x) = (small(coupling), images(&host));
    let mut model = Glow::new(&config, 1, &host).unwrap().initialise(x.clone());
    let mut optimiser = Optimiser::new(&TrainConfig::default());
    let options = StepOptions { gpu: is_gpu(device).then(|| device.clone()), ..STEP };
    let step = |_| {
        let (next, loss, _) = train_step(model.clone(), &mut optimiser, x.clone(), &options);
        model = next;
        loss
    };
    (0..10).map(step).collect()
}

/// log p(x) and its gradient by every parameter, where levels have shapes of their own.
fn assert_gradients(coupling: CouplingKind, gpu: &Device) {
    let config = GlowConfig {
        size: 16,
        levels: 3,
        steps: vec![1, 2, 3].into(),
        width: vec![8, 10, 7].into(),
        ..small(coupling)
    };
    let host = Device::flex().autodiff();
    let x = normal([5, 16, 16, 3], 0.2, 1, &host);
    let model = Glow::new(&config, 1, &Device::flex()).unwrap().initialise(x.clone().inner()).train();
    let model = randomised(model, 0.05, 2);
    let flow = common::differentiable(&model);
    let (noisy, log_det) = flow.dequantise(x.clone());
    let log_p = (flow.forward(noisy).log_p() + log_det).sum();
    let by_graph = GradientsParams::from_grads(log_p.backward(), &model);
    let expected = f64::from(log_p.into_scalar::<f32>());
    for recompute in [false, true] {
        let options = StepOptions { gpu: Some(gpu.clone()), recompute, ..STEP };
        let (actual, by_gpu) = log_p_gradient(&model, x.clone(), &options);
        println!("{coupling:?}: log p {expected}, on the GPU {actual}");
        assert!((expected - actual).abs() <= 1e-5 * expected.abs());
        common::assert_gradients(&model, &by_graph, &by_gpu, 1e-4);
    }
}

/// Ten steps are those of the CPU. A program of its own, since that driver crashes when a process that used it tidies up.
fn main() {
    let gpu = if cfg!(feature = "vulkan") { DeviceKind::Vulkan } else { DeviceKind::Wgpu }.open().unwrap();
    let halves: &[bool] = if gpu.supports_dtype(DType::F16) { &[false, true] } else { &[false] };
    for coupling in [CouplingKind::Additive, CouplingKind::Affine] {
        for half in halves {
            for (cpu, gpu) in encoded(coupling, &Device::flex(), false).iter().zip(&encoded(coupling, &gpu, *half)) {
                let scale = cpu.iter().fold(1.0_f32, |most, v| most.max(v.abs()));
                let error = cpu.iter().zip(gpu).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale;
                println!("{coupling:?}, f16 {half}: {} values differ by {error:.1e} of {scale:.1}", cpu.len());
                assert!(error <= 1e-5);
            }
        }
        assert_gradients(coupling, &gpu);
        let (on_cpu, on_gpu) = (losses(coupling, &Device::flex()), losses(coupling, &gpu));
        println!("{coupling:?}, flex:   {on_cpu:.4?}\n{coupling:?}, GPU:    {on_gpu:.4?}");
        assert!(on_cpu[9] < on_cpu[0] - 0.1, "it learns: {on_cpu:?}");
        for (cpu, gpu) in on_cpu.iter().zip(&on_gpu) {
            assert!((cpu - gpu).abs() <= 1e-3 * cpu.abs(), "{cpu} {gpu}");
        }
    }
    unsafe extern "C" {
        fn _exit(status: i32) -> !;
    }
    // SAFETY: ends the process, at once.
    unsafe { _exit(0) }
}
