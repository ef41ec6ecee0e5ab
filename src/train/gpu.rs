//! The gradient on a GPU, without a graph: a launch is what costs there, and a graph of small operations has ten times as
//! many. The weights stay on the host, which also knows how actnorm and the factors of the 1x1 convolution make one matrix:
//! the GPU is given that, and returns the gradient by it.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData, activation::sigmoid};
use rayon::prelude::*;

use super::gradients;
use crate::config::{CouplingKind, GlowConfig};
use crate::flow::{Glow, Prior, Split, Step, squeeze, unsqueeze};
use crate::ops::{GpuNet, NetWeights, Sums, add_to_first, conv3x3, halves, join, linear, turned, view};

/// The sum of log p(x) over a batch, in nats, and its gradient, of a `model` on the host.
pub fn log_p_gradient_on(gpu: &Device, model: &Glow, x: Tensor<4>) -> (f64, GradientsParams) {
    let images = x.dims()[0];
    let plain = model.valid();
    let flow = Flow::upload(&plain, gpu);
    let (log_p, sums, top) = flow.backward(x.inner().to_device(gpu));
    let (constants, gradients) = pull_back(model, images, &sums, top);
    (log_p + constants, gradients)
}

/// A flow on the GPU, as its arithmetic meets it.
struct Flow {
    levels: Vec<Level>,
    top: Prior,
    kind: CouplingKind,
    /// Numbers in the gradients by all weights but the last prior's.
    length: usize,
}

struct Level {
    layers: Vec<Layer>,
    prior: Option<Conv>,
}

/// A step of flow.
struct Layer {
    /// Actnorm and permutation, `x M + v`.
    matrix: Tensor<2>,
    shift: Tensor<1>,
    /// M^T.
    turned_matrix: Tensor<2>,
    net: NetWeights,
    turned: NetWeights,
    /// `[c]`.
    zeros: Tensor<1>,
}

/// The convolution of a split.
struct Conv {
    weight: Tensor<2>,
    bias: Tensor<1>,
    turned: Tensor<2>,
    /// `[c_in]`.
    zeros: Tensor<1>,
}

/// Sizes of a level's weights: channels, hidden ones and outputs of its networks.
#[derive(Clone, Copy)]
struct Sizes {
    c: usize,
    n: usize,
    outputs: usize,
}

impl Sizes {
    fn of(config: &GlowConfig) -> impl Iterator<Item = Self> {
        let outputs = |c| match config.coupling {
            CouplingKind::Additive => c / 2,
            CouplingKind::Affine => c,
        };
        let shapes = config.level_shapes().into_iter().enumerate();
        shapes.map(move |(level, [_, _, c])| Self { c, n: config.width.at(level), outputs: outputs(c) })
    }

    /// Gradients by the weights of a step, as [`Flow::backward`] makes them: w2, b2, w1, b1, w0, b0, M, v.
    fn step(self) -> [[usize; 2]; 8] {
        let Self { c, n, outputs } = self;
        [[n, 9 * outputs], [1, outputs], [n, n], [1, n], [9 * c / 2, n], [1, n], [c, c], [1, c]]
    }

    /// Those of a split's convolution.
    fn split(self) -> [[usize; 2]; 2] {
        [[self.c / 2, 9 * self.c], [1, self.c]]
    }
}

/// Numbers of some shapes.
fn length(shapes: &[[usize; 2]]) -> usize {
    shapes.iter().map(|[rows, columns]| rows * columns).sum()
}

/// Where a view may begin, in numbers: GPUs want 256 bytes.
const ALIGNED: usize = 64;

/// Tensors on the way to a GPU, one after the other.
#[derive(Default)]
struct Packed(Vec<f32>);

impl Packed {
    /// In the order of [`Layer::unpack`].
    fn of_step(step: &Step) -> Self {
        let mut packed = Self::default();
        let (matrix, shift, _) = step.linear();
        packed.push(turned(matrix.clone(), 1));
        packed.push(matrix);
        packed.push(shift);
        let net = step.coupling.weights();
        let turned = net.turned();
        [turned.w0, turned.w1, turned.w2, net.w0, net.w1, net.w2].into_iter().for_each(|weight| packed.push(weight));
        [net.b0, net.b1, net.b2].into_iter().for_each(|bias| packed.push(bias));
        packed
    }

    fn push_split(&mut self, split: &Split) {
        let (weight, bias) = split.prior.folded();
        self.push(turned(weight.clone(), 9));
        self.push(weight);
        self.push(bias);
    }

    fn push<const D: usize>(&mut self, tensor: Tensor<D>) {
        self.0.extend(crate::image::host(tensor));
        self.0.resize(self.0.len().next_multiple_of(ALIGNED), 0.0);
    }
}

/// The same when they have arrived.
struct Unpacked {
    values: Tensor<1>,
    at: usize,
}

impl Unpacked {
    fn next<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let start = self.at;
        self.at = (start + shape.iter().product::<usize>()).next_multiple_of(ALIGNED);
        view(&self.values, start, shape)
    }
}

impl Flow {
    /// Brings the weights of a model to the GPU, in one go.
    fn upload(model: &Glow, gpu: &Device) -> Self {
        let config = model.config();
        let widest = Sizes::of(config).map(|Sizes { c, n, .. }| c.max(n)).max().expect("at least one level");
        let mut packed = Packed(vec![0.0; widest.next_multiple_of(ALIGNED)]);
        for level in &model.levels {
            let steps: Vec<Packed> = level.steps.par_iter().map(Packed::of_step).collect();
            steps.into_iter().for_each(|step| packed.0.extend(step.0));
            if let Some(split) = &level.split {
                packed.push_split(split);
            }
        }
        let total = packed.0.len();
        let values = Tensor::from_data(TensorData::new(packed.0, [total]), gpu);
        let zeros = |n: usize| view(&values, 0, [n]);
        let mut from = Unpacked { values: values.clone(), at: widest.next_multiple_of(ALIGNED) };
        let levels: Vec<Level> = Sizes::of(config)
            .zip(&model.levels)
            .map(|(sizes, level)| Level {
                layers: level.steps.iter().map(|_| Layer::unpack(&mut from, sizes, zeros)).collect(),
                prior: level.split.as_ref().map(|_| Conv {
                    turned: from.next([sizes.c, 9 * sizes.c / 2]),
                    weight: from.next([sizes.c / 2, 9 * sizes.c]),
                    bias: from.next([sizes.c]),
                    zeros: zeros(sizes.c / 2),
                }),
            })
            .collect();
        let parts = Sizes::of(config).zip(&model.levels).map(|(sizes, level)| {
            level.steps.len() * length(&sizes.step()) + level.split.as_ref().map_or(0, |_| length(&sizes.split()))
        });
        let top = model.top.clone().to_device(gpu);
        Self { levels, top, kind: config.coupling, length: parts.sum() }
    }

    /// log p(x) of the batch less what is the same for all images, its gradients by the weights, from the last level's last step
    /// to the first, and by the last prior's mean and scale.
    fn backward(&self, x: Tensor<4>) -> (f64, Vec<f32>, [Tensor<1>; 2]) {
        let mut sums = Sums::new(self.length, &x);
        let mut log_p = Tensor::<1>::zeros([1], &x.device());
        let mut x = x;
        let mut passed = Vec::new();
        for level in &self.levels {
            x = squeeze(x);
            let mut kept = Vec::new();
            for layer in &level.layers {
                let mixed = linear(x.clone(), layer.matrix.clone(), layer.shift.clone());
                let net = GpuNet::new(&mixed, &layer.net);
                kept.push((x, mixed.clone(), net));
                let net = &kept[kept.len() - 1].2;
                let (y, log_det) = layer.couple(self.kind, mixed, net);
                log_p = log_det.into_iter().fold(log_p, |log_p, log_det| log_p + log_det.sum());
                x = y;
            }
            let y = x.clone();
            if level.prior.is_some() {
                [x, _] = halves(x);
            }
            passed.push((kept, y));
        }
        let mut grad: Option<Tensor<4>> = None;
        let mut top = None;
        for (level, (kept, y)) in self.levels.iter().zip(passed).rev() {
            let (mut dy, whitened) = match (&level.prior, grad.take()) {
                (Some(prior), Some(carried)) => prior.backward(y, carried, &mut sums),
                _ => {
                    let (dy, whitened, by_top) = self.top(y);
                    top = Some(by_top);
                    (dy, whitened)
                }
            };
            log_p = log_p + whitened;
            for (layer, (x, mixed, net)) in level.layers.iter().zip(kept).rev() {
                let dmixed = layer.couple_back(self.kind, mixed, net, dy, &mut sums);
                sums.linear(&x, &dmixed);
                dy = linear(dmixed, layer.turned_matrix.clone(), layer.zeros.clone());
            }
            grad = Some(unsqueeze(dy));
        }
        let log_p = f64::from(log_p.into_scalar::<f32>());
        (log_p, sums.read(), top.expect("at least one level"))
    }

    /// The last prior: the gradient by what it is given, `log N(eps; 0, I)`, and the gradients by its mean and scale.
    fn top(&self, z: Tensor<4>) -> (Tensor<4>, Tensor<1>, [Tensor<1>; 2]) {
        let c = z.dims()[3];
        let inverse_sigma = self.top.log_sigma.val().neg().exp().reshape([1, 1, 1, c]);
        let eps = (z - self.top.mean.val().reshape([1, 1, 1, c])) * inverse_sigma.clone();
        let squares = eps.clone().square();
        let by_z = eps.neg() * inverse_sigma;
        let by_mean = by_z.clone().neg().sum_dims_squeeze(&[0, 1, 2]);
        let by_log_sigma = (squares.clone() - 1.0).sum_dims_squeeze(&[0, 1, 2]);
        (by_z, squares.sum() * -0.5, [by_mean, by_log_sigma])
    }
}

impl Layer {
    /// In the order of [`Packed::of_step`].
    fn unpack(from: &mut Unpacked, Sizes { c, n, outputs }: Sizes, zeros: impl Fn(usize) -> Tensor<1>) -> Self {
        let half = c / 2;
        let [turned_matrix, matrix] = [(); 2].map(|()| from.next([c, c]));
        let shift = from.next([c]);
        let [t0, t1, t2] = [[9 * outputs, n], [n, n], [n, 9 * half]].map(|shape| from.next(shape));
        let [w0, w1, w2] = [[9 * half, n], [n, n], [n, 9 * outputs]].map(|shape| from.next(shape));
        let [b0, b1, b2] = [n, n, outputs].map(|length| from.next([length]));
        let net = NetWeights { w0, b0, w1, b1, w2, b2 };
        let turned = NetWeights { w0: t0, b0: zeros(n), w1: t1, b1: zeros(n), w2: t2, b2: zeros(half) };
        Self { matrix, shift, turned_matrix, net, turned, zeros: zeros(c) }
    }

    /// The coupling, and what an affine one adds to log p, value by value.
    fn couple(&self, kind: CouplingKind, x: Tensor<4>, net: &GpuNet) -> (Tensor<4>, Option<Tensor<4>>) {
        match kind {
            CouplingKind::Additive => (net.shift(x, &self.net), None),
            CouplingKind::Affine => {
                let ([x1, x2], [t, r]) = (halves(x), halves(net.output(&self.net)));
                let s = sigmoid(r + 2.0);
                (join(x1, (x2 + t) * s.clone()), Some(s.log()))
            }
        }
    }

    /// The gradient by what the coupling is given, by the one by what it gives and by what it adds to log p: as
    /// [`Gradients`](crate::flow::Gradients) has it.
    fn couple_back(
        &self,
        kind: CouplingKind,
        x: Tensor<4>,
        net: GpuNet,
        grad: Tensor<4>,
        sums: &mut Sums,
    ) -> Tensor<4> {
        let [by_y1, by_y2] = halves(grad.clone());
        let (by_x, by_net) = match kind {
            CouplingKind::Additive => (grad, by_y2),
            CouplingKind::Affine => {
                let ([_, x2], [t, r]) = (halves(x), halves(net.output(&self.net)));
                let s = sigmoid(r + 2.0);
                let by_x2 = by_y2 * s.clone();
                let by_r = ((x2 + t) * by_x2.clone() + 1.0) * (s.neg() + 1.0);
                (join(by_y1, by_x2.clone()), join(by_x2, by_r))
            }
        };
        add_to_first(by_x, net.backward(by_net, &self.turned, sums))
    }
}

impl Conv {
    /// A split: the gradient by what it is given, by the one by what it carries on and by log p of what leaves, and that.
    fn backward(&self, y: Tensor<4>, carried: Tensor<4>, sums: &mut Sums) -> (Tensor<4>, Tensor<1>) {
        let [z1, z2] = halves(y);
        let [mean, log_sigma] = halves(conv3x3(z1.clone(), self.weight.clone(), self.bias.clone()));
        let inverse_sigma = log_sigma.clone().neg().exp();
        let eps = (z2 - mean) * inverse_sigma.clone();
        let squares = eps.clone().square();
        let by_z2 = eps.neg() * inverse_sigma;
        let by_prior = join(by_z2.clone().neg(), squares.clone() - 1.0);
        let c_in = z1.dims()[3];
        sums.conv3x3(&z1, &by_prior, c_in);
        let by_z1 = carried + conv3x3(by_prior, self.turned.clone(), self.zeros.clone());
        (join(by_z1, by_z2), squares.sum() * -0.5 - log_sigma.sum())
    }
}

/// What log p has the same of all `images`, and the gradient by the model's parameters, of that and of what the GPU found for
/// the weights as it knows them.
fn pull_back(model: &Glow, images: usize, sums: &[f32], top: [Tensor<1>; 2]) -> (f64, GradientsParams) {
    let config = model.config();
    let mut gradients = GradientsParams::new();
    let mut sums = sums;
    let mut take = |length| {
        let (taken, rest) = sums.split_at(length);
        sums = rest;
        taken
    };
    let shapes = config.level_shapes();
    let device = model.device().inner();
    let log_two_pi = (2.0 * std::f64::consts::PI).ln();
    let mut constant = -0.5 * log_two_pi * (images * config.dims()) as f64;
    let levels: Vec<_> = Sizes::of(config).zip(&model.levels).zip(&shapes).collect();
    for ((sizes, level), [h, w, _]) in levels.into_iter().rev() {
        if let Some(split) = &level.split {
            let found = tensors(take(length(&sizes.split())), sizes.split(), &device);
            gradients::extend(split, &mut gradients, pull_back_split(split, found));
        }
        let places = (images * h * w) as f64;
        let steps: Vec<_> = level.steps.iter().rev().map(|step| (step, take(length(&sizes.step())))).collect();
        let pulled: Vec<_> = steps
            .into_par_iter()
            .map(|(step, found)| (step, pull_back_step(step, tensors(found, sizes.step(), &device), places)))
            .collect();
        for (step, (log_det, more)) in pulled {
            constant += log_det * places;
            gradients::extend(step, &mut gradients, more);
        }
    }
    let [h, w, _] = shapes[config.levels - 1];
    let Prior { mean, log_sigma } = &model.top;
    constant -= f64::from(log_sigma.val().inner().sum().into_scalar::<f32>()) * (images * h * w) as f64;
    for (param, by_param) in [mean, log_sigma].into_iter().zip(top) {
        gradients.register(param.id, by_param.to_device(&device));
    }
    (constant, gradients)
}

/// Tensors of some shapes, one after the other.
fn tensors<const N: usize>(values: &[f32], shapes: [[usize; 2]; N], device: &Device) -> [Tensor<2>; N] {
    let mut rest = values;
    shapes.map(|shape| {
        let (values, more) = rest.split_at(shape[0] * shape[1]);
        rest = more;
        Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
    })
}

/// log|det M| of a step, and its gradient by the step's parameters and along those by its weights.
fn pull_back_step(step: &Step, found: [Tensor<2>; 8], places: f64) -> (f64, GradientsParams) {
    let [w2, b2, w1, b1, w0, b0, by_matrix, by_shift] = found;
    let step = step.clone().fork(&step.actnorm.bias.val().device());
    let (matrix, shift, log_det) = step.linear();
    let (weight, bias) = step.coupling.conv2.folded();
    let number = f64::from(log_det.clone().inner().into_scalar::<f32>());
    let value = along(matrix, by_matrix) + log_det * places + along(shift.unsqueeze(), by_shift);
    let value = value + along(weight, w2) + along(bias.unsqueeze(), b2);
    let mut gradients = GradientsParams::from_grads(value.backward(), &step);
    for (conv, weight, bias) in [(&step.coupling.conv0, w0, b0), (&step.coupling.conv1, w1, b1)] {
        gradients.register(conv.weight.id, weight);
        gradients.register(conv.bias.id, bias.flatten::<1>(0, 1));
    }
    (number, gradients)
}

fn pull_back_split(split: &Split, [by_weight, by_bias]: [Tensor<2>; 2]) -> GradientsParams {
    let (weight, bias) = split.prior.folded();
    let value = along(weight, by_weight) + along(bias.unsqueeze(), by_bias);
    GradientsParams::from_grads(value.backward(), split)
}

/// What has `grad` as its gradient by `x`.
fn along(x: Tensor<2>, grad: Tensor<2>) -> Tensor<1> {
    (x * grad.autodiff()).sum()
}
