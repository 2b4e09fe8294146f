"""The boards of a casebook: visits and forms, logs and events, what is due, findings, eligibility.

Each stands behind a tab; the page gives the tabs their place and takes the signals.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from casebook.design import StudyDesign
from casebook.records import FormKey, ItemPath
from desktop_app import theme
from desktop_app.models import boards
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.oversight_snapshots import FormStanding
from desktop_app.snapshots import CasebookView, DueKind, DueLine, EligibilityView, FormCell
from desktop_app.widgets.casebook_table import CasebookTable
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.minute_clock import MinuteClock
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet

VISITS, RUNNING, DUE, FINDINGS, ELIGIBILITY = range(5)
"""The boards, in order."""


class CasebookBoards(QWidget):
    """What a casebook holds, a board at a time.

    Signals:
        form_wanted: A form was chosen (FormKey).
        item_wanted: An item of a form was chosen (FormKey, ItemPath).
        moved: The cursor of the visits stands elsewhere.
    """

    form_wanted = Signal(object)
    item_wanted = Signal(object, object)
    moved = Signal()

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        """Make empty boards; `show_view` fills them."""
        super().__init__(parent)
        self._language = language
        self._view: CasebookView | None = None
        self._clock = MinuteClock(self)
        self._reasons: dict[str, str] = {}
        self._narrow = False
        self._criteria_wanted = False
        self.tabs = QTabBar()
        self.tabs.setObjectName("casebook_tabs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        for _ in range(5):
            self.tabs.addTab("")
        self._grid = CasebookGrid(language, self)
        self._make_visits()
        self._make_lists()
        self._empty = sheet.label("note")
        self._empty.setObjectName("casebook_empty")
        self._stack = QStackedWidget()
        for board in (self._visits, self._running, self._due, self._findings, self._eligibility):
            self._stack.addWidget(board)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._empty)
        column.addWidget(self._stack, 1)
        self._connect()

    def _make_visits(self) -> None:
        self._table = CasebookTable(self._grid)
        self._table.setObjectName("casebook_table")
        self._here = sheet.label("note")
        self._here.setObjectName("casebook_here")
        self._visits = QWidget()
        column = QVBoxLayout(self._visits)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._table, 1)
        column.addWidget(self._here)

    def _make_lists(self) -> None:
        self._running = LineList(
            "casebook_running",
            (
                Share(least=200, weight=2),
                Share(least=128),
                Share(least=120, weight=3, from_width=640),
                Share(least=136),
                Share(least=112, from_width=560),
                Share(least=192, from_width=860),
            ),
        )
        self._due = LineList("casebook_due", (Share(least=210), Share(least=180), Share(least=160, weight=1)))
        self._findings = LineList(
            "casebook_findings",
            (
                Share(least=104),
                Share(least=120, weight=1, from_width=640),
                Share(least=110, weight=1),
                Share(least=200, weight=3),
                Share(least=130, weight=1, from_width=560),
            ),
        )
        self._criteria = LineList(
            "casebook_criteria",
            (
                Share(least=92),
                Share(least=168),
                Share(least=160, weight=2),
                Share(least=180, weight=2, from_width=600),
                Share(least=176, from_width=760),
            ),
        )
        self._verdict = Notice("casebook_verdict")
        self._eligibility = QWidget()
        column = QVBoxLayout(self._eligibility)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._verdict)
        column.addWidget(self._criteria, 1)

    def _connect(self) -> None:
        self._clock.turned.connect(self._turn_clock)
        self._table.chosen.connect(self._chosen)
        self._table.selectionModel().currentChanged.connect(self._move)
        self.tabs.currentChanged.connect(self._show_board)
        self._running.line_chosen.connect(self._open)
        self._due.line_chosen.connect(self._choose_due)
        self._findings.line_chosen.connect(self._choose_finding)
        self._criteria.line_chosen.connect(self._choose_criterion)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """Show the visits of nobody: another subject's casebook is coming."""
        self._view = None
        self._stack.hide()
        self.tabs.setCurrentIndex(VISITS)

    def show_view(self, view: CasebookView, return_to: FormKey | None) -> None:
        """Show a casebook, before `retranslate` says it; the chosen cell stays, unless the cursor returns to a form."""
        first = self._view is None
        self._view = view
        if view.eligibility is not None and view.eligibility.now is not None:
            self._clock.tell(view.eligibility.now)
        self._grid.show_view(view)
        self._stack.show()
        self._place_cursor(return_to, first=first)

    def show_standings(self, standings: Mapping[FormKey, FormStanding]) -> None:
        """Show the flags and queries of each form."""
        self._grid.show_standings(standings)
        self._say_here()

    def set_narrow(self, *, narrow: bool) -> None:
        """Call the boards by a word each, before `retranslate` says it."""
        self._narrow = narrow

    def retranslate(self, language: str, design: StudyDesign) -> None:
        """Set every visible text again."""
        self._language = language
        self._reasons = {one.value: one.label(language) for one in design.reasons}
        self._grid.set_language(language)
        self._table.setAccessibleName(self.tr("Casebook: visits across, forms down"))
        self._running.setAccessibleName(self.tr("Logs, events and unscheduled forms"))
        self._due.setAccessibleName(self.tr("What is due, the most urgent first"))
        self._findings.setAccessibleName(self.tr("Findings of the checks; Enter leads to the item"))
        self._criteria.setAccessibleName(self.tr("Criteria of eligibility; Enter leads to what decides them"))
        self.tabs.setAccessibleName(self.tr("Boards of the casebook"))
        if self._view is not None:
            self._show_lists(self._view)
        self._say_here()

    def _show_lists(self, view: CasebookView) -> None:
        language = self._language
        self._running.show_lines(boards.running_headings(), boards.running_lines(view.running, language))
        self._due.show_lines(boards.due_headings(), boards.due_lines(view.due, language))
        findings = boards.finding_lines(view.findings, language, self._reasons)
        self._findings.show_lines(boards.finding_headings(), findings)
        self.tabs.setTabVisible(ELIGIBILITY, view.eligibility is not None)
        if view.eligibility is not None:
            self._show_eligibility(view.eligibility)
        self._tell_tabs(view)
        self._tell_empty()

    def _show_eligibility(self, view: EligibilityView) -> None:
        now = self._clock.now() if view.now is not None else None
        self._verdict.say(*boards.eligibility_sentence(view))
        self._criteria.show_lines(boards.criterion_headings(), boards.criterion_lines(view, now, self._language))
        self._bring_criteria()

    def _turn_clock(self) -> None:
        """Say the time left anew."""
        if self._view is not None and self._view.eligibility is not None:
            self._show_eligibility(self._view.eligibility)

    def _tell_tabs(self, view: CasebookView) -> None:
        counted = boards.counts(view)
        for place, words in enumerate(
            (
                self.tr("&Visits"),
                (self.tr("&Logs (%1)") if self._narrow else self.tr("&Logs and events (%1)")).replace(
                    "%1", str(counted["running"])
                ),
                self.tr("&Due (%1)").replace("%1", str(counted["due"])),
                self.tr("&Findings (%1)").replace("%1", str(counted["findings"])),
                self.tr("&Eligibility"),
            )
        ):
            self.tabs.setTabText(place, words.removesuffix(" (0)").removesuffix("（0）"))

    def _tell_empty(self) -> None:
        """Say why a board has no lines, and on the visits what comes first of what is due."""
        view, board = self._view, self.tabs.currentIndex()
        told = ""
        if view is not None and board == DUE and not view.due:
            told = self.tr("Nothing is due. Visit windows are counted from randomisation.")
        elif view is not None and board == FINDINGS and not view.findings:
            told = self.tr("No check has found anything.")
        elif view is not None and board == VISITS and view.due:
            told = self.tr("First due: %1").replace("%1", boards.due_sentence(view.due[0], self._language))
        self._empty.setText(told)
        self._empty.setVisible(bool(told))

    def _say_here(self) -> None:
        """Say in words what the cursor stands on: narrow cells show signs alone."""
        index = self._table.currentIndex()
        self._here.setText(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "") if index.isValid() else "")

    # -- where the user is ----------------------------------------------------------------------------------

    @property
    def cell(self) -> FormCell | None:
        """The form under the cursor of the visits, whichever board is in front."""
        return self._grid.cell(self._table.currentIndex())

    def area_of(self, key: FormKey) -> tuple[QWidget, Callable[[], QRect]]:
        """Return what shows the visits, and where in it a form stands at any time."""
        return self._table.viewport(), lambda: self._table.visualRect(self._grid.place(key))

    @property
    def front(self) -> QWidget:
        """What takes the keyboard of the board in front."""
        return (self._table, self._running, self._due, self._findings, self._criteria)[self.tabs.currentIndex()]

    def show_eligibility(self) -> None:
        """Bring the criteria to the front, as soon as they are known."""
        self._criteria_wanted = True
        self._bring_criteria()

    def _bring_criteria(self) -> None:
        if self._criteria_wanted and self._view is not None and self._view.eligibility is not None:
            self._criteria_wanted = False
            self.tabs.setCurrentIndex(ELIGIBILITY)
            self._criteria.choose(boards.first_criterion(self._view.eligibility))
            self.front.setFocus()

    def turn(self, step: int) -> None:
        """Go to the next board (1) or the one before (-1)."""
        wanted = self.tabs.currentIndex()
        while 0 <= wanted + step < self.tabs.count():
            wanted += step
            if self.tabs.isTabVisible(wanted):
                self.tabs.setCurrentIndex(wanted)
                self.front.setFocus()
                return

    def _show_board(self, board: int) -> None:
        self._stack.setCurrentIndex(board)
        self._clock.run(on=board == ELIGIBILITY)
        self._tell_empty()

    def _place_cursor(self, return_to: FormKey | None, *, first: bool) -> None:
        index = self._grid.place(return_to) if return_to is not None else QModelIndex()
        if not index.isValid() and (first or not self._table.currentIndex().isValid()):
            index = self._grid.first()
        if index.isValid():
            self._table.setCurrentIndex(index)

    def _move(self) -> None:
        self._say_here()
        self.moved.emit()

    # -- what is chosen ---------------------------------------------------------------------------------------

    def _chosen(self, index: QModelIndex) -> None:
        cell = self._grid.cell(index)
        if cell is not None:
            self.form_wanted.emit(cell.key)

    def _open(self, key: object) -> None:
        if isinstance(key, FormKey):
            self.form_wanted.emit(key)

    def _choose_due(self, line: object) -> None:
        if not isinstance(line, DueLine):
            return
        if line.key is not None and line.path is not None:
            self.item_wanted.emit(line.key, line.path)
        elif line.key is not None:
            self.form_wanted.emit(line.key)
        elif line.kind in {DueKind.CLOCK, DueKind.OPENS} and self.tabs.isTabVisible(ELIGIBILITY):
            self.tabs.setCurrentIndex(ELIGIBILITY)
            self.front.setFocus()

    def _choose_finding(self, what: object) -> None:
        match what:
            case (FormKey() as key, ItemPath() as path, str()):
                self.item_wanted.emit(key, path)

    def _choose_criterion(self, criterion: object) -> None:
        """Lead to the first fact that is missing, else to the first that decides."""
        view = self._view.eligibility if self._view is not None else None
        line = next((one for one in view.criteria if one.id == criterion), None) if view is not None else None
        if line is None:
            return
        known = [one for one in line.facts if one.key is not None]
        missing = [one for one in known if not one.shown(self._language) and not one.derived]
        for fact in (*missing, *known)[:1]:
            self.item_wanted.emit(fact.key, fact.path)
