//! What a picture has lost, made up: the flow as the prior of an inverse problem (Asim et al., Invertible generative models for
//! inverse problems, arXiv 1905.11672, section 3). Of the pictures that the flow finds probable, one that agrees with what is
//! known is sought among the latents, where every direction is as likely as another.

use burn::tensor::{Device, Tensor, TensorData};

use crate::config::{CHANNELS, GlowConfig};
use crate::error::{Error, Result};
use crate::flow::{Gradients, squeeze, unsqueeze};
use crate::latents;
use crate::ops::{conv3x3, linear};
use crate::pixels::{to_rgb, to_tensor};

/// How often a picture may have been halved: its side is an eighth then.
const MOST_HALVINGS: usize = 3;
/// Steps of the search.
pub const STEPS: usize = 100;
/// Deviation of what is known from the picture, of a range of 1, in the first step and in the last.
const DEVIATION: [f64; 2] = [0.5, 0.3];
/// How often a difference of means is spread.
const SPREAD: usize = 4;
/// Adam's (Kingma and Ba, arXiv 1412.6980, algorithm 1), and the decays of its moments.
const RATE: f64 = 0.05;
const DECAYS: [f64; 2] = [0.9, 0.99];

/// What is known of a picture: `P x`, of the pictures `x`, for an orthogonal projection `P`.
#[derive(Clone)]
pub struct Known {
    /// One of the pictures of which that is known, `[1, size, size, 3]`.
    picture: Tensor<4>,
    kept: Kept,
    /// How much of each level's latents hangs on what is not known, finest first, `[1, h, w, 1]` from 0 to 1, or one number.
    unknown: Vec<Tensor<4>>,
    /// Temperature that those are drawn at to begin with.
    temperature: f32,
}

/// What `P` leaves.
#[derive(Clone)]
enum Kept {
    /// Some pixels: a mask, `[1, size, size, 1]`, of 1 and 0.
    Pixels(Tensor<4>),
    /// The mean of each square of `2^halvings` pixels: of what is squeezed so often, a matrix takes the means.
    Means { halvings: usize, matrix: Tensor<2> },
}

impl Known {
    /// RGB bytes of a picture, of which the pixels are known that `mask` has a 1 for, and not those that it has a 0 for: row by
    /// row, one a pixel. Errors: another number of them, other values, or no 1.
    pub fn pixels(rgb: &[u8], mask: &[u8], config: &GlowConfig, device: &Device) -> Result<Self> {
        let size = config.size;
        if rgb.len() != config.dims() || mask.len() != size * size || mask.iter().any(|known| *known > 1) {
            return Err(Error::Image(format!("expected {size} x {size} pixels, and as many zeros and ones")));
        }
        if !mask.contains(&1) {
            return Err(Error::Image("nothing of the picture is left by the mask".into()));
        }
        let plain = plain(rgb, mask, size);
        let unknown = config.latent_shapes().into_iter().map(|[side, ..]| {
            let mut lost = vec![0.0; side * side];
            for i in (0..mask.len()).filter(|i| mask[*i] == 0) {
                lost[i / size * side / size * side + i % size * side / size] += 1.0;
            }
            // They look at places around theirs: what a quarter of is lost is lost.
            let most = (size / side).pow(2) as f32 / 4.0;
            let share = lost.into_iter().map(|lost| (lost / most).min(1.0)).collect();
            Tensor::from_data(TensorData::new(share, [1, side, side, 1]), device)
        });
        let mask: Vec<f32> = mask.iter().map(|known| f32::from(*known)).collect();
        let mask = Tensor::from_data(TensorData::new(mask, [1, size, size, 1]), device);
        Ok(Self {
            picture: to_tensor(&plain, size, device),
            unknown: unknown.collect(),
            kept: Kept::Pixels(mask),
            temperature: 0.3,
        })
    }

    /// RGB bytes of a small square picture, which is to be enlarged: that each pixel of it is the mean of a square is known.
    /// Errors: the model's pictures are not twice, four times or eight times as large.
    pub fn means(rgb: &[u8], config: &GlowConfig, device: &Device) -> Result<Self> {
        let size = config.size;
        let Some(halvings) = (1..=MOST_HALVINGS)
            .find(|halvings| size.is_multiple_of(1 << halvings) && rgb.len() == config.dims() >> (2 * halvings))
        else {
            let error =
                format!("{} bytes of RGB are no picture that can become one of {size} x {size} pixels", rgb.len());
            return Err(Error::Image(error));
        };
        let (small, times) = (size >> halvings, 1 << halvings);
        let spread: Vec<u8> = (0..config.dims())
            .map(|i| {
                let (pixel, channel) = (i / CHANNELS, i % CHANNELS);
                let (y, x) = (pixel / size / times, pixel % size / times);
                rgb[(y * small + x) * CHANNELS + channel]
            })
            .collect();
        let square = times * times;
        let n = CHANNELS * square;
        let mean = |i: usize| if i / n / square == i % n / square { 1.0 / square as f32 } else { 0.0 };
        let matrix = Tensor::from_data(TensorData::new((0..n * n).map(mean).collect(), [n, n]), device);
        Ok(Self {
            picture: to_tensor(&spread, size, device),
            unknown: vec![Tensor::ones([1; 4], device); config.levels],
            kept: Kept::Means { halvings, matrix },
            temperature: 0.7,
        })
    }

    /// `P (x - picture)`, of `[b, size, size, 3]`.
    fn difference(&self, x: Tensor<4>) -> Tensor<4> {
        let difference = x - self.picture.clone();
        match &self.kept {
            Kept::Pixels(mask) => difference * mask.clone(),
            Kept::Means { halvings, matrix } => {
                let squeezed = (0..*halvings).fold(difference, |x, _| squeeze(x));
                let zeros = Tensor::zeros([matrix.dims()[1]], &squeezed.device());
                (0..*halvings).fold(linear(squeezed, matrix.clone(), zeros), |x, _| unsqueeze(x))
            }
        }
    }

    /// `x` changed to what is known, given its difference. That of means is spread beyond their squares, whose edges would show, and
    /// what this leaves of it again.
    fn settle(&self, mut x: Tensor<4>, mut difference: Tensor<4>) -> Tensor<4> {
        if let Kept::Means { halvings, .. } = &self.kept {
            for _ in 0..SPREAD {
                x = x - (0..*halvings).fold(difference, |x, _| blur(x));
                difference = self.difference(x.clone());
            }
        }
        x - difference
    }
}

/// A search for a probable picture of which something is known.
pub struct Restore<'a> {
    gradients: &'a Gradients,
    known: Known,
    latents: Vec<Moments>,
    step: usize,
}

/// Latents of a level, and the moments of their gradients.
struct Moments {
    eps: Tensor<4>,
    first: Tensor<4>,
    second: Tensor<4>,
}

impl<'a> Restore<'a> {
    /// Begins with the picture's own latents, but where they hang on what is not known: there they are drawn. Another `seed` finds
    /// another picture.
    pub fn new(gradients: &'a Gradients, known: Known, seed: u64) -> Self {
        let flow = gradients.flow();
        let temperature = vec![known.temperature; flow.config().levels];
        let drawn = latents::draw(flow.config(), None, seed, 0, 1, &temperature, &known.picture.device());
        let encoded = flow.forward(known.picture.clone()).latents;
        let latents = drawn.into_iter().zip(encoded).zip(&known.unknown).map(|((drawn, encoded), unknown)| {
            let eps = encoded.clone() + (drawn - encoded) * unknown.clone();
            Moments { first: eps.zeros_like(), second: eps.zeros_like(), eps }
        });
        let latents = latents.collect();
        Self { gradients, known, latents, step: 0 }
    }

    /// Takes a step down `|P (decode(eps) - picture)|^2 / (2 sigma^2) + |eps|^2 / 2`, while sigma falls; returns the picture
    /// before it, changed to what is known, `[1, size, size, 3]`.
    pub fn step(&mut self) -> Tensor<4> {
        self.step += 1;
        let spent = (self.step as f64 / STEPS as f64).min(1.0);
        let sigma = DEVIATION[0] * (DEVIATION[1] / DEVIATION[0]).powf(spent);
        let latents: Vec<_> = self.latents.iter().map(|level| level.eps.clone()).collect();
        let decoded = self.gradients.decode(&latents);
        let x = decoded.x.clone();
        let difference = self.known.difference(x.clone());
        let by_latents = self.gradients.by_latents(decoded, difference.clone() / (sigma * sigma));
        for (level, by_eps) in self.latents.iter_mut().zip(by_latents) {
            level.descend(by_eps + level.eps.clone(), self.step);
        }
        self.known.settle(x, difference)
    }
}

/// RGB bytes of what a [`step`](Restore::step) returned. Errors: the search has left the range of numbers.
pub fn checked_rgb(picture: &[f32]) -> Result<Vec<u8>> {
    if picture.iter().all(|x| x.is_finite()) {
        return Ok(to_rgb(picture));
    }
    Err(Error::Image("the search left the range of numbers; try another seed".into()))
}

impl Moments {
    fn descend(&mut self, gradient: Tensor<4>, step: usize) {
        let mean = |old: &Tensor<4>, new, decay: f64| old.clone() * decay + new * (1.0 - decay);
        self.first = mean(&self.first, gradient.clone(), DECAYS[0]);
        self.second = mean(&self.second, gradient.square(), DECAYS[1]);
        let [bias1, bias2] = DECAYS.map(|decay| 1.0 - decay.powi(step as i32));
        let size = (self.second.clone() / bias2).sqrt() + 1e-8;
        self.eps = self.eps.clone() - self.first.clone() / size * (RATE / bias1);
    }
}

/// The mean of 3x3 pixels, of `[b, size, size, 3]`.
fn blur(x: Tensor<4>) -> Tensor<4> {
    let columns = 9 * CHANNELS;
    let same = |i: usize| if i / columns == i % CHANNELS { 1.0 / 9.0 } else { 0.0 };
    let weight = TensorData::new((0..CHANNELS * columns).map(same).collect::<Vec<f32>>(), [CHANNELS, columns]);
    let (weight, bias) = (Tensor::from_data(weight, &x.device()), Tensor::zeros([CHANNELS], &x.device()));
    conv3x3(x, weight, bias)
}

/// A picture whose unknown pixels are the mean of those around them, as nearly as so many rounds bring them there.
fn plain(rgb: &[u8], mask: &[u8], size: usize) -> Vec<u8> {
    let mut x: Vec<f32> =
        (0..rgb.len()).map(|i| if mask[i / CHANNELS] == 1 { f32::from(rgb[i]) } else { 127.0 }).collect();
    for _ in 0..4 * size {
        for i in (0..mask.len()).filter(|i| mask[*i] == 0) {
            let (across, down) = (i % size, i / size);
            let around = [
                (across > 0).then(|| i - 1),
                (across + 1 < size).then(|| i + 1),
                (down > 0).then(|| i - size),
                (down + 1 < size).then(|| i + size),
            ];
            for channel in 0..CHANNELS {
                let values = || around.iter().flatten().map(|j| x[j * CHANNELS + channel]);
                x[i * CHANNELS + channel] = values().sum::<f32>() / values().count() as f32;
            }
        }
    }
    x.into_iter().map(|value| value.round() as u8).collect()
}
