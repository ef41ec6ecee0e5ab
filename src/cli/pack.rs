use std::path::PathBuf;

use crate::error::Result;
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
    #[arg(long)]
    size: usize,
    /// Bits of a colour value that are kept
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=8))]
    bits: u32,
    /// Largest size of a file in millions of bytes
    #[arg(long, default_value_t = 60)]
    part: usize,
    /// Folder of the files 0.pack, 1.pack, ...
    #[arg(long)]
    out: PathBuf,
}

impl Args {
    pub fn run(self) -> Result<()> {
        for (i, bytes) in pack(&self.data, self.size, self.bits, self.part * 1_000_000, &self.out)?.iter().enumerate() {
            println!("{}: {bytes} bytes", self.out.join(format!("{i}.pack")).display());
        }
        Ok(())
    }
}
