//! A flow on its way to a GPU: a step's tensors lie one after the other and go at once, since each costs a call.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use glow::ops::{NetWeights, view};
use glow::pixels::host;
use rayon::prelude::*;

use super::backprop::{Conv, Flow, Layer, Level};
use super::net::Net;
use super::noise::Noise;

/// Where a tensor may begin, in numbers: GPUs want 256 bytes.
const ALIGNED: usize = 64;

impl Flow {
    /// The same flow there.
    pub(super) fn upload(&self, gpu: &Device) -> Self {
        let level = |level: &Level| Level {
            layers: level.layers.par_iter().map(|layer| layer.upload(gpu)).collect(),
            prior: level.prior.as_ref().map(|prior| prior.upload(gpu)),
        };
        Self {
            levels: self.levels.iter().map(level).collect(),
            top: self.top.clone().to_device(gpu),
            kind: self.kind,
            precision: self.precision,
            noise: self.noise.as_ref().map(|noise| noise.upload(gpu)),
        }
    }
}

impl Layer {
    fn upload(&self, gpu: &Device) -> Self {
        let (net, of_net) = self.net.list();
        let mut matrices = [&net[..], &[&self.matrix, &self.turned_matrix]].concat();
        let mut vectors = [&of_net[..], &[&self.shift, &self.zeros]].concat();
        if let Some((inverse, shift)) = &self.back {
            matrices.push(inverse);
            vectors.push(shift);
        }
        let (mut matrices, mut vectors) = send(&matrices, &vectors, gpu);
        let (mut matrix, mut vector) = (|| matrices.next().expect("sent"), || vectors.next().expect("sent"));
        Self {
            net: Net::of(&mut matrix, &mut vector),
            matrix: matrix(),
            turned_matrix: matrix(),
            shift: vector(),
            zeros: vector(),
            back: self.back.as_ref().map(|_| (matrix(), vector())),
        }
    }
}

impl Net {
    fn list(&self) -> ([&Tensor<2>; 6], [&Tensor<1>; 6]) {
        let (a, b) = (&self.weights, &self.turned);
        ([&a.w0, &a.w1, &a.w2, &b.w0, &b.w1, &b.w2], [&a.b0, &a.b1, &a.b2, &b.b0, &b.b1, &b.b2])
    }

    /// Of what [`list`](Self::list) names, in its order.
    fn of(matrix: &mut impl FnMut() -> Tensor<2>, vector: &mut impl FnMut() -> Tensor<1>) -> Self {
        let mut net =
            || NetWeights { w0: matrix(), w1: matrix(), w2: matrix(), b0: vector(), b1: vector(), b2: vector() };
        Self { weights: net(), turned: net() }
    }

    fn upload(&self, gpu: &Device) -> Self {
        let (matrices, vectors) = self.list();
        let (mut matrices, mut vectors) = send(&matrices, &vectors, gpu);
        Self::of(&mut || matrices.next().expect("sent"), &mut || vectors.next().expect("sent"))
    }
}

impl Noise {
    fn upload(&self, gpu: &Device) -> Self {
        Self { net: self.net.upload(gpu), bins: self.bins }
    }
}

impl Conv {
    fn upload(&self, gpu: &Device) -> Self {
        let (mut matrices, mut vectors) = send(&[&self.weight, &self.turned], &[&self.bias, &self.zeros], gpu);
        let (mut matrix, mut vector) = (|| matrices.next().expect("sent"), || vectors.next().expect("sent"));
        Self { weight: matrix(), turned: matrix(), bias: vector(), zeros: vector() }
    }
}

/// The same tensors on the GPU, in their order.
fn send(
    matrices: &[&Tensor<2>],
    vectors: &[&Tensor<1>],
    gpu: &Device,
) -> (impl Iterator<Item = Tensor<2>> + use<>, impl Iterator<Item = Tensor<1>> + use<>) {
    let mut values = Vec::new();
    let mut push = |tensor| {
        let start = values.len();
        values.extend(tensor);
        values.resize(values.len().next_multiple_of(ALIGNED), 0.0);
        start
    };
    let matrices: Vec<_> = matrices.iter().map(|tensor| (push(host((*tensor).clone())), tensor.dims())).collect();
    let vectors: Vec<_> = vectors.iter().map(|tensor| (push(host((*tensor).clone())), tensor.dims())).collect();
    let length = values.len();
    let sent: Tensor<1> = Tensor::from_data(TensorData::new(values, [length]), gpu);
    let other = sent.clone();
    let matrices = matrices.into_iter().map(move |(start, shape): (_, [usize; 2])| view(&sent, start, shape));
    (matrices, vectors.into_iter().map(move |(start, shape): (_, [usize; 1])| view(&other, start, shape)))
}
