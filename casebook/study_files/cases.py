"""`cases.toml`: which items of the study the facts of example cases stand for.

A group of cases is either answered by checks that the study declares or by its criteria; the file says
by which, and where each fact is to be laid. The study's own rules then say what follows.

Source: docs/study_files.md, section "Cases".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import NoReturn

from casebook.design import StudyDesign
from casebook.references import Pseudo, PseudoKind, Reference, parse
from casebook.study_files.nodes import load_toml, refuse

FILE = "cases.toml"


class GroupKind(StrEnum):
    """What answers a group of cases."""

    CHECKS = "checks"
    CRITERIA = "criteria"
    UNITS = "units"
    """The items' own units, where cases call items by other names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Where a fact is laid: an item, or a pseudo item such as `@begun:F.X`.

    Attributes:
        values: What a value of the case is called in the study; `!ND` is a missing-data code.
        when: Facts, and values of theirs, of which each must hold, or the fact is not laid here.
        unless: Facts, and values of theirs, of which none may hold.
    """

    name: str
    target: Reference | Pseudo
    values: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row, or an instance of a form, that is there when a fact is true and not when it is false."""

    form: str
    group: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredGroup:
    """A group of cases that the study's own rules answer.

    Attributes:
        checks: Ids of the checks that are evaluated.
        answers: Names of the answers, and the severity (`H`, `S`, or `*` for any) of the checks in each.
        unoffered: A value that no code list of an item needs to offer, and the check that it stands for.
        given: Items that cases leave unsaid, and their values.
        facts: Where each fact is laid.
        called: Other names by which cases call items that have units.
    """

    kind: GroupKind
    checks: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    unoffered: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, tuple[Laid | Row, ...]] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)


Vocabulary = Mapping[str, DeclaredGroup]
"""The groups that the study's own rules answer, by name."""
NO_VOCABULARY: Vocabulary = {}


def read_vocabulary(folder: Traversable) -> Vocabulary:
    """Read `cases.toml` of a study folder; a study without it has no such groups.

    Raises:
        StudyFileError: It is not in the form of docs/study_files.md.
    """
    if not folder.joinpath(FILE).is_file():
        return NO_VOCABULARY
    return {name: _group(name, _table(name, table)) for name, table in load_toml(folder, FILE).items()}


def dangling(vocabulary: Vocabulary, design: StudyDesign) -> Iterator[tuple[str, str]]:
    """Return what `cases.toml` names and the study does not have, each after its place in the file."""
    declared = {check.id for form in design.forms.values() for check in form.checks}
    for name, group in vocabulary.items():
        yield from ((f"{name}, checks", one) for one in group.checks if one not in declared)
        yield from ((f"{name}, unoffered", one) for one in group.unoffered.values() if one not in declared)
        yield from ((f"{name}, given", one) for one in group.given if not _stands(parse(one), design))
        items = {item.name for form in design.forms.values() for part in form.groups for item in part.items}
        yield from ((f"{name}, called", one) for one in group.called.values() if one not in items)
        for fact, places in group.facts.items():
            for one in places:
                yield from ((f"{name}, {fact}", lost) for lost in _lost(one, design))


def _lost(place: Laid | Row, design: StudyDesign) -> Iterator[str]:
    if isinstance(place, Laid):
        yield from () if _stands(place.target, design) else (place.name,)
        return
    form = design.forms.get(place.form)
    if form is None or (place.group and all(one.oid != place.group for one in form.groups)):
        yield f"{place.form} {place.group}".strip()
        return
    known = {item.name for group in form.groups if group.oid == place.group or not place.group for item in group.items}
    yield from (f"{place.form}:{one}" for one in place.items if one not in known)


def _stands(name: Reference | Pseudo | None, design: StudyDesign) -> bool:
    """Tell whether the study has a form, an item of it, and the visit at which it is named."""
    if name is None or name.form not in design.forms:
        return False
    if name.visit and all(visit.oid != name.visit for visit in design.visits):
        return False
    items = {item.name for group in design.forms[name.form].groups for item in group.items}
    return isinstance(name, Pseudo) or name.item in items


def _wrong(place: str, en: str, zh: str) -> NoReturn:
    refuse(FILE, place, f"{en} Correct it after docs/study_files.md.", f"{zh}请按 docs/study_files.md 更正。")


def _table(place: str, found: object) -> Mapping[str, object]:
    if not isinstance(found, dict):
        _wrong(place, "this must be a table.", "此处应为表。")
    return found


def _text(place: str, found: object) -> str:
    if not isinstance(found, str) or not found:
        _wrong(place, "this must be a text.", "此处应为文本。")
    return found


def _texts(place: str, found: object) -> tuple[str, ...]:
    if not isinstance(found, list):
        _wrong(place, "this must be a list of texts.", "此处应为文本列表。")
    return tuple(_text(place, one) for one in found)


def _pairs(place: str, found: object) -> dict[str, str]:
    return {key: _text(f"{place}, {key}", value) for key, value in _table(place, found).items()}


def _conditions(place: str, found: object) -> dict[str, tuple[str, ...]]:
    return {key: _texts(f"{place}, {key}", value) for key, value in _table(place, found).items()}


def _known(place: str, table: Mapping[str, object], *keys: str) -> None:
    unknown = ", ".join(sorted(set(table) - set(keys)))
    if unknown:
        _wrong(place, f"unknown key {unknown}.", f"未知的键 {unknown}。")


def _group(name: str, table: Mapping[str, object]) -> DeclaredGroup:
    _known(name, table, "kind", "checks", "answers", "unoffered", "given", "facts", "called")
    kind = _text(f"{name}, kind", table.get("kind"))
    if kind not in tuple(GroupKind):
        _wrong(f"{name}, kind", "this must be checks, criteria or units.", "此处应为 checks、criteria 或 units。")
    answers = _pairs(f"{name}, answers", table.get("answers", {}))
    if (kind == GroupKind.CHECKS) != bool(answers and table.get("checks")):
        _wrong(name, "a group of checks, and no other, names checks and answers.", "仅检查类的组列出检查与答案。")
    if not set(answers.values()) <= {"H", "S", "*"}:
        _wrong(f"{name}, answers", "each must be H, S or *.", "各项应为 H、S 或 *。")
    if (kind == GroupKind.UNITS) != ("called" in table and "facts" not in table):
        _wrong(
            name, "a group of units, and no other, names called and no facts.", "仅单位类的组列出 called，且无 facts。"
        )
    facts = _table(f"{name}, facts", table.get("facts", {} if kind == GroupKind.UNITS else None))
    return DeclaredGroup(
        kind=GroupKind(kind),
        checks=_texts(f"{name}, checks", table.get("checks", [])),
        answers=answers,
        unoffered=_pairs(f"{name}, unoffered", table.get("unoffered", {})),
        given=_pairs(f"{name}, given", table.get("given", {})),
        facts={key: _fact(f"{name}, {key}", fact) for key, fact in facts.items()},
        called=_pairs(f"{name}, called", table.get("called", {})),
    )


def _fact(place: str, found: object) -> tuple[Laid | Row, ...]:
    every = found if isinstance(found, list) else [found]
    if not every:
        _wrong(place, "the fact is laid nowhere.", "该事实没有对应的条目。")
    return tuple(_place_of(place, one) for one in every)


def _place_of(place: str, found: object) -> Laid | Row:
    if isinstance(found, str):
        return Laid(name=found, target=_target(place, found))
    table = _table(place, found)
    if "exists" in table:
        _known(place, table, "exists", "group", "row")
        return Row(
            form=_text(place, table["exists"]),
            group=_text(place, table["group"]) if "group" in table else "",
            items=_pairs(place, table.get("row", {})),
        )
    _known(place, table, "item", "values", "when", "unless")
    name = _text(place, table.get("item"))
    return Laid(
        name=name,
        target=_target(place, name),
        values=_pairs(place, table.get("values", {})),
        when=_conditions(place, table.get("when", {})),
        unless=_conditions(place, table.get("unless", {})),
    )


def _target(place: str, name: str) -> Reference | Pseudo:
    """Read the name of an item of a form, or of whether a form is begun: what a fact can be laid on."""
    found = parse(name)
    match found:
        case Reference(form=form, column=False, outer=False) if form:
            return found
        case Pseudo(kind=PseudoKind.BEGUN, outer=False):
            return found
        case _:
            _wrong(
                place,
                f"{name} is neither an item of a form (F.X:NAME) nor @begun:F.X.",
                f"{name} 既不是表单的条目（F.X:NAME），也不是 @begun:F.X。",
            )
