//! The backward pass of the coupling network's CPU kernel, cut into tiles whose activations stay in the cache.

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use super::flex::{BLOCK_PIXELS, Hidden, Net, Size, tensor, values};
use super::gemm::{Matrix, matmul, matmul_add};
use super::input_gradient::mask;
use super::taps::{gather, scatter};

impl Net {
    /// The gradients of the input and of the six weights.
    pub(super) fn backward(&self, grad: FlexTensor, Hidden(h1, h2): &Hidden) -> [FlexTensor; 7] {
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
