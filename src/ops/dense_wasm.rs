//! A dense layer on rows of channels, in the 128-bit SIMD of WebAssembly.

use std::arch::wasm32::*;
use std::array::from_fn;

/// Rows and columns of the sums that are kept in registers: with what they are made of, they fit the sixteen of x86-64.
const ROWS: usize = 4;
const COLUMNS: usize = 8;

/// `relu(x W + b)`, or parts of it.
pub(super) struct Dense {
    /// W cut into panels of `COLUMNS` columns, zeros beyond the last; above each its part of b.
    panels: Vec<[f32; COLUMNS]>,
    inputs: usize,
    outputs: usize,
    /// What the sums do not fall below.
    least: f32,
}

impl Dense {
    /// W, `[inputs, outputs]`, alone.
    pub(super) fn new(weight: &[f32], outputs: usize) -> Self {
        Self::biased(weight, &vec![0.0; outputs])
    }

    /// With `b`, `[outputs]`.
    pub(super) fn biased(weight: &[f32], bias: &[f32]) -> Self {
        let outputs = bias.len();
        let inputs = weight.len() / outputs;
        let mut panels = Vec::with_capacity(outputs.div_ceil(COLUMNS) * (1 + inputs));
        for first in (0..outputs).step_by(COLUMNS) {
            panels.push(padded(&bias[first..]));
            panels.extend(weight.chunks_exact(outputs).map(|row| padded(&row[first..])));
        }
        Self { panels, inputs, outputs, least: f32::NEG_INFINITY }
    }

    /// With `b` and the ReLU.
    pub(super) fn relu(weight: &[f32], bias: &[f32]) -> Self {
        Self { least: 0.0, ..Self::biased(weight, bias) }
    }

    /// `[rows, inputs]` -> `[rows, outputs]`.
    pub(super) fn apply(&self, x: &[f32], y: &mut [f32]) {
        let &Self { inputs, outputs, .. } = self;
        let rows = y.len() / outputs;
        assert_eq!(x.len(), rows * inputs, "whole rows");
        for (panel, first) in self.panels.chunks_exact(1 + inputs).zip((0..outputs).step_by(COLUMNS)) {
            for row in (0..rows).step_by(ROWS) {
                // What is missing to the last ones is the very last one, again.
                let at: [usize; ROWS] = from_fn(|i| (row + i).min(rows - 1));
                let sums = self.sums(at.map(|row| &x[row * inputs..][..inputs]), panel);
                for (row, sums) in at.into_iter().zip(sums) {
                    let y = &mut y[row * outputs + first..(row + 1) * outputs];
                    match y.first_chunk_mut() {
                        Some(y) => *y = sums,
                        None => y.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum),
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn sums(&self, x: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
        let (bias, weights) = panel.split_first().expect("the bias");
        let mut sums = [vectors(bias); ROWS];
        for (i, weights) in weights.iter().enumerate() {
            let weights = vectors(weights);
            for (x, sums) in x.iter().zip(&mut sums) {
                let x = f32x4_splat(x[i]);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = f32x4_add(*sum, f32x4_mul(x, weight));
                }
            }
        }
        let least = f32x4_splat(self.least);
        sums.map(|sums| values(sums.map(|sum| f32x4_pmax(sum, least))))
    }
}

const VECTORS: usize = COLUMNS / 4;

fn vectors(values: &[f32; COLUMNS]) -> [v128; VECTORS] {
    // SAFETY: of the same size, and of any bits.
    unsafe { std::mem::transmute(*values) }
}

fn values(vectors: [v128; VECTORS]) -> [f32; COLUMNS] {
    // SAFETY: of the same size, and of any bits.
    unsafe { std::mem::transmute(vectors) }
}

/// The first values of a row.
fn padded(row: &[f32]) -> [f32; COLUMNS] {
    match row.first_chunk() {
        Some(values) => *values,
        None => from_fn(|i| row.get(i).copied().unwrap_or(0.0)),
    }
}
