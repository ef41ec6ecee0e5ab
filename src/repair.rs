//! What a picture has lost, filled in: the flow as the prior of an inverse problem (Asim et al., Invertible generative models for
//! inverse problems, arXiv 1905.11672, section 3). Of the pictures that the flow finds probable, one that agrees with the known
//! pixels is sought among the latents, where every direction is as likely as another.

use burn::tensor::Tensor;

use crate::flow::Gradients;
use crate::latents;

/// Steps of the search.
pub const STEPS: usize = 80;
/// Temperature of the face that it begins with: from the encoding of a plainly filled picture it would not leave that.
const TEMPERATURE: f32 = 0.6;
/// Deviation of the known pixels from the picture, of a range of 1, in the first step and in the last.
const DEVIATION: [f64; 2] = [0.3, 0.03];
/// Adam's (Kingma and Ba, arXiv 1412.6980, algorithm 1), and the decays of its moments.
const RATE: f64 = 0.08;
const DECAYS: [f64; 2] = [0.9, 0.99];

/// A search for what fits into a picture.
pub struct Repair<'a> {
    gradients: &'a Gradients,
    picture: Tensor<4>,
    /// `[1, size, size, 1]`, 1 where the picture is known and 0 where it is to be filled in.
    known: Tensor<4>,
    latents: Vec<Moments>,
    step: usize,
}

/// Latents of a level, and the moments of their gradients.
struct Moments {
    eps: Tensor<4>,
    first: Tensor<4>,
    second: Tensor<4>,
}

impl<'a> Repair<'a> {
    /// For a `picture`, `[1, size, size, 3]` in [-1/2, 1/2), of which some is `known`, `[1, size, size, 1]`: 1 or 0. Another
    /// `seed` finds another filling.
    pub fn new(gradients: &'a Gradients, picture: Tensor<4>, known: Tensor<4>, seed: u64) -> Self {
        let (config, device) = (gradients.glow().config(), picture.device());
        let face = latents::draw(config, seed, 0, 1, &vec![TEMPERATURE; config.levels], &device).into_iter();
        let latents = face.map(|eps| Moments { first: eps.zeros_like(), second: eps.zeros_like(), eps });
        Self { gradients, picture, known, latents: latents.collect(), step: 0 }
    }

    /// Takes a step down `|known (decode(eps) - picture)|^2 / (2 sigma^2) + |eps|^2 / 2`, while sigma falls; returns the picture
    /// before it, with what is known.
    pub fn step(&mut self) -> Tensor<4> {
        self.step += 1;
        let spent = (self.step as f64 / STEPS as f64).min(1.0);
        let sigma = DEVIATION[0] * (DEVIATION[1] / DEVIATION[0]).powf(spent);
        let latents: Vec<_> = self.latents.iter().map(|level| level.eps.clone()).collect();
        let decoded = self.gradients.decode(&latents);
        let x = decoded.x.clone();
        let by_x = (x.clone() - self.picture.clone()) * self.known.clone() / (sigma * sigma);
        for (level, by_eps) in self.latents.iter_mut().zip(self.gradients.by_latents(decoded, by_x)) {
            level.descend(by_eps + level.eps.clone(), self.step);
        }
        self.picture.clone() * self.known.clone() + x * (self.known.clone().neg() + 1.0)
    }
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
