"""The demonstration without a screen, as `make demo` runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.paper import desk

ROOT = Path(__file__).parents[2]
SIZE_AT = slice(16, 24)
"""Where a PNG file says its width and height."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_demonstration_verifies_every_step_and_leaves_pictures_and_papers(tmp_path: Path) -> None:
    screens = {"DISPLAY", "WAYLAND_DISPLAY"}
    environment = {name: value for name, value in os.environ.items() if name not in screens}
    done = subprocess.run(
        [sys.executable, "tools/demo.py", str(tmp_path / "demo")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT VERIFIED" not in done.stdout
    numbers = [int(line.split(".")[0]) for line in done.stdout.splitlines() if line[:3].strip().isdecimal()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert f"All {len(numbers)} steps were done and verified" in done.stdout
    pictures = sorted((tmp_path / "demo" / "pictures").glob("*.png"))
    assert len(pictures) > 60
    for picture in pictures:
        size = picture.read_bytes()[SIZE_AT]
        assert (int.from_bytes(size[:4]), int.from_bytes(size[4:])) == (1366, 768)
    authority = (tmp_path / "demo" / "laptops" / "A" / "study-authority.der").read_bytes()
    signed = sorted((tmp_path / "demo" / "papers").glob("*-signed.pdf"))
    assert len(signed) == 2
    assert all(desk.verify_file(file, authority).valid for file in signed)
    assert "State: withdrawn" in (tmp_path / "demo" / "papers" / "lost-laptop-B.txt").read_text(encoding="utf-8")
