"""A server whose files were put back behind its own back: it keeps its epoch, and names less than it confirmed.

A snapshot of its machine does that. What it said before is evidence of nothing any more, from the moment it is seen:
also where the link is gone before anything could be sent again.
"""

from collections.abc import Iterable, Iterator

import pytest

from casebook.custody import Custody, Evidence, Ledger, Link, Proof
from casebook.errors import RecordsLostError, ServerUnreachableError
from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH
from casebook.sync.attachments import at_server
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Server, Writer, copy_of, memory_study


class OnceOnly:
    """Carries one request; then the link is gone."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._used = False

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        if self._used:
            raise ServerUnreachableError
        self._used = True
        return self._server.send(request)


def _put_back() -> tuple[Server, Writer]:
    """Return a server that lost two of a laptop's three records, and kept its epoch."""
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    laptop.sync()
    older = copy_of(server.log)
    laptop.write("2")
    laptop.write("3")
    laptop.sync()
    older.set_setting(SERVER_EPOCH, server.log.setting(SERVER_EPOCH) or "")
    server.begin(older)
    return server, laptop


def test_nothing_counts_as_received_from_the_moment_a_server_names_less_than_it_confirmed() -> None:
    server, laptop = _put_back()
    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 3

    with pytest.raises(ServerUnreachableError):
        laptop.sync(OnceOnly(server))

    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 0


def test_everything_is_confirmed_anew_after_that_and_told_once() -> None:
    _, laptop = _put_back()

    first, second = laptop.sync(), laptop.sync()

    assert [type(one) for one in first.notices] == [RecordsLostError]
    assert first.in_step
    assert first.receipts == 1
    assert laptop.log.custody(laptop.device, laptop.head.epoch) == 3
    assert (second.notices, second.rounds, second.receipts) == ((), 1, 0)


def test_backup_that_was_made_before_the_records_came_again_does_not_speak_of_them() -> None:
    server, laptop = _put_back()
    server.log.set_setting(BACKUP_SERIAL, "50")
    laptop.log.set_setting(BACKUP_SERIAL, "50")
    assert laptop.log.backed_up(laptop.device, laptop.head.epoch) == 3

    with pytest.raises(ServerUnreachableError):
        laptop.sync(OnceOnly(server))

    assert laptop.log.backed_up(laptop.device, laptop.head.epoch) == 0


def test_attachments_are_asked_about_again() -> None:
    server, laptop = _put_back()
    commit = CommitId("0" * 64)
    epoch = server.log.setting(SERVER_EPOCH)
    laptop.log.set_setting("attachment." + commit, f'[2,2,{laptop.log.last_told_ms()},"{epoch}"]')
    assert at_server(laptop.log, commit).complete

    laptop.sync()

    assert not at_server(laptop.log, commit).complete


def test_custody_is_weighed_by_what_the_server_said_since() -> None:
    device, epoch = DeviceId("d" * 16), Epoch("e" * 6)
    one, two = (Link(id=CommitId(str(n) * 64), device=device, epoch=epoch, sequence=n) for n in (1, 2))
    end = ChainHead(device=device, epoch=epoch, sequence=2, id=two.id)

    def where(lost_at_ms: int) -> list[Custody]:
        proof = Proof(device=device, epoch=epoch, sequence=2, at_ms=100, serial=1)
        evidence = Evidence(proofs=(proof,), named=(end,), named_under="", named_at_ms=150, lost_at_ms=lost_at_ms)
        return [Ledger((one, two), evidence).where(link.id).custody for link in (one, two)]

    assert where(100) == [Custody.RECEIVED, Custody.RECEIVED]
    assert where(150) == [Custody.RECEIVED, Custody.RECEIVED]
    assert where(151) == [Custody.HERE_ONLY, Custody.HERE_ONLY]
