"""Unblinding: two people record that a blinded assessor was told a subject's treatment, and why.

It gives nobody a key. What was told is known from then on; the record says so, and the deviation is begun.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import SubjectId, UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.phrases import clauses
from desktop_app.staff_snapshots import SecondPerson, Unblinded
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.fields import Field
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort

WIDTH = 640


class UnblindPage(Page):
    """The unblinding of one subject.

    Signals:
        item_wanted: The deviation form is to be gone on with (FormKey, None).
        done: It is recorded.
    """

    item_wanted = Signal(object, object)
    done = Signal()

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `show_subject` says whose treatment was told."""
        super().__init__(background, port, language, parent)
        self._staff = staff
        self._subject: SubjectId | None = None
        self._number = ""
        self._said: tuple[Callable[[], str], Tone] | None = None
        self._back = BackButton("unblind")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._lead = sheet.label()
        self._notice = Notice("unblind_notice")
        self._told, self._second = QComboBox(), QComboBox()
        self._told.setObjectName("unblind_told")
        self._told.addItem("", None)
        self._second.setObjectName("unblind_second")
        self._told_label, self._second_label = QLabel(), QLabel()
        self._told_label.setBuddy(self._told)
        self._second_label.setBuddy(self._second)
        self._reason = Field("unblind_reason")
        self._own, self._other = PassphraseField("unblind_passphrase"), PassphraseField("unblind_second_passphrase")
        self._go = PrimaryButton()
        self._go.setObjectName("unblind_go")
        frame, column = sheet.card("unblind_card")
        above: tuple[QWidget, ...] = (self._lead, self._told_label, self._told, self._reason, self._own)
        for widget in above:
            column.addWidget(widget)
        pair = QHBoxLayout()
        pair.setSpacing(theme.LARGE)
        who = QVBoxLayout()
        who.setSpacing(theme.TIGHT)
        who.addWidget(self._second_label)
        who.addWidget(self._second)
        who.addStretch(1)
        pair.addLayout(who, 1)
        pair.addWidget(self._other, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(pair)
        page = sheet.page_column(self)
        page.addLayout(sheet.row(self._back, self._heading))
        page.addWidget(self._notice)
        page.addWidget(sheet.panel(frame, column, WIDTH, self._go), 1)
        self._back.clicked.connect(self.back_requested)
        self._go.clicked.connect(self._record)
        self._other.edit.returnPressed.connect(self._record)
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Unblinding of %1").replace("%1", self._number)

    def show_subject(self, subject: SubjectId, number: str) -> None:
        """Take up another subject."""
        self._subject, self._number = subject, number
        self._clear()
        self._said = None
        self._notice.say("")
        self.retranslate()
        self.titled.emit()

    def refresh(self) -> None:
        """Ask who may have been told, and who may be the second person."""
        self.background.run(self._staff.blinded_people, then=self._show_told, otherwise=self._refused)
        self.background.run(partial(self._staff.seconds, "unblind"), then=self._show_seconds, otherwise=self._refused)

    def _show_told(self, people: tuple[SecondPerson, ...]) -> None:
        while self._told.count() > 1:
            self._told.removeItem(1)
        for one in people:
            self._told.addItem(clauses(self.language, (one.name, one.role_label(self.language))), one.user)

    def _show_seconds(self, people: tuple[SecondPerson, ...]) -> None:
        self._second.clear()
        for one in people:
            self._second.addItem(clauses(self.language, (one.name, one.role_label(self.language))), one.user)
        self._go.setEnabled(bool(people))
        if not people:
            self._tell(
                lambda: self.tr("Nobody else who may unblind signs in on this laptop: let a second person in first."),
                Tone.WARN,
            )

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._told.setFocus()

    def leave(self, then: Callable[[], None]) -> None:
        """Forget the passphrases."""
        self._clear()
        super().leave(then)

    def _clear(self) -> None:
        for field in (self._own, self._other):
            field.clear()
            field.show_error("")
        self._reason.edit.clear()
        self._reason.show_error("")

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._lead.setText(
            self.tr(
                "Record here that somebody who should be blinded was told the treatment, or must be. Two people do it "
                "together. Nobody's login shows more afterwards; the record says who knows, since when and why, and a "
                "protocol deviation is begun."
            )
        )
        self._told_label.setText(self.tr("&Who was told"))
        self._told.setAccessibleName(self.tr("Who was told"))
        self._told.setItemText(0, self.tr("Somebody who does not sign in to the study"))
        self._reason.set_texts(self.tr("&Why"), self.tr("For example the medical reason, or how it came to be known."))
        self._own.set_texts(self.tr("Your passphrase"))
        self._second_label.setText(self.tr("The &second person"))
        self._second.setAccessibleName(self.tr("The second person"))
        self._other.set_texts(self.tr("Their passphrase"), self.tr("They type it themselves."))
        self._go.setText(self.tr("Record the unblinding"))
        if self._said is not None:
            self._notice.say(self._said[0](), self._said[1])

    # -- what the user does ---------------------------------------------------------------------------------

    def _tell(self, words: Callable[[], str], tone: Tone) -> None:
        self._said = (words, tone)
        self._notice.say(words(), tone)

    def _record(self) -> None:
        second = self._second.currentData()
        if self._subject is None or second is None or not self._go.isEnabled():
            return
        for field in (self._reason, self._own, self._other):
            if not field.text().strip():
                field.show_error(self.tr("This is needed."))
                return
        self._go.setEnabled(False)
        told = self._told.currentData()
        work = partial(
            self._staff.unblind,
            self._subject,
            UserId(str(told)) if told else None,
            self._reason.text().strip(),
            self._own.text(),
            UserId(str(second)),
            self._other.text(),
        )
        self.background.run(work, then=self._recorded, otherwise=self._refused)

    def _recorded(self, unblinded: Unblinded) -> None:
        self._go.setEnabled(True)
        self._clear()
        self._tell(lambda: self.tr("The unblinding is recorded."), Tone.GOOD)
        self.done.emit()
        if unblinded.form is not None:
            self.item_wanted.emit(unblinded.form, None)

    def _refused(self, error: CasebookError) -> None:
        self._go.setEnabled(self._second.count() > 0)
        self._tell(lambda: error.sentence(self.language), Tone.BAD)
