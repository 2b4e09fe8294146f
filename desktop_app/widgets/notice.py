"""A sentence that stands in the window until it is settled: icon, words, and at most one action."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph
from desktop_app.widgets.spoken import announce


class Notice(QFrame):
    """One sentence, hidden while there is none.

    Signals:
        acted: The user pressed the action.
    """

    acted = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName(name)
        theme.set_role(self, "card")
        self._glyph = Glyph(parent=self)
        self._words = QLabel(self)
        self._words.setObjectName(f"{name}_words")
        self._words.setWordWrap(True)
        self._action = QPushButton(self)
        self._action.setObjectName(f"{name}_action")
        self._action.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        row.setSpacing(theme.SMALL)
        row.addWidget(self._glyph)
        row.addWidget(self._words, 1)
        row.addWidget(self._action)
        self._action.clicked.connect(self.acted)
        self.hide()

    def say(self, sentence: str, tone: Tone = Tone.QUIET, action: str = "") -> None:
        """Show a sentence and have it read out; "" hides the notice."""
        if sentence != self.text():
            announce(self, sentence, at_once=tone is Tone.BAD)
        icons = {Tone.BAD: "error", Tone.WARN: "warning", Tone.GOOD: "check"}
        self._glyph.show_icon(icons.get(tone, "information"), tone)
        self._words.setText(sentence)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def text(self) -> str:
        """Return the sentence that is shown, or ""."""
        return self._words.text() if not self.isHidden() else ""
