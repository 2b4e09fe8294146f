"""F1: every page is explained in both languages, and every key that a help names does something there."""

import importlib
import pkgutil
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from casebook.errors import LANGUAGES
from casebook.locations import data_folder
from desktop_app import windows
from desktop_app.help_texts import EVERYWHERE, HelpText, help_text
from desktop_app.i18n import LANGUAGES as NAMES
from desktop_app.windows.entry_page import EntryPage
from desktop_app.windows.now_page import NowPage
from desktop_app.windows.page import FormWindow, Page
from desktop_app.windows.rail import PLACES
from desktop_app.windows.two_people import TwoPeoplePage
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import open_form
from tests.desktop_app.hands import Hands
from tests.laptops import Ward

DOORS = {"enrol", "unlock", "recover"}
SHARED = {Page, FormWindow, EntryPage, NowPage, TwoPeoplePage}
"""What pages are made of."""


def pages() -> dict[str, type[Page]]:
    """Every page of the workplace by the name of its module."""
    found = {}
    for module in pkgutil.iter_modules(windows.__path__):
        loaded = importlib.import_module(f"{windows.__name__}.{module.name}")
        for one in vars(loaded).values():
            mine = isinstance(one, type) and one.__module__ == loaded.__name__
            if mine and issubclass(one, Page) and one not in SHARED:
                found[module.name] = one
    return found


def helps() -> dict[str, HelpText]:
    names = [file.stem for file in (data_folder("resources") / "help").glob("*.toml")]
    return {name: told for name in names if (told := help_text(name)) is not None}


def test_every_page_has_a_help_and_every_help_a_page() -> None:
    assert set(helps()) == {*pages(), *DOORS, EVERYWHERE}


@pytest.mark.parametrize("name", sorted(helps()))
def test_help_says_everything_in_each_language(name: str) -> None:
    told = helps()[name]
    texts = [told.title, told.purpose, told.next]
    texts += [act.label for act in told.acts]
    texts += [one.label for one in told.keys]
    texts += [text for one in told.troubles for text in (one.what, one.do)]
    for text in texts:
        assert all(text.by_language[one].strip() for one in LANGUAGES)
        assert re.search("[\u4e00-\u9fff]", text("zh")), text("zh")
        assert not re.search("[\u4e00-\u9fff]", text("en").replace(NAMES["zh"], "")), text("en")


def test_places_of_the_rail_are_among_what_can_be_done_everywhere_with_their_keys() -> None:
    acts = {act.does: act.keys for act in helps()[EVERYWHERE].acts}
    wanted = {place: f"Ctrl+{number}" for number, place in enumerate(PLACES, start=1)}
    assert {place: acts[f"place_{place}"] for place in PLACES} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_f1_explains_doors_and_pages_and_gives_the_keyboard_back(
    open_application: OpenApplication, enrolled_ward: Ward, language: str
) -> None:
    hands = open_application(enrolled_ward.laptop("one"), language)
    hands.click("unlock_help")
    assert explained(hands) == helps()["unlock"].title(language)
    hands.press(Qt.Key.Key_Escape)
    assert not hands.shows("help")
    hands.click("unlock_forgotten")
    hands.press(Qt.Key.Key_F1)
    assert explained(hands) == helps()["recover"].title(language)
    hands.press(Qt.Key.Key_F1)
    hands.press(Qt.Key.Key_Escape)
    hands.unlock()
    for key, name in ((Qt.Key.Key_2, "subjects"), (Qt.Key.Key_6, "sync"), (Qt.Key.Key_8, "site")):
        hands.control(key)
        hands.settle()
        assert not hands.shows("help")
        before = hands.window.focusWidget()
        hands.press(Qt.Key.Key_F1)
        assert explained(hands) == helps()[name].title(language)
        assert hands.find("help_text").hasFocus()
        hands.press(Qt.Key.Key_Escape)
        assert hands.window.focusWidget() is before
    hands.click("foot_help")
    assert hands.shows("help")
    hands.control(Qt.Key.Key_L)
    hands.settle()
    assert explained_nothing(hands)


def explained(hands: Hands) -> str:
    assert hands.find("help").isVisible()
    return hands.words("help_title")


def explained_nothing(hands: Hands) -> bool:
    return not hands.shows("help")


def test_f1_in_a_form_explains_the_item_first_then_the_page(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_2)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.find("subjects_table").setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.press(Qt.Key.Key_F1)
    assert explained(hands) == helps()["form"].title("en")  # there is nothing to say of a name
    hands.press(Qt.Key.Key_Escape)
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    open_form(hands, "F.VS")
    hands.press(Qt.Key.Key_F1)
    assert explained_nothing(hands)
    assert hands.shows("help.I.VS.VSDTM")
    hands.press(Qt.Key.Key_F1)
    assert explained(hands) == helps()["form"].title("en")
    hands.press(Qt.Key.Key_Escape)
    hands.press(Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    assert explained(hands) == helps()["form"].title("en")


def test_help_speaks_the_language_of_the_moment(hands: Hands) -> None:
    hands.press(Qt.Key.Key_F1)
    hands.application.switch_language("zh")
    assert explained(hands) == helps()["unlock"].title("zh")
    panel = hands.find("help")
    assert isinstance(panel, QWidget)
    assert panel.accessibleName().endswith(helps()["unlock"].title("zh"))
