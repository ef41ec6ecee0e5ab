//! Data sets in memory: CelebA as it is downloaded, CIFAR-10's binary files, any folder of images, or a pack of one.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use glow::config::{CHANNELS, GlowConfig};
use glow::error::{Error, Result};
use image::{ImageFormat, RgbImage};
use rayon::prelude::*;

use super::Part;
use super::celeba::{is_celeba, photographs};
use super::pack_file::{find_packs, unpack};
use crate::picture::{box_scale, read_image};

/// Images of one size in memory, 8-bit RGB.
#[derive(Clone, Debug)]
pub struct Images {
    size: usize,
    bytes: Vec<u8>,
    /// Upper bits of a value that are meant; packs may keep fewer than 8.
    bits: u32,
    /// Files that could not be read, each with the reason.
    pub unreadable: Vec<String>,
}

impl Images {
    /// Reads a part of the data set in `dir`, scaled to `size` with a box filter.
    ///
    /// - with `*.pack`: what `glow pack` made of a data set
    /// - with CelebA's lists or folders: CelebA, by its partition; photographs of 178x218 give their central 148x148
    /// - with `data_batch_1.bin`: CIFAR-10; the last 1,000 training images are the validation part
    /// - else all pictures below it; every 20th, by name, is for validation and the next one for test
    ///
    /// Files that cannot be read are passed over and listed, and so are links that lead nowhere or in a circle. Errors: a
    /// folder that cannot be read, or has no image of that part.
    pub fn read(dir: &Path, part: Part, size: usize) -> Result<Self> {
        let packs = find_packs(dir)?;
        let images = if !packs.is_empty() {
            let (bytes, bits) = unpack(dir, &packs, part, size)?;
            Self { size, bytes, bits, unreadable: Vec::new() }
        } else if is_celeba(dir) {
            Self::decode(&photographs(dir, part)?, Vec::new(), size)
        } else if dir.join("data_batch_1.bin").is_file() {
            cifar10(dir, part, size)?
        } else {
            let (files, unreadable) = folder(dir, part)?;
            Self::decode(&files, unreadable, size)
        };
        if images.is_empty() {
            let reason = images.unreadable.first().map(|file| format!(" ({file})")).unwrap_or_default();
            return Err(Error::Data(format!("no {part:?} image could be read in {}{reason}", dir.display())));
        }
        Ok(images)
    }

    /// [`Images::read`] for a model. Errors also where the data has fewer bits than the model.
    pub fn of(config: &GlowConfig, dir: &Path, part: Part) -> Result<Self> {
        let images = Self::read(dir, part, config.size)?;
        match images.bits >= config.bits {
            true => Ok(images),
            false => {
                let message = format!("{} keeps {} bits, the model has {}", dir.display(), images.bits, config.bits);
                Err(Error::Data(message))
            }
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.stride()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Image `i`, `size * size * 3` bytes, row by row.
    pub fn get(&self, i: usize) -> &[u8] {
        &self.bytes[i * self.stride()..][..self.stride()]
    }

    /// Tells apart what a model of so many bits sees of data sets: a pack is the folder that it was made of.
    pub fn checksum(&self, bits: u32) -> u32 {
        let mut crc32 = crc32fast::Hasher::new();
        for bytes in self.bytes.chunks(1 << 16) {
            crc32.update(&bytes.iter().map(|v| v >> (8 - bits)).collect::<Vec<_>>());
        }
        crc32.finalize()
    }

    /// All images in runs of up to `count`, flattened.
    pub fn batches(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(count * self.stride())
    }

    fn stride(&self) -> usize {
        self.size * self.size * CHANNELS
    }

    fn decode(files: &[PathBuf], unreadable: Vec<String>, size: usize) -> Self {
        let decoded: Vec<_> = files.par_iter().map(|file| read_image(file, size)).collect();
        let mut images = Self { size, bytes: Vec::new(), bits: 8, unreadable };
        for image in decoded {
            match image {
                Ok(image) => images.bytes.extend_from_slice(&image),
                Err(error) => images.unreadable.push(error.to_string()),
            }
        }
        images
    }
}

/// Every how many files one is for validation, and one for test.
const EVERY: usize = 20;

/// The pictures of a part of a folder, and what could not be looked into.
fn folder(dir: &Path, part: Part) -> Result<(Vec<PathBuf>, Vec<String>)> {
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for entry in walkdir::WalkDir::new(dir).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_picture(entry.path()) => files.push(entry.into_path()),
            Ok(_) => {}
            Err(error) if error.depth() == 0 => return Err(Error::Data(error.to_string())),
            Err(error) => unreadable.push(error.to_string()),
        }
    }
    let of = |i: usize| match i % EVERY {
        18 => Part::Validation,
        19 => Part::Test,
        _ => Part::Train,
    };
    let all = files.len();
    let files: Vec<_> = files.into_iter().enumerate().filter(|(i, _)| of(*i) == part).map(|(_, file)| file).collect();
    if files.is_empty() {
        let message = format!("no {part:?} image could be read in {}: it has {all} images", dir.display());
        return Err(Error::Data(format!("{message}, and {EVERY} are needed to have some of every part")));
    }
    Ok((files, unreadable))
}

/// By its name or, without a picture's name, by its content.
fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let mut sniff = || File::open(path)?.take(64).read_to_end(&mut start);
    ImageFormat::from_path(path).is_ok() || sniff().is_ok() && image::guess_format(&start).is_ok()
}

/// Records of a label and 3072 bytes, plane by plane (<https://www.cs.toronto.edu/~kriz/cifar.html>).
fn cifar10(dir: &Path, part: Part, size: usize) -> Result<Images> {
    let mut names: Vec<String> = (1..=5).map(|i| format!("data_batch_{i}.bin")).collect();
    if part == Part::Test {
        names = vec!["test_batch.bin".into()];
    }
    let mut images = Images { size, bytes: Vec::new(), bits: 8, unreadable: Vec::new() };
    for name in names {
        let path = dir.join(name);
        let file = fs::read(&path).map_err(Error::io(&path))?;
        let records = file.chunks_exact(1 + 3072);
        if !records.remainder().is_empty() {
            images.unreadable.push(format!("{}: the last record is cut off", path.display()));
        }
        for record in records {
            let planes = &record[1..];
            let image = RgbImage::from_fn(32, 32, |x, y| {
                let at = (y * 32 + x) as usize;
                image::Rgb([planes[at], planes[1024 + at], planes[2048 + at]])
            });
            images.bytes.extend_from_slice(&box_scale(&image, size));
        }
    }
    let held_out = images.bytes.len().saturating_sub(1000 * images.stride());
    match part {
        Part::Train => images.bytes.truncate(held_out),
        Part::Validation => drop(images.bytes.drain(..held_out)),
        Part::Test => {}
    }
    Ok(images)
}
