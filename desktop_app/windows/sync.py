"""Sync: how exchanges stand, what is where, and which laptops of the site may read identity data."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from casebook.errors import CasebookError, UntrustedError
from casebook.ids import DeviceId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.sync_snapshots import LaptopRow, SyncView
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.sync_front import SyncFront
from desktop_app.windows.sync_parts import LaptopLine, Picture
from desktop_app.windows.sync_port import SyncStanding

WIDTH = 960


class SyncPage(Page):
    """How exchanges stand, and what is where.

    Signals:
        sync_wanted: The user asks for an exchange now.
        stop_wanted: The user ends the exchange under way.
        pause_wanted: Exchanges of their own accord are to wait (PauseKind), or to go on (None).
        viewed: A newer picture of what is where (SyncView).
        custody_wanted: The user wants to see where every record is.
        bundles_wanted: Records are to travel as files: read from a stick (True), or written to one (False).
    """

    sync_wanted = Signal()
    custody_wanted = Signal()
    bundles_wanted = Signal(bool)
    stop_wanted = Signal()
    pause_wanted = Signal(object)
    viewed = Signal(object)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_sync` and `show_exchanges` fill it."""
        super().__init__(background, port, language, parent)
        self._view: SyncView | None = None
        self._standing = SyncStanding()
        self._refusal: CasebookError | None = None
        self._heading = sheet.label("title")
        self._front = SyncFront(language, training=port.training)
        self._picture = Picture()
        self._refused_words = Notice("sync_refused")
        self._restored = Notice("sync_restored")
        self._quarantined = Notice("sync_quarantined")
        self._clock = Notice("sync_clock")
        self._notices = QVBoxLayout()
        self._told: list[Notice] = []
        self._aside = sheet.label()
        self._aside.setObjectName("sync_aside")
        self._lost = IconButton("question")
        self._lost.setObjectName("sync_lost")
        theme.set_role(self._lost, "quiet")
        self._custody = IconButton("received")
        self._custody.setObjectName("sync_custody")
        self._to_stick, self._from_stick = IconButton("bundle"), IconButton("folder")
        self._to_stick.setObjectName("sync_to_stick")
        self._from_stick.setObjectName("sync_from_stick")
        self._laptops_heading = sheet.label("lead")
        self._laptops_note = sheet.label("note")
        self._laptops = QFrame()
        theme.set_role(self._laptops, "card")
        self._laptop_rows = QVBoxLayout(self._laptops)
        self._laptop_lines: list[LaptopLine] = []
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        inner = QWidget()
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.SMALL, 0)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(self._front)
        for notice in (self._refused_words, self._restored, self._quarantined, self._clock):
            column.addWidget(notice)
        self._notices.setSpacing(theme.MEDIUM)
        column.addLayout(self._notices)
        column.addWidget(self._picture)
        column.addWidget(self._aside)
        ways = WrappingRow(theme.SMALL)
        for way in (self._custody, self._to_stick, self._from_stick, self._lost):
            ways.add(way)
        column.addWidget(ways)
        column.addWidget(self._laptops_heading)
        column.addWidget(self._laptops_note)
        column.addWidget(self._laptops)
        column.addStretch(1)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)

    def _connect(self) -> None:
        self._front.sync_wanted.connect(self.sync_wanted)
        self._custody.clicked.connect(self.custody_wanted)
        self._to_stick.clicked.connect(lambda: self.bundles_wanted.emit(False))
        self._from_stick.clicked.connect(lambda: self.bundles_wanted.emit(True))
        self._front.stop_wanted.connect(self.stop_wanted)
        self._front.pause_wanted.connect(self.pause_wanted)
        self._lost.clicked.connect(self.help_wanted)

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
        self._front.show_view(view)
        if laptops_changed:
            self._make_laptops(view.laptops)
        self.retranslate()

    def show_exchanges(self, standing: SyncStanding) -> None:
        """Show how exchanges stand."""
        if standing.running and not self._standing.running:
            self._refusal = None
        self._standing = standing
        self._front.show_standing(standing)
        self._picture.show_view(self._view, standing)
        self._tell_outcome()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._front.take_focus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._custody.setText(self.tr("&Where everything is, form by form…"))
        self._to_stick.setText(self.tr("&To a stick…"))
        self._from_stick.setText(self.tr("&From a stick…"))
        self._laptops_heading.setText(self.tr("Laptops of this site"))
        self._laptops_note.setText(
            self.tr(
                "Names, contact details and signatures can be read only on admitted laptops. Admit a laptop after its "
                "owner has read its fingerprint to you, in person or by telephone."
            )
        )
        self._front.retranslate(self.language)
        self._picture.show_view(self._view, self._standing)
        self._lost.setText(self.tr("A laptop is &lost…"))
        self._lost.setAccessibleName(self.tr("Help, and what to do when a laptop is lost"))
        self._lost.setToolTip("F1")
        for line in self._laptop_lines:
            line.retranslate()
            line.refuse(self.why_not("manage"))
        self._tell_outcome()
        if self._view is not None:
            self._retranslate_view(self._view)

    def _retranslate_view(self, view: SyncView) -> None:
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
        if view.newer:
            aside.append(
                self.tr(
                    "Records that only a newer version of Casebook can show: %1. They are kept and passed on. Update "
                    "Casebook on this laptop."
                ).replace("%1", str(view.newer))
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
        """Say what is to be told beside the state: each thing once."""
        outcome = self._standing.outcome if not self._standing.running else None
        self._refused_words.say(self._refusal.sentence(self.language) if self._refusal is not None else "", Tone.BAD)
        self._restored.say(
            self.tr(
                "The server was restored from a backup. Your laptop is sending again what it lacks; nothing is lost, "
                "and there is nothing for you to do."
            )
            if self._standing.restored
            else "",
            Tone.QUIET,
        )
        told = [
            (notice.sentence(self.language), Tone.BAD if isinstance(notice, UntrustedError) else Tone.WARN)
            for notice in self._standing.notices
        ]
        if outcome is not None and outcome.waiting:
            words = self.tr(
                "Records whose author the study has not confirmed yet: %1. They are kept and offered again; "
                "ask the data manager to confirm the person."
            )
            told.append((words.replace("%1", str(outcome.waiting)), Tone.WARN))
        self._show_notices(list(dict.fromkeys(told)))

    def _show_notices(self, told: list[tuple[str, Tone]]) -> None:
        while len(self._told) < len(told):
            notice = Notice(f"sync_notice_{len(self._told)}")
            self._told.append(notice)
            self._notices.addWidget(notice)
        for place, notice in enumerate(self._told):
            words, tone = told[place] if place < len(told) else ("", Tone.QUIET)
            notice.say(words, tone)

    def _make_laptops(self, laptops: tuple[LaptopRow, ...]) -> None:
        for line in self._laptop_lines:
            line.hide()
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
        self._refusal = None
        self.viewed.emit(view)

    def _refused(self, error: CasebookError) -> None:
        self._refusal = error
        self._tell_outcome()
