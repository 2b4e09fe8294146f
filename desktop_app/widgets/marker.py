"""What points at a control of the window: a dashed ring around it, and a sign with a figure at its corner.

It lies over the window, follows what it points at, and takes neither the pointer nor the keyboard. Of a control that
is scrolled out of sight, but for an edge, nothing is marked.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop_app import theme
from desktop_app.theme import Tone

SIGN = 22
"""The sign's size, in pixels."""
LINE = 3
_FOLLOWED = frozenset(
    {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Paint, QEvent.Type.Destroy}
)
Part = Callable[[], QRect]
"""Which part of a control is meant, in its own pixels."""


def paint_sign(painter: QPainter, area: QRectF, figure: str, palette: QPalette) -> None:
    """Paint a round sign with a figure, as it stands in the guide's strip and at what that points at."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.tone(palette, Tone.ACCENT))
    painter.drawEllipse(area)
    font = painter.font()
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, figure)


class Marker(QWidget):
    """Points at one control, or at a part of it."""

    def __init__(self, over: QWidget) -> None:
        """Point at nothing yet; `over`: what it lies over, with every control that is ever meant."""
        super().__init__(over)
        self.setObjectName("marker")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._over = over
        self._figure = ""
        self._target: QWidget | None = None
        self._part: Part | None = None
        self._watched: list[QWidget] = []
        self.hide()

    @property
    def target(self) -> QWidget | None:
        """The control that is meant."""
        return self._target

    def point_at(self, target: QWidget | None, figure: str = "", part: Part | None = None) -> None:
        """Point at a control; at nothing for None."""
        self._figure = figure
        if target is not self._target:
            self._follow(target)
        self._target, self._part = target, part
        self._place()
        self.update()

    def _follow(self, target: QWidget | None) -> None:
        for one in self._watched:
            if isValid(one):
                one.removeEventFilter(self)
        self._watched = []
        while target is not None and target is not self._over:
            self._watched.append(target)
            target.installEventFilter(self)
            target = target.parentWidget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what is pointed at, and what it lies in."""
        if event.type() in _FOLLOWED and (event.type() is not QEvent.Type.Paint or watched is self._target):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        target = self._target
        seen = QRect()
        if target is not None and isValid(target) and target.isVisible():
            part = self._part() if self._part is not None else target.rect()
            inside = part & target.visibleRegion().boundingRect()
            if not inside.isEmpty() and inside.height() >= min(SIGN, part.height()):
                seen = QRect(target.mapTo(self._over, inside.topLeft()), inside.size())
        self.setVisible(not seen.isEmpty())
        if seen.isEmpty():
            return
        around = seen.adjusted(-SIGN // 2, -SIGN // 2, SIGN // 2, SIGN // 2) & self._over.rect()
        if around != self.geometry():
            self.setGeometry(around)
        self._ring = seen.translated(-around.topLeft())
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ring and sign."""
        del event
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.tone(palette, Tone.ACCENT), LINE)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        ring = QRectF(self._ring.adjusted(-LINE, -LINE, LINE, LINE)) & QRectF(self.rect().adjusted(1, 1, -2, -2))
        painter.drawRoundedRect(ring, theme.RADIUS, theme.RADIUS)
        corner = QRectF(ring.right() - SIGN / 2, ring.top() - SIGN / 2, SIGN, SIGN)
        corner.moveRight(min(corner.right(), self.width() - 1.0))
        corner.moveTop(max(corner.top(), 0.0))
        paint_sign(painter, corner, self._figure, palette)
        painter.end()
