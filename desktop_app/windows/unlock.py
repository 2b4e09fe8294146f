"""Unlock: choose your name, type your passphrase.

The key is derived on the store thread and takes about a second by design; the window says so and
stays awake. What goes wrong is said beside the passphrase.
"""

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.i18n import LANGUAGES, other
from desktop_app.models.words import Sign
from desktop_app.theme import Tone
from desktop_app.widgets.fields import Field, PassphraseEdit
from desktop_app.widgets.icon import IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.port import LaptopPort, LaptopStatePort, SessionPort

WIDTH = 460
PEOPLE_SHOWN = 4
USER_ROLE = Qt.ItemDataRole.UserRole


class UnlockPage(QWidget):
    """The first window of an enrolled laptop.

    Signals:
        unlocked: A person is signed in (SessionPort).
        forgotten: The user has no passphrase any more.
        language_wanted: The user asks for another language ('en' or 'zh').
    """

    unlocked = Signal(object)
    forgotten = Signal()
    language_wanted = Signal(str)

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
        self._make()
        self._connect()
        self.retranslate()

    def _make(self) -> None:
        self._heading = sheet.label("title")
        self._place = sheet.label("note")
        self._problem = Notice("unlock_problem")
        self._people_label = QLabel()
        self._people = QListWidget()
        self._people.setObjectName("unlock_people")
        self._people.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._people_label.setBuddy(self._people)
        self._passphrase = PassphraseEdit()
        self._field = Field("unlock_passphrase", self._passphrase)
        self._caps = SignLabel()
        self._caps.setObjectName("unlock_caps_lock")
        self._caps.hide()
        self._unlock = PrimaryButton()
        self._unlock.setObjectName("unlock_button")
        self._bar = QProgressBar()
        self._bar.setObjectName("unlock_progress")
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._wait = sheet.label("note")
        self._demo = sheet.label("note")
        self._demo.setObjectName("unlock_demo")
        self._demo.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._forgotten = IconButton("recovery")
        self._forgotten.setObjectName("unlock_forgotten")
        self._switch = IconButton("language")
        self._switch.setObjectName("unlock_language")
        for button in (self._forgotten, self._switch):
            theme.set_role(button, "quiet")
        frame, column = sheet.card("unlock_card")
        above: tuple[QWidget, ...] = (self._heading, self._place, self._problem, self._people_label, self._people)
        below = (self._field, self._caps, self._unlock, self._bar, self._wait, self._demo)
        for widget in above + below:
            column.addWidget(widget)
        column.addLayout(sheet.row(self._forgotten, self._switch))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(sheet.centred(frame, WIDTH))
        self._show_busy(busy=False)

    def _connect(self) -> None:
        self._unlock.clicked.connect(self._try)
        self._passphrase.returnPressed.connect(self._try)
        self._passphrase.caps_lock_seen.connect(self._caps.setVisible)
        self._people.itemActivated.connect(self._to_passphrase)
        self._people.itemClicked.connect(self._to_passphrase)
        self._people.currentItemChanged.connect(self._begin_again)
        self._forgotten.clicked.connect(self.forgotten)
        self._switch.clicked.connect(lambda: self.language_wanted.emit(other(self._language)))

    # -- what is shown ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask who can sign in here."""
        self._field.setEnabled(True)
        self._passphrase.clear()
        self._caps.hide()
        self._background.run(self._laptop.state, then=self.show_state, otherwise=self._refused)

    def show_state(self, state: LaptopStatePort) -> None:
        """Show the laptop's people; the one chosen last stays chosen."""
        chosen = self._chosen()
        self._state = state
        self._people.clear()
        for person in state.people:
            item = QListWidgetItem(self._people)
            item.setData(USER_ROLE, person.user)
            item.setSizeHint(QSize(0, theme.FINGER))
        self._name_people()
        rows = min(max(self._people.count(), 1), PEOPLE_SHOWN)
        self._people.setFixedHeight(rows * theme.FINGER + theme.TIGHT)
        index = next((place for place, person in enumerate(state.people) if person.user == chosen), 0)
        self._people.setCurrentRow(index)
        self.retranslate()
        self.take_focus()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        (self._passphrase if self._people.count() == 1 or self._chosen() else self._people).setFocus()

    def set_language(self, language: str) -> None:
        """Change the language of the standing page."""
        self._language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Casebook"))
        self._people_label.setText(self.tr("&Who are you?"))
        self._people.setAccessibleName(self.tr("Who are you?"))
        self._field.set_texts(self.tr("&Passphrase"))
        self._caps.show_sign(Sign(icon="caps", word=self.tr("Caps Lock seems to be on."), tone=Tone.WARN))
        self._unlock.setText(self.tr("Unlock"))
        self._wait.setText(self.tr("Deriving the key. This takes about a second by design."))
        self._bar.setAccessibleName(self._wait.text())
        self._forgotten.setText(self.tr("&Forgotten your passphrase?"))
        self._switch.setText(LANGUAGES[other(self._language)])
        self._switch.setAccessibleName(self.tr("Switch the language"))
        if self._error is not None:
            self._field.show_error(self._error.sentence(self._language))
        if self._state is not None:
            self._retranslate_state(self._state)

    def _retranslate_state(self, state: LaptopStatePort) -> None:
        place = self.tr("Site %1, laptop %2.").replace("%1", state.site).replace("%2", state.letter)
        encrypted = self.tr("The records on this laptop are encrypted.")
        self._place.setText(f"{place} {encrypted}" if state.site else encrypted)
        problem = state.problem
        self._problem.say(problem.sentence(self._language) if problem is not None else "", Tone.BAD)
        self._name_people()
        accounts = "\n".join(f"{name}: {passphrase}" for name, passphrase in state.demo_accounts)
        self._demo.setText(self.tr("Demonstration accounts (name: passphrase)") + "\n" + accounts)
        self._demo.setVisible(bool(accounts))

    def _name_people(self) -> None:
        people = self._state.people if self._state is not None else ()
        for place, person in enumerate(people):
            self._people.item(place).setText(f"{person.name}, {person.role_label(self._language)}")

    def _show_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self._bar.setVisible(busy)
        self._wait.setVisible(busy)
        self._field.setEnabled(not busy)
        self._people.setEnabled(not busy)
        self._unlock.setEnabled(not busy)
        self._forgotten.setEnabled(not busy)

    # -- what the user does --------------------------------------------------------------------------------

    def _chosen(self) -> UserId | None:
        index = self._people.currentIndex()
        return UserId(index.data(USER_ROLE)) if index.isValid() else None

    def _begin_again(self) -> None:
        """Another person: what was typed and said belonged to the last one."""
        self._error = None
        self._passphrase.clear()
        self._field.show_error("")

    def _to_passphrase(self) -> None:
        self._passphrase.setFocus()

    def _try(self) -> None:
        user = self._chosen()
        if self._busy or user is None:
            return
        passphrase = self._passphrase.text()
        if not passphrase:
            self._field.show_error(self.tr("Type your passphrase."))
            return
        self._error = None
        self._field.show_error("")
        self._show_busy(busy=True)
        self._background.run(partial(self._laptop.unlock, user, passphrase), then=self._opened, otherwise=self._refused)

    def _opened(self, session: SessionPort) -> None:
        self._passphrase.clear()
        self._caps.hide()
        self._show_busy(busy=False)
        self.unlocked.emit(session)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._show_busy(busy=False)
        self._field.show_error(error.sentence(self._language))
