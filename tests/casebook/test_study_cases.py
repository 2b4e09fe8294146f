import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.design import StudyDesign
from casebook.errors import StudyCasesError
from casebook.locations import data_folder
from casebook.study_cases import CaseReport, run_cases
from casebook.study_files import read_study
from casebook.study_files.cases import Vocabulary, read_vocabulary

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "study_cases.sample.json"
STUDY = data_folder("forms") / "rescue_end_low"
Asked = tuple[StudyDesign, Vocabulary]
"""A study and what answers its cases."""


@pytest.fixture(scope="module")
def study() -> Asked:
    return read_study(STUDY), read_vocabulary(STUDY)


def run(study: Asked, folder: Path, *cases: tuple[str, object, object]) -> CaseReport:
    vectors = [
        {"id": f"T-{number}", "group": group, "input": facts, "expected": expected}
        for number, (group, facts, expected) in enumerate(cases, start=1)
    ]
    path = folder / "cases.json"
    path.write_text(json.dumps({"vectors": vectors}), encoding="utf-8")
    return run_cases(path, *study)


GROUPS = {
    "nihss_total",
    "nihss_coherence",
    "eligibility",
    "aspects",
    "perfusion",
    "mrs",
    "units",
    "visit_window",
    "study_day",
    "sich",
    "reperfusion",
    "edit_check",
}


def test_sample_cases_pass_in_all_twelve_groups(study: Asked) -> None:
    report = run_cases(SAMPLE, *study)
    assert report.lines[:-2] == ()
    assert report.exit_status == 0
    assert set(report.passed) == GROUPS
    assert report.lines[-2].startswith("32 passed")


ZEROS = dict.fromkeys(("1a", "1b", "1c", "2", "3", "4", "5a", "5b", "6a", "6b", "7", "8", "9", "10", "11"), 0)
COMA = {**ZEROS, "1a": 3, "1b": 2, "1c": 2, "8": 2, "9": 3}


def _nihss(total: int | None, un: str = "", invalid: str = "", missing: str = "") -> dict[str, object]:
    return {
        "total": total,
        "un_items": un.split(),
        "invalid_items": invalid.split(),
        "missing_items": missing.split(),
    }


def _mismatch(volume: str, ratio: str | None, *failed: str) -> dict[str, object]:
    return {
        "mismatch_ml": volume,
        "mismatch_ratio": ratio,
        "meets_I11_volumes": not failed,
        "failed_parts": list(failed),
    }


def _conversion(
    analyte: str, value: str, units: tuple[str, str], decimals: int, expected: str
) -> tuple[str, object, object]:
    facts = {"analyte": analyte, "value": value, "from_unit": units[0], "to_unit": units[1], "decimals": decimals}
    return ("units", facts, {"value": expected})


def _visit(visit: str, randomised: str, visited: str, status: str, discharge: str = "") -> tuple[str, object, object]:
    facts = {"visit": visit, "randomisation": randomised, "visit_datetime": visited}
    return ("visit_window", facts | ({"discharge_date": discharge} if discharge else {}), {"status": status})


DAY_0 = "2025-03-13T10:00+08:00"
PASSING = [
    ("nihss_total", {**ZEROS, "7": "UN", "5a": "UN", "2": 2}, _nihss(2, "5a 7")),
    ("nihss_total", {**ZEROS, "11": "UN"}, _nihss(None, invalid="11")),
    ("nihss_total", {**ZEROS, "4": "UN", "10": "UN"}, _nihss(None, "10", "4")),
    ("nihss_total", {**ZEROS, "1a": 4, "9": None}, _nihss(None, invalid="1a", missing="9")),
    ("nihss_total", {key: value for key, value in ZEROS.items() if key != "6b"}, _nihss(None, missing="6b")),
    ("nihss_coherence", ZEROS, {"hard": [], "soft": []}),
    ("nihss_coherence", COMA, {"hard": [], "soft": []}),
    ("nihss_coherence", {**COMA, "9": 2, "8": 0}, {"hard": ["EC021", "EC022"], "soft": []}),
    ("nihss_coherence", {**COMA, "1c": 1, "7": 1}, {"hard": [], "soft": ["EC023", "EC024"]}),
    ("nihss_coherence", {**ZEROS, "5a": 4, "5b": 4, "6a": 4, "6b": 4, "7": 2}, {"hard": [], "soft": ["EC024"]}),
    ("nihss_coherence", {**ZEROS, "10": "UN"}, {"hard": [], "soft": ["EC025"]}),
    ("nihss_coherence", {**ZEROS, "10": "UN", "1b": 1}, {"hard": [], "soft": []}),
    ("nihss_coherence", {**ZEROS, "9": 3}, {"hard": [], "soft": ["EC026"]}),
    ("aspects", {"affected_regions": ["M1", "M1", "C"]}, {"score": 8, "valid": True, "meets_I10": True}),
    ("aspects", {"affected_regions": ["C", "L", "IC", "I", "M1"]}, {"score": 5, "valid": True, "meets_I10": False}),
    ("aspects", {"affected_regions": ["P1"]}, {"score": None, "valid": False}),
    ("perfusion", {"core_ml": "0", "hypoperfusion_tmax6_ml": "40.0"}, _mismatch("40.0", "INF")),
    ("perfusion", {"core_ml": "0.0", "hypoperfusion_tmax6_ml": "0.0"}, _mismatch("0.0", None, "ratio", "volume")),
    ("perfusion", {"core_ml": "8.0", "hypoperfusion_tmax6_ml": "22.0"}, _mismatch("14.0", "2.75", "volume")),
    ("perfusion", {"core_ml": "20.5", "hypoperfusion_tmax6_ml": "36.9"}, _mismatch("16.4", "1.80")),
    ("mrs", {"mrs": 6}, {"valid": True, "primary_0_2": False, "dead": True, "allowed_as_prestroke": False}),
    ("mrs", {"mrs": 7}, {"valid": False}),
    ("mrs", {"mrs": None, "alive": "Y"}, {"valid": True, "dead": False, "ambulatory_0_3": None}),
    _conversion("GLUC", "50", ("mg/dL", "mmol/L"), 2, "2.78"),
    _conversion("GLUC", "22.2", ("mmol/L", "mg/dL"), 0, "400"),
    _conversion("CREAT", "1.2", ("mg/dL", "umol/L"), 1, "106.1"),
    _conversion("HBA1C", "6.5", ("%", "mmol/mol"), 0, "48"),
    _conversion("HBA1C", "7.0", ("%", "mmol/mol"), 1, "53.0"),
    _conversion("TEMP", "98.6", ("F", "C"), 1, "37.0"),
    _conversion("UREA", "14", ("mg/dL BUN", "mmol/L"), 1, "5.0"),
    _conversion("DDIMER", "500", ("ng/mL FEU", "mg/L FEU"), 2, "0.50"),
    _conversion("PLAT", "150", ("10^3/uL", "10^9/L"), 0, "150"),
    _conversion("HCY", "2.0", ("mg/L", "umol/L"), 1, "14.8"),
    _conversion("BILI", "1.0", ("mg/dL", "umol/L"), 1, "17.1"),
    _conversion("BILI", "20", ("umol/L", "mg/dL"), 2, "1.17"),
    _conversion("CA", "9.2", ("mg/dL", "mmol/L"), 2, "2.30"),
    _conversion("CHOL", "200", ("mg/dL", "mmol/L"), 2, "5.17"),
    _conversion("LDL", "100", ("mg/dL", "mmol/L"), 2, "2.59"),
    _conversion("ALB", "4.1", ("g/dL", "g/L"), 0, "41"),
    _conversion("FIBRINO", "300", ("mg/dL", "g/L"), 1, "3.0"),
    _visit("V3", DAY_0, "2025-03-14T22:00+08:00", "EARLY"),
    _visit("V3", DAY_0, "2025-03-14T22:01+08:00", "IN"),
    _visit("V5", DAY_0, "2025-03-17T09:00+08:00", "IN", "2025-03-17"),
    _visit("V5", DAY_0, "2025-03-18T09:00+08:00", "LATE", "2025-03-17"),
    _visit("V5", DAY_0, "2025-03-18T09:00+08:00", "EARLY"),
    _visit("V6", "2024-02-10T10:00+08:00", "2024-03-04T08:00+08:00", "IN"),
    _visit("V6", "2024-02-10T10:00+08:00", "2024-03-03T23:59+08:00", "EARLY"),
    _visit("V7", "2025-03-12T20:00+00:00", "2025-06-18T15:59+00:00", "IN"),
    ("study_day", {"rfstdtc": "2025-03-13", "date": "2025-03-12"}, {"dy": -1}),
    ("study_day", {"rfstdtc": "2024-02-28", "date": "2024-03-01"}, {"dy": 3}),
    ("study_day", {"rfstdtc": "2025-03-13T23:00+08:00", "date": "2025-03-13T16:30+00:00"}, {"dy": 2}),
]


@pytest.mark.parametrize("case", PASSING, ids=[f"{number}-{case[0]}" for number, case in enumerate(PASSING)])
def test_case_of_the_clinical_content_passes(study: Asked, tmp_path: Path, case: tuple[str, object, object]) -> None:
    report = run(study, tmp_path, case)
    assert report.lines[:-2] == ()
    assert report.passed == {case[0]: 1}


def test_further_cases_pass_in_all_twelve_groups(study: Asked) -> None:
    report = run_cases(DATA / "study_cases.more.json", *study)
    assert report.lines[:-2] == ()
    assert set(report.passed) == GROUPS
    assert sum(report.passed.values()) >= 500


def test_cases_of_another_reader_pass_in_all_twelve_groups(study: Asked) -> None:
    report = run_cases(DATA / "study_cases.second.json", *study)
    assert report.lines[:-2] == ()
    assert set(report.passed) == GROUPS
    assert sum(report.passed.values()) >= 700


CASE_FILES = ("study_cases.sample.json", "study_cases.more.json", "study_cases.second.json")


@pytest.mark.parametrize("file", CASE_FILES)
def test_null_for_any_fact_of_any_case_is_answered(study: Asked, tmp_path: Path, file: str) -> None:
    cases = json.loads((DATA / file).read_text(encoding="utf-8"))["vectors"]
    first = {case["group"]: case for case in reversed(cases)}.values()
    nulls = [
        {**case, "id": f"{case['id']}-{key}", "input": {**case["input"], key: None}}
        for case in first
        if case["group"] != "units"
        for key in case["input"]
        if (case["group"], key) != ("visit_window", "visit")
    ]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(nulls), encoding="utf-8")
    assert [one.case for one in run_cases(path, *study).failures if isinstance(one.got, str)] == []


@pytest.mark.parametrize(
    ("group", "facts", "expected"),
    [
        ("eligibility", {"platelets_e9L": "ND"}, {"failed": []}),
        ("eligibility", {"female_childbearing": "Y", "hcg": "NAV"}, {"failed": []}),
        ("edit_check", {"consent": "UNK", "randomisation": DAY_0}, {"fires": []}),
        ("edit_check", {"ht_type": "HI1 PH2", "heidelberg_class": "1a"}, {"fires": ["EC055"]}),
        ("edit_check", {"ht_type": ["HI1", "PH2"], "heidelberg_class": "1a"}, {"fires": ["EC055"]}),
        ("sich", {"ht_type": ["HI1", "PH2"]}, {"heidelberg_class": "2"}),
        ("sich", {"ht_type": []}, {"heidelberg_class": None}),
    ],
)
def test_missing_data_codes_and_several_findings_are_read(
    study: Asked, tmp_path: Path, group: str, facts: object, expected: object
) -> None:
    assert run(study, tmp_path, (group, facts, expected)).lines[:-2] == ()


def test_criterion_is_open_while_a_time_is_known_to_the_day_only(study: Asked, tmp_path: Path) -> None:
    facts = {"lkw": "2025-03-12", "randomisation": DAY_0}
    report = run(study, tmp_path, ("eligibility", facts, {"failed": ["I4"]}))
    assert report.failures[0].got == {"failed": []}


def test_further_cases_use_every_fact_of_the_vocabulary(study: Asked) -> None:
    cases = json.loads((DATA / "study_cases.more.json").read_text(encoding="utf-8"))["vectors"]
    used: dict[str, set[str]] = {}
    for case in cases:
        used.setdefault(case["group"], set()).update(case["input"])
    groups = {name: group for name, group in study[1].items() if group.facts}
    assert {name: used[name] for name in groups} == {name: set(group.facts) for name, group in groups.items()}


def test_failing_case_is_told_with_expected_and_got(study: Asked, tmp_path: Path) -> None:
    report = run(study, tmp_path, ("study_day", {"rfstdtc": "2025-03-13", "date": "2025-03-12"}, {"dy": 0}))
    assert report.lines == (
        'T-1: expected {"dy": 0}, got {"dy": -1}',
        "0 passed",
        "1 failed",
    )
    assert report.exit_status == 1


UNIT = {"analyte": "GLUC", "value": "7.4", "from_unit": "mmol/L", "to_unit": "mmol/L", "decimals": 1}
SICH = {"new_ich": True, "ht_type": "PH2"}
REFUSED = [
    ("units", {**UNIT, "analyte": "GOLD"}, "GOLD"),
    ("units", {**UNIT, "value": 7.4}, "value is 7.4"),
    ("units", {**UNIT, "value": "7,4"}, "value"),
    ("units", {**UNIT, "decimals": "1"}, "decimals"),
    ("units", {**UNIT, "decimals": -1}, "decimals"),
    ("units", {key: value for key, value in UNIT.items() if key != "to_unit"}, "to_unit is missing"),
    ("units", {**UNIT, "unit": "mg/dL"}, "cannot use unit"),
    ("visit_window", {"visit": "V9", "randomisation": DAY_0}, "V9"),
    ("visit_window", {"visit": "V2", "randomisation": "soon"}, "randomisation"),
    ("visit_window", {"visit": "V2", "randomisation": "2025-03-13"}, "randomisation"),
    ("visit_window", {"visit": 2, "randomisation": DAY_0}, "visit is 2"),
    ("visit_window", {"visit": "V2", "randomisation": "0001-01-01T00:00+08:00"}, "beyond"),
    ("study_day", {"rfstdtc": "2025-02-30", "date": "2025-03-01"}, "rfstdtc"),
    ("study_day", {"rfstdtc": 20250301, "date": "2025-03-01"}, "rfstdtc"),
    ("mrs", {"mrs": "3"}, "mrs"),
    ("mrs", {"mrs": True}, "mrs"),
    ("mrs", {"mrs": 1, "alive": "perhaps"}, "alive"),
    ("mrs", {"mrs": 1, "dead": "Y"}, "cannot use dead"),
    ("nihss_total", {**ZEROS, "1a": 0.5}, "1a"),
    ("nihss_total", {**ZEROS, "1a": [1]}, "1a"),
    ("nihss_total", {**ZEROS, "1a": "1"}, "1a"),
    ("nihss_total", {**ZEROS, "12": 0}, "cannot use 12"),
    ("nihss_coherence", {**ZEROS, "9": 7}, "9 is 7"),
    ("nihss_coherence", {**ZEROS, "9": {"grade": 1}}, "9"),
    ("nihss_coherence", {**ZEROS, "12": 0}, "cannot use 12"),
    ("aspects", {"affected_regions": "C L"}, "affected_regions"),
    ("aspects", {"affected_regions": ["C", 1]}, "affected_regions"),
    ("perfusion", {"core_ml": "INF", "hypoperfusion_tmax6_ml": "40"}, "core_ml"),
    ("perfusion", {"core_ml": "-1.0", "hypoperfusion_tmax6_ml": "40"}, "core_ml"),
    ("sich", {**SICH, "ht_type": "PH3"}, "PH3"),
    ("sich", {**SICH, "death": 1}, "death"),
    ("sich", {**SICH, "new_ich": "perhaps"}, "new_ich"),
    ("sich", {**SICH, "imaging_h": "soon"}, "imaging_h"),
    ("reperfusion", {"etici": "2d", "passes": 1, "rescue": "N"}, "etici"),
    ("reperfusion", {"etici": "3", "passes": -1, "rescue": "N"}, "passes"),
    ("reperfusion", {"etici": "3", "passes": "1", "rescue": "N"}, "passes"),
    ("eligibility", {"age_years": "old"}, "age_years"),
    ("eligibility", {"lkw": "yesterday"}, "lkw"),
    ("eligibility", {"angio_modality": "X-RAY"}, "angio_modality is X-RAY"),
    ("eligibility", {"shoe_size": 41}, "cannot use shoe_size"),
    ("edit_check", {"sbp": "high"}, "sbp"),
    ("edit_check", {"death_form": "perhaps"}, "death_form"),
    ("edit_check", {"puncture": "2025-03"}, "puncture"),
    ("edit_check", {"colour": "blue"}, "cannot use colour"),
    ("astrology", {"sign": "Virgo"}, "nothing answers the group astrology"),
    ("study_day", ["2025-03-13"], "no table of facts"),
]


@pytest.mark.parametrize(("group", "facts", "sentence"), REFUSED)
def test_case_that_cannot_be_answered_fails_with_a_sentence(
    study: Asked, tmp_path: Path, group: str, facts: object, sentence: str
) -> None:
    report = run(study, tmp_path, (group, facts, {"total": None}))
    assert report.exit_status == 1
    (failure,) = report.failures
    assert isinstance(failure.got, str)
    assert sentence in failure.got


@pytest.mark.parametrize("expected", [{"valid": 1}, {"invented": None}, {"valid": "true"}, {"dead": None}])
def test_answer_of_another_kind_or_that_is_not_given_fails(study: Asked, tmp_path: Path, expected: object) -> None:
    assert run(study, tmp_path, ("mrs", {"mrs": 1}, expected)).failed == 1


def test_two_cases_of_one_id_do_not_both_pass(study: Asked, tmp_path: Path) -> None:
    case = {"id": "A", "group": "mrs", "input": {"mrs": 1}, "expected": {"valid": True}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([case, case]), encoding="utf-8")
    report = run_cases(path, *study)
    assert (sum(report.passed.values()), report.failed) == (1, 1)


@pytest.mark.parametrize(
    ("group", "facts", "answer", "wanted"),
    [
        ("mrs", {"mrs": None, "alive": "N"}, "dead", True),
        ("mrs", {"mrs": None, "alive": "U"}, "dead", None),
        ("aspects", {"affected_regions": None}, "score", None),
        ("perfusion", {"core_ml": None, "hypoperfusion_tmax6_ml": "40"}, "mismatch_ratio", None),
        ("sich", {"ht_type": None}, "heidelberg_class", None),
        ("reperfusion", {"etici": None, "passes": 1, "rescue": "N"}, "successful", None),
        ("units", {**UNIT, "value": None}, "value", None),
        ("units", {**UNIT, "value": 7}, "value", "7.0"),
        ("visit_window", {"visit": "V2", "randomisation": None}, "status", None),
        ("visit_window", {"visit": "V2", "randomisation": DAY_0, "now": "2025-03-14T09:00+08:00"}, "status", None),
        (
            "visit_window",
            {"visit": "V7", "randomisation": DAY_0, "death": "2025-05-01T08:00+08:00"},
            "status",
            "NA_DEAD",
        ),
        (
            "visit_window",
            {"visit": "V7", "randomisation": DAY_0, "withdrawal": "2025-05-01T08:00+08:00"},
            "status",
            "NA_WITHDRAWN",
        ),
    ],
)
def test_what_is_not_known_stays_open(
    study: Asked, tmp_path: Path, group: str, facts: object, answer: str, wanted: object
) -> None:
    assert run(study, tmp_path, (group, facts, {answer: wanted})).lines[:-2] == ()


UNREADABLE = [
    "",
    "[]x",
    '{"cases": []}',
    '{"vectors": [{"id": "A"}]}',
    '{"vectors": []}',
    "3",
    "[" * 200000,
    "9" * 5000,
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_run_cases_says_what_is_wrong_with_a_file(study: Asked, tmp_path: Path, text: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyCasesError) as caught:
        run_cases(path, *study)
    assert "cases.json" in caught.value.sentence("zh")


def test_run_cases_names_a_missing_file(study: Asked, tmp_path: Path) -> None:
    with pytest.raises(StudyCasesError, match=r"none\.json"):
        run_cases(tmp_path / "none.json", *study)


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["Y", "UN", "INF", "<3", "2025-03-13", "2025-03-13T10:00Z", "9999-12-31T23:59+08:00", "0001-01-01"]
    ),
    st.lists(st.sampled_from(["C", "M1", None, 3]), max_size=3),
)


@given(data=st.data())
def test_no_fact_whatever_ends_a_run(
    study: Asked, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cases = json.loads((DATA / "study_cases.more.json").read_text(encoding="utf-8"))["vectors"]
    case = data.draw(st.sampled_from(cases))
    key = data.draw(st.sampled_from(sorted(case["input"])))
    changed = {**case, "input": {**case["input"], key: data.draw(ANYTHING)}}
    path = tmp_path_factory.mktemp("cases") / "cases.json"
    path.write_text(json.dumps([changed]), encoding="utf-8")
    report = run_cases(path, *study)
    assert sum(report.passed.values()) + report.failed == 1
