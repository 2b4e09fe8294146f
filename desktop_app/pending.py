"""What one subject asks for, whoever looks: worked out once, and kept beside the record until time changes it.

What is due follows from the study alone (`overview`), and how somebody stands to randomisation from its criteria
(`standing`). The form that records a randomisation is the one that the study's anchor `randomised_at` names; in it
the item that is `unique` is where one begins. Nothing here knows who is signed in, so that everybody of a laptop
shares what is kept. Pure functions of a reader; no disk, no Qt.

Source: clinical content, sections 1.3 to 1.5 and 8; docs/study_files.md, section "Randomisation".
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from casebook import references
from casebook.design import Form, StudyDesign, Text
from casebook.ids import SubjectId
from casebook.oversight import FormFlags
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.references import Reference
from desktop_app import standing, views
from desktop_app.conflict_views import label_of
from desktop_app.oversight_views import form_label, item_label, joined, visit_label
from desktop_app.overview import due_lines
from desktop_app.reader import Reader
from desktop_app.snapshots import DueKind, DueLine, EligibilityView, FactLine, Standing
from desktop_app.today_snapshots import Candidate, Limit, Pending, Place, Unsigned
from desktop_app.views import Surroundings

RANDOMISED = "randomised_at"
ENDED = ("died_at", "withdrawn_at")
"""Anchors after which nobody is randomised any more."""
_TURN = timedelta(minutes=1)
"""A window is open to the end of its last minute."""


def pending_of(reader: Reader, around: Surroundings, flags: Iterable[FormFlags]) -> Pending:
    """Work out what a subject asks for now.

    Args:
        flags: How its forms stand towards signatures.
    """
    eligibility = standing.eligibility_view(reader)
    lines = due_lines(reader, views.visit_columns(reader, around), eligibility)
    due = tuple(one for one in lines if one.key is not None or one.kind not in {DueKind.CLOCK, DueKind.OPENS})
    candidate = _candidate(reader, eligibility)
    limits = candidate.limits if candidate is not None else ()
    moments = [one.at for one in due if one.at is not None] + [one.at for one in limits]
    ahead = [turn for at in moments for turn in (at, at + _TURN) if turn > reader.now]
    return Pending(
        since=reader.now,
        until=min(ahead, default=None),
        due=due,
        conflicts=tuple(_conflicts(reader)),
        unsigned=unsigned_of(flags),
        candidate=candidate,
    )


def _conflicts(reader: Reader) -> Iterator[Place]:
    design = reader.design
    for key in reader.keys:
        state = reader.casebook.form(key)
        for clash in state.clashes:
            item = label_of(design, key, clash.path, state) or item_label(design, key, clash.path)
            path = clash.path if clash.path.item else None
            yield Place(key=key, path=path, what=joined((place_words(design, key), item)))


def place_words(design: StudyDesign, key: FormKey, path: ItemPath | None = None) -> Text:
    """Return where something stands: visit, form, and item where one is named."""
    parts = [visit_label(design, key.visit.visit), form_label(design, key)]
    return joined(parts if path is None else [*parts, item_label(design, key, path)])


def unsigned_of(flags: Iterable[FormFlags]) -> tuple[Unsigned, ...]:
    """Return the forms that a signature may be due on, those that stand alike together."""
    found: dict[tuple[bool, frozenset[tuple[str, str]]], list[str]] = {}
    for one in flags:
        if one.complete or one.changed_since_signed:
            signed = frozenset((each.meaning.value, str(each.user)) for each in one.signatures if each.is_current)
            found.setdefault((one.changed_since_signed, signed), []).append(one.key.form)
    return tuple(
        Unsigned(forms=tuple(forms), signed=signed, changed=changed) for (changed, signed), forms in found.items()
    )


# -- randomisation --------------------------------------------------------------------------------------------


def randomisation_of(design: StudyDesign) -> Reference | None:
    """Return the item that says when somebody was randomised; None where the study, as it is known here, has none."""
    for name in design.anchors.get(RANDOMISED, ()):
        parsed = references.parse(name)
        planned = {one.form for visit in design.visits for one in visit.forms}
        if isinstance(parsed, Reference) and parsed.form in planned:
            return parsed
    return None


def _candidate(reader: Reader, eligibility: EligibilityView | None) -> Candidate | None:
    """Return how somebody stands to randomisation; None for whom it is done, or out of the question."""
    name = randomisation_of(reader.design)
    key = standing.place_of(reader, name) if name is not None else None
    if name is None or key is None or key.form in reader.hidden:
        return None
    form = reader.design.form(key.form)
    at = reader.anchor(RANDOMISED)
    place = Place(key=key, path=_number_of(form, name.item), what=form_label(reader.design, key))
    if at is not None:
        return None if reader.effective(key).complete else Candidate(form=place, randomised_at=at)
    if any(reader.anchor(one) is not None for one in ENDED):
        return None
    if eligibility is None:
        return Candidate(form=place)
    return Candidate(
        form=place,
        met=eligibility.count(Standing.MET),
        unknown=eligibility.count(Standing.UNKNOWN),
        failed=tuple(one.id for one in eligibility.criteria if one.standing is Standing.NOT_MET),
        limits=tuple(sorted(_limits(eligibility), key=lambda one: one.at)),
        missing=_missing(eligibility),
    )


def _number_of(form: Form, otherwise: str) -> ItemPath:
    """Return the item that nobody else may have, else the one that is named."""
    unique = next((item.name for group in form.groups for item in group.items if item.unique), otherwise)
    group, _ = form.find(unique)
    return ItemPath(group=group.oid, item=unique)


def _limits(eligibility: EligibilityView) -> Iterator[Limit]:
    for one in eligibility.criteria:
        for at, opens in ((one.opens_at, True), (one.closes_at, False)):
            if at is not None:
                yield Limit(id=one.id, label=one.label, at=at, opens=opens, fact=_fact(one.starts))


def _missing(eligibility: EligibilityView) -> Place | None:
    """Return the first fact that is missing; one that somebody enters, if there is any such."""
    open_ones = [one for one in eligibility.criteria if one.standing is Standing.UNKNOWN]
    return _fact(fact for one in open_ones for fact in one.facts if not any(fact.shown.by_language.values()))


def _fact(facts: Iterable[FactLine]) -> Place | None:
    """Return where the first of some facts stands; one that is entered comes before those that are worked out."""
    for one in sorted(facts, key=lambda fact: fact.derived):
        if one.key is not None:
            return Place(key=one.key, path=one.path, what=one.label)
    return None


# -- kept beside the record -----------------------------------------------------------------------------------


def write_pending(pending: Pending) -> bytes:
    """Write it down; `read_pending` reads it."""
    candidate = pending.candidate
    kept = json.dumps(
        {
            "since": pending.since.isoformat(),
            "until": _written_time(pending.until),
            "due": [
                [one.kind, _written(one.key, one.path, one.what), _written_time(one.at), one.over]
                for one in pending.due
            ],
            "conflicts": [_written_place(one) for one in pending.conflicts],
            "unsigned": [[list(one.forms), sorted(map(list, one.signed)), one.changed] for one in pending.unsigned],
            "candidate": _written_candidate(candidate) if candidate is not None else None,
        },
        ensure_ascii=False,
    )
    return kept.encode("utf-8")


def _written_candidate(one: Candidate) -> dict[str, object]:
    return {
        "form": _written_place(one.form),
        "at": _written_time(one.randomised_at),
        "met": one.met,
        "unknown": one.unknown,
        "failed": list(one.failed),
        "limits": [
            [each.id, dict(each.label.by_language), each.at.isoformat(), each.opens, _written_place(each.fact)]
            for each in one.limits
        ],
        "missing": _written_place(one.missing),
    }


def _written_time(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def _written_place(place: Place | None) -> list[object]:
    return _written(place.key, place.path, place.what) if place is not None else []


def _written(key: FormKey | None, path: ItemPath | None, what: Text) -> list[object]:
    where = [key.visit.visit, key.visit.repeat, key.form, key.repeat] if key is not None else []
    return [where, [path.group, path.item, path.row] if path is not None else [], dict(what.by_language)]


class _Reading:
    """Reads what was written of one subject."""

    def __init__(self, subject: SubjectId) -> None:
        self._subject = subject

    def key(self, found: list[str]) -> FormKey | None:
        if not found:
            return None
        visit, turn, form, repeat = found
        return FormKey(subject=self._subject, visit=VisitKey(visit=visit, repeat=turn), form=form, repeat=repeat)

    def place(self, found: tuple[list[str], list[str], Mapping[str, str]] | tuple[()]) -> Place | None:
        key = self.key(found[0]) if found else None
        return Place(key=key, path=_path(found[1]), what=Text(found[2])) if found and key is not None else None


def _path(found: list[str]) -> ItemPath | None:
    return ItemPath(group=found[0], item=found[1], row=found[2]) if found else None


def _time(found: str) -> datetime | None:
    return datetime.fromisoformat(found) if found else None


def read_pending(body: bytes, subject: SubjectId) -> Pending:
    """Read what `write_pending` wrote of a subject."""
    kept, reading = json.loads(body), _Reading(subject)
    return Pending(
        since=datetime.fromisoformat(kept["since"]),
        until=_time(kept["until"]),
        due=tuple(
            DueLine(
                kind=DueKind(kind), what=Text(what), at=_time(at), over=over, key=reading.key(key), path=_path(path)
            )
            for kind, (key, path, what), at, over in kept["due"]
        ),
        conflicts=tuple(place for one in kept["conflicts"] if (place := reading.place(one)) is not None),
        unsigned=tuple(
            Unsigned(forms=tuple(forms), signed=frozenset((meaning, user) for meaning, user in signed), changed=changed)
            for forms, signed, changed in kept["unsigned"]
        ),
        candidate=_read_candidate(kept["candidate"], reading),
    )


def _read_candidate(kept: Mapping[str, Any] | None, reading: _Reading) -> Candidate | None:
    form = reading.place(kept["form"]) if kept is not None else None
    if kept is None or form is None:
        return None
    return Candidate(
        form=form,
        randomised_at=_time(kept["at"]),
        met=kept["met"],
        unknown=kept["unknown"],
        failed=tuple(kept["failed"]),
        limits=tuple(
            Limit(id=name, label=Text(label), at=datetime.fromisoformat(at), opens=opens, fact=reading.place(fact))
            for name, label, at, opens, fact in kept["limits"]
        ),
        missing=reading.place(kept["missing"]),
    )
