//! Training: maximum likelihood by gradient descent.

pub mod acceptance;
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
mod net;
mod noise;
mod optimiser;
mod pack;
mod pack_file;
mod part;
pub mod plot;
mod pull_back;
#[cfg_attr(not(feature = "mpi"), path = "alone.rs")]
mod ranks;
mod record;
mod run;
mod start;
mod step;
mod step_options;
mod sum;

#[cfg(feature = "wgpu")]
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
pub use part::Part;
pub use ranks::Ranks;
pub use run::{Options, train};
pub use step::train_step;
pub use step_options::StepOptions;
