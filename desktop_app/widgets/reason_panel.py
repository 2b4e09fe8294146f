"""Why a recorded value changes, there is none, or a finding is true: asked in place, never in a box of its own.

The common reasons are the study's; a reason in words always does. A digit chooses, Esc leaves
everything as it was.

Source: 21 CFR 11.10(e); ICH E6(R3) 4.2.2 (changes are justified and do not obscure).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from casebook.design import Code
from casebook.entry import reason_words
from desktop_app import theme
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PromptButton


class Asks(StrEnum):
    """What a reason panel asks."""

    CHANGE = "change"
    ABSENCE = "absence"
    CONFIRM = "confirm"
    STRIKE = "strike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An open reason panel.

    Attributes:
        what: The missing-data code, or the check.
        words: What stands in its line of words.
    """

    kind: Asks
    what: str = ""
    words: str = ""


class Reasons(NamedTuple):
    """The study's common reasons: for a change, and for a mandatory item without a value."""

    changes: Sequence[Code]
    absences: Sequence[Code]

    def label(self, reason: str, language: str) -> str:
        """Return the label of a common reason; any other as it was typed."""
        return reason_words(reason, (*self.changes, *self.absences))(language)


IN_WORDS = "OTHER"
"""The reason that says nothing without words."""
MOST_WORDS = 200


class ReasonPanel(QFrame):
    """A question, the common reasons as buttons, and a line for words.

    Signals:
        given: The reason: the code of a common one, or words.
        cancelled: Nothing is to change.
    """

    given = Signal(str)
    cancelled = Signal()

    def __init__(self, reasons: Sequence[Code], name: str, parent: QWidget | None = None) -> None:
        """Make the panel; `name` starts the object names of its controls."""
        super().__init__(parent)
        theme.set_role(self, "notice")
        self.setObjectName(f"{name}.reason")
        self.question = QLabel(self)
        self.question.setWordWrap(True)
        self.buttons: list[QPushButton] = []
        self._reasons = [reason for reason in reasons if reason.value != IN_WORDS]
        row = WrappingRow(theme.SMALL, self)
        for reason in self._reasons:
            button = PromptButton(self)
            button.setObjectName(f"{name}.reason={reason.value}")
            button.clicked.connect(lambda _=False, value=reason.value: self.given.emit(value))
            row.add(button)
            self.buttons.append(button)
        self.words = QLineEdit(self)
        self.words.setObjectName(f"{name}.reason.words")
        self.words.setMaxLength(MOST_WORDS)
        self.words.setMinimumHeight(theme.TARGET)
        self.confirm = PromptButton(self)
        self.confirm.setObjectName(f"{name}.reason.confirm")
        self.cancel = PromptButton(self)
        self.cancel.setObjectName(f"{name}.reason.cancel")
        theme.set_role(self.cancel, "quiet")
        foot = QHBoxLayout()
        foot.setSpacing(theme.SMALL)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.confirm)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.question)
        column.addWidget(row)
        column.addLayout(foot)
        self.words.textChanged.connect(self._words_changed)
        self.words.returnPressed.connect(self._confirm)
        self.confirm.clicked.connect(self._confirm)
        self.cancel.clicked.connect(self.cancelled)
        self.confirm.setEnabled(False)

    def ask(self, question: str, language: str) -> None:
        """Show the question with empty words."""
        self.question.setText(question)
        for place, (button, reason) in enumerate(zip(self.buttons, self._reasons, strict=True), start=1):
            label = reason.label(language)
            button.setText(f"{place}  {label}".replace("&", "&&"))
            button.setAccessibleName(label)
        self.words.setPlaceholderText(self.tr("Another reason, in words"))
        self.words.setAccessibleName(self.tr("Another reason, in words"))
        self.confirm.setText(self.tr("Give this reason"))
        self.confirm.setAccessibleName(self.confirm.text())
        self.cancel.setText(self.tr("Leave as it was (Esc)"))
        self.cancel.setAccessibleName(self.tr("Leave as it was"))
        self.setVisible(True)

    def focus_first(self) -> None:
        """Put the focus on the first reason."""
        (self.buttons[0] if self.buttons else self.words).setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by digit, cancel by Esc."""
        text = event.text()
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif text.isdigit() and 0 < int(text) <= len(self._reasons):
            self.given.emit(self._reasons[int(text) - 1].value)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = next((button for button in (*self.buttons, self.cancel) if button.hasFocus()), None)
            if focused is not None:
                focused.click()
        else:
            super().keyPressEvent(event)

    def _words_changed(self, text: str) -> None:
        self.confirm.setEnabled(bool(text.strip()))

    def _confirm(self) -> None:
        words = self.words.text().strip()
        if words:
            self.words.clear()
            self.given.emit(words)
