"""Example cases run against a study definition: what `casebook study test FILE` does.

A case gives facts and what is expected of them. A group of cases is answered by the definition: its units
and windows, the checks and criteria that `cases.toml` names for it, or a score of `casebook.scores`; never
by a second table. A group that nothing answers is a failure, and so is a fact that the group cannot use:
a run that says "0 failed" has looked at everything it was given. Nothing here knows what the study is about.

Source: docs/study_files.md, section "Cases"; clinical content, sections 0.0, 0.3, 1.5 and 3.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from casebook.case_facts import Answer, CaseFacts, UnusableFactError
from casebook.case_world import World
from casebook.design import Item, StudyDesign
from casebook.eligibility import judge
from casebook.errors import StudyCasesError
from casebook.schedule import site_zone, study_day, visit_status
from casebook.scores import CASE_GROUPS
from casebook.study_files.cases import NO_VOCABULARY, DeclaredGroup, GroupKind, Vocabulary
from casebook.units import convert
from casebook.values import quantity_of

Names = Mapping[str, str]
"""Names of the study by those that cases use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFailure:
    """A case whose answer is not the expected one."""

    case: str
    expected: object
    got: object

    @property
    def line(self) -> str:
        """Return the line that tells it."""
        return f"{self.case}: expected {_json(self.expected)}, got {_json(self.got)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """What a run of cases gave: failures, and passed cases by group."""

    failures: tuple[CaseFailure, ...]
    passed: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """Return how many cases failed."""
        return len(self.failures)

    @property
    def exit_status(self) -> int:
        """Return 0 only when none failed."""
        return 1 if self.failures else 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Return each failing case with expected and got, then the counts."""
        passed = sum(self.passed.values())
        by_group = ", ".join(f"{group} {count}" for group, count in sorted(self.passed.items()))
        return (
            *(one.line for one in self.failures),
            f"{passed} passed{f' ({by_group})' if by_group else ''}",
            f"{self.failed} failed",
        )


def run_cases(path: Path, design: StudyDesign, vocabulary: Vocabulary = NO_VOCABULARY) -> CaseReport:
    """Run every case of a file against a study definition.

    Args:
        vocabulary: The study's `cases.toml`: what answers the groups of its checks and criteria.

    Raises:
        StudyCasesError: The file is missing or not in the form of docs/study_files.md.
    """
    failures: list[CaseFailure] = []
    passed: Counter[str] = Counter()
    seen: set[str] = set()
    for case in _read_cases(path):
        answer = f"there are two cases {case.name}" if case.name in seen else _answer(case, design, vocabulary)
        seen.add(case.name)
        got = {key: answer.get(key, _NOTHING) for key in case.expected} if isinstance(answer, dict) else answer
        if _alike(got, case.expected):
            passed[case.group] += 1
        else:
            failures.append(CaseFailure(case=case.name, expected=case.expected, got=got))
    return CaseReport(failures=tuple(failures), passed=dict(passed))


_NOTHING = "(no such answer)"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _alike(got: object, expected: object) -> bool:
    """Compare answers, telling 1 from true and from 1.0, which Python holds equal."""
    return _json(got) == _json(expected)


# -- the file ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    name: str
    group: str
    facts: object
    expected: Mapping[str, object]


def _read_cases(path: Path) -> tuple[_Case, ...]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise StudyCasesError(file=path.name, why=problem.strerror or "it cannot be opened") from problem
    except (ValueError, RecursionError) as problem:
        raise StudyCasesError(file=path.name, why=f"it is not JSON: {problem}") from problem
    cases = whole.get("vectors") if isinstance(whole, dict) else whole
    if not isinstance(cases, list):
        raise StudyCasesError(file=path.name, why='it has no list "vectors"')
    if not cases:
        raise StudyCasesError(file=path.name, why="it holds no case")
    return tuple(_read_case(path, number, one) for number, one in enumerate(cases, start=1))


def _read_case(path: Path, number: int, one: object) -> _Case:
    match one:
        case {"id": str(name), "group": str(group), "input": facts, "expected": dict(expected)} if expected:
            return _Case(name=name, group=group, facts=facts, expected=expected)
        case _:
            raise StudyCasesError(file=path.name, why=f"case {number} lacks id, group, input or expected answers")


# -- answering -----------------------------------------------------------------------------------------


def _answer(case: _Case, design: StudyDesign, vocabulary: Vocabulary) -> Answer | str:
    """Return the answers, or the sentence that says why there are none."""
    if not isinstance(case.facts, dict):
        return "the input is no table of facts"
    facts = CaseFacts(case.facts)
    try:
        return _by_group(case.group, facts, design, vocabulary)
    except UnusableFactError as why:
        return str(why)
    except (ArithmeticError, ValueError) as problem:
        return f"the facts lie beyond what can be computed with: {problem}"


def _by_group(group: str, facts: CaseFacts, design: StudyDesign, vocabulary: Vocabulary) -> Answer:
    called = vocabulary[group].called if group in vocabulary else {}
    if group in vocabulary and vocabulary[group].kind is not GroupKind.UNITS:
        _refuse_unknown(group, facts, frozenset(vocabulary[group].facts))
        return _declared(vocabulary[group], facts, design)
    if group in CASE_GROUPS:
        _refuse_unknown(group, facts, CASE_GROUPS[group].keys)
        return CASE_GROUPS[group].answer(facts)
    if not called and group not in _GENERIC:
        raise UnusableFactError(f"nothing answers the group {group}")
    keys, answer = _GENERIC["units" if called else group]
    _refuse_unknown(group, facts, keys)
    return answer(facts, design, called)


def _refuse_unknown(group: str, facts: CaseFacts, keys: frozenset[str]) -> None:
    unknown = ", ".join(key for key in facts.given if key not in keys)
    if unknown:
        raise UnusableFactError(f"the group {group} cannot use {unknown}")


# -- groups that the definition's own rules answer -------------------------------------------------------


def _declared(group: DeclaredGroup, facts: CaseFacts, design: StudyDesign) -> Answer:
    world = World(design)
    world.lay(facts, group)
    return _criteria(world) if group.kind is GroupKind.CRITERIA else _checks(world, group)


def _checks(world: World, group: DeclaredGroup) -> Answer:
    """Return the ids of the checks that fire, ascending, by the answers that the group names."""
    severities: dict[str, set[str]] = {}
    fired = set(world.stood_for)
    for form in world.design.forms.values():
        for check in form.checks:
            if check.id not in group.checks:
                continue
            severities.setdefault(check.id, set()).add(check.severity.value)
            if any(world.answer(check.fires_when, form.oid, place) for place in world.places(form.oid)):
                fired.add(check.id)
    missing = [one for one in group.checks if one not in severities]
    if missing:
        raise UnusableFactError(f"the study declares no check {', '.join(missing)}")
    return {
        name: sorted(one for one in fired if severity in {"*", *severities[one]})
        for name, severity in group.answers.items()
    }


def _criteria(world: World) -> Answer:
    """Return what the study's criteria say, failed and unknown ones in the order of the protocol."""
    if not world.design.criteria:
        raise UnusableFactError("the study declares no criteria")
    found = judge(world.design.criteria, world.sight())
    return {"eligible": found.eligible, "failed": list(found.failed), "unknown": list(found.unknown)}


# -- units, windows, days --------------------------------------------------------------------------------


def _item(design: StudyDesign, wanted: str) -> Item:
    """Return an item that has units by its name, wherever it stands."""
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                if item.name == wanted and item.units:
                    return item
    raise UnusableFactError(f"no item {wanted} of the study has units")


def _needed(facts: CaseFacts, key: str) -> str:
    text = facts.text(key)
    if text is None:
        raise UnusableFactError(f"{key} is missing")
    return text


def _units(facts: CaseFacts, design: StudyDesign, called: Names) -> Answer:
    """Convert a value of an item from one of its units to another, rounded half up once."""
    name = _needed(facts, "analyte")
    item = _item(design, called.get(name, name))
    decimals = facts.whole("decimals")
    if decimals is None or not 0 <= decimals <= _DECIMALS:
        raise UnusableFactError(f"decimals is missing or not a number from 0 to {_DECIMALS}")
    given = facts.given.get("value")
    reported = quantity_of(given) if isinstance(given, str) else None
    comparator = "" if reported is None else reported.comparator
    number = reported.number if reported is not None and not reported.unit else facts.number("value")
    source, target = _needed(facts, "from_unit"), _needed(facts, "to_unit")
    if number is None:
        return {"value": None}
    converted = convert(number, source=source, target=target, units=item.units, decimals=decimals)
    return {"value": None if converted is None else f"{comparator}{converted:f}"}


_DECIMALS = 20


def _visit_window(facts: CaseFacts, design: StudyDesign, _: Names) -> Answer:
    """Say how a visit stands to its window; without `now` the window of a visit that is missing has closed."""
    name = _needed(facts, "visit")
    try:
        visit = design.visit(f"SE.{name}")
    except KeyError as problem:
        raise UnusableFactError(f"the study has no visit {name}") from problem
    zone = site_zone(design.utc_offset_minutes)
    randomised_at, visited_at = facts.moment("randomisation", zone), facts.moment("visit_datetime", zone)
    discharge = facts.day("discharge_date", zone)
    died_at, withdrawn_at = facts.moment("death", zone), facts.moment("withdrawal", zone)
    now = facts.moment("now", zone)
    if randomised_at is None:
        return {"status": None}
    status = visit_status(
        visit,
        randomised_at=randomised_at,
        visited_at=visited_at,
        now=now or datetime.max.replace(tzinfo=zone),
        discharge=discharge,
        died_at=died_at,
        withdrawn_at=withdrawn_at,
        offset_minutes=design.utc_offset_minutes,
    )
    return {"status": None if status is None else status.value}


def _study_day(facts: CaseFacts, design: StudyDesign, _: Names) -> Answer:
    """Count the study day; none where either date is not known to the day."""
    zone = site_zone(design.utc_offset_minutes)
    reference, day = facts.day("rfstdtc", zone), facts.day("date", zone)
    return {"dy": None if reference is None or day is None else study_day(reference, day)}


_GENERIC: Mapping[str, tuple[frozenset[str], Callable[[CaseFacts, StudyDesign, Names], Answer]]] = {
    "units": (frozenset({"analyte", "value", "from_unit", "to_unit", "decimals"}), _units),
    "visit_window": (
        frozenset({"visit", "randomisation", "visit_datetime", "discharge_date", "death", "withdrawal", "now"}),
        _visit_window,
    ),
    "study_day": (frozenset({"rfstdtc", "date"}), _study_day),
}
"""Groups that every study has: the facts that they can use, and what answers them."""
