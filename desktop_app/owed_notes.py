"""What happened around security while nobody was signed in, kept until somebody is: then it enters the audit trail.

A recovery sheet or a custodian's code opens the laptop without a session. What was done is kept in the standard
shelf, in spool and database, and the laptop seals it into the record as soon as somebody signs in.

Source: 21 CFR 11.10(e), 11.300(d); docs/record_format.md, section "Audit".
"""

import json
from collections.abc import Iterable, Mapping

from casebook.payloads import SecurityPayload
from casebook.store.healing import OpenStore
from desktop_app.record import Record

_OWED = "owed_notes"

Note = tuple[str, Mapping[str, str]]
"""An event, and what it says beside its name."""


def owe(store: OpenStore, notes: Iterable[Note]) -> None:
    """Keep notes for the next sign-in; durable on return."""
    known = {**store.log.settings(), **store.spool.settings()}.get(_OWED, "")
    owed = [*(json.loads(known) if known else []), *([name, dict(fields)] for name, fields in notes)]
    text = json.dumps(owed, ensure_ascii=False, sort_keys=True)
    store.spool.set_setting(_OWED, text)
    store.log.set_setting(_OWED, text)


def settle(record: Record, compartment: str) -> None:
    """Seal what is owed as the laptop's own notes; a crash in between tells it twice, never not at all."""
    text = record.standard.setting(_OWED)
    if not text:
        return
    notes = [SecurityPayload(event=name, fields=fields) for name, fields in json.loads(text)]
    record.seal([(note, compartment) for note in notes], as_device=True)
    record.standard.set_setting(_OWED, "")
