"""Chooses between showing the application and working it."""

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from casebook.errors import CasebookError

from .report import Report, StepFailedError
from .show import show
from .walk import walk


def main(arguments: Sequence[str]) -> int:
    """Show the application, or work it where nobody can see it. Returns 0 when every step was verified."""
    if len(arguments) > 1:
        print("usage: python tools/demo.py [FOLDER]")
        return 2
    folder = Path(arguments[0] if arguments else tempfile.mkdtemp(prefix="casebook-demo-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(folder)
    try:
        if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
            walk(report)
        else:
            show(report)
    except StepFailedError as failure:
        print(f"\nThe demonstration ended early. {failure}", flush=True)
        return 1
    except (AssertionError, CasebookError, OSError):
        traceback.print_exc()
        print("\nThe demonstration ended early: the step above was not verified.", flush=True)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
