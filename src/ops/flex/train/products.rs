//! What the coupling network multiplies with while it learns: f32, or bf16 numbers with f32 sums.

use std::fmt::{Display, Formatter, Result};

use burn::tensor::Element;
use bytemuck::Pod;

#[cfg(target_arch = "x86_64")]
use super::bf16::Bf16;
use crate::ops::gemm::{Matrix, matmul, matmul_add};

/// In what numbers the coupling networks' activations, weights and gradients are multiplied in training. Sums are f32.
#[derive(Clone, Copy, Debug)]
pub enum Precision {
    /// As everything else.
    F32,
    /// With 8 bits of mantissa, by a processor that has instructions for it.
    #[cfg(target_arch = "x86_64")]
    Bf16(Bf16),
}

impl Precision {
    /// What this processor is fastest with.
    pub fn fastest() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(bf16) = Bf16::detect() {
            return Self::Bf16(bf16);
        }
        Self::F32
    }
}

impl Display for Precision {
    fn fmt(&self, f: &mut Formatter) -> Result {
        f.write_str(match self {
            Self::F32 => "f32",
            #[cfg(target_arch = "x86_64")]
            Self::Bf16(_) => "bf16 (AVX512-BF16)",
        })
    }
}

/// Products of matrices in rows. They have whole vectors of columns, the last of which may be padding.
pub trait Products: Copy {
    /// What is multiplied.
    type Number: Copy + Default + Element + Pod;
    /// Columns of a vector.
    const LANES: usize;

    /// To the nearest.
    fn round(self, from: &[f32], to: &mut [Self::Number]);

    /// The right side of products, from `[rows, columns]` values.
    fn weight(self, values: &[f32], columns: usize) -> Weight<Self::Number>;

    /// `a W`, for rows a of a stride of numbers, of which the first count: as many as W has rows.
    fn product(self, a: (&[Self::Number], usize), weight: &Weight<Self::Number>, then: Then<Self::Number>);

    /// Adds `a^T b` and the sums of b's columns to `sums`, for as many rows of a as of b.
    fn outer(self, a: &[Self::Number], b: &[Self::Number], sums: &mut Sums, scratch: &mut [Vec<Self::Number>; 2]);
}

/// The right side of products, as they like it.
pub struct Weight<N> {
    pub numbers: Vec<N>,
    /// With the padding.
    pub columns: usize,
}

/// What becomes of a product.
pub enum Then<'a, N> {
    /// `relu(product + bias)`.
    Relu(&'a [f32], &'a mut [N]),
    /// The product, but 0 where a ReLU gave 0.
    Mask(&'a [N], &'a mut [N]),
    /// The product.
    Keep(&'a mut [f32]),
}

/// Sums over pixels: of products of activations and gradients, `[inputs, outputs]`, and of gradients, `[outputs]`.
pub struct Sums {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Sums {
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self { weight: vec![0.0; inputs * outputs], bias: vec![0.0; outputs] }
    }
}

/// By the `gemm` crate, which uses the widest vectors that the processor has.
#[derive(Clone, Copy)]
pub struct F32;

impl Products for F32 {
    type Number = f32;
    const LANES: usize = 1;

    fn round(self, from: &[f32], to: &mut [f32]) {
        to.copy_from_slice(from);
    }

    fn weight(self, values: &[f32], columns: usize) -> Weight<f32> {
        Weight { numbers: values.to_vec(), columns }
    }

    fn product(self, (a, stride): (&[f32], usize), weight: &Weight<f32>, then: Then<f32>) {
        let (a, b) = (Matrix::new(a, stride), Matrix::new(&weight.numbers, weight.columns));
        match then {
            Then::Relu(bias, out) => {
                matmul(a, b, out);
                for row in out.chunks_exact_mut(bias.len()) {
                    row.iter_mut().zip(bias).for_each(|(value, bias)| *value = (*value + bias).max(0.0));
                }
            }
            Then::Mask(by, out) => {
                matmul(a, b, out);
                out.iter_mut().zip(by).for_each(|(value, by)| *value = if *by > 0.0 { *value } else { 0.0 });
            }
            Then::Keep(out) => matmul(a, b, out),
        }
    }

    fn outer(self, a: &[f32], b: &[f32], sums: &mut Sums, _: &mut [Vec<f32>; 2]) {
        let (outputs, inputs) = (sums.bias.len(), sums.weight.len() / sums.bias.len());
        matmul_add(Matrix::new(a, inputs).transpose(), Matrix::new(b, outputs), &mut sums.weight);
        for row in b.chunks_exact(outputs) {
            sums.bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
    }
}
