"""The words for states, in the language of the application, each with its icon and tone.

A state is always shown as icon and word together; its colour only repeats them.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.custody_snapshots import Whereis
from desktop_app.models import times
from desktop_app.snapshots import CellState, Custody, DocumentRow
from desktop_app.theme import Tone

if TYPE_CHECKING:
    from casebook.design import StudyDesign  # the first window shows no form


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a state is shown. `icon` is a file of resources/icons."""

    icon: str
    word: str
    tone: Tone


def cell_sign(state: CellState, *, need: str = "x", open_here: bool = False) -> Sign:
    """Return the sign of a form's state. `open_here`: entries are kept here and not sealed."""
    match state:
        case CellState.EMPTY if need == "o":
            return Sign(icon="empty", word=QCoreApplication.translate("States", "Optional"), tone=Tone.QUIET)
        case CellState.EMPTY if need == "c":
            return Sign(icon="empty", word=QCoreApplication.translate("States", "If applicable"), tone=Tone.QUIET)
        case CellState.EMPTY:
            return Sign(icon="empty", word=QCoreApplication.translate("States", "Empty"), tone=Tone.QUIET)
        case CellState.COMPLETE:
            return Sign(icon="complete", word=QCoreApplication.translate("States", "Complete"), tone=Tone.GOOD)
        case CellState.CONFLICT:
            return Sign(icon="conflict", word=QCoreApplication.translate("States", "Conflict"), tone=Tone.BAD)
        case CellState.SEALED_AWAY:
            return Sign(icon="sealed_away", word=QCoreApplication.translate("States", "Sealed away"), tone=Tone.QUIET)
        case CellState.NOT_APPLICABLE:
            word = QCoreApplication.translate("States", "Not applicable")
            return Sign(icon="not_applicable", word=word, tone=Tone.QUIET)
        case _ if open_here:
            return Sign(icon="open_here", word=QCoreApplication.translate("States", "Entering"), tone=Tone.ACCENT)
        case _:
            return Sign(icon="in_progress", word=QCoreApplication.translate("States", "Started"), tone=Tone.ACCENT)


def custody_sign(custody: Custody) -> Sign:
    """Return the sign of where a record is."""
    match custody:
        case Custody.HERE_ONLY:
            return Sign(icon="here_only", word=QCoreApplication.translate("States", "This laptop only"), tone=Tone.WARN)
        case Custody.RECEIVED:
            return Sign(icon="received", word=QCoreApplication.translate("States", "Received"), tone=Tone.GOOD)
        case Custody.BUNDLE:
            return Sign(icon="bundle", word=QCoreApplication.translate("States", "In a bundle"), tone=Tone.ACCENT)
        case Custody.BACKUP:
            return Sign(icon="backup", word=QCoreApplication.translate("States", "In a backup"), tone=Tone.GOOD)
        case _:
            return Sign(icon="nothing", word=QCoreApplication.translate("States", "Nothing yet"), tone=Tone.QUIET)


def whereis_sign(place: Whereis) -> Sign:
    """Return the sign of where a record is, with the number of its bundle or the time when it was received."""
    sign = custody_sign(place.custody)
    if place.custody is Custody.BUNDLE:
        word = QCoreApplication.translate("States", "In bundle %1").replace("%1", str(place.bundle))
        return replace(sign, word=word)
    if place.at is None:
        return sign
    told = times.minute(place.at)[5:]
    if place.custody is Custody.BACKUP:
        return replace(sign, word=QCoreApplication.translate("States", "In a backup, %1").replace("%1", told))
    return replace(sign, word=QCoreApplication.translate("States", "Received %1").replace("%1", told))


def visit_word(status: str) -> str:
    """Return the word for a visit's place in its window, or "" while it cannot be told."""
    words = {
        "IN": QCoreApplication.translate("States", "in window"),
        "EARLY": QCoreApplication.translate("States", "early"),
        "LATE": QCoreApplication.translate("States", "late"),
        "MISSED": QCoreApplication.translate("States", "missed"),
        "NA_DEAD": QCoreApplication.translate("States", "not applicable (died)"),
        "NA_WITHDRAWN": QCoreApplication.translate("States", "not applicable (withdrew)"),
        "NA_DISCHARGED": QCoreApplication.translate("States", "not applicable (discharged)"),
    }
    return words.get(status, "")


def visit_tone(status: str) -> Tone:
    """Return the tone of a visit's place in its window."""
    return {"IN": Tone.GOOD, "EARLY": Tone.WARN, "LATE": Tone.WARN, "MISSED": Tone.BAD}.get(status, Tone.QUIET)


def document_label(design: "StudyDesign", row: DocumentRow, language: str) -> str:
    """Return what a finished document is: a consent, eligibility, a timeline, else the record of its visit."""
    if " eligibility " in row.name:
        return QCoreApplication.translate("States", "Eligibility")
    if " timeline " in row.name:
        return QCoreApplication.translate("States", "Timeline")
    form, visit = design.form(row.key.form), row.key.visit.visit
    of_visit = f" {visit} " in row.name  # it belongs to the visit's first form, which may be the consent
    return (form if form.consent and not of_visit else design.visit(visit)).label(language)
