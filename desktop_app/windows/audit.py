"""Audit trail: every change and act as a sentence; of the site, a subject, a form or an item."""

from dataclasses import replace
from datetime import date
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from casebook.errors import CasebookError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.audit_snapshots import AuditKind, AuditQuestion, AuditRow, AuditView
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.phrases import clauses
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import AuditPort

DAY_WIDTH = 130


class AuditPage(Page):
    """The audit trail, a page at a time.

    Signals:
        item_wanted: A line's form is to be opened at its item (FormKey, ItemPath or None).
    """

    item_wanted = Signal(object, object)

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        audit: AuditPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `take_question` says what it is the trail of."""
        super().__init__(background, port, language, parent)
        self._audit = audit
        self._question = AuditQuestion()
        self._view: AuditView | None = None
        self._error: CasebookError | None = None
        self._back = BackButton("audit")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._look = IconButton("paper")
        self._look.setObjectName("audit_look")
        self._look.setCheckable(True)
        self._save = IconButton("save")
        self._save.setObjectName("audit_save_table")
        self._about = sheet.label("note")
        self._about.setObjectName("audit_about")
        self._make_filters()
        self._notice = Notice("audit_notice")
        self._count = QLabel()
        self._count.setObjectName("audit_count")
        theme.set_role(self._count, "note")
        self._newer = IconButton("back")
        self._newer.setObjectName("audit_newer")
        self._older = IconButton("chevron_right")
        self._older.setObjectName("audit_older")
        shares = (
            Share(least=208),
            Share(least=130, weight=2),
            Share(least=130, weight=2, from_width=620),
            Share(least=200, weight=5),
        )
        self._table = LineList("audit_table", shares)
        self._detail = sheet.label("note")
        self._detail.setObjectName("audit_detail")
        self.sheet = PaperSheet("audit")
        self.sheet.hide()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _make_filters(self) -> None:
        self._kind = QComboBox()
        self._kind.setObjectName("audit_kind")
        for kind in AuditKind:
            self._kind.addItem("", kind)
        self._person = QComboBox()
        self._person.setObjectName("audit_person")
        self._person.addItem("", None)
        self._since, self._until = QLineEdit(), QLineEdit()
        for edit, name in ((self._since, "audit_since"), (self._until, "audit_until")):
            edit.setObjectName(name)
            edit.setFixedWidth(DAY_WIDTH)
            edit.setPlaceholderText("2026-03-01")
        self._late, self._uncertain, self._signed = QCheckBox(), QCheckBox(), QCheckBox()
        boxes = ((self._late, "audit_late"), (self._uncertain, "audit_uncertain"), (self._signed, "audit_signed"))
        for box, name in boxes:
            box.setObjectName(name)
        self._captions = {self._since: QLabel(), self._until: QLabel()}
        self._filters = WrappingRow(theme.SMALL)
        for part in (
            self._kind,
            self._person,
            _together(self._captions[self._since], self._since),
            _together(self._captions[self._until], self._until),
            self._late,
            self._uncertain,
            self._signed,
        ):
            self._filters.add(part)
        for edit, caption in self._captions.items():
            caption.setBuddy(edit)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._heading)
        names.addWidget(self._about)
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        head.addWidget(self._back)
        head.addLayout(names, 1)
        head.addWidget(self._look)
        head.addWidget(self._save)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(self._detail)
        told.addWidget(self._count)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SMALL)
        foot.addLayout(told, 1)
        foot.addWidget(self._newer)
        foot.addWidget(self._older)
        page = sheet.scrolling_column(self, self._table)
        page.addLayout(head)
        page.addWidget(self._filters)
        page.addWidget(self._notice)
        page.addWidget(self._table, 1)
        page.addLayout(foot)
        page.addWidget(self.sheet, 1)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._look.toggled.connect(self._toggle)
        self._save.clicked.connect(self._ask_file)
        self._kind.activated.connect(self._narrow)
        self._person.activated.connect(self._narrow)
        for box in (self._late, self._uncertain, self._signed):
            box.toggled.connect(self._narrow)
        for edit in (self._since, self._until):
            edit.editingFinished.connect(self._narrow)
        self._newer.clicked.connect(lambda: self._turn(-1))
        self._older.clicked.connect(lambda: self._turn(1))
        self._table.line_chosen.connect(self._open)
        self._table.selectionModel().currentChanged.connect(self._tell_detail)
        self.sheet.save_wanted.connect(self._write_pages)

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Audit trail")

    def take_question(self, question: AuditQuestion) -> None:
        """Take up the trail of something else, for the next `refresh`; the conditions of before are taken back."""
        self._question = question
        self._view = None
        for box in (self._late, self._uncertain, self._signed):
            box.blockSignals(True)
            box.setChecked(False)
            box.blockSignals(False)
        for edit in (self._since, self._until):
            edit.clear()
        self._kind.setCurrentIndex(max(0, self._kind.findData(question.kind)))
        self._person.setCurrentIndex(0)

    def refresh(self) -> None:
        """Ask again; the pages are drawn anew when they are looked at."""
        self._look.setChecked(False)
        self.background.run(partial(self._audit.page, self._question), then=self.show_view, otherwise=self._refused)

    def _tell_rights(self) -> None:
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        sheet.offer(self._save, self.why_not("export"))

    def show_view(self, view: AuditView) -> None:
        """Show a page of the trail."""
        self._tell_rights()
        self._view = view
        self._question = view.question
        self._error = None
        self._notice.say("")
        self._show_people(view)
        self._show_lines(view)

    def _show_people(self, view: AuditView) -> None:
        if view.question.person is not None:
            return  # who else has lines is told where nobody is chosen
        known = [self._person.itemData(place) for place in range(1, self._person.count())]
        if known != [user for user, _ in view.people]:
            while self._person.count() > 1:
                self._person.removeItem(1)
            for user, name in view.people:
                self._person.addItem(name, user)

    def _show_lines(self, view: AuditView) -> None:
        headings = (self.tr("When"), self.tr("Who"), self.tr("Where"), self.tr("What was done"))
        self._table.show_lines(headings, [self._line(row) for row in view.rows])
        self._about.setText(view.about(self.language))
        if view.count:
            told = self.tr("Lines %1 to %2 of %3, the newest first.")
            last = view.first + len(view.rows) - 1
            told = told.replace("%1", str(view.first)).replace("%2", str(last)).replace("%3", str(view.count))
        else:
            told = self.tr("Nothing is recorded that fits.")
        self._count.setText(told)
        self._newer.setEnabled(view.question.page > 0)
        self._older.setEnabled(view.question.page + 1 < view.pages)
        self._tell_detail()

    def _tell_detail(self) -> None:
        """Say of the current line how far its time can be believed, and which record it is."""
        row = self._row(self._table.current())
        if row is None:
            self._detail.setText("")
            return
        told = self.tr("Time: %1. Record %2.").replace("%1", row.time(self.language)).replace("%2", row.commit[:8])
        self._detail.setText(told)

    def _line(self, row: AuditRow) -> Line:
        language = self.language
        who = row.who(language)
        if row.role(language):
            who = clauses(language, (who, row.role(language)))
        if row.laptop:
            who = self.tr("%1 (laptop %2)").replace("%1", who).replace("%2", row.laptop)
        if row.sealed_by is not None:
            who += "\n" + self.tr("sealed by %1").replace("%1", row.sealed_by(language))
        offset = f"{row.at:%z}"
        when = f"{times.minute(row.at)} {offset[:3]}:{offset[3:]}"
        said = row.sentence(language)
        if row.why(language):
            said += "\n" + self.tr("Reason: %1").replace("%1", row.why(language))
        signs = {} if row.verified else {0: Sign(icon="clock", word=row.time(language), tone=Tone.WARN)}
        texts = (when, who, row.where(language), said)
        return Line(texts=texts, what=(row.commit, row.index), signs=signs)

    def take_focus(self) -> None:
        """Put the cursor into the list."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._look.setText(self.tr("&Pages to print"))
        self._tell_rights()
        self._look.setAccessibleName(self.tr("Show the pages of the audit trail, to print or save them"))
        self._save.setText(self.tr("As a &table…"))
        self._save.setAccessibleName(self.tr("Write these lines as a table (CSV)"))
        kinds = {
            AuditKind.ALL: self.tr("Everything"),
            AuditKind.VALUES: self.tr("Values"),
            AuditKind.FORMS: self.tr("Marks, signatures, documents"),
            AuditKind.QUERIES: self.tr("Queries"),
            AuditKind.SECURITY: self.tr("Security and people"),
        }
        for place, kind in enumerate(AuditKind):
            self._kind.setItemText(place, kinds[kind])
        self._kind.setAccessibleName(self.tr("Which acts"))
        self._person.setItemText(0, self.tr("By everybody"))
        self._person.setAccessibleName(self.tr("By whom"))
        self._captions[self._since].setText(self.tr("&from"))
        self._captions[self._until].setText(self.tr("t&o"))
        self._since.setAccessibleName(self.tr("From this day on"))
        self._until.setAccessibleName(self.tr("Up to this day"))
        self._late.setText(self.tr("entered &late"))
        self._uncertain.setText(self.tr("&clock uncertain"))
        self._signed.setText(self.tr("&after a signature"))
        self._table.setAccessibleName(self.tr("Audit trail; Enter opens the form"))
        self._newer.setText(self.tr("&Newer"))
        self._older.setText(self.tr("Ol&der"))
        self.sheet.retranslate()
        if self._view is not None:
            self._show_lines(self._view)
            hours = self.tr("More than %1 hours after the form's own date").replace("%1", str(self._view.late_hours))
            self._late.setToolTip(hours)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    # -- what the user does ---------------------------------------------------------------------------------

    def _narrow(self) -> None:
        """Ask with the conditions that stand now; a day that cannot be read is said and changes nothing."""
        days: list[date | None] = []
        for edit in (self._since, self._until):
            day = _day(edit.text())
            wrong = day is None and bool(edit.text().strip())
            theme.set_tone(edit, Tone.BAD if wrong else None)
            if wrong:
                self._notice.say(self.tr("This is no day. Type it as 2026-03-01."), Tone.BAD)
                return
            days.append(day)
        person = self._person.currentData()
        asked = replace(
            self._question,
            kind=AuditKind(self._kind.currentData()),
            person=UserId(str(person)) if person else None,
            since=days[0],
            until=days[1],
            late=self._late.isChecked(),
            uncertain=self._uncertain.isChecked(),
            after_signature=self._signed.isChecked(),
            page=0,
        )
        if asked != replace(self._question, page=0) or self._error is not None or self._notice.text():
            self._question = asked
            self.refresh()

    def _turn(self, by: int) -> None:
        self._question = replace(self._question, page=max(0, self._question.page + by))
        self.refresh()
        self._table.scrollToTop()

    def _row(self, what: object) -> AuditRow | None:
        rows = self._view.rows if self._view is not None else ()
        return next((one for one in rows if (one.commit, one.index) == what), None)

    def _open(self, what: object) -> None:
        row = self._row(what)
        if row is not None and row.key is not None:
            self.item_wanted.emit(row.key, row.path if row.path is not None and row.path.item else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look at the pages and print them by Ctrl+P; leave them by Esc."""
        if not self.sheet.takes_key(event, self._look, self.take_focus):
            super().keyPressEvent(event)

    def _toggle(self, on: bool) -> None:
        for part in (self._table, self._filters, self._detail, self._count, self._newer, self._older):
            part.setVisible(not on)
        self.sheet.setVisible(on)
        if on:
            self.sheet.show_document(None, "")
            work = partial(self._audit.paper, self._question)
            self.background.run(work, then=self._show_pdf, otherwise=self._no_pages)

    def _file_name(self) -> str:
        about = self._view.about(self.language) if self._view is not None else self.port.site
        plain = "".join(letter for letter in about if letter.isalnum() or letter in " -")
        return self.file_name(f"{self.title()} {plain}".strip())

    def _show_pdf(self, data: bytes) -> None:
        self.sheet.show_document(data, f"{self._file_name()}.pdf")
        self.sheet.view.setFocus()

    def _no_pages(self, error: CasebookError) -> None:
        self._look.setChecked(False)
        self._refused(error)

    def _write_pages(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(lambda: write_file(path, data), then=self._written, otherwise=self._refused)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Write the lines as a table"), f"{self._file_name()}.csv", "CSV (*.csv)")
        dialog.setObjectName("audit_save_table_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.write_table)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write_table(self, path: str) -> None:
        """Write what is asked for to a file."""
        asked, language, audit = self._question, self.language, self._audit

        def work() -> str:
            return write_file(path, audit.tables(asked, language))

        self.background.run(work, then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self._notice.say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)


def _together(*parts: QWidget) -> QWidget:
    """Return parts that stay beside each other when the line wraps."""
    whole = QWidget()
    line = sheet.row(*parts)
    line.setContentsMargins(0, 0, 0, 0)
    whole.setLayout(line)
    return whole


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
