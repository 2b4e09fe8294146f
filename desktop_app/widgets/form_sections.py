"""A form as one calm column: sections, their items, and rows of repeating sections.

Built once per form instance and updated in place ever after, so that the focus, the cursor and the
text under the user's hand stay where they are.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from casebook.design import CodeList, ItemGroup
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.oversight_snapshots import VerifyState
from desktop_app.phrases import with_note
from desktop_app.snapshots import EarlierValue, FormView, GroupView
from desktop_app.widgets.focus import focused_widget, holds_focus
from desktop_app.widgets.grid_table import GridTable, is_table
from desktop_app.widgets.group_row import OPEN_ROWS, GroupRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.item_editors import Present
from desktop_app.widgets.item_row import Explain, ItemRow, hint_alone
from desktop_app.widgets.orphans import Orphans
from desktop_app.widgets.reason_panel import Asking, Asks, Reasons
from desktop_app.widgets.value_line import WIDE

COLUMN_WIDTH = 900
WIDE_SHEET = 1320
"""Widest column of a form with a table; other sections keep their width."""
NARROW = 780
"""Below this width in pixels, labels stand above their editors."""
SIGHT = 140
"""How many pixels of the form stay visible around the item that has the focus."""


class Section(QWidget):
    """A section of a form: heading, rows, and a button for one more where the section repeats.

    Signals:
        strike_wanted: A row is to be struck: group, row id, reason.
        row_wanted: One more row is to be added (group).
        row_made: An `ItemRow` was made.
        paste_wanted: What was copied is to go into the form.
        path_wanted: An item is to have the focus (path).
    """

    strike_wanted = Signal(str, str, str)
    row_wanted = Signal(str)
    row_made = Signal(object)
    paste_wanted = Signal()
    path_wanted = Signal(object)

    def __init__(
        self,
        group: ItemGroup,
        code_lists: Mapping[str, CodeList],
        reasons: Reasons,
        parent: QWidget | None = None,
        *,
        explain: Explain = hint_alone,
    ) -> None:
        """Make an empty section."""
        super().__init__(parent)
        self._explain = explain
        self.group = group
        self._code_lists = code_lists
        self._reasons = reasons
        self.rows: dict[str, GroupRow] = {}
        self.setObjectName(f"section.{group.oid}")
        self.heading = QLabel(self)
        self.heading.setWordWrap(True)
        theme.set_role(self.heading, "lead")
        self.paste: IconButton | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, theme.LARGE)
        self.column.setSpacing(theme.TIGHT)
        self.column.addLayout(self._make_head())
        rule = QFrame(self)
        theme.set_role(rule, "line")
        self.column.addWidget(rule)
        self.add: QPushButton | None = None
        if group.repeating:
            self.add = QPushButton(self)
            self.add.setObjectName(f"add.{group.oid}")
            self.add.setMinimumHeight(theme.TARGET)
            self.add.clicked.connect(lambda: self.row_wanted.emit(group.oid))
            self.column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        if is_table(self.group):
            self.paste = IconButton("paste", self)
            self.paste.setObjectName(f"paste.{self.group.oid}")
            self.paste.setMinimumHeight(theme.TARGET)
            theme.set_role(self.paste, "quiet")
            self.paste.clicked.connect(self.paste_wanted)
            head.addWidget(self.paste)
        return head

    def show_group(self, view: GroupView, language: str, *, editable: bool) -> None:
        """Show the section as it stands; rows that are new are made."""
        label = view.group.label(language)
        live = sum(1 for row in view.rows if row.struck_reason is None)
        self.heading.setText(with_note(language, label, live) if view.group.repeating and live else label)
        if self.add is not None:
            self.add.setText(self.tr("Add a row"))
            self.add.setAccessibleName(self.tr("Add a row: %1").replace("%1", label))
            self.add.setToolTip("Ctrl+Ins")
            self.add.setVisible(editable)
        if self.paste is not None:
            self.paste.setText(self.tr("Paste results"))
            self.paste.setAccessibleName(self.tr("Paste results: %1").replace("%1", label))
            self.paste.setToolTip("Ctrl+V")
            self.paste.setVisible(editable)
        first = not self.rows
        for number, row in enumerate(view.rows, start=1):
            if row.row not in self.rows:
                self._make_row(row.row)
                self.rows[row.row].fold(on=first and len(view.rows) > OPEN_ROWS)
            made = self.rows[row.row]
            if isinstance(made, GridTable):
                made.take_ranges(view.ranges, view.kept_ranges)
            made.show_row(row, number, language, editable=editable)
        self.setVisible(any(item.visible for row in view.rows for item in row.items) or self.add is not None)

    def leave_free(self, pixels: int) -> None:
        """Leave room at the right. A greatest width would do as well, but Qt asks for a height at the whole width."""
        self.column.setContentsMargins(0, 0, pixels, theme.LARGE)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        passed: list[QWidget] = [self.paste] if self.paste is not None else []
        for row in self.rows.values():
            passed += row.controls()
        return [*passed, self.add] if self.add is not None else passed

    def fold_others(self, row: str) -> None:
        """Fold the other rows where there are many."""
        if len(self.rows) > OPEN_ROWS:
            for name, other in self.rows.items():
                if name != row:
                    other.fold(on=True)

    def neighbour(self, row: str, step: int) -> GroupRow | None:
        """Return the row before or after another one; None past either end."""
        names = list(self.rows)
        place = names.index(row) + step
        return self.rows[names[place]] if 0 <= place < len(names) else None

    def _make_table(self) -> GridTable:
        table = GridTable(self.group, self._code_lists, self._reasons, self, explain=self._explain)
        table.paste_wanted.connect(self.paste_wanted)
        table.path_wanted.connect(self.path_wanted)
        return table

    def _make_row(self, row: str) -> None:
        if is_table(self.group):
            made: GroupRow = self._make_table()
        else:
            made = GroupRow(self.group, row, self._code_lists, self._reasons, self, explain=self._explain)
        made.row_made.connect(self.row_made)
        made.strike_wanted.connect(lambda which, reason: self.strike_wanted.emit(self.group.oid, which, reason))
        self.rows[row] = made
        place = self.column.count() - (1 if self.add is not None else 0)
        self.column.insertWidget(place, made)
        if self.add is not None:
            self.add.raise_()


class FormSections(QScrollArea):
    """All sections of one form instance, in one column.

    Signals:
        entered, confirmation_given, trail_wanted: As of `ItemRow`.
        strike_wanted, row_wanted: As of `Section`.
        went_past_end: Enter was pressed in the last item.
        query_wanted: A query on an item is to be raised (path).
        paste_wanted: What was copied is to go into a table of the form.
    """

    entered = Signal(object)
    confirmation_given = Signal(object, str, str)
    trail_wanted = Signal(object)
    strike_wanted = Signal(str, str, str)
    row_wanted = Signal(str)
    went_past_end = Signal()
    query_wanted = Signal(object)
    paste_wanted = Signal()

    def __init__(
        self,
        code_lists: Mapping[str, CodeList],
        reasons: Reasons,
        parent: QWidget | None = None,
        *,
        explain: Explain = hint_alone,
        present: Present | None = None,
    ) -> None:
        """Make an empty column. `present`: the clock by which times are read; the machine's by default."""
        super().__init__(parent)
        self._present = present
        self._earlier: Mapping[ItemPath, EarlierValue] = {}
        self._told: ItemRow | None = None
        self._last: list[QWidget] = []
        """What stands below all sections; a screen reader meets it there."""
        self._explain = explain
        self._code_lists = code_lists
        self._reasons = reasons
        self._view: FormView | None = None
        self._verified: Mapping[ItemPath, VerifyState] = {}
        self._may_query = False
        self.rows: dict[ItemPath, ItemRow] = {}
        self.sections: dict[str, Section] = {}
        self.setObjectName("form.sections")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._ground = QWidget(self)
        theme.set_role(self._ground, "sheet")
        across = QHBoxLayout(self._ground)
        across.setContentsMargins(theme.HUGE, theme.MEDIUM, theme.HUGE, theme.HUGE)
        self.sheet = QWidget(self._ground)
        self.sheet.setMaximumWidth(COLUMN_WIDTH)
        self.column = QVBoxLayout(self.sheet)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.SMALL)
        self._orphans = Orphans(self.sheet)
        self._above = QVBoxLayout()
        self.column.addLayout(self._above)
        self.column.addWidget(self._orphans)
        self.column.addStretch(1)
        across.addWidget(self.sheet, 1)
        across.setAlignment(self.sheet, Qt.AlignmentFlag(0))
        self.setWidget(self._ground)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._tell_earlier)

    # -- in ---------------------------------------------------------------------------------------------

    def show_form(self, view: FormView, language: str) -> None:
        """Show the form as it stands."""
        self._view = view
        focused = self.focused_row()
        seen = focused is not None and not focused.visibleRegion().isEmpty()
        self._ground.setUpdatesEnabled(False)
        for group in view.groups:
            section = self.sections.get(group.group.oid) or self._make_section(group.group)
            section.show_group(group, language, editable=view.editable)
        self._show_orphans(view, language)
        self._fit_tables()
        self._ground.setUpdatesEnabled(True)
        if focused is not None and seen:
            self.bring_into_sight(focused.path)  # what is said of an item above may have pushed it away

    def _show_orphans(self, view: FormView, language: str) -> None:
        """Show at the form's end what was recorded and is not asked any more; it can be read and not changed."""
        self._orphans.show_lines(view.orphans, language)

    def show_verified(self, verified: Mapping[ItemPath, VerifyState], *, may_query: bool) -> None:
        """Say of each item whether it was verified; offer queries where this person may raise them."""
        self._verified, self._may_query = verified, may_query
        for path, row in self.rows.items():
            row.show_standing(verified.get(path), may_query=may_query)

    def take_earlier(self, earlier: Mapping[ItemPath, EarlierValue]) -> None:
        """Take the last earlier values: that of the item with the focus is told beside it."""
        self._earlier = earlier
        for table in self.tables():
            table.take_earlier(earlier)
        self._tell_earlier(None, focused_widget())

    def _tell_earlier(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Tell the earlier value of the item that has the focus now; menus and other windows change nothing."""
        if now is None or not self.isVisible() or now.window() is not self.window():
            return
        row = self.row_of(now)
        if self._told is not None and self._told is not row:
            self._told.show_earlier(None)
        self._told = row
        if row is not None:
            row.show_earlier(self._earlier.get(row.path))

    def add_above(self, widget: QWidget) -> None:
        """Put a widget above all sections."""
        self._above.addWidget(widget)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below all sections."""
        self.column.insertWidget(self.column.count() - 1, widget)
        self._last.append(widget)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        return [control for section in self.sections.values() for control in section.controls()]

    # -- moving -------------------------------------------------------------------------------------------

    def focused_row(self) -> ItemRow | None:
        """Return the row that has the focus."""
        return self.row_of(focused_widget())

    def row_of(self, control: QWidget | None) -> ItemRow | None:
        """Return the row that a control belongs to."""
        return next((row for row in self.rows.values() if control is not None and row.holds(control)), None)

    def in_order(self) -> list[ItemRow]:
        """Return the rows that can be filled in, as they stand from top to bottom; those of folded cards not."""
        ordered = [
            row
            for section in self.sections.values()
            for group_row in section.rows.values()
            if group_row.is_open
            for row in group_row.in_order()
        ]
        return [row for row in ordered if row.view is not None and row.view.visible and row.view.editable]

    def tables(self) -> list[GridTable]:
        """Return the sections that stand as tables."""
        rows = (row for section in self.sections.values() for row in section.rows.values())
        return [row for row in rows if isinstance(row, GridTable)]

    def suggest_units(self, units: Mapping[str, str]) -> None:
        """Suggest the units in which values were reported last, by the item's name."""
        for table in self.tables():
            table.suggest_units(units)

    def paths_in_order(self) -> list[ItemPath]:
        """Return every item that can be filled in, also in folded cards, from top to bottom."""
        groups = self._view.groups if self._view is not None else ()
        items = [item for group in groups for row in group.rows for item in row.items]
        return [item.path for item in items if item.visible and item.editable]

    def go_on_from(self, path: ItemPath) -> None:
        """Put the focus on the item after `path`; what is folded is passed."""
        ordered = self.in_order()
        places = [place for place, row in enumerate(ordered) if row.path == path]
        table = next((one for one in self.tables() if path in one.rows), None)
        if table is not None:
            below = table.next_in_column(path)
            if below is not None:
                self.go_to(below)
                return
            places = [place for place, row in enumerate(ordered) if row.path in table.rows][-1:]
        following = ordered[places[0] + 1 :] if places else []
        if following:
            self.go_to(following[0].path)
        else:
            self.went_past_end.emit()

    def go_to(self, path: ItemPath) -> bool:
        """Put the focus on an item and bring it into sight; False where the form does not show it now.

        Args:
            path: Without an item's name the first item of the group, or of the row.
        """
        section = self.sections.get(path.group)
        group_row = section.rows.get(path.row) if section is not None else None
        if group_row is not None:
            group_row.fold(on=False)
            if not path.item:
                path = next((row.path for row in group_row.in_order() if not row.isHidden()), path)
        row = self.rows.get(path)
        if row is None or row.view is None or not row.view.visible:
            return False
        if row.view.editable or row.item.derivation is not None:
            row.focus_editor()
        elif group_row is not None and group_row.toggle is not None:
            group_row.toggle.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            row.focus_editor()
        self.bring_into_sight(path)
        return True

    def put_beside(self, path: ItemPath, widget: QWidget) -> bool:
        """Put a widget below an item, or above the items of a whole row; False where the form does not show that."""
        if not path.item:
            section = self.sections.get(path.group)
            group_row = section.rows.get(path.row) if section is not None else None
            if group_row is None:
                return False
            group_row.add_beside(widget)
            return True
        if path not in self.rows:
            return False
        self.rows[path].add_below(widget)
        return True

    def go_to_next_of(self, paths: Iterable[ItemPath]) -> bool:
        """Put the focus on the next of `paths` after the focused item, from the top again at the end."""
        wanted = set(paths)
        groups = self._view.groups if self._view is not None else ()
        ordered = [item.path for group in groups for row in group.rows for item in row.items if item.visible]
        here = self.focused_row()
        start = ordered.index(here.path) + 1 if here is not None and here.path in ordered else 0
        return any(path in wanted and self.go_to(path) for path in (*ordered[start:], *ordered[:start]))

    # -- rows of repeating sections -----------------------------------------------------------------------

    def current_row(self) -> tuple[Section, GroupRow | None] | None:
        """Return the repeating section that has the focus, and its row where one has; else the first such section."""
        repeating = [section for section in self.sections.values() if section.add is not None]
        for section in repeating:
            for row in section.rows.values():
                if holds_focus(row):
                    return section, row
            if section.add is not None and section.add.hasFocus():
                return section, None
        return (repeating[0], None) if repeating else None

    def want_row(self) -> None:
        """Ask for one more row of the section that has the focus."""
        current = self.current_row()
        if current is not None and current[0].add is not None and not current[0].add.isHidden():
            self.row_wanted.emit(current[0].group.oid)

    def want_strike(self) -> None:
        """Ask why the row that has the focus is struck through."""
        current = self.current_row()
        if current is not None and current[1] is not None:
            current[1].ask_to_strike()
            self._show_soon(current[1].panel or current[1])

    def go_to_row(self, step: int) -> None:
        """Put the focus on the next or previous row of a repeating section; past its end on its button for one more."""
        current = self.current_row()
        if current is None:
            return
        section, row = current
        target = section.neighbour(row.row, step) if row is not None else None
        if row is None and section.rows:
            names = list(section.rows)
            target = section.rows[names[-1] if step < 0 else names[0]]
        if target is not None and target.toggle is not None:
            target.toggle.setFocus(Qt.FocusReason.TabFocusReason)
            self._show_soon(target)
        elif section.add is not None and step > 0:
            section.add.setFocus(Qt.FocusReason.TabFocusReason)
            self._show_soon(section.add)

    def open_added(self, group: str) -> None:
        """Open the newest row of a section, fold the others where there are many, and go to its first item."""
        section = self.sections[group]
        row = list(section.rows)[-1]
        section.rows[row].fold(on=False)
        first = next((path for path in self.paths_in_order() if (path.group, path.row) == (group, row)), None)
        section.fold_others(row)
        if first is not None:
            self.go_to(first)

    def _show_soon(self, widget: QWidget) -> None:
        # Twice: what was folded or opened just now takes its place only after the first turn of the loop.
        show = partial(self._show_now, widget)
        QTimer.singleShot(0, widget, lambda: QTimer.singleShot(0, widget, show))

    def _show_now(self, widget: QWidget) -> None:
        self.ensureWidgetVisible(widget, 0, SIGHT)

    def go_back(self) -> None:
        """Put the focus where it was last."""
        if self._told is not None:
            self.go_to(self._told.path)

    def bring_into_sight(self, path: ItemPath) -> None:
        """Scroll so that a whole item can be seen."""
        self._show_soon(self.rows[path])

    def flush(self) -> None:
        """Say whatever stands in an editor and was not said."""
        for row in self.rows.values():
            row.flush()

    # -- being locked away and coming back ------------------------------------------------------------------

    def set_aside(self) -> list[tuple[ItemPath, str, str]]:
        """Return what stands in editors and was not said: item, text, unit. It is said no more."""
        found = ((path, row.set_aside()) for path, row in self.rows.items())
        return [(path, *left) for path, left in found if left is not None]

    def asking(self) -> tuple[ItemPath, Asking] | None:
        """Return the item whose reason panel is open, and what it asks; for a row to be struck its group and row."""
        for path, row in self.rows.items():
            asking = row.asking()
            if asking is not None:
                return path, asking
        for oid, section in self.sections.items():
            for name, group_row in section.rows.items():
                if group_row.panel is not None and group_row.panel.isVisibleTo(self):
                    words = group_row.panel.words.text()
                    return ItemPath(group=oid, item="", row=name), Asking(kind=Asks.STRIKE, words=words)
        return None

    def ask_again(self, path: ItemPath, asking: Asking) -> None:
        """Open a reason panel as it stood."""
        if asking.kind is not Asks.STRIKE:
            if path in self.rows:
                self.rows[path].ask_again(asking)
            return
        section = self.sections.get(path.group)
        group_row = section.rows.get(path.row) if section is not None else None
        if group_row is not None:
            group_row.ask_to_strike()
            if group_row.panel is not None:
                group_row.panel.words.setText(asking.words)

    def scroll_to(self, pixels: int) -> None:
        """Scroll to where the form stood, after whatever was to be brought into sight."""
        bar = self.verticalScrollBar()
        put = partial(bar.setValue, pixels)
        QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, put))

    # -- inside -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack labels over editors where the column has become narrow."""
        super().resizeEvent(event)
        for row in self.rows.values():
            row.set_narrow(on=self._is_narrow)
        self._fit_tables()

    def _fit_tables(self) -> None:
        room = min(WIDE_SHEET, self.viewport().width() - 2 * theme.HUGE)
        tables = self.tables()
        for table in tables:
            table.set_narrow(on=room < WIDE)
        for section in self.sections.values() if tables else ():
            section.leave_free(0 if is_table(section.group) else max(0, room - COLUMN_WIDTH))

    @property
    def _is_narrow(self) -> bool:
        return self.viewport().width() < NARROW

    def _make_section(self, group: ItemGroup) -> Section:
        section = Section(group, self._code_lists, self._reasons, self.sheet, explain=self._explain)
        section.row_made.connect(self._take_row)
        section.row_wanted.connect(self.row_wanted)
        section.paste_wanted.connect(self.paste_wanted)
        section.path_wanted.connect(self.go_to)
        if is_table(group):
            self.sheet.setMaximumWidth(WIDE_SHEET)
        section.strike_wanted.connect(self.strike_wanted)
        self.sections[group.oid] = section
        self.column.insertWidget(len(self.sections), section)  # after what stands above all of them
        for widget in self._last:
            widget.raise_()
        return section

    def _take_row(self, row: ItemRow) -> None:
        self.rows[row.path] = row
        row.set_narrow(on=self._is_narrow)
        if self._present is not None:
            row.editor.use_clock(self._present)
        row.entered.connect(self.entered)
        row.confirmation_given.connect(self.confirmation_given)
        row.trail_wanted.connect(self.trail_wanted)
        row.finished.connect(self.go_on_from)
        row.query_wanted.connect(self.query_wanted)
        row.show_standing(self._verified.get(row.path), may_query=self._may_query)
