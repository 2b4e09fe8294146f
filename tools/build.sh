#!/bin/sh
# Builds the application from build_installer.spec and lets the built program test itself where nothing of
# this checkout, its .venv or the user's settings can help it.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m PyInstaller --noconfirm --clean --log-level WARN \
    --distpath build/dist --workpath build/work build_installer.spec
du -sh build/dist/casebook
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
program="$(pwd)/build/dist/casebook/casebook"
(cd "$home" && env -i HOME="$home" TMPDIR="$home" LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen "$program" --smoke)
printf '%s\n' "Built and tested: build/dist/casebook"
