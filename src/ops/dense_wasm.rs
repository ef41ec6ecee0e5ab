//! A dense layer on rows of channels, in the 128-bit SIMD of WebAssembly.

#[allow(clippy::wildcard_imports)] // Instructions.
use std::arch::wasm32::*;
use std::array::from_fn;

/// Rows and columns of the sums that are kept in registers: with what they are made of, they fit the sixteen of x86-64.
const ROWS: usize = 4;
const COLUMNS: usize = 8;

/// `relu(x W + b)`, or parts of it.
pub(super) struct Dense<'a> {
    weight: &'a [f32],
    outputs: usize,
    bias: Option<&'a [f32]>,
    /// What the sums do not fall below.
    least: f32,
}

/// Columns of W, zeros beyond the last one.
type Panel = Vec<[f32; COLUMNS]>;

impl<'a> Dense<'a> {
    /// W, `[inputs, outputs]`, alone.
    pub(super) fn new(weight: &'a [f32], outputs: usize) -> Self {
        Self { weight, outputs, bias: None, least: f32::NEG_INFINITY }
    }

    /// With `b`, `[outputs]`.
    pub(super) fn biased(weight: &'a [f32], bias: &'a [f32]) -> Self {
        Self { bias: Some(bias), ..Self::new(weight, bias.len()) }
    }

    /// With `b` and the ReLU.
    pub(super) fn relu(weight: &'a [f32], bias: &'a [f32]) -> Self {
        Self { least: 0.0, ..Self::biased(weight, bias) }
    }

    /// `[rows, inputs]` -> `[rows, outputs]`.
    pub(super) fn apply(&self, x: &[f32], y: &mut [f32]) {
        let &Self { weight, outputs, bias, .. } = self;
        let rows = y.len() / outputs;
        let inputs = weight.len() / outputs;
        assert_eq!(x.len(), rows * inputs, "whole rows");
        let mut panel = Panel::with_capacity(inputs);
        for first in (0..outputs).step_by(COLUMNS) {
            // Side by side, they stay in the first-level cache for all rows.
            panel.clear();
            panel.extend(weight.chunks_exact(outputs).map(|row| padded(&row[first..])));
            let bias = bias.map_or([0.0; COLUMNS], |bias| padded(&bias[first..]));
            for row in (0..rows).step_by(ROWS) {
                // What is missing to the last ones is the very last one, again.
                let at: [usize; ROWS] = from_fn(|i| (row + i).min(rows - 1));
                let sums = self.sums(at.map(|row| &x[row * inputs..][..inputs]), &panel, &bias);
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
    fn sums(&self, x: [&[f32]; ROWS], panel: &Panel, bias: &[f32; COLUMNS]) -> [[f32; COLUMNS]; ROWS] {
        let x = x.map(|x| &x[..panel.len()]);
        let mut sums = [vectors(bias); ROWS];
        for (i, weights) in panel.iter().enumerate() {
            let weights = vectors(weights);
            for (x, sums) in x.iter().zip(&mut sums) {
                let x = f32x4_splat(x[i]);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = multiply_add(x, weight, *sum);
                }
            }
        }
        let least = f32x4_splat(self.least);
        sums.map(|sums| values(sums.map(|sum| f32x4_pmax(sum, least))))
    }
}

/// `a b + c`, in one instruction where relaxed SIMD may be used.
#[inline(always)]
fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    f32x4_add(f32x4_mul(a, b), c)
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
