use std::path::PathBuf;

use glow::attributes::{self, edit};
use glow::error::Result;
use glow::latents::{draw, flatten};
use glow::pixels::host;

use super::model::ModelArgs;
use super::output::{Output, say};
use crate::picture::{Sheet, from_bytes};
use crate::train::attributes::{Method, decode, find, measure};

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
    /// A picture of new faces from -1 to +1, a row an attribute: PNG, JPEG or WebP by its name
    #[arg(long)]
    sheet: Option<Output>,
    /// The directions, a safetensors file; - for standard output
    #[arg(long)]
    out: Output,
}

/// Strengths along a row of the sheet, for each of its faces.
const STRENGTHS: [f32; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];
/// Faces of the sheet.
const FACES: usize = 3;
/// Seed and temperature of the sheet.
const SHEET: (u64, f32) = (1, 0.7);

impl Args {
    pub fn run(self) -> Result<()> {
        self.out.check()?;
        self.sheet.as_ref().map_or(Ok(()), Output::check_picture)?;
        let (model, header, device) = self.model.load()?;
        let config = &header.config;
        let found = find(&model, &self.data, &self.names, self.method, &device)?;
        let mut table = format!("{:20} {:>8} {:>8} {:>8} {:>8}", "", "accuracy", "without", "flipped", "Male");
        for (attribute, measured) in found.iter().zip(measure(&model, &self.data, &found, &device)?) {
            let percent = |share| format!("{:.1}%", 100.0 * share);
            let [accuracy, flipped, male] = [measured.accuracy, measured.flipped, measured.male]
                .map(|share: Option<f64>| share.map_or("-".to_owned(), percent));
            let name = &attribute.direction.name;
            table += &format!("\n{name:20} {accuracy:>8} {:>8} {flipped:>8} {male:>8}", measured.without);
        }
        say(table, self.sheet.iter().chain([&self.out]))?;
        if let Some(sheet) = &self.sheet {
            let (seed, temperature) = SHEET;
            let z = draw(config, model.acceptance.as_ref(), seed, 0, FACES, &vec![temperature; config.levels], &device);
            let z: Vec<f32> = host(flatten(z));
            let rows = found.iter().flat_map(|attribute| {
                let direction = std::slice::from_ref(&attribute.direction);
                z.chunks(config.dims()).flat_map(move |z| STRENGTHS.iter().flat_map(|s| edit(z, direction, &[*s])))
            });
            let rgb = decode(&model, &rows.collect::<Vec<_>>(), &device);
            let cells: Vec<_> = rgb.chunks(config.dims()).map(|rgb| from_bytes(rgb, config.size)).collect();
            let columns = FACES * STRENGTHS.len();
            sheet.write_picture(&Sheet::new(cells.len(), config.size, columns, 2)?.with(&cells))?;
        }
        let directions = found.into_iter().map(|attribute| attribute.direction).collect();
        self.out.write(&attributes::save(directions, config))
    }
}
