use std::path::PathBuf;

use crate::error::Result;
use crate::train::{metrics, plot};

/// Compare runs: a table of bits/dim on validation, and a plot against images seen and against time
#[derive(clap::Args)]
pub struct Args {
    /// Folders of runs, or their logs, each as PATH or NAME=PATH
    #[arg(required = true)]
    runs: Vec<String>,
    /// Leave time out: the runs shared their machine with others
    #[arg(long)]
    no_time: bool,
    /// The plot, an SVG file
    #[arg(long)]
    out: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let mut logs = Vec::new();
        for run in &self.runs {
            let (name, path) = run.split_once('=').unwrap_or((run, run));
            let path = PathBuf::from(path);
            let log = if path.is_dir() { path.join("metrics.jsonl") } else { path };
            logs.push((name.to_owned(), metrics::read(&log)?));
        }
        let minutes = if self.no_time { "" } else { " minutes |" };
        println!("| run | thousands of images |{minutes} bits/dim, validation |");
        println!("|---|---|{}---|", if self.no_time { "" } else { "---|" });
        for (name, log) in &logs {
            let Some(last) = log.last() else { continue };
            let minutes = if self.no_time { String::new() } else { format!(" {:.1} |", last.seconds / 60.0) };
            println!("| {name} | {:.0} |{minutes} {:.4} |", last.images as f64 / 1000.0, last.validation);
        }
        plot::runs(&logs, !self.no_time, &self.out)
    }
}
