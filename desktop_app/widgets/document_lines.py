"""Finished documents, a line each: a button that shows it, who finished it and when, where it is."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casebook.design import StudyDesign
from desktop_app import theme
from desktop_app.models import times
from desktop_app.models.words import document_label, whereis_sign
from desktop_app.snapshots import DocumentRow
from desktop_app.widgets.icon import IconButton, SignLabel


class DocumentLines(QWidget):
    """The finished documents of a subject; hidden while there are none.

    Signals:
        wanted: A document is to be shown (DocumentRow).
    """

    wanted = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start empty; `name` starts the object names of the buttons."""
        super().__init__(parent)
        self._name = name
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.TIGHT)

    def show_rows(self, rows: Sequence[DocumentRow], design: StudyDesign, language: str) -> None:
        """Show other documents."""
        self.setVisible(bool(rows))
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, row in enumerate(rows):
            self._rows.addWidget(self._line(place, row, document_label(design, row, language)))

    def _line(self, place: int, row: DocumentRow, label: str) -> QWidget:
        line = QWidget()
        button = IconButton("document")
        button.setObjectName(f"{self._name}_{place}")
        button.setText(label)
        button.setAccessibleName(self.tr("Show %1").replace("%1", label))
        theme.set_role(button, "quiet")
        button.clicked.connect(partial(self._want, row))
        words = self.tr("%1, %2").replace("%1", row.author).replace("%2", times.minute(row.at))
        custody = SignLabel()
        custody.show_sign(whereis_sign(row.whereis))
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.LARGE)
        layout.addWidget(button)
        note = QLabel(words)
        theme.set_role(note, "note")
        layout.addWidget(note)
        layout.addWidget(custody)
        layout.addStretch(1)
        return line

    def _want(self, row: DocumentRow, _checked: object = None) -> None:
        self.wanted.emit(row)
