"""Casebook: one subject's visits and forms, logs and events, what is due, findings, eligibility, signed documents.

Each of these is a board of its own behind a tab: Ctrl+PgDown and Ctrl+PgUp go through them.
"""

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from casebook.design import VisitKind
from casebook.errors import CasebookError
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath
from casebook.supervision import Scope, of_form, of_subject, of_visit
from desktop_app import theme
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.models import boards, times
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.oversight_snapshots import Act, Offer, QueryStanding, SubjectOversight
from desktop_app.snapshots import CasebookView, DocumentRow, DueKind, DueLine, EligibilityView
from desktop_app.subject_snapshots import number_words
from desktop_app.theme import Tone
from desktop_app.widgets.also_notice import AlsoNotice
from desktop_app.widgets.casebook_table import CasebookTable
from desktop_app.widgets.document_lines import DocumentLines
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.standing_actions import Besides, StandingActions, audit_besides
from desktop_app.windows.whereabouts import Whereabouts

LOW = 560
"""Below this height in pixels the head says less."""
NARROW = 760
"""Below this width in pixels some buttons show their icon alone."""
VISITS, RUNNING, DUE, FINDINGS, ELIGIBILITY = range(5)
"""The boards, in order."""


class CasebookPage(Page):
    """One subject's casebook.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath).
        papers_wanted: The subject's pages are to be printed (SubjectId, number).
        document_wanted: A finished document is to be shown (SubjectId, DocumentRow).
        queries_wanted: The subject's queries are to be shown (number).
        signing_wanted: The subject's forms that await a signature are to be shown (number).
    """

    item_wanted = Signal(object, object)
    papers_wanted = Signal(str, str)
    document_wanted = Signal(str, object)
    queries_wanted = Signal(str)
    signing_wanted = Signal(str)
    unblinding_wanted = Signal(str, str)

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
        self._events = self._menu_button("casebook_add_event")
        self._unscheduled = self._menu_button("casebook_add_unscheduled")
        self._papers = IconButton("paper")
        self._papers.setObjectName("casebook_papers")
        self._queries = IconButton("queries")
        self._queries.setObjectName("casebook_queries")
        self._signing = IconButton("sign")
        self._signing.setObjectName("casebook_signing")
        self.acts = StandingActions("casebook", background, port, self)
        self._standing: SubjectOversight | None = None
        self._narrow = False
        self._notice = Notice("casebook_notice")
        self._refusal = Notice("casebook_refusal")
        self.also = AlsoNotice("casebook_also")
        self._grid = CasebookGrid(language, self)
        self._make_boards()
        self._documents_heading = sheet.label("lead")
        self._documents = DocumentLines("casebook_document")
        self._digest = QLabel()
        theme.set_role(self._digest, "note")
        self._digest.setObjectName("casebook_digest")
        self._lay_out()
        self._connect()
        self.retranslate()

    @staticmethod
    def _menu_button(name: str) -> IconButton:
        button = IconButton("add")
        button.setObjectName(name)
        button.setMenu(QMenu(button))
        theme.set_role(button, "menu")
        return button

    def _make_boards(self) -> None:
        self._tabs = QTabBar()
        self._tabs.setObjectName("casebook_tabs")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setUsesScrollButtons(True)
        for _ in range(5):
            self._tabs.addTab("")
        self._table = CasebookTable(self._grid)
        self._table.setObjectName("casebook_table")
        self._here = sheet.label("note")
        self._here.setObjectName("casebook_here")
        visits = QWidget()
        column = QVBoxLayout(visits)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._table, 1)
        column.addWidget(self._here)
        self._running = LineList(
            "casebook_running",
            (
                Share(least=200, weight=2),
                Share(least=128),
                Share(least=120, weight=3, from_width=640),
                Share(least=136),
                Share(least=112, from_width=560),
                Share(least=150, from_width=860),
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
                Share(least=150),
                Share(least=160, weight=2),
                Share(least=180, weight=2, from_width=600),
                Share(least=176, from_width=760),
            ),
        )
        self._verdict = Notice("casebook_verdict")
        eligibility = QWidget()
        column = QVBoxLayout(eligibility)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._verdict)
        column.addWidget(self._criteria, 1)
        self._empty = sheet.label("note")
        self._empty.setObjectName("casebook_empty")
        self._stack = QStackedWidget()
        for board in (visits, self._running, self._due, self._findings, eligibility):
            self._stack.addWidget(board)

    def _lay_out(self) -> None:
        names = WrappingRow(theme.MEDIUM)
        for widget in (self._heading, self._status, self._digest):
            names.add(widget)
        actions = WrappingRow(theme.SMALL)
        for button in (self._events, self._unscheduled, self._papers):
            actions.add(button)
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        head.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(names, 1)
        head.addWidget(actions, 0)
        actions.keep_whole(whole=True)
        column = sheet.page_column(self)
        column.setSpacing(theme.SMALL)
        column.addLayout(head)
        column.addWidget(self._notice)
        column.addWidget(self._refusal)
        column.addWidget(self.also)
        turns = QHBoxLayout()
        turns.setSpacing(theme.SMALL)
        turns.addWidget(self._tabs, 1)
        for button in (self._queries, self._signing, self.acts.button):
            turns.addWidget(button)
        column.addWidget(self.acts.panel)
        column.addLayout(turns)
        column.addWidget(self._empty)
        column.addWidget(self._stack, 1)
        column.addWidget(self._documents_heading)
        column.addWidget(self._documents)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._table.chosen.connect(self._chosen)
        self._table.selectionModel().currentChanged.connect(self._say_here)
        self._table.selectionModel().currentChanged.connect(self._ask_offers)
        self._papers.clicked.connect(self._want_papers)
        self._queries.clicked.connect(self._want_queries)
        self._signing.clicked.connect(self._want_signing)
        self.acts.done.connect(self.refresh)
        besides = [audit_besides(self._want_audit)]
        if "unblind" in self.port.person.rights:
            words, lead = self._unblind_words, self._want_unblinding
            why_not = partial(self.why_not, "unblind")
            besides.append(Besides(name="unblind", icon="warning", words=words, keys="", lead=lead, why_not=why_not))
        self.acts.offer_besides(*besides)
        self._documents.wanted.connect(self._want_document)
        self._tabs.currentChanged.connect(self._show_board)
        self._running.line_chosen.connect(self._open)
        self._due.line_chosen.connect(self._choose_due)
        self._findings.line_chosen.connect(self._choose_finding)
        self._criteria.line_chosen.connect(self._choose_criterion)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._turn, step))
        for keys, act in (
            ("Ctrl+Shift+A", self.acts.open_menu),
            ("Ctrl+Shift+S", self._want_signing),
            ("Alt+Q", self._ask_query),
            ("Alt+Shift+H", self._want_audit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _unblind_words(self) -> str:
        return self.tr("Unblinding…")

    def _want_audit(self) -> None:
        if self._subject is not None:
            self.audit_wanted.emit(AuditQuestion(subject=self._subject))

    def _want_unblinding(self) -> None:
        if self._view is not None:
            self.unblinding_wanted.emit(self._view.subject, self._view.number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low window to the boards; the record's code then stands in the number's tool tip alone."""
        super().resizeEvent(event)
        self._digest.setVisible(self.height() >= LOW)
        if (self.width() < NARROW) != self._narrow:
            self._narrow = not self._narrow
            self.retranslate()

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the subject's number."""
        return self._view.number if self._view is not None else ""

    def whereabouts(self) -> Whereabouts:
        """Return whose casebook is in front."""
        return Whereabouts(subject=self._subject or "")

    def show_subject(self, subject: SubjectId) -> None:
        """Show another subject."""
        if subject != self._subject:
            self._subject, self._view, self._return_to, self._standing = subject, None, None, None
            self._stack.hide()
            self._tabs.setCurrentIndex(VISITS)
            self._heading.setText("")
            self._status.setText("")
        self.refresh()

    def refresh(self) -> None:
        """Ask for the casebook again."""
        if self._subject is not None:
            self.background.run(
                partial(self.port.casebook, self._subject), then=self.show_view, otherwise=self._refused
            )
            work = partial(self.port.oversight.of_subject, self._subject)
            self.background.run(work, then=self.show_standing, otherwise=self._refused)
            self._ask_offers()

    def show_standing(self, standing: SubjectOversight) -> None:
        """Show the flags and queries of each form."""
        if standing.subject != self._subject:
            return
        self._standing = standing
        self._grid.show_standings(standing.forms)
        self._tell_queries()
        self._say_here()

    def _tell_queries(self) -> None:
        lines = self._standing.queries if self._standing is not None else ()
        count = sum(1 for one in lines if one.standing is not QueryStanding.CLOSED)
        told = self.tr("Queries (%1)").replace("%1", str(count)) if count else self.tr("Queries")
        self._queries.setText(str(count) if self._narrow else told)
        self._queries.setAccessibleName(self.tr("Queries of this subject: %1").replace("%1", str(count)))
        self._queries.setVisible(bool(lines))

    def _ask_offers(self) -> None:
        """Ask what can be done to the form under the cursor, its visit and the subject."""
        if self._subject is None:
            return
        cell = self._grid.cell(self._table.currentIndex())
        scopes = [of_subject(self._subject)]
        if cell is not None:
            scopes = [of_form(cell.key), of_visit(cell.key.subject, cell.key.visit), *scopes]
        offers = self.port.oversight.offers
        self.background.run(lambda: [offers(scope) for scope in scopes], then=partial(self._show_offers, scopes))

    def _show_offers(self, scopes: list[Scope], found: list[tuple[Offer, ...]]) -> None:
        self.acts.show_places([(self._name_of(scope), offers) for scope, offers in zip(scopes, found, strict=True)])

    def _name_of(self, scope: Scope) -> str:
        """Return what an act is about, in words."""
        design, language = self.port.design, self.language
        if scope.key is not None:
            return design.form(scope.form).label(language)
        if scope.visit is not None:
            return design.visit(scope.visit.visit).label(language)
        return self._view.number if self._view is not None else ""

    def show_view(self, view: CasebookView) -> None:
        """Show the casebook; the chosen cell stays chosen."""
        if view.subject != self._subject:
            return
        first = self._view is None
        self._view = view
        self._error = None
        self._refusal.say("")
        self._grid.show_view(view)
        self._stack.show()
        self._show_boards(view)
        self._place_cursor(first=first)
        self.titled.emit()
        self._show_documents()
        self.retranslate()

    def take_focus(self) -> None:
        """Put the cursor into the board in front."""
        self._board().setFocus()

    def _board(self) -> QWidget:
        return (self._table, self._running, self._due, self._findings, self._criteria)[self._tabs.currentIndex()]

    def _turn(self, step: int) -> None:
        wanted = self._tabs.currentIndex()
        while 0 <= wanted + step < self._tabs.count():
            wanted += step
            if self._tabs.isTabVisible(wanted):
                self._tabs.setCurrentIndex(wanted)
                self.take_focus()
                return

    def _show_board(self, board: int) -> None:
        self._stack.setCurrentIndex(board)
        self._tell_empty()

    def _show_boards(self, view: CasebookView) -> None:
        language = self.language
        reasons = {one.value: one.label(language) for one in self.port.design.reasons}
        self._running.show_lines(boards.running_headings(), boards.running_lines(view.running, language))
        self._due.show_lines(boards.due_headings(), boards.due_lines(view.due, language))
        self._findings.show_lines(boards.finding_headings(), boards.finding_lines(view.findings, language, reasons))
        self._tabs.setTabVisible(ELIGIBILITY, view.eligibility is not None)
        if view.eligibility is not None:
            self._show_eligibility(view.eligibility)
        self._tell_tabs(view)
        self._tell_empty()

    def _show_eligibility(self, view: EligibilityView) -> None:
        self._verdict.say(*boards.eligibility_sentence(view))
        self._criteria.show_lines(boards.criterion_headings(), boards.criterion_lines(view, self.language))

    def _tell_tabs(self, view: CasebookView) -> None:
        counted = boards.counts(view)
        for place, words in enumerate(
            (
                self.tr("&Visits"),
                self.tr("&Logs and events (%1)").replace("%1", str(counted["running"])),
                self.tr("&Due (%1)").replace("%1", str(counted["due"])),
                self.tr("&Findings (%1)").replace("%1", str(counted["findings"])),
                self.tr("&Eligibility"),
            )
        ):
            self._tabs.setTabText(place, words.removesuffix(" (0)").removesuffix("（0）"))

    def _tell_empty(self) -> None:
        """Say why a board has no lines, and on the visits what comes first of what is due."""
        view, board = self._view, self._tabs.currentIndex()
        told = ""
        if view is not None and board == DUE and not view.due:
            told = self.tr("Nothing is due. Visit windows are counted from randomisation.")
        elif view is not None and board == FINDINGS and not view.findings:
            told = self.tr("No check has found anything.")
        elif view is not None and board == VISITS and view.due:
            told = self.tr("First due: %1").replace("%1", boards.due_sentence(view.due[0], self.language))
        self._empty.setText(told)
        self._empty.setVisible(bool(told))

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.setText("" if self._narrow else self.tr("Subjects"))
        self._back.setAccessibleName(self.tr("Back to the subjects"))
        self._events.setText(self.tr("Event", "short: add an event") if self._narrow else self.tr("&Add event"))
        self._events.setAccessibleName(self.tr("Add a form for an event"))
        self._unscheduled.setText(
            self.tr("&Unscheduled", "short: add an unscheduled form") if self._narrow else self.tr("&Unscheduled form")
        )
        self._unscheduled.setAccessibleName(self.tr("Add an unscheduled form"))
        self._papers.setText("" if self._narrow else self.tr("&Paper"))
        self._papers.setAccessibleName(self.tr("Preview, sign and print"))
        self._signing.setText("" if self._narrow else self.tr("Si&gn"))
        self._signing.setAccessibleName(self.tr("Forms of this subject that await a signature"))
        sheet.offer(self._signing, self.why_not("sign"), "Ctrl+Shift+S")
        self._signing.setVisible("sign" in self.port.person.rights)
        self._tell_queries()
        self.acts.retranslate(self.language)
        self._ask_offers()
        self._documents_heading.setText(self.tr("Signed documents"))
        self._table.setAccessibleName(self.tr("Casebook: visits across, forms down"))
        self._running.setAccessibleName(self.tr("Logs, events and unscheduled forms"))
        self._due.setAccessibleName(self.tr("What is due, the most urgent first"))
        self._findings.setAccessibleName(self.tr("Findings of the checks; Enter leads to the item"))
        self._criteria.setAccessibleName(self.tr("Criteria of eligibility; Enter leads to what decides them"))
        self._tabs.setAccessibleName(self.tr("Boards of the casebook"))
        self._grid.set_language(self.language)
        self._fill_menus()
        if self._error is not None:
            self._refusal.say(self._error.sentence(self.language), Tone.BAD)
        if self._view is not None:
            self._retranslate_view(self._view)

    def _retranslate_view(self, view: CasebookView) -> None:
        self._heading.setText(number_words(view.number, view.earlier, ())(self.language))
        self.also.show_view(view)
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
        self._heading.setToolTip(self._digest.text())
        self._digest.setToolTip(self.tr("Two laptops that show the same code hold the same record of this subject."))
        self._show_documents()
        self._show_boards(view)
        self._say_here()

    def _fill_menus(self) -> None:
        """Offer each event form, and each form that may be filled in at any time."""
        for button, kind, add, keys in (
            (self._events, VisitKind.EVENT, self._add_event, "Ctrl+N"),
            (self._unscheduled, VisitKind.UNSCHEDULED, self._add_unscheduled, "Ctrl+U"),
        ):
            menu = button.menu()
            menu.clear()
            enters = self.port.person.enters
            planned = [one.form for visit in self.port.design.visits if visit.kind is kind for one in visit.forms]
            offered = [form for form in planned if form in enters]
            for form in dict.fromkeys(offered):
                action = menu.addAction(self.port.design.form(form).label(self.language).replace("&", "&&"))
                action.setObjectName(f"{button.objectName()}={form}")
                action.triggered.connect(partial(add, form))
            why_not = self.why_not("enter")
            sheet.offer(button, why_not, keys)
            button.setVisible(bool(offered) or bool(why_not and planned))

    def _show_documents(self) -> None:
        rows = self._view.documents if self._view is not None else ()
        self._documents_heading.setVisible(bool(rows))
        self._documents.show_rows(rows, self.port.design, self.language)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._refusal.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does --------------------------------------------------------------------------------

    def return_to(self, key: FormKey) -> None:
        """Put the cursor on `key` when the casebook is shown next."""
        self._return_to = key

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Print by Ctrl+P, add an event by Ctrl+N, an unscheduled form by Ctrl+U."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        offered = [one for one in (self._events, self._unscheduled) if one.isVisibleTo(self) and one.isEnabled()]
        if control and event.key() == Qt.Key.Key_P:
            self._want_papers()
        elif control and event.key() == Qt.Key.Key_N and offered:
            offered[0].showMenu()
        elif control and event.key() == Qt.Key.Key_U and self._unscheduled in offered:
            self._unscheduled.showMenu()
        else:
            super().keyPressEvent(event)

    def _place_cursor(self, *, first: bool) -> None:
        index = self._grid.place(self._return_to) if self._return_to is not None else QModelIndex()
        if not index.isValid() and (first or not self._table.currentIndex().isValid()):
            index = self._grid.first()
        if index.isValid():
            self._table.setCurrentIndex(index)
        self._return_to = None

    def _chosen(self, index: QModelIndex) -> None:
        cell = self._grid.cell(index)
        if cell is not None:
            self.open_form.emit(cell.key)

    def _say_here(self) -> None:
        """Say in words what the cursor stands on: narrow cells show signs alone."""
        index = self._table.currentIndex()
        self._here.setText(str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "") if index.isValid() else "")

    def _open(self, key: object) -> None:
        if isinstance(key, FormKey):
            self.open_form.emit(key)

    def _choose_due(self, line: object) -> None:
        if not isinstance(line, DueLine):
            return
        if line.key is not None and line.path is not None:
            self.item_wanted.emit(line.key, line.path)
        elif line.key is not None:
            self.open_form.emit(line.key)
        elif line.kind in {DueKind.CLOCK, DueKind.OPENS} and self._tabs.isTabVisible(ELIGIBILITY):
            self._tabs.setCurrentIndex(ELIGIBILITY)
            self.take_focus()

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
        missing = [one for one in known if not one.shown(self.language) and not one.derived]
        for fact in (*missing, *known)[:1]:
            self.item_wanted.emit(fact.key, fact.path)

    def _add_event(self, form: str) -> None:
        if self._subject is not None:
            work = partial(self.port.add_event, self._subject, form)
            self.background.run(work, then=self._added, otherwise=self._refused)

    def _add_unscheduled(self, form: str) -> None:
        if self._subject is not None:
            work = partial(self.port.add_unscheduled, self._subject, form)
            self.background.run(work, then=self._added, otherwise=self._refused)

    def _added(self, key: FormKey) -> None:
        self.open_form.emit(key)

    def _want_papers(self) -> None:
        if self._view is not None:
            self.papers_wanted.emit(self._view.subject, self._view.number)

    def _want_queries(self) -> None:
        if self._view is not None:
            self.queries_wanted.emit(self._view.number)

    def _want_signing(self) -> None:
        if self._view is not None and self._signing.isVisible() and self._signing.isEnabled():
            self.signing_wanted.emit(self._view.number)

    def _ask_query(self) -> None:
        """Ask for a query on the form under the cursor, or on the subject."""
        if self._subject is None:
            return
        cell = self._grid.cell(self._table.currentIndex()) if self._tabs.currentIndex() == VISITS else None
        scope = of_form(cell.key) if cell is not None else of_subject(self._subject)
        if self.port.person.may("query"):
            self.acts.ask(Act.QUERY, scope, self._name_of(scope))

    def _want_document(self, row: DocumentRow) -> None:
        self.document_wanted.emit(row.key.subject, row)
