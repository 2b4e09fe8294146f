"""Unlock: choose your name, type your passphrase.

The key is derived on the store thread and takes about a second by design; the window says so and
stays awake. What goes wrong is said beside the passphrase. After several wrong passphrases the next try
waits, longer each time: the page counts down, for that person alone, and recovery never waits.

Source: NIST SP 800-63B, 5.2.2 (rate limiting).
"""

import math
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from casebook.errors import CasebookError, WrongPassphraseError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.words import Sign
from desktop_app.phrases import clauses
from desktop_app.snapshots import Person
from desktop_app.theme import Tone
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.door_tools import DoorTools
from desktop_app.widgets.icon import IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.port import LaptopPort, LaptopStatePort, SessionPort

WIDTH = 560
LOW_WIDTH = 612
LOW = 520
"""Below this height in pixels the passphrase stands beside the people, not below them."""
REST, LOW_REST = 440, 168
"""The height in pixels of what stands above and below the people."""
LEAST_SHOWN = 2
USER_ROLE = Qt.ItemDataRole.UserRole


TYPE_AHEAD_MS = 1_000
"""Letters typed closer together than this look for one name."""
TICK_MS = 250
LOOK_AGAIN_MS = 3000
"""Between two looks while something stands in the way of signing in, such as a disk that was taken out."""
MINUTES_FROM_S = 120
"""Longer waits are told in minutes."""


class PeopleList(QListWidget):
    """The people of a laptop. Letters lead to a name by the beginning of any of its words; Enter chooses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty list."""
        super().__init__(parent)
        self._typed = ""
        self._since = QElapsedTimer()

    def keyboardSearch(self, search: str) -> None:
        """Go to the next name of which a word begins with the letters typed just now."""
        if not self._since.isValid() or self._since.elapsed() > TYPE_AHEAD_MS:
            self._typed = ""
        self._since.start()
        begins = self.currentRow() + (0 if self._typed else 1)
        self._typed += search.casefold()
        count = self.count()
        for place in range(count):
            row = (begins + place) % count
            if self._fits(self.item(row).text()):
                self.setCurrentRow(row)
                return

    def _fits(self, text: str) -> bool:
        whole = text.casefold()
        return whole.startswith(self._typed) or any(word.startswith(self._typed) for word in whole.split())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by Enter, on every system."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentItem() is not None:
            self.itemActivated.emit(self.currentItem())
            return
        super().keyPressEvent(event)


class UnlockPage(QWidget):
    """The first window of an enrolled laptop.

    Signals:
        unlocked: A person is signed in (SessionPort).
        forgotten: The user has no passphrase any more.
        look_wanted: What stands in the way may be gone by now.
        report_wanted: The user takes the action that was offered with what is told of the laptop.
    """

    unlocked = Signal(object)
    forgotten = Signal()
    look_wanted = Signal()
    report_wanted = Signal()

    def __init__(
        self, background: Background, laptop: LaptopPort, language: str, parent: QWidget | None = None
    ) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(parent)
        self._background = background
        self._laptop = laptop
        self._language = language
        self._state: LaptopStatePort | None = None
        self._error: CasebookError | None = None
        self._busy = False
        self._wanted: UserId | None = None
        self._before: UserId | None = None
        self._to_people = False
        self._stands = False
        self._said = self._action = ""
        self._waits: dict[UserId, float] = {}
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_AGAIN_MS)
        self._make()
        self._connect()
        self.retranslate()

    def _make(self) -> None:
        self._heading = sheet.label("title")
        self.tools = DoorTools("unlock", self._heading)
        self._place = sheet.label("note")
        self._problem = Notice("unlock_problem")
        self._people_label = QLabel()
        self._people = PeopleList()
        self._people.setObjectName("unlock_people")
        self._people.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._people_label.setBuddy(self._people)
        self._field = PassphraseField("unlock_passphrase")
        self._passphrase = self._field.line
        self._countdown = SignLabel()
        self._countdown.setObjectName("unlock_countdown")
        self._countdown.hide()
        self._unlock = PrimaryButton()
        self._unlock.setObjectName("unlock_button")
        self._bar = BusyBar("unlock_progress")
        self._wait = sheet.label("note")
        self._demo = sheet.label("note")
        self._demo.setObjectName("unlock_demo")
        self._demo.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._forgotten = IconButton("recovery")
        self._forgotten.setObjectName("unlock_forgotten")
        theme.set_role(self._forgotten, "quiet")
        self._lay_out()
        self._show_busy(busy=False)

    def _lay_out(self) -> None:
        self._card, column = sheet.card("unlock_card")
        people, passphrase = QVBoxLayout(), QVBoxLayout()
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        for side, widgets in (
            (people, (self._people_label, self._people)),
            (passphrase, (self._field, self._countdown, self._unlock, self._bar, self._wait, self._demo)),
        ):
            side.setSpacing(theme.SMALL)
            for widget in widgets:
                side.addWidget(widget)
            self._sides.addLayout(side, 1)
        passphrase.addLayout(sheet.row(self._forgotten))
        people.addStretch(1)
        passphrase.addStretch(1)
        above: tuple[QWidget, ...] = (self.tools, self._place, self._problem)
        for one in above:
            column.addWidget(one)
        column.addLayout(self._sides)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(sheet.centred(self._card, WIDTH))

    def _connect(self) -> None:
        self._unlock.clicked.connect(self._try)
        self._passphrase.returnPressed.connect(self._try)
        self._people.itemActivated.connect(self._to_passphrase)
        self._people.itemClicked.connect(self._to_passphrase)
        self._tick.timeout.connect(self._count_down)
        self._look.timeout.connect(self._look_again)
        self._people.currentItemChanged.connect(self._begin_again)
        self._forgotten.clicked.connect(self.forgotten)
        self._problem.acted.connect(self.report_wanted)

    # -- what is shown ------------------------------------------------------------------------------------

    def refresh(self, then: Callable[[LaptopStatePort], None] | None = None) -> None:
        """Ask who can sign in here; the page is new to the user. `then`: gets the answer in place of the page."""
        self._stands = False
        self._field.setEnabled(True)
        self._field.clear()
        self._background.run(self._laptop.state, then=then or self.show_state)

    def begin_with(self, user: UserId | None, *, to_people: bool, before: UserId | None) -> None:
        """Let the next state begin with a person chosen, None for whoever is, and with the focus on the passphrase.

        Args:
            to_people: Somebody else wants to sign in: the focus stands on the list, unless it is clear who.
            before: Who was signed in before the one chosen; with `to_people` most likely meant.
        """
        self._wanted, self._to_people, self._before = user, to_people, before

    @property
    def people(self) -> tuple[Person, ...]:
        """Who is in the list."""
        return self._state.people if self._state is not None else ()

    def say(self, sentence: str, action: str = "") -> None:
        """Tell something of the laptop above the people, with at most one action; "" takes it back."""
        self._said, self._action = sentence, action
        self._show_problem()

    def show_state(self, state: LaptopStatePort) -> None:
        """Show the laptop's people; the one chosen last stays chosen, unless somebody else wants to sign in."""
        chosen = self._wanted or self._chosen()
        self._wanted = None
        known = [person.user for person in self._state.people] if self._state is not None else None
        self._state = state
        if known != [person.user for person in state.people]:
            self._list_people(state)
        if self._to_people and not self._stands and (other := self._likely(state, chosen)) is not None:
            chosen, self._to_people = other, False
        index = next((place for place, person in enumerate(state.people) if person.user == chosen), 0)
        self._people.setCurrentRow(index)
        self._fill_in(state)
        self._forgotten.setVisible(not state.practice_passphrase)
        self.retranslate()
        if not self._stands:
            self._stands = True
            self.take_focus()
            self._to_people = False

    def _likely(self, state: LaptopStatePort, chosen: UserId | None) -> UserId | None:
        """Return who is meant by somebody else than the one chosen: of two the other one, else who was here before."""
        others = [person.user for person in state.people if person.user != chosen]
        if len(others) == 1:
            return others[0]
        return self._before if self._before in others else None

    def _list_people(self, state: LaptopStatePort) -> None:
        self._people.clear()
        for person in state.people:
            item = QListWidgetItem(self._people)
            item.setData(USER_ROLE, person.user)
            item.setSizeHint(QSize(0, theme.FINGER))
        self._name_people()
        self._give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put people and passphrase side by side where the window is low: both are to be seen."""
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        low = self.height() < LOW
        self._card.setFixedWidth(LOW_WIDTH if low else WIDTH)
        self._sides.setDirection(QBoxLayout.Direction.LeftToRight if low else QBoxLayout.Direction.TopToBottom)
        self._sides.setSpacing(theme.HUGE if low else theme.MEDIUM)
        told = 0 if self._problem.isHidden() else self._problem.heightForWidth(self._problem.width()) + theme.SMALL
        room = (self.height() - (LOW_REST if low else REST) - told) // theme.FINGER
        rows = min(max(self._people.count(), 1), max(room, LEAST_SHOWN))
        self._people.setFixedHeight(rows * theme.FINGER + theme.TIGHT)
        self._name_list(all_seen=rows >= self._people.count())

    def _name_list(self, *, all_seen: bool) -> None:
        """Name the list; where people are out of sight, say how they are found."""
        told = self.tr("&Who are you?") if all_seen else self.tr("&Who are you? The first letters find a name.")
        self._people_label.setText(told)
        self._people.setAccessibleName(told.replace("&", ""))

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        to_passphrase = self._people.count() == 1 or (self._chosen() is not None and not self._to_people)
        (self._passphrase if to_passphrase else self._people).setFocus()

    def set_language(self, language: str) -> None:
        """Change the language of the standing page."""
        self._language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Casebook"))
        self._give_room()
        self._field.set_texts(self.tr("&Passphrase"))
        self._unlock.setText(self.tr("Unlock"))
        self._wait.setText(self.tr("Deriving the key. This takes about a second by design."))
        self._bar.setAccessibleName(self._wait.text())
        self._forgotten.setText(self.tr("&Forgotten your passphrase?"))
        self.tools.retranslate(self._language)
        if self._error is not None:
            self._field.show_error(self._error.sentence(self._language))
        if self._state is not None:
            self._retranslate_state(self._state)

    def _retranslate_state(self, state: LaptopStatePort) -> None:
        place = self.tr("Site %1, laptop %2.").replace("%1", state.site).replace("%2", state.letter)
        encrypted = self.tr("The records on this laptop are encrypted.")
        self._place.setText(f"{place} {encrypted}" if state.site else encrypted)
        self._show_problem()
        self._count_down()
        self._name_people()
        if state.practice_passphrase:
            self._place.setText(self.tr("Choose whom to practise as. The first time, this takes some seconds."))
        accounts = "\n".join(f"{name}: {passphrase}" for name, passphrase in state.demo_accounts)
        self._demo.setText(self.tr("Demonstration accounts (name: passphrase)") + "\n" + accounts)
        self._demo.setVisible(bool(accounts))

    def _show_problem(self) -> None:
        problem = self._state.problem if self._state is not None else None
        if problem is not None:
            self._look.start()
            self._problem.say(problem.sentence(self._language), Tone.BAD)
        elif self._state is not None and self._state.withdrawn:
            self._problem.say(
                self.tr(
                    "This laptop was withdrawn from the study. What was recorded here and sent is safe. Sign in only "
                    "to send what is left; it locks again by itself. Ask your data manager."
                ),
                Tone.BAD,
            )
        elif self._said or self._state is None or not self._state.waiting:
            self._problem.say(self._said, Tone.WARN, self._action)
        else:
            words = self.tr("Entered here and not yet with the server: %1. They stay here, sealed, and go with a sync.")
            self._problem.say(words.replace("%1", str(self._state.waiting)))
        self._give_room()

    def _name_people(self) -> None:
        people = self._state.people if self._state is not None else ()
        for place, person in enumerate(people):
            self._people.item(place).setText(clauses(self._language, (person.name, person.role_label(self._language))))

    def _look_again(self) -> None:
        """Ask once more where something stood in the way; what is being typed stays."""
        self._look.stop()
        if self.isVisible() and not self._busy:
            self.look_wanted.emit()

    def _show_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self._bar.setVisible(busy)
        self._wait.setVisible(busy)
        self.tools.allow_practice(on=not busy)
        self._field.setEnabled(not busy)
        self._people.setEnabled(not busy)
        self._unlock.setEnabled(not busy and not self._waiting())
        self._forgotten.setEnabled(not busy)

    # -- what the user does --------------------------------------------------------------------------------

    def _chosen(self) -> UserId | None:
        index = self._people.currentIndex()
        return UserId(index.data(USER_ROLE)) if index.isValid() else None

    def _begin_again(self) -> None:
        """Another person: what was typed and said belonged to the last one."""
        self._error = None
        self._field.clear()
        if self._state is not None:
            self._fill_in(self._state)
        self._field.show_error("")
        self._count_down()

    def _fill_in(self, state: LaptopStatePort) -> None:
        """In training, type the passphrase for whoever practises: it is everybody's, and stands above."""
        if state.practice_passphrase and not self._passphrase.text():
            self._passphrase.setText(state.practice_passphrase)

    def _to_passphrase(self) -> None:
        self._passphrase.setFocus()

    def _try(self) -> None:
        user = self._chosen()
        if self._busy or user is None or self._waiting():
            return
        passphrase = self._passphrase.text()
        if not passphrase:
            self._field.show_error(self.tr("Type your passphrase."))
            return
        self._error = None
        self._waits.pop(user, None)
        self._field.show_error("")
        self._show_busy(busy=True)
        self._count_down()
        self._background.run(
            partial(self._laptop.unlock, user, passphrase), then=self._opened, otherwise=partial(self._refused, user)
        )

    def _opened(self, session: SessionPort) -> None:
        self._waits.clear()
        self._said = self._action = ""
        self._field.clear()
        self._show_busy(busy=False)
        self._count_down()
        self.unlocked.emit(session)

    def _refused(self, user: UserId, error: CasebookError) -> None:
        seconds = error.fields.get("seconds")
        waits = isinstance(seconds, int) and seconds > 0
        if isinstance(seconds, int) and waits:
            self._waits[user] = time.monotonic() + seconds
        self._show_busy(busy=False)
        if not waits or isinstance(error, WrongPassphraseError):
            self._error = error
            self._field.show_error(error.sentence(self._language))
        else:
            self._passphrase.setFocus()
        self._count_down()

    # -- waiting after failures ---------------------------------------------------------------------------

    def _waiting(self) -> int:
        """Return for how many seconds the chosen person has to wait."""
        user = self._chosen()
        left = self._waits.get(user, 0.0) - time.monotonic() if user is not None else 0.0
        return max(0, math.ceil(left))

    def _count_down(self) -> None:
        """Say how long the chosen person still waits; what they typed stays."""
        left = self._waiting()
        if left:
            self._tick.start()
            self._countdown.show_sign(Sign(icon="clock", word=self._words_of(left), tone=Tone.WARN))
        elif not self._countdown.isHidden() and self._chosen() in self._waits:
            self._countdown.show_sign(Sign(icon="check", word=self.tr("You can try again now."), tone=Tone.GOOD))
            self._tick.stop()
        else:
            self._tick.stop()
        self._countdown.setVisible(bool(left) or (self._chosen() in self._waits and not self._busy))
        self._unlock.setEnabled(not self._busy and not left)

    def _words_of(self, left: int) -> str:
        if left >= MINUTES_FROM_S:
            told = self.tr("Typed wrongly several times. Next try in %1 minutes.")
            return told.replace("%1", str(math.ceil(left / 60)))
        told = self.tr("Typed wrongly several times. Next try in %1 s.")
        return told.replace("%1", str(left))
