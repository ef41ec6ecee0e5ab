//! A dense layer on rows of channels, in the 128-bit SIMD of WebAssembly.

#[allow(clippy::wildcard_imports)] // Instructions.
use std::arch::wasm32::*;
use std::array::from_fn;
use std::borrow::Cow;

/// Rows and columns of the sums that are kept in registers: with what they are made of, they fit the sixteen of x86-64.
const ROWS: usize = 2;
const COLUMNS: usize = 16;

/// `relu(x W + b)`, or parts of it.
pub(super) struct Dense<'a> {
    /// W where it lies, since to move it takes a seventh of a face's time; narrow ones with columns of zeros.
    weight: Cow<'a, [f32]>,
    outputs: usize,
    bias: Option<&'a [f32]>,
    /// What the sums do not fall below.
    least: f32,
}

impl<'a> Dense<'a> {
    /// W, `[inputs, outputs]`, alone.
    pub(super) fn new(weight: &'a [f32], outputs: usize) -> Self {
        let weight = match outputs < COLUMNS {
            true => weight.chunks_exact(outputs).flat_map(padded).collect(),
            false => Cow::Borrowed(weight),
        };
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
        let &Self { outputs, bias, .. } = self;
        let (rows, inputs) = (y.len() / outputs, self.weight.len() / outputs.max(COLUMNS));
        assert_eq!(x.len(), rows * inputs, "whole rows");
        for first in (0..outputs).step_by(COLUMNS) {
            // What is missing to the last columns, and rows, is those before, again.
            let first = first.min(outputs.saturating_sub(COLUMNS));
            let bias = bias.map_or([0.0; COLUMNS], |bias| padded(&bias[first..]));
            for row in (0..rows).step_by(ROWS) {
                let at: [usize; ROWS] = from_fn(|i| (row + i).min(rows - 1));
                let sums = self.sums(at.map(|row| &x[row * inputs..][..inputs]), first, &bias);
                for (row, sums) in at.into_iter().zip(sums) {
                    // Of a narrow row some go to the next one, whose own come after.
                    let y = &mut y[row * outputs + first..];
                    match y.first_chunk_mut() {
                        Some(y) => *y = sums,
                        None => y.copy_from_slice(&sums[..y.len()]),
                    }
                }
            }
        }
    }

    /// Of the columns from the `first` on.
    #[inline(always)]
    fn sums(&self, [one, other]: [&[f32]; ROWS], first: usize, bias: &[f32; COLUMNS]) -> [[f32; COLUMNS]; ROWS] {
        let columns = self.weight[first..].array_windows().step_by(self.outputs.max(COLUMNS));
        let mut sums = [vectors(bias); ROWS];
        for ((weights, one), other) in columns.zip(one).zip(other) {
            let weights = vectors(weights);
            for (x, sums) in [one, other].into_iter().zip(&mut sums) {
                let x = f32x4_splat(*x);
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
pub(super) fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
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

/// The first values of a row, and zeros beyond the last one.
fn padded(row: &[f32]) -> [f32; COLUMNS] {
    match row.first_chunk() {
        Some(values) => *values,
        None => {
            let mut values = [0.0; COLUMNS];
            values[..row.len()].copy_from_slice(row);
            values
        }
    }
}
