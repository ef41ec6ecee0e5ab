//! From the gradient by the matrices that the flow computes with to the one by the parameters that they are made of: actnorm, the
//! factors of the 1x1 convolution, the scales of the convolutions that begin as zero.

use burn::module::Param;
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorData};
use glow::flow::{Conv1x1, Coupling, Dequantiser, Glow, Permutation, Prior, Split, Step, ZeroConv, below, diagonal};
use glow::ops::room;
use rayon::prelude::*;

use super::gradients;

/// log p of so many images, in nats, and its gradient by the parameters of a `model` on the host: what they have the same, and what was
/// `found` (see [`Flow::backward`](super::backprop::Flow)).
pub fn pull_back(model: &Glow, images: usize, found: &[f32]) -> (f64, GradientsParams) {
    let config = model.config();
    let mut found = Found(found);
    let mut all = GradientsParams::new();
    let mut constant = -0.5 * (2.0 * std::f64::consts::PI).ln() * (images * config.dims()) as f64;
    let shapes = config.level_shapes();
    for (level, [h, w, _]) in model.levels.iter().zip(&shapes).rev() {
        if let Some(Split { prior }) = &level.split {
            by_zero_conv(prior, found.next(&prior.weight, &prior.bias), &mut all);
        }
        let places = (images * h * w) as f64;
        let steps: Vec<_> = level.steps.iter().rev().map(|step| (step, found.take(Found::of_step(step)))).collect();
        let pulled: Vec<_> = steps.into_par_iter().map(|(step, found)| by_step(step, found, places)).collect();
        for (step, (log_det, gradients)) in level.steps.iter().rev().zip(pulled) {
            constant += log_det * places;
            gradients::extend(step, &mut all, gradients);
        }
    }
    if let Some(Dequantiser { coupling }) = &model.dequantiser {
        by_coupling(coupling, &mut found, &mut all);
    }
    let [h, w, _] = shapes[config.levels - 1];
    let Prior { mean, log_sigma } = &model.top;
    constant -= number(log_sigma.val().sum()) * (images * h * w) as f64;
    for param in [mean, log_sigma] {
        let Found(by_param) = found.take(param.shape().num_elements());
        all.register(param.id, Tensor::<1>::from_floats(by_param, &model.device()));
    }
    (constant + f64::from(found.0[0]), all)
}

/// Gradients of weights and biases, one after the other.
struct Found<'a>(&'a [f32]);

impl Found<'_> {
    /// Numbers of a step.
    fn of_step(step: &Step) -> usize {
        let coupling = &step.coupling;
        let convs = [(&coupling.conv0.weight, &coupling.conv0.bias), (&coupling.conv1.weight, &coupling.conv1.bias)];
        let of = |(weight, bias): (&Param<Tensor<2>>, &Param<Tensor<1>>)| {
            room(weight.shape().num_elements(), bias.shape().num_elements())
        };
        let c = step.actnorm.bias.shape().num_elements();
        convs.map(of).iter().sum::<usize>() + of((&coupling.conv2.weight, &coupling.conv2.bias)) + room(c * c, c)
    }

    fn take(&mut self, length: usize) -> Self {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Self(taken)
    }

    /// Those of a weight and a bias of these shapes.
    fn next(&mut self, weight: &Param<Tensor<2>>, bias: &Param<Tensor<1>>) -> (Tensor<2>, Tensor<1>) {
        let (weight, bias) = (weight.val(), bias.val());
        self.shaped(weight.dims(), bias.dims()[0], &weight)
    }

    fn shaped(&mut self, [rows, columns]: [usize; 2], biases: usize, beside: &Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let numbers = rows * columns;
        let Self(taken) = self.take(room(numbers, biases));
        let device = beside.device();
        let weight = TensorData::new(taken[..numbers].to_vec(), [rows, columns]);
        let bias = TensorData::new(taken[numbers..numbers + biases].to_vec(), [biases]);
        (Tensor::from_data(weight, &device), Tensor::from_data(bias, &device))
    }
}

/// log|det M| of a step, and its gradient, `places` times, with that along `found`.
fn by_step(step: &Step, mut found: Found, places: f64) -> (f64, GradientsParams) {
    let mut gradients = GradientsParams::new();
    by_coupling(&step.coupling, &mut found, &mut gradients);
    // M = diag(a) W^T and v = (b a) W^T with a = exp s.
    let (bias, log_scale) = (step.actnorm.bias.val(), step.actnorm.log_scale.val());
    let c = bias.dims()[0];
    let [a, b] = [log_scale.clone().exp(), bias].map(|vector| vector.reshape([c, 1]));
    let turned = step.permutation.weight().transpose();
    let (by_matrix, by_shift) = found.shaped([c, c], c, &turned);
    let by_shift = by_shift.reshape([1, c]);
    let through = turned.clone().matmul(by_shift.clone().transpose());
    let by_a = (by_matrix.clone() * turned).sum_dim(1) + b.clone() * through.clone();
    gradients.register(step.actnorm.log_scale.id, (by_a * a.clone() + places).reshape([c]));
    gradients.register(step.actnorm.bias.id, (a.clone() * through).reshape([c]));
    if let Permutation::Conv1x1(conv) = &step.permutation {
        let by_turned = by_matrix * a.clone() + (a * b).matmul(by_shift);
        by_factors(conv, by_turned.transpose(), places, &mut gradients);
    }
    (number(log_scale.sum() + step.permutation.log_det()), gradients)
}

/// Of a coupling's network.
fn by_coupling(coupling: &Coupling, found: &mut Found, gradients: &mut GradientsParams) {
    let Coupling { conv0, conv1, conv2, .. } = coupling;
    by_zero_conv(conv2, found.next(&conv2.weight, &conv2.bias), gradients);
    for conv in [conv1, conv0] {
        let (by_weight, by_bias) = found.next(&conv.weight, &conv.bias);
        gradients.register(conv.weight.id, by_weight);
        gradients.register(conv.bias.id, by_bias);
    }
}

/// Of W = P L U, and of `places` times log|det W|.
fn by_factors(conv: &Conv1x1, by_weight: Tensor<2>, places: f64, gradients: &mut GradientsParams) {
    let (p, [lower, upper]) = (conv.p.val(), conv.triangles());
    let (n, device) = (p.dims()[0], p.device());
    let below = below(n, &device);
    let by_pl = by_weight.clone().matmul(upper.transpose());
    let by_upper = p.clone().matmul(lower).transpose().matmul(by_weight);
    let by_s = (by_upper.clone() * diagonal(n, &device)).sum_dim(1).reshape([n]);
    gradients.register(conv.l.id, p.transpose().matmul(by_pl) * below.clone());
    gradients.register(conv.u.id, by_upper * below.transpose());
    gradients.register(conv.log_abs_s.id, by_s * conv.s() + places);
}

/// Of the weight and the bias times exp(3 s).
fn by_zero_conv(conv: &ZeroConv, found: (Tensor<2>, Tensor<1>), gradients: &mut GradientsParams) {
    let (weight, bias) = (conv.weight.val(), conv.bias.val());
    let ([c_in, columns], [c_out]) = (weight.dims(), bias.dims());
    let rows = |tensor: Tensor<2>| tensor.reshape([columns / c_out * c_in, c_out]);
    let scale = (conv.log_scale.val() * 3.0).exp();
    let (by_weight, by_bias) = (rows(found.0), found.1);
    let by_scale = (rows(weight) * by_weight.clone()).sum_dim(0).reshape([c_out]) + bias * by_bias.clone();
    let by_weight = by_weight * scale.clone().reshape([1, c_out]);
    gradients.register(conv.weight.id, by_weight.reshape([c_in, columns]));
    gradients.register(conv.bias.id, by_bias * scale.clone());
    gradients.register(conv.log_scale.id, by_scale * scale * 3.0);
}

fn number(tensor: Tensor<1>) -> f64 {
    f64::from(tensor.into_scalar::<f32>())
}
