use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use glow::error::{Error, Result};
use glow::ops::Precision;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

use crate::device::DeviceKind;
use crate::train::{self, Options, Ranks, Recipe};

/// Train a model on a folder of images
///
/// The folder is CelebA as it is downloaded, CIFAR-10's binary files, or any folder of images. The run's folder gets
/// model.safetensors (what the other commands read), checkpoint.safetensors (for --resume), metrics.jsonl, curve.svg
/// and sheets of samples. Ctrl-C writes the state, then stops.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the images
    #[arg(long)]
    data: PathBuf,
    /// Recipe: a TOML file with the tables [model] and [train]; models/ has examples
    #[arg(long)]
    config: PathBuf,
    /// Folder of the run
    #[arg(long)]
    out: PathBuf,
    /// Where to compute; a GPU needs a build with its feature
    #[arg(long, value_enum, default_value = "auto")]
    device: DeviceKind,
    /// Minutes to train, over all sessions of the run; a recipe with `images` decides by itself
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    minutes: f64,
    /// Go on with the run in --out
    #[arg(long)]
    resume: bool,
    /// Weights to begin with; they get deeper and wider where the recipe has more steps of flow or wider networks, and grow if
    /// its images are twice as large and it has a level more; all but wider needs additive couplings
    #[arg(long, conflicts_with = "resume")]
    from: Option<PathBuf>,
    /// Seconds between two checkpoints
    #[arg(long, default_value_t = 60)]
    checkpoint_seconds: u64,
    /// Less memory for more time: compute activations again instead of keeping them
    #[arg(long, alias = "checkpointing")]
    recompute: bool,
    /// What a CPU multiplies with in the coupling networks
    #[arg(long, value_enum, default_value = "fastest")]
    precision: PrecisionKind,
    /// Parts of a batch that cores and, under mpirun, processes work on side by side [default: one a core]; a run repeats itself
    /// to the last bit only with the same number
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    shards: Option<u16>,
    /// What the weights file is to say of the data and its terms; a run that goes on says what it said
    #[arg(long)]
    describe_data: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum PrecisionKind {
    /// bf16 where the processor has AVX512-BF16, else f32
    Fastest,
    /// f32
    F32,
}

impl From<PrecisionKind> for Precision {
    fn from(kind: PrecisionKind) -> Self {
        match kind {
            PrecisionKind::Fastest => Self::fastest(),
            PrecisionKind::F32 => Self::F32,
        }
    }
}

impl Args {
    pub fn run(self) -> Result<()> {
        let stop = on_signal()?;
        let ranks = Ranks::join(&stop)?;
        self.train(stop, ranks.clone()).inspect_err(|error| ranks.give_up(error))
    }

    fn train(self, stop: Arc<AtomicBool>, ranks: Ranks) -> Result<()> {
        let recipe = Recipe::read(&self.config)?;
        let options = Options {
            data: self.data,
            out: self.out,
            device: self.device.open()?,
            minutes: self.minutes,
            resume: self.resume,
            from: self.from,
            checkpoint_every: Duration::from_secs(self.checkpoint_seconds),
            recompute: self.recompute,
            precision: self.precision.into(),
            describe_data: self.describe_data,
            shards: self.shards.map(usize::from),
            ranks,
            stop,
        };
        train::train(&recipe, &options)
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && number.is_finite());
    number.ok_or("a number above 0 is needed".into())
}

/// Becomes true on Ctrl-C or when the machine shuts down; a second time ends the program at once.
fn on_signal() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let fail = |error: std::io::Error| Error::Training(error.to_string());
        register_conditional_shutdown(signal, 1, stop.clone()).map_err(fail)?;
        register(signal, stop.clone()).map_err(fail)?;
    }
    Ok(stop)
}
