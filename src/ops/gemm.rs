//! A safe face for the `gemm` crate: row-major f32 matrices on one thread.

/// A view of a row-major matrix, possibly transposed.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `data` as rows of `cols` values.
    pub(super) fn new(data: &'a [f32], cols: usize) -> Self {
        assert!(data.len().is_multiple_of(cols), "whole rows");
        Self { data, rows: data.len() / cols, cols, row_stride: cols, col_stride: 1 }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn transpose(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

/// `out = a b`, row-major.
pub(super) fn matmul(a: Matrix, b: Matrix, out: &mut [f32]) {
    product(a, b, out, false);
}

/// `out += a b`, row-major.
#[cfg(feature = "train")]
pub(super) fn matmul_add(a: Matrix, b: Matrix, out: &mut [f32]) {
    product(a, b, out, true);
}

fn product(a: Matrix, b: Matrix, out: &mut [f32], add: bool) {
    assert_eq!(a.cols, b.rows, "inner sizes");
    assert_eq!(out.len(), a.rows * b.cols, "output size");
    // SAFETY: `Matrix` keeps rows * cols = data.len() under both strides, and `out` has a.rows * b.cols values.
    unsafe {
        gemm::gemm(
            a.rows,
            b.cols,
            a.cols,
            out.as_mut_ptr(),
            1,
            b.cols as isize,
            add,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
