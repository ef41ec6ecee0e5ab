#!/usr/bin/env bash
# Packs the wasm packages for other pages, with types and documentation: an npm package, in pkg/library.
source "$(dirname "$0")/setup.sh"
setup_page
exec node pkg-scripts/library.mjs
