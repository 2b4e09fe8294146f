"""One journey for all that look at it."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from tests.journeys.story import Journey, tell


@pytest.fixture(scope="package")
def journey(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Walk the main job once; temporary files of all that takes part go to a folder of their own."""
    folder = tmp_path_factory.mktemp("journey")
    (folder / "temporary").mkdir()
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)
    bugs: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        bugs.append(error)

    with pytest.MonkeyPatch.context() as patch:
        for variable in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(variable, str(folder / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(sys, "excepthook", note)
        told = tell(qapp, Path(folder))
    assert not bugs, bugs
    yield told
