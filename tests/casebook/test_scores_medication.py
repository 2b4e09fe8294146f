import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.records import EMPTY, MissingCode, Reading
from casebook.scores import RULES
from casebook.scores.medication import SINGLE_DRUGS, flags_differ

Value = str | None
Row = tuple[Value, Value, Value, Value, Value]
UNKNOWN = "!UNK"
"""Stands for a missing-data code in the tables below."""


def reading(value: Value) -> Reading:
    if value is None:
        return EMPTY
    return Reading(missing=MissingCode(value[1:])) if value.startswith("!") else Reading(value=value)


def at(day: int, clock: str = "12:00") -> str:
    return f"2026-03-{day:02}T{clock}+08:00"


def row(drug: str, start: Value, end: Value = None, *, prior: Value = "N") -> Row:
    return drug, start, end, "N" if end is not None else "Y", prior


def columns(*rows: Row) -> list[list[Reading]]:
    return [[reading(one[place]) for one in rows] for place in range(5)]


def differ(flags: Value, visit: Value, *rows: Row) -> bool | None:
    assert RULES["antithrombotics_differ"].takes(2, 5)
    return RULES["antithrombotics_differ"].function([reading(flags), reading(visit)], columns(*rows))


# -- EC077 ---------------------------------------------------------------------------------------------

VISIT = at(5)
ASPIRIN = row("ASPIRIN", at(2))
CLOPIDOGREL = row("CLOPIDOGREL", at(2))
TICAGRELOR = row("TICAGRELOR", at(2))


@pytest.mark.parametrize(
    ("flags", "rows", "answer"),
    [
        ("NONE", (), False),
        ("NONE", (row("NONE", at(1)),), False),
        ("NONE", (ASPIRIN,), True),
        ("ASPIRIN", (ASPIRIN,), False),
        ("ASPIRIN", (), True),
        ("ASPIRIN", (CLOPIDOGREL,), True),
        ("ASPIRIN", (ASPIRIN, CLOPIDOGREL), True),
        ("DAPT", (ASPIRIN, CLOPIDOGREL), False),
        ("DAPT", (ASPIRIN, TICAGRELOR), False),
        ("ASPIRIN CLOPIDOGREL", (ASPIRIN, CLOPIDOGREL), False),
        ("ASPIRIN DAPT", (ASPIRIN, CLOPIDOGREL), False),
        ("DAPT", (ASPIRIN,), True),
        ("DAPT", (CLOPIDOGREL,), True),
        ("DAPT", (ASPIRIN, row("CILOSTAZOL", at(2))), True),
        ("DAPT", (ASPIRIN, CLOPIDOGREL, row("LMWH", at(3))), True),
        ("CLOPIDOGREL DAPT", (ASPIRIN, TICAGRELOR), True),
        ("DOAC", (row("DOAC", at(4)),), False),
    ],
)
def test_ticked_drugs_are_compared_with_the_log(flags: str, rows: tuple[Row, ...], *, answer: bool) -> None:
    assert differ(flags, VISIT, *rows) is answer


@pytest.mark.parametrize(
    ("start", "end", "active"),
    [
        (at(5, "12:00"), None, True),
        (at(5, "12:01"), None, False),
        (at(2), at(5, "12:00"), False),
        (at(2), at(5, "12:01"), True),
    ],
)
def test_drug_is_active_from_its_start_until_before_its_end(start: str, end: Value, *, active: bool) -> None:
    assert differ("ASPIRIN", VISIT, row("ASPIRIN", start, end)) is not active
    assert differ("NONE", VISIT, row("ASPIRIN", start, end)) is active


def test_unknown_times_accuse_nobody() -> None:
    for doubtful in (
        row("ASPIRIN", UNKNOWN),
        row("ASPIRIN", "2026-03-05T--:--+08:00"),
        row("ASPIRIN", at(2), "2026-03-05T--:--+08:00"),
        ("ASPIRIN", at(2), None, None, "N"),
    ):
        assert differ("NONE", VISIT, doubtful) is False
        assert differ("ASPIRIN", VISIT, doubtful) is False


def test_what_was_taken_before_with_unknown_start_is_active_until_it_ends() -> None:
    assert differ("NONE", VISIT, row("WARFARIN", UNKNOWN, prior="Y")) is True
    assert differ("NONE", VISIT, row("WARFARIN", UNKNOWN, at(4), prior="Y")) is False


def test_without_ticks_or_time_of_visit_it_cannot_be_told() -> None:
    assert differ(None, VISIT, ASPIRIN) is None
    assert differ("NONE", None, ASPIRIN) is None


@given(st.sets(st.sampled_from(SINGLE_DRUGS)))
def test_ticking_exactly_what_is_active_never_differs(drugs: set[str]) -> None:
    assert flags_differ(tuple(drugs), tuple(drugs), tuple(drugs)) is False


@given(st.sets(st.sampled_from(SINGLE_DRUGS), min_size=1), st.data())
def test_leaving_one_active_drug_out_always_differs(drugs: set[str], data: st.DataObject) -> None:
    left_out = data.draw(st.sampled_from(sorted(drugs)))
    assert flags_differ(tuple(drugs - {left_out}), tuple(drugs), tuple(drugs)) is True


# -- EC078 ---------------------------------------------------------------------------------------------

CLOSED, NEXT_VISIT, VISIT_BEFORE = at(2), at(3, "14:00"), at(1)


def early(
    *rows: Row,
    reason: Value = None,
    visit: Value = NEXT_VISIT,
    previous: Value = VISIT_BEFORE,
    lysis: Value = None,
    scans: tuple[Value, ...] = (),
    closures: tuple[Value, ...] = (CLOSED,),
) -> bool | None:
    assert RULES["antithrombotic_too_early"].takes(3, 8)
    visits = [reading(previous), reading(visit)]
    return RULES["antithrombotic_too_early"].function(
        [reading(one) for one in (reason, visit, lysis)],
        [*columns(*rows), [reading(one) for one in scans], [reading(one) for one in closures], visits],
    )


@pytest.mark.parametrize(
    ("start", "answer"),
    [(at(2, "12:00"), True), (at(2, "20:00"), True), (at(3, "11:59"), True), (at(3, "12:00"), False)],
)
def test_24_hours_count_from_closure_and_24_00_is_outside(start: str, *, answer: bool) -> None:
    assert early(row("ASPIRIN", start)) is answer


@pytest.mark.parametrize(("end", "answer"), [(at(2, "12:00"), False), (at(2, "12:01"), True)])
def test_drug_that_ended_by_closure_is_not_early(end: str, *, answer: bool) -> None:
    assert early(row("TIROFIBAN", at(2, "10:00"), end)) is answer


def test_drug_that_is_continued_through_the_procedure_is_early() -> None:
    assert early(row("WARFARIN", UNKNOWN, prior="Y")) is True


def test_reason_silences_it() -> None:
    assert early(row("ASPIRIN", at(2, "20:00")), reason="stent placed") is False


def test_scan_from_18_hours_on_ends_the_protected_time() -> None:
    aspirin = row("ASPIRIN", at(3, "08:00"))
    assert early(aspirin, scans=(at(3, "07:00"),)) is False
    assert early(aspirin, scans=(at(3, "08:00"),)) is False
    assert early(aspirin, scans=(at(3, "08:01"),)) is True
    assert early(aspirin, scans=(at(3, "06:00"),)) is False
    assert early(aspirin, scans=(at(3, "05:59"),)) is True
    assert early(aspirin, scans=(UNKNOWN, None)) is True


def test_lysis_counts_like_closure() -> None:
    assert early(row("LMWH", at(2, "08:00")), lysis=at(1, "09:00"), closures=(), previous=None) is True
    assert early(row("LMWH", at(2, "09:00")), lysis=at(1, "09:00"), closures=(), previous=None) is False


def test_each_treatment_is_judged_at_the_first_visit_after_it() -> None:
    aspirin = row("ASPIRIN", at(2, "20:00"))
    assert early(aspirin, visit=at(2, "11:59")) is False
    assert early(aspirin, visit=at(2, "12:00")) is True
    assert early(aspirin, visit=at(4), previous=at(2, "12:00")) is False
    assert early(aspirin, visit=at(4), previous=at(2, "11:59")) is True


def test_closure_of_a_crossover_counts_too() -> None:
    doac = row("DOAC", at(6, "18:00"))
    assert early(doac, visit=at(8), previous=at(4), closures=(CLOSED, at(6))) is True
    assert early(row("DOAC", at(7)), visit=at(8), previous=at(4), closures=(CLOSED, at(6))) is False


def test_nothing_given_or_no_treatment_is_not_early() -> None:
    assert early() is False
    assert early(row("NONE", at(2, "20:00"))) is False
    assert early(row("ASPIRIN", at(2, "20:00")), closures=()) is False
    assert early(row("ASPIRIN", at(2, "20:00")), closures=(None,)) is False


def test_unknown_times_leave_it_open() -> None:
    assert early(row("ASPIRIN", UNKNOWN)) is None
    assert early(row("ASPIRIN", "2026-03-03T--:--+08:00")) is None
    assert early(row("ASPIRIN", at(2, "20:00")), closures=(UNKNOWN,)) is None
    assert early(row("ASPIRIN", at(2, "20:00")), closures=("2026-03-02T--:--+08:00",)) is None
    assert early(row("ASPIRIN", at(2, "20:00")), visit=None) is None
