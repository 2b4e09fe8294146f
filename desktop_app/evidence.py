"""What a laptop's shelves can show of where their commits are, and what they hold that the server may not have.

Reads; decides nothing and writes nothing. What the evidence proves is told by `casebook.custody`.

Source: docs/store.md, section "Custody".
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

from casebook.custody import Carried, Custody, Evidence, Holding, Ledger, Link, Proof, Where, weakest
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, DeviceId, SubjectId
from casebook.ledger import SealedCommit
from casebook.payloads import KeyGrantPayload, SecurityPayload, read
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, SERVER_LOST_AT
from casebook.store.commit_log import SqlcipherLog
from casebook.store.vault_files import VaultFolder
from casebook.sync.attachments import pending_attachments
from casebook.sync.bundle_notes import TO_SERVER, noted
from casebook.sync.step import read_step
from casebook.sync.trust import Directory
from desktop_app.shelf import Shelf

WAITING_FILE = "waiting.json"
"""Beside the vault, plain: how many records of the standard shelf waited for the server at the last lock."""
RETIRED, KEPT = "laptop-retired", "laptop-kept"
"""Security events: a laptop is being retired; it was not retired after all."""


def ledger_of(log: SqlcipherLog) -> Ledger:
    """Return where every commit of a shelf is, as its log shows now."""
    step = read_step(log)
    return Ledger(
        log.links(),
        Evidence(
            server_epoch=log.setting(SERVER_EPOCH) or "",
            proofs=tuple(
                Proof(
                    device=one.device,
                    epoch=one.epoch,
                    sequence=one.sequence,
                    at_ms=one.at_ms,
                    serial=one.serial,
                    server_epoch=one.server_epoch,
                )
                for one in log.receipts()
            ),
            backup_serial=int(log.setting(BACKUP_SERIAL) or "0"),
            named=step.heads if step is not None else (),
            named_under=step.server_epoch if step is not None else None,
            named_at_ms=step.at_ms if step is not None else 0,
            lost_at_ms=_lost_at_ms(log),
            bundles=tuple(
                Carried(number=one.number, heads=one.heads) for one in noted(log) if one.recipient == TO_SERVER
            ),
        ),
    )


class Places:
    """Where the commits of a session's shelves are, as the last look found; what was sealed since is here only."""

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        """Look at nothing before the first question."""
        self._shelves = tuple(shelves)
        self._ledgers: tuple[Ledger, ...] | None = None
        self._subjects: Mapping[SubjectId, Where] = {}

    def forget(self) -> None:
        """Look again at the next question: an exchange or a bundle changed something."""
        self._ledgers = None

    def ledgers(self) -> tuple[Ledger, ...]:
        """Return the ledger of each shelf."""
        if self._ledgers is None:
            self._ledgers = tuple(ledger_of(shelf.log) for shelf in self._shelves)
            places: dict[SubjectId, list[Where]] = {}
            for ledger in self._ledgers:
                for link in ledger.links.values():
                    if link.subject is not None:
                        places.setdefault(link.subject, []).append(ledger.where(link.id))
            self._subjects = {subject: weakest(found) for subject, found in places.items()}
        return self._ledgers

    def where(self, commit: CommitId) -> Where:
        """Return where a commit is."""
        for ledger in self.ledgers():
            where = ledger.where(commit)
            if where.custody is not Custody.NOTHING:
                return where
        return Where(custody=Custody.HERE_ONLY)

    def of_subject(self, subject: SubjectId) -> Where:
        """Return where what is recorded of a subject is: the least safe part of it."""
        self.ledgers()
        return self._subjects.get(subject, Where(custody=Custody.HERE_ONLY))


def holding_of(shelf: Shelf, ledger: Ledger, device: DeviceId, folder: VaultFolder, *, owed: int = 0) -> Holding:
    """Return what a shelf holds that the server is not proved to have.

    Args:
        folder: The shelf's own.
        owed: Notes that wait to be sealed.
    """
    unproved = ledger.unproved()
    own = sum(1 for link in unproved if link.device == device)
    unwritten = sum(1 for commit in shelf.spool.sealed() if commit.id not in ledger.links)
    step = read_step(shelf.log)
    return Holding(
        own=own + unwritten,
        others=len(unproved) - own,
        open=len({entry.draft for entry in shelf.spool.open_entries()}),
        parked=sum(1 for commit in shelf.log.parked() if not ledger.covers(_link(commit))),
        quarantined=len(shelf.log.quarantined()),
        set_aside=set_aside(folder),
        owed=owed,
        in_step=step is not None
        and step.in_step
        and step.server_epoch == (shelf.log.setting(SERVER_EPOCH) or "")
        and step.at_ms >= _lost_at_ms(shelf.log),
    )


def _lost_at_ms(log: SqlcipherLog) -> int:
    return int(log.setting(SERVER_LOST_AT) or "0")


def set_aside(folder: VaultFolder) -> int:
    """Return how many folders of damaged files lie beside a shelf, and databases that were being made anew."""
    aside = [path for path in (folder.path / "damaged").glob("*") if path.is_dir() and any(path.iterdir())]
    return len(aside) + sum(1 for _ in folder.path.glob("salvage-*"))


def unsent_attachments(shelf: Shelf, device: DeviceId) -> int:
    """Return how many attached files of a shelf the server lacks a part of that is here, or that was made here."""
    pending = pending_attachments(shelf.log, shelf.chunks)
    return sum(1 for one in pending if one.here or one.device == device)


def owed_notes(shelf: Shelf) -> int:
    """Return how many notes wait to be sealed at the next sign-in."""
    text = shelf.setting("owed_notes")
    return len(json.loads(text)) if text else 0


def waiting(folder: VaultFolder) -> int:
    """Return how many records waited for the server at the last lock; 0 where nobody noted any."""
    try:
        return int(json.loads((folder.path / WAITING_FILE).read_text(encoding="utf-8"))["records"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def note_waiting(folder: VaultFolder, records: int) -> None:
    """Note it for the unlock page. It says nothing of a person, a subject or a treatment; a disk may refuse it."""
    with suppress(OSError):
        if records:
            (folder.path / WAITING_FILE).write_text(json.dumps({"records": records}), encoding="utf-8")
        else:
            (folder.path / WAITING_FILE).unlink(missing_ok=True)


def _link(commit: SealedCommit) -> Link:
    header = commit.parsed
    return Link(
        id=commit.id, device=header.device, epoch=header.epoch, sequence=header.sequence, previous=header.previous
    )


def others_with_names_key(log: SqlcipherLog, directory: Directory, site: str, device: DeviceId) -> frozenset[DeviceId]:
    """Return the site's other laptops that can open the participants' names and go on taking part.

    Whoever was given the site's identity key has it, and whoever gave it. A laptop that was withdrawn does not
    count, nor one that said that it is being retired and not since that it stays.
    """
    holders: set[DeviceId] = set()
    for _, commit in log.of_kind("key"):
        grant = _payload(commit)
        if isinstance(grant, KeyGrantPayload) and grant.site == site:
            holders |= {grant.device, commit.parsed.device}
    working = {one.device for one in directory.devices(site) if not one.revoked}
    return frozenset((holders & working) - retired(log) - {device})


def retired(log: SqlcipherLog) -> frozenset[DeviceId]:
    """Return the laptops whose last word is that they are being retired."""
    found: dict[DeviceId, str] = {}
    for _, commit in log.of_kind("sec"):
        said = _payload(commit)
        if isinstance(said, SecurityPayload) and said.event in {RETIRED, KEPT}:
            found[commit.parsed.device] = said.event
    return frozenset(one for one, event in found.items() if event == RETIRED)


def _payload(commit: SealedCommit) -> object:
    try:
        return read(commit, None)
    except (CommitUnreadableError, SealedAwayError):
        return None
