"""The custody table, retiring and the unlock page's line, driven by keys over real files."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QTableView

from desktop_app.vault import Laptop
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_custody import admitted_pair, vital_signs
from tests.laptops import PASSPHRASE, SITE, Ward, sync


@pytest.fixture
def two(ward: Ward) -> tuple[Ward, Laptop]:
    return ward, admitted_pair(ward)


@pytest.mark.parametrize("kept", ["keyslots.json", "casebook.db", "spool", "unblinding"])
def test_a_part_of_a_laptop_leads_to_its_unlock_page_and_never_to_enrolling(
    open_application: OpenApplication, two: tuple[Ward, Laptop], kept: str
) -> None:
    _, laptop = two
    for path in sorted(laptop.folder.path.iterdir()):
        if path.name != kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    hands = open_application(laptop)
    assert hands.shows("unlock_people")
    assert not hands.shows("enrol_code")


def lines(hands: Hands) -> list[list[str]]:
    view = hands.find("custody_table")
    assert isinstance(view, QTableView)
    model = view.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_table_is_reached_from_the_foot_filtered_sorted_and_opens_a_form_by_keys(
    open_application: OpenApplication, two: tuple[Ward, Laptop]
) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session:
        first = session.add_subject().subject
        vital_signs(session, first)
        sync(laptop, session)
        vital_signs(session, session.add_subject().subject)
    hands = open_application(laptop)
    hands.unlock(1)
    hands.click("foot_custody")
    hands.settle()
    assert "Not safe" in hands.find("custody_light").accessibleName()
    assert "does not have yet" in hands.words("custody_reasons")
    every = lines(hands)
    kind = hands.find("custody_filter")
    assert isinstance(kind, QComboBox)
    kind.setFocus()
    hands.press(Qt.Key.Key_Down)
    here = lines(hands)
    assert 0 < len(here) < len(every)
    assert {line[5] for line in here} == {"This laptop only"}
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Down)
    received = lines(hands)
    assert received
    assert all(line[5].startswith("Received ") for line in received)
    hands.type("custody_search", "Vital")
    assert all("ital" in line[1] for line in lines(hands))
    hands.find("custody_table").setFocus()
    for _ in range(6):
        hands.press(Qt.Key.Key_F3)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("form_save") or not hands.shows("custody_table")


def test_the_laptop_is_retired_in_the_window_by_keys_and_the_door_tells_so(
    open_application: OpenApplication, two: tuple[Ward, Laptop], tmp_path: Path
) -> None:
    _, laptop = two
    stick = tmp_path / "stick"
    stick.mkdir()
    hands = open_application(laptop)
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.find("settings_retire").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    hands.type("retire_rescue", str(Path.home()))
    assert "own disk" in hands.words("retire_rescue_place_words")
    hands.find("retire_rescue").setProperty("text", "")
    assert not hands.shows("retire_rescue_place")
    hands.type("retire_rescue", str(stick))
    hands.type("retire_passphrase", PASSPHRASE)
    hands.type("retire_site", "002")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "three digits 001" in hands.words("retire_outcome_words")
    hands.find("retire_site").setProperty("text", SITE)
    hands.type("retire_passphrase", PASSPHRASE)
    hands.find("retire_go").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.qtbot.waitUntil(lambda: hands.shows("retired_words"), timeout=SETTLE_MS)
    assert "read back and is whole" in hands.words("retired_words")
    assert len(list(stick.glob("*.zip"))) == 1
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    assert hands.shows("enrol_code")


def test_after_the_lock_one_line_tells_what_is_only_here(
    open_application: OpenApplication, two: tuple[Ward, Laptop]
) -> None:
    _, laptop = two
    hands = open_application(laptop)
    hands.unlock(1)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert "not yet with the server: 1" in hands.words("unlock_problem_words")
    hands.unlock(1)
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert not hands.shows("unlock_problem_words")


def test_a_blinded_person_is_told_to_ask_somebody_who_may(open_application: OpenApplication, ward: Ward) -> None:
    laptop = admitted_pair(ward, "coordinator", "assessor")
    hands = open_application(laptop)
    hands.unlock(1)
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_now")
    hands.settle()
    hands.find("sync_custody").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    assert "cannot tell" in hands.find("custody_light").accessibleName()
    assert "Ask somebody" in hands.words("custody_reasons")
    assert not hands.find("custody_retire").isEnabled()
