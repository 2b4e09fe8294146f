"""A picture to look at: as large as fits, larger and smaller by key, page by page where it has several."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_app import theme
from desktop_app.models import pictures

SMALLEST, LARGEST = 0.05, 8.0
STEP = 1.25
MARGIN = 8


class PictureView(QScrollArea):
    """One picture.

    Signals:
        moved: Another page is shown: its number from 1, and how many there are; 0, 0 while nothing is.
    """

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.setObjectName("picture_view")
        self._canvas = _Canvas(self)
        self._content = b""
        self._page = 0
        self._pages = 0
        self._zoom: float | None = None
        self.setWidget(self._canvas)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def picture(self) -> QImage | None:
        """The picture that is shown, at its own size."""
        return self._canvas.picture

    @property
    def zoom(self) -> float:
        """How many pixels of the screen one of the picture takes."""
        return self._canvas.scale

    @property
    def page(self) -> int:
        """The page that is shown, from 1; 0 while nothing is."""
        return self._page + 1 if self._pages else 0

    def show_picture(self, content: bytes | None) -> bool:
        """Show a picture from its first page, as large as fits; None shows nothing.

        Returns:
            Whether it could be read.
        """
        self._content = content or b""
        self._pages = pictures.page_count(self._content) if content else 0
        self._zoom = None
        return self._show_page(0)

    def _show_page(self, page: int) -> bool:
        picture = pictures.page_of(self._content, page) if self._pages else None
        self._page = page
        self._canvas.picture = picture
        self._lay_out()
        self.moved.emit(self.page if picture is not None else 0, self._pages if picture is not None else 0)
        return picture is not None

    def turn_page(self, step: int) -> None:
        """Go to another page."""
        page = max(0, min(self._pages - 1, self._page + step))
        if page != self._page and self._pages:
            self._show_page(page)

    def zoom_in(self) -> None:
        """Show it larger."""
        self._zoom_to(self.zoom * STEP)

    def zoom_out(self) -> None:
        """Show it smaller."""
        self._zoom_to(self.zoom / STEP)

    def fit(self) -> None:
        """Show all of it."""
        self._zoom = None
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again."""
        super().resizeEvent(event)
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self._zoom_to(self.zoom * (STEP if event.angleDelta().y() > 0 else 1 / STEP))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by +, - and 0; turn pages by PgUp and PgDn where there are several."""
        key = event.key()
        if key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp} and self._pages > 1:
            self.turn_page(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _zoom_to(self, zoom: float) -> None:
        self._zoom = max(SMALLEST, min(LARGEST, zoom))
        self._lay_out()

    def _lay_out(self) -> None:
        """Size the canvas, the middle of what is in sight staying there."""
        picture = self._canvas.picture
        if picture is None:
            self._canvas.resize(QSize(0, 0))
            return
        room = self.maximumViewportSize()
        fits = min(
            max(1, room.width() - 2 * MARGIN) / picture.width(), max(1, room.height() - 2 * MARGIN) / picture.height()
        )
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        before = self._canvas.scale
        middle = QPointF(across.value() + room.width() / 2, down.value() + room.height() / 2)
        self._canvas.scale = scale = self._zoom if self._zoom is not None else min(1.0, fits)
        self._canvas.resize(
            QSize(round(picture.width() * scale) + 2 * MARGIN, round(picture.height() * scale) + 2 * MARGIN)
        )
        self._canvas.update()
        if before > 0:
            across.setValue(round(middle.x() * scale / before - room.width() / 2))
            down.setValue(round(middle.y() * scale / before - room.height() / 2))


class _Canvas(QWidget):
    """Paints the picture."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.picture: QImage | None = None
        self.scale = 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the part in sight."""
        if self.picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(event.rect())
        size = QSize(self.picture.width(), self.picture.height())
        place = QRectF(MARGIN, MARGIN, size.width() * self.scale, size.height() * self.scale)
        painter.drawImage(place, self.picture)
        painter.setPen(QPen(theme.line(self.palette()), 1))
        painter.drawRect(place)
        painter.end()
