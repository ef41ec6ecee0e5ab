//! Safetensors files that say of themselves what they are: JSON under a key of their `__metadata__`. See
//! <https://huggingface.co/docs/safetensors>.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use half::f16;
use safetensors::serialize;
use safetensors::tensor::{Dtype, Metadata, TensorInfo, View};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// Number format of the stored weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Half: to ship.
    F16,
    /// Single: to go on training.
    F32,
}

/// CRC-32 of what a file of these tensors has behind its header.
pub fn checksum(tensors: &BTreeMap<String, RawTensor>) -> u32 {
    let mut crc32 = crc32fast::Hasher::new();
    tensors.values().for_each(|tensor| crc32.update(&tensor.bytes));
    crc32.finalize()
}

/// Tensors as a file, with JSON under `key` of the metadata.
pub fn write(tensors: BTreeMap<String, RawTensor>, key: &str, header: &impl Serialize) -> Vec<u8> {
    let header = serde_json::to_string(header).expect("a header is plain data");
    serialize(tensors, Some(HashMap::from([(key.to_owned(), header)]))).expect("a valid file")
}

/// A file that is read.
pub struct TensorFile<'a> {
    metadata: Metadata,
    data: &'a [u8],
}

impl<'a> TensorFile<'a> {
    /// Errors: it is damaged, or of another kind.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (length, rest) = bytes.split_first_chunk().ok_or_else(cut_off)?;
        let (header, data) = rest.split_at_checked(header_length(*length)?).ok_or_else(cut_off)?;
        let metadata = metadata(header)?;
        match metadata.data_len() == data.len() {
            true => Ok(Self { metadata, data }),
            false => Err(damaged("its length is not what it says")),
        }
    }

    /// The JSON under `key` of its metadata.
    pub fn about<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        about(&self.metadata, key)
    }

    /// Names of its tensors.
    pub fn names(&self) -> Vec<String> {
        self.metadata.offset_keys()
    }

    /// A tensor as it stands there, if there is one of this name.
    pub fn bytes(&self, name: &str) -> Option<&'a [u8]> {
        let (start, end) = self.metadata.info(name)?.data_offsets;
        Some(&self.data[start..end])
    }

    /// A tensor. Errors: it is missing, of another type than F16 and F32, or holds values that are not finite.
    pub fn tensor(&self, name: &str) -> Result<HostTensor> {
        match (self.metadata.info(name), self.bytes(name)) {
            (Some(info), Some(bytes)) => decode(name, info, bytes),
            _ => Err(Error::Weights(format!("'{name}' is missing"))),
        }
    }
}

/// The bytes of a header, of the first eight of its file.
pub(crate) fn header_length(length: [u8; 8]) -> Result<usize> {
    usize::try_from(u64::from_le_bytes(length)).map_err(damaged)
}

/// What a header says.
pub(crate) fn metadata(header: &[u8]) -> Result<Metadata> {
    let json = str::from_utf8(header).map_err(damaged)?;
    serde_json::from_str(json).map_err(damaged)
}

/// The JSON under `key`.
pub(crate) fn about<T: DeserializeOwned>(metadata: &Metadata, key: &str) -> Result<T> {
    let json = metadata.metadata().as_ref().and_then(|map| map.get(key));
    let json =
        json.ok_or_else(|| Error::Weights(format!("a safetensors file, but without the '{key}' of this kind")))?;
    serde_json::from_str(json).map_err(damaged)
}

pub(crate) fn cut_off() -> Error {
    damaged("it is cut off")
}

pub(crate) fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Weights(format!("the file is damaged or of another kind ({error}); get it again"))
}

/// A tensor on the host.
#[derive(Clone, Debug)]
pub struct HostTensor {
    /// Sizes of its dimensions.
    pub shape: Vec<usize>,
    /// Row by row.
    pub values: Vec<f32>,
}

impl HostTensor {
    /// As it stands in a file of this precision.
    pub fn encode(self, precision: Precision) -> RawTensor {
        let Self { shape, values } = self;
        let (dtype, bytes) = match precision {
            Precision::F16 => (Dtype::F16, values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect()),
            Precision::F32 => (Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        };
        RawTensor { dtype, shape, bytes }
    }
}

/// A tensor as it stands in a file.
pub struct RawTensor {
    /// Of a value.
    pub dtype: Dtype,
    /// Sizes of its dimensions.
    pub shape: Vec<usize>,
    /// Little-endian values, row by row.
    pub bytes: Vec<u8>,
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

/// The values of a tensor.
pub(crate) fn decode(name: &str, info: &TensorInfo, bytes: &[u8]) -> Result<HostTensor> {
    let values: Vec<f32> = match info.dtype {
        Dtype::F16 => bytes.as_chunks().0.iter().map(|&b| widen(u16::from_le_bytes(b))).collect(),
        Dtype::F32 => bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        other => {
            return Err(Error::Weights(format!("'{name}' is of type {other:?}; F16 and F32 are read")));
        }
    };
    if values.iter().any(|v| !v.is_finite()) {
        return Err(Error::Weights(format!("'{name}' holds values that are not finite")));
    }
    Ok(HostTensor { shape: info.shape.clone(), values })
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
