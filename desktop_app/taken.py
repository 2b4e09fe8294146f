"""Which values of items that have to be unique (a randomisation number) the subjects of the site have.

Worked out at the first question, and again only for subjects of whom more has arrived.
"""

from collections.abc import Callable

from casebook.design import StudyDesign
from casebook.ids import SubjectId
from casebook.instances import instance_of
from casebook.projection import Casebook
from desktop_app.record import Record

Values = frozenset[tuple[str, str]]
"""Pairs of an item's OID and a value."""


class TakenValues:
    """The values of unique items by subject."""

    def __init__(self, design: StudyDesign, record: Record) -> None:
        """Find the unique items of the study."""
        self._record = record
        self._unique = {
            (form.oid, group.oid, item.name): item.oid
            for form in design.forms.values()
            for group in form.groups
            for item in group.items
            if item.unique
        }
        self._known: dict[SubjectId, tuple[str, Values]] = {}

    def beside(self, subject: SubjectId) -> Callable[[str, str], bool]:
        """Return what tells whether another subject than this one has a value."""

        def taken(item: str, value: str) -> bool:
            marks = self._record.subjects()
            return any((item, value) in self._of(other, mark) for other, mark in marks.items() if other != subject)

        return taken

    def _of(self, subject: SubjectId, mark: str) -> Values:
        known = self._known.get(subject)
        if known is None or known[0] != mark:
            known = (mark, self._read(self._record.casebook(subject)))
            self._known[subject] = known
        return known[1]

    def _read(self, casebook: Casebook) -> Values:
        return frozenset(
            (oid, reading.value)
            for key, state in casebook.forms.items()
            if any(form == key.form for form, _, _ in self._unique)
            for path, reading in instance_of(state).readings.items()
            if (oid := self._unique.get((key.form, path.group, path.item))) is not None and reading.value is not None
        )
