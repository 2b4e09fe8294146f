"""One journey for all that look at it."""

import logging
import sys
import tempfile
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from tests.journeys.story import Journey, tell


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
