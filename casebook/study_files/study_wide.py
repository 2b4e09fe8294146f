"""What stands above the forms: subject statuses, eligibility, and where protocol deviations are kept.

Source: docs/study_files.md, sections "Subject statuses", "Eligibility", "Protocol deviations" and "Versions".
"""

import re
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from casebook.design import ApprovalForm, Criterion, DeviationForm, Expiry, MissedVisit, StatusRule, Text
from casebook.study_files.nodes import Faults, Node, Texts, load_file
from casebook.study_files.rules import read_rule
from casebook.study_files.visits import refuse_twice

ELIGIBILITY = "eligibility.toml"
ANCHORS = ("randomised_at", "consented_at", "discharged_at", "died_at", "withdrawn_at")
"""What the schedule and the statuses of visits rest on."""

USUAL_IDLE_MINUTES = 10
SHORTEST_IDLE_MINUTES = 2
LONGEST_IDLE_MINUTES = 30

_CRITERION = re.compile(r"[A-Z][A-Za-z0-9.]{0,7}")
_CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}")


def read_anchors(root: Node) -> dict[str, tuple[str, ...]]:
    """Read the items on which schedule and status rest, each the first of a list that has a value."""
    table = root.node("anchors")
    if table is None:
        return {}
    anchors = {name: table.names(name, required=True) for name in table.table if name in ANCHORS}
    table.finish()
    return anchors


def read_statuses(root: Node, statuses: Mapping[str, Text]) -> tuple[StatusRule, ...]:
    """Read when a subject has which status, the strongest first. Raises StudyFileError."""
    rules = []
    for node in root.nodes("status"):
        with root.faults.gather():
            name = node.text("name")
            one = node.at(name)
            if name not in statuses:
                one.fail(
                    f"statuses of [study] does not list {name}. Add it or correct the name.",
                    f"[study] 的 statuses 中没有 {name}。请补充或更正名称。",
                )
            when = one.node("when")
            rules.append(StatusRule(name=name, when=one.missing("when") if when is None else read_rule(when)))
            one.finish()
    with root.faults.gather():
        refuse_twice(root, [rule.name for rule in rules])
    return tuple(rules)


def read_deviations(root: Node) -> DeviationForm | None:
    """Read where protocol deviations are kept; None when the study keeps none. Raises StudyFileError."""
    one = root.node("deviations")
    if one is None:
        return None
    one = one.at("deviations")
    form = DeviationForm(
        form=one.text("form"),
        source=one.text("source"),
        reference=one.text("reference"),
        category=one.text("category"),
        severity=one.text("severity"),
        started=one.text("started"),
        discovered=one.text("discovered"),
        classified=one.text("classified"),
        missed=_read_raised(one, "missed"),
        unblinded=_read_raised(one, "unblinded"),
    )
    one.finish()
    return form


def _read_raised(deviations: Node, name: str) -> MissedVisit | None:
    raised = deviations.node(name)
    if raised is None:
        return None
    found = MissedVisit(category=raised.text("category"), severity=raised.text("severity"))
    raised.finish()
    return found


def read_approvals(root: Node) -> ApprovalForm | None:
    """Read where a site records approvals of versions; None when the study asks for none. Raises StudyFileError."""
    one = root.node("approvals")
    if one is None:
        return None
    one = one.at("approvals")
    form = ApprovalForm(
        form=one.text("form"),
        version=one.text("version"),
        approved=one.text("approved"),
        what=one.text("what", ""),
        design=one.text("design", ""),
    )
    if bool(form.what) != bool(form.design):
        one.fail(
            "what and design belong together: an item, and its code for the study. Give both or neither.",
            "what 与 design 须同时给出：项目，以及表示研究方案定义的代码。请同时填写或同时删除。",
        )
    one.finish()
    return form


def read_same(root: Node) -> tuple[tuple[str, ...], ...]:
    """Read which items tell one person from another; none where the study compares nobody. Raises StudyFileError."""
    one = root.node("subject")
    if one is None:
        return ()
    one = one.at("subject")
    given = one.get("same")
    sets = given if isinstance(given, list) else []
    named = tuple(_set_of_names(each) for each in sets)
    one.finish()
    if not named or not all(named):
        one.fail(
            'same is a list of lists of items, such as [["FORM:BIRTH", "FORM:SEX"]]. Correct it.',
            'same 是由项目列表组成的列表，例如 [["FORM:BIRTH", "FORM:SEX"]]。请更正。',
        )
    return named


def _set_of_names(given: object) -> tuple[str, ...]:
    """Return different texts of a list; none where it is no such list."""
    found = given if isinstance(given, list) else []
    names = tuple(dict.fromkeys(name for name in found if isinstance(name, str)))
    return names if len(names) == len(found) else ()


def read_idle_minutes(root: Node) -> int:
    """Read after how long without use a laptop locks itself, in minutes. Raises StudyFileError."""
    one = root.node("security")
    if one is None:
        return USUAL_IDLE_MINUTES
    one = one.at("security")
    minutes = one.integer("idle_minutes")
    one.finish()
    if minutes is None:
        return USUAL_IDLE_MINUTES
    if not SHORTEST_IDLE_MINUTES <= minutes <= LONGEST_IDLE_MINUTES:
        one.fail(
            f"idle_minutes lies between {SHORTEST_IDLE_MINUTES} and {LONGEST_IDLE_MINUTES}. Correct it.",
            f"idle_minutes 须在 {SHORTEST_IDLE_MINUTES} 到 {LONGEST_IDLE_MINUTES} 之间。请更正。",
        )
    return minutes


def read_eligibility(folder: Traversable, texts: Texts, faults: Faults) -> tuple[Criterion, ...]:
    """Read `eligibility.toml`, which a study may do without. Raises StudyFileError."""
    if not folder.joinpath(ELIGIBILITY).is_file():
        return ()
    root = load_file(folder, faults, ELIGIBILITY)
    criteria = []
    for node in root.nodes("criterion", required=True):
        with faults.gather():
            criteria.append(_read_criterion(node, texts))
    with faults.gather():
        refuse_twice(root, [one.id for one in criteria])
        refuse_twice(root, [one.code for one in criteria])
    root.finish()
    return tuple(criteria)


def _read_criterion(node: Node, texts: Texts) -> Criterion:
    name = node.text("id")
    one = node.at(name)
    code = one.text("code")
    if not _CRITERION.fullmatch(name) or not _CODE.fullmatch(code):
        one.fail(
            "a criterion has an id such as E8a and a code of at most 8 capitals and digits. Correct them.",
            "入排标准的编号形如 E8a，代码不超过 8 个大写字母和数字。请更正。",
        )
    rule, waived = one.node("rule"), one.node("waived_when")
    criterion = Criterion(
        id=name,
        code=code,
        label=texts.need(f"CRIT.{name}"),
        inclusion=one.choice("kind", ("inclusion", "exclusion")) == "inclusion",
        rule=one.missing("rule") if rule is None else read_rule(rule),
        facts=one.names("facts", required=True),
        needs=one.names("needs"),
        waived_when=None if waived is None else read_rule(waived),
        expiries=tuple(_read_expiry(expiry) for expiry in one.nodes("expiries")),
    )
    one.finish()
    if not criterion.facts:
        one.fail(
            "a criterion shows the facts that decide it. Name them under facts.",
            "入排标准须列出判定依据。请在 facts 中列出。",
        )
    if criterion.waived_when is not None and not criterion.needs:
        one.fail("waived_when needs needs. Add the items or remove it.", "waived_when 需要 needs。请补充项目或删除。")
    return criterion


def _read_expiry(node: Node) -> Expiry:
    minutes = node.integer("add_minutes")
    expiry = Expiry(
        item=node.text("item"),
        add_minutes=node.missing("add_minutes") if minutes is None else minutes,
        closes=node.flag("closes", default=True),
    )
    node.finish()
    return expiry
