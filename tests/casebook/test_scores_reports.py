import pytest

from casebook.records import EMPTY, MissingCode, Reading
from casebook.scores import DERIVATIONS

Value = str | None


def reading(value: Value) -> Reading:
    if value is None:
        return EMPTY
    return Reading(missing=MissingCode(value[1:])) if value.startswith("!") else Reading(value=value)


def derived(name: str, *values: Value, columns: tuple[tuple[Value, ...], ...] = ()) -> str | None:
    assert DERIVATIONS[name].takes(len(values), len(columns))
    found = [[reading(one) for one in column] for column in columns]
    return DERIVATIONS[name].function([reading(value) for value in values], found)


@pytest.mark.parametrize(
    ("number", "value"),
    [("1", "Fever"), ("2", "Bleeding"), ("3", None), ("4", None), (None, None), ("5", None)],
)
def test_report_takes_what_stands_in_the_row_of_its_number(number: Value, value: Value) -> None:
    columns = (("1", "2", "3", None, "5", "5"), ("Fever", "Bleeding", None, "Rash", "Twice", "Twice"))
    assert derived("value_of_row", number, columns=columns) == value


def test_report_without_any_row_takes_nothing() -> None:
    assert derived("value_of_row", "1", columns=((), ())) is None


@pytest.mark.parametrize(
    ("interest", "deadly", "answer"),
    [
        ("SICH", "N", "Y"),
        ("PERFORATION END", None, "Y"),
        ("NONE", "Y", "Y"),
        ("PERFORATION", "N", "N"),
        (None, None, "N"),
        ("RECURRENT_STROKE", "N", "N"),
    ],
)
def test_haemorrhage_deterioration_and_death_are_endpoints_too(interest: Value, deadly: Value, answer: str) -> None:
    assert derived("endpoint_event", interest, deadly) == answer


@pytest.mark.parametrize(
    ("serious", "expected", "judged", "with_event", "answer"),
    [
        ("Y", "UNEXPECTED", "POSSIBLE", (), "Y"),
        ("Y", "UNEXPECTED", "PROBABLE", (), "Y"),
        ("Y", "UNEXPECTED", "DEFINITE", (), "Y"),
        ("Y", "UNEXPECTED", "UNLIKELY", (), "N"),
        ("Y", "UNEXPECTED", "NOT", (), "N"),
        ("Y", "EXPECTED", "DEFINITE", (), "N"),
        ("N", "UNEXPECTED", "DEFINITE", (), "N"),
        ("Y", "UNEXPECTED", "NOT", ("!NA", "POSSIBLE"), "Y"),
        ("Y", "UNEXPECTED", "NOT", ("!NA", "UNLIKELY", None), "N"),
        ("Y", "UNEXPECTED", None, ("UNLIKELY",), None),
        ("Y", None, "POSSIBLE", (), None),
        (None, "UNEXPECTED", "POSSIBLE", (), None),
        (None, "EXPECTED", None, (), "N"),
    ],
)
def test_susar_is_serious_suspected_and_unexpected(
    serious: Value, expected: Value, judged: Value, with_event: tuple[Value, ...], answer: str | None
) -> None:
    assert derived("susar", serious, expected, judged, *with_event) == answer
