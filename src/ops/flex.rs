//! What the operations' CPU kernels have in common. They cut the pixels of a batch into blocks whose activations stay in the cache.

#[cfg(feature = "train")]
pub(super) mod train;

use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, TensorData};

use super::blocks::for_each;
use super::dense::Dense;
use super::taps::scatter;

/// Rows of a product: enough for it to be fast, few enough for the second-level cache.
const BLOCK_PIXELS: usize = 256;

/// Pixels that a thread takes at a time: few enough for every thread to have some.
pub(super) fn block(pixels: usize) -> usize {
    pixels.div_ceil(rayon::current_num_threads()).min(BLOCK_PIXELS)
}

/// A layer on every pixel of `x`, `[pixels, outputs]`.
pub(super) fn products(x: &FlexTensor, layer: &Dense, outputs: usize) -> Vec<f32> {
    let [b, h, w, c] = x.layout().shape().dims();
    let block = block(b * h * w);
    let mut y = vec![0.0; b * h * w * outputs];
    for_each(&mut y, block * outputs, &|_, i, y| layer.apply(&values(x)[i * block * c..][..y.len() / outputs * c], y));
    y
}

/// The sum of the bias and of what the taps hold for every pixel.
pub(super) fn fold(taps: &[f32], bias: &[f32], [images, h, w, c]: [usize; 4]) -> FlexTensor {
    let block = block(images * h * w);
    let mut y = vec![0.0; images * h * w * c];
    for_each(&mut y, block * c, &|_, i, y| scatter(taps, bias, i * block, y, [h, w, c]));
    tensor(y, [images, h, w, c])
}

pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous f32")
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}
