//! CelebA's files as its authors lay them out (`Anno`, `Eval`, `Img`), as Kaggle does (lists as CSV), or all in one folder.

use std::fs;
use std::path::{Path, PathBuf};

use glow::error::{Error, Result};

use super::Part;

const PARTITIONS: [&str; 3] = ["list_eval_partition.txt", "Eval/list_eval_partition.txt", "list_eval_partition.csv"];
const ATTRIBUTES: [&str; 4] =
    ["list_attr.txt", "list_attr_celeba.txt", "Anno/list_attr_celeba.txt", "list_attr_celeba.csv"];
/// What the first column of a CSV file is called.
pub const NAMES: &str = "image_id";
/// Kaggle's is within another of its name.
const ALIGNED: [&str; 3] = ["img_align_celeba/img_align_celeba", "img_align_celeba", "Img/img_align_celeba"];

/// Whether a folder is CelebA by any of its files: one without a partition is not just a folder of images.
pub fn is_celeba(dir: &Path) -> bool {
    let lists = PARTITIONS.iter().chain(&ATTRIBUTES);
    lists.chain(&ALIGNED).any(|name| dir.join(name).exists()) || dir.ends_with("img_align_celeba")
}

/// The photographs of a part. Errors: no partition, or a line of it that names no part.
pub fn photographs(dir: &Path, part: Part) -> Result<Vec<PathBuf>> {
    let list = find(dir, &PARTITIONS)?;
    let folders = ["images"].into_iter().chain(ALIGNED).map(|name| dir.join(name));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap_or(dir.to_owned());
    let mut photographs = Vec::new();
    // A CSV file begins with the names of its columns.
    for line in rows(&read(&list)?).skip_while(|line| line[0] == NAMES) {
        let of = match line[1..] {
            ["0"] => Part::Train,
            ["1"] => Part::Validation,
            ["2"] => Part::Test,
            _ => {
                let message = format!("{}: '{}' is of no part 0, 1 or 2", list.display(), line.join(" "));
                return Err(Error::Data(message));
            }
        };
        if of == part {
            photographs.push(folder.join(line[0]));
        }
    }
    Ok(photographs)
}

/// The list of attributes: its path, and what it says.
pub fn attributes(dir: &Path) -> Result<(PathBuf, String)> {
    let list = find(dir, &ATTRIBUTES)?;
    let text = read(&list)?;
    Ok((list, text))
}

/// The fields of every line that has some, separated by blanks or commas.
pub fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let split = |line| -> Vec<&str> { str::split(line, [' ', '\t', ',']).filter(|field| !field.is_empty()).collect() };
    text.lines().map(split).filter(|fields| !fields.is_empty())
}

fn find(dir: &Path, names: &[&str]) -> Result<PathBuf> {
    let missing = || Error::Data(format!("{} has no {}, which CelebA comes with", dir.display(), names.join(" or ")));
    names.iter().map(|name| dir.join(name)).find(|path| path.is_file()).ok_or_else(missing)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::io(path))
}
