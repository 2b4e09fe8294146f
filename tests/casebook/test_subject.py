"""One subject as a whole: references across forms, dates, status, deviations, eligibility."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from casebook.dependencies import plan_of
from casebook.design import (
    Criterion,
    DataType,
    DeviationForm,
    DeviationWhen,
    Expiry,
    MissedVisit,
    PlannedForm,
    RaisedDeviation,
    Severity,
    StatusRule,
    StudyDesign,
    VisitKind,
    Window,
)
from casebook.eligibility import Standing, judge
from casebook.instances import Instance
from casebook.records import ItemPath, Reading, VisitKey
from casebook.rule_kinds import (
    Answered,
    AnyOf,
    Compare,
    Exists,
    NoneOf,
    OneOf,
    Range,
)
from casebook.subject import ENTRY_TIME, Subject
from tests.casebook.made_study import (
    LOG,
    NOW,
    NUMBERS,
    RANDOMISED,
    at,
    check,
    fired,
    first,
    form,
    group,
    holds,
    item,
    read,
    shown,
    study,
    visit,
    words,
)
from tests.filled_study import SUBJECT

# -- references ------------------------------------------------------------------------------------------


def _asking(*names: str) -> StudyDesign:
    """Return a study whose form F.Q shows in Q0, Q1, ... what each name stands for."""
    asked = [item(f"Q{place}", derivation=first(name)) for place, name in enumerate(names)]
    return study(
        [NUMBERS, form("F.Q", group("IG.Q", item("X"), *asked))],
        [
            visit(
                "SE.V1",
                PlannedForm(form="F.N", need="x", occasion="ONE"),
                PlannedForm(form="F.N", need="x", occasion="TWO"),
                "F.Q",
            ),
            visit("SE.V2", "F.N", "F.Q"),
            visit("SE.EVT", "F.N", kind=VisitKind.EVENT),
        ],
    )


def test_reference_names_a_visit_an_occasion_both_or_the_latest() -> None:
    design = _asking("F.N:A", "F.N@SE.V1:A", "F.N/ONE:A", "F.N@SE.V1/TWO:A", "F.N@SE.V2:B")
    key = at("F.Q")
    subject = read(
        design,
        holds(design, key, X="1"),
        holds(design, at("F.N", repeat="TWO"), A="2"),
        holds(design, at("F.N", repeat="ONE"), A="1", B="9"),
        holds(design, at("F.N", "SE.V2"), A="3"),
    )
    assert [shown(subject, key, f"Q{place}") for place in range(5)] == ["3", "2", "1", "2", None]


def test_reference_passes_over_an_instance_without_a_value() -> None:
    design = _asking("F.N:B")
    subject = read(
        design,
        holds(design, at("F.N", repeat="ONE"), B="9"),
        holds(design, at("F.N", "SE.V2"), A="3"),
        holds(design, at("F.Q"), X="1"),
    )
    assert shown(subject, at("F.Q"), "Q0") == "9"


def test_events_are_ordered_by_their_own_dates() -> None:
    design = _asking("F.N@SE.EVT:A")
    late, early = at("F.N", "SE.EVT", "aaaaaaaaaaaaaaaa"), at("F.N", "SE.EVT", "zzzzzzzzzzzzzzzz")
    subject = read(
        design,
        holds(design, late, A="2", WHEN="2026-03-05T10:00+08:00"),
        holds(design, early, A="1", WHEN="2026-03-04T10:00+08:00"),
        holds(design, at("F.Q"), X="1"),
    )
    assert shown(subject, at("F.Q"), "Q0") == "2"
    assert subject.visited_at(late.visit, early) == datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def test_pseudo_items_tell_of_the_place_and_of_entry() -> None:
    design = _asking(
        "@visit", "@visited", "@previous_visited", "@begun:F.N", "@begun:F.N@SE.V2", "@entered:X", "@changed:X"
    )
    key = at("F.Q", "SE.V2")
    path = ItemPath(group="IG.Q", item="X")
    subject = read(
        design,
        replace(holds(design, key, X="1"), entered_at={path: NOW}, changed=frozenset({path})),
        holds(design, at("F.N", repeat="ONE"), WHEN="2026-03-04T10:00+08:00"),
    )
    assert [shown(subject, key, f"Q{place}") for place in range(7)] == [
        "SE.V2",
        None,
        "2026-03-04T10:00+08:00",
        "Y",
        "N",
        "2026-06-30T12:00+08:00",
        "Y",
    ]


def test_exists_looks_over_rows_and_back_at_where_the_rule_stands() -> None:
    design = study([LOG], [visit("SE.LOG", "F.LOG", kind=VisitKind.LOG)])
    key = at("F.LOG", "SE.LOG")
    subject = read(design, holds(design, key, NO__r1="1", LINK__r1="2", NO__r2="2", NO__r3="3", LINK__r3="7"))
    found = [(one.check, one.path.row) for one in subject.findings(key)]
    assert found == [("EC1", "r2"), ("EC2", "r3")]


def test_exists_over_no_instance_is_false() -> None:
    rule = NoneOf(rules=(Exists(form="F.LOG", where=Answered(item="NO")),))
    design = study(
        [LOG, form("F.X", group("IG.X", item("X")), checks=[check("EC3", "X", rule)])], [visit("SE.V1", "F.X")]
    )
    assert fired(read(design, holds(design, at("F.X"), X="1")), at("F.X")) == ["EC3"]


def test_item_that_is_not_asked_is_empty_for_other_forms_too() -> None:
    hidden = form("F.H", group("IG.H", item("ASK"), item("A", relevant_when=OneOf(item="ASK", values=("1",)))))
    design = study(
        [hidden, form("F.Q", group("IG.Q", item("Q0", derivation=first("F.H:A"))))], [visit("SE.V1", "F.H", "F.Q")]
    )
    for ask, expected in (("1", "5"), ("0", None)):
        subject = read(design, holds(design, at("F.H"), ASK=ask, A="5"), Instance(key=at("F.Q")))
        assert shown(subject, at("F.Q"), "Q0") == expected


def test_site_form_is_found_in_the_site_s_file() -> None:
    design = study(
        [NUMBERS, form("F.Q", group("IG.Q", item("Q0", derivation=first("F.N:A"))))],
        [visit("SE.SITE", "F.N", kind=VisitKind.SITE), visit("SE.V1", "F.Q")],
    )
    site = read(design, holds(design, at("F.N", "SE.SITE"), A="7"))
    subject = read(design, Instance(key=at("F.Q")), site=site)
    assert shown(subject, at("F.Q"), "Q0") == "7"


def _taken(known: set[tuple[str, str]], oid: str, value: str) -> bool:
    return (oid, value) in known


def test_duplicate_asks_whether_another_subject_has_the_value() -> None:
    marked = form(
        "F.D",
        group("IG.D", item("NO", unique=True)),
        checks=[check("EC4", "NO", OneOf(item="@duplicate:NO", values=("Y",)))],
    )
    design = study([marked], [visit("SE.V1", "F.D")])
    for known, expected in (({("I.NO", "1")}, ["EC4"]), ({("I.NO", "2")}, [])):
        subject = read(
            design,
            holds(design, at("F.D"), NO="1"),
            taken=partial(_taken, known),
        )
        assert fired(subject, at("F.D")) == expected


# -- forms that look back at each other -------------------------------------------------------------------


def test_values_that_wait_for_each_other_do_not_depend_on_who_is_asked_first() -> None:
    one = form("F.A", group("IG.A", item("A"), item("DA", derivation=first("F.B:DB", "A"))))
    two = form("F.B", group("IG.B", item("B"), item("DB", derivation=first("F.A:DA", "B"))))
    design = study([one, two], [visit("SE.V1", "F.A", "F.B")])
    assert plan_of(design).circle("F.A", "DA") == plan_of(design).circle("F.B", "DB") > 0
    forms = (holds(design, at("F.A"), A="1"), holds(design, at("F.B"), B="2"))
    expected = {"F.A": "1", "F.B": "2"}
    for order in (("F.A", "F.B"), ("F.B", "F.A")):
        subject = read(design, *forms)
        assert {oid: shown(subject, at(oid), f"D{oid[-1]}") for oid in order} == expected


def test_sign_off_counts_open_findings_of_other_forms_and_not_its_own_kind() -> None:
    closing = Compare(item="@open_hard", op="gt", value="0")
    one = form(
        "F.A",
        group("IG.A", item("A")),
        checks=[check("EC5", "A", Range(item="A", low=Decimal(10))), check("EC6", "A", closing)],
    )
    two = form(
        "F.B",
        group("IG.B", item("B")),
        checks=[check("EC6", "B", closing), check("EC7", "B", Answered(item="B"), Severity.SOFT)],
    )
    design = study([one, two], [visit("SE.V1", "F.A", "F.B")])
    subject = read(design, holds(design, at("F.A"), A="5"), holds(design, at("F.B"), B="1"))
    assert (fired(subject, at("F.A")), fired(subject, at("F.B"))) == (["EC5"], ["EC6", "EC7"])
    settled = replace(
        holds(design, at("F.A"), A="5"), confirmations={("EC5", ItemPath(group="IG.A", item="A")): (("5", "so"),)}
    )
    assert fired(read(design, settled, holds(design, at("F.B"), B="1")), at("F.B")) == ["EC7"]


# -- status, visits, deviations ----------------------------------------------------------------------------

BASE = form(
    "F.R",
    group(
        "IG.R",
        item("RAND", DataType.DATETIME),
        item("OUT", DataType.DATETIME),
        item("DIED", DataType.DATETIME),
        item("LEFT", DataType.DATETIME),
    ),
)
DEVIATIONS = form(
    "F.DV",
    group(
        "IG.DV",
        *(item(name, DataType.TEXT) for name in ("SRC", "REF", "CAT", "SEV")),
        item("ST", DataType.DATETIME),
        item("DIS", DataType.DATETIME),
        item("CLS", DataType.TEXT),
    ),
)
VISITS = (
    visit("SE.V1", "F.R"),
    visit("SE.V5", "F.N", window=Window(from_day=6, to_day=8, discharge_before=7)),
    visit("SE.EVT", "F.DV", kind=VisitKind.EVENT),
)


def _followed() -> StudyDesign:
    number = replace(
        NUMBERS,
        checks=(
            check(
                "EC8",
                "A",
                Range(item="A", low=Decimal(10)),
                deviation=RaisedDeviation(category="X", severity="MINOR", when=DeviationWhen.FIRES),
            ),
            check(
                "EC9",
                "B",
                Answered(item="B"),
                deviation=RaisedDeviation(category="Y", severity="MAJOR", when=DeviationWhen.CONFIRMED),
            ),
        ),
    )
    anchors = {
        "randomised_at": ("F.R:RAND",),
        "discharged_at": ("F.R:OUT",),
        "died_at": ("F.R:DIED",),
        "withdrawn_at": ("F.R:LEFT",),
    }
    plan = DeviationForm(
        form="F.DV",
        source="SRC",
        reference="REF",
        category="CAT",
        severity="SEV",
        started="ST",
        discovered="DIS",
        classified="CLS",
        missed=MissedVisit(category="VISIT", severity="MINOR"),
    )
    return replace(study([BASE, number, DEVIATIONS], VISITS), anchors=anchors, deviations=plan)


@pytest.mark.parametrize(
    ("also", "opens", "status"),
    [
        ({}, "2026-03-07", "MISSED"),
        ({"OUT": "2026-03-04T15:00+08:00"}, "2026-03-03", "MISSED"),
        ({"OUT": "2026-03-04T15:00+08:00", "DIED": "2026-03-04T15:00+08:00"}, "2026-03-07", "NA_DEAD"),
        ({"OUT": "2026-03-04T--:--+08:00", "DIED": "2026-03-04T--:--+08:00"}, "2026-03-07", "NA_DEAD"),
        ({"OUT": "2026-03-04T09:00+08:00", "DIED": "2026-03-20T--:--+08:00"}, "2026-03-03", "MISSED"),
        ({"LEFT": "2026-03-05T--:--+08:00"}, "2026-03-07", "NA_WITHDRAWN"),
    ],
)
def test_discharge_alive_moves_a_visit_and_a_death_in_hospital_does_not(
    also: Mapping[str, str], opens: str, status: str
) -> None:
    design = _followed()
    subject = read(design, holds(design, at("F.R"), RAND=RANDOMISED, **also))
    bounds = subject.window(design.visit("SE.V5"))
    assert bounds is not None
    assert (bounds.opens.date().isoformat(), subject.visit_status(design.visit("SE.V5"), VisitKey(visit="SE.V5"))) == (
        opens,
        status,
    )


def test_visit_with_entries_but_no_date_is_not_missed() -> None:
    design = _followed()
    subject = read(design, holds(design, at("F.R"), RAND=RANDOMISED), holds(design, at("F.N", "SE.V5"), A="20"))
    assert subject.visit_status(design.visit("SE.V5"), VisitKey(visit="SE.V5")) == ""


def test_status_is_the_first_rule_that_holds_else_the_first_status() -> None:
    rules = (
        StatusRule(name="dead", when=Answered(item="F.R:DIED")),
        StatusRule(name="randomised", when=Answered(item="F.R:RAND")),
    )
    design = replace(
        _followed(), statuses={"screened": words("s"), "randomised": words("r"), "dead": words("d")}, status_rules=rules
    )
    assert read(design).status == "screened"
    assert read(design, holds(design, at("F.R"), RAND=RANDOMISED)).status == "randomised"
    assert read(design, holds(design, at("F.R"), RAND=RANDOMISED, DIED=RANDOMISED)).status == "dead"


def test_planned_form_applies_once_its_condition_holds() -> None:
    planned = PlannedForm(form="F.N", need="x", when=Answered(item="F.R:RAND"))
    design = study([BASE, NUMBERS], [visit("SE.V1", "F.R", planned)])
    assert [one.form for one in read(design).planned(design.visit("SE.V1"))] == ["F.R"]
    subject = read(design, holds(design, at("F.R"), RAND=RANDOMISED))
    assert [one.form for one in subject.planned(design.visit("SE.V1"))] == ["F.R", "F.N"]


def test_deviations_follow_from_checks_confirmations_and_missed_visits_until_they_are_recorded() -> None:
    design = _followed()
    key = at("F.N", repeat="x")
    said = {("EC9", ItemPath(group="IG.N", item="B")): (("4", "it was so"),)}
    number = replace(holds(design, key, A="5", B="4", WHEN="2026-03-02T09:00+08:00"), confirmations=said)
    randomised = replace(
        holds(design, at("F.R"), RAND=RANDOMISED),
        entered_at={ItemPath(group="IG.R", item="RAND"): datetime(2026, 3, 1, 3, 0, tzinfo=UTC)},
    )
    forms = (randomised, number)
    due = read(design, *forms).deviations()
    assert [(one.source, one.category, one.severity) for one in due] == [
        ("EC8", "X", "MINOR"),
        ("EC9", "Y", "MAJOR"),
        ("MISSED", "VISIT", "MINOR"),
    ]
    written = {path.item: reading.value for path, reading in due[0].values}
    assert written == {
        "SRC": "EC8",
        "REF": "SE.V1 F.N/x A",
        "CAT": "X",
        "SEV": "MINOR",
        "ST": "2026-03-02T09:00+08:00",
        "DIS": "2026-06-30T12:00+08:00",
    }
    recorded = Instance(key=due[0].key, readings=dict(due[0].values))
    assert [one.source for one in read(design, *forms, recorded).deviations()] == ["EC9", "MISSED"]
    assert [one.key for one in read(design, *reversed(forms)).deviations()] == [one.key for one in due]
    unsaid = replace(number, confirmations={})
    assert [one.source for one in read(design, forms[0], unsaid).deviations()] == ["EC8", "MISSED"]


def test_missed_visit_waits_for_entry_before_it_is_a_deviation() -> None:
    design = _followed()
    path = ItemPath(group="IG.R", item="RAND")
    base = holds(design, at("F.R"), RAND=RANDOMISED)
    entered_late = replace(base, entered_at={path: NOW})
    assert read(design, entered_late).deviations() == ()
    in_time = replace(base, entered_at={path: datetime(2026, 3, 1, 3, 0, tzinfo=UTC)})
    closes = datetime(2026, 3, 9, 15, 59, tzinfo=UTC)
    for now, expected in ((closes + ENTRY_TIME, 0), (closes + ENTRY_TIME + timedelta(minutes=1), 1)):
        subject = Subject(design=design, id=SUBJECT, instances={base.key: in_time}, now=now)
        assert len(subject.deviations()) == expected


# -- eligibility --------------------------------------------------------------------------------------------


def test_criterion_is_unknown_without_what_it_needs_unless_it_is_waived() -> None:
    rule = AnyOf(rules=(Compare(item="F.L:INR", op="gt", value="2"), OneOf(item="F.L:TEND", values=("Y",))))
    criterion = Criterion(
        id="E8c",
        code="EXCL08C",
        label=words("bleeding"),
        inclusion=False,
        rule=rule,
        facts=("F.L:INR", "F.L:TEND"),
        needs=("F.L:INR",),
        waived_when=OneOf(item="F.L:SUSP", values=("N",)),
        expiries=(Expiry(item="F.L:AT", add_minutes=60), Expiry(item="F.L:AT", add_minutes=30, closes=False)),
    )

    def state(**facts: str) -> Standing:
        found = judge([criterion], lambda name: Reading(value=facts.get(name.partition(":")[2])))
        return found.criteria[0].state

    assert state(INR="2.5") is Standing.NOT_MET
    assert state(INR="1", TEND="N") is Standing.MET
    assert state(TEND="N") is Standing.UNKNOWN
    assert state(TEND="N", SUSP="N") is Standing.MET
    assert state(TEND="Y") is Standing.NOT_MET
    assert state(SUSP="N") is Standing.UNKNOWN
    times = judge([criterion], lambda name: Reading(value=RANDOMISED if name == "F.L:AT" else None)).criteria[0]
    start = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert (times.closes_at, times.opens_at) == (start + timedelta(minutes=60), start + timedelta(minutes=30))
