"""A signature by pen, finger or mouse, as strokes with time and pressure.

The strokes are identity data of the most personal kind: they go to the record as they are and
nowhere else. While a pen is near, hands and mice are ignored (palm). A signature of fewer than eight
points is a slip, not a signature.

Source: docs/record_format.md, "Ink" (`{"v":1,"w":..,"h":..,"st":[{"dev":..,"p":[[t_ms,x,y,pressure],..]},..]}`,
all integers, pressure in thousandths); PIPL art. 28 (biometric data).
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QPolygonF,
    QTabletEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from casebook.canonical import Value, decode, encode
from casebook.design import Item
from casebook.errors import CommitUnreadableError
from desktop_app import theme
from desktop_app.widgets.item_editors import ItemEditor

FORMAT_VERSION = 1
LEAST_POINTS = 8
FULL_PRESSURE = 1000
MOUSE_PRESSURE = 500
PALM_GUARD_MS = 800
"""How long after the last sign of a pen a touch counts as the hand that holds it."""
PAD_WIDTH = 480
PAD_HEIGHT = 150
BASE_LINE = 0.74
"""Where the line to write on lies, of the pad's height."""

Point = tuple[int, int, int, int]
"""Milliseconds since the first contact, x, y in pixels, pressure in thousandths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One contact: `device` is mouse, pen or touch."""

    device: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """A whole signature, with the size in pixels of the pad that it was written on."""

    width: int = PAD_WIDTH
    height: int = PAD_HEIGHT
    strokes: tuple[Stroke, ...] = field(default=())

    @property
    def points(self) -> int:
        """Return how many points all strokes have."""
        return sum(len(stroke.points) for stroke in self.strokes)


def write_ink(ink: Ink) -> str:
    """Return the canonical text of a signature; "" for none."""
    if not ink.strokes:
        return ""
    strokes: list[Value] = [
        {"dev": stroke.device, "p": [list(point) for point in stroke.points]} for stroke in ink.strokes
    ]
    return encode({"v": FORMAT_VERSION, "w": ink.width, "h": ink.height, "st": strokes}).decode()


def read_ink(text: str) -> Ink:
    """Read what `write_ink` wrote; text that is no ink reads as none."""
    try:
        match decode(text.encode()):
            case {"v": 1, "w": int(width), "h": int(height), "st": list(strokes)}:
                read = tuple(_read_stroke(stroke) for stroke in strokes)
                return Ink(width=width, height=height, strokes=tuple(stroke for stroke in read if stroke.points))
    except CommitUnreadableError:
        pass
    return Ink()


def _read_stroke(value: Value) -> Stroke:
    points: list[Point] = []
    device = "mouse"
    match value:
        case {"dev": str(device), "p": list(rows)}:
            for row in rows:
                match row:
                    case [int(t), int(x), int(y), int(pressure)]:
                        points.append((t, x, y, pressure))
    return Stroke(device=device, points=tuple(points))


class InkPad(QWidget):
    """The area that is written on.

    Signals:
        changed: A stroke was finished, undone, or all were cleared.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty pad."""
        super().__init__(parent)
        self.ink = Ink()
        self.editable = True
        self._open: list[Point] = []
        self._device = ""
        self._clock = QElapsedTimer()
        self._pen_seen = QElapsedTimer()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(PAD_WIDTH)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """Return the pad's size."""
        return QSize(PAD_WIDTH, PAD_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the least that a name fits in."""
        return QSize(PAD_WIDTH // 2, PAD_HEIGHT)

    def show_ink(self, ink: Ink) -> None:
        """Show a signature."""
        self.ink = ink
        self._open.clear()
        self.update()

    def clear(self) -> None:
        """Take all strokes away."""
        self.show_ink(Ink())
        self.changed.emit()

    def undo(self) -> None:
        """Take the last stroke away."""
        self.show_ink(replace(self.ink, strokes=self.ink.strokes[:-1]))
        self.changed.emit()

    # -- pen, finger, mouse ---------------------------------------------------------------------------------

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Write with a pen; while it is near, nothing else writes."""
        self._pen_seen.start()
        pressure = round(event.pressure() * FULL_PRESSURE)
        match event.type():
            case QTabletEvent.Type.TabletPress:
                self._begin("pen", event.position(), pressure)
            case QTabletEvent.Type.TabletMove:
                self._go_on("pen", event.position(), pressure)
            case QTabletEvent.Type.TabletRelease:
                self._end("pen", event.position(), pressure)
            case _:
                pass
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() is Qt.MouseButton.LeftButton and not self._is_palm():
            self._begin(_device_of(event), event.position(), MOUSE_PRESSURE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on."""
        if event.buttons() & Qt.MouseButton.LeftButton and not self._is_palm():
            self._go_on(_device_of(event), event.position(), MOUSE_PRESSURE)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() is Qt.MouseButton.LeftButton and not self._is_palm():
            self._end(_device_of(event), event.position(), MOUSE_PRESSURE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the last stroke back by Ctrl+Z or Backspace, all by Delete."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not self.editable:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Backspace or (event.key() == Qt.Key.Key_Z and control):
            self.undo()
        elif event.key() == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Draw without the frame of focus."""
        super().focusOutEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw the frame of focus."""
        super().focusInEvent(event)
        self.update()

    def _is_palm(self) -> bool:
        return self._device == "pen" or (self._pen_seen.isValid() and self._pen_seen.elapsed() < PALM_GUARD_MS)

    def _begin(self, device: str, at: QPointF, pressure: int) -> None:
        if not self.editable:
            return
        if not self.ink.strokes:
            self._clock.start()
            self.ink = Ink(width=self.width(), height=self.height())
        elif not self._clock.isValid():
            self._clock.start()
        self._device = device
        self._open = [self._point(at, pressure)]
        self.update()

    def _go_on(self, device: str, at: QPointF, pressure: int) -> None:
        if self._open and device == self._device:
            self._open.append(self._point(at, pressure))
            self.update()

    def _end(self, device: str, at: QPointF, pressure: int) -> None:
        if not self._open or device != self._device:
            return
        self._open.append(self._point(at, pressure or self._open[-1][3]))
        stroke = Stroke(device=device, points=tuple(self._open))
        self._open, self._device = [], ""
        self.ink = replace(self.ink, strokes=(*self.ink.strokes, stroke))
        self.update()
        self.changed.emit()

    def _point(self, at: QPointF, pressure: int) -> Point:
        last = self.ink.strokes[-1].points[-1][0] if self.ink.strokes else 0
        moment = max(self._clock.elapsed(), last)
        x = min(max(round(at.x()), 0), self.width())
        y = min(max(round(at.y()), 0), self.height())
        return moment, x, y, min(max(pressure, 0), FULL_PRESSURE)

    # -- drawing --------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the line to write on, and the strokes."""
        del event
        scheme = theme.scheme_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = scheme.accent if self.hasFocus() else scheme.control_line
        painter.setPen(QPen(QColor(frame), 2.0 if self.hasFocus() else 1.0))
        painter.setBrush(QColor(scheme.surface if self.editable else scheme.window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        base = round(self.height() * BASE_LINE)
        painter.setPen(QPen(QColor(scheme.line), 1))
        painter.drawLine(theme.HUGE, base, self.width() - theme.HUGE, base)
        painter.scale(self.width() / self.ink.width, self.height() / self.ink.height)
        for stroke in self.ink.strokes:
            _draw(painter, stroke.points, QColor(scheme.text))
        _draw(painter, tuple(self._open), QColor(scheme.text))


def _draw(painter: QPainter, points: tuple[Point, ...], colour: QColor) -> None:
    """Draw one stroke, thicker where the pen was pressed."""
    pen = QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if len({point[3] for point in points}) <= 1:
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for _, x, y, _ in points]))
        return
    for before, here in pairwise(points):
        pen.setWidthF(1 + 2.5 * here[3] / FULL_PRESSURE)
        painter.setPen(pen)
        painter.drawLine(before[1], before[2], here[1], here[2])


def _device_of(event: QMouseEvent) -> str:
    """Return `touch` for a mouse event that Qt made from a finger."""
    touch = QPointingDevice.PointerType.Finger
    return "touch" if event.pointingDevice().pointerType() is touch else "mouse"


class InkEditor(ItemEditor):
    """The editor of an ink item: pad, undo, clear, done."""

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        """Make an empty pad and its buttons."""
        super().__init__(item, parent)
        self.pad = InkPad(self)
        self.pad.setObjectName(item.oid)
        self.setFocusProxy(self.pad)
        self.note = QLabel(self)
        theme.set_role(self.note, "note")
        self.undo_button = self._button("undo")
        self.clear_button = self._button("clear")
        self.done_button = self._button("done")
        foot = QHBoxLayout()
        foot.setSpacing(theme.SMALL)
        foot.addWidget(self.note, 1)
        for button in (self.undo_button, self.clear_button, self.done_button):
            foot.addWidget(button)
        self._foot = QWidget(self)
        self._foot.setLayout(foot)
        self._foot.setMaximumWidth(PAD_WIDTH)
        foot.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self.pad)
        column.addWidget(self._foot)
        self.pad.changed.connect(self._changed)
        for part in (self.pad, self.undo_button, self.clear_button, self.done_button):
            part.installEventFilter(self)
        self.undo_button.clicked.connect(self.pad.undo)
        self.clear_button.clicked.connect(self.pad.clear)
        self.done_button.clicked.connect(self._done)

    def _button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"{self.item.oid}.{name}")
        button.setMinimumHeight(theme.FINGER)
        return button

    def input(self) -> QWidget:
        """Return the pad."""
        return self.pad

    def put(self, text: str, unit: str) -> None:
        """Show a signature."""
        del unit
        if write_ink(self.pad.ink) != text:
            self.pad.show_ink(read_ink(text))
        self._say()

    def raw(self) -> str:
        """Return the signature; one of too few points is none yet."""
        return write_ink(self.pad.ink) if self.pad.ink.points >= LEAST_POINTS else ""

    def unfinished(self) -> str:
        """Return whatever was drawn, also too little for a signature."""
        return write_ink(self.pad.ink) if self.pad.ink.strokes else ""

    def translate(self, language: str) -> None:
        """Name the pad and label the buttons."""
        super().translate(language)
        label = self.item.label(language)
        texts = (
            (self.undo_button, self.tr("Undo stroke")),
            (self.clear_button, self.tr("Clear")),
            (self.done_button, self.tr("Done")),
        )
        for button, text in texts:
            button.setText(text)
            button.setAccessibleName(f"{text}: {label}")
        self._say()

    def set_editable(self, *, on: bool) -> None:
        """Let the user write, or only look."""
        self.pad.editable = on
        self._foot.setVisible(on)
        self.pad.update()

    def _changed(self) -> None:
        self._say()
        self._note_change()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit when the focus goes outside of the pad and its buttons."""
        if event.type() is QEvent.Type.FocusOut:
            goes_to = QApplication.focusWidget()
            if goes_to is None or not self.isAncestorOf(goes_to):
                self.commit()
        return super().eventFilter(watched, event)

    def _done(self) -> None:
        self.commit()
        self.finished.emit()

    def _say(self) -> None:
        points = self.pad.ink.points
        few = 0 < points < LEAST_POINTS
        self.note.setText(
            self.tr("Too short for a signature; write it again.")
            if few
            else self.tr("Sign here with a pen, a finger or the mouse.")
            if not points
            else ""
        )
        theme.set_tone(self.note, theme.Tone.BAD if few else None)
        for button in (self.undo_button, self.clear_button):
            button.setEnabled(points > 0)
        self.done_button.setEnabled(points >= LEAST_POINTS)
