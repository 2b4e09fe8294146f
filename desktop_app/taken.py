"""Which values of items that have to be unique (a randomisation number) the subjects of the site have.

Worked out at the first question, and again only for subjects of whom more has arrived. What was worked out is kept
beside the record with the rest that is known of a subject (`desktop_app.agenda`), in a line of its own, which stays
good when another release or version of the study lets the rest be worked out anew: else the first look at somebody
who is randomised would read every casebook of the site.
"""

import json
from collections.abc import Callable, Mapping

from casebook import crypto
from casebook.design import StudyDesign
from casebook.ids import SubjectId
from casebook.instances import instance_of
from casebook.projection import Casebook
from desktop_app.record import Record

Values = frozenset[tuple[str, str]]
"""Pairs of an item's OID and a value."""
_KEPT = "taken"


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
        self._asked = crypto.sha256(" ".join(sorted(self._unique.values())).encode("utf-8")).hex()[:16]
        """Changes with the items; their names would stand in the blinded's file, too."""
        self._known: dict[SubjectId, tuple[str, frozenset[str], Values]] = {}
        self._lines: Mapping[SubjectId, bytes] | None = None

    def beside(self, subject: SubjectId) -> Callable[[str, str], bool]:
        """Return what tells whether another subject than this one has a value."""

        def taken(item: str, value: str) -> bool:
            marks = self._record.subjects()
            return any((item, value) in self._of(other, mark) for other, mark in marks.items() if other != subject)

        return taken

    def line(self, subject: SubjectId) -> bytes:
        """Return what is to be kept of a subject beside the record: the first line of its summary."""
        values = self._of(subject, self._record.subjects().get(subject, ""))
        return json.dumps({_KEPT: [*self._rests_on(subject), sorted(values)]}).encode("utf-8")

    def _rests_on(self, subject: SubjectId) -> list[str]:
        return [self._asked, self._record.rests_on(subject)]

    def _of(self, subject: SubjectId, mark: str) -> Values:
        known = self._known.get(subject)
        if known is None or known[0] != mark or known[1] is not self._record.held:
            kept = self._kept(subject)
            values = kept if kept is not None else self._read(self._record.casebook(subject))
            known = (mark, self._record.held, values)
            self._known[subject] = known
        return known[2]

    def _kept(self, subject: SubjectId) -> Values | None:
        """Return what was kept of a subject in this session or an earlier one, None where it does not hold any more."""
        if self._lines is None:
            cached = self._record.home.log.summaries()
            self._lines = {one: body.partition(b"\n")[0] for one, (_, body) in cached.items()}
        line = self._lines.get(subject)
        found = json.loads(line).get(_KEPT) if line else None
        if found is None or found[:2] != self._rests_on(subject):
            return None
        return frozenset((oid, value) for oid, value in found[2])

    def _read(self, casebook: Casebook) -> Values:
        return frozenset(
            (oid, reading.value)
            for key, state in casebook.forms.items()
            if any(form == key.form for form, _, _ in self._unique)
            for path, reading in instance_of(state).readings.items()
            if (oid := self._unique.get((key.form, path.group, path.item))) is not None and reading.value is not None
        )
