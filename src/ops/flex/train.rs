//! The CPU's part of [`train`](crate::ops::train).

#[cfg(target_arch = "x86_64")]
mod bf16;
mod passes;
mod precision;
mod products;

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{Tensor, TensorData};

use super::{tensor, values};
use crate::ops::gemm::{Matrix, matmul};
use crate::ops::taps::gather;
use crate::ops::{KeptNet, NetWeights, room};
use passes::{Pixels, by_weights};
use products::{F32, Products};

pub use precision::Precision;

/// The network's output, and its hidden activations, `[b, h, w, n]` each.
pub(in crate::ops) fn net_kept(
    x: Tensor<4>,
    weights: &NetWeights,
    precision: Precision,
) -> (Tensor<4>, [Tensor<4>; 2]) {
    let [w0, b0, w1, b1, w2, b2] = weights.to_dispatch();
    let (y, h1, h2) = <Dispatch as TrainKernels>::net_kept(x.into_dispatch(), w0, b0, w1, b1, w2, b2, precision);
    (Tensor::from_dispatch(y), [h1, h2].map(Tensor::from_dispatch))
}

/// `grad` with the gradient by the network's input added to its first half, and those by its weights, w2, b2, w1, b1, w0, b0, given
/// the one by its output, and the network turned round.
pub(in crate::ops) fn net_backward(
    net: KeptNet,
    grad: Tensor<4>,
    by_output: Tensor<4>,
    turned: &NetWeights,
) -> (Tensor<4>, Tensor<1>) {
    let precision = net.precision;
    let [x, h1, h2, grad, by_output] = [net.x, net.first, net.second, grad, by_output].map(Tensor::into_dispatch);
    let [w0, _, w1, _, w2, _] = turned.to_dispatch();
    let (by_x, by_weights) =
        <Dispatch as TrainKernels>::net_backward(x, h1, h2, grad, by_output, w0, w1, w2, precision);
    (Tensor::from_dispatch(by_x), Tensor::from_dispatch(by_weights))
}

/// The gradients by a 1x1 convolution's matrix and bias.
pub(in crate::ops) fn linear(x: Tensor<4>, grad: Tensor<4>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as TrainKernels>::products(x.into_dispatch(), grad.into_dispatch(), false))
}

/// The same of a 3x3 convolution with a `[c_in, 9 c_out]` matrix.
pub(in crate::ops) fn conv3x3(x: Tensor<4>, grad: Tensor<4>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as TrainKernels>::products(x.into_dispatch(), grad.into_dispatch(), true))
}

#[backend_extension(Flex)]
trait TrainKernels: Backend {
    #[allow(clippy::too_many_arguments)] // An extension takes tensors, one by one.
    fn net_kept(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
        precision: Precision,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    #[allow(clippy::too_many_arguments)] // The same.
    fn net_backward(
        x: FloatTensor<Self>,
        h1: FloatTensor<Self>,
        h2: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        by_output: FloatTensor<Self>,
        turned0: FloatTensor<Self>,
        turned1: FloatTensor<Self>,
        turned2: FloatTensor<Self>,
        precision: Precision,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    fn products(x: FloatTensor<Self>, grad: FloatTensor<Self>, taps: bool) -> FloatTensor<Self>;
}

impl TrainKernels for Flex {
    fn net_kept(
        x: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
        precision: Precision,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let (x, weights) = (whole_pixels(x), [w0, b0, w1, b1, w2, b2].map(|weight| weight.to_contiguous()));
        match precision {
            Precision::F32 => kept(F32, &x, &weights),
            #[cfg(target_arch = "x86_64")]
            Precision::Bf16(bf16) => kept(bf16, &x, &weights),
        }
    }

    fn net_backward(
        x: FlexTensor,
        h1: FlexTensor,
        h2: FlexTensor,
        grad: FlexTensor,
        by_output: FlexTensor,
        turned0: FlexTensor,
        turned1: FlexTensor,
        turned2: FlexTensor,
        precision: Precision,
    ) -> (FlexTensor, FlexTensor) {
        let turned = [turned0, turned1, turned2].map(|weight| weight.to_contiguous());
        let (net, by_output) = ([whole_pixels(x), h1, h2], whole_pixels(by_output));
        match precision {
            Precision::F32 => backward(F32, &net, grad, &by_output, &turned),
            #[cfg(target_arch = "x86_64")]
            Precision::Bf16(bf16) => backward(bf16, &net, grad, &by_output, &turned),
        }
    }

    fn products(x: FlexTensor, grad: FlexTensor, taps: bool) -> FlexTensor {
        let [x, grad] = [x, grad].map(|tensor| tensor.to_contiguous());
        let [_, _, _, c_in] = x.layout().shape().dims::<4>();
        let [_, h, w, c_out] = grad.layout().shape().dims::<4>();
        let mut bias = vec![0.0; c_out];
        for row in values(&grad).chunks_exact(c_out) {
            bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        let mut around = Vec::new();
        let (by_output, columns) = match taps {
            false => (values(&grad), c_out),
            true => {
                around.resize(9 * values(&grad).len(), 0.0);
                gather(values(&grad), c_out, 0, &mut around, [h, w, c_out], true);
                (&around[..], 9 * c_out)
            }
        };
        let mut weight = vec![0.0; c_in * columns];
        matmul(Matrix::new(values(&x), c_in).transpose(), Matrix::new(by_output, columns), &mut weight);
        flat(piece(weight, bias))
    }
}

fn kept<P: Products>(products: P, x: &FlexTensor, weights: &[FlexTensor; 6]) -> (FlexTensor, FlexTensor, FlexTensor) {
    let kept = passes::forward(products, &pixels(x), weights.each_ref().map(values));
    let [b, h, w, _] = x.layout().shape().dims();
    let shape = |c| [b, h, w, c];
    let n = kept.hidden;
    let [h1, h2] = [kept.first, kept.second].map(|h| FlexTensor::from_data(TensorData::new(h, shape(n))));
    (tensor(kept.y, shape(values(&weights[5]).len())), h1, h2)
}

fn backward<P: Products>(
    products: P,
    [x, h1, h2]: &[FlexTensor; 3],
    grad: FlexTensor,
    by_output: &FlexTensor,
    turned: &[FlexTensor; 3],
) -> (FlexTensor, FlexTensor) {
    let shape = grad.layout().shape().dims::<4>();
    let mut by_x = grad.into_data().try_into_vec().expect("f32");
    let hidden = [h1, h2].map(|h| h.as_slice().expect("contiguous, of this precision"));
    let turned = turned.each_ref().map(values);
    let gradients = passes::backward(products, &pixels(x), hidden, &pixels(by_output), turned, &mut by_x);
    let all = by_weights(gradients).map(|(weight, bias)| piece(weight, bias)).concat();
    (tensor(by_x, shape), flat(all))
}

/// A view whose pixels are as far from each other in a row as from row to row and image to image; else a copy.
fn whole_pixels(x: FlexTensor) -> FlexTensor {
    let [_, h, w, _] = x.layout().shape().dims();
    let [images, rows, columns, channels] = x.layout().strides() else { panic!("[b, h, w, c]") };
    let w = w as isize;
    match *channels == 1 && *columns > 0 && *rows == w * columns && *images == h as isize * rows {
        true => x,
        false => x.to_contiguous(),
    }
}

fn pixels(x: &FlexTensor) -> Pixels<'_> {
    let [images, h, w, c] = x.layout().shape().dims();
    Pixels {
        values: &x.storage()[x.layout().start_offset()..],
        stride: x.layout().strides()[2] as usize,
        size: [images, h, w, c],
    }
}

/// The gradients by a weight and its bias, in their [`room`].
fn piece(mut weight: Vec<f32>, bias: Vec<f32>) -> Vec<f32> {
    let room = room(weight.len(), bias.len());
    weight.extend(bias);
    weight.resize(room, 0.0);
    weight
}

fn flat(values: Vec<f32>) -> FlexTensor {
    let length = values.len();
    tensor(values, [length])
}
