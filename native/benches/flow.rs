//! Throughput on the CPU, by width and resolution: a step of flow forward and inverse, at batch 32, and a whole training step of
//! models as deep as faces32, whose width is 96. And what a step of restoring a face costs, beside decoding one.
//!
//! `cargo bench` prints FLOP/s as items: `100 Gitem/s` is 100 GFLOP/s. Counted are the multiplications and additions of
//! the matrix products alone. A whole training step's items are images; `bench/pytorch.py` sets them beside PyTorch's.
//!
//! # Notes
//!
//! Two Zen 3 cores (AVX2), medians, GFLOP/s: a step forward reaches 168 at 16x16x12 and 167 at 8x8x24 with width 512, 114 and
//! 113 with width 128, 91 and 86 with width 96.
//!
//! Training experiments/faces64.toml at batch 16 was profiled with `perf record`, all of the program. Two Zen 5 cores, 125 ms a step in
//! bf16, 207 in f32; with the graph of automatic differentiation, in f32, it was 272. Of their processor time
//!
//! - matrix products are 53%, of those in f32 63%
//! - copies are 6 and 5%, fresh zeros and new pages 6 and 5%
//! - gathers and scatters of the 3x3 convolutions are 7 and 5%, rounding and pairing for bf16 6%
//! - transposing the weights for the way back is 3 and 1%
//! - the rest is spread thinly: the 1x1 convolutions, element-wise operations, sums of shards, the optimiser
//!
//! A product in bf16 runs at 460 to 520 GFLOP/s a core in the shapes of a step, in f32 at 240 to 250. Muon takes 30 ms more a step than
//! Adamax.
//!
//! What was cheap has been taken: cutting the batch into a shard a core, since flex runs element-wise operations on one
//! thread, an allocator that keeps pages between steps, a gradient without a graph, windows read from images with a border, optimiser and
//! norm in one pass each. What `--recompute` saves and costs is in benches/memory.rs.

use burn::tensor::{Device, Tensor, TensorData};
use divan::Bencher;
use divan::counter::ItemsCount;
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::{FrozenGlow, Glow, Gradients, Init, Step};
use glow::latents;
use glow::ops::Precision;
use glow::restore::{Known, Restore};
use glow::weights;
use glow_native::train::{Optimiser, Ranks, StepOptions, TrainConfig, train_step};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 32;
/// Width, side and channels.
const CASES: [(usize, usize, usize); 6] =
    [(512, 16, 12), (512, 8, 24), (128, 16, 12), (128, 8, 24), (96, 16, 12), (96, 8, 24)];

fn main() {
    // As in the program: freed pages are kept for the next step.
    // SAFETY: sets a number.
    unsafe { libmimalloc_sys::mi_option_set(15, 10_000) };
    divan::main();
}

fn random(shape: [usize; 4], device: &Device) -> Tensor<4> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| StandardNormal.sample(&mut rng)).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A step of flow whose level has this side and these channels, and its FLOPs for a batch.
fn step(width: usize, side: usize, channels: usize, device: &Device) -> (Step, Tensor<4>, u64) {
    let config = GlowConfig {
        size: 2 * side,
        levels: 1,
        steps: 1.into(),
        width: width.into(),
        bits: 5,
        coupling: CouplingKind::Affine,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    let step = Step::new(&config, channels, width, &mut Init::random(1), device);
    let half = channels / 2;
    let net = 9 * half * width + width * width + 9 * width * channels;
    let flops = 2 * BATCH * side * side * (net + channels * channels);
    (step, random([BATCH, side, side, channels], device), flops as u64)
}

#[divan::bench(args = CASES, sample_count = 20)]
fn forward(bencher: Bencher, (width, side, channels): (usize, usize, usize)) {
    let (step, x, flops) = step(width, side, channels, &Device::flex());
    let step = step.frozen();
    bencher.counter(ItemsCount::new(flops)).bench(|| step.forward(x.clone()));
}

#[divan::bench(args = CASES, sample_count = 20)]
fn inverse(bencher: Bencher, (width, side, channels): (usize, usize, usize)) {
    let (step, y, flops) = step(width, side, channels, &Device::flex());
    let step = step.frozen();
    bencher.counter(ItemsCount::new(flops)).bench(|| step.inverse(y.clone()));
}

/// A face of faces64.
#[divan::bench(sample_count = 200)]
fn decode(bencher: Bencher) {
    let flow = faces64();
    let latents = latents::draw(flow.config(), None, 1, 0, 1, &[0.9; 4], &Device::flex());
    bencher.bench(|| flow.inverse(&latents));
}

/// A step of the search that enlarges one.
#[divan::bench(sample_count = 200)]
fn restore(bencher: Bencher) {
    let flow = faces64();
    let known = Known::means(&[128; 16 * 16 * 3], flow.config(), &Device::flex()).expect("a picture of 16x16");
    let gradients = Gradients::new(flow);
    let mut search = Restore::new(&gradients, known, 1);
    bencher.bench_local(|| search.step());
}

fn faces64() -> FrozenGlow {
    let bytes = include_bytes!("../../models/faces64.safetensors");
    weights::load(bytes, &Device::flex()).expect("a model that ships").0.frozen()
}

#[divan::bench(args = [512, 128, 96], sample_count = 10)]
fn whole_training_step(bencher: Bencher, width: usize) {
    training_step(bencher, width, Precision::fastest());
}

#[divan::bench(args = [512, 128, 96], sample_count = 10)]
fn whole_training_step_in_f32(bencher: Bencher, width: usize) {
    training_step(bencher, width, Precision::F32);
}

/// Loss, gradient, clipping and update.
fn training_step(bencher: Bencher, width: usize, precision: Precision) {
    let config = GlowConfig {
        size: 32,
        levels: 3,
        steps: 16.into(),
        width: width.into(),
        bits: 5,
        coupling: CouplingKind::Additive,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    let device = Device::flex().autodiff();
    let mut model = Some(Glow::new(&config, 1, &device).expect("a valid configuration"));
    let mut optimiser = Optimiser::new(&TrainConfig::default());
    let x = random([BATCH, 32, 32, 3], &device) * 0.2;
    let options = StepOptions {
        rate: 1e-4,
        clip: 10.0,
        shards: rayon::current_num_threads(),
        recompute: false,
        precision,
        ranks: Ranks::ALONE,
        gpu: None,
    };
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        let (next, loss, _) = train_step(model.take().expect("a model"), &mut optimiser, x.clone(), &options);
        model = Some(next);
        loss
    });
}
