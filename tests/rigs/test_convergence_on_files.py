"""As `test_convergence`, with every log an encrypted file; and a store that breaks its word is found out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rigs.files import Files
from tests.rigs.histories import SOAK, is_found, run_histories
from tests.rigs.mutants import Fault, mutated

HISTORIES = 200 if SOAK else 12
NOT_YET_DURABLE = Fault(
    "receipts are given before what they speak of is durable",
    "casebook.store.commit_log:SqlcipherLog._write",
    "part = inner if self._is_together else _sqlite.transaction",
    "part = (self._connection.in_transaction or self._connection.execute('BEGIN IMMEDIATE'), inner)[1]",
)
WITHIN = 30


@pytest.mark.timeout(0 if SOAK else 900)
def test_all_histories_on_files_end_in_equal_casebooks(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    ran = run_histories(Files(tmp_path).world, histories=HISTORIES)

    record_property("rig", f"random histories on encrypted files: {ran}")
    assert ran.histories >= HISTORIES


@pytest.mark.timeout(600)
def test_receipt_before_durability_is_found(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    with mutated(NOT_YET_DURABLE):
        found = is_found(Files(tmp_path).world, within=WITHIN)

    assert found is not None, f"{WITHIN} histories did not show that {NOT_YET_DURABLE.name}"
    record_property("rig", f"fault found ({NOT_YET_DURABLE.name}): {found.histories} histories, {found.broken}")
