"""Form: one form of one visit, filled in by keyboard, finger or mouse.

What a field holds when it is left goes to the store thread at once; the mark beside it changes when
the disk has it. Answers update the form in place: they never take the focus, nor text that is being
typed. A change of a recorded value waits, in its field, for its reason.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casebook.design import Item, StudyDesign
from casebook.errors import CasebookError
from casebook.records import FormKey, ItemPath
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.models.scoring import opens_item_by_item
from desktop_app.snapshots import EarlierValue, FormView
from desktop_app.widgets.focus import go_by_tab, tab_stops
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.item_cards import HelpPart
from desktop_app.widgets.item_row import Entry, ItemRow
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.windows.entry_page import EntryPage
from desktop_app.windows.form_head import FormHead
from desktop_app.windows.form_oversight import FormStandings
from desktop_app.windows.form_paste import FormPaste
from desktop_app.windows.form_words import explain, open_findings
from desktop_app.windows.port import SessionPort
from desktop_app.windows.standing_actions import audit_besides, redact_besides
from desktop_app.windows.whereabouts import Whereabouts

SMALLEST = (360, 240)
"""Width and height in pixels that are still of use: half a screen at 200 %."""


class FormPage(EntryPage):
    """One form instance.

    Signals:
        scorer_wanted: The form is to be scored item by item (FormKey, None).
    """

    scorer_wanted = Signal(object, object)
    page_name = "form"

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_form` fills it."""
        super().__init__(background, port, language, parent)
        self.sections: FormSections | None = None
        self.setMinimumSize(*SMALLEST)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _make_parts(self) -> None:
        self.standings = FormStandings(self.background, self.port, self)
        self.head = FormHead(self.standings, self)
        self._body = QVBoxLayout()
        self.paste = FormPaste(self, self.head, self._body)

    def _lay_out(self) -> None:
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addLayout(self._body, 1)

    def _connect(self) -> None:
        self.head.back_wanted.connect(self.back_requested)
        self.head.next_wanted.connect(self.go_to_next_unanswered)
        self.head.save_wanted.connect(self.save)
        self.head.undo_wanted.connect(self.undo)
        self.head.complete_wanted.connect(self.set_complete)
        self.head.item_wanted.connect(self.go_to_item)
        self.head.scorer_wanted.connect(self._want_scorer)
        self.standings.changed.connect(self.refresh)
        self.standings.changed.connect(self.changed)
        self.standings.attachments_wanted.connect(self.attachments_wanted)
        besides = [audit_besides(self._want_audit), redact_besides(self._want_redaction)]
        self.standings.actions.offer_besides(*besides[: 2 if "redact" in self.port.person.rights else 1])
        for keys, action in (
            ("Ctrl+S", self.save),
            ("Ctrl+J", self.go_to_next_unanswered),
            ("Ctrl+M", self.head.open_missing),
            ("Ctrl+Z", self.undo),
            ("F8", self.go_to_next_finding),
            ("F9", self._want_scorer),
            ("Alt+M", self._open_missing),
            ("Alt+L", self.paste.open_limits),
            ("Alt+H", self._toggle_trail),
            ("Alt+Shift+H", self._want_audit),
            ("Alt+Q", self.standings.ask_here),
            ("Alt+Shift+Q", self.standings.ask_about_form),
            ("Alt+A", self.standings.answer_here),
            ("Ctrl+Shift+A", self.standings.actions.open_menu),
            ("Ctrl+Ins", lambda: self._on_rows(FormSections.want_row)),
            ("Ctrl+Del", lambda: self._on_rows(FormSections.want_strike)),
            ("Ctrl+Down", lambda: self._on_rows(lambda sections: sections.go_to_row(1))),
            ("Ctrl+Up", lambda: self._on_rows(lambda sections: sections.go_to_row(-1))),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # -- what is shown --------------------------------------------------------------------------------------

    def show_form(self, view: FormView) -> None:
        """Show a form as it stands; another instance starts from the top."""
        shown = self.view  # a page is built for an instance, and the version of its form
        if shown is None or self.sections is None or (view.key, view.form.version) != (shown.key, shown.form.version):
            self._make_sections(view.design or self.port.design)
        before, self.view = self.view, view
        first = before is None or view.key != before.key
        sealed = before is None or (view.open_here, view.complete) != (before.open_here, before.complete)
        if self.sections is not None:
            self.sections.show_form(view, self.language)
        self.head.show_form(view, self.language)
        self.paste.show_form(view, self.language)
        if first or sealed:
            self.standings.look(view, self.language)
        if first:
            self._ask_earlier()
            self.paste.begin(view.key)
            self.take_focus()
            self.note_place()

    def _keeping(self, key: FormKey, entry: Entry) -> Callable[[], FormView]:
        return self.paste.keeping(key, entry) or super()._keeping(key, entry)

    def _ask_earlier(self) -> None:
        """Ask for the last earlier values of a form that is entered here."""
        if self.view is not None and self.view.editable:
            key = self.view.key
            self.background.run(partial(self.port.earlier, key), then=partial(self._take_earlier, key))

    def _take_earlier(self, key: FormKey, earlier: Mapping[ItemPath, EarlierValue]) -> None:
        if self.sections is not None and self.view is not None and self.view.key == key:
            self.sections.take_earlier(earlier)

    def refresh(self) -> None:
        """Ask for the form again."""
        if self.view is not None:
            self.background.run(partial(self.port.form, self.view.key), then=self.show_form, otherwise=self.refuse)
            self.standings.look(self.view, self.language)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self.head.retranslate(self.language)
        self.standings.retranslate(self.language)
        if self.view is not None:
            self.show_form(self.view)

    def _make_sections(self, design: StudyDesign) -> None:
        if self.sections is not None:
            self._body.removeWidget(self.sections)
            self.sections.hide()
            self.sections.deleteLater()
        reasons = Reasons(design.reasons, design.absences)
        self.sections = FormSections(design.code_lists, reasons, self, explain=self._explain, present=self.port.present)
        self._body.insertWidget(0, self.sections, 1)
        self.sections.entered.connect(self.keep)
        self.sections.confirmation_given.connect(self.confirm)
        self.sections.trail_wanted.connect(self.ask_trail)
        self.sections.row_wanted.connect(self._add_row)
        self.sections.strike_wanted.connect(self._strike_row)
        self.sections.went_past_end.connect(self.head.focus_save)
        self.standings.take_sections(self.sections)
        self.paste.take_sections(self.sections, reasons, design.code_lists)

    def take_focus(self) -> None:
        """Put the focus on the first unanswered item, unless an item has it."""
        if self.view is None or self.sections is None or self.sections.focused_row() is not None:
            return
        if self.sections.go_to_next_of(self.view.unanswered):
            return
        if not self.sections.go_to_next_of([row.path for row in self.sections.in_order()[:1]]):
            self.sections.go_to_row(1)  # a log whose rows are folded, or that has none yet

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus on to an item."""
        super().focusInEvent(event)
        self.take_focus()

    # -- entry ------------------------------------------------------------------------------------------------

    def field(self, path: ItemPath) -> ItemRow:
        """Return the row of an item."""
        if self.sections is None:
            raise KeyError(path)
        return self.sections.rows[path]

    def flush(self) -> None:
        """Say what stands in a field that was not left yet."""
        if self.sections is not None:
            self.sections.flush()

    def set_aside(self) -> Iterable[tuple[ItemPath, str, str]]:
        """Return path, text and unit of what was not said yet, and say no more of it."""
        return self.sections.set_aside() if self.sections is not None else ()

    def refuse(self, error: CasebookError) -> None:
        """Say in the head why something was not done."""
        self.head.refuse(error)

    def clear_error(self) -> None:
        """Say no more that something was not done."""
        self.head.clear_error()

    def _add_row(self, group: str) -> None:
        if self.view is not None:
            self.run(partial(self.port.add_row, self.view.key, group), then=partial(self._row_added, group))

    def _row_added(self, group: str, view: FormView) -> None:
        self.answered(view)
        if self.sections is not None and self.is_shown(view):
            self.sections.open_added(group)

    def _on_rows(self, act: Callable[[FormSections], None]) -> None:
        if self.sections is not None:
            act(self.sections)

    def go_to_item(self, path: ItemPath) -> bool:
        """Put the focus on an item; False where the form does not ask it now."""
        return self.sections is not None and self.sections.go_to(path)

    def _strike_row(self, group: str, row: str, reason: str) -> None:
        if self.view is not None:
            self.run(partial(self.port.strike_row, self.view.key, group, row, reason))

    # -- saving and leaving -------------------------------------------------------------------------------------

    def whereabouts(self) -> Whereabouts:
        """Return form, field, cursor, scroll, and what is being asked."""
        if self.view is None or self.sections is None:
            return Whereabouts()
        row = self.sections.row_of(self.window().focusWidget())
        asked_at, asking = self.sections.asking() or (None, None)
        return Whereabouts(
            subject=self.view.key.subject,
            number=self.view.number,
            key=self.view.key,
            path=asked_at or (row.path if row is not None else None),
            cursor=row.editor.text_cursor() if row is not None else -1,
            scroll=self.sections.verticalScrollBar().value(),
            asking=asking,
        )

    def take_up(self, place: Whereabouts) -> None:
        """Stand again in the field, at the letter, and before the question."""
        sections, path = self.sections, place.path
        if sections is None or path is None:
            return
        if path.item and self.go_to_item(path):
            sections.rows[path].editor.put_cursor(place.cursor)
        if place.asking is not None:
            sections.ask_again(path, place.asking)
        sections.scroll_to(place.scroll)

    # -- keys -------------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Let Tab follow the eye, also to what came later."""
        return go_by_tab(self, tab_stops(self._controls()), onwards=next)

    def _controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        below = self.paste.controls() or (self.sections.controls() if self.sections is not None else [])
        return [*self.head.controls(), self.standings.above, *below]

    def go_to_next_unanswered(self) -> None:
        """Put the focus on the next mandatory item without an answer."""
        if self.view is not None and self.sections is not None:
            self.sections.go_to_next_of(self.view.unanswered)

    def go_to_next_finding(self) -> None:
        """Put the focus on the next item with an open finding."""
        if self.view is not None and self.sections is not None:
            self.sections.go_to_next_of([path for path, _ in open_findings(self.view)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the item's help by F1, and where it stands already leave F1 to the page's; go back by Esc."""
        row = self._focused_row()
        plain = event.key() == Qt.Key.Key_F1 and event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and row is not None and row.toggle_hint():
            return
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _explain(self, item: Item, language: str) -> tuple[HelpPart, ...]:
        """Return an item's help."""
        view = self.view
        return explain(view, view.design or self.port.design, item, language) if view is not None else ()

    def _focused_row(self) -> ItemRow | None:
        return self.sections.focused_row() if self.sections is not None else None

    def _open_missing(self) -> None:
        row = self._focused_row()
        if row is not None:
            row.open_menu(codes_only=True)

    def _toggle_trail(self) -> None:
        row = self._focused_row()
        if row is not None:
            row.toggle_trail()

    def _want_scorer(self) -> None:
        if self.view is not None and opens_item_by_item(self.view):
            self.scorer_wanted.emit(self.view.key, None)

    def _want_audit(self) -> None:
        if self.view is not None:
            row, key = self._focused_row(), self.view.key
            self.audit_wanted.emit(AuditQuestion(subject=key.subject, key=key, path=row.path if row else None))

    def _want_redaction(self) -> None:
        row = self._focused_row()
        if self.view is not None and row is not None:
            self.redaction_wanted.emit(self.view.key, row.path)
        else:
            self.status.emit(self.tr("Put the cursor into the item first."))
