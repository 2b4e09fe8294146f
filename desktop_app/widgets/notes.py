"""A sentence beside an item, with an icon that says of what kind it is, and at most one button."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app import theme
from desktop_app.snapshots import TrailLine
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph


class NoteLine(QWidget):
    """Icon, sentence, and a button where there is something to do."""

    def __init__(self, icon: str, tone: Tone, text: str, parent: QWidget | None = None) -> None:
        """Make the line. Problems stand in their tone; what only informs stands quiet."""
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SMALL)
        self._row.addWidget(Glyph(icon, tone, parent=self), 0, Qt.AlignmentFlag.AlignTop)
        self.label = QLabel(text, self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setAccessibleName(text)
        theme.set_tone(self.label, tone if tone in {Tone.BAD, Tone.WARN} else Tone.QUIET)
        self._row.addWidget(self.label, 1)

    def add_button(self, name: str, text: str) -> QPushButton:
        """Add the one button and return it."""
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return button


def trail_sentence(line: TrailLine, language: str) -> str:
    """Return one entry of a trail as a line: when, who, where, what, why."""
    when = f"{line.at:%Y-%m-%d %H:%M}"
    shown = line.shown(language) or "–"
    parts = [when, f"{line.author} ({line.laptop})", shown]
    return " · ".join([*parts, line.reason] if line.reason else parts)
