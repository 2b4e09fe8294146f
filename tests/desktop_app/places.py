"""Places of the study written down in a word, and what is entered there through a session.

`F.VS@SE.V2` is a form at a visit, without visit at the first one that plans it; `F.NIHSS/PRERAND` one
occasion of it, `F.ICF@SE.EVT` the first instance of an event and `F.SIGN#2` a second one, `F.AE[1]` the first
row of a form's repeating group.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from casebook.design import ItemGroup, StudyDesign, VisitKind
from casebook.ids import SubjectId, site_file_id
from casebook.records import FormKey, ItemPath, MissingCode, VisitKey
from desktop_app.session import Session

Entries = Mapping[str, Mapping[str, str]]
"""By place: canonical values by item name, missing-data codes as `!UNK`, "" to clear."""

_PLACE = re.compile(r"(?P<form>[\w.]+)(@(?P<visit>[\w.]+))?(/(?P<occasion>\w+))?(#(?P<turn>\d+))?(\[(?P<row>\d+)\])?")


@dataclass
class Book:
    """One subject's casebook, and the site's file, as a test enters into them."""

    design: StudyDesign
    subject: SubjectId
    site: str
    keys: dict[str, FormKey] = field(default_factory=dict)
    """Form instances by place, rows aside."""

    def key(self, session: Session, place: str) -> FormKey:
        """Return the form instance that a place means; an event is added when it is named first."""
        name = place.partition("[")[0]
        if name not in self.keys:
            self.keys[name] = self._made(session, name)
        return self.keys[name]

    def _made(self, session: Session, name: str) -> FormKey:
        found = _PLACE.fullmatch(name)
        assert found is not None, name
        form, visits = found["form"], self.design.visits
        at = [one for one in visits if one.oid == found["visit"] or found["visit"] is None]
        visit = next(one for one in at if any(planned.form == form for planned in one.forms))
        if visit.kind is VisitKind.EVENT:
            return session.add_event(self.subject, form)
        if visit.kind is VisitKind.UNSCHEDULED:
            return session.add_unscheduled(self.subject, form)
        of_site = visit.kind is VisitKind.SITE
        subject = site_file_id(self.design.code, self.site) if of_site else self.subject
        return FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=form, repeat=found["occasion"] or "")

    def path(self, session: Session, place: str, item: str) -> ItemPath:
        """Return where an item stands; rows are added up to the one that is named."""
        key = self.key(session, place)
        group, _ = self.design.form(key.form).find(item)
        found = _PLACE.fullmatch(place)
        number = int(found["row"] or 1) if found is not None and group.repeating else 0
        return ItemPath(group=group.oid, item=item, row=self._row(session, key, group, number) if number else "")

    def _row(self, session: Session, key: FormKey, group: ItemGroup, number: int) -> str:
        view = session.form(key)
        while True:
            rows = next(one.rows for one in view.groups if one.group.oid == group.oid)
            live = [one.row for one in rows if one.struck_reason is None]
            if len(live) >= number:
                return live[number - 1]
            view = session.add_row(key, group.oid)

    def enter(self, session: Session, entries: Entries, reason: str | None = None) -> None:
        """Keep entries form by form, and save each form."""
        for place, values in entries.items():
            key = self.key(session, place)
            for item, text in values.items():
                missing = MissingCode(text[1:]) if text.startswith("!") else None
                path = self.path(session, place, item)
                why = reason or ("NOSOURCE" if missing else None)
                session.keep(key, path, "" if missing else text, missing=missing, reason=why)
            session.save(key)
