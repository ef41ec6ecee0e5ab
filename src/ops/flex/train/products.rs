//! What the coupling network multiplies with while it learns: f32, or bf16 numbers with f32 sums.

use burn::tensor::Element;
use bytemuck::Pod;

use crate::ops::gemm::{Matrix, matmul, matmul_add};

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

    /// Adds what some pixels have to the gradients by a weight and its bias, `a^T b` and the sums of b's columns: a is what the layer
    /// was given, b the gradient by what it gave.
    fn outer(self, a: &[Self::Number], b: &[Self::Number], sum: &mut Gradient, scratch: &mut [Vec<Self::Number>; 2]);
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
    Store(&'a mut [f32]),
}

/// The gradients by a layer's weight, `[inputs, outputs]`, and bias, `[outputs]`, with padding: sums over pixels.
pub struct Gradient {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

impl Gradient {
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
            Then::Store(out) => matmul(a, b, out),
        }
    }

    fn outer(self, a: &[f32], b: &[f32], sum: &mut Gradient, _: &mut [Vec<f32>; 2]) {
        let (outputs, inputs) = (sum.bias.len(), sum.weight.len() / sum.bias.len());
        matmul_add(Matrix::new(a, inputs).transpose(), Matrix::new(b, outputs), &mut sum.weight);
        for row in b.chunks_exact(outputs) {
            sum.bias.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
    }
}
