//! What a training step of faces32's recipe holds at most, by depth: with every activation kept, and with `--recompute`,
//! which computes them again from the outputs.
//!
//! `cargo bench --bench memory` prints MB beside what is there before the step: the parameters, their average and the
//! optimiser's state. Every shard has gradients as large as the parameters, so the peak of the step that recomputes is
//! given with and without them; the other one's comes before there are any. The last column is the time of a step that
//! recomputes in that of one that does not.
//!
//! # Notes
//!
//! On one Zen 3 core, so in one shard: 46.3, 46.0 and 44.6 MB at K = 4, 16 and 64 (with gradients 48.1, 53.0 and 72.8),
//! where 76.3, 176.0 and 623.4 MB are needed to keep the activations. The time is 1.31, 1.18 and 0.89 times that.

#[path = "../tests/common/heap.rs"]
mod heap;

use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::ops::Precision;
use glow_native::train::{Optimiser, Ranks, StepOptions, TrainConfig, train_step};

const BATCH: usize = 32;
/// Pairs of steps that are timed.
const ROUNDS: usize = 5;

fn main() {
    // As in the program: freed pages are kept for the next step.
    // SAFETY: sets a number.
    unsafe { libmimalloc_sys::mi_option_set(15, 10_000) };
    println!("  K  gradients     kept  recomputed  less gradients  time");
    for steps in [4, 16, 64] {
        let config = GlowConfig {
            size: 32,
            levels: 3,
            steps: steps.into(),
            width: 96.into(),
            bits: 5,
            coupling: CouplingKind::Additive,
            permutation: PermutationKind::Conv1x1,
            dequantiser: None,
        };
        let mut training = Training::new(&config);
        let gradients = training.shards * training.model.as_ref().expect("a model").num_params() * size_of::<f32>();
        // The first step makes the optimiser's state.
        training.step(false);
        let kept = heap::peak(|| training.step(false));
        let recomputed = heap::peak(|| training.step(true));
        let time = median((0..ROUNDS).map(|_| {
            let kept = time(|| training.step(false));
            time(|| training.step(true)).as_secs_f64() / kept.as_secs_f64()
        }));
        let [gradients, kept, recomputed, less] =
            [gradients, kept, recomputed, recomputed - gradients].map(|bytes| bytes as f64 / 1e6);
        println!("{steps:3} {gradients:10.1} {kept:8.1} {recomputed:11.1} {less:15.1} {time:5.2}");
    }
}

struct Training {
    model: Option<Glow>,
    optimiser: Optimiser,
    x: Tensor<4>,
    shards: usize,
}

impl Training {
    fn new(config: &GlowConfig) -> Self {
        let device = Device::flex().autodiff();
        let x = Tensor::random([BATCH, config.size, config.size, 3], Distribution::Uniform(-0.5, 0.5), &device);
        Self {
            model: Some(Glow::new(config, 1, &device).expect("a valid configuration")),
            optimiser: Optimiser::new(&TrainConfig::default()),
            x,
            shards: rayon::current_num_threads(),
        }
    }

    fn step(&mut self, recompute: bool) {
        let options = StepOptions {
            rate: 1e-4,
            clip: 10.0,
            shards: self.shards,
            recompute,
            precision: Precision::fastest(),
            ranks: Ranks::ALONE,
            gpu: None,
        };
        let model = self.model.take().expect("a model");
        self.model = Some(train_step(model, &mut self.optimiser, self.x.clone(), &options).0);
    }
}

fn time(f: impl FnOnce()) -> Duration {
    let start = Instant::now();
    f();
    start.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
