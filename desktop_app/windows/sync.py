"""Sync: what is where, and which laptops of the site may read identity data."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import DeviceId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.words import Sign
from desktop_app.snapshots import LaptopRow, SyncView
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph, PrimaryButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import ExchangeOutcome, SessionPort

WIDTH = 760
RUNNING = frozenset({"connecting", "sending", "receiving"})


class SyncPage(Page):
    """What is where.

    Signals:
        sync_wanted: The user asks for an exchange now.
        viewed: A newer picture of what is where (SyncView).
    """

    sync_wanted = Signal()
    viewed = Signal(object)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_sync` fills it."""
        super().__init__(background, port, language, parent)
        self._view: SyncView | None = None
        self._running = False
        self._focus_wanted = False
        self._outcome: ExchangeOutcome | None = None
        self._error: CasebookError | None = None
        self._asked: DeviceId | None = None
        self._heading = sheet.label("title")
        self._sentence = Notice("sync_message")
        self._here = Tally("here_only", "sync_here_only")
        self._received = Tally("received", "sync_received")
        self._others = Tally("laptop", "sync_from_others")
        self._contact = sheet.label()
        self._contact.setObjectName("sync_contact")
        self._quarantined = Notice("sync_quarantined")
        self._clock = Notice("sync_clock")
        self._aside = sheet.label()
        self._aside.setObjectName("sync_aside")
        self._now = PrimaryButton()
        self._now.setObjectName("sync_now")
        self._bar = QProgressBar()
        self._bar.setObjectName("sync_progress")
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._phase = sheet.label("note")
        self._laptops_heading = sheet.label("lead")
        self._laptops_note = sheet.label("note")
        self._laptops = QFrame()
        theme.set_role(self._laptops, "card")
        self._laptop_rows = QVBoxLayout(self._laptops)
        self._laptop_lines: list[LaptopLine] = []
        self._lay_out()
        self._now.clicked.connect(self.sync_wanted)
        self.retranslate()

    def _lay_out(self) -> None:
        tallies = QHBoxLayout()
        tallies.setSpacing(theme.MEDIUM)
        for tally in (self._here, self._received, self._others):
            tallies.addWidget(tally, 1)
        inner = QWidget()
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.SMALL, 0)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(self._sentence)
        column.addLayout(tallies)
        column.addWidget(self._clock)
        column.addWidget(self._contact)
        column.addWidget(self._aside)
        column.addWidget(self._quarantined)
        column.addLayout(sheet.row(self._now))
        column.addWidget(self._bar)
        column.addWidget(self._phase)
        column.addSpacing(theme.MEDIUM)
        column.addWidget(self._laptops_heading)
        column.addWidget(self._laptops_note)
        column.addWidget(self._laptops)
        column.addStretch(1)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Sync")

    def refresh(self) -> None:
        """Ask what is where."""
        self.background.run(self.port.sync_view, then=self.viewed.emit, otherwise=self._refused)

    def show_sync(self, view: SyncView) -> None:
        """Show a newer picture."""
        laptops_changed = self._view is None or self._view.laptops != view.laptops
        self._view = view
        if laptops_changed:
            self._make_laptops(view.laptops)
        self.retranslate()

    def show_running(self, *, running: bool) -> None:
        """Say that an exchange is under way, or that it ended."""
        self._running = running
        if running:
            self._error, self._outcome = None, None
            self._focus_wanted = self._now.hasFocus()
        self._now.setEnabled(not running)
        if self._focus_wanted and not running:
            self._now.setFocus()
        self._bar.setVisible(running)
        self.retranslate()

    def show_outcome(self, outcome: ExchangeOutcome) -> None:
        """Say what an exchange came to."""
        self._outcome = outcome
        self.retranslate()

    def show_error(self, error: CasebookError) -> None:
        """Say why the exchange ended early."""
        self._error = error
        self.retranslate()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._now.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._now.setText(self.tr("&Sync now"))
        self._phase.setText(self.tr("Exchanging with the server. You can go on working.") if self._running else "")
        self._phase.setVisible(self._running)
        self._bar.setAccessibleName(self.tr("Exchange with the server under way"))
        self._here.set_label(self.tr("on this laptop only"))
        self._received.set_label(self.tr("received by the server"))
        self._others.set_label(self.tr("came from other laptops"))
        self._laptops_heading.setText(self.tr("Laptops of this site"))
        self._laptops_note.setText(
            self.tr(
                "Names, contact details and signatures can be read only on admitted laptops. Admit a laptop after its "
                "owner has read its fingerprint to you, in person or by telephone."
            )
        )
        for line in self._laptop_lines:
            line.retranslate()
            line.refuse(self.why_not("manage"))
        self._tell_outcome()
        if self._view is not None:
            self._retranslate_view(self._view)

    def _retranslate_view(self, view: SyncView) -> None:
        self._here.show_count(view.here_only, Tone.WARN if view.here_only else Tone.GOOD)
        self._received.show_count(view.received, Tone.GOOD)
        self._others.show_count(view.from_others, Tone.QUIET)
        if view.last_contact is None:
            contact = self.tr("No contact with %1 yet.")
        else:
            contact = self.tr("Last contact with %1: %2.").replace("%2", times.minute(view.last_contact))
        self._contact.setText(contact.replace("%1", view.server or self.tr("the server")))
        aside = []
        if view.open_forms:
            aside.append(
                self.tr(
                    "Forms with entries not yet sealed: %1. They are kept here and seal when the form is left."
                ).replace("%1", str(view.open_forms))
            )
        if view.parked:
            aside.append(
                self.tr("Records that wait for earlier ones: %1. The next sync brings them.").replace(
                    "%1", str(view.parked)
                )
            )
        if not view.identity_available:
            aside.append(self.tr("This laptop is not admitted yet: identity data stays sealed away here."))
        self._aside.setText("\n".join(aside))
        self._aside.setVisible(bool(aside))
        quarantined = self.tr("Records that did not verify and are set aside: %1. Tell your data manager.")
        words = quarantined.replace("%1", str(view.quarantined)) if view.quarantined else ""
        self._quarantined.say(words, Tone.BAD)
        self._clock.say(view.clock(self.language) if view.clock is not None else "", Tone.WARN)

    def _tell_outcome(self) -> None:
        if self._error is not None:
            self._sentence.say(self._error.sentence(self.language), Tone.BAD)
        elif self._outcome is not None:
            quiet = Tone.QUIET if self._outcome.unreachable else Tone.BAD
            self._sentence.say(self._outcome.message(self.language), quiet if self._outcome.failed else Tone.GOOD)
        elif self._view is not None and self._view.message is not None:
            self._sentence.say(self._view.message(self.language))
        else:
            self._sentence.say("")

    def _make_laptops(self, laptops: tuple[LaptopRow, ...]) -> None:
        for line in self._laptop_lines:
            line.deleteLater()
        self._laptop_lines = [LaptopLine(row) for row in laptops]
        for line in self._laptop_lines:
            self._laptop_rows.addWidget(line)
            line.admitted.connect(self._admit)
            line.refuse(self.why_not("manage"))

    # -- what the user does --------------------------------------------------------------------------------

    def _admit(self, device: str) -> None:
        work = partial(self.port.admit_laptop, DeviceId(device))
        self.background.run(work, then=self._admitted, otherwise=self._refused)

    def _admitted(self, view: SyncView) -> None:
        self._error = None
        self.viewed.emit(view)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._tell_outcome()


class Tally(QFrame):
    """A count with an icon and what it counts."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        """Start with a dash."""
        super().__init__(parent)
        self.setObjectName(name)
        theme.set_role(self, "card")
        self._icon = icon
        self._glyph = Glyph(icon, Tone.QUIET, theme.ICON_LARGE)
        self._number = QLabel("–")
        theme.set_role(self._number, "title")
        self._label = sheet.label("note")
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        grid.setHorizontalSpacing(theme.MEDIUM)
        grid.addWidget(self._glyph, 0, 0)
        grid.addWidget(self._number, 0, 1)
        grid.addWidget(self._label, 1, 1)
        grid.setColumnStretch(1, 1)

    def set_label(self, words: str) -> None:
        """Say what is counted."""
        self._label.setText(words)
        self.setAccessibleName(f"{self._number.text()} {words}")

    def show_count(self, count: int, tone: Tone) -> None:
        """Show a count."""
        self._number.setText(str(count))
        self._glyph.show_icon(self._icon, tone)
        self.setAccessibleName(f"{count} {self._label.text()}")


class LaptopLine(QWidget):
    """A laptop of the site; one that is not admitted can be, in two steps on the spot.

    Signals:
        admitted: The user compared the fingerprint and admits the laptop (DeviceId).
    """

    admitted = Signal(str)

    def __init__(self, row: LaptopRow, parent: QWidget | None = None) -> None:
        """Show `row`."""
        super().__init__(parent)
        self._row = row
        self.setObjectName(f"sync_laptop_{row.letter}")
        self._name = QLabel()
        self._state = SignLabel()
        self._fingerprint = QLabel(row.fingerprint)
        theme.set_role(self._fingerprint, "code")
        self._admit = QPushButton()
        self._admit.setObjectName(f"sync_admit_{row.letter}")
        self._question = sheet.label()
        self._yes = QPushButton()
        self._yes.setObjectName(f"sync_admit_yes_{row.letter}")
        self._no = QPushButton()
        self._no.setObjectName(f"sync_admit_no_{row.letter}")
        theme.set_role(self._no, "quiet")
        upper = QHBoxLayout()
        upper.setSpacing(theme.LARGE)
        upper.addWidget(self._name, 2)
        upper.addWidget(self._fingerprint, 1)
        upper.addWidget(self._state, 1)
        upper.addWidget(self._admit)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        column.addLayout(upper)
        column.addWidget(self._question)
        column.addLayout(sheet.row(self._yes, self._no))
        self._admit.clicked.connect(lambda: self._ask(asking=True))
        self._no.clicked.connect(lambda: self._ask(asking=False))
        self._yes.clicked.connect(self._confirm)
        self._ask(asking=False)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        row = self._row
        name = self.tr("%1, laptop %2").replace("%1", row.name).replace("%2", row.letter)
        self._name.setText(name + ("  " + self.tr("(this one)") if row.is_this else ""))
        if row.withdrawn:
            sign = Sign(icon="strike", word=self.tr("withdrawn"), tone=Tone.BAD)
        elif row.admitted:
            sign = Sign(icon="check", word=self.tr("admitted"), tone=Tone.GOOD)
        else:
            sign = Sign(icon="sealed_away", word=self.tr("not admitted"), tone=Tone.WARN)
        self._state.show_sign(sign)
        self._fingerprint.setAccessibleName(self.tr("Fingerprint %1").replace("%1", row.fingerprint))
        self._admit.setText(self.tr("Admit…"))
        self._admit.setAccessibleName(self.tr("Admit laptop %1").replace("%1", row.letter))
        question = self.tr("Did the owner of %1 read you the fingerprint %2?")
        self._question.setText(question.replace("%1", row.name).replace("%2", row.fingerprint))
        self._yes.setText(self.tr("Yes, admit it"))
        self._no.setText(self.tr("No, not now"))

    def refuse(self, why_not: str) -> None:
        """Say why the person who is signed in admits no laptop; "" where they do."""
        sheet.offer(self._admit, why_not)

    def _ask(self, *, asking: bool) -> None:
        can = not self._row.admitted and not self._row.is_this and not self._row.withdrawn
        self._admit.setVisible(can and not asking)
        for widget in (self._question, self._yes, self._no):
            widget.setVisible(can and asking)
        if asking:
            self._no.setFocus()

    def _confirm(self) -> None:
        self._yes.setEnabled(False)
        self.admitted.emit(self._row.device)
