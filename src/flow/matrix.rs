//! Small square matrices on the host, in f64: rotations, LU factors and inverses.

use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;

use super::Init;

/// A random rotation: Q of the QR decomposition of a Gaussian matrix.
pub(super) fn rotation(n: usize, init: &mut Init) -> DMatrix<f64> {
    DMatrix::from_fn(n, n, |_, _| init.normal()).qr().q()
}

/// Host to device, in f32.
pub(super) fn upload(matrix: &DMatrix<f64>, device: &Device) -> Tensor<2> {
    let rows: Vec<f32> = matrix.transpose().iter().map(|v| *v as f32).collect();
    Tensor::from_data(TensorData::new(rows, [matrix.nrows(), matrix.ncols()]), device)
}

/// Device to host.
pub(super) fn download(tensor: Tensor<2>) -> DMatrix<f64> {
    let [rows, cols] = tensor.dims();
    let values = tensor.into_data().convert::<f64>().try_into_vec::<f64>().expect("f64");
    DMatrix::from_row_iterator(rows, cols, values)
}

/// The inverse. A singular matrix gives NaN, which whoever uses the result will see.
pub(super) fn inverse(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let (rows, cols) = matrix.shape();
    matrix.try_inverse().unwrap_or_else(|| DMatrix::from_element(rows, cols, f64::NAN))
}
