//! A data set in few bytes, to train elsewhere: its images at one size and depth, as lossless WebP sheets in safetensors
//! files `0.pack`, `1.pack`, ... of one folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageFormat};
use rayon::prelude::*;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use super::data::{Images, Part};
use crate::error::{Error, Result};
use crate::output;
use crate::weights::{self, RawTensor};

/// The key of a pack's metadata.
const KEY: &str = "glow-pack";
/// Images of a sheet at most, which are one above the other.
const SHEET: usize = 128;
/// Pixels of WebP's longest side.
const SIDE: usize = 16_383;

/// What a file of a pack says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    pack: Pack,
    /// Which of its files this is.
    number: usize,
    /// CRC-32 of all the rest: see [`checksum`].
    crc32: u32,
}

/// What all files of a pack have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pack {
    size: usize,
    bits: u32,
    files: usize,
    /// CRC-32 of the files' checksums: tells packs apart.
    crc32: u32,
}

/// Writes every part of the data set in `data`, at `size` and its upper `bits`, into files of at most `part_bytes` in the
/// folder `out`; returns their sizes in bytes.
pub fn pack(data: &Path, size: usize, bits: u32, part_bytes: usize, out: &Path) -> Result<Vec<usize>> {
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let path = |number| out.join(format!("{number}.pack"));
    output::check(&path(0))?;
    if let Some(old) = packs(out)?.first() {
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
    let checksums: Vec<u32> = files.iter().map(weights::checksum).collect();
    let all = checksums.iter().flat_map(|crc32| crc32.to_le_bytes()).collect::<Vec<_>>();
    let pack = Pack { size, bits, files: files.len(), crc32: crc32fast::hash(&all) };
    let write = |(number, sheets): (usize, BTreeMap<String, RawTensor>)| {
        let named = sheets.iter().map(|(name, sheet)| (&name[..], &sheet.bytes[..]));
        let header = Header { crc32: checksum(&pack, number, named), pack: pack.clone(), number };
        let bytes = weights::write(sheets, KEY, &header);
        output::write(&path(number), &bytes)?;
        Ok(bytes.len())
    };
    files.into_iter().enumerate().map(write).collect()
}

/// CRC-32 of what a file says of its pack and of itself, and of its sheets with their names.
fn checksum<'a>(pack: &Pack, number: usize, sheets: impl Iterator<Item = (&'a str, &'a [u8])>) -> u32 {
    let mut crc32 = crc32fast::Hasher::new();
    crc32.update(format!("{pack:?} {number}").as_bytes());
    for (name, sheet) in sheets {
        crc32.update(format!(" {name} {}", sheet.len()).as_bytes());
        crc32.update(sheet);
    }
    crc32.finalize()
}

/// The files of a pack in `dir`, if it has any.
pub(super) fn packs(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(Error::io(dir))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(Error::io(dir))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pack"));
    paths.sort();
    Ok(paths)
}

/// Reads a part of the pack in `dir`: its images, flattened, whose lower bits are 0, and how many bits are left. Errors: a
/// file that is damaged, missing, or of another pack.
pub(super) fn unpack(dir: &Path, files: &[PathBuf], part: Part, size: usize) -> Result<(Vec<u8>, u32)> {
    let mut sheets = BTreeMap::new();
    let mut found = BTreeMap::new();
    for path in files {
        let refuse = |why: String| Error::Data(format!("{}: {why}", path.display()));
        let file = fs::read(path).map_err(Error::io(path))?;
        let header: Header = weights::metadata(&file, KEY).map_err(|error| refuse(error.to_string()))?;
        let parsed = weights::parse(&file)?;
        // By name, as they were written.
        let own: BTreeMap<_, _> = parsed.iter().map(|(name, sheet)| (name, sheet.data())).collect();
        if header.crc32 != checksum(&header.pack, header.number, own.iter().map(|(name, sheet)| (*name, *sheet))) {
            return Err(refuse("its checksum does not match; get it again".into()));
        }
        if header.pack.size != size {
            return Err(refuse(format!("it holds images of {} pixels, not {size}", header.pack.size)));
        }
        sheets.extend(own.into_iter().map(|(name, sheet)| (name.to_owned(), sheet.to_vec())));
        if !(1..=8).contains(&header.pack.bits) {
            return Err(refuse(format!("no value has {} bits", header.pack.bits)));
        }
        let others = found.values().any(|pack| *pack != header.pack);
        if others || found.insert(header.number, header.pack).is_some() {
            return Err(refuse("it does not belong to the other files of the pack".into()));
        }
    }
    let Pack { bits, files, .. } = found.values().next().expect("a pack has a file").clone();
    if let Some(missing) = (0..files).find(|number| !found.contains_key(number)) {
        return Err(Error::Data(format!("{}: {missing}.pack of {files} is missing", dir.display())));
    }
    let of_part: Vec<_> = (0..).map_while(|i| sheets.get(&name(part, i))).collect();
    let decoded: Vec<_> = of_part.par_iter().map(|sheet| decode(sheet, bits)).collect();
    Ok((decoded.into_iter().collect::<Result<Vec<_>>>()?.concat(), bits))
}

fn name(part: Part, sheet: usize) -> String {
    format!("{part:?}.{sheet}")
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

fn decode(sheet: &[u8], bits: u32) -> Result<Vec<u8>> {
    let image = image::load(Cursor::new(sheet), ImageFormat::WebP).map_err(|error| Error::Data(error.to_string()))?;
    Ok(image.into_rgb8().into_raw().into_iter().map(|v| v << (8 - bits)).collect())
}
