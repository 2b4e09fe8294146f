"""Recover: a new passphrase for somebody who forgot theirs.

Two steps in one sheet: the recovery code from paper, a fresh personal code and the new passphrase;
then the next recovery code, typed back as at enrolment, since the one that was used opens nothing any more.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from casebook.errors import (
    CasebookError,
    CodeMistypedError,
    CodeRefusedError,
    RecoveryCodeUnreadableError,
    WrongRecoveryCodeError,
)
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.phrases import clauses
from desktop_app.staff_snapshots import SheetOffer
from desktop_app.theme import Tone
from desktop_app.widgets.busy_bar import BusyBar
from desktop_app.widgets.door_tools import DoorTools
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from desktop_app.widgets.recovery_code import RecoveryCode
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.port import LaptopPort, LaptopStatePort

WIDTH = 608


class RecoverPage(QWidget):
    """The way in for a person of an enrolled laptop who forgot their passphrase.

    Signals:
        left: Back to the unlock page: given up, or the new passphrase stands and the new code is on paper.
    """

    left = Signal()

    def __init__(
        self, background: Background, laptop: LaptopPort, language: str, parent: QWidget | None = None
    ) -> None:
        """Make the page; `begin` empties it and puts its first step in front."""
        super().__init__(parent)
        self._background = background
        self._laptop = laptop
        self._language = language
        self._error: CasebookError | None = None
        self._steps = QStackedWidget()
        self._steps.addWidget(sheet.centred(self._make_details(), WIDTH))
        self._steps.addWidget(sheet.centred(self._make_new_code(), WIDTH))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._steps)
        self._connect()
        self._show_busy(busy=False)
        self.retranslate()

    def _make_details(self) -> QWidget:
        self._heading = sheet.label("title")
        self.tools = DoorTools("recover", self._heading)
        self._lead = sheet.label()
        self._ways = sheet.label()
        self._ways.setObjectName("recover_ways")
        self._who = QComboBox()
        self._who.setObjectName("recover_who")
        self._who.addItem("", None)
        self._who_label = QLabel()
        self._who_label.setBuddy(self._who)
        self._code = Field("recover_code")
        self._personal = Field("recover_personal_code")
        self._first = NewPassphraseField("recover_passphrase", lambda: ("Casebook",))
        self._second = PassphraseField("recover_passphrase_again")
        self._problem = Notice("recover_problem")
        self._recover = PrimaryButton()
        self._recover.setObjectName("recover_button")
        self._bar = BusyBar("recover_progress")
        self._wait = sheet.label("note")
        self._back = IconButton("back")
        self._back.setObjectName("recover_back")
        theme.set_role(self._back, "quiet")
        frame, column = sheet.card("recover_card")
        above: tuple[QWidget, ...] = (self.tools, self._ways, self._lead, self._who_label, self._who)
        for widget in above:
            column.addWidget(widget)
        for left, right in ((self._code, self._personal), (self._first, self._second)):
            pair = QHBoxLayout()
            pair.setSpacing(theme.LARGE)
            pair.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
            pair.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
            column.addLayout(pair)
        below: tuple[QWidget, ...] = (self._problem, self._recover, self._bar, self._wait)
        for widget in below:
            column.addWidget(widget)
        column.addLayout(sheet.row(self._back))
        return frame

    def _make_new_code(self) -> QWidget:
        self._success = Notice("recover_success")
        self._new_code = RecoveryCode("recover_new")
        frame, column = sheet.card("recover_new_card")
        column.addWidget(self._success)
        column.addWidget(self._new_code)
        return frame

    def _fields(self) -> tuple[Field, ...]:
        return self._code, self._personal, self._first, self._second

    def _connect(self) -> None:
        self._recover.clicked.connect(self._try)
        for field in self._fields():
            field.edit.returnPressed.connect(self._try)
            field.edit.textEdited.connect(self._forget_error)
        self._back.clicked.connect(self._leave)
        self._new_code.typed_back.connect(self._test_code)
        self._new_code.written_down.connect(self._leave)
        self._new_code.save_wanted.connect(self._save_sheet)

    # -- what is shown ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start with empty fields."""
        self._clear()
        self._steps.setCurrentIndex(0)
        self._code.setFocus()
        self._background.run(self._laptop.state, then=self._show_people, otherwise=self._refused)

    def _show_people(self, state: LaptopStatePort) -> None:
        while self._who.count() > 1:
            self._who.removeItem(1)
        for person in state.people:
            self._who.addItem(clauses(self._language, (person.name, person.role_label(self._language))), person.user)

    def set_language(self, language: str) -> None:
        """Change the language of the standing page."""
        self._language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Forgotten your passphrase?"))
        self._ways.setText(
            self.tr(
                "There are three ways back in, and nothing recorded is lost by any of them:\n"
                "1. A colleague who signs in here lets you in again: Settings, People, “Let in again”. The simplest "
                "way, and the only one for a blinded assessor.\n"
                "2. The recovery sheet of this laptop, below.\n"
                "3. The study's custodians, through your data manager: they make a code that is typed below like that "
                "of a sheet."
            )
        )
        self._lead.setText(
            self.tr(
                "For the sheet, ask your data manager for a new personal code too; the network is needed. The use is "
                "written into the audit trail, the keys of this laptop are renewed, and a new sheet is made."
            )
        )
        self._who_label.setText(self.tr("&Who are you?"))
        self._who.setItemText(0, self.tr("not in this list"))
        self._who.setAccessibleName(self.tr("Who are you?"))
        self._code.set_texts(self.tr("&Recovery code"), self.tr("Spaces and hyphens do not matter."))
        self._personal.set_texts(self.tr("&Personal code"), self.tr("It stands for you and your role. It works once."))
        self._first.set_texts(self.tr("&New passphrase"), self.tr("Four or five unrelated words are strong."))
        self._second.set_texts(self.tr("New passphrase &again"))
        self._recover.setText(self.tr("Set the new passphrase"))
        self._wait.setText(self.tr("Talking to the server and making your new keys. This takes some seconds."))
        self._bar.setAccessibleName(self._wait.text())
        self._back.setText(self.tr("&Back"))
        self.tools.retranslate(self._language)
        self._success.say(
            self.tr("Your new passphrase is set. The old recovery sheet opens nothing any more: destroy it."), Tone.GOOD
        )
        self._new_code.retranslate()
        self._say_error()

    def _say_error(self) -> None:
        """Say what went wrong, beside the field that it is about."""
        sentence = self._error.sentence(self._language) if self._error is not None else ""
        match self._error:
            case RecoveryCodeUnreadableError() | WrongRecoveryCodeError():
                self._code.show_error(sentence)
            case CodeMistypedError() | CodeRefusedError():
                self._personal.show_error(sentence)
            case _:
                self._problem.say(sentence, Tone.BAD)

    def _show_busy(self, *, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._wait.setVisible(busy)
        self.tools.allow_practice(on=not busy)
        for widget in (*self._fields(), self._who, self._recover, self._back):
            widget.setEnabled(not busy)

    def _forget_error(self) -> None:
        self._error = None
        self._problem.say("")

    def _clear(self) -> None:
        self._forget_error()
        for field in self._fields():
            field.edit.clear()
            field.show_error("")

    # -- what the user does --------------------------------------------------------------------------------

    def _try(self) -> None:
        if not self._recover.isEnabled():
            return
        self._forget_error()
        for field in self._fields():
            field.show_error("")
        if not all_filled(self._fields(), self.tr("This is needed.")):
            return
        differ = self.tr("The two passphrases differ. Type the second one again.")
        if not self._first.is_good_with(self._second, differ):
            return
        self._show_busy(busy=True)
        who = self._who.currentData()
        recover = partial(
            self._laptop.recover,
            self._code.text().strip(),
            self._personal.text().strip(),
            self._first.text(),
            UserId(str(who)) if who else None,
        )

        def work() -> SheetOffer:
            code = recover()
            return SheetOffer(code=code, pdf=self._laptop.recovery_paper(code))

        self._background.run(work, then=self._recovered, otherwise=self._refused)

    def _recovered(self, offer: SheetOffer) -> None:
        self._show_busy(busy=False)
        self._clear()
        self._new_code.show_code(offer.code, offer.pdf, self.tr("Recovery sheet") + ".pdf")
        self._steps.setCurrentIndex(1)
        self._new_code.setFocus()

    def _test_code(self, code: str) -> None:
        """Open the new sheet with what was typed back; only then it counts."""
        work = partial(self._laptop.test_recovery, code)
        self._background.run(work, then=lambda _done: self._new_code.accept(), otherwise=self._not_opened)

    def _not_opened(self, error: CasebookError) -> None:
        self._new_code.refuse(error.sentence(self._language))

    def _save_sheet(self, path: str) -> None:
        data = self._new_code.paper.data
        if data is not None:
            self._background.run(lambda: write_file(path, data), then=self._saved, otherwise=self._not_opened)

    def _saved(self, path: str) -> None:
        self._new_code.tell(self.tr("Saved as %1. Print it and delete it.").replace("%1", path), Tone.WARN)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._show_busy(busy=False)
        self._recover.setFocus()
        self._say_error()

    def _leave(self) -> None:
        self._clear()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back on Esc, unless the server is being asked or a new code waits to be written down."""
        if event.key() == Qt.Key.Key_Escape and self._steps.currentIndex() == 0 and self._back.isEnabled():
            self._leave()
            return
        super().keyPressEvent(event)
