"""Days and times as people type them: what is read, what is refused with which sentence, and the words for both."""

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import (
    LANGUAGES,
    AmbiguousDayError,
    NoSuchDayError,
    NoSuchTimeError,
    UnreadableItemError,
    YearMissingError,
)
from casebook.moments import FIRST_YEAR, LAST_YEAR, day_words, moment_words, read_day, read_moment
from casebook.values import noted_of

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 22, 14, 30, 40, tzinfo=SHANGHAI)
WALL_TIMES = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"), max_value=datetime.fromisoformat("2100-01-01")
)
DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


def day(raw: str) -> str:
    return read_day(raw, raw, today=NOW.date())


def moment(raw: str) -> str:
    return read_moment(raw, raw, local=NOW)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("22/11", "2026-11-22"),
        ("11/22", "2026-11-22"),
        ("22.11.", None),
        ("22.11.2026", "2026-11-22"),
        ("11-22-2026", "2026-11-22"),
        ("11/11", "2026-11-11"),
        ("30/9", "2026-09-30"),
        ("22 nov", "2026-11-22"),
        ("22-Nov-2026", "2026-11-22"),
        ("22nov2025", "2025-11-22"),
        ("Nov 22", "2026-11-22"),
        ("November 22, 2026", "2026-11-22"),
        ("11月22日", "2026-11-22"),
        ("11月2号", "2026-11-02"),
        ("29 feb 2024", "2024-02-29"),
    ],
)
def test_read_day_reads_a_month_by_name_and_days_that_can_be_but_one(raw: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(UnreadableItemError):
            day(raw)
    else:
        assert day(raw) == value


@pytest.mark.parametrize(
    ("raw", "one", "other"),
    [
        ("03/04", "Wed 4 Mar 2026", "Fri 3 Apr 2026"),
        ("11/10", "Sun 11 Oct 2026", "Tue 10 Nov 2026"),
        ("01/11", "Sun 11 Jan 2026", "Sun 1 Nov 2026"),
        ("3.4.2026", "Wed 4 Mar 2026", "Fri 3 Apr 2026"),
    ],
)
def test_read_day_says_both_days_that_a_text_can_mean(raw: str, one: str, other: str) -> None:
    with pytest.raises(AmbiguousDayError) as caught:
        day(raw)
    said = caught.value.sentence("en")
    assert one in said
    assert other in said
    assert "2026年" in caught.value.sentence("zh")


@pytest.mark.parametrize(
    "raw", ["31/02", "31 feb 2026", "13/13", "2025-02-29", "2月30日", "1430", "20226-01-01", "00/11"]
)
def test_read_day_refuses_what_no_calendar_has(raw: str) -> None:
    with pytest.raises(UnreadableItemError) as caught:
        day(raw)
    assert isinstance(caught.value, NoSuchDayError) or raw == "20226-01-01"


@pytest.mark.parametrize("raw", ["23 dec", "22/01", "29 feb"])
def test_read_day_asks_for_the_year_of_a_day_long_ago_or_ahead(raw: str) -> None:
    with pytest.raises(YearMissingError):
        day(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("22/11 0630", "2026-11-22T06:30+08:00"),
        ("22 nov 06:30", "2026-11-22T06:30+08:00"),
        ("11月22日 14:30", "2026-11-22T14:30+08:00"),
        ("11月22日14点", "2026-11-22T14:00+08:00"),
        ("today 0815", "2026-11-22T08:15+08:00"),
        ("yesterday 2210", "2026-11-21T22:10+08:00"),
        ("昨天2210", "2026-11-21T22:10+08:00"),
        ("-2h", "2026-11-22T12:30+08:00"),
        ("- 2 h", "2026-11-22T12:30+08:00"),
        ("2 h ago", "2026-11-22T12:30+08:00"),
        ("1h 30min ago", "2026-11-22T13:00+08:00"),
        ("-90 min", "2026-11-22T13:00+08:00"),
        ("15h ago", "2026-11-21T23:30+08:00"),
        ("2小时前", "2026-11-22T12:30+08:00"),
        ("2个小时前", "2026-11-22T12:30+08:00"),
        ("30分钟前", "2026-11-22T14:00+08:00"),
        ("2026-11-22 06:30 +00:00", "2026-11-22T06:30+00:00"),
        ("22 nov 0630 +01:00", "2026-11-22T06:30+01:00"),
    ],
)
def test_read_moment_reads_what_hurried_hands_type(raw: str, value: str) -> None:
    assert moment(raw) == value


@pytest.mark.parametrize("raw", ["25:00", "2460", "24:00", "yesterday 2460", "2026-11-22 12:60", "14点75分"])
def test_read_moment_refuses_what_no_clock_shows(raw: str) -> None:
    with pytest.raises(NoSuchTimeError):
        moment(raw)


@pytest.mark.parametrize("raw", ["31/02 0630", "2026-02-31 06:30"])
def test_read_moment_refuses_a_time_of_no_day(raw: str) -> None:
    with pytest.raises(NoSuchDayError):
        moment(raw)


@pytest.mark.parametrize("raw", ["22/11", "today", "2026-11 06:30", "0630 +25:00", "630", "14.30", "-2", "2h", "in 2h"])
def test_read_moment_asks_again_for_what_is_no_day_with_its_time(raw: str) -> None:
    with pytest.raises(UnreadableItemError):
        moment(raw)


def test_words_name_the_weekday_the_month_and_the_offset_in_both_languages() -> None:
    assert moment_words("2026-11-22T14:30+08:00", "en") == "Sun 22 Nov 2026 14:30 +08:00"
    assert moment_words("2026-11-22T14:30+08:00", "zh") == "2026年11月22日 周日 14:30 +08:00"
    assert moment_words("2026-11-22T--:--+08:00", "zh") == "2026年11月22日 周日 时间不详 +08:00"
    assert [day_words(value, "en") for value in ("2026-11-22", "2026-11---", "2026------")] == [
        "Sun 22 Nov 2026",
        "Nov 2026, day unknown",
        "2026, month and day unknown",
    ]


@given(DAYS, st.times())
def test_words_of_a_moment_in_english_read_back_without_their_weekday(one: date, time: datetime) -> None:
    value = f"{one.isoformat()}T{time:%H:%M}+08:00"
    assert moment(moment_words(value, "en").split(" ", 1)[1]) == value


@given(DAYS, st.times(), WALL_TIMES)
def test_a_whole_date_is_read_the_same_whatever_the_present(one: date, time: datetime, now: datetime) -> None:
    value = f"{one.isoformat()}T{time:%H:%M}+08:00"
    assert read_moment(f"{one.isoformat()} {time:%H%M}", "", local=now.replace(tzinfo=SHANGHAI)) == value


@given(WALL_TIMES)
def test_a_day_without_its_year_is_never_ahead_nor_long_ago(now: datetime) -> None:
    for month in range(1, 13):
        with suppress(YearMissingError):
            found = date.fromisoformat(read_day(f"{month}月15日", "", today=now.date()))
            assert timedelta() <= now.date() - found <= timedelta(days=183)


PARTS = (
    *("today", "昨天", "now", "22", "11", "2026", "nov", "/", "-", "."),
    *(":", " ", "月", "日", "h", "min", "ago", "前", "+08:00"),
)


@given(st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PARTS), max_size=8).map("".join)))
def test_any_text_is_a_day_a_moment_or_a_refusal_with_a_sentence(raw: str) -> None:
    for read in (day, moment):
        said: list[str] = []
        value = ""
        try:
            value = read(raw)
        except UnreadableItemError as error:
            said = [error.sentence(language) for language in LANGUAGES]
        assert all(said) if said else read(value) == value
        assert said or read is day or noted_of(value) is not None
