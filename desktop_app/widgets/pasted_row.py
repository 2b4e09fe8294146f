"""One pasted line as it would be taken: analyte, value, unit, what follows of it, and what stands against it."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QWidget

from desktop_app import theme
from desktop_app.models.lab_words import does_sign, flag_sign, why_words
from desktop_app.pasting import TAKEN, PastedLine, Way
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import SignLabel
from desktop_app.widgets.item_editors import QuietCombo
from desktop_app.widgets.notes import NoteLine

NAME, VALUE, STANDARD, FLAG = 140, 160, 104, 72
"""Widths in pixels of the columns, of the name's the least one."""
ROOMY = 900
"""From this width on the line as it was pasted stands beside its reading."""
CHOOSE = -1


class PastedRow(QFrame):
    """A line with a tick: ticked lines are taken.

    Signals:
        changed: It was ticked, or read in another way.
    """

    changed = Signal()

    def __init__(self, pasted: PastedLine, name: str, parent: QWidget | None = None) -> None:
        """Make the row; `name` starts the object names of its controls."""
        super().__init__(parent)
        self.pasted = pasted
        self._language = "en"
        self.tick = QCheckBox(self)
        self.tick.setObjectName(f"{name}.take")
        self.tick.setMinimumHeight(theme.TARGET)
        self.value = QLabel(self)
        self.chooser: QuietCombo | None = None
        self._standard = QLabel(self)
        theme.set_role(self._standard, "note")
        self._flag = SignLabel(self)
        self._does = SignLabel(self)
        self._source = QLabel(" ".join(pasted.line.text.split()), self)
        self._source.setWordWrap(True)
        self._source.setTextFormat(Qt.TextFormat.PlainText)
        self._source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.set_role(self._source, "note")
        self._why = NoteLine("question", Tone.WARN, "", parent=self)
        if len(pasted.ways) > 1:
            self.chooser = QuietCombo(self)
            self.chooser.setObjectName(f"{name}.way")
            self.chooser.setMinimumHeight(theme.TARGET)
            self.chooser.setFixedWidth(VALUE)
            self.chooser.currentIndexChanged.connect(self._chosen)
        self._lay_out()
        self.tick.toggled.connect(self._toggled)

    def _lay_out(self) -> None:
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.TIGHT, 0, 0)
        grid.setHorizontalSpacing(theme.SMALL)
        grid.setVerticalSpacing(0)
        for column, width in enumerate((NAME, VALUE, STANDARD, FLAG)):
            grid.setColumnMinimumWidth(column, width)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(4, 3)
        grid.addWidget(self.tick, 0, 0)
        grid.addWidget(self.chooser or self.value, 0, 1)
        self.value.setVisible(self.chooser is None)
        grid.addWidget(self._standard, 0, 2)
        grid.addWidget(self._flag, 0, 3)
        told = WrappingRow(theme.MEDIUM, self)
        told.add(self._does)
        grid.addWidget(told, 2, 0, 1, 5)
        grid.addWidget(self._why, 3, 0, 1, 5)
        self._why.raise_()  # a screen reader meets it behind what it is about
        self._place_source(beside=False)
        rule = QFrame(self)
        theme.set_role(rule, "line")
        grid.setRowMinimumHeight(4, theme.SMALL)
        grid.addWidget(rule, 5, 0, 1, 5)

    def _place_source(self, *, beside: bool) -> None:
        self._is_beside = beside
        self._grid.removeWidget(self._source)
        if beside:
            self._grid.addWidget(self._source, 0, 4)
        else:
            self._grid.addWidget(self._source, 1, 0, 1, 5)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the line as it was pasted beside its reading where there is room."""
        super().resizeEvent(event)
        beside = self.width() >= ROOMY
        if beside != self._is_beside:
            self._place_source(beside=beside)

    # -- in -------------------------------------------------------------------------------------------------------

    def show_line(self, pasted: PastedLine, language: str) -> None:
        """Show the line as it stands to the form now; what was chosen stays."""
        first, chosen = self._language != language or not self.tick.text(), self._choice()
        self.pasted, self._language = pasted, language
        if self.chooser is not None:
            with QSignalBlocker(self.chooser):
                self.chooser.clear()
                self.chooser.addItem(self.tr("choose…"))
                self.chooser.addItems([self._told(way) for way in pasted.ways])
                self.chooser.setCurrentIndex((chosen if chosen != CHOOSE or not first else pasted.likely) + 1)
        self._why.label.setText(why_words(pasted.line))
        self._why.setVisible(not pasted.line.is_sure)
        self._tell()

    def begin(self) -> None:
        """Tick the row where nothing stands against taking it."""
        self.tick.setChecked(self.pasted.is_ready)

    @property
    def way(self) -> Way | None:
        """How the line is read; None while nobody chose."""
        chosen = self._choice()
        return None if chosen == CHOOSE else self.pasted.ways[chosen]

    @property
    def taken(self) -> Way | None:
        """How the line is taken; None where it is not."""
        way = self.way
        return way if way is not None and way.does in TAKEN and self.tick.isChecked() else None

    # -- inside ---------------------------------------------------------------------------------------------------

    def _choice(self) -> int:
        return 0 if self.chooser is None else max(CHOOSE, self.chooser.currentIndex() - 1)

    def _told(self, way: Way) -> str:
        """Return a way of reading in words: no more than what tells it from the others."""
        value = f"{way.raw} {way.unit}".strip()
        same = len({one.path for one in self.pasted.ways}) == 1
        return value if same else f"{value}  {way.item.label(self._language)}"

    def _chosen(self) -> None:
        self._tell()
        way = self.way
        self.tick.setChecked(way is not None and way.does in TAKEN)
        self.changed.emit()

    def _toggled(self) -> None:
        self.changed.emit()

    def _tell(self) -> None:
        way, shown = self.way, self.way or self.pasted.ways[0]
        same = len({one.path for one in self.pasted.ways}) == 1
        label = shown.item.label(self._language) if way is not None or same else self.tr("not decided yet")
        value = f"{shown.raw} {shown.unit}".strip() if way is not None else ""
        self.tick.setText(label.replace("&", "&&"))
        self.tick.setToolTip(label)
        self.value.setText(value)
        self._standard.setText(way.standard if way is not None else "")
        sign = flag_sign(way.flag) if way is not None else None
        self._flag.setVisible(sign is not None)
        if sign is not None:
            self._flag.show_sign(sign)
        does = does_sign(way) if way is not None else None
        self._does.setVisible(does is not None)
        if does is not None:
            self._does.show_sign(does)
        self.tick.setEnabled(way is not None and way.does in TAKEN)
        parts = [self.tr("Take %1").replace("%1", label), value, sign.word if sign is not None else ""]
        self.tick.setAccessibleName(" · ".join(part for part in parts if part))
        told = [does.word if does is not None else "", why_words(self.pasted.line), self.pasted.line.text]
        self.tick.setAccessibleDescription(" · ".join(part for part in told if part))
        if self.chooser is not None:
            name = self.tr("How to read: %1").replace("%1", self.pasted.line.text)
            self.chooser.setAccessibleName(name)
