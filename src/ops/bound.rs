//! Bounds on values. On a CPU a loop, since burn's takes three kilobytes of a page's code.

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::Tensor;

use super::flex::{tensor, values};

/// The nearest to `x` from `-most` to `most`.
pub fn bound(x: Tensor<4>, most: f32) -> Tensor<4> {
    #[cfg(any(feature = "gpu", feature = "train"))]
    if !super::on_flex(&x) {
        return x.clamp(-most, most);
    }
    Tensor::from_dispatch(<Dispatch as FlexBound>::bound(x.into_dispatch(), most))
}

/// Its gradient by `x`, from the one by what it gave: 0 where that is at a bound.
pub fn bound_gradient(grad: Tensor<4>, bounded: Tensor<4>, most: f32) -> Tensor<4> {
    #[cfg(any(feature = "gpu", feature = "train"))]
    if !super::on_flex(&grad) {
        return grad.mask_fill(bounded.abs().greater_equal_elem(most), 0.0);
    }
    let (grad, bounded) = (grad.into_dispatch(), bounded.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FlexBound>::bound_gradient(grad, bounded, most))
}

#[backend_extension(Flex)]
trait FlexBound: Backend {
    fn bound(x: FloatTensor<Self>, most: f32) -> FloatTensor<Self>;
    fn bound_gradient(grad: FloatTensor<Self>, bounded: FloatTensor<Self>, most: f32) -> FloatTensor<Self>;
}

impl FlexBound for Flex {
    fn bound(x: FlexTensor, most: f32) -> FlexTensor {
        let x = x.to_contiguous();
        let shape: [usize; 4] = x.layout().shape().dims();
        tensor(values(&x).iter().map(|x| x.clamp(-most, most)).collect(), shape)
    }

    fn bound_gradient(grad: FlexTensor, bounded: FlexTensor, most: f32) -> FlexTensor {
        let [grad, bounded] = [grad, bounded].map(|tensor| tensor.to_contiguous());
        let shape: [usize; 4] = grad.layout().shape().dims();
        let within = |(grad, bounded): (&f32, &f32)| if bounded.abs() < most { *grad } else { 0.0 };
        tensor(values(&grad).iter().zip(values(&bounded)).map(within).collect(), shape)
    }
}
