"""The boards of a casebook over a real vault: logs and events, what is due, findings, eligibility; by keys alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMenu, QTabBar, QWidget

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.session import Session
from desktop_app.snapshots import CellState, DueKind
from desktop_app.vault import Laptop
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.group_row import GroupRow
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.line_list import LineList
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.forms_at_work import enter, open_casebook, open_form, sentences, strike_keys
from tests.desktop_app.hands import Hands
from tests.laptops import CHEAP_KDF, Ward, design

EVENTS = "IG.AE.EVENT"
MANY = 30
Prepare = Callable[[Session], SubjectId]


def path_of(form: str, item: str, row: str = "") -> ItemPath:
    group, found = design().form(form).find(item)
    return ItemPath(group=group.oid, item=found.name, row=row)


def key_of(subject: SubjectId, visit: str, form: str, repeat: str = "") -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form, repeat=repeat)


def put(session: Session, key: FormKey, values: Mapping[str, str]) -> None:
    for item, text in values.items():
        session.keep(key, path_of(key.form, item), text)
    session.save(key)


def randomised(session: Session) -> SubjectId:
    subject = session.add_subject().subject
    times = {"LKWDTM": "2026-02-27 10:00", "PROGDTM": "2026-02-28 14:00"}
    put(session, key_of(subject, "SE.V1", "F.TIME"), times)
    put(session, key_of(subject, "SE.V1", "F.RND"), {"RANDDTM": "2026-03-01 10:00"})
    return subject


def with_events(session: Session, rows: int = 5) -> SubjectId:
    subject = session.add_subject().subject
    key = key_of(subject, "SE.LOG", "F.AE")
    for number in range(rows):
        view = session.add_row(key, EVENTS)
        row = next(group for group in view.groups if group.group.oid == EVENTS).rows[-1].row
        session.keep(key, path_of("F.AE", "AETERM", row), f"Event {number + 1}")
    session.save(key)
    return subject


@pytest.fixture
def opened(enrolled_ward: Ward, open_application: OpenApplication) -> Callable[[Prepare], Hands]:
    """Prepare a subject, open the application, sign in, open the subject's casebook."""

    def open_one(prepare: Prepare) -> Hands:
        laptop = enrolled_ward.laptop("one")
        with enrolled_ward.session(laptop) as session:
            prepare(session)
        hands = open_application(enrolled_ward.laptop("one"))
        hands.unlock()
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        return hands

    return open_one


def turn_to(hands: Hands, board: str) -> LineList:
    """Go through the boards by Ctrl+PgDown until one is in front."""
    for _ in range(5):
        if hands.shows(board):
            break
        hands.control(Qt.Key.Key_PageDown)
    table = hands.find(board)
    assert isinstance(table, LineList)
    return table


def lines(table: LineList) -> list[tuple[str, ...]]:
    return [line.texts for line in table.lines.lines]


def choose_line(hands: Hands, table: LineList, text: str) -> None:
    """Move the cursor to the line that says `text` and press Enter."""
    table.setFocus()
    wanted = next(place for place, line in enumerate(lines(table)) if text in " ".join(line))
    while table.currentIndex().row() != wanted:
        before = table.currentIndex().row()
        hands.press(Qt.Key.Key_Down if before < wanted else Qt.Key.Key_Up)
        assert table.currentIndex().row() != before
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def choose_in_menu(hands: Hands, label: str) -> None:
    """Choose a line of the open menu by the arrow keys."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for _ in menu.actions():
        QTest.keyClick(menu, Qt.Key.Key_Down)
        active: object = menu.activeAction()
        if isinstance(active, QAction) and active.text() == label:
            QTest.keyClick(menu, Qt.Key.Key_Return)
            hands.settle()
            return
    raise AssertionError(f"no {label} in {[action.text() for action in menu.actions()]}")


def focused_name() -> str:
    focused = focused_widget()
    return focused.objectName() if focused is not None else ""


# -- boards ---------------------------------------------------------------------------------------------------


def test_boards_are_gone_through_by_keys(hands: Hands) -> None:
    open_casebook(hands)
    seen = []
    for _ in range(5):
        seen.append(focused_name())
        hands.control(Qt.Key.Key_PageDown)
    expected = ["casebook_table", "casebook_running", "casebook_due", "casebook_findings", "casebook_criteria"]
    assert seen == expected
    hands.control(Qt.Key.Key_PageUp)
    assert focused_name() == "casebook_findings"


@pytest.mark.parametrize("size", [(1366, 728), (800, 480)])
def test_every_visit_is_seen_without_scrolling_sideways(hands: Hands, size: tuple[int, int]) -> None:
    open_casebook(hands)
    hands.window.resize(*size)
    hands.settle()
    table = hands.find("casebook_table")
    bar = table.findChild(QWidget, "qt_scrollarea_hcontainer")
    assert bar is None or not bar.isVisible()


def test_form_that_the_arm_does_not_ask_says_why(enrolled_ward: Ward) -> None:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        view = session.casebook(randomised(session))
    cells = {(cell.key.visit.visit, cell.key.form): cell for visit in view.visits for cell in visit.cells}
    cell = cells["SE.V1", "F.EVT"]
    assert cell.state is CellState.NOT_APPLICABLE
    assert cell.why_not is not None
    assert cell.why_not("en")
    assert cell.why_not("zh") != cell.why_not("en")


# -- events ---------------------------------------------------------------------------------------------------


def test_event_is_added_by_keys_and_stands_under_its_own_date(hands: Hands) -> None:
    open_casebook(hands)
    for when in ("2026-02-28 09:00", "2026-02-27 08:00"):
        hands.control(Qt.Key.Key_N)
        choose_in_menu(hands, "Serious adverse event report")
        enter(hands, "I.SAE.AWAREDTM", when)
        hands.press(Qt.Key.Key_Escape)
        hands.settle()
    listed = [line for line in lines(turn_to(hands, "casebook_running")) if line[0].startswith("Serious")]
    assert [(line[0], line[1]) for line in listed] == [
        ("Serious adverse event report", "2026-02-27 08:00"),
        ("Serious adverse event report (2)", "2026-02-28 09:00"),
    ]


def test_unscheduled_form_is_added_by_keys(hands: Hands) -> None:
    open_casebook(hands)
    hands.control(Qt.Key.Key_U)
    choose_in_menu(hands, "Vital signs")
    enter(hands, "I.VS.VSDTM", "2026-03-01 09:00")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    listed = lines(turn_to(hands, "casebook_running"))
    assert ("Vital signs", "2026-03-01 09:00") in [(line[0], line[1]) for line in listed]


def test_event_that_nothing_was_entered_in_leaves_no_trace(hands: Hands) -> None:
    open_casebook(hands)
    hands.control(Qt.Key.Key_N)
    choose_in_menu(hands, "Serious adverse event report")
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert not [line for line in lines(turn_to(hands, "casebook_running")) if line[0].startswith("Serious")]


# -- what is due ----------------------------------------------------------------------------------------------


def test_clock_of_a_report_leads_to_the_item_that_stops_it(opened: Callable[[Prepare], Hands]) -> None:
    def prepare(session: Session) -> SubjectId:
        subject = session.add_subject().subject
        put(session, session.add_event(subject, "F.SAE"), {"AWAREDTM": "2026-03-01 09:00"})
        return subject

    hands = opened(prepare)
    due = turn_to(hands, "casebook_due")
    assert ("Clock is running", "until 2026-03-02 09:00") in [(line[0], line[1]) for line in lines(due)]
    choose_line(hands, due, "Clock is running")
    assert focused_name() == "I.SAE.REPDTM"


def test_windows_to_come_are_due_from_randomisation(enrolled_ward: Ward) -> None:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        due = session.casebook(randomised(session)).due
    ahead = [line for line in due if line.kind is DueKind.VISIT_AHEAD]
    assert len(ahead) == 6
    assert ahead == sorted(ahead, key=lambda line: line.at or line.what("en"))
    assert ahead[0].at is not None
    assert f"{ahead[0].at:%Y-%m-%d %H:%M}" == "2026-03-02 04:00"


# -- findings and eligibility -----------------------------------------------------------------------------------


def test_finding_leads_to_its_item(opened: Callable[[Prepare], Hands]) -> None:
    def prepare(session: Session) -> SubjectId:
        subject = session.add_subject().subject
        put(session, key_of(subject, "SE.V1", "F.VS"), {"SYSBP": "120", "DIABP": "130"})
        return subject

    hands = opened(prepare)
    findings = turn_to(hands, "casebook_findings")
    choose_line(hands, findings, "EC050")
    assert focused_name() == "I.VS.DIABP"
    assert any(sentence.startswith("EC050 · hard · ") for sentence in sentences(hands, "I.VS.DIABP"))


def test_criterion_leads_to_the_fact_that_is_missing(hands: Hands) -> None:
    open_casebook(hands)
    criteria = turn_to(hands, "casebook_criteria")
    assert len(lines(criteria)) == len(design().criteria)
    assert {line[1] for line in lines(criteria)} == {"unknown"}
    choose_line(hands, criteria, "Progression within 7 days")
    assert focused_name() == "I.TIME.LKWDTM"


def test_criterion_says_until_when_it_is_met(opened: Callable[[Prepare], Hands]) -> None:
    hands = opened(randomised)
    found = {line[0]: line for line in lines(turn_to(hands, "casebook_criteria"))}
    assert found["I5"][1] == "met"
    assert found["I5"][4] == "until 2026-03-01 14:00"


# -- logs -----------------------------------------------------------------------------------------------------


def cards(hands: Hands) -> list[GroupRow]:
    """Return the rows of the log of adverse events, from top to bottom."""
    return list(hands.find(f"section.{EVENTS}").findChildren(GroupRow))


def test_row_is_added_and_struck_by_keys(hands: Hands) -> None:
    open_casebook(hands)
    turn_to(hands, "casebook_running")
    choose_line(hands, turn_to(hands, "casebook_running"), "Adverse events")
    hands.press(Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    hands.settle()
    assert focused_name().startswith("I.AE.")
    hands.press(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    strike_keys(hands, "2")
    (card,) = cards(hands)
    assert card.is_struck
    assert card.is_open


def test_log_of_many_rows_opens_folded_and_makes_no_items(opened: Callable[[Prepare], Hands]) -> None:
    hands = opened(lambda session: with_events(session, MANY))
    choose_line(hands, turn_to(hands, "casebook_running"), "Adverse events")
    assert len(cards(hands)) == MANY
    assert not [item for card in cards(hands) for item in card.findChildren(ItemRow)]
    first = cards(hands)[0]
    assert first.toggle is not None
    assert "Event 1" in first.toggle.text()


def test_rows_are_gone_through_and_opened_by_keys(opened: Callable[[Prepare], Hands]) -> None:
    hands = opened(with_events)
    choose_line(hands, turn_to(hands, "casebook_running"), "Adverse events")
    for _ in range(2):
        hands.press(Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    second = cards(hands)[1]
    assert second.toggle is not None
    assert focused_name() == second.toggle.objectName()
    hands.press(Qt.Key.Key_Space)
    assert [card.is_open for card in cards(hands)] == [False, True, False, False, False]
    assert hands.find("I.AE.AETERM").property("plainText") == "Event 2"


def test_added_row_folds_the_others(opened: Callable[[Prepare], Hands]) -> None:
    hands = opened(with_events)
    choose_line(hands, turn_to(hands, "casebook_running"), "Adverse events")
    hands.press(Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    hands.settle()
    assert [card.is_open for card in cards(hands)] == [False] * 5 + [True]


# -- the site's file --------------------------------------------------------------------------------------------


def test_site_file_is_reached_filled_and_no_subject(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_8)
    hands.settle()
    table = hands.find("site_table")
    assert isinstance(table, LineList)
    choose_line(hands, table, "Ethics approvals")
    hands.press(Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier)
    hands.settle()
    hands.control(Qt.Key.Key_S)
    hands.settle()
    assert hands.words("form_back") == "Site file"
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert [line[2] for line in lines(table)] == ["Entries: 0", "Entries: 1"]
    hands.control(Qt.Key.Key_2)
    hands.settle()
    assert hands.shows("subjects_empty")


# -- subjects and the log of screening ----------------------------------------------------------------------------


def test_subjects_are_filtered_by_status(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_N)
    hands.settle()
    chosen = hands.find("subjects_status")
    assert isinstance(chosen, QComboBox)
    chosen.setFocus()
    hands.press(Qt.Key.Key_End)
    assert chosen.currentText() == list(design().statuses.values())[-1]("en")
    assert hands.shows("subjects_empty")
    hands.press(Qt.Key.Key_Home)
    assert hands.shows("subjects_table")


def test_screening_log_is_read_and_its_pages_looked_at(opened: Callable[[Prepare], Hands]) -> None:
    hands = opened(randomised)
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    hands.find("subjects_log").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    table = hands.find("screening_table")
    assert isinstance(table, LineList)
    ((number, _, consent, day, status, since, _),) = lines(table)
    assert (number, consent, day, status, since) == ("001-A001", "", "2026-03-01", "Randomised", "2026-03-01")
    hands.control(Qt.Key.Key_P)
    hands.settle()
    workplace = hands.application.workplace
    assert workplace is not None
    data = workplace.screening.sheet.data
    assert data is not None
    assert data.startswith(b"%PDF")
    hands.press(Qt.Key.Key_Escape)
    assert hands.shows("screening_table")


def test_boards_say_their_names_in_chinese(enrolled_ward: Ward, open_application: OpenApplication) -> None:
    hands = open_application(enrolled_ward.laptop("one"), language="zh")
    open_casebook(hands)
    tabs = hands.find("casebook_tabs")
    assert isinstance(tabs, QTabBar)
    assert [tabs.tabText(place)[:2] for place in range(tabs.count())] == ["访视", "日志", "待办", "核查", "入选"]


def test_eligibility_is_a_paper_that_can_be_signed(enrolled_ward: Ward) -> None:
    with enrolled_ward.session(enrolled_ward.laptop("one")) as session:
        subject = randomised(session)
        kinds = [item.kind for item in session.papers(subject)]
        (item,) = [item for item in session.papers(subject) if item.kind == "eligibility"]
        assert session.paper(subject, item).startswith(b"%PDF")
    assert "visit" in kinds


# -- other versions of a form -----------------------------------------------------------------------------------


def test_value_that_is_not_asked_any_more_stands_at_the_end_of_its_form(
    enrolled_ward: Ward, open_application: OpenApplication
) -> None:
    laptop = enrolled_ward.laptop("one")
    with enrolled_ward.session(laptop) as session:
        subject = session.add_subject().subject
        put(session, key_of(subject, "SE.V1", "F.VS"), {"RESP": "18"})
    form = design().form("F.VS")
    groups = tuple(
        replace(group, items=tuple(item for item in group.items if item.name != "RESP")) for group in form.groups
    )
    checks = tuple(check for check in form.checks if check.item != "RESP")
    changed = replace(form, groups=groups, checks=checks, version="0" * 16)
    newer = replace(design(), forms={**design().forms, "F.VS": changed}, version="0" * 64)
    other = Laptop(enrolled_ward.folder / "one", newer, enrolled_ward.network, kdf=CHEAP_KDF, clock=enrolled_ward.clock)
    hands = open_application(other)
    hands.unlock()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    open_form(hands, "F.VS")
    said = [label.text() for label in hands.find("form_orphans").findChildren(QLabel)]
    assert said[0] == "Recorded under another version of this form, not asked any more"
    assert said[1].startswith("RESP: 18")
    assert "Coordinator A" in said[1]
