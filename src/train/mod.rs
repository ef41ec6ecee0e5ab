//! Training: maximum likelihood by gradient descent. Native only.

mod adamax;
pub mod attributes;
mod backprop;
mod batches;
mod celeba;
mod checkpoint;
mod config;
pub mod data;
mod evaluate;
mod gradients;
mod labels;
pub mod metrics;
mod optimiser;
mod pack;
pub mod plot;
mod pull_back;
mod run;
mod step;
#[cfg(gpu)]
mod upload;

pub use adamax::Adamax;
pub use backprop::log_p_gradient;
pub use batches::Batches;
pub use checkpoint::{Checkpoint, Progress};
pub use config::{OptimiserKind, Recipe, TrainConfig};
pub(crate) use evaluate::largest_error;
pub use evaluate::{Evaluation, Percentiles, RoundTrip, Spread, evaluate, round_trip, spread};
pub use optimiser::Optimiser;
pub use pack::pack;
pub use run::{Options, train};
pub use step::{StepOptions, train_step};
