"""Whether a subject may take part: each criterion met, not met or unknown, and until when.

Logic has three values; what is not known never counts as met. A criterion that needs an item without a
value is unknown, unless a waiver holds or the rest of its rule decides already.

Source: clinical content, sections 0.0, 1.3 and 1.4; docs/study_files.md, section "Eligibility".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from casebook.design import (
    Criterion,
)
from casebook.records import Reading
from casebook.rule_kinds import (
    AllOf,
    AnyOf,
    NoneOf,
    Rule,
)
from casebook.rules import Lookup, evaluate, names_in
from casebook.values import noted_of


class Standing(StrEnum):
    """How a subject stands to a criterion."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionState:
    """How a subject stands to one criterion now.

    Attributes:
        state: An exclusion criterion is MET when the subject is not excluded by it.
        facts: The items that decide it, as the study names them, with what stands there.
        closes_at: From this instant on it will no longer be met.
        opens_at: Before this instant it is not met yet.
    """

    criterion: Criterion
    state: Standing
    facts: tuple[tuple[str, Reading], ...]
    closes_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """How a subject stands to all criteria; `failed` and `unknown` are their ids, in the protocol's order."""

    eligible: bool
    failed: tuple[str, ...]
    unknown: tuple[str, ...]
    criteria: tuple[CriterionState, ...]


def judge(criteria: Sequence[Criterion], sight: Lookup) -> Eligibility:
    """Judge every criterion.

    Args:
        sight: Answers items of the subject's forms, as `F.X:WHEN`; see `casebook.rules.Sight`.
    """
    states = tuple(_state(one, sight) for one in criteria)
    return Eligibility(
        eligible=all(one.state is Standing.MET for one in states),
        failed=tuple(one.criterion.id for one in states if one.state is Standing.NOT_MET),
        unknown=tuple(one.criterion.id for one in states if one.state is Standing.UNKNOWN),
        criteria=states,
    )


def _state(criterion: Criterion, sight: Lookup) -> CriterionState:
    closing = [one for one in criterion.expiries if one.closes]
    opening = [one for one in criterion.expiries if not one.closes]
    return CriterionState(
        criterion=criterion,
        state=standing(criterion, sight),
        facts=tuple((name, sight(name)) for name in criterion.facts),
        closes_at=min(_instants((sight(one.item), one.add_minutes) for one in closing), default=None),
        opens_at=max(_instants((sight(one.item), one.add_minutes) for one in opening), default=None),
    )


def standing(criterion: Criterion, sight: Lookup) -> Standing:
    """Return how things stand to one criterion.

    Where a waiver holds, what compares an item that is missing is left out of the rule.
    """
    lacking = frozenset(name for name in criterion.needs if sight(name).value is None)
    waived = bool(lacking) and criterion.waived_when is not None and evaluate(criterion.waived_when, sight) is True
    rule = _without(criterion.rule, lacking) if waived else criterion.rule
    answer = criterion.inclusion if rule is None else evaluate(rule, sight)
    if answer is (not criterion.inclusion):
        return Standing.NOT_MET
    return Standing.UNKNOWN if answer is None or (lacking and not waived) else Standing.MET


def _without(rule: Rule, lacking: frozenset[str]) -> Rule | None:
    """Return a rule without the parts that look at items which are missing; None where nothing is left."""
    if isinstance(rule, AllOf | AnyOf | NoneOf):
        left = tuple(one for part in rule.rules if (one := _without(part, lacking)) is not None)
        return replace(rule, rules=left) if left else None
    return None if lacking & set(names_in(rule)) else rule


def _instants(moments: Iterable[tuple[Reading, int]]) -> list[datetime]:
    found = []
    for reading, minutes in moments:
        noted = noted_of(reading.value) if reading.value is not None else None
        if noted is not None and noted.moment is not None:
            found.append(noted.moment + timedelta(minutes=minutes))
    return found
