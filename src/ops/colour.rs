//! A split undone: latents get the mean and the scale that the carried half predicts.

use burn::tensor::Tensor;

use super::{bound, conv3x3, halves, join};

/// `z1` and `eps sigma(z1) + mean(z1)`, side by side, of halves `[b, h, w, c]`: mean and log sigma are the halves of a 3x3 convolution
/// with a `[c, 18 c]` matrix, and log sigma is at most `most` from 0. On a GPU one launch.
pub fn colour(z1: Tensor<4>, eps: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, most: f32) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if super::on_cube(&z1) {
        return super::cube::colour(z1, eps, weight, bias, most);
    }
    let [mean, log_sigma] = halves(conv3x3(z1.clone(), weight, bias));
    join(z1, eps * bound(log_sigma, most).exp() + mean)
}
