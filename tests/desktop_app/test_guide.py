"""The first steps: offered once, led by keys from the offer to the saved practice subject, and through a lock."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView, QWidget
from pytestqt.qtbot import QtBot

from casebook.design import Text
from casebook.errors import LANGUAGES
from casebook.study_files import read_study
from desktop_app.guide import Guide
from desktop_app.guide_texts import guide_texts
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.models.guide_steps import Progress, Standing, filled_in, following, ground_of, read_progress
from desktop_app.preferences import preferences
from desktop_app.relaunch import Relaunch
from desktop_app.training import TrainingLaptop
from desktop_app.vault import Laptop
from desktop_app.widgets.focus import focused_widget, holds_focus
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import Ward, design
from tests.screens.looking import cut_off, nameless, small_targets

SECOND = Path(__file__).parents[1] / "second_study"
SMALL = QSize(683, 384)
MOST_STEPS = 30
COORDINATOR, MONITOR = 1, 4
"""Their lines on the unlock page of training."""
KEY = Qt.Key


# -- pure -----------------------------------------------------------------------------------------------------


def texts() -> Iterator[Text]:
    told = guide_texts()
    for sheet in (told.offer, told.begin, told.role, told.end):
        yield from (sheet.title, sheet.words, sheet.accept, *([sheet.decline] if sheet.decline else []))
    for step in told.steps:
        yield from (step.title, step.told, *(hint.words for hint in step.hints))


def test_every_text_is_there_in_each_language_and_fills_in_the_same() -> None:
    for text in texts():
        assert re.search("[\u4e00-\u9fff]", text("zh")), text("zh")
        assert not re.search("[\u4e00-\u9fff]", text("en")), text("en")
        assert len({frozenset(re.findall("{[a-z]+}", text(language))) for language in LANGUAGES}) == 1


def test_every_key_that_a_hint_names_stands_in_its_words() -> None:
    for step in guide_texts().steps:
        for hint in step.hints:
            if not hint.keys[:1].isdigit():
                assert all(hint.keys in hint.words(language) for language in LANGUAGES), hint
        assert not step.hints[-1].at  # whatever is in front, something is said
        assert not step.hints[-1].when


def test_the_study_says_in_which_form_and_with_which_values_the_steps_are_done() -> None:
    ground = ground_of(design(), frozenset(design().forms))
    assert ground.limited is not None
    assert ground.scale is not None
    _, item = ground.limited.planned.form.find(ground.limited.path.item)
    low, high = item.hard
    assert low is not None
    assert high is not None
    assert low <= int(ground.limited.right) <= high < int(ground.limited.wrong)
    assert [one.name for one in ground.steps(guide_texts())] == ["subject", "entry", "check", "scale", "sync"]


def test_a_study_without_a_scale_has_a_step_less_and_who_enters_no_form_has_none_of_them() -> None:
    other = read_study(SECOND)
    ground = ground_of(other, frozenset(other.forms))
    assert ground.limited is not None
    assert [one.name for one in ground.steps(guide_texts())] == ["subject", "entry", "check", "sync"]
    assert [one.name for one in ground_of(other, frozenset()).steps(guide_texts())] == ["subject", "sync"]


def test_progress_is_read_back_as_it_was_written_and_anything_else_is_the_beginning() -> None:
    progress = Progress(standing=Standing.OPEN, step="check", subject="s", before=3, since="then")
    assert read_progress(progress.text()) == progress
    assert {read_progress(text) for text in ("", "{}", "[]", '{"standing": "asleep"}', "\x00")} == {Progress()}


def test_behind_the_last_step_it_is_done_and_before_the_first_there_is_none() -> None:
    steps = guide_texts().steps
    assert following(Progress(), steps, 1).step == "subject"
    assert following(Progress(step="subject"), steps, -1).step == "subject"
    assert following(Progress(step="sync"), steps, 1) == Progress(standing=Standing.DONE)
    assert filled_in("{number}: {form}", {"number": "1", "form": "A"}) == "1: A"


# -- driven by keys -------------------------------------------------------------------------------------------


class Beginner:
    """Somebody who does what the guide says, and nothing else."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands

    @property
    def guide(self) -> Guide:
        guide = self.hands.application.guide
        assert guide is not None
        return guide

    def rest(self) -> None:
        """Wait until the guide has looked at the record and at where the focus went."""
        self.hands.settle()
        guide = self.hands.application.guide
        timers = guide.findChildren(QTimer) if guide is not None else []
        self.hands.qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers), timeout=SETTLE_MS)
        self.hands.settle()

    def sign_in(self, person: int) -> None:
        self.hands.unlock(person, "", stays=True)  # the passphrase of training is typed already
        self.rest()

    @property
    def step(self) -> str:
        """The number of the step that the strip shows."""
        card = self.guide.strip.card
        return card.figure if card is not None and self.guide.strip.is_open else ""

    def keys(self) -> str:
        card = self.guide.strip.card
        assert card is not None
        return card.keys

    def press(self, key: Qt.Key, *, control: bool = False) -> None:
        self.hands.press(key, Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier)
        self.rest()

    def write(self, text: str) -> None:
        focused = focused_widget()
        assert focused is not None
        QTest.keyClicks(focused, text)
        self.rest()

    def begin(self) -> None:
        """Take the offer."""
        self.press(KEY.Key_F6)
        assert self.hands.find("guide_accept").hasFocus()
        self.press(KEY.Key_Return)

    def marked(self) -> QWidget:
        """Return what is pointed at; it is seen, and the strip covers nothing of it."""
        marker, strip = self.guide.marker, self.guide.strip
        assert marker.target is not None
        assert marker.isVisible()
        target = marker.target
        desk = self.hands.window.desk
        seen = QRect(target.mapTo(desk, QPoint()), target.size()) & desk.rect()
        assert seen.intersects(marker.geometry())
        assert not target.visibleRegion().isEmpty()
        assert not target.isAncestorOf(strip)
        return target

    # -- the steps --------------------------------------------------------------------------------------------

    def add_subject(self) -> None:
        assert self.step == "1"
        assert self.marked().objectName() == "rail_subjects"
        self.press(KEY.Key_2, control=True)
        assert self.keys() == "Ctrl+N"
        assert self.marked().objectName() == "subjects_add"
        self.press(KEY.Key_N, control=True)

    def go_to(self, form: str) -> None:
        """Open a form of the first visit by the arrow keys."""
        table = self.hands.find("casebook_table")
        assert isinstance(table, QTableView)
        grid = table.model()
        assert isinstance(grid, CasebookGrid)
        for _ in range(MOST_STEPS):
            here = table.currentIndex()
            cell = grid.cell(here)
            if cell is not None and cell.key.form == form:
                break
            wanted = next(row for row in range(grid.rowCount()) if _form_of(grid, row) == form)
            self.hands.press(KEY.Key_Down if wanted > here.row() else KEY.Key_Up)
        self.rest()
        assert self.marked().isVisible()
        self.press(KEY.Key_Return)

    def open_casebook(self) -> None:
        assert self.keys() == "Enter"
        assert self.marked().objectName() == "subjects_table"
        self.press(KEY.Key_Return)

    def fill_in(self) -> None:
        """Answer the first item of the form with limits, from the list of subjects."""
        assert self.step == "2"
        self.open_casebook()
        self.go_to("F.VS")
        assert self.marked().objectName() == "row.I.VS.VSDTM"
        self.write("now")
        self.press(KEY.Key_Return)

    def enter_what_cannot_be(self) -> None:
        assert self.step == "3"
        for _ in range(MOST_STEPS):
            if holds_focus(self.marked()):
                break
            self.press(KEY.Key_Tab)
        self.write("400")
        self.press(KEY.Key_Return)
        assert self.keys() == "Ctrl+S"
        self.press(KEY.Key_S, control=True)

    def correct(self) -> None:
        """Correct what cannot be, and say why."""
        assert (self.step, self.keys()) == ("3", "F8")
        self.press(KEY.Key_F8)
        self.write("137")
        self.press(KEY.Key_Return)
        assert self.keys() == "1, 2, …"
        self.write("1")

    def score(self) -> None:
        assert (self.step, self.keys()) == ("4", "Esc")
        self.press(KEY.Key_Escape)
        self.go_to("F.NIHSS")
        assert self.marked().objectName() == "scorer_begin"
        self.press(KEY.Key_Return)
        for _ in range(15):
            assert (self.step, self.keys()) == ("4", "0, 1, 2, …")
            self.hands.press(KEY.Key_0)
            self.hands.settle()
        self.rest()

    def send(self) -> None:
        assert (self.step, self.keys()) == ("5", "Esc")
        self.press(KEY.Key_Escape)
        assert self.keys() == "F5"
        assert self.marked().objectName() == "foot_custody"
        self.press(KEY.Key_F5)


def _form_of(grid: CasebookGrid, row: int) -> str:
    cell = grid.cell(grid.index(row, 0))
    return cell.key.form if cell is not None else ""


def kept(laptop: TrainingLaptop | Laptop) -> list[Progress]:
    """Return what the laptop remembers of the guide, whoever it is about."""
    folder = laptop.folder / "laptop" if isinstance(laptop, TrainingLaptop) else laptop.folder.path
    return [read_progress(str(text)) for name, text in preferences(folder).items() if name.startswith("guide.")]


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def beginner(open_application: OpenApplication, training_laptop: TrainingLaptop, language: str) -> Beginner:
    return Beginner(open_application(training_laptop, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_alone_lead_from_the_offer_through_a_lock_to_a_saved_practice_subject(
    beginner: Beginner, training_laptop: TrainingLaptop, language: str
) -> None:
    hands = beginner.hands
    beginner.sign_in(COORDINATOR)
    assert hands.words("guide_title") == guide_texts().begin.title(language)
    assert not holds_focus(hands.find("guide"))  # nothing is in anybody's way
    beginner.begin()
    beginner.add_subject()
    assert "000-A001" in hands.find("guide").accessibleDescription()
    beginner.fill_in()
    beginner.enter_what_cannot_be()
    beginner.press(KEY.Key_L, control=True)
    assert not hands.shows("guide")
    beginner.sign_in(0)  # the person is chosen still; it leads back to the form, and to the step
    beginner.correct()
    beginner.score()
    beginner.send()
    assert hands.words("guide_title") == guide_texts().end.title(language)
    assert "000-A001" in hands.words("guide_words")
    beginner.press(KEY.Key_F6)
    beginner.press(KEY.Key_Return)
    assert not hands.shows("guide")
    assert [one.standing for one in kept(training_laptop)] == [Standing.DONE]
    beginner.press(KEY.Key_L, control=True)
    beginner.sign_in(0)
    assert not hands.shows("guide")
    beginner.press(KEY.Key_2, control=True)
    table = hands.find("subjects_table")
    assert isinstance(table, QTableView)
    assert [table.model().index(row, 0).data() for row in range(table.model().rowCount())] == ["000-A001"]


def test_each_step_is_kept_at_once_and_led_back_to_where_it_was_closed(
    beginner: Beginner, training_laptop: TrainingLaptop
) -> None:
    hands = beginner.hands
    beginner.sign_in(COORDINATOR)
    beginner.begin()
    assert [(one.standing, one.step) for one in kept(training_laptop)] == [(Standing.OPEN, "subject")]
    beginner.add_subject()
    (after_a_kill,) = kept(training_laptop)
    assert (after_a_kill.standing, after_a_kill.step) == (Standing.OPEN, "entry")
    beginner.press(KEY.Key_F6)
    assert hands.find("guide_back").hasFocus()
    beginner.press(KEY.Key_F6)  # and back to the page
    assert hands.find("subjects_table").hasFocus()
    beginner.press(KEY.Key_F6)
    beginner.press(KEY.Key_Escape)
    assert not hands.shows("guide")
    assert not beginner.guide.marker.isVisible()
    assert hands.find("subjects_table").hasFocus()
    beginner.press(KEY.Key_L, control=True)
    beginner.sign_in(0)
    assert not hands.shows("guide")  # it was closed: nobody is asked again
    hands.application.window.find_wanted.emit()
    beginner.write("first steps")
    beginner.press(KEY.Key_Return)
    assert beginner.step == "2"
    beginner.press(KEY.Key_7, control=True)
    hands.click("guide_close")
    hands.click("settings_guide")
    beginner.rest()
    assert beginner.step == "2"
    hands.click("guide_close")
    beginner.press(KEY.Key_F1)
    hands.click("help_guide")
    beginner.rest()
    assert beginner.step == "2"
    assert not hands.shows("help")


def test_a_step_can_be_left_out_and_one_that_is_done_looked_at_again(beginner: Beginner) -> None:
    hands = beginner.hands
    beginner.sign_in(COORDINATOR)
    beginner.begin()
    beginner.add_subject()
    hands.click("guide_back")
    beginner.rest()
    assert beginner.step == "1"
    assert hands.words("guide_accept") == "Next"
    assert not hands.shows("guide_back")
    hands.click("guide_accept")
    beginner.rest()
    for number in "2345":
        assert beginner.step == number
        hands.click("guide_skip")
        beginner.rest()
    assert hands.words("guide_title") == "Saved"
    hands.click("guide_accept")
    assert not hands.shows("guide")


def test_it_covers_nothing_in_a_small_window_and_everything_of_it_has_a_name(beginner: Beginner) -> None:
    hands = beginner.hands
    hands.window.resize(SMALL)
    beginner.sign_in(COORDINATOR)
    for follow in (beginner.begin, beginner.add_subject, beginner.fill_in):
        follow()
        strip = beginner.guide.strip
        assert (nameless(hands.window), cut_off(strip), small_targets(hands.window)) == ([], [], [])
        page = hands.window.page()
        assert page is not None
        desk = hands.window.desk
        above = QRect(page.mapTo(desk, QPoint()), page.size())
        assert not above.intersects(strip.geometry())
        assert strip.accessibleName()
        assert hands.words("guide_words") in strip.accessibleDescription()
    hands.application.switch_language("zh")
    beginner.rest()
    assert beginner.guide.strip.accessibleName().endswith(guide_texts().step("check").title("zh"))
    assert (nameless(hands.window), cut_off(beginner.guide.strip)) == ([], [])


def test_who_does_nothing_of_it_is_not_asked_and_told_who_does(beginner: Beginner) -> None:
    hands = beginner.hands
    beginner.sign_in(MONITOR)
    assert not hands.shows("guide")
    beginner.press(KEY.Key_F6)
    assert hands.words("guide_words") == guide_texts().role.words("en")
    beginner.press(KEY.Key_Return)
    assert not hands.shows("guide")


# -- the offer in a real session ------------------------------------------------------------------------------


@pytest.fixture
def real(open_application: OpenApplication, enrolled_ward: Ward) -> tuple[Hands, Laptop, Relaunch]:
    """A real laptop whose process could be replaced by one of training, if there were one."""
    laptop = enrolled_ward.laptop("one")
    relaunch = Relaunch(["/nowhere/casebook"])
    return open_application(laptop, relaunch=relaunch), laptop, relaunch


def lock(qtbot: QtBot, hands: Hands, relaunch: Relaunch) -> None:
    with qtbot.waitSignal(relaunch.failed, timeout=SETTLE_MS):
        hands.control(KEY.Key_L)
    hands.settle()


def test_offer_is_made_once_and_never_again_after_it_was_declined(
    qtbot: QtBot, real: tuple[Hands, Laptop, Relaunch]
) -> None:
    hands, laptop, relaunch = real
    hands.unlock(stays=True)
    assert hands.words("guide_words") == guide_texts().offer.words("en")
    assert not holds_focus(hands.find("guide"))
    lock(qtbot, hands, relaunch)
    assert kept(laptop) == []
    hands.unlock(stays=True)
    assert hands.shows("guide")  # nobody answered yet
    hands.press(KEY.Key_F6)
    hands.press(KEY.Key_Tab)
    assert hands.find("guide_decline").hasFocus()
    hands.press(KEY.Key_Return)
    assert not hands.shows("guide")
    assert [one.standing for one in kept(laptop)] == [Standing.PASSED]
    lock(qtbot, hands, relaunch)
    hands.unlock(stays=True)
    assert not hands.shows("guide")
    hands.press(KEY.Key_F6)
    assert hands.words("guide_words") == guide_texts().offer.words("en")  # whoever asks for it has it
    hands.press(KEY.Key_Escape)
    assert not hands.shows("guide")


def test_offer_goes_with_who_begins_to_work_and_is_another_one_for_each_person(
    qtbot: QtBot, real: tuple[Hands, Laptop, Relaunch]
) -> None:
    hands, laptop, relaunch = real
    hands.unlock(stays=True)
    hands.control(KEY.Key_2)
    hands.settle()
    assert not hands.shows("guide")
    hands.control(KEY.Key_1)
    hands.settle()
    assert not hands.shows("guide")
    assert [one.standing for one in kept(laptop)] == [Standing.PASSED]
    lock(qtbot, hands, relaunch)
    hands.unlock(1, stays=True)
    assert hands.shows("guide")
    people = laptop.state().people
    remembered = (laptop.folder.path / "preferences.json").read_text(encoding="utf-8")
    assert not any(person.user in remembered or person.name in remembered for person in people)


def test_who_takes_the_offer_is_led_to_training_and_the_real_session_is_locked(
    qtbot: QtBot, real: tuple[Hands, Laptop, Relaunch]
) -> None:
    hands, laptop, relaunch = real
    hands.unlock(stays=True)
    hands.press(KEY.Key_F6)
    with qtbot.waitSignal(relaunch.failed, timeout=SETTLE_MS):
        hands.press(KEY.Key_Return)
    hands.settle()
    assert hands.application.workplace is None
    assert "Training could not be started" in hands.words("unlock_problem_words")
    assert [one.standing for one in kept(laptop)] == [Standing.PASSED]
