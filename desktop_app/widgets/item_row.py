"""One item of a form: label, editor, mark, and in place below them whatever there is to say about it.

The row holds what was typed until the disk has it, and asks for the reason of a change. It keeps
nothing itself: it says `entered`, and is told what became of it. What is being typed is never
overwritten by an answer that arrives meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from casebook.design import CodeList, Item, ItemGroup, Need
from casebook.entry import missing_label
from casebook.records import ItemPath, MissingCode
from casebook.tellings import TellingLine
from desktop_app import theme
from desktop_app.oversight_snapshots import VerifyState
from desktop_app.phrases import told_of
from desktop_app.snapshots import EarlierValue, ItemView, Mark, TrailLine
from desktop_app.widgets.editor_choice import is_wide, make_editor
from desktop_app.widgets.focus import holds_focus
from desktop_app.widgets.item_cards import HelpCard, HelpPart, TrailCard, take_away
from desktop_app.widgets.item_notes import ItemNotes, Told, meet_as_laid_out
from desktop_app.widgets.item_text import ISO_DATE_LENGTH, editable_text
from desktop_app.widgets.marks import MarkButton
from desktop_app.widgets.reason_panel import Asking, Asks, ReasonPanel, Reasons
from desktop_app.widgets.spoken import announce

LABEL_WIDTH = 248
WIDEST = 16777215
"""No limit of a size, as Qt has it."""
EARLIER_LENGTH = 40
"""How much of an earlier text is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the user entered for one item: text and unit, or a missing-data code; and why, where asked."""

    path: ItemPath
    raw: str = ""
    unit: str = ""
    missing: MissingCode | None = None
    reason: str = ""


Explain = Callable[[Item, str], Sequence[HelpPart]]
"""Returns the help for an item in a language: its hint, when it is asked, what its checks look for."""


def hint_alone(item: Item, language: str) -> tuple[HelpPart, ...]:
    """Return an item's own hint, where nothing more is known."""
    return (HelpPart(lines=(TellingLine(item.hint(language)),)),) if item.hint is not None else ()


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
        self._earlier: EarlierValue | None = None
        self._reasons = reasons
        self._asks_absence = False
        self._confirming = ""
        self._error = ""
        self._problems: str | None = None  # what was told to be wrong; None before the item was shown
        self._behind = False
        self._verified: VerifyState | None = None
        self._may_query = False
        self._wide = is_wide(group, item)
        self.setObjectName(f"row.{item.oid}" + (f".{path.row}" if path.row else ""))
        self.label, self.earlier, self._names = self._make_names()
        self.editor = make_editor(group, item, code_lists, self)
        self.mark = MarkButton(self)
        self.mark.setObjectName(f"mark.{item.oid}")
        self.label.setBuddy(self.editor.input())
        self.panel: ReasonPanel | None = None
        self.trail: TrailCard | None = None
        self.help: HelpCard | None = None
        self._below = QVBoxLayout()
        self._below.setSpacing(theme.TIGHT)
        self._notes = ItemNotes(item, reasons, self._below, self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, theme.TIGHT, 0, theme.TIGHT)
        self._grid.setHorizontalSpacing(theme.MEDIUM)
        self._grid.setVerticalSpacing(theme.TIGHT)
        self._narrow: bool | None = None
        self.below: QWidget | None = None
        """What is said about the item, where it stands outside this row (`lend_parts`)."""
        self.set_narrow(on=False)
        self._notes.said_right.connect(self._say_again)
        self._notes.confirm_wanted.connect(self._confirm)
        self.editor.committed.connect(self._take)
        self.editor.edited.connect(self._edited)
        self.editor.finished.connect(self._finished)
        self.mark.clicked.connect(self._open_whole_menu)

    def _make_names(self) -> tuple[QLabel, QLabel, QVBoxLayout]:
        """Make the item's name, and what it was before below it."""
        label, earlier, names = QLabel(self), QLabel(self), QVBoxLayout()
        earlier.setObjectName(f"earlier.{self.item.oid}")
        theme.set_role(earlier, "note")
        earlier.hide()
        names.setSpacing(0)
        for one in (label, earlier):
            one.setWordWrap(True)
            one.setTextFormat(Qt.TextFormat.PlainText)
            names.addWidget(one)
        return label, earlier, names

    def set_narrow(self, *, on: bool) -> None:
        """Put the label above the editor where the column is narrow."""
        if on == self._narrow or self.below is not None:
            return
        self._narrow = on
        stacked = on or self._wide
        grid = self._grid
        for widget in (self.mark, self.editor):
            grid.removeWidget(widget)  # never `takeAt`: an item that Python lets go of keeps the widget's cached sizes
        for layout in (self._names, self._below):
            grid.removeItem(layout)
        top = Qt.AlignmentFlag.AlignTop
        if stacked:
            grid.addLayout(self._names, 0, 0)
            grid.addWidget(self.mark, 0, 1, Qt.AlignmentFlag.AlignRight | top)
            grid.addWidget(self.editor, 1, 0, 1, 2)
            grid.addLayout(self._below, 2, 0, 1, 2)
        else:
            grid.addLayout(self._names, 0, 0, top)
            grid.addWidget(self.editor, 0, 1)
            grid.addWidget(self.mark, 0, 2, Qt.AlignmentFlag.AlignRight | top)
            grid.addLayout(self._below, 1, 1, 1, 2)
        first, second = (self.mark, self.editor) if stacked else (self.editor, self.mark)
        first.stackUnder(second)  # a screen reader meets them as they stand
        grid.setColumnMinimumWidth(0, 0 if stacked else LABEL_WIDTH)
        grid.setColumnStretch(0, 1 if stacked else 0)
        grid.setColumnStretch(1, 0 if stacked else 1)
        self.earlier.setMaximumWidth(WIDEST if stacked else LABEL_WIDTH)
        self._fit_label()
        self.label.setMinimumWidth(0 if stacked else LABEL_WIDTH)
        self.label.setMaximumWidth(WIDEST if stacked else LABEL_WIDTH)
        policy = QSizePolicy.Policy.Preferred if stacked else QSizePolicy.Policy.Fixed
        self.label.setSizePolicy(policy, QSizePolicy.Policy.Preferred)

    @property
    def _stacked(self) -> bool:
        return bool(self._narrow) or self._wide

    def bare(self) -> MarkButton:
        """Stand without label and mark, for a page that says the label itself and puts the mark elsewhere."""
        self.set_narrow(on=True)
        self.label.hide()
        return self.mark

    def lend_parts(self) -> None:
        """Keep the editor alone; a line of several items finds places for label, mark and what is said below."""
        for widget in (self.mark, self.editor):
            self._grid.removeWidget(widget)
        for layout in (self._names, self._below):
            self._grid.removeItem(layout)
            layout.setParent(None)
        self.below = QWidget()
        self.below.setLayout(self._below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self.editor, 0, 0)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnMinimumWidth(0, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 0)
        self.label.setMaximumWidth(WIDEST)
        self.label.setMinimumWidth(0)
        self.label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.label.setVisible(False)

    def holds(self, control: QWidget) -> bool:
        """Tell whether a control belongs to the item, wherever it stands."""
        lent = self.below is not None and (control is self.mark or self.below.isAncestorOf(control))
        return lent or self.isAncestorOf(control)

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
            self._fit_label()
            if self.help is not None:
                self._show_help()
        self._behind = self.is_busy
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
        """Note that the disk has answered; `show_item` follows, and shows also what stands as it stood before."""
        self.in_flight -= 1
        self._behind = True

    def refuse(self, sentence: str) -> None:
        """Show why an entry was not kept. The text stays, and is said again when the field is left."""
        self._error = sentence
        self.editor.mark_unkept()
        self._show_mark()
        self._show_notes()

    def says_again(self, entry: Entry) -> bool:
        """Take what stands here as said once more, where it still is what an entry says."""
        says = entry.missing is not None or (self.editor.raw(), self.editor.unit()) == (entry.raw, entry.unit)
        if says:
            self.editor.settle()
        return says

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
        told = [replace(line, reason=self._reasons.label(line.reason, self._language)) for line in lines]
        self.trail = TrailCard(f"trail.{self.item.oid}", told, self._language, self)
        self._below.addWidget(self.trail)

    def show_standing(self, verified: VerifyState | None, *, may_query: bool) -> None:
        """Say whether the value was verified against its source; offer a query where this person may raise one."""
        self._verified, self._may_query = verified, may_query
        self._show_mark()
        self._show_notes()

    def show_earlier(self, value: EarlierValue | None) -> None:
        """Say quietly what the item was at the assessment before; None says nothing. A grid says it itself."""
        if self.below is not None:
            return
        self._earlier = value
        told = ""
        if value is not None:
            shown, unit = value.shown(self._language), self.item.units[0].unit if self.item.units else ""
            shown = shown if not unit or unit in shown else f"{shown} {unit}"
            shown = shown if len(shown) <= EARLIER_LENGTH else f"{shown[:EARLIER_LENGTH].rstrip()}…"
            where = " ".join(part for part in (value.where(self._language), value.day[:ISO_DATE_LENGTH]) if part)
            told = told_of(self._language, where, shown) if where else shown
            self.earlier.setAccessibleName(self.tr("Before: %1").replace("%1", told))
        self.earlier.setText(told)
        self.earlier.setVisible(bool(told))
        self._fit_label()

    def _fit_label(self) -> None:
        """Give the name all its lines beside the editor: the grid measures it as if it stood alone."""
        beside, told = not self._stacked and self.below is None, bool(self.earlier.text())
        lines = self.label.heightForWidth(LABEL_WIDTH) if beside else 0
        self.label.setMinimumHeight(lines if told or not beside else max(lines, theme.TARGET))
        self.label.setMaximumHeight(lines if told and beside else WIDEST)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below what is said about the item."""
        self._below.addWidget(widget)

    def close_trail(self) -> None:
        """Fold the history away."""
        take_away(self.trail, self._below)
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

    def toggle_hint(self) -> bool:
        """Show or fold the item's help; tells whether it stands open now."""
        if self.help is None:
            self._show_help()
        else:
            take_away(self.help, self._below)
            self.help = None
        return self.help is not None

    def _show_help(self) -> None:
        """Show what there is to know of the item, before its history."""
        take_away(self.help, self._below)
        parts = self._explain(self.item, self._language)
        self.help = HelpCard(f"help.{self.item.oid}", parts, self) if parts else None
        if self.help is not None:
            place = self._below.count() if self.trail is None else self._below.indexOf(self.trail)
            self._below.insertWidget(place, self.help)
            self._meet()
            announce(self.help, self.help.accessibleDescription())

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
        self.editor.forget()
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
        return self.in_flight > 0 or self.pending is not None or self.editor.is_dirty

    def _edited(self) -> None:
        self._show_mark()
        self._show_notes()
        view = self.view
        if view is None or not view.asks_reason:
            return
        if self.editor.is_dirty and self.editor.is_readable():
            self._open_panel(self.tr("This value is recorded. Why does it change?"))
        elif not self.editor.is_dirty and self.pending is None:
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
        if not self.editor.is_readable():
            self.pending = None
            self._close_panel()  # nothing to give a reason for: what is wrong with it is said instead
        elif self.view is not None and self.view.asks_reason:
            self.ask_reason(entry)
        self.entered.emit(entry)  # a change that waits for its reason is on the disk as well

    def _open_panel(self, question: str, *, absent: bool = False) -> None:
        if self.panel is not None and absent != self._asks_absence:
            take_away(self.panel, self._below)
            self.panel = None
        if self.panel is None:
            self._asks_absence = absent
            reasons = self._reasons.absences if absent else self._reasons.changes
            self.panel = ReasonPanel(reasons, self.item.oid, self)
            self.panel.given.connect(self._reason_given)
            self.panel.cancelled.connect(self._cancel)
            self._below.insertWidget(self._notes.count, self.panel)
            self._meet()
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
        was_typed = held is not None and self.view is not None and self.view.mark is Mark.TYPED
        self._confirming = ""
        self._error = ""
        self._close_panel()
        if self.view is not None:
            if was_typed:
                self.view = replace(self.view, mark=Mark.RECORDED, typed="", waits_for_reason=False, problem=None)
            self.editor.show_item(self.view, self._language)
        self._show_mark()
        self._show_notes()
        if self.view is not None and (was_typed or (held is not None and held.raw)):
            raw, unit = self._standing(self.view)
            stands = Entry(path=self.path, raw=raw, unit=unit, missing=self.view.reading.missing)
            self.entered.emit(stands)  # takes it off the disk's list again
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
        was_kept = mark is not None and self.mark.mark is None and self._problems is not None
        self.mark.show_mark(mark, self.item.label(self._language), optional=optional, has_menu=has_menu)
        if was_kept:
            announce(self.mark, self.mark.accessibleName())
        self.mark.setVisible(self.item.derivation is None)
        # What cannot be typed into is reached by its mark: whoever reads and asks has no other place to stand.
        self.mark.setFocusPolicy(Qt.FocusPolicy.NoFocus if view.editable else Qt.FocusPolicy.StrongFocus)

    def _show_notes(self) -> None:
        view = self.view
        if view is None:
            return
        typing = self.editor.is_dirty and view.problem is None
        told = Told(
            language=self._language,
            verified=self._verified,
            error=self._error,
            warning=self.editor.warning() if typing else "",
        )
        self._notes.show(view, told)
        self._meet()
        problems = self._notes.problems()
        if self._problems is not None and problems != self._problems:
            announce(self, problems)
        self._problems = problems
        self.editor.tell_problem(problems)

    def _meet(self) -> None:
        """Let Tab and a screen reader meet what is said below as it stands."""
        meet_as_laid_out(self._below, self if self.below is None else self.below)

    def _say_again(self) -> None:
        self._send(Entry(path=self.path, raw=self.editor.raw(), unit=self.editor.unit()))

    def _confirm(self, check: str) -> None:
        self._confirming = check
        self._close_panel()
        self._open_panel(self.tr("Why is this so? The value stays as it is."))
        if self.panel is not None:
            self.panel.focus_first()
