"""The grid of a casebook: visits across with their dates, forms down, a state in each cell."""

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette, QResizeEvent
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
from desktop_app.models.casebook_grid import CELL_ROLE, STANDING_ROLE, CasebookGrid
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
HEAD_HEIGHT = 70
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
        self.setItemDelegate(CellDelegate(self))
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


class CellDelegate(QStyledItemDelegate):
    """Draws a form's cell: icon and word of its state, the occasion below, marks for findings and custody."""

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
            standing = index.data(STANDING_ROLE)
            shown = standing if isinstance(standing, FormStanding) else FormStanding()
            self._paint_cell(painter, area, palette, (cell, shown), _language(index))
            if option.state & QStyle.StateFlag.State_HasFocus:
                _paint_focus(painter, area, palette)
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, area: QRect, palette: QPalette, shown: tuple[FormCell, FormStanding], language: str
    ) -> None:
        cell, standing = shown
        sign = CasebookGrid.sign(cell)
        inner = area.adjusted(theme.SMALL, theme.TIGHT, -theme.SMALL, -theme.TIGHT)
        side = theme.LARGE + theme.HAIR
        place = QRectF(inner.left(), inner.center().y() - side / 2 + 0.5, side, side)
        theme.paint_icon(painter, place, sign.icon, theme.tone(palette, sign.tone))
        right = self._paint_marks(painter, inner, palette, cell, standing)
        if area.width() < WORD_WIDTH:
            return
        words = QRect(inner.left() + side + theme.SMALL, inner.top(), 0, inner.height())
        words.setRight(right)
        flags = [flag_sign(mark).word for mark in standing.marks if mark.kind is not FlagKind.COMPLETE]
        occasion = " · ".join([*([cell.occasion(language)] if cell.occasion is not None else []), *reversed(flags)])
        painter.setPen(theme.tone(palette, sign.tone))
        metrics = painter.fontMetrics()
        if not occasion:
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, elided(metrics, sign.word, words.width()))
            return
        upper, lower = _halves(words)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, elided(metrics, sign.word, upper.width()))
        painter.setFont(_note_font(painter.font()))
        painter.setPen(theme.tone(palette, Tone.QUIET))
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, elided(painter.fontMetrics(), occasion, lower.width()))

    @staticmethod
    def _paint_marks(painter: QPainter, inner: QRect, palette: QPalette, cell: FormCell, standing: FormStanding) -> int:
        """Draw what else is to be known at the right edge; return where it begins."""
        marks: list[tuple[str, Tone]] = []
        if cell.custody is Custody.HERE_ONLY:
            sign = custody_sign(cell.custody)
            marks.append((sign.icon, sign.tone))
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
            right -= side + theme.TIGHT
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
        inner = rect.adjusted(theme.SMALL, theme.SMALL - theme.HAIR, -theme.TIGHT, -theme.TIGHT)
        third = inner.height() // 3
        lines = [QRect(inner.left(), inner.top() + third * place, inner.width(), third) for place in range(3)]
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        _write(painter, lines[0], visit.short(self._grid.language))
        painter.setFont(_note_font(self.font()))
        painter.setPen(theme.tone(palette, Tone.QUIET))
        _write(painter, lines[1], _window_words(visit))
        self._paint_actual(painter, lines[2], visit)
        painter.restore()

    def _paint_actual(self, painter: QPainter, line: QRect, visit: VisitColumn) -> None:
        tone = visit_tone(visit.status)
        painter.setPen(theme.tone(self.palette(), tone))
        words = " ".join(part for part in (times.short_day(visit.actual), visit_word(visit.status)) if part)
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


def _halves(area: QRect) -> tuple[QRect, QRect]:
    middle = area.top() + area.height() // 2
    upper, lower = QRect(area), QRect(area)
    upper.setBottom(middle)
    lower.setTop(middle)
    return upper, lower


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


def _language(index: Index) -> str:
    model = index.model()
    return model.language if isinstance(model, CasebookGrid) else "en"
