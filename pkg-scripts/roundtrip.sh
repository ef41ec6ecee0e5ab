#!/usr/bin/env bash
# Sends photographs of the test split into the page and back, on both backends: ./pkg-scripts/roundtrip.sh DATA [COUNT]
# DATA is laid out as CelebA is. On a GPU in software 200 photographs take about ten minutes.
source "$(dirname "$0")/setup.sh"
setup_browser
setup_page
exec node pkg-scripts/roundtrip.mjs "$@"
