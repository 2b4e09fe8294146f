"""What changed between two versions of a study, in sentences for an ethics committee and for the sites.

The two definitions are compared by their names (OIDs), never by their order; rules are told as sentences.
Sections come in the order in which a committee asks: what participants read, who may take part, when
they come, what they are asked, what is checked.

Source: docs/study_files.md, section "What `casebook study diff` tells".
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from casebook.design import (
    Check,
    CodeList,
    ConsentText,
    Criterion,
    Form,
    Item,
    ItemGroup,
    Need,
    PlannedForm,
    Role,
    Severity,
    StudyDesign,
    Text,
    UnitFactor,
    Visit,
)
from casebook.sentences import Sentences


class Section(StrEnum):
    """What a change is about."""

    STUDY = "study"
    CONSENT = "consent"
    ELIGIBILITY = "eligibility"
    VISITS = "visits"
    FORMS = "forms"
    CODES = "codes"
    CHECKS = "checks"


class Kind(StrEnum):
    """What happened to it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REWORDED = "reworded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `told` says where and what, without a full stop."""

    section: Section
    kind: Kind
    told: str


_SECTIONS: Mapping[Section, tuple[str, str]] = {
    Section.STUDY: ("The study", "研究"),
    Section.CONSENT: ("Informed consent", "知情同意"),
    Section.ELIGIBILITY: ("Eligibility", "入排标准"),
    Section.VISITS: ("Visits", "访视"),
    Section.FORMS: ("Forms and items", "表单和项目"),
    Section.CODES: ("Code lists", "代码表"),
    Section.CHECKS: ("Edit checks", "逻辑核查"),
}
_KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.ADDED: ("Added", "新增"),
    Kind.REMOVED: ("Removed", "删除"),
    Kind.CHANGED: ("Changed", "更改"),
    Kind.REWORDED: ("Reworded", "改写"),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("What changed from version {old} to version {new} of {name}", "{name}：由版本 {old} 到版本 {new} 的变更"),
    "same": ("Nothing changed.", "没有变更。"),
    "counts": (
        "{added} added, {removed} removed, {changed} changed, {reworded} reworded",
        "新增 {added} 项，删除 {removed} 项，更改 {changed} 项，改写 {reworded} 项",
    ),
    "line": ("{kind}: {told}.", "{kind}：{told}。"),
    "from to": ("{what}: {old} before, {new} now", "{what}：原为{old}，现为{new}"),
    "fact": ("{what}, {fact}", "{what}，{fact}"),
    "occasion": ("{form} ({occasion})", "{form}（{occasion}）"),
    "words": ("{what}: “{old}” now reads “{new}”", "{what}：“{old}”改为“{new}”"),
    "words of": ("{what} ({language}): “{old}” now reads “{new}”", "{what}（{language}）：“{old}”改为“{new}”"),
    "in": ("{inner} in {outer}", "{outer}的{inner}"),
    "nothing": ("nothing", "无"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "criterion": ("criterion {id}, {label}", "标准 {id}，{label}"),
    "inclusion": ("inclusion", "纳入"),
    "exclusion": ("exclusion", "排除"),
    "kind": ("kind", "类型"),
    "rule": ("rule", "规则"),
    "waiver": ("waiver", "豁免条件"),
    "visit": ("visit {label}", "访视“{label}”"),
    "window": ("window", "时间窗"),
    "day": ("study day", "研究日"),
    "planned": ("form {form} at {visit}", "{visit}的表单{form}"),
    "need": ("obligation", "填写要求"),
    "when": ("condition", "条件"),
    "form": ("form {label}", "表单{label}"),
    "group": ("section {label}", "项目组{label}"),
    "item": ("{label} ({name})", "{label}（{name}）"),
    "type": ("type", "数据类型"),
    "codes": ("code list", "代码表"),
    "units": ("units", "单位"),
    "hard": ("hard limits", "硬限值"),
    "soft": ("soft limits", "软限值"),
    "missing": ("missing-data codes", "缺失代码"),
    "derived": ("derivation", "计算方式"),
    "decimals": ("decimals shown", "显示小数位数"),
    "length": ("longest answer", "最大长度"),
    "identity": ("identifying", "身份信息"),
    "critical": ("critical", "关键项目"),
    "twice": ("typed twice", "两次录入"),
    "unique": ("unique at the site", "中心内唯一"),
    "visit time": ("date of the visit", "访视日期项"),
    "annotation": ("annotation", "标注"),
    "repeating": ("repeating", "可重复"),
    "picture": ("drawing", "图示"),
    "lines": ("lines of the table", "表格各行"),
    "list": ("list {oid}", "代码表 {oid}"),
    "code": ("code {value} “{label}” in list {oid}", "代码表 {oid} 的代码 {value}“{label}”"),
    "meaning": ("meaning of {value} in list {oid}", "代码表 {oid} 中 {value} 的含义"),
    "check": ("check {id} on {item} of {form} ({severity})", "{form}的{item}的核查 {id}（{severity}）"),
    "severity": ("severity", "级别"),
    "hard check": ("hard", "硬性"),
    "soft check": ("soft", "软性"),
    "message": ("message", "提示文字"),
    "consent": ("consent document {version}", "知情同意书 {version}"),
    "paragraph": ("paragraph {number} of consent document {version}", "知情同意书 {version} 第 {number} 段"),
    "statement": ("statement {number} of consent document {version}", "知情同意书 {version} 第 {number} 条声明"),
    "consent title": ("title of consent document {version}", "知情同意书 {version} 的标题"),
    "name": ("name of the study", "研究名称"),
    "protocol": ("protocol", "方案编号"),
    "languages": ("languages", "语言"),
    "clock": ("wall clock of the sites", "各中心的当地时间"),
    "idle": ("minutes without use after which a laptop locks", "无操作自动锁定的分钟数"),
    "status": ("subject status {name}", "受试者状态 {name}"),
    "role": ("role {name}", "角色 {name}"),
    "rights": ("rights of role {name}", "角色 {name} 的权限"),
    "sees": ("what role {name} sees and enters", "角色 {name} 可见与可录入的内容"),
    "blinding": ("what a blinded assessor may see", "盲态评估者可见的内容"),
    "anchor": ("what {name} rests on", "{name} 的依据"),
    "reason": ("reason for a change {name}", "更改原因 {name}"),
    "absence": ("reason for a missing value {name}", "无数值的原因 {name}"),
    "deviations": ("how deviations are kept", "方案偏离的保存方式"),
    "timeline": ("what the timeline draws", "时间线显示的内容"),
    "approvals": ("where a site records approvals of versions", "中心记录版本批准的位置"),
    "M": ("mandatory", "必填"),
    "C": ("mandatory where its condition holds", "条件成立时必填"),
    "O": ("optional", "选填"),
    "x": ("mandatory", "必做"),
    "c": ("conditional", "视条件"),
    "o": ("optional", "可选"),
}


@dataclass(frozen=True, slots=True)
class _Teller:
    """Compares two versions and tells each difference in one language."""

    old: StudyDesign
    new: StudyDesign
    language: str
    said: tuple[Sentences, Sentences] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", (Sentences(self.old, self.language), Sentences(self.new, self.language)))

    # -- words ------------------------------------------------------------------------------------------

    def say(self, name: str, /, **parts: str) -> str:
        return _WORDS[name][self.language == "zh"].format(**parts)

    def quote(self, text: Text) -> str:
        return f"“{text(self.language)}”"

    def fact(self, what: str, name: str) -> str:
        return self.say("fact", what=what, fact=self.say(name))

    def was_now(
        self, section: Section, what: str, old: str, new: str, *, of: tuple[object, object] = (0, 1)
    ) -> Iterator[Change]:
        """Tell what became of a fact. Where `of`, what is told of, is equal, only labels in its sentence changed."""
        if old != new and of[0] != of[1]:
            nothing = self.say("nothing")
            told = self.say("from to", what=what, old=old or nothing, new=new or nothing)
            yield Change(section=section, kind=Kind.CHANGED, told=told)

    def words(self, section: Section, what: str, old: Text | None, new: Text | None) -> Iterator[Change]:
        """Tell a text that reads otherwise, in whichever of its languages it does."""
        nothing = self.say("nothing")
        languages = dict.fromkeys((self.language, *self.old.languages, *self.new.languages))
        for language in languages:
            before = "" if old is None else old.by_language.get(language, "")
            after = "" if new is None else new.by_language.get(language, "")
            if before != after:
                name = "words" if language == self.language else "words of"
                told = self.say(name, what=what, old=before or nothing, new=after or nothing, language=language)
                yield Change(section=section, kind=Kind.REWORDED, told=told)

    @staticmethod
    def one(section: Section, kind: Kind, told: str) -> Change:
        return Change(section=section, kind=kind, told=told)

    # -- sections ---------------------------------------------------------------------------------------

    @staticmethod
    def _clock(design: StudyDesign) -> str:
        hours, minutes = divmod(abs(design.utc_offset_minutes), 60)
        return f"UTC{'-' if design.utc_offset_minutes < 0 else '+'}{hours:02d}:{minutes:02d}"

    def study(self) -> Iterator[Change]:
        old, new, about = self.old, self.new, Section.STUDY
        yield from self.words(about, self.say("name"), old.name, new.name)
        yield from self.was_now(about, self.say("protocol"), old.protocol, new.protocol)
        yield from self.was_now(about, self.say("languages"), ", ".join(old.languages), ", ".join(new.languages))
        clocks = (self._clock(old), self._clock(new))
        yield from self.was_now(about, self.say("clock"), *clocks)
        yield from self.was_now(about, self.say("idle"), str(old.idle_minutes), str(new.idle_minutes))
        yield from self._roles()
        for name in dict.fromkeys((*old.anchors, *new.anchors)):
            before, after = (", ".join(design.anchors.get(name, ())) for design in (old, new))
            yield from self.was_now(about, self.say("anchor", name=name), before, after)
        yield from self._statuses()
        reasons = ({one.value: one.label for one in design.reasons} for design in (old, new))
        yield from self._labels(about, "reason", *reasons)
        absences = ({one.value: one.label for one in design.absences} for design in (old, new))
        yield from self._labels(about, "absence", *absences)
        kept = (repr(design.deviations) for design in (old, new))
        if len(set(kept)) > 1:
            yield self.one(about, Kind.CHANGED, self.say("deviations"))
        if old.approvals != new.approvals:
            yield self.one(about, Kind.CHANGED, self.say("approvals"))
        if old.timeline != new.timeline:
            yield self.one(about, Kind.CHANGED, self.say("timeline"))
        if old.blinding != new.blinding:
            yield self.one(about, Kind.CHANGED, self.say("blinding"))

    def _roles(self) -> Iterator[Change]:
        old, new = ({one.oid: one for one in design.roles} for design in (self.old, self.new))
        labels = ({oid: one.label for oid, one in roles.items()} for roles in (old, new))
        yield from self._labels(Section.STUDY, "role", *labels)
        for oid in old.keys() & new.keys():
            before, after = (", ".join(sorted(roles[oid].rights)) for roles in (old, new))
            yield from self.was_now(Section.STUDY, self.say("rights", name=oid), before, after)
            seen = (_scope(old[oid]), _scope(new[oid]))
            yield from self.was_now(Section.STUDY, self.say("sees", name=oid), *seen)

    def _statuses(self) -> Iterator[Change]:
        yield from self._labels(Section.STUDY, "status", self.old.statuses, self.new.statuses)
        rules = ({one.name: one.when for one in design.status_rules} for design in (self.old, self.new))
        old, new = rules
        for name in dict.fromkeys((*old, *new)):
            before, after = (
                "" if name not in found else said.rule(found[name], None)
                for said, found in zip(self.said, (old, new), strict=True)
            )
            of = (old.get(name), new.get(name))
            yield from self.was_now(Section.STUDY, self.say("status", name=name), before, after, of=of)

    def _labels(
        self, section: Section, name: str, old: Mapping[str, Text], new: Mapping[str, Text]
    ) -> Iterator[Change]:
        for one in dict.fromkeys((*old, *new)):
            what = self.say(name, name=one)
            if one not in new:
                yield self.one(section, Kind.REMOVED, what)
            elif one not in old:
                yield self.one(section, Kind.ADDED, what)
            else:
                yield from self.words(section, what, old[one], new[one])

    def consents(self) -> Iterator[Change]:
        old, new = ({one.version: one for one in design.consents} for design in (self.old, self.new))
        for version in dict.fromkeys((*old, *new)):
            if version not in new or version not in old:
                kind = Kind.ADDED if version in new else Kind.REMOVED
                yield self.one(Section.CONSENT, kind, self.say("consent", version=version))
            else:
                yield from self._consent(old[version], new[version])

    def _consent(self, old: ConsentText, new: ConsentText) -> Iterator[Change]:
        title = self.say("consent title", version=new.version)
        yield from self.words(Section.CONSENT, title, old.title, new.title)
        for name, before, after in (
            ("paragraph", old.paragraphs, new.paragraphs),
            ("statement", old.statements, new.statements),
        ):
            yield from self._numbered(name, new.version, before, after)

    def _numbered(self, name: str, version: str, old: Sequence[Text], new: Sequence[Text]) -> Iterator[Change]:
        for number in range(max(len(old), len(new))):
            what = self.say(name, number=str(number + 1), version=version)
            before = old[number] if number < len(old) else None
            after = new[number] if number < len(new) else None
            yield from self.words(Section.CONSENT, what, before, after)

    def criteria(self) -> Iterator[Change]:
        old, new = ({one.id: one for one in design.criteria} for design in (self.old, self.new))
        for name in dict.fromkeys((*old, *new)):
            one = new.get(name) or old[name]
            what = self.say("criterion", id=name, label=self.quote(one.label))
            if name not in new or name not in old:
                yield self.one(Section.ELIGIBILITY, Kind.ADDED if name in new else Kind.REMOVED, what)
            else:
                yield from self._criterion(what, old[name], new[name])

    def _criterion(self, what: str, old: Criterion, new: Criterion) -> Iterator[Change]:
        about = Section.ELIGIBILITY
        yield from self.words(about, what, old.label, new.label)
        kinds = (self.say("inclusion" if one.inclusion else "exclusion") for one in (old, new))
        yield from self.was_now(about, self.fact(what, "kind"), *kinds)
        pairs = tuple(zip(self.said, (old, new), strict=True))
        rules = (said.rule(one.rule, None) for said, one in pairs)
        yield from self.was_now(about, self.fact(what, "rule"), *rules, of=(old.rule, new.rule))
        waivers = ("" if one.waived_when is None else said.rule(one.waived_when, None) for said, one in pairs)
        yield from self.was_now(about, self.fact(what, "waiver"), *waivers, of=(old.waived_when, new.waived_when))
        if (old.expiries, old.needs) != (new.expiries, new.needs):
            yield self.one(about, Kind.CHANGED, what)

    def visits(self) -> Iterator[Change]:
        old, new = ({one.oid: one for one in design.visits} for design in (self.old, self.new))
        for oid in dict.fromkeys((*old, *new)):
            one = new.get(oid) or old[oid]
            what = self.say("visit", label=one.label(self.language))
            if oid not in new or oid not in old:
                yield self.one(Section.VISITS, Kind.ADDED if oid in new else Kind.REMOVED, what)
            else:
                yield from self._visit(what, old[oid], new[oid])

    def _visit(self, what: str, old: Visit, new: Visit) -> Iterator[Change]:
        about, pairs = Section.VISITS, tuple(zip(self.said, (old, new), strict=True))
        yield from self.words(about, what, old.label, new.label)
        yield from self.was_now(about, self.fact(what, "kind"), old.kind, new.kind)
        windows = (said.window(one.window) for said, one in pairs)
        yield from self.was_now(about, self.fact(what, "window"), *windows)
        days = ("" if one.study_day is None else str(one.study_day) for one in (old, new))
        yield from self.was_now(about, self.fact(what, "day"), *days)
        before, after = ({(one.form, one.occasion): one for one in visit.forms} for visit in (old, new))
        for place in dict.fromkeys((*before, *after)):
            one = after.get(place) or before[place]
            design = self.new if place in after else self.old
            form = self.say("planned", form=self._planned(design, one), visit=new.short(self.language))
            if place not in after or place not in before:
                yield self.one(about, Kind.ADDED if place in after else Kind.REMOVED, form)
                continue
            yield from self.was_now(
                about, self.fact(form, "need"), self.say(before[place].need), self.say(after[place].need)
            )
            whens = (
                "" if planned.when is None else said.rule(planned.when, None)
                for said, planned in zip(self.said, (before[place], after[place]), strict=True)
            )
            yield from self.was_now(about, self.fact(form, "when"), *whens, of=(before[place].when, after[place].when))

    def _planned(self, design: StudyDesign, one: PlannedForm) -> str:
        label = self.quote(design.forms[one.form].label)
        if one.occasion_label is None:
            return label
        return self.say("occasion", form=label, occasion=one.occasion_label(self.language))

    # -- forms ------------------------------------------------------------------------------------------

    def forms(self) -> Iterator[Change]:
        for oid in dict.fromkeys((*self.old.forms, *self.new.forms)):
            form = self.new.forms.get(oid) or self.old.forms[oid]
            what = self.say("form", label=self.quote(form.label))
            if oid not in self.new.forms or oid not in self.old.forms:
                yield self.one(Section.FORMS, Kind.ADDED if oid in self.new.forms else Kind.REMOVED, what)
            else:
                yield from self._form(what, self.old.forms[oid], self.new.forms[oid])

    def _form(self, what: str, old: Form, new: Form) -> Iterator[Change]:
        yield from self.words(Section.FORMS, what, old.label, new.label)
        flags = (self._yes(one.identity) for one in (old, new))
        yield from self.was_now(Section.FORMS, self.fact(what, "identity"), *flags)
        before, after = ({group.oid: group for group in form.groups} for form in (old, new))
        for oid in dict.fromkeys((*before, *after)):
            group = after.get(oid) or before[oid]
            told = self.say("in", inner=self.say("group", label=self.quote(group.label)), outer=what)
            if oid not in after or oid not in before:
                yield self.one(Section.FORMS, Kind.ADDED if oid in after else Kind.REMOVED, told)
            else:
                yield from self._group(told, before[oid], after[oid])
        yield from self._items_of(what, old, new)

    def _group(self, what: str, old: ItemGroup, new: ItemGroup) -> Iterator[Change]:
        yield from self.words(Section.FORMS, what, old.label, new.label)
        flags = (self._yes(one.repeating) for one in (old, new))
        yield from self.was_now(Section.FORMS, self.fact(what, "repeating"), *flags)
        if old.picture != new.picture:
            yield self.one(Section.FORMS, Kind.CHANGED, self.fact(what, "picture"))
        if old.lines != new.lines:
            yield self.one(Section.FORMS, Kind.CHANGED, self.fact(what, "lines"))

    def _items_of(self, what: str, old: Form, new: Form) -> Iterator[Change]:
        before, after = ({item.name: item for group in form.groups for item in group.items} for form in (old, new))
        for name in dict.fromkeys((*before, *after)):
            item = after.get(name) or before[name]
            inner = self.say("item", label=self.quote(item.label), name=name)
            told = self.say("in", inner=inner, outer=what)
            if name not in after or name not in before:
                yield self.one(Section.FORMS, Kind.ADDED if name in after else Kind.REMOVED, told)
                continue
            yield from self.words(Section.FORMS, told, before[name].label, after[name].label)
            yield from self.words(Section.FORMS, told, before[name].hint, after[name].hint)
            yield from self.words(Section.FORMS, told, before[name].names, after[name].names)
            facts = (self._facts(said, form, one) for said, form, one in (
                (self.said[0], old, before[name]), (self.said[1], new, after[name]),
            ))  # fmt: skip
            first, second = facts
            rules = {
                "when": (before[name].relevant_when, after[name].relevant_when),
                "derived": (before[name].derivation, after[name].derivation),
            }
            for fact, then in first.items():
                of = rules.get(fact, (0, 1))
                yield from self.was_now(Section.FORMS, self.fact(told, fact), then, second[fact], of=of)

    def _facts(self, said: Sentences, form: Form, item: Item) -> dict[str, str]:
        note = item.annotation
        return {
            "type": item.data_type.value,
            "need": self.say(Need(item.need).value),
            "codes": item.code_list or "",
            "units": ", ".join(_unit(one) for one in item.units),
            "hard": _limits(item.hard),
            "soft": _limits(item.soft),
            "when": "" if item.relevant_when is None else said.rule(item.relevant_when, form),
            "missing": ", ".join(item.missing_codes),
            "derived": "" if item.derivation is None else said.derivation(item.derivation, form),
            "decimals": "" if item.decimals is None else str(item.decimals),
            "length": "" if item.max_length is None else str(item.max_length),
            "identity": self._yes(item.identity),
            "critical": self._yes(item.critical),
            "twice": self._yes(item.twice),
            "unique": self._yes(item.unique),
            "visit time": self._yes(item.visit_time),
            "annotation": " ".join(filter(None, (note.domain, note.variable, note.loinc, note.tag))),
        }

    def _yes(self, answer: object) -> str:
        return self.say("yes" if answer else "no")

    # -- code lists and checks --------------------------------------------------------------------------

    def code_lists(self) -> Iterator[Change]:
        old, new = self.old.code_lists, self.new.code_lists
        for oid in dict.fromkeys((*old, *new)):
            if oid not in new or oid not in old:
                yield self.one(Section.CODES, Kind.ADDED if oid in new else Kind.REMOVED, self.say("list", oid=oid))
            else:
                yield from self._codes(oid, old[oid], new[oid])

    def _codes(self, oid: str, old: CodeList, new: CodeList) -> Iterator[Change]:
        before, after = ({code.value: code for code in one.codes} for one in (old, new))
        for value in dict.fromkeys((*before, *after)):
            code = after.get(value) or before[value]
            told = self.say("code", value=value, label=code.label(self.language), oid=oid)
            if value not in after or value not in before:
                yield self.one(Section.CODES, Kind.ADDED if value in after else Kind.REMOVED, told)
                continue
            yield from self.words(Section.CODES, told, before[value].label, after[value].label)
            meaning = self.say("meaning", value=value, oid=oid)
            yield from self.words(Section.CODES, meaning, before[value].meaning, after[value].meaning)

    def checks(self) -> Iterator[Change]:
        for oid in dict.fromkeys((*self.old.forms, *self.new.forms)):
            old, new = self.old.forms.get(oid), self.new.forms.get(oid)
            before, after = ({} if form is None else _by_place(form) for form in (old, new))
            for place in dict.fromkeys((*before, *after)):
                check = after.get(place) or before[place]
                form = new if new is not None and place in after else old
                if form is None:
                    continue
                told = self._check(form, check)
                if place not in after or place not in before:
                    yield self.one(Section.CHECKS, Kind.ADDED if place in after else Kind.REMOVED, told)
                elif old is not None and new is not None:
                    yield from self._changed(told, (old, before[place]), (new, after[place]))

    def _check(self, form: Form, check: Check) -> str:
        _, item = form.find(check.item)
        hard = check.severity is Severity.HARD
        return self.say(
            "check",
            id=check.id,
            item=self.quote(item.label),
            form=self.quote(form.label),
            severity=self.say("hard check" if hard else "soft check"),
        )

    def _changed(self, told: str, old: tuple[Form, Check], new: tuple[Form, Check]) -> Iterator[Change]:
        about = Section.CHECKS
        yield from self.words(about, self.fact(told, "message"), old[1].message, new[1].message)
        sides = (self.say("hard check" if check.severity is Severity.HARD else "soft check") for _, check in (old, new))
        yield from self.was_now(about, self.fact(told, "severity"), *sides)
        sentences = (
            said.fires(form, replace(check, severity=Severity.SOFT))
            for said, (form, check) in zip(self.said, (old, new), strict=True)
        )
        yield from self.was_now(about, self.fact(told, "rule"), *sentences, of=_judged(old[1], new[1]))


def _judged(old: Check, new: Check) -> tuple[object, object]:
    """Return what a check's sentence is about besides its severity."""
    before, after = ((one.fires_when, one.confirmable, one.deviation) for one in (old, new))
    return before, after


def _by_place(form: Form) -> dict[tuple[str, str], Check]:
    return {(check.id, check.item): check for check in form.checks}


def _unit(unit: UnitFactor) -> str:
    spelt = f"; {' = '.join(unit.spelt)}" if unit.spelt else ""
    return f"{unit.unit} ({unit.factor}/{unit.divide}, {unit.offset}{spelt})"


def _limits(limits: tuple[Decimal | None, Decimal | None]) -> str:
    return "" if limits == (None, None) else "–".join("" if limit is None else f"{limit:f}" for limit in limits)


def changes(old: StudyDesign, new: StudyDesign, language: str) -> tuple[Change, ...]:
    """Return every change from one version to another, section by section."""
    tell = _Teller(old, new, language)
    parts = (
        tell.study(), tell.consents(), tell.criteria(), tell.visits(), tell.forms(), tell.code_lists(), tell.checks(),
    )  # fmt: skip
    return tuple(dict.fromkeys(change for part in parts for change in part))


def report(old: StudyDesign, new: StudyDesign, language: str) -> tuple[str, ...]:
    """Return the changes as lines of text: a title, a heading for each section, and the counts at the end."""
    tell = _Teller(old, new, language)
    lines = [tell.say("title", old=old.label, new=new.label, name=new.name(language))]
    found = changes(old, new, language)
    for section in Section:
        of_section = [change for change in found if change.section is section]
        if of_section:
            lines += ["", _SECTIONS[section][language == "zh"]]
            lines += [
                "  " + tell.say("line", kind=_KINDS[one.kind][language == "zh"], told=one.told) for one in of_section
            ]
    counts = Counter(change.kind for change in found)
    lines += [""] if found else ["", tell.say("same")]
    lines.append(tell.say("counts", **{kind.value: str(counts[kind]) for kind in Kind}))
    return tuple(lines)


def _scope(role: Role) -> str:
    return " ".join((role.sees, *sorted(role.enters), *(("delegated",) if role.delegated else ())))
