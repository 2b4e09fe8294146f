"""Whether everything that a study definition names exists, and can be worked out in some order.

Source: docs/study_files.md, sections "Names of items" and "What is refused".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

from casebook.design import (
    ApprovalForm,
    Code,
    CodeList,
    DataType,
    DeviationForm,
    Form,
    Item,
    ItemGroup,
    StudyDesign,
    Visit,
    VisitKind,
)
from casebook.references import OF_FORM, OF_ITEM, Pseudo, PseudoKind, Reference, literal, parse
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
from casebook.study_files.nodes import Faults, refuse

_OF_VISIT = frozenset({PseudoKind.VISIT, PseudoKind.OCCASION, PseudoKind.VISITED, PseudoKind.VISIT_STATUS})
STUDY_FILE = "study.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a rule stands, and so what its names may mean.

    Attributes:
        place: What the mistake is told of: an item's OID, a form and a check.
        form: The form that bare names belong to; None above the forms.
        group: The group in whose rows the rule is evaluated; None outside every group.
        outer: Inside `exists`, the scope around it.
        at_visit: Whether there is a visit to speak of.
    """

    file: str
    place: str
    form: Form | None = None
    group: ItemGroup | None = None
    outer: "Scope | None" = None
    at_visit: bool = True

    def fail(self, en: str, zh: str) -> NoReturn:
        """Raise the error for a mistake of this place."""
        refuse(self.file, self.place, en, zh)


def rules_in(rule: Rule) -> Iterator[Rule]:
    """Return the rule and every rule of its place inside it; what stands inside `exists` is of another place."""
    yield rule
    if isinstance(rule, AllOf | AnyOf | NoneOf):
        for one in rule.rules:
            yield from rules_in(one)


def names_of(rule: Rule) -> tuple[str, ...]:
    """Return the names in one rule by itself, without the rules inside it."""
    match rule:
        case Answered() | OneOf() | Range():
            return (rule.item,)
        case Compare():
            return (rule.item,) if rule.other is None else (rule.item, rule.other)
        case Named():
            return rule.items
        case _:
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Every form with the name of its file, the visits and the code lists."""

    forms: Mapping[str, tuple[Form, str]]
    visits: tuple[Visit, ...]
    lists: Mapping[str, CodeList]
    criteria: frozenset[str] = frozenset()
    faults: Faults = field(default_factory=Faults)

    def check(self) -> None:
        """Refuse names that lead nowhere. Raises StudyFileError."""
        self._check_visits()
        for form, file in self.forms.values():
            for group in form.groups:
                for item in group.items:
                    with self.faults.gather():
                        self._check_item(Scope(file=file, place=item.oid, form=form, group=group), item)
                with self.faults.gather():
                    self._check_suggestions(Scope(file=file, place=group.oid, form=form, group=group), group)
            for check in form.checks:
                group, _ = form.find(check.item)
                with self.faults.gather():
                    scope = Scope(file=file, place=f"{form.oid}, {check.id}", form=form, group=group)
                    self.check_rule(scope, check.fires_when)
        with self.faults.gather():
            self._refuse_circles()

    def check_above(self, design: StudyDesign) -> None:
        """Refuse names that lead nowhere in what stands above the forms. Raises StudyFileError."""
        for name, items in design.anchors.items():
            for item in items:
                with self.faults.gather():
                    self.find(Scope(file=STUDY_FILE, place=f"anchors, {name}", at_visit=False), item)
        for status in design.status_rules:
            with self.faults.gather():
                scope = Scope(file=STUDY_FILE, place=f"status, {status.name}", at_visit=False)
                self.check_rule(scope, status.when)
        for one in design.criteria:
            with self.faults.gather():
                scope = Scope(file="eligibility.toml", place=one.id, at_visit=False)
                self.check_rule(scope, one.rule)
                if one.waived_when is not None:
                    self.check_rule(scope, one.waived_when)
                for name in (*one.facts, *one.needs, *(expiry.item for expiry in one.expiries)):
                    self.find(scope, name)
        self._check_corrections(design)
        for names in design.same:
            for name in names:
                with self.faults.gather():
                    self._check_telling(name)
        with self.faults.gather():
            self._check_deviations(design.deviations)
        with self.faults.gather():
            self._check_approvals(design.approvals)
        self._check_people(design)

    def _check_corrections(self, design: StudyDesign) -> None:
        known = {reason.value for reason in design.reasons}
        for form, file in self.forms.values():
            for group in form.groups:
                for code in group.scorer.corrections if group.scorer is not None else ():
                    if code not in known:
                        self.faults.report(
                            file,
                            group.oid,
                            f"{code} is no reason of the study for a change. Add it to study.toml or correct it.",
                            f"{code} 不是本研究的修改原因。请在 study.toml 中补充或更正。",
                        )

    def _check_telling(self, name: str) -> None:
        """Refuse what tells nobody apart: an item of a table, or what is worked out."""
        scope = Scope(file=STUDY_FILE, place="subject, same", at_visit=False)
        self.find(scope, name)
        reference = parse(name)
        if isinstance(reference, Reference) and reference.form in self.forms:
            group, item = self.forms[reference.form][0].find(reference.item)
            if not group.repeating and item.derivation is None and not reference.visit:
                return
        self.faults.report(
            STUDY_FILE,
            "subject, same",
            f"{name} tells nobody apart: name an item that is entered once in its form, as FORM:ITEM.",
            f"{name} 不能区分不同的人：请列出表单中仅录入一次的项目，写作 FORM:ITEM。",
        )

    def _check_people(self, design: StudyDesign) -> None:
        for role in design.roles:
            self._check_forms(f"role, {role.oid}", role.enters)
        blinding = design.blinding
        if blinding is None:
            return
        self._check_forms("blinding", blinding.forms)
        for item in sorted(blinding.items):
            with self.faults.gather():
                self.find(Scope(file=STUDY_FILE, place="blinding", at_visit=False), item)
        for form in sorted(blinding.assessed - blinding.forms):
            self.faults.report(
                STUDY_FILE,
                "blinding",
                f"{form} is assessed blinded, so it stands under forms too. Add it there.",
                f"{form} 由盲态评估，须同时列入 forms。请补充。",
            )

    def _check_forms(self, place: str, forms: frozenset[str]) -> None:
        for form in sorted(forms - self.forms.keys()):
            self.faults.report(STUDY_FILE, place, f"{form} is no form. Correct it.", f"{form} 不是表单。请更正。")

    # -- visits -----------------------------------------------------------------------------------------

    def _check_visits(self) -> None:
        for visit in self.visits:
            for one in visit.forms:
                with self.faults.gather():
                    self._check_planned(visit, one.form, one.when)
        for form, file in self.forms.values():
            kinds = {visit.kind for visit in self.visits if any(one.form == form.oid for one in visit.forms)}
            if not kinds:
                self.faults.report(
                    file,
                    form.oid,
                    "no visit has this form. Name it at a visit in study.toml.",
                    "没有访视使用该表单。请在 study.toml 的访视中列出。",
                )
            if VisitKind.SITE in kinds and len(kinds) > 1:
                self.faults.report(
                    file,
                    form.oid,
                    "a form about the site stands at visits of the site only. Remove it from the others.",
                    "关于中心的表单只能用于中心访视。请从其他访视中删除。",
                )

    def _check_planned(self, visit: Visit, form: str, when: Rule | None) -> None:
        scope = Scope(file=STUDY_FILE, place=visit.oid)
        if form not in self.forms:
            scope.fail(
                f"there is no form {form}. Add its file to crf/ or remove it here.",
                f"没有表单 {form}。请在 crf/ 中补充，或在此删除。",
            )
        if when is not None:
            if visit.kind is VisitKind.SITE:
                scope.fail("forms about the site have no when. Remove it.", "关于中心的表单没有 when。请删除。")
            self.check_rule(scope, when)

    # -- items and rules --------------------------------------------------------------------------------

    def _check_item(self, scope: Scope, item: Item) -> None:
        if item.relevant_when is not None:
            self.check_rule(scope, item.relevant_when)
        for name in item.derivation.items if item.derivation is not None else ():
            self.find(scope, name, columns=True)
        if item.offer_when is not None:
            self.check_rule(scope, item.offer_when)

    def _check_suggestions(self, scope: Scope, group: ItemGroup) -> None:
        items = {item.name: item for item in group.items}
        for one in group.scorer.suggestions if group.scorer is not None else ():
            self.check_rule(scope, one.when)
            for name, value in one.gives.items():
                self._check_values(scope, items[name], (value,))

    def check_rule(self, scope: Scope, rule: Rule) -> None:
        """Refuse a rule with a name that leads nowhere, or a value outside its code list. Raises StudyFileError."""
        for one in rules_in(rule):
            for name in names_of(one):
                found = self.find(scope, name, columns=isinstance(one, Named))
                if found is not None and isinstance(one, OneOf):
                    self._check_values(scope, found, one.values)
                if found is not None and isinstance(one, Compare) and one.value is not None:
                    self._check_values(scope, found, (one.value,))
            if isinstance(one, Exists):
                self.check_rule(self._inside(scope, one), one.where)

    def _check_values(self, scope: Scope, item: Item, values: tuple[str, ...]) -> None:
        if item.code_list is None or item.code_list not in self.lists:
            return
        known = {code.value for code in self.lists[item.code_list].codes}
        for value in values:
            if value not in known:
                scope.fail(
                    f"{item.code_list} has no code {value}. Correct it.",
                    f"{item.code_list} 中没有代码 {value}。请更正。",
                )

    def _inside(self, scope: Scope, rule: Exists) -> Scope:
        """Return the scope of what stands under `where`."""
        form = scope.form
        if rule.form:
            form = self.forms[rule.form][0] if rule.form in self.forms else None
            self._refuse_subjects(scope, rule.form)
        if form is None:
            scope.fail(
                f"there is no form {rule.form or '-'} for exists. Correct the name.",
                f"exists 中没有表单 {rule.form or '-'}。请更正名称。",
            )
        group = next((one for one in form.groups if one.oid == rule.group), None)
        if rule.group and (group is None or not group.repeating):
            scope.fail(
                f"{rule.group} is no repeating group of that form. Correct the name.",
                f"{rule.group} 不是该表单的重复项目组。请更正名称。",
            )
        around = scope if scope.outer is None else scope.outer
        return replace(scope, form=form, group=group, outer=around)

    def find(self, scope: Scope, name: str, *, columns: bool = False) -> Item | None:
        """Return the item that a name means in its scope; None for what the engine itself answers.

        Args:
            columns: Whether a column may stand here.

        Raises:
            StudyFileError: The name leads nowhere.
        """
        if literal(name) is not None:
            return None
        parts = parse(name)
        if parts is None or (isinstance(parts, Pseudo) and parts.kind is PseudoKind.THIS):
            scope.fail(
                f"{name} is no name of an item. See docs/study_files.md, names of items.",
                f"{name} 不是项目名称。请参阅 docs/study_files.md 中的项目名称一节。",
            )
        if parts.outer:
            if scope.outer is None:
                scope.fail(f"{name} stands outside exists. Remove the ^.", f"{name} 不在 exists 之内。请删除 ^。")
            scope = scope.outer
        if isinstance(parts, Pseudo):
            self._check_pseudo(scope, parts, name)
            return None
        if parts.column and not columns:
            scope.fail(
                f"{name} means many places and belongs into named and derive only. Remove the [].",
                f"{name} 表示多处取值，只能用于 named 和 derive。请删除 []。",
            )
        return self._find_elsewhere(scope, parts, name) if parts.form else self._find_here(scope, parts)

    def _find_here(self, scope: Scope, parts: Reference) -> Item:
        name = parts.item
        home, item = _lookup(scope.form, name)
        if scope.form is None or home is None or item is None:
            where = ("there is no form around it", "此处不属于任何表单")
            if scope.form is not None:
                where = (f"this form has no item {name}", f"本表单没有项目 {name}")
            refuse(scope.file, scope.place, f"{where[0]}. Correct the name.", f"{where[1]}。请更正名称。")
        if not parts.column and home.repeating and (scope.group is None or home.oid != scope.group.oid):
            scope.fail(
                f"{name} stands in rows of {home.oid} and can be named inside that group only. Remove it.",
                f"{name} 位于重复项目组 {home.oid}，只能在该组内引用。请删除。",
            )
        if parts.column and not home.repeating:
            scope.fail(f"{name} stands in no rows. Remove the [].", f"{name} 不在重复项目组中。请删除 []。")
        return item

    def _find_elsewhere(self, scope: Scope, parts: Reference, name: str) -> Item:
        home, item = _lookup(self.forms[parts.form][0] if parts.form in self.forms else None, parts.item)
        if home is None or item is None or not self._is_planned(parts.form, parts.visit, parts.occasion):
            refuse(
                scope.file,
                scope.place,
                f"no other form has {name}. Write FORM:ITEM, FORM@VISIT:ITEM or FORM/OCCASION:ITEM.",
                f"其他表单中没有 {name}。请写作 FORM:ITEM、FORM@VISIT:ITEM 或 FORM/OCCASION:ITEM。",
            )
        if home.repeating and not parts.column:
            scope.fail(
                f"{name} stands in rows. Write {parts.form}[]:{parts.item} or ask with exists.",
                f"{name} 位于重复项目组。请写作 {parts.form}[]:{parts.item}，或使用 exists。",
            )
        self._refuse_subjects(scope, parts.form)
        return item

    def _is_planned(self, form: str, visit: str, occasion: str) -> bool:
        return any(
            one.form == form and visit in {"", at.oid} and occasion in {"", one.occasion}
            for at in self.visits
            for one in at.forms
        )

    def is_of_site(self, form: str) -> bool:
        """Tell whether a form is kept in the site's file."""
        return any(one.form == form and visit.kind is VisitKind.SITE for visit in self.visits for one in visit.forms)

    def _refuse_subjects(self, scope: Scope, form: str) -> None:
        """Refuse a form about the site that looks into the forms of subjects."""
        around = scope if scope.outer is None else scope.outer
        if around.form is not None and self.is_of_site(around.form.oid) and not self.is_of_site(form):
            scope.fail(
                f"a form about the site cannot look at {form} of a subject. Remove it.",
                f"关于中心的表单不能引用受试者的表单 {form}。请删除。",
            )

    def _check_pseudo(self, scope: Scope, parts: Pseudo, name: str) -> None:
        if parts.kind in _OF_VISIT and not scope.at_visit:
            scope.fail(f"there is no visit for {name} here. Remove it.", f"此处没有 {name} 所指的访视。请删除。")
        if parts.kind in OF_FORM:
            if parts.form not in self.forms or not self._is_planned(parts.form, parts.visit, parts.occasion):
                scope.fail(
                    f"{name} names a form that is not planned so. Correct it.",
                    f"{name} 所指的表单没有这样的计划。请更正。",
                )
            self._refuse_subjects(scope, parts.form)
        if parts.kind is PseudoKind.CRITERION and parts.item not in self.criteria:
            scope.fail(
                f"eligibility.toml has no criterion {parts.item}. Correct {name}.",
                f"eligibility.toml 中没有标准 {parts.item}。请更正 {name}。",
            )
        if parts.kind in OF_ITEM:
            _, item = _lookup(scope.form, parts.item)
            if item is None:
                scope.fail(
                    f"this form has no item {parts.item}. Correct {name}.",
                    f"本表单没有项目 {parts.item}。请更正 {name}。",
                )
            elif parts.kind is PseudoKind.DUPLICATE and not item.unique:
                scope.fail(
                    f"{name} needs unique = true on {parts.item}. Add it.",
                    f"{name} 要求 {parts.item} 设置 unique = true。请补充。",
                )
            elif item.derivation is not None and parts.kind is not PseudoKind.REPORTED:
                scope.fail(
                    f"{name} is about an item that nobody types. Remove it.", f"{name} 所指的项目不由人录入。请删除。"
                )

    # -- deviations -------------------------------------------------------------------------------------

    def _check_deviations(self, kept: DeviationForm | None) -> None:
        if kept is None:
            return
        scope = Scope(file=STUDY_FILE, place="deviations")
        events = {one.form for visit in self.visits if visit.kind is VisitKind.EVENT for one in visit.forms}
        if kept.form not in self.forms or kept.form not in events:
            scope.fail(
                f"{kept.form} is no form of an event visit. Correct the name.",
                f"{kept.form} 不是事件访视中的表单。请更正名称。",
            )
        inside = replace(scope, form=self.forms[kept.form][0])
        for name in (
            kept.source, kept.reference, kept.category, kept.severity, kept.started, kept.discovered, kept.classified,
        ):  # fmt: skip
            self.find(inside, name)
        for raised in (kept.missed, kept.unblinded):
            if raised is not None:
                self._check_raised(inside, kept, raised.category, raised.severity)
        for form, file in self.forms.values():
            for check in form.checks:
                if check.deviation is not None:
                    place = replace(inside, file=file, place=f"{form.oid}, {check.id}")
                    with self.faults.gather():
                        self._check_raised(place, kept, check.deviation.category, check.deviation.severity)

    def _check_approvals(self, kept: ApprovalForm | None) -> None:
        if kept is None:
            return
        scope = Scope(file=STUDY_FILE, place="approvals")
        of_site = {one.form for visit in self.visits if visit.kind is VisitKind.SITE for one in visit.forms}
        if kept.form not in self.forms or kept.form not in of_site:
            scope.fail(
                f"{kept.form} is no form of the site's own file. Correct the name.",
                f"{kept.form} 不是中心档案中的表单。请更正名称。",
            )
        form = self.forms[kept.form][0]
        items = {item.name: (group, item) for group in form.groups for item in group.items}
        named = [name for name in (kept.version, kept.approved, kept.what) if name]
        groups = {items[name][0].oid for name in named if name in items}
        if any(name not in items for name in named) or len(groups) > 1:
            scope.fail(
                f"{', '.join(named)} must be items of one group of {kept.form}. Correct them.",
                f"{', '.join(named)} 须为 {kept.form} 同一组中的项目。请更正。",
            )
        if items[kept.approved][1].data_type is not DataType.DATE:
            scope.fail(f"{kept.approved} must be a date. Correct it.", f"{kept.approved} 须为日期。请更正。")
        if kept.what:
            self._check_values(replace(scope, form=form), items[kept.what][1], (kept.design,))

    def _check_raised(self, scope: Scope, kept: DeviationForm, category: str, severity: str) -> None:
        for name, value in ((kept.category, category), (kept.severity, severity)):
            item = self.find(scope, name)
            if item is not None:
                self._check_values(scope, item, (value,))

    # -- circles ----------------------------------------------------------------------------------------

    def _refuse_circles(self) -> None:
        """Refuse items that wait for each other, in one form or across forms."""
        ahead: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for form, _ in self.forms.values():
            for item in (item for group in form.groups for item in group.items):
                ahead[form.oid, item.name] = set(_waits(form.oid, item))
        circle = _circle(ahead)
        if circle:
            homes = sorted({form for form, _ in circle})
            listed = ", ".join(sorted(item if len(homes) == 1 else f"{form}:{item}" for form, item in circle))
            refuse(
                self.forms[homes[0]][1],
                homes[0],
                f"these items wait for each other: {listed}. Break the circle.",
                f"以下项目相互依赖：{listed}。请消除循环。",
            )


def _lookup(form: Form | None, name: str) -> tuple[ItemGroup, Item] | tuple[None, None]:
    if form is None:
        return None, None
    try:
        return form.find(name)
    except KeyError:
        return None, None


def _waits(form: str, item: Item) -> Iterator[tuple[str, str]]:
    if item.relevant_when is not None:
        yield from _rule_waits(form, item.relevant_when)
    for name in item.derivation.items if item.derivation is not None else ():
        yield from _name_waits(form, name)


def _rule_waits(form: str, rule: Rule, outer: str = "") -> Iterator[tuple[str, str]]:
    for one in rules_in(rule):
        for name in names_of(one):
            yield from _name_waits(form, name, outer)
        if isinstance(one, Exists):
            yield from _rule_waits(one.form or form, one.where, outer or form)


def _name_waits(form: str, name: str, outer: str = "") -> Iterator[tuple[str, str]]:
    parts = parse(name)
    if isinstance(parts, Reference):
        yield parts.form or (outer if parts.outer else form), parts.item


def _circle(ahead: dict[tuple[str, str], set[tuple[str, str]]]) -> set[tuple[str, str]]:
    """Return what waits for itself: leaves are taken away from both ends until nothing more can be."""
    left = dict(ahead)
    while True:
        waited_for = {one for waits in left.values() for one in waits}
        kept = {one: waits & set(left) for one, waits in left.items() if waits & set(left) and one in waited_for}
        if kept == left:
            return set(kept)
        left = kept


# -- code lists -----------------------------------------------------------------------------------------


def used_lists(form: Form, lists: Mapping[str, CodeList]) -> dict[str, CodeList]:
    """Return the code lists that a form uses."""
    names = {item.code_list for group in form.groups for item in group.items if item.code_list is not None}
    return {name: lists[name] for name in sorted(names)}


def refuse_unparted_labels(
    forms: Mapping[str, tuple[Form, str]], lists: Mapping[str, CodeList], faults: Faults
) -> None:
    """Refuse a label with a semicolon where several answers are parted by one."""
    items = [item for form, _ in forms.values() for group in form.groups for item in group.items]
    several = {item.code_list for item in items if item.data_type is DataType.CODES}
    for oid, code_list in lists.items():
        if oid in several and any(_has_semicolon(code) for code in code_list.codes):
            faults.report(
                "codelists.toml",
                oid,
                "a label holds a semicolon, which parts the answers of this list. Reword it.",
                "标签中含有分号，而分号用于分隔该代码表的多个选项。请改写。",
            )


def _has_semicolon(code: Code) -> bool:
    return any(mark in label for label in code.label.by_language.values() for mark in ";；")
