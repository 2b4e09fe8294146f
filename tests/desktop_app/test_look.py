"""Light, dark or as the system: before anybody is signed in, in Settings and by Ctrl+K, now and at the next start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QRadioButton

from desktop_app import theme
from desktop_app.preferences import keep_preference
from desktop_app.start import read_look
from desktop_app.theme import Look
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.laptops import Ward


@pytest.fixture(autouse=True)
def _no_look_chosen(qapp: QApplication) -> Iterator[None]:
    yield
    theme.choose_look(qapp, Look.SYSTEM)
    theme.apply(qapp, theme.LIGHT)


@pytest.mark.parametrize("door", ["unlock", "enrol"])
def test_doors_switch_between_light_and_dark_and_name_the_other_one(
    open_application: OpenApplication, ward: Ward, door: str
) -> None:
    if door == "unlock":
        ward.enrolled("one", "coordinator")
    hands = open_application(ward.laptop("one"))
    assert hands.words(f"{door}_look") == "Dark"
    hands.click(f"{door}_look")
    assert theme.is_dark(hands.window.palette())
    assert hands.words(f"{door}_look") == "Light"
    hands.click(f"{door}_language")
    assert hands.words(f"{door}_look") == "浅色"
    hands.click(f"{door}_look")
    assert not theme.is_dark(hands.window.palette())


def test_look_is_chosen_in_settings_and_by_the_palette_and_told(hands: Hands) -> None:
    told: list[str] = []
    hands.application.look_switched.connect(told.append)
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_look_dark")
    assert theme.is_dark(hands.window.palette())
    hands.control(Qt.Key.Key_K)
    hands.type("palette_field", "theme light")
    hands.press(Qt.Key.Key_Return)
    assert not theme.is_dark(hands.window.palette())
    light = hands.find("settings_look_light")
    assert isinstance(light, QRadioButton)
    assert light.isChecked()
    assert told == [Look.DARK, Look.LIGHT]


def test_people_and_passphrase_are_seen_at_once_at_200_percent_and_letters_find_a_name(
    open_application: OpenApplication, ward: Ward
) -> None:
    ward.enrolled("one", "coordinator", "investigator", "assessor", "principal")
    hands = open_application(ward.laptop("one"))
    hands.window.resize(683, 384)
    hands.settle()
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    assert people.viewport().height() >= 3 * theme.FINGER
    for name in ("unlock_people", "unlock_passphrase", "unlock_button", "unlock_language", "unlock_look"):
        assert hands.find(name).visibleRegion().boundingRect() == hands.find(name).rect(), name
    hands.press(Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    assert people.hasFocus()
    QTest.keyClicks(people, "inv")
    assert people.currentItem().text().startswith("Investigator")


def test_look_is_remembered_beside_the_vault_and_nonsense_there_means_the_system(tmp_path: Path) -> None:
    assert read_look(tmp_path) is Look.SYSTEM
    keep_preference(tmp_path, "look", Look.DARK)
    assert read_look(tmp_path) is Look.DARK
    keep_preference(tmp_path, "look", "plaid")
    assert read_look(tmp_path) is Look.SYSTEM
