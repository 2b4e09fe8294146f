"""One line of a grid: a measured value with all that stands beside it.

The items are those of the list, each an `ItemRow` that keeps, marks and asks as ever; this line only says where
their parts stand: in one line where the window is wide, in a few short ones where it is not. What is told of the
value besides (its standard value, the range that applies, the result before) is told to screen readers too.
"""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casebook.design import Item
from casebook.grids import GridLine
from casebook.ranges import Ranges
from casebook.reference_ranges import Told
from casebook.units import told_in_standard
from desktop_app import theme
from desktop_app.models.lab_words import against_words, differs_words, range_words
from desktop_app.pasting import PrintedRange, against_kept, quantity_in
from desktop_app.snapshots import EarlierValue, RowView
from desktop_app.theme import Tone
from desktop_app.widgets.item_editors import LineEditor
from desktop_app.widgets.item_row import ItemRow

VALUE, STANDARD, RANGE, FLAG, JUDGED, BEFORE, MARK = 212, 104, 108, 84, 216, 148, 124
"""Widths in pixels of the columns after the name."""
WIDTHS = (VALUE, STANDARD, RANGE, FLAG, JUDGED, BEFORE, MARK)
NAME = 132
"""Least width of the name."""
WIDE = NAME + sum(WIDTHS) + len(WIDTHS) * theme.SMALL
"""From this width on everything stands in one line."""
NUMBER, UNIT = 92, 108
"""Widths of number and unit in a grid."""
ACROSS = len(WIDTHS) + 1
"""How many columns there are."""
FILL = Qt.AlignmentFlag(0)
MIDDLE = Qt.AlignmentFlag.AlignVCenter
LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight | MIDDLE
Place = tuple[QWidget | None, int, int, int, Qt.AlignmentFlag]
"""A part of a line: row, column, how many columns it takes, and its side of them."""
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class ValueLine(QFrame):
    """A value, and beside it limits of the report, flag, significance, what was there before, and its mark.

    Signals:
        step_wanted: The user goes up or down the column (path, -1 or 1).
    """

    step_wanted = Signal(object, int)

    def __init__(self, line: GridLine, parent: QWidget | None = None) -> None:
        """Make an empty line; `take` gives it its items."""
        super().__init__(parent)
        self.line = line
        self.rows: dict[str, ItemRow] = {}
        self._language = "en"
        self._is_narrow = True
        self._is_laid_out = False
        self._ranges: Ranges = {}
        self._kept: Ranges = {}
        self._before: EarlierValue | None = None
        self._suggested = ""
        self._facts = {name: QLabel(self) for name in ("standard", "range", "before", "all")}
        for name, label in self._facts.items():
            label.setObjectName(f"{name}.{line.value}")
            label.setTextFormat(Qt.TextFormat.PlainText)
            theme.set_role(label, "note")
        self._facts["all"].setWordWrap(True)
        self._limits: QWidget | None = None
        self._limits_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._judged: QWidget | None = None
        self._printed = QLabel(self)
        self._against = QLabel(self)
        self._against.setObjectName(f"against.{line.value}")
        self._against.setWordWrap(True)
        self._asks = QLabel(self)
        self._below = QVBoxLayout()
        self._below.setSpacing(0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, theme.HAIR, 0, theme.HAIR)
        self._grid.setHorizontalSpacing(theme.SMALL)
        self._grid.setVerticalSpacing(theme.TIGHT)
        rule = QFrame(self)
        theme.set_role(rule, "line")
        self._rule = rule

    # -- in -------------------------------------------------------------------------------------------------------

    def take(self, row: ItemRow) -> None:
        """Take one of the line's items; it keeps its editor and lends the rest."""
        name = row.item.name
        self.rows[name] = row
        row.lend_parts()
        editor = row.editor
        if isinstance(editor, LineEditor):
            editor.set_widths(NUMBER, UNIT)
        if name == self.line.value:
            editor.edited.connect(self._tell)
            if isinstance(editor, LineEditor) and self._suggested:
                editor.suggest_unit(self._suggested)
        elif name in {self.line.low, self.line.high}:
            row.mark.set_bare(on=True)
            row.setFixedWidth(VALUE)
            self._limits = self._limits or self._make_limits()
            across = QHBoxLayout()
            across.setSpacing(theme.SMALL)
            across.addWidget(row)
            across.addWidget(row.mark)
            across.addStretch(1)
            self._limits_row.addLayout(across)
        elif name == self.line.significant:
            row.mark.set_bare(on=True)
            self._judged = self._make_judged(row)
        else:
            row.mark.hide()
        if row.below is not None:
            self._below.addWidget(row.below)
        self._is_laid_out = False

    def _make_limits(self) -> QWidget:
        theme.set_role(self._printed, "note")
        limits = QWidget(self)
        column = QVBoxLayout(limits)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.HAIR)
        column.addLayout(self._limits_row)
        column.addWidget(self._against)
        self._limits_row.setContentsMargins(0, 0, 0, 0)
        self._limits_row.setSpacing(theme.TIGHT)
        self._limits_row.addWidget(self._printed)
        return limits

    def _make_judged(self, row: ItemRow) -> QWidget:
        theme.set_role(self._asks, "note")
        judged = QWidget(self)
        across = QHBoxLayout(judged)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.SMALL)
        across.addWidget(row)
        across.addWidget(row.mark)
        return judged

    def show_line(self, view: RowView, ranges: Ranges, kept: Ranges, language: str) -> None:
        """Show the items as they stand, and by unit the ranges that apply, and those without the report's."""
        self._language, self._ranges, self._kept = language, ranges, kept
        for item in view.items:
            row = self.rows.get(item.item.name)
            if row is not None:
                row.show_item(item, language)
        self._printed.setText(self.tr("On the report, from and to:"))
        self._asks.setText(self.tr("Clinically significant?"))
        self.set_narrow(on=self._is_narrow)
        self._show_parts()
        self._tell()

    def suggest_unit(self, unit: str) -> None:
        """Show the unit that was used last in the chooser of an empty value."""
        self._suggested = unit
        row = self.rows.get(self.line.value)
        if row is not None and isinstance(row.editor, LineEditor):
            row.editor.suggest_unit(unit)
            self._tell()

    def show_before(self, value: EarlierValue | None) -> None:
        """Show the result before this one."""
        self._before = value
        self._tell()

    def controls(self) -> Iterator[QWidget]:
        """Return what Tab passes, as the eye goes."""
        for name in (self.line.value, self.line.significant, self.line.low, self.line.high):
            row = self.rows.get(name)
            if row is not None:
                yield row
                yield row.mark
        for row in self.rows.values():
            if row.below is not None:
                yield row.below

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go up and down the column by the arrows, where the field leaves them."""
        step = _STEPS.get(Qt.Key(event.key()))
        row = next((one for one in self.rows.values() if one.hasFocus() or one.isAncestorOf(self.focusWidget())), None)
        if step is None or row is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            self.step_wanted.emit(row.path, step)

    # -- laying out -----------------------------------------------------------------------------------------------

    def set_narrow(self, *, on: bool) -> None:
        """Stand in one line, or in a few short ones."""
        value = self.rows.get(self.line.value)
        if value is None or (on == self._is_narrow and self._is_laid_out):
            self._is_narrow = on
            return
        self._is_narrow, self._is_laid_out = on, True
        self._fit(value)
        places = self._narrow_places(value) if on else self._wide_places(value)
        for widget, *_ in (*self._narrow_places(value), *self._wide_places(value)):
            if widget is not None:
                self._grid.removeWidget(widget)  # never `takeAt`: Python lets go of an item that keeps cached sizes
        self._grid.removeItem(self._below)
        for widget, row, column, span, side in places:
            if widget is not None:
                self._grid.addWidget(widget, row, column, 1, span, side)
                widget.raise_()  # a screen reader meets the parts as they stand
        self._grid.addLayout(self._below, 4, 0, 1, ACROSS)
        for column, width in enumerate((0, *(WIDTHS if not on else (0, FLAG, 0, 0, 0, 0, 0)))):
            self._grid.setColumnMinimumWidth(column, width)
        self._grid.setColumnStretch(0, 1)
        self._show_parts()

    def _fit(self, value: ItemRow) -> None:
        """Give the parts the widths of their columns."""
        value.label.setMinimumHeight(theme.TARGET)
        value.label.setMinimumWidth(NAME)
        value.label.show()
        value.mark.set_bare(on=self._is_narrow)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._limits_row.setDirection(down if self._is_narrow else across)
        value.mark.set_width(MARK)
        value.setFixedWidth(VALUE)
        for name, width in (("standard", STANDARD), ("range", RANGE), ("before", BEFORE)):
            self._facts[name].setFixedWidth(width)
        if self.line.flag in self.rows:
            self.rows[self.line.flag].setFixedWidth(FLAG)

    def _wide_places(self, value: ItemRow) -> list[Place]:
        return [
            (value.label, 0, 0, 1, FILL),
            (value, 0, 1, 1, FILL),
            (self._facts["standard"], 0, 2, 1, FILL),
            (self._facts["range"], 0, 3, 1, FILL),
            (self.rows.get(self.line.flag), 0, 4, 1, MIDDLE),
            (self._judged, 0, 5, 1, LEFT),
            (self._facts["before"], 0, 6, 1, FILL),
            (value.mark, 0, 7, 1, FILL),
            (self._limits, 3, 1, ACROSS - 1, LEFT),
            (self._rule, 5, 0, ACROSS, FILL),
        ]

    def _narrow_places(self, value: ItemRow) -> list[Place]:
        return [
            (value.label, 0, 0, 1, FILL),
            (value, 0, 1, 1, FILL),
            (self.rows.get(self.line.flag), 0, 2, 1, MIDDLE),
            (value.mark, 0, 3, 1, FILL),
            (self._facts["all"], 1, 0, 4, FILL),
            (self._asks, 2, 0, 1, RIGHT),
            (self._judged, 2, 1, 3, LEFT),
            (self._limits, 3, 0, 4, FILL),
            (self._rule, 5, 0, ACROSS, FILL),
        ]

    def _show_parts(self) -> None:
        """Show what there is to show, in the arrangement of now."""

        def stands(name: str) -> bool:
            row = self.rows.get(name)
            return row is not None and not row.isHidden()

        narrow, asks = self._is_narrow, stands(self.line.significant)
        limits = stands(self.line.low) or stands(self.line.high)
        shown: list[tuple[QWidget | None, bool]] = [
            (self._judged, asks),
            (self._asks, asks and narrow),
            (self._limits, limits),
            (self._printed, limits),
            *((self._facts[name], not narrow) for name in ("standard", "range", "before")),
            (self._facts["all"], narrow and bool(self._facts["all"].text())),
            *((row.below, not row.isHidden()) for row in self.rows.values()),
            (self, stands(self.line.value)),
        ]
        for widget, on in shown:
            if widget is not None and widget.isHidden() == on:
                widget.setVisible(on)

    # -- telling --------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what follows from what is typed at this moment."""
        row = self.rows.get(self.line.value)
        if row is None or not isinstance(row.editor, LineEditor):
            return
        unit = row.editor.chosen_unit()
        for limit in (self.line.low, self.line.high):
            if limit in self.rows and isinstance(editor := self.rows[limit].editor, LineEditor):
                editor.suggest_unit(unit)
        quantity = quantity_in(row.editor.raw(), unit)
        standard = told_in_standard(quantity, row.item.units) if quantity is not None else ""
        if not row.editor.raw() and self._suggested and unit == self._suggested != row.item.units[0].unit:
            standard = self.tr("unit as used last")
        applied = self._ranges.get(unit)
        told, by = range_words(applied, unit) if applied is not None else ("", "")
        before, when = self._before_words(row)
        self._facts["standard"].setText(standard)
        rounded = self.tr("Rounded for the eye; kept as it was entered.") if standard.startswith("≈") else ""
        self._facts["standard"].setToolTip(rounded)
        self._facts["range"].setText(f"{told}\n{by}" if told else "")
        against, contradicts = self._against_words(unit, row.item)
        self._against.setText(against)
        self._against.setVisible(bool(against))
        theme.set_tone(self._against, Tone.WARN if contradicts else Tone.QUIET)
        self._facts["before"].setText(f"{before}\n{when}" if before else "")
        parts = [
            standard,
            self.tr("reference %1 (%2)").replace("%1", told).replace("%2", by) if told else "",
            self.tr("before: %1 (%2)").replace("%1", before).replace("%2", when) if before else "",
        ]
        whole = " · ".join(part for part in parts if part)
        self._facts["all"].setText(whole)
        self._facts["all"].setVisible(self._is_narrow and bool(whole))
        hint = row.item.hint(self._language) if row.item.hint is not None else ""
        row.editor.describe(" · ".join(part for part in (whole, against, hint) if part))

    def _against_words(self, unit: str, item: Item) -> tuple[str, bool]:
        """Return what is to be said of the limits of the report as they stand, and whether they look wrong."""
        limits = [self.rows[name].view for name in (self.line.low, self.line.high) if name in self.rows]
        if not any(one is not None and one.visible and one.reading.value is not None for one in limits):
            return "", False
        applied, kept = self._ranges.get(unit), self._kept.get(unit)
        if applied is None or applied.by is not Told.REPORT:
            return self.tr("These limits make no range: look at which is the lower one."), True
        printed = PrintedRange(text="", range=applied, against=against_kept(applied, kept, item.units), kept=kept)
        against = against_words(printed, unit)
        return against or differs_words(printed, unit), bool(against)

    def _before_words(self, row: ItemRow) -> tuple[str, str]:
        value = self._before
        if value is None:
            return "", ""
        where = " · ".join(part for part in (value.where(self._language), value.day[: len("2026-11-22")]) if part)
        return value.shown(self._language) or row.item.label(self._language), where
