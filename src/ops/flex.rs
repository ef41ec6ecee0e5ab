//! The layers' CPU kernels. The coupling network's cuts the pixels of a batch into blocks whose activations stay in the
//! cache; a block goes through all three products on one thread.

#[cfg(feature = "train")]
pub(super) mod train;

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{Shape, Tensor, TensorData};

use super::NetWeights;
use super::blocks::for_each;
use super::dense::Dense;
use super::taps::{gather, scatter};
use crate::config::CouplingKind;

/// Rows of a product: enough for it to be fast, few enough for the second-level cache.
const BLOCK_PIXELS: usize = 256;

/// `x M + v` at every pixel.
pub(super) fn linear(x: Tensor<4>, matrix: Tensor<2>, shift: Tensor<1>) -> Tensor<4> {
    let (x, matrix, shift) = (x.into_dispatch(), matrix.into_dispatch(), shift.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FlexKernels>::linear(x, matrix, shift))
}

/// A 3x3 convolution with a `[c_in, 9 c_out]` matrix.
pub(super) fn conv3x3(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FlexKernels>::conv3x3(x, weight, bias))
}

/// The coupling's network.
pub(super) fn net(x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
    let [w0, b0, w1, b1, w2, b2] = weights.to_dispatch();
    Tensor::from_dispatch(<Dispatch as FlexKernels>::net(x.into_dispatch(), w0, b0, w1, b1, w2, b2))
}

/// The coupling, or its inverse.
pub(super) fn couple(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind, inverse: bool) -> Tensor<4> {
    let (x, net) = (x.into_dispatch(), net.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FlexKernels>::couple(x, net, kind == CouplingKind::Affine, inverse))
}

#[backend_extension(Flex)]
trait FlexKernels: Backend {
    fn linear(x: FloatTensor<Self>, matrix: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self>;
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
    fn net(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    fn couple(x: FloatTensor<Self>, net: FloatTensor<Self>, affine: bool, inverse: bool) -> FloatTensor<Self>;
}

impl FlexKernels for Flex {
    fn linear(x: FlexTensor, matrix: FlexTensor, shift: FlexTensor) -> FlexTensor {
        let [x, matrix, shift] = [x, matrix, shift].map(|tensor| tensor.to_contiguous());
        let [b, h, w, _] = x.layout().shape().dims();
        let [c_out] = shift.layout().shape().dims();
        let y = products(&x, &Dense::biased(values(&matrix), values(&shift)), c_out);
        tensor(y, [b, h, w, c_out])
    }

    fn conv3x3(x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.to_contiguous());
        let [b, h, w, _] = x.layout().shape().dims();
        let [c_out] = bias.layout().shape().dims();
        let taps = products(&x, &Dense::new(values(&weight), 9 * c_out), 9 * c_out);
        fold(&taps, values(&bias), [b, h, w, c_out])
    }

    fn net(
        x: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
    ) -> FlexTensor {
        let [x, w0, b0, w1, b1, w2, b2] = [x, w0, b0, w1, b1, w2, b2].map(|tensor| tensor.to_contiguous());
        let [images, h, w, c_in] = x.layout().shape().dims();
        let ([n], [c_out]) = (b1.layout().shape().dims(), b2.layout().shape().dims());
        let layers = [
            Dense::relu(values(&w0), values(&b0)),
            Dense::relu(values(&w1), values(&b1)),
            Dense::new(values(&w2), 9 * c_out),
        ];
        let pixels = images * h * w;
        let block = block(pixels);
        let mut taps = vec![0.0; pixels * 9 * c_out];
        let blocks = taps.chunks_mut(block * 9 * c_out).enumerate();
        for_each(blocks, |[around, h1, h2]: &mut [Vec<f32>; 3], (i, taps)| {
            let rows = taps.len() / (9 * c_out);
            around.resize(rows * 9 * c_in, 0.0);
            h1.resize(rows * n, 0.0);
            h2.resize(rows * n, 0.0);
            gather(values(&x), i * block, around, [h, w, c_in], false);
            layers[0].apply(around, h1);
            layers[1].apply(h1, h2);
            layers[2].apply(h2, taps);
        });
        fold(&taps, values(&b2), [images, h, w, c_out])
    }

    fn couple(x: FlexTensor, net: FlexTensor, affine: bool, inverse: bool) -> FlexTensor {
        let [x, net] = [x, net].map(|tensor| tensor.to_contiguous());
        let shape: [usize; 4] = x.layout().shape().dims();
        let half = shape[3] / 2;
        let outputs = if affine { 2 * half } else { half };
        let mut y = values(&x).to_vec();
        for (y, net) in y.chunks_exact_mut(2 * half).zip(values(&net).chunks_exact(outputs)) {
            let (t, r) = net.split_at(half);
            let y = &mut y[half..];
            match (affine, inverse) {
                (false, false) => y.iter_mut().zip(t).for_each(|(y, t)| *y += t),
                (false, true) => y.iter_mut().zip(t).for_each(|(y, t)| *y -= t),
                (true, false) => y.iter_mut().zip(t).zip(r).for_each(|((y, t), r)| *y = (*y + t) / inverse_scale(*r)),
                (true, true) => y.iter_mut().zip(t).zip(r).for_each(|((y, t), r)| *y = *y * inverse_scale(*r) - t),
            }
        }
        tensor(y, shape)
    }
}

/// `1 / sigmoid(r + 2)`.
fn inverse_scale(r: f32) -> f32 {
    1.0 + (-2.0 - r).exp()
}

/// Pixels that a thread takes at a time: few enough for every thread to have some.
pub(super) fn block(pixels: usize) -> usize {
    pixels.div_ceil(rayon::current_num_threads()).min(BLOCK_PIXELS)
}

/// A layer on every pixel of `x`, `[pixels, outputs]`.
fn products(x: &FlexTensor, layer: &Dense, outputs: usize) -> Vec<f32> {
    let [b, h, w, c] = x.layout().shape().dims();
    let block = block(b * h * w);
    let mut y = vec![0.0; b * h * w * outputs];
    let blocks = y.chunks_mut(block * outputs).zip(values(x).chunks(block * c));
    for_each(blocks, |(), (y, x)| layer.apply(x, y));
    y
}

/// The sum of the bias and of what the taps hold for every pixel.
pub(super) fn fold(taps: &[f32], bias: &[f32], [images, h, w, c]: [usize; 4]) -> FlexTensor {
    let block = block(images * h * w);
    let mut y = bias.repeat(images * h * w);
    let blocks = y.chunks_mut(block * c).enumerate();
    for_each(blocks, |(), (i, y)| scatter(taps, i * block, y, [h, w, c], false));
    tensor(y, [images, h, w, c])
}

pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous f32")
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}
