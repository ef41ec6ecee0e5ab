//! The option that names a result.

use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;

use glow::error::Result;
use image::{ImageFormat, RgbImage};

use crate::{output, picture};

/// Where a result goes: a file, or standard output where it is called `-`.
#[derive(Clone)]
pub struct Output(PathBuf);

impl From<OsString> for Output {
    fn from(path: OsString) -> Self {
        Self(path.into())
    }
}

impl Output {
    /// Finds out before the work whether the result can be written.
    pub fn check(&self) -> Result<()> {
        if self.is_stdout() { Ok(()) } else { output::check(&self.0) }
    }

    /// The same for a picture. Errors also where it cannot be of the kind that its name says.
    pub fn check_picture(&self) -> Result<()> {
        self.format()?;
        self.check()
    }

    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        if self.is_stdout() { output::print(bytes) } else { output::write(&self.0, bytes) }
    }

    pub fn write_picture(&self, image: &RgbImage) -> Result<()> {
        self.write(&picture::encode(image, self.format()?)?)
    }

    fn is_stdout(&self) -> bool {
        self.0.as_os_str() == "-"
    }

    fn format(&self) -> Result<ImageFormat> {
        picture::format(&self.0)
    }
}

/// Prints lines: to standard output, or to stderr where one of the results goes there.
pub fn say<'a>(lines: impl Display, results: impl IntoIterator<Item = &'a Output>) -> Result<()> {
    if results.into_iter().any(Output::is_stdout) {
        output::note(lines);
        return Ok(());
    }
    output::say(lines)
}
