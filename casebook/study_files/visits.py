"""Visits, reasons and consent texts as they are written in `study.toml`.

Source: docs/study_files.md, section "study.toml".
"""

import re

from casebook.design import Code, ConsentText, PlannedForm, Text, Visit, VisitKind, Window
from casebook.study_files.nodes import Node, Texts
from casebook.study_files.rules import read_rule

_VISIT_OID = re.compile(r"SE\.[A-Z][A-Z0-9]{0,11}")
_WORD = re.compile(r"[A-Z0-9][A-Z0-9_]{0,19}")


def read_visits(root: Node, texts: Texts) -> tuple[Visit, ...]:
    """Read the visits in their order. Raises StudyFileError."""
    visits = []
    for node in root.nodes("visit", required=True):
        with root.faults.gather():
            visits.append(_read_visit(node, texts))
    with root.faults.gather():
        refuse_twice(root, [visit.oid for visit in visits])
    return tuple(visits)


def refuse_twice(node: Node, names: list[str]) -> None:
    """Refuse names of which one stands twice. Raises StudyFileError."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        node.fail(f"{twice[0]} stands twice. Remove one.", f"{twice[0]} 重复。请删除其一。")


def checked_name(node: Node, name: str, pattern: re.Pattern[str], example: str) -> Node:
    """Return the node placed at `name`. Raises StudyFileError for a name that is not of the pattern."""
    if not pattern.fullmatch(name):
        node.fail(
            f"{name} is no name here. Write it like {example}.",
            f"{name} 不是此处的有效名称。请按 {example} 的形式书写。",
        )
    return node.at(name)


def _read_visit(node: Node, texts: Texts) -> Visit:
    oid = node.text("oid")
    one = checked_name(node, oid, _VISIT_OID, "SE.V1")
    window = one.node("window")
    forms = tuple(_read_planned(planned, texts) for planned in one.nodes("forms", required=True))
    refuse_twice(one, [f"{planned.form} {planned.occasion}".strip() for planned in forms])
    visit = Visit(
        oid=oid,
        label=texts.need(oid),
        short=texts.need(f"{oid}.short"),
        forms=forms,
        window=Window() if window is None else _read_window(window),
        study_day=one.integer("study_day"),
        kind=VisitKind(one.choice("kind", tuple(VisitKind), VisitKind.SCHEDULED)),
    )
    one.finish()
    if visit.study_day == 0:
        one.fail("there is no study day 0. Day 1 is the day of randomisation.", "没有研究日 0。随机当天为第 1 天。")
    if visit.kind is not VisitKind.SCHEDULED and window is not None:
        one.fail("only a scheduled visit has a window. Remove it.", "只有计划内访视才有时间窗。请删除。")
    return visit


def _read_planned(node: Node, texts: Texts) -> PlannedForm:
    occasion = node.text("occasion", "")
    if occasion:
        checked_name(node, occasion, _WORD, "PRERAND")
    when = node.node("when")
    planned = PlannedForm(
        form=node.text("form"),
        need=node.choice("need", ("x", "c", "o")),
        occasion=occasion,
        occasion_label=texts.need(f"OCC.{occasion}") if occasion else None,
        when=None if when is None else read_rule(when),
    )
    node.finish()
    return planned


def _read_window(node: Node) -> Window:
    window = Window(
        from_hours=node.decimal("from_hours"),
        to_hours=node.decimal("to_hours"),
        open_start=node.flag("open_start"),
        from_day=node.integer("from_day"),
        to_day=node.integer("to_day"),
        discharge_before=node.integer("discharge_before"),
        stay=node.flag("stay"),
    )
    node.finish()
    hours = window.from_hours is not None and window.to_hours is not None and window.from_hours <= window.to_hours
    days = window.from_day is not None and window.to_day is not None and window.from_day <= window.to_day
    counts_hours = window.from_hours is not None or window.to_hours is not None
    counts_days = window.from_day is not None or window.to_day is not None
    if hours == days or (counts_hours and counts_days):
        node.fail(
            "a window is either from_hours and to_hours or from_day and to_day, rising. Correct it.",
            "时间窗须为 from_hours 与 to_hours，或 from_day 与 to_day，且由小到大。请更正。",
        )
    if (window.open_start and days) or (window.discharge_before is not None and hours):
        node.fail(
            "open_start belongs to hours, discharge_before to days. Remove it.",
            "open_start 用于小时，discharge_before 用于天数。请删除。",
        )
    return window


def read_reasons(root: Node, texts: Texts) -> tuple[Code, ...]:
    """Read the common reasons for a change. Raises StudyFileError."""
    return _reasons(root, "reason", texts, required=True)


def read_absences(root: Node, texts: Texts) -> tuple[Code, ...]:
    """Read the common reasons why there is no value. Raises StudyFileError."""
    return _reasons(root, "absence", texts, required=False)


def _reasons(root: Node, table: str, texts: Texts, *, required: bool) -> tuple[Code, ...]:
    reasons = []
    for node in root.nodes(table, required=required):
        with root.faults.gather():
            value = node.text("code")
            one = checked_name(node, value, _WORD, "TRANSCRIPTION")
            reasons.append(Code(value=value, label=texts.need(f"{table.upper()}.{value}")))
            one.finish()
    with root.faults.gather():
        refuse_twice(root, [reason.value for reason in reasons])
    return tuple(reasons)


def read_consents(root: Node, texts: Texts) -> tuple[ConsentText, ...]:
    """Read the consent documents, version by version. Raises StudyFileError."""
    consents = []
    for node in root.nodes("consent"):
        with root.faults.gather():
            version = node.text("version")
            one = node.at(version)
            start = f"CONSENT.{version}"
            consents.append(
                ConsentText(
                    version=version,
                    title=texts.need(f"{start}.title"),
                    paragraphs=_parts(one, "paragraphs", start, texts),
                    statements=_parts(one, "statements", start, texts),
                )
            )
            one.finish()
    with root.faults.gather():
        refuse_twice(root, [consent.version for consent in consents])
    return tuple(consents)


def _parts(node: Node, key: str, start: str, texts: Texts) -> tuple[Text, ...]:
    return tuple(texts.need(f"{start}.{part}") for part in node.names(key, required=True))
