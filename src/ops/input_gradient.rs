//! Gradients by what a layer is given, while its weights stand still: the layer turned round. A convolution's has the
//! transposed weights and looks at the opposite neighbours; what a ReLU made 0 it makes 0.

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::Tensor;

use super::blocks::for_each;
use super::dense::Dense;
use super::flex::{block, fold, values};
use super::net::hidden_plain;
use super::taps::gather;
use super::{NetWeights, fold3x3, on_flex, unfold3x3};

/// The weights of a 1x1 convolution turned round: the transposed matrix. Moved, for a GPU reads weights row by row, whatever their
/// strides.
#[inline(never)] // The page's code is to be small.
pub fn transposed(weight: Tensor<2>) -> Tensor<2> {
    let [rows, columns] = weight.dims();
    weight.transpose().reshape([rows * columns]).reshape([columns, rows])
}

/// Those of a 3x3 convolution: `[c_in, 9 c_out]` -> `[c_out, 9 c_in]`.
pub fn turned(weight: Tensor<2>) -> Tensor<2> {
    let [c_in, columns] = weight.dims();
    let c_out = columns / 9;
    weight.reshape([c_in, 9, c_out]).permute([2, 1, 0]).flip([1]).reshape([c_out, 9 * c_in])
}

impl NetWeights {
    /// The network turned round, without biases.
    pub fn turned(&self) -> Self {
        let zeros = |c| Tensor::zeros([c], &self.w1.device());
        let [n] = self.b1.dims();
        Self {
            w0: opposite(self.w2.clone().transpose()),
            b0: zeros(n),
            w1: transposed(self.w1.clone()),
            b1: zeros(n),
            w2: transposed(opposite(self.w0.clone())),
            b2: zeros(self.w0.dims()[0] / 9),
        }
    }
}

/// `[9 c, n]` with the rows of every tap in the place of the opposite one's.
fn opposite(weight: Tensor<2>) -> Tensor<2> {
    let c = weight.dims()[0] / 9;
    Tensor::cat((0..9).rev().map(|k| weight.clone().narrow(0, k * c, c)).collect(), 0)
}

/// The gradient of the network by `x`, `[b, h, w, c_in]`, given the one by its output, `[b, h, w, c_out]`, and the network
/// [`turned`](NetWeights::turned).
pub fn net_gradient(x: Tensor<4>, grad: Tensor<4>, weights: &NetWeights, turned: &NetWeights) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if super::on_cube(&x) {
        return super::cube::net_gradient(x, grad, weights, turned);
    }
    if !on_flex(&x) {
        return net_gradient_plain(x, grad, weights, turned);
    }
    let (weights, turned) = (weights.clone(), turned.clone());
    Tensor::from_dispatch(<Dispatch as FlexGradient>::net_gradient(
        x.into_dispatch(),
        grad.into_dispatch(),
        weights.w0.into_dispatch(),
        weights.b0.into_dispatch(),
        weights.w1.into_dispatch(),
        weights.b1.into_dispatch(),
        turned.w0.into_dispatch(),
        turned.w1.into_dispatch(),
        turned.w2.into_dispatch(),
    ))
}

/// The same in plain tensor operations.
pub fn net_gradient_plain(x: Tensor<4>, grad: Tensor<4>, weights: &NetWeights, turned: &NetWeights) -> Tensor<4> {
    let ([b, h, w, c_in], [.., c_out]) = (x.dims(), grad.dims());
    let [first, second] = hidden_plain(x, weights);
    let grad = unfold3x3(grad).reshape([b * h * w, 9 * c_out]).matmul(turned.w0.clone());
    let grad = grad.mask_fill(second.equal_elem(0.0), 0.0).matmul(turned.w1.clone());
    let taps = grad.mask_fill(first.equal_elem(0.0), 0.0).matmul(turned.w2.clone());
    fold3x3(taps.reshape([b, h, w, 9 * c_in]))
}

#[backend_extension(Flex)]
trait FlexGradient: Backend {
    #[allow(clippy::too_many_arguments)] // An extension takes tensors, one by one.
    fn net_gradient(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        turned0: FloatTensor<Self>,
        turned1: FloatTensor<Self>,
        turned2: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl FlexGradient for Flex {
    fn net_gradient(
        x: FlexTensor,
        grad: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        turned0: FlexTensor,
        turned1: FlexTensor,
        turned2: FlexTensor,
    ) -> FlexTensor {
        let tensors = [x, grad, w0, b0, w1, b1, turned0, turned1, turned2].map(|tensor| tensor.to_contiguous());
        let [images, h, w, c_in] = tensors[0].layout().shape().dims();
        let [_, _, _, c_out] = tensors[1].layout().shape().dims();
        let [n] = tensors[3].layout().shape().dims();
        let [x, grad, w0, b0, w1, b1, turned0, turned1, turned2] = tensors.each_ref().map(values);
        let forth = [Dense::relu(w0, b0), Dense::relu(w1, b1)];
        let back = [Dense::new(turned0, n), Dense::new(turned1, n), Dense::new(turned2, 9 * c_in)];
        let pixels = images * h * w;
        let block = block(pixels);
        let mut taps = vec![0.0; pixels * 9 * c_in];
        for_each(&mut taps, block * 9 * c_in, &|[around, h1, h2, d1, d2], i, taps| {
            let rows = taps.len() / (9 * c_in);
            [&mut *h1, h2, d1, d2].into_iter().for_each(|hidden| hidden.resize(rows * n, 0.0));
            around.resize(rows * 9 * c_in, 0.0);
            gather(x, c_in, i * block, around, [h, w, c_in], false);
            forth[0].apply(around, h1);
            forth[1].apply(h1, h2);
            around.resize(rows * 9 * c_out, 0.0);
            gather(grad, c_out, i * block, around, [h, w, c_out], false);
            back[0].apply(around, d2);
            mask(d2, h2);
            back[1].apply(d2, d1);
            mask(d1, h1);
            back[2].apply(d1, taps);
        });
        fold(&taps, &vec![0.0; c_in], [images, h, w, c_in])
    }
}

/// The gradient of a ReLU, given its output.
pub(super) fn mask(grad: &mut [f32], output: &[f32]) {
    for (grad, output) in grad.iter_mut().zip(output) {
        *grad = if *output > 0.0 { *grad } else { 0.0 };
    }
}
