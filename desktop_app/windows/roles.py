"""Roles: what each may do and see, as the study says; to read and to print."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.line_table import Line
from desktop_app.phrases import begun, listed
from desktop_app.staff_snapshots import MatrixRow, MatrixView
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort


class RolesPage(Page):
    """What each role may do and see."""

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._staff = staff
        self._view: MatrixView | None = None
        self._back = BackButton("roles")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._look = IconButton("paper")
        self._look.setObjectName("roles_look")
        self._look.setCheckable(True)
        self._note = sheet.label("note")
        self._notice = Notice("roles_notice")
        self._table = LineList("roles_table", (Share(least=200, weight=2), Share(least=260, weight=5)))
        self.sheet = PaperSheet("roles")
        self.sheet.hide()
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._look)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._note)
        page.addWidget(self._notice)
        page.addWidget(self._table, 1)
        page.addWidget(self.sheet, 1)
        self._back.clicked.connect(self.back_requested)
        self._look.toggled.connect(self._toggle)
        self.sheet.save_wanted.connect(self._write)
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("What each role may do")

    def refresh(self) -> None:
        """Ask for the matrix; the pages are drawn anew when they are looked at."""
        self._look.setChecked(False)
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self.background.run(self._staff.matrix, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: MatrixView) -> None:
        """Show one line for each right."""
        self._view = view
        headings = (self.tr("What"), self.tr("Who may"))
        lines = [
            Line(texts=(begun(row.label(self.language)), self._who(view, row)), what=row.right) for row in view.rows
        ]
        self._table.show_lines(headings, lines)

    def _who(self, view: MatrixView, row: MatrixRow) -> str:
        said = []
        for role, cell in zip(view.roles, row.cells, strict=True):
            words = cell(self.language)
            if words == "+":
                said.append(role(self.language))
            elif words:
                said.append(self.tr("%1: %2", "role: forms").replace("%1", role(self.language)).replace("%2", words))
        return (
            "\n".join(said)
            if any(":" in one or "：" in one for one in said)
            else listed(self.language, said) or self.tr("nobody")
        )

    def take_focus(self) -> None:
        """Put the cursor into the list."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._look.setText(self.tr("&Pages to print"))
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._look.setAccessibleName(self.tr("Show the pages of the matrix, to print or save them"))
        self._note.setText(
            self.tr("The study says so. At a site with a delegation log, delegated roles need an entry of the day too.")
        )
        self._table.setAccessibleName(self.tr("Rights, and which roles have them"))
        self.sheet.retranslate()
        if self._view is not None:
            self.show_view(self._view)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look at the pages and print them by Ctrl+P; leave them by Esc."""
        if not self.sheet.takes_key(event, self._look, self.take_focus):
            super().keyPressEvent(event)

    def _toggle(self, on: bool) -> None:
        self._table.setVisible(not on)
        self.sheet.setVisible(on)
        if on:
            self.sheet.show_document(None, "")
            self.background.run(self._staff.matrix_paper, then=self._show_pdf, otherwise=self._refused)

    def _show_pdf(self, data: bytes) -> None:
        self.sheet.show_document(data, self.file_name(f"{self.title()}.pdf"))
        self.sheet.view.setFocus()

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(lambda: write_file(path, data), then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self._notice.say(self.tr("Saved as %1").replace("%1", path), Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._notice.say(error.sentence(self.language), Tone.BAD)
