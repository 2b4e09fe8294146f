"""Which pairs of PySide6 and Python the program refuses to start on.

PySide6 6.12.0 gives back one reference to None too many with each call that returns nothing. Before
Python 3.12, where None became immortal (PEP 683), the process aborts after some thousand calls: in
the middle of an entry. Nothing here imports Qt, so that the question is asked before Qt is loaded.

Source: measured; tests/desktop_app/test_qt_guard.py counts the references on the installed pair.
"""

from casebook.errors import UnsafeQtError

FIRST_BAD = (6, 12)
NONE_IMMORTAL_SINCE = (3, 12)


def refuse_bad_pair(pyside_version: str, python: tuple[int, int]) -> None:
    """Refuse a pair of versions that is known to abort, and every later PySide6 not yet proved on old Pythons.

    Args:
        pyside_version: As `importlib.metadata.version("PySide6_Essentials")` gives it, such as '6.11.3'.
        python: Major and minor version of the interpreter.

    Raises:
        UnsafeQtError: The pair is bad.
    """
    major, minor = pyside_version.split(".")[:2]
    if (int(major), int(minor)) >= FIRST_BAD and python < NONE_IMMORTAL_SINCE:
        raise UnsafeQtError(pyside=pyside_version, python=f"{python[0]}.{python[1]}")
