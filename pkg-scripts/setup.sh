# Sourced by the other scripts: goes to the repository's root and installs what building needs and the machine lacks.
# Debian or Ubuntu, with rustup, as root or with sudo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the clone, so that a fresh one does not build everything anew.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/glow-target}"

if ! command -v cc >/dev/null; then
    echo "installing a C compiler"
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -q
    $as_root apt-get install -qy --no-install-recommends build-essential
fi
if ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
    echo "installing the wasm32 target"
    rustup target add wasm32-unknown-unknown
fi
