"""Wrong passphrases make the next try wait; neither another clock nor another start shortens it much."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.clock import Moment
from casebook.errors import WaitBeforeRetryError, WrongPassphraseError
from casebook.ids import UserId
from casebook.store.attempts import ATTEMPTS, Attempts, delay_after
from casebook.store.slots import KeySlots, VaultPerson
from tests.casebook.store.vaults import CHEAP_KDF, PASSPHRASE, PERSON, PRIVATE, USER


class HandClock:
    """Both clocks of a machine, set by hand."""

    def __init__(self) -> None:
        self.moment = Moment(utc_ms=1_800_000_000_000, offset_minutes=480, boot="one", uptime_ms=50_000)

    def __call__(self) -> Moment:
        return self.moment

    def wait(self, seconds: float) -> None:
        passed = int(seconds * 1000)
        self.moment = replace(self.moment, utc_ms=self.moment.utc_ms + passed, uptime_ms=self.moment.uptime_ms + passed)

    def set_wall(self, seconds: float) -> None:
        self.moment = replace(self.moment, utc_ms=self.moment.utc_ms + int(seconds * 1000))

    def boot(self) -> None:
        self.moment = replace(self.moment, boot=self.moment.boot + "x", uptime_ms=1000)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def slots(tmp_path: Path, clock: HandClock) -> Callable[[], KeySlots]:
    made, key = KeySlots.create(tmp_path, CHEAP_KDF, clock=clock)
    made.add_person(key, PERSON, PASSPHRASE, PRIVATE)
    made.add_person(key, VaultPerson(user=UserId("wang"), name="W"), "another", b"")
    return lambda: KeySlots.open(tmp_path, CHEAP_KDF, clock=clock)


def fail(slots: KeySlots, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassphraseError):
            slots.unlock(USER, "wrong")


def test_delay_grows_and_ends_at_a_quarter_of_an_hour() -> None:
    assert [delay_after(failures) for failures in range(7)] == [0, 0, 0, 5, 15, 60, 180]
    assert delay_after(10_000) == 15 * 60


def test_third_wrong_passphrase_makes_the_right_one_wait(slots: Callable[[], KeySlots], clock: HandClock) -> None:
    fail(slots(), 3)
    assert slots().wait_s(USER) == 5
    clock.wait(2.5)
    with pytest.raises(WaitBeforeRetryError) as caught:
        slots().unlock(USER, PASSPHRASE)
    assert caught.value.fields["seconds"] == 3
    assert PERSON.name in caught.value.sentence("zh")
    clock.wait(2.5)
    assert slots().unlock(USER, PASSPHRASE).failures == 3


def test_right_passphrase_forgets_the_wrong_ones(
    slots: Callable[[], KeySlots], clock: HandClock, tmp_path: Path
) -> None:
    fail(slots(), 3)
    clock.wait(5)
    assert slots().unlock(USER, PASSPHRASE).failures == 3
    assert slots().unlock(USER, PASSPHRASE).failures == 0
    assert slots().untold_failures() == {USER: 3}
    slots().tell_failures({USER: 3})
    assert (tmp_path / ATTEMPTS).read_bytes() == b"{}"
    fail(slots(), 2)
    assert slots().unlock(USER, PASSPHRASE).failures == 2


def test_wrong_passphrases_are_to_be_told_until_they_were(slots: Callable[[], KeySlots]) -> None:
    fail(slots(), 2)
    with pytest.raises(WrongPassphraseError):
        slots().unlock(UserId("wang"), "wrong")
    told = slots().untold_failures()
    assert told == {USER: 2, UserId("wang"): 1}
    fail(slots(), 1)
    slots().tell_failures(told)
    assert slots().untold_failures() == {USER: 1}
    assert slots().wait_s(USER) == 5, "telling shortens no wait"


def test_waiting_keeps_nobody_else_out(slots: Callable[[], KeySlots]) -> None:
    made = slots().make_recovery(slots().unlock(USER, PASSPHRASE).vault_key)
    fail(slots(), 3)
    assert slots().unlock(UserId("wang"), "another").failures == 0
    assert slots().unlock_recovery(made).vault_key


def test_try_that_waits_is_not_counted(slots: Callable[[], KeySlots], clock: HandClock) -> None:
    fail(slots(), 3)
    for _ in range(5):
        with pytest.raises(WaitBeforeRetryError):
            slots().unlock(USER, "wrong")
    clock.wait(5)
    fail(slots(), 1)
    assert slots().wait_s(USER) == 15


@pytest.mark.parametrize("set_by", [-86_400, 3_600, 86_400])
def test_setting_the_clock_changes_no_wait(slots: Callable[[], KeySlots], clock: HandClock, set_by: int) -> None:
    fail(slots(), 3)
    clock.set_wall(set_by)
    assert slots().wait_s(USER) == 5
    clock.wait(5)
    assert slots().wait_s(USER) == 0


def test_wait_goes_on_after_a_restart(slots: Callable[[], KeySlots], clock: HandClock) -> None:
    fail(slots(), 3)
    clock.boot()
    clock.set_wall(2)
    assert slots().wait_s(USER) == 3


def test_clock_set_back_before_a_restart_does_not_lock_out_for_long(
    slots: Callable[[], KeySlots], clock: HandClock
) -> None:
    fail(slots(), 3)
    clock.boot()
    clock.set_wall(-10 * 86_400)
    assert slots().wait_s(USER) == 5


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"li.ping": 1}', b'{"li.ping": {"failures": "x"}}', b"\xff", b"[" * 9999]
)
def test_damaged_count_is_no_count(tmp_path: Path, slots: Callable[[], KeySlots], content: bytes) -> None:
    fail(slots(), 3)
    (tmp_path / ATTEMPTS).write_bytes(content)
    assert slots().unlock(USER, PASSPHRASE).failures == 0


@given(st.lists(st.tuples(st.integers(-100_000, 100_000), st.integers(0, 2_000), st.booleans()), max_size=8))
def test_wait_is_never_longer_than_its_delay(steps: list[tuple[int, int, bool]]) -> None:
    clock = HandClock()
    with TemporaryDirectory() as folder:
        attempts = Attempts(Path(folder), clock)
        for number, (wall_s, waited_s, restarted) in enumerate(steps):
            attempts.fail("li")
            clock.set_wall(wall_s)
            clock.wait(waited_s)
            if restarted:
                clock.boot()
            assert 0 <= attempts.wait_s("li") <= delay_after(number + 1)
