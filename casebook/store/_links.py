"""Reading where commits stand in their chains, without their contents."""

from collections.abc import Iterable

from casebook.custody import Link
from casebook.ids import CommitId, DeviceId, Epoch, SubjectId
from casebook.store import _sqlite

SELECT = "SELECT id, device, epoch, sequence, previous, subject FROM commit_"


def read(rows: Iterable[_sqlite.Row]) -> tuple[Link, ...]:
    """Return rows of `SELECT` as links."""
    return tuple(
        Link(
            id=CommitId(id_.hex()),
            device=DeviceId(device),
            epoch=Epoch(epoch),
            sequence=sequence,
            previous=CommitId(previous.hex()) if previous else None,
            subject=SubjectId(subject) if subject else None,
        )
        for id_, device, epoch, sequence, previous, subject in rows
    )
