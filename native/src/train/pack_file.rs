//! The files of a packed data set: its images at one size and depth, as lossless WebP sheets in safetensors files `0.pack`,
//! `1.pack`, ... of one folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use glow::error::{Error, Result};
use glow::tensor_file::TensorFile;
use image::ImageFormat;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Part;

/// The key of a pack's metadata.
pub(super) const KEY: &str = "glow-pack";

/// What a file of a pack says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) pack: Pack,
    /// Which of its files this is.
    pub(super) number: usize,
    /// CRC-32 of all the rest: see [`checksum`].
    pub(super) crc32: u32,
}

/// What all files of a pack have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pack {
    pub(super) size: usize,
    pub(super) bits: u32,
    pub(super) files: usize,
    /// CRC-32 of the files' checksums: tells packs apart.
    pub(super) crc32: u32,
}

/// CRC-32 of what a file says of its pack and of itself, and of its sheets with their names.
pub(super) fn checksum<'a>(pack: &Pack, number: usize, sheets: impl Iterator<Item = (&'a str, &'a [u8])>) -> u32 {
    let mut crc32 = crc32fast::Hasher::new();
    crc32.update(format!("{pack:?} {number}").as_bytes());
    for (name, sheet) in sheets {
        crc32.update(format!(" {name} {}", sheet.len()).as_bytes());
        crc32.update(sheet);
    }
    crc32.finalize()
}

/// The files of a pack in `dir`, if it has any.
pub(super) fn find_packs(dir: &Path) -> Result<Vec<PathBuf>> {
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
        let parsed = TensorFile::parse(&file).map_err(|error| refuse(error.to_string()))?;
        let header: Header = parsed.about(KEY).map_err(|error| refuse(error.to_string()))?;
        // By name, as they were written.
        let sheet = |name: String| parsed.bytes(&name).map(|sheet| (name, sheet));
        let own: BTreeMap<_, _> = parsed.names().into_iter().filter_map(sheet).collect();
        if header.crc32 != checksum(&header.pack, header.number, own.iter().map(|(name, sheet)| (&name[..], *sheet))) {
            return Err(refuse("its checksum does not match; get it again".into()));
        }
        if header.pack.size != size {
            return Err(refuse(format!("it holds images of {} pixels, not {size}", header.pack.size)));
        }
        sheets.extend(own.into_iter().map(|(name, sheet)| (name, sheet.to_vec())));
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

pub(super) fn name(part: Part, sheet: usize) -> String {
    format!("{part:?}.{sheet}")
}

fn decode(sheet: &[u8], bits: u32) -> Result<Vec<u8>> {
    let image = image::load(Cursor::new(sheet), ImageFormat::WebP).map_err(|error| Error::Data(error.to_string()))?;
    Ok(image.into_rgb8().into_raw().into_iter().map(|v| v << (8 - bits)).collect())
}
