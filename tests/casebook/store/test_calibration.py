"""The cost of a guess: what was measured chooses, and only between bounds that stand in code."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.crypto import PRODUCTION_KDF, KdfParameters, derive_key
from casebook.store.calibration import available_memory_kib, calibrate
from tests.casebook.store.vaults import CHEAP_KDF

MIB = 1024
GIB = 1024 * MIB


class Machine:
    """Its clock goes on by what a derivation costs: `ns_per_kib` for each pass over each KiB."""

    def __init__(self, s_per_gib: float) -> None:
        self.s_per_gib = s_per_gib
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def derive(self, cost: KdfParameters) -> None:
        self.now += self.takes(cost)

    def takes(self, cost: KdfParameters) -> float:
        return self.s_per_gib * cost.memory_kib * cost.passes / GIB

    def calibrated(self, available_kib: int = 64 * GIB) -> KdfParameters:
        return calibrate(PRODUCTION_KDF, clock=self.clock, derive=self.derive, available_kib=available_kib)


@pytest.mark.parametrize("s_per_gib", [0.4, 0.8, 1.0, 1.5, 2.2])
def test_guess_takes_about_a_second(s_per_gib: float) -> None:
    machine = Machine(s_per_gib)
    assert 0.8 <= machine.takes(machine.calibrated()) <= 1.3


def test_busy_moment_does_not_make_guessing_cheap() -> None:
    machine = Machine(0.8)
    tries: list[KdfParameters] = []

    def derive(cost: KdfParameters) -> None:
        tries.append(cost)
        machine.now += machine.takes(cost) * (10 if len(tries) == 1 else 1)

    cost = calibrate(PRODUCTION_KDF, clock=machine.clock, derive=derive, available_kib=64 * GIB)
    assert cost == machine.calibrated()


def test_slow_laptop_keeps_the_floor() -> None:
    assert Machine(60).calibrated() == KdfParameters(memory_kib=128 * MIB, passes=3, lanes=2)


def test_fast_machine_stops_at_the_ceiling_and_makes_more_passes() -> None:
    cost = Machine(0.05).calibrated()
    assert cost.memory_kib == GIB
    assert cost.passes == PRODUCTION_KDF.ceiling.passes


def test_laptop_with_little_memory_makes_more_passes_instead() -> None:
    machine = Machine(0.8)
    cost = machine.calibrated(available_kib=600 * MIB)
    assert cost.memory_kib == 144 * MIB
    assert cost.passes > 3
    assert 0.8 <= machine.takes(cost) <= 1.3


@given(st.floats(1e-6, 1e6), st.integers(0, 2**40), st.floats(0.01, 100))
def test_cost_is_always_admitted(s_per_gib: float, available: int, target: float) -> None:
    machine = Machine(s_per_gib)
    cost = calibrate(
        PRODUCTION_KDF, target_s=target, clock=machine.clock, derive=machine.derive, available_kib=available
    )
    assert PRODUCTION_KDF.admits(cost)


@pytest.mark.parametrize("clock", [lambda: 0.0, None])
def test_real_derivation_is_within_the_policy(clock: Callable[[], float] | None) -> None:
    cost = calibrate(CHEAP_KDF, target_s=0.001) if clock is None else calibrate(CHEAP_KDF, clock=clock)
    assert CHEAP_KDF.admits(cost)


def test_bounds_stand_in_code() -> None:
    assert (PRODUCTION_KDF.floor.memory_kib, PRODUCTION_KDF.floor.passes) == (128 * MIB, 3)
    assert PRODUCTION_KDF.ceiling.memory_kib == GIB


def test_machine_says_how_much_memory_is_free() -> None:
    free = available_memory_kib()
    assert free is None or free > 1024


@pytest.mark.timeout(60)
def test_derivations_of_several_lanes_at_once_all_end() -> None:
    cost = KdfParameters(memory_kib=8 * MIB, passes=2, lanes=2)
    with ThreadPoolExecutor(max_workers=4) as threads:
        derived = set(threads.map(lambda _: derive_key("a passphrase", bytes(16), cost), range(40)))
    assert len(derived) == 1
