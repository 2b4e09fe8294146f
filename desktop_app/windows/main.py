"""The main window: rail, content, foot line; before that, enrol or unlock.

It lays out and listens; where a press leads is decided in `desktop_app.app`.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app import theme
from desktop_app.models import times
from desktop_app.models.words import Sign, custody_sign
from desktop_app.phrases import clauses
from desktop_app.snapshots import Custody, Person
from desktop_app.sync_snapshots import SyncView
from desktop_app.theme import Tone
from desktop_app.widgets.icon import FootButton, Glyph, SignLabel
from desktop_app.widgets.spoken import announce
from desktop_app.widgets.training_band import TRAINING, TrainingBand
from desktop_app.windows import sync_state
from desktop_app.windows.rail import Rail
from desktop_app.windows.sync_port import SyncStanding
from desktop_app.windows.sync_state import SyncState

SMALLEST = QSize(660, 364)
"""A screen of 1366 by 768 at 200 %, with the frame of a window."""
USUAL = QSize(1280, 720)
WHOLE = 1000
"""The stretch of what takes all the room there is."""
SHORT = 1100
"""Below this width in pixels the foot line says less; below SHORTEST it names the site in a tip alone."""
SHORTEST = 1000


class Foot(QFrame):
    """The foot line: who, where, what is where, and the lock.

    Attributes:
        lines: Holds a sentence that does not fit beside the rest. It stands at the end of the page, beside the rail,
            which needs its height.

    Signals:
        lock_wanted: The user locks.
        switch_wanted: Somebody else is to sign in.
        sync_wanted: The user wants to see how exchanges stand.
        custody_wanted: The user wants to see where every record is.
        queries_wanted: The user wants to see which values disagree.
        find_wanted: The user wants to find something.
        help_wanted: The user wants to know what the page in front is for.
    """

    lock_wanted = Signal()
    switch_wanted = Signal()
    sync_wanted = Signal()
    custody_wanted = Signal()
    queries_wanted = Signal()
    find_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nobody."""
        super().__init__(parent)
        self.setObjectName("foot")
        theme.set_role(self, "foot")
        self._person: Person | None = None
        self._place = ("", "", "")
        self._view: SyncView | None = None
        self._standing = SyncStanding()
        self._warns = False
        self._language = "en"
        self._find = _foot_button("search", "foot_find")
        self._help = _foot_button("question", "foot_help")
        self._who_icon = Glyph("person", Tone.QUIET, theme.ICON)
        self._who = QLabel()
        self._who.setObjectName("foot_who")
        self._where = QLabel()
        self._where.setObjectName("foot_site")
        theme.set_tone(self._where, Tone.QUIET)
        self._status = QLabel()
        self._status.setObjectName("foot_status")
        theme.set_tone(self._status, Tone.QUIET)
        self._custody = _foot_button("nothing", "foot_custody")
        self._contact = _foot_button("sync", "foot_sync")
        self._clock = _foot_button("clock", "foot_clock")
        self._clock.hide()
        self._conflicts = _foot_button("conflict", "foot_conflicts")
        self._conflicts.hide()
        self._warning = SignLabel()
        self._warning.setObjectName("foot_warning")
        self._warning.hide()
        self._switch = _foot_button("switch_user", "foot_switch")
        self._lock = _foot_button("lock", "foot_lock")
        for button in (self._find, self._help):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._lay_out()
        self._custody.clicked.connect(self.custody_wanted)
        self._conflicts.clicked.connect(self.queries_wanted)
        self._contact.clicked.connect(self.sync_wanted)
        self._clock.clicked.connect(self.sync_wanted)
        self._switch.clicked.connect(self.switch_wanted)
        self._lock.clicked.connect(self.lock_wanted)
        self._find.clicked.connect(self.find_wanted)
        self._help.clicked.connect(self.help_wanted)

    def _lay_out(self) -> None:
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, theme.HAIR, theme.SMALL, theme.HAIR)
        row.setSpacing(theme.SMALL)
        self.lines = QFrame()
        self.lines.setObjectName("foot_lines")
        theme.set_role(self.lines, "foot")
        self._column = QVBoxLayout(self.lines)
        self._column.setContentsMargins(theme.MEDIUM, theme.TIGHT, theme.MEDIUM, theme.TIGHT)
        self.lines.hide()
        for widget in (self._find, self._help, self._who_icon, self._who, self._where):
            row.addWidget(widget)
        row.addSpacing(theme.LARGE)
        self._place_of_status = row.count()
        row.addWidget(self._status, WHOLE)
        row.addWidget(self._warning, WHOLE)
        row.addStretch(1)
        for button in (self._conflicts, self._clock, self._custody, self._contact, self._switch, self._lock):
            row.addWidget(button)

    def show_person(self, person: Person, site: str, site_name: str, letter: str, language: str) -> None:
        """Show who is signed in and where."""
        self._person, self._place, self._language = person, (site, site_name, letter), language
        self._view = None
        self._status.clear()
        self.retranslate(language)

    def show_sync(self, view: SyncView) -> None:
        """Show what is where."""
        self._view = view
        self.retranslate(self._language)

    def show_exchanges(self, standing: SyncStanding) -> None:
        """Say how exchanges stand."""
        ended = self._standing.running and not standing.running
        self._standing = standing
        self._show_contact()
        if ended:
            announce(self._contact, self._contact.accessibleName())
        self._make_room()

    def say(self, sentence: str) -> None:
        """Show a sentence and have it read out; "" clears it."""
        self._status.setText(sentence)
        self._make_room()
        self._status.setToolTip(sentence)
        announce(self._status, sentence)

    def wait(self, on: bool) -> None:
        """Say that the disk is waited for; what was said before stands again afterwards. A warning goes first."""
        if self._warns:
            return
        told = self.tr("Waiting for the disk. What is marked as kept is safe.")
        self._warning.show_sign(Sign(icon="clock", word=told, tone=Tone.QUIET))
        self._warning.setVisible(on)
        self._status.setVisible(not on)
        if on:
            announce(self._warning, told)
        self._make_room()

    def warn(self, seconds: int) -> None:
        """Say in how many seconds the laptop locks itself; 0 takes it back."""
        told = self.tr("Locks in %1 s. Press any key to go on.").replace("%1", str(seconds))
        self._warning.show_sign(Sign(icon="lock", word=told, tone=Tone.WARN))
        self._warning.setVisible(seconds > 0)
        if seconds > 0 and not self._warns:
            announce(self._warning, told, at_once=True)
        self._warns = seconds > 0
        self._status.setVisible(not self._warns)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where the line is short: the words then stand in tips and names alone."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self._switch.setToolButtonStyle(beside if self.width() >= SHORT else alone)
        for button in (self._lock, self._clock):
            button.setToolButtonStyle(beside if self.width() >= SHORTEST else alone)
        self._who_icon.setVisible(self.width() >= SHORTEST)
        self._say_who()
        self._where.setVisible(not self._warns and self.width() >= SHORTEST)
        said = (self._contact, self._custody)
        for button in said:
            button.setToolButtonStyle(beside)
        for button in said:
            if self._rest() > self.width() - theme.LARGE:
                button.setToolButtonStyle(alone)

        self._place_status()

    def _rest(self) -> int:
        """Return how wide all of the line is but what is said in it, in pixels."""
        items = [one for place in range(self._row.count()) if (one := self._row.itemAt(place)) is not None]
        shown = [one.minimumSize().width() for one in items if one.widget() is not self._status and not one.isEmpty()]
        sides = self._row.contentsMargins()
        return sum(shown) + len(shown) * self._row.spacing() + theme.LARGE + sides.left() + sides.right()

    def _place_status(self) -> None:
        """Give a sentence lines of its own above the rest where it does not fit beside it: it is read whole."""
        beside, told = self._row.indexOf(self._status) >= 0, not self._status.isHidden()
        needed = self.fontMetrics().horizontalAdvance(self._status.text()) + theme.LARGE
        fits = self._rest() + needed <= self.width() or not self._status.text()
        if fits != beside:
            self._status.setWordWrap(not fits)
            if fits:
                self._column.removeWidget(self._status)
                self._row.insertWidget(self._place_of_status, self._status, WHOLE)
                self._status.stackUnder(self._warning)  # read out where it stands
            else:
                self._row.removeWidget(self._status)
                self._column.addWidget(self._status)
            self._status.setVisible(told)
        self.lines.setVisible(told and not fits)

    def _say_who(self) -> None:
        """Name the person, with their role where there is room; the tip says both, and where."""
        if self._person is None:
            return
        whole = clauses(self._language, (self._person.name, self._person.role_label(self._language)))
        self._who.setText(whole if self.width() >= SHORTEST else self._person.name)
        self._who.setAccessibleName(whole)
        self._who.setToolTip(f"{whole}. {self._where.text()}")

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        number, name, letter = self._place
        where = self.tr("Site %1 %2, laptop %3")
        self._where.setText(where.replace("%1", number).replace("%2", name).replace("%3", letter))
        self._say_who()
        self._find.setAccessibleName(self.tr("Find a subject, a form, a place or an action"))
        self._find.setToolTip(f"{self._find.accessibleName()}  Ctrl+K")
        self._help.setAccessibleName(self.tr("Help for this page"))
        self._help.setToolTip(f"{self._help.accessibleName()}  F1")
        self._lock.setText(self.tr("Lock"))
        self._lock.setAccessibleName(self.tr("Lock: seal everything and sign out"))
        self._lock.setToolTip("Ctrl+L")
        self._switch.setText(self.tr("Switch user"))
        self._switch.setAccessibleName(self.tr("Switch user: lock, and let somebody else sign in"))
        self._switch.setToolTip(f"{self._switch.text()}  Ctrl+Shift+L")
        sign, words = self._custody_words()
        self._custody.show_icon(sign.icon, sign.tone)
        self._custody.setText(words)
        self._custody.setAccessibleName(words)
        self._show_clock()
        self._show_conflicts()
        self._show_contact()
        self._make_room()

    def _show_conflicts(self) -> None:
        """Say how many values disagree; in a figure, and in words to screen readers."""
        count = self._view.conflicts if self._view is not None else 0
        words = self.tr("Conflicts: %1. Opens Queries.").replace("%1", str(count))
        self._conflicts.show_icon("conflict", Tone.BAD)
        self._conflicts.setText(str(count))
        self._conflicts.setAccessibleName(words)
        self._conflicts.setToolTip(words)
        self._conflicts.setVisible(count > 0)

    def _show_clock(self) -> None:
        """Say that the clock differs, in a word; the whole sentence is its description, and stands on the Sync page."""
        told = self._view.clock if self._view is not None else None
        if told is not None:
            self._clock.show_icon("clock", Tone.WARN)
            self._clock.setText(self.tr("Check the clock"))
            self._clock.setAccessibleName(told(self._language))
            self._clock.setToolTip(told(self._language))
        self._clock.setVisible(told is not None)

    def _custody_words(self) -> tuple[Sign, str]:
        view = self._view
        if view is None or not (view.here_only or view.received):
            sign = custody_sign(Custody.NOTHING)
            return sign, self.tr("Nothing recorded yet")
        if view.here_only:
            words = self.tr("%1 on this laptop only").replace("%1", str(view.here_only))
            return custody_sign(Custody.HERE_ONLY), words
        if view.open_forms:
            return custody_sign(Custody.HERE_ONLY), self.tr("Not sealed yet: %1").replace("%1", str(view.open_forms))
        return custody_sign(Custody.RECEIVED), self.tr("All received by the server")

    def _show_contact(self) -> None:
        """Say in a word how exchanges stand; the whole sentence is the tip, and stands on the Sync page."""
        view, standing = self._view, self._standing
        if view is None:
            words, icon, tone, told = self.tr("Not synced yet"), "sync", Tone.QUIET, ""
        else:
            front = sync_state.headline(view, standing, self._language)
            words, told = self._contact_words(view, front.state), f"{front.title}. {front.sentence}"
            icon, tone = ("sync", Tone.QUIET) if front.tone in _CALM else (front.icon, front.tone)
        self._contact.show_icon(icon, tone)
        self._contact.setText(words)
        self._contact.setAccessibleName(words)
        self._contact.setAccessibleDescription(told)
        keys = self.tr("F5 syncs now.")
        self._contact.setToolTip(f"{told} {keys}".strip())

    def _contact_words(self, view: SyncView, state: SyncState) -> str:
        standing = self._standing
        if standing.running:
            percent = "" if standing.percent is None else f" {standing.percent} %"
            return self.tr("Syncing…") + percent
        if state in _LOOKS:
            return self.tr("Look at Sync")
        if standing.paused:
            return self.tr("Sync paused")
        if state is SyncState.OFFLINE:
            return self.tr("Offline")
        if view.last_contact is None:
            return self.tr("Not synced yet")
        return self.tr("Synced %1").replace("%1", times.minute(view.last_contact)[5:])


def _foot_button(icon: str, name: str) -> FootButton:
    button = FootButton(icon)
    button.setObjectName(name)
    return button


_LOOKS = frozenset(
    {
        SyncState.WITHDRAWN,
        SyncState.NOT_TRUSTED,
        SyncState.CERTIFICATE_DATE,
        SyncState.NEEDS_NEWER,
        SyncState.REFUSED,
    }
)
_CALM = frozenset({Tone.GOOD, Tone.ACCENT})


class Curtain(QWidget):
    """Stands before everything while the laptop is locked: a word, and nothing of the study."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make it; `retranslate` names it."""
        super().__init__(parent)
        self.setObjectName("curtain")
        self._glyph = Glyph("lock", Tone.QUIET, theme.HUGE * 2)
        self._word = QLabel()
        self._word.setObjectName("curtain_word")
        self._word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.set_role(self._word, "title")
        column = QVBoxLayout(self)
        column.setSpacing(theme.MEDIUM)
        column.addStretch(2)
        column.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._word)
        column.addStretch(3)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the word again."""
        self._word.setText(self.tr("Locked"))
        self.setAccessibleName(self._word.text())


class MainWindow(QMainWindow):
    """The one window of the application.

    Signals:
        back_wanted: Esc was pressed and nothing nearer took it.
        close_wanted: The window is to be closed; it closes once `let_close` was called.
        find_wanted: Something is to be found (Ctrl+K).
        help_wanted: The page in front is to be explained (F1).
        front_changed: Another page or door came to the front.
        practice_wanted: Somebody wants to practise: real data are locked first.
    """

    back_wanted = Signal()
    close_wanted = Signal()
    find_wanted = Signal()
    help_wanted = Signal()
    front_changed = Signal()
    practice_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, *, practice_passphrase: str = "") -> None:
        """Make the frame; pages are put in later.

        Args:
            practice_passphrase: The one that everybody has in training; "" for real data.
        """
        super().__init__(parent)
        self.setObjectName("main_window")
        self.band = TrainingBand(practice_passphrase) if practice_passphrase else None
        self._name = TRAINING if practice_passphrase else "Casebook"
        self._may_close = False
        self.rail = Rail()
        self.foot = Foot()
        self._content = QStackedWidget()
        self._content.setObjectName("content")
        self._workplace = QWidget()
        self._workplace.setObjectName("workplace")
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        self._middle = QVBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(self._content, 1)
        self._middle.addWidget(self.foot.lines)
        upper.addLayout(self._middle, 1)
        column = QVBoxLayout(self._workplace)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.foot)
        self._outer = QStackedWidget()
        self._outer.addWidget(_first_picture())
        self._outer.addWidget(self._workplace)
        self._curtain = Curtain()
        self._outer.addWidget(self._curtain)
        whole = QWidget()
        self._over_all = QVBoxLayout(whole)
        for column in (self._middle, self._over_all):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
        self._over_all.addWidget(self._outer)
        self.setCentralWidget(whole)
        for keys, wanted in (
            ("Ctrl+L", self.foot.lock_wanted),
            ("Ctrl+Shift+L", self.foot.switch_wanted),
            ("Ctrl+K", self.find_wanted),
        ):
            shortcut = QShortcut(QKeySequence(keys), self._workplace)
            shortcut.activated.connect(wanted)
        self.foot.find_wanted.connect(self.find_wanted)
        self.foot.help_wanted.connect(self.help_wanted)
        self._content.currentChanged.connect(self.front_changed)
        self._outer.currentChanged.connect(self.front_changed)
        self._outer.currentChanged.connect(self._place_band)
        self._place_band()
        self.setMinimumSize(SMALLEST)
        self.resize(USUAL)
        self.setWindowTitle(self._name)

    def _place_band(self) -> None:
        """Put the band of training over a door or the curtain; in the workplace beside the rail, which is tall."""
        if self.band is not None:
            in_workplace = self._outer.currentWidget() is self._workplace
            (self._middle if in_workplace else self._over_all).insertWidget(0, self.band)
            self.band.stackUnder(self._content if in_workplace else self._outer)  # read out where it stands
            self.band.show()  # at once: a layout shows what comes into it only with the next turn of the loop

    def add_door(self, door: QWidget) -> None:
        """Put in a page that stands before the workplace (enrol, unlock)."""
        self._outer.addWidget(door)

    def show_door(self, door: QWidget) -> None:
        """Bring a page before the workplace to the front."""
        self._outer.setCurrentWidget(door)
        self.setWindowTitle(self._name)

    def draw_curtain(self) -> None:
        """Hide everything of the study at once; `show_door`, `show_page` or `lift_curtain` follows."""
        self._outer.setCurrentWidget(self._curtain)
        self.setWindowTitle(self._name)

    def lift_curtain(self) -> None:
        """Show the workplace again: it could not be locked."""
        self._outer.setCurrentWidget(self._workplace)

    def add_page(self, page: QWidget) -> None:
        """Put in a page of the workplace."""
        self._content.addWidget(page)

    def show_strip(self, strip: QWidget) -> None:
        """Put in what stands below every page of the workplace, beside the rail."""
        self._middle.insertWidget(self._middle.indexOf(self.foot.lines), strip)
        strip.stackUnder(self.foot.lines)  # read out where it stands

    def remove_page(self, page: QWidget) -> None:
        """Take out a page and let it go."""
        self._content.removeWidget(page)
        page.hide()
        page.deleteLater()

    def show_page(self, page: QWidget, title: str) -> None:
        """Bring a page of the workplace to the front."""
        self._outer.setCurrentWidget(self._workplace)
        self._content.setCurrentWidget(page)
        self.setWindowTitle(f"{title} – {self._name}" if title else self._name)

    @property
    def desk(self) -> QWidget:
        """The workplace with rail and foot line: what lies over it is hidden by the curtain, too."""
        return self._workplace

    def front(self) -> QWidget | None:
        """Return what is in front: a page of the workplace, or a door."""
        outer = self._outer.currentWidget()
        return self.page() if outer is self._workplace else outer

    def page(self) -> QWidget | None:
        """Return the page of the workplace that is in front."""
        return self._content.currentWidget()

    def retranslate(self, language: str) -> None:
        """Set every visible text of the frame again."""
        self.rail.retranslate()
        self.foot.retranslate(language)
        self._curtain.retranslate()
        if self.band is not None:
            self.band.retranslate()

    def let_close(self) -> None:
        """Close now: everything is sealed."""
        self._may_close = True
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take F1 and Esc that no page took."""
        if event.key() == Qt.Key.Key_F1:
            self.help_wanted.emit()
            return
        if event.key() == Qt.Key.Key_Escape and self._outer.currentWidget() is self._workplace:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask to be closed; what is open is sealed first."""
        if not self._may_close:
            self.close_wanted.emit()
        event.setAccepted(self._may_close)  # at once when nothing was open, else by `let_close`


def _first_picture() -> QLabel:
    """Return what stands until the laptop's folder was looked at: some tenths of a second."""
    label = QLabel("Casebook")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    theme.set_role(label, "title")
    return label
