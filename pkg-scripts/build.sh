#!/usr/bin/env bash
# Builds the page: a static site in dist/ that works from any path of any host. Only the picture that shared links are shown with
# has to be told where that will be: GLOW_URL=https://example.org/glow/ ./pkg-scripts/build.sh
# With names of packages it builds those alone, and the page does without what is not there: ./pkg-scripts/build.sh cpu
source "$(dirname "$0")/setup.sh"
setup_web

# What rustc and wasm-bindgen use; every browser with SIMD has it, but for relaxed SIMD and threads.
FEATURES=(bulk-memory multivalue mutable-globals nontrapping-float-to-int reference-types relaxed-simd
    sign-ext simd threads)

# A memory of 1 GiB at most that workers share, and what wasm-bindgen gives each of them a stack and variables by.
SHARED=(--shared-memory --import-memory --max-memory=1073741824 --export=__wasm_init_tls --export=__tls_size
    --export=__tls_align --export=__tls_base)

# For the packages of browsers that have it: the fused multiply-add.
RELAXED=(-- -C target-feature=+relaxed-simd)

# package NAME LIBRARY PROFILE CARGO_ARGUMENTS...: a wasm package, in pkg/NAME.
package() {
    local wasm="$CARGO_TARGET_DIR/wasm32-unknown-unknown/$3/$2.wasm" out="pkg/$1"
    echo "building the package '$1'"
    cargo rustc --profile "$3" --target wasm32-unknown-unknown --lib "${@:4}"
    # Only for what is new. LLVM has optimised already: more than -O1 takes minutes, and compresses worse. At the bottom of the
    # memory is the stack's end, so that constants may go into the addresses of loads.
    sha256sum "$wasm" | cut -d ' ' -f 1 | cmp -s - "$out/source.sha256" && return
    mkdir -p "$out"
    wasm-bindgen "$wasm" --target web --out-dir "$out" --out-name "$2"
    wasm-opt -O1 --low-memory-unused "${FEATURES[@]/#/--enable-}" --strip-debug --strip-producers "$out/$2_bg.wasm" -o "$out/$2_bg.wasm"
    sha256sum "$wasm" | cut -d ' ' -f 1 >"$out/source.sha256"
}

build() {
    case $1 in
        cpu) package cpu glow cpu --no-default-features ;;
        relaxed) package relaxed glow cpu --no-default-features "${RELAXED[@]}" ;;
        eyes) package eyes eyes cpu --package glow-eyes ;;
        # That with roof is for bench.sh alone.
        threads | roof)
            setup_threads
            # The standard library as it comes knows no threads: only a nightly cargo builds it anew.
            RUSTUP_TOOLCHAIN="$GLOW_NIGHTLY" CARGO_UNSTABLE_BUILD_STD=std,panic_abort \
                RUSTFLAGS="-C target-feature=+simd128,+atomics,+bulk-memory,+mutable-globals ${SHARED[*]/#/-C link-arg=}" \
                package "$1" glow threads --no-default-features --features "$1" "${RELAXED[@]}"
            ;;
        gpu) package gpu glow gpu ;;
        *)
            echo "there is no package '$1', only ${PACKAGES[*]}" >&2
            exit 2
            ;;
    esac
}

for name in "${@:-${PACKAGES[@]}}"; do build "$name"; done
node pkg-scripts/site.mjs
[ $# != 0 ] || ./pkg-scripts/size.sh
