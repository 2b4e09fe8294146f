"""What a visit record says, before it has a shape.

Gathered from the design and the casebook alone: what is printed does not depend on who prints it,
when, or in which order of languages, so two laptops that hold the same commits print the same and
the digest in the page code names it.

Source: 21 CFR 11.10(b) (copies with their audit trail); ICH E6(R3) 4.2.2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from casebook.apart import entered_apart
from casebook.checks import Finding, Others, derive, findings, relevant
from casebook.design import Code, DataType, Form, Item, ItemGroup, PlannedForm, StudyDesign, Text
from casebook.drawings import Picture
from casebook.entry import display
from casebook.grids import lines_of
from casebook.ids import UserId
from casebook.paper.context import time_text
from casebook.paper.readings import Shown, reason_text, same, show_reading
from casebook.paper.words import WORDS
from casebook.projection import Casebook, Entry, FormState, ItemState, RowState
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.rules import Around, nothing_around


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """A value with who gave it, when, and why it was given anew."""

    shown: tuple[Shown, ...]
    by: UserId
    at: str
    laptop: str = ""
    reason: Text | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A finding beside an item, or its confirmation with reason, author and time."""

    check: str
    caption: Text
    message: Text
    reason: Text | None = None
    by: UserId | None = None
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A drawing with what is marked in it.

    Attributes:
        marked: Codes of the regions that are marked; `names`: their labels, or that of the answer that none is.
        side: The code of the side; `side_name` its label, None where it is not given.
        sides: What the halves on the left and on the right of the picture are called; None without sides.
    """

    picture: Picture
    marked: tuple[str, ...]
    names: tuple[Text, ...]
    side: str = ""
    side_name: Text | None = None
    sides: tuple[Text, Text] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item with its value.

    Attributes:
        current: The value that stands; None when nothing was entered.
        heads: In conflict, every value that was entered without sight of the others.
        history: Earlier values, oldest first.
        ink: Strokes of an ink item, when they may be printed.
        companions: In a grid, what belongs to this value (its limits, whether it matters): items whose
            name begins with this item's. Their labels are without this item's.
        drawn: The drawing in which the value marks regions.
        score: What is calculated from a drawing, in its own line as well.
    """

    label: Text
    current: Attributed | None = None
    calculated: bool = False
    hidden: bool = False
    heads: tuple[Attributed, ...] = ()
    history: tuple[Attributed, ...] = ()
    notes: tuple[Note, ...] = ()
    ink: str | None = None
    companions: tuple["Line", ...] = ()
    drawn: Drawn | None = None
    score: "Line | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row of a repeating group."""

    cells: tuple[Line, ...]
    struck_reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An item group: lines, or rows under the labels of their items."""

    label: Text
    lines: tuple[Line, ...] = ()
    columns: tuple[Text, ...] = ()
    rows: tuple[PrintedRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedAttachment:
    """A file that is attached to a form. `name`: "" where names are not printed; `sha256`: of the file."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    by: UserId
    at: str
    struck_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSave:
    """Who saved a form, when, and the start of the laptop's id."""

    by: UserId
    at: str
    laptop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    """A form of the visit. `sections` is empty where nothing was entered. `apart`: saves unseen by each other."""

    oid: str
    label: Text
    occasion: Text | None
    versions: tuple[str, ...]
    state: Text
    entered: bool
    sections: tuple[Section, ...] = ()
    attachments: tuple[PrintedAttachment, ...] = ()
    apart: tuple[PrintedSave, ...] = ()

    @property
    def is_printed(self) -> bool:
        """Whether there is anything to print of it."""
        return self.entered or bool(self.attachments)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitContent:
    """Everything that a visit record says."""

    study: str
    design_version: str
    subject: str
    site: str
    visit: str
    forms: tuple[FormPart, ...]


def attributed(entry: Entry, item: Item, design: StudyDesign) -> Attributed:
    """Return an entry as it is printed."""
    shown = show_reading(entry.reading, item, design)
    return Attributed(
        shown=shown or (Shown(text=WORDS["cleared"], faint=True),),
        by=entry.author,
        at=time_text(entry.moment.local),
        laptop=entry.device[:6],
        reason=reason_text(entry.reason, design) if entry.reason else None,
        unconfirmed=entry.unconfirmed,
    )


@dataclass(frozen=True, slots=True)
class _Gathering:
    """One form being gathered."""

    design: StudyDesign
    form: Form
    state: FormState
    others: Others
    derived: Mapping[ItemPath, Reading]
    findings: tuple[Finding, ...]
    with_identity: bool
    skip: frozenset[str]

    def line(self, path: ItemPath, item: Item) -> Line:
        notes = tuple(self._notes(path))
        if item.derivation is not None:
            shown = _calculated(self.derived.get(path, EMPTY), item, self.design)
            current = Attributed(shown=shown, by=UserId(""), at="") if shown else None
            return Line(label=item.label, current=current, calculated=True, notes=notes)
        state = self.state.items.get(path)
        if state is None:
            return Line(label=item.label, notes=notes)
        if (item.identity or self.form.identity) and not self.with_identity:
            kept = replace(attributed(state.entry, item, self.design), shown=(), reason=None)
            return Line(label=item.label, current=kept, hidden=True)
        return self._entered(state, item, notes)

    def is_printed(self, path: ItemPath, item: Item) -> bool:
        if item.name in self.skip:
            return False
        if path in self.state.items:
            return True
        return relevant(self.form, item, self.state.readings, row=path.row, others=self.others)

    def _entered(self, state: ItemState, item: Item, notes: tuple[Note, ...]) -> Line:
        heads = {head.commit for head in state.heads} if state.conflict else set()
        earlier = [entry for entry in state.history[:-1] if entry.commit not in heads]
        return Line(
            label=item.label,
            current=attributed(state.entry, item, self.design),
            heads=tuple(attributed(head, item, self.design) for head in state.heads) if state.conflict else (),
            history=tuple(attributed(entry, item, self.design) for entry in earlier),
            notes=notes,
            ink=state.shown.value if item.data_type is DataType.INK else None,
        )

    def _notes(self, path: ItemPath) -> Iterator[Note]:
        messages = {check.id: check.message for check in self.form.checks}
        state = self.state.items.get(path)
        stands = state.shown.value if state else None
        confirmed = {
            (operation.check, operation.value or ""): (operation, one)
            for operation, one in self.state.confirmations
            if operation.path == path
        }
        for check, value in sorted(confirmed):
            operation, one = confirmed[check, value]
            caption = WORDS["confirmed"] if operation.value == stands else WORDS["confirmed_before"]
            yield Note(
                check=check,
                caption=caption,
                message=messages.get(check, same("")),
                reason=reason_text(operation.reason, self.design),
                by=one.author,
                at=time_text(one.moment.local),
            )
        for finding in self.findings:
            if finding.path == path and (finding.check, stands or "") not in confirmed:
                yield Note(check=finding.check, caption=WORDS["finding"], message=finding.message)

    def section(self, group: ItemGroup) -> Section | None:
        if group.repeating:
            rows = self.state.rows.get(group.oid, ())
            return self._rows(group, rows) if rows else None
        lines = {
            item.name: self.line(path, item)
            for item in group.items
            for path in [ItemPath(group=group.oid, item=item.name)]
            if self.is_printed(path, item)
        }
        if group.picture is not None and group.picture.item in lines:
            line = lines[group.picture.item]
            lines[group.picture.item] = replace(
                line, drawn=self._drawn(group, group.picture, line), score=lines.get(group.picture.score)
            )
        kept = _with_companions(group, lines) if group.style == "grid" else tuple(lines.values())
        return Section(label=group.label, lines=kept) if kept else None

    def _drawn(self, group: ItemGroup, picture: Picture, line: Line) -> Drawn | None:
        marked = self._value(group, picture.item)
        if line.hidden or not marked:
            return None
        side = self._value(group, picture.side)
        sides = {code.value: code.label for code in self._codes(group, picture.side)}
        return Drawn(
            picture=picture,
            marked=tuple(marked.split(" ")),
            names=tuple(code.label for code in self._codes(group, picture.item) if code.value in marked.split(" ")),
            side=side,
            side_name=sides.get(side),
            sides=(sides[picture.left], sides[picture.right]) if picture.side else None,
        )

    def _value(self, group: ItemGroup, name: str) -> str:
        state = self.state.items.get(ItemPath(group=group.oid, item=name))
        return (state.shown.value or "") if state is not None else ""

    def _codes(self, group: ItemGroup, name: str) -> tuple[Code, ...]:
        item = next((one for one in group.items if one.name == name), None)
        listed = self.design.code_lists.get(item.code_list or "") if item is not None else None
        return listed.codes if listed is not None else ()

    def _rows(self, group: ItemGroup, rows: tuple[RowState, ...]) -> Section:
        printed = tuple(
            PrintedRow(
                cells=tuple(
                    self.line(ItemPath(group=group.oid, item=item.name, row=row.row), item) for item in group.items
                ),
                struck_reason=reason_text(row.struck_reason, self.design) if row.struck_reason is not None else None,
            )
            for row in rows
        )
        return Section(label=group.label, columns=tuple(item.label for item in group.items), rows=printed)


_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.QUANTITY})


def _calculated(reading: Reading, item: Item, design: StudyDesign) -> tuple[Shown, ...]:
    if reading.is_empty:
        return ()
    if item.data_type not in _NUMBERS:
        return show_reading(reading, item, design)
    unit = f"\u00a0{item.units[0].unit}" if item.units else ""
    here = design.utc_offset_minutes
    shown = {one: display(item, None, reading, one, offset_minutes=here) + unit for one in design.languages}
    return (Shown(text=Text(shown)),)


def _with_companions(group: ItemGroup, lines: Mapping[str, Line]) -> tuple[Line, ...]:
    """Put limits and significance under their value; where it lies stays a line of its own, as all that is derived."""
    named = [replace(line, flag="") for line in group.lines]
    return tuple(
        replace(
            lines[name],
            companions=tuple(
                replace(lines[one], label=_without_start(lines[one].label, lines[name].label))
                for one in line.beside
                if one in lines and lines[one].current is not None
            ),
        )
        for name, line in lines_of(lines, named).items()
    )


def _without_start(label: Text, start: Text) -> Text:
    return Text(
        {
            language: label(language).removeprefix(start(language)).lstrip(":： ") or label(language)
            for language in label.by_language
        }
    )


def gather_form(
    design: StudyDesign,
    form: Form,
    state: FormState,
    around: Around,
    *,
    with_identity: bool,
    now: datetime | None = None,
    skip: frozenset[str] = frozenset(),
) -> tuple[Section, ...]:
    """Return the printed sections of one form instance without the items in `skip`.

    Open findings are printed only when `now` is given.
    """
    others = around(state.key)
    gathering = _Gathering(
        design,
        form,
        state,
        others,
        derive(form, state.readings, others),
        findings(form, state.readings, others=others, now=now) if now is not None else (),
        with_identity,
        skip,
    )
    return tuple(section for group in form.groups for section in [gathering.section(group)] if section)


def _keys(design: StudyDesign, casebook: Casebook, visit: VisitKey) -> Iterator[tuple[FormKey, PlannedForm | None]]:
    planned = design.visit(visit.visit).forms if not visit.repeat else ()
    seen: set[FormKey] = set()
    for plan in planned:
        key = FormKey(subject=casebook.subject, visit=visit, form=plan.form, repeat=plan.occasion)
        seen.add(key)
        yield key, plan
    order = {oid: place for place, oid in enumerate(design.forms)}
    begun = dict.fromkeys((*casebook.forms, *casebook.attachment_acts))
    added = [key for key in begun if key.visit == visit and key not in seen and key.form in design.forms]
    for key in sorted(added, key=lambda one: (order[one.form], _begun(casebook.form(one)), one.repeat)):
        yield key, None


def _attachments(casebook: Casebook, key: FormKey, *, with_name: bool) -> tuple[PrintedAttachment, ...]:
    """Return what is attached to a form, struck files too; what was taken out of the record and what is held is not."""
    return tuple(
        PrintedAttachment(
            name=one.payload.name if with_name else "",
            media_type=one.payload.media_type,
            size_bytes=one.payload.size_bytes,
            sha256=one.payload.sha256,
            by=one.act.author,
            at=time_text(one.act.moment.local),
            struck_reason=one.struck_reason,
        )
        for one in casebook.attachments(key)
        if not one.held and not one.payload.redacted
    )


def _begun(state: FormState) -> int:
    return min((one.moment.utc_ms for one in state.contributions), default=0)


def _state_text(state: FormState, *, sealed: bool) -> Text:
    if not state.contributions:
        return WORDS["sealed_away"] if sealed else WORDS["not_entered"]
    if state.clashes:
        return WORDS["in_conflict"]
    return WORDS["complete"] if state.complete else WORDS["in_progress"]


def gather_visit(
    design: StudyDesign,
    casebook: Casebook,
    visit: VisitKey,
    *,
    around: Around,
    with_identity: bool = False,
    now: datetime | None = None,
) -> VisitContent:
    """Return what the record of a visit says; open findings, which depend on the present, only with `now`.

    What was entered under other numbers of the same person follows, each form with that number.
    """
    parts: list[FormPart] = []
    for key, plan in _keys(design, casebook, visit):
        form, state = design.form(key.form), casebook.form(key)
        entered = bool(state.contributions)
        sections = gather_form(design, form, state, around, with_identity=with_identity, now=now) if entered else ()
        parts.append(
            FormPart(
                oid=form.oid,
                label=form.label,
                occasion=plan.occasion_label if plan else None,
                versions=tuple(version[:8] for version in state.form_versions) or (form.version[:8],),
                state=_state_text(state, sealed=form.identity and casebook.sealed_away > 0),
                entered=entered,
                sections=sections,
                attachments=_attachments(casebook, key, with_name=with_identity),
                apart=tuple(
                    PrintedSave(by=one.author, at=time_text(one.moment.local), laptop=one.device[:6])
                    for one in entered_apart(state.contributions, state.held)
                ),
            )
        )
    for other in casebook.also:
        theirs = gather_visit(design, other, visit, around=nothing_around, with_identity=with_identity)
        parts += [replace(one, label=_under(one.label, other.number)) for one in theirs.forms if one.is_printed]
    return VisitContent(
        study=design.code,
        design_version=design.version,
        subject=casebook.number,
        site=casebook.site,
        visit=visit_code(visit),
        forms=tuple(parts),
    )


def _under(label: Text, number: str) -> Text:
    words = {"zh": f"（在 {number} 名下录入）"}
    return Text({one: said + words.get(one, f" (entered under {number})") for one, said in label.by_language.items()})


def visit_code(visit: VisitKey) -> str:
    """Return how a page code names a visit: its oid, and the start of its repeat for unscheduled ones."""
    return f"{visit.visit}~{visit.repeat[:6]}" if visit.repeat else visit.visit
