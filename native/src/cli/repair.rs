use std::path::PathBuf;

use glow::error::{Error, Result};
use glow::restore::Known;

use super::model::ModelArgs;
use super::output::Output;
use super::seeds::SeedArgs;
use crate::picture::{open, restore, square};

/// Fill in what a picture has lost, with the flow for what is probable
///
/// What is filled in is invented. The central square of picture and mask is used; what is known stays as it is. A face is found
/// only where the training images have it, with the eyes at 37% and 62% of the width and 47% of the height.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// A PNG, JPEG, WebP, GIF, BMP or TIFF file
    image: PathBuf,
    /// A picture of as many pixels, bright or transparent where the image is to be filled in
    #[arg(long)]
    mask: PathBuf,
    #[command(flatten)]
    seeds: SeedArgs,
    /// The picture: PNG, JPEG or WebP by its name; - for standard output
    #[arg(long)]
    out: Output,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check_picture()?;
        let (model, header, device) = self.model.load()?;
        let size = header.config.size;
        let [picture, mask] = [open(&self.image)?, open(&self.mask)?];
        if picture.dimensions() != mask.dimensions() {
            let ((w, h), (mask_w, mask_h)) = (picture.dimensions(), mask.dimensions());
            return Err(Error::Image(format!("the mask has {mask_w}x{mask_h} pixels, the picture {w}x{h}")));
        }
        let [picture, mask] = [picture, mask].map(|image| square(&image, size));
        let mask: Vec<u8> = mask.pixels().map(|pixel| u8::from(pixel.0.iter().all(|v| *v < 128))).collect();
        if !mask.contains(&0) {
            let error = "the mask leaves nothing to fill in: nothing in its central square is bright";
            return Err(Error::Image(error.into()));
        }
        let known = Known::pixels(&picture, &mask, &header.config, &device)?;
        self.out.write_picture(&restore(&model, &known, self.seeds.seeds())?)
    }
}
