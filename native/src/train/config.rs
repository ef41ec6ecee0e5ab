//! The recipe: a TOML file with a `[model]` and a `[train]` table.

use std::path::Path;

use glow::config::GlowConfig;
use glow::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A model and how to train it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Sizes and layers.
    pub model: GlowConfig,
    /// How it is trained.
    #[serde(default)]
    pub train: TrainConfig,
}

/// How a model is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Images a step.
    pub batch: usize,
    /// What makes steps of gradients.
    pub optimiser: OptimiserKind,
    /// The learning rate after the warm-up.
    pub rate: f64,
    /// Muon's learning rate, which rises and falls with the other.
    pub muon_rate: f64,
    /// Factors of both for the levels, finest first; empty, all are 1. Levels that have learned want less than a new one, and 0
    /// leaves a level as it is.
    pub level_rates: Vec<f64>,
    /// Steps in which the rate rises to its value.
    pub warmup: u64,
    /// The last share of the budget, in which the rate falls to zero.
    pub decay: f64,
    /// Largest norm of the whole gradient.
    pub clip: f64,
    /// Decay of the exponential moving average of the weights (EMA), a step.
    pub average: f64,
    /// Mirror images at random.
    pub flip: bool,
    /// Seed of the model, the order of the images and the noise.
    pub seed: u64,
    /// The budget in images; without it, minutes decide.
    pub images: Option<u64>,
}

/// Known optimisers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimiserKind {
    /// Adam with the infinity norm.
    Adamax,
    /// Adam.
    Adam,
    /// Muon for the hidden matrices of the coupling networks, Adamax for the rest.
    Muon,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            batch: 32,
            optimiser: OptimiserKind::Adamax,
            rate: 3e-3,
            muon_rate: 0.02,
            level_rates: Vec::new(),
            warmup: 200,
            decay: 0.3,
            clip: 10.0,
            average: 0.999,
            flip: true,
            seed: 1,
            images: None,
        }
    }
}

impl Recipe {
    /// Reads a recipe. Errors name the file, the line and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let recipe: Self =
            toml::from_str(&text).map_err(|error| Error::Config(format!("{}: {error}", path.display())))?;
        recipe.model.validate()?;
        let TrainConfig { batch, rate, muon_rate, ref level_rates, decay, clip, average, images, .. } = recipe.train;
        let positive = batch > 0 && images != Some(0) && rate > 0.0 && muon_rate > 0.0 && clip > 0.0;
        let by_level = level_rates.is_empty()
            || level_rates.len() == recipe.model.levels && level_rates.iter().all(|factor| *factor >= 0.0);
        let sane = positive && by_level && (0.0..=1.0).contains(&decay) && (0.0..1.0).contains(&average);
        match sane {
            true => Ok(recipe),
            false => Err(Error::Config(format!(
                "{}: batch, images, rate, muon_rate and clip must be positive, level_rates one a level and not negative, decay \
                 in 0..=1, average in 0..1",
                path.display()
            ))),
        }
    }
}

impl Recipe {
    /// What is not as it was, but for the budget and the decay at its end: `train.batch is 8, was 32`.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let json = |recipe: &Self| {
            let TrainConfig { images, decay, .. } = now.train;
            let train = TrainConfig { images, decay, ..recipe.train.clone() };
            serde_json::to_value(Self { train, ..recipe.clone() }).expect("plain data")
        };
        let (was, is) = (json(self), json(now));
        let tables = is.as_object().expect("a table").iter();
        let entries = tables
            .flat_map(|(name, table)| table.as_object().expect("a table").iter().map(move |(key, is)| (name, key, is)));
        let changed = entries.filter(|(table, key, is)| was[*table][*key] != **is);
        changed.map(|(table, key, is)| format!("{table}.{key} is {is}, was {}", was[table][key])).collect()
    }
}

impl TrainConfig {
    /// The learning rate of `step` (from 0) when `progress` (0 to 1) of the budget is spent.
    pub fn rate_at(&self, step: u64, progress: f64) -> f64 {
        let warm = ((step + 1) as f64 / self.warmup.max(1) as f64).min(1.0);
        let left = ((1.0 - progress) / self.decay.max(f64::EPSILON)).clamp(0.0, 1.0);
        self.rate * warm * left
    }
}
