use std::path::PathBuf;

use glow::error::Result;

use crate::output::say;
use crate::train::pack;

/// Put a data set into a few compact files, to train on another machine
///
/// `glow train` and `glow eval` read the folder as they read the data set; a model of more bits than it keeps is refused.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the images, as for `glow train`
    #[arg(long)]
    data: PathBuf,
    /// Side of the packed images in pixels
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    size: u16,
    /// Bits of a colour value that are kept
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=8))]
    bits: u32,
    /// Largest size of a file in millions of bytes
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    part: u32,
    /// Folder of the files 0.pack, 1.pack, ...
    #[arg(long)]
    out: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let part_bytes = self.part as usize * 1_000_000;
        for (i, bytes) in pack(&self.data, self.size.into(), self.bits, part_bytes, &self.out)?.iter().enumerate() {
            say(format!("{}: {bytes} bytes", self.out.join(format!("{i}.pack")).display()))?;
        }
        Ok(())
    }
}
