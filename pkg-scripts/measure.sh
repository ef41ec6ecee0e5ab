#!/usr/bin/env bash
# Times the page on the CPU, in Chromium: medians of five visits with nothing cached. Let nothing else run.
source "$(dirname "$0")/setup.sh"
setup_browser
setup_page
exec node pkg-scripts/measure.mjs
