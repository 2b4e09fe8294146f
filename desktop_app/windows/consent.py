"""Consent: version, who consents, ink, the investigator's signature, two copies; one page, from top to bottom.

The items, who has to sign and when a witness is needed are the study's rules; the page adds the
steps that are no items: look at the document, sign it with the passphrase, print it twice.

Source: ICH E6(R3) 2.8 (dated signatures; a copy for the participant); 21 CFR 11.50, 11.200.
"""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.snapshots import DocumentRow, FormView, PaperItem
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.widgets.sign_card import AUTHORSHIP, SignCard
from desktop_app.windows.files import write_file
from desktop_app.windows.form import FormPage
from desktop_app.windows.port import SessionPort

COPIES = 2
"""One for the participant, one for the site's file."""


class ConsentPage(FormPage):
    """An informed consent."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_form` fills it."""
        self._finish = QFrame()
        self._finish_heading = QLabel(self._finish)
        self._open = Notice("consent_open", self._finish)
        self._look = IconButton("document", self._finish)
        self._look.setObjectName("consent_preview")
        self.sign_card = SignCard("consent", (AUTHORSHIP,), self._finish)
        self._signed = Notice("consent_signed", self._finish)
        self._copies = IconButton("print", self._finish)
        self._copies.setObjectName("consent_print")
        self.sheet = PaperSheet("consent")
        self._return = IconButton("back", self.sheet)
        self._return.setObjectName("consent_return")
        self._printing = False
        super().__init__(background, port, language, parent)

    def _lay_out(self) -> None:
        super()._lay_out()
        theme.set_role(self._finish_heading, "lead")
        rule = QFrame(self._finish)
        theme.set_role(rule, "line")
        buttons = WrappingRow(theme.SMALL)
        buttons.add(self._look)
        buttons.add(self._copies)
        for button in (self._look, self._copies):
            button.setMinimumHeight(theme.FINGER)
        column = QVBoxLayout(self._finish)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._finish_heading)
        column.addWidget(rule)
        for part in (self._open, self.sign_card, self._signed):
            column.addWidget(part)
        column.addWidget(buttons)
        self.sheet.head.insertWidget(0, self._return)
        self.sheet.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.SMALL)
        self._body.addWidget(self.sheet, 1)
        self.sheet.hide()
        self._finish.hide()

    def _connect(self) -> None:
        super()._connect()
        self._look.clicked.connect(self.preview)
        self._return.clicked.connect(self._show_items)
        self._copies.clicked.connect(self.print_copies)
        self.sign_card.sign_wanted.connect(self._sign)
        self.sheet.save_wanted.connect(self._write)

    def _make_sections(self) -> None:
        self._finish.setParent(self)
        super()._make_sections()
        if self.sections is not None:
            self.sections.add_below(self._finish)
            self._finish.show()
        self.sheet.show_document(None, "")
        self.sign_card.clear()
        self._show_items()

    # -- what is shown ------------------------------------------------------------------------------------

    def show_form(self, view: FormView) -> None:
        """Show the consent as it stands."""
        super().show_form(view)
        person = self.port.person
        self.sign_card.show_person(person.name, may_sign="sign" in person.rights)
        signed = _last_document(view)
        waiting = len(view.unanswered) + view.hard_findings
        if waiting:
            told = self.tr("%1 item(s) above still need an answer or a correction.").replace("%1", str(waiting))
            self._open.say(told, Tone.WARN)
        else:
            told = "" if signed is not None else self.tr("Nothing is missing. The document can be signed.")
            self._open.say(told, Tone.GOOD)
        self._copies.setVisible(signed is not None)
        if signed is not None:
            told = self.tr("Signed by %1 on %2. Print two copies: one for the participant, one for the file.")
            told = told.replace("%1", signed.author).replace("%2", times.minute(signed.at))
            self._signed.say(told, Tone.GOOD)
        else:
            self._signed.say("")

    def retranslate(self) -> None:
        """Set every visible text again."""
        super().retranslate()
        self._finish_heading.setText(self.tr("The investigator signs"))
        self._look.setText(self.tr("Look at the document"))
        self._look.setAccessibleName(self.tr("Look at the consent document"))
        self._copies.setText(self.tr("Print two copies…"))
        self._copies.setAccessibleName(self.tr("Print two copies"))
        self._return.setText(self.tr("Consent form"))
        self._return.setAccessibleName(self.tr("Back to the consent form"))
        self.sign_card.retranslate()
        self.sheet.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the document by Esc."""
        if event.key() == Qt.Key.Key_Escape and self.sheet.isVisible():
            self._show_items()
        else:
            super().keyPressEvent(event)

    def _controls(self) -> list[QWidget]:
        return [*super()._controls(), self._finish, self.sheet]

    # -- the document -----------------------------------------------------------------------------------------

    def preview(self) -> None:
        """Show the document: the signed one where there is one, else what would be signed."""
        view = self.view
        if view is None:
            return
        self._flush()
        signed = _last_document(view)
        port, subject, key = self.port, view.key.subject, view.key

        def draw() -> tuple[bytes, str]:
            if signed is not None:
                return port.document(subject, signed.sha256), signed.name
            return port.paper(subject, _consent_item(port, view)), f"{view.number} {key.form}.pdf"

        self.background.run(draw, then=self._show_document, otherwise=self._refused)

    def print_copies(self) -> None:
        """Show the signed document and ask for a printer."""
        self._printing = True
        self.preview()

    def _show_document(self, document: tuple[bytes, str]) -> None:
        data, name = document
        self.sheet.show_document(data, name, copies=COPIES)
        if self.sections is not None:
            self.sections.hide()
        self.sheet.show()
        self.sheet.view.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._printing:
            self._printing = False
            QTimer.singleShot(0, self.sheet, self.sheet.ask_printer)

    def _show_items(self) -> None:
        self.sheet.hide()
        if self.sections is not None:
            self.sections.show()

    def _sign(self, passphrase: str, meaning: str) -> None:
        view = self.view
        if view is None:
            return
        self._flush()
        port, subject = self.port, view.key.subject

        def sign() -> DocumentRow:
            return port.sign_paper(subject, _consent_item(port, view), passphrase, meaning)

        self.background.run(sign, then=self._was_signed, otherwise=self._not_signed)

    def _was_signed(self, row: DocumentRow) -> None:
        del row
        self.sign_card.clear()
        self.refresh()
        self.changed.emit()

    def _not_signed(self, error: CasebookError) -> None:
        self.sign_card.refuse(error.sentence(self.language))

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(partial(write_file, path, data), then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self.sheet.notice.say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)


def _last_document(view: FormView) -> DocumentRow | None:
    return max(view.documents, key=lambda row: row.at, default=None)


def _consent_item(port: SessionPort, view: FormView) -> PaperItem:
    """Return the form's consent document. Runs on the store thread."""
    found = [item for item in port.papers(view.key.subject) if item.key == view.key]
    return found[0] if found else PaperItem(kind="consent", key=view.key, visit=None, label=view.form.label)
