"""A sentence beside an item, with an icon that says of what kind it is, and at most one button."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app import theme
from desktop_app.snapshots import TrailKind, TrailLine
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph, PromptButton


class NoteLine(QWidget):
    """Icon, sentence, and a button where there is something to do."""

    def __init__(self, icon: str, tone: Tone, text: str, parent: QWidget | None = None) -> None:
        """Make the line. Problems stand in their tone; what only informs stands quiet."""
        super().__init__(parent)
        self.is_problem = tone in {Tone.BAD, Tone.WARN}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SMALL)
        self._row.addWidget(Glyph(icon, tone, parent=self), 0, Qt.AlignmentFlag.AlignTop)
        self.label = QLabel(text, self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setAccessibleName(text)
        theme.set_tone(self.label, tone if self.is_problem else Tone.QUIET)
        self._row.addWidget(self.label, 1)

    def add_button(self, name: str, text: str) -> QPushButton:
        """Add the one button and return it."""
        button = PromptButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return button


TRAIL_ICONS = {
    TrailKind.ENTRY: ("trail", Tone.QUIET),
    TrailKind.OPENED: ("question", Tone.WARN),
    TrailKind.ANSWERED: ("check", Tone.QUIET),
    TrailKind.CLOSED: ("check", Tone.QUIET),
    TrailKind.SETTLED: ("check", Tone.QUIET),
}


def trail_sentence(line: TrailLine, language: str) -> str:
    """Return one line of a history: when, who, where, what, why; and the question, where it was another one."""
    when = f"{line.at:%Y-%m-%d %H:%M}"
    words = {
        TrailKind.ENTRY: "%1",
        TrailKind.OPENED: QCoreApplication.translate("Trail", "query opened – %1"),
        TrailKind.ANSWERED: QCoreApplication.translate("Trail", "confirmed true – %1"),
        TrailKind.SETTLED: QCoreApplication.translate("Trail", "conflict settled: chosen among %1"),
        TrailKind.CLOSED: QCoreApplication.translate("Trail", "query closed: the data no longer fire it – %1"),
    }
    shown = words[line.kind].replace("%1", line.shown(language) or "–")
    parts = [when, f"{line.author} ({line.laptop})", shown]
    if line.reason:
        parts.append(line.reason)
    if line.asked is not None:
        asked = QCoreApplication.translate("Trail", "asked then: “%1”")
        parts.append(asked.replace("%1", line.asked(language)))
    return " · ".join(parts)
