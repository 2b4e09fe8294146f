"""What stands beside the values of a form: its flags, its queries at their items, signatures, and what is held."""

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey, ItemPath
from casebook.supervision import QueryAct, of_item
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.oversight_words import ruling_sign, signature_sentence
from desktop_app.oversight_snapshots import Act, FlagKind, FormOversight, QueryLine, QueryStanding, Ruling
from desktop_app.snapshots import FormView
from desktop_app.theme import Tone
from desktop_app.widgets.flag_strip import FlagStrip
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.query_thread import QueryThread
from desktop_app.windows.form_attachments import FormAttachments
from desktop_app.windows.port import SessionPort
from desktop_app.windows.queries import act_on
from desktop_app.windows.standing_actions import StandingActions


class FormStandings(QObject):
    """The parts of a form's page that are about data management, for the page to lay out.

    Signals:
        changed: Something was done, so that the form is to be asked for again.
        attachments_wanted: As `desktop_app.windows.page.Page.attachments_wanted`.
    """

    changed = Signal()
    attachments_wanted = Signal(object, object, str, object)

    def __init__(self, background: Background, port: SessionPort, page: QWidget) -> None:
        """Make the parts."""
        super().__init__(page)
        self._background = background
        self._port = port
        self._language = "en"
        self._form: FormView | None = None
        self._view: FormOversight | None = None
        self._sections: FormSections | None = None
        self._threads: dict[str, QueryThread] = {}
        self._notes: list[NoteLine] = []
        self.strip = FlagStrip("form_flags", page)
        self.closed = Notice("form_closed", page)
        self.actions = StandingActions("form", background, port, page)
        self.attachments = FormAttachments(background, port, page)
        self._foot = QWidget()
        self._foot.setObjectName("form_standing")
        self._foot_lines = QVBoxLayout(self._foot)
        self._foot_lines.setContentsMargins(0, theme.MEDIUM, 0, 0)
        self._foot_lines.setSpacing(theme.SMALL)
        self._head = QWidget()
        self._head_lines = QVBoxLayout(self._head)
        self._head_lines.setContentsMargins(0, 0, 0, theme.SMALL)
        self._head_lines.setSpacing(theme.SMALL)
        self.actions.done.connect(self._changed)
        self.attachments.wanted.connect(self._want_attachments)

    @property
    def buttons(self) -> tuple[QWidget, QWidget]:
        """What stands in the head of the form: its attachments, and what can be done to it."""
        return self.attachments.button, self.actions.button

    @property
    def above(self) -> QWidget:
        """What stands above the items: queries on the form as a whole, and on what it does not show."""
        return self._head

    def take_sections(self, sections: FormSections) -> None:
        """Stand in other sections from now on: another form is shown, or another version of it."""
        for widget in (self._head, self._foot):
            widget.setParent(None)
        self._sections = sections
        self._threads, self._view = {}, None
        self._clear(self._head_lines)
        self._clear(self._foot_lines)
        sections.add_above(self._head)
        sections.add_below(self._foot)
        self._head.hide()
        self._foot.hide()
        sections.query_wanted.connect(self.ask_about)

    def look(self, form: FormView, language: str) -> None:
        """Ask what stands beside a form."""
        if self._form is None or form.key != self._form.key:
            self.strip.show_marks((), language)
            self.closed.say("")
            self.actions.show_places(())
        self._form, self._language = form, language
        self._background.run(partial(self._port.oversight.of_form, form.key), then=self.show_oversight)
        self.attachments.look(form)

    @property
    def _title(self) -> str:
        return self._form.form.label(self._language) if self._form is not None else ""

    def be_short(self, *, on: bool) -> None:
        """Show the buttons as icons, for a narrow window."""
        self.actions.be_short(on=on)
        self.attachments.be_short(on=on)

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        self.actions.retranslate(language)
        self.attachments.retranslate()
        if self._view is not None:
            self.show_oversight(self._view)

    def show_oversight(self, view: FormOversight) -> None:
        """Show it, where it is still of the form in front."""
        if self._form is None or view.key != self._form.key:
            return
        self._view = view
        language = self._language
        beside = tuple(one for one in view.marks if one.kind is not FlagKind.COMPLETE)  # the head's button says that
        self.strip.show_marks(beside, language)
        self.closed.say(view.closed(language) if view.closed is not None else "", Tone.WARN)
        self.actions.show_places([(self._title, view.offers)])
        self._show_threads(view)
        self._show_foot(view)
        if self._sections is not None:
            self._sections.show_verified(view.verified, may_query=view.may_query)

    def _path_in_focus(self) -> ItemPath | None:
        row = self._sections.focused_row() if self._sections is not None else None
        return row.path if row is not None else None

    def _want_attachments(self, files: list[str]) -> None:
        form, path = self._form, self._path_in_focus()
        if form is not None:
            row = self._sections.rows[path] if self._sections is not None and path is not None else None
            item = row.item.label(self._language) if row is not None else ""
            self.attachments_wanted.emit(form.key, path, item, files)

    def ask_here(self) -> None:
        """Ask for a query on the item in focus; where none has it, on the form."""
        self.ask_about(self._path_in_focus())

    def ask_about_form(self) -> None:
        """Ask for a query on the form."""
        self.ask_about(None)

    def ask_about(self, path: ItemPath | None) -> None:
        """Ask for a query on an item; None is the whole form. Nothing happens for those who raise none."""
        view, sections = self._view, self._sections
        if view is None or not view.may_query:
            return
        if path is None or sections is None:
            offer = next(one for one in view.offers if one.act is Act.QUERY)
            self.actions.ask(Act.QUERY, offer.scope, self._title)
            return
        label = sections.rows[path].item.label(self._language)
        self.actions.ask(Act.QUERY, of_item(view.key, path), label)

    # -- queries, in place ------------------------------------------------------------------------------------

    def _show_threads(self, view: FormOversight) -> None:
        standing = {one.id: one for one in view.queries if one.standing is not QueryStanding.CLOSED}
        for name in [name for name in self._threads if name not in standing]:
            thread = self._threads.pop(name)
            thread.hide()
            thread.deleteLater()
        for number, line in enumerate(standing.values(), start=1):
            if line.id not in self._threads:
                self._make_thread(number, line)
            self._threads[line.id].show_query(line, self._language)
        self._head.setVisible(self._head_lines.count() > 0)

    def _make_thread(self, number: int, line: QueryLine) -> None:
        """Put a query below its item; where the form does not show it now, above all of them."""
        thread = QueryThread(f"form_query_{number}", leads=False, reasons=self._port.design.reasons)
        thread.act_wanted.connect(self._act)
        thread.choice_made.connect(self._choose)
        thread.item_wanted.connect(self._lead)
        self._threads[line.id] = thread
        path = line.scope.path
        if self._sections is None or path is None or not self._sections.put_beside(path, thread):
            self._head_lines.addWidget(thread)

    def answer_here(self) -> bool:
        """Ask for the answer to the first query on the item in focus; False where there is none to answer."""
        view, path = self._view, self._path_in_focus()
        lines = [
            one
            for one in (view.queries if view is not None else ())
            if (one.may_answer or one.may_choose) and is_about(one, path)
        ]
        return any(self._threads[one.id].ask_to_answer() for one in lines[:1] if one.id in self._threads)

    def _choose(self, query: str, side: str, reason: str) -> None:
        work = partial(self._port.oversight.choose, query, side or None, reason)
        then = self._changed if side else partial(self._anew, query)
        self._background.run(work, then=then, otherwise=partial(self._not_acted, query))

    def _anew(self, query: str, _key: FormKey) -> None:
        """Lead to the sitting's first item, which is to be entered anew."""
        line = next((one for one in (self._view.queries if self._view is not None else ()) if one.id == query), None)
        self._changed()
        if line is not None:
            self._lead(line)

    def _lead(self, line: QueryLine) -> None:
        if self._sections is not None and line.scope.path is not None:
            self._sections.go_to(line.scope.path)

    def _act(self, act: QueryAct, query: str, words: str) -> None:
        work = act_on(self._port, act, query, words)
        self._background.run(work, then=self._changed, otherwise=partial(self._not_acted, query))

    def _not_acted(self, query: str, error: CasebookError) -> None:
        thread = self._threads.get(query)
        if thread is not None:
            thread.refuse(error.sentence(self._language))

    def _changed(self, _done: object = None) -> None:
        self.changed.emit()  # the page asks for the form again, and looks

    # -- signatures and what is held --------------------------------------------------------------------------

    def _show_foot(self, view: FormOversight) -> None:
        self._clear(self._foot_lines)
        language = self._language
        for one in view.held:
            sign = ruling_sign(one)
            parts = [sign.word, one.what(language), f"{one.author} ({one.laptop})", one.why(language)]
            if one.ruling is not Ruling.WAITING:
                parts.append(one.ruled(language))
            self._add_foot(sign.icon, sign.tone, " · ".join(part for part in parts if part))
        for line in view.signatures:
            icon, tone = ("sign", Tone.GOOD) if line.stands else ("changed", Tone.WARN)
            self._add_foot(icon, tone, signature_sentence(line, language))
        self._foot.setVisible(self._foot_lines.count() > 0)

    def _add_foot(self, icon: str, tone: Tone, sentence: str) -> None:
        self._foot_lines.addWidget(NoteLine(icon, tone, sentence, parent=self._foot))

    @staticmethod
    def _clear(lines: QVBoxLayout) -> None:
        while (item := lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def is_about(line: QueryLine, path: ItemPath | None) -> bool:
    """Tell whether a query is about an item, or about the sitting or the row that it is part of."""
    asked = line.scope.path
    if asked is None or path is None or asked.item:
        return asked == path
    return (asked.group, asked.row) == (path.group, path.row)
