"""The rig of random histories finds the faults that other systems had: each is put into the code and must be found.

Source: CHT, Turso, ownCloud (a cursor that the client keeps); Realm, PouchDB (last writer wins, silently).
"""

from collections.abc import Callable

import pytest

from tests.rigs.histories import is_found
from tests.rigs.mutants import Fault, mutated
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
        "if self._log.has(commit.id):",
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


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.timeout(600)
def test_fault_is_found(fault: Fault, record_property: Callable[[str, object], None]) -> None:
    with mutated(fault):
        found = is_found(World, within=WITHIN)

    assert found is not None, f"{WITHIN} histories did not show that {fault.name}"
    record_property("rig", f"fault found ({fault.name}): {found.histories} histories, {found.broken}")
