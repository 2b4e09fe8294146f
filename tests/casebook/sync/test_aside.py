"""What does not verify is kept up to a bound for each sender, the oldest first."""

import pytest

from casebook.sync import aside
from tests.casebook.store.memory_log import MemoryLog


def test_sender_that_floods_is_bounded_and_another_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_BYTES", 100)
    log = MemoryLog()
    kept = [aside.set_aside(log, bytes([number]) * 30, "x", "flooder") for number in range(10)]

    assert kept == [True, True, True] + [False] * 7
    assert [one.body[0] for one in log.quarantined()] == [0, 1, 2]
    assert aside.set_aside(log, b"other" * 10, "x", "another")
    assert aside.set_aside(log, b"nobody", "x", "")


def test_same_bytes_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MOST_BYTES", 100)
    log = MemoryLog()
    assert [aside.set_aside(log, b"a" * 60, "x", "one") for _ in range(3)] == [True, False, False]
    assert aside.set_aside(log, b"b" * 40, "x", "one")
