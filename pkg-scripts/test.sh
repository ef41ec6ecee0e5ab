#!/usr/bin/env bash
# Every check: format, lints, the GPU features and the wasm build of the library, documentation, tests.
source "$(dirname "$0")/setup.sh"
cargo fmt --check
cargo clippy --release --all-targets --all-features -- -D warnings
cargo clippy --release --lib --target wasm32-unknown-unknown -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --lib
cargo test --release --tests
