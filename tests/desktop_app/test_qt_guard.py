"""The pair of PySide6 and Python is safe, and a bad pair is refused."""

import importlib.metadata
import subprocess
import sys

import PySide6
import pytest
from PySide6.QtCore import QObject

from casebook.errors import UnsafeQtError
from desktop_app.qt_guard import refuse_bad_pair

CALLS = 500
SLACK = 100


def test_void_qt_calls_keep_the_references_to_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - SLACK


@pytest.mark.parametrize("pyside", ["6.12.0", "6.12.1", "6.13.0", "7.0.0"])
@pytest.mark.parametrize("python", [(3, 10), (3, 11)])
def test_bad_pair_is_refused_with_a_sentence(pyside: str, python: tuple[int, int]) -> None:
    with pytest.raises(UnsafeQtError) as caught:
        refuse_bad_pair(pyside, python)
    for language in ("en", "zh"):
        assert pyside in caught.value.sentence(language)


@pytest.mark.parametrize(("pyside", "python"), [("6.11.3", (3, 11)), ("6.12.0", (3, 12)), ("6.12.0", (3, 13))])
def test_good_pair_is_accepted(pyside: str, python: tuple[int, int]) -> None:
    refuse_bad_pair(pyside, python)


def test_installed_pair_is_accepted() -> None:
    refuse_bad_pair(importlib.metadata.version("PySide6_Essentials"), sys.version_info[:2])


def test_package_names_the_version_that_is_installed() -> None:
    assert PySide6.__version__ == importlib.metadata.version("PySide6_Essentials")


def test_asking_for_the_version_loads_nothing_of_qt() -> None:
    asked = "import sys, PySide6; print([name for name in sys.modules if name.startswith('PySide6.Qt')])"
    assert subprocess.check_output([sys.executable, "-c", asked], text=True).strip() == "[]"
