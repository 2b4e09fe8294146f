"""A program: exports one filled casebook under a locale that is named, then under C; a test compares the bytes."""

import contextlib
import locale
import sys
from pathlib import Path

from casebook.export import ExportFormat, export_record
from tests.casebook.export.conftest import context_of
from tests.casebook.export.filled import filled_casebook
from tests.laptops import design


def run(folder: Path, locales: tuple[str, str]) -> None:
    """Export to a folder for each locale."""
    study = design()
    casebook, site = filled_casebook(study), filled_casebook(study, site=True, seed=7)
    for place, name in enumerate(locales):
        with contextlib.suppress(locale.Error):  # not every machine has every locale
            locale.setlocale(locale.LC_ALL, name)
        out = folder / str(place)
        out.mkdir(parents=True)
        export_record(out, study, [casebook], context_of(study), ExportFormat.ALL, site=site)


if __name__ == "__main__":
    run(Path(sys.argv[2]), (sys.argv[1], "C"))
