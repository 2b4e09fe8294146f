"""Casebook: one subject, with the boards of what is recorded and the documents that were signed.

Ctrl+PgDown and Ctrl+PgUp go through the boards.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from casebook.design import VisitKind
from casebook.errors import CasebookError
from casebook.ids import SubjectId
from casebook.records import FormKey
from casebook.supervision import Scope, of_form, of_subject, of_visit
from desktop_app import theme
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.oversight_snapshots import Act, Offer, QueryStanding, SubjectOversight
from desktop_app.phrases import clauses
from desktop_app.snapshots import CasebookView, DocumentRow, FormCell
from desktop_app.subject_snapshots import number_words
from desktop_app.theme import Tone
from desktop_app.widgets import menus
from desktop_app.widgets.also_notice import AlsoNotice
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.document_lines import DocumentLines
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.timeline import TimelinePanel
from desktop_app.windows import sheet
from desktop_app.windows.casebook_boards import VISITS, CasebookBoards
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.standing_actions import Besides, StandingActions, audit_besides
from desktop_app.windows.whereabouts import Whereabouts

LOW = 560
"""Below this height in pixels the head says less."""
TALL = 640
"""Below this height in pixels the timeline folds by itself."""
TIMELINE = "timeline"
"""Under this name the laptop remembers whether the timeline is folded."""
NARROW = 760
"""Below this width in pixels some buttons show their icon alone."""


class CasebookPage(Page):
    """One subject's casebook.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath).
        papers_wanted: The subject's pages are to be printed (SubjectId, number, the visit under the cursor or None).
        document_wanted: A finished document is to be shown (SubjectId, DocumentRow).
        queries_wanted: The subject's queries are to be shown (number).
        signing_wanted: The subject's forms that await a signature are to be shown (number).
    """

    item_wanted = Signal(object, object)
    papers_wanted = Signal(str, str, object)
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
        self._back = BackButton("casebook")
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
        self._low: bool | None = None
        self._timeline_wanted = port.remembered(TIMELINE) != "folded"
        self._notice = Notice("casebook_notice")
        self._refusal = Notice("casebook_refusal")
        self.also = AlsoNotice("casebook_also")
        self._boards = CasebookBoards(language)
        self.timeline = TimelinePanel()
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
        column.addWidget(self.timeline)
        turns = QHBoxLayout()
        turns.setSpacing(theme.SMALL)
        turns.addWidget(self._boards.tabs, 1)
        timeline = (self.timeline.copy_button, self.timeline.as_table, self.timeline.button)
        for button in (*timeline, self._queries, self._signing, self.acts.button):
            turns.addWidget(button)
        column.addWidget(self.acts.panel)
        column.addLayout(turns)
        column.addWidget(self._boards, 1)
        column.addWidget(self._documents_heading)
        column.addWidget(self._documents)
        last: list[QWidget] = [*timeline, self._queries, self._signing, self.acts.button]
        for late in (*last, self._boards, self._documents_heading, self._documents):
            late.raise_()  # a screen reader meets them as they stand
        QWidget.setTabOrder(self._signing, self.acts.button)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._boards.form_wanted.connect(self.open_form)
        self._boards.item_wanted.connect(self.item_wanted)
        self._boards.moved.connect(self._ask_offers)
        self.timeline.item_wanted.connect(self.item_wanted)
        self.timeline.form_wanted.connect(self.open_form)
        self.timeline.folded.connect(self._keep_timeline)
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
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._boards.turn, step))
        for keys, act in (
            ("Ctrl+Shift+A", self.acts.open_menu),
            ("Ctrl+Shift+S", self._want_signing),
            ("Alt+Q", self._ask_query),
            ("Alt+Shift+H", self._want_audit),
            ("Ctrl+T", self.timeline.turn),
            ("Ctrl+Shift+T", self.timeline.turn_table),
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
        self._fit_timeline()
        if (self.width() < NARROW) != self._narrow:
            self._narrow = not self._narrow
            self.timeline.set_narrow(narrow=self._narrow)
            self._boards.set_narrow(narrow=self._narrow)
            self.acts.be_short(on=self._narrow)
            self.retranslate()

    def _fit_timeline(self) -> None:
        """Fold the timeline where the window is low; there it takes the place of the boards once it is opened."""
        low = self.height() < TALL
        if low is not self._low:
            self._low = low
            self.timeline.set_low(low=low)
            self.timeline.set_open(on=self._timeline_wanted and not low)
        self._boards.setVisible(not (low and self.timeline.is_open))

    def _keep_timeline(self, on: bool) -> None:
        if not self._low:
            self._timeline_wanted = on
            self.port.remember(TIMELINE, "" if on else "folded")
        self._fit_timeline()

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the subject's number."""
        return self._view.number if self._view is not None else ""

    def short_title(self) -> str:
        """Return the name of what the page is: whose casebook comes next is not known to whoever leads back."""
        return self.tr("Casebook")

    def whereabouts(self) -> Whereabouts:
        """Return whose casebook is in front."""
        return Whereabouts(subject=self._subject or "")

    def area_of(self, key: FormKey) -> tuple[QWidget, Callable[[], QRect]]:
        """Return what shows the visits, and where in it a form stands at any time."""
        return self._boards.area_of(key)

    def show_subject(self, subject: SubjectId) -> None:
        """Show another subject."""
        if subject != self._subject:
            self._subject, self._view, self._return_to, self._standing = subject, None, None, None
            self._boards.show_nothing()
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
        self._boards.show_standings(standing.forms)
        self._tell_queries()

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
        cell = self._boards.cell
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
        self._view = view
        self._error = None
        self._refusal.say("")
        self._boards.show_view(view, self._return_to)
        self._return_to = None
        self.titled.emit()
        self._show_documents()
        self.retranslate()

    def show_eligibility(self) -> None:
        """Bring the criteria to the front."""
        self._boards.show_eligibility()

    def take_focus(self) -> None:
        """Put the cursor into the board in front."""
        self._boards.front.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.stand_alone(on=self._narrow)
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
        self._boards.retranslate(self.language, self.port.design)
        self.timeline.show_chronology(self._view.chronology if self._view is not None else None, self.language)
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
        told = clauses(self.language, parts)
        self._status.setText(parts[0] if self._narrow else told)
        self._status.setToolTip(told)
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

    def _fill_menus(self) -> None:
        """Offer each event form, and each form that may be filled in at any time."""
        for button, kind, add, keys in (
            (self._events, VisitKind.EVENT, self._add_event, "Ctrl+N"),
            (self._unscheduled, VisitKind.UNSCHEDULED, self._add_unscheduled, "Ctrl+U"),
        ):
            menu = button.menu()
            menus.empty(menu)
            enters = self.port.person.enters
            planned = [one.form for visit in self.port.design.visits if visit.kind is kind for one in visit.forms]
            offered = [form for form in planned if form in enters]
            for form in dict.fromkeys(offered):
                action = menus.add_action(menu, self.port.design.form(form).label(self.language).replace("&", "&&"))
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

    def _cell(self) -> FormCell | None:
        """Return what is under the cursor while the visits are in front."""
        return self._boards.cell if self._boards.tabs.currentIndex() == VISITS else None

    def _want_papers(self) -> None:
        if self._view is not None:
            cell = self._cell()
            visit = cell.key.visit if cell is not None else None
            self.papers_wanted.emit(self._view.subject, self._view.number, visit)

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
        cell = self._cell()
        scope = of_form(cell.key) if cell is not None else of_subject(self._subject)
        if self.port.person.may("query"):
            self.acts.ask(Act.QUERY, scope, self._name_of(scope))

    def _want_document(self, row: DocumentRow) -> None:
        self.document_wanted.emit(row.key.subject, row)
