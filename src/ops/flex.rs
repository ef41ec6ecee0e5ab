//! The coupling network's CPU kernel: the batch is cut into tiles whose activations stay in the cache, and every tile
//! runs all three layers, forward and backward, on one thread.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, TensorData};
use rayon::prelude::*;

use super::gemm::{Matrix, matmul, matmul_add};
use super::net::NetBackend;

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
    x: FlexTensor,
    weights: [FlexTensor; 6],
    size: Size,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    images: usize,
    h: usize,
    w: usize,
    c_in: usize,
    hidden: usize,
    c_out: usize,
    /// Images in a tile.
    tile: usize,
}

/// The hidden activations after their ReLUs, `[pixels, hidden]` each.
#[derive(Clone, Debug)]
pub(super) struct Hidden(Vec<f32>, Vec<f32>);

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
                        self.forward_tile(weights, x, h1, h2, taps, Some(y));
                    });
            }
            None => tiles.for_each_init(
                || (Vec::new(), Vec::new(), Vec::new()),
                |(taps, h1, h2), (y, x)| {
                    let n = y.len() / c_out * hidden;
                    h1.resize(n, 0.0);
                    h2.resize(n, 0.0);
                    self.forward_tile(weights, x, h1, h2, taps, Some(y));
                },
            ),
        }
        tensor(y, [images, h, w, c_out])
    }

    /// Layers 0 and 1 of a tile, and layer 2 if its output is wanted. `taps` is scratch.
    fn forward_tile(
        &self,
        [w0, b0, w1, b1, w2, b2]: [&[f32]; 6],
        x: &[f32],
        h1: &mut [f32],
        h2: &mut [f32],
        taps: &mut Vec<f32>,
        y: Option<&mut [f32]>,
    ) {
        let Size { h, w, c_in, hidden, c_out, .. } = self.size;
        gather(x, taps, [h, w, c_in], Direction::Forward);
        matmul(Matrix::new(taps, 9 * c_in), Matrix::new(w0, hidden), h1);
        add_bias_relu(h1, b0);
        matmul(Matrix::new(h1, hidden), Matrix::new(w1, hidden), h2);
        add_bias_relu(h2, b1);
        if let Some(y) = y {
            taps.resize(9 * y.len(), 0.0);
            matmul(Matrix::new(h2, hidden), Matrix::new(w2, 9 * c_out), taps);
            scatter(taps, y, [h, w, c_out], Direction::Forward);
            for pixel in y.chunks_exact_mut(c_out) {
                for (y, b) in pixel.iter_mut().zip(b2) {
                    *y += b;
                }
            }
        }
    }

    /// The gradients of the input and of the six weights. Hidden activations that were not kept are computed again.
    pub(super) fn backward(&self, grad: FlexTensor, kept: Option<Hidden>) -> [FlexTensor; 7] {
        let Size { images, h, w, c_in, hidden, c_out, tile } = self.size;
        let pixels = h * w;
        let grad = grad.to_contiguous();
        let (grad, x) = (values(&grad), values(&self.x));
        let weights = self.weights.each_ref().map(values);
        let tiles = images.div_ceil(tile);
        // Fixed shares, summed in order, so that a run repeats itself.
        let share = tiles.div_ceil(rayon::current_num_threads()) * tile;
        let mut dx = vec![0.0; x.len()];
        let shares: Vec<Gradients> = dx
            .par_chunks_mut(share * pixels * c_in)
            .enumerate()
            .map(|(i, dx)| {
                let mut gradients = Gradients::new(weights);
                let mut scratch = Scratch::default();
                for (j, dx) in dx.chunks_mut(tile * pixels * c_in).enumerate() {
                    let first = (i * share + j * tile) * pixels;
                    let rows = first..first + dx.len() / c_in;
                    let part = |all: &'_ [f32], c: usize| -> std::ops::Range<usize> {
                        debug_assert!(rows.end * c <= all.len());
                        rows.start * c..rows.end * c
                    };
                    let x = &x[part(x, c_in)];
                    let grad = &grad[part(grad, c_out)];
                    let (h1, h2) = match &kept {
                        Some(Hidden(h1, h2)) => (&h1[part(h1, hidden)], &h2[part(h2, hidden)]),
                        None => {
                            let n = rows.len() * hidden;
                            scratch.h1.resize(n, 0.0);
                            scratch.h2.resize(n, 0.0);
                            let (h1, h2) = (&mut scratch.h1, &mut scratch.h2);
                            self.forward_tile(weights, x, h1, h2, &mut scratch.taps, None);
                            (&scratch.h1[..], &scratch.h2[..])
                        }
                    };
                    let d = &mut scratch.d;
                    self.backward_tile(weights, (x, h1, h2), grad, dx, &mut gradients, &mut scratch.taps, d);
                }
                gradients
            })
            .collect();
        let [w0, b0, w1, b1, w2, b2] = Gradients::sum(shares).0;
        [
            tensor(dx, [images, h, w, c_in]),
            tensor(w0, [9 * c_in, hidden]),
            tensor(b0, [hidden]),
            tensor(w1, [hidden, hidden]),
            tensor(b1, [hidden]),
            tensor(w2, [hidden, 9 * c_out]),
            tensor(b2, [c_out]),
        ]
    }

    #[allow(clippy::too_many_arguments)]
    fn backward_tile(
        &self,
        [w0, _, w1, _, w2, _]: [&[f32]; 6],
        (x, h1, h2): (&[f32], &[f32], &[f32]),
        grad: &[f32],
        dx: &mut [f32],
        Gradients([dw0, db0, dw1, db1, dw2, db2]): &mut Gradients,
        taps: &mut Vec<f32>,
        [d1, d2]: &mut [Vec<f32>; 2],
    ) {
        let Size { h, w, c_in, hidden, c_out, .. } = self.size;
        add_columns(grad, db2);
        gather(grad, taps, [h, w, c_out], Direction::Backward);
        let (g, h1m, h2m) = (Matrix::new(taps, 9 * c_out), Matrix::new(h1, hidden), Matrix::new(h2, hidden));
        matmul_add(h2m.transpose(), g, dw2);

        d2.resize(h2.len(), 0.0);
        matmul(g, Matrix::new(w2, 9 * c_out).transpose(), d2);
        mask(d2, h2);
        add_columns(d2, db1);
        matmul_add(h1m.transpose(), Matrix::new(d2, hidden), dw1);

        d1.resize(h1.len(), 0.0);
        matmul(Matrix::new(d2, hidden), Matrix::new(w1, hidden).transpose(), d1);
        mask(d1, h1);
        add_columns(d1, db0);
        gather(x, taps, [h, w, c_in], Direction::Forward);
        matmul_add(Matrix::new(taps, 9 * c_in).transpose(), Matrix::new(d1, hidden), dw0);

        matmul(Matrix::new(d1, hidden), Matrix::new(w0, hidden).transpose(), taps);
        scatter(taps, dx, [h, w, c_in], Direction::Backward);
    }
}

#[derive(Default)]
struct Scratch {
    taps: Vec<f32>,
    h1: Vec<f32>,
    h2: Vec<f32>,
    d: [Vec<f32>; 2],
}

/// Gradients of the six weights.
struct Gradients([Vec<f32>; 6]);

impl Gradients {
    fn new(weights: [&[f32]; 6]) -> Self {
        Self(weights.map(|weight| vec![0.0; weight.len()]))
    }

    fn sum(shares: Vec<Self>) -> Self {
        shares
            .into_iter()
            .reduce(|mut sum, share| {
                for (sum, part) in sum.0.iter_mut().flatten().zip(share.0.iter().flatten()) {
                    *sum += part;
                }
                sum
            })
            .expect("a batch of at least one image")
    }
}

/// Whether tap (ky, kx) looks at offset (ky - 1, kx - 1), as the convolution does, or at the opposite one, as its
/// gradient does.
#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

/// Where tap `k` of pixel `(y, x)` looks, if that is inside the image.
#[inline(always)]
fn neighbour(k: usize, (y, x): (usize, usize), (h, w): (usize, usize), direction: Direction) -> Option<usize> {
    let k = match direction {
        Direction::Forward => k,
        Direction::Backward => 8 - k,
    };
    let (y, x) = ((y + k / 3).wrapping_sub(1), (x + k % 3).wrapping_sub(1));
    (y < h && x < w).then_some(y * w + x)
}

/// `x[pixel, c]` -> `taps[pixel, 9 c]`, zeros outside the image.
fn gather(x: &[f32], taps: &mut Vec<f32>, [h, w, c]: [usize; 3], direction: Direction) {
    taps.resize(9 * x.len(), 0.0);
    for (image, taps) in x.chunks_exact(h * w * c).zip(taps.chunks_exact_mut(9 * h * w * c)) {
        for (pixel, taps) in taps.chunks_exact_mut(9 * c).enumerate() {
            for (k, tap) in taps.chunks_exact_mut(c).enumerate() {
                match neighbour(k, (pixel / w, pixel % w), (h, w), direction) {
                    Some(from) => copy(tap, &image[from * c..from * c + c]),
                    None => tap.fill(0.0),
                }
            }
        }
    }
}

/// `taps[pixel, 9 c]` -> `y[pixel, c]`: every pixel adds up the taps that its neighbours hold for it.
fn scatter(taps: &[f32], y: &mut [f32], [h, w, c]: [usize; 3], direction: Direction) {
    for (image, y) in taps.chunks_exact(9 * h * w * c).zip(y.chunks_exact_mut(h * w * c)) {
        for (pixel, y) in y.chunks_exact_mut(c).enumerate() {
            y.fill(0.0);
            for k in 0..9 {
                if let Some(from) = neighbour(k, (pixel / w, pixel % w), (h, w), direction) {
                    let tap = &image[(from * 9 + k) * c..(from * 9 + k + 1) * c];
                    for (y, tap) in y.iter_mut().zip(tap) {
                        *y += tap;
                    }
                }
            }
        }
    }
}

/// A loop, since a call of memcpy costs more than a few channels.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

fn add_bias_relu(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (value, bias) in row.iter_mut().zip(bias) {
            *value = (*value + bias).max(0.0);
        }
    }
}

/// The gradient of a ReLU, given its output.
fn mask(grad: &mut [f32], output: &[f32]) {
    for (grad, output) in grad.iter_mut().zip(output) {
        *grad = if *output > 0.0 { *grad } else { 0.0 };
    }
}

fn add_columns(rows: &[f32], sum: &mut [f32]) {
    for row in rows.chunks_exact(sum.len()) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous f32")
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}

#[cfg(not(target_family = "wasm"))]
impl Hidden {
    pub(super) fn empty() -> Self {
        Self(Vec::new(), Vec::new())
    }
}
