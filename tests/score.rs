//! The score against the gradient that burn's autodiff finds.

#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::{Device, Tensor};
use common::{configs, net_weights, normal, randomised};
use glow::config::GlowConfig;
use glow::flow::{Glow, Score};
use glow::image::host;
use glow::ops::{net_gradient, net_gradient_plain, net_plain};
use proptest::prelude::*;

/// The distance of two gradients as a share of the second's length.
fn error(actual: &[f32], expected: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    assert_eq!(actual.len(), expected.len());
    let difference = norm(&mut actual.iter().zip(expected).map(|(a, b)| a - b));
    difference / norm(&mut expected.iter().copied())
}

fn scores(config: &GlowConfig, seed: u64) -> [Vec<f32>; 2] {
    let x = normal([2, config.size, config.size, 3], 0.2, seed, &Device::flex());
    let glow = Glow::new(config, seed, &Device::flex()).unwrap().initialise(x.clone());
    let glow = randomised(glow, 0.05, seed);
    let device = Device::flex().autodiff();
    let leaf = Tensor::<4>::from_data(x.to_data(), &device).require_grad();
    let gradients = {
        use burn::module::Module;
        glow.clone().to_device(&device).forward(leaf.clone()).log_p().sum().backward()
    };
    let expected = host(leaf.grad(&gradients).unwrap());
    [host(Score::new(glow.fold()).at(x)), expected]
}

#[test]
fn every_layers_gradient_is_autodiffs() {
    for config in configs() {
        let [actual, expected] = scores(&config, 3);
        assert!(error(&actual, &expected) <= 1e-4, "{config:?}: {}", error(&actual, &expected));
    }
}

#[test]
fn so_is_that_of_levels_of_their_own_shape() {
    let shape = |steps: Vec<usize>, width: Vec<usize>, config| GlowConfig {
        size: 16,
        levels: 3,
        steps: steps.into(),
        width: width.into(),
        ..config
    };
    for config in configs() {
        let config = shape(vec![1, 3, 2], vec![5, 16, 9], config);
        let [actual, expected] = scores(&config, 7);
        assert!(error(&actual, &expected) <= 1e-4, "{config:?}: {}", error(&actual, &expected));
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
        let y = net_plain(leaf.clone(), net_weights([c_in, n, c_out], seed, &device));
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
