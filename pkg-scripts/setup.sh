#!/usr/bin/env bash
# Installs what the project needs and the machine lacks, and says so: Debian or Ubuntu with rustup, as root or with sudo.
# Run by itself it installs everything; the other scripts source it and ask for their part.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the clone, so that a fresh one does not build everything anew.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/glow-target}"

# The toolchain that builds the package with threads; CI names one by its date.
GLOW_NIGHTLY="${GLOW_NIGHTLY:-nightly}"

# The page's packages. It needs the first, and takes the others where they are.
PACKAGES=(cpu relaxed eyes threads gpu)

# built PACKAGE...: whether they are.
built() {
    local name
    for name in "$@"; do [ -f "pkg/$name/source.sha256" ] || return; done
}

# debian COMMAND PACKAGE...
debian() {
    command -v "$1" >/dev/null && return
    echo "installing ${*:2}"
    local as_root
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -q
    $as_root apt-get install -qy --no-install-recommends "${@:2}"
}

# A crate's program, at the version that Cargo.lock has, if it names the crate given third; what follows, cargo is told.
program() {
    local version
    version=$(sed -n "/^name = \"${3:-none}\"/{n;s/version = \"\(.*\)\"/\1/p}" Cargo.lock)
    "$1" --version 2>/dev/null | grep -qF "${version:-$1}" && return
    echo "installing $2 $version"
    cargo install --quiet --force ${version:+--version "$version"} "${@:4}" "$2"
}

setup_native() {
    debian cc build-essential
}

setup_web() {
    setup_native
    rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown
    # Without TLS, which takes long to compile: its tests speak with a driver on the same machine.
    program wasm-bindgen wasm-bindgen-cli wasm-bindgen --no-default-features
    debian npm nodejs npm
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || {
        echo "Node.js $(node --version) is too old: install 20 or later"
        exit 1
    }
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-fund --no-audit
    PATH="$PWD/node_modules/.bin:$PATH"
}

setup_threads() {
    rustup component list --toolchain "$GLOW_NIGHTLY" --installed 2>/dev/null | grep -qx rust-src && return
    echo "installing Rust's nightly toolchain with its sources, for the package with threads"
    rustup toolchain install "$GLOW_NIGHTLY" --profile minimal --component rust-src --no-self-update
}

# Builds the page where a part of it is missing.
setup_page() {
    setup_web
    { [ -d dist ] && built "${PACKAGES[@]}"; } || ./pkg-scripts/build.sh
}

setup_browser() {
    setup_web
    debian chromium chromium
    debian chromedriver chromium-driver
    debian firefox-esr firefox-esr
    debian WebKitWebDriver webkit2gtk-driver
    debian Xvfb xvfb
    debian import imagemagick
    program wasm-pack wasm-pack
}

# For training in several processes.
setup_mpi() {
    debian mpicc mpich libmpich-dev
    [ -n "$(ls /usr/lib/llvm-*/lib/libclang.so 2>/dev/null)" ] || debian libclang libclang-dev
}

# Chromium brings a driver in software, this the loader, and Mesa's driver in software, which knows f16.
setup_vulkan() {
    setup_browser
    debian vulkaninfo vulkan-tools
    [ -n "$(ls /usr/share/vulkan/icd.d/lvp_icd*.json 2>/dev/null)" ] || debian lavapipe mesa-vulkan-drivers
    export VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json
}

[ "${BASH_SOURCE[0]}" != "$0" ] || {
    setup_vulkan
    setup_threads
    setup_mpi
}
