"""Consent: version, who consents, ink, the investigator's signature, two copies; one page, from top to bottom.

The items, who has to sign and when a witness is needed are the study's rules; the page adds the
steps that are no items: look at the document, sign it with the passphrase, print it twice.

Source: ICH E6(R3) 2.8 (dated signatures; a copy for the participant); 21 CFR 11.50, 11.200.
"""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from casebook.design import StudyDesign
from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.models import times
from desktop_app.snapshots import DocumentRow, FormView, PaperItem, Person
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.widgets.sign_card import CONSENT, SignCard
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.form import FormPage
from desktop_app.windows.port import SessionPort

COPIES = 2
"""One for the participant, one for the site's file."""


class ConsentEnd(QFrame):
    """What stands below the items: what is still open, the signature, the document and its copies."""

    def __init__(self, parent: QWidget) -> None:
        """Make it; `show_form` fills it."""
        super().__init__(parent)
        self.heading = QLabel(self)
        theme.set_role(self.heading, "lead")
        rule = QFrame(self)
        theme.set_role(rule, "line")
        self.open_items = Notice("consent_open", self)
        self.sign_card = SignCard("consent", (CONSENT,), self)
        self.signed = Notice("consent_signed", self)
        self.look = IconButton("document", self)
        self.look.setObjectName("consent_preview")
        self.copies = IconButton("print", self)
        self.copies.setObjectName("consent_print")
        buttons = WrappingRow(theme.SMALL, self)
        for button in (self.look, self.copies):
            button.setMinimumHeight(theme.FINGER)
            buttons.add(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        for part in (self.heading, rule, self.open_items, self.sign_card, self.signed, buttons):
            column.addWidget(part)
        self.copies.hide()
        self.retranslate()

    def show_form(self, view: FormView, person: Person, language: str) -> None:
        """Show how far the consent has come, and who would sign it."""
        refused = view.refusals.get("sign")
        self.sign_card.show_person(person.name, refused(language) if refused is not None else "")
        printed = person.refusals.get("print")
        for button in (self.look, self.copies):
            sheet.offer(button, printed(language) if printed is not None else "")
        signed = last_document(view)
        waiting = len(view.unanswered) + view.hard_findings
        if waiting:
            told = self.tr("%1 item(s) above still need an answer or a correction.").replace("%1", str(waiting))
            self.open_items.say(told, Tone.WARN)
        else:
            told = "" if signed is not None else self.tr("Nothing is missing. The document can be signed.")
            self.open_items.say(told, Tone.GOOD)
        self.copies.setVisible(signed is not None)
        told = ""
        if signed is not None:
            told = self.tr("Signed by %1 on %2. Print two copies: one for the participant, one for the file.")
            told = told.replace("%1", signed.author).replace("%2", times.minute(signed.at))
        self.signed.say(told, Tone.GOOD)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self.heading.setText(self.tr("The investigator signs"))
        self.look.setText(self.tr("Look at the document"))
        self.look.setAccessibleName(self.tr("Look at the consent document"))
        self.copies.setText(self.tr("Print two copies…"))
        self.copies.setAccessibleName(self.tr("Print two copies"))
        self.sign_card.retranslate()


class ConsentPage(FormPage):
    """An informed consent."""

    page_name = "consent"

    def _make_parts(self) -> None:
        super()._make_parts()
        self.end: ConsentEnd | None = None
        self.sheet = PaperSheet("consent", self)
        self._return = IconButton("back", self.sheet)
        self._return.setObjectName("consent_return")
        self._printing = False

    def _lay_out(self) -> None:
        super()._lay_out()
        self.sheet.head.insertWidget(0, self._return)
        self.sheet.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.SMALL)
        self._body.addWidget(self.sheet, 1)
        self.sheet.hide()

    def _connect(self) -> None:
        super()._connect()
        self._return.clicked.connect(self._show_items)
        self.sheet.save_wanted.connect(self._write)

    def _make_sections(self, design: StudyDesign) -> None:
        super()._make_sections(design)
        if self.sections is not None:
            self.end = ConsentEnd(self.sections.sheet)
            self.sections.add_below(self.end)
            self.end.look.clicked.connect(self.preview)
            self.end.copies.clicked.connect(self.print_copies)
            self.end.sign_card.sign_wanted.connect(self._sign)
        self.sheet.show_document(None, "")
        self._show_items()

    # -- what is shown ------------------------------------------------------------------------------------

    def show_form(self, view: FormView) -> None:
        """Show the consent as it stands."""
        super().show_form(view)
        if self.end is not None:
            self.end.show_form(view, self.port.person, self.language)

    def retranslate(self) -> None:
        """Set every visible text again."""
        super().retranslate()
        self._return.setText(self.tr("Consent form"))
        self._return.setAccessibleName(self.tr("Back to the consent form"))
        self.sheet.retranslate()
        if self.end is not None:
            self.end.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the document by Esc."""
        if event.key() == Qt.Key.Key_Escape and self.sheet.isVisible():
            self._show_items()
        else:
            super().keyPressEvent(event)

    def _controls(self) -> list[QWidget]:
        below: list[QWidget] = [self.end] if self.end is not None else []
        return [*super()._controls(), *below, self.sheet]

    # -- the document -----------------------------------------------------------------------------------------

    def preview(self) -> None:
        """Show the document: the signed one where there is one, else what would be signed."""
        view = self.view
        if view is None:
            return
        self.flush()
        signed = last_document(view)
        port, subject, key = self.port, view.key.subject, view.key

        def draw() -> tuple[bytes, str]:
            if signed is not None:
                return port.document(subject, signed.sha256), signed.name
            return port.paper(subject, _consent_item(port, view)), self.file_name(f"{view.number} {key.form}.pdf")

        self.background.run(draw, then=self._show_document, otherwise=self.refuse)

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
        self.flush()
        port, subject = self.port, view.key.subject

        def sign() -> DocumentRow:
            return port.sign_paper(subject, _consent_item(port, view), passphrase, meaning)

        self.background.run(sign, then=self._was_signed, otherwise=self._not_signed)

    def _was_signed(self, row: DocumentRow) -> None:
        del row
        if self.end is not None:
            self.end.sign_card.clear()
        self.refresh()
        self.changed.emit()

    def _not_signed(self, error: CasebookError) -> None:
        if self.end is not None:
            self.end.sign_card.refuse(error.sentence(self.language))

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(partial(write_file, path, data), then=self._written, otherwise=self.refuse)

    def _written(self, path: str) -> None:
        self.sheet.notice.say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)


def last_document(view: FormView) -> DocumentRow | None:
    """Return the newest signed document of a form."""
    return max(view.documents, key=lambda row: row.at, default=None)


def _consent_item(port: SessionPort, view: FormView) -> PaperItem:
    """Return the form's consent document. Runs on the store thread."""
    found = [item for item in port.papers(view.key.subject) if item.key == view.key]
    return found[0] if found else PaperItem(kind="consent", key=view.key, visit=None, label=view.form.label)
