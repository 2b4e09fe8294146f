#!/bin/sh
# Installs into build/peers what `make bench` measures beside Casebook: PouchDB (npm, by its lock) and Anki (its own
# environment: it is AGPL, is never shipped and never imported).
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
mkdir -p build/peers
cp tests/bench/peers/package.json tests/bench/peers/package-lock.json build/peers/
(cd build/peers && npm ci --no-audit --no-fund --ignore-scripts)
[ -d build/peers/anki ] || "$PYTHON" -m venv build/peers/anki
build/peers/anki/bin/pip install --quiet anki==26.9.3
