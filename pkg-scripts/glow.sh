#!/usr/bin/env bash
# Builds the program if need be, and runs it: ./pkg-scripts/glow.sh sample --out faces.png
source "$(dirname "$0")/setup.sh"
setup_native
cargo build --release --quiet --package glow-native
cd "$OLDPWD"
exec "$CARGO_TARGET_DIR/release/glow" "$@"
