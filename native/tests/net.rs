//! The coupling network's kernel against its plain form, values and gradients.

mod common;

use burn::tensor::{Device, Tensor, TensorData};
use common::{largest, net_weights, normal};
use glow::config::CouplingKind;
use glow::ops::{
    KeptNet, NetWeights, Precision, Sums, halves, linear, net, net_plain, room, uncouple_by, uncouple_linear,
};
use glow::pixels::host;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Bernoulli, Distribution};

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
fn kept(x: &Tensor<4>, weights: &NetWeights, grad: &Tensor<4>, precision: Precision) -> (Tensor<4>, Vec<Vec<f32>>) {
    let (device, c) = (x.device(), x.dims()[3]);
    let net = KeptNet::new(&Tensor::cat(vec![x.clone(), x.ones_like()], 3), weights, precision);
    let y = net.output(weights);
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let pairs = [(w2, b2), (w1, b1), (w0, b0)].map(|(w, b)| [w.shape().num_elements(), b.dims()[0]]);
    let length = pairs.iter().map(|[weights, biases]| room(*weights, *biases)).sum();
    let mut sums = Sums::new(length, &device);
    let mut group = sums.group(length, x);
    let direct = Tensor::cat(vec![x.zeros_like(), x.ones_like()], 3);
    let by_x = net.backward(direct, grad.clone(), &weights.turned(), &mut group);
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

/// -1 and 1 in this share, and zeros: sums of their products are small whole numbers.
fn whole<const D: usize>(shape: [usize; D], share: f64, seed: u64) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (kept, sign) = (Bernoulli::new(share.min(1.0)).unwrap(), Bernoulli::new(0.5).unwrap());
    let mut value = || f32::from(kept.sample(&mut rng)) * if sign.sample(&mut rng) { 1.0 } else { -1.0 };
    let values = (0..shape.iter().product()).map(|_| value()).collect();
    Tensor::from_data(TensorData::new::<f32, _>(values, shape), &Device::flex())
}

/// A network of them, with about two at every hidden channel.
fn whole_weights([c_in, n, c_out]: [usize; 3], seed: u64) -> NetWeights {
    NetWeights {
        w0: whole([9 * c_in, n], 2.0 / (9 * c_in) as f64, seed + 1),
        b0: whole([n], 0.5, seed + 2),
        w1: whole([n, n], 2.0 / n as f64, seed + 3),
        b1: whole([n], 0.5, seed + 4),
        w2: whole([n, 9 * c_out], 2.0 / n as f64, seed + 5),
        b2: whole([c_out], 0.5, seed + 6),
    }
}

/// Of whole tiles and parts of them, of one panel of columns and more.
fn sizes() -> impl Strategy<Value = ([usize; 3], [usize; 3])> {
    let n = prop_oneof![1..=40_usize, 90..=130_usize];
    ([1..=5_usize, 1..=20, 1..=20], (1..=13_usize, n, 1..=13_usize).prop_map(|(c_in, n, c_out)| [c_in, n, c_out]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn kernel_is_the_plain_form(([batch, h, w], channels) in sizes(), seed in 0..1000_u64) {
        let cpu = Device::flex();
        let [c_in, _, c_out] = channels;
        let x = normal([batch, h, w, c_in], 1.0, seed, &cpu);
        let weights = net_weights(channels, seed, &cpu);
        let grad = normal([batch, h, w, c_out], 1.0, 99, &cpu);
        let (expected, plain) = plain(&x, &weights, &grad);
        let (actual, kernel) = kept(&x, &weights, &grad, Precision::F32);
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

    /// A CPU undoes both at once.
    #[test]
    fn a_step_is_undone_as_its_layers_are(([batch, h, w], [half, n, _]) in sizes(), seed in 0..1000_u64) {
        let cpu = Device::flex();
        let y = normal([batch, h, w, 2 * half], 1.0, seed, &cpu);
        let (matrix, shift) = (normal([2 * half; 2], 1.0, seed + 1, &cpu), normal([2 * half], 1.0, seed + 2, &cpu));
        for (kind, outputs) in [(CouplingKind::Additive, half), (CouplingKind::Affine, 2 * half)] {
            let weights = net_weights([half, n, outputs], seed, &cpu);
            let [y1, _] = halves(y.clone());
            let uncoupled = uncouple_by(y.clone(), net_plain(y1, &weights), kind);
            let expected = linear(uncoupled, matrix.clone(), shift.clone());
            let actual = uncouple_linear(y.clone(), &weights, kind, matrix.clone(), shift.clone());
            let size = largest(expected.clone()).max(1.0);
            prop_assert!(largest(actual - expected) <= 1e-4 * size);
        }
    }

    /// Rounding loses nothing of small whole numbers.
    #[test]
    fn the_fastest_precision_is_exact_where_it_need_not_round(([batch, h, w], channels) in sizes(), seed in 0..1000_u64) {
        let [c_in, _, c_out] = channels;
        let (x, grad) = (whole([batch, h, w, c_in], 0.5, seed), whole([batch, h, w, c_out], 0.5, seed + 7));
        let weights = whole_weights(channels, seed);
        let (expected, plain) = plain(&x, &weights, &grad);
        let (actual, kernel) = kept(&x, &weights, &grad, Precision::fastest());
        prop_assert_eq!(host(actual), host(expected));
        prop_assert_eq!(kernel, plain);
    }
}

/// bf16 has 8 bits: a number is off by a thousandth of it in the mean, and where that takes a hidden channel to the other side of 0, its
/// whole gradient comes or goes.
#[test]
fn the_fastest_precision_is_near_the_plain_form() {
    let cpu = Device::flex();
    for (channels, seed) in [([6, 96, 6], 1), ([12, 128, 24], 2), ([48, 40, 48], 3)] {
        let x = normal([2, 16, 16, channels[0]], 1.0, seed, &cpu);
        let grad = normal([2, 16, 16, channels[2]], 1.0, 99, &cpu);
        let weights = net_weights(channels, seed, &cpu);
        let (_, plain) = plain(&x, &weights, &grad);
        let (_, kernel) = kept(&x, &weights, &grad, Precision::fastest());
        for (plain, kernel) in plain.iter().zip(&kernel) {
            let length = |values: &mut dyn Iterator<Item = f32>| values.map(|v| v * v).sum::<f32>().sqrt();
            let error = length(&mut plain.iter().zip(kernel).map(|(a, b)| a - b)) / length(&mut plain.iter().copied());
            assert!(error <= 0.1, "{channels:?}: {error}");
        }
    }
}
