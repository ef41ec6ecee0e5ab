//! The way between an image and noise: what the flow holds after each step, as numbers and as pictures.

use std::iter::once;

use burn::tensor::Tensor;

use crate::flow::FrozenGlow;
use crate::{latents, pixels};

/// From image to noise: all the numbers that the flow holds before its first step and after each, `[b, dims]`, which are the
/// latents that have left it, finest first, then the activations. The first are the image, the last its latents as
/// [`latents::flatten`] orders them. With each comes log|det| of the map from the image to it, in nats, `[b]` or `[1]`.
pub fn states(flow: &FrozenGlow, x: Tensor<4>) -> impl Iterator<Item = (Tensor<2>, Tensor<1>)> {
    let mut log_det = Tensor::zeros([1], &x.device());
    let start = (latents::flatten(vec![x.clone()]), log_det.clone());
    let mut left = Vec::new();
    let steps = flow.passages(x).map(move |passage| {
        let [b, h, w, _] = passage.x.dims();
        left.extend(passage.latents);
        log_det = log_det.clone() + passage.log_det.expand([b, h, w, 1]).sum_dims_squeeze(&[1, 2, 3]);
        (latents::flatten(left.iter().cloned().chain(passage.carried).collect()), log_det.clone())
    });
    once(start).chain(steps)
}

/// From noise to image: a picture before the first step of the inverse flow and one after each, the last being the image,
/// `[b, size, size, 3]`. What is still in the latents stands at its place as noise.
pub fn pictures<'a>(flow: &'a FrozenGlow, latents: &'a [Tensor<4>]) -> impl Iterator<Item = Tensor<4>> + 'a {
    let noise = latents.last().expect("at least one level").clone();
    let start = flow.arrange(latents.len() - 1, noise, latents);
    once(start).chain(flow.inverse_passages(latents).map(|held| flow.arrange(held.level, held.x, latents)))
}

/// [`pictures`] of one image, of `dims` values each, read to the host, as RGB bytes. Activations have no range of their own:
/// each is given the mean and the standard deviation of the last one, which is the image.
pub fn to_rgb(pictures: &[f32], dims: usize) -> Vec<u8> {
    let (steps, face) = pictures.split_at(pictures.len() - dims);
    let (mean, deviation) = moments(face);
    let steps = steps.chunks_exact(dims).flat_map(|picture| {
        let (from, spread) = moments(picture);
        let scale = if spread > 0.0 { deviation / spread } else { 0.0 };
        picture.iter().map(move |x| (x - from) * scale + mean)
    });
    pixels::to_rgb(&steps.chain(face.iter().copied()).collect::<Vec<_>>())
}

/// Mean and standard deviation.
fn moments(values: &[f32]) -> (f32, f32) {
    let n = values.len() as f32;
    let mean = values.iter().sum::<f32>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt())
}
