//! The options that name a photo.

use std::path::PathBuf;

use glow::error::{Error, Result};
use image::RgbImage;

use crate::align::align;
use crate::picture::{open, read_image};

#[derive(clap::Args)]
pub struct PhotoArgs {
    /// A PNG, JPEG, WebP, GIF, BMP or TIFF file
    image: PathBuf,
    /// Find the eyes of a face, and put them where the training images have them
    #[arg(long)]
    align: bool,
}

impl PhotoArgs {
    /// The photo, `size` pixels square.
    pub fn read(&self, size: usize) -> Result<RgbImage> {
        if !self.align {
            return read_image(&self.image, size);
        }
        align(&open(&self.image)?, size).ok_or_else(|| {
            let path = self.image.display();
            Error::Image(format!("{path}: no face was found; cut it by hand and leave out --align"))
        })
    }
}
