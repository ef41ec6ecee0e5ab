//! Records the commit that the program is built from, for the training facts of the weights that it makes, and names the
//! builds that can compute on a GPU.

use std::env::var;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(gpu)");
    let browser = var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    let feature = |name| var(format!("CARGO_FEATURE_{name}")).is_ok();
    if feature(if browser { "WEBGPU" } else { "WGPU" }) {
        println!("cargo::rustc-cfg=gpu");
    }
    if browser {
        return;
    }
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
