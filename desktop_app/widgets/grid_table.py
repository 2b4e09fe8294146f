"""A section of style grid as a calm table: a heading of columns, and one line for each value that is asked."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from casebook.design import CodeList, ItemGroup
from casebook.grids import lines_of
from casebook.ranges import Ranges
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.snapshots import EarlierValue, ItemView, RowView
from desktop_app.widgets.group_row import GroupRow
from desktop_app.widgets.item_row import Explain, ItemRow, hint_alone
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.widgets.value_line import NAME, WIDTHS, ValueLine


def is_table(group: ItemGroup) -> bool:
    """Tell whether a section stands as a table."""
    return group.style == "grid" and not group.repeating


class GridTable(GroupRow):
    """The lines of one section.

    Signals:
        path_wanted: An item of the table is to have the focus (path).
        paste_wanted: A whole panel was copied, and is to go into the form.
    """

    path_wanted = Signal(object)
    paste_wanted = Signal()

    def __init__(
        self,
        group: ItemGroup,
        code_lists: Mapping[str, CodeList],
        reasons: Reasons,
        parent: QWidget | None = None,
        *,
        explain: Explain = hint_alone,
    ) -> None:
        """Make an empty table; lines are made when their value is first asked."""
        super().__init__(group, "", code_lists, reasons, parent, explain=explain)
        self._place_of = {
            name: value
            for value, line in lines_of((item.name for item in group.items), group.lines).items()
            for name in (value, *line.beside)
        }
        self._named = lines_of((item.name for item in group.items), group.lines)
        self.lines: dict[str, ValueLine] = {}
        self._ranges: Mapping[str, Ranges] = {}
        self._kept: Mapping[str, Ranges] = {}
        self._earlier: Mapping[ItemPath, EarlierValue] = {}
        self._units: Mapping[str, str] = {}
        self._is_narrow = True
        self.heads = QWidget(self)
        across = QHBoxLayout(self.heads)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.SMALL)
        self._heads = [QLabel(self.heads) for _ in range(len(WIDTHS) + 1)]
        for label, width in zip(self._heads, (NAME, *WIDTHS), strict=True):
            theme.set_role(label, "note")
            if label is self._heads[0]:
                label.setMinimumWidth(width)
                across.addWidget(label, 1)
            else:
                label.setFixedWidth(width)
                across.addWidget(label)
        self.column.insertWidget(0, self.heads)
        self.heads.lower()  # a screen reader meets them before the lines
        self.heads.hide()

    # -- in -------------------------------------------------------------------------------------------------------

    def take_ranges(self, ranges: Mapping[str, Ranges], kept: Mapping[str, Ranges]) -> None:
        """Take the ranges that apply, and those without the report's, by name and unit; `show_row` shows them."""
        self._ranges, self._kept = ranges, kept

    def take_earlier(self, earlier: Mapping[ItemPath, EarlierValue]) -> None:
        """Show the result before each value."""
        self._earlier = earlier
        for line in self.lines.values():
            line.show_before(earlier.get(line.rows[line.line.value].path))

    def suggest_units(self, units: Mapping[str, str]) -> None:
        """Suggest the units that were used last, by the value's name."""
        self._units = units
        for name, line in self.lines.items():
            line.suggest_unit(units.get(name, ""))

    def show_row(self, view: RowView, number: int, language: str, *, editable: bool) -> None:
        """Show the table as it stands."""
        super().show_row(view, number, language, editable=editable)
        words = (
            self.tr("Value", "a laboratory analyte"),
            self.tr("Result and unit"),
            self.tr("In standard unit"),
            self.tr("Reference"),
            self.tr("Flag"),
            self.tr("Significant?"),
            self.tr("Before"),
            "",
        )
        for label, word in zip(self._heads, words, strict=True):
            label.setText(word)

    def _show_items(self, view: RowView) -> None:
        for item in view.items:
            if item.visible and item.path not in self.rows:
                self._make_row(item, 0)
        for name, line in self.lines.items():
            line.show_line(view, self._ranges.get(name, {}), self._kept.get(name, {}), self._language)

    def _make_row(self, view: ItemView, place: int) -> None:
        del place
        value = self._place_of[view.item.name]
        row = ItemRow(view.path, self.group, view.item, self._code_lists, self._reasons, self, explain=self._explain)
        self.rows[view.path] = row
        line = self.lines.get(value) or self._make_line(value)
        line.take(row)
        if view.item.name == value:
            row.editor.input().installEventFilter(self)
            line.suggest_unit(self._units.get(value, ""))
            line.show_before(self._earlier.get(view.path))
        self.row_made.emit(row)

    def _make_line(self, value: str) -> ValueLine:
        line = ValueLine(self._named[value], self.body)
        line.set_narrow(on=self._is_narrow)
        line.step_wanted.connect(self._step)
        self.lines[value] = line
        order = [name for name in self._named if name in self.lines]
        self._items.insertWidget(order.index(value), line)
        return line

    # -- moving ---------------------------------------------------------------------------------------------------

    def in_order(self) -> list[ItemRow]:
        """Return the rows that were made, line by line."""
        made = {path.item: row for path, row in self.rows.items()}
        names = [name for value, line in self._named.items() for name in (value, *line.beside)]
        return [made[name] for name in names if name in made]

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, line by line."""
        lines = [self.lines[name] for name in self._named if name in self.lines]
        return [self.beside, *(control for line in lines for control in line.controls())]

    def next_in_column(self, path: ItemPath, step: int = 1) -> ItemPath | None:
        """Return the item above or below one, in the next line that asks for it; None past either end."""
        place = self._named[self._place_of[path.item]].place_of(path.item)
        column = [name for line in self._named.values() if (name := line.at(place))]
        here = column.index(path.item)
        for name in column[here + 1 :] if step > 0 else reversed(column[:here]):
            row = self.rows.get(ItemPath(group=path.group, item=name, row=path.row))
            if row is not None and row.view is not None and row.view.visible and row.view.editable:
                return row.path
        return None

    def _step(self, path: ItemPath, step: int) -> None:
        target = self.next_in_column(path, step)
        if target is not None:
            self.path_wanted.emit(target)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Ctrl+V in a value take a whole panel, where more than one value was copied."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._pastes(event):
            self.paste_wanted.emit()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Ctrl+V elsewhere in the table take a panel."""
        if self._pastes(event):
            self.paste_wanted.emit()
        else:
            super().keyPressEvent(event)

    @staticmethod
    def _pastes(event: QKeyEvent) -> bool:
        copied = QApplication.clipboard().text().strip() if event.matches(QKeySequence.StandardKey.Paste) else ""
        return "\n" in copied or "\t" in copied

    def set_narrow(self, *, on: bool) -> None:
        """Let each line stand in a few short ones."""
        self._is_narrow = on
        self.heads.setVisible(not on)
        for line in self.lines.values():
            line.set_narrow(on=on)
