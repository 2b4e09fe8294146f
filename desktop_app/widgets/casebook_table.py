"""The grid of a casebook: visits across with their dates, forms down, a state in each cell."""

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop_app import theme
from desktop_app.models import times
from desktop_app.models.casebook_grid import CELL_ROLE, CasebookGrid
from desktop_app.models.oversight_words import flag_sign
from desktop_app.models.words import custody_sign, visit_tone, visit_word
from desktop_app.oversight_snapshots import FlagKind, FormStanding
from desktop_app.snapshots import Custody, FormCell, VisitColumn
from desktop_app.theme import Tone
from desktop_app.widgets.table import Table, elided, paint_ground

Index = QModelIndex | QPersistentModelIndex
CELL_WIDTH = 52
"""The narrowest cell: a sign and a mark beside it."""
WORD_WIDTH = 84
"""A narrower cell shows its sign without the word; the line below the table says it."""
WORD_INDENT = theme.LARGE + theme.HAIR + theme.SMALL
"""Where a cell's words begin, behind its sign."""
WORD_ROOM = 84
"""What the sign and its word keep of a wide cell."""
FLAG_MARKS = (
    FlagKind.CHANGED_SINCE_SIGNED,
    FlagKind.LOCKED,
    FlagKind.FROZEN,
    FlagKind.SIGNED,
    FlagKind.VERIFIED,
)
"""The flags that a cell draws, what matters most first; the line below the table says all of them."""
LABEL_WIDTH = 226
LABEL_WIDTH_NARROW = 150
NARROW = 1000
"""Below this width in pixels the names of forms take less room."""
LINE_HEIGHT = theme.TARGET
UNBOUND = 10_000
HEAD_HEIGHT = 70
_WRAPPED = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_ACTION = QAbstractItemView.CursorAction
_STEPS = {
    _ACTION.MoveDown: (1, 0),
    _ACTION.MoveUp: (-1, 0),
    _ACTION.MoveRight: (0, 1),
    _ACTION.MoveLeft: (0, -1),
}
"""Lines and columns that an arrow goes on."""


class CasebookTable(Table):
    """The table of one casebook; single cells are chosen."""

    def __init__(self, grid: CasebookGrid, parent: QWidget | None = None) -> None:
        """Show `grid`."""
        super().__init__(parent)
        self._grid = grid
        self.setModel(grid)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setItemDelegate(CellDelegate(grid, self))
        head = VisitHeader(grid, self)
        self.setHorizontalHeader(head)
        head.setStretchLastSection(False)
        head.setDefaultSectionSize(CELL_WIDTH)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side = self.verticalHeader()
        side.show()
        side.setFixedWidth(LABEL_WIDTH)
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(LINE_HEIGHT)
        side.setTextElideMode(Qt.TextElideMode.ElideRight)
        side.setHighlightSections(False)
        side.setSectionsClickable(False)
        self.setMouseTracking(True)
        grid.modelReset.connect(self.share_width)
        grid.dataChanged.connect(self._share_height)
        self.setCornerButtonEnabled(False)

    def moveCursor(self, cursorAction: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Move over the cells; where a line or column has no further one, to the nearest beyond: all are in reach."""
        here, there = self.currentIndex(), super().moveCursor(cursorAction, modifiers)
        step = _STEPS.get(cursorAction)
        if step is None or not here.isValid() or there != here:
            return there
        return min(self._ahead(here, step), key=lambda one: one[0], default=((0, 0), here))[1]

    def _ahead(self, here: QModelIndex, step: tuple[int, int]) -> Iterator[tuple[tuple[int, int], QModelIndex]]:
        """Return the cells beyond a place, each with how far it is along the way and beside it."""
        down, right = step
        grid = self._grid
        for row in range(grid.rowCount()):
            for column in range(grid.columnCount()):
                index = grid.index(row, column)
                along = (row - here.row()) * down + (column - here.column()) * right
                beside = abs((row - here.row()) * right + (column - here.column()) * down)
                if along > 0 and grid.cell(index) is not None:
                    yield (along, beside), index

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the window among the visits."""
        super().resizeEvent(event)
        self.share_width()

    def share_width(self) -> None:
        """Make the columns as wide as the window gives, never narrower than a cell needs."""
        count = max(self.horizontalHeader().count(), 1)
        label = LABEL_WIDTH_NARROW if self.width() < NARROW else LABEL_WIDTH
        if self.verticalHeader().width() != label:
            self.verticalHeader().setFixedWidth(label)
        width = self.width() - label - self.verticalScrollBar().sizeHint().width() - 2 * self.frameWidth()
        self.horizontalHeader().setDefaultSectionSize(max(CELL_WIDTH, width // count))
        self._share_height()

    def _share_height(self) -> None:
        """Make each line as high as what its cells say below their words, wrapped."""
        width = self.horizontalHeader().defaultSectionSize()
        note = QFontMetrics(_note_font(self.font()))
        room = QRect(0, 0, _inner(QRect(0, 0, width, LINE_HEIGHT)).width() - WORD_INDENT, UNBOUND)
        for row, line in enumerate(self._grid.lines):
            said = [self._grid.detail(cell) for cell in line.cells.values()] if width >= WORD_WIDTH else []
            lower = max((note.boundingRect(room, _WRAPPED, one).height() for one in said if one), default=0)
            height = max(LINE_HEIGHT, self.fontMetrics().height() + lower + 2 * theme.TIGHT)
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)


class CellDelegate(QStyledItemDelegate):
    """Draws a form's cell: icon and word of its state, the occasion below, marks for findings and custody."""

    def __init__(self, grid: CasebookGrid, parent: QWidget) -> None:
        """Draw the cells of `grid`."""
        super().__init__(parent)
        self._grid = grid

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell; a visit without this form stays blank."""
        area, palette = QRect(option.rect), QPalette(option.palette)
        painter.save()
        cell = index.data(CELL_ROLE)
        if isinstance(cell, FormCell):
            paint_ground(painter, option)
        painter.setPen(theme.line(palette))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topRight(), area.bottomRight())
        if isinstance(cell, FormCell):
            self._paint_cell(painter, area, palette, cell)
            if option.state & QStyle.StateFlag.State_HasFocus:
                _paint_focus(painter, area, palette)
        painter.restore()

    def _paint_cell(self, painter: QPainter, area: QRect, palette: QPalette, cell: FormCell) -> None:
        sign, standing = CasebookGrid.sign(cell), self._grid.standing(cell.key)
        inner = _inner(area)
        detail = self._grid.detail(cell) if area.width() >= WORD_WIDTH else ""
        upper = QRect(inner)
        if detail:
            upper.setHeight(painter.fontMetrics().height())
        side = theme.LARGE + theme.HAIR
        place = QRectF(inner.left(), upper.center().y() - side / 2 + 0.5, side, side)
        theme.paint_icon(painter, place, sign.icon, theme.tone(palette, sign.tone))
        right = self._paint_marks(painter, upper, palette, cell, standing)
        if area.width() < WORD_WIDTH:
            return
        words = upper.adjusted(WORD_INDENT, 0, 0, 0)
        words.setRight(right)
        painter.setPen(theme.tone(palette, sign.tone))
        word = elided(painter.fontMetrics(), sign.word, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, word)
        painter.setFont(_note_font(painter.font()))
        painter.setPen(theme.tone(palette, Tone.QUIET))
        painter.drawText(inner.adjusted(WORD_INDENT, upper.height(), 0, theme.TIGHT), _WRAPPED, detail)

    @staticmethod
    def _paint_marks(painter: QPainter, inner: QRect, palette: QPalette, cell: FormCell, standing: FormStanding) -> int:
        """Draw what else is to be known at the right edge; return where it begins."""
        marks: list[tuple[str, Tone]] = []
        if cell.custody is Custody.HERE_ONLY:
            marks.append((custody_sign(cell.custody).icon, Tone.QUIET))  # the foot line counts them in its own tone
        if cell.hard_findings:
            marks.append(("error", Tone.BAD))
        elif cell.soft_findings:
            marks.append(("warning", Tone.WARN))
        if standing.queries:
            marks.append(("queries", Tone.WARN))
        kinds = {one.kind: one for one in standing.marks}
        for kind in FLAG_MARKS:
            if kind in kinds:
                flag = flag_sign(kinds[kind])
                marks.append((flag.icon, flag.tone))
        right = inner.right()
        side = theme.MEDIUM + theme.TIGHT
        room = (inner.width() - WORD_ROOM if inner.width() > WORD_WIDTH else inner.width() - side) // (
            side + theme.TIGHT
        )
        for name, tone in marks[: max(1, room)]:
            place = QRectF(right - side, inner.center().y() - side / 2 + 0.5, side, side)
            theme.paint_icon(painter, place, name, theme.tone(palette, tone))
            right -= side + theme.HAIR
        return right

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the fixed size of a cell."""
        del option, index
        return QSize(CELL_WIDTH, LINE_HEIGHT)


class VisitHeader(QHeaderView):
    """A visit's heading: its short name, its window, and its actual date with a word for its place."""

    def __init__(self, grid: CasebookGrid, parent: QWidget | None = None) -> None:
        """Head the columns of `grid`."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._grid = grid
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    def sizeHint(self) -> QSize:
        """Leave room for three lines."""
        return QSize(super().sizeHint().width(), HEAD_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Draw one heading."""
        visit = self._grid.visit(logicalIndex)
        palette = self.palette()
        painter.save()
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Base))
        painter.setPen(theme.line(palette))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        name, narrow = visit.short(self._grid.language), rect.width() < WORD_WIDTH
        side = theme.TIGHT if narrow else theme.SMALL
        inner = rect.adjusted(side, theme.SMALL - theme.HAIR, -theme.TIGHT, -theme.TIGHT)
        third = inner.height() // 3
        lines = [QRect(inner.left(), inner.top() + third * place, inner.width(), third) for place in range(3)]
        bold = _note_font(self.font()) if narrow else QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        if narrow:
            painter.drawText(lines[0].united(lines[1]), _WRAPPED, name)
        else:
            _write(painter, lines[0], name)
        painter.setFont(_note_font(self.font()))
        painter.setPen(theme.tone(palette, Tone.QUIET))
        if not narrow:
            _write(painter, lines[1], _window_words(visit))
        self._paint_actual(painter, lines[2], visit, narrow=narrow)
        painter.restore()

    def _paint_actual(self, painter: QPainter, line: QRect, visit: VisitColumn, *, narrow: bool) -> None:
        tone = visit_tone(visit.status)
        painter.setPen(theme.tone(self.palette(), tone))
        day, word = times.short_day(visit.actual), visit_word(visit.status)
        words = (day or word) if narrow else " ".join(part for part in (day, word) if part)
        if visit.actual is not None and tone is not Tone.QUIET:
            side = theme.MEDIUM + theme.HAIR
            icon = "check" if tone is Tone.GOOD else "warning"
            place = QRectF(line.left(), line.center().y() - side / 2 + 0.5, side, side)
            theme.paint_icon(painter, place, icon, theme.tone(self.palette(), tone))
            line = line.adjusted(side + theme.TIGHT, 0, 0, 0)
        _write(painter, line, words)


def _window_words(visit: VisitColumn) -> str:
    first, last = times.short_day(visit.window_from), times.short_day(visit.window_to)
    if not first and not last:
        return ""
    if first == last:
        begin, end = times.clock_time(visit.window_from), times.clock_time(visit.window_to)
        return f"{first} {begin}–{end}"
    return f"{first} – {last}"


def _write(painter: QPainter, line: QRect, words: str) -> None:
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, elided(painter.fontMetrics(), words, line.width()))


def _inner(area: QRect) -> QRect:
    """Return a cell without its margins."""
    return area.adjusted(theme.SMALL, theme.TIGHT, -theme.SMALL, -theme.TIGHT)


def _note_font(font: QFont) -> QFont:
    small = QFont(font)
    small.setBold(False)
    small.setPointSizeF(theme.NOTE_PT - 0.5)
    return small


def _paint_focus(painter: QPainter, area: QRect, palette: QPalette) -> None:
    pen = painter.pen()
    pen.setColor(theme.tone(palette, Tone.ACCENT))
    pen.setWidth(theme.HAIR)
    painter.setPen(pen)
    painter.drawRect(area.adjusted(1, 1, -2, -2))
