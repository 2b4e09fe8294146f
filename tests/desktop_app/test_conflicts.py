"""Two laptops of a ward enter the same form apart from each other; after their next exchange a person chooses."""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from casebook.errors import ConflictSettledError, ReasonRequiredError, RightMissingError, SittingInConflictError
from casebook.ids import UserId
from casebook.records import FormKey, ItemPath, MissingCode
from casebook.supervision import Meaning
from desktop_app.oversight_snapshots import Disputed, QueryLine, QueryStanding, Turn
from desktop_app.session import Session
from desktop_app.snapshots import FormView, Mark, RowView, TrailKind
from desktop_app.widgets.item_row import ItemRow
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_accessibility import check, reached_by_tab, shown
from tests.desktop_app.test_oversight import key_of, path_of
from tests.desktop_app.test_oversight_windows import alt
from tests.laptops import PASSPHRASE, Ward, design, sync

HR, SYSBP, DIABP = (path_of("F.VS", name) for name in ("HR", "SYSBP", "DIABP"))


@pytest.fixture(scope="session")
def pair_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ward, FormKey]:
    """Two laptops that know one subject; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("pair"))
    one, two = (
        ward.enrolled("one", "coordinator", "manager", "assessor"),
        ward.enrolled("two", "investigator", "manager"),
    )
    with ward.session(one) as session:
        key = key_of(session.add_subject().subject, "SE.V1", "F.VS")
        session.keep(key, path_of("F.VS", "VSDTM"), "2026-02-28 14:00")
        session.save(key)
        sync(one, session)
    with ward.session(two, "investigator") as session:
        sync(two, session)
    return ward, key


@pytest.fixture
def pair(pair_once: tuple[Ward, FormKey], tmp_path: Path) -> tuple[Ward, FormKey]:
    """Two laptops of their own."""
    shutil.copytree(pair_once[0].folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(pair_once[0])
    ward.folder = tmp_path
    return ward, pair_once[1]


@contextmanager
def on(ward: Ward, name: str, user: str = "", *, before: bool = True) -> Iterator[Session]:
    """Sign in on a laptop, exchange first, and once more at the end."""
    laptop = ward.laptop(name)
    with ward.session(laptop, user or {"one": "coordinator", "two": "investigator"}[name]) as session:
        if before:
            sync(laptop, session)
        yield session
        sync(laptop, session)


def enter(session: Session, key: FormKey, values: dict[ItemPath, str], reason: str | None = None) -> None:
    for path, value in values.items():
        session.keep(key, path, value, reason=reason)
    session.save(key)


def apart(pair: tuple[Ward, FormKey], one: dict[ItemPath, str], two: dict[ItemPath, str]) -> None:
    """Enter on both laptops before either has met the server."""
    ward, key = pair
    with ward.session(ward.laptop("one")) as session:
        enter(session, key, one)
    with ward.session(ward.laptop("two"), "investigator") as session:
        enter(session, key, two)
    for name in ("one", "two"):
        with on(ward, name, before=False):
            pass


def rows_of(view: FormView) -> tuple[RowView, ...]:
    return next(group.rows for group in view.groups if group.group.oid == "IG.CM.MED")


def only(session: Session) -> QueryLine:
    (line,) = session.oversight.queries().lines
    return line


def test_both_laptops_show_one_query_and_the_choice_of_one_closes_it_on_both(pair: tuple[Ward, FormKey]) -> None:
    ward, key = pair
    apart(pair, {HR: "80"}, {HR: "90"})
    with on(ward, "one") as session:
        first = only(session)
        assert (first.disputed, first.turn, first.may_choose, first.may_answer) == (
            Disputed.ITEM,
            Turn.SITE,
            True,
            False,
        )
        assert {(side.shown("en"), side.author, side.laptop) for side in first.sides} == {
            ("80", "Coordinator A", "A"),
            ("90", "Investigator B", "B"),
        }
        assert session.subjects()[0].conflicts == 1
        assert [one.id for one in session.oversight.of_form(key).queries] == [first.id]
    with on(ward, "two") as session:
        line = only(session)
        assert (line.id, line.sides) == (first.id, first.sides)
        with pytest.raises(ReasonRequiredError):
            session.oversight.choose(line.id, line.sides[0].ref, " ")
        with pytest.raises(ConflictSettledError):
            session.oversight.choose(line.id, "A" * 22, "r")
        right = next(side for side in line.sides if side.shown("en") == "80")
        assert session.oversight.choose(line.id, right.ref, "MISREAD") == key
        assert session.form(key).item(HR).mark is Mark.RECORDED
        with pytest.raises(ConflictSettledError):
            session.oversight.choose(line.id, right.ref, "MISREAD")
    with on(ward, "one") as session:
        line = only(session)
        assert (line.standing, line.is_conflict, line.turn) == (QueryStanding.CLOSED, False, Turn.NOBODY)
        assert [(by.author, by.shown("en"), by.reason) for by in line.settled] == [("Investigator B", "80", "MISREAD")]
        assert len(line.sides) == 2
        assert session.subjects()[0].conflicts == 0
        trail = [one for one in session.trail(key, HR) if one.kind is TrailKind.ENTRY]
        assert sorted(one.shown("en") for one in trail) == ["80", "80", "90"]


def test_reading_of_blood_pressure_is_one_query_that_shows_both_whole_with_what_is_worked_out(
    pair: tuple[Ward, FormKey],
) -> None:
    ward, key = pair
    apart(pair, {SYSBP: "140", DIABP: "80"}, {SYSBP: "140", DIABP: "95"})
    with on(ward, "one") as session:
        line = only(session)
        assert line.disputed is Disputed.SITTING
        assert line.what("en") == design().form("F.VS").group("IG.VS.BP1").label("en")
        shown = [{one.label("en"): one.value("en") for one in side.values} for side in line.sides]
        assert {tuple(one.values())[-1].split()[0] for one in shown} == {"100.0", "110.0"}
        assert all(len(side.values) == len(line.sides[0].values) >= 4 for side in line.sides)
        assert [one.differs for one in line.sides[0].values if one.worked_out] == [True]
        with pytest.raises(SittingInConflictError):
            session.keep(key, SYSBP, "150", reason="MISREAD")
        chosen = next(side for side in line.sides if side.author == "Coordinator A")
        session.oversight.choose(line.id, chosen.ref, "source checked")
        view = session.form(key)
        assert [view.item(path).reading.value for path in (SYSBP, DIABP)] == ["140", "80"]
    with on(ward, "two") as session:
        assert only(session).standing is QueryStanding.CLOSED
        assert session.form(key).item(DIABP).reading.value == "80"


def test_sitting_that_is_entered_anew_is_empty_until_it_is_typed_and_one_save(pair: tuple[Ward, FormKey]) -> None:
    ward, key = pair
    apart(pair, {SYSBP: "140", DIABP: "80"}, {SYSBP: "150", DIABP: "95"})
    with on(ward, "two") as session:
        line = only(session)
        session.oversight.choose(line.id, None, "both misread")
        view = session.form(key)
        assert [view.item(path).reading.is_empty for path in (SYSBP, DIABP)] == [True, True]
        assert not view.item(SYSBP).asks_reason
        assert only(session).is_conflict
        session.keep(key, SYSBP, "140")
        session.keep(key, DIABP, "85")
        session.save(key)
        assert only(session).standing is QueryStanding.CLOSED
    with on(ward, "one") as session:
        view = session.form(key)
        assert [view.item(path).reading.value for path in (SYSBP, DIABP)] == ["140", "85"]
        assert view.item(path_of("F.VS", "VSDTM")).reading.is_empty
        assert [by.reason for by in only(session).settled] == ["both misread"]


def test_row_that_was_struck_on_one_laptop_and_edited_on_the_other_is_chosen_about(pair: tuple[Ward, FormKey]) -> None:
    ward, vs = pair
    visit = next(one.oid for one in design().visits if "F.CM" in {planned.form for planned in one.forms})
    key = key_of(vs.subject, visit, "F.CM")
    with on(ward, "one") as session:
        row = rows_of(session.add_row(key, "IG.CM.MED"))[0].row
        name = ItemPath(group="IG.CM.MED", item="CMTRT", row=row)
        enter(session, key, {name: "aspirin"})
    with on(ward, "two"):
        pass
    with ward.session(ward.laptop("one")) as session:
        session.strike_row(key, "IG.CM.MED", row, "of another subject")
        session.save(key)
    with ward.session(ward.laptop("two"), "investigator") as session:
        enter(session, key, {name: "clopidogrel"}, "MISREAD")
    with on(ward, "one"):
        pass
    with on(ward, "two") as session:
        line = only(session)
        assert (line.disputed, [side.shown("en") for side in line.sides]) == (
            Disputed.ROW,
            ["The row is struck out", "The row stays"],
        )
        assert [one.value("en") for one in line.sides[1].values] == ["clopidogrel"]
        (shown,) = rows_of(session.form(key))
        assert shown.struck_reason == "of another subject"
        assert session.subjects()[0].conflicts == 1
        session.oversight.choose(line.id, line.sides[1].ref, "it is this subject's")
    with on(ward, "one") as session:
        (shown,) = rows_of(session.form(key))
        assert shown.struck_reason is None
        assert session.form(key).item(name).reading.value == "clopidogrel"
        assert only(session).standing is QueryStanding.CLOSED


def test_data_management_sees_a_conflict_asks_and_does_not_choose(pair: tuple[Ward, FormKey]) -> None:
    ward, _ = pair
    apart(pair, {HR: "80"}, {HR: "90"})
    with on(ward, "one", "manager") as session:
        line = only(session)
        assert (line.may_choose, line.may_ask, line.may_close, line.why_not is not None) == (False, True, False, True)
        with pytest.raises(RightMissingError):
            session.oversight.choose(line.id, line.sides[0].ref, "MISREAD")
        session.oversight.ask(line.id, "What does the monitor's print say?")
    with on(ward, "two") as session:
        line = only(session)
        assert [word.text for word in line.words] == ["What does the monitor's print say?"]
        assert (line.turn, line.may_choose) == (Turn.SITE, True)
        session.oversight.choose(line.id, line.sides[0].ref, "MISREAD")
    with on(ward, "one", "manager") as session:
        line = only(session)
        assert line.may_reopen
        session.oversight.reopen(line.id, "The print says otherwise.")
        assert only(session).standing is QueryStanding.OPEN


def test_blinded_see_no_conflict_of_what_is_not_open_to_them(pair: tuple[Ward, FormKey]) -> None:
    ward, vs = pair
    apart(pair, {HR: "80"}, {HR: "90"})
    assert not design().is_open(vs.form)
    with on(ward, "one", "assessor") as session:
        assert session.oversight.queries().lines == ()
        assert [row.conflicts for row in session.subjects()] == [0]
    with on(ward, "one") as session:
        assert only(session).is_conflict


def test_two_people_who_choose_otherwise_make_one_new_query(pair: tuple[Ward, FormKey]) -> None:
    ward, _ = pair
    apart(pair, {HR: "80"}, {HR: "90"})
    with on(ward, "one"):
        pass
    for name, user, place in (("one", "coordinator", 0), ("two", "investigator", 1)):
        with ward.session(ward.laptop(name), user) as session:
            line = only(session)
            session.oversight.choose(line.id, line.sides[place].ref, "MISREAD")
    for name in ("one", "two", "one"):
        with on(ward, name) as session:
            pass
    with on(ward, "two") as session:
        lines = session.oversight.queries().lines
        assert [one.standing for one in lines] == [QueryStanding.OPEN, QueryStanding.CLOSED]
        session.oversight.choose(lines[0].id, lines[0].sides[0].ref, "MISREAD")
        assert not session.oversight.queries().conflicts


def test_form_that_was_entered_on_two_laptops_apart_is_told_once_to_whoever_signs(pair: tuple[Ward, FormKey]) -> None:
    ward, vs = pair
    key = key_of(vs.subject, "SE.V1", "F.TIME")
    for name, user, asked, value in (
        ("one", "coordinator", "LKWDTM", "2026-02-27 10:00"),
        ("two", "investigator", "PROGDTM", "2026-02-28 14:00"),
    ):
        with ward.session(ward.laptop(name), user) as session:
            enter(session, key, {path_of("F.TIME", asked): value})
    for name in ("one", "two"):
        with on(ward, name, before=False):
            pass
    with on(ward, "two") as session:
        assert session.oversight.queries().lines == ()
        missing = session.form(key).unanswered
        assert missing
        for path in missing:
            code = session.form(key).item(path).item.missing_codes[0]
            session.keep(key, path, "", missing=MissingCode(code), reason="NOT_RECORDED")
        session.save(key)
        session.set_complete(key, on=True)
        line = next(one for one in session.oversight.signing().lines if one.key == key)
        assert [told.rsplit(" ", 2)[0] for told in line.apart] == ["Coordinator A (A)", "Investigator B (B)"]
        session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        session.keep(key, path_of("F.TIME", "PROGDTM"), "2026-02-28 15:00", reason="MISREAD")
        session.save(key)
        session.set_complete(key, on=True)
        line = next(one for one in session.oversight.signing().lines if one.key == key)
        assert (line.changed, line.apart) == (True, ())


# -- in windows, by keys ------------------------------------------------------------------------------------------


@pytest.fixture
def all_units(pair: tuple[Ward, FormKey]) -> tuple[Ward, FormKey]:
    """A conflict of a value and one of a reading of blood pressure, on both laptops."""
    apart(pair, {HR: "80", SYSBP: "140", DIABP: "80"}, {HR: "90", SYSBP: "140", DIABP: "95"})
    with on(pair[0], "one"):
        pass
    return pair


def open_on_one(pair: tuple[Ward, FormKey], open_application: OpenApplication, user: str = "coordinator") -> Hands:
    laptop = pair[0].laptop("one")
    people = [person.user for person in laptop.state().people]
    hands = open_application(laptop)
    hands.unlock(people.index(UserId(user)))
    return hands


def open_item(hands: Hands, key: FormKey, path: ItemPath) -> None:
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.open_item(key, path)
    hands.settle()
    hands.qtbot.waitUntil(lambda: hands.shows("form_query_1"), timeout=SETTLE_MS)


def test_coordinator_answers_in_the_form_by_alt_a_a_digit_and_a_reason(
    all_units: tuple[Ward, FormKey], open_application: OpenApplication
) -> None:
    hands = open_on_one(all_units, open_application)
    open_item(hands, all_units[1], HR)
    alt(hands, Qt.Key.Key_A)
    button = hands.window.focusWidget()
    assert isinstance(button, QPushButton)
    assert button.objectName().endswith("_choose_1")
    card = button.objectName().removesuffix("_choose_1")
    hands.press(Qt.Key.Key_2)
    assert hands.words(f"{card}_choice.reason.confirm")
    hands.press(Qt.Key.Key_Escape)
    assert not hands.shows(f"{card}_choice.reason.confirm")
    hands.press(Qt.Key.Key_1)
    chosen = hands.words(f"{card}_choose_1").split()[1]
    hands.type(f"{card}_choice.reason.words", "the print of the monitor")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    with_one = all_units[0].laptop("one")
    assert not hands.shows(card)
    hands.control(Qt.Key.Key_L)
    hands.settle()
    with all_units[0].session(with_one) as session:
        item = session.form(all_units[1]).item(HR)
        assert (item.reading.value, item.mark) == (chosen, Mark.RECORDED)
        settled = next(one for one in session.oversight.queries().lines if one.settled)
        assert settled.settled[0].reason == "the print of the monitor"


def test_another_value_leads_to_its_field_and_a_sitting_is_emptied_to_be_entered_anew(
    all_units: tuple[Ward, FormKey], open_application: OpenApplication
) -> None:
    hands = open_on_one(all_units, open_application)
    open_item(hands, all_units[1], HR)
    alt(hands, Qt.Key.Key_A)
    card = str(hands.window.focusWidget().objectName()).removesuffix("_choose_1")
    hands.click(f"{card}_another")
    hands.settle()
    row = next(row for row in hands.window.findChildren(ItemRow) if row.path == HR and row.isVisible())
    assert row.editor.input().hasFocus()
    open_item(hands, all_units[1], SYSBP)
    alt(hands, Qt.Key.Key_A)
    card = str(hands.window.focusWidget().objectName()).removesuffix("_choose_1")
    assert hands.shows(f"{card}_sittings")
    hands.click(f"{card}_another")
    hands.press(Qt.Key.Key_1)
    hands.settle()
    row = next(row for row in hands.window.findChildren(ItemRow) if row.path == SYSBP and row.isVisible())
    hands.qtbot.waitUntil(lambda: row.editor.raw() == "", timeout=SETTLE_MS)


@pytest.mark.parametrize("user", ["coordinator", "manager"])
def test_every_control_of_a_conflict_has_a_name_and_tab_reaches_it(
    all_units: tuple[Ward, FormKey], open_application: OpenApplication, user: str
) -> None:
    hands = open_on_one(all_units, open_application, user)
    hands.control(Qt.Key.Key_3)
    hands.settle()
    for page in ("queries", "form"):
        assert bool(hands.window.findChildren(QPushButton, "query_choose_1")) is (user == "coordinator")
        check(hands)
        reached = reached_by_tab(hands)
        parts = [one for one in shown(hands) if "choose" in one.objectName() or "another" in one.objectName()]
        assert bool(parts) is (user == "coordinator")
        assert [one.objectName() for one in parts if one not in reached] == []
        if page == "queries":
            open_item(hands, all_units[1], HR)
