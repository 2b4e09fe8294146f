"""The program: a command, or the application."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from casebook.errors import UnsafeQtError
from desktop_app import cli
from desktop_app.qt_guard import refuse_bad_pair

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def main(arguments: Sequence[str] | None = None, on_first_turn: "Callable[[QApplication], None] | None" = None) -> int:
    """Run Casebook. Returns the exit status. `on_first_turn`: see `desktop_app.start.run`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    answered = cli.run(given)
    if answered is not None:
        return answered
    try:
        refuse_bad_pair(_pyside_version(), sys.version_info[:2])
    except UnsafeQtError as error:
        print(error, file=sys.stderr)
        return 2
    from desktop_app import start  # Qt is loaded only now

    return start.run(cli.parser().parse_args(given), on_first_turn, owns_process=arguments is None)


def _pyside_version() -> str:
    from PySide6 import __version__  # the package names its version, and loads nothing of Qt

    return __version__


if __name__ == "__main__":
    sys.exit(main())
