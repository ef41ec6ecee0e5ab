//! The coupling network's kernel against its plain form, values and gradients.

mod common;

use burn::tensor::{Device, Tensor};
use common::{largest, net_weights, normal};
use glow::ops::{KeptNet, NetWeights, Sums, net, net_plain, room};
use glow::pixels::host;
use proptest::prelude::*;

/// The network's output, and the gradients by its input and its weights, w2, b2, w1, b1, w0, b0, as automatic differentiation has
/// them; `grad` is the one by the output.
fn plain(x: &Tensor<4>, weights: &NetWeights, grad: &Tensor<4>) -> (Tensor<4>, Vec<Vec<f32>>) {
    fn leaf<const D: usize>(tensor: &Tensor<D>) -> Tensor<D> {
        Tensor::from_data(tensor.to_data(), &Device::flex().autodiff()).require_grad()
    }
    let x = leaf(x);
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let weights = NetWeights { w0: leaf(w0), b0: leaf(b0), w1: leaf(w1), b1: leaf(b1), w2: leaf(w2), b2: leaf(b2) };
    let y = net_plain(x.clone(), &weights);
    let grads = (y.clone() * grad.clone().autodiff()).sum().backward();
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let by_weights = [w2, w1, w0].map(|weight| host(weight.grad(&grads).unwrap()));
    let by_biases = [b2, b1, b0].map(|bias| host(bias.grad(&grads).unwrap()));
    let pairs = by_weights.into_iter().zip(by_biases).flat_map(|(weight, bias)| [weight, bias]);
    let gradients = [host(x.grad(&grads).unwrap())].into_iter().chain(pairs).collect();
    (y.inner(), gradients)
}

/// The same by the kernels, of the first half of a tensor's channels.
fn kept(x: &Tensor<4>, weights: &NetWeights, grad: &Tensor<4>) -> (Tensor<4>, Vec<Vec<f32>>) {
    let (device, c) = (x.device(), x.dims()[3]);
    let net = KeptNet::new(&Tensor::cat(vec![x.clone(), x.ones_like()], 3), weights);
    let y = net.output(weights);
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let pairs = [(w2, b2), (w1, b1), (w0, b0)].map(|(w, b)| [w.shape().num_elements(), b.dims()[0]]);
    let length = pairs.iter().map(|[weights, biases]| room(*weights, *biases)).sum();
    let mut sums = Sums::new(length, &device);
    let mut group = sums.group(length, x);
    let direct = Tensor::cat(vec![x.zeros_like(), x.ones_like()], 3);
    let by_x = net.backward(direct, grad.clone(), weights, None, &mut group);
    assert_eq!(largest(by_x.clone().narrow(3, c, c) - 1.0), 0.0, "the other half is left as it is");
    sums.add(group);
    let mut rest = &sums.read()[..];
    let mut gradients = vec![host(by_x.narrow(3, 0, c))];
    for [weights, biases] in pairs {
        let (piece, more) = rest.split_at(room(weights, biases));
        gradients.extend([piece[..weights].to_vec(), piece[weights..weights + biases].to_vec()]);
        rest = more;
    }
    (y, gradients)
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
        let grad = normal([batch, h, w, c_out], 1.0, 99, &cpu);
        let (expected, plain) = plain(&x, &weights, &grad);
        let (actual, kernel) = kept(&x, &weights, &grad);
        let size = largest(expected.clone()).max(1.0);
        prop_assert!(largest(actual - expected.clone()) <= 1e-4 * size);
        prop_assert!(largest(net(x, &weights) - expected) <= 1e-4 * size);
        prop_assert_eq!(plain.len(), kernel.len());
        for (plain, kernel) in plain.iter().zip(&kernel) {
            prop_assert_eq!(plain.len(), kernel.len());
            let size = plain.iter().fold(1.0_f32, |a, b| a.max(b.abs()));
            for (plain, kernel) in plain.iter().zip(kernel) {
                prop_assert!((plain - kernel).abs() <= 1e-4 * size, "{} {}", plain, kernel);
            }
        }
    }
}
