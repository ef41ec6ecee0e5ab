#!/usr/bin/env bash
# Every check: format, lints and types, documentation, and the tests of the library, of the wasm package and of the page.
source "$(dirname "$0")/setup.sh"
setup_vulkan
setup_mpi

cargo fmt --all --check
cargo clippy --release --workspace --all-targets --all-features -- -D warnings
cargo clippy --lib --test web --target wasm32-unknown-unknown -- -D warnings
cargo clippy --lib --no-default-features --features roof --target wasm32-unknown-unknown -- -D warnings
cargo clippy --lib --package glow-eyes --target wasm32-unknown-unknown -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps --lib
node --test tests/docs.test.mjs tests/modules.test.mjs

cargo test --release --workspace --tests --features glow-native/wgpu,glow-native/mpi
# With the weights in f16, too.
VK_DRIVER_FILES=$(ls /usr/share/vulkan/icd.d/lvp_icd*.json) \
    cargo test --release --workspace --test gpu --features glow-native/wgpu,glow-native/mpi
cargo test --release --workspace --doc --features glow-native/wgpu,glow-native/mpi
wasm-pack test --headless --chrome
./pkg-scripts/build.sh
npm run --silent check
# What hangs is ended, and told, while there is time for the others.
node --test --test-concurrency=1 --test-timeout=1500000 tests/e2e/*.test.mjs
