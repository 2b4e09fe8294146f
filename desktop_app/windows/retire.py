"""Retire this laptop: what that means, what is left only here, where the rescue copy goes, who does it.

An exchange comes first. Then a rescue copy where one is wanted, read back before anything is removed; then the
keys, then the files. What stands in the way is said, and the laptop stays as it is.
"""

from functools import partial

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from casebook.custody import WipeVerdict
from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.custody_snapshots import CustodyView, Retired
from desktop_app.models.custody_table import light_sign, reasons
from desktop_app.removable import is_own_disk
from desktop_app.theme import Tone
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.folder_dialog import ask_folder
from desktop_app.widgets.icon import Glyph, IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

WIDTH = 640


class RetirePage(Page):
    """Retires the laptop, in one step that takes a passphrase and the site's number.

    Signals:
        exchange_wanted: It is noted in the record; the server is to be asked once more. `go_on` follows.
        retired: The laptop is wiped (Retired), and the session with it.
        stayed: It was refused; the laptop and its session stay as they are.
        broke_off: The session is over and the laptop is not wiped, or not wholly (CasebookError).
    """

    exchange_wanted = Signal()
    retired = Signal(object)
    stayed = Signal()
    broke_off = Signal(object)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._verdict: WipeVerdict | None = None
        self._error: CasebookError | None = None
        self._busy = self._goes = False
        self._heading = sheet.label("title")
        self._intro = sheet.label()
        self._light = SignLabel()
        self._light.setObjectName("retire_light")
        self._reasons = sheet.label()
        self._reasons.setObjectName("retire_reasons")
        self._rescue_heading = sheet.label("lead")
        self._rescue_note = sheet.label("note")
        self._rescue = Field("retire_rescue", QLineEdit())
        self._rescue_place = Notice("retire_rescue_place")
        self._choose = IconButton("folder")
        self._choose.setObjectName("retire_choose")
        self._who_heading = sheet.label("lead")
        self._passphrase = PassphraseField("retire_passphrase")
        self._site = Field("retire_site", QLineEdit())
        self._go = PrimaryButton()
        self._go.setObjectName("retire_go")
        self._bar = BusyBar("retire_progress")
        self._bar.hide()
        self._outcome = Notice("retire_outcome")
        self._lay_out()
        self._choose.clicked.connect(self._ask_folder)
        self._rescue.edit.textChanged.connect(self._tell_place)
        self._go.clicked.connect(self._start)
        self._site.edit.returnPressed.connect(self._start)
        self.retranslate()

    def _lay_out(self) -> None:
        state, column = sheet.card("retire_state_card")
        for widget in (self._light, self._reasons):
            column.addWidget(widget)
        rescue, column = sheet.card("retire_rescue_card")
        for part in (self._rescue_heading, self._rescue_note, self._rescue, self._rescue_place):
            column.addWidget(part)
        column.addLayout(sheet.row(self._choose))
        who, column = sheet.card("retire_who_card")
        for asked in (self._who_heading, self._passphrase, self._site):
            column.addWidget(asked)
        inner, whole = sheet.card("retire_inner")
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        whole.setContentsMargins(0, 0, theme.SMALL, 0)
        whole.setSpacing(theme.LARGE)
        for piece in (self._intro, state, rescue, who):
            whole.addWidget(piece)
        whole.addStretch(1)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)
        outer.addWidget(self._bar)
        outer.addWidget(self._outcome)
        outer.addLayout(sheet.row(self._go))

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Retire this laptop")

    def refresh(self) -> None:
        """Ask what is only here."""
        self._tell_rights()
        self.background.run(self.port.custody.view, then=self._show_view, otherwise=self._refused)

    def _show_view(self, view: CustodyView) -> None:
        self._verdict = view.verdict
        self._retell()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._rescue.edit.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._intro.setText(
            self.tr(
                "Retiring removes the keys and all records from this laptop, for good. Do it when the laptop leaves "
                "the study or is given away. Casebook synchronises once more before it begins."
            )
        )
        self._rescue_heading.setText(self.tr("Rescue copy"))
        self._rescue_note.setText(
            self.tr(
                "Needed while something is only here; good to have in any case. It holds everything encrypted, as it "
                "lies on this laptop; your passphrase, the recovery sheet or the study's custodians open it. Put it on "
                "a USB drive or a network folder, not on this laptop."
            )
        )
        self._rescue.set_texts(self.tr("&Folder for the rescue copy"), self.tr("Leave it empty for no copy."))
        self._choose.setText(self.tr("&Choose a folder…"))
        self._who_heading.setText(self.tr("Confirm"))
        self._passphrase.set_texts(self.tr("Your &passphrase"))
        self._site.set_texts(
            self.tr("Number of this &site"), self.tr("Type the three digits: they say that you mean this laptop.")
        )
        self._go.setText(self.tr("&Retire this laptop for good"))
        self._bar.setAccessibleName(self.tr("Retiring under way"))
        self._tell_rights()
        self._tell_place()
        self._retell()

    def _tell_place(self) -> None:
        """Warn where the rescue copy would be lost with the laptop. It may be wanted there all the same."""
        place = self._rescue.text().strip()
        lost = self.tr(
            "This folder is on the laptop's own disk: the copy is lost with the laptop. Choose a USB drive or a "
            "network folder, or move the copy there before the laptop leaves."
        )
        self._rescue_place.say(lost if place and is_own_disk(place) else "", Tone.WARN)

    def _tell_rights(self) -> None:
        sheet.offer(self._go, self.tr("Under way.") if self._busy else self.why_not("administer"))

    def _retell(self) -> None:
        if self._verdict is not None:
            self._light.show_sign(light_sign(self._verdict))
            said = reasons(self._verdict)
            self._reasons.setText("\n".join(said))
            self._reasons.setVisible(bool(said))
        if self._error is not None:
            self._outcome.say(self._error.sentence(self.language), Tone.BAD)
        elif self._busy:
            self._outcome.say(self.tr("Synchronising once more, then copying and checking. Do not switch off."))
        else:
            self._outcome.say("")

    def _show_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self._bar.setVisible(busy)
        for field in (self._rescue, self._passphrase, self._site, self._choose):
            field.setEnabled(not busy)
        self._tell_rights()
        self._retell()

    # -- what the user does --------------------------------------------------------------------------------

    def _ask_folder(self) -> None:
        ask_folder(
            self, "retire_dialog", self.tr("Folder for the rescue copy"), self._rescue.text(), self._folder_chosen
        )

    def _folder_chosen(self, path: str) -> None:
        self._rescue.edit.setText(QDir.toNativeSeparators(path))
        self._passphrase.edit.setFocus()

    def _start(self) -> None:
        if self._busy or not self._go.isEnabled():
            return
        if not all_filled((self._passphrase, self._site), self.tr("This is needed.")):
            return
        self._error = None
        self._show_busy(busy=True)
        work = partial(
            self.port.custody.begin_retiring,
            self._passphrase.text(),
            self._site.text(),
            rescue=bool(self._rescue.text().strip()),
        )
        self._passphrase.edit.clear()
        self.background.run(work, then=self._begun, otherwise=self._refused)

    def _begun(self, _verdict: WipeVerdict) -> None:
        self.exchange_wanted.emit()

    def go_on(self) -> None:
        """Go on after the exchange, whatever it came to: what is only here now decides."""
        self._goes = True
        work = partial(self.port.custody.retire, self._rescue.text().strip() or None)
        self.background.run(work, then=self.retired.emit, otherwise=self._refused)

    def _refused(self, error: CasebookError) -> None:
        if self.port.custody.ended:
            self.broke_off.emit(error)
            return
        self._error = error
        if self._goes:
            self._goes = False
            self.stayed.emit()
        self._show_busy(busy=False)
        if self.isVisible():
            self.background.run(self.port.custody.view, then=self._show_view, otherwise=self._say)

    def _say(self, error: CasebookError) -> None:
        self.status.emit(error.sentence(self.language))


class RetiredDoor(QWidget):
    """Stands where the workplace stood: the laptop is wiped. It tells where the rescue copy lies.

    Signals:
        left: The user has read it.
    """

    left = Signal()

    def __init__(self, told: Retired | CasebookError, language: str, parent: QWidget | None = None) -> None:
        """Say what came of it."""
        super().__init__(parent)
        self.setObjectName("retired")
        frame, column = sheet.card("retired_card")
        heading = sheet.label("title")
        words = sheet.label()
        words.setObjectName("retired_words")
        self._done = PrimaryButton()
        self._done.setObjectName("retired_done")
        self._done.clicked.connect(self.left)
        whole = isinstance(told, Retired)
        column.addWidget(Glyph("check" if whole else "warning", Tone.GOOD if whole else Tone.WARN, theme.HUGE))
        for widget in (heading, words):
            column.addWidget(widget)
        if isinstance(told, Retired):
            heading.setText(self.tr("This laptop is retired"))
            words.setText(self._words(told, language))
            if told.copy:
                column.addWidget(_code(QDir.toNativeSeparators(told.copy)))
                column.addWidget(_code(" ".join(told.sha256[start : start + 8] for start in range(0, 64, 8))))
        else:
            heading.setText(self.tr("Retiring was not finished"))
            words.setText(told.sentence(language))
        self._done.setText(self.tr("&Close"))
        column.addLayout(sheet.row(self._done))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(sheet.centred(frame, WIDTH))

    def _words(self, told: Retired, language: str) -> str:
        said = [self.tr("Its keys and records are removed.")]
        if told.copy:
            said.append(
                self.tr(
                    "The rescue copy was read back and is whole. Give it to your data manager, who needs its place and "
                    "this checksum (SHA-256):"
                )
            )
        else:
            said.append(self.tr("The server has everything that was on it."))
        if told.left:
            said.insert(
                1,
                self.tr("Files in its folder that are not Casebook's were left: %1.").replace(
                    "%1", str(len(told.left))
                ),
            )
        return ("" if language == "zh" else " ").join(said)

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._done.setFocus()


def _code(text: str) -> QLabel:
    label = sheet.label("code")
    label.setText(text.replace("/", "/\u200b").replace("\\", "\\\u200b"))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
