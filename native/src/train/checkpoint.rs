//! The state of a run in one safetensors file, replaced atomically: model, average, optimiser, counters.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use glow::error::{Error, Result};
use glow::flow::Glow;
use glow::parameters;
use glow::tensor_file::{self, Precision, RawTensor, TensorFile};
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use super::Optimiser;
use super::config::Recipe;
use crate::output;

/// Where a run stands. Batches and noise follow from the seed and the step, so these counters are all that is random.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps taken, skipped ones counted.
    pub step: u64,
    /// Steps skipped because the loss or its gradient was not finite.
    pub skipped: u64,
    /// Seconds of training, over all sessions.
    pub seconds: f64,
}

/// The key of the header in a checkpoint's metadata.
const KEY: &str = "glow-checkpoint";
/// The parts of the optimiser, by number.
const OPTIMISER: &str = "optimiser.";

#[derive(Serialize, Deserialize)]
struct Header {
    recipe: Recipe,
    progress: Progress,
    /// Missing in older files.
    data: Option<u32>,
    initialised: bool,
    /// Identities of the parameters, by path: the optimiser's state refers to them.
    ids: BTreeMap<String, u64>,
}

/// Everything that goes on after an interruption.
pub struct Checkpoint {
    /// The weights in training.
    pub model: Glow,
    /// Their moving average.
    pub average: Glow,
    /// With the state of every parameter.
    pub optimiser: Optimiser,
    /// Counters.
    pub progress: Progress,
    /// Checksum of the training images.
    pub data: u32,
}

impl Checkpoint {
    /// Writes the state to `path`, where there is a whole one at any time.
    pub fn write(&self, recipe: &Recipe, path: &Path) -> Result<()> {
        let mut ids = BTreeMap::new();
        let mut tensors = BTreeMap::new();
        for (prefix, model) in [("model", &self.model), ("average", &self.average)] {
            for (name, (id, tensor)) in parameters::collect(model) {
                tensors.insert(format!("{prefix}.{name}"), tensor.encode(Precision::F32));
                ids.insert(name, id.val());
            }
        }
        let header = Header {
            recipe: recipe.clone(),
            progress: self.progress.clone(),
            data: Some(self.data),
            initialised: self.model.initialised,
            ids,
        };
        let parts = self.optimiser.to_bytes().map_err(|error| Error::Training(error.to_string()))?;
        for (part, bytes) in parts.into_iter().enumerate() {
            tensors
                .insert(format!("{OPTIMISER}{part}"), RawTensor { dtype: Dtype::U8, shape: vec![bytes.len()], bytes });
        }
        output::write(path, &tensor_file::write(tensors, KEY, &header))
    }

    /// Reads the state of a run of this `recipe` on images of the checksum `data`. The budget and the decay at its end may
    /// have changed, all else may not.
    pub fn read(path: &Path, recipe: &Recipe, data: u32, device: &Device) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        let refuse = |why: String| Error::Training(format!("{}: {why}", path.display()));
        let file = TensorFile::parse(&bytes).map_err(|error| refuse(error.to_string()))?;
        let header: Header = file.about(KEY).map_err(|error| refuse(error.to_string()))?;
        let changes = header.recipe.changes(recipe);
        if !changes.is_empty() {
            return Err(refuse(format!("it is of another recipe: {}; give --out another folder", changes.join(", "))));
        }
        if header.data.is_some_and(|of_run| of_run != data) {
            return Err(refuse("it is of a run on other training images; give --out another folder".into()));
        }
        let part = |prefix: &str| -> Result<Glow> {
            let mut tensors = BTreeMap::new();
            for name in file.names() {
                if let Some(path) = name.strip_prefix(prefix) {
                    tensors.insert(path.to_owned(), file.tensor(&name)?);
                }
            }
            let mut model = Glow::blank(&recipe.model, device)?;
            model.initialised = header.initialised;
            parameters::apply(model, tensors, &header.ids)
        };
        // Older files have all in one part.
        let numbered = (0..).map_while(|part| file.bytes(&format!("{OPTIMISER}{part}")));
        let parts: Vec<_> = file.bytes("optimiser").into_iter().chain(numbered).map(<[u8]>::to_vec).collect();
        if parts.is_empty() {
            return Err(refuse("it has no optimiser's state".into()));
        }
        let optimiser = Optimiser::from_bytes(&recipe.train, parts).map_err(|error| refuse(error.to_string()))?;
        let (model, average) = (part("model.")?, part("average.")?.valid());
        Ok(Self { model, average, optimiser, progress: header.progress, data })
    }
}
