"""The items of a scale in one line, each with its grade: where one is, what is done, and the way back to an item."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import IconButton

LEAST_WIDTH = 26
"""WCAG 2.5.8 asks for 24 px; seventeen of these stand beside each other on half a screen at 200 %."""
MARK = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One place of the strip.

    Attributes:
        name: A sign of a few letters.
        label: What it stands for, in words.
        shown: The grade; "" while there is none.
        told: The same in words.
        icon, tone: What is to be known of it, such as a finding; "" for nothing.
    """

    name: str
    label: str
    shown: str
    told: str
    icon: str = ""
    tone: Tone = Tone.WARN


class StopButton(QAbstractButton):
    """One place of the strip: its sign above, its grade below."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setMinimumSize(LEAST_WIDTH, theme.FINGER)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._stop = Stop(name="", label="", shown="", told="")
        self._current = False

    def show_stop(self, stop: Stop, *, current: bool) -> None:
        """Show the place as it stands."""
        self._stop = stop
        self._current = current
        self.setMinimumWidth(max(LEAST_WIDTH, self.fontMetrics().horizontalAdvance(stop.name) + theme.TIGHT))
        self.setAccessibleName(f"{stop.label}: {stop.told}" if stop.told else stop.label)
        self.setAccessibleDescription(self.tr("You are here") if current else "")
        self.setToolTip(self.accessibleName())
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys but Space to the strip."""
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        """Return what a finger likes."""
        return QSize(theme.TARGET, theme.FINGER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw sign and grade; the place where one is has a frame, what is done has a ground."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scheme = theme.scheme_of(self.palette())
        ground = scheme.selected if self._current else scheme.hover if self._stop.shown else scheme.raised
        frame = scheme.accent if self._current or self.hasFocus() else scheme.line
        painter.setPen(QPen(QColor(frame), 2 if self._current or self.hasFocus() else 1))
        painter.setBrush(QColor(scheme.hover if self.underMouse() else ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(QColor(scheme.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), theme.RADIUS, theme.RADIUS)
        font = self.font()
        font.setPointSizeF(theme.NOTE_PT)
        painter.setFont(font)
        painter.setPen(QColor(scheme.quiet))
        half = self.height() // 2
        painter.drawText(QRect(0, 3, self.width(), half - 2), Qt.AlignmentFlag.AlignCenter, self._stop.name)
        font.setPointSizeF(theme.BODY_PT)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(scheme.text if self._stop.shown else scheme.faint))
        shown = self._stop.shown or "\N{MIDDLE DOT}"
        painter.drawText(QRect(0, half - 2, self.width(), half - 2), Qt.AlignmentFlag.AlignCenter, shown)
        if self._stop.icon:
            area = QRectF(self.width() - MARK - 1, 1, MARK, MARK)
            theme.paint_icon(painter, area, self._stop.icon, theme.tone(self.palette(), self._stop.tone))
        painter.end()


class ScorerStrip(QWidget):
    """All places in one line; one stop of Tab, arrows move inside.

    Signals:
        wanted: A place was chosen (its number).
    """

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hold nothing yet."""
        super().__init__(parent)
        self.buttons: list[StopButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.HAIR)

    def show_stops(self, stops: list[Stop], current: int) -> None:
        """Show the places; `current` is where one is."""
        while len(self.buttons) < len(stops):
            number = len(self.buttons)
            button = StopButton(f"scorer_stop_{number}", self)
            button.clicked.connect(lambda _=False, number=number: self.wanted.emit(number))
            self._row.addWidget(button)
            self.buttons.append(button)
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(stops))
            if number < len(stops):
                button.show_stop(stops[number], current=number == current)
            policy = Qt.FocusPolicy.StrongFocus if number == current else Qt.FocusPolicy.NoFocus
            button.setFocusPolicy(policy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows inside the strip; Enter goes to where the focus is."""
        here = next((number for number, button in enumerate(self.buttons) if button.hasFocus()), None)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if here is not None and step is not None:
            shown = [number for number, button in enumerate(self.buttons) if not button.isHidden()]
            self.buttons[shown[(shown.index(here) + step) % len(shown)]].setFocus(Qt.FocusReason.OtherFocusReason)
        elif here is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.wanted.emit(here)
        else:
            super().keyPressEvent(event)


class ScorerLine(QWidget):
    """The strip between two buttons: to the item before, to the next one.

    Signals:
        wanted: A place is to be gone to (its number).
        stepped: The place before (-1) or the next one (1) is to be gone to.
    """

    wanted = Signal(int)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hold nothing yet."""
        super().__init__(parent)
        self.back = IconButton("back", self)
        self.back.setObjectName("scorer_previous")
        self.strip = ScorerStrip(self)
        self.next = IconButton("arrow_right", self)
        self.next.setObjectName("scorer_next")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, 0, theme.MEDIUM, 0)
        row.setSpacing(theme.TIGHT)
        row.addWidget(self.back)
        row.addWidget(self.strip, 1)
        row.addWidget(self.next)
        for button in (self.back, self.next):
            button.setMinimumSize(theme.FINGER, theme.FINGER)
        self.strip.wanted.connect(self.wanted)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))

    def show_stops(self, stops: list[Stop], current: int) -> None:
        """Show the places; `current` is where one is."""
        self.strip.show_stops(stops, current)
        self.back.setEnabled(current > 0)
        self.next.setEnabled(current < len(stops) - 1)
        self.back.setAccessibleName(self.tr("The item before"))
        self.back.setToolTip(self.tr("The item before (Left or Backspace)"))
        self.next.setAccessibleName(self.tr("The next item"))
        self.next.setToolTip(self.tr("The next item (Right)"))

    def controls(self) -> list[QWidget]:
        """Return what Tab passes."""
        return [self.back, self.strip, self.next]
