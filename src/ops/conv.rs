//! A 3x3 convolution with zero padding is a matrix product between a gather and a scatter of shifted copies.
//!
//! Tap `k = 3 ky + kx` of the kernel looks at offset `(ky - 1, kx - 1)`, as `conv2d` of every framework does.

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{Tensor, ops::PadMode};

use super::dense::Dense;
use super::flex::{fold, products, tensor, values};

/// A 1x1 convolution, `x M + v`: `[b, h, w, c_in]` -> `[b, h, w, c_out]` with a `[c_in, c_out]` matrix.
pub fn linear(x: Tensor<4>, matrix: Tensor<2>, shift: Tensor<1>) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if super::on_cube(&x) {
        return super::cube::linear(x, matrix, shift);
    }
    if super::on_flex(&x) {
        let (x, matrix, shift) = (x.into_dispatch(), matrix.into_dispatch(), shift.into_dispatch());
        return Tensor::from_dispatch(<Dispatch as FlexConv>::linear(x, matrix, shift));
    }
    product(x, matrix) + shift.reshape([1, 1, 1, -1])
}

/// A 3x3 convolution of few output channels: `[b, h, w, c_in]` -> `[b, h, w, c_out]` with a `[c_in, 9 c_out]` matrix,
/// which has a column for each tap and output, tap by tap.
pub fn conv3x3(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if super::on_cube(&x) {
        return super::cube::conv3x3(x, weight, bias);
    }
    if super::on_flex(&x) {
        let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
        return Tensor::from_dispatch(<Dispatch as FlexConv>::conv3x3(x, weight, bias));
    }
    fold3x3(product(x, weight)) + bias.reshape([1, 1, 1, -1])
}

/// Every pixel's row of channels times a matrix.
fn product(x: Tensor<4>, matrix: Tensor<2>) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    let c_out = matrix.dims()[1];
    x.reshape([b * h * w, c]).matmul(matrix).reshape([b, h, w, c_out])
}

/// Gathers the 3x3 neighbourhood of every pixel: `[b, h, w, c]` -> `[b, h, w, 9 c]`, tap by tap.
///
/// A convolution with few input channels is `unfold3x3(x)` times a `[9 c_in, c_out]` matrix.
pub fn unfold3x3(x: Tensor<4>) -> Tensor<4> {
    let [_, h, w, _] = x.dims();
    let x = pad(x);
    Tensor::cat((0..9).map(|k| shifted(&x, k / 3, k % 3, h, w)).collect(), 3)
}

/// Adds up what every pixel's neighbours hold for it: `[b, h, w, 9 c]` -> `[b, h, w, c]`.
///
/// A convolution with few output channels is `fold3x3` of a product with a `[c_in, 9 c_out]` matrix.
pub fn fold3x3(p: Tensor<4>) -> Tensor<4> {
    let [_, h, w, c9] = p.dims();
    let c = c9 / 9;
    let p = pad(p);
    (0..9)
        .map(|k| shifted(&p, k / 3, k % 3, h, w).narrow(3, k * c, c))
        .reduce(|sum, part| sum + part)
        .expect("nine taps")
}

fn pad(x: Tensor<4>) -> Tensor<4> {
    x.pad([(0, 0), (1, 1), (1, 1), (0, 0)], PadMode::Constant(0.0))
}

/// The window of a padded tensor that starts at `(y, x)`.
fn shifted(padded: &Tensor<4>, y: usize, x: usize, h: usize, w: usize) -> Tensor<4> {
    padded.clone().narrow(1, y, h).narrow(2, x, w)
}

#[backend_extension(Flex)]
trait FlexConv: Backend {
    fn linear(x: FloatTensor<Self>, matrix: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self>;
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl FlexConv for Flex {
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
}
