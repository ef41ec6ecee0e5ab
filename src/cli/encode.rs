use std::path::PathBuf;

use image::RgbImage;

use super::model::ModelArgs;
use crate::align::align;
use crate::complexity::complexity;
use crate::error::{Error, Result};
use crate::image::{bits_map, bits_per_dim, host, to_tensor};
use crate::latents;
use crate::picture::{from_bytes, open, png, read_image};
use crate::train::{round_trip, write_atomically};

/// Encode an image to latents; prints its bits/dim and what is lost on the way back
///
/// The central square of the image is used. For photographs of faces, the eyes should lie at 37% and 62% of its width
/// and 47% of its height, as they do in the training images: --align cuts it so. A level's bits can be negative: its
/// steps also stretch the channels that go on to the next level, which pays for it.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// A PNG, JPEG or WebP file
    image: PathBuf,
    /// Find the eyes of a face, and put them where the training images have them
    #[arg(long)]
    align: bool,
    /// The latents, a safetensors file
    #[arg(long)]
    out: PathBuf,
    /// Where the bits lie, a PNG file: black where a pixel costs 0 bits/dim, white where it costs as many as a value has
    #[arg(long)]
    map: Option<PathBuf>,
}

impl Args {
    pub fn run(self) -> Result<()> {
        let (model, header, device) = self.model.load()?;
        let config = &header.config;
        let rgb = self.read(config.size)?.into_raw();
        let encoding = model.forward(to_tensor(&rgb, config.size, &device));
        write_atomically(&self.out, &latents::save(&encoding.latents, config))?;
        if let Some(path) = &self.map {
            let map = bits_map(&host(encoding.log_p_map()), config);
            let grey: Vec<u8> = map.iter().flat_map(|bits| [(bits / config.bits as f32 * 255.0) as u8; 3]).collect();
            write_atomically(path, &png(&from_bytes(&grey, config.size))?)?;
        }

        let log_p = |tensor| f64::from(host::<1>(tensor)[0]);
        let bits = bits_per_dim(log_p(encoding.log_p()), config);
        println!("bits/dim {bits:.4}");
        for (level, (part, [h, w, c])) in encoding.level_log_p().zip(config.latent_shapes()).enumerate() {
            // Each level's share of the quantisation constant is that of its latents.
            let share = (h * w * c) as f64 / config.dims() as f64;
            let bits = bits_per_dim(log_p(part), config) - f64::from(config.bits) * (1.0 - share);
            println!("  level {}: {bits:.4} ({h}x{w}x{c} latents)", level + 1);
        }
        println!("over a plain lossless code: {:.4}", bits - complexity(&rgb, config));
        let trip = round_trip(&model, std::iter::once(&rgb[..]), &device);
        let verdict = if trip.changed == 0 { "identical" } else { "not identical" };
        println!("round trip: largest error {:.1e} of the range, {verdict} in 8 bits", trip.largest_error);
        Ok(())
    }

    fn read(&self, size: usize) -> Result<RgbImage> {
        if !self.align {
            return read_image(&self.image, size);
        }
        align(&open(&self.image)?, size).ok_or_else(|| {
            let path = self.image.display();
            Error::Image(format!("{path}: no face was found; cut it by hand and leave out --align"))
        })
    }
}
