"""What was recorded under another version of a form and is not asked any more: read at the form's end."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models import times
from desktop_app.snapshots import OrphanLine


class Orphans(QFrame):
    """A card with one line for each value; hidden where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.setObjectName("form_orphans")
        theme.set_role(self, "card")
        self._shown: tuple[object, ...] = ()
        self._heading = QLabel(self)
        self._heading.setWordWrap(True)
        theme.set_role(self._heading, "lead")
        self._lines: list[QLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        self._column.setSpacing(theme.TIGHT)
        self._column.addWidget(self._heading)
        self.hide()

    def show_lines(self, lines: Sequence[OrphanLine], language: str) -> None:
        """Show other values."""
        self.setVisible(bool(lines))
        if (tuple(lines), language) == self._shown:
            return
        self._shown = (tuple(lines), language)
        self._heading.setText(self.tr("Recorded under another version of this form, not asked any more"))
        for label in self._lines:
            self._column.removeWidget(label)
            label.deleteLater()
        self._lines = [self._line(line, language) for line in lines]

    def _line(self, line: OrphanLine, language: str) -> QLabel:
        who = f"{line.author}, {times.minute(line.at)}"
        if line.version:
            who = f"{line.version}  ·  {who}"
        label = QLabel(f"{line.asked(language)}: {line.shown(language)}  ·  {who}", self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName(label.text())
        self._column.addWidget(label)
        return label
