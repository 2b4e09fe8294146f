"""What a screening log says of a subject beside its status: the dates it went through, and why it ended.

Since when a status holds and why follows from the items that the study's own rule for it names.

Source: clinical content, section 0.0 ("subject status"); ICH E6(R3), essential records (screening log).
"""

from datetime import datetime

from casebook import references
from casebook.design import DataType, Text
from casebook.records import EMPTY, FormKey, ItemPath
from casebook.references import Reference
from casebook.rules import names_in
from casebook.values import noted_of
from desktop_app.overview import date_of, joined, text_of
from desktop_app.reader import Reader
from desktop_app.snapshots import ScreeningFacts

_PLAIN = frozenset({"Y", "N", "U", "NA"})
_DAY = len("2026-03-01")


def facts_of(reader: Reader) -> ScreeningFacts:
    """Return what the log says; no identity data."""
    days: list[str] = []
    reasons: list[Text] = []
    for name in _decisive(reader):
        parsed = references.parse(name)
        if not isinstance(parsed, Reference) or parsed.form not in reader.design.forms:
            continue
        group, item = reader.design.form(parsed.form).find(parsed.item)
        key = _last_with(reader, parsed, ItemPath(group=group.oid, item=item.name))
        if key is None:
            continue
        reading = reader.values(key).get(ItemPath(group=group.oid, item=item.name), EMPTY)
        noted = noted_of(reading.value or "")
        days.append((reading.value or "")[:_DAY] if noted is not None else date_of(reader, key)[1][:_DAY])
        if item.data_type is DataType.CODE and reading.value not in _PLAIN and not item.identity:
            reasons.append(text_of(reader, item, reading))
    return ScreeningFacts(
        consented_on=_day(reader, reader.anchor("consented_at")),
        randomised_on=_day(reader, reader.anchor("randomised_at")),
        since=max((day for day in days if day), default=""),
        reason=joined([*reasons, *_failed(reader)], reader.design.languages),
    )


def _decisive(reader: Reader) -> tuple[str, ...]:
    rule = next((one for one in reader.design.status_rules if one.name == reader.status), None)
    return names_in(rule.when) if rule is not None else ()


def _last_with(reader: Reader, name: Reference, path: ItemPath) -> FormKey | None:
    for key in reversed(reader.keys):
        if key.form == name.form and not reader.values(key).get(path, EMPTY).is_empty:
            return key
    return None


def _failed(reader: Reader) -> list[Text]:
    """Return the criteria that stand against a subject who is not randomised."""
    if not reader.design.criteria or reader.anchor("randomised_at") is not None:
        return []
    failed = reader.eligibility().failed
    return [Text(dict.fromkeys(reader.design.languages, ", ".join(failed)))] if failed else []


def _day(reader: Reader, moment: datetime | None) -> str:
    return f"{moment.astimezone(reader.now.tzinfo):%Y-%m-%d}" if moment is not None else ""
