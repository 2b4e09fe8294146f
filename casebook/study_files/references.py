"""Whether everything that a study definition names exists, and can be worked out in some order.

Source: docs/study_files.md, section "What is refused".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casebook.checks import names_in, rules_within
from casebook.design import CodeList, DataType, Form, Item, ItemGroup, OneOf, Rule, Visit
from casebook.study_files.nodes import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Every form with the name of its file, the visits and the code lists."""

    forms: Mapping[str, tuple[Form, str]]
    visits: tuple[Visit, ...]
    lists: Mapping[str, CodeList]

    def check(self) -> None:
        """Refuse the first name that leads nowhere. Raises StudyFileError."""
        self._check_visits()
        for form, file in self.forms.values():
            for group in form.groups:
                for item in group.items:
                    self._check_item(form, file, group, item)
            for check in form.checks:
                group, _ = form.find(check.item)
                self._check_rule(form, file, group, f"{form.oid}, {check.id}", check.fires_when)
            _refuse_circles(form, file)

    def check_anchor(self, place: str, name: str) -> None:
        """Refuse an anchor that names no item. Raises StudyFileError."""
        self._find_elsewhere("study.toml", place, name)

    def _check_visits(self) -> None:
        planned = {one.form for visit in self.visits for one in visit.forms}
        for visit in self.visits:
            for one in visit.forms:
                if one.form not in self.forms:
                    refuse(
                        "study.toml",
                        visit.oid,
                        f"there is no form {one.form}. Add its file to crf/ or remove it here.",
                        f"没有表单 {one.form}。请在 crf/ 中补充，或在此删除。",
                    )
        for form, file in self.forms.values():
            if form.oid not in planned:
                refuse(
                    file,
                    form.oid,
                    "no visit has this form. Name it at a visit in study.toml.",
                    "没有访视使用该表单。请在 study.toml 的访视中列出。",
                )

    def _check_item(self, form: Form, file: str, group: ItemGroup, item: Item) -> None:
        if item.relevant_when is not None:
            self._check_rule(form, file, group, item.oid, item.relevant_when)
        for name in item.derivation.items if item.derivation is not None else ():
            self._find(form, file, group, item.oid, name)

    def _check_rule(self, form: Form, file: str, group: ItemGroup, place: str, rule: Rule) -> None:
        for name in names_in(rule):
            self._find(form, file, group, place, name)
        for one in rules_within(rule):
            if isinstance(one, OneOf):
                self._check_values(file, place, self._find(form, file, group, place, one.item), one.values)

    def _check_values(self, file: str, place: str, item: Item, values: tuple[str, ...]) -> None:
        if item.code_list is None:
            return
        known = {code.value for code in self.lists[item.code_list].codes}
        for value in values:
            if value not in known:
                refuse(
                    file,
                    place,
                    f"{item.code_list} has no code {value}. Correct it.",
                    f"{item.code_list} 中没有代码 {value}。请更正。",
                )

    def _find(self, form: Form, file: str, group: ItemGroup, place: str, name: str) -> Item:
        if ":" in name:
            return self._find_elsewhere(file, place, name)
        try:
            home, item = form.find(name)
        except KeyError:
            refuse(
                file, place, f"this form has no item {name}. Correct the name.", f"本表单没有项目 {name}。请更正名称。"
            )
        if home.repeating and home.oid != group.oid:
            refuse(
                file,
                place,
                f"{name} stands in rows of {home.oid} and can be named inside that group only. Remove it.",
                f"{name} 位于重复项目组 {home.oid}，只能在该组内引用。请删除。",
            )
        return item

    def _find_elsewhere(self, file: str, place: str, name: str) -> Item:
        where, _, item_name = name.partition(":")
        oid, _, occasion = where.partition("/")
        occasions = {one.occasion for visit in self.visits for one in visit.forms if one.form == oid}
        try:
            home, item = self.forms[oid][0].find(item_name)
        except KeyError:
            home, item = None, None
        if item is None or home is None or home.repeating or (occasion and occasion not in occasions):
            refuse(
                file,
                place,
                f"no other form has {name}. Write FORM:ITEM or FORM/OCCASION:ITEM.",
                f"其他表单中没有 {name}。请写作 表单:项目 或 表单/时点:项目。",
            )
        return item


def _looks_at(item: Item) -> Iterator[str]:
    if item.relevant_when is not None:
        yield from names_in(item.relevant_when)
    if item.derivation is not None:
        yield from item.derivation.items


def _refuse_circles(form: Form, file: str) -> None:
    """Refuse items of one form that wait for each other."""
    ahead = {
        item.name: {name for name in _looks_at(item) if ":" not in name}
        for group in form.groups
        for item in group.items
    }
    while ahead:
        ready = {name for name, waits in ahead.items() if not waits & set(ahead)}
        if not ready:
            circle = ", ".join(sorted(ahead))
            refuse(
                file,
                form.oid,
                f"these items wait for each other: {circle}. Break the circle.",
                f"以下项目相互依赖：{circle}。请消除循环。",
            )
        ahead = {name: waits for name, waits in ahead.items() if name not in ready}


def used_lists(form: Form, lists: Mapping[str, CodeList]) -> dict[str, CodeList]:
    """Return the code lists that a form uses."""
    names = {item.code_list for group in form.groups for item in group.items if item.code_list is not None}
    return {name: lists[name] for name in sorted(names)}


def refuse_unparted_labels(forms: Mapping[str, tuple[Form, str]], lists: Mapping[str, CodeList]) -> None:
    """Refuse a label with a semicolon where several answers are parted by one."""
    items = [item for form, _ in forms.values() for group in form.groups for item in group.items]
    several = {item.code_list for item in items if item.data_type is DataType.CODES}
    for oid, code_list in lists.items():
        labels = [label for code in code_list.codes for label in code.label.by_language.values()]
        if oid in several and any(mark in label for label in labels for mark in ";；"):
            refuse(
                "codelists.toml",
                oid,
                "a label holds a semicolon, which parts the answers of this list. Reword it.",
                "标签中含有分号，而分号用于分隔该代码表的多个选项。请改写。",
            )
