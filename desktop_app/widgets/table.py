"""A table for reading and choosing: whole lines or cells, by keys or a click, with signs before texts."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop_app import theme
from desktop_app.models.row_table import SIGN_ROLE
from desktop_app.models.words import Sign

CHOOSING_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}


class Table(QTableView):
    """A table whose lines are chosen by Enter or a click; Tab leaves it.

    Signals:
        chosen: The user chose this index (QModelIndex).
    """

    chosen = Signal(QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a table without grid lines that chooses whole lines."""
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.TARGET)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.setItemDelegate(SignDelegate(self))
        self.clicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the current line by Enter or Space; Esc is for the page."""
        if event.key() in CHOOSING_KEYS and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class SignDelegate(QStyledItemDelegate):
    """Draws a line's cell: hairline below, sign before the text, ground when chosen."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        area, palette = _parts(option)
        painter.save()
        paint_ground(painter, option)
        painter.setPen(theme.line(palette))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(theme.MEDIUM, 0, -theme.SMALL, 0)
        sign = index.data(SIGN_ROLE)
        colour = palette.color(QPalette.ColorRole.Text)
        if isinstance(sign, Sign):
            side = theme.ICON
            place = QRectF(inner.left(), inner.center().y() - side / 2 + 1, side, side)
            colour = theme.tone(palette, sign.tone)
            theme.paint_icon(painter, place, sign.icon, colour)
            inner.setLeft(inner.left() + side + theme.SMALL)
        painter.setPen(colour)
        text = str(index.data() or "")
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, elided(painter.fontMetrics(), text, inner.width()))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the room that sign and text need."""
        size = super().sizeHint(option, index)
        sign = theme.ICON + theme.SMALL if isinstance(index.data(SIGN_ROLE), Sign) else 0
        return QSize(size.width() + sign + 2 * theme.MEDIUM, max(size.height(), theme.TARGET))


def paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Draw the ground of a chosen, current or hovered cell."""
    area, palette = _parts(option)
    state, kinds = option.state, QStyle.StateFlag
    scheme = theme.scheme_of(palette)
    if state & kinds.State_Selected:
        painter.fillRect(area, theme.tone_field(palette, theme.Tone.ACCENT))
    elif state & kinds.State_MouseOver:
        painter.fillRect(area, scheme.hover)


def elided(metrics: QFontMetrics, text: str, width: int) -> str:
    """Return `text` cut to `width` with an ellipsis."""
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def _parts(option: QStyleOptionViewItem) -> tuple[QRect, QPalette]:
    return QRect(option.rect), QPalette(option.palette)
