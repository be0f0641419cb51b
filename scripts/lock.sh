#!/usr/bin/env bash
# Writes requirements/{build,run,dev}.txt: every dependency with its hashes, no index, no path.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p requirements

compile() { # compile TARGET [uv options]
    local target=$1
    shift
    .venv/bin/uv pip compile "$@" --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-annotate --no-header \
        ${UPGRADE:+--upgrade} --output-file "requirements/$target.txt" >/dev/null
    sed -i -E '/^(--(extra-)?index-url|--find-links|--trusted-host|-[if] )/d' "requirements/$target.txt"
    sed -i '1i # Written by `make lock` from pyproject.toml: do not edit.' "requirements/$target.txt"
}

compile dev pyproject.toml --extra dev
compile run pyproject.toml --constraint requirements/dev.txt
compile build --group build --constraint requirements/dev.txt
echo "locked: $(grep -c '==' requirements/dev.txt) distributions, $(grep -c '==' requirements/run.txt) of them at run time"
