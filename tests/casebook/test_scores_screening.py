"""What eligibility asks beyond the declared rules, at, just below and just above each limit."""

import pytest

from casebook.records import MissingCode, Reading
from casebook.scores import DERIVATIONS, RULES


def r(text: str | None) -> Reading:
    return Reading(missing=MissingCode(text[1:])) if text is not None and text.startswith("!") else Reading(value=text)


def derived(name: str, *values: str | None) -> str | None:
    return DERIVATIONS[name].function([r(value) for value in values])


def fires(name: str, *values: str | None) -> bool | None:
    return RULES[name].function([r(value) for value in values])


SIGNED, BEFORE, AFTER = "2026-03-01T09:30+08:00", "2026-03-01T09:29+08:00", "2026-03-01T09:31+08:00"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "Y"),
        ({"randomised": AFTER}, "Y"),
        ({"randomised": SIGNED}, "Y"),
        ({"randomised": BEFORE}, "N"),
        ({"randomised": "2026-03-01T--:--+08:00"}, None),
        ({"hard": "1"}, "N"),
        ({"signed": None}, None),
        ({"signed": None, "randomised": AFTER}, "N"),
        ({"signed": None, "consents": "NONE_EMERGENCY"}, "N"),
        ({"participant": "N"}, "N"),
        ({"participant": "N", "required": "Y", "independent": "Y", "witness": SIGNED}, "Y"),
        ({"participant": "N", "required": "Y", "independent": "N", "witness": SIGNED}, "N"),
        ({"other": "N", "required": "Y", "independent": "Y"}, "N"),
        ({"required": "Y", "independent": "N", "witness": SIGNED}, "N"),
        ({"consents": None, "signed": None}, None),
    ],
)
def test_consent_is_in_order(changed: dict[str, str | None], expected: str | None) -> None:
    values: dict[str, str | None] = {
        "consents": "PARTICIPANT", "signed": SIGNED, "randomised": None, "hard": "0", "participant": "Y", "other": None,
        "required": "N", "independent": None, "witness": None,
    }  # fmt: skip
    assert derived("consent_in_order", *(values | changed).values()) == expected


@pytest.mark.parametrize(
    ("second", "pressures", "expected"),
    [
        ("2026-03-01T09:39+08:00", ("190", "186"), None),
        ("2026-03-01T09:40+08:00", ("190", "186"), "186"),
        ("2026-03-01T09:20+08:00", ("180", "186"), "180"),
        ("2026-03-01T09:40+08:00", ("190", None), None),
        (None, ("190", "186"), None),
        ("2026-03-01T--:--+08:00", ("190", "186"), None),
        ("2026-03-01", ("190", "186"), None),
    ],
)
def test_persistent_pressure_is_the_lower_of_two_at_least_ten_minutes_apart(
    second: str | None, pressures: tuple[str | None, str | None], expected: str | None
) -> None:
    assert derived("persistent_pressure", SIGNED, second, *pressures) == expected


@pytest.mark.parametrize(
    ("answer", "happened", "consent", "expected"),
    [
        ("N", None, SIGNED, False),
        ("Y", None, SIGNED, True),
        (None, None, SIGNED, None),
        ("!UNK", None, SIGNED, None),
        ("Y", "2025-09-02", SIGNED, True),
        ("Y", "2025-09-01", SIGNED, False),
        ("Y", "2025-08-31", SIGNED, False),
        ("Y", "2025-09---", SIGNED, True),
        ("Y", "2025-08---", SIGNED, False),
        ("Y", "2025-09-01", None, True),
        ("Y", "2025-08-31", "2026-02-28T09:30+08:00", False),
        ("Y", "2025-08-31", "2026-02-27T09:30+08:00", True),
    ],
)
def test_haemorrhage_counts_for_six_calendar_months(
    answer: str | None, happened: str | None, consent: str | None, *, expected: bool | None
) -> None:
    assert fires("haemorrhage_within_six_months", answer, happened, consent) is expected


@pytest.mark.parametrize(
    ("diameter", "judged", "expected"),
    [
        ("1.4", "N", True),
        ("1.49", "N", True),
        ("1.5", "N", False),
        ("1.51", "N", False),
        ("2.6", "Y", True),
        (None, "N", False),
        ("!ND", "N", False),
        (None, None, None),
        ("2.6", None, None),
        ("1.4", None, True),
    ],
)
def test_vessel_is_unsuitable_when_thin_or_judged_so(
    diameter: str | None, judged: str | None, *, expected: bool | None
) -> None:
    assert fires("target_vessel_unsuitable", diameter, judged) is expected


@pytest.mark.parametrize(
    ("reported", "derived_value", "expected"),
    [("1.79", "2.5", "1.79"), (None, "2.5", "2.5"), ("inf", None, "INF"), ("INF", "3", "INF"), ("!NAV", "2", "2"),
     ("see film", "2", "2"), ("", "2", "2"), (">1.8", "2", ">1.8")],
)  # fmt: skip
def test_reported_mismatch_counts_before_the_derived_one(
    reported: str | None, derived_value: str | None, expected: str | None
) -> None:
    assert derived("mismatch_used", reported, derived_value) == expected


@pytest.mark.parametrize(
    ("sex", "potential", "test", "expected"),
    [
        ("F", "Y", "POS", True),
        ("F", "Y", "NEG", False),
        ("F", "Y", "!ND", None),
        ("F", "Y", None, None),
        ("F", "N", None, False),
        ("F", "N", "!NA", False),
        ("F", None, None, None),
        ("F", "!UNK", "NEG", False),
        ("M", None, None, False),
        (None, "Y", "POS", True),
        (None, "N", None, False),
    ],
)
def test_pregnancy_excludes(sex: str | None, potential: str | None, test: str | None, *, expected: bool | None) -> None:
    assert fires("pregnancy_excludes", sex, potential, test) is expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [("60", False), ("30", False), ("90", False), ("29", True), ("91", True), (None, None)],
)
def test_stated_interval_may_be_thirty_minutes_off(stated: str | None, *, expected: bool | None) -> None:
    assert fires("stated_interval_differs", "2026-03-01T08:30+08:00", SIGNED, stated) is expected


def test_stated_interval_needs_both_times() -> None:
    assert fires("stated_interval_differs", None, SIGNED, "60") is None
    assert fires("stated_interval_differs", "2026-03-01T--:--+08:00", SIGNED, "60") is None


def test_fingerprint_changes_with_any_answer() -> None:
    one = derived("fingerprint", "Y", "N", None)
    assert one is not None
    assert len(one) == 16
    assert one == derived("fingerprint", "Y", "N", None)
    assert len({one, derived("fingerprint", "Y", None, "N"), derived("fingerprint", "Y", "N", "!UNK")}) == 3
    assert derived("fingerprint", None, None) is None
