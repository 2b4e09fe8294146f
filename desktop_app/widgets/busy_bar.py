"""A bar that says that work goes on, where nobody can tell how far it is. It stands still: nothing in Casebook moves.

The words beside it say what is done. Qt's own bar without an end runs to and fro for as long as it is shown.

Source: WCAG 2.2, 2.2.2 (what moves can be stopped), 2.3.3 (motion that is not needed).
"""

from functools import cache

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAccessibleWidget, QProgressBar, QWidget

from desktop_app import theme

HEIGHT = 6
STRIPE = 12


class BusyBar(QProgressBar):
    """Stripes, while it is shown."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the bar, without an end to a screen reader as well."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setFixedHeight(HEIGHT)
        _tell_states()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stripes; the style would begin to move them."""
        del event
        scheme = theme.scheme_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(self.rect()), QColor(scheme.line))
        painter.setPen(QColor(scheme.accent))
        painter.setBrush(QColor(scheme.accent))
        for left in range(-HEIGHT, self.width(), 2 * STRIPE):
            corners = ((left, HEIGHT), (left + HEIGHT, 0), (left + HEIGHT + STRIPE, 0), (left + STRIPE, HEIGHT))
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        painter.end()


class _Told(QAccessibleWidget):
    """What is told of such a bar: that it is busy, for which Qt has a state and no widget of its own."""

    def state(self) -> QAccessible.State:
        told = super().state()
        told.busy = True
        return told


def _interface_of(_class_name: str, widget: QObject) -> QAccessibleInterface | None:
    return _Told(widget, QAccessible.Role.ProgressBar) if isinstance(widget, BusyBar) else None


@cache
def _tell_states() -> None:
    """Have Qt ask here first, once in a process."""
    QAccessible.installFactory(_interface_of)
