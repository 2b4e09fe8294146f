"""Says step by step what was done, and only after it was verified."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTS = ("server", "laptops", "pictures", "papers", "sticks", "backups")
"""What a demonstration leaves in its folder; nothing else there is touched."""


class StepFailedError(Exception):
    """What a step promised is not so."""


def expect(holds: object, otherwise: str) -> None:
    """Go on when it holds.

    Raises:
        StepFailedError: `otherwise` says what was seen instead.
    """
    if not holds:
        raise StepFailedError(otherwise)


class Report:
    """Numbered steps on the standard output, and the folder where their results lie."""

    def __init__(self, folder: Path) -> None:
        """Begin with empty parts; those of an earlier demonstration are removed."""
        self.folder = folder
        self._count = 0
        self._notes: list[str] = []
        self._began = time.monotonic()
        for part in PARTS:
            shutil.rmtree(folder / part, ignore_errors=True)
            (folder / part).mkdir(mode=0o700, parents=True)

    def part(self, name: str) -> Path:
        """Return the folder of a part."""
        return self.folder / name

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        """Do a step; its sentence and its notes are printed when it ends well."""
        self._count += 1
        self._notes.clear()
        try:
            yield
        except BaseException:
            print(f"{self._count:3}. NOT VERIFIED: {sentence}", flush=True)
            self._print_notes()
            raise
        print(f"{self._count:3}. {sentence}", flush=True)
        self._print_notes()

    def note(self, sentence: str) -> None:
        """Add what was seen to the step under way."""
        self._notes.append(sentence)

    def made(self, path: Path) -> None:
        """Add where a result lies."""
        expect(path.is_file() and path.stat().st_size, f"{path} was not written.")
        shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        self._notes.append(f"-> {shown}")

    def _print_notes(self) -> None:
        for sentence in self._notes:
            print(f"       {sentence}", flush=True)

    def conclude(self) -> None:
        """Say how it ended."""
        seconds = time.monotonic() - self._began
        print(
            f"\nAll {self._count} steps were done and verified, in {seconds:.0f} s. The results lie in {self.folder}."
        )
