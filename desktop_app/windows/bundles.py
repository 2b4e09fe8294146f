"""Bundles: records to a stick and from one, and straight to the laptop beside; for places without a network."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QDir, QLocale, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QWidget,
)

from casebook.errors import CasebookError
from casebook.ids import DeviceId
from desktop_app import removable, theme
from desktop_app.background import Background
from desktop_app.bundle_snapshots import AttachedSize, BundleOutcome, BundleRow, BundlesView
from desktop_app.models import times
from desktop_app.models.row_table import SIGN_ROLE
from desktop_app.models.words import Sign
from desktop_app.removable import Carrier
from desktop_app.sync_stop import StopSign
from desktop_app.theme import Tone
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.folder_dialog import ask_folder
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.table import Table
from desktop_app.windows import sheet
from desktop_app.windows.neighbour import NeighbourCard
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

WIDTH = 820
_LIST_LINES = 6
_ATTACHED_COLUMN = 5
_LARGE_BYTES = 20 * 1024 * 1024
"""From here on the page says what carrying attachments means: more than a mail takes, minutes on an old stick."""
_FILE_BYTES = 8 * 1024 * 1024
"""About so much of them goes into one file."""


class BundlesPage(Page):
    """Writes bundles and says that they are right, reads them, and lists what was written.

    Signals:
        viewed: Something came in; the newer picture of what is where (SyncView).
        withdrawn: The server said in an answer that this laptop is withdrawn; the newer picture (SyncView).
    """

    viewed = Signal(object)
    withdrawn = Signal(object)
    _moved = Signal(int)
    _opened = Signal(str, str)

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        language: str,
        parent: QWidget | None = None,
        *,
        carriers: Callable[[], Sequence[Carrier]] = removable.carriers,
    ) -> None:
        """Make the page; `refresh` fills it. `carriers` tells where files can be put."""
        super().__init__(background, port, language, parent)
        self._carriers = carriers
        self._view = BundlesView()
        self._sign: StopSign | None = None
        self._waits = False
        self._done_bytes = 0
        self._outcome: BundleOutcome | None = None
        self._phase: Callable[[], str] = str
        self._heading = sheet.label("title")
        self._intro = sheet.label()
        self._make_writing()
        self._read_heading = sheet.label("lead")
        self._read_note = sheet.label("note")
        self._read = IconButton("folder")
        self._read.setObjectName("bundles_read")
        self._neighbour = NeighbourCard()
        self._list_heading = sheet.label("lead")
        self._nothing = sheet.label("note")
        self._model = QStandardItemModel(0, 6, self)
        self._table = Table()
        self._table.setObjectName("bundles_table")
        self._table.setModel(self._model)
        self._said = Notice("bundles_outcome")
        self._bar = BusyBar("bundles_progress")
        self._running_words = QLabel()
        self._running_words.setObjectName("bundles_running")
        self._stop = QPushButton()
        self._stop.setObjectName("bundles_stop")
        self._lay_out()
        self._connect()
        self._show_running()
        self.retranslate()

    def _make_writing(self) -> None:
        self._write_heading = sheet.label("lead")
        self._write_note = sheet.label("note")
        self._to_label = QLabel()
        self._to = QComboBox()
        self._to.setObjectName("bundles_to")
        self._to_label.setBuddy(self._to)
        self._where_label = QLabel()
        self._where = QComboBox()
        self._where.setObjectName("bundles_where")
        self._where_label.setBuddy(self._where)
        self._choose = IconButton("folder")
        self._choose.setObjectName("bundles_choose")
        self._whole = QCheckBox()
        self._whole.setObjectName("bundles_whole")
        self._attached = QCheckBox()
        self._attached.setObjectName("bundles_attachments")
        self._attached.setChecked(True)
        self._attached_note = sheet.label("note")
        self._attached_note.setObjectName("bundles_attachments_note")
        self._write = PrimaryButton()
        self._write.setObjectName("bundles_write")
        for box in (self._to, self._where):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(24)

    def _lay_out(self) -> None:
        writing, column = sheet.card("bundles_write_card")
        column.addWidget(self._write_heading)
        column.addWidget(self._write_note)
        column.addLayout(sheet.row(self._to_label, self._to, stretch_last=True))
        where = sheet.row(self._where_label, self._where, self._choose, stretch_last=True)
        where.setStretch(1, 1)
        where.setStretch(2, 0)
        column.addLayout(where)
        for widget in (self._attached, self._attached_note, self._whole):
            column.addWidget(widget)
        column.addLayout(sheet.row(self._write))
        reading, column = sheet.card("bundles_read_card")
        column.addWidget(self._read_heading)
        column.addWidget(self._read_note)
        column.addLayout(sheet.row(self._read))
        inner, whole = sheet.card("bundles_inner")
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        whole.setContentsMargins(0, 0, theme.SMALL, 0)
        whole.setSpacing(theme.LARGE)
        for part in (self._intro, writing, reading, self._neighbour, self._list_heading, self._nothing, self._table):
            whole.addWidget(part)
        whole.addStretch(1)
        head = self._table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)
        outer.addWidget(self._said)  # below what scrolls: what came of it is always seen
        outer.addWidget(self._bar)
        outer.addLayout(sheet.row(self._stop, self._running_words, stretch_last=True))

    def _connect(self) -> None:
        self._choose.clicked.connect(self._ask_folder)
        self._write.clicked.connect(self._begin_writing)
        self._read.clicked.connect(self.begin_read)
        self._neighbour.wait_wanted.connect(self._begin_waiting)
        self._neighbour.call_wanted.connect(self._begin_calling)
        self._stop.clicked.connect(self._stop_it)
        self._to.currentIndexChanged.connect(self._look_at_recipient)
        self._attached.toggled.connect(self._look_at_attachments)
        self._moved.connect(self._count_bytes)
        self._opened.connect(self._show_open)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Sticks and laptops side by side")

    def refresh(self) -> None:
        """Ask what was carried, and look which sticks are there."""
        self._fill_places()
        self.background.run(self.port.bundling.view, then=self._show, otherwise=self._refused)

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._to.setFocus()

    def leave(self, then: Callable[[], None]) -> None:
        """Stop waiting for another laptop, whose figures are not seen any more, and go."""
        self._stop_waiting()
        then()

    def put_down(self, *, by_itself: bool) -> None:
        """Stop what is under way: the laptop is being locked. What was taken in stays; no part of a file does."""
        del by_itself
        self._stop_it()

    def _show(self, view: BundlesView) -> None:
        self._view = view
        chosen = self._to.currentData()
        self._to.clear()
        self._to.addItem(self.tr("the study's server"), "")
        for one in view.laptops:
            self._to.addItem(self._laptop_words(one.letter, one.name), one.device)
        self._to.setCurrentIndex(max(0, self._to.findData(chosen)))
        self._fill_table(view.rows)
        self._look_at_recipient()

    def _laptop_words(self, letter: str, name: str) -> str:
        return self.tr("laptop %1 (%2)").replace("%1", letter).replace("%2", name)

    def _fill_places(self) -> None:
        chosen = self._where.currentData()
        self._where.clear()
        for place in self._carriers():
            self._where.addItem(self._place_words(place), place.path)
        if isinstance(chosen, str):
            self._choose_place(chosen)

    def _place_words(self, place: Carrier) -> str:
        free = self._size(place.free_bytes)
        if not place.removable:
            return self.tr("Documents on this laptop: %1").replace("%1", place.path)
        words = self.tr("Stick %1 (%2), %3 free").replace("%1", place.name).replace("%2", place.path)
        return words.replace("%3", free)

    def _size(self, count: int) -> str:
        """Return bytes as people say them."""
        return QLocale(self.language).formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)

    def _choose_place(self, path: str) -> None:
        place = self._where.findData(path)
        if place < 0:
            self._where.addItem(QDir.toNativeSeparators(path), path)
            place = self._where.count() - 1
        self._where.setCurrentIndex(place)

    def _fill_table(self, rows: Sequence[BundleRow]) -> None:
        self._model.setRowCount(0)
        for row in rows:
            to = self.tr("server") if not row.laptop else self.tr("laptop %1").replace("%1", row.laptop)
            cells = [QStandardItem(text) for text in (str(row.number), times.minute(row.made_at), to, str(row.count))]
            if row.laptop:
                sign = Sign(icon="laptop", word=self.tr("carried"), tone=Tone.QUIET)
            elif row.replied:
                sign = Sign(icon="received", word=self.tr("answered"), tone=Tone.GOOD)
            else:
                sign = Sign(icon="bundle", word=self.tr("not answered yet"), tone=Tone.WARN)
            state = QStandardItem(sign.word)
            state.setData(sign, SIGN_ROLE)
            self._model.appendRow([*cells, state, QStandardItem(self._attached_words(row))])
        self._table.setColumnHidden(_ATTACHED_COLUMN, not any(row.attached or row.left_out for row in rows))
        self._table.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        lines = min(len(rows), _LIST_LINES) + 1
        self._table.setFixedHeight(lines * theme.TARGET + theme.TIGHT)

    def _attached_words(self, row: BundleRow) -> str:
        words = str(row.attached) if row.attached else ""
        if row.left_out:
            words = self.tr("%1 left out").replace("%1", str(row.left_out))
        return words

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._intro.setText(
            self.tr(
                "Where there is no network, records travel as files: on a stick, by mail, on a shared folder. A file "
                "can be opened by nobody but the one it is for, and may be lost, repeated or late without harm."
            )
        )
        self._write_heading.setText(self.tr("To a stick"))
        self._to_label.setText(self.tr("&For"))
        self._where_label.setText(self.tr("&Place"))
        self._choose.setText(self.tr("&Another folder…"))
        self._whole.setText(self.tr("&Everything on this laptop, also what the server had (it was set up anew)"))
        self._write.setText(self.tr("&Write the bundle"))
        self._read_heading.setText(self.tr("From a stick"))
        self._read_note.setText(
            self.tr(
                "The server's answers, and what other laptops of this site wrote for this one. "
                "Choose all files of a bundle together."
            )
        )
        self._read.setText(self.tr("&Read files…"))
        self._list_heading.setText(self.tr("Bundles written here"))
        self._nothing.setText(self.tr("None yet."))
        self._stop.setText(self.tr("S&top"))
        self._bar.setAccessibleName(self.tr("Writing or reading"))
        self._table.setAccessibleName(self._list_heading.text())
        names = (self.tr("Number"), self.tr("Written"), self.tr("For"), self.tr("Records"), self.tr("State"))
        self._model.setHorizontalHeaderLabels((*names, self.tr("Attachments")))
        for label, box in ((self._to_label, self._to), (self._where_label, self._where)):
            box.setAccessibleName(label.text().replace("&", ""))
        self._neighbour.retranslate()
        self._show(self._view)
        self._fill_places()
        self._show_running()
        self._tell()

    def _look_at_recipient(self) -> None:
        """Say what a bundle for the chosen recipient will hold."""
        to_server = not self._to.currentData()
        self._whole.setVisible(to_server)
        if not to_server:
            words = self.tr("What that laptop is not known to have, sealed to it.")
        elif not self._view.server_known:
            words = self.tr("This laptop does not know yet how to seal a bundle for the server: synchronise once.")
        else:
            words = self.tr(
                "Sealed to the server: everything that it has not confirmed. Records of this laptop that wait: %1."
            ).replace("%1", str(self._view.here_only))
        self._write_note.setText(words)
        self._look_at_attachments()

    def _look_at_attachments(self) -> None:
        """Say what carrying the attachments means, or leaving them here; nothing where there are none."""
        going = self._view.attachments.get(str(self._to.currentData() or ""), AttachedSize())
        size = self._size(going.size_bytes)
        self._attached.setVisible(going.count > 0)
        self._attached.setText(
            self.tr("With attach&ments: %1, about %2").replace("%1", str(going.count)).replace("%2", size)
        )
        if not self._attached.isChecked():
            words = self.tr(
                "They stay on this laptop, which is not safe to wipe until a later bundle or synchronisation took them."
            )
        elif going.size_bytes > _LARGE_BYTES:
            words = self.tr(
                "That makes about %1 files, records first, each small enough for a mail. It can take some minutes: "
                "without attachments the records alone go at once."
            ).replace("%1", str(1 + going.size_bytes // _FILE_BYTES))
        else:
            words = ""
        self._attached_note.setText(words)
        self._attached_note.setVisible(bool(words) and going.count > 0)

    def _show_running(self) -> None:
        running = self._sign is not None
        for control in (self._write, self._read, self._choose, self._to, self._where, self._whole, self._attached):
            control.setEnabled(not running)
        self._neighbour.show_running(running=running)
        for shown in (self._bar, self._stop, self._running_words):
            shown.setVisible(running)
        words = self._phase()
        if self._done_bytes:
            words += "  " + self._size(self._done_bytes)
        self._running_words.setText(words)

    def _tell(self) -> None:
        if self._outcome is None:
            self._said.say("")
            return
        tone = Tone.GOOD if self._outcome.error is None else Tone.BAD
        self._said.say(self._outcome.message(self.language), tone)

    # -- what the user does --------------------------------------------------------------------------------

    def begin_write(self) -> None:
        """Bring the user to writing a bundle."""
        self._to.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin_read(self) -> None:
        """Let the user choose files to read."""
        dialog = QFileDialog(self, self.tr("Bundles to read"), str(self._where.itemData(0) or ""))
        dialog.setObjectName("bundles_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Bundles (*.crfb)"))
        dialog.filesSelected.connect(self._begin_reading)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_folder(self) -> None:
        ask_folder(
            self,
            "bundles_folder_dialog",
            self.tr("Folder for the bundle"),
            str(self._where.currentData() or ""),
            self._choose_place,
        )

    def _begin_writing(self) -> None:
        folder, device = str(self._where.currentData() or ""), str(self._to.currentData() or "")
        to = DeviceId(device) if device else None
        whole = self._whole.isChecked() and to is None
        attachments = self._attached.isChecked()
        write = partial(self.port.bundling.write, folder, to, self._moved.emit, whole=whole, attachments=attachments)
        self._phase = lambda: self.tr("Writing and checking. Leave the stick in.")
        self._seal_and(write)

    def _begin_reading(self, paths: list[str]) -> None:
        self._phase = lambda: self.tr("Reading. Leave the stick in.")
        self._run(partial(self.port.bundling.read, tuple(paths), self._moved.emit))

    def _begin_waiting(self) -> None:
        self._phase = lambda: self.tr("Waiting for the other laptop.")
        self._waits = True
        self._seal_and(partial(self.port.bundling.wait, self._opened.emit, self._moved.emit))

    def _begin_calling(self, address: str, figures: str) -> None:
        self._phase = lambda: self.tr("Exchanging with the other laptop.")
        self._seal_and(partial(self.port.bundling.call, address, figures, self._moved.emit))

    def _seal_and(self, work: Callable[[StopSign], BundleOutcome]) -> None:
        """Seal what is open, so that it goes with it, then do the work."""
        self._start()
        self.background.run(self.port.seal_open, then=lambda _done: self._do(work), otherwise=self._failed)

    def _run(self, work: Callable[[StopSign], BundleOutcome]) -> None:
        self._start()
        self._do(work)

    def _start(self) -> None:
        self._sign, self._outcome, self._done_bytes = StopSign(), None, 0
        self._show_running()
        self._tell()
        self._stop.setFocus()

    def _do(self, work: Callable[[StopSign], BundleOutcome]) -> None:
        if self._sign is not None:
            self.background.run_sync(partial(work, self._sign), then=self._finished, otherwise=self._failed)

    def _stop_it(self) -> None:
        if self._sign is not None:
            self._sign.cut()

    def _stop_waiting(self) -> None:
        if self._waits:
            self._stop_it()

    def _count_bytes(self, count: int) -> None:
        self._done_bytes += count
        self._show_running()

    def _show_open(self, address: str, figures: str) -> None:
        self._neighbour.show_open(address, figures)
        self._phase = partial(self._waiting_words, address, f"{figures[:3]} {figures[3:]}")
        self._show_running()  # below what scrolls, since the card may be out of sight

    def _waiting_words(self, address: str, figures: str) -> str:
        words = self.tr("Waiting for the other laptop. Type there: %1 and %2.")
        return words.replace("%1", address).replace("%2", figures)

    def _finished(self, outcome: BundleOutcome) -> None:
        self._outcome = outcome
        self._end()
        if outcome.brought:
            work = partial(
                self.port.take_in, outcome.message, older_copy=outcome.older_copy, withdrawn=outcome.withdrawn
            )
            then = self.withdrawn.emit if outcome.withdrawn else self.viewed.emit
            self.background.run(work, then=then, otherwise=self._refused)
        else:
            self.background.run(self.port.after_bundle, then=self.viewed.emit, otherwise=self._refused)
        self.refresh()

    def _failed(self, error: CasebookError) -> None:
        self._end()
        self._refused(error)

    def _end(self) -> None:
        had_focus = self._stop.hasFocus()
        self._sign, self._waits, self._done_bytes = None, False, 0
        self._neighbour.show_closed()
        self._show_running()
        self._tell()
        if had_focus:
            self._to.setFocus()

    def _refused(self, error: CasebookError) -> None:
        self._said.say(error.sentence(self.language), Tone.BAD)
