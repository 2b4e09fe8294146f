"""The study definition of RESCUE END-LOW against its clinical content, written out here by hand."""

import re
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from casebook import checks, locations
from casebook.design import DataType, Form, Item, Need, StudyDesign, VisitKind
from casebook.records import ItemPath, MissingCode, Reading
from casebook.study_files import read_study

FOLDER = locations.data_folder("forms") / "rescue_end_low"
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

MATRIX = {  # section 5.1 for the forms of this module
    "SE.V1": (
        "F.ICF:x F.CONTACT:x F.DM:x F.TIME:x F.MH:x F.NIHSS/INITIAL:x F.NIHSS/PRERAND:x F.MRS:x F.VS:x F.LB:x F.ECG:x "
        "F.IMG1:x F.IE:x F.RND:x"
    ),
    "SE.V2": "F.NIHSS:x F.VS:x F.LB:x F.IMG2:x",
    "SE.V3": "F.NIHSS:x F.VS:x F.IMG2:c",
    "SE.V4": "F.NIHSS:x F.VS:x F.IMG2:c",
    "SE.V5": "F.NIHSS:x F.VS:x F.LB:x F.MRS:x F.IMG2:x F.ECG:o F.QOL:o",
    "SE.V6": "F.MRS:x F.NIHSS:o F.B90:o F.QOL:o",
    "SE.V7": "F.B90:x F.NIHSS:o F.QOL:o F.MRS:x",
    "SE.UNS": "F.CONTACT:o F.NIHSS:o F.MRS:o F.VS:o F.LB:o F.ECG:o F.IMG2:o F.QOL:o F.B90:o",
    "SE.EVT": "F.ICF:o F.SIGN:x",
    "SE.SITE": "F.LABS:x F.ETHICS:x",
}
MINE = frozenset(re.split("[:/]", name)[0] for row in MATRIX.values() for name in row.split())
NIHSS = {  # item: highest grade, whether UN is allowed, LOINC
    "NIHSS01A": (3, False, "70184-7"),
    "NIHSS01B": (2, False, "70185-4"),
    "NIHSS01C": (2, False, "70186-2"),
    "NIHSS02": (2, False, "70187-0"),
    "NIHSS03": (3, False, "70188-8"),
    "NIHSS04": (3, False, "70189-6"),
    "NIHSS05A": (4, True, "70190-4"),
    "NIHSS05B": (4, True, "70967-5"),
    "NIHSS06A": (4, True, "70191-2"),
    "NIHSS06B": (4, True, "70968-3"),
    "NIHSS07": (2, True, "70192-0"),
    "NIHSS08": (2, False, "70193-8"),
    "NIHSS09": (3, False, "70194-6"),
    "NIHSS10": (2, True, "70195-3"),
    "NIHSS11": (2, False, "70196-1"),
}
ANALYTES = """
    WBC RBC HGB HCT PLAT NEUT LYM INR PT APTT TT FIBRINO DDIMER GLUC GLUCCAP HBA1CHGB CREAT GFRE UREA ALT AST BILI ALB
    SODIUM K CL CA CHOL LDL HDL TRIG URATE CRP HOMOCY CK CKMB TROPONI TROPONT BNPPRO
"""
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
LICENSED = re.compile(r"EQ-?5D|EuroQol|MedDRA|WHODrug|SNOMED|Barthel|smRSq|mRS-9Q|Rankin Focused", re.IGNORECASE)


@pytest.fixture(scope="module")
def design() -> StudyDesign:
    return read_study(FOLDER)


def texts(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted((FOLDER / "texts" / language).iterdir(), key=str):
        found |= tomllib.loads(file.read_text(encoding="utf-8"))["text"]
    return found


def all_items(design: StudyDesign) -> list[Item]:
    return [item for form in design.forms.values() for group in form.groups for item in group.items]


def codes(design: StudyDesign, item: Item) -> list[str]:
    assert item.code_list is not None
    return [code.value for code in design.code_lists[item.code_list].codes]


def filled(form: Form, /, **values: str) -> dict[ItemPath, Reading]:
    readings = {}
    for name, value in values.items():
        group, _ = form.find(name)
        readings[ItemPath(group=group.oid, item=name)] = (
            Reading(missing=MissingCode(value[1:])) if value.startswith("!") else Reading(value=value)
        )
    return readings


def others(**values: str) -> checks.Others:
    """Answer items of other forms; `F_DM__SEX` stands for `F.DM:SEX`."""
    named = {name.replace("__", ":").replace("_", "."): Reading(value=value) for name, value in values.items()}
    return checks.Given(named)


def fired(form: Form, elsewhere: checks.Others = checks.NO_OTHERS, /, **values: str) -> set[str]:
    found = checks.findings(form, filled(form, **values), others=elsewhere, now=NOW)
    return {one.check for one in found}


# -- the study as a whole ------------------------------------------------------------------------------


def test_study_loads_with_the_visits_of_each_kind(design: StudyDesign) -> None:
    assert (design.oid, design.code, design.protocol) == ("ST.ENDLOW", "RELOW1", "NCT06155032")
    kinds = {visit.oid: visit.kind for visit in design.visits if visit.kind is not VisitKind.SCHEDULED}
    assert kinds | {"SE.LOG": VisitKind.LOG} == {
        "SE.UNS": VisitKind.UNSCHEDULED,
        "SE.LOG": VisitKind.LOG,
        "SE.EVT": VisitKind.EVENT,
        "SE.SITE": VisitKind.SITE,
    }


@pytest.mark.parametrize("visit", MATRIX)
def test_visit_holds_the_forms_of_the_matrix(design: StudyDesign, visit: str) -> None:
    planned = {
        (f"{one.form}/{one.occasion}" if one.occasion else one.form) + f":{one.need}"
        for one in design.visit(visit).forms
        if one.form in MINE
    }
    assert planned == set(MATRIX[visit].split())


def test_windows_are_those_of_the_clinical_content(design: StudyDesign) -> None:
    windows = {visit.oid: visit.window for visit in design.visits}
    hours = {oid: (window.from_hours, window.to_hours, window.open_start) for oid, window in windows.items()}
    assert hours["SE.V2"] == (Decimal(18), Decimal(36), False)
    assert hours["SE.V3"] == (Decimal(36), Decimal(60), True)
    assert hours["SE.V4"] == (Decimal(60), Decimal(84), True)
    assert {oid for oid, window in windows.items() if window.stay} == {"SE.V3", "SE.V4"}
    days = {oid: (window.from_day, window.to_day, window.discharge_before) for oid, window in windows.items()}
    assert days["SE.V5"] == (6, 8, 7)
    assert days["SE.V6"] == (23, 37, None)
    assert days["SE.V7"] == (83, 97, None)
    scheduled = [visit for visit in design.visits if visit.kind is VisitKind.SCHEDULED]
    assert [visit.study_day for visit in scheduled] == [1, 2, 3, 4, 8, 31, 91]
    assert [visit.oid for visit in design.visits if visit.unscheduled] == ["SE.UNS"]


def test_every_text_stands_in_both_languages() -> None:
    assert texts("en").keys() == texts("zh").keys()
    assert all(text.strip() for language in ("en", "zh") for text in texts(language).values())


def test_english_texts_hold_no_chinese() -> None:
    assert {name: text for name, text in texts("en").items() if CJK.search(text)} == {}


def test_chinese_texts_are_chinese() -> None:
    """Only codes, grades and names that are written alike everywhere may stand without Chinese."""
    bare = {name for name, text in texts("zh").items() if not CJK.search(text)}
    sentences = {name for name in bare if not name.startswith("CL.") and name != "I.B90.MRS"}
    assert sentences == set()


def test_licensed_contents_are_not_named() -> None:
    files = [file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.toml")]
    assert [text for text in files if LICENSED.search(text)] == []


def test_every_mandatory_item_can_be_answered_when_the_value_is_not_known(design: StudyDesign) -> None:
    """Answers that the site itself decides, and signatures, take no missing-data code."""
    decided = {
        "I.ICF.ICFVER", "I.ICF.ICFTYPE", "I.ICF.CONSMODE", "I.ICF.CONSBY", "I.ICF.WITREQ", "I.DM.SEX", "I.MRS.MRSPER",
        "I.IMG1.STENVES", "I.MH.MHTERM", "I.LABS.LABTEST", "I.LABS.LABSEX", "I.LABS.LABFROM", "I.ETHICS.ETHWHAT",
        "I.ETHICS.ETHVER", "I.ETHICS.ETHAPDAT", "I.SIGN.SIGNDTM", "I.SIGN.SIGNSCOP", "I.SIGN.SIGNBY", "I.SIGN.SIGNREV",
        "I.B90.CAMODE", "I.B90.CAWHO", "I.B90.CARES", "I.B90.TASKST",
    }  # fmt: skip
    mine = [item for item in all_items(design) if f"F.{item.oid.split('.')[1]}" in MINE]
    closed = {item.oid for item in mine if item.need is Need.MANDATORY and not item.missing_codes}
    assert {oid for oid in closed if not oid.startswith("I.RND.")} == decided


def test_contact_details_ink_and_names_are_identity(design: StudyDesign) -> None:
    assert design.form("F.CONTACT").identity
    identity = {item.oid for item in all_items(design) if item.identity}
    signatures = {f"I.ICF.SIG{who}{what}" for who in "PLW" for what in ("NAM", "INK")}
    assert identity == signatures | {i.oid for g in design.form("F.CONTACT").groups for i in g.items}
    assert design.form("F.ICF").consent


def test_randomisation_is_typed_twice(design: StudyDesign) -> None:
    assert {item.oid for item in all_items(design) if item.twice} == {
        "I.RND.RANDDTM",
        "I.RND.RANDNO",
        "I.RND.RANDARM",
    }


def test_deferred_consent_is_not_offered(design: StudyDesign) -> None:
    _, item = design.form("F.ICF").find("ICFTYPE")
    assert "DEFERRED" not in codes(design, item)


def test_consent_text_covers_the_checklist_and_says_that_it_is_a_template(design: StudyDesign) -> None:
    (consent,) = design.consents
    assert consent.version == "V1.0"
    assert len(consent.paragraphs) == 22
    assert "template" in consent.title("en").lower()
    assert "模板" in consent.title("zh")
    assert any("Personal Information Protection Law" in one("en") for one in consent.paragraphs)


# -- scales --------------------------------------------------------------------------------------------


def test_nihss_has_fifteen_items_with_their_ranges_and_untestable_ones(design: StudyDesign) -> None:
    group = design.form("F.NIHSS").group("IG.NIHSS.ITEMS")
    assert group.sitting
    assert [item.name for item in group.items] == list(NIHSS)
    for item in group.items:
        highest, untestable, loinc = NIHSS[item.name]
        grades = [str(grade) for grade in range(highest + 1)]
        assert codes(design, item) == grades + ["UN"] * untestable
        assert item.annotation.loinc == loinc
        assert all(code.meaning for code in design.code_lists[item.code_list or ""].codes)


def test_nihss_total_counts_untestable_items_as_nil(design: StudyDesign) -> None:
    form = design.form("F.NIHSS")
    worst = {name: str(highest) for name, (highest, _, _) in NIHSS.items()}
    derived = checks.derive(form, filled(form, **worst | {"NIHSS07": "UN", "NIHSS05A": "UN"}))
    values = {path.item: reading.value for path, reading in derived.items()}
    assert values["NIHSSTOT"] == "36"
    assert values["NIHUNCNT"] == "2"
    assert values["NIHUNITM"] == "5a 7"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set()),
        ({"NIHSS01A": "3"}, {"EC021", "EC022", "EC023"}),
        ({"NIHSS01A": "3", "NIHSS01B": "2", "NIHSS01C": "2", "NIHSS08": "2", "NIHSS09": "3"}, set()),
        ({"NIHSS07": "1", "NIHSS05A": "4", "NIHSS05B": "4", "NIHSS06A": "4", "NIHSS06B": "4"}, {"EC024"}),
        ({"NIHSS10": "UN", "NIHUN10": "tube", "NIHINTUB": "Y"}, {"EC025"}),
        ({"NIHSS09": "3"}, {"EC026"}),
        ({"NIHSS06A": "UN"}, {"EC027"}),
        ({"NIHENT": "3"}, {"EC020"}),
        ({"NIHENT": "0"}, set()),
    ],
)
def test_nihss_findings_are_those_of_the_clinical_content(
    design: StudyDesign, changed: dict[str, str], expected: set[str]
) -> None:
    normal = dict.fromkeys(NIHSS, "0")
    assert fired(design.form("F.NIHSS"), **normal | changed) == expected


def test_mrs_before_the_stroke_and_blinded_mrs_end_at_five(design: StudyDesign) -> None:
    grades = {
        oid: codes(design, design.form(oid).find(name)[1])[-1] for oid, name in (("F.MRS", "MRS"), ("F.B90", "MRS"))
    }
    assert grades == {"F.MRS": "6", "F.B90": "5"}
    assert codes(design, design.form("F.MRS").find("MRSPRE")[1]) == ["0", "1", "2", "3", "4", "5"]


def test_mrs_that_differs_from_the_prompts_is_questioned(design: StudyDesign) -> None:
    prompts = {"MRSCONST": "N", "MRSWALK": "Y", "MRSHELP": "N", "MRSFORM": "N", "MRSSYMP": "Y"}
    form = design.form("F.MRS")
    assert fired(form, MRSPER="CURRENT", MRS="2", **prompts) == set()
    assert fired(form, MRSPER="CURRENT", MRS="3", **prompts) == {"EC064"}
    assert fired(form, MRSPER="PRESTROKE", MRSPRE="1", **prompts) == {"EC064"}
    assert fired(form, MRSPER="CURRENT", MRS="6", **prompts) == set()


# -- measurements --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "name", "unit", "hard", "soft"),
    [
        ("F.VS", "SYSBP", "mmHg", (40, 300), (90, 185)),
        ("F.VS", "DIABP", "mmHg", (20, 200), (50, 110)),
        ("F.VS", "TEMP", "°C", (30, 43), (36, Decimal("37.9"))),
        ("F.VS", "OXYSAT", "%", (40, 100), (94, 100)),
        ("F.DM", "HEIGHT", "cm", (100, 230), (140, 195)),
        ("F.DM", "WEIGHT", "kg", (25, 250), (40, 120)),
        ("F.LB", "WBC", "10^9/L", (Decimal("0.1"), 200), (Decimal("3.5"), Decimal("9.5"))),
        ("F.LB", "HGB", "g/L", (20, 250), (115, 175)),
        ("F.LB", "PLAT", "10^9/L", (1, 2000), (125, 350)),
        ("F.LB", "GLUC", "mmol/L", (Decimal("0.5"), 60), (Decimal("3.9"), Decimal("11.1"))),
        ("F.LB", "CREAT", "umol/L", (10, 2500), (41, 111)),
        ("F.LB", "LDL", "mmol/L", (Decimal("0.1"), 25), (None, Decimal("3.4"))),
        ("F.LB", "TROPONI", "ng/L", (0, 100000), (None, None)),
    ],
)
def test_item_has_unit_and_limits_of_the_clinical_content(
    design: StudyDesign, form: str, name: str, unit: str, hard: tuple[object, object], soft: tuple[object, object]
) -> None:
    _, item = design.form(form).find(name)
    assert item.units[0].unit == unit
    assert item.hard == hard
    assert item.soft == soft


@pytest.mark.parametrize(
    ("name", "reported", "standard"),
    [
        ("HGB", "13.5 g/dL", "135"),
        ("GLUC", "400 mg/dL", "22.20"),
        ("CREAT", "1.0 mg/dL", "88.42"),
        ("HBA1CHGB", "53 mmol/mol", "7.00"),
        ("DDIMER", "1200 ng/mL FEU", "1.200"),
        ("DDIMER", "0.6 mg/L DDU", "1.2"),
        ("BILI", "1.2 mg/dL", "20.52"),
        ("HOMOCY", "2.0 mg/L", "14.79"),
        ("TROPONI", "0.04 ng/mL", "40"),
        ("HCT", "41 %", "0.41"),
    ],
)
def test_analyte_converts_to_its_standard_unit(design: StudyDesign, name: str, reported: str, standard: str) -> None:
    _, item = design.form("F.LB").find(name)
    value = checks.standard(item, Reading(value=reported)).value
    assert value is not None
    assert Decimal(value.split()[0]).quantize(Decimal("0.01")) == Decimal(standard).quantize(Decimal("0.01"))


def test_laboratory_asks_every_analyte_with_its_companions(design: StudyDesign) -> None:
    form = design.form("F.LB")
    for name in ANALYTES.split():
        group, item = form.find(name)
        assert group.style == "grid"
        assert item.data_type is DataType.QUANTITY
        assert item.hard != (None, None)
        assert item.annotation.loinc
        assert [form.find(name + suffix)[0].oid for suffix in ("LO", "HI", "IND", "CS")] == [group.oid] * 4
    quantities = {
        item.name
        for group in form.groups
        for item in group.items
        if item.data_type is DataType.QUANTITY and item.hard != (None, None)
    }
    assert quantities == {*ANALYTES.split(), "GLUCRPT", "HCG"}


def test_diastolic_pressure_is_checked_in_each_reading(design: StudyDesign) -> None:
    form = design.form("F.VS")
    found = checks.findings(form, filled(form, SYSBP="120", DIABP="80", SYSBP2="100", DIABP2="105"), now=NOW)
    assert [(one.check, one.path.item) for one in found] == [("EC050", "DIABP2")]


# -- consent and timeline ------------------------------------------------------------------------------

SIGNED = {
    "ICFVER": "V1.0",
    "ICFVDAT": "2025-11-01",
    "ICFAPDT": "2025-12-01",
    "ICFTYPE": "INITIAL",
    "CONSBY": "PARTICIPANT",
    "CANREADP": "Y",
    "WITREQ": "N",
    "DISCBY": "D07",
    "SIGPDTM": "2026-03-01T09:30+08:00",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set()),
        ({"SIGPDTM": ""}, {"EC010"}),
        ({"CONSBY": "LAR"}, {"EC010", "EC012"}),
        ({"CONSBY": "LAR", "LARREL": "CHILD", "INCAPRSN": "APHASIA", "SIGLDTM": "2026-03-01T09:30+08:00"}, set()),
        ({"CANREADP": "N"}, {"EC013"}),
        (
            {
                "CANREADP": "N",
                "WITREQ": "Y",
                "WITINDEP": "Y",
                "WITNAMEINIT": "W1",
                "SIGWDTM": "2026-03-01T09:31+08:00",
            },
            set(),
        ),
        (
            {
                "CANREADP": "N",
                "WITREQ": "Y",
                "WITINDEP": "Y",
                "WITNAMEINIT": "D07",
                "SIGWDTM": "2026-03-01T09:31+08:00",
            },
            {"EC013"},
        ),
        ({"ICFAPDT": "2026-03-02"}, {"EC014"}),
        ({"ICFAPDT": "2026-03-01"}, set()),
    ],
)
def test_consent_findings_are_those_of_the_clinical_content(
    design: StudyDesign, changed: dict[str, str], expected: set[str]
) -> None:
    values = {name: value for name, value in (SIGNED | changed).items() if value}
    assert fired(design.form("F.ICF"), **values) == expected


def test_effective_consent_is_the_latest_required_signature(design: StudyDesign) -> None:
    form = design.form("F.ICF")
    both = SIGNED | {
        "CONSBY": "PARTICIPANT_AND_LAR",
        "SIGLDTM": "2026-03-01T09:40+08:00",
        "SIGIDTM": "2026-03-01T11:00+08:00",
    }
    derived = {path.item: reading.value for path, reading in checks.derive(form, filled(form, **both)).items()}
    assert derived["CONSDTM"] == derived["CONSINI"] == "2026-03-01T09:40+08:00"
    again = checks.derive(form, filled(form, **both | {"ICFTYPE": "RECONSENT"}))
    assert {path.item: reading.value for path, reading in again.items()}["CONSINI"] is None


TIMES = {
    "LKWDTM": "2026-02-27T08:00+08:00",
    "INHOSP": "N",
    "TRANSFER": "N",
    "ARRDTM": "2026-02-27T12:00+08:00",
    "PROGDTM": "2026-02-28T20:00+08:00",
    "PLANRDTM": "2026-03-01T10:00+08:00",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, set()),
        ({"ARRDTM": "2026-02-27T07:00+08:00"}, {"EC002"}),
        ({"PROGDTM": "2026-02-27T07:59+08:00"}, {"EC003", "EC006"}),
        ({"PROGDTM": "2026-02-27T20:00+08:00", "PLANRDTM": "2026-02-28T08:00+08:00"}, {"EC004"}),
        ({"PROGDTM": "2026-02-27T20:00+08:00", "PLANRDTM": "2026-02-28T08:01+08:00"}, set()),
        ({"LKWDTM": "2026-02-21T19:59+08:00"}, {"EC005"}),
        ({"LKWDTM": "2026-02-21T20:00+08:00"}, set()),
        ({"PROGDTM": "2026-02-28T09:59+08:00"}, {"EC006"}),
        ({"ONSDTM": "2026-03-02T12:06+08:00"}, {"EC001"}),
        ({"PLANRDTM": "2026-02-28T19:00+08:00"}, {"EC003"}),
    ],
)
def test_timeline_findings_are_those_of_the_clinical_content(
    design: StudyDesign, changed: dict[str, str], expected: set[str]
) -> None:
    assert fired(design.form("F.TIME"), **TIMES | changed) == expected


def test_recorded_randomisation_stands_over_the_planned_one(design: StudyDesign) -> None:
    form = design.form("F.TIME")
    recorded = others(F_RND__RANDDTM="2026-03-01T21:00+08:00")
    assert fired(form, recorded, **TIMES) == {"EC006"}


def test_consent_after_randomisation_is_found_and_can_be_confirmed(design: StudyDesign) -> None:
    form = design.form("F.RND")
    late = others(F_ICF__CONSINI="2026-03-01T10:01+08:00")
    (found,) = checks.findings(form, filled(form, RANDDTM="2026-03-01T10:00+08:00"), others=late, now=NOW)
    assert (found.check, found.confirmable) == ("EC011", True)


def test_person_under_eighteen_at_consent_is_found(design: StudyDesign) -> None:
    form = design.form("F.DM")
    consent = others(F_ICF__CONSINI="2026-03-01T10:00+08:00")
    assert fired(form, consent, BRTHDAT="2008-03-01") == set()
    assert fired(form, consent, BRTHDAT="2008-03-02") == {"EC009"}
    assert fired(form, consent, BRTHDAT="2026-03-02") == {"EC009"}


# -- imaging -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ASPMODE": "REGIONS", "ASPREG": "C L IC", "ASPSRC": "7"}, set()),
        ({"ASPMODE": "REGIONS", "ASPREG": "C L IC", "ASPSRC": "8"}, {"EC030"}),
        ({"ASPMODE": "REGIONS", "ASPREG": "NONE", "ASPSRC": "10"}, set()),
        ({"OCCSITE": "M1"}, {"EC034"}),
        ({"CORVOL": "20", "TMAX6VOL": "19"}, {"EC035"}),
        ({"CORVOL": "18.0", "TMAX6VOL": "72.0", "MISRREP": "4.0", "MISVREP": "54.0"}, set()),
        ({"CORVOL": "18.0", "TMAX6VOL": "72.0", "MISRREP": "3.0"}, {"EC036"}),
        ({"CORVOL": "0", "TMAX6VOL": "40", "MISRREP": "INF"}, set()),
        ({"TMAX6VOL": "72.0", "TMAX10VO": "73"}, {"EC038"}),
        ({"TMAX6VOL": "72.0", "TMAX10VO": "30", "HIRREP": "1.2"}, {"EC038"}),
    ],
)
def test_baseline_imaging_findings_are_those_of_the_clinical_content(
    design: StudyDesign, values: dict[str, str], expected: set[str]
) -> None:
    assert fired(design.form("F.IMG1"), **values) == expected


def test_image_outside_progression_and_randomisation_is_found_beside_it(design: StudyDesign) -> None:
    form = design.form("F.IMG1")
    times = others(F_TIME__PROGDTM="2026-02-28T20:00+08:00", F_TIME__RANDEFF="2026-03-01T10:00+08:00")
    readings = filled(form, NCCTDTM="2026-02-28T19:00+08:00", ANGDTM="2026-02-28T21:00+08:00")
    found = checks.findings(form, readings, others=times, now=NOW)
    assert [(one.check, one.path.item) for one in found] == [("EC037", "NCCTDTM")]


def test_aspects_given_as_a_score_only_is_accepted(design: StudyDesign) -> None:
    form = design.form("F.IMG1")
    derived = checks.derive(form, filled(form, ASPMODE="SCORE", ASPENT="8"))
    values = {path.item: reading.value for path, reading in derived.items()}
    assert (values["ASPSCALC"], values["ASPECTS"]) == (None, "8")


def test_follow_up_image_gives_the_most_severe_heidelberg_class(design: StudyDesign) -> None:
    form = design.form("F.IMG2")
    derived = checks.derive(form, filled(form, MODAL="NCCT", HTTYPE="HI2 IVH"))
    values = {path.item: reading.value for path, reading in derived.items()}
    assert values["HBCCLASS"] == "3b"


def test_glossary_names_every_form_visit_and_status_in_both_languages(design: StudyDesign) -> None:
    glossary = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = {oid: form.label for oid, form in design.forms.items()}
    rows |= {visit.oid: visit.label for visit in design.visits} | dict(design.statuses)
    for name, label in rows.items():
        assert f"| {name} | {label('en')} | {label('zh')} |" in glossary


def test_assumptions_name_every_contradiction_that_cannot_be_confirmed(design: StudyDesign) -> None:
    page = (Path(__file__).parents[2] / "docs" / "study_assumptions.md").read_text(encoding="utf-8")
    section = page.partition("## Checks")[2].partition("Confirmed checks")[0]
    declared = [check for form in design.forms.values() for check in form.checks]
    assert {check.id for check in declared if not check.confirmable} <= set(re.findall(r"EC\d{3}", section))
