"""What is said below an item: its missing code, why its text is no value, findings with their answer."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casebook.checks import Finding
from casebook.design import Item, Severity
from casebook.entry import missing_label
from desktop_app.models.boards import severity_sign
from desktop_app.oversight_snapshots import VerifyState
from desktop_app.snapshots import ItemView, Mark
from desktop_app.theme import Tone
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.reason_panel import Reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to say of an item beside its view.

    Attributes:
        error: Why an entry was not kept; "" for nothing.
        warning: What is wrong with what is being typed; "" for nothing.
    """

    language: str
    verified: VerifyState | None = None
    error: str = ""
    warning: str = ""


class ItemNotes(QObject):
    """The lines below one item; made anew only when what they say has changed.

    Signals:
        said_right: A value that nobody confirmed after a crash is right.
        confirm_wanted: A finding is to be confirmed as true (check).
    """

    said_right = Signal()
    confirm_wanted = Signal(str)

    def __init__(self, item: Item, reasons: Reasons, below: QVBoxLayout, parent: QWidget) -> None:
        """Say nothing yet. `below`: where the lines stand, first of all; `parent`: the item's row."""
        super().__init__(parent)
        self._item = item
        self._reasons = reasons
        self._below = below
        self._owner = parent
        self._language = "en"
        self._lines: list[NoteLine] = []
        self._shown: tuple[object, ...] = ()

    def show(self, view: ItemView, told: Told) -> None:
        """Say what there is to say."""
        wanted = (
            view.reading.missing,
            view.problem,
            view.findings,
            view.mark,
            view.editable,
            view.may_answer,
            view.may_sign,
            told,
        )
        if wanted == self._shown:
            return
        self._shown = wanted
        self._language = told.language
        for line in self._lines:
            self._below.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = self._make(view, told)
        for place, line in enumerate(self._lines):
            self._below.insertWidget(place, line)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def problems(self) -> str:
        """Return what is wrong, in the words that are shown; "" for nothing."""
        return " ".join(line.label.text() for line in self._lines if line.is_problem)

    def _make(self, view: ItemView, told: Told) -> list[NoteLine]:
        lines: list[NoteLine] = []
        if view.reading.missing is not None:
            code = view.reading.missing
            lines.append(self._line("information", Tone.ACCENT, f"{code.value} – {missing_label(code, told.language)}"))
        if told.error:
            lines.append(self._line("error", Tone.BAD, told.error))
        if told.warning:
            lines.append(self._line("typed", Tone.WARN, told.warning))
        if view.problem is not None:
            lines.append(self._line("typed", Tone.BAD, view.problem(told.language)))
        if view.mark is Mark.UNCONFIRMED:
            lines.append(self._unconfirmed(view))
        lines += [self._finding(finding, view) for finding in view.findings]
        if told.verified is VerifyState.VERIFIED:
            lines.append(self._line("verified", Tone.QUIET, self.tr("Verified against the source")))
        elif told.verified is VerifyState.CHANGED:
            lines.append(self._line("changed", Tone.WARN, self.tr("Changed since it was verified")))
        return lines

    def _line(self, icon: str, tone: Tone, text: str) -> NoteLine:
        return NoteLine(icon, tone, text, parent=self._owner)

    def _unconfirmed(self, view: ItemView) -> NoteLine:
        told = self.tr("This laptop stopped before the form was saved. Nobody has confirmed this value yet.")
        line = self._line("unconfirmed", Tone.WARN, told)
        if view.editable:
            button = line.add_button(f"{self._item.oid}.right", self.tr("It is right"))
            button.clicked.connect(self.said_right)
        return line

    def _finding(self, finding: Finding, view: ItemView) -> NoteLine:
        hard = finding.severity is Severity.HARD
        kind = severity_sign(finding.severity.value)
        said = f"{finding.check} · {kind.word} · {finding.message(self._language)}"
        if finding.confirmed is not None:
            told = self.tr("%1 Confirmed true: %2").replace("%1", said)
            reason = self._reasons.label(finding.confirmed, self._language)
            return self._line("check", Tone.GOOD, told.replace("%2", reason))
        asks = finding.confirmable and view.may_answer and (view.may_sign or not hard)
        if not finding.confirmable:
            said = self.tr("%1 The record contradicts itself: correct it.").replace("%1", said)
        elif hard and view.may_answer and not view.may_sign:
            told = self.tr("%1 Correct it, or let an investigator sign in and confirm that it happened so.")
            said = told.replace("%1", said)
        line = self._line(kind.icon, kind.tone, said)
        if asks:
            words = self.tr("It is true…") if hard else self.tr("Answer…")
            button = line.add_button(f"{self._item.oid}.confirm.{finding.check}", words)
            button.setAccessibleName(self.tr("Confirm as true: %1").replace("%1", finding.message(self._language)))
            button.clicked.connect(lambda _=False, check=finding.check: self.confirm_wanted.emit(check))
        return line


def meet_as_laid_out(column: QVBoxLayout, holder: QWidget) -> None:
    """Let a screen reader and Tab meet the parts of a column as they stand, whenever each of them was made.

    Args:
        column: Arranges widgets alone.
        holder: The widget that holds them.
    """
    if column.count() <= 1:
        return  # most rows say little
    parts = holder.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    for part in sorted((one for one in parts if column.indexOf(one) >= 0), key=column.indexOf):
        part.raise_()
