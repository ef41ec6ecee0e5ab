//! Records the commit that the program is built from, for the training facts of the weights that it makes.

use std::process::Command;

fn main() {
    let git = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let commit =
        git.ok().filter(|out| out.status.success()).map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    println!("cargo::rustc-env=GLOW_COMMIT={}", commit.as_deref().unwrap_or("unknown").trim());
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
}
