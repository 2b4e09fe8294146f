"""What exchanges bring and how they stand, told to the foot line, to the Sync page and to the page in front."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from casebook.errors import CasebookError
from desktop_app.autosync import AutoSync
from desktop_app.background import Background
from desktop_app.sync_plan import PauseKind
from desktop_app.sync_snapshots import SyncView
from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.sync import SyncPage
from desktop_app.windows.sync_port import ExchangeOutcome


class News(QObject):
    """The news of one session.

    Signals:
        withdrawn: The server said that this laptop takes no part any more.
        reading_wanted: What came is more than could be worked out at once.
    """

    withdrawn = Signal()
    reading_wanted = Signal()

    def __init__(
        self, window: MainWindow, background: Background, session: SessionPort, exchanges: AutoSync, page: SyncPage
    ) -> None:
        """Listen to the exchanges and to the Sync page `page`."""
        super().__init__(exchanges)
        self._window = window
        self._background = background
        self._session = session
        self._exchanges = exchanges
        self._page = page
        self._version = session.design.version
        self._conflicts = 0
        self.following: Collection[Page] = ()
        """The pages that look again when something came while they are in front."""
        self.language = "en"
        self.is_over = False
        """The store is being closed: what comes now is taken in at the next sign-in."""
        page.stop_wanted.connect(exchanges.stop)
        page.pause_wanted.connect(self._pause)
        page.viewed.connect(self._show)
        exchanges.changed.connect(self._show_exchanges)
        exchanges.ended.connect(self._exchanged)

    def look(self) -> None:
        """Look again what is where; and whether conflicts that were told still stand."""
        if self._conflicts:
            self.count()
        else:
            self._background.run(self._session.sync_view, then=self._show, otherwise=self._say)

    def _pause(self, kind: PauseKind | None) -> None:
        work = partial(self._session.pause_sync, kind)
        self._background.run(work, then=self._show, otherwise=self._say)

    def _exchanged(self, outcome: ExchangeOutcome) -> None:
        if self.is_over:
            return
        work = partial(
            self._session.take_in,
            outcome.message,
            older_copy=outcome.older_copy,
            anchor=outcome.anchor,
            withdrawn=outcome.withdrawn,
        )
        then = self.show_withdrawn if outcome.withdrawn else self._taken_in
        self._background.run(work, then=then, otherwise=self._exchanges.taken_in)

    def show_withdrawn(self, view: SyncView) -> None:
        """Show what came last, and say that it was the last."""
        self._taken_in(view)
        self.withdrawn.emit()

    def _taken_in(self, view: SyncView) -> None:
        self._exchanges.taken_in()
        self.show(view)

    def show(self, view: SyncView) -> None:
        """Show what is where after something came; the page in front looks again."""
        self._counted(view)
        front, foot = self._window.page(), self._window.foot
        if view.unread:
            self.reading_wanted.emit()
        design = self._session.design
        is_new = self._version != design.version
        if isinstance(front, Page) and (is_new or front in self.following):
            front.refresh()
        if is_new:
            self._version = design.version
            foot.say(self.tr("Version %1 of the study is in force here from now on.").replace("%1", design.label))

    def count(self) -> None:
        """Count the conflicts again: all that came is worked out."""
        self._background.run(self._session.counted_view, then=self._counted, otherwise=self._say)

    def _counted(self, view: SyncView) -> None:
        before, self._conflicts = self._conflicts, view.conflicts
        self._show(view)
        if view.conflicts > before:
            words = self.tr("Conflicts: %1. Open Queries (Ctrl+3).")
            self._window.foot.say(words.replace("%1", str(view.conflicts)))

    def _show(self, view: SyncView) -> None:
        self._window.foot.show_sync(replace(view, conflicts=self._conflicts))
        self._page.show_sync(view)
        self._exchanges.show_here_only(view.here_only)
        self._exchanges.show_pause(view.pause)

    def _show_exchanges(self) -> None:
        standing = self._exchanges.standing
        self._window.foot.show_exchanges(standing)
        self._page.show_exchanges(standing)

    def _say(self, error: CasebookError) -> None:
        self._window.foot.say(error.sentence(self.language))
