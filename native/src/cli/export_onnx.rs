use clap::ValueEnum;
use glow::error::Result;
use prost::Message;

use super::model::ModelArgs;
use super::output::Output;
use crate::onnx;

/// Write a model as an ONNX file, for other runtimes
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Which way through the flow
    #[arg(long, value_enum)]
    direction: Direction,
    /// The ONNX file; - for standard output
    #[arg(long)]
    out: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Direction {
    /// Encodes: `image`, `[batch, 3, size, size]` in `[-1/2, 1/2)`, to latents `level.0`, `level.1`, ... and `log_p` in nats
    Forward,
    /// Decodes latents to `image`
    Inverse,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check()?;
        let (model, ..) = self.model.load()?;
        let file = match self.direction {
            Direction::Forward => onnx::forward(&model),
            Direction::Inverse => onnx::inverse(&model),
        };
        self.out.write(&file.encode_to_vec())
    }
}
