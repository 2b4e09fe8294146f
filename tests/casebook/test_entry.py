from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.checks import display, missing_label, read_item
from casebook.design import Code, CodeList, DataType, Derivation, Item, StudyDesign, Text, UnitFactor
from casebook.errors import LANGUAGES, UnreadableItemError
from casebook.locations import data_folder
from casebook.moments import FIRST_YEAR, LAST_YEAR
from casebook.records import EMPTY, MissingCode, Reading
from casebook.study_files import read_study

NOW = datetime(2026, 3, 1, 16, 5, 40, tzinfo=UTC)  # 2026-03-02 00:05 in Shanghai
SHANGHAI = 480
YES_NO = CodeList(
    oid="CL.NY",
    codes=(
        Code(value="Y", label=Text({"en": "Yes", "zh": "是"})),
        Code(value="N", label=Text({"en": "No", "zh": "否"})),
        Code(value="NA", label=Text({"en": "Does not apply", "zh": "不涉及"})),
    ),
)
GLUCOSE = (UnitFactor(unit="mmol/L"), UnitFactor(unit="mg/dL", divide=Decimal("18.016")))
CELLS = (UnitFactor(unit="10^9/L"), UnitFactor(unit="10^3/uL"))


def item(
    data_type: DataType,
    *,
    units: tuple[UnitFactor, ...] = (),
    missing_codes: tuple[str, ...] = (),
    max_length: int | None = None,
    decimals: int | None = None,
    derivation: Derivation | None = None,
) -> Item:
    return Item(
        name="X",
        oid="I.T.X",
        label=Text({"en": "X", "zh": "X"}),
        data_type=data_type,
        units=units,
        missing_codes=missing_codes,
        max_length=max_length,
        decimals=decimals,
        derivation=derivation,
    )


def read(one: Item, raw: str, code_list: CodeList | None = None, unit: str | None = None) -> Reading:
    return read_item(one, code_list, raw, unit=unit, now=NOW, offset_minutes=SHANGHAI)


def refused(one: Item, raw: str, code_list: CodeList | None = None) -> UnreadableItemError:
    with pytest.raises(UnreadableItemError) as caught:
        read(one, raw, code_list)
    return caught.value


@pytest.mark.parametrize("data_type", list(DataType))
def test_read_item_takes_only_spaces_for_a_cleared_item(data_type: DataType) -> None:
    assert read(item(data_type), " \u3000\n") == EMPTY


@pytest.mark.parametrize(
    ("raw", "value"),
    [("120", "120"), ("１２０", "120"), ("-3", "-3"), ("−3", "-3"), ("+007", "7"), ("0", "0"), ("-0", "0")],
)
def test_read_item_reads_whole_numbers_of_any_keyboard(raw: str, value: str) -> None:
    assert read(item(DataType.INTEGER), raw) == Reading(value=value)


@pytest.mark.parametrize("raw", ["12.0", "1e3", "abc", "1 2/3", "--", "1,200"])
def test_read_item_refuses_what_is_no_whole_number(raw: str) -> None:
    assert refused(item(DataType.INTEGER), raw).sentence("en").startswith(f"“{raw}” is not a whole number.")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5.40", "5.40"),
        ("５。４０", "5.40"),
        ("5，4", "5.4"),
        (".5", "0.5"),
        ("00.50", "0.50"),
        ("-0.0", "0.0"),
        ("1200.5", "1200.5"),
        ("inf", "INF"),
    ],
)
def test_read_item_keeps_a_decimals_digits_as_given(raw: str, value: str) -> None:
    assert read(item(DataType.DECIMAL), raw) == Reading(value=value)


@pytest.mark.parametrize("raw", ["1,200", "1，200", "1,2,3", "5.", "1.2.3", "5.4 kg", "NaN", "٣x"])
def test_read_item_refuses_a_decimal_that_reads_two_ways(raw: str) -> None:
    refused(item(DataType.DECIMAL), raw)


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        ("<0.01 mmol/L", None, "<0.01 mmol/L"),
        ("＜0。01", None, "<0.01 mmol/L"),
        ("5.4", None, "5.4 mmol/L"),
        ("97", "mg/dL", "97 mg/dL"),
        ("97mg/dl", "mmol/L", "97 mg/dL"),
        ("≥ 33.3", None, ">=33.3 mmol/L"),
        ("> 400 MG/DL", None, ">400 mg/dL"),
        ("5.4 g/L", None, "5.4 g/L"),
    ],
)
def test_read_item_reads_a_quantity_as_one_value(raw: str, unit: str | None, value: str) -> None:
    assert read(item(DataType.QUANTITY, units=GLUCOSE), raw, unit=unit) == Reading(value=value)


@pytest.mark.parametrize("raw", ["150 10^9/L", "150×10⁹/L", "150 x10^9/L", "150 10⁹/L", "150", "１５０"])
def test_read_item_reads_units_that_begin_with_a_number(raw: str) -> None:
    assert read(item(DataType.QUANTITY, units=CELLS), raw) == Reading(value="150 10^9/L")


def test_read_item_refuses_a_unit_where_there_is_none() -> None:
    assert read(item(DataType.QUANTITY), "1.02") == Reading(value="1.02")
    refused(item(DataType.QUANTITY), "1.02 s")
    refused(item(DataType.QUANTITY, units=GLUCOSE), "high")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2026-03-01", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("2026.3.1", "2026-03-01"),
        ("2026。3。1", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("２０２６－０３－０１", "2026-03-01"),
        ("1958-04---", "1958-04---"),
        ("1958-04-UNK", "1958-04---"),
        ("1958-04", "1958-04---"),
        ("1958年4月", "1958-04---"),
        ("1958-UNK-UNK", "1958------"),
        ("1958------", "1958------"),
        ("1958-----", "1958------"),
        ("1958", "1958------"),
        ("today", "2026-03-02"),
        ("昨天", "2026-03-01"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_read_item_reads_dates_whole_and_partial(raw: str, value: str) -> None:
    assert read(item(DataType.DATE), raw) == Reading(value=value)


@pytest.mark.parametrize(
    "raw",
    ["2025-02-29", "2026-13-01", "2026-00-10", "1958-UNK-04", "03/01/2026", "010326", "soon", "2026-", "0000-01-01"],
)
def test_read_item_refuses_impossible_dates(raw: str) -> None:
    refused(item(DataType.DATE), raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1430", "2026-03-02T14:30+08:00"),
        ("14:30", "2026-03-02T14:30+08:00"),
        ("１４：３０", "2026-03-02T14:30+08:00"),
        ("14点30分", "2026-03-02T14:30+08:00"),
        ("now", "2026-03-02T00:05+08:00"),
        ("现在", "2026-03-02T00:05+08:00"),
        ("yesterday 2210", "2026-03-01T22:10+08:00"),
        ("昨天 2210", "2026-03-01T22:10+08:00"),
        ("昨天22:10", "2026-03-01T22:10+08:00"),
        ("前天 0800", "2026-02-28T08:00+08:00"),
        ("2026-03-01 14:30", "2026-03-01T14:30+08:00"),
        ("2026-03-01T14:30", "2026-03-01T14:30+08:00"),
        ("202603011430", "2026-03-01T14:30+08:00"),
        ("20260301 1430", "2026-03-01T14:30+08:00"),
        ("2026年3月1日14时30分", "2026-03-01T14:30+08:00"),
        ("2026-03-01T14:30+00:00", "2026-03-01T14:30+00:00"),
        ("2026-03-01 14:30 +09:00", "2026-03-01T14:30+09:00"),
        ("2026-03-01 --:--", "2026-03-01T--:--+08:00"),
        ("2026-03-01 UNK", "2026-03-01T--:--+08:00"),
        ("昨天 不详", "2026-03-01T--:--+08:00"),
    ],
)
def test_read_item_reads_dates_with_times_as_people_type_them(raw: str, value: str) -> None:
    assert read(item(DataType.DATETIME), raw) == Reading(value=value)


@pytest.mark.parametrize(
    "raw",
    ["2460", "25:00", "2026-02-30 10:00", "2026-03-01", "2026-03 14:30", "--:--", "noon", "2026-03-01 14:30 +99:00"],
)
def test_read_item_refuses_impossible_times(raw: str) -> None:
    refused(item(DataType.DATETIME), raw)


@pytest.mark.parametrize(
    ("raw", "value"), [("y", "Y"), ("Yes", "Y"), ("是", "Y"), ("Ｎ", "N"), ("不涉及", "NA"), ("na", "NA")]
)
def test_read_item_reads_a_code_by_itself_or_its_label(raw: str, value: str) -> None:
    assert read(item(DataType.CODE), raw, YES_NO) == Reading(value=value)


def test_read_item_refuses_answers_outside_the_list_and_two_answers_for_one() -> None:
    refused(item(DataType.CODE), "perhaps", YES_NO)
    refused(item(DataType.CODE), "Y N", YES_NO)
    refused(item(DataType.CODE), "Y", None)


@pytest.mark.parametrize("raw", ["N Y", "No; Yes", "否、是", "N，Y", "y+n", "是；否；是"])
def test_read_item_keeps_several_codes_in_the_lists_order(raw: str) -> None:
    assert read(item(DataType.CODES), raw, YES_NO) == Reading(value="Y N")


def test_read_item_takes_missing_codes_where_the_item_allows_them() -> None:
    allowing = item(DataType.INTEGER, missing_codes=("ND", "UNK"))
    assert read(allowing, "unk") == Reading(missing=MissingCode.UNKNOWN)
    assert read(allowing, "未做") == Reading(missing=MissingCode.NOT_DONE)
    refused(allowing, "NAV")
    assert read(item(DataType.CODE, missing_codes=("NA",)), "NA", YES_NO) == Reading(value="NA")


def test_read_item_never_takes_free_text_for_a_missing_code() -> None:
    allowing = item(DataType.TEXT, missing_codes=("NA", "UNK"))
    assert read(allowing, "NA") == Reading(value="NA")


def test_read_item_keeps_text_in_one_normal_form() -> None:
    assert read(item(DataType.TEXT), " e\u0301tat\r\n２ ") == Reading(value="état\n２")
    assert "at most 3 characters" in refused(item(DataType.TEXT, max_length=3), "four").sentence("en")


def test_read_item_takes_ink_only_in_canonical_form() -> None:
    strokes = '{"v":1}'
    assert read(item(DataType.INK), strokes) == Reading(value=strokes)
    refused(item(DataType.INK), '{"v": 1}')


@pytest.mark.parametrize(
    "data_type", [DataType.INTEGER, DataType.QUANTITY, DataType.DATE, DataType.DATETIME, DataType.CODE]
)
def test_unreadable_item_says_what_is_expected_in_each_language(data_type: DataType) -> None:
    error = refused(item(data_type), "???", YES_NO)
    assert error.sentence("en") != error.sentence("zh")
    assert all("???" in error.sentence(language) and "{" not in error.sentence(language) for language in LANGUAGES)


def test_display_rounds_derived_values_only() -> None:
    ratio = item(DataType.DECIMAL, decimals=2)
    assert display(ratio, None, Reading(value="1.7991967871"), "en", offset_minutes=SHANGHAI) == "1.7991967871"
    worked_out = item(DataType.DECIMAL, decimals=2, derivation=Derivation(function="mismatch_ratio", items=("A", "B")))
    assert display(worked_out, None, Reading(value="1.7991967871"), "en", offset_minutes=SHANGHAI) == "1.80"
    assert display(worked_out, None, Reading(value="INF"), "en", offset_minutes=SHANGHAI) == "INF"


def test_display_speaks_the_language_asked_for() -> None:
    assert display(item(DataType.CODE), YES_NO, Reading(value="Y"), "zh", offset_minutes=SHANGHAI) == "是"
    assert display(item(DataType.CODES), YES_NO, Reading(value="Y N"), "en", offset_minutes=SHANGHAI) == "Yes; No"
    assert (
        display(item(DataType.INTEGER), None, Reading(missing=MissingCode.NOT_DONE), "zh", offset_minutes=SHANGHAI)
        == "未做 (ND)"
    )
    assert display(item(DataType.TEXT), None, EMPTY, "en", offset_minutes=SHANGHAI) == ""
    assert missing_label(MissingCode.UNKNOWN, "en") == "Unknown"


def test_display_shows_the_offset_of_another_wall_clock() -> None:
    one = item(DataType.DATETIME)
    assert (
        display(one, None, Reading(value="2026-03-01T14:30+08:00"), "en", offset_minutes=SHANGHAI) == "2026-03-01 14:30"
    )
    assert (
        display(one, None, Reading(value="2026-03-01T14:30+00:00"), "en", offset_minutes=SHANGHAI)
        == "2026-03-01 14:30 +00:00"
    )
    shown = display(one, None, Reading(value="2026-03-01T14:30+08:00"), "en", offset_minutes=0)
    assert shown == "2026-03-01 14:30 +08:00"


# -- laws over the study's own items -------------------------------------------------------------------


@pytest.fixture(scope="module")
def design() -> StudyDesign:
    return read_study(data_folder("forms") / "rescue_end_low")


_DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


def _typed(one: Item, code_list: CodeList | None) -> st.SearchStrategy[str]:
    """Return canonical values of an item."""
    match one.data_type:
        case DataType.INTEGER:
            return st.integers(-999, 9999).map(str)
        case DataType.DECIMAL:
            return st.decimals(-999, 999, places=2).map(str)
        case DataType.QUANTITY:
            units = st.sampled_from([f" {unit.unit}" for unit in one.units] or [""])
            number = st.decimals(0, 9999, places=2).map(str)
            return st.tuples(st.sampled_from(["", "<", ">", "<=", ">="]), number, units).map("".join)
        case DataType.DATE:
            day = _DAYS.map(str)
            return st.tuples(day, st.sampled_from([10, 7, 4])).map(
                lambda pair: pair[0][: pair[1]] + "---" * ((10 - pair[1]) // 3)
            )
        case DataType.DATETIME:
            noted = st.tuples(
                _DAYS, st.sampled_from(["14:30", "--:--", "00:00"]), st.sampled_from(["+08:00", "-03:30"])
            )
            return noted.map(lambda found: f"{found[0]}T{found[1]}{found[2]}")
        case DataType.CODE | DataType.CODES:
            assert code_list is not None
            codes = [code.value for code in code_list.codes]
            if one.data_type is DataType.CODE:
                return st.sampled_from(codes)
            some = st.sets(st.sampled_from(codes), min_size=1)
            return some.map(lambda chosen: " ".join(code for code in codes if code in chosen))
        case _:
            letters = st.characters(categories=("L", "N"))
            words = st.text(letters, min_size=1, max_size=min(one.max_length or 30, 30))
            return words.map(clean).filter(bool)


def clean(text: str) -> str:
    reading = read(item(DataType.TEXT), text)
    return reading.value or ""


def _items(design: StudyDesign) -> Iterator[Item]:
    for form in design.forms.values():
        for group in form.groups:
            yield from (one for one in group.items if one.derivation is None and one.data_type is not DataType.INK)


@given(data=st.data(), language=st.sampled_from(["en", "zh"]))
def test_what_is_shown_reads_back_as_the_same_value(
    design: StudyDesign, data: st.DataObject, language: Literal["en", "zh"]
) -> None:
    one = data.draw(st.sampled_from(list(_items(design))))
    code_list = design.code_lists[one.code_list] if one.code_list is not None else None
    values = _typed(one, code_list).map(lambda value: Reading(value=value))
    missing = st.sampled_from([Reading(missing=MissingCode(code)) for code in one.missing_codes] or [EMPTY])
    reading = data.draw(values if one.data_type is DataType.TEXT else st.one_of(values, missing))
    assert read(one, display(one, code_list, reading, language, offset_minutes=SHANGHAI), code_list) == reading


def test_every_label_of_the_study_reads_back_as_its_code(design: StudyDesign) -> None:
    for code_list in design.code_lists.values():
        for code in code_list.codes:
            for language in LANGUAGES:
                assert read(item(DataType.CODE), code.label(language), code_list) == Reading(value=code.value)


@given(st.sampled_from(list(DataType)), st.text(max_size=20))
def test_read_item_answers_or_refuses_any_text(data_type: DataType, raw: str) -> None:
    one = item(data_type, units=GLUCOSE if data_type is DataType.QUANTITY else ())
    try:
        reading = read(one, raw, YES_NO)
    except UnreadableItemError:
        return
    assert reading.is_empty or read(one, reading.value or "", YES_NO) == reading
