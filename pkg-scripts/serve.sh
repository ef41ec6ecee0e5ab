#!/usr/bin/env bash
# Builds the page if need be, serves it and prints the address: ./pkg-scripts/serve.sh [PORT]
source "$(dirname "$0")/setup.sh"
./pkg-scripts/build.sh
exec node pkg-scripts/serve.mjs "${1:-8080}"
