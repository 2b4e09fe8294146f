"""Queries: everything that is asked of the site's data, answered, closed and reopened in place."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLineEdit, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey
from casebook.supervision import QueryAct
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.i18n import LANGUAGES
from desktop_app.models.oversight_lines import query_headings, query_lines, spoken
from desktop_app.oversight_snapshots import QueriesView, QueryLine, QueryStanding, Turn
from desktop_app.theme import Tone
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.oversight_tabs import OversightTabs
from desktop_app.widgets.query_thread import QueryThread
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

WIDE = 1080
"""From this width in pixels on, the query stands beside the list; else below it."""
THREAD_WIDTH = 400
LOW = 520
"""Below this height in pixels the page says less and filters by fewer things; typing still finds everything."""
NOT_CLOSED = "not_closed"
CONFLICTS = "conflicts"
WEEK, MONTH = 7, 28
"""Days, for the filter by age."""
TURN_LETTERS = 12
LEAST_LIST, MOST_LIST = 3 * theme.TARGET, 10_000
"""How high the list is, in pixels: at least, and at most but in a low and narrow window."""
SHORT_CHOICE = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
WHOLE_CHOICE = QComboBox.SizeAdjustPolicy.AdjustToContentsOnFirstShow


class QueriesPage(Page):
    """The queries of the site.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        casebook_wanted: A subject's casebook is to be opened (SubjectId).
        place_wanted: Another page of data management is to be opened (its name).
        settled: Something was done to a query.
    """

    item_wanted = Signal(object, object)
    casebook_wanted = Signal(str)
    place_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view = QueriesView(lines=())
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self._heading = sheet.label("title")
        self._tabs = OversightTabs("queries", self)
        self._notice = Notice("queries_notice")
        self._search = QLineEdit()
        self._search.setObjectName("queries_search")
        self._search.setClearButtonEnabled(True)
        self._state = self._combo("queries_state", (NOT_CLOSED, *QueryStanding, CONFLICTS, sheet.ANY))
        self._turn = self._combo("queries_turn", (sheet.ANY, Turn.SITE, Turn.DATA))
        self._turn.setMinimumContentsLength(TURN_LETTERS)
        self._age = self._combo("queries_age", (sheet.ANY, WEEK, MONTH))
        self._owner = self._combo("queries_owner", (sheet.ANY,))
        self._subject = self._combo("queries_subject", (sheet.ANY,))
        self._table = ChoiceList(
            "queries_table",
            (
                Share(least=140),
                Share(least=130, weight=2),
                Share(least=110, weight=2),
                Share(least=90, weight=1, from_width=620),
                Share(least=120, weight=3, from_width=700),
                Share(least=82),
            ),
        )
        self._empty = sheet.label("note")
        self._empty.setObjectName("queries_empty")
        self._count = sheet.label("note")
        self._count.setObjectName("queries_count")
        self.card = QueryThread("query", reasons=port.design.reasons)
        self._lay_out()
        self._connect()
        self.retranslate()

    @staticmethod
    def _combo(name: str, values: tuple[object, ...]) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        for value in values:
            combo.addItem("", value)
        return combo

    def _lay_out(self) -> None:
        asked = WrappingRow(theme.SMALL)
        for widget in (self._search, self._state, self._turn, self._age, self._owner, self._subject):
            asked.add(widget)
        ground = QWidget()
        beside = QVBoxLayout(ground)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.card)
        beside.addStretch(1)
        self._side = sheet.scrolling(ground)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(theme.MEDIUM)
        self._parts.addWidget(self._table, 1)
        self._parts.addWidget(self._side, 1)
        self._table.setMinimumHeight(LEAST_LIST)
        page = sheet.scrolling_column(self, self._side)
        page.setSpacing(theme.SMALL)
        page.addWidget(self._heading)
        page.addWidget(self._tabs)
        page.addWidget(asked)
        page.addWidget(self._notice)
        page.addWidget(self._empty)
        page.addLayout(self._parts, 1)
        page.addWidget(self._count)

    def _connect(self) -> None:
        self._tabs.wanted.connect(self.place_wanted)
        self._search.textChanged.connect(self._show_lines)
        self._search.returnPressed.connect(self._table.setFocus)
        for combo in (self._state, self._turn, self._age, self._owner, self._subject):
            combo.currentIndexChanged.connect(self._show_lines)
        self._table.current_changed.connect(self._show_thread)
        self._table.line_chosen.connect(self._lead_to)
        self.card.act_wanted.connect(self._act)
        self.card.choice_made.connect(self._choose)
        self.card.item_wanted.connect(self._lead)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the query below the list where the window is narrow."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._parts.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._parts.setStretch(0, 3 if wide else 1)
        self._parts.setStretch(1, 2 if wide else 1)
        self._side.setMinimumWidth(THREAD_WIDTH if wide else 0)
        low = self.height() < LOW
        self._table.setMaximumHeight(LEAST_LIST if low and not wide else MOST_LIST)
        self._search.setMinimumWidth(110 if low else 180)  # the filters stand in one line
        self._turn.setSizeAdjustPolicy(SHORT_CHOICE if low else WHOLE_CHOICE)
        for widget in (self._heading, self._age, self._owner, self._count):
            widget.setVisible(not low)

    # -- what is shown ----------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Queries")

    def refresh(self) -> None:
        """Ask for the queries again."""
        self.background.run(self.port.oversight.queries, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: QueriesView) -> None:
        """Show the queries; the one in front stays there."""
        self._view = view
        self._error = None
        self._notice.say("")
        sheet.offer_values(
            self._owner, self.tr("Raised by anybody"), sorted({one.raised_by for one in view.lines} - {""})
        )
        sheet.offer_values(self._subject, self.tr("All subjects"), sorted({one.number for one in view.lines}))
        self._show_lines()
        if self._focus_wanted:
            self._focus_wanted = False
            self._focus()

    def choose_subject(self, number: str) -> None:
        """Show one subject's queries when the page is filled next."""
        if self._subject.findData(number) < 0:
            self._subject.addItem(number, number)
        self._subject.setCurrentIndex(self._subject.findData(number))

    def _show_lines(self) -> None:
        lines = [one for one in self._view.lines if self._fits(one)]
        self._table.show_lines(query_headings(), query_lines(lines, self.language))
        self._table.setVisible(bool(lines))
        self._side.setVisible(bool(lines))
        self._empty.setVisible(not lines)
        if self._view.lines:
            self._empty.setText(self.tr("No query fits. Change what you look for."))
        else:
            self._empty.setText(self.tr("There is no query. Alt+Q in a form raises one, if your role may."))
        told = self.tr("%1 of %2 queries. Enter leads to the value, Alt+A answers.")
        self._count.setText(told.replace("%1", str(len(lines))).replace("%2", str(len(self._view.lines))))
        self._count.setVisible(bool(self._view.lines) and self.height() >= LOW)
        self._show_thread()

    def _fits(self, line: QueryLine) -> bool:
        """Tell whether a query passes every filter."""
        state = self._state.currentData()
        if state == CONFLICTS:
            of_state = line.is_conflict
        elif state == NOT_CLOSED:
            of_state = line.standing is not QueryStanding.CLOSED
        else:
            of_state = state in {sheet.ANY, line.standing}
        of_turn = self._turn.currentData() in {sheet.ANY, line.turn}
        of_age = line.age_days >= (self._age.currentData() or 0)
        of_owner = self._owner.currentData() in {sheet.ANY, line.raised_by}
        of_subject = self._subject.currentData() in {sheet.ANY, line.number}
        words = self._search.text().strip().casefold()
        of_words = any(words in spoken(line, language) for language in LANGUAGES)
        return of_state and of_turn and of_age and of_owner and of_subject and of_words

    def _current(self) -> QueryLine | None:
        wanted = self._table.current()
        return next((one for one in self._view.lines if one.id == wanted), None)

    def _show_thread(self) -> None:
        self.card.show_query(self._current(), self.language)

    def take_focus(self) -> None:
        """Put the cursor into the list, or where it is looked for; once more when the list has come."""
        self._focus_wanted = True
        self._focus()

    def _focus(self) -> None:
        (self._table if self._table.isVisibleTo(self) else self._search).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._tabs.retranslate()
        self._search.setPlaceholderText(self.tr("Find by words"))
        self._search.setAccessibleName(self.tr("Find queries by subject, item, value or words"))
        for combo, name, words in (
            (
                self._state,
                self.tr("State of the queries that are shown"),
                (
                    self.tr("Not closed"),
                    self.tr("Open"),
                    self.tr("Answered"),
                    self.tr("Closed"),
                    self.tr("Conflicts"),
                    self.tr("Any state"),
                ),
            ),
            (
                self._turn,
                self.tr("Whose turn it is"),
                (self.tr("Anybody's turn"), self.tr("The site's turn"), self.tr("Data management's turn")),
            ),
            (
                self._age,
                self.tr("Age of the queries that are shown"),
                (self.tr("Any age"), self.tr("A week and older"), self.tr("Four weeks and older")),
            ),
            (self._owner, self.tr("Who raised the queries that are shown"), (self.tr("Raised by anybody"),)),
            (self._subject, self.tr("Subject of the queries that are shown"), (self.tr("All subjects"),)),
        ):
            combo.setAccessibleName(name)
            for place, text in enumerate(words):
                combo.setItemText(place, text)
        self._table.setAccessibleName(self.tr("Queries; Enter leads to what is asked about"))
        self._show_lines()
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look for words by Ctrl+F or simply by typing; Esc leaves the search first."""
        digit = event.text() if event.text().isdigit() and self._table.hasFocus() else ""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_F:
            self._search.setFocus()
            self._search.selectAll()
        elif digit and self.card.conflict.choose(int(digit)):
            pass  # of a conflict in front the digits choose
        elif event.text().isalnum() and self._table.hasFocus():
            self._search.setFocus()
            self._search.setText(event.text())
        elif event.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
            self.take_focus()
        else:
            super().keyPressEvent(event)

    def _lead_to(self, query: object) -> None:
        line = next((one for one in self._view.lines if one.id == query), None)
        if line is not None:
            self._lead(line)

    def _lead(self, line: QueryLine) -> None:
        """Lead to what a query is about."""
        scope = line.scope
        if scope.key is not None:
            self.item_wanted.emit(scope.key, scope.path)
        elif scope.subject:
            self.casebook_wanted.emit(scope.subject)

    def _act(self, act: QueryAct, query: str, words: str) -> None:
        work = act_on(self.port, act, query, words)
        self.background.run(work, then=self._acted, otherwise=self._not_acted)

    def _choose(self, query: str, side: str, reason: str) -> None:
        work = partial(self.port.oversight.choose, query, side or None, reason)
        then = self._acted if side else partial(self._anew, query)
        self.background.run(work, then=then, otherwise=self._not_acted)

    def _anew(self, query: str, _key: FormKey) -> None:
        """Lead to the sitting, which is to be entered anew."""
        self.settled.emit()
        self._lead_to(query)

    def _acted(self, _done: object) -> None:
        self.settled.emit()
        self.refresh()
        self._table.setFocus()

    def _not_acted(self, error: CasebookError) -> None:
        self.card.refuse(error.sentence(self.language))


def act_on(port: SessionPort, act: QueryAct, query: str, words: str) -> Callable[[], None]:
    """Return what is to be done to a query, ready for the store thread."""
    acts = {
        QueryAct.ANSWER: port.oversight.answer,
        QueryAct.CLOSE: port.oversight.close,
        QueryAct.REOPEN: port.oversight.reopen,
        QueryAct.OPEN: port.oversight.ask,
    }
    return partial(acts[act], query, words)
