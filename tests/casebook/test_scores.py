from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.records import Reading
from casebook.scores import DERIVATIONS, RULES
from casebook.scores.imaging import aspects_of, mismatch_of
from casebook.scores.scales import NIHSS_HIGHEST, NIHSS_ITEMS, NIHSS_UNTESTABLE, mrs_result, nihss_result


def readings(*values: str | None) -> list[Reading]:
    return [Reading(value=value) for value in values]


def derived(name: str, *values: str | None) -> str | None:
    assert DERIVATIONS[name].takes(len(values))
    return DERIVATIONS[name].function(readings(*values))


def fires(name: str, *values: str | None) -> bool | None:
    assert RULES[name].takes(len(values))
    return RULES[name].function(readings(*values))


ZEROS = ["0"] * 15
MAXIMA = [str(highest) for highest in NIHSS_HIGHEST]


def test_nihss_total_reaches_42() -> None:
    assert derived("nihss_total", *MAXIMA) == "42"
    assert derived("nihss_total", *ZEROS) == "0"


def test_nihss_total_counts_untestable_items_as_nothing() -> None:
    scored = [
        ("UN" if name in NIHSS_UNTESTABLE else highest) for name, highest in zip(NIHSS_ITEMS, MAXIMA, strict=True)
    ]
    result = nihss_result(readings(*scored))
    assert (result.total, result.un_items) == (22, ("5a", "5b", "6a", "6b", "7", "10"))
    assert derived("nihss_un_count", *scored) == "6"
    assert derived("nihss_un_items", *scored) == "5a 5b 6a 6b 7 10"
    assert derived("nihss_un_items", *ZEROS) is None


@pytest.mark.parametrize(
    ("place", "value", "invalid", "missing"),
    [
        (0, "4", ("1a",), ()),
        (0, "-1", ("1a",), ()),
        (5, "UN", ("4",), ()),
        (14, "UN", ("11",), ()),
        (12, None, (), ("9",)),
        (3, "x", ("2",), ()),
        (3, "1.0", ("2",), ()),
    ],
)
def test_nihss_total_is_none_with_an_invalid_or_missing_item(
    place: int, value: str | None, invalid: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    scored: list[str | None] = [*ZEROS]
    scored[place] = value
    result = nihss_result(readings(*scored))
    assert (result.total, result.invalid_items, result.missing_items) == (None, invalid, missing)
    assert derived("nihss_total", *scored) is None
    assert derived("nihss_un_count", *scored) is None


@given(st.tuples(*(st.integers(0, highest) for highest in NIHSS_HIGHEST)))
def test_nihss_total_is_the_sum(grades: tuple[int, ...]) -> None:
    assert derived("nihss_total", *(str(grade) for grade in grades)) == str(sum(grades))


def test_end_delta_may_fall() -> None:
    assert derived("end_delta", "4", "9") == "5"
    assert derived("end_delta", "9", "4") == "-5"
    assert derived("end_delta", "9", None) is None


@pytest.mark.parametrize(
    ("rise", "flags"),
    [("-1", "NNN"), ("0", "NNN"), ("1", "YNN"), ("2", "YYN"), ("3", "YYN"), ("4", "YYY"), ("5", "YYY")],
)
def test_end_flags_begin_at_one_two_and_four_points(rise: str, flags: str) -> None:
    assert "".join(derived("rise_at_least", rise, points) or "" for points in ("1", "2", "4")) == flags
    assert derived("rise_at_least", None, "1") is None


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        (0, (True, True, True, True, False, True)),
        (1, (True, True, True, True, False, True)),
        (2, (True, False, True, True, False, True)),
        (3, (True, False, False, True, False, True)),
        (4, (True, False, False, False, False, True)),
        (5, (True, False, False, False, False, True)),
        (6, (True, False, False, False, True, False)),
        (7, (False, None, None, None, None, False)),
        (-1, (False, None, None, None, None, False)),
        (None, (True, None, None, None, None, None)),
    ],
)
def test_mrs_result_says_what_a_grade_means(grade: int | None, expected: tuple[bool | None, ...]) -> None:
    found = mrs_result(grade)
    assert (
        found.valid,
        found.excellent_0_1,
        found.primary_0_2,
        found.ambulatory_0_3,
        found.dead,
        found.allowed_as_prestroke,
    ) == expected


def test_mrs_result_imputes_nothing_for_a_missing_grade() -> None:
    found = mrs_result(None, alive=True)
    assert (found.dead, found.primary_0_2) == (False, None)


def test_mrs_dichotomies_are_derived_from_the_grade() -> None:
    assert [derived(name, "2") for name in ("mrs_0_1", "mrs_0_2", "mrs_0_3")] == ["N", "Y", "Y"]
    assert derived("mrs_0_2", None) is None
    assert derived("mrs_0_2", "7") is None


@pytest.mark.parametrize(
    ("answers", "grade"),
    [
        ("YN---", "5"),
        ("NN---", "4"),
        ("-N---", None),
        ("NYY--", "3"),
        ("-YY--", "3"),
        ("NYNN-", "2"),
        ("NYNYY", "1"),
        ("NYNYN", "0"),
        ("NYNY-", None),
        ("NY-NY", None),
        ("N-YNN", None),
    ],
)
def test_mrs_suggestion_follows_the_prompts(answers: str, grade: str | None) -> None:
    assert derived("mrs_suggestion", *(None if one == "-" else one for one in answers)) == grade


def test_gcs_total_is_none_for_an_intubated_patient() -> None:
    assert derived("gcs_total", "4", "5", "6") == "15"
    assert derived("gcs_total", "4", "T", "6") is None


@pytest.mark.parametrize(
    ("regions", "score"),
    [
        ((), 10),
        (("C", "L", "IC", "I"), 6),
        (("M4", "M4"), 9),
        (("C", "L", "IC", "I", "M1", "M2", "M3", "M4", "M5", "M6"), 0),
        (("M7",), None),
        (("m1",), None),
    ],
)
def test_aspects_counts_distinct_regions(regions: tuple[str, ...], score: int | None) -> None:
    assert aspects_of(regions) == score


def test_aspects_score_takes_codes_or_ticks() -> None:
    assert derived("aspects_score", "C M1") == "8"
    assert derived("aspects_score", "NONE") == "10"
    assert derived("aspects_score", "NONE C") is None
    assert derived("aspects_score", None) is None
    assert derived("aspects_score", *"YNNNYNNNNN") == "8"
    assert derived("aspects_score", *"YNNNYNNNN", None) is None
    assert fires("aspects_differs", "C M1", "7") is True
    assert fires("aspects_differs", "C M1", "8") is False
    assert fires("aspects_differs", "C M1", None) is None


@pytest.mark.parametrize(
    ("core", "tmax", "volume", "ratio", "failed"),
    [
        ("18.0", "72.0", "54", "4", ()),
        ("24.9", "44.8", "19.9", "1.7991967871", ("ratio",)),
        ("25", "45", "20", "1.8", ()),
        ("50.0", "120.0", "70", "2.4", ("core",)),
        ("49.9", "120.0", "70.1", "2.4048096192", ()),
        ("10", "25", "15", "2.5", ("volume",)),
        ("10", "25.1", "15.1", "2.51", ()),
        ("0", "40", "40", "INF", ()),
        ("0", "10", "10", "INF", ("volume",)),
        ("0", "0", "0", None, ("ratio", "volume")),
        ("60", "20", "-40", "0.3333333333", ("core", "ratio", "volume")),
    ],
)
def test_mismatch_compares_unrounded(
    core: str, tmax: str, volume: str, ratio: str | None, failed: tuple[str, ...]
) -> None:
    assert derived("mismatch_volume", core, tmax) == volume
    assert derived("mismatch_ratio", core, tmax) == ratio
    assert mismatch_of(Decimal(core), Decimal(tmax)).failed_parts == failed


_volumes = st.decimals(0, 700, places=1)


@given(_volumes, _volumes)
def test_mismatch_ratio_as_kept_never_crosses_its_limit(core: Decimal, tmax: Decimal) -> None:
    found, kept = mismatch_of(core, tmax), derived("mismatch_ratio", str(core), str(tmax))
    if found.ratio is not None and kept is not None:
        assert (Decimal(kept) >= Decimal("1.8")) == (found.ratio >= Fraction(9, 5))


@pytest.mark.parametrize(
    ("ratio", "volume", "fired"),
    [
        ("4.0", "54", False),
        ("4.1", "55", False),
        ("4.11", "54", True),
        ("4.0", "55.1", True),
        ("INF", "54", True),
        (None, "54", None),
        (None, "60", True),
        ("<4", "54", None),
    ],
)
def test_perfusion_reported_differs_beyond_tolerance(ratio: str | None, volume: str, fired: object) -> None:
    assert fires("perfusion_reported_differs", "18.0", "72.0", ratio, volume) is fired


def test_perfusion_reported_allows_5_percent_of_a_large_ratio_and_knows_infinity() -> None:
    assert fires("perfusion_reported_differs", "5", "50", "10.5", "45") is False
    assert fires("perfusion_reported_differs", "5", "50", "10.51", "45") is True
    assert fires("perfusion_reported_differs", "0", "50", "INF", "50") is False
    assert fires("perfusion_reported_differs", "0", "50", "9", "50") is True


def test_hypoperfusion_intensity_ratio_needs_a_hypoperfused_volume() -> None:
    assert derived("hypoperfusion_intensity_ratio", "20", "80") == "0.25"
    assert derived("hypoperfusion_intensity_ratio", "0", "0") is None


@pytest.mark.parametrize(
    ("site", "side", "limbs", "fired"),
    [
        ("M1", None, "0000", True),
        ("M2", None, "0000", False),
        (None, None, "0000", None),
        ("M1", "L", "0303", False),
        ("M1", "L", "3030", True),
        ("ICA_T", "R", "0101", True),
        ("ICA_T", "R", "1010", False),
        ("M1", "L", "0000", False),
        ("M1", "BIL", "3030", False),
        ("M1", "L", "3-30", None),
        ("M2", "L", "3030", False),
    ],
)
def test_occlusion_side_doubtful_compares_with_the_weaker_side(
    site: str | None,
    side: str | None,
    limbs: str,
    fired: object,
) -> None:
    grades = [None if one == "-" else one for one in limbs]
    assert fires("occlusion_side_doubtful", site, side, *grades) is fired


def test_occlusion_side_counts_untestable_limbs_as_nothing() -> None:
    assert fires("occlusion_side_doubtful", "M1", "L", "UN", "0", "1", "0") is True


def test_heidelberg_headline_is_the_most_severe_finding() -> None:
    assert derived("heidelberg_headline", "HI1 PH2 SAH") == "2"
    assert derived("heidelberg_headline", "HI1 SDH") == "3d"
    assert derived("heidelberg_headline", "PHr1 IVH") == "3a"
    assert derived("heidelberg_headline", "NONE") is None
    assert derived("heidelberg_headline", None) is None


def test_recanalised_24h_starts_at_aol_2() -> None:
    assert [derived("recanalised_24h", grade) for grade in "0123"] == ["N", "N", "Y", "Y"]


def test_body_measures_are_exact_until_shown() -> None:
    assert derived("mean_arterial_pressure", "150", "85") == "106.6666666666"
    assert derived("body_mass_index", "170", "65 kg") == "22.4913494809"
    assert derived("body_mass_index", "0", "65") is None


@pytest.mark.parametrize(
    ("creatinine", "sex", "age", "rate"),
    [
        ("70.736 umol/L", "M", "50", 108),
        ("88.42 umol/L", "F", "60", 64),
        ("61.894 umol/L", "F", "40", 112),
        ("176.84", "M", "70", 35),
    ],
)
def test_egfr_follows_the_published_equation(creatinine: str, sex: str, age: str, rate: int) -> None:
    # Worked out a second time, with binary floats, from the equation of N Engl J Med 2021;385:1737.
    found = derived("egfr_ckd_epi_2021", creatinine, sex, age)
    assert found is not None
    scr = float(creatinine.split(maxsplit=1)[0]) / 88.42
    kappa, alpha = (0.7, -0.241) if sex == "F" else (0.9, -0.302)
    expected = 142 * min(scr / kappa, 1) ** alpha * max(scr / kappa, 1) ** -1.2 * 0.9938 ** int(age)
    assert abs(float(found) - expected * (1.012 if sex == "F" else 1)) < 1e-6
    assert round(float(found)) == rate


@pytest.mark.parametrize(("sex", "age"), [("U", "50"), ("M", "17"), (None, "50"), ("M", None)])
def test_egfr_is_none_without_sex_or_adult_age(sex: str | None, age: str | None) -> None:
    assert derived("egfr_ckd_epi_2021", "80 umol/L", sex, age) is None


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("1960-03-13", "2025-03-13T10:00+08:00", "65"),
        ("1960-03-14", "2025-03-13T10:00+08:00", "64"),
        ("1960-02-29", "2025-02-28", "64"),
        ("1960-02-29", "2025-03-01", "65"),
        ("1960-02---", "2025-03-13T10:00+08:00", "65"),
        ("1960-03---", "2025-03-13T10:00+08:00", None),
        ("1960------", "2025-12-31", "65"),
        ("1960------", "2025-03-13", None),
        ("2026-01-01", "2025-03-13", None),
        (None, "2025-03-13", None),
        ("1960-03-13", "2025-03-13T--:--+08:00", "65"),
    ],
)
def test_completed_years_are_given_only_where_certain(born: str | None, on: str, age: str | None) -> None:
    assert derived("completed_years", born, on) == age


def test_minutes_between_needs_both_times() -> None:
    assert derived("minutes_between", "2025-03-13T10:00+08:00", "2025-03-13T03:30+00:00") == "90"
    assert derived("minutes_between", "2025-03-13T10:00+08:00", "2025-03-13T09:00+08:00") == "-60"
    assert derived("minutes_between", "2025-03-13T--:--+08:00", "2025-03-13T09:00+08:00") is None
    assert derived("minutes_between", "2025-03-13", "2025-03-14") is None
    assert derived("minutes_between", None, "2025-03-13T09:00+08:00") is None


EARLY, LATE = "2025-03-13T09:00+08:00", "2025-03-13T02:30+00:00"  # 09:00 and 10:30 in Shanghai


@pytest.mark.parametrize(
    ("values", "signed"),
    [
        (("PARTICIPANT", EARLY, None, "N", None), EARLY),
        (("PARTICIPANT", EARLY, None, "Y", LATE), LATE),
        (("PARTICIPANT", EARLY, None, "Y", None), None),
        (("LAR", EARLY, LATE, "N", None), LATE),
        (("LAR", EARLY, None, "N", None), None),
        (("PARTICIPANT_AND_LAR", LATE, EARLY, "N", None), LATE),
        (("NONE_EMERGENCY", EARLY, LATE, "N", None), None),
        ((None, EARLY, LATE, "N", None), None),
        (("PARTICIPANT", "2025-03-13T--:--+08:00", None, "N", None), "2025-03-13T--:--+08:00"),
        (("PARTICIPANT", "2025-03-13T--:--+08:00", None, "Y", LATE), None),
    ],
)
def test_effective_signature_is_the_latest_required_one(values: tuple[str | None, ...], signed: str | None) -> None:
    assert derived("effective_signature", *values) == signed


def test_first_known_skips_what_is_empty() -> None:
    assert derived("first_known", None, "b", "c") == "b"
    assert derived("first_known", None, "", "c") == "c"
    assert derived("first_known", None) is None
    assert not DERIVATIONS["first_known"].takes(0)


@given(st.sampled_from(sorted(DERIVATIONS)), st.data())
def test_derivations_answer_any_text_without_failing(name: str, data: st.DataObject) -> None:
    wide = DERIVATIONS[name].columns
    count = next(count for count in range(22) if DERIVATIONS[name].takes(count, wide))
    texts = st.one_of(
        st.none(), st.sampled_from(["0", "Y", "UN", "INF", "<1", "2025-03-13", EARLY]), st.text(max_size=5)
    )
    values = data.draw(st.lists(texts, min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(texts, min_size=wide, max_size=wide), max_size=3))
    columns = [readings(*(row[place] for row in rows)) for place in range(wide)]
    answer = DERIVATIONS[name].function(readings(*values), columns)
    assert answer is None or answer
