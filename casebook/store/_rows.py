"""Commits as rows: many are written with one statement, and looked for with one.

Source: docs/store.md, section "The database".
"""

from collections.abc import Mapping, Sequence

from casebook.ids import CommitId, SubjectId
from casebook.ledger import SealedCommit
from casebook.store import _sqlite

_MOST = 100
_INSERT = (
    "INSERT INTO commit_ (id, device, epoch, sequence, previous, kind, compartment, subject, header, payload,"
    " signature, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def insert(
    connection: _sqlite.Connection,
    commits: Sequence[SealedCommit],
    *,
    payloads: Mapping[CommitId, bytes],
    subjects: Mapping[CommitId, SubjectId | None],
    kept_at_ms: int,
) -> None:
    """Insert commits that are not held.

    Args:
        payloads: What stands in the place of a payload that was redacted, by commit.
        subjects: Whom they are about, by commit, where that is known.
    """
    connection.executemany(
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


def held_of(connection: _sqlite.Connection, ids: Sequence[CommitId]) -> frozenset[CommitId]:
    """Return those of some commits that are held."""
    held: set[CommitId] = set()
    for begin in range(0, len(ids), _MOST):
        some = [bytes.fromhex(one) for one in ids[begin : begin + _MOST]]
        found = connection.execute(f"SELECT id FROM commit_ WHERE id IN ({', '.join('?' * len(some))})", some)
        held.update(CommitId(id_.hex()) for (id_,) in found)
    return frozenset(held)
