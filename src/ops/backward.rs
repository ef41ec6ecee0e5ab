//! The backward pass of the coupling network's CPU kernel, cut into tiles whose activations stay in the cache.

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::flex::{BLOCK_PIXELS, Hidden, Net, Size, tensor, values};
use super::gemm::{Matrix, matmul, matmul_add};
use super::input_gradient::mask;
use super::taps::{gather, scatter};
use super::{KeptNet, NetWeights, room};

/// The network's output, and its hidden activations, `[b, h, w, n]` each.
pub(super) fn net_kept(x: Tensor<4>, weights: &NetWeights) -> (Tensor<4>, [Tensor<4>; 2]) {
    let [w0, b0, w1, b1, w2, b2] = weights.to_dispatch();
    let (y, h1, h2) = <Dispatch as BackwardKernels>::net_kept(x.into_dispatch(), w0, b0, w1, b1, w2, b2);
    (Tensor::from_dispatch(y), [h1, h2].map(Tensor::from_dispatch))
}

/// The gradients by the network's input and by its weights, w2, b2, w1, b1, w0, b0, given the one by its output.
pub(super) fn net(net: KeptNet, grad: Tensor<4>, weights: &NetWeights) -> (Tensor<4>, Tensor<1>) {
    let [x, h1, h2, grad] = [net.x, net.first, net.second, grad].map(Tensor::into_dispatch);
    let [w0, b0, w1, b1, w2, b2] = weights.to_dispatch();
    let (dx, weights) = <Dispatch as BackwardKernels>::net_backward(x, h1, h2, grad, w0, b0, w1, b1, w2, b2);
    (Tensor::from_dispatch(dx), Tensor::from_dispatch(weights))
}

/// The gradients by a 1x1 convolution's matrix and bias.
pub(super) fn linear(x: Tensor<4>, grad: Tensor<4>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as BackwardKernels>::products(x.into_dispatch(), grad.into_dispatch(), false))
}

/// The same of a 3x3 convolution with a `[c_in, 9 c_out]` matrix.
pub(super) fn conv3x3(x: Tensor<4>, grad: Tensor<4>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as BackwardKernels>::products(x.into_dispatch(), grad.into_dispatch(), true))
}

#[backend_extension(Flex)]
trait BackwardKernels: Backend {
    fn net_kept(
        x: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    #[allow(clippy::too_many_arguments)] // An extension takes tensors, one by one.
    fn net_backward(
        x: FloatTensor<Self>,
        h1: FloatTensor<Self>,
        h2: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    fn products(x: FloatTensor<Self>, grad: FloatTensor<Self>, taps: bool) -> FloatTensor<Self>;
}

impl BackwardKernels for Flex {
    fn net_kept(
        x: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let net = Net::new(x, [w0, b0, w1, b1, w2, b2]);
        let mut hidden = Hidden::default();
        let y = net.forward(Some(&mut hidden));
        let Size { images, h, w, hidden: n, .. } = net.size;
        let [h1, h2] = [hidden.0, hidden.1].map(|hidden| tensor(hidden, [images, h, w, n]));
        (y, h1, h2)
    }

    fn net_backward(
        x: FlexTensor,
        h1: FlexTensor,
        h2: FlexTensor,
        grad: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
    ) -> (FlexTensor, FlexTensor) {
        let net = Net::new(x, [w0, b0, w1, b1, w2, b2]);
        let (dx, Gradients([w0, b0, w1, b1, w2, b2])) = net.backward(grad, [values(&h1), values(&h2)]);
        let Size { images, h, w, c_in, .. } = net.size;
        let all = [(w2, b2), (w1, b1), (w0, b0)].map(|(weight, bias)| piece(weight, bias)).concat();
        (tensor(dx, [images, h, w, c_in]), flat(all))
    }

    fn products(x: FlexTensor, grad: FlexTensor, taps: bool) -> FlexTensor {
        let [x, grad] = [x, grad].map(|tensor| tensor.to_contiguous());
        let [_, _, _, c_in] = x.layout().shape().dims::<4>();
        let [_, h, w, c_out] = grad.layout().shape().dims::<4>();
        let mut bias = vec![0.0; c_out];
        add_columns(values(&grad), &mut bias);
        let mut around = Vec::new();
        let (by_output, columns) = match taps {
            false => (values(&grad), c_out),
            true => {
                around.resize(9 * values(&grad).len(), 0.0);
                gather(values(&grad), 0, &mut around, [h, w, c_out], true);
                (&around[..], 9 * c_out)
            }
        };
        let mut weight = vec![0.0; c_in * columns];
        matmul(Matrix::new(values(&x), c_in).transpose(), Matrix::new(by_output, columns), &mut weight);
        flat(piece(weight, bias))
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

impl Net {
    /// The gradients of the input and of the six weights.
    fn backward(&self, grad: FlexTensor, [h1, h2]: [&[f32]; 2]) -> (Vec<f32>, Gradients) {
        let Size { images, h, w, c_in, hidden, c_out } = self.size;
        let pixels = h * w;
        let grad = grad.to_contiguous();
        let (grad, x) = (values(&grad), values(&self.x));
        let weights = self.weights.each_ref().map(values);
        let threads = rayon::current_num_threads();
        // Images in a tile.
        let tile = (BLOCK_PIXELS / pixels).clamp(1, images.div_ceil(threads));
        let tiles = images.div_ceil(tile);
        // Fixed shares, summed in order, so that a run repeats itself.
        let share = tiles.div_ceil(threads) * tile;
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
                    let part = |c: usize| rows.start * c..rows.end * c;
                    let tile = Tile {
                        x: &x[part(c_in)],
                        h1: &h1[part(hidden)],
                        h2: &h2[part(hidden)],
                        grad: &grad[part(c_out)],
                    };
                    self.backward_tile(weights, tile, dx, &mut gradients, &mut scratch);
                }
                gradients
            })
            .collect();
        (dx, Gradients::sum(shares))
    }

    fn backward_tile(
        &self,
        [w0, _, w1, _, w2, _]: [&[f32]; 6],
        Tile { x, h1, h2, grad }: Tile,
        dx: &mut [f32],
        Gradients([dw0, db0, dw1, db1, dw2, db2]): &mut Gradients,
        Scratch { taps, d1, d2 }: &mut Scratch,
    ) {
        let Size { h, w, c_in, hidden, c_out, .. } = self.size;
        add_columns(grad, db2);
        taps.resize(9 * grad.len(), 0.0);
        gather(grad, 0, taps, [h, w, c_out], true);
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
        taps.resize(9 * x.len(), 0.0);
        gather(x, 0, taps, [h, w, c_in], false);
        matmul_add(Matrix::new(taps, 9 * c_in).transpose(), Matrix::new(d1, hidden), dw0);

        matmul(Matrix::new(d1, hidden), Matrix::new(w0, hidden).transpose(), taps);
        scatter(taps, 0, dx, [h, w, c_in], true);
    }
}

/// What the backward pass of a tile reads.
struct Tile<'a> {
    x: &'a [f32],
    h1: &'a [f32],
    h2: &'a [f32],
    /// Of the output.
    grad: &'a [f32],
}

#[derive(Default)]
struct Scratch {
    taps: Vec<f32>,
    /// Gradients of the hidden activations.
    d1: Vec<f32>,
    d2: Vec<f32>,
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

fn add_columns(rows: &[f32], sum: &mut [f32]) {
    for row in rows.chunks_exact(sum.len()) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}
