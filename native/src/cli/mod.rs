//! The program `glow`, one file a subcommand.

mod accept;
mod attributes;
mod clean;
mod compare;
mod decode;
mod encode;
mod enlarge;
mod eval;
mod export;
mod export_onnx;
mod inspect;
mod model;
mod output;
mod pack;
mod photo;
mod repair;
mod sample;
mod seeds;
mod temperature;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::note;

/// Glow, a normalizing-flow face model: sample faces, encode photos to latents and back, train
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sample(sample::Args),
    Temperature(temperature::Args),
    Clean(clean::Args),
    Repair(repair::Args),
    Enlarge(enlarge::Args),
    Encode(encode::Args),
    Decode(decode::Args),
    Eval(eval::Args),
    Train(train::Args),
    Compare(compare::Args),
    Export(export::Args),
    ExportOnnx(export_onnx::Args),
    Attributes(attributes::Args),
    Accept(accept::Args),
    Pack(pack::Args),
    Inspect(inspect::Args),
}

/// Runs the command line of this process. Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage.
pub fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Sample(args) => args.run(),
        Command::Temperature(args) => args.run(),
        Command::Clean(args) => args.run(),
        Command::Repair(args) => args.run(),
        Command::Enlarge(args) => args.run(),
        Command::Encode(args) => args.run(),
        Command::Decode(args) => args.run(),
        Command::Eval(args) => args.run(),
        Command::Train(args) => args.run(),
        Command::Compare(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::ExportOnnx(args) => args.run(),
        Command::Attributes(args) => args.run(),
        Command::Accept(args) => args.run(),
        Command::Pack(args) => args.run(),
        Command::Inspect(args) => args.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
