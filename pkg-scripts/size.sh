#!/usr/bin/env bash
# What a visitor downloads, in bytes after brotli; fails when the code is over its budget.
source "$(dirname "$0")/setup.sh"
exec node pkg-scripts/size.mjs
