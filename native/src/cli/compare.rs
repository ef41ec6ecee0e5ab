use std::path::{Path, PathBuf};

use glow::error::{Error, Result};

use super::output::{Output, say};
use crate::train::{metrics, plot};

/// Compare runs: a table of bits/dim on validation, and a plot against images seen and against time
#[derive(clap::Args)]
pub struct Args {
    /// Folders of runs, or their logs, each as PATH or, if there is no such path, NAME=PATH
    #[arg(required = true)]
    runs: Vec<String>,
    /// Leave time out: the runs shared their machine with others
    #[arg(long)]
    no_time: bool,
    /// The plot, an SVG file; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check()?;
        let mut logs = Vec::new();
        for run in &self.runs {
            let named = if Path::new(run).exists() { None } else { run.split_once('=') };
            let (name, path) = named.unwrap_or((run, run));
            let path = PathBuf::from(path);
            let path = if path.is_dir() { path.join("metrics.jsonl") } else { path };
            let log = metrics::read(&path)?;
            let last = log.last().cloned();
            let last = last.ok_or_else(|| Error::Data(format!("{} has no measurement yet", path.display())))?;
            logs.push((name.to_owned(), log, last));
        }
        let minutes = if self.no_time { "" } else { " minutes |" };
        let mut table = format!("| run | thousands of images |{minutes} bits/dim, validation |\n");
        table += if self.no_time { "|---|---|---|" } else { "|---|---|---|---|" };
        for (name, _, last) in &logs {
            let minutes = if self.no_time { String::new() } else { format!(" {:.1} |", last.seconds / 60.0) };
            let images = last.images as f64 / 1000.0;
            table += &format!("\n| {name} | {images:.0} |{minutes} {:.4} |", last.validation);
        }
        let plot = plot::runs(logs.iter().map(|(name, log, _)| (&name[..], &log[..])), !self.no_time)?;
        say(table, [&self.out])?;
        self.out.write(plot.as_bytes())
    }
}
