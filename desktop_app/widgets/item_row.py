"""One item of a form: label, editor, mark, and in place below them whatever there is to say about it.

The row holds what was typed until the disk has it, and asks for the reason of a change. It keeps
nothing itself: it says `entered`, and is told what became of it. What is being typed is never
overwritten by an answer that arrives meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from casebook.checks import Finding
from casebook.design import CodeList, Item, ItemGroup, Need, Severity
from casebook.entry import missing_label
from casebook.records import ItemPath, MissingCode
from desktop_app import theme
from desktop_app.models.boards import severity_sign
from desktop_app.oversight_snapshots import VerifyState
from desktop_app.snapshots import ItemView, Mark, TrailLine
from desktop_app.theme import Tone
from desktop_app.widgets.editor_choice import is_wide, make_editor
from desktop_app.widgets.focus import holds_focus
from desktop_app.widgets.item_text import editable_text
from desktop_app.widgets.marks import MarkButton
from desktop_app.widgets.notes import TRAIL_ICONS, NoteLine, trail_sentence
from desktop_app.widgets.reason_panel import Asking, Asks, ReasonPanel, Reasons

LABEL_WIDTH = 248


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the user entered for one item: text and unit, or a missing-data code; and why, where asked."""

    path: ItemPath
    raw: str = ""
    unit: str = ""
    missing: MissingCode | None = None
    reason: str = ""


Explain = Callable[[Item, str], Sequence[str]]
"""Returns the help for an item in a language: its hint, when it is asked, what its checks look for."""


def hint_alone(item: Item, language: str) -> tuple[str, ...]:
    """Return an item's own hint, where nothing more is known."""
    return (item.hint(language),) if item.hint is not None else ()


class ItemRow(QWidget):
    """One item of a form.

    Signals:
        entered: An `Entry` is to be kept.
        confirmation_given: A finding is true: path, check id, reason.
        trail_wanted: The item's history is to be shown (path).
        finished: The user goes on to the next item (path).
        query_wanted: A query on the item is to be raised (path).
    """

    entered = Signal(object)
    confirmation_given = Signal(object, str, str)
    trail_wanted = Signal(object)
    finished = Signal(object)
    query_wanted = Signal(object)

    def __init__(
        self,
        path: ItemPath,
        group: ItemGroup,
        item: Item,
        code_lists: Mapping[str, CodeList],
        reasons: Reasons,
        parent: QWidget | None = None,
        *,
        explain: Explain = hint_alone,
    ) -> None:
        """Make the row of one item; it shows nothing until `show_item`."""
        super().__init__(parent)
        self._explain = explain
        self.path = path
        self.item = item
        self.view: ItemView | None = None
        self.in_flight = 0
        self.pending: Entry | None = None
        self._language = "en"
        self._reasons = reasons
        self._asks_absence = False
        self._confirming = ""
        self._error = ""
        self._behind = False
        self._verified: VerifyState | None = None
        self._may_query = False
        self._wide = is_wide(group, item)
        self.setObjectName(f"row.{item.oid}" + (f".{path.row}" if path.row else ""))
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.editor = make_editor(group, item, code_lists, self)
        self.mark = MarkButton(self)
        self.mark.setObjectName(f"mark.{item.oid}")
        self.label.setBuddy(self.editor.input())
        self.panel: ReasonPanel | None = None
        self.trail: QFrame | None = None
        self._notes: list[NoteLine] = []
        self._shown_notes: tuple[object, ...] = ()
        self._hint_open = False
        self._below = QVBoxLayout()
        self._below.setSpacing(theme.TIGHT)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, theme.TIGHT, 0, theme.TIGHT)
        self._grid.setHorizontalSpacing(theme.MEDIUM)
        self._grid.setVerticalSpacing(theme.TIGHT)
        self._narrow: bool | None = None
        self.set_narrow(on=False)
        self.editor.committed.connect(self._take)
        self.editor.edited.connect(self._edited)
        self.editor.finished.connect(self._finished)
        self.mark.clicked.connect(self._open_whole_menu)

    def set_narrow(self, *, on: bool) -> None:
        """Put the label above the editor where the column is narrow."""
        if on == self._narrow:
            return
        self._narrow = on
        stacked = on or self._wide
        grid = self._grid
        while grid.count():
            grid.takeAt(0)
        top = Qt.AlignmentFlag.AlignTop
        if stacked:
            grid.addWidget(self.label, 0, 0)
            grid.addWidget(self.mark, 0, 1, Qt.AlignmentFlag.AlignRight | top)
            grid.addWidget(self.editor, 1, 0, 1, 2)
            grid.addLayout(self._below, 2, 0, 1, 2)
        else:
            grid.addWidget(self.label, 0, 0, top)
            grid.addWidget(self.editor, 0, 1)
            grid.addWidget(self.mark, 0, 2, Qt.AlignmentFlag.AlignRight | top)
            grid.addLayout(self._below, 1, 1, 1, 2)
        grid.setColumnMinimumWidth(0, 0 if stacked else LABEL_WIDTH)
        grid.setColumnStretch(0, 1 if stacked else 0)
        grid.setColumnStretch(1, 0 if stacked else 1)
        self.label.setMinimumHeight(0 if stacked else theme.TARGET)
        self.label.setMinimumWidth(0 if stacked else LABEL_WIDTH)
        self.label.setMaximumWidth(16777215 if stacked else LABEL_WIDTH)
        policy = QSizePolicy.Policy.Preferred if stacked else QSizePolicy.Policy.Fixed
        self.label.setSizePolicy(policy, QSizePolicy.Policy.Preferred)

    # -- in ---------------------------------------------------------------------------------------------

    def show_item(self, view: ItemView, language: str) -> None:
        """Show the item as it stands; typed text that is not kept yet stays."""
        same = view == self.view and language == self._language
        if same and not self.in_flight and not self._error and not self._behind:
            return
        relabel = language != self._language or self.view is None
        self.view = view
        self._language = language
        if relabel:
            self.label.setText(self.item.label(language))
        self._behind = not self._is_free()
        if not self._behind:
            self.editor.show_item(view, language)
            if view.typed and view.problem is None:
                self.editor.mark_unkept()  # the laptop was locked while it was typed: it is said when it is left
            self._error = ""
        elif relabel:
            self.editor.translate(language)
        if view.waits_for_reason and self.pending is None and not self.in_flight:
            self.ask_reason(Entry(path=self.path, raw=view.typed, unit=self.editor.unit()))
        self.setVisible(view.visible)
        self._show_mark()
        self._show_notes()

    def sent(self) -> None:
        """Note that an entry is on its way to the disk."""
        self.in_flight += 1
        self._error = ""

    def answered(self) -> None:
        """Note that the disk has answered; `show_item` follows."""
        self.in_flight -= 1

    def refuse(self, sentence: str) -> None:
        """Show why an entry was not kept. The text stays, and is said again when the field is left."""
        self._error = sentence
        self.editor.mark_unkept()
        self._show_mark()
        self._show_notes()

    def ask_reason(self, entry: Entry) -> None:
        """Ask why a recorded value changes, or a mandatory item has none, and hold the entry until the answer."""
        self.pending = entry
        if entry.missing is None:
            self._open_panel(self.tr("This value is recorded. Why does it change?"))
        else:
            self._open_panel(self.tr("This item is mandatory. Why is there no value?"), absent=True)
            self._finished()
        self._show_mark()

    def show_trail(self, lines: Sequence[TrailLine]) -> None:
        """Show the item's history below it."""
        self.close_trail()
        self.trail = QFrame(self)
        self.trail.setObjectName(f"trail.{self.item.oid}")
        theme.set_role(self.trail, "card")
        column = QVBoxLayout(self.trail)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        for line in lines:
            icon, tone = TRAIL_ICONS[line.kind]
            column.addWidget(NoteLine(icon, tone, self._trail_sentence(line), parent=self.trail))
        if not lines:
            column.addWidget(NoteLine("trail", Tone.QUIET, self.tr("Nothing was entered here yet."), parent=self.trail))
        self._below.addWidget(self.trail)

    def show_standing(self, verified: VerifyState | None, *, may_query: bool) -> None:
        """Say whether the value was verified against its source; offer a query where this person may raise one."""
        self._verified, self._may_query = verified, may_query
        self._show_mark()
        self._show_notes()

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below what is said about the item."""
        self._below.addWidget(widget)

    def _trail_sentence(self, line: TrailLine) -> str:
        return trail_sentence(replace(line, reason=self._reason_label(line.reason)), self._language)

    def close_trail(self) -> None:
        """Fold the history away."""
        if self.trail is not None:
            self._below.removeWidget(self.trail)
            self.trail.hide()
            self.trail.deleteLater()
            self.trail = None

    # -- what the user can do -----------------------------------------------------------------------------

    def flush(self) -> None:
        """Say what stands in the editor, if it was not said."""
        if self.view is not None and self.view.editable:
            self.editor.commit()

    def set_aside(self) -> tuple[str, str] | None:
        """Return text and unit that were not said yet, and say no more of them; None where there is nothing.

        What can be no answer yet, such as half a signature, counts as well.
        """
        if self.view is None or not self.view.editable:
            return None
        text, unit = self.editor.unfinished(), self.editor.unit()
        if not text or (text == self.editor.raw() and not self.editor.is_dirty):
            return None
        self.editor.settle()
        return text, unit

    def asking(self) -> Asking | None:
        """Return what the open reason panel asks; None without one."""
        if self.panel is None or not self.panel.isVisibleTo(self):
            return None
        words = self.panel.words.text()
        if self._confirming:
            return Asking(kind=Asks.CONFIRM, what=self._confirming, words=words)
        if self.pending is not None and self.pending.missing is not None:
            return Asking(kind=Asks.ABSENCE, what=self.pending.missing.value, words=words)
        return Asking(kind=Asks.CHANGE, words=words)

    def ask_again(self, asking: Asking) -> None:
        """Open the reason panel as it stood when the laptop was locked."""
        view = self.view
        if view is None:
            return
        if asking.kind is Asks.CONFIRM and any(one.check == asking.what for one in view.findings):
            self._confirm(asking.what)
        elif asking.kind is Asks.ABSENCE and asking.what in self.item.missing_codes:
            self.set_missing(MissingCode(asking.what))
        elif view.asks_reason:
            self._edited()
        if self.panel is not None and self.panel.isVisibleTo(self):
            self.panel.words.setText(asking.words)

    def focus_editor(self) -> None:
        """Put the focus on the editor."""
        reads = self.view is not None and not self.view.editable and self.item.derivation is None
        (self.mark if reads else self.editor.input()).setFocus(Qt.FocusReason.TabFocusReason)

    def toggle_hint(self) -> None:
        """Show or fold the item's help."""
        self._hint_open = not self._hint_open
        self._show_notes()

    def toggle_trail(self) -> None:
        """Show or fold the item's history."""
        if self.trail is None:
            self.trail_wanted.emit(self.path)
        else:
            self.close_trail()

    def open_menu(self, *, codes_only: bool = False) -> None:
        """Open the menu of missing-data codes, and of history and help."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        view = self.view
        if view is not None and view.editable:
            for code in self.item.missing_codes:
                action = menu.addAction(f"{code}  {missing_label(MissingCode(code), self._language)}")
                action.setObjectName(f"missing={code}")
                action.setCheckable(True)
                action.setChecked(view.reading.missing == code)
                action.triggered.connect(lambda _=False, chosen=code: self.set_missing(MissingCode(chosen)))
            if view.reading.missing is not None:
                menu.addAction(self.tr("Take the code back")).triggered.connect(lambda: self.set_missing(None))
        if not codes_only:
            menu.addSeparator()
            if self._may_query:
                query = menu.addAction(self.tr("Raise a query (Alt+Q)"))
                query.setObjectName(f"query={self.item.oid}")
                query.triggered.connect(lambda: self.query_wanted.emit(self.path))
            menu.addAction(self.tr("History (Alt+H)")).triggered.connect(self.toggle_trail)
            if self._explain(self.item, self._language):
                menu.addAction(self.tr("Help (F1)")).triggered.connect(self.toggle_hint)
        if menu.isEmpty():
            menu.deleteLater()
            return
        below = self.editor.input() if codes_only else self.mark
        menu.popup(below.mapToGlobal(QPoint(0, below.height())))

    def _open_whole_menu(self) -> None:
        self.open_menu()

    def set_missing(self, code: MissingCode | None) -> None:
        """Say that there is no value, and why; None takes that back."""
        self.editor.put("", "")
        self._send(Entry(path=self.path, missing=code))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave a pending change by Esc; show help by `?` where it is not text."""
        asking = self.pending is not None or (self.panel is not None and self.panel.isVisibleTo(self))
        if event.key() == Qt.Key.Key_Escape and asking:
            self._cancel()
        elif event.text() in {"?", "？"}:
            self.toggle_hint()
        else:
            super().keyPressEvent(event)

    # -- entry --------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether something typed here waits for the disk or for a reason."""
        return not self._is_free()

    def _is_free(self) -> bool:
        """Tell whether nothing typed here waits for the disk or for a reason."""
        return self.in_flight == 0 and self.pending is None and not self.editor.is_dirty

    def _edited(self) -> None:
        self._show_mark()
        view = self.view
        if view is None or not view.asks_reason:
            return
        if self.editor.is_dirty:
            self._open_panel(self.tr("This value is recorded. Why does it change?"))
        elif self.pending is None:
            self._close_panel()

    def _take(self, raw: str, unit: str) -> None:
        view = self.view
        if view is not None and view.asks_reason and (raw, unit) == self._standing(view):
            self._cancel()
            return
        self._send(Entry(path=self.path, raw=raw, unit=unit))

    @staticmethod
    def _standing(view: ItemView) -> tuple[str, str]:
        text, unit = editable_text(view.item, view.reading)
        return text, unit if view.item.units else ""

    def _send(self, entry: Entry) -> None:
        if entry.missing is not None and self.item.need is not Need.OPTIONAL:
            self.ask_reason(entry)
            return
        if self.view is not None and self.view.asks_reason:
            self.ask_reason(entry)
        self.entered.emit(entry)  # a change that waits for its reason is on the disk as well

    def _open_panel(self, question: str, *, absent: bool = False) -> None:
        if self.panel is not None and absent != self._asks_absence:
            self._below.removeWidget(self.panel)
            self.panel.deleteLater()
            self.panel = None
        if self.panel is None:
            self._asks_absence = absent
            reasons = self._reasons.absences if absent else self._reasons.changes
            self.panel = ReasonPanel(reasons, self.item.oid, self)
            self.panel.given.connect(self._reason_given)
            self.panel.cancelled.connect(self._cancel)
            self._below.insertWidget(0, self.panel)
        if not self.panel.isVisibleTo(self):
            self.panel.ask(question, self._language)

    def _close_panel(self) -> None:
        if self.panel is not None:
            self.panel.hide()

    def _reason_given(self, reason: str) -> None:
        check, self._confirming = self._confirming, ""
        if check:
            self._close_panel()
            self.confirmation_given.emit(self.path, check, reason)
            return
        if self.pending is None:
            self.editor.commit()
        entry, self.pending = self.pending, None
        self._close_panel()
        if entry is not None:
            self.entered.emit(replace(entry, reason=reason))
        self.finished.emit(self.path)

    def _cancel(self) -> None:
        """Leave everything as it was."""
        had_focus = self.panel is not None and holds_focus(self.panel)
        held, self.pending = self.pending, None
        self._confirming = ""
        self._error = ""
        self._close_panel()
        if self.view is not None:
            if self.view.mark is Mark.TYPED and held is not None:
                self.view = replace(self.view, mark=Mark.RECORDED, typed="", waits_for_reason=False, problem=None)
            self.editor.show_item(self.view, self._language)
        self._show_mark()
        self._show_notes()
        if held is not None and held.raw and self.view is not None:
            raw, unit = self._standing(self.view)
            self.entered.emit(Entry(path=self.path, raw=raw, unit=unit))  # takes it off the disk's list again
        if had_focus:
            self.focus_editor()

    def _finished(self) -> None:
        if self.panel is not None and self.panel.isVisibleTo(self):
            self.panel.focus_first()
        else:
            self.finished.emit(self.path)

    # -- what is told ---------------------------------------------------------------------------------------

    def _show_mark(self) -> None:
        view = self.view
        if view is None:
            return
        waits = self.pending is not None or bool(self._error) or self.editor.is_dirty or self.in_flight > 0
        offered = bool(self.item.missing_codes) or view.mark is not Mark.EMPTY or self._may_query
        has_menu = self.item.derivation is None and offered
        mark = None if waits else view.mark
        optional = view.item.need == "O" and view.editable
        self.mark.show_mark(mark, self.item.label(self._language), optional=optional, has_menu=has_menu)
        self.mark.setVisible(self.item.derivation is None)
        # What cannot be typed into is reached by its mark: whoever reads and asks has no other place to stand.
        self.mark.setFocusPolicy(Qt.FocusPolicy.NoFocus if view.editable else Qt.FocusPolicy.StrongFocus)

    def _show_notes(self) -> None:
        view = self.view
        if view is None:
            return
        wanted = (
            view.reading.missing,
            view.problem,
            view.findings,
            view.mark,
            view.editable,
            view.may_answer,
            view.may_sign,
            self._verified,
        )
        state = (*wanted, self._error, self._hint_open, self._language)
        if state == self._shown_notes:
            return
        self._shown_notes = state
        for note in self._notes:
            self._below.removeWidget(note)
            note.hide()
            note.deleteLater()
        self._notes = self._make_notes(view)
        for place, note in enumerate(self._notes):
            self._below.insertWidget(place, note)

    def _make_notes(self, view: ItemView) -> list[NoteLine]:
        language = self._language
        notes: list[NoteLine] = []
        if view.reading.missing is not None:
            code = view.reading.missing
            text = f"{code.value} – {missing_label(code, language)}"
            notes.append(NoteLine("information", Tone.ACCENT, text, parent=self))
        if self._error:
            notes.append(NoteLine("error", Tone.BAD, self._error, parent=self))
        if view.problem is not None:
            notes.append(NoteLine("typed", Tone.BAD, view.problem(language), parent=self))
        if view.mark is Mark.UNCONFIRMED:
            notes.append(self._unconfirmed_note(view))
        notes += [self._finding_note(finding, view) for finding in view.findings]
        if self._verified is VerifyState.VERIFIED:
            notes.append(NoteLine("verified", Tone.QUIET, self.tr("Verified against the source"), parent=self))
        elif self._verified is VerifyState.CHANGED:
            notes.append(NoteLine("changed", Tone.WARN, self.tr("Changed since it was verified"), parent=self))
        if self._hint_open:
            help_texts = self._explain(self.item, language)
            notes += [NoteLine("information", Tone.QUIET, text, parent=self) for text in help_texts]
        return notes

    def _unconfirmed_note(self, view: ItemView) -> NoteLine:
        told = self.tr("This laptop stopped before the form was saved. Nobody has confirmed this value yet.")
        note = NoteLine("unconfirmed", Tone.WARN, told, parent=self)
        if view.editable:
            button = note.add_button(f"{self.item.oid}.right", self.tr("It is right"))
            button.clicked.connect(self._say_again)
        return note

    def _say_again(self) -> None:
        self._send(Entry(path=self.path, raw=self.editor.raw(), unit=self.editor.unit()))

    def _finding_note(self, finding: Finding, view: ItemView) -> NoteLine:
        hard = finding.severity is Severity.HARD
        kind = severity_sign(finding.severity.value)
        said = f"{finding.check} · {kind.word} · {finding.message(self._language)}"
        if finding.confirmed is not None:
            told = self.tr("%1 Confirmed true: %2").replace("%1", said)
            return NoteLine("check", Tone.GOOD, told.replace("%2", self._reason_label(finding.confirmed)), parent=self)
        asks = finding.confirmable and view.may_answer and (view.may_sign or not hard)
        if not finding.confirmable:
            said = self.tr("%1 The record contradicts itself: correct it.").replace("%1", said)
        elif hard and view.may_answer and not view.may_sign:
            told = self.tr("%1 Correct it, or let an investigator sign in and confirm that it happened so.")
            said = told.replace("%1", said)
        note = NoteLine(kind.icon, kind.tone, said, parent=self)
        if asks:
            words = self.tr("It is true…") if hard else self.tr("Answer…")
            button = note.add_button(f"{self.item.oid}.confirm.{finding.check}", words)
            button.setAccessibleName(self.tr("Confirm as true: %1").replace("%1", finding.message(self._language)))
            button.clicked.connect(lambda _=False, check=finding.check: self._confirm(check))
        return note

    def _reason_label(self, reason: str) -> str:
        return self._reasons.label(reason, self._language)

    def _confirm(self, check: str) -> None:
        self._confirming = check
        self._close_panel()
        self._open_panel(self.tr("Why is this so? The value stays as it is."))
        if self.panel is not None:
            self.panel.focus_first()
