"""Recover: a new passphrase for somebody who forgot theirs.

Two steps in one sheet: the recovery code from paper, a fresh personal code and the new passphrase;
then the next recovery code, typed back as at enrolment, since the one that was used opens nothing any more.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from casebook.errors import (
    CasebookError,
    CodeMistypedError,
    CodeRefusedError,
    RecoveryCodeUnreadableError,
    WrongRecoveryCodeError,
)
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.i18n import LANGUAGES, other
from desktop_app.theme import Tone
from desktop_app.widgets.fields import Field
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from desktop_app.widgets.recovery_code import RecoveryCode
from desktop_app.windows import sheet
from desktop_app.windows.port import LaptopPort

WIDTH = 680


class RecoverPage(QWidget):
    """The way in for a person of an enrolled laptop who forgot their passphrase.

    Signals:
        left: Back to the unlock page: given up, or the new passphrase stands and the new code is on paper.
        language_wanted: The user asks for another language ('en' or 'zh').
    """

    left = Signal()
    language_wanted = Signal(str)

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
        self._lead = sheet.label()
        self._code = Field("recover_code")
        self._personal = Field("recover_personal_code")
        self._first = NewPassphraseField("recover_passphrase", lambda: ("Casebook",))
        self._second = PassphraseField("recover_passphrase_again")
        self._problem = Notice("recover_problem")
        self._recover = PrimaryButton()
        self._recover.setObjectName("recover_button")
        self._bar = QProgressBar()
        self._bar.setObjectName("recover_progress")
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._wait = sheet.label("note")
        self._back = IconButton("back")
        self._back.setObjectName("recover_back")
        self._switch = IconButton("language")
        self._switch.setObjectName("recover_language")
        for button in (self._back, self._switch):
            theme.set_role(button, "quiet")
        frame, column = sheet.card("recover_card")
        column.addWidget(self._heading)
        column.addWidget(self._lead)
        for left, right in ((self._code, self._personal), (self._first, self._second)):
            pair = QHBoxLayout()
            pair.setSpacing(theme.LARGE)
            pair.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
            pair.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
            column.addLayout(pair)
        below: tuple[QWidget, ...] = (self._problem, self._recover, self._bar, self._wait)
        for widget in below:
            column.addWidget(widget)
        column.addLayout(sheet.row(self._back, self._switch))
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
        self._switch.clicked.connect(lambda: self.language_wanted.emit(other(self._language)))
        self._new_code.written_down.connect(self._leave)

    # -- what is shown ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start with empty fields."""
        self._clear()
        self._steps.setCurrentIndex(0)
        self._code.setFocus()

    def set_language(self, language: str) -> None:
        """Change the language of the standing page."""
        self._language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Forgotten your passphrase?"))
        self._lead.setText(
            self.tr(
                "Take this laptop's recovery sheet and ask your data manager for a new personal code. The network is "
                "needed. Nothing recorded is lost, and what you have signed stays valid."
            )
        )
        self._code.set_texts(self.tr("&Recovery code"), self.tr("Spaces and hyphens do not matter."))
        self._personal.set_texts(self.tr("&Personal code"), self.tr("It stands for you and your role. It works once."))
        self._first.set_texts(self.tr("&New passphrase"), self.tr("Four or five unrelated words are strong."))
        self._second.set_texts(self.tr("New passphrase &again"))
        self._recover.setText(self.tr("Set the new passphrase"))
        self._wait.setText(self.tr("Talking to the server and making your new keys. This takes some seconds."))
        self._bar.setAccessibleName(self._wait.text())
        self._back.setText(self.tr("&Back"))
        self._switch.setText(LANGUAGES[other(self._language)])
        self._switch.setAccessibleName(self.tr("Switch the language"))
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
        for widget in (*self._fields(), self._recover, self._back):
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
        for field in self._fields():
            if not field.text().strip():
                field.show_error(self.tr("This is needed."))
                return
        weak = self._first.refusal()
        if weak:
            self._first.show_error(weak)
            return
        if self._first.text() != self._second.text():
            self._second.show_error(self.tr("The two passphrases differ. Type the second one again."))
            return
        self._show_busy(busy=True)
        work = partial(
            self._laptop.recover, self._code.text().strip(), self._personal.text().strip(), self._first.text()
        )
        self._background.run(work, then=self._recovered, otherwise=self._refused)

    def _recovered(self, code: str) -> None:
        self._show_busy(busy=False)
        self._clear()
        self._new_code.show_code(code)
        self._steps.setCurrentIndex(1)
        self._new_code.setFocus()

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
