//! The coupling network's kernel against its plain form, values and gradients.

#![cfg(not(target_family = "wasm"))]

mod common;

use burn::tensor::{Device, Tensor};
use common::{largest, net_weights, normal};
use glow::image::host;
use glow::ops::{NetWeights, net, net_plain};
use proptest::prelude::*;

/// A gradient by each of: the input and the six weights.
fn gradients(
    f: fn(Tensor<4>, NetWeights) -> Tensor<4>,
    x: &Tensor<4>,
    weights: &NetWeights,
    device: &Device,
) -> (Tensor<4>, Vec<Vec<f32>>) {
    fn leaf<const D: usize>(tensor: &Tensor<D>, device: &Device) -> Tensor<D> {
        Tensor::from_data(tensor.to_data(), device).require_grad()
    }
    let x = leaf(x, device);
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let weights = NetWeights {
        w0: leaf(w0, device),
        b0: leaf(b0, device),
        w1: leaf(w1, device),
        b1: leaf(b1, device),
        w2: leaf(w2, device),
        b2: leaf(b2, device),
    };
    let y = f(x.clone(), weights.clone());
    // A loss whose gradient differs from output to output.
    let grads = (y.clone() * normal(y.dims(), 1.0, 99, device)).sum().backward();
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let gradients = vec![
        host(x.grad(&grads).unwrap()),
        host(w0.grad(&grads).unwrap()),
        host(b0.grad(&grads).unwrap()),
        host(w1.grad(&grads).unwrap()),
        host(b1.grad(&grads).unwrap()),
        host(w2.grad(&grads).unwrap()),
        host(b2.grad(&grads).unwrap()),
    ];
    (y.inner(), gradients)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn kernel_is_the_plain_form(
        [batch, h, w] in [1..=5_usize, 1..=6, 1..=6],
        [c_in, n, c_out] in [1..=13_usize, 1..=40, 1..=13],
        seed in 0..1000_u64,
    ) {
        let cpu = Device::flex();
        let x = normal([batch, h, w, c_in], 1.0, seed, &cpu);
        let weights = net_weights([c_in, n, c_out], seed, &cpu);
        let (expected, plain) = gradients(net_plain, &x, &weights, &Device::flex().autodiff());
        let (actual, kernel) = gradients(net, &x, &weights, &Device::flex().autodiff());
        prop_assert!(largest(actual - expected.clone()) <= 1e-4 * largest(expected.clone()).max(1.0));
            for (plain, kernel) in plain.iter().zip(&kernel) {
                let size = plain.iter().fold(1.0_f32, |a, b| a.max(b.abs()));
                for (plain, kernel) in plain.iter().zip(kernel) {
                    prop_assert!((plain - kernel).abs() <= 1e-4 * size, "{} {}", plain, kernel);
                }
            }
    }
}
