#!/bin/sh
# Writes requirements.lock anew from pyproject.toml: the newest versions that its bounds allow, with the
# hashes of their files for every system. Needs uv (pip install uv). Run `make test` afterwards.
set -eu
cd "$(dirname "$0")/.."
uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --all-extras \
    --custom-compile-command "tools/lock.sh" --output-file requirements.lock pyproject.toml
"${PYTHON:-python3}" - <<'HEADER'
from pathlib import Path

lock = Path("requirements.lock")
lines = lock.read_text("utf-8").splitlines(keepends=True)
while lines[0].startswith("#"):
    lines.pop(0)
header = (
    "# Every package that development, tests and the built application use, for every system, with hashes.\n"
    "# Made from pyproject.toml by tools/lock.sh; do not edit. To refresh it: pip install uv && tools/lock.sh\n"
)
lock.write_text(header + "".join(lines), "utf-8")
HEADER
