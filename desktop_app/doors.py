"""The pages before a session - enrol, unlock, recover - and the ways between them.

Loaded once the laptop's folder was looked at: until then nobody knows which door fits, and the first
window stands sooner.
"""

from enum import Enum

from PySide6.QtCore import QObject, Signal

from casebook.ids import UserId
from desktop_app.background import Background
from desktop_app.relaunch import ToldState
from desktop_app.snapshots import Person
from desktop_app.windows.enrol import EnrolPage
from desktop_app.windows.main import MainWindow
from desktop_app.windows.port import LaptopPort, LaptopStatePort
from desktop_app.windows.recover import RecoverPage
from desktop_app.windows.unlock import UnlockPage


class Aside(Enum):
    """What is told at the unlock page before anybody signs in."""

    NOT_FRESH = "the process goes on after a lock"
    FELL = "the process before fell"
    HANGS = "a window stands on the same folder and does not answer"
    OPEN_ELSEWHERE = "another user's window stands on the same folder"
    NOT_SWITCHED = "no process came for training"


class Doors(QObject):
    """The doors of one laptop.

    Signals:
        unlocked: A person is signed in (SessionPort).
        language_wanted: The user asks for another language ('en' or 'zh').
        look_wanted: The user asks for another look (Look).
        report_wanted: The user wants to read how the process before this one ended.
    """

    unlocked = Signal(object)
    language_wanted = Signal(str)
    look_wanted = Signal(str)
    report_wanted = Signal()

    def __init__(
        self, window: MainWindow, background: Background, laptop: LaptopPort, language: str, parent: QObject
    ) -> None:
        """Make the doors and put them into `window`; `show_state` brings one to the front."""
        super().__init__(parent)
        self._window = window
        self._background = background
        self._laptop = laptop
        self._enrol = EnrolPage(background, laptop, language)
        self._unlock = UnlockPage(background, laptop, language)
        self._recover = RecoverPage(background, laptop, language)
        self._told: Aside | None = None
        for door in (self._enrol, self._unlock, self._recover):
            window.add_door(door)
            door.tools.language_wanted.connect(self.language_wanted)
            door.tools.look_wanted.connect(self.look_wanted)
            door.tools.help_wanted.connect(window.help_wanted)
            door.tools.practice_wanted.connect(window.practice_wanted)
        self._enrol.enrolled.connect(self._look)
        self._unlock.unlocked.connect(self.unlocked)
        self._unlock.look_wanted.connect(self._look_again)
        self._unlock.forgotten.connect(self._to_recovery)
        self._unlock.report_wanted.connect(self.report_wanted)
        self._recover.left.connect(self.come_back)

    def begin_with(self, user: UserId | None, *, to_people: bool, before: UserId | None) -> None:
        """Let the unlock page begin with a person chosen; see `UnlockPage.begin_with`."""
        self._unlock.begin_with(user, to_people=to_people, before=before)

    @property
    def people(self) -> tuple[Person, ...]:
        """Who can sign in here, as far as it is known."""
        return self._unlock.people

    def offer_practice(self) -> None:
        """Offer training at every door."""
        for door in (self._enrol, self._unlock, self._recover):
            door.tools.offer_practice()

    def forget_people(self) -> None:
        """Begin with nobody chosen: the people go with what was practised."""
        self._unlock.show_state(ToldState(people=()))

    def say(self, sentence: str) -> None:
        """Tell a sentence at the unlock page."""
        self._unlock.say(sentence)

    def tell(self, aside: Aside) -> None:
        """Tell at the unlock page what happened before anybody signs in; in whichever language is spoken."""
        self._told = aside
        if aside is Aside.NOT_SWITCHED:
            self._enrol.say(self._words_of(aside))
        self._unlock.say(self._words_of(aside), self.tr("&Read the report") if aside is Aside.FELL else "")

    def _words_of(self, aside: Aside) -> str:
        if aside is Aside.NOT_FRESH:
            return self.tr(
                "Casebook could not start afresh after the lock, so this window goes on. The records are closed. "
                "Close and open Casebook when you can."
            )
        if aside is Aside.FELL:
            return self.tr(
                "Casebook ended unexpectedly last time. Every entry marked as kept is safe; signing in leads back to "
                "the form that was open."
            )
        if aside is Aside.OPEN_ELSEWHERE:
            return self.tr(
                "Casebook is open on these records for another user of this computer. Only one window can write: "
                "ask them to close it."
            )
        if aside is Aside.NOT_SWITCHED:
            return self.tr("Training could not be started or left. Nothing was changed; close and open Casebook.")
        return self.tr(
            "Casebook is open already on these records, and its window does not answer. Look for that window and wait "
            "a moment; if it never answers, end it with the system's task manager. Kept entries are safe."
        )

    def show_state(self, state: LaptopStatePort) -> None:
        """Bring the door to the front that fits the laptop."""
        state = self._as_known(state)
        if state.enrolled:
            self._window.show_door(self._unlock)
            self._unlock.show_state(state)
        else:
            self._window.show_door(self._enrol)
            self._enrol.take_focus()

    def correct(self, state: LaptopStatePort) -> None:
        """Take in how the laptop is, after its door was shown as it was known: what is being typed stays."""
        state = self._as_known(state)
        if state.enrolled:
            self._unlock.show_state(state)
        else:
            self.show_state(state)

    def come_back(self) -> None:
        """Stand before the locked laptop again."""
        self._window.show_door(self._unlock)
        self._unlock.refresh(self.correct)

    def set_language(self, language: str) -> None:
        """Change the language of every door."""
        for door in (self._enrol, self._unlock, self._recover):
            door.set_language(language)
        if self._told is not None:
            self.tell(self._told)

    def _as_known(self, state: LaptopStatePort) -> LaptopStatePort:
        """Return the state; a laptop that people signed in to and that left no trace is gone, and not a new one."""
        if state.enrolled or state.gone is None or not self.people:
            return state
        return ToldState(people=self.people, problem=state.gone)

    def _look(self) -> None:
        self._background.run(self._laptop.state, then=self.show_state)

    def _look_again(self) -> None:
        self._background.run(self._laptop.state, then=self.correct)

    def _to_recovery(self) -> None:
        self._window.show_door(self._recover)
        self._recover.begin()
