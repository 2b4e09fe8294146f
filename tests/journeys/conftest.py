"""One journey for all that look at it; a stage for programs that start themselves again."""

import ctypes
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from tests.journeys.story import Journey, tell

PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(scope="session")
def journey(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Walk the main job once; temporary files of all that takes part go to a folder of their own."""
    folder = tmp_path_factory.mktemp("journey")
    (folder / "temporary").mkdir()
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)
    bugs: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        bugs.append(error)

    log = logging.FileHandler(folder / "applications.log", encoding="utf-8")
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("TMPDIR", "TEMP", "TMP"):
            patch.setenv(variable, str(folder / "temporary"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(sys, "excepthook", note)
        try:
            told = tell(qapp, folder)
        finally:
            root.setLevel(level)
            root.removeHandler(log)
            log.close()
    assert not bugs, bugs
    return told


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder through which the processes are let go; orphans become children of this process meanwhile."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    folder = tmp_path / "stage"
    folder.mkdir()
    (folder / "turn").write_text("0", encoding="utf-8")
    monkeypatch.setenv("CASEBOOK_TEST_STAGE", str(folder))
    monkeypatch.setenv("CASEBOOK_INSPECTABLE", "1")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    yield folder
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
