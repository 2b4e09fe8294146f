"""The ends of chains, kept beside the commits so that naming them costs nothing that grows with the record.

A commit enters the log after the one that it follows, so each new one is an end; what it follows in its own
chain is one no longer. A chain with more than one end has forked. The table says nothing that the commits do
not say, and an examination compares the two.

Source: docs/store.md, section "The database".
"""

from collections.abc import Sequence

from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead, Header, SealedCommit
from casebook.store import _sqlite

_COUNTED = "SELECT count(*) FROM"
_CHILDLESS = (
    "commit_ c WHERE NOT EXISTS (SELECT 1 FROM commit_ n WHERE n.device = c.device AND n.epoch = c.epoch"
    " AND n.sequence = c.sequence + 1 AND n.previous = c.id)"
)
FILL = (
    "INSERT INTO tip_ (id, device, epoch, sequence, site)"
    f" SELECT id, device, epoch, sequence, json_extract(CAST(header AS TEXT), '$.si') FROM {_CHILDLESS}"
)
"""Work the table out from the commits, for a file that has none yet."""
_ENDS = "SELECT t.device, t.epoch, t.sequence, t.id, t.site FROM tip_ t JOIN commit_ c ON c.id = t.id"
_ORDER = " ORDER BY t.device, t.epoch, t.sequence DESC, c.position"
ALL = _ENDS + _ORDER
"""All ends, for `read`."""


def of_sites(count: int) -> str:
    """Return the statement that gives the ends of so many sites' chains, and of a device's; those are parameters."""
    if not count:
        return f"{_ENDS} WHERE t.device = ?{_ORDER}"
    return f"{_ENDS} WHERE t.site IN ({', '.join('?' * count)}) OR t.device = ?{_ORDER}"


def extend(connection: _sqlite.Connection, commits: Sequence[SealedCommit]) -> None:
    """Note commits that were just inserted, each after the one that it follows."""
    ends: dict[CommitId, Header] = {}
    followed: list[tuple[bytes, str, str]] = []
    for commit in commits:
        header = commit.parsed
        before = ends.get(header.previous) if header.previous is not None else None
        if before is not None and (before.device, before.epoch) == (header.device, header.epoch):
            del ends[CommitId(header.previous or "")]
        elif before is None:
            followed.append((bytes.fromhex(header.previous or ""), header.device, header.epoch))
        ends[commit.id] = header
    connection.executemany("DELETE FROM tip_ WHERE id = ? AND device = ? AND epoch = ?", followed)
    connection.executemany(
        "INSERT INTO tip_ (id, device, epoch, sequence, site) VALUES (?, ?, ?, ?, ?)",
        [(bytes.fromhex(id_), one.device, one.epoch, one.sequence, one.site) for id_, one in ends.items()],
    )


def read(rows: list[_sqlite.Row]) -> tuple[tuple[ChainHead, str], ...]:
    """Return ends and their sites from rows of device, epoch, sequence, id and site."""
    return tuple(
        (
            ChainHead(device=DeviceId(device), epoch=Epoch(epoch), sequence=sequence, id=CommitId(id_.hex())),
            str(site),
        )
        for device, epoch, sequence, id_, site in rows
    )


def differing(connection: _sqlite.Connection) -> int:
    """Return how many rows of the table are not as the commits say."""

    def number(sql: str) -> int:
        found = connection.execute(sql).fetchone()
        return int(found[0]) if found is not None else 0

    missing = number(f"{_COUNTED} {_CHILDLESS} AND NOT EXISTS (SELECT 1 FROM tip_ t WHERE t.id = c.id)")
    return missing + abs(number(f"{_COUNTED} tip_") - number(f"{_COUNTED} {_CHILDLESS}"))
