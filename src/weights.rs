//! A model as one safetensors file that describes itself: configuration and training facts stand as JSON under the key
//! `glow` of its metadata.

use std::collections::BTreeMap;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::acceptance::Acceptance;
use crate::config::GlowConfig;
use crate::error::{Error, Result};
use crate::flow::Glow;
use crate::parameters::{apply, collect};
use crate::tensor_file::{self, Precision, TensorFile, about, checksum, damaged};
use crate::tensor_stream::{TensorStream, Whole};

/// The version of the format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// The key of the header in a file's metadata.
const KEY: &str = "glow";

/// What a weights file says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub format: u32,
    /// Sizes and layers.
    pub config: GlowConfig,
    /// Whether actnorm has been initialised on data.
    pub initialised: bool,
    /// CRC-32 of everything behind the header: a file changed in transit is refused.
    pub crc32: u32,
    /// How it was trained.
    pub facts: Facts,
}

/// How a model was trained, as far as its file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// What it was trained on, and the terms.
    pub data: String,
    /// Training images seen, repeats counted.
    pub images_seen: u64,
    /// Hours of training.
    pub hours: f64,
    /// bits/dim on the validation images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_bits_per_dim: Option<f64>,
    /// bits/dim on the test images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_bits_per_dim: Option<f64>,
    /// Commit of the program that trained it.
    pub commit: String,
}

/// Writes a model.
pub fn save(model: &Glow, facts: Facts, precision: Precision) -> Vec<u8> {
    let flow = collect(model).into_iter().map(|(name, (_, tensor))| (name, tensor));
    let acceptance = model.acceptance.iter().flat_map(Acceptance::tensors);
    let tensors: BTreeMap<_, _> =
        flow.chain(acceptance).map(|(name, tensor)| (name, tensor.encode(precision))).collect();
    let header = Header {
        format: FORMAT,
        config: model.config().clone(),
        initialised: model.initialised,
        crc32: checksum(&tensors),
        facts,
    };
    tensor_file::write(tensors, KEY, &header)
}

/// Reads a model onto `device`, or says in a sentence why not: a file that is truncated, foreign, of a newer format, of
/// other shapes than its configuration's, or that holds values that are not finite.
pub fn load(bytes: &[u8], device: &Device) -> Result<(Glow, Header)> {
    let mut stream = TensorStream::default();
    stream.push(bytes);
    finish(stream, device)
}

/// The same of a file that came in parts, all of which have been pushed.
pub fn finish(stream: TensorStream, device: &Device) -> Result<(Glow, Header)> {
    let Whole { metadata, crc32, tensors } = stream.whole()?;
    let header = header(about(&metadata, KEY)?)?;
    if header.crc32 != crc32 {
        return Err(damaged("its checksum does not match"));
    }
    let config = &header.config;
    config.validate()?;
    let smallest = |level| config.steps.at(level) * config.width.at(level).pow(2);
    if (0..config.levels).map(smallest).sum::<usize>() > metadata.data_len() {
        return Err(Error::Weights("the file is too small for the model that it describes".into()));
    }
    let mut tensors = tensors?;
    let mut model = Glow::blank(config, device)?;
    model.initialised = header.initialised;
    let coarsest = config.latent_shapes()[config.levels - 1].iter().product();
    model.acceptance = Acceptance::from_tensors(&mut tensors, coarsest)?;
    let model = apply(model, tensors, &BTreeMap::new())?;
    Ok((model, header))
}

/// Reads only what the file says of itself.
pub fn read_header(bytes: &[u8]) -> Result<Header> {
    header(TensorFile::parse(bytes)?.about(KEY)?)
}

fn header(value: serde_json::Value) -> Result<Header> {
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => serde_json::from_value(value).map_err(damaged),
        Some(format) if format > u64::from(FORMAT) => Err(Error::Weights(format!(
            "it has format {format}, this program reads up to {FORMAT}; update the program"
        ))),
        _ => Err(Error::Weights("its header names no format".into())),
    }
}
