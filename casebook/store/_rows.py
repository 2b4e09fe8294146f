"""Commits as rows: many are written with one statement.

Source: docs/store.md, section "The database".
"""

from collections.abc import Mapping, Sequence

from casebook.ids import CommitId, SubjectId
from casebook.ledger import SealedCommit
from casebook.store import _sqlite

_INSERT = (
    "INSERT INTO commit_ (id, device, epoch, sequence, previous, kind, compartment, subject, header, payload,"
    " signature, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
)
_LAST = "SELECT coalesce(max(position), 0) FROM commit_"


def insert(
    connection: _sqlite.Connection,
    commits: Sequence[SealedCommit],
    *,
    payloads: Mapping[CommitId, bytes],
    subjects: Mapping[CommitId, SubjectId | None],
    kept_at_ms: int,
) -> Sequence[SealedCommit]:
    """Insert commits and return those that were not held.

    Args:
        payloads: What stands in the place of a payload that was redacted, by commit.
        subjects: Whom they are about, by commit, where that is known.
    """
    last = connection.execute(_LAST).fetchone()
    written = connection.executemany(
        _INSERT,
        [
            (
                bytes.fromhex(one.id),
                one.parsed.device,
                one.parsed.epoch,
                one.parsed.sequence,
                bytes.fromhex(one.parsed.previous) if one.parsed.previous else None,
                one.parsed.kind,
                one.parsed.compartment,
                subjects.get(one.id),
                one.header,
                payloads.get(one.id, one.payload),
                one.signature,
                kept_at_ms,
            )
            for one in commits
        ],
    )
    if written.rowcount == len(commits):
        return commits
    new = {bytes(id_) for (id_,) in connection.execute("SELECT id FROM commit_ WHERE position > ?", last or (0,))}
    by_id = {bytes.fromhex(one.id): one for one in commits}
    return [one for id_, one in by_id.items() if id_ in new]
