"""The grid of a casebook: what a cell says besides its word, whole, and what its heading tells."""

from datetime import datetime

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from casebook.design import Text
from casebook.ids import SubjectId
from casebook.records import FormKey, VisitKey
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.oversight_snapshots import FlagKind, FlagMark, FormStanding
from desktop_app.snapshots import CasebookView, CellState, Custody, FormCell, VisitColumn
from desktop_app.widgets.casebook_table import LINE_HEIGHT, CasebookTable

SUBJECT = SubjectId("subject")
OPENS = datetime.fromisoformat("2026-03-02T04:00+08:00")
CLOSES = datetime.fromisoformat("2026-03-02T22:00+08:00")
OCCASION = "Initial (first score after onset)"


def words(text: str) -> Text:
    return Text({"en": text, "zh": text})


def cell(form: str, occasion: str = "", state: CellState = CellState.COMPLETE) -> FormCell:
    return FormCell(
        key=FormKey(subject=SUBJECT, visit=VisitKey(visit="SE.V2"), form=form, repeat=occasion),
        label=words(form),
        occasion=words(OCCASION) if occasion else None,
        need="x",
        state=state,
        open_here=False,
        hard_findings=0,
        soft_findings=0,
        custody=Custody.HERE_ONLY,
    )


def view(*cells: FormCell) -> CasebookView:
    visit = VisitColumn(
        key=VisitKey(visit="SE.V2"),
        label=words("Visit 2: 24 hours"),
        short=words("V2 24 h"),
        window_from=OPENS,
        window_to=CLOSES,
        actual=OPENS,
        status="IN",
        cells=cells,
    )
    return CasebookView(
        subject=SUBJECT,
        number="001-A001",
        site="001",
        status="",
        status_label=words(""),
        randomised_at=None,
        visits=(visit,) * 6,
        documents=(),
        sealed_away=0,
        newer_version_needed=0,
        digest="0" * 16,
    )


@pytest.fixture
def table(qtbot: QtBot) -> CasebookTable:
    """A grid of six visits; its first line has an occasion with a long name."""
    grid = CasebookGrid("en")
    shown = CasebookTable(grid)
    grid.setParent(shown)
    qtbot.addWidget(shown)
    shown.resize(1100, 500)
    shown.show()
    grid.show_view(view(cell("F.A", "FIRST"), cell("F.B")))
    return shown


def heights(table: QTableView) -> list[int]:
    return [table.rowHeight(row) for row in range(table.model().rowCount())]


def test_a_line_is_as_high_as_its_longest_words_need_and_plain_where_cells_show_signs_alone(
    table: CasebookTable,
) -> None:
    first, second = heights(table)
    assert first > LINE_HEIGHT == second
    table.resize(1700, 500)
    assert LINE_HEIGHT <= heights(table)[0] < first
    table.resize(480, 500)
    assert heights(table) == [LINE_HEIGHT, LINE_HEIGHT]


def test_queries_and_flags_stand_as_words_in_the_cell(table: CasebookTable) -> None:
    grid = table.model()
    assert isinstance(grid, CasebookGrid)
    key = cell("F.B").key
    marks = (FlagMark(kind=FlagKind.SIGNED), FlagMark(kind=FlagKind.LOCKED))
    grid.show_standings({key: FormStanding(queries=2, marks=marks)})
    assert grid.detail(cell("F.B")) == "Queries: 2 · Locked · Signed"
    assert heights(table)[1] > LINE_HEIGHT
    said = str(grid.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert said.startswith("Visit 2: 24 hours, 2026-03-02 in window, F.B, Complete, Queries: 2")
    assert said.endswith("This laptop only")


def test_a_heading_tells_the_whole_visit(table: CasebookTable) -> None:
    told = table.model().headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert told == "Visit 2: 24 hours, 2026-03-02 in window, window 2026-03-02 04:00 to 2026-03-02 22:00"
    assert not table.grab(QRect(0, 0, 400, 200)).isNull()
