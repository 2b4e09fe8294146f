"""Older copies, forks and losses: what is told, what comes back, what is kept."""

from collections.abc import Iterable, Iterator

import pytest

from casebook.errors import (
    ChainForkError,
    OlderCopyError,
    ServerUnreachableError,
)
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Server, Writer, copy_of, ids, memory_study


def test_older_copy_of_the_folder_is_told_and_its_lost_entries_come_back() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    laptop.sync()
    older = copy_of(laptop.log)
    lost = [laptop.write("2"), laptop.write("3")]
    laptop.sync()
    laptop.log = older
    told: list[int] = []

    report = laptop.sync(on_older_copy=lambda: told.append(laptop.log.count()))

    assert report.older_copy
    assert [type(one) for one in report.notices] == [OlderCopyError]
    assert "2 newer records" in report.notices[0].sentence()
    assert {commit.id for commit in lost} <= ids(laptop.log)
    assert len(told) == 1
    laptop.begin_epoch()
    laptop.write("4")
    assert laptop.sync().in_step
    assert not laptop.sync().older_copy


def test_older_copy_that_wrote_on_is_told_and_both_branches_are_kept_everywhere() -> None:
    server = memory_study()
    laptop, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    laptop.write("1")
    laptop.sync()
    older, head = copy_of(laptop.log), laptop.head
    laptop.write("2")
    laptop.write("3")
    laptop.sync()
    laptop.log, laptop.head = older, head
    branch = [laptop.write(str(value)) for value in range(10, 15)]

    report = laptop.sync()
    laptop.begin_epoch()
    laptop.write("99")
    again = laptop.sync()
    other = second.sync()

    assert ChainForkError in [type(one) for one in report.notices]
    assert report.older_copy
    assert {commit.id for commit in branch} <= ids(server.log)
    assert ids(laptop.log) == ids(server.log) == ids(second.log)
    assert again.in_step
    assert other.in_step
    assert laptop.log.custody(head.device, head.epoch) == 6
    assert again.notices == ()


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


def test_receipt_for_one_branch_does_not_speak_for_another_that_the_server_lacks() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    laptop.sync()
    older, head = copy_of(laptop.log), laptop.head
    laptop.write("2")
    laptop.write("3")
    laptop.sync()
    laptop.log, laptop.head = older, head
    for value in range(300):
        laptop.write(str(value))

    with pytest.raises(ServerUnreachableError):
        laptop.sync(OnceOnly(server))
    between = laptop.log.custody(head.device, head.epoch)
    promised = [one.id for one in laptop.log.chain(head.device, head.epoch) if one.parsed.sequence <= between]
    there = ids(server.log)
    laptop.sync()

    assert laptop.log.forks()
    assert set(promised) <= there
    assert between < 301
    assert laptop.log.custody(head.device, head.epoch) == 301


def test_short_branch_of_an_older_copy_reaches_the_server_too() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    laptop.write("1")
    laptop.sync()
    older, head = copy_of(laptop.log), laptop.head
    for value in range(5):
        laptop.write(str(value))
    laptop.sync()
    laptop.log, laptop.head = older, head
    branch = laptop.write("99")

    report = laptop.sync()

    assert report.in_step
    assert branch.id in ids(server.log)
    assert ids(laptop.log) == ids(server.log)


def test_new_epoch_is_taken_after_the_epoch_it_continues() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    for _ in range(6):
        laptop.write()
        laptop.begin_epoch()

    assert laptop.sync().in_step
    assert ids(server.log) == ids(laptop.log)


def test_server_put_back_to_an_older_copy_is_refilled() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    first.write("1")
    first.sync()
    second.sync()
    backup = copy_of(server.log)
    first.write("2")
    second.write("3")
    first.sync()
    second.sync()
    everything = ids(server.log)
    server.begin(backup)

    report = second.sync()

    assert report.in_step
    assert ids(server.log) == everything


def test_server_rebuilt_from_nothing_recognises_the_laptop_by_its_own_statements() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    for value in range(50):
        first.write(str(value))
    first.sync()
    second.sync()
    everything = ids(server.log)
    server.begin(MemoryLog())

    report = second.sync()

    assert report.in_step
    assert ids(server.log) == everything
    assert [one.letter for one in server.directory.devices("001")] == ["A", "B"]
    assert first.sync().in_step
