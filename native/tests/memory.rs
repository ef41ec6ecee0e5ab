//! Memory of a training step that recomputes does not grow with depth, its parameters aside.

#[path = "common/heap.rs"]
mod heap;

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::ops::Precision;
use glow_native::train::{Optimiser, Ranks, StepOptions, TrainConfig, train_step};

/// The most that a step holds beside parameters, optimiser state and gradients.
fn peak(steps: usize, coupling: CouplingKind) -> f64 {
    let config = GlowConfig {
        size: 32,
        levels: 1,
        steps: steps.into(),
        width: 32.into(),
        bits: 5,
        coupling,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    let device = Device::flex().autodiff();
    let model = Glow::new(&config, 1, &device).unwrap();
    let gradients = model.num_params() * size_of::<f32>();
    let mut optimiser = Optimiser::new(&TrainConfig::default());
    // So many images that a step of few layers is mostly activations, not graph.
    let x = Tensor::random([128, 32, 32, 3], Distribution::Uniform(-0.5, 0.5), &device);
    // One shard, so that what is held at the same time does not depend on threads.
    let options = StepOptions {
        rate: 1e-4,
        clip: 10.0,
        shards: 1,
        recompute: true,
        precision: Precision::F32,
        ranks: Ranks::ALONE,
        gpu: None,
    };
    let (model, ..) = train_step(model, &mut optimiser, x.clone(), &options);
    let peak = heap::peak(|| drop(train_step(model, &mut optimiser, x, &options)));
    (peak - gradients) as f64
}

#[test]
fn sixty_four_steps_need_hardly_more_than_four() {
    for coupling in [CouplingKind::Additive, CouplingKind::Affine] {
        let (shallow, deep) = (peak(4, coupling), peak(64, coupling));
        assert!(deep <= 1.3 * shallow, "{coupling:?}: {deep} bytes at K = 64, {shallow} at K = 4");
    }
}
