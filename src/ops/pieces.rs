//! What coupling networks do on the CPU, a piece at a time, and what the core could do at most: for the clock of
//! `pkg-scripts/bench.sh`.

use burn::tensor::Tensor;

use super::blocks::for_each;
use super::dense::{Dense, multiply_add};
use super::flex::block;
use super::taps::{gather, scatter};
use super::{NetWeights, halves};
use crate::pixels::host;

/// Sums that do not wait for one another: enough to fill a core's units, few enough for its registers.
const CHAINS: usize = 12;
/// A multiplication and an addition in each of the four lanes of every chain.
pub const PEAK_FLOPS: usize = CHAINS * 4 * 2;

/// The fastest arithmetic there is: so many turns of [`PEAK_FLOPS`] in registers.
pub fn peak(turns: usize) -> f32 {
    use std::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_splat};
    let [scale, shift] = [f32x4_splat(0.999), f32x4_splat(0.001)];
    let mut sums = [f32x4_splat(0.5); CHAINS];
    for _ in 0..turns {
        sums = sums.map(|sum| multiply_add(sum, scale, shift));
    }
    f32x4_extract_lane::<0>(sums.into_iter().fold(shift, |all, sum| f32x4_add(all, sum)))
}

/// What a layer's threads do besides its work: they share it, and wait for each other.
pub fn meet() {
    let mut nothing = vec![0.0; rayon::current_num_threads()];
    for_each(&mut nothing, 1, &|_, _, _| {});
}

/// The pieces of a coupling network.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// The neighbourhoods of the pixels.
    Gather,
    /// The product of the first 3x3 convolution, with bias and ReLU.
    First,
    /// The 1x1 convolution, likewise.
    Middle,
    /// The product of the last 3x3 convolution.
    Last,
    /// What its taps add up to.
    Scatter,
}

/// The networks of a level, at work on a batch.
pub struct Pieces {
    /// w0, b0, w1, b1, w2, b2.
    nets: Vec<[Vec<f32>; 6]>,
    /// Images, height, width, channels that the networks are given.
    size: [usize; 4],
    x: Vec<f32>,
    around: Vec<f32>,
    hidden: [Vec<f32>; 2],
    taps: Vec<f32>,
    y: Vec<f32>,
}

impl Pieces {
    /// Of networks that are given the first half of a batch's channels, `[b, h, w, c]`.
    pub fn new<'a>(nets: impl Iterator<Item = &'a NetWeights>, x: Tensor<4>) -> Self {
        let of_net = |net: &NetWeights| {
            let NetWeights { w0, b0, w1, b1, w2, b2 } = net.clone();
            [host(w0), host(b0), host(w1), host(b1), host(w2), host(b2)]
        };
        let nets: Vec<_> = nets.map(of_net).collect();
        let [x, _] = halves(x);
        let size @ [images, h, w, c] = x.dims();
        let pixels = images * h * w;
        let (block, [_, _, _, b1, _, b2]) = (block(pixels), &nets[0]);
        Self {
            size,
            x: host(x),
            around: vec![0.0; block * 9 * c],
            hidden: [vec![0.0; block * b1.len()], vec![0.0; block * b1.len()]],
            taps: vec![0.0; pixels * 9 * b2.len()],
            y: vec![0.0; pixels * b2.len()],
            nets,
        }
    }

    /// Multiplications and additions of a piece in all of the networks.
    pub fn flops(&self, piece: Piece) -> usize {
        let [images, h, w, _] = self.size;
        let of_pixel = |[w0, _, w1, _, w2, _]: &[Vec<f32>; 6]| match piece {
            Piece::Gather | Piece::Scatter => 0,
            Piece::First => w0.len(),
            Piece::Middle => w1.len(),
            Piece::Last => w2.len(),
        };
        2 * images * h * w * self.nets.iter().map(of_pixel).sum::<usize>()
    }

    /// Does a piece of all of the networks, as [`net`](super::net) does.
    pub fn run(&mut self, piece: Piece) {
        let [images, h, w, c] = self.size;
        let [first, second] = &mut self.hidden;
        let block = block(images * h * w);
        for [w0, b0, w1, b1, w2, b2] in &self.nets {
            let (n, outputs) = (b1.len(), b2.len());
            let layers = [Dense::relu(w0, b0), Dense::relu(w1, b1), Dense::new(w2, 9 * outputs)];
            for (i, taps) in self.taps.chunks_mut(block * 9 * outputs).enumerate() {
                let rows = taps.len() / (9 * outputs);
                let around = &mut self.around[..rows * 9 * c];
                let [first, second] = [&mut *first, &mut *second].map(|hidden| &mut hidden[..rows * n]);
                match piece {
                    Piece::Gather => gather(&self.x, c, i * block, around, [h, w, c], false),
                    Piece::First => layers[0].apply(around, first),
                    Piece::Middle => layers[1].apply(first, second),
                    Piece::Last => layers[2].apply(second, taps),
                    Piece::Scatter => {}
                }
            }
            if let Piece::Scatter = piece {
                for (i, y) in self.y.chunks_mut(block * outputs).enumerate() {
                    scatter(&self.taps, b2, i * block, y, [h, w, outputs]);
                }
            }
        }
    }
}
