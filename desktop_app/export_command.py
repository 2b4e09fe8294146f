"""`casebook export`: the record of a laptop as files, without a window.

The passphrase is asked on the terminal, or read from the first line of standard input when that is a pipe;
it is never an argument, where other users of the machine would see it.
"""

import getpass
import sys
from pathlib import Path
from typing import TextIO

from casebook.errors import CasebookError, LaptopNotEnrolledError
from casebook.export import ExportFormat
from casebook.ids import UserId
from desktop_app.snapshots import Person
from desktop_app.vault import Laptop

REFUSED = 2


def read_passphrase(stream: TextIO, who: str) -> str:
    """Return the passphrase of `who`, asked on the terminal or read from a pipe."""
    if stream.isatty():
        return getpass.getpass(f"Passphrase of {who}: ")
    return stream.readline().rstrip("\r\n")


def choose_person(people: tuple[Person, ...], wanted: str | None) -> UserId | None:
    """Return who exports: the one who is named by user id or name, or the only one that there is."""
    found = [one for one in people if wanted is None or wanted in {one.user, one.name}]
    return found[0].user if len(found) == 1 else None


def run_export(
    laptop: Laptop, out: Path, *, user: str | None, kind: ExportFormat, stream: TextIO, attachments: bool = False
) -> int:
    """Unlock a laptop's folder, export, and say where it lies.

    Returns:
        0 when it is written, 2 when it was refused; standard error says why.
    """
    try:
        state = laptop.state()
        if state.problem is not None:
            raise state.problem
        if not state.enrolled:
            raise LaptopNotEnrolledError
        person = choose_person(state.people, user)
        if person is None:
            known = ", ".join(one.user for one in state.people)
            print(f"Name the person who exports with --user. People on this laptop: {known}", file=sys.stderr)
            return REFUSED
        session = laptop.unlock(person, read_passphrase(stream, person))
        try:
            done = session.export(str(out.absolute()), kind.value, attachments=attachments)
        finally:
            session.lock()
    except CasebookError as error:
        print(error, file=sys.stderr)
        return REFUSED
    print(f"Written: {done.path} ({done.files} files; manifest sha256 {done.sha256})")
    print(
        f"{done.subjects} subjects, {done.forms} forms. Left empty for conflicts: {done.conflicts} values. "
        f"Not readable on this laptop: {done.unreadable} commits."
    )
    if attachments:
        print(f"Attachments: {done.attachments} files; they can show faces and names. No file of: {done.no_file}.")
    elif done.no_file:
        print(f"Attachments left out: {done.no_file}; --with-attachments writes them. They can show faces and names.")
    print("Left out: identity forms and items, handwritten signatures, documents and people's names.")
    return 0
