"""Two laptops enter one item apart from each other; a real server between them; one chooses by keys, both know.

Two applications by keys, one server process over TLS, encrypted files.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox

from desktop_app import theme
from desktop_app.snapshots import Mark
from desktop_app.widgets.choice_list import ChoiceList
from tests.journeys.answers import FIRST_VISIT
from tests.journeys.hands import Hands
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE
from tests.server_process import ServerProcess

INVESTIGATOR, COORDINATOR = "Li Minghua", "Zhao Min"


@pytest.fixture
def pair(qapp: QApplication, tmp_path: Path) -> Iterator[tuple[Hands, Hands]]:
    """Two enrolled laptops with one person each, signed in, that know one subject."""
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)
    with ServerProcess(tmp_path / "server") as server:
        both = []
        for name, person, role in (("one", INVESTIGATOR, "investigator"), ("two", COORDINATOR, "coordinator")):
            hands = Hands(qapp, online_laptop(tmp_path / name))
            _, personal = server.add_user(person, role)
            hands.enrol(server.url, (server.enrolment_code(), personal), f"Stroke unit {name}", PASSPHRASE)
            hands.unlock(PASSPHRASE)
            both.append(hands)
        one, two = both
        one.come_to_front()
        one.control(Qt.Key.Key_N)
        one.settle()
        assert "In step" in one.sync()
        two.come_to_front()
        assert "In step" in two.sync()
        yield one, two
        for hands in reversed(both):
            hands.come_to_front()
            hands.close()


def enter_heart_rate(hands: Hands, value: str) -> None:
    hands.come_to_front()
    hands.open_first_subject()
    hands.open_form(FIRST_VISIT, "F.VS")
    hands.answer(hands.go_to("HR"), value)
    hands.settle()
    hands.control(Qt.Key.Key_S)
    hands.settle()
    hands.back()


def queries(hands: Hands) -> list[tuple[str, ...]]:
    hands.control(Qt.Key.Key_3)
    hands.settle()
    if not hands.shows("queries_table"):
        return []
    table = hands.find("queries_table")
    assert isinstance(table, ChoiceList)
    return [line.texts for line in table.lines.lines]


def test_both_laptops_show_the_conflict_and_the_choice_of_one_reaches_the_other(pair: tuple[Hands, Hands]) -> None:
    one, two = pair
    enter_heart_rate(one, "80")
    enter_heart_rate(two, "90")
    one.come_to_front()
    one.sync()
    two.come_to_front()
    two.sync()
    assert two.words("foot_status") == "Conflicts: 1. Open Queries (Ctrl+3)."
    one.come_to_front()
    one.sync()
    for hands in pair:
        hands.come_to_front()
        (line,) = queries(hands)
        assert (line[0], line[4]) == ("Conflict\nSite", "Entries differ: 2")
        assert hands.words("foot_conflicts") == "1"
    buttons = [two.words("query_choose_1"), two.words("query_choose_2")]
    assert sorted(button.split(maxsplit=1)[1] for button in buttons) == ["80", "90"]
    right = next(place for place, button in enumerate(buttons, start=1) if "90" in button)
    one.come_to_front()
    one.press(Qt.Key.Key_Return)
    one.settle()
    assert one.shows("form_query_1")
    assert one.go_to("HR").mark.mark is Mark.CONFLICT

    two.come_to_front()
    two.press(Qt.Key(int(Qt.Key.Key_0) + right))
    two.settle()
    two.write("1")  # the first of the common reasons
    two.settle()
    assert queries(two) == []
    assert not two.shows("foot_conflicts")
    two.sync()

    one.come_to_front()
    one.sync()
    assert queries(one) == []
    state = one.find("queries_state")
    assert isinstance(state, QComboBox)
    state.setFocus()
    one.press(Qt.Key.Key_End)
    (line,) = queries(one)
    assert (line[0], line[4]) == ("Closed", f"Settled by {COORDINATOR}")
    one.find("queries_table").setFocus()
    one.press(Qt.Key.Key_Return)
    one.settle()
    row = one.go_to("HR")
    assert (row.editor.raw(), row.mark.mark) == ("90", Mark.RECORDED)
    assert not one.shows("form_query_1")
