//! A safetensors file that comes in parts: each tensor is read as soon as it is there, while the rest is on its way.

use std::collections::BTreeMap;
use std::mem::take;
use std::vec::IntoIter;

use safetensors::tensor::Metadata;

use crate::error::Result;
use crate::tensor_file::{HostTensor, cut_off, damaged, decode, header_length, metadata};

/// A file on its way. It holds what it has read, and less than a tensor of what it has not.
pub struct TensorStream {
    next: Result<Next>,
    /// The beginning of what is next.
    begun: Vec<u8>,
    crc32: crc32fast::Hasher,
    tensors: Result<BTreeMap<String, HostTensor>>,
}

/// What comes next.
enum Next {
    /// How long the header is.
    Length,
    /// The header, of so many bytes.
    Header(usize),
    /// The values of the tensors that are left.
    Tensors(Metadata, IntoIter<String>),
}

/// A file that has come.
pub(crate) struct Whole {
    pub metadata: Metadata,
    /// CRC-32 of all behind the header.
    pub crc32: u32,
    /// Or what is wrong with one of them.
    pub tensors: Result<BTreeMap<String, HostTensor>>,
}

impl Default for TensorStream {
    fn default() -> Self {
        let crc32 = crc32fast::Hasher::new();
        Self { next: Ok(Next::Length), begun: Vec::new(), crc32, tensors: Ok(BTreeMap::new()) }
    }
}

impl TensorStream {
    /// Takes the next bytes, however many. What is wrong with them is said when the file is asked for.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while let Some(length) = self.length() {
            let Some((rest, later)) = bytes.split_at_checked(length - self.begun.len()) else {
                return self.begun.extend(bytes);
            };
            bytes = later;
            if self.begun.is_empty() {
                self.read(rest);
            } else {
                let mut all = take(&mut self.begun);
                all.extend(rest);
                self.read(&all);
                // Its memory serves again.
                all.clear();
                self.begun = all;
            }
        }
        if self.next.is_ok() && !bytes.is_empty() {
            self.next = Err(damaged("it goes on behind its end"));
        }
    }

    /// Bytes of what is next, if there is more to come.
    fn length(&self) -> Option<usize> {
        match self.next.as_ref().ok()? {
            Next::Length => Some(size_of::<u64>()),
            Next::Header(length) => Some(*length),
            Next::Tensors(metadata, names) => {
                let (start, end) = metadata.info(names.as_slice().first()?)?.data_offsets;
                Some(end - start)
            }
        }
    }

    /// Reads what is next.
    fn read(&mut self, bytes: &[u8]) {
        match &mut self.next {
            Ok(Next::Length) => {
                let length = bytes.try_into().expect("as many as were waited for");
                self.next = header_length(length).map(Next::Header);
            }
            Ok(Next::Header(_)) => {
                self.next = metadata(bytes).map(|metadata| {
                    let names = metadata.offset_keys().into_iter();
                    Next::Tensors(metadata, names)
                });
            }
            Ok(Next::Tensors(metadata, names)) => {
                self.crc32.update(bytes);
                let (Some(name), Ok(tensors)) = (names.next(), &mut self.tensors) else { return };
                let tensor = metadata.info(&name).map(|info| decode(&name, info, bytes));
                match tensor.expect("it has a length") {
                    Ok(tensor) => drop(tensors.insert(name, tensor)),
                    Err(error) => self.tensors = Err(error),
                }
            }
            Err(_) => {}
        }
    }

    /// The file, once all of it has come. Errors: it is damaged, or of another kind.
    pub(crate) fn whole(self) -> Result<Whole> {
        let Self { next, crc32, tensors, .. } = self;
        match next? {
            Next::Tensors(metadata, names) if names.as_slice().is_empty() => {
                Ok(Whole { metadata, crc32: crc32.finalize(), tensors })
            }
            _ => Err(cut_off()),
        }
    }
}
