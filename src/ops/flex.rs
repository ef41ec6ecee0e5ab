//! The coupling network's CPU kernel: the batch is cut into tiles whose activations stay in the cache, and every tile
//! runs all three layers on one thread.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, TensorData};
use rayon::prelude::*;

use super::gemm::{Matrix, matmul};
use super::net::NetBackend;
use super::taps::{gather, scatter};

/// Pixels of a tile: enough rows for a matrix product, few enough for the second-level cache.
const TILE_PIXELS: usize = 256;

impl NetBackend for Flex {
    fn net(
        x: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
    ) -> FlexTensor {
        let net = Net::new(x, [w0, b0, w1, b1, w2, b2]);
        net.forward(None)
    }
}

/// One call of the network: its input, its weights, and how the batch is cut.
#[derive(Clone, Debug)]
pub(super) struct Net {
    pub(super) x: FlexTensor,
    pub(super) weights: [FlexTensor; 6],
    pub(super) size: Size,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) images: usize,
    pub(super) h: usize,
    pub(super) w: usize,
    pub(super) c_in: usize,
    pub(super) hidden: usize,
    pub(super) c_out: usize,
    /// Images in a tile.
    pub(super) tile: usize,
}

/// The hidden activations after their ReLUs, `[pixels, hidden]` each.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden(pub(super) Vec<f32>, pub(super) Vec<f32>);

impl Net {
    pub(super) fn new(x: FlexTensor, weights: [FlexTensor; 6]) -> Self {
        let x = x.to_contiguous();
        let weights = weights.map(|weight| weight.to_contiguous());
        let [images, h, w, c_in] = x.layout().shape().dims();
        let [hidden] = weights[1].layout().shape().dims();
        let [c_out] = weights[5].layout().shape().dims();
        let share = images.div_ceil(rayon::current_num_threads());
        let tile = (TILE_PIXELS / (h * w)).clamp(1, share.max(1));
        let size = Size { images, h, w, c_in, hidden, c_out, tile };
        Self { x, weights, size }
    }

    /// The output, `[b, h, w, c_out]`; the hidden activations are kept if there is a place for them.
    pub(super) fn forward(&self, keep: Option<&mut Hidden>) -> FlexTensor {
        let Size { images, h, w, c_in, hidden, c_out, tile } = self.size;
        let pixels = h * w;
        let weights = self.weights.each_ref().map(values);
        let mut y = vec![0.0; images * pixels * c_out];
        let tiles = y.par_chunks_mut(tile * pixels * c_out).zip(values(&self.x).par_chunks(tile * pixels * c_in));
        match keep {
            Some(Hidden(h1, h2)) => {
                h1.resize(images * pixels * hidden, 0.0);
                h2.resize(images * pixels * hidden, 0.0);
                tiles
                    .zip(h1.par_chunks_mut(tile * pixels * hidden))
                    .zip(h2.par_chunks_mut(tile * pixels * hidden))
                    .for_each_init(Vec::new, |taps, (((y, x), h1), h2)| {
                        self.forward_tile(weights, x, [h1, h2], taps, y);
                    });
            }
            None => tiles.for_each_init(
                || (Vec::new(), Vec::new(), Vec::new()),
                |(taps, h1, h2), (y, x)| {
                    let n = y.len() / c_out * hidden;
                    h1.resize(n, 0.0);
                    h2.resize(n, 0.0);
                    self.forward_tile(weights, x, [h1, h2], taps, y);
                },
            ),
        }
        tensor(y, [images, h, w, c_out])
    }

    /// The three layers on a tile. `taps` is scratch.
    fn forward_tile(
        &self,
        [w0, b0, w1, b1, w2, b2]: [&[f32]; 6],
        x: &[f32],
        [h1, h2]: [&mut [f32]; 2],
        taps: &mut Vec<f32>,
        y: &mut [f32],
    ) {
        let Size { h, w, c_in, hidden, c_out, .. } = self.size;
        gather(x, taps, [h, w, c_in], false);
        matmul(Matrix::new(taps, 9 * c_in), Matrix::new(w0, hidden), h1);
        add_bias_relu(h1, b0);
        matmul(Matrix::new(h1, hidden), Matrix::new(w1, hidden), h2);
        add_bias_relu(h2, b1);
        taps.resize(9 * y.len(), 0.0);
        matmul(Matrix::new(h2, hidden), Matrix::new(w2, 9 * c_out), taps);
        scatter(taps, y, [h, w, c_out], false);
        for pixel in y.chunks_exact_mut(c_out) {
            for (y, b) in pixel.iter_mut().zip(b2) {
                *y += b;
            }
        }
    }
}

fn add_bias_relu(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            let sum = *value + bias;
            // Not `max`, which is a call for each value in wasm.
            *value = if sum > 0.0 { sum } else { 0.0 };
        }
    }
}

pub(super) fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous f32")
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}
