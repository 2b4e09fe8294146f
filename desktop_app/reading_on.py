"""Works out what a site's subjects ask for, a slice at a time on the store thread, while people work.

Whoever enters or opens something meanwhile waits for one slice. What was worked out is kept, so that a lock or a kill
in between costs nothing.
"""

from collections.abc import Collection

from PySide6.QtCore import QObject, Signal

from casebook.errors import CasebookError
from desktop_app.background import Background
from desktop_app.today_snapshots import SiteReading
from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import Page
from desktop_app.windows.subject_port import AgendaPort

GROWN = 1.25
"""A list is made anew when so many times as much is known as it shows."""


class ReadingOn(QObject):
    """The reading of one session's site.

    Signals:
        done: Nothing more is to be worked out.
        refused: It could not be done or kept (CasebookError); the next list tries again.
    """

    done = Signal()
    refused = Signal(object)

    def __init__(
        self, window: MainWindow, background: Background, agenda: AgendaPort, lists: Collection[Page], parent: QObject
    ) -> None:
        """Wait until one of `lists` shows less than there is, or for `go_on`."""
        super().__init__(parent)
        self._window = window
        self._background = background
        self._agenda = agenda
        self._lists = lists
        self._is_under_way = False
        self._is_halted = False
        self._shown = 0
        for page in lists:
            page.reading_wanted.connect(self.go_on)

    def go_on(self) -> None:
        """Work out what is to be worked out, if that is not under way."""
        if not self._is_under_way and not self._is_halted:
            self._is_under_way = True
            self._background.run(self._agenda.read_on, then=self._read, otherwise=self._refused)

    def halt(self) -> None:
        """Begin no more slices: the record is being closed."""
        self._is_halted = True

    def resume(self) -> None:
        """Go on: the record stays open."""
        self._is_halted = False
        self.go_on()

    def _read(self, reading: SiteReading) -> None:
        """Tell how far it is; the list in front is made anew whenever a good deal more is known, and at the end."""
        self._is_under_way = False
        for page in self._lists:
            page.show_reading(reading)
        is_done = reading.read == reading.of
        if is_done or reading.read >= GROWN * self._shown:
            self._shown = 0 if is_done else reading.read
            self._show_anew()
        if is_done:
            self.done.emit()
        else:
            self.go_on()

    def _show_anew(self) -> None:
        front = self._window.page()
        if isinstance(front, Page) and front in self._lists:
            front.refresh()

    def _refused(self, error: CasebookError) -> None:
        self._is_under_way = False
        self.refused.emit(error)
