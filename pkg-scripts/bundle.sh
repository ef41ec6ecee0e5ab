#!/usr/bin/env bash
# Builds the program to train elsewhere: one file for the CPU and, where a Vulkan driver is, the GPU.
source "$(dirname "$0")/setup.sh"
setup_native
debian xz xz-utils
cargo build --release --package glow-native --features vulkan
mkdir -p target
strip -o target/glow "$CARGO_TARGET_DIR/release/glow"
xz -9 --force --keep target/glow
ls -l target/glow target/glow.xz
