//! The way from noise to image as pictures: what the inverse flow holds after each step.

use burn::tensor::Tensor;

use crate::flow::Glow;
use crate::image;

/// A picture before the first step of the inverse flow and one after each, the last being the image, `[b, size, size,
/// 3]`. What is still in the latents stands at its place as noise.
pub fn pictures<'a>(glow: &'a Glow, latents: &'a [Tensor<4>]) -> impl Iterator<Item = Tensor<4>> + 'a {
    let noise = latents.last().expect("at least one level").clone();
    let start = glow.arrange(latents.len() - 1, noise, latents);
    std::iter::once(start).chain(glow.inverse_steps(latents).map(|(level, x)| glow.arrange(level, x, latents)))
}

/// Pictures of one image, of `dims` values each, read to the host, as RGB bytes. Activations have no range of their own:
/// each is given the mean and the standard deviation of the last one, which is the image.
pub fn to_rgb(pictures: &[f32], dims: usize) -> Vec<u8> {
    let (steps, face) = pictures.split_at(pictures.len() - dims);
    let (mean, deviation) = moments(face);
    let steps = steps.chunks_exact(dims).flat_map(|picture| {
        let (from, spread) = moments(picture);
        let scale = if spread > 0.0 { deviation / spread } else { 0.0 };
        picture.iter().map(move |x| (x - from) * scale + mean)
    });
    image::to_rgb(&steps.chain(face.iter().copied()).collect::<Vec<_>>())
}

/// Mean and standard deviation.
fn moments(values: &[f32]) -> (f32, f32) {
    let n = values.len() as f32;
    let mean = values.iter().sum::<f32>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt())
}
