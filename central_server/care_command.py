"""Commands that look after a server: backup, restore, check, receipts, health.

    casebook-server backup FOLDER --to DIR
    casebook-server restore DIR --to FOLDER
    casebook-server check FOLDER
    casebook-server receipts FOLDER
    casebook-server health FOLDER

Source: docs/operations.md, section "Backup and restore".
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF
from central_server import backup, health, receipts_report
from central_server.accounts import Accounts
from central_server.app import Stores
from central_server.authority import PASSPHRASE_VARIABLE, UNBLINDING_VARIABLE, StudyKeys, read_keys
from central_server.checking import StoreCheck, check_stores
from central_server.settings import ServerSettings, read_settings

Tell = Callable[[str], None]
_SHELVES = {"S": "standard", "U": "unblinding"}


def add_arguments(command: argparse.ArgumentParser, name: str) -> None:
    """Add the arguments of one of the commands."""
    match name:
        case "backup":
            command.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder to make")
        case "restore":
            command.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder of the server to be")
        case "openapi":
            pass
        case _:
            command.add_argument("--json", action="store_true", help="for programs")


def open_folder(folder: Path) -> tuple[ServerSettings, StudyKeys]:
    """Read settings and keys of a server's folder, with the passphrases in the environment."""
    first, second = (os.environ.get(name) or None for name in (PASSPHRASE_VARIABLE, UNBLINDING_VARIABLE))
    return read_settings(folder), read_keys(folder, passphrase=first, policy=PRODUCTION_KDF, unblinding=second)


def back_up(settings: ServerSettings, keys: StudyKeys, accounts: Accounts, to: Path, tell: Tell) -> None:
    """Make a verified backup and note it. Raises as `backup.make_backup`."""
    made = backup.make_backup(settings, keys, to, at=datetime.now(tz=UTC))
    accounts.note_backup(made.serials, made.made_at_ms)
    for line in _in_words(made.stores):
        tell(line)
    if made.left_out:
        tell(f"{made.left_out} damaged chunks of attachments were set aside and are not in it: see `check`.")
    tell(f"Backup in {to}, verified. Laptops are told at their next exchange. Take a copy of it to another machine.")


def restore(source: Path, to: Path, tell: Tell) -> None:
    """Make a server of a backup. Raises as `backup.restore_files` and `backup.begin_anew`."""
    backup.restore_files(source, to)
    _, keys = open_folder(to)
    checks = backup.begin_anew(to, keys, at=datetime.now(tz=UTC), random_bytes=os.urandom)
    for line in _in_words(checks):
        tell(line)
    tell(f"Server in {to}. Start it: what is missing since the backup comes with each laptop's next exchange.")
    tell(f"`casebook-server receipts {to}` tells what is missing still.")


def check(settings: ServerSettings, keys: StudyKeys, tell: Tell, *, as_json: bool) -> bool:
    """Examine the stores; returns whether all is whole. Raises as `checking.check_stores`."""
    found = check_stores(settings.folder, keys, in_use=True)
    damaged = sum(one.damaged_chunks for one in found)
    if as_json:
        tell(json.dumps([asdict(one) for one in found]))
        return not damaged
    for line in _in_words(found):
        tell(line)
    if keys.unblinding is None:
        tell("The unblinding store was not looked at: its key was not given.")
    if damaged:
        tell("Damaged chunks were moved to chunks/.../damaged. A backup has them; or a laptop, after a restore.")
    else:
        tell("Everything that was looked at is whole.")
    return not damaged


def tell_receipts(stores: Stores, accounts: Accounts, tell: Tell, *, as_json: bool) -> None:
    """Tell what was confirmed and what is missing."""
    report = receipts_report.receipts_report(stores, accounts.directory)
    if as_json:
        more = {"missing": report.missing, "not_heard": [one.device for one in report.not_heard]}
        tell(json.dumps(asdict(report) | more))
        return
    for line in receipts_report.in_words(report):
        tell(line)


def tell_health(settings: ServerSettings, keys: StudyKeys, stores: Stores, tell: Tell, *, as_json: bool) -> bool:
    """Look whether a server can do its work, and tell; returns whether it can."""
    now = datetime.now(tz=UTC)
    found = health.look(
        settings.folder, keys, lambda: stores.standard.set_setting(health.LOOKED, str(int(now.timestamp()))), at=now
    )
    for line in (json.dumps(asdict(found)),) if as_json else health.in_words(found):
        tell(line)
    return found.is_up


def _in_words(checks: Iterable[StoreCheck]) -> Iterable[str]:
    for one in checks:
        unknown = f", {one.unknown} of authors not known here" if one.unknown else ""
        yield (
            f"{_SHELVES[one.shelf]}: {one.commits} commits in {one.chains} chains, every signature holds{unknown}; "
            f"{one.parked} waiting, {one.quarantined} in quarantine, last receipt {one.serial}"
        )
        if one.chunks or one.damaged_chunks or one.missing_chunks:
            damaged = f", {one.damaged_chunks} damaged" if one.damaged_chunks else ""
            yield f"  attachments: {one.chunks} chunks here{damaged}, {one.missing_chunks} named that are not here"
