"""Pages of a PDF on the screen and on a printer.

Drawn by pdfium, which, unlike Qt's own viewer, shows the appearance of signatures once the form
layer is set up (measured; docs/known_limits.md). Printing sends pictures of 300 dots per inch, so
that no readable file lies on the disk and no other program is needed. No other module knows pdfium;
it is loaded at the first document, since that takes as long as a small window.
"""

import importlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, cast

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPageSize, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop_app import theme

POINTS_PER_INCH = 72
PRINT_DPI = 300
SMALLEST, LARGEST = 0.4, 4.0
STEP = 1.25
GAP = 16
SHARPEST = 2.0
"""Beyond this device pixel ratio pages are not drawn finer."""


class _Bitmap(Protocol):
    width: int
    height: int
    stride: int
    buffer: memoryview


class _Page(Protocol):
    def get_size(self) -> tuple[float, float]: ...

    def render(self, **options: object) -> _Bitmap: ...


class _Document(Protocol):
    def init_forms(self) -> None: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> _Page: ...

    def close(self) -> None: ...


@lru_cache(maxsize=1)
def _open_pdf() -> Callable[[bytes], _Document]:
    return cast("Callable[[bytes], _Document]", importlib.import_module("pypdfium2").PdfDocument)


class Pages:
    """The pages of one PDF. For the GUI thread only: pdfium has no locks."""

    def __init__(self, data: bytes) -> None:
        """Open a PDF and its form layer, which holds the signatures."""
        self._document = _open_pdf()(data)
        self._document.init_forms()
        self.sizes = tuple(self._document[index].get_size() for index in range(len(self._document)))
        """Width and height of each page, in points."""

    def picture(self, index: int, scale: float) -> QImage:
        """Return one page at `scale` pixels per point."""
        options = {"may_draw_forms": True, "rev_byteorder": True, "prefer_bgrx": True}
        bitmap = self._document[index].render(scale=scale, **options)
        image = QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGBX8888)
        return image.copy()

    def close(self) -> None:
        """Give the document back."""
        self._document.close()


class PageView(QScrollArea):
    """Pages below each other, as wide as fits or as the user zooms.

    Signals:
        moved: Another page is in sight: its number from 1, and how many there are.
    """

    moved = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.setObjectName("page_view")
        self._canvas = _Canvas(self)
        self._zoom: float | None = None
        self.setWidget(self._canvas)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().valueChanged.connect(self._tell)

    @property
    def page_count(self) -> int:
        """Return how many pages are shown."""
        return len(self._canvas.pages.sizes) if self._canvas.pages else 0

    @property
    def canvas_width(self) -> int:
        """Return how wide the pages are shown, their margins included, in pixels."""
        return self._canvas.width()

    def show_pdf(self, data: bytes | None) -> None:
        """Show a PDF from its first page; None shows nothing."""
        self._canvas.show_pages(Pages(data) if data is not None else None)
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._tell()

    def zoom_in(self) -> None:
        """Show pages larger."""
        self._zoom_to(self._canvas.scale * STEP)

    def zoom_out(self) -> None:
        """Show pages smaller."""
        self._zoom_to(self._canvas.scale / STEP)

    def fit(self) -> None:
        """Show pages as wide as the window."""
        self._zoom = None
        self._lay_out()

    def picture_of(self, index: int) -> QImage:
        """Return one page as it is shown."""
        return self._canvas.picture(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again."""
        super().resizeEvent(event)
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            (self.zoom_in if event.angleDelta().y() > 0 else self.zoom_out)()
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by +, - and 0; turn pages by PageUp and PageDown."""
        actions = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.fit,
        }
        action = actions.get(Qt.Key(event.key()))
        if action is not None:
            action()
        else:
            super().keyPressEvent(event)

    def _zoom_to(self, scale: float) -> None:
        self._zoom = min(max(scale, SMALLEST), LARGEST)
        self._lay_out()

    def _lay_out(self) -> None:
        pages = self._canvas.pages
        if pages is None:
            self._canvas.resize(0, 0)
            return
        widest = max(width for width, _ in pages.sizes)
        room = self.viewport().width() - 2 * GAP
        fitting = min(max(room / widest, SMALLEST), LARGEST / 2)
        self._canvas.set_scale(self._zoom if self._zoom is not None else fitting)

    def _tell(self) -> None:
        if self._canvas.pages is not None:
            middle = self.verticalScrollBar().value() + self.viewport().height() // 2
            self.moved.emit(self._canvas.page_at(middle) + 1, self.page_count)


class _Canvas(QWidget):
    """The pages as drawn; only those in sight are rendered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages: Pages | None = None
        self.scale = 1.0
        self._pictures: dict[int, QImage] = {}

    def show_pages(self, pages: Pages | None) -> None:
        if self.pages is not None:
            self.pages.close()
        self.pages = pages
        self._pictures.clear()
        self.update()

    def set_scale(self, scale: float) -> None:
        if scale != self.scale:
            self.scale = scale
            self._pictures.clear()
        areas = self._areas()
        width = max((area.width() for area in areas), default=0) + 2 * GAP
        self.resize(QSize(round(width), round(areas[-1].bottom() + GAP) if areas else 0))
        self.update()

    def page_at(self, y: int) -> int:
        areas = self._areas()
        return next((index for index, area in enumerate(areas) if area.bottom() >= y), len(areas) - 1)

    def picture(self, index: int) -> QImage:
        ratio = min(self.devicePixelRatioF(), SHARPEST)
        if index not in self._pictures and self.pages is not None:
            picture = self.pages.picture(index, self.scale * ratio)
            picture.setDevicePixelRatio(ratio)
            self._pictures[index] = picture
        return self._pictures[index]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = QPen(QColor(theme.scheme_of(self.palette()).line), 1)
        for index, area in enumerate(self._areas()):
            if not area.toRect().intersects(event.rect()):
                self._pictures.pop(index, None)
                continue
            painter.drawImage(area.topLeft(), self.picture(index))
            painter.setPen(frame)
            painter.drawRect(area)

    def _areas(self) -> list[QRectF]:
        """Return where each page lies."""
        areas: list[QRectF] = []
        top = float(GAP)
        for width, height in self.pages.sizes if self.pages is not None else ():
            areas.append(QRectF(QPointF(GAP, top), QPointF(GAP + width * self.scale, top + height * self.scale)))
            top = areas[-1].bottom() + GAP
        return areas


class Printing(QObject):
    """A print job: one page per turn of the event loop, so that the window stays awake.

    Signals:
        progressed: Pages sent, pages in all.
        finished: Whether everything was sent.
    """

    progressed = Signal(int, int)
    finished = Signal(bool)

    def __init__(self, data: bytes, printer: QPrinter, copies: int = 1, parent: QObject | None = None) -> None:
        """Prepare a job. `copies` are sent one after the other where the printer makes none by itself."""
        super().__init__(parent)
        self._pages = Pages(data)
        self._printer = printer
        self._painter = QPainter()
        self._cancelled = False
        by_printer = printer.supportsMultipleCopies()
        printer.setCopyCount(copies if by_printer else 1)
        self._queue = list(range(len(self._pages.sizes))) * (1 if by_printer else copies)
        self._sent = 0

    def start(self) -> None:
        """Begin."""
        self._printer.setResolution(PRINT_DPI)
        self._printer.setFullPage(True)
        self._printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        if not self._painter.begin(self._printer):
            self._end(done=False)
            return
        QTimer.singleShot(0, self, self._send_one)

    def cancel(self) -> None:
        """Stop after the page that is being sent."""
        self._cancelled = True

    def _send_one(self) -> None:
        if self._cancelled:
            self._printer.abort()
            self._end(done=False)
            return
        if self._sent and not self._printer.newPage():
            self._end(done=False)
            return
        index = self._queue[self._sent]
        paper = self._printer.paperRect(QPrinter.Unit.DevicePixel)
        self._painter.drawImage(
            QRectF(0, 0, paper.width(), paper.height()), self._pages.picture(index, PRINT_DPI / POINTS_PER_INCH)
        )
        self._sent += 1
        self.progressed.emit(self._sent, len(self._queue))
        if self._sent == len(self._queue):
            self._end(done=True)
        else:
            QTimer.singleShot(0, self, self._send_one)

    def _end(self, *, done: bool) -> None:
        if self._painter.isActive():
            done = self._painter.end() and done
        self._pages.close()
        self.finished.emit(done)
