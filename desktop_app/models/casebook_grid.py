"""A casebook as a Qt table: visits across, forms down.

A line holds the same form at all visits. Where a visit has a form several times (planned occasions,
unscheduled repeats) further lines of that form follow; what was entered under another number of the same person
has lines of its own, with that number.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from casebook.design import Text
from casebook.records import FormKey
from desktop_app.models import times
from desktop_app.models.oversight_words import flag_sign, flag_word
from desktop_app.models.words import Sign, cell_sign, custody_sign, visit_word
from desktop_app.oversight_snapshots import FlagKind, FormStanding
from desktop_app.phrases import clauses
from desktop_app.snapshots import CasebookView, Custody, FormCell, VisitColumn

Index = QModelIndex | QPersistentModelIndex
CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `FormCell` of an index, or None."""
ROOT = QModelIndex()
NO_STANDING = FormStanding()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the grid. `turn` counts from 0 within a form; `cells` by column; `of` as in `FormCell`."""

    label: Text
    turn: int
    cells: Mapping[int, FormCell]
    of: str = ""


def lines_of(view: CasebookView) -> tuple[Line, ...]:
    """Return the lines of a casebook, in the order in which its visits first name their forms."""
    labels: dict[str, Text] = {}
    stacks: dict[tuple[str, str], list[dict[int, FormCell]]] = {}
    for column, visit in enumerate(view.visits):
        turns: dict[tuple[str, str], int] = {}
        for cell in visit.cells:
            form = (cell.key.form, cell.of)
            labels.setdefault(cell.key.form, cell.label)
            turn = turns.get(form, 0)
            turns[form] = turn + 1
            stack = stacks.setdefault(form, [])
            if len(stack) <= turn:
                stack.append({})
            stack[turn][column] = cell
    return tuple(
        Line(label=labels[form], turn=turn, cells=cells, of=of)
        for (form, of), stack in sorted(stacks.items(), key=lambda one: (tuple(labels).index(one[0][0]), one[0][1]))
        for turn, cells in enumerate(stack)
    )


class CasebookGrid(QAbstractTableModel):
    """The cells of one casebook."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._language = language
        self._visits: tuple[VisitColumn, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._standings: Mapping[FormKey, FormStanding] = {}

    def show_standings(self, standings: Mapping[FormKey, FormStanding]) -> None:
        """Show the flags and queries of each form."""
        self._standings = standings
        if self._lines and self._visits:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(self._visits) - 1))

    def standing(self, key: FormKey) -> FormStanding:
        """Return the flags and queries of a form."""
        return self._standings.get(key, NO_STANDING)

    def show_view(self, view: CasebookView) -> None:
        """Show a casebook. Views that stand keep their place when its shape is the same."""
        lines = lines_of(view)
        same = len(lines) == len(self._lines) and len(view.visits) == len(self._visits)
        if not same:
            self.beginResetModel()
        self._visits, self._lines = view.visits, lines
        if not same:
            self.endResetModel()
        elif lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, len(self._visits) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._visits) - 1)

    def set_language(self, language: str) -> None:
        """Show study texts and words in `language`."""
        self._language = language
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(self._visits) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._visits) - 1)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, len(self._lines) - 1)

    @property
    def language(self) -> str:
        """The language of the texts shown."""
        return self._language

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that are shown."""
        return self._lines

    def visit(self, column: int) -> VisitColumn:
        """Return the visit of a column."""
        return self._visits[column]

    def cell(self, index: Index) -> FormCell | None:
        """Return the form at `index`, or None where the visit has none."""
        return self._lines[index.row()].cells.get(index.column()) if index.isValid() else None

    def first(self) -> QModelIndex:
        """Return the first cell with a form; an invalid index where there is none."""
        places = (self.index(row, column) for row, line in enumerate(self._lines) for column in sorted(line.cells))
        return next(places, QModelIndex())

    def place(self, key: FormKey) -> QModelIndex:
        """Return where `key` stands; an invalid index when it stands nowhere."""
        for row, line in enumerate(self._lines):
            for column, cell in line.cells.items():
                if cell.key == key:
                    return self.index(row, column)
        return QModelIndex()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of visits."""
        return 0 if parent.isValid() else len(self._visits)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a visit's short name, or a form's name."""
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            if orientation is Qt.Orientation.Horizontal:
                return self._visit_sentence(self._visits[section], window=True)
            return self._name(self._lines[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation is Qt.Orientation.Vertical:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._visits[section].short(self._language)
        return self._name(self._lines[section])

    def _name(self, line: Line) -> str:
        label = line.label(self._language)
        if line.of:
            label = self.tr("%1, from %2", "a form; a subject's number").replace("%1", label).replace("%2", line.of)
        return label if line.turn == 0 else f"{label} ({line.turn + 1})"

    def _visit_sentence(self, visit: VisitColumn, *, window: bool) -> str:
        """Return a visit in words: its name, where its date lies, and its window if that is asked for."""
        when = (times.day(visit.actual), visit_word(visit.status))
        parts = [visit.label(self._language), " ".join(part for part in when if part)]
        if window and visit.window_from is not None and visit.window_to is not None:
            first, last = times.minute(visit.window_from), times.minute(visit.window_to)
            parts.append(self.tr("window %1 to %2").replace("%1", first).replace("%2", last))
        return clauses(self._language, parts)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let only cells that hold a form be chosen."""
        if self.cell(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's word, its form, or the whole sentence for screen readers and tool tips."""
        cell = self.cell(index)
        if cell is None:
            return None
        if role == CELL_ROLE:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return self.sign(cell).word
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return self._sentence(index, cell)
        return None

    @staticmethod
    def sign(cell: FormCell) -> Sign:
        """Return how a cell's state is shown."""
        return cell_sign(cell.state, need=cell.need, open_here=cell.open_here)

    def detail(self, cell: FormCell) -> str:
        """Return what stands below a cell's word: which occasion, its queries, its flags; "" for nothing."""
        standing = self.standing(cell.key)
        parts = [cell.occasion(self._language)] if cell.occasion is not None else []
        if standing.queries:
            parts.append(self.tr("Queries: %1").replace("%1", str(standing.queries)))
        parts += [flag_sign(mark).word for mark in reversed(standing.marks) if mark.kind is not FlagKind.COMPLETE]
        return " · ".join(parts)

    def _sentence(self, index: Index, cell: FormCell) -> str:
        parts = [self._visit_sentence(self._visits[index.column()], window=False), cell.label(self._language)]
        if cell.occasion is not None:
            parts.append(cell.occasion(self._language))
        if cell.of:
            parts.append(self.tr("entered under %1, read only").replace("%1", cell.of))
        parts.append(self.sign(cell).word)
        if cell.why_not is not None:
            parts.append(cell.why_not(self._language))
        findings = cell.hard_findings + cell.soft_findings
        if findings:
            parts.append(self.tr("Findings: %1").replace("%1", str(findings)))
        standing = self.standing(cell.key)
        if standing.queries:
            parts.append(self.tr("Queries: %1").replace("%1", str(standing.queries)))
        parts += [flag_word(mark) for mark in standing.marks if mark.kind is not FlagKind.COMPLETE]
        if cell.custody is Custody.HERE_ONLY:
            parts.append(custody_sign(cell.custody).word)
        return clauses(self._language, parts)
