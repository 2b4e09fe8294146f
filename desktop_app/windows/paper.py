"""Paper: what can be printed of a subject, and what was signed; look, sign, print, save, check.

Nothing is written to the disk unless the user asks for a copy.
"""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import SubjectId
from casebook.paper import desk
from casebook.records import VisitKey
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.words import document_label
from desktop_app.snapshots import CasebookView, DocumentRow, PaperItem
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.widgets.sign_card import APPROVAL, AUTHORSHIP, REVIEW, SignCard
from desktop_app.windows import sheet
from desktop_app.windows.files import read_file, write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

SMALLEST = (360, 240)
LIST_WIDTH = 264
NARROW = 760
LIST_HEIGHT_NARROW = 96
LOW = 520
"""Below this height in pixels the pages give way while a paper is being signed."""
_WHAT = Qt.ItemDataRole.UserRole

Contents = tuple[tuple[PaperItem, ...], CasebookView]


class PaperPage(Page):
    """A subject's papers."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_subject` fills it."""
        super().__init__(background, port, language, parent)
        self._subject: SubjectId | None = None
        self._number = ""
        self._contents: Contents | None = None
        self._chosen: PaperItem | DocumentRow | None = None
        self._wanted = ""
        self._visit: VisitKey | None = None
        self._told = ""
        self._error: CasebookError | None = None
        self._back = BackButton("paper")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._check = IconButton("search")
        self._check.setObjectName("paper_check")
        self._notice = Notice("paper_notice")
        self._list = QListWidget()
        self._list.setObjectName("paper_list")
        self.sheet = PaperSheet("paper")
        self.sign_card = SignCard("paper", (AUTHORSHIP, REVIEW, APPROVAL))
        self._sign_button = IconButton("sign")
        self._sign_button.setObjectName("paper_sign_open")
        self._sign_button.setCheckable(True)
        self._hint = sheet.label("note")
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.setMinimumSize(*SMALLEST)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._check)
        right = QVBoxLayout()
        right.setSpacing(theme.SMALL)
        right.addWidget(self._hint)
        right.addWidget(self.sheet, 1)
        right.addWidget(self.sign_card)
        self._halves.setSpacing(theme.LARGE)
        self._halves.addWidget(self._list)
        self._halves.addLayout(right, 1)
        column = sheet.page_column(self)
        column.addLayout(head)
        column.addWidget(self._notice)
        column.addLayout(self._halves, 1)
        self.sheet.tools.add(self._sign_button)
        QWidget.setTabOrder(self.sheet.fitting, self._sign_button)
        self._sign_button.hide()
        self.sign_card.hide()

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._check.clicked.connect(self.ask_file_to_check)
        self._list.currentItemChanged.connect(self._choose)
        self._sign_button.toggled.connect(self._toggle_card)
        self.sign_card.sign_wanted.connect(self._sign)
        self.sheet.save_wanted.connect(self._write)

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name and the subject's number."""
        return self.tr("Paper") + (f"  {self._number}" if self._number else "")

    def show_subject(self, subject: SubjectId, number: str, visit: VisitKey | None = None) -> None:
        """Show a subject's papers, and of them a visit's record where one is meant and there is one."""
        self._visit = visit
        if subject != self._subject:
            self._subject, self._number = subject, number
            self._contents, self._chosen, self._wanted = None, None, ""
            self._list.clear()
            self.sheet.show_document(None, "")
            self._say("")
        self.retranslate()
        self.refresh()

    def show_document(self, subject: SubjectId, row: DocumentRow) -> None:
        """Show one finished document of a subject."""
        number = self._number if subject == self._subject else ""
        self.show_subject(subject, number)
        self._wanted = row.sha256

    def refresh(self) -> None:
        """Ask what there is again."""
        subject = self._subject
        if subject is None:
            return

        def look() -> Contents:
            return self.port.papers(subject), self.port.casebook(subject)

        self.background.run(look, then=self._show_contents, otherwise=self._refused)

    def take_focus(self) -> None:
        """Put the focus on the list."""
        self._list.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._check.setText(self.tr("Check a PDF file…"))
        self._check.setAccessibleName(self.tr("Check the signatures of a PDF file"))
        self._list.setAccessibleName(self.tr("Papers of this subject"))
        self._hint.setText(self.tr("Choose a paper on the left to look at it."))
        self._sign_button.setText(self.tr("Sign…"))
        self._sign_button.setAccessibleName(self.tr("Sign this paper"))
        self.sign_card.retranslate()
        self.sheet.retranslate()
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)
        if self._contents is not None:
            self._show_contents(self._contents)

    def _show_contents(self, contents: Contents) -> None:
        items, casebook = contents
        if casebook.subject != self._subject:
            return
        self._contents = contents
        self._number = casebook.number
        self._heading.setText(self.title())
        meant = [_id_of(item) for item in items if item.visit is not None and item.visit == self._visit]
        self._visit = None
        standing = self._wanted or next(iter(meant), _id_of(self._chosen))
        self._list.blockSignals(True)
        self._list.clear()
        self._add_heading(self.tr("To print or sign"))
        for item in items:
            self._add_line(item.label(self.language), item)
        if not items:
            self._add_heading(self.tr("Nothing was entered for this subject yet."))
        if casebook.documents:
            self._add_heading(self.tr("Signed documents"))
        for row in casebook.documents:
            self._add_line(
                f"{document_label(self.port.design, row, self.language)}\n{row.author} · {times.minute(row.at)}", row
            )
        self._list.blockSignals(False)
        self._choose_by_id(standing)
        if self._told:
            self._say(self._told, Tone.GOOD)
            self._told = ""

    def _add_heading(self, text: str) -> None:
        line = QListWidgetItem(text, self._list)
        line.setFlags(Qt.ItemFlag.NoItemFlags)
        line.setSizeHint(QSize(0, theme.TARGET))

    def _add_line(self, text: str, what: PaperItem | DocumentRow) -> None:
        line = QListWidgetItem(text, self._list)
        line.setData(_WHAT, what)
        line.setSizeHint(QSize(0, theme.FINGER if "\n" in text else theme.TARGET))

    def _choose_by_id(self, wanted: str) -> None:
        for place in range(self._list.count()):
            what = self._list.item(place).data(_WHAT)
            if wanted and what is not None and _id_of(what) == wanted:
                self._wanted = ""
                self._list.setCurrentRow(place)
                return
        if not wanted:
            first = next((at for at in range(self._list.count()) if self._list.item(at).data(_WHAT) is not None), -1)
            self._list.setCurrentRow(first)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list above the pages where the window is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._halves.setDirection(direction)
        self._list.setMaximumWidth(16777215 if narrow else LIST_WIDTH)
        self._list.setMinimumWidth(0 if narrow else LIST_WIDTH)
        self._list.setMaximumHeight(LIST_HEIGHT_NARROW if narrow else 16777215)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Print by Ctrl+P, go back by Esc."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_P:
            self.sheet.ask_printer()
        elif event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    # -- choosing -----------------------------------------------------------------------------------------------

    def _choose(self, line: QListWidgetItem | None) -> None:
        what = line.data(_WHAT) if line is not None else None
        if what is None or self._subject is None:
            return
        if _id_of(what) == _id_of(self._chosen) and self.sheet.data is not None:
            return
        self._chosen = what
        self._say("")
        unsigned = isinstance(what, PaperItem)
        refused = what.why_not if isinstance(what, PaperItem) else None
        self.sign_card.clear()
        self.sign_card.show_person(self.port.person.name, refused(self.language) if refused is not None else "")
        self._sign_button.setVisible(unsigned)
        self._show_card(on=False)
        subject = self._subject
        if isinstance(what, PaperItem):
            work = partial(self.port.paper, subject, what)
            name = self.file_name(f"{self._number} {what.label('en')}.pdf")
        else:
            work = partial(self.port.document, subject, what.sha256)
            name = what.name
        self.background.run(work, then=partial(self._show_pdf, _id_of(what), name), otherwise=self._refused)

    def _show_pdf(self, wanted: str, name: str, data: bytes) -> None:
        if _id_of(self._chosen) == wanted:
            self._hint.hide()
            self.sheet.show_document(data, name)

    def _toggle_card(self, on: bool) -> None:
        self._show_card(on=on)
        if on:
            self.sign_card.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_card(self, *, on: bool) -> None:
        self._sign_button.setChecked(on)
        self.sign_card.setVisible(on)
        self.sheet.view.setVisible(not on or self.height() >= LOW)

    # -- signing, saving, checking ------------------------------------------------------------------------------

    def _sign(self, passphrase: str, meaning: str) -> None:
        if self._subject is not None and isinstance(self._chosen, PaperItem):
            work = partial(self.port.sign_paper, self._subject, self._chosen, passphrase, meaning)
            self.background.run(work, then=self._was_signed, otherwise=self._not_signed)

    def _was_signed(self, row: DocumentRow) -> None:
        self.sign_card.clear()
        self._show_card(on=False)
        self._wanted = row.sha256
        self._chosen = None
        self._told = self.tr("Signed and recorded: %1").replace("%1", row.name)
        self.take_focus()
        self.refresh()

    def _not_signed(self, error: CasebookError) -> None:
        self.sign_card.refuse(error.sentence(self.language))

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(partial(write_file, path, data), then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self._say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)

    def ask_file_to_check(self) -> None:
        """Let the user choose a PDF file, then say what its signatures are worth."""
        dialog = QFileDialog(self, self.tr("Check a PDF file"), "", "PDF (*.pdf)")
        dialog.setObjectName("paper_check_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.check_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def check_file(self, path: str) -> None:
        """Say what the signatures of a file are worth."""
        authority, language = self.port.authority, self.language

        def check() -> tuple[bool, str]:
            verdict = desk.verify_file(read_file(path), authority)
            return verdict.valid, verdict.sentence(language)

        self.background.run(check, then=partial(self._checked, Path(path).name), otherwise=self._refused)

    def _checked(self, name: str, verdict: tuple[bool, str]) -> None:
        valid, sentence = verdict
        self._say(f"{name}: {sentence}", Tone.GOOD if valid else Tone.BAD)

    def _say(self, sentence: str, tone: Tone = Tone.QUIET) -> None:
        self._error = None
        self._notice.say(sentence, tone)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)


def _id_of(what: PaperItem | DocumentRow | None) -> str:
    """Return what names a paper or document for as long as the page stands."""
    match what:
        case DocumentRow():
            return what.sha256
        case PaperItem():
            return f"{what.kind} {what.key} {what.visit}"
        case _:
            return ""
