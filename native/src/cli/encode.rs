use glow::complexity::complexity;
use glow::correction::correction;
use glow::error::Result;
use glow::latents::{self, flatten};
use glow::pixels::{bits_map, bits_per_dim, host, to_rgb, to_tensor};

use super::model::ModelArgs;
use super::output::{Output, say};
use super::photo::PhotoArgs;
use crate::picture::from_bytes;
use crate::train::largest_error;

/// Encode an image to latents; prints its bits/dim and the error of the way back
///
/// The central square of the image is used. For photographs of faces, the eyes should lie at 37% and 62% of its width
/// and 47% of its height, as they do in the training images: --align cuts it so. A level's bits can be negative: its
/// steps also stretch the channels that go on to the next level, which pays for it.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    photo: PhotoArgs,
    /// The latents, a safetensors file; - for standard output
    #[arg(long)]
    out: Option<Output>,
    /// Where the bits lie, a picture: black where a pixel costs 0 bits/dim, white where it costs as many as a value has
    #[arg(long)]
    map: Option<Output>,
}

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.as_ref().map_or(Ok(()), Output::check)?;
        self.map.as_ref().map_or(Ok(()), Output::check_picture)?;
        let (model, header, device) = self.model.load()?;
        let config = &header.config;
        let rgb = self.photo.read(config.size)?.into_raw();
        let x = to_tensor(&rgb, config.size, &device);
        let encoding = model.forward(x.clone());
        let values: Vec<f32> = host(flatten(encoding.latents.clone())).into_iter().map(latents::finite).collect();
        let latents = latents::unflatten(&values, config, &device);
        let back = model.inverse(&latents);
        let correction = correction(&rgb, &to_rgb(&host(back.clone())));
        if let Some(out) = &self.out {
            out.write(&latents::save(&latents, &correction, config))?;
        }
        if let Some(out) = &self.map {
            let map = bits_map(&host(encoding.log_p_map()), config);
            let grey: Vec<u8> = map.iter().flat_map(|bits| [(bits / config.bits as f32 * 255.0) as u8; 3]).collect();
            out.write_picture(&from_bytes(&grey, config.size))?;
        }

        let log_p = |tensor| f64::from(host::<1>(tensor)[0]);
        let bits = bits_per_dim(log_p(encoding.log_p()), config);
        let mut lines = format!("bits/dim {bits:.4}\n");
        for (level, (part, [h, w, c])) in encoding.level_log_p().zip(config.latent_shapes()).enumerate() {
            // Each level's share of the quantisation constant is that of its latents.
            let share = (h * w * c) as f64 / config.dims() as f64;
            let bits = bits_per_dim(log_p(part), config) - f64::from(config.bits) * (1.0 - share);
            lines += &format!("  level {}: {bits:.4} ({h}x{w}x{c} latents)\n", level + 1);
        }
        lines += &format!("over a plain lossless code: {:.4}\n", bits - complexity(&rgb, config));
        let error = largest_error(back, x);
        lines += &format!("round trip: largest error {error:.1e} of the range, identical in 8 bits");
        if !correction.is_empty() {
            let wrong = correction.iter().filter(|missing| **missing != 0).count();
            lines += &format!(" with a correction of {wrong} of {} values beside the latents", rgb.len());
        }
        say(lines, self.out.iter().chain(&self.map))
    }
}
