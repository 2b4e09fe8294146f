"""Haemorrhage, symptomatic haemorrhage, the course of the NIHSS and the end of follow-up, worked out by hand."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from casebook.records import Reading
from casebook.scores import DERIVATIONS, RULES
from casebook.scores.safety import Bleeding, Symptomatic, heidelberg_of, symptomatic_of

Column = list[str | None]
RANDOMISED = "2026-03-01T10:00+08:00"


def readings(values: Column) -> list[Reading]:
    return [Reading(value=value) for value in values]


def derived(name: str, *values: str | None, columns: tuple[Column, ...] = ()) -> str | None:
    assert DERIVATIONS[name].takes(len(values), len(columns))
    return DERIVATIONS[name].function(readings([*values]), [readings(one) for one in columns])


def fires(name: str, *values: str | None, columns: tuple[Column, ...] = ()) -> bool | None:
    assert RULES[name].takes(len(values), len(columns))
    return RULES[name].function(readings([*values]), [readings(one) for one in columns])


# -- Heidelberg ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finding", "grade"),
    [
        ("HI1", "1a"),
        ("HI2", "1b"),
        ("PH1", "1c"),
        ("PH2", "2"),
        ("PHr1", "3a"),
        ("PHr2", "3a"),
        ("IVH", "3b"),
        ("SAH", "3c"),
        ("SDH", "3d"),
        ("NONE", None),
    ],
)
def test_each_finding_has_its_heidelberg_class(finding: str, grade: str | None) -> None:
    assert heidelberg_of([finding]) == grade
    assert derived("heidelberg_headline", finding) == grade
    assert derived("heidelberg_classes", finding) == grade


def test_headline_is_the_most_severe_finding_in_the_order_of_the_specification() -> None:
    order = ["PH2", "PH1", "PHr2", "IVH", "SAH", "SDH", "HI2", "HI1"]
    for place, finding in enumerate(order):
        assert derived("heidelberg_headline", " ".join(reversed(order[place:]))) == heidelberg_of([finding])
    assert derived("heidelberg_classes", "HI2 PH2 IVH") == "1b 2 3b"
    assert derived("heidelberg_headline", None) is None


@pytest.mark.parametrize(
    ("findings", "reported", "expected"),
    [
        ("PH2", "1c", True),
        ("PH2", "2", False),
        ("HI2 IVH", "3b", False),
        ("HI2 IVH", "1b 3b", False),
        ("HI2 IVH", "1b", True),
        ("NONE", "1a", True),
        ("PH2", None, None),
        (None, "2", None),
    ],
)
def test_reported_class_is_held_against_the_findings(
    findings: str | None, reported: str | None, *, expected: bool | None
) -> None:
    assert fires("heidelberg_disagrees", findings, reported) is expected


# -- symptomatic haemorrhage -------------------------------------------------------------------------------

QUIET = Bleeding(
    new=True,
    findings=("HI1",),
    imaging_hours=Fraction(24),
    baseline=9,
    lowest_24h=9,
    lowest_7d=9,
    before=9,
    worst=9,
    item_rise=0,
    intervention=False,
    alternative=False,
    predominant=False,
    decline=False,
    death=False,
)
DEFINITIONS = ("heidelberg", "sits_most", "ecass2", "ecass3", "ninds")


def holding(bleeding: Bleeding) -> set[str]:
    found = symptomatic_of(bleeding)
    assert all(getattr(found, name) is not None for name in DEFINITIONS)
    return {name for name in DEFINITIONS if getattr(found, name)}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set()),
        ({"worst": 13}, {"heidelberg", "ecass2"}),
        ({"worst": 12}, set()),
        ({"findings": ("PH2",), "worst": 13}, {"heidelberg", "sits_most", "ecass2"}),
        ({"findings": ("PHr2",), "worst": 13}, {"heidelberg", "sits_most", "ecass2"}),
        ({"findings": ("PH1",), "worst": 13}, {"heidelberg", "ecass2"}),
        ({"findings": ("HI1", "PH2"), "worst": 13}, {"heidelberg", "sits_most", "ecass2"}),
        ({"worst": 12, "item_rise": 2}, {"heidelberg"}),
        ({"worst": 12, "item_rise": 1}, set()),
        ({"intervention": True}, {"heidelberg"}),
        ({"intervention": True, "alternative": True}, set()),
        ({"worst": 13, "alternative": True}, {"ecass2"}),
        ({"worst": 13, "predominant": True}, {"heidelberg", "ecass2", "ecass3"}),
        ({"predominant": True}, set()),
        ({"decline": True}, {"ninds"}),
        ({"decline": True, "imaging_hours": Fraction(36)}, {"ninds"}),
        ({"decline": True, "imaging_hours": 36 + Fraction(1, 60)}, set()),
        ({"findings": ("PH2",), "worst": 13, "imaging_hours": Fraction(36)}, {"heidelberg", "sits_most", "ecass2"}),
        ({"findings": ("PH2",), "worst": 13, "imaging_hours": 36 + Fraction(1, 60)}, {"heidelberg", "ecass2"}),
        ({"worst": 13, "imaging_hours": Fraction(168)}, {"heidelberg", "ecass2"}),
        ({"worst": 13, "imaging_hours": 168 + Fraction(1, 60)}, {"heidelberg"}),
        ({"death": True}, {"ecass2"}),
        ({"findings": ("PH2",), "death": True, "predominant": True}, {"sits_most", "ecass2", "ecass3"}),
        ({"lowest_24h": 5, "lowest_7d": 5}, {"ecass2"}),
        ({"findings": ("PH2",), "lowest_24h": 5, "lowest_7d": 5}, {"sits_most", "ecass2"}),
        ({"findings": ("PH2",), "lowest_7d": 5}, {"ecass2"}),
        ({"lowest_24h": None, "lowest_7d": None, "before": 10, "worst": 13}, {"ecass2"}),
        ({"new": False, "worst": 20, "death": True, "decline": True, "intervention": True}, set()),
        ({"findings": ("NONE",), "worst": 20, "decline": True}, set()),
        ({"findings": (), "worst": 20, "decline": True}, set()),
    ],
)
def test_definitions_hold_exactly_where_section_2_7_says(changed: dict[str, Any], expected: set[str]) -> None:
    assert holding(replace(QUIET, **changed)) == expected


def test_scores_that_could_not_be_taken_leave_intervention_and_death_only() -> None:
    unscored = replace(QUIET, findings=("PH2",), worst=None, item_rise=None)
    assert holding(unscored) == set()
    assert holding(replace(unscored, intervention=True)) == {"heidelberg"}
    assert holding(replace(unscored, death=True)) == {"sits_most", "ecass2"}


def test_scores_that_may_still_come_leave_the_answer_open() -> None:
    waiting = replace(QUIET, findings=("PH2",), worst=None, item_rise=None, open_scores=True)
    assert symptomatic_of(waiting) == Symptomatic(
        heidelberg=None, sits_most=None, ecass2=None, ecass3=False, ninds=False
    )
    assert symptomatic_of(replace(waiting, intervention=True)).heidelberg is True
    assert symptomatic_of(replace(waiting, alternative=True)).heidelberg is False


FLAGS = ("sich_heidelberg", "sich_sits_most", "sich_ecass2", "sich_ecass3", "sich_ninds")
FACTS = {
    "new": "Y",
    "findings": "PH2",
    "randomised": "2026-03-01T10:00+08:00",
    "imaged": "2026-03-02T10:00+08:00",
    "baseline": "9",
    "lowest_24h": "9",
    "lowest_7d": "9",
    "before": "9",
    "worst": "13",
    "item": "1",
    "intervention": "NONE",
    "alternative": "N",
    "predominant": "Y",
    "decline": "N",
    "death": "N",
    "unscored": None,
}


def flags(**changed: str | None) -> list[str | None]:
    facts: dict[str, str | None] = FACTS | changed
    return [derived(name, *facts.values()) for name in FLAGS]


def test_flags_of_the_form_follow_the_definitions() -> None:
    assert flags() == ["Y"] * 5
    assert flags(worst="9", item="0") == ["N"] * 5
    assert flags(worst="9", item="0", decline="Y") == ["N", "N", "N", "N", "Y"]
    assert flags(worst="9", item="0", intervention="INTUBATION EVD") == ["Y", "N", "N", "N", "N"]
    assert flags(worst=None, item=None) == [None] * 4 + ["N"]
    assert flags(worst=None, item=None, unscored="Y") == ["N"] * 5
    assert flags(imaged="2026-03-02T22:00+08:00")[4] == "Y"
    assert flags(imaged="2026-03-02T22:01+08:00") == ["Y", "N", "Y", "Y", "N"]
    assert flags(imaged="2026-03-02T--:--+08:00") == ["Y", None, None, None, None]


@pytest.mark.parametrize(
    ("flag", "imaged", "expected"),
    [
        ("Y", "2026-03-03T10:00+08:00", "Y"),
        ("Y", "2026-03-03T10:01+08:00", "N"),
        ("N", "2026-03-03T10:00+08:00", "N"),
        (None, "2026-03-03T10:00+08:00", None),
        (None, "2026-03-03T10:01+08:00", "N"),
    ],
)
def test_sich48_needs_the_image_within_48_hours(flag: str | None, imaged: str, expected: str | None) -> None:
    assert derived("sich_within_48h", flag, "2026-03-01T10:00+08:00", imaged) == expected


@pytest.mark.parametrize(
    ("died", "cause", "expected"),
    [
        (None, None, "N"),
        ("2026-03-09T10:00+08:00", "PNEUMONIA", "Y"),
        ("2026-03-09T10:01+08:00", "PNEUMONIA", "N"),
        ("2026-03-09T10:01+08:00", "ICH", "Y"),
        ("2026-03-09T--:--+08:00", "PNEUMONIA", None),
    ],
)
def test_death_counts_by_the_haemorrhage_or_within_seven_days(
    died: str | None, cause: str | None, expected: str | None
) -> None:
    assert derived("death_after_bleeding", "2026-03-02T10:00+08:00", died, cause) == expected


def test_finding_is_that_of_the_image_at_the_same_time() -> None:
    images: tuple[Column, ...] = ([RANDOMISED, "2026-03-02T10:00+08:00", None], ["NONE", "PH1 IVH", "HI1"])
    assert derived("finding_of_image", "2026-03-02T10:00+08:00", columns=images) == "PH1 IVH"
    assert derived("finding_of_image", "2026-03-02T10:01+08:00", columns=images) is None
    assert derived("finding_of_image", None, columns=images) is None


def test_infarct_grows_by_its_difference_from_the_core() -> None:
    assert derived("volume_growth", "18.5", "40.2") == "21.7"
    assert derived("volume_growth", "18.5", "10") == "-8.5"
    assert derived("volume_growth", None, "10") is None


# -- the course of the NIHSS --------------------------------------------------------------------------------

TIMES: Column = [
    "2026-02-27T12:00+08:00",
    "2026-03-01T09:00+08:00",
    "2026-03-01T20:00+08:00",
    "2026-03-02T10:00+08:00",
    "2026-03-02T15:00+08:00",
    "2026-03-03T10:00+08:00",
    None,
]
TOTALS: Column = ["3", "9", "5", "6", "14", "11", None]
WORSENED = "2026-03-02T14:00+08:00"


def course(name: str, *values: str | None, times: Column | None = None) -> str | None:
    return derived(name, *values, columns=(times or TIMES, TOTALS))


def test_scores_around_a_worsening_are_taken_from_the_assessments() -> None:
    assert course("nihss_before", WORSENED) == "6"
    assert course("nihss_first_after", WORSENED) == "14"
    assert course("nihss_worst", WORSENED) == "14"
    assert course("nihss_worst", "2026-03-02T15:00+08:00") == "14"
    assert course("nihss_worst", "2026-03-02T15:01+08:00") == "11"
    assert course("nihss_worst", "2026-03-03T10:01+08:00") is None
    assert course("nihss_before", "2026-02-27T12:00+08:00") is None
    assert course("nihss_before", None) is None


def test_lowest_score_lies_between_randomisation_and_worsening() -> None:
    assert course("nihss_lowest_24h", RANDOMISED, WORSENED) == "5"
    assert course("nihss_lowest_7d", RANDOMISED, WORSENED) == "5"
    assert course("nihss_lowest_24h", RANDOMISED, "2026-03-01T20:00+08:00") is None
    late = "2026-03-09T00:00+08:00"
    assert course("nihss_lowest_24h", "2026-03-01T20:01+08:00", late) == "6"
    assert course("nihss_lowest_24h", "2026-03-01T09:59+08:00", "2026-03-02T10:01+08:00") == "5"
    assert derived("nihss_lowest_24h", RANDOMISED, late, columns=([late[:11] + "00:00+08:00"], ["1"])) is None
    edge: tuple[Column, ...] = (["2026-03-02T10:00+08:00"], ["4"])
    assert derived("nihss_lowest_24h", RANDOMISED, late, columns=edge) == "4"
    past: tuple[Column, ...] = (["2026-03-02T10:01+08:00"], ["4"])
    assert derived("nihss_lowest_24h", RANDOMISED, late, columns=past) is None
    assert derived("nihss_lowest_7d", RANDOMISED, late, columns=past) == "4"


def test_assessment_that_cannot_be_placed_leaves_the_answer_open() -> None:
    doubtful: Column = [*TIMES[:4], "2026-03-02T--:--+08:00", *TIMES[5:]]
    assert course("nihss_worst", WORSENED, times=doubtful) is None
    assert course("nihss_worst", "2026-03-03T09:00+08:00", times=doubtful) == "11"
    undated: Column = [*TIMES[:4], None, *TIMES[5:]]
    assert course("nihss_worst", WORSENED, times=undated) is None


def test_largest_rise_of_one_item_counts_from_the_score_immediately_before() -> None:
    times: Column = ["2026-03-02T08:00+08:00", "2026-03-02T10:00+08:00", "2026-03-02T15:00+08:00"]
    arm: Column = ["0", "1", "3"]
    leg: Column = ["0", "UN", "4"]
    rest: Column = ["0", "0", "1"]
    columns: tuple[Column, ...] = (times, ["0", "2", "9"], arm, leg, *[rest] * 13)
    assert derived("nihss_item_rise", WORSENED, columns=columns) == "2"
    assert derived("nihss_item_rise", "2026-03-02T16:00+08:00", columns=columns) is None


def test_change_counts_from_the_score_before_randomisation() -> None:
    assert derived("nihss_change", "9", "6") == "-3"
    assert derived("nihss_change", None, "6") is None


@pytest.mark.parametrize(
    ("at", "total", "expected"),
    [
        ("2026-03-02T15:00+08:00", "9", "Y"),
        ("2026-03-02T15:00+08:00", "8", "N"),
        ("2026-03-02T20:00+08:00", "9", "Y"),
        ("2026-03-02T20:01+08:00", "9", "N"),
        ("2026-03-01T09:00+08:00", "9", None),
        ("2026-03-01T20:00+08:00", "12", "N"),
        ("2026-03-02T15:00+08:00", None, None),
    ],
)
def test_post_end_is_a_rise_of_four_within_a_day_after_randomisation(
    at: str, total: str | None, expected: str | None
) -> None:
    earlier: tuple[Column, ...] = (["2026-03-01T09:30+08:00", "2026-03-01T20:00+08:00"], ["2", "5"])
    assert derived("post_end", at, total, RANDOMISED, columns=earlier) == expected


PROGRESSED = "2026-02-28T20:00+08:00"


def jump(at: str, total: str, events: tuple[Column, ...] = ([], [], [])) -> bool | None:
    return fires("nihss_jump_unexplained", at, total, columns=(TIMES, TOTALS, *events, [PROGRESSED]))


def test_rise_of_eight_without_an_event_is_questioned() -> None:
    assert jump("2026-03-02T15:00+08:00", "14") is True
    assert jump("2026-03-02T15:00+08:00", "13") is False
    assert jump("2026-03-01T20:00+08:00", "1") is False
    assert jump("2026-02-27T12:00+08:00", "30") is False
    assert jump("2026-03-01T09:00+08:00", "11") is False


@pytest.mark.parametrize("place", range(3))
def test_event_explains_a_rise_from_the_score_before_to_a_day_after(place: int) -> None:
    def events(moment: str) -> tuple[Column, ...]:
        return tuple([moment] if place == number else [] for number in range(3))

    at = "2026-03-02T15:00+08:00"
    assert jump(at, "14", events("2026-03-02T10:00+08:00")) is False
    assert jump(at, "14", events("2026-03-02T09:59+08:00")) is True
    assert jump(at, "14", events("2026-03-03T15:00+08:00")) is False
    assert jump(at, "14", events("2026-03-03T15:01+08:00")) is True
    assert jump(at, "14", events("2026-03-02T--:--+08:00")) is False


# -- follow-up and end --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visit", "died", "expected"),
    [
        ("2026-05-30T10:00+08:00", "2026-05-30T10:00+08:00", "6"),
        ("2026-05-30T10:00+08:00", "2026-05-30T10:01+08:00", None),
        ("2026-05-30T10:00+08:00", "2026-05-30T--:--+08:00", None),
        ("2026-05-30T10:00+08:00", "2026-05-29T--:--+08:00", "6"),
        ("2026-05-30T10:00+08:00", None, None),
        (None, "2026-05-29T10:00+08:00", None),
    ],
)
def test_death_by_the_visit_proposes_six(visit: str | None, died: str | None, expected: str | None) -> None:
    assert derived("mrs_proposed", visit, died) == expected


def test_outcome_is_the_coordinators_six_then_the_consensus_then_the_assessors_grade() -> None:
    assert derived("mrs_90_days", "6", None, None) == "6"
    assert derived("mrs_90_days", "6", "2", "3") == "6"
    assert derived("mrs_90_days", "4", "2", "3") == "2"
    assert derived("mrs_90_days", None, None, "3") == "3"
    assert derived("mrs_90_days", "4", None, None) is None


@pytest.mark.parametrize(
    ("before", "now", "better", "worse"),
    [("4", "1", True, False), ("4", "2", False, False), ("1", "4", False, True), ("1", "3", False, False)],
)
def test_grades_leap_by_three(before: str, now: str, *, better: bool, worse: bool) -> None:
    assert fires("mrs_leaps_better", before, now) is better
    assert fires("mrs_leaps_worse", before, now) is worse
    assert fires("mrs_leaps_worse", None, now) is None


def test_nothing_answered_yes_counts_empty_and_no_alike() -> None:
    assert fires("none_is_yes", "N", None) is True
    assert fires("none_is_yes", None, "Y") is False


def attempts(*rows: tuple[str | None, str, str]) -> tuple[Column, ...]:
    return ([one[0] for one in rows], [one[1] for one in rows], [one[2] for one in rows])


FIRST = ("2026-05-28T10:00+08:00", "PHONE", "PATIENT")
SECOND = ("2026-05-29T10:00+08:00", "PHONE", "RELATIVE")
THIRD = ("2026-05-30T10:00+08:00", "VISIT", "OTHER")


@pytest.mark.parametrize(
    ("ours", "theirs", "days", "sufficient"),
    [
        ((), (), None, None),
        ((FIRST, SECOND), (), "2", "N"),
        ((FIRST, SECOND), (THIRD,), "3", "Y"),
        ((FIRST, SECOND, ("2026-05-29T18:00+08:00", "PHONE", "PATIENT")), (), "2", "N"),
        ((FIRST, THIRD), (("2026-06-01T10:00+08:00", "PHONE", "PATIENT"),), "3", "N"),
        (tuple((one[0], "LETTER", one[2]) for one in (FIRST, SECOND, THIRD)), (), "3", "N"),
        (((None, "PHONE", "PATIENT"),), (), None, None),
    ],
)
def test_contact_was_tried_on_three_days_by_telephone_and_a_relative(
    ours: tuple[tuple[str | None, str, str], ...],
    theirs: tuple[tuple[str | None, str, str], ...],
    days: str | None,
    sufficient: str | None,
) -> None:
    columns = (*attempts(*theirs), *attempts(*ours))
    assert derived("contact_days", columns=columns) == days
    assert derived("contact_sufficient", columns=columns) == sufficient


def test_scopes_withdrawn_are_those_of_all_consent_forms() -> None:
    assert (
        derived("scopes_withdrawn", columns=(["SAMPLE_USE", None, "TREATMENT SAMPLE_USE"],)) == "TREATMENT SAMPLE_USE"
    )
    assert derived("scopes_withdrawn", columns=([None],)) is None


@pytest.mark.parametrize(
    ("admitted", "discharged", "days"),
    [
        ("2026-03-01T10:00+08:00", "2026-03-08T09:00+08:00", "7"),
        ("2026-03-01T10:00+08:00", "2026-03-01T20:00+08:00", "1"),
        ("2026-03-01T--:--+08:00", "2026-03-02", "1"),
        ("2026-03-02T10:00+08:00", "2026-03-01T20:00+08:00", None),
        (None, "2026-03-01T20:00+08:00", None),
    ],
)
def test_days_in_hospital_follow_the_wall_calendar(admitted: str | None, discharged: str, days: str | None) -> None:
    assert derived("days_in_hospital", admitted, discharged) == days


def test_time_of_death_is_known_or_not() -> None:
    assert derived("time_unknown", "2026-03-01T--:--+08:00") == "Y"
    assert derived("time_unknown", "2026-03-01T10:00+08:00") == "N"
    assert derived("time_unknown", None) is None
