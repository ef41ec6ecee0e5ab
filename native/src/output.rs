//! What the program leaves: files, and lines on its terminal. Native only.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use glow::error::{Error, Result};

/// Writes a file whole or not at all: a new one beside it, which gets its permissions, takes its place. Links are followed,
/// and what is no file, such as a device or a pipe, is written to.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        if is_special(path) {
            return File::options().write(true).open(path)?.write_all(bytes);
        }
        let path = target(path)?;
        let folder = folder(&path);
        // Made as every file is, and so with the permissions that the user gives to new ones.
        let create = |path: &Path| File::options().write(true).create_new(true).open(path);
        let mut file = tempfile::Builder::new().make_in(folder, create)?;
        file.write_all(bytes)?;
        if let Ok(old) = fs::metadata(&path) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(Error::io(path))
}

/// Finds out whether [`write()`] will be able to, before the work.
pub fn check(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() {
        let nameless = io::Error::new(io::ErrorKind::InvalidInput, "a file needs a name");
        return Err(Error::io(Path::new("--out"))(nameless));
    }
    let check = || {
        if is_special(path) {
            return Ok(());
        }
        let path = target(path)?;
        if path.exists() {
            File::options().write(true).open(&path)?;
        }
        // It has no name, and is gone at once.
        tempfile::tempfile_in(folder(&path)).map(drop)
    };
    check().map_err(Error::io(path))
}

/// Whether there is something that is neither file nor folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Where links lead to, also if there is no file yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    match (fs::canonicalize(path), fs::read_link(path)) {
        (Err(error), Ok(link)) if error.kind() == ErrorKind::NotFound => target(&folder(path).join(link)),
        (Err(error), Err(_)) if error.kind() == ErrorKind::NotFound => Ok(path.to_owned()),
        (found, _) => found,
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes to standard output. Who closed it, as `head` does, has read enough.
pub fn print(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io(Path::new("standard output"))(error)),
        _ => Ok(()),
    }
}

/// Prints a line to standard output.
pub fn say(line: impl Display) -> Result<()> {
    print(format!("{line}\n").as_bytes())
}

/// Whether other processes say already what this one would.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints a line to stderr. Nothing is left to be done if nobody can read it.
pub fn note(line: impl Display) {
    if !QUIET.load(Ordering::Relaxed) {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Lets [`note`] say nothing any more, or something again.
pub fn be_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}
