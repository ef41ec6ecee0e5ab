//! The way from image to noise as numbers: what the flow holds after each step.

use burn::tensor::Tensor;

use crate::flow::Glow;
use crate::latents;

/// All the numbers that the flow holds before its first step and after each, `[b, dims]`: the latents that have left it,
/// finest first, then the activations. The first are the image, the last its latents as [`latents::flatten`] orders
/// them. With each comes log|det| of the map from the image to it, in nats, `[b]` or `[1]`.
pub fn states(glow: &Glow, x: Tensor<4>) -> impl Iterator<Item = (Tensor<2>, Tensor<1>)> {
    let mut log_det = Tensor::zeros([1], &x.device());
    let start = (latents::flatten(vec![x.clone()]), log_det.clone());
    let mut left = Vec::new();
    let steps = glow.forward_steps(x).map(move |passage| {
        let [b, h, w, _] = passage.x.dims();
        left.extend(passage.latents);
        log_det = log_det.clone() + passage.log_det.expand([b, h, w, 1]).sum_dims_squeeze(&[1, 2, 3]);
        (latents::flatten(left.iter().cloned().chain(passage.carried).collect()), log_det.clone())
    });
    std::iter::once(start).chain(steps)
}
