"""What an exchange costs on the wire: application bytes with HTTP headers, TLS apart, in requests of a real laptop.

python -m tests.bench.wire_bytes

A relay on 127.0.0.1 ends the laptop's TLS, counts what passes in the clear and begins TLS anew to a real server. The
signed-in person exchanges shelf S, and then both shelves in one request. Forms have 36 items with likely values.
"""

import os
import random
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

from casebook import ledger, payloads
from casebook.clock import system_clock
from casebook.ids import new_epoch, new_subject_id, ref_of
from casebook.ledger import STANDARD, UNBLINDING, ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, VisitKey
from casebook.sync.engine import ShelfExchange, converse
from desktop_app.sync_client import HttpPeer
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess
from tests.tls_listener import TlsProxy

FORMS, ITEMS = 20, 36
_LOOK_S = 0.01


class Relay(TlsProxy):
    """Counts what passes between a laptop and the server, in the clear."""

    def __init__(self, server: ServerProcess, authority: bytes) -> None:
        self.up = bytearray()
        self.down = bytearray()
        super().__init__(server, authority)

    def _talk(self, near: ssl.SSLSocket) -> None:
        with self._far() as far:
            near.settimeout(_LOOK_S)
            far.settimeout(_LOOK_S)
            while self._carry(near, far, self.up) and self._carry(far, near, self.down):
                pass

    def _carry(self, source: ssl.SSLSocket, target: ssl.SSLSocket, count: bytearray) -> bool:
        """Pass on what has come; False when the source has closed."""
        try:
            data = source.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        count += data
        target.sendall(data)
        return bool(data)

    def taken(self) -> tuple[int, int, int]:
        """Return bytes up, bytes down and requests since the last look."""
        told = len(self.up), len(self.down), self.up.count(b" HTTP/1.1\r\n")
        self.up.clear()
        self.down.clear()
        return told


def likely(place: int, chance: random.Random) -> str:
    """Return a value as forms have them: numbers, codes, dates."""
    match place % 3:
        case 0:
            return str(chance.randrange(60, 150))
        case 1:
            return chance.choice(("Y", "N", "UNK"))
        case _:
            return f"2026-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"


def seal(laptop: EnrolledLaptop, operations: Sequence[Operation], key: FormKey, anchor: int) -> SealedCommit:
    """Seal a form's entries as the laptop's next commit of shelf S and keep it."""
    place = (STANDARD, laptop.enrolled.site)
    head = laptop.heads.get(place) or ChainHead(device=laptop.device, epoch=new_epoch(os.urandom), sequence=0, id=None)
    kind, body = payloads.write(DataPayload(key=key, form_version="f6b2d077ac973d17", operations=tuple(operations)))
    sealer = Sealer(
        study=laptop.enrolled.study,
        site=laptop.enrolled.site,
        app_version="0.1.0",
        signer=laptop.person,
        random_bytes=os.urandom,
    )
    draft = CommitDraft(kind=kind, author=laptop.user, body=body)
    commit = ledger.seal(draft, after=head, sealer=sealer, moment=system_clock(), anchor=anchor)
    laptop.heads[place] = ledger.head_after(commit)
    laptop.log.append([commit])
    return commit


def path(place: int) -> ItemPath:
    """Return one of the form's items, in four groups."""
    return ItemPath(group=f"IG.FORM.PART{place // 9}", item=f"FORMITEM{place:02d}")


def write_forms(laptop: EnrolledLaptop, forms: int) -> tuple[FormKey, SealedCommit]:
    """Fill forms of as many subjects; returns the last."""
    chance = random.Random(forms)
    for _ in range(forms):
        key = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.FORM")
        operations = [SetItem(path=path(place), reading=Reading(value=likely(place, chance))) for place in range(ITEMS)]
        commit = seal(laptop, operations, key, laptop.log.last_serial())
    return key, commit


def correct(laptop: EnrolledLaptop, key: FormKey, before: SealedCommit) -> None:
    """Change one item of a form, with a reason."""
    reading = Reading(value="88")
    change = SetItem(path=path(3), reading=reading, bases=(ref_of(before.id),), reason="mistyped")
    seal(laptop, [change], key, laptop.log.last_serial())


def synchronise(laptop: EnrolledLaptop, relay: Relay, shelves: str) -> str:
    """Exchange on a new connection and tell what passed."""
    relay.taken()
    with HttpPeer(relay.url, laptop.enrolled.authority) as peer:
        exchanges = [
            ShelfExchange(
                laptop.log if shelf == STANDARD else laptop.unblinding,
                laptop=laptop.laptop(shelf, signed_in=True),
                directory=laptop.directory,
                random_bytes=os.urandom,
            )
            for shelf in shelves
        ]
        conversed = converse(exchanges, peer)
    if conversed.error is not None:
        raise conversed.error
    assert all(report.in_step for report in conversed.reports)
    up, down, requests = relay.taken()
    return f"{up:>7} up {down:>7} down {up + down:>7} both {requests:>3} requests"


def main() -> None:
    """Print a line for each exchange."""
    with tempfile.TemporaryDirectory() as name, ServerProcess(Path(name) / "server") as server:
        laptop = EnrolledLaptop(server)
        relay = Relay(server, laptop.enrolled.authority)
        try:
            for shelves in (STANDARD, STANDARD + UNBLINDING):
                write_forms(laptop, 1)
                synchronise(laptop, relay, shelves)
                synchronise(laptop, relay, shelves)
                key, before = write_forms(laptop, FORMS)
                print(f"{shelves:3} {FORMS} new forms of {ITEMS} items  {synchronise(laptop, relay, shelves)}")
                correct(laptop, key, before)
                print(f"{shelves:3} one correction             {synchronise(laptop, relay, shelves)}")
                print(f"{shelves:3} nothing new                {synchronise(laptop, relay, shelves)}")
        finally:
            relay.close()


if __name__ == "__main__":
    main()
