"""Every rule of the shipped study, and of a small one, as a sentence in both languages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from casebook.design import (
    Form,
    StudyDesign,
    Text,
    Window,
)
from casebook.errors import LANGUAGES
from casebook.locations import data_folder
from casebook.rule_kinds import (
    AllOf,
    Answered,
    AnyOf,
    Compare,
    Exists,
    Named,
    NoneOf,
    OneOf,
    Range,
    Rule,
)
from casebook.scores import DERIVATIONS, DERIVED, FIRES, RULES
from casebook.sentences import Sentences
from casebook.study_files import read_study
from tests.casebook.small_study import files, write_study


@pytest.fixture(scope="module")
def shipped() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StudyDesign:
    return read_study(write_study(tmp_path_factory.mktemp("small"), files()))


def all_sentences(design: StudyDesign, language: str) -> Iterator[tuple[str, str]]:
    """Return every sentence of a study with the place that it is about."""
    say = Sentences(design, language)
    for form in design.forms.values():
        for item in (item for group in form.groups for item in group.items):
            if item.relevant_when is not None:
                yield item.oid, say.asked(form, item)
            if item.derivation is not None:
                yield item.oid, say.worked_out(form, item)
        for check in form.checks:
            yield f"{form.oid} {check.id} {check.item}", say.fires(form, check)
    for visit in design.visits:
        for planned in visit.forms:
            if planned.when is not None:
                yield f"{visit.oid} {planned.form}", say.applicable(planned.when)
    for one in design.criteria:
        yield one.id, say.criterion(one.rule, inclusion=one.inclusion)
        if one.waived_when is not None:
            yield f"{one.id} waived", say.rule(one.waived_when, None) + say.stop
    for status in design.status_rules:
        yield status.name, say.rule(status.when, None) + say.stop


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_the_study_has_a_sentence(shipped: StudyDesign, language: str) -> None:
    seen = 0
    for place, sentence in all_sentences(shipped, language):
        seen += 1
        assert sentence.endswith("。" if language == "zh" else "."), place
        assert not re.search(r"[{}@]|\^[@A-Z]|\bF\.[A-Z]|\bIG?\.[A-Z]", sentence), (place, sentence)
        assert not re.search("the function |函数 ", sentence), (place, sentence)
        if language == "zh":
            assert re.search(r"[\u4e00-\u9fff]", sentence), place
            frame = re.sub("“[^”]*”", "", sentence)
            assert not re.search(r"\b(is|and|or|when|not|the)\b", frame), (place, sentence)
    assert seen > 500


def test_every_named_function_has_a_phrase_in_both_languages() -> None:
    assert set(DERIVED) == set(DERIVATIONS)
    assert set(FIRES) == set(RULES)
    for english, chinese in (*DERIVED.values(), *FIRES.values()):
        assert english.isascii() or "×" in english
        assert re.search(r"[\u4e00-\u9fff]", chinese)


MAIN = Answered(item="SYS")
CASES: dict[str, tuple[Rule, str, str]] = {
    "answered": (MAIN, "“Systolic” has an answer", "“收缩压”已填写"),
    "not answered": (NoneOf(rules=(MAIN,)), "“Systolic” has no answer", "“收缩压”未填写"),
    "one of": (OneOf(item="DONE", values=("Y",)), "“Done?” is “Yes”", "“是否进行？”为“是”"),
    "not one of": (
        NoneOf(rules=(OneOf(item="DONE", values=("Y", "N")),)),
        "“Done?” is not “Yes” or “No”",
        "“是否进行？”不是“是”或“否”",
    ),
    "number": (
        Compare(item="DIA", op="ge", other="SYS"),
        "“Diastolic” is at least “Systolic”",
        "“舒张压”不小于“收缩压”",
    ),
    "constant": (Compare(item="SYS", op="lt", value="90"), "“Systolic” is less than 90 mmHg", "“收缩压”小于90 mmHg"),
    "time": (
        Compare(item="WHEN", op="gt", other="@now", add_minutes=1440),
        "“When” is after the present moment plus 24 h",
        "“时间”晚于当前时刻加 24 小时",
    ),
    "days before": (
        Compare(item="WHEN", op="le", other="F.B/FIRST:DAY", add_minutes=-10080),
        "“When” is not after “Day” of “Form B” (First) minus 7 days",
        "“时间”不晚于“表单乙”（首次）的“日期”减 7 天",
    ),
    "minutes": (
        Compare(item="WHEN", op="eq", other="@visited", add_minutes=5),
        "“When” is the same as the date of the visit plus 5 min",
        "“时间”与访视日期加 5 分钟相同",
    ),
    "outside": (
        Range(item="SYS", low=Decimal(90), high=Decimal(185)),
        "“Systolic” is below 90 mmHg or above 185 mmHg",
        "“收缩压”低于 90 mmHg 或高于 185 mmHg",
    ),
    "below": (Range(item="DIA", low=Decimal(30)), "“Diastolic” is below 30", "“舒张压”低于 30"),
    "brackets": (
        AllOf(rules=(MAIN, AnyOf(rules=(Answered(item="DIA"), Answered(item="GLUC"))))),
        "“Systolic” has an answer and (“Diastolic” has an answer or “Glucose” has an answer)",
        "“收缩压”已填写，且（“舒张压”已填写，或“血糖”已填写）",
    ),
    "none": (
        NoneOf(rules=(MAIN, Answered(item="DIA"))),
        "none of these is true: “Systolic” has an answer; “Diastolic” has an answer",
        "以下均不成立：“收缩压”已填写；“舒张压”已填写",
    ),
    "telling part": (
        AllOf(rules=(Answered(item="DONE"), OneOf(item="DONE", values=("Y",)))),
        "“Done?” is “Yes”",
        "“是否进行？”为“是”",
    ),
    "row": (
        Exists(form="F.A", group="IG.A.ROWS", where=Compare(item="LOW", op="eq", other="^DIA")),
        "there is a row of “Rows” in “Form A” in which “Low” is “Diastolic” of this form",
        "“表单甲”的“多行”中有一行，其中“低”等于本表单的“舒张压”",
    ),
    "no row here": (
        NoneOf(rules=(Exists(group="IG.A.ROWS", where=Answered(item="LOW")),)),
        "there is no row of “Rows” in which “Low” has an answer",
        "“多行”中没有一行，其中“低”已填写",
    ),
    "form": (
        Exists(form="F.B", where=Answered(item="DAY")),
        "there is a form “Form B” in which “Day” has an answer",
        "存在一份“表单乙”，其中“日期”已填写",
    ),
    "begun": (
        OneOf(item="@begun:F.A@SE.V2", values=("Y",)),
        "“Form A” at V2 has been begun",
        "V2的“表单甲”已开始填写",
    ),
    "not begun": (
        Compare(item="@begun:F.A", op="eq", value="N"),
        "it is not so that “Form A” has been begun",
        "并非“表单甲”已开始填写",
    ),
    "visit": (OneOf(item="@visit", values=("SE.V2",)), "the visit is V2", "访视为V2"),
    "visit status": (
        OneOf(item="@visit_status", values=("LATE",)),
        "the time of the visit is later than its window",
        "访视时间为晚于时间窗",
    ),
    "unit": (
        Named(function="unit_not_listed", items=("GLUC",)),
        "“Glucose” is given in a unit other than mmol/L, mg/dL",
        "“血糖”的单位不是mmol/L、mg/dL",
    ),
    "column": (
        Named(function="total_passes_differ", items=("DIA", "F.A[]:LOW")),
        "the total is not the number of passes in the log (“Diastolic”, every “Low” of “Form A”)",
        "总次数与记录的取栓次数不符（“舒张压”、“表单甲”的各条“低”）",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_rule_is_told_in_both_languages(small: StudyDesign, case: tuple[Rule, str, str]) -> None:
    rule, english, chinese = case
    form = small.form("F.A")
    assert Sentences(small, "en").rule(rule, form) == english
    assert Sentences(small, "zh").rule(rule, form) == chinese


def test_check_says_what_follows(small: StudyDesign) -> None:
    form = small.form("F.A")
    check = next(check for check in form.checks if check.id == "EC900")
    assert Sentences(small, "en").fires(form, check) == (
        "Reported when “Diastolic” is at least “Systolic”. Stands in the way of completing the form. "
        "It cannot be confirmed; one of the values must be corrected."
    )


def test_derivation_names_what_it_rests_on(small: StudyDesign) -> None:
    form = small.form("F.A")
    _, item = form.find("MAP")
    assert Sentences(small, "zh").worked_out(form, item) == (
        "平均动脉压，（收缩压＋2×舒张压）÷3，依据“收缩压”、“舒张压”。"
    )


@pytest.mark.parametrize(
    ("window", "english"),
    [
        (Window(), "no window"),
        (Window(from_hours=Decimal(18), to_hours=Decimal(36)), "from 18 h to 36 h after randomisation"),
        (
            Window(from_hours=Decimal(36), to_hours=Decimal(60), open_start=True),
            "later than 36 h and up to 60 h after randomisation",
        ),
        (Window(from_day=83, to_day=97), "from calendar day 83 to day 97 (day 0 = randomisation)"),
    ],
)
def test_window_is_told_in_words(small: StudyDesign, window: Window, english: str) -> None:
    assert Sentences(small, "en").window(window) == english
    assert Sentences(small, "zh").window(window) != english


def test_label_that_stands_twice_is_told_with_its_group(small: StudyDesign) -> None:
    form = small.form("F.A")
    twin = Text({"en": "Low", "zh": "低"})
    groups = tuple(
        replace(group, items=tuple(replace(item, label=twin) if item.name == "DIA" else item for item in group.items))
        for group in form.groups
    )
    doubled: Form = replace(form, groups=groups)
    design = replace(small, forms={**small.forms, "F.A": doubled})
    assert Sentences(design, "en").rule(Answered(item="DIA"), doubled) == "“Main: Low” has an answer"


def test_sentences_of_another_language_keep_its_labels_in_an_english_frame(tmp_path: Path) -> None:
    contents = files()
    contents["study.toml"] = contents["study.toml"].replace('["en", "zh"]', '["de", "zh"]')
    contents["texts/de.toml"] = contents.pop("texts/en.toml").replace('"Systolic"', '"Systolisch"')
    design = read_study(write_study(tmp_path, contents))
    assert Sentences(design, "de").rule(MAIN, design.form("F.A")) == "“Systolisch” has an answer"
