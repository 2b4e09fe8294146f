"""Several codes of one list as cards, where each is more than a word: what a class means, where a region lies.

A card shows label, meaning and, where it has one, its key; it is big enough for a finger. What is ticked has
a mark, a thicker frame and bold letters, so that nothing is told by colour alone.

Source: WCAG 2.2, 1.4.1 (use of colour), 2.5.8 (target size).
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from casebook.design import Code
from desktop_app import theme
from desktop_app.widgets.choice_editors import ChoiceButton, TicksEditor
from desktop_app.widgets.flow import EvenCards

CARD_WIDTH = 168
WIDEST = 320
MARK = 18
KEY_WIDTH = 18
HATCH = 5.0
"""Pixels between two lines of a hatched mark."""

_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
_MIDDLE = _WRAPPED | Qt.AlignmentFlag.AlignVCenter


def hatch(painter: QPainter, path: QPainterPath, pen: QPen, step: float) -> None:
    """Draw slanting lines, `step` apart, through all that `path` encloses."""
    area = path.boundingRect()
    painter.save()
    painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setPen(pen)
    start = area.left() - area.height()
    while start < area.right():
        painter.drawLine(QPointF(start, area.bottom()), QPointF(start + area.height(), area.top()))
        start += step
    painter.restore()


class TickCard(ChoiceButton):
    """One code to tick: its mark, its label, what it means, and its key.

    Signals:
        reached: The keyboard or the pointer came to it.
        left: It went away again.
    """

    reached = Signal()
    left = Signal()

    def __init__(
        self, code: Code, name: str, parent: QWidget | None = None, *, key: str = "", hatched: bool = False
    ) -> None:
        """Make an unticked card; `key` is "" where no key ticks it, `hatched` marks it as in a picture."""
        super().__init__(code, name, parent)
        self._key = key.upper()
        self._hatched = hatched
        self._label, self._meaning = code.value, ""
        self.setMinimumHeight(theme.FINGER)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, label: str, meaning: str) -> None:
        """Show label and meaning."""
        super().say(label, meaning)
        self._label, self._meaning = label, meaning
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Say that the words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the words need at a width."""
        room = self._text_area(QRect(0, 0, width, 1000))
        return max(theme.FINGER, sum(self._heights(room)) + 2 * theme.SMALL)

    def sizeHint(self) -> QSize:
        """Return the size at which the label stands on one line, within reason."""
        frame = QRect(0, 0, WIDEST, 0)
        label = QFontMetrics(self._font(bold=True)).horizontalAdvance(self._label) + theme.TIGHT
        width = min(WIDEST, max(CARD_WIDTH, label + WIDEST - self._text_area(frame).width()))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return what a finger needs."""
        return QSize(theme.FINGER, theme.FINGER)

    def _heights(self, room: QRect) -> tuple[int, int]:
        """Return the heights of label and meaning; the label as high as where it is bold."""
        label = QFontMetrics(self._font(bold=True)).boundingRect(room, _WRAPPED, self._label).height()
        if not self._meaning:
            return label, 0
        return label, QFontMetrics(self._font(bold=False)).boundingRect(room, _WRAPPED, self._meaning).height()

    def _font(self, *, bold: bool) -> QFont:
        font = self.font()
        font.setBold(bold)
        return font

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the keyboard came."""
        super().focusInEvent(event)
        self.reached.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that it went."""
        super().focusOutEvent(event)
        self.left.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the pointer came."""
        super().enterEvent(event)
        self.reached.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that it went."""
        super().leaveEvent(event)
        self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, mark and words."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, ground, ink = self._colours()
        painter.setPen(QPen(frame, 2.0 if self.isChecked() or self.hasFocus() else 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), theme.RADIUS - 2, theme.RADIUS - 2)
        self._paint_mark(painter, ink)
        self._paint_words(painter, ink)
        painter.end()

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        """Return frame, ground and text."""
        scheme = theme.scheme_of(self.palette())
        if not self.isEnabled():
            ground = scheme.hover if self.isChecked() else scheme.window
            return QColor(scheme.line), QColor(ground), QColor(scheme.text if self.isChecked() else scheme.quiet)
        if self.isChecked():
            return QColor(scheme.accent), QColor(scheme.selected), QColor(scheme.text)
        ground = scheme.hover if self.underMouse() else scheme.raised
        return QColor(scheme.accent if self.hasFocus() else scheme.control_line), QColor(ground), QColor(scheme.text)

    def _paint_mark(self, painter: QPainter, ink: QColor) -> None:
        box = QRectF(theme.MEDIUM, (self.height() - MARK) / 2, MARK, MARK)
        painter.setPen(QPen(ink, 1.6 if self.isChecked() else 1.0))
        painter.setBrush(QColor(theme.scheme_of(self.palette()).surface))
        painter.drawRect(box)
        if self.isChecked() and self._hatched:
            path = QPainterPath()
            path.addRect(box)
            hatch(painter, path, QPen(ink, 1.6), HATCH)
        elif self.isChecked():
            theme.paint_icon(painter, box, "check", ink)

    def _paint_words(self, painter: QPainter, ink: QColor) -> None:
        room = self._text_area(self.rect())
        label, meaning = self._heights(room)
        top = (self.height() - label - meaning) // 2
        painter.setPen(ink)
        painter.setFont(self._font(bold=self.isChecked() or bool(self._meaning)))
        painter.drawText(QRect(room.left(), top, room.width(), label), _MIDDLE, self._label)
        painter.setFont(self._font(bold=False))
        painter.drawText(QRect(room.left(), top + label, room.width(), meaning), _WRAPPED, self._meaning)
        if self._key:
            cap = QRectF(self.width() - theme.SMALL - KEY_WIDTH, (self.height() - KEY_WIDTH) / 2, KEY_WIDTH, KEY_WIDTH)
            scheme = theme.scheme_of(self.palette())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(scheme.line), 1))
            painter.drawRoundedRect(cap, theme.TIGHT, theme.TIGHT)
            painter.setPen(QColor(scheme.quiet))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)

    def _text_area(self, card: QRect) -> QRect:
        right = theme.SMALL + (KEY_WIDTH + theme.TIGHT if self._key else 0)
        return card.adjusted(theme.MEDIUM + MARK + theme.SMALL, 0, -right, 0)


class CardTicksEditor(TicksEditor):
    """Several codes of one list, each a card."""

    def _build(self, codes: Sequence[Code]) -> None:
        ground = EvenCards(CARD_WIDTH, theme.SMALL, most=4, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ground)
        for code in codes:
            card = TickCard(code, f"{self.item.oid}={code.value}", self)
            ground.add(card)
            self.ticks.append(card)

    def translate(self, language: str) -> None:
        """Label the cards."""
        super().translate(language)
        for tick in self.ticks:
            if isinstance(tick, TickCard):
                code = tick.code
                tick.say(code.label(language), code.meaning(language) if code.meaning else "")
                tick.setToolTip("")  # what it means stands on the card
