"""A table of lines that wraps what is long, shares its width among the columns, and never scrolls sideways."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app import theme
from desktop_app.models.line_table import Line, LineTable
from desktop_app.models.row_table import SIGN_ROLE
from desktop_app.models.words import Sign
from desktop_app.theme import Tone
from desktop_app.widgets.table import Table, paint_ground

Index = QModelIndex | QPersistentModelIndex
WRAPPED = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
UNBOUND = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How wide a column is: at least `least` px, and `weight` parts of what is left.

    Where the table is narrower than `from_width` px the column goes; another one says what matters of it,
    and the whole line is said to screen readers all the same.
    """

    least: int
    weight: int = 0
    from_width: int = 0


class LineList(Table):
    """Lines to read and choose.

    Signals:
        line_chosen: The user chose a line (what it stands for).
    """

    line_chosen = Signal(object)

    def __init__(self, name: str, shares: Sequence[Share], parent: QWidget | None = None) -> None:
        """Make an empty table with one share per column."""
        super().__init__(parent)
        self.setObjectName(name)
        self.lines = LineTable(self)
        self._shares = tuple(shares)
        self.setModel(self.lines)
        self.setItemDelegate(WrappedDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(theme.HUGE)
        self.chosen.connect(self._say_line)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.share_width)

    def show_lines(self, headings: Sequence[str], lines: Sequence[Line]) -> None:
        """Show lines; the one that is current stays so."""
        current = self.current()
        if not self.lines.show_lines(headings, lines):
            return
        row = max(self.lines.row_of(current), 0)
        if self.lines.rowCount() and self.currentIndex().row() != row:
            self.setCurrentIndex(self.lines.index(row, 0))
        self.share_width()
        self._later.start(0)  # a scroll bar that comes with the lines takes width

    def current(self) -> object:
        """Return what the current line stands for, or None."""
        index = self.currentIndex()
        return self.lines.lines[index.row()].what if index.isValid() else None

    def choose(self, what: object) -> None:
        """Make the line that stands for `what` current, if there is one."""
        row = self.lines.row_of(what)
        if row >= 0:
            self.setCurrentIndex(self.lines.index(row, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width; the heights follow once it stands."""
        super().resizeEvent(event)
        self._later.start(0)

    def share_width(self) -> None:
        """Give every column its share and every line its height."""
        if not self.lines.columnCount():
            return
        width = self.viewport().width()
        shown = [one.from_width <= width for one in self._shares]
        free = width - sum(one.least for one, on in zip(self._shares, shown, strict=True) if on)
        weights = sum(one.weight for one, on in zip(self._shares, shown, strict=True) if on) or 1
        for column, (one, on) in enumerate(zip(self._shares, shown, strict=True)):
            self.setColumnHidden(column, not on)
            self.setColumnWidth(column, max(theme.HUGE, one.least + max(0, free) * one.weight // weights))
        self.resizeRowsToContents()

    def _say_line(self, index: QModelIndex) -> None:
        self.line_chosen.emit(self.lines.lines[index.row()].what)


class WrappedDelegate(QStyledItemDelegate):
    """Draws a cell with its sign before a text that wraps."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        area, palette = QRect(option.rect), QPalette(option.palette)
        painter.save()
        paint_ground(painter, option)
        painter.setPen(theme.line(palette))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        sign = index.data(SIGN_ROLE)
        colour = palette.color(QPalette.ColorRole.Text)
        inner = _inner(area, sign)
        if isinstance(sign, Sign):
            side = theme.ICON
            place = QRectF(area.left() + theme.SMALL, area.center().y() - side / 2 + 1, side, side)
            theme.paint_icon(painter, place, sign.icon, theme.tone(palette, sign.tone))
            if sign.tone is not Tone.QUIET:
                colour = theme.tone(palette, sign.tone)
        painter.setPen(colour)
        painter.drawText(inner, WRAPPED, str(index.data() or ""))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that the wrapped text needs in its column."""
        table = self.parent()
        width = table.columnWidth(index.column()) if isinstance(table, LineList) else UNBOUND
        inner = _inner(QRect(0, 0, width, UNBOUND), index.data(SIGN_ROLE))
        needed = option.fontMetrics.boundingRect(inner, WRAPPED, str(index.data() or "")).height()
        return QSize(width, max(theme.TARGET, needed + 2 * theme.SMALL))


def _inner(area: QRect, sign: object) -> QRect:
    left = theme.SMALL + (theme.ICON + theme.SMALL if isinstance(sign, Sign) else 0)
    return area.adjusted(left, theme.TIGHT, -theme.SMALL, -theme.TIGHT)
