"""The pages about custody in one session, and the ways from them to the rest."""

from PySide6.QtCore import QObject, Signal

from casebook.errors import CasebookError
from desktop_app.autosync import AutoSync
from desktop_app.background import Background
from desktop_app.custody_snapshots import Retired
from desktop_app.windows.bundles import BundlesPage
from desktop_app.windows.custody import CustodyPage
from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.retire import RetiredDoor, RetirePage


class CustodyPages(QObject):
    """Where everything is, bundles, and retiring the laptop.

    Signals:
        page_wanted: One of the pages is to come to the front, one step further (Page).
        session_ended: The laptop is retired, or retiring broke off after the session was closed: the workplace must
            ask nothing of the session any more. A door that tells so stands in front.
        left: The user has read that door.
    """

    page_wanted = Signal(object)
    session_ended = Signal()
    left = Signal()

    def __init__(
        self,
        window: MainWindow,
        background: Background,
        session: SessionPort,
        exchanges: AutoSync,
        language: str,
        parent: QObject,
    ) -> None:
        """Make the pages."""
        super().__init__(parent)
        self._window = window
        self._background = background
        self._exchanges = exchanges
        self._waits = self._asked = False
        self.custody = CustodyPage(background, session, language)
        self.retire = RetirePage(background, session, language)
        self.bundles = BundlesPage(background, session, language)
        self.custody.retiring_wanted.connect(self.open_retiring)
        self.retire.exchange_wanted.connect(self._exchange)
        self.retire.stayed.connect(exchanges.go_on)
        exchanges.changed.connect(self._look)
        self.retire.retired.connect(self._end)
        self.retire.broke_off.connect(self._end)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages."""
        return (self.custody, self.retire, self.bundles)

    def open_custody(self) -> None:
        """Bring the custody table to the front."""
        self.page_wanted.emit(self.custody)

    def open_bundles(self, *, reading: bool) -> None:
        """Bring the page of bundles to the front, to write one or, `reading`, to choose files."""
        self.page_wanted.emit(self.bundles)
        if reading:
            self.bundles.begin_read()
        else:
            self.bundles.begin_write()

    def open_retiring(self) -> None:
        """Bring the page to the front on which the laptop is retired."""
        self.page_wanted.emit(self.retire)

    def stop_waiting(self) -> None:
        """Go no further with retiring: the laptop is being locked. The next sign-in notes that it stayed."""
        self._waits = False

    def _exchange(self) -> None:
        """Ask the server once more, then go on whatever came of it: what is only here decides."""
        self._waits, self._asked = True, False
        self._look()

    def _look(self) -> None:
        """Go on once no exchange is under way, and one of our own was; without a server at once."""
        if not self._waits or self._exchanges.running:
            return
        if not self._asked:
            self._asked = True
            self._exchanges.sync()
            self._look()
            return
        self._waits = False
        self._exchanges.end()
        # The sync thread has its own connection to the store: it ends first.
        self._background.run_sync(lambda: None, then=lambda _done: self.retire.go_on())

    def _end(self, told: Retired | CasebookError) -> None:
        self.session_ended.emit()
        door = RetiredDoor(told, self.retire.language)
        door.left.connect(self.left)
        self._window.add_door(door)
        self._window.show_door(door)
        door.take_focus()
