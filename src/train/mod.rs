//! Training: maximum likelihood by gradient descent. Native only.

mod adamax;
pub mod attributes;
mod batches;
mod celeba;
mod checkpoint;
mod config;
pub mod data;
mod evaluate;
#[cfg(gpu)]
mod gpu;
mod gradients;
mod labels;
pub mod metrics;
mod optimiser;
mod pack;
pub mod plot;
#[cfg(gpu)]
mod pull_back;
mod recompute;
mod run;
mod step;

pub use adamax::Adamax;
pub use batches::Batches;
pub use checkpoint::{Checkpoint, Progress};
pub use config::{OptimiserKind, Recipe, TrainConfig};
pub(crate) use evaluate::largest_error;
pub use evaluate::{Evaluation, Percentiles, RoundTrip, Spread, evaluate, round_trip, spread};
#[cfg(gpu)]
pub use gpu::log_p_gradient_on;
pub use optimiser::Optimiser;
pub use pack::pack;
pub use recompute::log_p_gradient;
pub use run::{Options, train};
pub use step::{StepOptions, backward, gradient, train_step};
