"""What the timeline of a casebook draws, as it is written in `study.toml`.

Source: docs/study_files.md, section "Timeline".
"""

import re
from decimal import Decimal
from typing import NoReturn

from casebook.design import DataType, Item
from casebook.references import Reference, parse
from casebook.study_files.nodes import Node, Texts, refuse
from casebook.study_files.references import STUDY_FILE, References, Scope
from casebook.study_files.visits import checked_name, refuse_twice
from casebook.timelines import Timeline, TimelineEvent, TimelinePlot

_NAME = re.compile(r"[A-Z][A-Z0-9]{0,11}")
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL})


def read_timeline(root: Node, texts: Texts) -> Timeline | None:
    """Read what the timeline draws; None where the study names nothing. Raises StudyFileError."""
    one = root.node("timeline")
    if one is None:
        return None
    one = one.at("timeline")
    timeline = Timeline(
        events=tuple(_read_event(event, texts) for event in one.nodes("event")),
        plots=tuple(_read_plot(plot, texts) for plot in one.nodes("plot")),
        since=one.text("since", ""),
    )
    one.finish()
    refuse_twice(one, [*(event.name for event in timeline.events), *(plot.name for plot in timeline.plots)])
    if timeline.since and timeline.since not in {event.name for event in timeline.events}:
        one.fail(
            f"{timeline.since} is no event of the timeline. Correct since.",
            f"{timeline.since} 不是时间线中的事件。请更正 since。",
        )
    return timeline


def _read_event(node: Node, texts: Texts) -> TimelineEvent:
    one = checked_name(node, node.text("name"), _NAME, "CT")
    event = TimelineEvent(name=one.text("name"), label=texts.need(f"TIMELINE.{one.place}"), item=one.text("item"))
    one.finish()
    return event


def _read_plot(node: Node, texts: Texts) -> TimelinePlot:
    one = checked_name(node, node.text("name"), _NAME, "CT")
    least, most = one.decimal("least"), one.decimal("most")
    plot = TimelinePlot(
        name=one.text("name"),
        label=texts.need(f"TIMELINE.{one.place}"),
        item=one.text("item"),
        untested=one.text("untested", ""),
        least=Decimal(0) if least is None else least,
        most=one.missing("most") if most is None else most,
    )
    one.finish()
    if plot.least >= plot.most:
        one.fail("least must lie below most. Correct them.", "least 必须小于 most。请更正。")
    return plot


# -- what it names ----------------------------------------------------------------------------------------


def check_timeline(references: References, timeline: Timeline | None) -> None:
    """Refuse a timeline that names what cannot be drawn. Raises StudyFileError, or tells it to the faults."""
    if timeline is None:
        return
    for event in timeline.events:
        with references.faults.gather():
            item = _once(references, event.name, event.item)
            if item.data_type is not DataType.DATETIME:
                _fail(event.name, f"{event.item} is no date with its time", f"{event.item} 不是日期时间项目")
    for plot in timeline.plots:
        with references.faults.gather():
            _check_plot(references, plot)


def _check_plot(references: References, plot: TimelinePlot) -> None:
    form = plot.item.partition(":")[0]
    counts = [plot.item, *([f"{form}:{plot.untested}"] if plot.untested else [])]
    for name in counts:
        if _once(references, plot.name, name).data_type not in _NUMBERS:
            _fail(plot.name, f"{name} is no number", f"{name} 不是数值项目")
    items = [item for group in references.forms[form][0].groups if not group.repeating for item in group.items]
    if not any(item.visit_time for item in items):
        _fail(plot.name, f"{form} has no item with visit_time", f"{form} 中没有 visit_time 项目")


def _once(references: References, place: str, name: str) -> Item:
    """Return an item that stands once in its form and is nobody's identity."""
    scope = Scope(file=STUDY_FILE, place=f"timeline, {place}", at_visit=False)
    item = references.find(scope, name)
    reference = parse(name)
    if item is None or not isinstance(reference, Reference) or item.identity or references.is_of_site(reference.form):
        _fail(place, f"{name} is no item of a subject that anybody may read", f"{name} 不是可公开查看的受试者项目")
    return item


def _fail(place: str, en: str, zh: str) -> NoReturn:
    refuse(STUDY_FILE, f"timeline, {place}", f"{en}. Name another item.", f"{zh}。请改用其他项目。")
