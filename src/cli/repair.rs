use std::path::PathBuf;

use burn::tensor::{Tensor, TensorData};

use super::model::ModelArgs;
use super::output::Output;
use crate::error::{Error, Result};
use crate::flow::Gradients;
use crate::image::{host, to_rgb, to_tensor};
use crate::picture::{from_bytes, open, square};
use crate::repair::{Repair, STEPS};

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
    /// A picture of as many pixels, bright where the image is to be filled in
    #[arg(long)]
    mask: PathBuf,
    /// Seed: another one fills it in otherwise
    #[arg(long, default_value_t = 1)]
    seed: u64,
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
        let known: Vec<f32> =
            mask.pixels().map(|pixel| f32::from(u8::from(pixel.0.iter().all(|v| *v < 128)))).collect();
        if known.iter().all(|known| *known == 0.0) {
            return Err(Error::Image(format!("{}: nothing of the picture is left by it", self.mask.display())));
        }
        let known = Tensor::from_data(TensorData::new(known, [1, size, size, 1]), &device);
        let gradients = Gradients::new(model);
        let mut repair = Repair::new(&gradients, to_tensor(&picture, size, &device), known, self.seed);
        let repaired = (0..STEPS).map(|_| repair.step()).last().expect("some steps");
        let repaired = host(repaired);
        if repaired.iter().any(|x| !x.is_finite()) {
            return Err(Error::Image("the search left the range of numbers; try another --seed".into()));
        }
        self.out.write_picture(&from_bytes(&to_rgb(&repaired), size))
    }
}
