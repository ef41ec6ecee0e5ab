//! Records the commit that the program is built from, for the training facts of the weights that it makes.

use std::process::Command;

fn main() {
    println!(
        "cargo::rustc-env=GLOW_COMMIT={}",
        git(&["describe", "--always", "--dirty"]).as_deref().unwrap_or("unknown")
    );
    // Elsewhere in a second work tree.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
}

fn git(args: &[&str]) -> Option<String> {
    let out = Command::new("git").args(args).output().ok().filter(|out| out.status.success())?;
    Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}
