//! Small square matrices on the host, in f64: rotations, products of triangles, inverses.

use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;

use super::Init;
use crate::pixels::host;

/// A random rotation: Q of the QR decomposition of a Gaussian matrix.
pub(super) fn rotation(n: usize, init: &mut Init) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |_, _| init.normal()).qr().q()
}

/// Host to device, in f32.
pub(super) fn upload(matrix: &DMatrix<f64>, device: &Device) -> Tensor<2> {
    from_rows(matrix.transpose().as_slice(), [matrix.nrows(), matrix.ncols()], device)
}

/// Host to device, row by row, in f32.
pub(super) fn from_rows<const D: usize>(values: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Device to host, row by row.
pub(super) fn to_rows<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    host(tensor).into_iter().map(f64::from).collect()
}

/// Device to host.
pub(super) fn download(tensor: Tensor<2>) -> DMatrix<f64> {
    let [rows, cols] = tensor.dims();
    DMatrix::from_row_iterator(rows, cols, to_rows(tensor))
}

/// The inverse. A singular matrix gives NaN, which whoever uses the result will see.
pub(super) fn inverse(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let (rows, cols) = matrix.shape();
    matrix.try_inverse().unwrap_or_else(|| DMatrix::from_element(rows, cols, f64::NAN))
}

/// `L U` and its inverse, of `n` rows one after the other, as L and U are. L has ones on its diagonal, and what stands beyond the
/// diagonals is not read. The inverse of a singular matrix is NaN, which whoever uses the result will see.
pub(super) fn triangles(l: &[f64], u: &[f64], n: usize) -> [Vec<f64>; 2] {
    let mut product = vec![0.0; n * n];
    for (i, sum) in product.chunks_mut(n).enumerate() {
        sum[i..].copy_from_slice(&u[i * n..][i..n]);
        for (k, factor) in l[i * n..][..i].iter().enumerate() {
            add(&mut sum[k..], *factor, &u[k * n..][k..n]);
        }
    }
    // L X = I from the first row on, U Y = X from the last.
    let mut inverse = vec![0.0; n * n];
    for i in 0..n {
        let (solved, rest) = inverse.split_at_mut(i * n);
        for (k, factor) in l[i * n..][..i].iter().enumerate() {
            add(rest, -factor, &solved[k * n..][..=k]);
        }
        rest[i] = 1.0;
    }
    for (i, row) in u.chunks(n).enumerate().rev() {
        let (rest, solved) = inverse.split_at_mut((i + 1) * n);
        let sum = &mut rest[i * n..];
        for (factor, row) in row[i + 1..].iter().zip(solved.chunks(n)) {
            add(sum, -factor, row);
        }
        sum.iter_mut().for_each(|value| *value /= row[i]);
    }
    if (0..n).any(|i| u[i * n + i] == 0.0) {
        inverse.fill(f64::NAN);
    }
    [product, inverse]
}

/// Adds a multiple of a row.
fn add(sum: &mut [f64], factor: f64, row: &[f64]) {
    sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
}
