"""Everything that is wrong with a study definition, told at once: what cannot be read, and what cannot be meant.

A *fault* makes the study unfit for use; a *warning* is something to look at that may be right. Each names
its place and its remedy in both languages.

Source: docs/study_files.md, section "What `casebook study check` finds".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources.abc import Traversable
from itertools import combinations, pairwise

from casebook.design import (
    Check,
    DataType,
    Form,
    Item,
    Need,
    StudyDesign,
    Text,
    Visit,
    VisitKind,
)
from casebook.errors import StudyFileError
from casebook.reachability import Reachability
from casebook.references import Pseudo, PseudoKind, Reference, parse
from casebook.rule_kinds import (
    Compare,
    Exists,
    Range,
    Rule,
)
from casebook.rules import names_in, rules_within
from casebook.study_files import cases, find_faults
from casebook.values import interval_of, number_of

_NUMERIC = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.QUANTITY})
_TIMES = frozenset({DataType.DATE, DataType.DATETIME})
_CODED = frozenset({DataType.CODE, DataType.CODES})
_TIMED_KINDS = frozenset(
    {PseudoKind.NOW, PseudoKind.VISITED, PseudoKind.PREVIOUS_VISITED, PseudoKind.ENTERED, PseudoKind.LAST_CHANGE}
)
_COUNTED_KINDS = frozenset({PseudoKind.HARD, PseudoKind.OPEN_HARD, PseudoKind.OPEN_SOFT})
_HAN = re.compile(r"[\u3400-\u9fff]")
_PROSE = re.compile(r"\b[a-z]{3,}\b.*\b[a-z]{3,}\b", re.IGNORECASE)
"""Two words of three letters and more: not a unit, code, acronym or name of a drug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong. `what` is told per language; `grave` tells a fault from a warning."""

    place: str
    what: Text
    grave: bool = True

    def line(self, language: str) -> str:
        """Return it as one line of a report."""
        words = {"en": ("fault", "warning"), "zh": ("错误", "提示")}[language]
        return f"{words[0] if self.grave else words[1]}  {self.place}: {self.what(language)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyReport:
    """What was found in a study definition."""

    found: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What makes the study unfit for use."""
        return tuple(one for one in self.found if one.grave)

    @property
    def exit_status(self) -> int:
        """0 without faults, else 1."""
        return 1 if self.faults else 0

    def lines(self, language: str) -> tuple[str, ...]:
        """Return the report line by line; the counts stand last."""
        faults, warnings = len(self.faults), len(self.found) - len(self.faults)
        counts = {"en": f"{faults} fault(s), {warnings} warning(s)", "zh": f"{faults} 个错误，{warnings} 条提示"}
        return (*(one.line(language) for one in self.found), counts[language])


def check_folder(folder: Traversable) -> StudyReport:
    """Check a study folder; where it cannot be read, everything that stands in the way is told."""
    design, mistakes = find_faults(folder)
    if design is None:
        return StudyReport(found=tuple(_mistake(one) for one in mistakes))
    return StudyReport(found=(*_lost_cases(folder, design), *check_design(design).found))


def _mistake(one: StudyFileError) -> Fault:
    return Fault(place=f"{one.fields['file']}, {one.fields['place']}", what=_what(one.fields["what"]))


def _lost_cases(folder: Traversable, design: StudyDesign) -> tuple[Fault, ...]:
    """Return what is wrong with the places on which facts of cases are laid."""
    try:
        vocabulary = cases.read_vocabulary(folder)
    except StudyFileError as mistake:
        return (_mistake(mistake),)
    return tuple(
        _fault(
            f"{cases.FILE}, {place}",
            f"the study has no {name}. Correct the name or remove it.",
            f"研究中没有 {name}。请更正名称或删除。",
        )
        for place, name in cases.dangling(vocabulary, design)
    )


def _what(told: object) -> Text:
    return Text({str(name): str(text) for name, text in told.items()} if isinstance(told, dict) else {"en": str(told)})


def check_design(design: StudyDesign) -> StudyReport:
    """Check a definition that could be read."""
    judge = Reachability(design=design).never_asked()
    parts = (
        _unreachable(design, judge),
        _idle_rules(design, judge),
        _mistyped(design),
        _limits(design),
        _duplicates(design),
        _schedule(design),
        _above(design),
        _unused_lists(design),
        _untranslated(design),
    )
    found = dict.fromkeys(fault for part in parts for fault in part)
    return StudyReport(found=tuple(sorted(found, key=lambda fault: not fault.grave)))


def _fault(place: str, en: str, zh: str, *, grave: bool = True) -> Fault:
    return Fault(place=place, what=_Told({"en": en, "zh": zh}), grave=grave)


class _Told(Text):
    """A text that may be compared, so that nothing is told twice."""

    def __hash__(self) -> int:
        return hash(tuple(self.by_language.items()))


def _items(design: StudyDesign) -> Iterator[tuple[Form, Item]]:
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                yield form, item


def _checks(design: StudyDesign) -> Iterator[tuple[Form, Check, str]]:
    for form in design.forms.values():
        for check in form.checks:
            yield form, check, f"{form.oid}, {check.id} ({check.item})"


# -- what can never be ----------------------------------------------------------------------------------


def _unreachable(design: StudyDesign, judge: Reachability) -> Iterator[Fault]:
    for form, item in _items(design):
        if (form.oid, item.name) in judge.unreachable:
            yield _fault(
                item.oid,
                "its condition can never be true, so it is never asked. Correct relevant_when.",
                "其条件永远不成立，因此不会出现。请更正 relevant_when。",
            )
    for visit in design.visits:
        for planned in visit.forms:
            if planned.when is not None and not judge.can_hold(planned.when, None):
                yield _fault(
                    f"{visit.oid}, {planned.form}",
                    "its condition can never be true, so the form never applies. Correct when.",
                    "其条件永远不成立，因此该表单永不适用。请更正 when。",
                )


def _idle_rules(design: StudyDesign, judge: Reachability) -> Iterator[Fault]:
    for form, check, place in _checks(design):
        _, item = form.find(check.item)
        if (form.oid, item.name) in judge.unreachable:
            continue  # told of the item
        if not judge.can_hold(check.fires_when, form, item):
            yield _fault(place, "it can never fire. Correct fires_when.", "该核查永远不会触发。请更正 fires_when。")
    for one in design.criteria:
        if not judge.can_hold(one.rule, None):
            yield _fault(one.id, "its rule can never be true. Correct it.", "其规则永远不成立。请更正。")
        if one.waived_when is not None and not judge.can_hold(one.waived_when, None):
            yield _fault(one.id, "waived_when can never be true. Correct it.", "waived_when 永远不成立。请更正。")
    for status in design.status_rules:
        if not judge.can_hold(status.when, None):
            yield _fault(
                f"status, {status.name}",
                "no subject can ever have it. Correct when.",
                "不会有受试者处于该状态。请更正 when。",
            )


# -- comparisons that cannot be told --------------------------------------------------------------------


def _mistyped(design: StudyDesign) -> Iterator[Fault]:
    for form, item in _items(design):
        if item.relevant_when is not None:
            yield from _mistyped_rule(design, form, item.oid, item.relevant_when)
    for form, check, place in _checks(design):
        yield from _mistyped_rule(design, form, place, check.fires_when)
    for visit in design.visits:
        for planned in visit.forms:
            if planned.when is not None:
                yield from _mistyped_rule(design, None, f"{visit.oid}, {planned.form}", planned.when)
    for one in design.criteria:
        yield from _mistyped_rule(design, None, one.id, one.rule)
    for status in design.status_rules:
        yield from _mistyped_rule(design, None, f"status, {status.name}", status.when)


def _mistyped_rule(design: StudyDesign, form: Form | None, place: str, rule: Rule) -> Iterator[Fault]:
    for one in rules_within(rule):
        if isinstance(one, Range) and _kind(design, form, one.item) not in {"number", ""}:
            yield _fault(
                place,
                f"{one.item} is no number and has no range. Correct the rule.",
                f"{one.item} 不是数值，不能使用 range。请更正规则。",
            )
        if isinstance(one, Compare):
            yield from _mistyped_comparison(design, form, place, one)
        if isinstance(one, Exists):
            inside = design.forms.get(one.form) if one.form else form
            yield from _mistyped_rule(design, inside, place, one.where)


def _mistyped_comparison(design: StudyDesign, form: Form | None, place: str, rule: Compare) -> Iterator[Fault]:
    left = _kind(design, form, rule.item)
    right = _kind_of_value(rule.value) if rule.other is None else _kind(design, form, rule.other)
    if rule.item == rule.other and not rule.add_minutes:
        yield _fault(
            place,
            f"{rule.item} is compared with itself. Name the other item.",
            f"{rule.item} 与自身比较。请写明另一个项目。",
        )
    elif rule.op not in {"eq", "ne"} and "text" in {left, right}:
        name = rule.item if left == "text" else rule.other or rule.value
        yield _fault(
            place,
            f"{name} is a text and neither smaller nor greater than anything. Correct the rule.",
            f"{name} 是文本，不能比较大小。请更正规则。",
        )
    elif {left, right} == {"number", "time"}:
        yield _fault(
            place,
            f"{rule.item} and {rule.other or rule.value} are a number and a time. Correct the rule.",
            f"{rule.item} 与 {rule.other or rule.value} 分别为数值和时间，不能比较。请更正规则。",
        )
    elif rule.add_minutes and left == "number":
        yield _fault(place, "minutes are added to a number. Remove add_minutes.", "add_minutes 不能用于数值。请删除。")


def _kind(design: StudyDesign, form: Form | None, name: str) -> str:
    """Return `number`, `time`, `text`, or "" where it may be anything."""
    parts = parse(name)
    if isinstance(parts, Pseudo):
        return "time" if parts.kind in _TIMED_KINDS else "number" if parts.kind in _COUNTED_KINDS else ""
    if not isinstance(parts, Reference) or parts.outer:
        return ""
    home = design.forms.get(parts.form) if parts.form else form
    if home is None:
        return ""
    _, item = home.find(parts.item)
    if item.data_type in _NUMERIC:
        return "number"
    if item.data_type in _TIMES:
        return "time"
    if item.data_type in _CODED and item.code_list is not None:
        codes = design.code_lists[item.code_list].codes
        return "number" if any(number_of(code.value) is not None for code in codes) else "text"
    return "" if item.derivation is not None else "text"


def _kind_of_value(value: str | None) -> str:
    if number_of(value) is not None:
        return "number"
    return "text" if value is None or interval_of(value) is None else "time"


# -- items ----------------------------------------------------------------------------------------------


def _limits(design: StudyDesign) -> Iterator[Fault]:
    for form, item in _items(design):
        if item.code_list is not None and item.derivation is None and not design.code_lists[item.code_list].codes:
            yield _fault(item.oid, "its code list is empty. Add codes.", "其代码表为空。请补充代码。")
        if _beyond(item):
            yield _fault(
                item.oid,
                "a soft limit lies outside the hard limits and is never told. Correct the limits.",
                "软限值超出硬限值，永远不会提示。请更正限值。",
            )
        asked = item.need is not Need.OPTIONAL
        if asked and item.data_type is DataType.QUANTITY and len(item.units) > 1 and item.hard == (None, None):
            yield _fault(
                item.oid,
                "it may be given in several units, but no hard limit would notice a mix-up. Consider hard.",
                "该项目有多个单位，但没有硬限值可发现单位混淆。请考虑补充 hard。",
                grave=False,
            )
        if item.max_length is not None and item.data_type is not DataType.TEXT:
            yield _fault(item.oid, "max_length belongs to a text. Remove it.", "max_length 仅用于文本。请删除。")
        if item.decimals is not None and item.data_type not in {DataType.DECIMAL, DataType.QUANTITY}:
            yield _fault(
                item.oid, "decimals belongs to decimals and quantities. Remove it.", "decimals 仅用于小数。请删除。"
            )
        if item.relevant_when is not None and item.name in names_in(item.relevant_when):
            yield _fault(
                item.oid,
                f"it waits for itself in {form.oid}. Correct relevant_when.",
                "其条件引用了自身。请更正 relevant_when。",
            )
    for form in design.forms.values():
        if form.consent and not any(item.data_type is DataType.INK for group in form.groups for item in group.items):
            yield _fault(
                form.oid, "a consent has no ink. Add the signatures.", "知情同意表单没有手写签名项目。请补充。"
            )


def _beyond(item: Item) -> bool:
    low, high = item.hard
    return any(
        limit is not None and ((low is not None and limit < low) or (high is not None and limit > high))
        for limit in item.soft
    )


def _duplicates(design: StudyDesign) -> Iterator[Fault]:
    for form in design.forms.values():
        for first, second in combinations(form.checks, 2):
            if first.item == second.item and first.fires_when == second.fires_when:
                yield _fault(
                    f"{form.oid}, {second.id} ({second.item})",
                    f"{first.id} fires on the same. Remove one.",
                    f"{first.id} 的触发条件与之相同。请删除其一。",
                )
        for group in form.groups:
            for language in design.languages:
                for label in _twice([item.label(language) for item in group.items]):
                    yield _fault(
                        group.oid,
                        f"two items are called “{label}”. Give each its own label.",
                        f"有两个项目均为“{label}”。请使用不同的标签。",
                        grave=False,
                    )
    for code_list in design.code_lists.values():
        for language in design.languages:
            for label in _twice([code.label(language).casefold() for code in code_list.codes]):
                yield _fault(
                    code_list.oid,
                    f"two codes are called “{label}”. Reword one.",
                    f"有两个代码均为“{label}”。请改写其一。",
                )


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _unused_lists(design: StudyDesign) -> Iterator[Fault]:
    used = {item.code_list for _, item in _items(design)}
    for oid in design.code_lists:
        if oid not in used:
            yield _fault(oid, "no item uses this code list. Remove it.", "没有项目使用该代码表。请删除。")


# -- visits and what stands above the forms -------------------------------------------------------------


def _schedule(design: StudyDesign) -> Iterator[Fault]:
    scheduled = [visit for visit in design.visits if visit.kind is VisitKind.SCHEDULED]
    for first, second in combinations(scheduled, 2):
        if _overlap(first, second):
            yield _fault(
                second.oid,
                f"its window overlaps that of {first.oid}. Correct one of them.",
                f"其时间窗与 {first.oid} 重叠。请更正其中之一。",
            )
    days = [(visit.study_day, visit.oid) for visit in scheduled if visit.study_day is not None]
    for (day, _), (later, oid) in pairwise(days):
        if later <= day:
            yield _fault(oid, "its study day does not rise. Reorder the visits.", "其研究日未递增。请调整访视顺序。")
    for visit in scheduled:
        if visit.study_day is not None and _certain_hours(visit) is not None and not _holds_its_day(visit):
            yield _fault(
                visit.oid, "its study day lies outside its window. Correct one.", "其研究日不在时间窗内。请更正其一。"
            )
        if not any(_dates(design.forms[one.form]) for one in visit.forms):
            yield _fault(
                visit.oid,
                "none of its forms has visit_time, so it has no date. Set it on an item.",
                "其表单均没有 visit_time，访视没有日期。请在某个项目上设置。",
            )
    if any(_certain_hours(visit) is not None for visit in scheduled) and "randomised_at" not in design.anchors:
        yield _fault(
            "anchors",
            "windows count from randomised_at, which is not given. Add it.",
            "时间窗从 randomised_at 起算，但未给出。请补充。",
        )
    for visit in design.visits:
        for one in visit.forms if visit.kind is VisitKind.EVENT else ():
            if not _dates(design.forms[one.form]):
                yield _fault(
                    f"{visit.oid}, {one.form}",
                    "an event has a date of its own: no item has visit_time. Set it.",
                    "事件须有自己的日期：没有项目设置 visit_time。请设置。",
                )


def _dates(form: Form) -> bool:
    return any(item.visit_time for group in form.groups for item in group.items)


def _certain_hours(visit: Visit) -> tuple[Decimal, Decimal] | None:
    """Return the hours after randomisation that lie in a window whatever the hour of randomisation."""
    window = visit.window
    if window.from_hours is not None and window.to_hours is not None:
        return window.from_hours, window.to_hours
    if window.from_day is None or window.to_day is None:
        return None
    return Decimal(24 * window.from_day), Decimal(24 * window.to_day)


def _overlap(first: Visit, second: Visit) -> bool:
    one, other = _certain_hours(first), _certain_hours(second)
    if one is None or other is None:
        return False
    (_, earlier_to), (later_from, _) = sorted((one, other))
    touch_open = (first if one > other else second).window.open_start
    both_days = first.window.from_day is not None and second.window.from_day is not None
    meets = later_from == earlier_to and (both_days or not touch_open)
    return later_from < earlier_to or meets


def _holds_its_day(visit: Visit) -> bool:
    hours = _certain_hours(visit)
    if hours is None or visit.study_day is None:
        return True
    start = Decimal(24 * (visit.study_day - (1 if visit.study_day > 0 else 0)))
    return hours[0] <= start + 24 and start - 24 <= hours[1]


def _above(design: StudyDesign) -> Iterator[Fault]:
    ruled = {rule.name for rule in design.status_rules}
    for number, name in enumerate(design.statuses):
        if number and name not in ruled:
            yield _fault(
                f"statuses, {name}",
                "no rule gives this status. Add [[status]].",
                "没有规则给出该状态。请补充 [[status]]。",
            )
    for _, check, place in _checks(design):
        if check.deviation is not None and design.deviations is None:
            yield _fault(
                place,
                "it raises a deviation, but no form keeps them. Add [deviations].",
                "该核查产生方案偏离，但没有保存偏离的表单。请补充 [deviations]。",
            )
    for one in design.criteria:
        if not one.facts:
            yield _fault(one.id, "no fact is shown for it. Name some.", "没有列出判定依据。请补充。")


# -- texts ----------------------------------------------------------------------------------------------


def _untranslated(design: StudyDesign) -> Iterator[Fault]:
    """Tell texts that are the same in two languages of different scripts, and prose in the wrong script."""
    texts = dict(_texts(design))
    scripts = {
        language: sum(bool(_HAN.search(text(language))) for text in texts.values()) * 2 > len(texts)
        for language in design.languages
    }
    if len(set(scripts.values())) < len({True, False}):
        return
    for place, text in texts.items():
        for language in design.languages:
            said = text(language)
            if scripts[language] and not _HAN.search(said) and _PROSE.search(said) and not _is_name(said):
                yield _untranslated_fault(place, language, said)
            if not scripts[language] and _HAN.search(said):
                yield _untranslated_fault(place, language, said)


def _is_name(text: str) -> bool:
    """Tell whether every word of a text has a capital or a digit or is short: names of tools, drugs and firms."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9-]*", text)
    return all(len(word) <= len("and") or re.search(r"[A-Z0-9]", word) for word in words)


def _untranslated_fault(place: str, language: str, said: str) -> Fault:
    return _fault(
        place,
        f"its text in {language} does not look translated: “{said}”. Look at it.",
        f"其 {language} 文字似乎未翻译：“{said}”。请核对。",
        grave=False,
    )


def _texts(design: StudyDesign) -> Iterator[tuple[str, Text]]:
    yield design.oid, design.name
    yield from ((visit.oid, visit.label) for visit in design.visits)
    yield from _texts_of_forms(design)
    for code_list in design.code_lists.values():
        for code in code_list.codes:
            yield f"{code_list.oid}.{code.value}", code.label
            if code.meaning is not None:
                yield f"{code_list.oid}.{code.value}.meaning", code.meaning
    yield from ((f"CRIT.{one.id}", one.label) for one in design.criteria)
    if design.timeline is not None:
        yield from ((f"TIMELINE.{one.name}", one.label) for one in design.timeline.events)
        yield from ((f"TIMELINE.{one.name}", one.label) for one in design.timeline.plots)
    for consent in design.consents:
        for number, text in enumerate((consent.title, *consent.paragraphs, *consent.statements)):
            yield f"CONSENT.{consent.version}, {number}", text


def _texts_of_forms(design: StudyDesign) -> Iterator[tuple[str, Text]]:
    for oid, form in design.forms.items():
        yield oid, form.label
        for group in form.groups:
            yield group.oid, group.label
            if group.picture is not None:
                drawing = group.picture.drawing
                yield from ((drawing.oid, text) for text in (drawing.note, *(one.label for one in drawing.levels)))
            for item in group.items:
                yield item.oid, item.label
                if item.hint is not None:
                    yield f"{item.oid}.hint", item.hint
        for check in form.checks:
            yield f"{oid}, {check.id}", check.message
