"""Subjects: everyone of the site, found by typing, opened by Enter."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QHeaderView, QLabel, QLineEdit, QWidget

from casebook.design import Text
from casebook.errors import CasebookError
from casebook.ids import SubjectId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.subject_table import Column, SubjectTable
from desktop_app.snapshots import Custody, SubjectRow
from desktop_app.subject_snapshots import PairLine, PairStanding
from desktop_app.theme import Tone
from desktop_app.today_snapshots import SiteReading, SubjectsView
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.site_progress import SiteProgress
from desktop_app.widgets.table import Table
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

NARROW = 960
"""Below this width in pixels the list has a column less; below NARROWEST two."""
NARROWEST = 700
SHARES = {
    Column.NUMBER: (4, 104),
    Column.STATUS: (4, 124),
    Column.FORMS: (4, 150),
    Column.ATTENTION: (5, 120),
    Column.CUSTODY: (5, 190),
    Column.CHANGED: (3, 120),
}
"""How the columns share the width of the list, and how wide each is at least, in pixels."""
SEARCH, LEAST_SEARCH = 260, 150
"""How wide the field for the search is, in pixels, and in a narrow window."""
ALL, OPEN, CONFLICTS, QUERIES, HERE_ONLY = range(5)


class SubjectFilter(QSortFilterProxyModel):
    """Lets through subjects whose number or status contains what was typed, of one kind."""

    def __init__(self, table: SubjectTable, language: str) -> None:
        """Filter `table`."""
        super().__init__(table)
        self._table = table
        self._words = ""
        self._kind = ALL
        self._status = ""
        self._language = language
        self.setSourceModel(table)

    def ask(self, words: str, kind: int, status: str, language: str) -> None:
        """Let through other lines; `status` "" is any."""
        self.beginFilterChange()
        self._words, self._kind, self._status = words.strip().casefold(), kind, status
        self._language = language
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex | QPersistentModelIndex) -> bool:
        """Tell whether a line is let through."""
        del source_parent
        row = self._table.row(source_row)
        kinds = {
            OPEN: row.forms_complete < row.forms_started,
            CONFLICTS: bool(row.conflicts),
            QUERIES: bool(row.queries),
            HERE_ONLY: row.custody is Custody.HERE_ONLY,
        }
        numbers = " ".join((row.number, *row.earlier, *row.also))
        said = f"{numbers} {row.status_label(self._language)}".casefold()
        return self._words in said and kinds.get(self._kind, True) and self._status in {"", row.status}


class SubjectsPage(Page):
    """The subject list.

    Signals:
        subject_chosen: A subject's casebook is to be opened (SubjectId).
        log_wanted: The screening log is to be shown.
        pair_wanted: The subjects that look most like one person are to be shown side by side.
    """

    subject_chosen = Signal(str)
    log_wanted = Signal()
    pair_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view = SubjectsView(rows=(), unread=1)  # nothing is known before the first answer
        self._told: Text | None = None
        self._focus_wanted = False
        self._select: SubjectId | None = None
        self._error: CasebookError | None = None
        self._heading = sheet.label("title")
        self._search_label = QLabel()
        self._search = QLineEdit()
        self._search.setObjectName("subjects_search")
        self._search.setClearButtonEnabled(True)
        self._search_label.setBuddy(self._search)
        self._kind_label = QLabel()
        self._kind = QComboBox()
        self._kind.setObjectName("subjects_filter")
        self._kind.addItems([""] * 5)
        self._kind_label.setBuddy(self._kind)
        self._status = QComboBox()
        self._status.setObjectName("subjects_status")
        for name in ("", *port.design.statuses):
            self._status.addItem("", name)
        self._log = IconButton("log")
        self._log.setObjectName("subjects_log")
        self._add = PrimaryButton()
        self._add.setObjectName("subjects_add")
        if port.blinded:  # what has no parent yet would be shown as a window
            self._log.hide()
            self._add.hide()
        self._blinded = sheet.label("note")
        self._blinded.setObjectName("subjects_blinded")
        if not port.blinded:
            self._blinded.hide()
        self._remark = sheet.label("note")
        self._remark.setObjectName("subjects_remark")
        self._notice = Notice("subjects_notice")
        self._same = Notice("subjects_same")
        self._progress = SiteProgress("subjects_progress")
        self._pairs: tuple[PairLine, ...] = ()
        self._model = SubjectTable(language, self)
        self._filter = SubjectFilter(self._model, language)
        self._table = Table()
        self._table.setObjectName("subjects_table")
        self._table.setModel(self._filter)
        self._empty = sheet.label("note")
        self._empty.setObjectName("subjects_empty")
        self._count = sheet.label("note")
        self._count.setObjectName("subjects_count")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        asked = WrappingRow(theme.SMALL)
        for widget in (self._search_label, self._search, self._kind_label, self._kind, self._status):
            asked.add(widget)
        actions = WrappingRow(theme.SMALL)
        actions.add(self._log)
        actions.add(self._add)
        actions.keep_whole(whole=True)
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        head.addWidget(self._heading, 1)
        head.addWidget(actions, 0)
        page = sheet.scrolling_column(self, self._table)
        page.addLayout(head)
        page.addWidget(asked)
        page.addWidget(self._notice)
        page.addWidget(self._same)
        page.addWidget(self._progress)
        page.addWidget(self._blinded)
        page.addWidget(self._remark)
        page.addWidget(self._empty)
        page.addWidget(self._table, 1)
        page.addStretch()  # where there is no table, nothing else spreads
        page.addWidget(self._count)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._ask)
        self._search.returnPressed.connect(self._choose_first)
        self._kind.currentIndexChanged.connect(self._ask)
        self._status.currentIndexChanged.connect(self._ask)
        self._log.clicked.connect(self.log_wanted)
        self._add.clicked.connect(self._add_subject)
        self._table.chosen.connect(self._chosen)
        self._same.acted.connect(self.pair_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out when a subject last changed, then its forms, where the window is narrow; share the width anew."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._search.setMinimumWidth(LEAST_SEARCH if narrow else SEARCH)
        self._table.setColumnHidden(Column.CHANGED, narrow)
        self._table.setColumnHidden(Column.FORMS, self.width() < NARROWEST)
        shown = {column: room for column, room in SHARES.items() if not self._table.isColumnHidden(column)}
        left = self.width() - 2 * theme.HUGE - theme.LARGE - sum(least for _, least in shown.values())
        part = max(0, left) / sum(share for share, _ in shown.values())
        for column, (share, least) in shown.items():
            self._table.horizontalHeader().resizeSection(column, least + int(share * part))

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Subjects")

    def refresh(self) -> None:
        """Ask for the list."""
        self.background.run(self.port.agenda.subjects, then=self.show_view, otherwise=self._refused)
        self.background.run(self.port.same_person.read_on, then=self._read_on, otherwise=self._refused)

    def _read_on(self, done: bool) -> None:
        """Go on reading who the subjects are while the list is looked at; then ask which are alike."""
        same = self.port.same_person
        if done:
            self.background.run(same.pairs, then=self._show_pairs, otherwise=self._refused)
        elif self.isVisible():
            self.background.run(same.read_on, then=self._read_on, otherwise=self._refused)

    def _show_pairs(self, pairs: tuple[PairLine, ...]) -> None:
        """Tell of the pair that asks most of people, and how many there are."""
        self._pairs = pairs
        if not pairs:
            self._same.say("")
            return
        first, more = pairs[0], len(pairs) - 1
        if first.standing is PairStanding.NUMBER_TWICE:
            words, tone = self.tr("Two subjects have the number %1."), Tone.BAD
        elif first.standing is PairStanding.BOTH_RANDOMISED:
            words, tone = self.tr("%1 and %2 are one person, and both are randomised."), Tone.BAD
        elif first.standing is PairStanding.OFFERED:
            words, tone = self.tr("%1 and %2 look like the same person."), Tone.WARN
        elif first.standing is PairStanding.CONTRADICTED:
            words, tone = self.tr("What was said of %1 and %2 contradicts itself."), Tone.WARN
        else:
            words, tone = self.tr("What was proposed of %1 and %2 waits for data management."), Tone.QUIET
        words = words.replace("%1", first.first_number).replace("%2", first.second_number)
        if more:
            words += " " + self.tr("More pairs: %1.").replace("%1", str(more))
        self._same.say(words, tone, self.tr("Side by side"))

    def show_notice(self, notice: Text | None) -> None:
        """Show what was found when the record was opened; it stays until the next sentence."""
        self._told = notice
        self._notice.say(notice(self.language) if notice is not None else "", Tone.WARN)

    def show_view(self, view: SubjectsView) -> None:
        """Show the list; the chosen subject stays chosen."""
        self._tell_rights()
        chosen = self._select or self._current()
        self._select = None
        self._view = view
        self._model.show_rows(view.rows)
        self._progress.show_unread(view.unread)
        if view.unread:
            self.reading_wanted.emit()
        self._choose(chosen)
        self._tell_count()
        if self._focus_wanted:
            self._focus_wanted = False
            self._focus()

    def show_reading(self, reading: SiteReading) -> None:
        """See `Page`."""
        self._progress.show_reading(reading)

    def _tell_rights(self) -> None:
        remark = self.port.person.remark
        self._remark.setText(remark(self.language) if remark is not None else "")
        self._remark.setVisible(remark is not None)
        sheet.offer(self._add, self.why_not("enter"), "Ctrl+N")

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._focus_wanted = True
        self._focus()

    def _focus(self) -> None:
        adds = self._add.isVisible() and self._add.isEnabled()
        (self._table if self._filter.rowCount() else self._add if adds else self._search).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._search_label.setText(self.tr("&Find"))
        self._search.setAccessibleName(self.tr("Find a subject by number or status"))
        self._search.setPlaceholderText(self.tr("Number or status"))
        self._kind_label.setText(self.tr("Sho&w"))
        self._kind.setAccessibleName(self.tr("Which subjects are shown"))
        for place, words in enumerate(
            (
                self.tr("All subjects"),
                self.tr("Forms to finish"),
                self.tr("With conflicts"),
                self.tr("With queries"),
                self.tr("This laptop only"),
            )
        ):
            self._kind.setItemText(place, words)
        self._status.setAccessibleName(self.tr("Status of the subjects that are shown"))
        self._status.setItemText(0, self.tr("Any status"))
        for place, label in enumerate(self.port.design.statuses.values(), start=1):
            self._status.setItemText(place, label(self.language))
        self._log.setText(self.tr("Screening &log"))
        self._log.setAccessibleName(self.tr("Show the screening log of the site"))
        self._add.setText(self.tr("Add &subject"))
        self._tell_rights()
        self._blinded.setText(
            self.tr("Blinded: only what does not tell the treatment is here. Subjects are added by colleagues.")
        )
        self._table.setAccessibleName(self.tr("Subjects of the site"))
        self._model.set_language(self.language)
        self._progress.retranslate()
        self._show_pairs(self._pairs)
        self._ask()
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)
        elif self._told is not None:
            self.show_notice(self._told)

    def _tell_count(self) -> None:
        shown, everyone = self._filter.rowCount(), len(self._view.rows)
        words = self.tr("%1 of %2 subjects. Enter opens, Ctrl+N adds.")
        if self.port.blinded or not self.port.person.may("enter"):
            words = self.tr("%1 of %2 subjects. Enter opens.")
        self._count.setText(words.replace("%1", str(shown)).replace("%2", str(everyone)))
        self._table.setVisible(bool(shown))
        self._count.setVisible(bool(everyone))
        self._empty.setVisible(not shown and not (self._view.unread and not everyone))
        if everyone:
            self._empty.setText(self.tr("No subject fits. Change what you look for."))
        elif self.port.blinded or not self.port.person.may("enter"):
            self._empty.setText(self.tr("No subject yet."))
        else:
            self._empty.setText(self.tr("No subject yet. Add the first one: it needs no network."))

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._tell_rights()
        self._notice.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add by Ctrl+N, find by Ctrl+F or simply by typing."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_N:
            self._add_subject()
        elif control and event.key() == Qt.Key.Key_F:
            self._search.setFocus()
            self._search.selectAll()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        chosen = self._current()
        status = str(self._status.currentData() or "")
        self._filter.ask(self._search.text(), self._kind.currentIndex(), status, self.language)
        self._choose(chosen)
        self._tell_count()

    def _current(self) -> SubjectId | None:
        index = self._table.currentIndex()
        return self._model.row(self._filter.mapToSource(index).row()).subject if index.isValid() else None

    def _choose(self, subject: SubjectId | None) -> None:
        place = next((row for row, each in enumerate(self._view.rows) if each.subject == subject), 0)
        index = self._filter.mapFromSource(self._model.index(place, 0))
        if not index.isValid() and self._filter.rowCount():
            index = self._filter.index(0, 0)
        if index.isValid():
            self._table.setCurrentIndex(index)

    def _choose_first(self) -> None:
        if self._filter.rowCount():
            self._chosen(self._filter.index(0, 0))

    def _chosen(self, index: QModelIndex) -> None:
        self.subject_chosen.emit(self._model.row(self._filter.mapToSource(index).row()).subject)

    def _add_subject(self) -> None:
        if not self._add.isEnabled():
            return
        self._add.setEnabled(False)
        self._error, self._told = None, None
        self._notice.say("")
        self.background.run(self.port.add_subject, then=self._added, otherwise=self._refused)

    def _added(self, row: SubjectRow) -> None:
        self._tell_rights()
        self._search.clear()
        self._kind.setCurrentIndex(ALL)
        self._status.setCurrentIndex(0)
        self._select = row.subject
        words = self.tr("Subject %1 added and kept on this laptop.").replace("%1", row.number)
        self._notice.say(words, Tone.GOOD)
        self.status.emit(words)
        self.background.run(self.port.agenda.subjects, then=self._show_added, otherwise=self._refused)

    def _show_added(self, view: SubjectsView) -> None:
        self.show_view(view)
        self._table.setFocus()
