"""What tables show, asked of the models over snapshots of a real record."""

from datetime import timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView

from casebook.records import FormKey
from desktop_app.models import times
from desktop_app.models.casebook_grid import CELL_ROLE, CasebookGrid, lines_of
from desktop_app.models.words import cell_sign, custody_sign, document_label, visit_word
from desktop_app.snapshots import CasebookView, CellState, Custody, DocumentRow, FormCell
from tests.desktop_app.hands import Hands
from tests.laptops import NOW, Ward, design


@pytest.fixture
def view(enrolled_ward: Ward) -> CasebookView:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        return session.casebook(session.add_subject().subject)


def test_grid_holds_every_form_of_every_visit_once(qapp: QApplication, view: CasebookView) -> None:
    del qapp
    grid = CasebookGrid("en")
    grid.show_view(view)
    placed = [
        grid.index(row, column).data(CELL_ROLE)
        for row in range(grid.rowCount())
        for column in range(grid.columnCount())
    ]
    keys = sorted(cell.key for cell in placed if isinstance(cell, FormCell))
    assert keys == sorted(cell.key for visit in view.visits for cell in visit.cells)


def test_form_that_a_visit_has_twice_stands_on_two_lines(view: CasebookView) -> None:
    turns = [line.turn for line in lines_of(view) if line.label("en") == "NIHSS"]
    assert turns == [0, 1]


def test_cell_without_a_form_cannot_be_chosen(qapp: QApplication, view: CasebookView) -> None:
    del qapp
    grid = CasebookGrid("en")
    grid.show_view(view)
    blank = [
        grid.index(row, column)
        for row in range(grid.rowCount())
        for column in range(grid.columnCount())
        if grid.cell(grid.index(row, column)) is None
    ]
    assert blank
    assert all(grid.flags(index) == Qt.ItemFlag.NoItemFlags for index in blank)


def test_cell_says_visit_form_and_state_to_a_screen_reader(qapp: QApplication, view: CasebookView) -> None:
    del qapp
    grid = CasebookGrid("en")
    grid.show_view(view)
    said = grid.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Visit 1: day of randomisation, Informed consent, Empty"


def test_place_of_a_form_that_stands_nowhere_is_invalid(qapp: QApplication, view: CasebookView) -> None:
    del qapp
    grid = CasebookGrid("en")
    grid.show_view(view)
    key = view.visits[0].cells[3].key
    assert grid.cell(grid.place(key)) == view.visits[0].cells[3]
    nowhere = FormKey(subject=view.subject, visit=key.visit, form="F.NONE")
    assert not grid.place(nowhere).isValid()


@pytest.mark.parametrize("state", list(CellState))
def test_every_state_has_an_icon_and_a_word(state: CellState) -> None:
    sign = cell_sign(state)
    assert sign.word
    assert (Path(__file__).parents[2] / "resources" / "icons" / f"{sign.icon}.svg").exists()


@pytest.mark.parametrize("custody", list(Custody))
def test_every_place_of_a_record_has_an_icon_and_a_word(custody: Custody) -> None:
    sign = custody_sign(custody)
    assert sign.word
    assert (Path(__file__).parents[2] / "resources" / "icons" / f"{sign.icon}.svg").exists()


def test_visit_whose_place_cannot_be_told_says_nothing() -> None:
    assert visit_word("") == ""
    assert visit_word("LATE") == "late"


def test_times_are_shown_as_views_give_them_on_the_wall_clock_of_the_study() -> None:
    assert times.minute(NOW.astimezone(timezone(timedelta(hours=8)))) == "2026-03-01 14:00"
    assert times.day(None) == ""


def test_subjects_are_found_by_part_of_their_number_and_enter_opens_the_first(
    enrolled_ward: Ward, hands: Hands
) -> None:
    del enrolled_ward
    hands.unlock()
    for _ in range(3):
        hands.control(Qt.Key.Key_N)
        hands.settle()
    hands.control(Qt.Key.Key_F)
    hands.type("subjects_search", "A00")
    table = hands.find("subjects_table")
    assert isinstance(table, QTableView)
    assert table.model().rowCount() == 3
    hands.type("subjects_search", "2")
    assert table.model().rowCount() == 1
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.window.windowTitle().startswith("001-A002")


def test_search_that_finds_nothing_says_so(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.type("subjects_search", "zzz")
    assert "No subject fits" in hands.words("subjects_empty")
    search = hands.find("subjects_search")
    assert isinstance(search, QLineEdit)
    search.clear()
    assert not hands.shows("subjects_empty")


@pytest.mark.parametrize(("name", "said"), [("F.ICF", "Informed consent"), ("SE.V1", "Visit 1: day of randomisation")])
def test_document_is_named_by_what_it_is_where_it_belongs_to_the_consent(
    view: CasebookView, name: str, said: str
) -> None:
    consent = next(cell.key for visit in view.visits for cell in visit.cells if cell.key.form == "F.ICF")
    row = DocumentRow(
        key=consent,
        name=f"001-A001 {name} 20260301T1400.pdf",
        sha256="0" * 64,
        size_bytes=1,
        author="Investigator B",
        at=NOW,
        custody=Custody.HERE_ONLY,
    )
    assert document_label(design(), row, "en") == said
