"""The same person registered twice, through the windows: a notice, one page, keys alone, both languages."""

import copy
import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTableView

from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_same_person import WHY, Pair, register
from tests.laptops import Ward


@pytest.fixture(scope="session")
def twice_once(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """One laptop on which a person was registered twice; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("twice"))
    laptop = ward.enrolled("one", "principal", "manager", "coordinator")
    with ward.session(laptop, "principal") as session:
        first, second = register(session), register(session)
    return ward, first, second


@pytest.fixture
def twice(twice_once: Pair, tmp_path: Path) -> Pair:
    """A laptop of its own."""
    shutil.copytree(twice_once[0].folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(twice_once[0])
    ward.folder = tmp_path
    return ward, twice_once[1], twice_once[2]


def picture(name: str) -> None:
    """Keep a picture of the window where somebody asked for it, to be looked at."""
    folder = os.environ.get("CASEBOOK_PICTURES")
    if folder:
        shown = next(one for one in QApplication.topLevelWidgets() if one.isVisible())
        shown.grab().save(str(Path(folder) / f"{name}.png"))


def text(hands: Hands, name: str) -> str:
    found = hands.find(name)
    assert isinstance(found, QLabel | QPushButton)
    return found.text()


def side_by_side(hands: Hands) -> None:
    hands.click("subjects_same_action")
    hands.settle()


def rows(hands: Hands, name: str) -> list[str]:
    table = hands.find(name)
    assert isinstance(table, QTableView)
    model = table.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_pair_is_proposed_by_keys(twice: Pair, open_application: OpenApplication, language: str) -> None:
    ward, *_ = twice
    hands = open_application(ward.laptop("one"), language)
    hands.unlock(0)
    hands.settle()
    assert "001-A001" in text(hands, "subjects_same_words")
    picture(f"notice_{language}")
    side_by_side(hands)
    assert hands.shows("same_lines")
    picture(f"offered_{language}")
    hands.press(Qt.Key.Key_Return)
    assert hands.find("same_reason").hasFocus()
    hands.type("same_reason", WHY)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    picture(f"proposed_{language}")
    assert not hands.find("same_go").isEnabled()
    assert text(hands, "same_why_not")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_second_person_confirms_by_keys(twice: Pair, open_application: OpenApplication, language: str) -> None:
    ward, first, second = twice
    with ward.session(ward.laptop("one"), "principal") as session:
        session.same_person.propose(second, first, WHY)
    hands = open_application(ward.laptop("one"), language)
    hands.unlock(1)
    hands.settle()
    side_by_side(hands)
    picture(f"confirming_{language}")
    hands.click("same_go")
    hands.settle()
    picture(f"linked_{language}")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert not hands.shows("subjects_same")
    (line,) = rows(hands, "subjects_table")
    assert "001-A001" in line
    assert "001-A002" in line
    picture(f"one_line_{language}")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "001-A002" in text(hands, "casebook_also_words")
    picture(f"casebook_{language}")
    hands.click("casebook_also_action")
    hands.settle()
    assert hands.shows("same_lines")


def test_either_number_finds_the_person(twice: Pair, open_application: OpenApplication) -> None:
    ward, first, second = twice
    with ward.session(ward.laptop("one"), "principal") as session:
        session.same_person.propose(second, first, WHY)
    with ward.session(ward.laptop("one"), "manager") as session:
        session.same_person.answer(first, second, True, "")
    hands = open_application(ward.laptop("one"))
    hands.unlock(0)
    hands.settle()
    for number in ("A001", "A002"):
        search = hands.find("subjects_search")
        assert isinstance(search, QLineEdit)
        search.clear()
        hands.type("subjects_search", number)
        hands.settle()
        assert len(rows(hands, "subjects_table")) == 1


def test_somebody_without_the_right_reads_whom_to_ask(twice: Pair, open_application: OpenApplication) -> None:
    ward, *_ = twice
    hands = open_application(ward.laptop("one"))
    hands.unlock(2)
    hands.settle()
    side_by_side(hands)
    assert not hands.find("same_go").isEnabled()
    assert "Principal investigator" in text(hands, "same_why_not")
    assert not hands.shows("same_reason")


def test_the_other_way_round_names_the_other_number(twice: Pair, open_application: OpenApplication) -> None:
    ward, *_ = twice
    hands = open_application(ward.laptop("one"))
    hands.unlock(0)
    hands.settle()
    side_by_side(hands)
    assert "001-A001" in text(hands, "same_go")
    hands.control(Qt.Key.Key_T)
    assert "001-A002" in text(hands, "same_go")
