"""The mark beside an item: how far its value has come, as an icon and a word.

The mark is also the row's menu for the mouse; the same actions have keys.
"""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop_app import theme
from desktop_app.snapshots import Mark
from desktop_app.theme import Tone

MARK_WIDTH = 192
ICONS = {
    Mark.TYPED: ("typed", Tone.BAD),
    Mark.KEPT: ("kept", Tone.ACCENT),
    Mark.RECORDED: ("recorded", Tone.GOOD),
    Mark.CONFLICT: ("conflict", Tone.WARN),
    Mark.UNCONFIRMED: ("unconfirmed", Tone.WARN),
}


class MarkButton(QAbstractButton):
    """Icon and word of a mark; pressed, it opens the row's menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.mark: Mark | None = None
        self._has_menu = False
        self._bare = False
        self._width = MARK_WIDTH
        self._short = ""
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_bare(self, *, on: bool) -> None:
        """Show the icon alone; its word is told on demand and to screen readers."""
        self._bare = on
        self.updateGeometry()

    def set_width(self, pixels: int) -> None:
        """Take less room than a mark in a list."""
        self._width = pixels
        self.updateGeometry()

    def show_mark(self, mark: Mark | None, item_label: str, *, optional: bool, has_menu: bool) -> None:
        """Show a mark; None while what is typed was not kept yet."""
        self.mark = mark
        self._has_menu = has_menu
        words = {
            Mark.TYPED: self.tr("not a value yet"),
            Mark.KEPT: self.tr("kept on this laptop"),
            Mark.RECORDED: self.tr("recorded"),
            Mark.CONFLICT: self.tr("two values"),
            Mark.UNCONFIRMED: self.tr("unconfirmed"),
        }
        word = words.get(mark, "") if mark is not None else self.tr("not kept yet")
        short = {Mark.TYPED: self.tr("no value", "short mark"), Mark.KEPT: self.tr("kept", "short mark")}
        if mark is Mark.EMPTY and optional:
            word = self.tr("optional")
        self._short = short.get(mark, word) if mark is not None else word
        self.setText(word)
        self.setAccessibleName(f"{item_label}: {word}" if word else item_label)
        self.setToolTip(word)
        self.update()

    def sizeHint(self) -> QSize:
        """Return one width for all marks, so that they stand in a column."""
        return QSize(theme.TARGET if self._bare else self._width, theme.TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, word, and three dots where there is a menu."""
        del event
        painter = QPainter(self)
        palette = self.palette()
        quiet = theme.tone(palette, Tone.QUIET)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.scheme_of(palette).hover))
            painter.drawRoundedRect(self.rect(), theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(theme.tone(palette, Tone.ACCENT), theme.HAIR))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        left = (self.width() - theme.ICON) // 2 if self._bare else theme.SMALL
        strong = self.mark in {Mark.TYPED, Mark.CONFLICT, Mark.UNCONFIRMED}
        if self.mark in ICONS:
            name, tone = ICONS[self.mark]
            colour = theme.tone(palette, tone)
            top = (self.height() - theme.ICON) / 2
            theme.paint_icon(painter, QRectF(left, top, theme.ICON, theme.ICON), name, colour)
            left += theme.ICON + theme.SMALL
            painter.setPen(colour if strong else quiet)
        else:
            painter.setPen(quiet)
        if self._bare:
            if self.mark not in ICONS and self._has_menu:
                self._paint_dots(painter, quiet, self.width() // 2)
            return
        font = self.font()
        font.setPointSizeF(theme.NOTE_PT)
        painter.setFont(font)
        area = QRect(left, 0, self.width() - left - theme.HUGE, self.height())
        told = self._short if self._width < MARK_WIDTH else self.text()
        text = painter.fontMetrics().elidedText(told, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self._has_menu:
            self._paint_dots(painter, quiet, self.width() - theme.LARGE)

    def _paint_dots(self, painter: QPainter, colour: QColor, middle: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step in (-5, 0, 5):
            painter.drawEllipse(QPoint(middle + step, self.height() // 2), 1.5, 1.5)
