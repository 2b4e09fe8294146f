"""The rig of random histories finds the faults that other systems had: each is put into the code and must be found.

Source: CHT, Turso, ownCloud (a cursor that the client keeps); Realm, PouchDB (last writer wins, silently).
"""

from collections.abc import Callable

import pytest

from tests.rigs.cuts import Uncut, cut, remember_verified, uncut
from tests.rigs.histories import is_found
from tests.rigs.mutants import Fault, mutated
from tests.rigs.test_faulty_links import MANY
from tests.rigs.world import World

FAULTS = (
    Fault(
        "a client's cursor is trusted",
        "casebook.sync.shelf_exchange:ShelfExchange._lacking_there",
        "lacking(heads, self._server_heads.get(chain, ()), has=self._log.has)",
        "(lambda mark: None if mark >= heads[0].sequence else mark)("
        "max((one.sequence for one in self._log.receipts() if (one.device, one.epoch) == chain), default=0))",
    ),
    Fault(
        "duplicates are told by device, epoch and sequence",
        "casebook.sync.intake:Intake._verify",
        "if self._is_held(header, commit.id):",
        "if any(one.parsed.sequence == header.sequence for one in "
        "self._log.chain(header.device, header.epoch, header.sequence - 1)):",
    ),
    Fault(
        "the last writer wins by the clock",
        "casebook.heads:_Found.free_item",
        "heads = tuple(entry for ref, entry in last.items() if ref not in superseded)",
        "heads = (max(last.values(), key=lambda entry: entry.moment.utc_ms),)",
    ),
    Fault(
        "a branch of a fork is dropped",
        "casebook.sync.chains:by_chain",
        "grouped[chain] = (*grouped.get(chain, ()), head)",
        "grouped[chain] = (head,)",
    ),
)
WITHIN = 60
_GOES_BACK = (
    Fault(
        "a short opening is answered with the laptop's own records",
        "casebook.sync.serving:ServerExchange._missing_there",
        "self._brief is not None and self._device is not None and chain[0] == self._device.device",
        "False",
    ),
    Fault(
        "what went out before a cut is guessed to be lost",
        "casebook.sync.shelf_exchange:ShelfExchange._guess",
        "if self._memory.asks_first:",
        "if False:",
    ),
)
"""What makes an exchange send again what arrived."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.timeout(600)
def test_fault_is_found(fault: Fault, record_property: Callable[[str, object], None]) -> None:
    with mutated(fault):
        found = is_found(World, within=WITHIN)

    assert found is not None, f"{WITHIN} histories did not show that {fault.name}"
    record_property("rig", f"fault found ({fault.name}): {found.histories} histories, {found.broken}")


@pytest.mark.parametrize("fault", _GOES_BACK, ids=lambda fault: fault.name)
def test_fault_that_sends_again_is_found_by_cuts(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    remember_verified(monkeypatch)
    whole = uncut(MANY)
    places = [whole.carrier.up.carried * part // 8 for part in range(1, 8)]
    for place in places:
        cut(whole, up_bytes=place)

    with mutated(fault):
        found = [place for place in places if _repeats(whole, place)]

    assert found, f"cuts at {places} did not show that {fault.name}"


def _repeats(whole: Uncut, place: int) -> bool:
    try:
        cut(whole, up_bytes=place)
    except AssertionError:
        return True
    return False
