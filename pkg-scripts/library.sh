#!/usr/bin/env bash
# Packs the wasm packages for other pages, with types and documentation: an npm package, in pkg/library.
source "$(dirname "$0")/setup.sh"
setup_web
[ -f pkg/gpu/source.sha256 ] || ./pkg-scripts/build.sh
exec node pkg-scripts/library.mjs
