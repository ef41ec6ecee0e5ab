//! Gradients by pictures and by latents against those that burn's autodiff finds.

mod common;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use common::{configs, largest, net_weights, normal, randomised};
use glow::config::GlowConfig;
use glow::flow::{FrozenGlow, Glow, Gradients, MAX_LOG_SIGMA, gaussian};
use glow::ops::{net_gradient, net_gradient_plain, net_plain};
use glow::pixels::host;
use proptest::prelude::*;

/// The distance of two gradients as a share of the second's length.
fn error(actual: &[f32], expected: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    assert_eq!(actual.len(), expected.len());
    let difference = norm(&mut actual.iter().zip(expected).map(|(a, b)| a - b));
    difference / norm(&mut expected.iter().copied())
}

/// A model that is at no initial value, and some pictures.
fn model(config: &GlowConfig, seed: u64) -> (FrozenGlow, Tensor<4>) {
    let x = normal([2, config.size, config.size, 3], 0.2, seed, &Device::flex());
    let glow = Glow::new(config, seed, &Device::flex()).unwrap().initialise(x.clone());
    (randomised(glow, 0.05, seed).frozen(), x)
}

/// One with some priors as wide or as narrow as they may be.
fn bounded(config: &GlowConfig, seed: u64) -> (FrozenGlow, Tensor<4>) {
    let (mut flow, x) = model(config, seed);
    for split in flow.levels.iter_mut().filter_map(|level| level.split.as_mut()) {
        let bias = &mut split.prior.bias;
        *bias = normal(bias.dims(), MAX_LOG_SIGMA, seed, &Device::flex());
        let [_, log_sigma] = gaussian(bias.clone().reshape([1, 1, 1, -1]));
        assert!(host(log_sigma).iter().any(|value| value.abs() == MAX_LOG_SIGMA));
    }
    (flow, x)
}

fn leaf(x: &Tensor<4>) -> Tensor<4> {
    Tensor::from_data(x.to_data(), &Device::flex().autodiff()).require_grad()
}

fn assert_score((flow, x): (FrozenGlow, Tensor<4>)) {
    let config = flow.config().clone();
    let by = leaf(&x);
    let gradients = flow.clone().to_device(&by.device()).forward(by.clone()).log_p().sum().backward();
    let error = error(&host(Gradients::new(flow).score(x)), &host(by.grad(&gradients).unwrap()));
    assert!(error <= 1e-4, "{config:?}: {error}");
}

fn assert_decode_gradient((flow, x): (FrozenGlow, Tensor<4>)) {
    let config = flow.config().clone();
    let latents = flow.forward(x.clone()).latents;
    // Of a function of the picture whose gradient differs from value to value.
    let by_x = normal(x.dims(), 1.0, 8, &Device::flex());
    let by: Vec<_> = latents.iter().map(leaf).collect();
    let decoded = flow.clone().to_device(&by[0].device()).inverse(&by);
    let gradients = (decoded * Tensor::from_data(by_x.to_data(), &by[0].device())).sum().backward();
    let gradient = Gradients::new(flow);
    let decoded = gradient.decode(&latents);
    assert!(largest(decoded.x.clone() - gradient.flow().inverse(&latents)) <= 1e-6);
    for (actual, by) in gradient.by_latents(decoded, by_x).into_iter().zip(by) {
        let error = error(&host(actual), &host(by.grad(&gradients).unwrap()));
        assert!(error <= 1e-4, "{config:?}: {error}");
    }
}

/// Levels of their own depth and width, of every kind.
fn uneven() -> impl Iterator<Item = GlowConfig> {
    configs().map(|config| GlowConfig {
        size: 16,
        levels: 3,
        steps: vec![1, 3, 2].into(),
        width: vec![5, 16, 9].into(),
        ..config
    })
}

#[test]
fn the_score_is_autodiffs() {
    configs().for_each(|config| assert_score(model(&config, 3)));
    uneven().for_each(|config| assert_score(model(&config, 7)));
    uneven().for_each(|config| assert_score(bounded(&config, 7)));
}

#[test]
fn the_gradient_by_latents_is_autodiffs() {
    configs().for_each(|config| assert_decode_gradient(model(&config, 3)));
    uneven().for_each(|config| assert_decode_gradient(model(&config, 7)));
    uneven().for_each(|config| assert_decode_gradient(bounded(&config, 7)));
}

/// A bin of 5 bits is 1/32 of the range, and noise of that width has a variance of its square by 12; learned noise, a third.
#[test]
fn cleaning_steps_along_the_score_by_the_variance_of_the_noise() {
    for (dequantiser, variance) in [(None, 1.0 / 12.0), (Some(6), 1.0 / 36.0)] {
        let (flow, x) = model(&GlowConfig { dequantiser, ..configs().last().unwrap() }, 3);
        let gradients = Gradients::new(flow);
        let step = gradients.clean(x.clone(), 1) - x.clone();
        let expected = gradients.score(x.clone()) * (variance / (32.0 * 32.0));
        assert!(largest(step - expected.clone()) <= 1e-4 * largest(expected));
        let twice = gradients.clean(gradients.clean(x.clone(), 1), 1);
        assert!(largest(gradients.clean(x, 2) - twice) == 0.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_network_is_turned_round(
        [batch, h, w] in [1..=5_usize, 1..=6, 1..=6],
        [c_in, n, c_out] in [1..=13_usize, 1..=40, 1..=13],
        seed in 0..1000_u64,
    ) {
        let cpu = Device::flex();
        let x = normal([batch, h, w, c_in], 1.0, seed, &cpu);
        let grad = normal([batch, h, w, c_out], 1.0, seed + 7, &cpu);
        let device = cpu.clone().autodiff();
        let leaf = Tensor::<4>::from_data(x.to_data(), &device).require_grad();
        let y = net_plain(leaf.clone(), &net_weights([c_in, n, c_out], seed, &device));
        let gradients = (y * Tensor::from_data(grad.to_data(), &device)).sum().backward();
        let expected = host(leaf.grad(&gradients).unwrap());
        let weights = net_weights([c_in, n, c_out], seed, &cpu);
        let turned = weights.clone().turned();
        for f in [net_gradient, net_gradient_plain] {
            let actual = host(f(x.clone(), grad.clone(), &weights, &turned));
            let scale = expected.iter().fold(1.0_f32, |most, v| most.max(v.abs()));
            prop_assert!(actual.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1e-4 * scale));
        }
    }
}
