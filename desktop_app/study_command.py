"""`casebook study check`, `diff`, `freeze` and `print`: for those who write and release a study definition.

Nothing here loads Qt. What is wrong is told on standard output, what stopped the command on standard error.
"""

from pathlib import Path

from casebook.errors import StudyOutputTakenError
from casebook.paper import desk
from casebook.study_check import check_folder
from casebook.study_diff import report
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, thaw
from casebook.study_print import csv_files, workbook

FORMS = "annotated_forms.pdf"
WORKBOOK = "dictionary.xlsx"


def check(folder: Path, language: str) -> int:
    """Print everything that is wrong with a study definition. Returns 0 when it is clean, 1 when not."""
    found = check_folder(folder)
    print(*found.lines(language), sep="\n")
    return found.exit_status


def diff(old: Path, new: Path, language: str) -> int:
    """Print what changed between two versions, each a folder or a frozen file. Returns 0."""
    versions = [read_study(one) if one.is_dir() else thaw(one.read_bytes(), one.name) for one in (old, new)]
    print(*report(versions[0], versions[1], language), sep="\n")
    return 0


def freeze_study(folder: Path, out: Path) -> int:
    """Write a study definition as one file that is never to change, and print its version. Returns 0."""
    design = read_study(folder)
    if out.exists():
        raise StudyOutputTakenError(path=str(out))
    out.write_bytes(freeze(design))
    print(f"{design.label}  {design.version}  {out}")
    return 0


def print_study(folder: Path, out: Path, language: str) -> int:
    """Write the annotated forms and the data dictionary into a new or empty folder, and print their names.

    Args:
        language: Leads on paper where it is one of the study's.
    """
    design = read_study(folder)
    if out.is_dir() and any(out.iterdir()):
        raise StudyOutputTakenError(path=str(out))
    out.mkdir(parents=True, exist_ok=True)
    languages = sorted(design.languages, key=lambda one: one != language)
    files = {FORMS: desk.print_blank_forms(design, languages), WORKBOOK: workbook(design), **dict(csv_files(design))}
    for name, data in files.items():
        (out / name).write_bytes(data)
        print(out / name)
    return 0
