from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.records import EMPTY, MissingCode, Reading
from casebook.scores import DERIVATIONS, RULES, procedure
from casebook.scores.procedure import ETICI_GRADES, ETICI_ORDER, reperfusion_of

Value = str | None


def readings(*values: Value) -> list[Reading]:
    return [EMPTY if value is None else Reading(value=value) for value in values]


def derived(name: str, *values: Value, columns: tuple[tuple[Value, ...], ...] = ()) -> str | None:
    assert DERIVATIONS[name].takes(len(values), len(columns))
    return DERIVATIONS[name].function(readings(*values), [readings(*column) for column in columns])


def fires(name: str, *values: Value, columns: tuple[tuple[Value, ...], ...] = ()) -> bool | None:
    assert RULES[name].takes(len(values), len(columns))
    return RULES[name].function(readings(*values), [readings(*column) for column in columns])


# -- grades --------------------------------------------------------------------------------------------

GRADES = [  # eTICI, mTICI, successful, near complete (section 2.4)
    ("0", "0", "N", "N"),
    ("1", "1", "N", "N"),
    ("2a", "2a", "N", "N"),
    ("2b50", "2b", "Y", "N"),
    ("2b67", "2b", "Y", "N"),
    ("2c", "2b", "Y", "Y"),
    ("3", "3", "Y", "Y"),
    ("2b", "2b", "Y", "N"),
]


@pytest.mark.parametrize(("etici", "mtici", "success", "near"), GRADES)
def test_grade_maps_to_mtici_and_its_two_dichotomies(etici: str, mtici: str, success: str, near: str) -> None:
    assert derived("mtici_grade", etici) == mtici
    assert derived("reperfusion_successful", etici) == success
    assert derived("reperfusion_near_complete", etici) == near


@pytest.mark.parametrize("name", ["mtici_grade", "reperfusion_successful", "reperfusion_near_complete"])
@pytest.mark.parametrize("no_grade", [None, "", "4", "2B50", "2d"])
def test_what_is_no_grade_derives_nothing(name: str, no_grade: Value) -> None:
    assert derived(name, no_grade) is None


def test_grades_are_ordered_from_none_to_complete() -> None:
    assert ETICI_ORDER == ("0", "1", "2a", "2b50", "2b67", "2c", "3")


def test_dichotomies_never_fall_as_the_grade_rises() -> None:
    found = [reperfusion_of(grade, None, None) for grade in ETICI_ORDER]
    for worse, better in pairwise(one for one in found if one is not None):
        assert worse.successful <= better.successful
        assert worse.near_complete <= better.near_complete


# -- first-pass effect -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("etici", "passes", "rescue", "effect"),
    [
        ("2c", "1", "NONE", "Y"),
        ("3", "1", "N", "Y"),
        ("3", "1", "Y", "N"),
        ("3", "2", "NONE", "N"),
        ("3", "0", "NONE", "N"),
        ("2b67", "1", "NONE", "N"),
        ("2b", "1", "NONE", "N"),
        ("3", "1", "STENT", "N"),
        ("3", "1", "BALLOON GPI", "N"),
        ("3", "1", None, None),
        ("3", None, "NONE", None),
        ("3", "2", None, "N"),
        ("2a", None, None, "N"),
        (None, "1", "NONE", None),
        ("4", "1", "NONE", None),
    ],
)
def test_first_pass_effect_is_one_pass_near_complete_without_rescue(
    etici: Value, passes: Value, rescue: Value, effect: str | None
) -> None:
    assert derived("first_pass_effect", etici, passes, rescue) == effect


@given(st.sampled_from(ETICI_GRADES), st.integers(0, 20), st.sampled_from(["NONE", "N", "Y", "STENT"]))
def test_first_pass_effect_implies_near_complete_and_successful(etici: str, passes: int, rescue: str) -> None:
    found = reperfusion_of(etici, Decimal(passes), [rescue])
    assert found is not None
    if found.first_pass_effect:
        assert found.near_complete
        assert found.successful
        assert passes == 1


# -- passes --------------------------------------------------------------------------------------------

LOG = ("STENT_RETRIEVER", "COMBINED", "ASPIRATION", "ANGIOPLASTY", "STENT", "IA_LYSIS", "IA_TIROFIBAN")


def test_pass_log_counts_a_combined_pass_once_and_no_balloon_stent_or_drug() -> None:
    assert derived("passes_in_log", columns=(LOG,)) == "3"
    assert derived("passes_in_log", columns=((),)) == "0"
    assert derived("passes_in_log", columns=(("ASPIRATION", None),)) is None


@pytest.mark.parametrize(
    ("name", "right"),
    [("total_passes_differ", 3), ("retriever_passes_differ", 2), ("aspiration_passes_differ", 2)],
)
def test_totals_are_compared_with_the_log(name: str, right: int) -> None:
    assert fires(name, str(right), columns=(LOG,)) is False
    assert fires(name, str(right - 1), columns=(LOG,)) is True
    assert fires(name, str(right + 1), columns=(LOG,)) is True
    assert fires(name, None, columns=(LOG,)) is None
    assert fires(name, str(right), columns=((*LOG, None),)) is None
    assert fires(name, "0", columns=((),)) is False
    assert fires(name, "1", columns=((),)) is True


@pytest.mark.parametrize(
    ("final", "reocclusion", "log", "answer"),
    [
        ("2b67", "N", ("1", "2c"), True),
        ("2b67", None, ("1", "2c"), True),
        ("2b67", "Y", ("1", "2c"), False),
        ("2c", "N", ("1", "2c"), False),
        ("3", "N", ("1", "2c"), False),
        ("2b", "N", ("2b67", "2c"), False),
        ("2b", "N", ("3",), True),
        ("2a", "N", ("2b",), True),
        ("2b50", "N", ("2b",), False),
        ("2c", "N", (None,), False),
        ("2c", "N", (), False),
        (None, "N", ("3",), None),
    ],
)
def test_reperfusion_is_lost_when_the_log_was_better_than_the_end(
    final: Value, reocclusion: Value, log: tuple[Value, ...], *, answer: bool | None
) -> None:
    assert fires("reperfusion_lost", final, reocclusion, columns=(log,)) is answer


# -- times ---------------------------------------------------------------------------------------------

ORDER = [f"2026-03-01T{hour:02}:00+08:00" for hour in range(8, 16)]


def test_times_in_order_and_equal_times_are_in_order() -> None:
    assert fires("procedure_order_broken", *ORDER) is False
    assert fires("procedure_order_broken", *[ORDER[0]] * 8) is False


@pytest.mark.parametrize("place", range(7))
def test_one_minute_out_of_order_breaks_it_wherever_it_stands(place: int) -> None:
    times = list(ORDER)
    times[place + 1] = ORDER[place].replace(":00+", ":00+").replace(f"T{8 + place:02}:00", f"T{7 + place:02}:59")
    assert fires("procedure_order_broken", *times) is True


def test_missing_times_hide_no_wrong_order() -> None:
    assert fires("procedure_order_broken", None, ORDER[3], None, None, ORDER[2], None, None) is True
    assert fires("procedure_order_broken", None, ORDER[2], None, None, ORDER[3], None, None) is False


def test_order_of_times_is_told_by_instants_across_offsets() -> None:
    assert fires("procedure_order_broken", "2026-03-01T10:00+08:00", "2026-03-01T02:01+00:00") is False
    assert fires("procedure_order_broken", "2026-03-01T10:00+08:00", "2026-03-01T01:59+00:00") is True


def test_order_needs_two_times_and_an_unknown_time_leaves_it_open() -> None:
    assert fires("procedure_order_broken", ORDER[0], None) is None
    assert fires("procedure_order_broken", "2026-03-01T--:--+08:00", "2026-03-01T09:00+08:00") is None
    assert fires("procedure_order_broken", "2026-03-02T--:--+08:00", "2026-03-01T09:00+08:00") is True


@given(st.lists(st.sampled_from(ORDER), min_size=2, max_size=8))
def test_times_are_in_order_exactly_when_sorted(times: list[str]) -> None:
    assert fires("procedure_order_broken", *times) is (times != sorted(times))


def test_crossover_follows_from_the_arm() -> None:
    assert derived("crossover", "BMM") == "Y"
    assert derived("crossover", "EVT") == "N"
    assert derived("crossover", None) is None


def test_missing_data_code_is_no_grade() -> None:
    assert procedure.mtici_grade([Reading(missing=MissingCode.UNKNOWN)]) is None


# -- sets of analysis ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arm", "procedures", "received", "as_allocated"),
    [
        ("EVT", ("Y",), "EVT", "Y"),
        ("EVT", ("N", "Y"), "EVT", "Y"),
        ("EVT", ("N",), "BMM", "N"),
        ("EVT", (None,), None, None),
        ("EVT", (), None, None),
        ("BMM", (), "BMM", "Y"),
        ("BMM", ("N",), "BMM", "Y"),
        ("BMM", ("Y",), "EVT", "N"),
        (None, ("Y",), None, None),
    ],
)
def test_treatment_received_is_told_by_the_procedures(
    arm: Value, procedures: tuple[Value, ...], received: Value, as_allocated: Value
) -> None:
    assert derived("treated_arm", arm, columns=(procedures,)) == received
    assert derived("treated_as_allocated", arm, received) == as_allocated


@pytest.mark.parametrize(
    ("treated", "eligible", "deviations", "expected"),
    [
        ("Y", "Y", (), "Y"),
        ("Y", "Y", ("N", None), "Y"),
        ("Y", "Y", ("N", "Y"), "N"),
        ("N", "Y", (), "N"),
        ("Y", "N", (), "N"),
        ("Y", "U", (), "N"),
        (None, "Y", (), None),
        ("Y", None, (), None),
    ],
)
def test_per_protocol_needs_treatment_eligibility_and_no_deviation_of_weight(
    treated: Value, eligible: Value, deviations: tuple[Value, ...], expected: Value
) -> None:
    assert derived("per_protocol", treated, eligible, columns=(deviations,)) == expected
