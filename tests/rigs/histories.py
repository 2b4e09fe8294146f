"""Runs random histories and counts them."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, seed, settings

from casebook.errors import DeviceUnknownError
from tests.rigs.oracle import BrokenPromiseError
from tests.rigs.world import STEPS, Step, World

SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
USUAL_SEED = 20260301


def chosen_seed() -> int:
    """Return the seed: one and the same for `make test`, another at each soak, or what CASEBOOK_SEED says."""
    given_seed = os.environ.get("CASEBOOK_SEED", "")
    return int(given_seed) if given_seed else random.SystemRandom().getrandbits(32) if SOAK else USUAL_SEED


@dataclass(slots=True)
class Ran:
    """How much was run, and on which seed it can be run again."""

    seed: int
    histories: int = 0
    steps: int = 0
    broken: str = ""
    """The promise that did not hold."""

    def __str__(self) -> str:
        """Say so in one line."""
        return f"{self.steps} steps in {self.histories} histories (CASEBOOK_SEED={self.seed})"


def run_histories(make: Callable[[int], World], *, histories: int, shrink: bool = True) -> Ran:
    """Run histories on worlds of two to four laptops, each to its end; a failing one is made small and shown.

    Args:
        make: Makes a world with a number of laptops.
        shrink: Look for a smaller history that fails too.

    Raises:
        BrokenPromiseError: Something that was promised does not hold.
    """
    ran = Ran(chosen_seed())

    @settings(
        max_examples=histories,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @seed(ran.seed)
    @given(STEPS)
    def one(steps: list[Step]) -> None:
        world = make(2 + len(steps) % 3)
        try:
            for step in steps:
                ran.steps += 1
                world.do(step)
            world.settle()
        finally:
            ran.histories += 1
            world.close()

    one()
    return ran


def is_found(make: Callable[[int], World], *, within: int) -> Ran | None:
    """Tell whether histories show that something is wrong, and after how much; None when they do not."""
    ran = Ran(chosen_seed())

    def counting(laptops: int) -> World:
        ran.histories += 1
        return make(laptops)

    try:
        run_histories(counting, histories=within, shrink=False)
    except (BrokenPromiseError, DeviceUnknownError) as error:
        ran.broken = str(error)  # a server that forgot a laptop that it had stated broke its word too
        return ran
    return None
