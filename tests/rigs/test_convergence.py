"""Any interleaving of laptops, server, losses, restores and copies ends in equal casebooks with every entry there."""

from collections.abc import Callable

import pytest

from tests.rigs.histories import SOAK, run_histories
from tests.rigs.world import World

HISTORIES = 4000 if SOAK else 185
LEAST_STEPS = 10_000


@pytest.mark.timeout(0 if SOAK else 900)
def test_all_histories_end_in_equal_casebooks(record_property: Callable[[str, object], None]) -> None:
    ran = run_histories(World, histories=HISTORIES)

    record_property("rig", f"random histories in memory: {ran}")
    assert ran.steps >= LEAST_STEPS
