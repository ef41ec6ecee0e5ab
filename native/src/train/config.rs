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

/// How a model is trained; older recipes have other names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Images a step.
    pub batch: usize,
    /// What makes steps of gradients.
    pub optimiser: OptimiserKind,
    /// The learning rate after the warm-up.
    #[serde(alias = "rate")]
    pub learning_rate: f64,
    /// Muon's learning rate, which rises and falls with the other.
    #[serde(alias = "muon_rate")]
    pub muon_learning_rate: f64,
    /// Factors of both for the levels, finest first; empty, all are 1. Levels that have learned want less than a new one, and 0
    /// leaves a level as it is.
    #[serde(alias = "level_rates")]
    pub level_learning_rates: Vec<f64>,
    /// Steps in which the rate rises to its value.
    #[serde(alias = "warmup")]
    pub warmup_steps: u64,
    /// The last share of the budget, in which the rate falls to zero.
    #[serde(alias = "decay")]
    pub learning_rate_decay: f64,
    /// Largest norm of the whole gradient.
    pub clip: f64,
    /// Decay of the exponential moving average of the weights (EMA), a step.
    #[serde(alias = "average")]
    pub ema_decay: f64,
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
            learning_rate: 3e-3,
            muon_learning_rate: 0.02,
            level_learning_rates: Vec::new(),
            warmup_steps: 200,
            learning_rate_decay: 0.3,
            clip: 10.0,
            ema_decay: 0.999,
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
        let TrainConfig {
            batch,
            learning_rate,
            muon_learning_rate,
            ref level_learning_rates,
            learning_rate_decay,
            clip,
            ema_decay,
            images,
            ..
        } = recipe.train;
        let positive = batch > 0 && images != Some(0) && learning_rate > 0.0 && muon_learning_rate > 0.0 && clip > 0.0;
        let by_level = level_learning_rates.is_empty()
            || level_learning_rates.len() == recipe.model.levels
                && level_learning_rates.iter().all(|factor| *factor >= 0.0);
        let sane =
            positive && by_level && (0.0..=1.0).contains(&learning_rate_decay) && (0.0..1.0).contains(&ema_decay);
        match sane {
            true => Ok(recipe),
            false => Err(Error::Config(format!(
                "{}: batch, images, learning_rate, muon_learning_rate and clip must be positive, level_learning_rates one a \
                 level and not negative, learning_rate_decay in 0..=1, ema_decay in 0..1",
                path.display()
            ))),
        }
    }
}

impl Recipe {
    /// What is not as it was, but for the budget and the decay at its end: `train.batch is 8, was 32`.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let json = |recipe: &Self| {
            let TrainConfig { images, learning_rate_decay, .. } = now.train;
            let train = TrainConfig { learning_rate_decay, images, ..recipe.train.clone() };
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
    pub fn learning_rate_at(&self, step: u64, progress: f64) -> f64 {
        let warm = ((step + 1) as f64 / self.warmup_steps.max(1) as f64).min(1.0);
        let left = ((1.0 - progress) / self.learning_rate_decay.max(f64::EPSILON)).clamp(0.0, 1.0);
        self.learning_rate * warm * left
    }
}
