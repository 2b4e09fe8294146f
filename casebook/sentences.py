"""Rules as sentences that site staff and ethics committees read, in the labels of the study.

A rule of the closed set has one frame in English and one in Chinese; labels come from the study in the
language that is wanted, and where that is neither, the frame stays English. Nothing here evaluates a rule.

Source: docs/study_files.md, section "Rules as sentences".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from casebook.design import (
    Check,
    DataType,
    Derivation,
    Form,
    Item,
    Severity,
    StudyDesign,
    Window,
)
from casebook.references import Pseudo, PseudoKind, Reference, literal, parse
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    OneOf,
    Range,
    Rule,
)
from casebook.scores import DERIVED, FIRES

_UNIT_RULE = "unit_not_listed"
_FIRST_KNOWN = "first_known"
"""Of one item it shows what is entered elsewhere."""
_TIMES = frozenset({DataType.DATE, DataType.DATETIME})
_TIME_KINDS = frozenset(
    {PseudoKind.NOW, PseudoKind.VISITED, PseudoKind.PREVIOUS_VISITED, PseudoKind.ENTERED, PseudoKind.LAST_CHANGE}
)
_MINUTES_A_DAY = 24 * 60
_MINUTES_AN_HOUR = 60
_SEVERAL_DAYS = 3

_WORDS: Mapping[str, tuple[str, str]] = {
    "answered": ("{item} has an answer", "{item}已填写"),
    "one_of": ("{item} is {values}", "{item}为{values}"),
    "not one_of": ("{item} is not {values}", "{item}不是{values}"),
    "not includes": ("{item} does not include {values}", "{item}不包括{values}"),
    "not answered": ("{item} has no answer", "{item}未填写"),
    "includes": ("{item} includes {values}", "{item}包括{values}"),
    "lt": ("{item} is less than {other}", "{item}小于{other}"),
    "le": ("{item} is at most {other}", "{item}不大于{other}"),
    "eq": ("{item} is {other}", "{item}等于{other}"),
    "ne": ("{item} is not {other}", "{item}不等于{other}"),
    "ge": ("{item} is at least {other}", "{item}不小于{other}"),
    "gt": ("{item} is greater than {other}", "{item}大于{other}"),
    "time lt": ("{item} is before {other}", "{item}早于{other}"),
    "time le": ("{item} is not after {other}", "{item}不晚于{other}"),
    "time eq": ("{item} is the same as {other}", "{item}与{other}相同"),
    "time ne": ("{item} differs from {other}", "{item}与{other}不同"),
    "time ge": ("{item} is not before {other}", "{item}不早于{other}"),
    "time gt": ("{item} is after {other}", "{item}晚于{other}"),
    "plus": ("{other} plus {time}", "{other}加 {time}"),
    "minus": ("{other} minus {time}", "{other}减 {time}"),
    "days": ("{count} days", "{count} 天"),
    "hours": ("{count} h", "{count} 小时"),
    "minutes": ("{count} min", "{count} 分钟"),
    "below": ("{item} is below {low}", "{item}低于 {low}"),
    "above": ("{item} is above {high}", "{item}高于 {high}"),
    "outside": ("{item} is below {low} or above {high}", "{item}低于 {low} 或高于 {high}"),
    "all": (" and ", "，且"),
    "any": (" or ", "，或"),
    "values": (" or ", "或"),
    "list": (", ", "、"),
    "not": ("it is not so that {inner}", "并非{inner}"),
    "none": ("none of these is true: {inner}", "以下均不成立：{inner}"),
    "none list": ("; ", "；"),
    "unit": ("{item} is given in a unit other than {units}", "{item}的单位不是{units}"),
    "named": ("{phrase} ({items})", "{phrase}（{items}）"),
    "unnamed": ("the function {phrase} says so of {items}", "函数 {phrase} 判定为是（{items}）"),
    "same": ("{items}, shown here", "此处显示{items}"),
    "not exists form": ("there is no form {form} in which {where}", "没有一份{form}，其中{where}"),
    "not exists row": (
        "there is no row of {group} in {form} in which {where}",
        "{form}的{group}中没有一行，其中{where}",
    ),
    "not exists here": ("there is no row of {group} in which {where}", "{group}中没有一行，其中{where}"),
    "exists form": ("there is a form {form} in which {where}", "存在一份{form}，其中{where}"),
    "exists row": ("there is a row of {group} in {form} in which {where}", "{form}的{group}中有一行，其中{where}"),
    "exists here": ("there is a row of {group} in which {where}", "{group}中有一行，其中{where}"),
    "in group": ("{group}: {item}", "{group}：{item}"),
    "of form": ("{item} of {form}", "{form}的{item}"),
    "of here": ("{item} of this form", "本表单的{item}"),
    "column": ("every {item}", "各条{item}"),
    "at visit": ("{form} at {visit}", "{visit}的{form}"),
    "at occasion": ("{form} ({occasion})", "{form}（{occasion}）"),
    "quote": ("“{text}”", "“{text}”"),
    "function": ("{phrase}, from {items}", "{phrase}，依据{items}"),
    "asked": ("Asked only while {rule}.", "仅在以下情况下填写：{rule}。"),
    "fires": ("Reported when {rule}.", "以下情况报告：{rule}。"),
    "form when": ("Applicable only when {rule}.", "仅在以下情况下适用：{rule}。"),
    "hard": ("Stands in the way of completing the form.", "解决前表单不能完成。"),
    "soft": ("Raises a query.", "产生质疑。"),
    "no exit": ("It cannot be confirmed; one of the values must be corrected.", "不能确认属实，须更正其中的值。"),
    "raises fires": (
        "Raises a protocol deviation ({category}, {severity}).",
        "产生方案偏离（{category}，{severity}）。",
    ),
    "raises confirmed": (
        "Raises a protocol deviation ({category}, {severity}) once it is confirmed.",
        "确认属实后产生方案偏离（{category}，{severity}）。",
    ),
    "window hours": ("from {low} h to {high} h after randomisation", "随机后 {low} 至 {high} 小时"),
    "window after hours": (
        "later than {low} h and up to {high} h after randomisation",
        "随机后超过 {low} 小时至 {high} 小时",
    ),
    "window days": (
        "from calendar day {low} to day {high} (day 0 = randomisation)",
        "第 {low} 至 {high} 个日历日（随机当天为第 0 天）",
    ),
    "discharge": (
        "; after a discharge before day {day}, the day of discharge or the day before",
        "；若在第 {day} 天之前出院，则为出院当天或前一天",
    ),
    "stay": ("; not expected after discharge", "；出院后不再进行"),
    "no window": ("no window", "无时间窗"),
    "criterion in": ("Met when {rule}.", "符合条件：{rule}。"),
    "criterion ex": ("Excluded when {rule}.", "排除条件：{rule}。"),
}

_PSEUDO: Mapping[PseudoKind, tuple[str, str]] = {
    PseudoKind.NOW: ("the present moment", "当前时刻"),
    PseudoKind.THIS: ("this item", "该项目"),
    PseudoKind.VISIT: ("the visit", "访视"),
    PseudoKind.OCCASION: ("the occasion", "时点"),
    PseudoKind.VISITED: ("the date of the visit", "访视日期"),
    PseudoKind.VISIT_STATUS: ("the time of the visit", "访视时间"),
    PseudoKind.PREVIOUS_VISITED: ("the latest date among the visits planned before", "此前计划访视的最晚日期"),
    PseudoKind.ENTERED: ("the time at which {about} was first entered", "{about}的首次录入时间"),
    PseudoKind.CHANGED: ("{about} was changed after the form had been complete", "表单完成后{about}被更改过"),
    PseudoKind.DUPLICATE: ("another subject of the site has the same {about}", "本中心另有受试者的{about}相同"),
    PseudoKind.BEGUN: ("{about} has been begun", "{about}已开始填写"),
    PseudoKind.HARD: ("the number of open hard findings of {about}", "{about}未解决的硬核查数"),
    PseudoKind.OPEN_HARD: ("the number of open hard findings in all other forms", "其他所有表单未解决的硬核查数"),
    PseudoKind.OPEN_SOFT: ("the number of open queries in all other forms", "其他所有表单未解决的质疑数"),
    PseudoKind.LAST_CHANGE: ("the latest entry in any other form", "其他表单最后一次录入的时间"),
    PseudoKind.REPORTED: ("{about} as reported", "{about}的报告值"),
    PseudoKind.CRITERION: ("criterion {about}", "标准 {about}"),
    PseudoKind.ELIGIBLE: ("every criterion of eligibility is met", "所有入排标准均符合"),
    PseudoKind.CRITERIA_FAILED: ("the criteria that are not met", "不符合的入排标准"),
    PseudoKind.CRITERIA_UNKNOWN: ("the criteria that are not known", "尚不明确的入排标准"),
}
_STANDINGS: Mapping[str, tuple[str, str]] = {
    "MET": ("met", "符合"),
    "NOT_MET": ("not met", "不符合"),
    "UNKNOWN": ("not known", "尚不明确"),
}
_STATUS: Mapping[str, tuple[str, str]] = {
    "IN": ("within its window", "时间窗内"),
    "EARLY": ("earlier than its window", "早于时间窗"),
    "LATE": ("later than its window", "晚于时间窗"),
    "MISSED": ("missed", "缺失访视"),
    "NA_DEAD": ("not applicable (dead)", "不适用（死亡）"),
    "NA_WITHDRAWN": ("not applicable (withdrawn)", "不适用（退出）"),
    "NA_DISCHARGED": ("not applicable (discharged)", "不适用（已出院）"),
}
_CLAUSES = frozenset({PseudoKind.CHANGED, PseudoKind.DUPLICATE, PseudoKind.BEGUN, PseudoKind.ELIGIBLE})
"""Pseudo items that are Y or N, and so are told as clauses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a rule stands: the form that bare names belong to, and inside `exists` the place around it."""

    form: Form | None = None
    outer: "Place | None" = None


@dataclass(frozen=True, slots=True)
class Sentences:
    """Tells what a study's rules say, in one language."""

    design: StudyDesign
    language: str

    # -- what others print ------------------------------------------------------------------------------

    def asked(self, form: Form, item: Item) -> str:
        """Return when an item is asked, "" where it always is."""
        rule = item.relevant_when
        return "" if rule is None else self._say("asked", rule=self.rule(rule, form))

    def fires(self, form: Form, check: Check) -> str:
        """Return when a check fires and what follows, in up to four sentences."""
        return self.gap.join([self.fires_when(form, check), self.follows(check)])

    def fires_when(self, form: Form, check: Check) -> str:
        """Return when a check fires."""
        return self._say("fires", rule=self.rule(check.fires_when, form))

    def follows(self, check: Check) -> str:
        """Return what follows when a check fires, in up to three sentences."""
        said = [self._say("hard" if check.severity is Severity.HARD else "soft")]
        if not check.confirmable:
            said.append(self._say("no exit"))
        if check.deviation is not None:
            raised = check.deviation
            said.append(
                self._say(
                    f"raises {raised.when}",
                    category=self._deviation_code(raised.category, severity=False),
                    severity=self._deviation_code(raised.severity, severity=True),
                )
            )
        return self.gap.join(said)

    def worked_out(self, form: Form, item: Item) -> str:
        """Return what a derived item is worked out from, "" where it is typed."""
        derivation = item.derivation
        return "" if derivation is None else self._capital(self.derivation(derivation, form)) + self.stop

    def applicable(self, rule: Rule) -> str:
        """Return when a planned form is applicable."""
        return self._say("form when", rule=self.rule(rule, None))

    def criterion(self, rule: Rule, *, inclusion: bool) -> str:
        """Return when a criterion of eligibility is met, or excludes."""
        return self._say("criterion in" if inclusion else "criterion ex", rule=self.rule(rule, None))

    def window(self, window: Window) -> str:
        """Return when a visit may take place, as a clause."""
        said = self._span(window)
        if window.discharge_before is not None:
            said += self._say("discharge", day=str(window.discharge_before))
        return said + (self._say("stay") if window.stay else "")

    def _span(self, window: Window) -> str:
        if window.from_hours is not None and window.to_hours is not None:
            name = "window after hours" if window.open_start else "window hours"
            return self._say(name, low=f"{window.from_hours:f}", high=f"{window.to_hours:f}")
        if window.from_day is None or window.to_day is None:
            return self._say("no window")
        return self._say("window days", low=str(window.from_day), high=str(window.to_day))

    def derivation(self, derivation: Derivation, form: Form) -> str:
        """Return what a derivation works out, as a phrase."""
        phrase = DERIVED.get(derivation.function)
        listed = self._listed(derivation.items, Place(form=form))
        if derivation.function == _FIRST_KNOWN and len(derivation.items) == 1:
            return self._say("same", items=listed)
        return self._say(
            "function", phrase=derivation.function if phrase is None else self._choose(phrase), items=listed
        )

    def rule(self, rule: Rule, form: Form | None) -> str:
        """Return a rule as a clause, without a capital and a full stop."""
        return self._clause(rule, Place(form=form))

    # -- rules ------------------------------------------------------------------------------------------

    def _clause(self, rule: Rule, place: Place) -> str:
        match rule:
            case Answered():
                return self._answered(rule, place)
            case OneOf():
                return self._one_of(rule, place)
            case Compare():
                return self._compare(rule, place)
            case Range():
                return self._range(rule, place)
            case AllOf():
                return self._joined("all", telling(rule.rules), place)
            case AnyOf():
                return self._joined("any", rule.rules, place)
            case NoneOf():
                return self._none(rule.rules, place)
            case Named():
                return self._named(rule, place)
            case Exists():
                return self._exists(rule, place)

    def _joined(self, word: str, rules: Sequence[Rule], place: Place) -> str:
        if len(rules) == 1:
            return self._clause(rules[0], place)
        return self._say(word).join(self._part(one, place) for one in rules)

    def _none(self, rules: Sequence[Rule], place: Place) -> str:
        if len(rules) > 1:
            return self._say("none", inner=self._say("none list").join(self._part(one, place) for one in rules))
        inner = rules[0]
        if isinstance(inner, AllOf) and len(telling(inner.rules)) == 1:
            inner = telling(inner.rules)[0]
        if isinstance(inner, Answered):
            return self._answered(inner, place, no="not ")
        if isinstance(inner, OneOf):
            return self._one_of(inner, place, no="not ")
        if isinstance(inner, Exists):
            return self._exists(inner, place, no="not ")
        return self._say("not", inner=self._part(inner, place))

    def _part(self, rule: Rule, place: Place) -> str:
        """Return a rule inside another one, in brackets where it would be misread."""
        said = self._clause(rule, place)
        joined = (
            (isinstance(rule, AllOf) and len(telling(rule.rules)) > 1)
            or (isinstance(rule, AnyOf | NoneOf) and len(rule.rules) > 1)
            or _is_existence(rule)
            or (isinstance(rule, Range) and None not in {rule.low, rule.high})
        )
        return said if not joined else f"（{said}）" if self.language == "zh" else f"({said})"

    def _answered(self, rule: Answered, place: Place, no: str = "") -> str:
        return self._say(f"{no}answered", item=self.name(rule.item, place))

    def _one_of(self, rule: OneOf, place: Place, no: str = "") -> str:
        parts = parse(rule.item)
        if isinstance(parts, Pseudo) and parts.kind in _CLAUSES:
            clause = self.name(rule.item, place)
            return clause if ("Y" in rule.values) != bool(no) else self._say("not", inner=clause)
        item = self._item(rule.item, place)
        several = "includes" if item is not None and item.data_type is DataType.CODES else "one_of"
        values = self._say("values").join(self._value(rule.item, item, value) for value in rule.values)
        return self._say(f"{no}{several}", item=self.name(rule.item, place), values=values)

    def _compare(self, rule: Compare, place: Place) -> str:
        parts = parse(rule.item)
        if isinstance(parts, Pseudo) and parts.kind in _CLAUSES and rule.value is not None and rule.op in {"eq", "ne"}:
            return self._one_of(
                OneOf(item=rule.item, values=(rule.value,)), place, no="not " if rule.op == "ne" else ""
            )
        item = self._item(rule.item, place)
        timed = self._is_time(rule.item, item) or (
            rule.other is not None and self._is_time(rule.other, self._item(rule.other, place))
        )
        if rule.other is not None:
            other = self.name(rule.other, place)
        else:
            other = self._value(rule.item, item, rule.value or "")
        if rule.add_minutes:
            other = self._say(
                "plus" if rule.add_minutes > 0 else "minus", other=other, time=self._length(abs(rule.add_minutes))
            )
        return self._say(f"time {rule.op}" if timed else rule.op, item=self.name(rule.item, place), other=other)

    def _length(self, minutes: int) -> str:
        if minutes % _MINUTES_A_DAY == 0 and minutes >= _SEVERAL_DAYS * _MINUTES_A_DAY:
            return self._say("days", count=str(minutes // _MINUTES_A_DAY))
        if minutes % _MINUTES_AN_HOUR == 0:
            return self._say("hours", count=str(minutes // _MINUTES_AN_HOUR))
        return self._say("minutes", count=str(minutes))

    def _is_time(self, name: str, item: Item | None) -> bool:
        if item is not None:
            return item.data_type in _TIMES
        parts = parse(name)
        return isinstance(parts, Pseudo) and parts.kind in _TIME_KINDS

    def _range(self, rule: Range, place: Place) -> str:
        item = self._item(rule.item, place)
        low, high = (self._with_unit(item, limit) for limit in (rule.low, rule.high))
        name = "outside" if low and high else "below" if low else "above"
        return self._say(name, item=self.name(rule.item, place), low=low, high=high)

    def _with_unit(self, item: Item | None, limit: Decimal | None) -> str:
        if limit is None:
            return ""
        unit = item.units[0].unit if item is not None and item.units else ""
        return f"{limit:f} {unit}".strip()

    def _named(self, rule: Named, place: Place) -> str:
        if rule.function == _UNIT_RULE:
            item = self._item(rule.items[0], place)
            units = self._say("list").join(unit.unit for unit in item.units) if item is not None else ""
            return self._say("unit", item=self.name(rule.items[0], place), units=units)
        phrase, items = FIRES.get(rule.function), self._listed(rule.items, place)
        if phrase is None:
            return self._say("unnamed", phrase=rule.function, items=items)
        return self._say("named", phrase=self._choose(phrase), items=items)

    def _exists(self, rule: Exists, place: Place, no: str = "") -> str:
        form = self.design.forms.get(rule.form) if rule.form else place.form
        where = self._clause(rule.where, Place(form=form, outer=place))
        group = next((one.label(self.language) for one in form.groups if one.oid == rule.group), "") if form else ""
        name = ("exists row" if rule.form else "exists here") if group else "exists form"
        label = form.label(self.language) if form is not None else rule.form
        return self._say(no + name, form=self._quote(label), group=self._quote(group), where=where)

    # -- names and values -------------------------------------------------------------------------------

    def name(self, name: str, place: Place) -> str:
        """Return what a name stands for: the item's label, and where it is when it is not here."""
        itself = literal(name)
        parts = parse(name)
        if parts is None:
            return name if itself is None else self._quote(itself)
        if isinstance(parts, Pseudo):
            return self._pseudo(parts, place)
        said = self._label(parts, place)
        if parts.column:
            said = self._say("column", item=said)
        if parts.form:
            return self._say("of form", item=said, form=self._form(parts))
        return self._say("of here", item=said) if parts.outer else said

    def _label(self, parts: Reference, place: Place) -> str:
        """Return an item's label, with that of its group where the form has the label twice."""
        form = self._home(parts, place)
        if form is None:
            return self._quote(parts.item)
        labels = [
            (item.name, item.label(self.language), group.label(self.language))
            for group in form.groups
            for item in group.items
        ]
        label, group = next(((label, group) for name, label, group in labels if name == parts.item), (parts.item, ""))
        alike = [one for _, one, _ in labels if one == label]
        return self._quote(label if len(alike) <= 1 else self._say("in group", item=label, group=group))

    def _home(self, parts: Reference, place: Place) -> Form | None:
        around = place.outer if parts.outer and place.outer is not None else place
        return self.design.forms.get(parts.form) if parts.form else around.form

    def _pseudo(self, parts: Pseudo, place: Place) -> str:
        about = self._form(parts) if parts.form else ""
        if parts.item:
            about = self.name(f"{'^' if parts.outer else ''}{parts.item}", place)
        if parts.kind is PseudoKind.CRITERION:
            about = parts.item
        return self._choose(_PSEUDO[parts.kind]).format(about=about)

    def _form(self, parts: Reference | Pseudo) -> str:
        form = self.design.forms.get(parts.form)
        said = self._quote(parts.form if form is None else form.label(self.language))
        if parts.occasion:
            said = self._say("at occasion", form=said, occasion=self._occasion(parts.occasion))
        visit = next((one for one in self.design.visits if one.oid == parts.visit), None)
        return said if visit is None else self._say("at visit", form=said, visit=visit.short(self.language))

    def _occasion(self, name: str) -> str:
        labels = (one.occasion_label for visit in self.design.visits for one in visit.forms if one.occasion == name)
        label = next(labels, None)
        return name if label is None else label(self.language)

    def _item(self, name: str, place: Place) -> Item | None:
        parts = parse(name)
        if not isinstance(parts, Reference):
            return None
        form = self._home(parts, place)
        try:
            return None if form is None else form.find(parts.item)[1]
        except KeyError:
            return None

    def _value(self, name: str, item: Item | None, value: str) -> str:
        if item is not None and item.code_list is not None:
            return self._quote(self.design.code_lists[item.code_list].label(value, self.language))
        if item is not None:
            return f"{value} {item.units[0].unit}" if item.units else value
        parts = parse(name)
        kind = parts.kind if isinstance(parts, Pseudo) else None
        visits = {visit.oid: visit.short(self.language) for visit in self.design.visits}
        if kind is PseudoKind.VISIT:
            return visits.get(value, value)
        words = _STATUS if kind is PseudoKind.VISIT_STATUS else _STANDINGS if kind is PseudoKind.CRITERION else {}
        if value in words:
            return self._choose(words[value])
        return self._quote(self._occasion(value)) if kind is PseudoKind.OCCASION else value

    def _deviation_code(self, value: str, *, severity: bool) -> str:
        kept = self.design.deviations
        form = None if kept is None else self.design.forms.get(kept.form)
        if kept is None or form is None:
            return value
        item = self._item(kept.severity if severity else kept.category, Place(form=form))
        return value if item is None or item.code_list is None else self._value("", item, value)

    # -- words ------------------------------------------------------------------------------------------

    def names(self, names: Sequence[str], form: Form) -> list[str]:
        """Return what each name stands for, in a rule of a form."""
        return [self.name(name, Place(form=form)) for name in names]

    def _listed(self, names: Sequence[str], place: Place) -> str:
        return self._say("list").join(self.name(name, place) for name in names)

    def _say(self, name: str, **parts: str) -> str:
        said = self._choose(_WORDS[name])
        return said.format(**parts) if parts else said

    def _quote(self, text: str) -> str:
        return self._say("quote", text=text)

    def _choose(self, pair: tuple[str, str]) -> str:
        return pair[1] if self.language == "zh" else pair[0]

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @property
    def stop(self) -> str:
        """The mark that ends a sentence."""
        return "。" if self.language == "zh" else "."

    @staticmethod
    def _capital(text: str) -> str:
        return text[:1].upper() + text[1:]


def _is_existence(rule: Rule) -> bool:
    bare = rule.rules[0] if isinstance(rule, NoneOf) and len(rule.rules) == 1 else rule
    return isinstance(bare, Exists)


def telling(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return rules without "has an answer" where another one beside it is about the same item's value."""
    valued = {one.item for one in rules if isinstance(one, OneOf | Compare | Range)}
    return tuple(one for one in rules if not (isinstance(one, Answered) and one.item in valued))
