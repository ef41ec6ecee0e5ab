//! A model as one safetensors file that describes itself: configuration and training facts stand as JSON under the key
//! `glow` of its `__metadata__`. See <https://huggingface.co/docs/safetensors>.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use safetensors::tensor::{Dtype, TensorView, View};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};

use crate::config::GlowConfig;
use crate::error::{Error, Result};
use crate::flow::Glow;

/// The version of the format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;

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

/// Number format of the stored weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Half: to ship.
    F16,
    /// Single: to go on training.
    F32,
}

/// Writes a model.
pub fn save(model: &Glow, facts: Facts, precision: Precision) -> Vec<u8> {
    let tensors: BTreeMap<_, _> =
        collect(model).into_iter().map(|(name, (_, tensor))| (name, tensor.encode(precision))).collect();
    let header = Header {
        format: FORMAT,
        config: model.config().clone(),
        initialised: model.initialised,
        crc32: checksum(&tensors),
        facts,
    };
    write(tensors, "glow", &header)
}

/// CRC-32 of what a file of these tensors has behind its header.
pub(crate) fn checksum(tensors: &BTreeMap<String, RawTensor>) -> u32 {
    let mut crc32 = crc32fast::Hasher::new();
    tensors.values().for_each(|tensor| crc32.update(&tensor.bytes));
    crc32.finalize()
}

/// Refuses a file that does not have its [`checksum`].
fn verify(bytes: &[u8], crc32: u32) -> Result<()> {
    let (length, _) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    match crc32fast::hash(&bytes[8 + length..]) == crc32 {
        true => Ok(()),
        false => Err(damaged("its checksum does not match")),
    }
}

/// Tensors as a file, with JSON under `key` of the metadata.
pub(crate) fn write(tensors: BTreeMap<String, RawTensor>, key: &str, header: &impl Serialize) -> Vec<u8> {
    let header = serde_json::to_string(header).expect("a header is plain data");
    serialize(tensors, Some(HashMap::from([(key.to_owned(), header)]))).expect("a valid file")
}

/// Reads a model onto `device`, or says in a sentence why not: a file that is truncated, foreign, of a newer format, of
/// other shapes than its configuration's, or that holds values that are not finite.
pub fn load(bytes: &[u8], device: &Device) -> Result<(Glow, Header)> {
    let header = read_header(bytes)?;
    let file = parse(bytes)?;
    verify(bytes, header.crc32)?;
    let config = &header.config;
    config.validate()?;
    let smallest = |level| config.steps.at(level) * config.width.at(level).pow(2);
    if (0..config.levels).map(smallest).sum::<usize>() > bytes.len() {
        return Err(Error::Weights("the file is too small for the model that it describes".into()));
    }
    let mut model = Glow::blank(config, device)?;
    model.initialised = header.initialised;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        tensors.insert(name.to_owned(), read_tensor(name, &view)?);
    }
    let model = apply(model, tensors, &BTreeMap::new())?;
    Ok((model, header))
}

/// Reads only what the file says of itself.
pub fn read_header(bytes: &[u8]) -> Result<Header> {
    let value: serde_json::Value = metadata(bytes, "glow")?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => serde_json::from_value(value).map_err(damaged),
        Some(format) if format > u64::from(FORMAT) => Err(Error::Weights(format!(
            "it has format {format}, this program reads up to {FORMAT}; update the program"
        ))),
        _ => Err(Error::Weights("its header names no format".into())),
    }
}

/// The JSON under `key` of a file's metadata.
pub(crate) fn metadata<T: serde::de::DeserializeOwned>(bytes: &[u8], key: &str) -> Result<T> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let json = metadata.metadata().as_ref().and_then(|map| map.get(key));
    let json =
        json.ok_or_else(|| Error::Weights(format!("a safetensors file, but without the '{key}' of this kind")))?;
    serde_json::from_str(json).map_err(damaged)
}

pub(crate) fn parse(bytes: &[u8]) -> Result<SafeTensors<'_>> {
    SafeTensors::deserialize(bytes).map_err(damaged)
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Weights(format!("the file is damaged or of another kind ({error}); get it again"))
}

/// A tensor on the host.
#[derive(Clone, Debug)]
pub(crate) struct HostTensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl HostTensor {
    pub(crate) fn encode(self, precision: Precision) -> RawTensor {
        let Self { shape, values } = self;
        let (dtype, bytes) = match precision {
            Precision::F16 => (Dtype::F16, values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect()),
            Precision::F32 => (Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        };
        RawTensor { dtype, shape, bytes }
    }
}

/// A tensor as it stands in a file.
pub(crate) struct RawTensor {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl View for RawTensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

pub(crate) fn read_tensor(name: &str, view: &TensorView) -> Result<HostTensor> {
    let bytes = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F16 => bytes.as_chunks().0.iter().map(|&b| widen(u16::from_le_bytes(b))).collect(),
        Dtype::F32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        other => {
            return Err(Error::Weights(format!("'{name}' is of type {other:?}; F16 and F32 are read")));
        }
    };
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Error::Weights(format!("'{name}' holds values that are not finite")));
    }
    Ok(HostTensor { shape: view.shape().to_vec(), values })
}

/// A half as a single. Without a branch, unlike `half`'s, so that SIMD does several at a time.
fn widen(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    // Its exponent counts from 15, that of a single from 127.
    let magnitude = f32::from_bits(u32::from(half & 0x7fff) << 13) * 2.0_f32.powi(127 - 15);
    let infinite = u32::from(half & 0x7c00 == 0x7c00) * 0x7f80_0000;
    f32::from_bits(magnitude.to_bits() | infinite | sign)
}

#[test]
fn every_half_is_widened() {
    for half in 0..=u16::MAX {
        let (actual, expected) = (widen(half), f16::from_bits(half).to_f32());
        assert!(actual.to_bits() == expected.to_bits() || actual.is_nan() && expected.is_nan(), "{half:#x}");
    }
}

/// Every parameter of a module, with its identity, by its path, such as `levels.0.steps.1.coupling.conv0.weight`.
pub(crate) fn collect<M: Module>(module: &M) -> BTreeMap<String, (ParamId, HostTensor)> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.parameters
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    parameters: BTreeMap<String, (ParamId, HostTensor)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let values = tensor.into_data().try_into_vec::<f32>().expect("f32");
        self.parameters.insert(self.path.join("."), (param.id, HostTensor { shape, values }));
    }
}

/// Puts values in the place of a module's parameters; all must be there and fit. `ids` gives parameters their identity
/// back, by path.
pub(crate) fn apply<M: Module>(
    module: M,
    tensors: BTreeMap<String, HostTensor>,
    ids: &BTreeMap<String, u64>,
) -> Result<M> {
    let mut applier = Applier { path: Vec::new(), tensors, ids, error: None };
    let module = module.map(&mut applier);
    match (applier.error, applier.tensors.keys().next()) {
        (Some(error), _) => Err(error),
        (None, Some(name)) => Err(Error::Weights(format!("'{name}' is no part of the model that it describes"))),
        (None, None) => Ok(module),
    }
}

struct Applier<'a> {
    path: Vec<String>,
    tensors: BTreeMap<String, HostTensor>,
    ids: &'a BTreeMap<String, u64>,
    error: Option<Error>,
}

impl ModuleMapper for Applier<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let Some(HostTensor { shape, values }) = self.tensors.remove(&name) else {
            self.error = Some(Error::Weights(format!("'{name}' is missing")));
            return param;
        };
        let old = param.val();
        if shape != old.dims() {
            let expected = old.dims();
            self.error = Some(Error::Weights(format!("'{name}' has shape {shape:?} instead of {expected:?}")));
            return param;
        }
        let value = Tensor::<D>::from_data(TensorData::new(values, shape), &old.device())
            .set_require_grad(old.is_require_grad());
        match self.ids.get(&name) {
            Some(id) => Param::initialized(ParamId::from(*id), value),
            None => param.map(|_| value),
        }
    }
}
