#!/usr/bin/env bash
# Makes sure that Chromium is there for the journeys; says so when it cannot be.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "no chromium, and only root can install it (apt-get install chromium): the journeys will say that they skip"
