//! First weights.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Where a new model's weights come from.
pub enum Init {
    /// They are drawn.
    Random(Box<ChaCha8Rng>),
    /// Nobody will use them: a file's take their place.
    Blank,
}

impl Init {
    /// Drawn with a seed.
    pub fn random(seed: u64) -> Self {
        Self::Random(Box::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    /// A standard normal number, or 0.
    pub(super) fn normal(&mut self) -> f64 {
        match self {
            Self::Random(rng) => StandardNormal.sample(rng),
            Self::Blank => 0.0,
        }
    }
}
