//! A data set in few bytes, to train elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use glow::error::{Error, Result};
use glow::tensor_file::{self, RawTensor};
use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::Part;
use super::data::Images;
use super::pack_file::{Header, KEY, Pack, checksum, find_packs, name};
use crate::output;

/// Images of a sheet at most, which are one above the other.
const SHEET: usize = 128;
/// Pixels of WebP's longest side.
const SIDE: usize = 16_383;

/// Writes every part of the data set in `data`, at `size` and its upper `bits`, into files of at most `part_bytes` in the
/// folder `out`; returns their sizes in bytes.
pub fn pack(data: &Path, size: usize, bits: u32, part_bytes: usize, out: &Path) -> Result<Vec<usize>> {
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let path = |number| out.join(format!("{number}.pack"));
    output::check(&path(0))?;
    if let Some(old) = find_packs(out)?.first() {
        return Err(Error::Data(format!("{} is there already; give another folder", old.display())));
    }
    let mut files = vec![BTreeMap::new()];
    let mut filled = 0;
    for part in Part::ALL {
        let images = Images::read(data, part, size)?;
        let sheets: Vec<_> = images.batches(SHEET.min(SIDE / size)).collect();
        let sheets: Vec<_> = sheets.par_iter().map(|sheet| encode(sheet, size, bits)).collect();
        for (i, sheet) in sheets.into_iter().enumerate() {
            let sheet = sheet?;
            if filled + sheet.len() > part_bytes && filled > 0 {
                files.push(BTreeMap::new());
                filled = 0;
            }
            filled += sheet.len();
            let tensor = RawTensor { dtype: Dtype::U8, shape: vec![sheet.len()], bytes: sheet };
            files.last_mut().expect("there is always one").insert(name(part, i), tensor);
        }
    }
    let checksums: Vec<u32> = files.iter().map(tensor_file::checksum).collect();
    let all = checksums.iter().flat_map(|crc32| crc32.to_le_bytes()).collect::<Vec<_>>();
    let pack = Pack { size, bits, files: files.len(), crc32: crc32fast::hash(&all) };
    let write = |(number, sheets): (usize, BTreeMap<String, RawTensor>)| {
        let named = sheets.iter().map(|(name, sheet)| (&name[..], &sheet.bytes[..]));
        let header = Header { crc32: checksum(&pack, number, named), pack: pack.clone(), number };
        let bytes = tensor_file::write(sheets, KEY, &header);
        output::write(&path(number), &bytes)?;
        Ok(bytes.len())
    };
    files.into_iter().enumerate().map(write).collect()
}

fn encode(rgb: &[u8], size: usize, bits: u32) -> Result<Vec<u8>> {
    let upper: Vec<u8> = rgb.iter().map(|v| v >> (8 - bits)).collect();
    let mut bytes = Vec::new();
    let height = rgb.len() / (3 * size);
    WebPEncoder::new_lossless(&mut bytes)
        .encode(&upper, size as u32, height as u32, ExtendedColorType::Rgb8)
        .map_err(|error| Error::Image(error.to_string()))?;
    Ok(bytes)
}
