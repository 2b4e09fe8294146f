"""Safety reports: what a report takes from the adverse event that it is about, and what follows from both.

A report names an event by its number; term, seriousness and causality stand with the event and are shown
in the report, never typed twice.

Source: clinical content, sections 5.8 (serious adverse events) and 7; ICH E6(R3), safety reporting.
"""

from casebook.records import EMPTY, Reading
from casebook.scores.registry import Columns, Readings, both, derivation, either, is_any, number_in, yes_no

RELATED = ("POSSIBLE", "PROBABLE", "DEFINITE")
"""Causality from which an event counts as related (section 5.8)."""
UNEXPECTED = "UNEXPECTED"
ENDPOINT_EVENTS = ("SICH", "END")
"""Events of special interest that are endpoints of the trial too; death is the third (section 5.8)."""


def _row_of(number: Reading, numbers: tuple[Reading, ...], values: tuple[Reading, ...]) -> Reading:
    wanted = number_in(number)
    found = [
        value for one, value in zip(numbers, values, strict=True) if wanted is not None and number_in(one) == wanted
    ]
    return found[0] if len(found) == 1 else EMPTY


@derivation(1, columns=2)
def value_of_row(readings: Readings, columns: Columns) -> str | None:
    """Return what stands in the row with a number. Item: number; columns: numbers, values.

    None where no row has the number, or more than one has.

    Source: clinical content, section 5.8 (a report is about one event).
    """
    return _row_of(readings[0], tuple(columns[0]), tuple(columns[1])).value


@derivation(2)
def endpoint_event(readings: Readings) -> str | None:
    """Return Y when a serious event is an endpoint too: sICH, END or death. Items: special interest, led to death.

    Source: clinical content, section 5.8.
    """
    special, deadly = readings
    interest = set((special.value or "").split()) & set(ENDPOINT_EVENTS)
    return yes_no(answer=bool(interest) or deadly.value == "Y")


def is_susar(*, serious: bool | None, related: bool | None, unexpected: bool | None) -> bool | None:
    """Tell whether a reaction is serious, suspected and unexpected. Source: clinical content, section 5.8."""
    return both(serious, related, unexpected)


@derivation(*range(3, 21))
def susar(readings: Readings) -> str | None:
    """Return Y for a suspected unexpected serious adverse reaction, else N; None while it is open.

    Items: serious (Y/N), expectedness, the causality judged in the report, then any number of causalities
    that stand with the event. One of possible or more is enough; those of the event count where they are given.

    Source: clinical content, section 5.8 (AESER = Y, related from POSSIBLE, UNEXPECTED); ICH E2A.
    """
    serious, expected, judged, *with_event = readings
    suspected = any(one.value in RELATED for one in with_event)
    found = is_susar(
        serious=is_any(serious, "Y"),
        related=either(suspected, is_any(judged, *RELATED)),
        unexpected=is_any(expected, UNEXPECTED),
    )
    return None if found is None else yes_no(answer=found)
