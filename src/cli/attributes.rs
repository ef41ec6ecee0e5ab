use std::path::PathBuf;

use super::model::ModelArgs;
use crate::attributes::{self, edit};
use crate::error::Result;
use crate::image::host;
use crate::latents::{draw, flatten};
use crate::picture::{from_bytes, grid, png};
use crate::train::attributes::{Method, decode, find, measure};
use crate::train::write_atomically;

/// Find the directions in which faces smile, age, wear glasses, ... and measure them
///
/// For each attribute it prints how well the nearest class mean tells test photographs with it from those without; of
/// those found without it, the share found with it once the direction is added, and the share that changes sides in
/// Male with that.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// CelebA's folder, with its list of attributes
    #[arg(long)]
    data: PathBuf,
    /// Attributes by CelebA's names, separated by commas
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "Smiling,Male,Young,Eyeglasses,Blond_Hair,Black_Hair,Bangs,Heavy_Makeup,\
                         Mouth_Slightly_Open,No_Beard,Wearing_Hat,Pale_Skin"
    )]
    names: Vec<String>,
    /// How a direction is found
    #[arg(long, value_enum, default_value = "balanced")]
    method: Method,
    /// A picture of new faces from -1 to +1, a row an attribute, a PNG file
    #[arg(long)]
    sheet: Option<PathBuf>,
    /// The directions, a safetensors file
    #[arg(long)]
    out: PathBuf,
}

/// Strengths along a row of the sheet, for each of its faces.
const STRENGTHS: [f32; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];
/// Faces of the sheet.
const FACES: usize = 3;
/// Seed and temperature of the sheet.
const SHEET: (u64, f32) = (1, 0.7);

impl Args {
    pub fn run(self) -> Result<()> {
        let (model, header, device) = self.model.load()?;
        let config = &header.config;
        let found = find(&model, &self.data, &self.names, self.method, &device)?;
        println!("{:20} {:>8} {:>8} {:>8} {:>8}", "", "accuracy", "without", "flipped", "Male");
        for (attribute, measured) in found.iter().zip(measure(&model, &self.data, &found, &device)?) {
            let [accuracy, flipped, male] =
                [measured.accuracy, measured.flipped, measured.male].map(|share| format!("{:.1}%", 100.0 * share));
            let name = &attribute.direction.name;
            println!("{name:20} {accuracy:>8} {:>8} {flipped:>8} {male:>8}", measured.without);
        }
        if let Some(path) = &self.sheet {
            let (seed, temperature) = SHEET;
            let z = draw(config, seed, 0, FACES, &vec![temperature; config.levels], &device);
            let z: Vec<f32> = host(flatten(z));
            let rows = found.iter().flat_map(|attribute| {
                let direction = std::slice::from_ref(&attribute.direction);
                z.chunks(config.dims()).flat_map(move |z| STRENGTHS.iter().flat_map(|s| edit(z, direction, &[*s])))
            });
            let rgb = decode(&model, &rows.collect::<Vec<_>>(), &device);
            let cells: Vec<_> = rgb.chunks(config.dims()).map(|rgb| from_bytes(rgb, config.size)).collect();
            write_atomically(path, &png(&grid(&cells, FACES * STRENGTHS.len(), 2))?)?;
        }
        let directions = found.into_iter().map(|attribute| attribute.direction).collect();
        write_atomically(&self.out, &attributes::save(directions, config))
    }
}
