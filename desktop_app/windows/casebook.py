"""Casebook: one subject's visits and forms, and what has been signed."""

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import SubjectId
from casebook.records import FormKey
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.models.words import custody_sign, document_label
from desktop_app.snapshots import CasebookView, DocumentRow
from desktop_app.theme import Tone
from desktop_app.widgets.casebook_table import CasebookTable
from desktop_app.widgets.icon import IconButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort


class CasebookPage(Page):
    """One subject's casebook.

    Signals:
        papers_wanted: The subject's pages are to be printed (SubjectId, number).
        document_wanted: A finished document is to be shown (SubjectId, DocumentRow).
    """

    papers_wanted = Signal(str, str)
    document_wanted = Signal(str, object)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_subject` fills it."""
        super().__init__(background, port, language, parent)
        self._subject: SubjectId | None = None
        self._view: CasebookView | None = None
        self._error: CasebookError | None = None
        self._return_to: FormKey | None = None
        self._back = IconButton("back")
        self._back.setObjectName("casebook_back")
        theme.set_role(self._back, "quiet")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._status = QLabel()
        theme.set_role(self._status, "note")
        self._unscheduled = IconButton("add")
        self._unscheduled.setObjectName("casebook_add_unscheduled")
        self._unscheduled.setMenu(QMenu(self._unscheduled))
        theme.set_role(self._unscheduled, "menu")
        self._papers = IconButton("paper")
        self._papers.setObjectName("casebook_papers")
        self._notice = Notice("casebook_notice")
        self._refusal = Notice("casebook_refusal")
        self._grid = CasebookGrid(language, self)
        self._table = CasebookTable(self._grid)
        self._table.setObjectName("casebook_table")
        self._documents_heading = sheet.label("lead")
        self._documents = QWidget()
        self._documents_rows = QVBoxLayout(self._documents)
        self._digest = QLabel()
        theme.set_role(self._digest, "note")
        self._digest.setObjectName("casebook_digest")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        for widget in (self._back, self._heading, self._status, self._digest):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self._unscheduled)
        head.addWidget(self._papers)
        self._documents_rows.setContentsMargins(0, 0, 0, 0)
        self._documents_rows.setSpacing(theme.TIGHT)
        column = sheet.page_column(self)
        column.setSpacing(theme.SMALL)
        column.addLayout(head)
        column.addWidget(self._notice)
        column.addWidget(self._refusal)
        column.addWidget(self._table, 1)
        column.addWidget(self._documents_heading)
        column.addWidget(self._documents)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._table.chosen.connect(self._chosen)
        self._papers.clicked.connect(self._want_papers)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the subject's number."""
        return self._view.number if self._view is not None else ""

    def show_subject(self, subject: SubjectId) -> None:
        """Show another subject."""
        if subject != self._subject:
            self._subject, self._view, self._return_to = subject, None, None
            self._table.hide()
            self._heading.setText("")
            self._status.setText("")
        self.refresh()

    def refresh(self) -> None:
        """Ask for the casebook again."""
        if self._subject is not None:
            self.background.run(
                partial(self.port.casebook, self._subject), then=self.show_view, otherwise=self._refused
            )

    def show_view(self, view: CasebookView) -> None:
        """Show the casebook; the chosen cell stays chosen."""
        if view.subject != self._subject:
            return
        first = self._view is None
        self._view = view
        self._error = None
        self._refusal.say("")
        self._grid.show_view(view)
        self._table.show()
        self._place_cursor(first=first)
        self.titled.emit()
        self._show_documents()
        self.retranslate()

    def take_focus(self) -> None:
        """Put the cursor into the grid."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.setText(self.tr("Subjects"))
        self._back.setAccessibleName(self.tr("Back to the subjects"))
        self._unscheduled.setText(self.tr("&Unscheduled form"))
        self._unscheduled.setAccessibleName(self.tr("Add an unscheduled form"))
        self._papers.setText(self.tr("&Paper"))
        self._papers.setAccessibleName(self.tr("Preview, sign and print"))
        self._documents_heading.setText(self.tr("Signed documents"))
        self._table.setAccessibleName(self.tr("Casebook: visits across, forms down"))
        self._grid.set_language(self.language)
        self._fill_menu()
        if self._error is not None:
            self._refusal.say(self._error.sentence(self.language), Tone.BAD)
        if self._view is not None:
            self._retranslate_view(self._view)

    def _retranslate_view(self, view: CasebookView) -> None:
        self._heading.setText(view.number)
        parts = [view.status_label(self.language)]
        if view.randomised_at is not None:
            parts.append(self.tr("randomisation %1").replace("%1", times.minute(view.randomised_at)))
        self._status.setText(", ".join(parts))
        sentences = []
        if view.sealed_away:
            sentences.append(
                self.tr(
                    "Names and signatures are sealed away: ask a colleague to admit this laptop on their Sync page."
                )
            )
        if view.newer_version_needed:
            sentences.append(self.tr("Some records need a newer version of Casebook. They are kept and passed on."))
        self._notice.say(" ".join(sentences), Tone.WARN)
        self._digest.setText(self.tr("Record %1").replace("%1", view.digest[:8]))
        self._digest.setToolTip(self.tr("Two laptops that show the same code hold the same record of this subject."))
        self._show_documents()

    def _fill_menu(self) -> None:
        menu = self._unscheduled.menu()
        menu.clear()
        for form in self.port.design.forms.values():
            action = menu.addAction(form.label(self.language))
            action.triggered.connect(partial(self._add_unscheduled, form.oid))

    def _show_documents(self) -> None:
        rows = self._view.documents if self._view is not None else ()
        self._documents_heading.setVisible(bool(rows))
        self._documents.setVisible(bool(rows))
        while (item := self._documents_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, row in enumerate(rows):
            self._documents_rows.addWidget(self._document_line(place, row))

    def _document_line(self, place: int, row: DocumentRow) -> QWidget:
        line = QWidget()
        button = IconButton("document")
        button.setObjectName(f"casebook_document_{place}")
        label = document_label(self.port.design, row, self.language)
        button.setText(label)
        button.setAccessibleName(self.tr("Show %1").replace("%1", label))
        theme.set_role(button, "quiet")
        button.clicked.connect(partial(self._want_document, row))
        words = self.tr("%1, %2").replace("%1", row.author).replace("%2", times.minute(row.at))
        custody = SignLabel()
        custody.show_sign(custody_sign(row.custody))
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.LARGE)
        layout.addWidget(button)
        note = QLabel(words)
        theme.set_role(note, "note")
        layout.addWidget(note)
        layout.addWidget(custody)
        layout.addStretch(1)
        return line

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._refusal.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does --------------------------------------------------------------------------------

    def return_to(self, key: FormKey) -> None:
        """Put the cursor on `key` when the casebook is shown next."""
        self._return_to = key

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Print by Ctrl+P, add by Ctrl+N."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_P:
            self._want_papers()
        elif control and event.key() == Qt.Key.Key_N:
            self._unscheduled.showMenu()
        else:
            super().keyPressEvent(event)

    def _place_cursor(self, *, first: bool) -> None:
        index = self._grid.place(self._return_to) if self._return_to is not None else QModelIndex()
        if not index.isValid() and (first or not self._table.currentIndex().isValid()):
            index = self._first_cell()
        if index.isValid():
            self._table.setCurrentIndex(index)
        self._return_to = None

    def _first_cell(self) -> QModelIndex:
        for row in range(self._grid.rowCount()):
            for column in range(self._grid.columnCount()):
                index = self._grid.index(row, column)
                if self._grid.cell(index) is not None:
                    return index
        return QModelIndex()

    def _chosen(self, index: QModelIndex) -> None:
        cell = self._grid.cell(index)
        if cell is not None:
            self.open_form.emit(cell.key)

    def _add_unscheduled(self, form: str) -> None:
        if self._subject is not None:
            work = partial(self.port.add_unscheduled, self._subject, form)
            self.background.run(work, then=self._added, otherwise=self._refused)

    def _added(self, key: FormKey) -> None:
        self.open_form.emit(key)

    def _want_papers(self) -> None:
        if self._view is not None:
            self.papers_wanted.emit(self._view.subject, self._view.number)

    def _want_document(self, row: DocumentRow) -> None:
        if self._view is not None:
            self.document_wanted.emit(self._view.subject, row)
