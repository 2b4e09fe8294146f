"""The one place where the application's parts are built and joined.

`Application` makes the window and the two threads; `desktop_app.doors` makes the pages before anybody
is signed in, `desktop_app.workplace` those of one person's session. Everything else gets what it needs
from these three.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from casebook.errors import CasebookError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.composing import Composing
from desktop_app.i18n import Translations
from desktop_app.one_window import FirstStart
from desktop_app.sync_plan import EVERY_MS
from desktop_app.theme import Look
from desktop_app.windows.crash import After, CrashWindow, place_of, report_of, report_of_fall
from desktop_app.windows.main import MainWindow

if TYPE_CHECKING:
    from desktop_app.doors import Doors
    from desktop_app.guide import Guide
    from desktop_app.idle import Idle
    from desktop_app.power import Power
    from desktop_app.relaunch import AfterLock, Relaunch
    from desktop_app.windows.help_panel import HelpPanel
    from desktop_app.windows.port import LaptopPort, LaptopStatePort, SessionPort
    from desktop_app.windows.sync_port import SynchroniserPort
    from desktop_app.workplace import Workplace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What an application of training has beside a real one.

    Attributes:
        passphrase: Everybody's; it is shown.
        start_over: Deletes everything that was practised. On the store thread.
    """

    passphrase: str
    start_over: Callable[[], None]


class Application(QObject):
    """Casebook on one laptop: doors, workplace, threads.

    Signals:
        language_switched: The windows speak another language now ('en' or 'zh').
        look_switched: The windows look otherwise now (Look).
        stands: The first door has been shown.
        superseded: After a lock a fresh process has taken over; this one is to end at once.
        ended: The window is closed and all threads are done.
    """

    language_switched = Signal(str)
    look_switched = Signal(str)
    stands = Signal()
    superseded = Signal()
    ended = Signal()

    def __init__(
        self,
        qt: QApplication,
        laptop: "LaptopPort",
        make_synchroniser: "MakeSynchroniser | None",
        language: str,
        *,
        sync_every_ms: int = EVERY_MS,
        relaunch: "Relaunch | None" = None,
        after: "AfterLock | None" = None,
        now_s: Callable[[], float] = time.monotonic,
        power: "Power | None" = None,
        training: Training | None = None,
    ) -> None:
        """Join the parts; `start` shows them.

        Args:
            make_synchroniser: Makes the sync thread's end of a session; None never syncs.
            language: 'en' or 'zh'.
            sync_every_ms: Between two exchanges of their own accord while all is well; 0 leaves them to the user.
            relaunch: Starts a fresh process after a lock; None stays in this one.
            after: What the process before a lock handed over.
            now_s: Seconds by a clock that counts sleep; idle time is measured by it.
            power: Tells when the machine goes to sleep; None never does.
            training: None with real data.
        """
        super().__init__()
        self._qt = qt
        self._laptop = laptop
        self._make_synchroniser = make_synchroniser
        self._sync_every_ms = sync_every_ms
        self._closing = False
        self._fault: CrashWindow | None = None
        self._fault_place = self._fallen = ""
        self._left_behind = after.fault if after is not None else ""
        """Where the fault was that somebody started again after: it is not led back to a second time."""
        self._help: HelpPanel | None = None
        self._relaunch = relaunch
        self._after = after
        self._now_s = now_s
        self._power = power
        self._training = training
        self._goes_to_training: bool | None = None
        """Where the next process leads, if not to where this one is."""
        self._starts_over = False
        self._is_leaving = False
        """The next process is on its way, or what was practised is being deleted: nothing else is begun."""
        self.idle: Idle | None = None
        self._user = UserId(after.user if after is not None else "")
        self._before = UserId(after.before if after is not None else "")
        """Who was signed in before that person, if somebody else was."""
        theme.set_font(qt, language)
        self.translations = Translations(qt, language)
        self._composing = Composing(qt, self)
        self.background = Background(self)
        self.window = MainWindow(practice_passphrase=training.passphrase if training is not None else "")
        self.doors: Doors | None = None
        self.workplace: Workplace | None = None
        self.guide: Guide | None = None
        self.background.refused.connect(self._say_refusal)
        self.background.slow.connect(self.window.foot.wait)
        self.window.close_wanted.connect(self._close)
        self.window.help_wanted.connect(self._explain)
        self.window.practice_wanted.connect(self.practise)
        if self.window.band is not None:
            self.window.band.leave_wanted.connect(self.leave_training)
            self.window.band.start_over_wanted.connect(self._start_over)
        if relaunch is not None:
            relaunch.shown.connect(self._hand_over)
            relaunch.failed.connect(self._go_on)
        if power is not None:
            power.away.connect(self._lock_by_itself)

    def start(self) -> None:
        """Show the window, then find the door that fits: the store thread must not delay the first picture."""
        if self._after is not None:
            self.window.restoreGeometry(QByteArray.fromHex(self._after.geometry.encode("ascii")))
        self.window.show()
        if self._after is not None and self._after.people:
            from desktop_app.relaunch import ToldState  # as in `_load_pages`

            self._show_doors(ToldState(people=self._after.people))
        self._qt.processEvents()
        self.background.run(self._laptop.state, then=self._show_doors)

    def come_to_front(self) -> None:
        """Bring the window to the front as it stands: Casebook was started once more."""
        if self.window.isVisible():
            self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
            self.window.raise_()
            self.window.activateWindow()

    def tell_of_first(self, first: FirstStart) -> None:
        """Say at the door that another window stands on the same folder, and could not be brought to the front."""
        from desktop_app.doors import Aside  # as in `_load_pages`

        told = {FirstStart.SILENT: Aside.HANGS, FirstStart.ANOTHER_USERS: Aside.OPEN_ELSEWHERE}
        if self.doors is not None and first in told:
            self.doors.tell(told[first])

    def tell_of_fall(self, lines: str) -> None:
        """Say at the door that the process before this one fell, and offer its report; "" where it ended well."""
        from desktop_app.doors import Aside  # as in `_load_pages`

        if self.doors is not None and lines:
            self._fallen = report_of_fall(lines)
            self.doors.report_wanted.connect(self._show_fall)
            self.doors.tell(Aside.FELL)

    def _show_fall(self) -> None:
        self._fault = self._crash_window(self._fallen, After.FALL)
        self._fault.finished.connect(self.window.activateWindow)
        self._fault.show()
        self._fault.activateWindow()

    def watch_for_faults(self) -> None:
        """From now on show the crash window for every error that is the program's own fault."""
        sys.excepthook = self._show_fault

    def _show_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind
        error = error.with_traceback(trace)
        if self._fault is not None and self._fault.isVisible():
            self._fault.add(error)
            return
        self._fault_place = place_of(error)
        repeated = self._fault_place == self._left_behind
        self._fault = self._crash_window(report_of(error), After.SAME_FAULT if repeated else After.FAULT)
        self._fault.again_wanted.connect(self._start_again)
        self._fault.show()

    def _crash_window(self, report: str, after: After) -> CrashWindow:
        language, training = self.translations.language, self._training is not None
        return CrashWindow(report, self.window, after=after, language=language, training=training)

    def _start_again(self) -> None:
        """Lock after a fault, and come back to where the user stood; after the same fault again, to Today."""
        repeated = self._fault_place == self._left_behind
        self._left_behind = self._fault_place
        if self.workplace is not None:
            # The crash window goes with what stands open.
            self.workplace.lock(by_itself=True, returns=not repeated, is_faulty=repeated)
        else:
            self._end()
        if self._fault is not None:
            self._fault.close()
        self.window.activateWindow()

    def switch_language(self, language: str) -> None:
        """Speak another language from now on, in every standing window."""
        self.translations.switch(language)
        theme.set_font(self._qt, language)
        self.window.retranslate(language)
        if self.doors is not None:
            self.doors.set_language(language)
        if self.workplace is not None:
            self.workplace.set_language(language)
        if self.guide is not None:
            self.guide.set_language(language)
        if self._help is not None:
            self._help.set_language(language)
        self.language_switched.emit(language)

    def switch_look(self, look: str) -> None:
        """Look as the system does, light or dark from now on (Look)."""
        theme.choose_look(self._qt, Look(look))
        if self.workplace is not None:
            self.workplace.settings.show_look()
        self.look_switched.emit(look)

    def _show_doors(self, state: "LaptopStatePort") -> None:
        if self.doors is not None:
            self.doors.correct(state)
            return
        self._make_doors().show_state(state)
        QTimer.singleShot(0, self, self._has_stood)

    def _make_doors(self) -> "Doors":
        from desktop_app.doors import Doors  # as in `_load_pages`

        self.doors = doors = Doors(self.window, self.background, self._laptop, self.translations.language, self)
        doors.language_wanted.connect(self.switch_language)
        doors.look_wanted.connect(self.switch_look)
        doors.unlocked.connect(self._begin)
        if self._relaunch is not None and self._training is None:
            doors.offer_practice()
        if self._after is not None:
            user = UserId(self._after.user) if self._after.user else None
            doors.begin_with(user, to_people=self._after.to_people, before=self._before or None)
            self.window.activateWindow()
        return doors

    def _has_stood(self) -> None:
        self._qt.processEvents()  # the first picture is on the screen before anybody is told
        self.stands.emit()
        QTimer.singleShot(0, self, _load_pages)

    def _explain(self) -> None:
        """Open the help of what is in front; where it is open already, close it."""
        from desktop_app.help_texts import help_name, help_text  # as in `_load_pages`
        from desktop_app.windows.help_panel import HelpPanel  # as in `_load_pages`

        name = help_name(self.window.front())
        if help_text(name) is None:
            return
        if self._help is None:
            self._help = HelpPanel(self.window, below=self.window.band)
            self._help.guide_wanted.connect(self._open_guide)
            self.window.front_changed.connect(self._help.close_panel)
        self._help.open_panel(name, self.translations.language)

    def _open_guide(self) -> None:
        if self.guide is not None:
            self.guide.open()

    def _begin(self, session: "SessionPort") -> None:
        from desktop_app.autosync import AutoSync  # as in `_load_pages`
        from desktop_app.connections import Connections  # as in `_load_pages`
        from desktop_app.finder import Finder  # as in `_load_pages`
        from desktop_app.guide import Guide  # as in `_load_pages`
        from desktop_app.workplace import Workplace  # as in `_load_pages`

        synchroniser = self._make_synchroniser(session) if self._make_synchroniser is not None else None
        exchanges = AutoSync(
            self.background,
            synchroniser,
            every_ms=self._sync_every_ms,
            now_s=self._now_s,
            connections=Connections() if self._sync_every_ms else None,
        )
        self.workplace = workplace = Workplace(
            self.window,
            self.background,
            session,
            exchanges,
            self.translations.language,
            leaves_exchanges=self._relaunch is not None,
        )
        workplace.language_wanted.connect(self.switch_language)
        workplace.look_wanted.connect(self.switch_look)
        workplace.locking.connect(self._watch_no_more)
        workplace.locked.connect(self._end)
        workplace.stayed.connect(self._stay)
        self.guide = guide = Guide(
            self.window, self.background, session, workplace, leads_to_training=self._relaunch is not None
        )
        Finder(self.window, self.background, session, workplace, guide)
        if session.person.user != self._user:
            self._before, self._user = self._user, session.person.user
        self._watch(workplace.idle_minutes)
        workplace.start()
        guide.practise_wanted.connect(self.practise)
        guide.begin()

    # -- training ------------------------------------------------------------------------------------------

    def practise(self) -> None:
        """Lock, and lead to training: in a process of its own, which knows nothing of the real records."""
        if self._training is None:
            self._go_over(to_training=True)

    def leave_training(self) -> None:
        """Lock, and lead back to the real records' unlock page."""
        self._go_over(to_training=False)

    def _go_over(self, *, to_training: bool) -> None:
        if self._relaunch is None or self._is_leaving:
            return
        self._goes_to_training = to_training
        if self.workplace is not None:
            self.workplace.lock()
        else:
            self._end()

    def _start_over(self) -> None:
        """Lock, delete what was practised, and begin anew."""
        if self._is_leaving:
            return
        self._starts_over = True
        if self.workplace is not None:
            self.workplace.lock(returns=False)
        else:
            self._end()

    def _delete_practice(self, training: Training) -> None:
        self._starts_over, self._is_leaving = False, True
        self._user = self._before = UserId("")
        if self.doors is not None:
            self.doors.forget_people()
        self.background.run(training.start_over, then=self._deleted, otherwise=self._not_deleted)

    def _deleted(self, _done: None) -> None:
        self._is_leaving = False
        self._end()

    def _not_deleted(self, error: CasebookError) -> None:
        self._is_leaving = False
        if self.doors is not None:
            self.doors.come_back()
            self.doors.say(error.sentence(self.translations.language))

    # -- locking -------------------------------------------------------------------------------------------

    def _watch(self, minutes: int) -> None:
        """Look whether anybody is there, from now until the lock."""
        from desktop_app.idle import Idle  # as in `_load_pages`

        if self.idle is None:
            self.idle = idle = Idle(self._now_s, self)
            idle.warned.connect(self.window.foot.warn)
            idle.stirred.connect(lambda: self.window.foot.warn(0))
            idle.ran_out.connect(self._lock_by_itself)
            idle.lock_pressed.connect(self.window.foot.lock_wanted)
            idle.switch_pressed.connect(self.window.foot.switch_wanted)
        self.idle.start(minutes)
        if self._power is not None:
            self._power.start()

    def _watch_no_more(self) -> None:
        self.window.foot.warn(0)
        if self.idle is not None:
            self.idle.stop()
        if self._power is not None:
            self._power.stop()

    def _lock_by_itself(self) -> None:
        if self.workplace is not None:
            self.workplace.lock(by_itself=True)

    def _end(self) -> None:
        """Leave the session's windows: for a fresh process, else for the unlock page of this one."""
        to_people = False
        if self.workplace is not None:
            to_people = self.workplace.to_people
            self.workplace.dissolve()
            self.workplace = self.guide = None
        if self._closing:
            self._finish()
        elif self._training is not None and self._starts_over:
            self._delete_practice(self._training)
        elif self._relaunch is not None:
            self._is_leaving = True
            from desktop_app.relaunch import AfterLock  # as in `_load_pages`

            geometry = bytes(self.window.saveGeometry().toHex().data()).decode("ascii")
            goes_on = self._goes_to_training is None
            people = self.doors.people if self.doors is not None and goes_on else ()
            self._relaunch.begin(
                AfterLock(
                    geometry=geometry,
                    language=self.translations.language,
                    user=str(self._user) if goes_on else "",
                    before=str(self._before) if goes_on else "",
                    to_people=to_people,
                    people=people,
                    fault=self._left_behind,
                ),
                training=self._goes_to_training,
            )
        elif self.doors is not None:
            self.doors.begin_with(None, to_people=to_people, before=self._before or None)
            self.doors.come_back()

    def _hand_over(self) -> None:
        self.window.hide()
        self.superseded.emit()

    def _go_on(self) -> None:
        """Stand at the unlock page of this process: no fresh one came."""
        self._is_leaving = False
        if self.doors is not None:
            from desktop_app.doors import Aside  # as in `_load_pages`

            if self._goes_to_training is None:
                self.doors.tell(Aside.NOT_FRESH)
            else:
                self._goes_to_training = None
                self.doors.tell(Aside.NOT_SWITCHED)
            self.doors.come_back()

    def _stay(self) -> None:
        self._closing = self._starts_over = False
        self._goes_to_training = None
        if self.idle is not None and self.workplace is not None:
            self._watch(self.workplace.idle_minutes)

    def _say_refusal(self, error: CasebookError) -> None:
        self.window.foot.say(error.sentence(self.translations.language))

    def _close(self) -> None:
        if self.workplace is None:
            self._finish()
            return
        self._closing = True
        self.workplace.lock(returns=False)

    def _finish(self) -> None:
        self._watch_no_more()
        self.window.hide()  # a name that is being looked up cannot be cut off: nobody has to watch it
        self.background.close()
        self.translations.remove()
        self.window.let_close()
        self.ended.emit()


def _load_pages() -> None:
    """Load what a session needs while the user reads the first window, so that it stands early."""
    import desktop_app.finder  # noqa: F401 - loaded for later, with the workplace
