"""Example cases run against a study definition: what `casebook study test FILE` does.

A case gives inputs and what is expected of them. Each group below turns its inputs into readings of the
definition's own items and asks the same engine that the forms use: the definition's code lists, units,
derivations, checks and windows are what is tested, not a second table. Groups that this release does not
cover are counted openly and fail nothing.

Source: docs/study_files.md, section "Cases"; clinical content, sections 0.0 and 1 to 4.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from casebook.checks import evaluate
from casebook.design import Derivation, Form, Item, Severity, StudyDesign
from casebook.errors import StudyCasesError
from casebook.records import EMPTY, Reading
from casebook.schedule import HOSPITAL_OFFSET_MINUTES, site_zone, study_day, visit_status
from casebook.scores.imaging import ASPECTS_THRESHOLD, aspects_of, mismatch_of
from casebook.scores.scales import NIHSS_ITEMS, mrs_result, nihss_result
from casebook.units import convert
from casebook.values import INFINITE, half_up

Facts = Mapping[str, object]
Answer = dict[str, object]

_ITEM_ALIASES = {"HCY": "HOMOCY", "HBA1C": "HBA1CHGB"}
"""Short names that case files may use (clinical content, section 0.0)."""
_VOLUME_DECIMALS, _RATIO_DECIMALS = 1, 2
"""Decimals with which perfusion is shown (clinical content, section 0.0)."""


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
    """What a run of cases gave.

    Attributes:
        passed: Passed cases by group.
        not_covered: Cases by group of groups that this release does not answer.
    """

    failures: tuple[CaseFailure, ...]
    passed: Mapping[str, int] = field(default_factory=dict)
    not_covered: Mapping[str, int] = field(default_factory=dict)

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
        open_groups = ", ".join(f"{group} {count}" for group, count in sorted(self.not_covered.items()))
        by_group = ", ".join(f"{group} {count}" for group, count in sorted(self.passed.items()))
        return (
            *(one.line for one in self.failures),
            f"{passed} passed{f' ({by_group})' if by_group else ''}",
            f"{self.failed} failed",
            f"{sum(self.not_covered.values())} not covered by this release{f' ({open_groups})' if open_groups else ''}",
        )


def run_cases(path: Path, design: StudyDesign) -> CaseReport:
    """Run every case of a file against a study definition.

    Raises:
        StudyCasesError: The file is missing or not in the form of docs/study_files.md.
    """
    failures: list[CaseFailure] = []
    passed: Counter[str] = Counter()
    not_covered: Counter[str] = Counter()
    for case in _read_cases(path):
        run = GROUPS.get(case.group)
        if run is None:
            not_covered[case.group] += 1
            continue
        answer = _answer(run, case, design)
        got = {key: answer.get(key, _NOTHING) for key in case.expected} if isinstance(answer, dict) else answer
        if got == dict(case.expected) and _same_kinds(got, case.expected):
            passed[case.group] += 1
        else:
            failures.append(CaseFailure(case=case.name, expected=dict(case.expected), got=got))
    return CaseReport(failures=tuple(failures), passed=dict(passed), not_covered=dict(not_covered))


_NOTHING = "(no such answer)"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _same_kinds(got: object, expected: Facts) -> bool:
    """Tell 1 from true, which Python holds equal."""
    return isinstance(got, dict) and all(isinstance(got[key], bool) == isinstance(expected[key], bool) for key in got)


# -- the file ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    name: str
    group: str
    facts: Facts
    expected: Facts


def _read_cases(path: Path) -> tuple[_Case, ...]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise StudyCasesError(file=path.name, why=problem.strerror or "it cannot be opened") from problem
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise StudyCasesError(file=path.name, why=f"it is not JSON: {problem}") from problem
    cases = whole.get("vectors") if isinstance(whole, dict) else whole
    if not isinstance(cases, list):
        raise StudyCasesError(file=path.name, why='it has no list "vectors"')
    return tuple(_read_case(path, number, one) for number, one in enumerate(cases, start=1))


def _read_case(path: Path, number: int, one: object) -> _Case:
    match one:
        case {"id": str(name), "group": str(group), "input": dict(facts), "expected": dict(expected)}:
            return _Case(name=name, group=group, facts=facts, expected=expected)
        case _:
            raise StudyCasesError(file=path.name, why=f"case {number} lacks id, group, input or expected")


class _UnansweredError(Exception):
    """The definition or the case does not hold what the group needs; the case fails with this sentence."""


def _answer(run: "Callable[[Facts, StudyDesign], Answer]", case: _Case, design: StudyDesign) -> Answer | str:
    try:
        return run(case.facts, design)
    except _UnansweredError as why:
        return str(why)


# -- finding the definition's own items ------------------------------------------------------------------


def _derivation(design: StudyDesign, function: str) -> tuple[Form, Derivation]:
    """Return the first item of the study that is derived by `function`."""
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                if item.derivation is not None and item.derivation.function == function:
                    return form, item.derivation
    raise _UnansweredError(f"no item of the study is derived by {function}")


def _item(design: StudyDesign, name: str) -> Item:
    """Return an item that has units by its name, wherever it stands."""
    wanted = _ITEM_ALIASES.get(name, name)
    for form in design.forms.values():
        for group in form.groups:
            for item in group.items:
                if item.name == wanted and item.units:
                    return item
    raise _UnansweredError(f"no item {wanted} of the study has units")


def _reading(value: object) -> Reading:
    """Return a fact as a reading; null and absent are empty."""
    if value is None:
        return EMPTY
    return Reading(value=str(value))


def _text(facts: Facts, key: str) -> str:
    value = facts.get(key)
    if not isinstance(value, str):
        raise _UnansweredError(f"{key} is not a text")
    return value


def _decimal(facts: Facts, key: str) -> Decimal | None:
    value = facts.get(key)
    if value is None:
        return None
    if isinstance(value, bool | float):
        raise _UnansweredError(f"{key} is not a decimal in quotes")
    try:
        return Decimal(str(value))
    except InvalidOperation as problem:
        raise _UnansweredError(f"{key} is not a decimal") from problem


# -- groups --------------------------------------------------------------------------------------------


def _nihss_readings(facts: Facts, design: StudyDesign) -> dict[str, Reading]:
    """Return the facts as readings of the study's own fifteen items, by the items' names."""
    _, derivation = _derivation(design, "nihss_total")
    return {name: _reading(facts.get(fact)) for name, fact in zip(derivation.items, NIHSS_ITEMS, strict=True)}


def _nihss_total(facts: Facts, design: StudyDesign) -> Answer:
    form, derivation = _derivation(design, "nihss_total")
    readings = _nihss_readings(facts, design)
    result = nihss_result([readings[name] for name in derivation.items])
    _compare_with_code_lists(form, readings, result.invalid_items, design)
    return {
        "total": result.total,
        "un_items": list(result.un_items),
        "invalid_items": list(result.invalid_items),
        "missing_items": list(result.missing_items),
    }


def _compare_with_code_lists(
    form: Form, readings: Mapping[str, Reading], invalid: tuple[str, ...], design: StudyDesign
) -> None:
    """Hold the scale's own limits against the codes that the form offers."""
    for fact, (name, reading) in zip(NIHSS_ITEMS, readings.items(), strict=True):
        _, item = form.find(name)
        if item.code_list is None or reading.value is None:
            continue
        offered = any(code.value == reading.value for code in design.code_lists[item.code_list].codes)
        if offered == (fact in invalid):
            raise _UnansweredError(f"the form's codes for {name} and the scale disagree about {reading.value}")


_COHERENCE = frozenset({"EC021", "EC022", "EC023", "EC024", "EC025", "EC026", "EC027"})
_UNSTATED = Reading(value="Y")
"""What cases leave unsaid: a reason stands beside each `UN`, and what bars speech is a tube."""


def _nihss_coherence(facts: Facts, design: StudyDesign) -> Answer:
    form, _ = _derivation(design, "nihss_total")
    readings = _nihss_readings(facts, design)
    fired: dict[Severity, list[str]] = {Severity.HARD: [], Severity.SOFT: []}
    for check in form.checks:
        if check.id in _COHERENCE and evaluate(check.fires_when, lambda name: readings.get(name, _UNSTATED)) is True:
            fired[check.severity].append(check.id)
    return {"hard": sorted(set(fired[Severity.HARD])), "soft": sorted(set(fired[Severity.SOFT]))}


def _aspects(facts: Facts, design: StudyDesign) -> Answer:
    _derivation(design, "aspects_score")
    regions = facts.get("affected_regions")
    if regions is None:
        return {"score": None, "valid": True, "meets_I10": None}
    if not isinstance(regions, list):
        raise _UnansweredError("affected_regions is not a list")
    score = aspects_of([str(one) for one in regions])
    return {
        "score": score,
        "valid": score is not None,
        "meets_I10": None if score is None else score >= ASPECTS_THRESHOLD,
    }


def _perfusion(facts: Facts, design: StudyDesign) -> Answer:
    _derivation(design, "mismatch_ratio")
    core, hypoperfused = _decimal(facts, "core_ml"), _decimal(facts, "hypoperfusion_tmax6_ml")
    if core is None or hypoperfused is None or core < 0 or hypoperfused < 0:
        return {"mismatch_ml": None, "mismatch_ratio": None, "meets_I11_volumes": None, "failed_parts": []}
    found = mismatch_of(core, hypoperfused)
    ratio = None if found.ratio is None else str(half_up(found.ratio, _RATIO_DECIMALS))
    return {
        "mismatch_ml": str(half_up(found.volume, _VOLUME_DECIMALS)),
        "mismatch_ratio": INFINITE if found.infinite else ratio,
        "meets_I11_volumes": not found.failed_parts,
        "failed_parts": list(found.failed_parts),
    }


def _mrs(facts: Facts, design: StudyDesign) -> Answer:
    _derivation(design, "mrs_suggestion")
    grade = facts.get("mrs")
    if grade is not None and (isinstance(grade, bool) or not isinstance(grade, int)):
        return {"valid": False}
    alive = facts.get("alive")
    result = mrs_result(grade, alive=None if alive is None else alive == "Y")
    return {
        "valid": result.valid,
        "excellent_0_1": result.excellent_0_1,
        "primary_0_2": result.primary_0_2,
        "ambulatory_0_3": result.ambulatory_0_3,
        "dead": result.dead,
        "allowed_as_prestroke": result.allowed_as_prestroke,
    }


def _units(facts: Facts, design: StudyDesign) -> Answer:
    item = _item(design, _text(facts, "analyte"))
    number, decimals = _decimal(facts, "value"), facts.get("decimals")
    if number is None or isinstance(decimals, bool) or not isinstance(decimals, int):
        raise _UnansweredError("value or decimals is missing")
    source, target = _text(facts, "from_unit"), _text(facts, "to_unit")
    converted = convert(number, source=source, target=target, units=item.units, decimals=decimals)
    return {"value": None if converted is None else f"{converted:f}"}


def _visit_window(facts: Facts, design: StudyDesign) -> Answer:
    try:
        visit = design.visit(f"SE.{_text(facts, 'visit')}")
    except KeyError as problem:
        raise _UnansweredError("the study has no such visit") from problem
    randomised_at = _moment(facts, "randomisation")
    if randomised_at is None:
        return {"status": None}
    visited_at = _moment(facts, "visit_datetime")
    status = visit_status(
        visit,
        randomised_at=randomised_at,
        visited_at=visited_at,
        now=_moment(facts, "now") or datetime.max.replace(tzinfo=site_zone(HOSPITAL_OFFSET_MINUTES)),
        discharge=_day(facts, "discharge_date"),
        died_at=_moment(facts, "death"),
        withdrawn_at=_moment(facts, "withdrawal"),
        offset_minutes=HOSPITAL_OFFSET_MINUTES,
    )
    return {"status": None if status is None else status.value}


def _moment(facts: Facts, key: str) -> datetime | None:
    """Return a date-time; without an offset it is hospital wall time."""
    if facts.get(key) is None:
        return None
    try:
        moment = datetime.fromisoformat(_text(facts, key))
    except ValueError as problem:
        raise _UnansweredError(f"{key} is not a date-time") from problem
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=site_zone(HOSPITAL_OFFSET_MINUTES))


def _day(facts: Facts, key: str) -> date | None:
    """Return a day, of a date-time its day on the hospital's wall clock."""
    if facts.get(key) is None:
        return None
    text = _text(facts, key)
    try:
        return date.fromisoformat(text)
    except ValueError:
        moment = _moment(facts, key)
        return None if moment is None else moment.astimezone(site_zone(HOSPITAL_OFFSET_MINUTES)).date()


def _study_day(facts: Facts, design: StudyDesign) -> Answer:
    del design  # the rule is the same for every study
    reference, day = _day(facts, "rfstdtc"), _day(facts, "date")
    return {"dy": None if reference is None or day is None else study_day(reference, day)}


GROUPS: Mapping[str, Callable[[Facts, StudyDesign], Answer]] = {
    "nihss_total": _nihss_total,
    "nihss_coherence": _nihss_coherence,
    "aspects": _aspects,
    "perfusion": _perfusion,
    "mrs": _mrs,
    "units": _units,
    "visit_window": _visit_window,
    "study_day": _study_day,
}
"""The groups that this release answers."""
