//! A flow on its way to a GPU: a step's tensors lie one after the other and go at once, since each costs a call.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use glow::ops::{NetWeights, view};
use glow::pixels::host;
use rayon::prelude::*;

use super::backprop::{Conv, Flow, Layer, Level};

/// Where a tensor may begin, in numbers: GPUs want 256 bytes.
const ALIGNED: usize = 64;

impl Flow {
    /// The same flow there.
    pub(super) fn upload(&self, gpu: &Device) -> Self {
        let level = |level: &Level| Level {
            layers: level.layers.par_iter().map(|layer| layer.upload(gpu)).collect(),
            prior: level.prior.as_ref().map(|prior| prior.upload(gpu)),
        };
        Self { levels: self.levels.iter().map(level).collect(), top: self.top.clone().to_device(gpu), kind: self.kind }
    }
}

impl Layer {
    fn upload(&self, gpu: &Device) -> Self {
        let turned = self.net.turned();
        let NetWeights { w0, b0, w1, b1, w2, b2 } = &self.net;
        let mut matrices = vec![&self.matrix, &self.turned_matrix, w0, w1, w2, &turned.w0, &turned.w1, &turned.w2];
        let mut vectors = vec![&self.shift, &self.zeros, b0, b1, b2, &turned.b0, &turned.b1, &turned.b2];
        if let Some((inverse, shift)) = &self.back {
            matrices.push(inverse);
            vectors.push(shift);
        }
        let (mut matrices, mut vectors) = send(&matrices, &vectors, gpu);
        let (mut matrix, mut vector) = (|| matrices.next().expect("sent"), || vectors.next().expect("sent"));
        Self {
            matrix: matrix(),
            turned_matrix: matrix(),
            shift: vector(),
            zeros: vector(),
            net: NetWeights { w0: matrix(), w1: matrix(), w2: matrix(), b0: vector(), b1: vector(), b2: vector() },
            turned: Some(NetWeights {
                w0: matrix(),
                w1: matrix(),
                w2: matrix(),
                b0: vector(),
                b1: vector(),
                b2: vector(),
            }),
            back: self.back.as_ref().map(|_| (matrix(), vector())),
        }
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
