"""What studies may say beyond one form: events, logs, the site, other forms, columns, statuses, eligibility."""

from pathlib import Path

import pytest

from casebook.design import (
    DeviationWhen,
    Form,
    StudyDesign,
    VisitKind,
)
from casebook.errors import StudyFileError
from casebook.references import Pseudo, PseudoKind, Reference, parse
from casebook.rule_kinds import (
    Compare,
    Exists,
    OneOf,
)
from casebook.study_files import read_study
from tests.casebook.small_study import files, write_study

STUDY = """
[[visit]]
oid = "SE.LOG"
kind = "log"
forms = [{form = "F.L", need = "x"}]

[[visit]]
oid = "SE.EVT"
kind = "event"
forms = [{form = "F.D", need = "o", when = {one_of = {item = "F.A:DONE", values = ["Y"]}}}]

[[visit]]
oid = "SE.SITE"
kind = "site"
forms = [{form = "F.S", need = "o"}]

[[status]]
name = "enrolled"
when = {exists = {form = "F.A", where = {one_of = {item = "DONE", values = ["Y"]}}}}

[deviations]
form = "F.D"
source = "SRC"
reference = "REF"
category = "CAT"
severity = "SEV"
started = "STDTM"
discovered = "DISDTM"
classified = "DECOD"
missed = {category = "Y", severity = "N"}

[[every]]
id = "EC910"
severity = "H"
on = "datetime"
except = ["F.A:WHEN", "F.S"]
fires_when = {compare = {item = "@this", op = "gt", other = "@now", add_minutes = 5}}

[[every]]
id = "EC911"
severity = "S"
on = "visit_time"
only = ["F.A"]
deviation = {category = "N", severity = "Y", when = "confirmed"}
fires_when = {compare = {item = "@this", op = "lt", other = "@previous_visited"}}
"""
FORMS = {
    "crf/F.L.toml": """
oid = "F.L"
[[group]]
oid = "IG.L.MAIN"
[[group.item]]
name = "WHO"
type = "text"
need = "O"
unique = true
[[group]]
oid = "IG.L.ROWS"
repeating = true
[[group.item]]
name = "NO"
type = "integer"
need = "M"
[[group.item]]
name = "STDTM"
type = "datetime"
need = "O"
[[group.item]]
name = "HAEM"
type = "code"
need = "O"
codes = "CL.NY"
[[group]]
oid = "IG.L.SUM"
[[group.item]]
name = "PASSES"
type = "integer"
need = "O"
derive = {function = "passes_in_log", items = ["HAEM[]"]}
[[group.item]]
name = "LATE"
type = "code"
need = "C"
codes = "CL.NY"
relevant_when = {exists = {group = "IG.L.ROWS", where = {compare = {item = "NO", op = "gt", other = "^PASSES"}}}}
[[check]]
id = "EC920"
severity = "S"
item = "WHO"
fires_when = {one_of = {item = "@duplicate:WHO", values = ["Y"]}}
[[check]]
id = "EC921"
severity = "H"
item = "NO"
deviation = {category = "Y", severity = "N", when = "fires"}
fires_when = {all = [
    {none = [
        {exists = {form = "F.A", group = "IG.A.ROWS", where = {compare = {item = "LOW", op = "eq", other = "^NO"}}}},
    ]},
    {compare = {item = "F.A@SE.V2:SYS", op = "gt", other = "NO"}},
    {one_of = {item = "@begun:F.B@SE.V1/FIRST", values = ["Y"]}},
    {named = {function = "total_passes_differ", items = ["NO", "F.A[]:LOW"]}},
    {one_of = {item = "F.S:OPEN", values = ["Y"]}},
]}
""",
    "crf/F.D.toml": """
oid = "F.D"
[[group]]
oid = "IG.D.MAIN"
[[group.item]]
name = "STDTM"
type = "datetime"
need = "M"
visit_time = true
[[group.item]]
name = "DISDTM"
type = "datetime"
need = "O"
[[group.item]]
name = "SRC"
type = "text"
need = "O"
[[group.item]]
name = "REF"
type = "text"
need = "O"
[[group.item]]
name = "CAT"
type = "code"
need = "M"
codes = "CL.NY"
[[group.item]]
name = "SEV"
type = "code"
need = "M"
codes = "CL.NY"
[[group.item]]
name = "DECOD"
type = "code"
need = "O"
codes = "CL.NY"
""",
    "crf/F.S.toml": """
oid = "F.S"
[[group]]
oid = "IG.S.MAIN"
[[group.item]]
name = "OPEN"
type = "code"
need = "M"
codes = "CL.NY"
[[group.item]]
name = "SINCE"
type = "datetime"
need = "C"
relevant_when = {one_of = {item = "OPEN", values = ["Y"]}}
""",
    "eligibility.toml": """
[[criterion]]
id = "I1"
code = "INCL01"
kind = "inclusion"
rule = {range = {item = "F.A:DIA", low = "30"}}
facts = ["F.A:DIA"]
needs = ["F.A:SYS"]
waived_when = {one_of = {item = "F.A:DONE", values = ["N"]}}
expiries = [{item = "F.A:WHEN", add_minutes = 1440}, {item = "F.A:WHEN", add_minutes = 60, closes = false}]
""",
}
TEXTS = {
    **{name: name for name in ("SE.LOG", "SE.LOG.short", "SE.EVT", "SE.EVT.short", "SE.SITE", "SE.SITE.short")},
    **{f"F.{form}": f"Form {form}" for form in "LDS"},
    **{f"IG.{name}": name for name in ("L.MAIN", "L.ROWS", "L.SUM", "D.MAIN", "S.MAIN")},
    **{f"I.L.{name}": name for name in ("WHO", "NO", "STDTM", "HAEM", "PASSES", "LATE")},
    **{f"I.D.{name}": name for name in ("STDTM", "DISDTM", "SRC", "REF", "CAT", "SEV", "DECOD")},
    **{f"I.S.{name}": name for name in ("OPEN", "SINCE")},
    **{name: name for name in ("EC910", "EC911", "EC920", "EC921", "CRIT.I1", "STATUS.enrolled")},
}


def contents_of() -> dict[str, str]:
    """Return the small study with a log, an event, a site's form, statuses, criteria and deviations."""
    contents = {**files(), **FORMS}
    contents["study.toml"] = (
        contents["study.toml"]
        .replace('["screened"]', '["screened", "enrolled"]')
        .replace("[[role]]", f"{STUDY}\n[[role]]", 1)
    )
    for language in ("en", "zh"):
        contents[f"texts/{language}.toml"] += "".join(f'"{name}" = "{said}"\n' for name, said in TEXTS.items())
    return contents


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    return read_study(write_study(tmp_path_factory.mktemp("language"), contents_of()))


def test_visits_have_kinds_and_forms_conditions(design: StudyDesign) -> None:
    kinds = {visit.oid: visit.kind for visit in design.visits}
    assert kinds["SE.V1"] is VisitKind.SCHEDULED
    assert [kinds[f"SE.{name}"].value for name in ("LOG", "EVT", "SITE")] == ["log", "event", "site"]
    assert design.visit("SE.EVT").forms[0].when == OneOf(item="F.A:DONE", values=("Y",))


def test_statuses_criteria_and_deviations_are_read(design: StudyDesign) -> None:
    assert [rule.name for rule in design.status_rules] == ["enrolled"]
    (one,) = design.criteria
    assert (one.id, one.code, one.inclusion, one.needs) == ("I1", "INCL01", True, ("F.A:SYS",))
    assert [(expiry.add_minutes, expiry.closes) for expiry in one.expiries] == [(1440, True), (60, False)]
    assert one.label("en") == "CRIT.I1"
    assert design.deviations is not None
    assert (design.deviations.form, design.deviations.missed and design.deviations.missed.category) == ("F.D", "Y")


def checks_called(form: Form, name: str) -> list[str]:
    return [check.item for check in form.checks if check.id == name]


def test_check_of_the_whole_study_stands_on_each_of_its_items(design: StudyDesign) -> None:
    assert {form.oid: found for form in design.forms.values() if (found := checks_called(form, "EC910"))} == {
        "F.D": ["STDTM", "DISDTM"],
        "F.L": ["STDTM"],
    }
    assert {form.oid: found for form in design.forms.values() if (found := checks_called(form, "EC911"))} == {
        "F.A": ["WHEN"]
    }
    check = next(check for check in design.form("F.L").checks if check.id == "EC910")
    assert check.fires_when == Compare(item="STDTM", op="gt", other="@now", add_minutes=5)
    raised = next(check for check in design.form("F.A").checks if check.id == "EC911").deviation
    assert raised is not None
    assert raised.when is DeviationWhen.CONFIRMED


def test_rules_look_into_rows_and_other_forms(design: StudyDesign) -> None:
    _, late = design.form("F.L").find("LATE")
    assert late.relevant_when == Exists(group="IG.L.ROWS", where=Compare(item="NO", op="gt", other="^PASSES"))
    assert design.form("F.L").find("WHO")[1].unique


def test_every_new_part_changes_the_version(tmp_path: Path, design: StudyDesign) -> None:
    for number, (file, before, after) in enumerate(
        [
            ("eligibility.toml", 'low = "30"', 'low = "31"'),
            (
                "study.toml",
                'where = {one_of = {item = "DONE", values = ["Y"]',
                'where = {one_of = {item = "DONE", values = ["N"]',
            ),
            ("study.toml", 'missed = {category = "Y"', 'missed = {category = "N"'),
            ("crf/F.D.toml", 'name = "SRC"', 'name = "SRC"\nunique = true'),
            ("crf/F.L.toml", 'severity = "N", when = "fires"', 'severity = "Y", when = "fires"'),
            ("study.toml", 'values = ["Y"]}}}]', 'values = ["N"]}}}]'),
            ("crf/F.L.toml", 'op = "gt", other = "^PASSES"', 'op = "ge", other = "^PASSES"'),
        ]
    ):
        contents = contents_of()
        assert before in contents[file]
        contents[file] = contents[file].replace(before, after, 1)
        changed = read_study(write_study(tmp_path / str(number), contents))
        assert changed.version != design.version


BROKEN = {
    "site form looks at a subject": (
        "crf/F.S.toml",
        '{one_of = {item = "OPEN", values = ["Y"]}}',
        '{one_of = {item = "F.A:DONE", values = ["Y"]}}',
        "I.S.SINCE",
        "cannot look at F.A of a subject",
    ),
    "site form asks whether a subject's is begun": (
        "crf/F.S.toml",
        '{one_of = {item = "OPEN", values = ["Y"]}}',
        '{one_of = {item = "@begun:F.A", values = ["Y"]}}',
        "I.S.SINCE",
        "cannot look at F.A of a subject",
    ),
    "site form at a subject's visit": (
        "study.toml",
        '[{form = "F.L", need = "x"}]',
        '[{form = "F.L", need = "x"}, {form = "F.S", need = "o"}]',
        "F.S",
        "stands at visits of the site only",
    ),
    "window of an event": (
        "study.toml",
        'kind = "event"',
        'kind = "event"\nwindow = {from_day = 1, to_day = 2}',
        "SE.EVT",
        "only a scheduled visit has a window",
    ),
    "unknown kind": ("study.toml", 'kind = "log"', 'kind = "book"', "SE.LOG", "kind must be one of"),
    "condition without a form": (
        "study.toml",
        'item = "F.A:DONE", values',
        'item = "DONE", values',
        "SE.EVT",
        "no form around it",
    ),
    "code of a condition": ("study.toml", 'values = ["Y"]}}}]', 'values = ["X"]}}}]', "SE.EVT", "has no code X"),
    "unplanned occasion": ("crf/F.L.toml", "@SE.V1/FIRST", "@SE.V1/LAST", "F.L, EC921", "not planned so"),
    "form at another visit": ("crf/F.L.toml", "F.A@SE.V2:SYS", "F.A@SE.LOG:SYS", "F.L, EC921", "no other form has"),
    "row of another form": ("crf/F.L.toml", "F.A@SE.V2:SYS", "F.A@SE.V2:LOW", "F.L, EC921", "stands in rows"),
    "column as one value": ("crf/F.L.toml", "F.A@SE.V2:SYS", "F.A@SE.V2[]:SYS", "F.L, EC921", "means many places"),
    "column before a single item": (
        "crf/F.L.toml",
        '["NO", "F.A[]:LOW"]',
        '["F.A[]:LOW", "NO"]',
        "F.L, check 2: EC921",
        "columns stand behind",
    ),
    "column missing": ("crf/F.L.toml", '["NO", "F.A[]:LOW"]', '["NO"]', "F.L, check 2: EC921", "0 column(s)"),
    "column of no rows": ("crf/F.L.toml", '["HAEM[]"]', '["WHO[]"]', "I.L.PASSES", "stands in no rows"),
    "outer name outside": ("crf/F.L.toml", "F.A@SE.V2:SYS", "^WHO", "F.L, EC921", "stands outside exists"),
    "unknown outer name": ("crf/F.L.toml", "^PASSES", "^PAUSES", "I.L.LATE", "no item PAUSES"),
    "name inside exists": ("crf/F.L.toml", 'item = "LOW", op', 'item = "NO", op', "F.L, EC921", "no item NO"),
    "exists over no group": (
        "crf/F.L.toml",
        'group = "IG.A.ROWS"',
        'group = "IG.A.MAIN"',
        "F.L, EC921",
        "no repeating group",
    ),
    "exists over no form": ("crf/F.L.toml", 'form = "F.A", group', 'form = "F.Z", group', "F.L, EC921", "no form F.Z"),
    "exists of nothing": (
        "crf/F.L.toml",
        'exists = {group = "IG.L.ROWS", ',
        "exists = {",
        "I.L.LATE",
        "exists needs a form",
    ),
    "misspelt pseudo item": ("crf/F.L.toml", "@duplicate:WHO", "@duplicates:WHO", "F.L, EC920", "no name of an item"),
    "pseudo item of nothing": ("crf/F.L.toml", "@duplicate:WHO", "@duplicate:WHOM", "F.L, EC920", "no item WHOM"),
    "duplicate of what is not unique": ("crf/F.L.toml", "unique = true\n", "", "F.L, EC920", "needs unique = true"),
    "this outside every": ("crf/F.L.toml", "@duplicate:WHO", "@this", "F.L, EC920", "no name of an item"),
    "visit where there is none": ("eligibility.toml", '"F.A:DIA", low', '"@visited", low', "I1", "there is no visit"),
    "criterion of no form": ("eligibility.toml", 'facts = ["F.A:DIA"]', 'facts = ["DIA"]', "I1", "no form around it"),
    "long code of a criterion": ("eligibility.toml", "INCL01", "INCLUSION1", "I1", "at most 8"),
    "waiver of nothing": ("eligibility.toml", 'needs = ["F.A:SYS"]\n', "", "I1", "waived_when needs needs"),
    "criterion without facts": ("eligibility.toml", 'facts = ["F.A:DIA"]', "facts = []", "I1", "shows the facts"),
    "expiry without a time": ("eligibility.toml", ", add_minutes = 1440", "", "I1", "add_minutes"),
    "status that is not listed": ("study.toml", 'name = "enrolled"', 'name = "dead"', "dead", "does not list dead"),
    "unknown anchor": (
        "study.toml",
        "[anchors]",
        '[anchors]\nborn_at = ["F.A:WHEN"]',
        "-, anchors",
        "unknown key born_at",
    ),
    "deviation of no category": (
        "crf/F.L.toml",
        'category = "Y"',
        'category = "WINDOW"',
        "F.L, EC921",
        "has no code WINDOW",
    ),
    "missed visit of no category": (
        "study.toml",
        'missed = {category = "Y"',
        'missed = {category = "Z"',
        "deviations",
        "no code Z",
    ),
    "deviations in a log": (
        "study.toml",
        'form = "F.D"\nsource',
        'form = "F.L"\nsource',
        "deviations",
        "no form of an event",
    ),
    "deviation item": ("study.toml", 'source = "SRC"', 'source = "SOURCE"', "deviations", "no item SOURCE"),
    "deviation that cannot be confirmed": (
        "study.toml",
        'only = ["F.A"]',
        'only = ["F.A"]\nconfirmable = false',
        "-, every 2: EC911",
        "cannot be confirmed",
    ),
    "exception that is none": ("study.toml", '"F.S"]', '"F.B"]', "-, every 1: EC910", "F.B is no item or form"),
    "check of the whole study twice": ("study.toml", 'id = "EC911"', 'id = "EC910"', "-, every 2: EC910", "twice"),
    "check of the whole study and of a form": (
        "crf/F.L.toml",
        'id = "EC920"\nseverity = "S"\nitem = "WHO"',
        'id = "EC910"\nseverity = "S"\nitem = "STDTM"',
        "-, every 1: EC910",
        "F.L declares this check",
    ),
    "circle through rows": (
        "crf/F.L.toml",
        'name = "NO"\ntype = "integer"\nneed = "M"',
        'name = "NO"\ntype = "integer"\nneed = "C"\nrelevant_when = {one_of = {item = "F.L:LATE", values = ["Y"]}}',
        "F.L",
        "wait for each other: LATE, NO",
    ),
    "unique derived item": (
        "crf/F.L.toml",
        'name = "PASSES"\ntype = "integer"',
        'name = "PASSES"\nunique = true\ntype = "integer"',
        "I.L.PASSES",
        "unique belongs",
    ),
    "time of a visit in a text": (
        "crf/F.D.toml",
        'name = "SRC"',
        'name = "SRC"\nvisit_time = true',
        "I.D.SRC",
        "visit_time belongs",
    ),
    "languages": ("study.toml", '["en", "zh"]', '["English"]', "study", "languages lists"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_mistake_is_told_with_place_and_remedy(tmp_path: Path, case: tuple[str, str, str, str, str]) -> None:
    file, before, after, place, what = case
    contents = contents_of()
    assert before in contents[file]
    contents[file] = contents[file].replace(before, after, 1)
    with pytest.raises(StudyFileError) as caught:
        read_study(write_study(tmp_path, contents))
    assert what in caught.value.sentence("en")
    assert str(caught.value.fields["place"]).startswith(place)
    assert caught.value.sentence("zh") != caught.value.sentence("en")


@pytest.mark.parametrize("languages", ['["de", "fr"]', '["fr"]', '["pt-BR", "ja", "en"]'])
def test_study_may_speak_any_languages(tmp_path: Path, languages: str) -> None:
    contents = contents_of()
    contents["study.toml"] = contents["study.toml"].replace('["en", "zh"]', languages)
    texts = contents.pop("texts/en.toml")
    del contents["texts/zh.toml"]
    for language in languages.strip("[]").replace('"', "").split(", "):
        contents[f"texts/{language}.toml"] = texts
    design = read_study(write_study(tmp_path, contents))
    assert set(design.form("F.A").label.by_language) == set(design.languages)
    assert design.form("F.A").label("zh") == "Form A"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("SYSBP", Reference(item="SYSBP")),
        ("^SYSBP", Reference(item="SYSBP", outer=True)),
        ("NO[]", Reference(item="NO", column=True)),
        ("F.VS:SYSBP", Reference(form="F.VS", item="SYSBP")),
        ("F.VS@SE.V2:SYSBP", Reference(form="F.VS", visit="SE.V2", item="SYSBP")),
        ("F.VS@SE.V2/ONE[]:SYSBP", Reference(form="F.VS", visit="SE.V2", occasion="ONE", item="SYSBP", column=True)),
        ("@now", Pseudo(kind=PseudoKind.NOW)),
        ("^@visited", Pseudo(kind=PseudoKind.VISITED, outer=True)),
        ("@entered:SYSBP", Pseudo(kind=PseudoKind.ENTERED, item="SYSBP")),
        ("@hard:F.VS@SE.V1", Pseudo(kind=PseudoKind.HARD, form="F.VS", visit="SE.V1")),
        ("@begun", None),
        ("@now:SYSBP", None),
        ("@entered:F.VS", None),
        ("F.VS:SYSBP[]", None),
        ("F.VS[]:SYSBP[]", None),
        ("sysbp", None),
        ("", None),
    ],
)
def test_name_is_read_into_its_parts(name: str, parts: Reference | Pseudo | None) -> None:
    assert parse(name) == parts
