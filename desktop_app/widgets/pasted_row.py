"""One pasted line as it would be taken: analyte, value, unit, what follows of it, and what stands against it.

The reference range that the report prints has a tick of its own.
"""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QWidget

from desktop_app import theme
from desktop_app.models.lab_words import against_words, does_sign, flag_sign, range_sign, range_words, why_words
from desktop_app.pasting import TAKEN, Does, PastedLine, PrintedRange, Way
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import SignLabel
from desktop_app.widgets.item_editors import QuietCombo
from desktop_app.widgets.notes import NoteLine

NAME, VALUE, STANDARD, RANGE, FLAG = 140, 160, 104, 176, 72
"""Widths in pixels of the columns, of the name's the least one."""
ROOMY = 900
"""From this width on the range and the line as it was pasted stand beside the reading."""
ACROSS = 6
"""How many columns there are."""
CHOOSE = -1


class PastedRow(QFrame):
    """A line with a tick: ticked lines are taken.

    Signals:
        changed: It was ticked, or its range, or it is read in another way.
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
        self.range = QCheckBox(self)
        self.range.setObjectName(f"{name}.range")
        self.range.setMinimumHeight(theme.TARGET)
        self._flag = SignLabel(self)
        self._does = SignLabel(self)
        self._ranged = SignLabel(self)
        self._source = QLabel(" ".join(pasted.line.text.split()), self)
        self._source.setWordWrap(True)
        self._source.setTextFormat(Qt.TextFormat.PlainText)
        self._source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.set_role(self._source, "note")
        self._why = NoteLine("question", Tone.WARN, "", parent=self)
        self._against = NoteLine("question", Tone.WARN, "", parent=self)
        if len(pasted.ways) > 1:
            self.chooser = QuietCombo(self)
            self.chooser.setObjectName(f"{name}.way")
            self.chooser.setMinimumHeight(theme.TARGET)
            self.chooser.setFixedWidth(VALUE)
            self.chooser.currentIndexChanged.connect(self._chosen)
        self._lay_out()
        self.tick.toggled.connect(self._toggled)
        self.range.toggled.connect(self._range_toggled)

    def _lay_out(self) -> None:
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.TIGHT, 0, 0)
        grid.setHorizontalSpacing(theme.SMALL)
        grid.setVerticalSpacing(0)
        for column, width in enumerate((NAME, VALUE, STANDARD)):
            grid.setColumnMinimumWidth(column, width)
        grid.setColumnMinimumWidth(4, FLAG)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(5, 3)
        grid.addWidget(self.tick, 0, 0)
        grid.addWidget(self.chooser or self.value, 0, 1)
        self.value.setVisible(self.chooser is None)
        grid.addWidget(self._standard, 0, 2)
        grid.addWidget(self._flag, 0, 4)
        told = WrappingRow(theme.MEDIUM, self)
        for one in (self._does, self._ranged):
            told.add(one)
        grid.addWidget(told, 3, 0, 1, ACROSS)
        for row, note in enumerate((self._why, self._against), start=4):
            grid.addWidget(note, row, 0, 1, ACROSS)
            note.raise_()  # a screen reader meets it behind what it is about
        self._place(beside=False)
        rule = QFrame(self)
        theme.set_role(rule, "line")
        grid.setRowMinimumHeight(6, theme.SMALL)
        grid.addWidget(rule, 7, 0, 1, ACROSS)

    def _place(self, *, beside: bool) -> None:
        """Put the range and the line as it was pasted beside the reading, or below it."""
        self._is_beside = beside
        grid = self._grid
        for one in (self.range, self._source):
            grid.removeWidget(one)
        grid.setColumnMinimumWidth(3, RANGE if beside else 0)
        if beside:
            grid.addWidget(self.range, 0, 3)
            grid.addWidget(self._source, 0, 5)
        else:
            grid.addWidget(self.range, 1, 0, 1, ACROSS)
            grid.addWidget(self._source, 2, 0, 1, ACROSS)
        first, second = (self.range, self._flag) if beside else (self._flag, self.range)
        first.stackUnder(second)  # a screen reader meets them as they stand

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the line as it was pasted beside its reading where there is room."""
        super().resizeEvent(event)
        beside = self.width() >= ROOMY
        if beside != self._is_beside:
            self._place(beside=beside)

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
        """Tick the row where nothing stands against taking it, and its range where nothing speaks against that."""
        self.tick.setChecked(self.pasted.is_ready)
        self.tick_range(on=True)

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

    @property
    def printed(self) -> PrintedRange | None:
        """The range of the report that could be taken now; None without one."""
        way = self.way
        if way is None or way.printed is None or not way.printed.can_be_taken:
            return None
        stands = self.pasted.line.is_sure and way.does is Does.NOTHING
        return way.printed if stands or self.taken is not None else None

    @property
    def ranged(self) -> PrintedRange | None:
        """The range of the report that is taken; None where none is."""
        return self.printed if self.range.isChecked() else None

    def tick_range(self, *, on: bool) -> None:
        """Tick the range where nothing speaks against it, or take it out."""
        printed = self.printed
        self.range.setChecked(on and printed is not None and printed.is_ready)

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
        self.tick_range(on=True)
        self._tell()
        self.changed.emit()

    def _range_toggled(self) -> None:
        self._tell()
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
        ranged = self.ranged
        sign = flag_sign(way.flag if ranged is None else ranged.flag) if way is not None else None
        self._flag.setVisible(sign is not None)
        if sign is not None:
            self._flag.show_sign(sign)
        does = does_sign(way.does, way.stands) if way is not None else None
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
        self._tell_range(way, label)

    def _tell_range(self, way: Way | None, label: str) -> None:
        """Say which range the report prints, what taking it would do, and what speaks against it."""
        printed = way.printed if way is not None else None
        found = printed.range if printed is not None else None
        against = against_words(printed, way.unit) if way is not None and printed is not None else ""
        self.range.setVisible(found is not None)
        self.range.setEnabled(self.printed is not None)
        sign = range_sign(printed, way.unit) if printed is not None and way is not None else None
        if way is not None and found is not None:
            told, _ = range_words(found, way.unit)
            self.range.setText(self.tr("Reference %1").replace("%1", told))
            name = self.tr("Take the reference range of the report, %1: %2")
            self.range.setAccessibleName(name.replace("%2", told).replace("%1", label))
        self.range.setAccessibleDescription(" · ".join(part for part in (sign.word if sign else "", against) if part))
        self._ranged.setVisible(sign is not None)
        if sign is not None:
            self._ranged.show_sign(sign)
        self._against.setVisible(bool(against))
        self._against.label.setText(against)
        self._against.label.setAccessibleName(against)
