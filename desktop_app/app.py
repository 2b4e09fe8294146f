"""The one place where the application's parts are built and joined.

`Application` makes the window and the two threads; `desktop_app.doors` makes the pages before anybody
is signed in, `desktop_app.workplace` those of one person's session. Everything else gets what it needs
from these three.
"""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.i18n import Translations
from desktop_app.windows.crash import CrashWindow
from desktop_app.windows.main import MainWindow
from desktop_app.windows.port import LaptopPort, LaptopStatePort, SessionPort, SynchroniserPort

if TYPE_CHECKING:
    from desktop_app.doors import Doors
    from desktop_app.workplace import Workplace

SYNC_EVERY_MS = 120_000
"""Between two exchanges while nobody asks; work offline is the usual case, so a failure is no alarm."""

MakeSynchroniser = Callable[[SessionPort], SynchroniserPort]


def make_qt(arguments: list[str]) -> QApplication:
    """Make the Qt application with our font and look; before any window."""
    application = QApplication(arguments)
    application.setApplicationName("Casebook")
    application.setQuitOnLastWindowClosed(True)
    theme.load_fonts()
    theme.apply(application)
    application.styleHints().colorSchemeChanged.connect(lambda _scheme: theme.apply(application))
    return application


class Application(QObject):
    """Casebook on one laptop: doors, workplace, threads.

    Signals:
        language_switched: The windows speak another language now ('en' or 'zh').
        ended: The window is closed and all threads are done.
    """

    language_switched = Signal(str)
    ended = Signal()

    def __init__(
        self,
        qt: QApplication,
        laptop: LaptopPort,
        make_synchroniser: MakeSynchroniser | None,
        language: str,
        *,
        sync_every_ms: int = SYNC_EVERY_MS,
    ) -> None:
        """Join the parts; `start` shows them.

        Args:
            make_synchroniser: Makes the sync thread's end of a session; None never syncs.
            language: 'en' or 'zh'.
            sync_every_ms: Between two exchanges of their own accord; 0 leaves them to the user.
        """
        super().__init__()
        self._qt = qt
        self._laptop = laptop
        self._make_synchroniser = make_synchroniser
        self._sync_every_ms = sync_every_ms
        self._closing = False
        self._fault: CrashWindow | None = None
        theme.set_font(qt, language)
        self.translations = Translations(qt, language)
        self.background = Background(self)
        self.window = MainWindow()
        self.doors: Doors | None = None
        self.workplace: Workplace | None = None
        self.background.refused.connect(self._say_refusal)
        self.window.close_wanted.connect(self._close)

    def start(self) -> None:
        """Show the window, then find the door that fits: the store thread must not delay the first picture."""
        self.window.show()
        self._qt.processEvents()
        self.background.run(self._laptop.state, then=self._show_doors)

    def watch_for_faults(self) -> None:
        """From now on show the crash window for every error that is the program's own fault."""
        sys.excepthook = self._show_fault

    def _show_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind
        self._fault = CrashWindow(error.with_traceback(trace), self.window)
        self._fault.show()

    def switch_language(self, language: str) -> None:
        """Speak another language from now on, in every standing window."""
        self.translations.switch(language)
        theme.set_font(self._qt, language)
        self.window.retranslate(language)
        if self.doors is not None:
            self.doors.set_language(language)
        if self.workplace is not None:
            self.workplace.set_language(language)
        self.language_switched.emit(language)

    def _show_doors(self, state: LaptopStatePort) -> None:
        from desktop_app.doors import Doors  # as in `_load_pages`

        self.doors = Doors(self.window, self.background, self._laptop, self.translations.language, self)
        self.doors.language_wanted.connect(self.switch_language)
        self.doors.unlocked.connect(self._begin)
        self.doors.show_state(state)
        QTimer.singleShot(0, self, _load_pages)

    def _begin(self, session: SessionPort) -> None:
        from desktop_app.workplace import Workplace  # as in `_load_pages`

        synchroniser = self._make_synchroniser(session) if self._make_synchroniser is not None else None
        self.workplace = Workplace(self.window, self.background, session, synchroniser, self.translations.language)
        self.workplace.language_wanted.connect(self.switch_language)
        self.workplace.locked.connect(self._end)
        self.workplace.stayed.connect(self._stay)
        self.workplace.start(self._sync_every_ms)

    def _end(self) -> None:
        """Leave the session's windows for the unlock page."""
        if self.workplace is not None:
            self.workplace.dissolve()
            self.workplace = None
        if self._closing:
            self._finish()
            return
        if self.doors is not None:
            self.doors.come_back()

    def _stay(self) -> None:
        self._closing = False

    def _say_refusal(self, error: CasebookError) -> None:
        self.window.foot.say(error.sentence(self.translations.language))

    def _close(self) -> None:
        if self.workplace is None:
            self._finish()
            return
        self._closing = True
        self.workplace.lock()

    def _finish(self) -> None:
        self.background.close()
        self.translations.remove()
        self.window.let_close()
        self.ended.emit()


def _load_pages() -> None:
    """Load what a session needs while the user reads the first window, so that it stands early."""
    import desktop_app.workplace  # noqa: F401 - loaded for later
