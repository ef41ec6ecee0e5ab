//! Learns which draws become pictures, see [`Acceptance`], from the grades of some: a teacher learns them from what the coarsest
//! level makes of a draw, where shapes are plain to see; the acceptance learns from the teacher, of as many draws as it takes,
//! to tell them by their latents alone.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use glow::acceptance::{Acceptance, Dense};
use glow::error::{Error, Result};
use glow::flow::FrozenGlow;
use glow::latents;
use glow::pixels::host;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

/// Numbers between the layers of a network.
const HIDDEN: [usize; 2] = [128, 64];
/// Shares of a teacher's inputs and hidden numbers that are left out in a step.
const DROPOUT: [f64; 2] = [0.3, 0.5];
/// Teachers, whose mean counts.
const TEACHERS: usize = 3;
const LEARNING_RATE: f64 = 1e-3;
const WEIGHT_DECAY: f32 = 0.05;
/// Draws that are decoded together.
const BATCH: usize = 64;
/// The seed of draws that nobody has graded.
const FRESH: u64 = u64::MAX;

/// How long it learns.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Steps of a teacher, of 128 graded draws each.
    pub teacher: usize,
    /// Steps of the acceptance, of 256 new draws each.
    pub acceptance: usize,
}

/// A draw that somebody has looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Graded {
    /// Of its image.
    pub seed: u64,
    /// Of the seed's images.
    pub index: usize,
    /// The greater, the worse.
    pub grade: f32,
}

/// What was learned, and how well.
pub struct Learned {
    /// It takes the share of draws that was asked for.
    pub acceptance: Acceptance,
    /// Correlation of the teachers with the grades of every tenth draw, which they did not see.
    pub teacher: f64,
    /// Correlation of the acceptance with the teachers, of draws that neither saw.
    pub student: f64,
}

/// Reads lines of a seed, an index and a grade, with commas between them. Errors: a line that is none.
pub fn read_grades(text: &str) -> Result<Vec<Graded>> {
    let line = |line: &str| -> Option<Graded> {
        let mut fields = line.split(',').map(str::trim);
        let (seed, index, grade) = (fields.next()?, fields.next()?, fields.next()?);
        let grade: f32 = grade.parse().ok().filter(|grade: &f32| grade.is_finite())?;
        (fields.next().is_none()).then_some(Graded { seed: seed.parse().ok()?, index: index.parse().ok()?, grade })
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|text| line(text).ok_or_else(|| Error::Training(format!("'{text}' is no seed, index, grade")))).collect()
}

/// Learns to take the best `share` of the draws at a `temperature` of the coarsest level. Errors: too few grades.
pub fn learn(flow: &FrozenGlow, graded: &[Graded], temperature: f32, share: f64, effort: Effort) -> Result<Learned> {
    if graded.len() < 2 * BATCH {
        return Err(Error::Training(format!("{} grades are too few to learn from", graded.len())));
    }
    let of = |graded: &[Graded]| -> Vec<f32> {
        graded.par_iter().flat_map_iter(|draw| coarsest(flow, draw.seed, draw.index, 1)).collect()
    };
    let (held, seen): (Vec<_>, Vec<_>) = graded.iter().enumerate().partition(|(i, _)| i % 10 == 0);
    let [held, seen] = [held, seen].map(|part| part.into_iter().map(|(_, draw)| *draw).collect::<Vec<_>>());
    let activations = decode(flow, &of(&seen), temperature);
    let dims = activations.len() / seen.len();
    let scale = Scale::of(&activations, dims);
    let inputs = scale.apply(&activations);
    let grades = standardised(&grades_of(&seen));

    let device = Device::flex().autodiff();
    let teachers: Vec<Network> = (0..TEACHERS as u64)
        .map(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            device.seed(seed);
            Network::new(dims, DROPOUT, &device).fit(effort.teacher, || {
                let rows: Vec<usize> = (0..2 * BATCH).map(|_| (rng.next_u32() as usize) % seen.len()).collect();
                let inputs = rows.iter().flat_map(|row| &inputs[row * dims..][..dims]).copied().collect();
                (inputs, rows.iter().map(|row| grades[*row]).collect())
            })
        })
        .collect();
    let taught = |draws: &[f32]| -> Vec<f32> {
        let inputs = scale.apply(&decode(flow, draws, temperature));
        let all: Vec<Vec<f32>> = teachers.iter().map(|teacher| teacher.values(&inputs, dims)).collect();
        (0..all[0].len()).map(|i| all.iter().map(|values| values[i]).sum::<f32>() / TEACHERS as f32).collect()
    };
    let teacher = correlation(&taught(&of(&held)), &grades_of(&held));

    let mut next = 0;
    let mut fresh = |count: usize| -> Vec<f32> {
        let batches: Vec<usize> = (next..next + count / BATCH).collect();
        next += count / BATCH;
        batches.par_iter().flat_map_iter(|batch| coarsest(flow, FRESH, batch * BATCH, BATCH)).collect()
    };
    device.seed(TEACHERS as u64);
    let student = Network::new(dims, [0.0; 2], &device).fit(effort.acceptance, || {
        let draws = fresh(4 * BATCH);
        let values = taught(&draws);
        (draws, values)
    });
    let draws = fresh(16 * BATCH);
    let known = correlation(&student.values(&draws, dims), &taught(&draws));
    let mut scores = student.values(&fresh(128 * BATCH), dims);
    scores.sort_by(f32::total_cmp);
    let threshold = scores[((scores.len() as f64 * share) as usize).min(scores.len() - 1)];
    Ok(Learned { acceptance: student.acceptance(threshold, dims)?, teacher, student: known })
}

/// Latents of the coarsest level of so many images of a seed, at temperature 1.
fn coarsest(flow: &FrozenGlow, seed: u64, first: usize, count: usize) -> Vec<f32> {
    let config = flow.config();
    let drawn = latents::draw(config, None, seed, first, count, &vec![1.0; config.levels], &flow.device());
    host(drawn[config.levels - 1].clone())
}

/// What the coarsest level makes of its latents.
fn decode(flow: &FrozenGlow, eps: &[f32], temperature: f32) -> Vec<f32> {
    let config = flow.config();
    let [h, w, c] = config.latent_shapes()[config.levels - 1];
    let batches = eps.par_chunks(BATCH * h * w * c).flat_map_iter(|eps| {
        let shape = [eps.len() / (h * w * c), h, w, c];
        let eps = Tensor::from_data(TensorData::new(eps.to_vec(), shape), &flow.device());
        let x = flow.top.inverse(eps * temperature);
        host(flow.levels[config.levels - 1].steps.iter().rev().fold(x, |x, step| step.inverse(x)))
    });
    batches.collect()
}

/// Mean and deviation of each column.
struct Scale(Vec<(f32, f32)>);

impl Scale {
    fn of(values: &[f32], columns: usize) -> Self {
        let rows = (values.len() / columns) as f32;
        let column = |i: usize| {
            let column = || values[i..].iter().step_by(columns);
            let mean = column().sum::<f32>() / rows;
            let deviation = (column().map(|v| (v - mean).powi(2)).sum::<f32>() / rows).sqrt();
            (mean, deviation.max(1e-6))
        };
        Self((0..columns).into_par_iter().map(column).collect())
    }

    fn apply(&self, values: &[f32]) -> Vec<f32> {
        values.iter().zip(self.0.iter().cycle()).map(|(v, (mean, deviation))| (v - mean) / deviation).collect()
    }
}

fn grades_of(draws: &[Graded]) -> Vec<f32> {
    draws.iter().map(|draw| draw.grade).collect()
}

fn standardised(values: &[f32]) -> Vec<f32> {
    Scale::of(values, 1).apply(values)
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let [a, b] = [a, b].map(standardised);
    a.iter().zip(&b).map(|(a, b)| f64::from(a * b)).sum::<f64>() / a.len() as f64
}

/// Dense layers with ReLU between them.
#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
    dropout: Vec<Dropout>,
}

impl Network {
    fn new(inputs: usize, [first, others]: [f64; 2], device: &Device) -> Self {
        let widths = [&[inputs], &HIDDEN[..], &[1]].concat();
        let layers = widths.windows(2).map(|width| LinearConfig::new(width[0], width[1]).init(device)).collect();
        let dropout = (0..=HIDDEN.len()).map(|i| DropoutConfig::new(if i == 0 { first } else { others }).init());
        Self { layers, dropout: dropout.collect() }
    }

    /// `[n, inputs]` -> `[n, 1]`.
    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for (i, (layer, dropout)) in self.layers.iter().zip(&self.dropout).enumerate() {
            x = if i > 0 { relu(x) } else { x };
            x = layer.forward(dropout.forward(x));
        }
        x
    }

    /// Least squares by AdamW, at a rate that falls to 0. `batch` gives inputs and targets of a step. Without its graph.
    fn fit(mut self, steps: usize, mut batch: impl FnMut() -> (Vec<f32>, Vec<f32>)) -> Self {
        let device = self.layers[0].weight.val().device();
        let mut optimiser = AdamWConfig::new().with_weight_decay(WEIGHT_DECAY).init();
        for step in 0..steps {
            let (inputs, targets) = batch();
            let n = targets.len();
            let inputs = Tensor::from_data(TensorData::new(inputs.clone(), [n, inputs.len() / n]), &device);
            let targets = Tensor::<2>::from_data(TensorData::new(targets, [n, 1]), &device);
            let loss = (self.forward(inputs) - targets).square().mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &self);
            let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
            self = optimiser.step(rate, self, gradients);
        }
        self.valid()
    }

    /// Of rows of `dims` inputs.
    fn values(&self, inputs: &[f32], dims: usize) -> Vec<f32> {
        let device = self.layers[0].weight.val().device();
        let inputs = TensorData::new(inputs.to_vec(), [inputs.len() / dims, dims]);
        host(self.forward(Tensor::from_data(inputs, &device)))
    }

    /// What takes those below `threshold`.
    fn acceptance(&self, threshold: f32, dims: usize) -> Result<Acceptance> {
        let mut layers: Vec<Dense> = (self.layers.iter())
            .map(|layer| Dense {
                weight: host(layer.weight.val()),
                bias: host(layer.bias.as_ref().expect("it has one").val()),
            })
            .collect();
        layers.last_mut().expect("three").bias[0] -= threshold;
        Acceptance::new(layers, dims)
    }
}
