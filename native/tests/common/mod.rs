//! What several tests need.
#![allow(dead_code)]

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::{FrozenGlow, Glow, Step};
use glow::ops::NetWeights;
use glow::pixels::host;
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

pub fn config(coupling: CouplingKind, permutation: PermutationKind) -> GlowConfig {
    GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 8.into(),
        bits: 5,
        coupling,
        permutation,
        dequantiser: None,
    }
}

/// Every kind of model.
pub fn configs() -> impl Iterator<Item = GlowConfig> {
    use {CouplingKind::*, PermutationKind::*};
    let kinds = [Additive, Affine].into_iter().flat_map(|c| [Reverse, Shuffle, Conv1x1].map(|p| (c, p)));
    kinds.map(|(coupling, permutation)| config(coupling, permutation))
}

pub fn normal<const D: usize>(shape: [usize; D], scale: f32, seed: u64, device: &Device) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..shape.iter().product()).map(|_| -> f32 { StandardNormal.sample(&mut rng) });
    let values: Vec<f32> = values.map(|v| v * scale).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A coupling network's, none of them 0.
pub fn net_weights([c_in, n, c_out]: [usize; 3], seed: u64, device: &Device) -> NetWeights {
    NetWeights {
        w0: normal([9 * c_in, n], 0.3, seed + 1, device),
        b0: normal([n], 0.3, seed + 2, device),
        w1: normal([n, n], 0.3, seed + 3, device),
        b1: normal([n], 0.3, seed + 4, device),
        w2: normal([n, 9 * c_out], 0.3, seed + 5, device),
        b2: normal([c_out], 0.3, seed + 6, device),
    }
}

/// Adds noise to every trained parameter, so that nothing is at its initial value.
pub fn randomised<M: Module>(module: M, scale: f32, seed: u64) -> M {
    struct Randomise(f32, u64);
    impl ModuleMapper for Randomise {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            self.1 += 1;
            // P, the signs and fixed permutations hold nothing but -1, 0 and 1, and are not trained.
            let fixed = host(param.val()).iter().all(|v| [-1.0, 0.0, 1.0].contains(v));
            let zeros = host(param.val()).iter().all(|v| *v == 0.0);
            if fixed && !zeros {
                return param;
            }
            param.map(|value| {
                let grad = value.is_require_grad();
                let noise = normal(value.dims(), self.0, self.1, &value.device());
                Tensor::from_data((value.clone() + noise).into_data(), &value.device()).set_require_grad(grad)
            })
        }
    }
    module.map(&mut Randomise(scale, 1000 * seed))
}

/// A flow through which autodiff finds gradients by the weights, which [`Glow::frozen`] mixes on the host.
pub fn differentiable(model: &Glow) -> FrozenGlow {
    let mut flow = model.frozen();
    for (level, frozen) in model.levels.iter().zip(&mut flow.levels) {
        for (Step { actnorm, permutation, .. }, frozen) in level.steps.iter().zip(&mut frozen.steps) {
            let (bias, log_scale) = (actnorm.bias.val(), actnorm.log_scale.val());
            let c = bias.dims()[0];
            let matrix = permutation.weight().transpose() * log_scale.clone().exp().reshape([c, 1]);
            frozen.mixing.shift = bias.reshape([1, c]).matmul(matrix.clone()).flatten(0, 1);
            frozen.mixing.log_det = log_scale.sum() + permutation.log_det();
            frozen.mixing.matrix = matrix;
        }
    }
    flow
}

pub fn largest<const D: usize>(x: Tensor<D>) -> f32 {
    host(x.abs()).into_iter().fold(0.0, |a, b| if b.is_nan() { f32::INFINITY } else { a.max(b) })
}

/// log|det dy/dx| of a map on one small image, from the whole Jacobian by automatic differentiation.
pub fn log_abs_det(x: &Tensor<4>, f: impl Fn(Tensor<4>) -> Vec<Tensor<4>>) -> f64 {
    let n = x.dims().iter().product::<usize>();
    let x = x.clone().autodiff().require_grad();
    let rows = (0..n).flat_map(|i| {
        let y = Tensor::cat(f(x.clone()).into_iter().map(|y| y.reshape([-1])).collect(), 0);
        let grads = y.narrow(0, i, 1).backward();
        host(x.grad(&grads).expect("a gradient")).into_iter().map(f64::from)
    });
    let jacobian = DMatrix::from_row_iterator(n, n, rows.collect::<Vec<_>>());
    jacobian.lu().u().diagonal().iter().map(|d| d.abs().ln()).sum()
}

/// The gradient of every parameter.
pub fn parts(model: &Glow, gradients: &burn::optim::GradientsParams) -> Vec<Vec<f32>> {
    struct Parts<'a>(&'a burn::optim::GradientsParams, Vec<Vec<f32>>);
    impl burn::module::ModuleVisitor for Parts<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.1.extend(self.0.get::<D>(param.id).map(host));
        }
    }
    let mut parts = Parts(gradients, Vec::new());
    model.visit(&mut parts);
    parts.1
}

/// Every parameter's gradients differ by at most `share` of the first's length.
pub fn assert_gradients(
    model: &Glow,
    expected: &burn::optim::GradientsParams,
    actual: &burn::optim::GradientsParams,
    share: f32,
) {
    let norm = |part: &[f32]| part.iter().map(|v| v * v).sum::<f32>().sqrt();
    let (expected, actual) = (parts(model, expected), parts(model, actual));
    assert_eq!(expected.len(), actual.len());
    for (i, (expected, actual)) in expected.iter().zip(&actual).enumerate() {
        assert_eq!(expected.len(), actual.len());
        let error: Vec<f32> = expected.iter().zip(actual).map(|(a, b)| a - b).collect();
        let error = norm(&error) / norm(expected);
        assert!(error <= share, "parameter {i}: {error} {:?}", model.config());
    }
}
