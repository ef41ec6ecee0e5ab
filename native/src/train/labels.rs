//! CelebA's attributes of its photographs.

use std::collections::HashMap;
use std::path::Path;

use glow::error::{Error, Result};

use super::celeba;

/// A table of attributes: 1 has it, -1 has it not, 0 unknown.
pub struct Labels {
    names: Vec<String>,
    rows: HashMap<String, Vec<i8>>,
}

impl Labels {
    /// Reads CelebA's list: a count unless it is a CSV file, the names, then a line a file.
    pub fn read(dir: &Path) -> Result<Self> {
        let (path, text) = celeba::attributes(dir)?;
        let mut lines =
            celeba::rows(&text).skip_while(|line| matches!(line[..], [count] if count.parse::<u64>().is_ok()));
        let names = lines.next().into_iter().flatten().filter(|name| *name != celeba::NAMES);
        let names: Vec<String> = names.map(str::to_owned).collect();
        let mut rows = HashMap::new();
        for line in lines {
            let row: Vec<i8> = line[1..].iter().filter_map(|label| label.parse().ok()).collect();
            if row.len() != names.len() {
                let message = format!("{}: '{}' has {} labels of {}", path.display(), line[0], row.len(), names.len());
                return Err(Error::Data(message));
            }
            rows.insert(line[0].to_owned(), row);
        }
        Ok(Self { names, rows })
    }

    /// The column of an attribute. Errors: an unknown one.
    pub fn column(&self, name: &str) -> Result<usize> {
        let unknown = || Error::Data(format!("no attribute '{name}'; there are {}", self.names.join(", ")));
        self.names.iter().position(|known| known == name).ok_or_else(unknown)
    }

    /// The labels of a file; none if it is not in the table.
    pub fn of(&self, file: &Path) -> Option<&[i8]> {
        self.rows.get(file.file_name()?.to_str()?).map(Vec::as_slice)
    }
}
