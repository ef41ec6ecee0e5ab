//! The one error type of the crate: each message is a sentence that says what is wrong and what to do.

use std::path::{Path, PathBuf};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A configuration makes no model.
    #[error("configuration: {0}")]
    Config(String),
    /// A weights or latents file is damaged or not one of ours.
    #[error("not a usable model file: {0}")]
    Weights(String),
    /// An image could not be used.
    #[error("image: {0}")]
    Image(String),
    /// A data set could not be used.
    #[error("data: {0}")]
    Data(String),
    /// The asked-for device is not there.
    #[error("device: {0}")]
    Device(String),
    /// Training cannot go on.
    #[error("training stopped: {0}")]
    Training(String),
}

impl Error {
    /// Attaches the path to a system error; for `map_err`.
    pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}
