"""Today and Randomise: what is due now and for whom, over real vaults and windows; by keys, with clocks that go on."""

import copy
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QWidget

from casebook.design import Text
from casebook.ids import SubjectId
from casebook.locations import data_folder
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.supervision import Meaning, of_item
from desktop_app import theme
from desktop_app.models import spans
from desktop_app.pending import read_pending, write_pending
from desktop_app.snapshots import DueKind, DueLine
from desktop_app.today import Asked, Looking, Waiting, randomise_lines, readiness, today_view
from desktop_app.today_snapshots import (
    DAY,
    SOON,
    Candidate,
    Lead,
    Limit,
    Pending,
    Place,
    Readiness,
    TodayKind,
    TodayView,
    Unsigned,
    Urgency,
    urgency_of_end,
)
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.line_list import LineList
from desktop_app.windows.rail import PLACES
from desktop_app.windows.today import TodayPage
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.places import Book
from tests.laptops import PEOPLE, Ward, design, sync
from tests.subject_entry import enter
from tests.whole_subjects import read_cases

CASES = data_folder("forms").parent / "tools" / "demonstration" / "cases"
USERS = ("coordinator", "investigator", "monitor", "assessor")
HOSPITAL = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 1, 14, 0, tzinfo=HOSPITAL)
SUBJECT = SubjectId("a" * 16)
READY, MISSING = "001-A001", "001-A002"
NUMBER = ItemPath(group="IG.RND.RESULT", item="RANDNO")


# -- pure -----------------------------------------------------------------------------------------------------


def key_of(subject: SubjectId, visit: str, form: str, repeat: str = "") -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form, repeat=repeat)


def both(words: str) -> Text:
    return Text({"en": words, "zh": words})


PLACE = Place(key=key_of(SUBJECT, "SE.V1", "F.RND"), path=NUMBER, what=both("Randomisation"))
EVERYTHING = Looking(
    user="me",
    enters=lambda _form: True,
    answers=lambda _form: True,
    judges=lambda _form: True,
    signs={Meaning.REVIEW: frozenset({"F.VS"})},
)
NOTHING = Looking(
    user="me", enters=lambda _form: False, answers=lambda _form: False, judges=lambda _form: False, signs={}
)
minutes = st.integers(min_value=-40 * 24 * 60, max_value=40 * 24 * 60)


def limit(after: timedelta, *, opens: bool = False) -> Limit:
    return Limit(id="I5", label=both("within 24 h"), at=NOW + after, opens=opens, fact=PLACE)


def due(kind: DueKind, after: timedelta) -> DueLine:
    return DueLine(kind=kind, what=both(kind), at=NOW + after, key=key_of(SUBJECT, "SE.V2", "F.VS"))


def asked(pending: Pending) -> Asked:
    return Asked(subject=SUBJECT, number=READY, pending=pending)


def view_of(pending: Pending, now: datetime = NOW, looking: Looking = EVERYTHING) -> TodayView:
    return today_view([asked(pending)], (), None, looking, design(), now)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=1), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=5, minutes=4, seconds=1), "5 h 05 min"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=9, hours=4), "9 d"),
    ],
)
def test_length_is_said_in_the_two_units_that_matter(length: timedelta, words: str) -> None:
    assert spans.span(length) == words


@given(minutes, minutes)
def test_nearer_end_is_never_less_urgent(one: int, other: int) -> None:
    order = list(Urgency)
    near, far = sorted((one, other))
    ends = [urgency_of_end(NOW + timedelta(minutes=each), NOW) for each in (near, far)]
    assert order.index(ends[0]) <= order.index(ends[1])


@given(
    st.lists(st.tuples(st.sampled_from([DueKind.CLOCK, DueKind.VISIT_OPEN, DueKind.VISIT_AHEAD]), minutes), max_size=4),
    st.lists(st.tuples(minutes, st.booleans()), max_size=4),
    st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_nothing_but_the_time_left_changes_before_the_moment_that_is_named(
    dues: list[tuple[DueKind, int]], limits: list[tuple[int, bool]], part: float
) -> None:
    candidate = Candidate(form=PLACE, met=1, limits=tuple(limit(timedelta(minutes=at), opens=on) for at, on in limits))
    pending = Pending(since=NOW, due=tuple(due(kind, timedelta(minutes=at)) for kind, at in dues), candidate=candidate)
    found = view_of(pending)
    ahead = (found.until - NOW).total_seconds() if found.until is not None else DAY.total_seconds() * 99
    later = NOW + timedelta(seconds=int(ahead * part))
    then = view_of(pending, later)
    assert [(one.id, one.urgency) for one in then.lines] == [(one.id, one.urgency) for one in found.lines]
    assert [one.readiness for one in randomise_lines([asked(pending)], later)] == [
        one.readiness for one in randomise_lines([asked(pending)], NOW)
    ]


@given(st.lists(st.tuples(st.sampled_from([DueKind.CLOCK, DueKind.VISIT_OPEN]), minutes), max_size=8))
def test_what_ends_first_stands_first_among_the_equally_urgent(dues: list[tuple[DueKind, int]]) -> None:
    pending = Pending(since=NOW, due=tuple(due(kind, timedelta(minutes=at)) for kind, at in dues))
    order = list(Urgency)
    places = [(order.index(one.urgency), one.at) for one in view_of(pending).lines]
    assert places == sorted(places)


def test_what_is_kept_beside_the_record_is_read_as_it_was_written() -> None:
    pending = Pending(
        since=NOW,
        until=NOW + DAY,
        due=(due(DueKind.CLOCK, SOON), DueLine(kind=DueKind.VISIT_MISSED, what=both("V3"), at=None, over=True)),
        conflicts=(PLACE,),
        unsigned=(Unsigned(forms=("F.VS", "F.VS"), signed=frozenset({("review", "me")}), changed=True),),
        candidate=Candidate(
            form=PLACE, randomised_at=NOW, met=3, unknown=1, failed=("E1",), limits=(limit(DAY),), missing=PLACE
        ),
    )
    assert read_pending(write_pending(pending), SUBJECT) == pending
    assert read_pending(write_pending(Pending(since=NOW)), SUBJECT) == Pending(since=NOW)


@pytest.mark.parametrize(
    ("candidate", "stands"),
    [
        (Candidate(form=PLACE, met=3), Readiness.READY),
        (Candidate(form=PLACE, met=3, limits=(limit(SOON),)), Readiness.READY),
        (Candidate(form=PLACE, met=3, limits=(limit(SOON, opens=True),)), Readiness.WAITING),
        (Candidate(form=PLACE, met=3, limits=(limit(-SOON),)), Readiness.ENDED),
        (Candidate(form=PLACE, met=2, unknown=1), Readiness.MISSING),
        (Candidate(form=PLACE, met=2, unknown=1, failed=("E4",)), Readiness.AGAINST),
        (Candidate(form=PLACE, randomised_at=NOW), Readiness.TO_FINISH),
    ],
)
def test_readiness_follows_from_criteria_and_limits(candidate: Candidate, stands: Readiness) -> None:
    assert readiness(candidate, NOW) is stands


def test_lines_are_for_those_who_can_do_what_they_ask_for() -> None:
    pending = Pending(
        since=NOW,
        due=(due(DueKind.CLOCK, SOON),),
        conflicts=(PLACE,),
        unsigned=(Unsigned(forms=("F.VS", "F.LB")),),
        candidate=Candidate(form=PLACE, met=1, limits=(limit(SOON),)),
    )
    kinds = [one.kind for one in view_of(pending).lines]
    assert sorted(kinds) == sorted([TodayKind.CLOCK, TodayKind.CLOCK, TodayKind.CONFLICT, TodayKind.SIGN])
    assert [one.count for one in view_of(pending).lines if one.kind is TodayKind.SIGN] == [1]
    assert view_of(pending, looking=NOTHING).lines == ()


@pytest.mark.parametrize(
    ("signed", "awaits"), [((), "yes"), ((("review", "me"),), ""), ((("review", "other"),), "yes")]
)
def test_review_by_somebody_else_is_not_mine(signed: tuple[tuple[str, str], ...], awaits: str) -> None:
    pending = Pending(since=NOW, unsigned=(Unsigned(forms=("F.VS",), signed=frozenset(signed)),))
    assert [one.kind for one in view_of(pending).lines] == ([TodayKind.SIGN] if awaits else [])


def test_unsent_records_are_told_after_a_day() -> None:
    young = today_view((), (), Waiting(count=3, since=NOW - DAY + SOON), EVERYTHING, design(), NOW)
    assert (young.lines, young.until) == ((), NOW + SOON)
    (old,) = today_view((), (), Waiting(count=3, since=NOW - DAY), EVERYTHING, design(), NOW).lines
    assert (old.kind, old.count, old.lead) == (TodayKind.UNSENT, 3, Lead.SYNC)


def test_nothing_runs_for_somebody_against_whom_a_criterion_stands() -> None:
    candidate = Candidate(form=PLACE, met=1, failed=("E4",), limits=(limit(SOON),))
    assert view_of(Pending(since=NOW, candidate=candidate)).lines == ()


# -- over a real record -----------------------------------------------------------------------------------------


def ready_case(folder: Path) -> None:
    """Write down the subject of the demonstration that is in screening, with everything that was awaited there."""
    folder.mkdir()
    shutil.copy(CASES / "common.toml", folder)
    text = (CASES / "10_in_screening.toml").read_text(encoding="utf-8").partition("[expected]")[0]
    lines = [one for one in text.splitlines() if not one.startswith('"F.VS@SE.V1"')]
    lines += [
        (
            '"F.VS@SE.V1" = {like = "first_vitals", VSDTM = "@T-0:14", VSDTM2 = "@T-0:02", SYSBP = "158", '
            'DIABP = "90", SYSBP2 = "154", DIABP2 = "88", HR = "76", RESP = "17", TEMP = "36.6 °C", OXYSAT = "97"}'
        ),
        (
            '"F.LB@SE.V1" = {open = true, like = "laboratory", LBDTM = "@T-1:00", WBC = "7.4 10^9/L", HGB = "146 g/L", '
            'PLAT = "221 10^9/L", INR = "1.02", APTT = "30.1 s", GLUC = "7.6 mmol/L", CREAT = "78 umol/L"}'
        ),
        '[expected]\nstatus = "enrolled"\neligible = "Y"\n',
    ]
    text = "\n".join(lines).replace('IEYN = ""', 'IEYN = "Y"')
    (folder / "ready.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def screened_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward where one subject may be randomised, and one has a report that is overdue and a query. Copied."""
    ward = Ward(tmp_path_factory.mktemp("screened"))
    laptop = ward.enrolled("one", *USERS)
    ready_case(ward.folder / "cases")
    now = datetime.fromtimestamp(ward.clock.utc_ms / 1000, tz=HOSPITAL)
    enter(read_cases(ward.folder / "cases", now), lambda user: ward.session(laptop, user))
    with ward.session(laptop) as session:
        book = Book(design=design(), subject=session.add_subject().subject, site="001")
        book.enter(
            session,
            {
                "F.TIME": {"LKWDTM": "2026-02-27T09:00+08:00", "PROGDTM": "2026-03-01T09:00+08:00"},
                "F.SAE": {"AWAREDTM": "2026-02-28T12:00+08:00"},
            },
        )
        asks = of_item(book.key(session, "F.TIME"), book.path(session, "F.TIME", "PROGDTM"))
        sync(laptop, session)
    with ward.session(laptop, "monitor") as session:
        session.oversight.raise_query(asks, "Please check the time of progression.")
    return ward


@pytest.fixture
def screened(screened_once: Ward, tmp_path: Path) -> Ward:
    """A ward of its own."""
    shutil.copytree(screened_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(screened_once)
    ward.folder = tmp_path
    return ward


@pytest.fixture
def open_as(screened: Ward, open_application: OpenApplication) -> Callable[..., Hands]:
    """Open the application and sign in."""

    def open_one(user: str = "coordinator", language: str = "en", size: tuple[int, int] = (1366, 728)) -> Hands:
        hands = open_application(screened.laptop("one"), language)
        hands.window.resize(*size)
        hands.unlock(place_of(hands, user), stays=True)
        return hands

    return open_one


def place_of(hands: Hands, user: str) -> int:
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    names = [people.item(row).text() for row in range(people.count())]
    return next(row for row, name in enumerate(names) if PEOPLE[user][0] in name) - people.currentRow()


def page_of(hands: Hands) -> TodayPage:
    page = hands.window.page()
    assert isinstance(page, TodayPage)
    return page


def table(hands: Hands, name: str = "today_table") -> LineList:
    found = hands.find(name)
    assert isinstance(found, LineList)
    return found


def lines(hands: Hands, name: str = "today_table") -> list[tuple[str, ...]]:
    return [line.texts for line in table(hands, name).lines.lines]


def choose(hands: Hands, words: str, name: str = "today_table") -> None:
    """Move to the line that says `words` by the arrow keys, and press Enter."""
    found = table(hands, name)
    wanted = next(row for row, line in enumerate(lines(hands, name)) if words in " ".join(line))
    found.setFocus()
    for _ in range(found.currentIndex().row(), wanted):
        hands.press(Qt.Key.Key_Down)
    for _ in range(wanted, found.currentIndex().row()):
        hands.press(Qt.Key.Key_Up)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def item_in_front(hands: Hands) -> str:
    widget: object = hands.window.focusWidget()
    while isinstance(widget, QWidget) and not isinstance(widget, ItemRow):
        widget = widget.parentWidget()
    assert isinstance(widget, ItemRow), hands.window.focusWidget()
    return widget.path.item


def test_session_begins_with_what_is_due_the_most_urgent_first(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    found = lines(hands)
    assert found[0][:2] == ("Overdue", MISSING)
    assert "SAE" in found[0][2] or "Serious" in found[0][2]
    assert "overdue by" in found[0][3]
    assert [line[0] for line in found] == sorted((line[0] for line in found), key=ORDER.index)
    assert table(hands).hasFocus()
    assert table(hands).currentIndex().row() == 0
    assert any("runs out" in line[2] and line[1] == READY for line in found)
    assert any("Query to be answered" in line[2] and "Progression" in line[2] for line in found)
    assert "Overdue: 1" in hands.words("today_sum")


ORDER = ["Overdue", "Now", "Today", "To do"]


def test_enter_opens_the_field_where_a_line_is_done(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    for words, item in (("Clock is running", ""), ("Query to be answered", "PROGDTM"), ("I5", "RANDNO")):
        if item:
            choose(hands, words)
            assert item_in_front(hands) == item
            hands.press(Qt.Key.Key_Escape)
            hands.settle()
            assert hands.shows("today_table")
    hands.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert item_in_front(hands) == "REPDTM"


def test_time_goes_on_and_the_line_in_front_stays(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    page, found = page_of(hands), table(hands)
    hands.press(Qt.Key.Key_Down)
    before, what, resets = lines(hands), found.current(), []
    found.lines.modelReset.connect(lambda: resets.append(1))
    now = page.clock.now()
    assert now is not None
    page.clock.turned.emit(now + timedelta(minutes=3))
    assert [line[3] for line in lines(hands)] != [line[3] for line in before]
    assert [line[:3] for line in lines(hands)] == [line[:3] for line in before]
    assert (found.current(), found.hasFocus(), resets) == (what, True, [])


def test_limit_that_ends_meanwhile_is_overdue_by_itself(open_as: Callable[..., Hands], screened: Ward) -> None:
    hands = open_as()
    assert not any(line[0] == "Overdue" and line[1] == READY for line in lines(hands))
    screened.clock.utc_ms += int(DAY.total_seconds() * 1000) // 2
    now = page_of(hands).clock.now()
    assert now is not None
    page_of(hands).clock.turned.emit(now + DAY / 2)
    hands.settle()
    assert any("has run out" in line[2] and line[1] == READY for line in lines(hands))


def test_digits_choose_what_is_shown(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    chips = hands.find("today_show")
    assert isinstance(chips, Chips)
    everything = lines(hands)
    hands.press(Qt.Key.Key_2)
    assert chips.value == TodayKind.CLOCK
    assert 0 < len(lines(hands)) < len(everything)
    assert table(hands).hasFocus()
    hands.press(Qt.Key.Key_1)
    assert lines(hands) == everything


def test_nothing_to_do_says_so_and_names_the_next_action(hands: Hands) -> None:
    hands.unlock(stays=True)
    assert hands.words("today_empty_words") == "Nothing is waiting for you."
    assert hands.find("today_next").hasFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    assert hands.shows("subjects_add")


def test_monitor_is_told_of_nothing_that_the_site_enters(open_as: Callable[..., Hands]) -> None:
    hands = open_as("monitor")
    assert not hands.shows("today_table")
    assert hands.shows("today_empty_words")


def test_answer_is_judged_by_who_asked(open_as: Callable[..., Hands], screened: Ward) -> None:
    with screened.session(screened.laptop("one")) as session:
        (query,) = session.oversight.queries().lines
        session.oversight.answer(query.id, "It was read off the chart.")
    hands = open_as("monitor")
    ((urgency, number, what, _),) = lines(hands)
    assert (urgency, number) == ("To do", MISSING)
    assert "Answer to be judged" in what


def test_signatures_are_counted_by_subject_and_lead_to_signing(open_as: Callable[..., Hands]) -> None:
    hands = open_as("investigator")
    choose(hands, "Forms to be signed")
    assert hands.shows("signing_table")
    assert hands.find("signing_subject").property("currentText") == READY


def test_blinded_assessor_reads_nothing_of_randomisation(open_as: Callable[..., Hands]) -> None:
    hands = open_as("assessor")
    said = words_shown(hands)
    hands.control(Qt.Key.Key_4)
    hands.settle()
    assert "is blinded" in hands.words("randomise_notice_words")
    assert not any(hands.shows(name) for name in ("randomise_table", "randomise_record", "randomise_criteria"))
    said += words_shown(hands)
    assert not any(word in said for word in ("I5", "I6", "RANDNO", "Randomisation within"))


def words_shown(hands: Hands) -> str:
    found = [str(one.property("text") or "") for one in hands.window.findChildren(QWidget) if one.isVisible()]
    shown = [line for one in hands.window.findChildren(LineList) if one.isVisible() for line in one.lines.lines]
    return " ".join([*found, *(text for line in shown for text in line.texts)])


def test_records_that_wait_for_a_day_lead_to_sync(open_as: Callable[..., Hands], screened: Ward) -> None:
    screened.clock.utc_ms += int(DAY.total_seconds() * 1000)
    hands = open_as()
    choose(hands, "on this laptop only")
    assert hands.shows("sync_now")


# -- Randomise ----------------------------------------------------------------------------------------------------


def test_enter_leads_to_the_number_where_randomisation_may_be_recorded(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    hands.control(Qt.Key.Key_4)
    hands.settle()
    found = lines(hands, "randomise_table")
    assert [line[:2] for line in found] == [(READY, "May be randomised"), (MISSING, "Facts missing")]
    assert "I5 ends in" in found[0][3]
    assert "In order: 29. Against: 0. Unknown: 0." in found[0][2]
    choose(hands, READY, "randomise_table")
    assert item_in_front(hands) == "RANDNO"
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.shows("randomise_table")


def test_enter_leads_to_the_criteria_where_something_is_missing(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    hands.control(Qt.Key.Key_4)
    hands.settle()
    choose(hands, MISSING, "randomise_table")
    assert hands.window.windowTitle().startswith(MISSING)
    assert table(hands, "casebook_criteria").hasFocus()


def test_criteria_say_how_long_they_are_met_and_lead_to_what_decides_them(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    hands.control(Qt.Key.Key_4)
    hands.settle()
    hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.AltModifier)
    hands.qtbot.waitUntil(lambda: hands.shows("casebook_criteria"))  # pressing a button by its key takes a moment
    hands.settle()
    assert table(hands, "casebook_criteria").current() == "E10"  # all are met, and this one ends first
    criteria = {line[0]: line for line in lines(hands, "casebook_criteria")}
    assert criteria["I5"][1].startswith("met\nends in")
    assert criteria["I5"][4].startswith("ends in")
    choose(hands, "I5 met", "casebook_criteria")
    assert item_in_front(hands) == "PROGDTM"


def test_randomised_without_a_complete_form_stands_first_until_it_is_complete(
    open_as: Callable[..., Hands], screened: Ward
) -> None:
    with screened.session(screened.laptop("one")) as session:
        subject = session.subjects()[1].subject
        book = Book(design=design(), subject=subject, site="001")
        book.enter(session, {"F.RND": {"RANDDTM": "2026-03-01T13:00+08:00"}})
    hands = open_as()
    hands.control(Qt.Key.Key_4)
    hands.settle()
    first = lines(hands, "randomise_table")[0]
    assert first[:2] == (MISSING, "Randomised, form not complete")
    assert "since 2026-03-01 13:00" in first[3]


def test_who_may_not_record_it_is_told_why(open_as: Callable[..., Hands]) -> None:
    hands = open_as("monitor")
    hands.control(Qt.Key.Key_4)
    hands.settle()
    record = hands.find("randomise_record")
    assert not record.isEnabled()
    assert record.accessibleDescription()


# -- the frame ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_frame_stands_in_the_smallest_window(open_as: Callable[..., Hands], language: str) -> None:
    hands = open_as("coordinator", language, (683, 384))
    assert (hands.window.width(), hands.window.height()) == (683, 384)
    whole = hands.window.rect()
    for key, shown in (
        (Qt.Key.Key_1, "today_table"),
        (Qt.Key.Key_4, "randomise_table"),
        (Qt.Key.Key_2, "subjects_add"),
    ):
        hands.control(key)
        hands.settle()
        part = hands.find(shown)
        assert whole.contains(part.mapTo(hands.window, part.rect().topLeft()))
        assert whole.contains(part.mapTo(hands.window, part.rect().bottomRight()))
    for place in PLACES:
        button = hands.find(f"rail_{place}")
        assert button.height() >= theme.TARGET
        assert button.width() >= theme.TARGET
        assert button.accessibleName()
        assert button.toolTip().startswith(button.accessibleName())
        assert whole.contains(button.mapTo(hands.window, button.rect().bottomRight()))
    hands.window.resize(1366, 728)
    hands.settle()
    assert hands.find("rail_today").height() > theme.FINGER


def test_return_leads_to_the_subjects_for_whoever_locked_there(open_as: Callable[..., Hands]) -> None:
    hands = open_as()
    hands.control(Qt.Key.Key_2)
    hands.settle()
    hands.control(Qt.Key.Key_L)
    hands.settle()
    hands.unlock(stays=True)
    assert hands.shows("subjects_table")
