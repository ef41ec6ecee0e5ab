//! Results on the disk: nothing but the file that was asked for changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;

use glow_native::output::{check, write};
use tempfile::TempDir;

fn files(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().count()
}

#[test]
fn a_file_keeps_its_permissions() {
    let dir = TempDir::new().unwrap();
    let (old, new, plain) = (dir.path().join("old"), dir.path().join("new"), dir.path().join("plain"));
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for permissions in [0o600, 0o640, 0o666] {
        fs::write(&old, "old").unwrap();
        fs::set_permissions(&old, Permissions::from_mode(permissions)).unwrap();
        check(&old).unwrap();
        write(&old, b"new").unwrap();
        assert_eq!((mode(&old), &fs::read(&old).unwrap()[..]), (permissions, &b"new"[..]));
    }
    write(&new, b"new").unwrap();
    assert_eq!(mode(&new), mode(&plain), "as any program's file");
}

#[test]
fn links_are_followed() {
    let dir = TempDir::new().unwrap();
    let below = dir.path().join("below");
    fs::create_dir(&below).unwrap();
    for there in [true, false] {
        let (link, file) = (dir.path().join("link"), below.join("file"));
        if there {
            fs::write(&file, "old").unwrap();
        }
        symlink("below/file", &link).unwrap();
        check(&link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("below/file"));
        fs::remove_file(file).unwrap();
        fs::remove_file(link).unwrap();
    }
    let circle = dir.path().join("circle");
    symlink("circle", &circle).unwrap();
    assert!(check(&circle).is_err() && write(&circle, b"new").is_err());
    assert_eq!(fs::read_link(&circle).unwrap(), Path::new("circle"));
}

#[test]
fn a_pipe_is_written_to() {
    let dir = TempDir::new().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    check(&pipe).unwrap();
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    write(&pipe, b"through").unwrap();
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), b"through");
}

#[test]
fn a_device_stays_one() {
    let dir = TempDir::new().unwrap();
    // What /dev/null is. Only root may make one, and not everywhere.
    let device = dir.path().join("device");
    if !Command::new("mknod").arg(&device).args(["c", "1", "3"]).status().is_ok_and(|made| made.success()) {
        return eprintln!("no device could be made: not tested");
    }
    check(&device).unwrap();
    match write(&device, b"gone") {
        Err(error) => assert!(error.to_string().contains("ermission"), "it may not be opened: {error}"),
        Ok(()) => assert_eq!(fs::read(&device).unwrap(), b""),
    }
    assert!(fs::metadata(&device).unwrap().file_type().is_char_device());
}

#[test]
fn neighbours_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    for name in ["holiday.partial", "holiday.tmp"] {
        fs::write(path(name), "mine").unwrap();
    }
    // Two results of one stem at once.
    thread::scope(|scope| {
        for (name, byte) in [("holiday.onnx", 1_u8), ("holiday.png", 2)] {
            let path = path(name);
            scope.spawn(move || {
                for _ in 0..50 {
                    write(&path, &[byte; 10_000]).unwrap();
                    assert_eq!(fs::read(&path).unwrap(), [byte; 10_000]);
                }
            });
        }
    });
    let long = path(&"n".repeat(255));
    check(&long).unwrap();
    write(&long, b"long").unwrap();
    assert_eq!(fs::read(long).unwrap(), b"long");
    assert!(["holiday.partial", "holiday.tmp"].iter().all(|name| fs::read(path(name)).unwrap() == b"mine"));
    assert_eq!(files(dir.path()), 5);
}

#[test]
fn what_cannot_be_written_is_found_out_before() {
    let dir = TempDir::new().unwrap();
    let below = |name: &str| dir.path().join(name);
    fs::write(below("file"), "mine").unwrap();
    for path in [below("nowhere/x"), below("file/x"), dir.path().to_owned()] {
        let message = check(&path).unwrap_err().to_string();
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert!(write(&path, b"new").is_err());
    }
    check(&below("new")).unwrap();
    assert_eq!(files(dir.path()), 1, "nothing is left of the attempts");
}
