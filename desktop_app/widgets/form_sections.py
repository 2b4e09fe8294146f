"""A form as one calm column: sections, their items, and rows of repeating sections.

Built once per form instance and updated in place ever after, so that the focus, the cursor and the
text under the user's hand stay where they are.
"""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from casebook.design import Code, CodeList, ItemGroup
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.snapshots import FormView, GroupView, ItemView, RowView
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.reason_panel import ReasonPanel

COLUMN_WIDTH = 900
NARROW = 780
"""Below this width in pixels, labels stand above their editors."""
SIGHT = 140
"""How many pixels of the form stay visible around the item that has the focus."""


class GroupRow(QFrame):
    """The items of one row of a section: the whole section, or one row of a repeating one.

    An item's widgets are made when it is first asked: a panel of eighty analytes opens with those that
    were measured.

    Signals:
        strike_wanted: The row is to be struck: row id, reason.
        row_made: An `ItemRow` was made.
    """

    strike_wanted = Signal(str, str)
    row_made = Signal(object)

    def __init__(
        self,
        group: ItemGroup,
        row: str,
        code_lists: Mapping[str, CodeList],
        reasons: Sequence[Code],
        parent: QWidget | None = None,
    ) -> None:
        """Make the row's items."""
        super().__init__(parent)
        self.group = group
        self.row = row
        self._reasons = reasons
        self._language = "en"
        self.column = QVBoxLayout(self)
        self.column.setSpacing(0)
        self.heading: QLabel | None = None
        self.strike: QPushButton | None = None
        self._panel: ReasonPanel | None = None
        self._struck: NoteLine | None = None
        if group.repeating:
            self._make_heading()
        else:
            self.column.setContentsMargins(0, 0, 0, 0)
        self._code_lists = code_lists
        self._first = self.column.count()
        self.rows: dict[ItemPath, ItemRow] = {}

    def show_row(self, view: RowView, number: int, language: str, *, editable: bool) -> None:
        """Show the row as it stands."""
        self._language = language
        place = self._first + (1 if self._panel is not None else 0) + (1 if self._struck is not None else 0)
        for item in view.items:
            if item.visible and item.path not in self.rows:
                self._make_row(item, place)
            if item.path in self.rows:
                self.rows[item.path].show_item(item, language)
                place += 1
        if self.heading is not None and self.strike is not None:
            self.heading.setText(self.tr("Row %1").replace("%1", str(number)))
            self.strike.setText(self.tr("Strike out…"))
            self.strike.setAccessibleName(self.tr("Strike out row %1").replace("%1", str(number)))
            self.strike.setVisible(editable and view.struck_reason is None)
            self._show_struck(view.struck_reason)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        own = [one for one in (self.strike, self._panel) if one is not None]
        return [*own, *self.in_order()]

    def in_order(self) -> list[ItemRow]:
        """Return the rows that were made, in the study's order."""
        paths = (ItemPath(group=self.group.oid, item=item.name, row=self.row) for item in self.group.items)
        return [self.rows[path] for path in paths if path in self.rows]

    def _make_row(self, view: ItemView, place: int) -> None:
        row = ItemRow(view.path, self.group, view.item, self._code_lists, self._reasons, self)
        self.rows[view.path] = row
        self.column.insertWidget(place, row)
        self.row_made.emit(row)

    def _make_heading(self) -> None:
        theme.set_role(self, "card")
        self.column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        self.heading = QLabel(self)
        theme.set_role(self.heading, "note")
        self.strike = QPushButton(self)
        self.strike.setObjectName(f"strike.{self.group.oid}.{self.row}")
        theme.set_role(self.strike, "quiet")
        self.strike.clicked.connect(self._ask)
        line = QHBoxLayout()
        line.addWidget(self.heading, 1)
        line.addWidget(self.strike)
        self.column.addLayout(line)

    def _show_struck(self, reason: str | None) -> None:
        if reason is not None and self._struck is None:
            label = next((one.label(self._language) for one in self._reasons if one.value == reason), reason)
            told = self.tr("Struck out: %1").replace("%1", label)
            self._struck = NoteLine("strike", theme.Tone.WARN, told, parent=self)
            self.column.insertWidget(1, self._struck)

    def _ask(self) -> None:
        if self._panel is None:
            self._panel = ReasonPanel(self._reasons, f"strike.{self.group.oid}.{self.row}", self)
            self._panel.given.connect(self._given)
            self._panel.cancelled.connect(self._panel.hide)
            self.column.insertWidget(1, self._panel)
        self._panel.ask(self.tr("Why is this row struck out? It stays readable."), self._language)
        self._panel.focus_first()

    def _given(self, reason: str) -> None:
        if self._panel is not None:
            self._panel.hide()
        self.strike_wanted.emit(self.row, reason)


class Section(QWidget):
    """A section of a form: heading, rows, and a button for one more where the section repeats.

    Signals:
        strike_wanted: A row is to be struck: group, row id, reason.
        row_wanted: One more row is to be added (group).
        row_made: An `ItemRow` was made.
    """

    strike_wanted = Signal(str, str, str)
    row_wanted = Signal(str)
    row_made = Signal(object)

    def __init__(
        self,
        group: ItemGroup,
        code_lists: Mapping[str, CodeList],
        reasons: Sequence[Code],
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty section."""
        super().__init__(parent)
        self.group = group
        self._code_lists = code_lists
        self._reasons = reasons
        self.rows: dict[str, GroupRow] = {}
        self.setObjectName(f"section.{group.oid}")
        self.heading = QLabel(self)
        self.heading.setWordWrap(True)
        theme.set_role(self.heading, "lead")
        rule = QFrame(self)
        theme.set_role(rule, "line")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, theme.LARGE)
        self.column.setSpacing(theme.TIGHT)
        self.column.addWidget(self.heading)
        self.column.addWidget(rule)
        self.add: QPushButton | None = None
        if group.repeating:
            self.add = QPushButton(self)
            self.add.setObjectName(f"add.{group.oid}")
            self.add.setMinimumHeight(theme.TARGET)
            self.add.clicked.connect(lambda: self.row_wanted.emit(group.oid))
            self.column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def show_group(self, view: GroupView, language: str, *, editable: bool) -> None:
        """Show the section as it stands; rows that are new are made."""
        label = view.group.label(language)
        self.heading.setText(label)
        if self.add is not None:
            self.add.setText(self.tr("Add a row"))
            self.add.setAccessibleName(self.tr("Add a row: %1").replace("%1", label))
            self.add.setVisible(editable)
        for number, row in enumerate(view.rows, start=1):
            if row.row not in self.rows:
                self._make_row(row.row)
            self.rows[row.row].show_row(row, number, language, editable=editable)
        self.setVisible(any(item.visible for row in view.rows for item in row.items) or self.add is not None)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        passed: list[QWidget] = []
        for row in self.rows.values():
            passed += row.controls()
        return [*passed, self.add] if self.add is not None else passed

    def _make_row(self, row: str) -> None:
        made = GroupRow(self.group, row, self._code_lists, self._reasons, self)
        made.row_made.connect(self.row_made)
        made.strike_wanted.connect(lambda which, reason: self.strike_wanted.emit(self.group.oid, which, reason))
        self.rows[row] = made
        place = self.column.count() - (1 if self.add is not None else 0)
        self.column.insertWidget(place, made)


class FormSections(QScrollArea):
    """All sections of one form instance, in one column.

    Signals:
        entered, confirmation_given, trail_wanted: As of `ItemRow`.
        strike_wanted, row_wanted: As of `Section`.
        went_past_end: Enter was pressed in the last item.
    """

    entered = Signal(object)
    confirmation_given = Signal(object, str, str)
    trail_wanted = Signal(object)
    strike_wanted = Signal(str, str, str)
    row_wanted = Signal(str)
    went_past_end = Signal()

    def __init__(
        self, code_lists: Mapping[str, CodeList], reasons: Sequence[Code], parent: QWidget | None = None
    ) -> None:
        """Make an empty column."""
        super().__init__(parent)
        self._code_lists = code_lists
        self._reasons = reasons
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
        self.column.addStretch(1)
        across.addWidget(self.sheet, 1)
        across.setAlignment(self.sheet, Qt.AlignmentFlag(0))
        self.setWidget(self._ground)

    # -- in ---------------------------------------------------------------------------------------------

    def show_form(self, view: FormView, language: str) -> None:
        """Show the form as it stands."""
        self._ground.setUpdatesEnabled(False)
        for group in view.groups:
            section = self.sections.get(group.group.oid) or self._make_section(group.group)
            section.show_group(group, language, editable=view.editable)
        self._ground.setUpdatesEnabled(True)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below all sections."""
        self.column.insertWidget(self.column.count() - 1, widget)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        return [control for section in self.sections.values() for control in section.controls()]

    # -- moving -------------------------------------------------------------------------------------------

    def focused_row(self) -> ItemRow | None:
        """Return the row that has the focus."""
        focused = focused_widget()
        return next((row for row in self.rows.values() if focused is not None and row.isAncestorOf(focused)), None)

    def in_order(self) -> list[ItemRow]:
        """Return the rows that can be filled in, as they stand from top to bottom."""
        ordered = [
            row
            for section in self.sections.values()
            for group_row in section.rows.values()
            for row in group_row.in_order()
        ]
        return [row for row in ordered if row.view is not None and row.view.visible and row.view.editable]

    def go_on_from(self, path: ItemPath) -> None:
        """Put the focus on the item after `path`."""
        ordered = self.in_order()
        places = [place for place, row in enumerate(ordered) if row.path == path]
        following = ordered[places[0] + 1 :] if places else []
        if following:
            self.go_to(following[0].path)
        else:
            self.went_past_end.emit()

    def go_to(self, path: ItemPath) -> None:
        """Put the focus on an item and bring it into sight."""
        self.rows[path].focus_editor()
        self.bring_into_sight(path)

    def go_to_next_of(self, paths: Iterable[ItemPath]) -> bool:
        """Put the focus on the next of `paths` after the focused item, from the top again at the end."""
        wanted = set(paths)
        ordered = [row.path for row in self.in_order()]
        here = self.focused_row()
        start = ordered.index(here.path) + 1 if here is not None and here.path in ordered else 0
        for path in (*ordered[start:], *ordered[:start]):
            if path in wanted:
                self.go_to(path)
                return True
        return False

    def bring_into_sight(self, path: ItemPath) -> None:
        """Scroll so that a whole item can be seen."""
        row = self.rows[path]
        QTimer.singleShot(0, row, lambda: self.ensureWidgetVisible(row, 0, SIGHT))

    def flush(self) -> None:
        """Say whatever stands in an editor and was not said."""
        for row in self.rows.values():
            row.flush()

    # -- inside -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stack labels over editors where the column has become narrow."""
        super().resizeEvent(event)
        for row in self.rows.values():
            row.set_narrow(on=self._is_narrow)

    @property
    def _is_narrow(self) -> bool:
        return self.viewport().width() < NARROW

    def _make_section(self, group: ItemGroup) -> Section:
        section = Section(group, self._code_lists, self._reasons, self.sheet)
        section.row_made.connect(self._take_row)
        section.row_wanted.connect(self.row_wanted)
        section.strike_wanted.connect(self.strike_wanted)
        self.sections[group.oid] = section
        self.column.insertWidget(len(self.sections) - 1, section)
        return section

    def _take_row(self, row: ItemRow) -> None:
        self.rows[row.path] = row
        row.set_narrow(on=self._is_narrow)
        row.entered.connect(self.entered)
        row.confirmation_given.connect(self.confirmation_given)
        row.trail_wanted.connect(self.trail_wanted)
        row.finished.connect(self.go_on_from)
