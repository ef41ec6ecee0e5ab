#!/usr/bin/env bash
# Builds the page if need be, serves it and prints the address: ./pkg-scripts/serve.sh [PORT]
# What it cannot do without comes first, the rest while it is served.
source "$(dirname "$0")/setup.sh"
port="${1:-8080}"

if built "${PACKAGES[@]}"; then
    ./pkg-scripts/build.sh
    exec node pkg-scripts/serve.mjs "$port"
fi

now=(cpu) later=()
for name in "${PACKAGES[@]:1}"; do
    if built "$name"; then now+=("$name"); else later+=("$name"); fi
done
./pkg-scripts/build.sh "${now[@]}"

build_later() {
    local log=pkg/build.log
    echo "still to be built, in the background, see $log: ${later[*]}"
    rm -f "$log"
    for name in "${later[@]}"; do
        if nice ./pkg-scripts/build.sh "$name" &>>"$log"; then
            echo "'$name' is built: the page has it from the second reload on"
        else
            echo "'$name' could not be built, see $log: the page does without it"
        fi
    done
}

# Each in a process group of its own, which ends as a whole.
set -m
trap 'kill -- $(jobs -pr | sed s/^/-/) 2>/dev/null' EXIT
node pkg-scripts/serve.mjs "$port" &
server=$!
build_later </dev/null &
wait "$server"
