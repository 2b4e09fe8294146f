"""The windows of data management over real vaults: by keys alone, from the rail to the item and back."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QComboBox, QMenu, QPushButton

from casebook.ids import UserId
from casebook.records import FormKey
from casebook.supervision import of_form, of_item, of_subject
from desktop_app.oversight_snapshots import Act
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.item_row import ItemRow
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_accessibility import check, reached_by_tab, shown
from tests.desktop_app.test_oversight import (
    PROGRESSION,
    USERS,
    began,
    completed,
    late,
    path_of,
    with_a_copy_at_work,
)
from tests.laptops import PASSPHRASE, Ward, sync

SignIn = Callable[[str], Hands]
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="session")
def overseen_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward with everybody who oversees on its laptop; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("overseen"))
    ward.enrolled("one", *USERS)
    return ward


@pytest.fixture
def ward(overseen_once: Ward, tmp_path: Path) -> Ward:
    """A ward of its own."""
    shutil.copytree(overseen_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(overseen_once)
    ward.folder = tmp_path
    return ward


@pytest.fixture
def sign_in(ward: Ward, open_application: OpenApplication) -> SignIn:
    """Open the application and sign somebody in."""

    def as_user(user: str) -> Hands:
        people = [person.user for person in ward.laptop("one").state().people]
        hands = open_application(ward.laptop("one"))
        hands.unlock(people.index(UserId(user)))
        return hands

    return as_user


def table(hands: Hands, name: str) -> ChoiceList:
    found = hands.find(name)
    assert isinstance(found, ChoiceList)
    return found


def lines(hands: Hands, name: str) -> list[tuple[str, ...]]:
    return [line.texts for line in table(hands, name).lines.lines]


def to_queries(hands: Hands) -> None:
    hands.control(Qt.Key.Key_3)
    hands.settle()


def type_words(hands: Hands, panel: str, words: str) -> None:
    hands.qtbot.waitUntil(lambda: hands.shows(f"{panel}_words"), timeout=SETTLE_MS)  # a button's key presses it visibly
    assert hands.find(f"{panel}_words").hasFocus()
    hands.type(f"{panel}_words", words)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def alt(hands: Hands, key: Qt.Key) -> None:
    """Press a key with Alt, as the system delivers it: to the window, which finds the button that it is written on."""
    QTest.keyClick(hands.window.windowHandle(), key, Qt.KeyboardModifier.AltModifier)
    hands.settle()


def open_timeline(hands: Hands, key: FormKey) -> None:
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.open_item(key, PROGRESSION)
    hands.settle()


def choose(hands: Hands, name: str) -> QAction:
    """Return the line of the open menu, or of its parts, with this object name."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    found = {action.objectName(): action for action in _actions(menu)}
    assert name in found, sorted(found)
    menu.close()
    hands.settle()
    return found[name]


def _actions(menu: QMenu) -> list[QAction]:
    found = []
    for action in menu.actions():
        part = action.menu()
        found += _actions(part) if isinstance(part, QMenu) else [action]
    return found


def test_monitor_asks_by_alt_q_and_coordinator_answers_in_place(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    hands = sign_in("monitor")
    open_timeline(hands, key)
    alt(hands, Qt.Key.Key_Q)
    assert "Progression" in hands.words("form_act_question")
    type_words(hands, "form_act", "The note says 15:10. Which is right?")
    assert "15:10" in " ".join(texts[4] for texts in _after(hands))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("form_query_1")
    hands.control(Qt.Key.Key_L)
    hands.settle()

    hands = sign_in("coordinator")
    to_queries(hands)
    assert table(hands, "queries_table").hasFocus()
    assert lines(hands, "queries_table")[0][3] == "2026-02-28 14:00"
    alt(hands, Qt.Key.Key_A)
    type_words(hands, "query_say", "14:00 is right; 15:10 was the call.")
    assert lines(hands, "queries_table")[0][0] == "Answered\nData management"
    assert not hands.shows("query_close")


def _after(hands: Hands) -> list[tuple[str, ...]]:
    to_queries(hands)
    return lines(hands, "queries_table")


def test_who_raises_no_query_is_offered_none(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    hands = sign_in("coordinator")
    open_timeline(hands, key)
    alt(hands, Qt.Key.Key_Q)
    assert not hands.shows("form_act_panel")
    hands.press(Qt.Key.Key_A, CONTROL_SHIFT)
    query = choose(hands, "form.query.form")
    assert not query.isEnabled()
    assert "Data manager" in query.toolTip()


def test_manager_closes_and_reopens_and_the_list_is_filtered(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), "monitor") as session:
        session.oversight.raise_query(of_item(key, PROGRESSION), "Which is right?")
        session.oversight.raise_query(of_subject(key.subject), "Where is the consent?")
    hands = sign_in("manager")
    to_queries(hands)
    assert len(lines(hands, "queries_table")) == 2
    hands.control(Qt.Key.Key_F)
    hands.type("queries_search", "consent")
    assert [texts[2] for texts in lines(hands, "queries_table")] == ["the whole subject"]
    hands.application.switch_language("zh")
    hands.control(Qt.Key.Key_A)
    hands.type("queries_search", "worsening")  # found by the words of the other language, too
    assert [texts[2] for texts in lines(hands, "queries_table")] == ["病情进展时间（首次记录到加重）"]
    hands.application.switch_language("en")
    hands.control(Qt.Key.Key_A)
    hands.type("queries_search", "consent")
    hands.press(Qt.Key.Key_Return)
    alt(hands, Qt.Key.Key_C)
    type_words(hands, "query_say", "Found it")
    assert not hands.shows("queries_table")
    state = hands.find("queries_state")
    assert isinstance(state, QComboBox)
    state.setFocus()
    hands.press(Qt.Key.Key_End)
    assert [texts[0] for texts in lines(hands, "queries_table")] == ["Closed"]
    hands.find("queries_table").setFocus()
    alt(hands, Qt.Key.Key_R)
    type_words(hands, "query_say", "It is another one")
    assert [texts[0] for texts in lines(hands, "queries_table")] == ["Open\nSite"]


def test_manager_locks_from_the_casebook_and_the_form_says_so(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    hands = sign_in("manager")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.press(Qt.Key.Key_A, CONTROL_SHIFT)
    choose(hands, "casebook.lock.subject").trigger()
    type_words(hands, "casebook_act", "Database closed")
    hands.press(Qt.Key.Key_A, CONTROL_SHIFT)
    assert choose(hands, "casebook.unlock.subject").isEnabled()
    hands.control(Qt.Key.Key_L)
    hands.settle()

    hands = sign_in("coordinator")
    open_timeline(hands, key)
    assert hands.shows("form_flags.locked")
    assert "Data manager G" in hands.words("form_closed_words")
    assert not hands.shows("form_save")
    row = hands.find("row.I.TIME.PROGDTM")
    assert isinstance(row, ItemRow)
    assert row.view is not None
    assert not row.view.editable


def test_monitor_verifies_by_space_and_asks_by_q(ward: Ward, sign_in: SignIn) -> None:
    began(ward)
    hands = sign_in("monitor")
    to_queries(hands)
    hands.control(Qt.Key.Key_PageDown)
    hands.settle()
    before = lines(hands, "review_table")
    assert hands.find("review_table").hasFocus()
    assert hands.words("review_value") == before[0][4]
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    after = lines(hands, "review_table")
    assert after == before[1:]
    assert hands.words("review_progress").startswith("1 of ")
    hands.press(Qt.Key.Key_Q)
    type_words(hands, "review_say", "The chart says something else")
    assert hands.find("review_table").hasFocus()
    to_queries(hands)
    assert "something else" in lines(hands, "queries_table")[0][4]


def test_investigator_reads_ticks_and_signs(ward: Ward, sign_in: SignIn) -> None:
    key = completed(ward)
    hands = sign_in("investigator")
    to_queries(hands)
    for _ in range(2):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    assert [texts[0] for texts in lines(hands, "signing_table")] == ["To read"] or _was_short(hands)
    hands.press(Qt.Key.Key_Return)
    for _ in range(20):
        hands.press(Qt.Key.Key_PageDown)
        if lines(hands, "signing_table")[0][0] == "Ticked":
            break
    assert lines(hands, "signing_table")[0][0] == "Ticked"
    assert hands.find("signing_user").hasFocus()
    hands.type("signing_user", "investigator")
    hands.type("signing_passphrase", PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "Signed: 1" in hands.words("signing_notice_words")
    assert not hands.shows("signing_table")
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.open_form(key)
    hands.settle()
    assert hands.shows("form_flags.signed")


def _was_short(hands: Hands) -> bool:
    return [texts[0] for texts in lines(hands, "signing_table")] == ["Read"]


def test_nothing_can_be_ticked_unread(ward: Ward, sign_in: SignIn) -> None:
    completed(ward)
    hands = sign_in("investigator")
    hands.window.resize(1000, 560)
    to_queries(hands)
    for _ in range(2):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    tick = hands.find("signing_tick")
    assert isinstance(tick, QPushButton)
    assert not tick.isEnabled()
    hands.press(Qt.Key.Key_Space)
    assert lines(hands, "signing_table")[0][0] == "To read"
    focused = focused_widget()
    assert focused is hands.find("signing_form")


def test_wrong_passphrase_leaves_everything_as_it_was(ward: Ward, sign_in: SignIn) -> None:
    completed(ward)
    hands = sign_in("investigator")
    to_queries(hands)
    for _ in range(2):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    hands.press(Qt.Key.Key_Return)
    for _ in range(20):
        hands.press(Qt.Key.Key_PageDown)
    hands.type("signing_user", "investigator")
    hands.type("signing_passphrase", "not these words")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.words("signing_passphrase_line")
    assert lines(hands, "signing_table")[0][0] == "Ticked"


def test_pages_speak_chinese(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), "manager") as session:
        session.oversight.raise_query(of_item(key, path_of("F.TIME", "LKWDTM")), "Source?")
        session.oversight.set_flag(Act.FREEZE, of_form(key), "Done")
    hands = sign_in("coordinator")
    to_queries(hands)
    hands.application.switch_language("zh")
    hands.settle()
    assert lines(hands, "queries_table")[0][0] == "待答复\n中心"
    open_timeline(hands, key)
    assert "冻结" in hands.words("form_closed_words")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [(1366, 728), (800, 480)])
def test_every_page_names_every_control_and_tab_reaches_it(
    ward: Ward, open_application: OpenApplication, language: str, size: tuple[int, int]
) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), "manager") as session:
        session.oversight.raise_query(of_item(key, PROGRESSION), "Source?")
    completed(ward)
    people = [person.user for person in ward.laptop("one").state().people]
    hands = open_application(ward.laptop("one"), language)
    hands.window.resize(*size)
    hands.unlock(people.index(UserId("investigator")))
    to_queries(hands)
    for page in ("queries", "review", "signing", "held"):
        assert hands.shows(f"{page}_tabs")
        check(hands)
        reached = reached_by_tab(hands)
        missed = [
            widget.objectName()
            for widget in shown(hands)
            if widget not in reached
            and not isinstance(widget, QAbstractScrollArea)
            and not widget.objectName().startswith("rail_")
        ]
        assert missed == []
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()


def test_query_of_a_subject_leads_to_its_casebook_and_back(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), "manager") as session:
        session.oversight.raise_query(of_subject(key.subject), "Where is the consent?")
    hands = sign_in("coordinator")
    to_queries(hands)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert hands.shows("casebook_table")
    assert hands.words("casebook_queries") == "Queries (1)"
    hands.click("casebook_queries")
    hands.settle()
    subject = hands.find("queries_subject")
    assert isinstance(subject, QComboBox)
    assert subject.currentText() == "001-A001"


def test_typing_in_the_list_looks_for_words(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    with ward.session(ward.laptop("one"), "monitor") as session:
        session.oversight.raise_query(of_item(key, PROGRESSION), "Which is right?")
        session.oversight.raise_query(of_subject(key.subject), "Where is the consent?")
    hands = sign_in("monitor")
    to_queries(hands)
    QTest.keyClicks(hands.find("queries_table"), "c")
    QTest.keyClicks(hands.find("queries_search"), "onsent")
    assert [texts[2] for texts in lines(hands, "queries_table")] == ["the whole subject"]
    hands.press(Qt.Key.Key_Escape)
    assert len(lines(hands, "queries_table")) == 2


def test_entry_that_is_told_and_counts_has_nothing_to_rule_on(
    tmp_path: Path, open_application: OpenApplication
) -> None:
    ward = Ward(tmp_path / "judged", judged=True)
    one = ward.enrolled("one", "coordinator", "manager")
    with_a_copy_at_work(ward)
    with ward.session(one, "manager") as session:
        sync(one, session)
        sync(one, session)
    people = [person.user for person in ward.laptop("one").state().people]
    hands = open_application(ward.laptop("one"))
    hands.unlock(people.index(UserId("manager")))
    to_queries(hands)
    for _ in range(3):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    assert lines(hands, "held_table")[0][0] == "Counts; please look at it"
    assert hands.words("held_why").startswith("Found: Two copies of the laptop's data")
    assert not hands.shows("held_accept")


def test_held_entry_is_ruled_on_from_its_page(tmp_path: Path, open_application: OpenApplication) -> None:
    ward = Ward(tmp_path / "judged", judged=True)
    ward.enrolled("one", "coordinator", "manager")
    key = late(ward)
    people = [person.user for person in ward.laptop("one").state().people]
    hands = open_application(ward.laptop("one"))
    hands.unlock(people.index(UserId("manager")))
    to_queries(hands)
    for _ in range(3):
        hands.control(Qt.Key.Key_PageDown)
        hands.settle()
    assert lines(hands, "held_table")[0][0] == "Held: waiting for data management"
    alt(hands, Qt.Key.Key_A)
    type_words(hands, "held_reason", "Entered before the lock, on the ward")
    assert lines(hands, "held_table")[0][0] == "Accepted"
    assert "on the ward" in hands.words("held_ruled")
    open_timeline(hands, key)
    row = hands.find("row.I.TIME.PROGDTM")
    assert isinstance(row, ItemRow)
    assert row.view is not None
    assert row.view.reading.value == "2026-02-28T15:10+08:00"


def test_site_is_locked_from_its_file_and_a_coordinator_cannot(ward: Ward, sign_in: SignIn) -> None:
    key = began(ward)
    hands = sign_in("manager")
    hands.control(Qt.Key.Key_8)
    hands.settle()
    hands.press(Qt.Key.Key_A, CONTROL_SHIFT)
    choose(hands, "site.lock.site").trigger()
    type_words(hands, "site_act", "Closed")
    hands.control(Qt.Key.Key_L)
    hands.settle()

    hands = sign_in("coordinator")
    open_timeline(hands, key)
    assert hands.shows("form_flags.locked")
    hands.control(Qt.Key.Key_8)
    hands.settle()
    hands.press(Qt.Key.Key_A, CONTROL_SHIFT)
    unlock = choose(hands, "site.unlock.site")
    assert not unlock.isEnabled()
    assert "Data manager" in unlock.toolTip()


def test_whoever_locks_on_a_page_of_data_management_comes_back_to_it(ward: Ward, sign_in: SignIn) -> None:
    began(ward)
    hands = sign_in("monitor")
    to_queries(hands)
    hands.control(Qt.Key.Key_PageDown)
    hands.settle()
    hands.control(Qt.Key.Key_L)
    hands.settle()

    hands = sign_in("monitor")
    assert hands.shows("review_table")
