"""Rules as short lines: a long rule is told branch by branch, so that it is read as a list and not as one sentence.

What stands in a line are the clauses of `casebook.sentences`; a rule that is short stays one sentence.

Source: docs/study_files.md, section "Rules as sentences".
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from casebook.design import Check, Form, Item
from casebook.rule_kinds import AllOf, AnyOf, Named, NoneOf, Rule
from casebook.scores import DERIVED, FIRES
from casebook.sentences import Sentences, telling

LONG: Mapping[str, int] = {"en": 140, "zh": 70}
"""From how many characters on a rule is told branch by branch."""
LONG_BRANCH: Mapping[str, int] = {"en": 200, "zh": 100}
"""The same for a branch of a rule."""

_FRAMES: Mapping[str, tuple[str, str]] = {
    "any": ("one of these is true", "以下任一成立"),
    "all": ("all of these are true", "以下全部成立"),
    "none": ("none of these is true", "以下均不成立"),
    "fires": ("Reported when {what}:", "{what}时报告："),
    "asked": ("Asked only while {what}:", "{what}时填写："),
    "branch": ("{what}:", "{what}："),
    "from": ("{what}, from:", "{what}，依据："),
}


class TellingLine(NamedTuple):
    """A line. `depth`: 0 for a sentence, 1 for a point of a list, and so on."""

    text: str
    depth: int = 0


def told_asked(said: Sentences, form: Form, item: Item) -> tuple[TellingLine, ...]:
    """Return when an item is asked; nothing where it always is."""
    rule = item.relevant_when
    return () if rule is None else _told(said, form, rule, said.asked(form, item), "asked")


def told_fires(said: Sentences, form: Form, check: Check) -> tuple[TellingLine, ...]:
    """Return when a check fires, and then what follows."""
    when = _told(said, form, check.fires_when, said.fires_when(form, check), "fires")
    return (*when, TellingLine(said.follows(check)))


def told_worked_out(said: Sentences, form: Form, item: Item) -> tuple[TellingLine, ...]:
    """Return what a derived item is worked out from; nothing where it is typed."""
    derivation, whole = item.derivation, said.worked_out(form, item)
    phrase = DERIVED.get(derivation.function) if derivation is not None else None
    if derivation is None or phrase is None or len(whole) <= LONG[_of(said)]:
        return (TellingLine(whole),) if whole else ()
    head = _frame(said, "from", phrase[_of(said) == "zh"])
    return _points(said, form, head[:1].upper() + head[1:], derivation.items, 0)


def _told(said: Sentences, form: Form, rule: Rule, whole: str, frame: str) -> tuple[TellingLine, ...]:
    if len(whole) <= LONG[_of(said)]:
        return (TellingLine(whole),)
    return _branches(said, form, rule, frame, 0) or (TellingLine(whole),)


def _branches(said: Sentences, form: Form, rule: Rule, frame: str, depth: int) -> tuple[TellingLine, ...]:
    """Return a rule branch by branch; nothing for one that has no branches."""
    match rule:
        case AllOf():
            kind, rules = "all", telling(rule.rules)
        case AnyOf():
            kind, rules = "any", rule.rules
        case NoneOf():
            kind, rules = "none", rule.rules
        case Named() if rule.function in FIRES:
            phrase = FIRES[rule.function][_of(said) == "zh"]
            return _points(said, form, _frame(said, frame, phrase), rule.items, depth)
        case _:
            return ()
    if len(rules) == 1 and kind != "none":
        return _branches(said, form, rules[0], frame, depth)
    lines = [TellingLine(_frame(said, frame, _frame(said, kind)), depth)]
    for one in rules:
        clause = said.rule(one, form)
        is_long = len(clause) > LONG_BRANCH[_of(said)]
        branches = _branches(said, form, one, "branch", depth + 1) if is_long else ()
        lines += branches or (TellingLine(clause, depth + 1),)
    return tuple(lines)


def _points(said: Sentences, form: Form, head: str, names: Sequence[str], depth: int) -> tuple[TellingLine, ...]:
    return (TellingLine(head, depth), *(TellingLine(one, depth + 1) for one in said.names(names, form)))


def _frame(said: Sentences, name: str, what: str = "") -> str:
    return _FRAMES[name][_of(said) == "zh"].format(what=what)


def _of(said: Sentences) -> str:
    return "zh" if said.language == "zh" else "en"
