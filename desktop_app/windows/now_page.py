"""What Today and Randomise share: lines that tell how much time is left, minute by minute, narrowed by a digit."""

from datetime import datetime
from typing import Generic, Protocol, TypeVar

from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from casebook.errors import CasebookError
from desktop_app.background import Background
from desktop_app.today_snapshots import SiteReading
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.line_list import LineList
from desktop_app.widgets.minute_clock import MinuteClock
from desktop_app.widgets.site_progress import SiteProgress
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

LOW = 460
"""Below this height in pixels the page says less."""


class Timed(Protocol):
    """What was worked out at a time, and until when it holds."""

    @property
    def now(self) -> datetime:
        """When it was worked out."""

    @property
    def until(self) -> datetime | None:
        """When more than the time left changes; None where nothing does."""

    @property
    def unread(self) -> int:
        """Of how many subjects more is to be worked out."""


View = TypeVar("View", bound=Timed)


class NowPage(Page, Generic[View]):
    """A page of lines that depend on the time."""

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        language: str,
        chips: Chips,
        lines: LineList,
        parent: QWidget | None = None,
    ) -> None:
        """Make the parts that are shared.

        Args:
            chips: What narrows the lines.
            lines: The lines.
        """
        super().__init__(background, port, language, parent)
        self._view: View | None = None
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self._chips, self._table = chips, lines
        self._progress = SiteProgress(f"{lines.objectName()}_progress")
        self.clock = MinuteClock(self)
        self._heading = sheet.label("title")
        self.clock.turned.connect(self._turn)
        self._chips.chosen.connect(self._show_lines)

    # -- for each page to say -------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what stands above the lines: a notice or an error, and how many lines there are of each kind."""
        raise NotImplementedError

    def _show_at(self, view: View, now: datetime) -> None:
        """Show the lines as they stand at a time."""
        raise NotImplementedError

    def _focus(self) -> None:
        """Put the cursor on the lines, or on what stands in their place."""
        raise NotImplementedError

    def _above(self) -> tuple[QWidget, ...]:
        """Return what a low window does without."""
        raise NotImplementedError

    # -- what is shown --------------------------------------------------------------------------------------------

    def show_view(self, view: View) -> None:
        """Show what was worked out; the line in front stays there."""
        self._view, self._error = view, None
        self.clock.tell(view.now)
        self._tell()
        self._show_lines()
        self._progress.show_unread(view.unread)
        if view.unread:
            self.reading_wanted.emit()
        if self._focus_wanted or self.hasFocus():  # the page itself has it while there are no lines
            self._focus_wanted = False
            self._focus()

    def show_reading(self, reading: SiteReading) -> None:
        """See `Page`."""
        self._progress.show_reading(reading)

    def take_focus(self) -> None:
        """Put the cursor on the first line; once more when the lines have come."""
        self._focus_wanted = True
        self._focus()

    def _show_lines(self) -> None:
        now = self.clock.now()
        if self._view is not None and now is not None:
            self._show_at(self._view, now)

    def _turn(self, now: datetime) -> None:
        """Say the time left anew; ask again where time has changed more than that."""
        view = self._view
        if view is None:
            return
        if view.until is not None and now >= view.until:
            self.refresh()
        else:
            self._show_at(view, now)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._tell()

    # -- what happens to the page ---------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Let the time left go on while somebody looks."""
        super().showEvent(event)
        self.clock.run(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Count no more."""
        super().hideEvent(event)
        self.clock.run(on=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low window to the lines."""
        super().resizeEvent(event)
        for widget in self._above():
            widget.setVisible(self.height() >= LOW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose what is shown by a digit."""
        if event.text().isdigit() and self._chips.choose(int(event.text())):
            self._table.setFocus()
        else:
            super().keyPressEvent(event)
