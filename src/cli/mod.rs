//! The program `glow`, one file a subcommand.

mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Glow, a normalizing-flow face model: sample faces, encode photos to latents and back, train.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(train::Args),
}

/// Runs the command line of this process. Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage.
pub fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Train(args) => args.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
