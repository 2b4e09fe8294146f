"""A question and a line for words, asked in place: what a query says, why something is locked, what is answered."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import PrimaryButton, PromptButton

MOST_WORDS = 500


class WordsPanel(QFrame):
    """A question, a line for words, and what is done with them. Hidden while nothing is asked.

    Signals:
        given: The words; "" only where they were optional.
        cancelled: Nothing is to be done (Esc).
    """

    given = Signal(str)
    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the panel; `name` starts the object names of its controls."""
        super().__init__(parent)
        theme.set_role(self, "notice")
        self.setObjectName(f"{name}_panel")
        self._optional = False
        self.question = QLabel(self)
        self.question.setObjectName(f"{name}_question")
        self.question.setWordWrap(True)
        self.words = QLineEdit(self)
        self.words.setObjectName(f"{name}_words")
        self.words.setMaxLength(MOST_WORDS)
        self.words.setMinimumHeight(theme.TARGET)
        self.confirm = PrimaryButton(self)
        self.confirm.setObjectName(f"{name}_confirm")
        self.cancel = PromptButton(self)
        self.cancel.setObjectName(f"{name}_cancel")
        theme.set_role(self.cancel, "quiet")
        self._refusal = QLabel(self)
        self._refusal.setObjectName(f"{name}_refusal")
        self._refusal.setWordWrap(True)
        theme.set_tone(self._refusal, Tone.BAD)
        self._refusal.hide()
        foot = QHBoxLayout()
        foot.setSpacing(theme.SMALL)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.confirm)
        foot.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.question)
        column.addLayout(foot)
        column.addWidget(self._refusal)
        self.words.textChanged.connect(self._look)
        self.words.returnPressed.connect(self._give)
        self.confirm.clicked.connect(self._give)
        self.cancel.clicked.connect(self._leave)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether something is being asked."""
        return not self.isHidden()

    def ask(self, question: str, done: str, *, optional: bool = False) -> None:
        """Ask, with the word on the button that does it; `optional` words may be left out."""
        self._optional = optional
        self.question.setText(question)
        self.words.clear()
        self.words.setAccessibleName(question)
        self.words.setPlaceholderText(self.tr("In words, if there is more to say") if optional else self.tr("In words"))
        self.confirm.setText(done)
        self.confirm.setAccessibleName(done)
        self.cancel.setText(self.tr("Cancel (Esc)"))
        self.cancel.setAccessibleName(self.tr("Cancel"))
        self._refusal.hide()
        self._look()
        self.show()
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not done; the words stay."""
        self._refusal.setText(sentence)
        self._refusal.setAccessibleName(sentence)
        self._refusal.show()
        self._look()

    def close_panel(self) -> None:
        """Ask nothing any more."""
        self.hide()
        self.words.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave everything as it was by Esc; Enter does what the button in focus says."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = next((button for button in (self.confirm, self.cancel) if button.hasFocus()), None)
            if focused is not None:
                focused.click()
        else:
            super().keyPressEvent(event)

    def _look(self) -> None:
        self.confirm.setEnabled(self._optional or bool(self.words.text().strip()))

    def _give(self) -> None:
        words = self.words.text().strip()
        if self.confirm.isEnabled():
            self.confirm.setEnabled(False)
            self.given.emit(words)

    def _leave(self) -> None:
        self.close_panel()
        self.cancelled.emit()
