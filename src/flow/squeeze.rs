//! Space to channels and back (RealNVP, arXiv 1605.08803, section 3.6): a permutation, so its log-determinant is 0.

use burn::tensor::Tensor;

/// `[b, h, w, c]` -> `[b, h/2, w/2, 4 c]`: channel `c` at offset `(dy, dx)` goes to channel `4 c + 2 dy + dx`.
pub fn squeeze(x: Tensor<4>) -> Tensor<4> {
    let [b, h, w, c] = x.dims();
    x.reshape([b, h / 2, 2, w / 2, 2, c]).permute([0, 1, 3, 5, 2, 4]).reshape([b, h / 2, w / 2, 4 * c])
}

/// The inverse of [`squeeze`].
pub fn unsqueeze(y: Tensor<4>) -> Tensor<4> {
    let [b, h, w, c4] = y.dims();
    y.reshape([b, h, w, c4 / 4, 2, 2]).permute([0, 1, 4, 2, 5, 3]).reshape([b, 2 * h, 2 * w, c4 / 4])
}
