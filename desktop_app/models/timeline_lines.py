"""A subject's course in time as lines of a table, and in one sentence."""

from PySide6.QtCore import QCoreApplication

from casebook.chronology import Chronology
from desktop_app.models.line_table import Line


def headings() -> tuple[str, ...]:
    """Return the headings of the table."""
    return (
        QCoreApplication.translate("Timeline", "When"),
        QCoreApplication.translate("Timeline", "What"),
        QCoreApplication.translate("Timeline", "What it says"),
    )


def lines(chronology: Chronology, language: str) -> tuple[Line, ...]:
    """Return a line for each mark in order of time, then one for each thing that could not be drawn."""
    drawn = (
        Line(texts=(stop.when(language), stop.label(language), stop.what(language)), what=stop)
        for stop in chronology.stops
    )
    absent = (Line(texts=("", "", said(language)), what=said(language)) for said in chronology.absent)
    return (*drawn, *absent)


def summary(chronology: Chronology, language: str) -> str:
    """Return the course in one sentence: each score's values, and what happened last."""
    said = []
    for course in chronology.courses:
        values = ["?" if point.value is None else f"{point.value:f}" for point in course.points]
        if values:
            said.append(f"{course.label(language)} {' → '.join(values)}")
    if chronology.events:
        last = max(chronology.events, key=lambda event: event.at)
        said.append(last.sentence(language))
    return " · ".join(said)
