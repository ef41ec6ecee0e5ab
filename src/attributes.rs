//! Directions in latent space along which one attribute of a face changes, such as its smile: `z + s * direction` has more
//! of it for s > 0, less for s < 0; s = 1 is OpenAI's 1.6 times the way from the faces without it to those with it (Glow,
//! arXiv 1807.03039, section 6.3, and its demo).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::GlowConfig;
use crate::error::{Error, Result};
use crate::tensor_file::{self, HostTensor, Precision, TensorFile};

/// The key of the header in a file's metadata.
const KEY: &str = "glow-attributes";

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// As the data set calls it: `Smiling`.
    pub name: String,
    /// Of whitened latents, flattened as [`crate::latents::flatten`] does: `[dims]`.
    pub values: Vec<f32>,
}

/// What the file says of itself: whose latents, and the order of the attributes.
#[derive(Serialize, Deserialize)]
struct Header {
    config: GlowConfig,
    names: Vec<String>,
}

/// `z + sum_i strengths[i] d_i` of one image's latents `z`, flattened.
pub fn edit(z: &[f32], directions: &[Direction], strengths: &[f32]) -> Vec<f32> {
    assert_eq!(directions.len(), strengths.len(), "a strength for every direction");
    let mut edited = z.to_vec();
    for (direction, strength) in directions.iter().zip(strengths) {
        edited.iter_mut().zip(&direction.values).for_each(|(z, d)| *z += strength * d);
    }
    edited
}

/// Directions as a safetensors file of one half-precision tensor each.
pub fn save(directions: Vec<Direction>, config: &GlowConfig) -> Vec<u8> {
    let names = directions.iter().map(|direction| direction.name.clone()).collect();
    let tensors: BTreeMap<_, _> = directions
        .into_iter()
        .map(|Direction { name, values }| {
            (name, HostTensor { shape: vec![values.len()], values }.encode(Precision::F16))
        })
        .collect();
    tensor_file::write(tensors, KEY, &Header { config: config.clone(), names })
}

/// Reads what [`save`] wrote. Errors: a damaged file, or directions of another model.
pub fn load(bytes: &[u8], config: &GlowConfig) -> Result<Vec<Direction>> {
    let file = TensorFile::parse(bytes)?;
    let header: Header = file.about(KEY)?;
    if header.config != *config {
        return Err(Error::Weights("these attributes belong to a model of another configuration".into()));
    }
    let read = |name: String| {
        let HostTensor { shape, values } = file.tensor(&name)?;
        match shape == [config.dims()] {
            true => Ok(Direction { name, values }),
            false => Err(Error::Weights(format!("'{name}' has shape {shape:?} instead of [{}]", config.dims()))),
        }
    };
    header.names.into_iter().map(read).collect()
}
