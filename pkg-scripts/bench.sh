#!/usr/bin/env bash
# Times the page's packages against onnxruntime-web and TensorFlow.js in Chromium, and writes bench/results.json. Let
# nothing else run.
#   ./pkg-scripts/bench.sh [--rounds N] [--roof] [--software-webgpu] [WEIGHTS...]
# Without weights, it takes the models that the page offers. First it times each part of drawing a face on one thread, and prints
# what share it reaches of the core's peak, a loop of multiply-adds in the same browser, and what two threads make of it: --roof
# leaves it at that. --software-webgpu times WebGPU alone, on Chromium's adapter in software, by the first of them, and writes
# bench/software-webgpu.json.
source "$(dirname "$0")/setup.sh"
setup_page
debian chromium chromium
./pkg-scripts/build.sh roof
cargo build --release --quiet --package glow-native
exec node pkg-scripts/bench.mjs "$@"
