//! CelebA's attributes of its photographs.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// A table of attributes: 1 has it, -1 has it not, 0 unknown.
pub struct Labels {
    names: Vec<String>,
    rows: HashMap<String, Vec<i8>>,
}

impl Labels {
    /// Reads `list_attr.txt` or `list_attr_celeba.txt`: a count, the names, then a line a file.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = ["list_attr.txt", "list_attr_celeba.txt"].map(|name| dir.join(name));
        let path = path.iter().find(|path| path.is_file()).unwrap_or(&path[0]);
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        let mut lines = text.lines().skip(1).map(str::split_whitespace);
        let names: Vec<String> = lines.next().into_iter().flatten().map(str::to_owned).collect();
        let mut rows = HashMap::new();
        for mut line in lines {
            let file = line.next().unwrap_or_default();
            let row: Vec<i8> = line.filter_map(|label| label.parse().ok()).collect();
            if row.len() != names.len() {
                let message = format!("{}: '{file}' has {} labels of {}", path.display(), row.len(), names.len());
                return Err(Error::Data(message));
            }
            rows.insert(file.to_owned(), row);
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
