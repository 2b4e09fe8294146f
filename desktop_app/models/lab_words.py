"""The words of a laboratory grid: where a value lies, which range applies, and what a pasted line would do."""

from PySide6.QtCore import QCoreApplication

from casebook.pasted import Line, Why
from casebook.reference_ranges import ABNORMAL, HIGH, LOW, NORMAL, AppliedRange, Told
from desktop_app.models.words import Sign
from desktop_app.pasting import Against, Does, PrintedRange
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
    low, high, above, below = applied.limits
    if low is not None and high is not None:
        told = f"{'> ' if above else ''}{low:f}\N{EN DASH}{'< ' if below else ''}{high:f}"
    elif high is not None:
        told = f"{'<' if below else '≤'} {high:f}"
    else:
        told = f"{'>' if above else '≥'} {low:f}"
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


def against_words(printed: PrintedRange, unit: str) -> str:
    """Return why the range that a report prints beside a result of `unit` waits for a choice; "" where it does not."""
    kept, by = range_words(printed.kept, unit) if printed.kept is not None else ("", "")
    match printed.against:
        case Against.UNREAD:
            told = QCoreApplication.translate("Laboratory", "the reference range cannot be read in one way only: %1")
            return told.replace("%1", printed.text)
        case Against.APART:
            told = QCoreApplication.translate(
                "Laboratory", "nothing in common with the reference range %1 (%2): is the unit right?"
            )
            return told.replace("%1", kept).replace("%2", by)
        case _:
            return ""


def range_sign(printed: PrintedRange, unit: str) -> Sign | None:
    """Return the sign of what taking a report's range would do; None where it goes into empty fields unopposed."""
    words = {
        Does.NOTHING: QCoreApplication.translate("Laboratory", "this reference range stands there already"),
        Does.NOT_ASKED: QCoreApplication.translate("Laboratory", "reference ranges are not asked here now"),
        Does.CLOSED: QCoreApplication.translate("Laboratory", "the reference range can only be read"),
        Does.DISPUTED: QCoreApplication.translate("Laboratory", "two reference ranges stand there: settle them first"),
        Does.REPLACES: QCoreApplication.translate("Laboratory", "replaces the reference range %1"),
        Does.CHANGES: QCoreApplication.translate("Laboratory", "changes the recorded reference range %1"),
    }
    if printed.range is not None and printed.does in words:
        plain = does_sign(printed.does, "")
        word = words[printed.does].replace("%1", printed.stands).strip()
        return Sign(icon=plain.icon, word=word, tone=plain.tone) if plain is not None else None
    differs = differs_words(printed, unit)
    return Sign(icon="changed", word=differs, tone=Tone.QUIET) if differs else None


def differs_words(printed: PrintedRange, unit: str) -> str:
    """Return which other range the site keeps; "" where it keeps none, and for the same."""
    if printed.against is not Against.OTHER or printed.kept is None:
        return ""
    kept, by = range_words(printed.kept, unit)
    word = QCoreApplication.translate("Laboratory", "range differs from %1 (%2)")
    return word.replace("%1", kept).replace("%2", by)


def does_sign(does: Does, stands: str) -> Sign | None:
    """Return the sign of what taking a result would do to what stands there; None where the field is empty."""
    match does:
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
            return Sign(icon="changed", word=word.replace("%1", stands), tone=Tone.ACCENT)
        case Does.CHANGES:
            word = QCoreApplication.translate("Laboratory", "changes the recorded %1")
            return Sign(icon="changed", word=word.replace("%1", stands), tone=Tone.WARN)
