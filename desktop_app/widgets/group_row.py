"""One row of a section of a form: the whole section, or one row of a repeating one as a card that folds.

A folded card is one line that says what stands in the row; its items are made when it is first opened, so
that a log of thirty rows opens as fast as one of three.
"""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from casebook.checks import Finding
from casebook.design import CodeList, ItemGroup, Severity
from casebook.entry import display
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.models.boards import finding_count
from desktop_app.snapshots import ItemView, Mark, RowView
from desktop_app.widgets.focus import holds_focus
from desktop_app.widgets.fold_button import FoldButton
from desktop_app.widgets.icon import SignLabel
from desktop_app.widgets.item_row import Explain, ItemRow, hint_alone
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.reason_panel import ReasonPanel, Reasons

OPEN_ROWS = 3
"""A group with more rows than these opens with its rows folded."""
TOLD = 4
"""How many answers a folded row says."""
TOLD_LENGTH = 40
PLAIN = frozenset({"Y", "N", "U", "NA"})
"""Answers that say nothing without their question."""


class GroupRow(QFrame):
    """The items of one row.

    Signals:
        strike_wanted: The row is to be struck: row id, reason.
        row_made: An `ItemRow` was made.
        opened: A folded row was opened by its user.
    """

    strike_wanted = Signal(str, str)
    row_made = Signal(object)
    opened = Signal()

    def __init__(
        self,
        group: ItemGroup,
        row: str,
        code_lists: Mapping[str, CodeList],
        reasons: Reasons,
        parent: QWidget | None = None,
        *,
        explain: Explain = hint_alone,
    ) -> None:
        """Make an empty row; one of a repeating group starts folded."""
        super().__init__(parent)
        self._explain = explain
        self.group = group
        self.row = row
        self._code_lists = code_lists
        self._reasons = reasons
        self._language = "en"
        self._view: RowView | None = None
        self._number = 0
        self._editable = False
        self.rows: dict[ItemPath, ItemRow] = {}
        self.toggle: FoldButton | None = None
        self.strike: QPushButton | None = None
        self._findings = SignLabel(self)
        self._findings.hide()
        self.panel: ReasonPanel | None = None
        self._struck: NoteLine | None = None
        self.column = QVBoxLayout(self)
        self.column.setSpacing(0)
        self.body = QWidget(self)
        self._items = QVBoxLayout(self.body)
        self._items.setContentsMargins(0, 0, 0, 0)
        self._items.setSpacing(0)
        if group.repeating:
            self._make_headline()
        else:
            self.column.setContentsMargins(0, 0, 0, 0)
        self.beside = QWidget(self)
        self._beside = QVBoxLayout(self.beside)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(theme.SMALL)
        self.column.addWidget(self.beside)
        self.column.addWidget(self.body)
        self.body.raise_()  # a screen reader meets it behind the headline and what stands beside it
        self._open = not group.repeating
        self.body.setVisible(self._open)

    def _make_headline(self) -> None:
        theme.set_role(self, "card")
        self.column.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        self.toggle = FoldButton(self)
        self.toggle.setObjectName(f"row.{self.group.oid}.{self.row}")
        theme.set_role(self.toggle, "line")
        self.toggle.setMinimumHeight(theme.TARGET)
        self.toggle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.toggle.clicked.connect(self._toggled)
        self.strike = QPushButton(self)
        self.strike.setObjectName(f"strike.{self.group.oid}.{self.row}")
        theme.set_role(self.strike, "quiet")
        self.strike.clicked.connect(self.ask_to_strike)
        line = QHBoxLayout()
        line.setSpacing(theme.SMALL)
        line.addWidget(self.toggle, 1)
        line.addWidget(self._findings)
        line.addWidget(self.strike)
        self.column.addLayout(line)

    # -- in -------------------------------------------------------------------------------------------------

    def show_row(self, view: RowView, number: int, language: str, *, editable: bool) -> None:
        """Show the row as it stands."""
        self._view, self._number, self._language, self._editable = view, number, language, editable
        if self._open:
            self._show_items(view)
        if self.toggle is not None:
            self._show_headline(view)

    @property
    def is_open(self) -> bool:
        """Whether its items are shown."""
        return self._open

    @property
    def is_struck(self) -> bool:
        """Whether it is struck through."""
        return self._view is not None and self._view.struck_reason is not None

    def fold(self, *, on: bool) -> None:
        """Fold the row to one line, or open it. A row with the focus, or with text that is not kept, stays open."""
        busy = on and (holds_focus(self) or any(row.is_busy for row in self.rows.values()))
        if self.toggle is None or busy or self._open is not on:
            return
        self._open = not on
        self.body.setVisible(self._open)
        if self._view is not None:
            self.show_row(self._view, self._number, self._language, editable=self._editable)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        own: list[QWidget] = [one for one in (self.toggle, self.strike, self.panel) if one is not None]
        return [*own, self.beside, *self.in_order()]

    def add_beside(self, widget: QWidget) -> None:
        """Put what is about the row as a whole above its items; it stays when the row is folded."""
        self._beside.addWidget(widget)

    def in_order(self) -> list[ItemRow]:
        """Return the rows that were made, in the study's order."""
        paths = (ItemPath(group=self.group.oid, item=item.name, row=self.row) for item in self.group.items)
        return [self.rows[path] for path in paths if path in self.rows]

    def _show_items(self, view: RowView) -> None:
        place = 0
        for item in view.items:
            if item.visible and item.path not in self.rows:
                self._make_row(item, place)
            if item.path in self.rows:
                self.rows[item.path].show_item(item, self._language)
                place += 1
        for row in self.rows.values():
            row.editor.show_beside(view.items)

    def _make_row(self, view: ItemView, place: int) -> None:
        row = ItemRow(
            view.path, self.group, view.item, self._code_lists, self._reasons, self.body, explain=self._explain
        )
        self.rows[view.path] = row
        self._items.insertWidget(place, row)
        after = self.in_order()[place + 1 :]
        if after:
            row.stackUnder(after[0])  # a screen reader meets it where it stands, whenever it was made
        self.row_made.emit(row)

    def _show_headline(self, view: RowView) -> None:
        if self.toggle is None or self.strike is None:
            return
        words = self.tr("Row %1").replace("%1", str(self._number))
        told = " · ".join((words, *self._told(view)))
        self.toggle.setText((told if not self._open else words).replace("&", "&&"))
        self.toggle.turn(down=self._open)
        state = self.tr("open") if self._open else self.tr("folded")
        self.toggle.setAccessibleName(f"{told}, {state}")
        self.toggle.setToolTip(told)
        self.strike.setText(self.tr("Strike out…"))
        self.strike.setAccessibleName(self.tr("Strike out row %1").replace("%1", str(self._number)))
        self.strike.setVisible(self._editable and view.struck_reason is None)
        self._show_findings(view)
        self._show_struck(view.struck_reason)

    def _told(self, view: RowView) -> list[str]:
        """Return the first answers of the row in words."""
        said = []
        for item in view.items:
            if not item.visible or (item.mark is Mark.EMPTY and item.reading.is_empty):
                continue
            codes = self._code_lists.get(item.item.code_list or "")
            here = item.offset_minutes
            text = item.typed or display(item.item, codes, item.reading, self._language, offset_minutes=here)
            if text and codes is not None and {code.value for code in codes.codes} <= PLAIN:
                text = f"{item.item.label(self._language)}: {text}"
            if text:
                said.append(text if len(text) <= TOLD_LENGTH else f"{text[:TOLD_LENGTH].rstrip()}…")
            if len(said) == TOLD:
                break
        return said

    def _show_findings(self, view: RowView) -> None:
        found: list[Finding] = [one for item in view.items for one in item.findings if one.confirmed is None]
        hard = sum(1 for one in found if one.severity is Severity.HARD)
        sign = finding_count(hard, len(found) - hard)
        self._findings.setVisible(sign is not None and not self._open)
        if sign is not None:
            self._findings.show_sign(sign)

    # -- folding and striking -------------------------------------------------------------------------------

    def _toggled(self) -> None:
        if self._open:
            self._open = False
            self.body.hide()
        else:
            self.fold(on=False)
            self.opened.emit()
        if self._view is not None:
            self._show_headline(self._view)

    def _show_struck(self, reason: str | None) -> None:
        if reason is not None and self._struck is None:
            label = self._reasons.label(reason, self._language)
            told = self.tr("Struck out: %1").replace("%1", label)
            self._struck = NoteLine("strike", theme.Tone.WARN, told, parent=self)
            self.column.insertWidget(1, self._struck)

    def ask_to_strike(self) -> None:
        """Ask for the reason for which the row is struck through."""
        if self.is_struck or not self._editable:
            return
        if self.panel is None:
            self.panel = ReasonPanel(self._reasons.changes, f"strike.{self.group.oid}.{self.row}", self)
            self.panel.given.connect(self._given)
            self.panel.cancelled.connect(self._cancelled)
            self.column.insertWidget(1, self.panel)
        self.panel.ask(self.tr("Why is this row struck out? It stays readable."), self._language)
        self.panel.focus_first()

    def _cancelled(self) -> None:
        if self.panel is not None:
            self.panel.hide()
        if self.toggle is not None:
            self.toggle.setFocus()

    def _given(self, reason: str) -> None:
        self._cancelled()
        self.strike_wanted.emit(self.row, reason)
