"""Enrol: the first run of a laptop.

Three steps in one sheet: what the data manager gave you; the recovery code, shown once; the code
typed back, so that it is known to be on paper.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.staff_snapshots import SheetOffer
from desktop_app.theme import Tone
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.door_tools import DoorTools
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from desktop_app.widgets.recovery_code import RecoveryCode
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.port import LaptopPort

WIDTH = 608


class EnrolPage(QWidget):
    """The first window of a fresh laptop.

    Signals:
        enrolled: The laptop belongs to the study and the recovery code is on paper.
    """

    enrolled = Signal()

    def __init__(
        self, background: Background, laptop: LaptopPort, language: str, parent: QWidget | None = None
    ) -> None:
        """Make the page with its first step in front."""
        super().__init__(parent)
        self._background = background
        self._laptop = laptop
        self._language = language
        self._error: CasebookError | None = None
        self._steps = QStackedWidget()
        self._steps.addWidget(sheet.centred(self._make_details(), WIDTH))
        self._steps.addWidget(sheet.centred(self._make_recovery(), WIDTH))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._steps)
        self._connect()
        self._show_busy(busy=False)
        self.retranslate()

    def _make_details(self) -> QWidget:
        self._heading = sheet.label("title")
        self.tools = DoorTools("enrol", self._heading)
        self._lead = sheet.label()
        self._problem = Notice("enrol_problem")
        self._server = Field("enrol_server")
        self._site_code = Field("enrol_code")
        self._personal = Field("enrol_personal_code")
        self._name = Field("enrol_laptop_name")
        self._first = NewPassphraseField("enrol_passphrase", lambda: (self._name.text(), "Casebook"))
        self._second = PassphraseField("enrol_passphrase_again")
        self._enrol = PrimaryButton()
        self._enrol.setObjectName("enrol_button")
        self._bar = BusyBar("enrol_progress")
        self._wait = sheet.label("note")
        frame, column = sheet.card("enrol_card")
        column.addWidget(self.tools)
        column.addWidget(self._lead)
        fields = self._fields()
        for left, right in zip(fields[::2], fields[1::2], strict=True):
            pair = QHBoxLayout()
            pair.setSpacing(theme.LARGE)
            pair.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
            pair.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
            column.addLayout(pair)
        for widget in (self._problem, self._enrol, self._bar, self._wait):
            column.addWidget(widget)
        return frame

    def _make_recovery(self) -> QWidget:
        self._recovery = RecoveryCode("enrol_recovery")
        frame, column = sheet.card("enrol_recovery_card")
        column.addWidget(self._recovery)
        return frame

    def _fields(self) -> tuple[Field, ...]:
        return self._server, self._name, self._site_code, self._personal, self._first, self._second

    def _connect(self) -> None:
        self._enrol.clicked.connect(self._try)
        self._second.edit.returnPressed.connect(self._try)
        self._recovery.typed_back.connect(self._test_code)
        self._recovery.written_down.connect(self._finish)
        self._recovery.save_wanted.connect(self._save_sheet)

    # -- what is shown ------------------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        (self._server if self._steps.currentIndex() == 0 else self._recovery).setFocus()

    def say(self, sentence: str) -> None:
        """Tell something of the laptop above the button; "" takes it back."""
        self._problem.say(sentence, Tone.WARN)

    def set_language(self, language: str) -> None:
        """Change the language of the standing page."""
        self._language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Enrol this laptop"))
        self._lead.setText(
            self.tr("Your data manager gave you an address and two one-time codes. The network is needed now, once.")
        )
        self._server.set_texts(self.tr("&Server address"), self.tr("For example https://edc.example.org:8443"))
        self._site_code.set_texts(
            self.tr("&Laptop code"), self.tr("It also names the server's certificate, so no other server can answer.")
        )
        self._personal.set_texts(self.tr("&Personal code"), self.tr("It stands for you and your role."))
        self._name.set_texts(self.tr("Laptop's &name"), self.tr("As your colleagues know it, such as Ward 2."))
        self._first.set_texts(
            self.tr("New &passphrase"), self.tr("Four or five unrelated words are strong and easy to type.")
        )
        self._second.set_texts(self.tr("Passphrase &again"))
        self._enrol.setText(self.tr("Enrol"))
        self._wait.setText(
            self.tr(
                "Talking to the server, measuring how slow this laptop can make guessing a passphrase, making its keys "
                "and sealing a copy for the study's custodians. This takes some seconds."
            )
        )
        self._bar.setAccessibleName(self._wait.text())
        self.tools.retranslate(self._language)
        self._recovery.retranslate()
        if self._error is not None:
            self._problem.say(self._error.sentence(self._language), Tone.BAD)

    def _show_busy(self, *, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._wait.setVisible(busy)
        self.tools.allow_practice(on=not busy)
        self._enrol.setEnabled(not busy)
        for field in self._fields():
            field.setEnabled(not busy)

    # -- what the user does --------------------------------------------------------------------------------

    def _try(self) -> None:
        if not self._enrol.isEnabled():
            return
        if not all_filled(self._fields(), self.tr("This is needed.")):
            return
        differ = self.tr("The two passphrases differ. Type the second one again.")
        if not self._first.is_good_with(self._second, differ):
            return
        self._error = None
        self._problem.say("")
        self._show_busy(busy=True)
        enrol = partial(
            self._laptop.enrol,
            self._site_code.text().strip(),
            self._server.text().strip(),
            self._personal.text().strip(),
            self._name.text().strip(),
            self._first.text(),
        )

        def work() -> SheetOffer:
            code = enrol()
            return SheetOffer(code=code, pdf=self._laptop.recovery_paper(code))

        self._background.run(work, then=self._show_code, otherwise=self._refused)

    def _show_code(self, offer: SheetOffer) -> None:
        self._show_busy(busy=False)
        self._recovery.show_code(offer.code, offer.pdf, self.tr("Recovery sheet") + ".pdf")
        for field in (self._first, self._second, self._site_code, self._personal):
            field.edit.clear()
        self._steps.setCurrentIndex(1)
        self.take_focus()

    def _test_code(self, code: str) -> None:
        """Open the sheet with what was typed back: the laptop is enrolled once that was done."""
        work = partial(self._laptop.test_recovery, code)
        self._background.run(work, then=lambda _done: self._recovery.accept(), otherwise=self._not_opened)

    def _not_opened(self, error: CasebookError) -> None:
        self._recovery.refuse(error.sentence(self._language))

    def _save_sheet(self, path: str) -> None:
        data = self._recovery.paper.data
        if data is not None:
            self._background.run(lambda: write_file(path, data), then=self._saved, otherwise=self._not_opened)

    def _saved(self, path: str) -> None:
        self._recovery.tell(self.tr("Saved as %1. Print it and delete it.").replace("%1", path), Tone.WARN)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._show_busy(busy=False)
        self._problem.say(error.sentence(self._language), Tone.BAD)
        self._enrol.setFocus()

    def _finish(self) -> None:
        self._steps.setCurrentIndex(0)
        self.enrolled.emit()
