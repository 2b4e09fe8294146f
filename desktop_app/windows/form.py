"""Form: one form of one visit, filled in by keyboard, finger or mouse.

What a field holds when it is left goes to the store thread at once; the mark beside it changes when
the disk has it. Answers update the form in place: they never take the focus, nor text that is being
typed. A change of a recorded value waits, in its field, for its reason.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from casebook.design import Item, StudyDesign, VisitKind
from casebook.entry import display
from casebook.errors import CasebookError, ReasonRequiredError
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.models.boards import finding_count
from desktop_app.models.words import whereis_sign
from desktop_app.snapshots import FormView, TrailLine
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.focus import go_by_tab, tab_stops
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.icon import IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.item_row import Entry, ItemRow
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.windows.form_oversight import FormStandings
from desktop_app.windows.form_words import explain, is_asked, items_of, open_findings
from desktop_app.windows.page import FormWindow
from desktop_app.windows.port import SessionPort
from desktop_app.windows.standing_actions import audit_besides, redact_besides
from desktop_app.windows.whereabouts import Whereabouts

TOTAL = "TOT"
"""How the database names of totals end."""
NARROW = 1000
"""Below this width in pixels the head takes two lines."""
SMALLEST = (360, 240)
"""Width and height in pixels that are still of use: half a screen at 200 %."""
UNTESTABLE = "UN"
"""The grade of a scale that adds nothing to its total (clinical content 2.1)."""


class FormPage(FormWindow):
    """One form instance."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_form` fills it."""
        super().__init__(background, port, language, parent)
        self.view: FormView | None = None
        self.sections: FormSections | None = None
        self._error: CasebookError | None = None
        self._narrow = False
        self.setMinimumSize(*SMALLEST)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _make_parts(self) -> None:
        self._back = IconButton("back")
        self._back.setObjectName("form_back")
        theme.set_role(self._back, "quiet")
        self._heading = QLabel()
        self._heading.setObjectName("form_title")
        theme.set_role(self._heading, "title")
        self._where = QLabel()
        self._where.setObjectName("form_where")
        theme.set_role(self._where, "note")
        self._custody = SignLabel()
        self._score = QLabel()
        self._score.setObjectName("form_score")
        theme.set_role(self._score, "lead")
        self._progress = QLabel()
        self._progress.setObjectName("form_progress")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._next = QPushButton()
        self._next.setObjectName("form_next")
        self._findings = IconButton("warning")
        self._findings.setObjectName("form_findings")
        self._findings.setMenu(QMenu(self._findings))
        theme.set_role(self._findings, "menu")
        self._complete = QPushButton()
        self._complete.setObjectName("form_complete")
        self._complete.setCheckable(True)
        self._save = PrimaryButton()
        self._save.setObjectName("form_save")
        self._notice = Notice("form_notice")
        self.standings = FormStandings(self.background, self.port, self)
        self._body = QVBoxLayout()

    def _lay_out(self) -> None:
        names = QHBoxLayout()
        names.setSpacing(theme.SMALL)
        below = WrappingRow(theme.MEDIUM)
        below.add(self._where)
        below.add(self._custody)
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(self._heading)
        titles.addWidget(below)
        names.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        names.addLayout(titles, 1)
        self._actions = actions = WrappingRow(theme.SMALL)
        actions.keep_whole(whole=True)
        for button in (
            self._score,
            self._progress,
            self._next,
            self._findings,
            *self.standings.buttons,
            self._complete,
            self._save,
        ):
            actions.add(button)
        head = QFrame()
        column = QVBoxLayout(head)
        column.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lines.setSpacing(theme.SMALL)
        self._lines.addLayout(names, 1)
        self._lines.addWidget(actions, 0)
        column.addLayout(self._lines)
        column.addWidget(self.standings.strip)
        column.addWidget(self._bar)
        column.addWidget(self._notice)
        column.addWidget(self.standings.closed)
        column.addWidget(self.standings.actions.panel)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(head)
        outer.addLayout(self._body, 1)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._next.clicked.connect(self.go_to_next_unanswered)
        self._save.clicked.connect(self.save)
        self._complete.clicked.connect(self._toggle_complete)
        self.standings.changed.connect(self.refresh)
        self.standings.changed.connect(self.changed)
        self.standings.attachments_wanted.connect(self.attachments_wanted)
        besides = [audit_besides(self._want_audit), redact_besides(self._want_redaction)]
        self.standings.actions.offer_besides(*besides[: 2 if "redact" in self.port.person.rights else 1])
        for keys, action in (
            ("Ctrl+S", self.save),
            ("Ctrl+J", self.go_to_next_unanswered),
            ("F8", self.go_to_next_finding),
            ("Alt+M", self._open_missing),
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

    def title(self) -> str:
        """Return the form's name and the subject's number."""
        view = self.view
        return f"{view.number}  {view.form.label(self.language)}" if view is not None else ""

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
        self._show_head(view)
        if first or sealed:
            self.standings.look(view, self.language)
        if first:
            self.take_focus()

    def refresh(self) -> None:
        """Ask for the form again."""
        if self.view is not None:
            self.background.run(partial(self.port.form, self.view.key), then=self.show_form, otherwise=self._refused)
            self.standings.look(self.view, self.language)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._next.setToolTip("Ctrl+J")
        self._next.setAccessibleName(self.tr("Go to the next unanswered item"))
        self._save.setText(self.tr("Save"))
        self._save.setToolTip("Ctrl+S")
        self._save.setAccessibleName(self.tr("Save: record what was entered"))
        self._show_short()
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)
        self.standings.retranslate(self.language)
        if self.view is not None:
            self.show_form(self.view)

    def _show_short(self) -> None:
        """Say less where the head is narrow."""
        self._show_back()
        self._next.setText(self.tr("Next", "unanswered item") if self._narrow else self.tr("Next unanswered"))
        if self.view is not None:
            self._show_head(self.view)

    def _show_back(self) -> None:
        back = self.tr("Site file") if self._is_of_site else self.tr("Casebook")
        self._back.setText("" if self._narrow else back)
        self._back.setAccessibleName(self.tr("Back: %1").replace("%1", back))

    @property
    def _is_of_site(self) -> bool:
        view = self.view
        design = self.port.design if view is None or view.design is None else view.design
        return view is not None and design.visit(view.key.visit.visit).kind is VisitKind.SITE

    def _make_sections(self, design: StudyDesign) -> None:
        if self.sections is not None:
            self._body.removeWidget(self.sections)
            self.sections.hide()
            self.sections.deleteLater()
        reasons = Reasons(design.reasons, design.absences)
        self.sections = FormSections(design.code_lists, reasons, self, explain=self._explain)
        self._body.insertWidget(0, self.sections, 1)
        self.sections.entered.connect(self._keep)
        self.sections.confirmation_given.connect(self._confirm)
        self.sections.trail_wanted.connect(self._ask_trail)
        self.sections.row_wanted.connect(self._add_row)
        self.sections.strike_wanted.connect(self._strike_row)
        self.sections.went_past_end.connect(self._save.setFocus)
        self.standings.take_sections(self.sections)

    def _show_head(self, view: FormView) -> None:
        self._show_back()
        self._heading.setText(view.form.label(self.language))
        where = [view.number, view.visit_label(self.language)]
        if view.occasion is not None:
            where.append(view.occasion(self.language))
        if view.day:
            where.append(view.day)
        self._where.setText(" · ".join(where))
        self._custody.show_sign(whereis_sign(view.whereis))
        asked = sum(1 for item in items_of(view) if is_asked(item))
        left = len(view.unanswered)
        if left and (self._narrow or self._score_text(view)):
            told = self.tr("%1 of %2 left").replace("%1", str(left)).replace("%2", str(asked))
        elif left:
            told = self.tr("%1 of %2 mandatory items left").replace("%1", str(left)).replace("%2", str(asked))
        else:
            told = self.tr("All mandatory items answered")
        self._progress.setText(told)
        self._bar.setRange(0, max(1, asked))
        self._bar.setValue(asked - left)
        self._bar.setAccessibleName(told)
        self._score.setText(self._score_text(view))
        self._score.setVisible(bool(self._score.text()))
        self._next.setVisible(left > 0 and view.editable)
        self._show_findings(view)
        self._save.setVisible(view.editable)
        self._save.setEnabled(view.open_here)
        self._complete.setVisible(view.editable or view.complete)
        self._complete.setEnabled(view.editable)
        self._complete.setChecked(view.complete)
        self._complete.setText(self.tr("Complete ✓") if view.complete else self.tr("Mark complete"))
        self._complete.setAccessibleName(self.tr("Form complete"))
        if view.note is not None:
            self._notice.say(view.note(self.language), Tone.WARN)
        elif view.sealed_away:
            told = self.tr(
                "Identity data is sealed away here: ask a colleague to admit this laptop on their Sync page."
            )
            self._notice.say(told, Tone.WARN)
        elif self._error is None:
            self._notice.say("")

    def _show_findings(self, view: FormView) -> None:
        """List the open findings; each leads to its item."""
        sign = finding_count(view.hard_findings, view.soft_findings)
        self._findings.setVisible(sign is not None)
        menu = self._findings.menu()
        menu.clear()
        if sign is None:
            return
        self._findings.setText(self.tr("Findings: %1").replace("%1", sign.word))
        self._findings.setAccessibleName(self._findings.text())
        self._findings.setToolTip("F8")
        for path, finding in open_findings(view):
            label = f"{finding.check}  {view.item(path).item.label(self.language)}"
            menu.addAction(label.replace("&", "&&")).triggered.connect(
                lambda _checked=False, path=path: self.go_to_item(path)
            )

    def _score_text(self, view: FormView) -> str:
        """Return the running totals of the form's scales."""
        scales = {one.name for group in view.form.groups if group.style == "scale" for one in group.items}
        totals = []
        for one in items_of(view):
            derived = one.item.derivation
            if derived is not None and one.visible and one.item.name.endswith(TOTAL) and scales & set(derived.items):
                shown = display(
                    one.item, None, one.reading, self.language, offset_minutes=one.offset_minutes
                ) or self._so_far(view, derived.items)
                label = one.item.label(self.language).split("(")[0].split("\N{FULLWIDTH LEFT PARENTHESIS}")[0].strip()
                totals.append(f"{label} {shown}")
        untestable = sum(1 for one in items_of(view) if one.item.name in scales and one.reading.value == UNTESTABLE)
        if untestable and totals:
            totals.append(self.tr("%1 untestable").replace("%1", str(untestable)))
        return " · ".join(totals)

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

    def _so_far(self, view: FormView, names: tuple[str, ...]) -> str:
        """Return the sum of the grades that were given, and how many are still to come."""
        grades = [one.reading.value for one in items_of(view) if one.item.name in names]
        sum_so_far = sum(int(grade) for grade in grades if grade is not None and grade.isdecimal())
        given = sum(1 for grade in grades if grade is not None)
        if not given:
            return "\N{EN DASH}"
        told = self.tr("so far %1 (%2 of %3)", "running total of a scale")
        return told.replace("%1", str(sum_so_far)).replace("%2", str(given)).replace("%3", str(len(grades)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the name where the window is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._lines.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
            self._actions.keep_whole(whole=not narrow)
            self._show_short()

    # -- entry ------------------------------------------------------------------------------------------------

    def _keep(self, entry: Entry) -> None:
        view = self.view
        if view is None or self.sections is None:
            return
        row = self.sections.rows[entry.path]
        row.sent()
        work = partial(
            self.port.keep,
            view.key,
            entry.path,
            entry.raw,
            unit=entry.unit or None,
            missing=entry.missing,
            reason=entry.reason or None,
        )
        self.background.run(work, then=partial(self._kept, row), otherwise=partial(self._not_kept, row, entry))

    def _kept(self, row: ItemRow, view: FormView) -> None:
        row.answered()
        if self._is_shown(view):
            self.show_form(view)
            self.changed.emit()

    def _not_kept(self, row: ItemRow, entry: Entry, error: CasebookError) -> None:
        row.answered()
        if isinstance(error, ReasonRequiredError):
            if not row.in_flight:  # else the answer to a later entry is on its way
                row.ask_reason(entry)
        else:
            row.refuse(error.sentence(self.language))

    def _confirm(self, path: ItemPath, check: str, reason: str) -> None:
        if self.view is not None:
            self._run(partial(self.port.confirm, self.view.key, check, path, reason))

    def _add_row(self, group: str) -> None:
        if self.view is not None:
            self._run(partial(self.port.add_row, self.view.key, group), then=partial(self._row_added, group))

    def _row_added(self, group: str, view: FormView) -> None:
        self._answered(view)
        if self.sections is not None and self._is_shown(view):
            self.sections.open_added(group)

    def _on_rows(self, act: Callable[[FormSections], None]) -> None:
        if self.sections is not None:
            act(self.sections)

    def go_to_item(self, path: ItemPath) -> bool:
        """Put the focus on an item; False where the form does not ask it now."""
        return self.sections is not None and self.sections.go_to(path)

    def _strike_row(self, group: str, row: str, reason: str) -> None:
        if self.view is not None:
            self._run(partial(self.port.strike_row, self.view.key, group, row, reason))

    def _run(self, work: Callable[[], FormView], then: Callable[[FormView], None] | None = None) -> None:
        """Do what changes the form on the store thread, and show what came of it."""
        self.background.run(work, then=then or self._answered, otherwise=self._refused)

    def _answered(self, view: FormView) -> None:
        self._clear_error()
        if self._is_shown(view):
            self.show_form(view)
            self.changed.emit()

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)
        if self.view is not None:
            self._complete.setChecked(self.view.complete)

    def _clear_error(self) -> None:
        self._error = None
        if self.view is None or (not self.view.sealed_away and self.view.note is None):
            self._notice.say("")

    def _is_shown(self, view: FormView) -> bool:
        return self.view is not None and view.key == self.view.key

    # -- saving and leaving -------------------------------------------------------------------------------------

    def save(self) -> None:
        """Record what was entered."""
        self._flush()
        if self.view is not None and self.view.editable:
            self._run(partial(self.port.save, self.view.key))

    def leave(self, then: Callable[[], None]) -> None:
        """Seal what was entered, then let the page go. What waits for a reason is not entered."""
        view = self.view
        if view is None or not view.editable:
            then()
            return
        self._flush()

        def sealed(_view: FormView) -> None:
            self.left.emit()
            then()

        def refused(error: CasebookError) -> None:
            self.status.emit(error.sentence(self.language))
            then()

        self.background.run(partial(self.port.save, view.key), then=sealed, otherwise=refused)

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

    def put_down(self, *, by_itself: bool) -> None:
        """Keep what was typed: as left where the user locks, set aside where the laptop does so by itself.

        Half a number that somebody was called away from is no value; it waits in its field.
        """
        if self.view is None or self.sections is None or not self.view.editable:
            return
        if not by_itself:
            self._flush()
        for path, text, unit in self.sections.set_aside():
            self.background.run(partial(self.port.set_aside, self.view.key, path, text, unit or None))

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

    def _flush(self) -> None:
        if self.sections is not None:
            self.sections.flush()

    def _toggle_complete(self, on: bool) -> None:
        self._flush()
        if self.view is not None:
            self._run(partial(self.port.set_complete, self.view.key, on))

    # -- keys -------------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Let Tab follow the eye, also to what came later."""
        return go_by_tab(self, tab_stops(self._controls()), onwards=next)

    def _controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        head: list[QWidget] = [self._back, self._next, self._findings, *self.standings.buttons, self._complete]
        below = self.sections.controls() if self.sections is not None else []
        return [*head, self._save, self.standings.actions.panel, self.standings.above, *below]

    def go_to_next_unanswered(self) -> None:
        """Put the focus on the next mandatory item without an answer."""
        if self.view is not None and self.sections is not None:
            self.sections.go_to_next_of(self.view.unanswered)

    def go_to_next_finding(self) -> None:
        """Put the focus on the next item with an open finding."""
        if self.view is not None and self.sections is not None:
            self.sections.go_to_next_of([path for path, _ in open_findings(self.view)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show help by F1, go back by Esc."""
        row = self._focused_row()
        if event.key() == Qt.Key.Key_F1 and row is not None:
            row.toggle_hint()
        elif event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _explain(self, item: Item, language: str) -> tuple[str, ...]:
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

    def _ask_trail(self, path: ItemPath) -> None:
        if self.view is not None:
            work = partial(self.port.trail, self.view.key, path)
            self.background.run(work, then=partial(self._show_trail, path), otherwise=self._refused)

    def _show_trail(self, path: ItemPath, lines: tuple[TrailLine, ...]) -> None:
        if self.sections is not None and path in self.sections.rows:
            self.sections.rows[path].show_trail(lines)
