"""The history of an item: every entry, the question that was asked for it, and every query around it.

Pure functions of a reader; no disk, no Qt.

Source: 21 CFR 11.10(e); ICH E6(R3) 4.2.2; docs/record_format.md, section "Operations".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from casebook.clock import local_time
from casebook.design import Check, Form, Item, Text
from casebook.ids import CommitId
from casebook.projection import Entry, FormState
from casebook.records import Confirmation, FormKey, ItemPath, SetItem
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
            line = views.trail_line(item, entry, recorded, around)
            lines.append(replace(line, asked=_asked(reader, key, path, entry, versions, around)))
    for query in sorted(_queries(reader, key, path, state, around), key=lambda line: line.at):
        earlier = [place for place, line in enumerate(lines, start=1) if line.at <= query.at]
        lines.insert(max(earlier, default=0), query)  # entries keep their own order: that of causes, not of clocks
    return (*lines, *_open_entries(reader, key, path, item, around))


def _asked(
    reader: Reader,
    key: FormKey,
    path: ItemPath,
    entry: Entry,
    versions: Mapping[CommitId, str],
    around: Surroundings,
) -> Text | None:
    """Return the question as it stood in the version of the form under which an entry was made, where it differs."""
    form = reader.design.form(key.form)
    version = versions.get(entry.commit, form.version)
    if version == form.version:
        return None
    earlier = around.earlier_form(version)
    if earlier is None:
        return Text({"en": f"in version {version[:8]} of this form", "zh": f"本表单的 {version[:8]} 版本"})
    found = _item_in(earlier, path)
    return found.label if found is not None else None


def orphans(form: Form, state: FormState, around: Surroundings) -> tuple[OrphanLine, ...]:
    """Return the recorded values for which a form has no item; identity data only where it can be opened.

    Their question comes from the version of the form under which they were entered, where this release knows it.
    """
    known = {(group.oid, item.name) for group in form.groups for item in group.items}
    versions = {one.commit: one.payload.form_version for one in state.contributions}
    lines = []
    for path, item_state in sorted(state.items.items()):
        if (path.group, path.item) in known or item_state.shown.is_empty:
            continue
        entry = item_state.entry
        earlier = around.earlier_form(versions.get(entry.commit, ""))
        item = _item_in(earlier, path) if earlier is not None else None
        reading = entry.reading
        bare = reading.value or (str(reading.missing) if reading.missing is not None else "")
        lines.append(
            OrphanLine(
                path=path,
                asked=item.label if item is not None else Text({"en": path.item, "zh": path.item}),
                shown=views.shown_text(item, reading, around) if item is not None else Text({"en": bare, "zh": bare}),
                author=around.name_of(entry.author),
                at=entry.moment.local,
            )
        )
    return tuple(lines)


def _item_in(form: Form, path: ItemPath) -> Item | None:
    return next((item for group in form.groups for item in group.items if item.name == path.item), None)


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
