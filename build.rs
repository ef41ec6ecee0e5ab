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
    let git = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let commit =
        git.ok().filter(|out| out.status.success()).map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    println!("cargo::rustc-env=GLOW_COMMIT={}", commit.as_deref().unwrap_or("unknown").trim());
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
}
