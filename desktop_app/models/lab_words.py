"""The words of a laboratory grid: where a value lies, which range applies, and what a pasted line would do."""

from PySide6.QtCore import QCoreApplication

from casebook.pasted import Line, Why
from casebook.reference_ranges import ABNORMAL, HIGH, LOW, NORMAL, AppliedRange, Told
from desktop_app.models.words import Sign
from desktop_app.pasting import Does, Way
from desktop_app.theme import Tone


def flag_sign(value: str | None) -> Sign | None:
    """Return the sign of where a value lies; None where that cannot be told."""
    match value:
        case str(one) if one == LOW:
            return Sign(icon="arrow_down", word=QCoreApplication.translate("Laboratory", "low"), tone=Tone.WARN)
        case str(one) if one == HIGH:
            return Sign(icon="arrow_up", word=QCoreApplication.translate("Laboratory", "high"), tone=Tone.WARN)
        case str(one) if one == NORMAL:
            return Sign(icon="check", word=QCoreApplication.translate("Laboratory", "within"), tone=Tone.QUIET)
        case str(one) if one == ABNORMAL:
            return Sign(icon="warning", word=QCoreApplication.translate("Laboratory", "abnormal"), tone=Tone.WARN)
        case _:
            return None


def range_words(applied: AppliedRange, unit: str) -> tuple[str, str]:
    """Return a reference range, with its unit where that is not `unit`, and who says it."""
    low, high = applied.limits
    if low is not None and high is not None:
        told = f"{low:f}\N{EN DASH}{high:f}"
    elif high is not None:
        told = f"≤ {high:f}"
    else:
        told = f"≥ {low:f}"
    by = {
        Told.REPORT: QCoreApplication.translate("Laboratory", "on the report"),
        Told.SITE: QCoreApplication.translate("Laboratory", "site's laboratory"),
        Told.STUDY: QCoreApplication.translate("Laboratory", "of the study"),
    }
    return (told if applied.unit == unit else f"{told} {applied.unit}".strip()), by[applied.by]


def why_words(line: Line) -> str:
    """Return what stands against taking a pasted line as it is; "" for nothing."""
    words = {
        None: "",
        Why.NO_NAME: QCoreApplication.translate("Laboratory", "no value of this form is named here"),
        Why.NO_VALUE: QCoreApplication.translate("Laboratory", "no number that can be read in one way only"),
        Why.TWO_NAMES: QCoreApplication.translate("Laboratory", "which value is meant?"),
        Why.TWO_VALUES: QCoreApplication.translate("Laboratory", "which number is the result?"),
        Why.OTHER_UNIT: QCoreApplication.translate("Laboratory", "in which of these units? The line says: %1"),
        Why.NO_UNIT: QCoreApplication.translate("Laboratory", "no unit is given: look at the one shown"),
        Why.OTHER_WORDS: QCoreApplication.translate("Laboratory", "not understood: %1"),
        Why.AGAIN: QCoreApplication.translate("Laboratory", "given more than once: which line counts?"),
    }
    return words[line.why].replace("%1", line.words)


def does_sign(way: Way) -> Sign | None:
    """Return the sign of what taking a result would do to what stands there; None where the field is empty."""
    match way.does:
        case Does.FILLS:
            return None
        case Does.NOTHING:
            word = QCoreApplication.translate("Laboratory", "stands there already")
            return Sign(icon="check", word=word, tone=Tone.QUIET)
        case Does.NOT_ASKED:
            word = QCoreApplication.translate("Laboratory", "not asked in this form now")
            return Sign(icon="not_applicable", word=word, tone=Tone.QUIET)
        case Does.CLOSED:
            return Sign(icon="lock", word=QCoreApplication.translate("Laboratory", "can only be read"), tone=Tone.QUIET)
        case Does.DISPUTED:
            word = QCoreApplication.translate("Laboratory", "two values stand there: settle them first")
            return Sign(icon="conflict", word=word, tone=Tone.WARN)
        case Does.REPLACES:
            word = QCoreApplication.translate("Laboratory", "replaces %1")
            return Sign(icon="changed", word=word.replace("%1", way.stands), tone=Tone.ACCENT)
        case Does.CHANGES:
            word = QCoreApplication.translate("Laboratory", "changes the recorded %1")
            return Sign(icon="changed", word=word.replace("%1", way.stands), tone=Tone.WARN)
