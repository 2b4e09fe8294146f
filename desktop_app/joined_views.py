"""Casebooks of one person under several numbers, as the list and the casebook show them. Pure; no disk, no Qt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from casebook.links import Links
from desktop_app.snapshots import (
    CasebookView,
    CellState,
    FormCell,
    InstanceRow,
    SubjectRow,
    VisitColumn,
)

_NOTHING_IN_IT = {CellState.EMPTY, CellState.NOT_APPLICABLE, CellState.SEALED_AWAY}


def subject_lines(rows: Iterable[SubjectRow], links: Links) -> tuple[SubjectRow, ...]:
    """Return the list of subjects in order of number: one line for each person, with every number.

    A subject that is shown in another casebook has no line of its own, and what asks something there is not counted.
    """
    everyone = list(rows)
    times = Counter(row.number for row in everyone if row.number)
    parts: dict[str, list[SubjectRow]] = {}
    for row in everyone:
        if row.subject in links.into:
            parts.setdefault(links.into[row.subject], []).append(row)
    shown = {row.subject for row in everyone}
    lines = []
    for row in everyone:
        if links.into.get(row.subject) in shown:
            continue
        also = sorted(number for one in parts.get(row.subject, ()) for number in (one.number, *one.earlier))
        lines.append(replace(row, also=tuple(also), number_twice=times[row.number] > 1))
    return tuple(sorted(lines, key=lambda row: (row.number, row.subject)))


def with_also(view: CasebookView, others: Sequence[CasebookView]) -> CasebookView:
    """Return a casebook with the forms of the same person's other numbers at their visits, each marked with its own.

    What is due, what is found and whether somebody is eligible stay those of the casebook itself: nothing merges.
    """
    if not others:
        return view
    return replace(
        view,
        visits=tuple(_column(column, others) for column in view.visits),
        running=(*view.running, *(row for other in others for row in _running(other))),
        documents=tuple(
            sorted((*view.documents, *(one for other in others for one in other.documents)), key=lambda one: one.at)
        ),
        sealed_away=view.sealed_away + sum(one.sealed_away for one in others),
        newer_version_needed=view.newer_version_needed + sum(one.newer_version_needed for one in others),
        also=tuple((one.subject, one.number) for one in others),
    )


def _column(column: VisitColumn, others: Sequence[CasebookView]) -> VisitColumn:
    more = [
        _marked(cell, other.number)
        for other in others
        for found in other.visits
        if found.key == column.key
        for cell in found.cells
        if cell.state not in _NOTHING_IN_IT
    ]
    return replace(column, cells=(*column.cells, *more))


def _running(other: CasebookView) -> Iterable[InstanceRow]:
    for row in other.running:
        if row.cell.state not in _NOTHING_IN_IT:
            yield replace(row, cell=_marked(row.cell, other.number))


def _marked(cell: FormCell, number: str) -> FormCell:
    return replace(cell, of=cell.of or number)
