"""Pasted laboratory results: what is read, what is asked about, and that nothing is invented.

The printouts are invented; their shapes are those of laboratories' reports and of spreadsheets.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.design import UnitFactor
from casebook.entry import measured
from casebook.pasted import MOST_CHARACTERS, Analyte, Line, Offer, Why, name_key, read_results


def _analyte(item: str, names: str, *units: str, spelt: tuple[str, ...] = ()) -> Analyte:
    made = tuple(UnitFactor(unit=unit, spelt=spelt if place == 0 else ()) for place, unit in enumerate(units))
    return Analyte(item=item, names=tuple(names.split("; ")), units=made)


ANALYTES = (
    _analyte("WBC", "WBC; 白细胞; 白细胞计数; Leukocytes (WBC)", "10^9/L", "10^3/uL", spelt=("10*9/L", "10E9/L")),
    _analyte("HGB", "Hb; HGB; 血红蛋白", "g/L", "g/dL"),
    _analyte("NEUT", "NEUT; NEUT#; 中性粒细胞", "10^9/L"),
    _analyte("PT", "PT; 凝血酶原时间", "s"),
    _analyte("INR", "INR; PT-INR; 国际标准化比值"),
    _analyte("DDIMER", "D-dimer; D-二聚体", "mg/L FEU", "mg/L DDU"),
    _analyte("GLUC", "GLU; 血糖; glucose", "mmol/L", "mg/dL"),
    _analyte("GLUCCAP", "指尖血糖; 血糖", "mmol/L", "mg/dL"),
    _analyte("K", "K; K+; 钾", "mmol/L"),
    _analyte("NA", "Na; Na+; 钠", "mmol/L"),
    _analyte("BILI", "TBIL; total bilirubin; 总胆红素", "umol/L", "mg/dL"),
    _analyte("TNT", "hs-cTnT; 高敏肌钙蛋白T", "ng/L"),
    _analyte("HCT", "HCT", "L/L", "%"),
)


def _one(text: str) -> Line:
    (line,) = read_results(text, ANALYTES)
    return line


@pytest.mark.parametrize(
    ("text", "item", "value", "unit"),
    [
        ("WBC 7.2 10^9/L", "WBC", "7.2", "10^9/L"),
        ("WBC 白细胞 7.2 10^9/L 3.5-9.5 ↑", "WBC", "7.2", "10^9/L"),
        ("1  白细胞(WBC)  7.2↑  3.5--9.5  ×10⁹/L", "WBC", "7.2", "10^9/L"),
        ("3. ★白细胞计数  7.2 H 10*9/L [3.5～9.5]", "WBC", "7.2", "10^9/L"),
        ("ＷＢＣ　７．２　10^9／L", "WBC", "７．２", "10^9/L"),
        ("Hb\t132\tg/L\t115-150", "HGB", "132", "g/L"),
        ("Hb;13,2;g/dL;11,5-15,0", "HGB", "13,2", "g/dL"),
        ('Hb,"13,2",g/dL', "HGB", "13,2", "g/dL"),
        ("Hb: 132g/L", "HGB", "132", "g/L"),
        ("PT 12.3 s 9 - 14", "PT", "12.3", "s"),
        ("PT(s) 12.3 9-14", "PT", "12.3", "s"),
        ("PT-INR 1.05 0.8-1.2", "INR", "1.05", ""),
        ("K+ = 4.1 mmol/l", "K", "4.1", "mmol/L"),
        ("Total bilirubin 12.3 μmol/L <26", "BILI", "12.3", "umol/L"),
        ("总胆红素 ≤ 3.0 umol/L", "BILI", "≤3.0", "umol/L"),
        ("hs-cTnT < 3 ng/L 0-14", "TNT", "<3", "ng/L"),
        ("HCT 41 % 35-45", "HCT", "41", "%"),
        ("D-Dimer 0.35 mg/L FEU <0.5", "DDIMER", "0.35", "mg/L FEU"),
    ],
)
def test_line_that_says_everything_is_sure(text: str, item: str, value: str, unit: str) -> None:
    line = _one(text)
    assert line.offers == (Offer(item=item, value=value, unit=unit),)
    assert line.is_sure


@pytest.mark.parametrize(
    ("text", "why", "words", "offers"),
    [
        ("血糖 6.1 mmol/L", Why.TWO_NAMES, "", 2),
        ("WBC 7.2", Why.NO_UNIT, "", 2),
        ("Na 140 mg/dL", Why.OTHER_UNIT, "mg/dL", 1),
        ("NEUT 65 %", Why.OTHER_UNIT, "%", 1),
        ("D-二聚体(FEU) 0.35 mg/L", Why.OTHER_UNIT, "FEU mg/L", 2),
        ("K 4.1 4.3 mmol/L", Why.TWO_VALUES, "4.1 4.3", 2),
        ("hs-cTnT <3 ng/L <14", Why.TWO_VALUES, "<3 <14", 2),
        ("尿白细胞 WBC 3 10^9/L", Why.OTHER_WORDS, "尿白细胞", 1),
        ("GLU 5.6 mmol/L 脑脊液", Why.OTHER_WORDS, "脑脊液", 1),
        ("GLU 5.6 尿", Why.NO_UNIT, "尿", 2),
        ("WBC 1,200 10^9/L", Why.NO_VALUE, "1,200", 0),
        ("WBC 标本溶血", Why.NO_VALUE, "标本溶血", 0),
        ("PT% 98 %", Why.NO_NAME, "", 0),
        ("NEUT% 65", Why.NO_NAME, "", 0),
        ("采样时间: 2026-11-22 14:30", Why.NO_NAME, "", 0),
    ],
)
def test_line_that_leaves_something_open_is_asked_about(text: str, why: Why, words: str, offers: int) -> None:
    line = _one(text)
    assert (line.why, line.words, len(line.offers)) == (why, words, offers)
    assert not line.is_sure


def test_several_results_in_one_line_are_told_apart_by_their_names() -> None:
    lines = read_results("WBC 7.2×10^9/L，Hb 132g/L；K 4.1 mmol/L Na 140 mmol/L", ANALYTES)
    assert [line.offers[0] for line in lines] == [
        Offer(item="WBC", value="7.2", unit="10^9/L"),
        Offer(item="HGB", value="132", unit="g/L"),
        Offer(item="K", value="4.1", unit="mmol/L"),
        Offer(item="NA", value="140", unit="mmol/L"),
    ]
    assert all(line.is_sure and line.number == 1 for line in lines)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("WBC 7.2 10^9/L 3.5-9.5 ↑", "3.5", "9.5", ""),
        ("1  白细胞(WBC)  7.2↑  3.5--9.5  ×10⁹/L", "3.5", "9.5", ""),
        ("3. ★白细胞计数  7.2 H 10*9/L [3.5～9.5]", "3.5", "9.5", ""),
        ("K 4.1 mmol/L （３．５－５．３）", "3.5", "5.3", ""),
        ("Hb;13,2;g/dL;11,5-15,0", "11.5", "15.0", ""),
        ("PT 12.3 s 9 — 14", "9", "14", ""),
        ("K 4.1 mmol/L 3.5 至 5.3 mmol/L", "3.5", "5.3", ""),
        ("Total bilirubin 12.3 μmol/L <26", "", "<26", ""),
        ("K 4.1 mmol/L ≤5.0", "", "<=5.0", ""),
        ("K 4.1 mmol/L ＞3.5", ">3.5", "", ""),
        ("Hb 13.2 g/dL 130-175 g/L", "130", "175", "g/L"),
        ("Hb 13.2g/dL 130-175g/L", "130", "175", "g/L"),
        ("项目\t结果\t单位\t参考范围\nhs-cTnT\t<3\tng/L\t<14", "", "<14", ""),
        ("Test,Result,Unit,Reference range\nNa,141,mmol/L,mmol/L 137-147", "137", "147", "mmol/L"),
        ("Test;Result;Unit;Low;High\nK;4.1;mmol/L;3.5;5.3", "3.5", "5.3", ""),
        ("项目\t结果\t单位\t参考下限\t参考上限\nK\t4.1\tmmol/L\t\t5.3", "", "5.3", ""),
    ],
)
def test_range_that_a_line_prints_stands_beside_its_result(text: str, low: str, high: str, unit: str) -> None:
    line = _one(text)
    assert line.is_sure
    assert line.printed is not None
    assert (line.printed.low, line.printed.high, line.printed.unit) == (low, high, unit)


@pytest.mark.parametrize(
    "told",
    ["5.3-3.5", "1,200-1,500", "3.5-5.3foo", "3.5-5.3 4-5", "男 3.5-5.3 女 3.4-5.1", "<3-5.3", "<5.2 <6.2"],
)
def test_range_that_can_be_read_otherwise_is_told_as_it_stands_and_not_read(told: str) -> None:
    for text in (f"K 4.1 mmol/L {told}", f"项目\t结果\t单位\t参考范围\nK\t4.1\tmmol/L\t{told}"):
        line = _one(text)
        assert [offer.value for offer in line.offers] == ["4.1"]
        assert line.printed is not None
        assert not line.printed.is_read
        assert line.printed.text.split()[0] in told


def test_range_of_each_half_of_a_table_stands_with_its_own_result() -> None:
    heading = "项目\t结果\t单位\t参考范围"
    lines = read_results(f"{heading}\t{heading}\nK\t4.1\tmmol/L\t3.5-5.3\tNa\t141\tmmol/L\t137-147", ANALYTES)
    assert [one.printed.high for one in lines if one.printed is not None] == ["5.3", "147"]
    (line,) = read_results(f"{heading}\t参考值\nK\t4.1\tmmol/L\t3.5-5.3\t4-5", ANALYTES)
    assert line.printed is not None
    assert not line.printed.is_read


def test_line_without_a_range_has_none() -> None:
    assert [_one(text).printed for text in ("K 4.1 mmol/L", "项目\t结果\t参考范围\t单位\nK\t4.1\t--\tmmol/L")] == [
        None
    ] * 2


HEADINGS = (
    (
        "序号\t检验项目\t缩写\t结果\t提示\t参考范围\t单位\t方法\n"
        "1\t白细胞计数\tWBC\t12.4\t↑\t3.5-9.5\t10^9/L\t流式\n"
        "2\t高敏肌钙蛋白T\ths-cTnT\t<3\t\t<14\tng/L\t电化学发光\n"
    ),
    "Test,Result,Unit,Reference range,Method\nWBC,12.4,10^9/L,3.5-9.5,flow\nhs-cTnT,<3,ng/L,<14,ECLIA\n",
    "Analyte;Value;Units;Previous result\nWBC;12,4;10^9/L;9,1\nhs-cTnT;<3;ng/L;5\n",
)


@pytest.mark.parametrize("text", HEADINGS)
def test_heading_says_what_each_column_holds(text: str) -> None:
    lines = read_results(text, ANALYTES)
    assert [(one.item, measured(one.value), one.unit) for line in lines for one in line.offers] == [
        ("WBC", ("12.4", ""), "10^9/L"),
        ("TNT", ("<3", ""), "ng/L"),
    ]
    assert all(line.is_sure for line in lines)


def test_analyte_that_comes_twice_waits_for_a_choice_even_where_both_say_the_same() -> None:
    lines = read_results("K 4.1 mmol/L\nNa 140 mmol/L\n钾 4.1 mmol/L", ANALYTES)
    assert [line.why for line in lines] == [Why.AGAIN, None, Why.AGAIN]


def test_second_heading_says_anew_what_the_columns_hold() -> None:
    text = (
        "项目\t结果\t上次结果\t单位\nK\t4.1\t3.9\tmmol/L\n"
        + "\n" * 12
        + "项目\t上次结果\t结果\t单位\nNa\t139\t141\tmmol/L"
    )
    assert [line.offers[0].value for line in read_results(text, ANALYTES)] == ["4.1", "141"]


def test_results_below_a_heading_of_another_specimen_are_asked_about_until_the_next_heading() -> None:
    lines = read_results("血清\nK 4.1 mmol/L\n尿液分析\n蛋白 阴性\nGLU 5.6 mmol/L\n血液\nNa 141 mmol/L", ANALYTES)
    read = {line.offers[0].item: (line.why, line.words) for line in lines if line.offers}
    assert read == {"K": (None, ""), "GLUC": (Why.OTHER_WORDS, "尿液分析"), "NA": (None, "")}


def test_two_results_of_one_heading_are_asked_about() -> None:
    (line,) = read_results("项目\t结果\t结果\t单位\nK\t4.1\t4.3\tmmol/L", ANALYTES)
    assert line.why is Why.TWO_VALUES


def test_text_without_end_is_no_panel() -> None:
    assert read_results("K 4.1 mmol/L\n" * MOST_CHARACTERS, ANALYTES) == ()


_WORDS = st.one_of(
    st.sampled_from([name for one in ANALYTES for name in one.names]),
    st.sampled_from([unit.unit for one in ANALYTES for unit in one.units]),
    st.sampled_from(
        ["7.2", "<0.01", "13,2", "1,200", "３．５", "3.5-9.5", "↑", "H", "/", "10", "^", "×", "≤", "-", "尿"]
    ),
    st.text(max_size=6),
)
_TEXTS = st.lists(st.tuples(_WORDS, st.sampled_from([" ", "\t", ";", ",", "\n", "（", ")", ""])), max_size=40).map(
    lambda pairs: "".join(word + after for word, after in pairs)
)


@given(_TEXTS | st.text(max_size=300))
def test_any_text_is_read_and_every_value_that_is_offered_stands_in_it(text: str) -> None:
    by_item = {one.item: one for one in ANALYTES}
    told = "".join(text.split()).replace('"', "")
    for line in read_results(text, ANALYTES):
        for offer in line.offers:
            assert offer.value in told
            assert measured(offer.value) is not None
            assert offer.unit in {unit.unit for unit in by_item[offer.item].units} | {""}
            assert any(name_key(name) in name_key(text) for name in by_item[offer.item].names)
        ends = [] if line.printed is None else [line.printed.low, line.printed.high]
        assert all(measured(end) == (end, "") for end in ends if end)
        if all(end and end[0] not in "<>" for end in ends):
            assert ends == sorted(ends, key=Decimal)
        assert not line.is_sure or len(line.offers) == 1
    sure = [line.offers[0].item for line in read_results(text, ANALYTES) if line.is_sure]
    assert len(sure) == len(set(sure))


@given(_TEXTS)
def test_every_line_of_a_text_is_told_of(text: str) -> None:
    told = {line.number for line in read_results(text, ANALYTES)}
    lines = {number for number, line in enumerate(text.replace("\x00", "").splitlines(), start=1) if line.strip()}
    assert told == lines
