"""The command line beside the application: test a study, verify a paper. Nothing here loads Qt.

casebook study test FILE          run cases against the study definition
casebook verify FILE              a signed PDF; or what a page's QR code says, in quotes
casebook export OUT               the record of this laptop as ODM and tables
casebook --smoke                  prove this installation
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from casebook import __version__
from casebook.errors import CasebookError
from casebook.locations import data_folder

STUDY = "rescue_end_low"
LANGUAGES = ("en", "zh")


def default_folder() -> Path:
    """Return where this user's laptop folder lies, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Casebook"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Casebook"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "casebook"


def parser() -> argparse.ArgumentParser:
    """Return the parser of `casebook`."""
    whole = argparse.ArgumentParser(prog="casebook", description="Case report forms that work without a network.")
    whole.add_argument("--version", action="version", version=f"casebook {__version__}")
    whole.add_argument("--folder", type=Path, default=None, help="the laptop's folder (default: this user's)")
    whole.add_argument("--language", choices=LANGUAGES, default=None, help="language of the windows")
    whole.add_argument("--smoke", action="store_true", help="prove this installation and exit")
    commands = whole.add_subparsers(dest="command")
    study = commands.add_parser("study", help="the study definition").add_subparsers(dest="study", required=True)
    test = study.add_parser("test", help="run cases against the study definition")
    test.add_argument("file", type=Path)
    test.add_argument("--study-folder", type=Path, default=None, help="another definition than the shipped one")
    verify = commands.add_parser("verify", help="verify a signed PDF or a printed code")
    verify.add_argument("what", help="a PDF file, or in quotes what a page's code says (CB1|...)")
    verify.add_argument("--authority", type=Path, default=None, help="the study authority's certificate (DER)")
    export = commands.add_parser("export", help="write the record of this laptop as CDISC ODM and as tables")
    export.add_argument("out", type=Path, help="a new folder, or a new archive when it ends in .zip")
    export.add_argument("--folder", type=Path, default=argparse.SUPPRESS, help="the laptop's folder")
    export.add_argument("--user", default=None, help="who exports, by user id; needed where several people sign in")
    export.add_argument("--format", choices=("odm", "csv", "all"), default="all", dest="kind")
    return whole


def study_folder(given: Path | None = None) -> Path:
    """Return the folder of the study definition that is shipped, or another one."""
    return given if given is not None else data_folder("forms") / STUDY


def test_study(file: Path, folder: Path | None) -> int:
    """Run cases and print what failed, then the counts. Returns 0 only when none failed."""
    from casebook.study_cases import run_cases
    from casebook.study_files import read_study
    from casebook.study_files.cases import read_vocabulary

    study = study_folder(folder)
    report = run_cases(file, read_study(study), read_vocabulary(study))
    print(*report.lines, sep="\n")
    return report.exit_status


def verify(what: str, authority: Path | None, folder: Path) -> int:
    """Verify a paper or a page's code and print the verdict.

    Returns:
        0 when it is valid, 1 when not, 2 when it cannot be told.
    """
    from casebook.paper import desk
    from casebook.paper.code import PREFIX
    from desktop_app.vault import AUTHORITY_FILE

    certificate = authority if authority is not None else folder / AUTHORITY_FILE
    if not certificate.exists():
        print(f"The study authority's certificate is not at {certificate}. Name it with --authority FILE.")
        return 2
    verdict = desk.verify_file(what if what.startswith(PREFIX) else Path(what), certificate.read_bytes())
    print(verdict.sentence("en"))
    return 0 if verdict.valid else 1


def export_record(out: Path, folder: Path, user: str | None, kind: str) -> int:
    """Export a laptop's record; see `desktop_app.export_command`."""
    from casebook.crypto import PRODUCTION_KDF
    from casebook.export import ExportFormat
    from casebook.study_files import read_study
    from desktop_app.export_command import run_export
    from desktop_app.https_network import HttpsNetwork
    from desktop_app.vault import Laptop

    laptop = Laptop(folder, read_study(study_folder()), HttpsNetwork(), kdf=PRODUCTION_KDF)
    return run_export(laptop, out, user=user, kind=ExportFormat(kind), stream=sys.stdin)


def run(arguments: Sequence[str]) -> int | None:
    """Run a command that needs no window; None when a window is wanted."""
    options = parser().parse_args(arguments)
    folder = options.folder or default_folder()
    try:
        if options.command == "study":
            return test_study(options.file, options.study_folder)
        if options.command == "verify":
            return verify(options.what, options.authority, folder)
        if options.command == "export":
            return export_record(options.out, folder, options.user, options.kind)
    except (CasebookError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return None
