"""Pieces of work that wait are done in one group, and nobody hears of one before its group is durable."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casebook.errors import DiskFailedError, FrameCorruptError, VaultInUseError
from casebook.store.vault_files import VaultFolder, VaultLock
from central_server.turns import Turns
from central_server.worker import StoreWorker


class Groups:
    """Keeps what was written together, and tells whether a group is under way."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.durable: list[list[int]] = []
        self.undone = 0
        self._refuses = refuses
        self._now: list[int] = []

    @contextmanager
    def together(self) -> Iterator[None]:
        self._now = []
        yield
        if self._refuses:
            raise DiskFailedError(folder=Path(), why="full")
        self.durable.append(self._now)

    def write(self, number: int) -> int:
        self._now.append(number)
        return number

    def undo(self) -> None:
        self.undone += 1


def _gathered(groups: Groups, count: int) -> list[int | BaseException]:
    async def talk() -> list[int | BaseException]:
        worker = StoreWorker(groups.together, groups.undo)
        gate = threading.Event()
        first = asyncio.create_task(worker.run(gate.wait))
        await asyncio.sleep(0)
        rest = [asyncio.create_task(worker.run(groups.write, number)) for number in range(count)]
        await asyncio.sleep(0)
        assert worker.waiting >= count
        gate.set()
        found = await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.gather(first, return_exceptions=True)
        worker.close()
        return found

    return asyncio.run(talk())


def test_what_waits_becomes_durable_in_few_groups_and_in_order() -> None:
    groups = Groups()
    assert _gathered(groups, 20) == list(range(20))
    assert [number for group in groups.durable for number in group] == list(range(20))
    assert len(groups.durable) < 10


def test_group_that_is_refused_is_heard_by_everybody_in_it() -> None:
    groups = Groups(refuses=True)
    assert {type(one) for one in _gathered(groups, 5)} == {DiskFailedError}
    assert groups.durable == []
    assert groups.undone >= 1


def test_error_of_one_piece_is_heard_by_its_asker_alone() -> None:
    groups = Groups()

    def refuse() -> None:
        raise FrameCorruptError(why="x")

    async def talk() -> None:
        worker = StoreWorker(groups.together)
        found = await asyncio.gather(
            worker.run(groups.write, 1), worker.run(refuse), worker.run(groups.write, 2), return_exceptions=True
        )
        assert [found[0], type(found[1]), found[2]] == [1, FrameCorruptError, 2]
        worker.close()

    asyncio.run(talk())
    assert sorted(number for group in groups.durable for number in group) == [1, 2]


def test_error_of_our_own_making_is_logged_and_heard(caplog: pytest.LogCaptureFixture) -> None:
    async def talk() -> None:
        worker = StoreWorker()
        with pytest.raises(ZeroDivisionError):
            await worker.run(lambda: 1 // 0)
        worker.close()

    asyncio.run(talk())
    assert "work at the store failed" in caplog.text


def test_command_that_asks_goes_before_the_next_group(tmp_path: Path) -> None:
    server, command = Turns(tmp_path), Turns(tmp_path)
    order: list[str] = []
    asked = threading.Event()

    def run_command() -> None:
        with command.asked():
            asked.set()
            with command.taken():
                order.append("command")

    with server.taken():
        thread = threading.Thread(target=run_command)
        thread.start()
        asked.wait()
        order.append("server")
    with server.taken():
        order.append("server again")
    thread.join()
    assert order == ["server", "command", "server again"]


def test_turn_is_exclusive(tmp_path: Path) -> None:
    with Turns(tmp_path).taken(), pytest.raises(VaultInUseError):
        VaultLock(VaultFolder(tmp_path))


@pytest.mark.parametrize("fails_at", ["begin", "end"])
def test_group_that_fails_for_a_reason_nobody_thought_of_leaves_nobody_waiting(fails_at: str) -> None:
    undone: list[int] = []

    @contextmanager
    def together() -> Iterator[None]:
        if fails_at == "begin":
            raise OSError
        yield
        raise OSError

    async def talk() -> list[int | BaseException]:
        worker = StoreWorker(together, lambda: undone.append(1))
        async with asyncio.timeout(60):
            found = await asyncio.gather(*(worker.run(int) for _ in range(5)), return_exceptions=True)
        worker.close()
        return found

    assert [type(one) for one in asyncio.run(talk())] == [OSError] * 5
    assert undone
