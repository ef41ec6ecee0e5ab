//! How a run starts: its folder, its images, and weights to begin with.

use std::fs::{File, TryLockError};
use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use glow::config::GlowConfig;
use glow::error::{Error, Result};
use glow::flow::Glow;
use glow::weights;

use super::data::Images;
use super::{Batches, Checkpoint, Optimiser, Part, Progress, Recipe};
use crate::output::note;

/// Images of the first batch, on which actnorm is initialised.
const FIRST_BATCH: usize = 256;

/// Keeps a second run out of the folder for as long as the file is open.
pub(super) fn lock(out: &Path) -> Result<File> {
    let path = out.join("lock");
    let file = File::create(&path).map_err(Error::io(&path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Error::Training(format!("another run is at work in {}; give another --out", out.display())))
        }
        // Or a file system that has no locks.
        _ => Ok(file),
    }
}

pub(super) fn read_images(config: &GlowConfig, dir: &Path, part: Part) -> Result<Images> {
    let images = Images::of(config, dir, part)?;
    for file in &images.unreadable {
        note(format!("passed over: {file}"));
    }
    note(format!("{part:?}: {} images, {} unreadable", images.len(), images.unreadable.len()));
    Ok(images)
}

/// What a weights file says of the data; nothing, if it is none.
pub(super) fn described(path: &Path) -> String {
    let header = std::fs::read(path).ok().and_then(|bytes| weights::read_header(&bytes).ok());
    header.map_or_else(String::new, |header| header.facts.data)
}

/// A new run, from given weights or from new ones with actnorm initialised on a first batch.
pub(super) fn begin(recipe: &Recipe, images: &Images, from: Option<&Path>, device: &Device) -> Result<Checkpoint> {
    let Recipe { model: config, train } = recipe;
    // Without a graph, which would be that of a large batch.
    let first = Batches::new(images, config, FIRST_BATCH, train.flip, train.seed).get(0, device).inner();
    let average = match from {
        Some(path) => read_weights(path, recipe, first, device)?,
        None => Glow::new(config, train.seed, device)?.valid().initialise(first),
    };
    let model = average.clone().train();
    let (optimiser, progress) = (Optimiser::new(train), Progress::default());
    Ok(Checkpoint { model, average, optimiser, progress, data: images.checksum(config.bits) })
}

/// The weights in a file, grown and deepened to what the recipe says.
fn read_weights(path: &Path, recipe: &Recipe, first: Tensor<4>, device: &Device) -> Result<Glow> {
    let Recipe { model: config, train } = recipe;
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    let (model, _) = weights::load(&bytes, device)?;
    let mut model = model.valid();
    model.acceptance = None;
    if config.size == 2 * model.config().size {
        model = model.grow(config.steps.at(0), config.width.at(0), first, train.seed)?;
    }
    model = model.with_dequantiser(config.dequantiser, train.seed)?;
    let same = GlowConfig { steps: config.steps.clone(), width: config.width.clone(), ..model.config().clone() };
    if same != *config {
        return Err(Error::Training(format!("{} cannot become the recipe's model", path.display())));
    }
    model.widen(&config.width, train.seed)?.deepen(&config.steps, train.seed)
}
