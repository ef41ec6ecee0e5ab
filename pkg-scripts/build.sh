#!/usr/bin/env bash
# Builds the page: a static site in dist/ that works from any path of any host.
source "$(dirname "$0")/setup.sh"
setup_web

# What rustc and wasm-bindgen use; every browser with SIMD has it.
FEATURES=(bulk-memory multivalue mutable-globals nontrapping-float-to-int reference-types sign-ext simd)

# package PROFILE CARGO_ARGUMENTS...: the wasm package of one choice of backends, in pkg/PROFILE.
package() {
    local wasm="$CARGO_TARGET_DIR/wasm32-unknown-unknown/$1/glow.wasm" out="pkg/$1"
    echo "building the package '$1'"
    cargo build --profile "$1" --target wasm32-unknown-unknown --lib "${@:2}"
    # Only for what is new. LLVM has optimised already: more than -O1 takes minutes, and compresses worse.
    sha256sum "$wasm" | cut -d ' ' -f 1 | cmp -s - "$out/source.sha256" && return
    mkdir -p "$out"
    wasm-bindgen "$wasm" --target web --out-dir "$out" --out-name glow
    wasm-opt -O1 "${FEATURES[@]/#/--enable-}" --strip-debug --strip-producers "$out/glow_bg.wasm" -o "$out/glow_bg.wasm"
    sha256sum "$wasm" | cut -d ' ' -f 1 >"$out/source.sha256"
}

package cpu --no-default-features
package gpu
node pkg-scripts/site.mjs
./pkg-scripts/size.sh
