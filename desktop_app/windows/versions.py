"""Study versions: which one asks the questions here, which one waits, and what the next one changes; to print, too."""

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from casebook.design import Text
from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.theme import Tone
from desktop_app.version_snapshots import ChangeLine, VersionRow, VersionState, VersionsView
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort


class VersionsPage(Page):
    """The versions of the study at this site."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view: VersionsView | None = None
        self._error: CasebookError | None = None
        self._back = BackButton("versions")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._look = IconButton("paper")
        self._look.setObjectName("versions_look")
        self._look.setCheckable(True)
        self._standing = sheet.label("note")
        self._standing.setObjectName("versions_standing")
        self._standing.setWordWrap(True)
        self._notice = Notice("versions_notice")
        self._table = LineList(
            "versions_table",
            (
                Share(least=180, weight=3),
                Share(least=80, from_width=560),
                Share(least=110, weight=1),
                Share(least=110, weight=2),
                Share(least=130, weight=2),
            ),
        )
        self._changes = LineList("versions_changes", (Share(least=180, weight=1),))
        self.sheet = PaperSheet("versions")
        self.sheet.hide()
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._look)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._notice)
        page.addWidget(self._standing)
        page.addWidget(self._table, 3)
        page.addWidget(self._changes, 2)
        page.addWidget(self.sheet, 1)
        page.addStretch()  # where there is no table, nothing else spreads
        self._back.clicked.connect(self.back_requested)
        self._look.toggled.connect(self._toggle)
        self.sheet.save_wanted.connect(self._write)
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Study versions")

    def refresh(self) -> None:
        """Ask for the versions again; the pages are drawn anew when they are looked at."""
        self._look.setChecked(False)
        self.background.run(self.port.versions, then=self.show_versions, otherwise=self._refused)

    def show_versions(self, view: VersionsView) -> None:
        """Show the versions, and form by form what the next one changes."""
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._view = view
        self._error = None
        if not view.new:
            words = self.tr("This version is the only one.")
        elif view.ahead:
            words = self.tr("Version %2 waits. Below: what it changes against version %1, which is in force.")
        else:
            words = self.tr("Version %2 is in force. Below: what it changed against version %1.")
        self._notice.say(
            words.replace("%1", view.old).replace("%2", view.new), Tone.WARN if view.ahead else Tone.ACCENT
        )
        self._standing.setText("\n".join(self._row(one) for one in view.rows))
        headings = (
            self.tr("Form"),
            self.tr("Begun"),
            self.tr("Values kept"),
            self.tr("Items added"),
            self.tr("Values no longer asked"),
        )
        self._table.show_lines(headings, [self._line(one) for one in view.lines])
        told = [text.strip() for text in view.changes.get(self.language, ()) if text.strip()]
        self._changes.show_lines(
            (self.tr("Changes of the study, in words"),),
            [Line(texts=(text,), what=place) for place, text in enumerate(told)],
        )
        self._show_lists()

    def _show_lists(self) -> None:
        on, view = self._look.isChecked(), self._view
        self._table.setVisible(not on and view is not None and bool(view.lines))
        self._changes.setVisible(not on and view is not None and bool(view.changes))
        self._standing.setVisible(not on)
        self.sheet.setVisible(on)

    def _row(self, row: VersionRow) -> str:
        day = "" if row.approved_on is None else row.approved_on.isoformat()
        match row.state:
            case VersionState.IN_FORCE:
                words = self.tr("in force, approved %1") if day else self.tr("in force")
            case VersionState.DORMANT:
                words = self.tr("approved from %1 on") if day else self.tr("dormant: no approval is recorded")
            case VersionState.EARLIER:
                words = self.tr("earlier, approved %1") if day else self.tr("earlier")
        return f"{row.label}  ({row.version})  {words.replace('%1', day)}"

    def _line(self, line: ChangeLine) -> Line:
        kept = [str(line.kept)]
        if line.reworded:
            kept.append(self.tr("%1 reworded").replace("%1", str(line.reworded)))
            kept += self._names(line.reworded_items)
        signs = {4: Sign(icon="warning", word="", tone=Tone.WARN)} if line.orphaned else {}
        return Line(
            texts=(
                line.label(self.language),
                str(line.instances),
                "\n".join(kept),
                "\n".join((str(line.added), *self._names(line.added_items))),
                "\n".join((str(line.orphaned), *self._names(line.orphaned_items))),
            ),
            signs=signs,
            what=line.form,
        )

    def _names(self, labels: tuple[Text, ...]) -> list[str]:
        return [label(self.language) for label in labels]

    def take_focus(self) -> None:
        """Put the cursor into the list."""
        (self._table if self._table.isVisible() else self._back).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._look.setText(self.tr("&Pages to print"))
        self._look.setAccessibleName(self.tr("Show the changes as pages, to print or save them"))
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._table.setAccessibleName(self.tr("What the version changes, form by form"))
        self._changes.setAccessibleName(self.tr("Changes of the study, in words"))
        self.sheet.retranslate()
        if self._view is not None:
            self.show_versions(self._view)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    # -- what the user does ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look at the pages and print them by Ctrl+P; leave them by Esc, then the page."""
        if not self.sheet.takes_key(event, self._look, self.take_focus):
            super().keyPressEvent(event)

    def _toggle(self, on: bool) -> None:
        self._show_lists()
        if on:
            self.sheet.show_document(None, "")
            self.background.run(self.port.versions_paper, then=self._show_pdf, otherwise=self._refused)

    def _show_pdf(self, data: bytes) -> None:
        self.sheet.show_document(data, self.file_name(f"{self.port.site} study versions.pdf"))
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
