"""The card in front of the Sync page: the state of exchanges in words, how far one is, and what can be done."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QProgressBar, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models import amounts, times
from desktop_app.sync_plan import PauseKind
from desktop_app.sync_snapshots import SyncView
from desktop_app.widgets.icon import Glyph, PrimaryButton, PromptButton
from desktop_app.windows import sheet, sync_state
from desktop_app.windows.sync_port import SyncStanding
from desktop_app.windows.sync_state import Headline, SyncState

_NO_PAUSE = frozenset({SyncState.WITHDRAWN, SyncState.NO_SERVER})
_NOT_AT_ONCE = frozenset({*_NO_PAUSE, SyncState.NOT_TRUSTED, SyncState.NEEDS_NEWER})
"""States in which something else is to be done first."""
_PAUSES = (PauseKind.HOUR, PauseKind.UNTIL_TOMORROW, PauseKind.UNTIL_RESUMED)


class SyncFront(QFrame):
    """One state in words, one obvious next action.

    Signals:
        sync_wanted: The user asks for an exchange now.
        stop_wanted: The user ends the exchange under way.
        pause_wanted: Exchanges of their own accord are to wait (PauseKind), or to go on (None).
    """

    sync_wanted = Signal()
    stop_wanted = Signal()
    pause_wanted = Signal(object)

    def __init__(self, language: str, parent: QWidget | None = None, *, training: bool = False) -> None:
        """Make the card; `show_standing` fills it. In `training` there is no server to be named."""
        super().__init__(parent)
        self._training = training
        self.setObjectName("sync_message")
        theme.set_role(self, "card")
        self._language = language
        self._view: SyncView | None = None
        self._standing = SyncStanding()
        self._glyph = Glyph(size=theme.ICON_LARGE)
        self._title = sheet.label("lead")
        self._title.setObjectName("sync_state")
        self._sentence = sheet.label()
        self._sentence.setObjectName("sync_message_words")
        self._bar = QProgressBar()
        self._bar.setObjectName("sync_progress")
        self._bar.setTextVisible(False)
        self._far = sheet.label("note")
        self._far.setObjectName("sync_far")
        self._now = PrimaryButton()
        self._now.setObjectName("sync_now")
        self._stop = PromptButton()
        self._stop.setObjectName("sync_stop")
        self._resume = PrimaryButton()
        self._resume.setObjectName("sync_resume")
        self._pause = PromptButton()
        self._pause.setObjectName("sync_pause")
        theme.set_role(self._pause, "menu")
        self._menu = QMenu(self._pause)
        self._menu.setObjectName("sync_pause_menu")
        self._pauses = {kind: self._menu.addAction("") for kind in _PAUSES}
        self._contact = sheet.label("note")
        self._contact.setObjectName("sync_contact")
        self._lay_out()
        self._connect()
        self.retranslate(language)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(theme.TIGHT)
        for widget in (self._title, self._sentence, self._bar, self._far):
            words.addWidget(widget)
            words.addSpacing(theme.HAIR)
        words.addSpacing(theme.TIGHT)
        words.addLayout(sheet.row(self._resume, self._now, self._stop, self._pause))
        words.addWidget(self._contact)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        row.setSpacing(theme.MEDIUM)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def _connect(self) -> None:
        self._now.clicked.connect(self.sync_wanted)
        self._stop.clicked.connect(self.stop_wanted)
        self._resume.clicked.connect(lambda: self.pause_wanted.emit(None))
        self._pause.setMenu(self._menu)
        for kind, action in self._pauses.items():
            action.setObjectName(f"sync_pause.{kind.value}")
            action.triggered.connect(partial(self.pause_wanted.emit, kind))

    # -- what is shown ------------------------------------------------------------------------------------

    def show_view(self, view: SyncView) -> None:
        """Take a newer picture of what is where."""
        self._view = view
        self._retell()

    def show_standing(self, standing: SyncStanding) -> None:
        """Take how exchanges stand."""
        stopped = self._stop.hasFocus() and not standing.running
        self._standing = standing
        self._retell()
        if stopped:
            self._now.setFocus()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        (self._now if self._now.isEnabled() else self._stop).setFocus()

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        self._now.setText(self.tr("&Sync now"))
        self._stop.setText(self.tr("Stop"))
        self._stop.setAccessibleName(self.tr("Stop the exchange; what has arrived stays"))
        self._resume.setText(self.tr("Resume"))
        self._resume.setAccessibleName(self.tr("Resume: let exchanges begin by themselves again"))
        self._pause.setText(self.tr("Pause"))
        self._pause.setAccessibleName(self.tr("Pause: let no exchange begin by itself"))
        words = {
            PauseKind.HOUR: self.tr("For one hour"),
            PauseKind.UNTIL_TOMORROW: self.tr("Until tomorrow morning"),
            PauseKind.UNTIL_RESUMED: self.tr("Until somebody resumes it"),
        }
        for kind, action in self._pauses.items():
            action.setText(words[kind])
        self._retell()

    def _retell(self) -> None:
        standing, view = self._standing, self._view
        running = standing.running
        for widget in (self._stop, self._bar, self._far):
            widget.setVisible(running)
        if running and self._now.hasFocus():
            self._stop.setFocus()
        self._now.setEnabled(not running)
        self._resume.setVisible(standing.paused)
        if running:
            self._show_progress(standing)
        if view is not None:
            headline = sync_state.headline(view, standing, self._language)
            self._show_headline(headline)
            self._pause.setVisible(not standing.paused and headline.state not in _NO_PAUSE)
            theme.set_role(self._now, "" if standing.paused or headline.state in _NOT_AT_ONCE else "primary")
            self._contact.setText(self._contact_words(view, standing))

    def _show_headline(self, headline: Headline) -> None:
        self._glyph.show_icon(headline.icon, headline.tone)
        self._title.setText(headline.title)
        self._sentence.setText(headline.sentence)
        self.setAccessibleName(f"{headline.title}. {headline.sentence}")

    def _show_progress(self, standing: SyncStanding) -> None:
        percent, moved = standing.percent, standing.moved
        self._bar.setRange(0, 100 if percent is not None else 0)
        if percent is not None:
            self._bar.setValue(percent)
        parts = []
        if moved.whole_bytes:
            words = self.tr("%1 of %2").replace("%1", amounts.size(moved.done_bytes))
            parts.append(words.replace("%2", amounts.size(moved.whole_bytes)))
        elif moved.done_bytes:
            parts.append(amounts.size(moved.done_bytes))
        if standing.left_s is not None:
            parts.append(amounts.time_left(standing.left_s))
        words = " · ".join(parts)
        self._far.setText(words)
        self._bar.setAccessibleName(self.tr("Exchange with the server under way") + (f": {words}" if words else ""))

    def _contact_words(self, view: SyncView, standing: SyncStanding) -> str:
        last = times.minute(view.last_contact) if view.last_contact is not None else ""
        if self._training:
            said = [self.tr("Practice has no server outside: exchanges end on this laptop, and nothing leaves it.")]
            said += [self.tr("Last exchange: %1.").replace("%1", last)] if last else []
        else:
            contact = self.tr("Last contact with %1: %2.") if last else self.tr("No contact with %1 yet.")
            said = [contact.replace("%2", last).replace("%1", view.server or self.tr("the server"))]
        if standing.paused and standing.paused_until is not None:
            said.append(self.tr("Paused until %1.").replace("%1", times.minute(standing.paused_until)))
        elif standing.paused:
            said.append(self.tr("Paused until somebody resumes it."))
        elif standing.wait_s is not None:
            said.append(self.tr("Next exchange %1.").replace("%1", amounts.time_until(standing.wait_s)))
        return ("" if self._language == "zh" else " ").join(said)
