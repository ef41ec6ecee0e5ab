//! The coupling network `3x3 -> ReLU -> 1x1 -> ReLU -> 3x3` (Glow, arXiv 1807.03039, section 3.3).

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{Tensor, activation::relu};

use super::NetWeights;
use super::blocks::for_each;
use super::conv::{fold3x3, unfold3x3};
use super::dense::Dense;
use super::flex::{block, fold, values};
use super::taps::gather;

/// `[b, h, w, c_in]` -> `[b, h, w, c_out]`, by the fastest form that the device has.
pub fn net(x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
    if !super::on_flex(&x) {
        return net_plain(x, weights);
    }
    let [w0, b0, w1, b1, w2, b2] = weights.to_dispatch();
    Tensor::from_dispatch(<Dispatch as FlexNet>::net(x.into_dispatch(), w0, b0, w1, b1, w2, b2))
}

/// The same in plain tensor operations: the reference, and the form for backends without a kernel.
pub fn net_plain(x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
    let [b, h, w, _] = x.dims();
    let c_out = weights.b2.dims()[0];
    let [_, hidden] = hidden_plain(x, weights);
    let taps = hidden.matmul(weights.w2.clone()).reshape([b, h, w, 9 * c_out]);
    fold3x3(taps) + weights.b2.clone().reshape([1, 1, 1, c_out])
}

/// The hidden activations after their ReLUs, `[b h w, n]` each.
pub(super) fn hidden_plain(x: Tensor<4>, weights: &NetWeights) -> [Tensor<2>; 2] {
    let NetWeights { w0, b0, w1, b1, .. } = weights.clone();
    let [b, h, w, c] = x.dims();
    let n = w1.dims()[0];
    let first = relu(unfold3x3(x).reshape([b * h * w, 9 * c]).matmul(w0) + b0.reshape([1, n]));
    let second = relu(first.clone().matmul(w1) + b1.reshape([1, n]));
    [first, second]
}

#[backend_extension(Flex)]
trait FlexNet: Backend {
    fn net(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl FlexNet for Flex {
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
        let weights @ [.., b2] = [&w0, &b0, &w1, &b1, &w2, &b2].map(values);
        let taps = net_taps(values(&x), c_in, [images * h * w, h, w, c_in], weights);
        fold(&taps, b2, [images, h, w, b2.len()])
    }
}

/// What the taps of the last layer hold, `[pixels, 9 c_out]`, of rows `x[pixel, row]` whose first c_in channels the network is given. A
/// block goes through all three products on one thread.
pub(super) fn net_taps(
    x: &[f32],
    row: usize,
    [pixels, h, w, c_in]: [usize; 4],
    [w0, b0, w1, b1, w2, b2]: [&[f32]; 6],
) -> Vec<f32> {
    let (n, c_out) = (b1.len(), b2.len());
    let layers = [Dense::relu(w0, b0), Dense::relu(w1, b1), Dense::new(w2, 9 * c_out)];
    let block = block(pixels);
    let mut taps = vec![0.0; pixels * 9 * c_out];
    for_each(&mut taps, block * 9 * c_out, &|[around, h1, h2, ..], i, taps| {
        let rows = taps.len() / (9 * c_out);
        around.resize(rows * 9 * c_in, 0.0);
        h1.resize(rows * n, 0.0);
        h2.resize(rows * n, 0.0);
        gather(x, row, i * block, around, [h, w, c_in], false);
        layers[0].apply(around, h1);
        layers[1].apply(h1, h2);
        layers[2].apply(h2, taps);
    });
    taps
}
