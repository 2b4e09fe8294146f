"""Screening log: everyone who was screened at the site, with what became of them; to read and to print."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from casebook.errors import CasebookError
from casebook.ids import SubjectId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.line_table import Line
from desktop_app.snapshots import SubjectRow
from desktop_app.theme import Tone
from desktop_app.today_snapshots import SiteReading, SubjectsView
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.widgets.site_progress import SiteProgress
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

Rows = tuple[SubjectRow, ...]


class ScreeningPage(Page):
    """The screening log of the site."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._rows: Rows = ()
        self._error: CasebookError | None = None
        self._back = BackButton("screening")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._look = IconButton("paper")
        self._look.setObjectName("screening_look")
        self._look.setCheckable(True)
        self._count = sheet.label("note")
        self._count.setObjectName("screening_count")
        self._notice = Notice("screening_notice")
        self._progress = SiteProgress("screening_progress")
        self._table = LineList(
            "screening_table",
            (
                Share(least=110),
                Share(least=112, from_width=760),
                Share(least=112, from_width=640),
                Share(least=112),
                Share(least=130, weight=1),
                Share(least=112, from_width=520),
                Share(least=140, weight=3),
            ),
        )
        self.sheet = PaperSheet("screening")
        self.sheet.hide()
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._look)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._notice)
        page.addWidget(self._progress)
        page.addWidget(self._count)
        page.addWidget(self._table, 1)
        page.addWidget(self.sheet, 1)
        self._back.clicked.connect(self.back_requested)
        self._look.toggled.connect(self._toggle)
        self.sheet.save_wanted.connect(self._write)
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Screening log")

    def refresh(self) -> None:
        """Ask for the subjects again; the pages are drawn anew when they are looked at."""
        self._look.setChecked(False)
        self.background.run(self.port.agenda.subjects, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: SubjectsView) -> None:
        """Show everyone who is known so far."""
        self.show_rows(view.rows)
        self._progress.show_unread(view.unread)
        if view.unread:
            self.reading_wanted.emit()

    def show_reading(self, reading: SiteReading) -> None:
        """See `Page`."""
        self._progress.show_reading(reading)

    def show_rows(self, rows: Rows) -> None:
        """Show everyone, in order of number."""
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._rows = rows
        self._error = None
        self._notice.say("")
        headings = (
            self.tr("Subject"),
            self.tr("Screened"),
            self.tr("Consent"),
            self.tr("Randomised"),
            self.tr("Status"),
            self.tr("Since"),
            self.tr("Reason"),
        )
        self._table.show_lines(headings, [self._line(row) for row in rows])
        counted: dict[str, int] = {}
        for row in rows:
            label = row.status_label(self.language)
            counted[label] = counted.get(label, 0) + 1
        told = [self.tr("Subjects: %1").replace("%1", str(len(rows)))]
        self._count.setText(" · ".join([*told, *(f"{label} {count}" for label, count in counted.items())]))

    def _line(self, row: SubjectRow) -> Line:
        facts = row.screening
        days = (f"{row.added_at:%Y-%m-%d}", facts.consented_on, facts.randomised_on)
        texts = (row.number, *days, row.status_label(self.language), facts.since, facts.reason(self.language))
        return Line(texts=texts, what=row.subject)

    def take_focus(self) -> None:
        """Put the cursor into the list."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._look.setText(self.tr("&Pages to print"))
        self._look.setAccessibleName(self.tr("Show the pages of the log, to print or save them"))
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._table.setAccessibleName(self.tr("Everyone who was screened; Enter opens the casebook"))
        self._progress.retranslate()
        self.sheet.retranslate()
        self.show_rows(self._rows)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    # -- what the user does ---------------------------------------------------------------------------------

    @property
    def table(self) -> LineList:
        """The list; it says which subject is chosen."""
        return self._table

    def subject_of(self, what: object) -> SubjectId | None:
        """Return the subject that a line stands for."""
        return next((row.subject for row in self._rows if row.subject == what), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look at the pages and print them by Ctrl+P; leave them by Esc."""
        if not self.sheet.takes_key(event, self._look, self.take_focus):
            super().keyPressEvent(event)

    def _toggle(self, on: bool) -> None:
        self._table.setVisible(not on)
        self.sheet.setVisible(on)
        if on:
            self.sheet.show_document(None, "")
            self.background.run(self.port.screening_log, then=self._show_pdf, otherwise=self._refused)

    def _show_pdf(self, data: bytes) -> None:
        self.sheet.show_document(data, self.file_name(f"{self.port.site} screening log.pdf"))
        self.sheet.view.setFocus()

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(lambda: write_file(path, data), then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self._notice.say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)
