//! The state of a run in one safetensors file, replaced atomically: model, average, optimiser, counters.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::tensor::{Bytes, Device};
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use super::config::Recipe;
use crate::error::{Error, Result};
use crate::flow::Glow;
use crate::weights::{self, Precision, RawTensor};

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

#[derive(Serialize, Deserialize)]
struct Header {
    recipe: Recipe,
    progress: Progress,
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
    pub optimiser: ModuleOptimizer,
    /// Counters.
    pub progress: Progress,
}

impl Checkpoint {
    /// Writes the state to `path`: into a file beside it first, which then takes its place, so that there is always a
    /// whole one.
    pub fn write(&self, recipe: &Recipe, path: &Path) -> Result<()> {
        let mut ids = BTreeMap::new();
        let mut tensors = BTreeMap::new();
        for (prefix, model) in [("model", &self.model), ("average", &self.average)] {
            for (name, (id, tensor)) in weights::collect(model) {
                tensors.insert(format!("{prefix}.{name}"), tensor.encode(Precision::F32));
                ids.insert(name, id.val());
            }
        }
        let header = Header {
            recipe: recipe.clone(),
            progress: self.progress.clone(),
            initialised: self.model.initialised,
            ids,
        };
        let optimiser = self.optimiser.into_bytes().map_err(|error| Error::Training(error.to_string()))?.to_vec();
        let optimiser = RawTensor { dtype: Dtype::U8, shape: vec![optimiser.len()], bytes: optimiser };
        tensors.insert("optimiser".into(), optimiser);
        write_atomically(path, &weights::write(tensors, KEY, &header))
    }

    /// Reads the state of a run of this `recipe`. The budget and the decay at its end may have changed, all else may not.
    pub fn read(path: &Path, recipe: &Recipe, optimiser: ModuleOptimizer, device: &Device) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        let refuse = |why: String| Error::Training(format!("{}: {why}", path.display()));
        let header: Header = weights::metadata(&bytes, KEY).map_err(|error| refuse(error.to_string()))?;
        let changes = header.recipe.changes(recipe);
        if !changes.is_empty() {
            return Err(refuse(format!("it is of another recipe: {}; give --out another folder", changes.join(", "))));
        }
        let file = weights::parse(&bytes)?;
        let part = |prefix: &str| -> Result<Glow> {
            let mut tensors = BTreeMap::new();
            for (name, view) in file.iter() {
                if let Some(name) = name.strip_prefix(prefix) {
                    tensors.insert(name.to_owned(), weights::read_tensor(name, &view)?);
                }
            }
            let mut model = Glow::blank(&recipe.model, device)?;
            model.initialised = header.initialised;
            weights::apply(model, tensors, &header.ids)
        };
        let state = file.tensor("optimiser").map_err(|error| refuse(error.to_string()))?;
        let state = Bytes::from_bytes_vec(state.data().to_vec());
        let optimiser = optimiser.from_bytes(state).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { model: part("model.")?, average: part("average.")?.valid(), optimiser, progress: header.progress })
    }
}

/// Writes a file whole or not at all.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    let write = || {
        let mut file = File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|error| {
        // The cause is what matters; a left-over partial file is overwritten next time.
        let _ = fs::remove_file(&partial);
        Error::io(path)(error)
    })
}
