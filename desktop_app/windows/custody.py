"""Custody: where every record is, form by form, and whether this laptop may be wiped."""

from functools import partial

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QHeaderView, QLabel, QLineEdit, QWidget

from casebook.custody import Custody
from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.custody_snapshots import CustodyView
from desktop_app.models import times
from desktop_app.models.custody_table import Column, CustodyTable, light_sign, reasons
from desktop_app.models.row_table import ROOT, SORT_ROLE, Index
from desktop_app.theme import Tone
from desktop_app.widgets.icon import IconButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.table import Table
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

NARROW = 1000
"""Below this width in pixels the number of saves is left out; below NARROWEST how many are only here, too."""
NARROWEST = 700
WIDTHS = {Column.SUBJECT: 110, Column.FORM: 300, Column.VISIT: 220, Column.SAVES: 80, Column.HERE_ONLY: 100}
NARROW_WIDTHS = {Column.FORM: 210, Column.VISIT: 170, Column.HERE_ONLY: 90}
NARROWEST_WIDTHS = {Column.SUBJECT: 92, Column.FORM: 160, Column.VISIT: 124}
SHOWN: tuple[frozenset[Custody], ...] = (
    frozenset(Custody),
    frozenset({Custody.HERE_ONLY}),
    frozenset({Custody.BUNDLE}),
    frozenset({Custody.RECEIVED, Custody.BACKUP}),
    frozenset({Custody.BACKUP}),
)
"""What each choice of the filter shows."""


class CustodyFilter(QSortFilterProxyModel):
    """The lines that are looked for, sorted by any column."""

    def __init__(self, model: CustodyTable) -> None:
        """Show everything, in the order in which it comes."""
        super().__init__(model)
        self._model = model
        self._words = ""
        self._shown = SHOWN[0]
        self.setSourceModel(model)
        self.setSortRole(SORT_ROLE)

    def ask(self, words: str, shown: frozenset[Custody]) -> None:
        """Show lines with these words in them whose records are in one of these places."""
        self._words, self._shown = words.strip().casefold(), shown
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index = ROOT) -> bool:
        """Tell whether a line is looked for."""
        del source_parent
        said = " ".join(str(self._model.index(source_row, column).data() or "") for column in Column).casefold()
        return self._words in said and self._model.row(source_row).whereis.custody in self._shown


class CustodyPage(Page):
    """Where everything is.

    Signals:
        retiring_wanted: The user wants to retire the laptop.
    """

    retiring_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view: CustodyView | None = None
        self._heading = sheet.label("title")
        self._light = SignLabel()
        self._light.setObjectName("custody_light")
        self._reasons = sheet.label()
        self._reasons.setObjectName("custody_reasons")
        self._told = sheet.label("note")
        self._told.setObjectName("custody_told")
        self._notice = Notice("custody_notice")
        self._search_label = QLabel()
        self._search = QLineEdit()
        self._search.setObjectName("custody_search")
        self._search.setClearButtonEnabled(True)
        self._search_label.setBuddy(self._search)
        self._kind_label = QLabel()
        self._kind = QComboBox()
        self._kind.setObjectName("custody_filter")
        self._kind.addItems([""] * len(SHOWN))
        self._kind_label.setBuddy(self._kind)
        self._save = IconButton("save")
        self._save.setObjectName("custody_save")
        self._retire = IconButton("laptop")
        self._retire.setObjectName("custody_retire")
        self._model = CustodyTable(language, self)
        self._filter = CustodyFilter(self._model)
        self._table = Table()
        self._table.setObjectName("custody_table")
        self._table.setModel(self._filter)
        self._count = sheet.label("note")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        head = self._table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._search.setMinimumWidth(220)
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        card, inner = sheet.card("custody_card")
        inner.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        inner.setSpacing(theme.SMALL)
        for said in (self._light, self._reasons, self._told):
            inner.addWidget(said)
        tools = QHBoxLayout()
        tools.setSpacing(theme.SMALL)
        for widget in (self._search_label, self._search, self._kind_label, self._kind):
            tools.addWidget(widget)
        tools.addStretch(1)
        page = sheet.scrolling_column(self, self._table)
        page.addWidget(self._heading)
        page.addWidget(card)
        page.addWidget(self._notice)
        page.addLayout(tools)
        page.addWidget(self._table, 1)
        page.addWidget(self._count)
        page.addLayout(sheet.row(self._save, self._retire))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give where a record is its room in a narrow window."""
        super().resizeEvent(event)
        narrow, narrowest = self.width() < NARROW, self.width() < NARROWEST
        self._table.setColumnHidden(Column.SAVES, narrow)
        self._table.setColumnHidden(Column.HERE_ONLY, narrowest)
        widths = WIDTHS | (NARROW_WIDTHS if narrow else {}) | (NARROWEST_WIDTHS if narrowest else {})
        for column, width in widths.items():
            self._table.horizontalHeader().resizeSection(column, width)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._ask)
        self._kind.currentIndexChanged.connect(self._ask)
        self._table.chosen.connect(self._chosen)
        self._save.clicked.connect(self._ask_place)
        self._retire.clicked.connect(self.retiring_wanted)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Where everything is")

    def refresh(self) -> None:
        """Ask where everything is."""
        self._tell_rights()
        self.background.run(self.port.custody.view, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: CustodyView) -> None:
        """Show a newer picture."""
        self._view = view
        self._model.show_rows(view.rows)
        self._retell()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._search_label.setText(self.tr("&Find"))
        self._search.setAccessibleName(self.tr("Find by subject, form or visit"))
        self._search.setPlaceholderText(self.tr("Subject, form or visit"))
        self._kind_label.setText(self.tr("Sho&w"))
        self._kind.setAccessibleName(self.tr("Which records are shown"))
        for place, words in enumerate(
            (
                self.tr("Everything"),
                self.tr("On this laptop only"),
                self.tr("In a bundle"),
                self.tr("Received by the server"),
                self.tr("In a backup of the server"),
            )
        ):
            self._kind.setItemText(place, words)
        self._save.setText(self.tr("&Save as CSV…"))
        self._retire.setText(self.tr("&Retire this laptop…"))
        self._table.setAccessibleName(self.tr("Where the records of each form are"))
        self._model.set_language(self.language)
        self._tell_rights()
        self._retell()

    def _tell_rights(self) -> None:
        sheet.offer(self._save, self.why_not("print"))
        sheet.offer(self._retire, self.why_not("administer"))

    def _retell(self) -> None:
        view = self._view
        if view is None:
            return
        self._light.show_sign(light_sign(view.verdict))
        said = reasons(view.verdict)
        self._reasons.setText("\n".join(said))
        self._reasons.setVisible(bool(said))
        told = []
        if view.told_at is not None:
            told.append(self.tr("The server last confirmed something at %1.").replace("%1", times.minute(view.told_at)))
        if view.backup_at is not None:
            told.append(self.tr("Its last verified backup is of %1.").replace("%1", times.minute(view.backup_at)))
        self._told.setText(" ".join(told))
        self._told.setVisible(bool(told))
        self._ask()

    def _ask(self) -> None:
        self._filter.ask(self._search.text(), SHOWN[max(self._kind.currentIndex(), 0)])
        words = self.tr("%1 of %2 lines. Enter opens a form; F3 or a heading sorts.")
        shown, every = self._filter.rowCount(), self._model.rowCount()
        self._count.setText(words.replace("%1", str(shown)).replace("%2", str(every)))
        if shown and not self._table.currentIndex().isValid():
            self._table.setCurrentIndex(self._filter.index(0, 0))

    # -- what the user does --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find by Ctrl+F; sort by the next column by F3."""
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_F:
            self._search.setFocus()
            self._search.selectAll()
        elif event.key() == Qt.Key.Key_F3:
            self._sort_further()
        else:
            super().keyPressEvent(event)

    def _sort_further(self) -> None:
        """Sort by the next column; after the last one as it came."""
        column = self._filter.sortColumn() + 1
        self._table.sortByColumn(column if column < len(Column) else -1, Qt.SortOrder.AscendingOrder)

    def _chosen(self, index: QModelIndex) -> None:
        key = self._model.row(self._filter.mapToSource(index).row()).key
        if key is not None:
            self.open_form.emit(key)

    def _ask_place(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the table"), "custody.csv", "CSV (*.csv)")
        dialog.setObjectName("custody_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Save the table as a CSV file."""
        language = self.language
        work = partial(_write_table, self.port, path, language)
        self.background.run(work, then=self._saved, otherwise=self._refused)

    def _saved(self, path: str) -> None:
        self._notice.say(self.tr("Saved as %1.").replace("%1", path), Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._notice.say(error.sentence(self.language), Tone.BAD)


def _write_table(port: SessionPort, path: str, language: str) -> str:
    return write_file(path, port.custody.table(language))
