"""What stands beside items that are scored at the bedside: grades that a rule asks for, answers that are offered.

Neither is a value: each becomes one by an act of the person who enters. Pure functions of a reader.

Source: docs/study_files.md, section "Scales that are scored item by item".
"""

from dataclasses import replace

from casebook.bedside import OFFER_MINE, OFFER_NOW, OFFER_SIGNED_IN
from casebook.design import Text
from casebook.ids import UserId
from casebook.records import FormKey, ItemPath
from casebook.rules import evaluate
from desktop_app.reader import Reader
from desktop_app.snapshots import GroupView, ItemView


def at_bedside(reader: Reader, key: FormKey, group: GroupView, user: UserId | None) -> GroupView:
    """Return a section with the suggestions and offers of its items; most have neither.

    Args:
        user: Who is signed in.
    """
    given = _suggestions(reader, key, group)
    if not given and not any(item.offer for item in group.group.items):
        return group

    def dressed(one: ItemView) -> ItemView:
        value, why = given.get(one.item.name, ("", None))
        return replace(one, suggested=value, why_suggested=why, offer=_offer(reader, key, one, user))

    rows = tuple(replace(row, items=tuple(dressed(one) for one in row.items)) for row in group.rows)
    return replace(group, rows=rows)


def _suggestions(reader: Reader, key: FormKey, group: GroupView) -> dict[str, tuple[str, Text | None]]:
    scorer = group.group.scorer
    if scorer is None:
        return {}
    sight = reader.subject.scope(key).lookup()
    words = {check.id: check.message for check in reader.design.form(key.form).checks}
    return {
        name: (value, words.get(one.check))
        for one in scorer.suggestions
        if evaluate(one.when, sight)
        for name, value in one.gives.items()
    }


def _offer(reader: Reader, key: FormKey, view: ItemView, user: UserId | None) -> str:
    """Return what is offered for an item, as it would be typed; "" where something stands or nothing is known."""
    item = view.item
    if not item.offer or not view.reading.is_empty or view.typed or not view.editable:
        return ""
    if item.offer_when is not None and not evaluate(item.offer_when, reader.subject.scope(key).lookup()):
        return ""
    if item.offer == OFFER_NOW:
        return OFFER_NOW
    if item.offer == OFFER_SIGNED_IN:
        return user or ""
    return _mine(reader, key, view.path, user) if item.offer == OFFER_MINE else item.offer.removeprefix("=")


def _mine(reader: Reader, key: FormKey, path: ItemPath, user: UserId | None) -> str:
    """Return what the signed-in person recorded last for an item of this subject, in another form of the kind.

    What is offered so belongs together, as a certificate and its last day: once one was answered otherwise, none is.
    """
    form = reader.design.form(key.form)
    together = [
        ItemPath(group=group.oid, item=item.name)
        for group in form.groups
        for item in group.items
        if item.offer == OFFER_MINE
    ]
    recorded = [
        (state.items[path].entry, state)
        for other, state in reader.casebook.forms.items()
        if other.form == key.form and other != key and path in state.items
    ]
    mine = [(entry, state) for entry, state in recorded if entry.author == user and entry.reading.value]
    if not mine:
        return ""
    entry, state = max(mine, key=lambda one: one[0].moment.utc_ms)
    here = reader.values(key)
    answered = [(here[one], state.items.get(one)) for one in together if one in here and not here[one].is_empty]
    if any(then is None or then.shown != now for now, then in answered):
        return ""
    return entry.reading.value or ""
