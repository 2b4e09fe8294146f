"""The command line beside the application: test a study, verify a paper. Nothing here loads Qt.

casebook study test FILE          run cases against the study definition
casebook study check              tell everything that is wrong with the study definition
casebook study diff OLD NEW       tell what changed between two versions
casebook study freeze FILE        write the study definition as one file that stays readable for ever
casebook study print FOLDER       write annotated blank forms and the data dictionary
casebook verify FILE              a signed PDF; or what a page's QR code says, in quotes
casebook verify FOLDER            every chain of a laptop's record: links, signatures, contents, receipts
casebook export OUT               the record of this laptop as ODM and tables
casebook custodian new KEYFILE    make an escrow key for a study
casebook custodian open           make a recovery code for a laptop from a copy of its key file
casebook custody [FOLDER]         whether a laptop's folder may be wiped: 0 yes, 1 no, 3 it cannot be told
casebook rescue FOLDER --to DIR   copy a laptop's files as they are, verified; needs no passphrase
casebook --smoke                  prove this installation
casebook --training               practise: real records are not opened, and nothing counts
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from casebook import __version__
from casebook.errors import CasebookError
from casebook.locations import shipped_study
from desktop_app.preferences import keep_preference, preferences

LANGUAGES = ("en", "zh")
"""Beside the vault: the window's language, and where the study definition lies. Nothing of a person."""
_STUDY = "study_folder"
PRACTICE_WORD = "practice"
"""Everybody's passphrase in training; it is shown wherever it is asked."""


def default_folder() -> Path:
    """Return where this user's laptop folder lies, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Casebook"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Casebook"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "casebook"


def training_folder(laptop: Path) -> Path:
    """Return where training lies: beside the laptop's folder, never in it."""
    return laptop.with_name(f"{laptop.name}-training")


def parser() -> argparse.ArgumentParser:
    """Return the parser of `casebook`."""
    whole = argparse.ArgumentParser(prog="casebook", description="Case report forms that work without a network.")
    whole.add_argument("--version", action="version", version=f"casebook {__version__}")
    whole.add_argument("--folder", type=Path, default=None, help="the laptop's folder (default: this user's)")
    whole.add_argument(
        "--study-folder",
        type=Path,
        default=None,
        help="a study definition (default: this laptop's, or the one shipped)",
    )
    whole.add_argument("--language", choices=LANGUAGES, default=None, help="language of the windows")
    whole.add_argument("--smoke", action="store_true", help="prove this installation and exit")
    whole.add_argument(
        "--training", action="store_true", help="practise with data of no study, in a folder beside the laptop's"
    )
    whole.add_argument("--after-lock", type=Path, default=None, help=argparse.SUPPRESS)  # see desktop_app.relaunch
    commands = whole.add_subparsers(dest="command")
    study = commands.add_parser("study", help="the study definition").add_subparsers(dest="study", required=True)
    test = study.add_parser("test", help="run cases against the study definition")
    test.add_argument("file", type=Path)
    test.add_argument(
        "--study-folder", type=Path, default=argparse.SUPPRESS, help="another definition than the shipped one"
    )
    _add_study_commands(study)
    verify = commands.add_parser("verify", help="verify a signed PDF, a printed code or a laptop's record")
    verify.add_argument(
        "what", help="a PDF file; in quotes what a page's code says (CB1|...); a laptop's folder or its casebook.db"
    )
    verify.add_argument("--user", default=None, help="who verifies a record, by user id, where several people sign in")
    verify.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help="language of what is told")
    verify.add_argument("--authority", type=Path, default=None, help="the study authority's certificate (DER)")
    export = commands.add_parser("export", help="write the record of this laptop as CDISC ODM and as tables")
    export.add_argument("out", type=Path, help="a new folder, or a new archive when it ends in .zip")
    export.add_argument("--folder", type=Path, default=argparse.SUPPRESS, help="the laptop's folder")
    export.add_argument("--study-folder", type=Path, default=argparse.SUPPRESS, help="the study definition")
    export.add_argument("--user", default=None, help="who exports, by user id; needed where several people sign in")
    export.add_argument("--format", choices=("odm", "csv", "all"), default="all", dest="kind")
    export.add_argument("--with-attachments", action="store_true", help="photos and scans too: they can show names")
    _add_custodian_commands(commands)
    _add_custody_commands(commands)
    return whole


def _add_custodian_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what a study's custodians do, away from every laptop: make a key, and a code for a site."""
    custodian = commands.add_parser("custodian", help="the study's escrow key")
    acts = custodian.add_subparsers(dest="custodian", required=True)
    new = acts.add_parser("new", help="make a key pair; the private key is kept in a file under a passphrase")
    new.add_argument("keyfile", type=Path)
    opens = acts.add_parser("open", help="make a recovery code for a laptop whose passphrases and sheet are lost")
    opens.add_argument("--sidecar", type=Path, required=True, help="a copy of the laptop's keyslots.json")
    opens.add_argument(
        "--key",
        type=Path,
        action="append",
        required=True,
        help="the custodian's key file; a second time for the unblinding key's custodian",
    )
    opens.add_argument("--out", type=Path, default=None, help="the new key file (default: beside the copy, .opened)")


def _add_custody_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what uninstallers ask, and what saves a laptop that nobody can sign in to."""
    custody = commands.add_parser("custody", help="tell whether a laptop's folder may be wiped (exit 0, 1 or 3)")
    custody.add_argument("what", type=Path, nargs="?", default=None, metavar="FOLDER", help="default: this user's")
    custody.add_argument("--user", default=None, help="who signs in to look, by user id")
    custody.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help="language of what is told")
    rescue = commands.add_parser("rescue", help="copy a laptop's sealed files as they are; lay out or check a copy")
    rescue.add_argument("what", type=Path, help="the laptop's folder, or a rescue copy")
    place = rescue.add_mutually_exclusive_group()
    place.add_argument("--to", type=Path, default=None, help="make a copy of FOLDER in this folder")
    place.add_argument("--into", type=Path, default=None, help="lay out a copy in this empty folder")
    rescue.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help="language of what is told")


def _add_study_commands(study: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what those need who write a study definition: check, diff, freeze, print."""
    other = "another definition than the shipped one"
    check = study.add_parser("check", help="tell everything that is wrong with the study definition")
    check.add_argument("--study-folder", type=Path, default=argparse.SUPPRESS, help=other)
    diff = study.add_parser("diff", help="tell what changed between two versions, each a folder or a frozen file")
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)
    freeze = study.add_parser("freeze", help="write the study definition as one file that stays readable for ever")
    freeze.add_argument("out", type=Path)
    freeze.add_argument("--study-folder", type=Path, default=argparse.SUPPRESS, help=other)
    prints = study.add_parser("print", help="write annotated blank forms and the data dictionary into a folder")
    prints.add_argument("out", type=Path)
    prints.add_argument("--study-folder", type=Path, default=argparse.SUPPRESS, help=other)
    for one in (check, diff, prints):
        one.add_argument("--language", choices=LANGUAGES, default=argparse.SUPPRESS, help="language of what is told")


def run_study(options: argparse.Namespace) -> int:
    """Run one of the commands on the study definition. Returns its exit status."""
    if options.study == "test":
        return test_study(options.file, options.study_folder)
    from desktop_app import study_command

    language = options.language or LANGUAGES[0]
    if options.study == "diff":
        return study_command.diff(options.old, options.new, language)
    folder = study_folder(options.study_folder)
    if options.study == "check":
        return study_command.check(folder, language)
    if options.study == "freeze":
        return study_command.freeze_study(folder, options.out)
    return study_command.print_study(folder, options.out, language)


def study_folder(given: Path | None = None) -> Path:
    """Return the folder of the study definition that is shipped, or another one."""
    return given if given is not None else shipped_study()


def remembered_study(laptop: Path, given: Path | None) -> Path:
    """Return the study definition of a laptop: the one that is named now, else the one it was opened with last."""
    if given is not None:
        return given
    kept = preferences(laptop).get(_STUDY)
    return Path(kept) if isinstance(kept, str) else shipped_study()


def keep_study(laptop: Path, study: Path) -> None:
    """Remember with which study definition a laptop is opened, where it is another one than the one shipped."""
    where = study.resolve()
    keep_preference(laptop, _STUDY, None if where == shipped_study().resolve() else str(where))


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


def run_verify(options: argparse.Namespace, folder: Path) -> int:
    """Verify what is named: a laptop's record, a paper, or a page's code. Returns the exit status."""
    from casebook.paper.code import PREFIX
    from desktop_app.verify_command import record_folder

    record = None if options.what.startswith(PREFIX) else record_folder(options.what)
    if record is not None:
        return verify_record(record, options.user, options.language or LANGUAGES[0])
    return verify(options.what, options.authority, folder)


def verify_record(folder: Path, user: str | None, language: str) -> int:
    """Verify a laptop's record; see `desktop_app.verify_command`."""
    from casebook.crypto import PRODUCTION_KDF
    from casebook.store.device_secret import device_secret
    from casebook.store.slots import KeySlots
    from desktop_app import verify_command

    slots = KeySlots.open(folder, PRODUCTION_KDF, device=device_secret(folder))
    status, lines = verify_command.run_verify(folder, slots, user=user, language=language, stream=sys.stdin)
    print(*lines, sep="\n")
    return status


def export_record(options: argparse.Namespace, folder: Path, study: Path) -> int:
    """Export a laptop's record; see `desktop_app.export_command`."""
    from casebook.crypto import PRODUCTION_KDF
    from casebook.export import ExportFormat
    from casebook.versions import read_designs
    from desktop_app.export_command import run_export
    from desktop_app.https_network import HttpsNetwork
    from desktop_app.vault import Laptop

    designs = read_designs(study)
    laptop = Laptop(folder, designs.current, HttpsNetwork(), kdf=PRODUCTION_KDF, earlier=designs.earlier)
    return run_export(
        laptop,
        options.out,
        user=options.user,
        kind=ExportFormat(options.kind),
        stream=sys.stdin,
        attachments=options.with_attachments,
    )


def run_custodian(options: argparse.Namespace) -> int:
    """Run one of the custodians' commands; see `desktop_app.custodian_command`. Returns its exit status."""
    from casebook.crypto import PRODUCTION_KDF
    from desktop_app import custodian_command

    ask = custodian_command.asking(sys.stdin)
    if options.custodian == "new":
        return custodian_command.new_key(options.keyfile, PRODUCTION_KDF, ask)
    out = options.out or options.sidecar.with_name(options.sidecar.name + ".opened")
    return custodian_command.open_for_site(options.sidecar, options.key, out, PRODUCTION_KDF, ask)


def run_custody(options: argparse.Namespace, folder: Path) -> int:
    """Run one of the commands about custody; see `desktop_app.custody_command`. Returns its exit status."""
    from casebook.crypto import PRODUCTION_KDF
    from casebook.store.device_secret import device_secret
    from casebook.store.slots import KeySlots
    from desktop_app import custody_command

    language = options.language or LANGUAGES[0]
    if options.command == "rescue":
        status, lines = custody_command.run_rescue(options.what, to=options.to, into=options.into, language=language)
    else:
        status, lines = custody_command.run_custody(
            options.what or folder,
            lambda path: KeySlots.open(path, PRODUCTION_KDF, device=device_secret(path)),
            user=options.user,
            language=language,
            stream=sys.stdin,
        )
    print(*lines, sep="\n")
    return status


def run(arguments: Sequence[str]) -> int | None:
    """Run a command that needs no window; None when a window is wanted."""
    options = parser().parse_args(arguments)
    folder = options.folder or default_folder()
    try:
        if options.command == "study":
            return run_study(options)
        if options.command == "verify":
            return run_verify(options, folder)
        if options.command == "custodian":
            return run_custodian(options)
        if options.command in {"custody", "rescue"}:
            return run_custody(options, folder)
        if options.command == "export":
            return export_record(options, folder, remembered_study(folder, options.study_folder))
    except (CasebookError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return None
