"""The history of an item: every entry, the question that was asked for it, and every query around it.

Pure functions of a reader; no disk, no Qt.

Source: 21 CFR 11.10(e); ICH E6(R3) 4.2.2; docs/record_format.md, section "Operations".
"""

from collections.abc import Iterator
from dataclasses import replace

from casebook.clock import local_time
from casebook.design import Check, Form, Item, Text
from casebook.errors import LANGUAGES
from casebook.projection import Clash, Entry, FormState, Side
from casebook.records import Confirmation, FormKey, ItemPath, SetItem
from casebook.versions import item_at, question, shows
from desktop_app import views
from desktop_app.reader import Reader
from desktop_app.snapshots import OrphanLine, TrailKind, TrailLine
from desktop_app.views import Surroundings


def item_trail(reader: Reader, key: FormKey, path: ItemPath, item: Item, around: Surroundings) -> tuple[TrailLine, ...]:
    """Return an item's history, oldest first; what is not sealed yet comes last."""
    state = reader.casebook.form(key)
    recorded = state.items.get(path)
    versions = {one.commit: one.payload.form_version for one in state.contributions}
    lines: list[TrailLine] = []
    if recorded is not None:
        for entry in recorded.history:
            line, version = views.trail_line(item, entry, recorded, around), versions.get(entry.commit, "")
            lines.append(_as_asked(line, reader, key, path, entry, version, around))
    for query in sorted(_queries(reader, key, path, state, around), key=lambda line: line.at):
        earlier = [place for place, line in enumerate(lines, start=1) if line.at <= query.at]
        lines.insert(max(earlier, default=0), query)  # entries keep their own order: that of causes, not of clocks
    return (*lines, *_open_entries(reader, key, path, item, around))


def _as_asked(
    line: TrailLine,
    reader: Reader,
    key: FormKey,
    path: ItemPath,
    entry: Entry,
    version: str,
    around: Surroundings,
) -> TrailLine:
    """Return an entry with the question and in the words of the version of the form under which it was made."""
    form = reader.design.form(key.form)
    if not version or version == form.version:
        return line
    found = around.asked_in(key.form, version)
    if found is None:
        return replace(
            line, asked=Text({"en": f"in version {version[:8]} of this form", "zh": f"本表单的 {version[:8]} 版本"})
        )
    design, earlier = found
    item, now = item_at(earlier, path), item_at(form, path)
    if item is None or (now is not None and question(design, item) == question(reader.design, now)):
        return line
    asked = {one: f"{text} ({design.label})" for one, text in item.label.by_language.items()}
    return replace(line, shown=views.shown_text(item, entry.reading, around, design), asked=Text(asked))


def orphans(form: Form, state: FormState, around: Surroundings) -> tuple[OrphanLine, ...]:
    """Return the recorded values that a form cannot show; identity data only where it can be opened.

    Their question comes from the version of the form under which they were entered, where this release knows it.
    """
    versions = {one.commit: one.payload.form_version for one in state.contributions}
    lines = []
    for path, item_state in sorted(state.items.items()):
        reading = item_state.shown
        if reading.is_empty or shows(around.design, form, path, reading):
            continue
        entry = item_state.entry
        found = around.asked_in(form.oid, versions.get(entry.commit, ""))
        item = item_at(found[1], path) if found is not None else None
        bare = reading.value or (str(reading.missing) if reading.missing is not None else "")
        lines.append(
            OrphanLine(
                path=path,
                asked=item.label if item is not None else Text({"en": path.item, "zh": path.item}),
                shown=views.shown_text(item, reading, around, found[0])
                if item is not None and found is not None
                else Text({"en": bare, "zh": bare}),
                author=around.name_of(entry.author),
                at=entry.moment.local,
                version=found[0].label if found is not None else "",
            )
        )
    return tuple(lines)


def _queries(
    reader: Reader, key: FormKey, path: ItemPath, state: FormState, around: Surroundings
) -> Iterator[TrailLine]:
    """Return when findings at an item opened, were confirmed true, and closed because the data no longer fire them."""
    checks = _checks_of(reader, key)
    for (check, place), entries in state.fired.items():
        for entry in entries if place == path else ():
            yield _query_line(
                TrailKind.OPENED if entry.fires else TrailKind.CLOSED,
                checks.get(check),
                check,
                TrailLine(
                    author=around.name_of(entry.author),
                    laptop=around.letter_of(entry.device),
                    at=entry.moment.local,
                    shown=_NOTHING,
                    reason="",
                    is_shown=False,
                    in_conflict=False,
                    unconfirmed=False,
                    sealed=True,
                ),
            )
    for clash in state.settled:
        yield from (_settled_line(reader, key, path, clash, by, around) for by in clash.settled if path in by.entries)
    for confirmation, contribution in state.confirmations:
        if confirmation.path == path:
            yield _query_line(
                TrailKind.ANSWERED,
                checks.get(confirmation.check),
                confirmation.check,
                TrailLine(
                    author=around.name_of(contribution.author),
                    laptop=around.letter_of(contribution.device),
                    at=contribution.moment.local,
                    shown=_NOTHING,
                    reason=confirmation.reason,
                    is_shown=False,
                    in_conflict=False,
                    unconfirmed=False,
                    sealed=True,
                ),
            )


def _settled_line(
    reader: Reader, key: FormKey, path: ItemPath, clash: Clash, by: Side, around: Surroundings
) -> TrailLine:
    """Return who chose, and among which entries of whom."""
    item = item_at(reader.design.form(key.form), path)

    def words(entry: Entry, language: str) -> str:
        shown = views.shown_text(item, entry.reading, around)(language) if item is not None else entry.reading.value
        return f"{shown or '–'} ({around.name_of(entry.author)}, {around.letter_of(entry.device)})"

    sides = [side.entries[path] for side in clash.sides if path in side.entries]
    return TrailLine(
        author=around.name_of(by.author),
        laptop=around.letter_of(by.device),
        at=by.moment.local,
        shown=Text({one: " / ".join(words(entry, one) for entry in sides) for one in LANGUAGES}),
        reason=by.reason,
        is_shown=False,
        in_conflict=False,
        unconfirmed=False,
        sealed=True,
        kind=TrailKind.SETTLED,
    )


_NOTHING = Text({"en": "", "zh": ""})


def _checks_of(reader: Reader, key: FormKey) -> dict[str, Check]:
    index = reader.subject.plan.index[key.form]
    return {check.id: check for checks in index.checks.values() for check in checks}


def _query_line(kind: TrailKind, check: Check | None, name: str, line: TrailLine) -> TrailLine:
    said = {"en": name, "zh": name} if check is None else check.message.by_language
    words = said if check is None else {one: f"{name}: {text}" for one, text in said.items()}
    return replace(line, kind=kind, shown=Text(words))


def _open_entries(
    reader: Reader, key: FormKey, path: ItemPath, item: Item, around: Surroundings
) -> Iterator[TrailLine]:
    draft = reader.drafts.get(key)
    checks = _checks_of(reader, key)
    for entry in draft.entries if draft is not None else ():
        line = TrailLine(
            author=around.name_of(entry.author),
            laptop=around.letter,
            at=local_time(entry.entered_ms, around.offset_minutes),
            shown=_NOTHING,
            reason="",
            is_shown=False,
            in_conflict=False,
            unconfirmed=False,
            sealed=False,
        )
        match entry.what:
            case SetItem(path=where, reading=reading, reason=reason) if where == path:
                yield replace(line, shown=views.shown_text(item, reading, around), reason=reason or "")
            case Confirmation(path=where, check=check, reason=reason) if where == path:
                answered = replace(line, reason=reason)
                yield _query_line(TrailKind.ANSWERED, checks.get(check), check, answered)
            case _:
                pass
