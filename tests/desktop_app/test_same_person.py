"""Two laptops of a site each register one person: offered, proposed, confirmed, shown as one, taken apart again."""

import copy
import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest

from casebook.errors import (
    BothRandomisedError,
    LinkChangedError,
    LinkedAlreadyError,
    LinkedSubjectError,
    LinkReasonRequiredError,
    LinkWayRoundError,
    NumberUniqueError,
    RightMissingError,
)
from casebook.ids import SubjectId
from casebook.ledger import STANDARD
from casebook.payloads import read
from casebook.records import OTHER_REASON
from casebook.subject_acts import LinkAct, LinkPayload
from desktop_app import slices
from desktop_app.oversight_snapshots import QueryStanding, Turn
from desktop_app.session import Session
from desktop_app.subject_snapshots import PairStanding
from tests.desktop_app.test_oversight import key_of, path_of
from tests.laptops import Ward, design, sync

Pair = tuple[Ward, SubjectId, SubjectId]
BORN, SEX, NAME = path_of("F.DM", "BRTHDAT"), path_of("F.DM", "SEX"), path_of("F.CONTACT", "NAME")
WHY = "Same bed, same birth date, asked the family."


def register(session: Session, born: str = "1950-03-04") -> SubjectId:
    subject = session.add_subject().subject
    form = key_of(subject, "SE.V1", "F.DM")
    session.keep(form, BORN, born)
    session.keep(form, SEX, "M")
    session.save(form)
    return subject


@pytest.fixture(scope="session")
def pair_once(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two laptops that each registered the person unseen by the other, and have met since; made once and copied."""
    ward = Ward(tmp_path_factory.mktemp("same"), judged=True)
    one = ward.enrolled("one", "coordinator", "principal", "manager", "assessor")
    two = ward.enrolled("two", "investigator", "principal", "manager", "assessor")
    with ward.session(one) as session:
        first = register(session)
        pressures = key_of(first, "SE.V1", "F.VS")
        session.keep(pressures, path_of("F.VS", "SYSBP"), "150")
        session.save(pressures)
    with ward.session(two, "investigator") as session:
        second = register(session)
        heights = key_of(second, "SE.V1", "F.TIME")
        session.keep(heights, path_of("F.TIME", "LKWDTM"), "2026-02-28 10:00")
        session.save(heights)
        sync(two, session)
    with ward.session(one) as session:
        sync(one, session)
    with ward.session(two, "investigator") as session:
        sync(two, session)
    return ward, first, second


@pytest.fixture
def pair(pair_once: Pair, tmp_path: Path) -> Pair:
    """Two laptops of their own."""
    shutil.copytree(pair_once[0].folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(pair_once[0])
    ward.folder = tmp_path
    return ward, pair_once[1], pair_once[2]


@contextmanager
def on(ward: Ward, name: str, user: str = "") -> Iterator[Session]:
    """Sign in on a laptop, exchange first, and once more at the end."""
    laptop = ward.laptop(name)
    with ward.session(laptop, user or {"one": "coordinator", "two": "investigator"}[name]) as session:
        sync(laptop, session)
        yield session
        sync(laptop, session)


def linked(pair: Pair) -> None:
    """Link the second subject under the first, by two people on two laptops."""
    ward, first, second = pair
    with on(ward, "one", "principal") as session:
        session.same_person.propose(second, first, WHY)
    with on(ward, "two", "manager") as session:
        session.same_person.answer(first, second, True, "")


def lines(session: Session) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.number, row.also) for row in session.subjects()]


def test_who_the_subjects_are_is_read_in_pieces(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    ward, first, second = pair
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    with on(ward, "one") as session:
        assert [session.same_person.read_on(), session.same_person.read_on()] == [False, True]
        (found,) = session.same_person.pairs()
        assert {found.first, found.second} == {first, second}
        assert session.same_person.read_on(), "nothing has come since"


# -- offered --------------------------------------------------------------------------------------------


def test_a_pair_is_offered_with_what_agrees(pair: Pair) -> None:
    ward, first, second = pair
    for name in ("one", "two"):
        with on(ward, name) as session:
            (found,) = session.same_person.pairs()
            assert (found.first, found.second, found.standing) == (first, second, PairStanding.OFFERED)
            assert found.agrees("en") == "Sex, Date of birth"
            view = session.same_person.pair(first, second)
            told = {one.label("en"): one for one in view.lines}
            assert told["Sex"].agrees is True
            assert "1950-03-04" in told["Date of birth"].first("en")
            assert told["Added by"].first("en") != told["Added by"].second("en")


def test_whoever_differs_in_one_item_is_not_offered(pair: Pair) -> None:
    ward, _, second = pair
    with on(ward, "two") as session:
        form = key_of(second, "SE.V1", "F.DM")
        session.keep(form, BORN, "1950-03-05", reason="read again")
        session.save(form)
        assert session.same_person.pairs() == ()
        register(session, "1950-03")
        register(session, "1950-03")
        assert session.same_person.pairs() == ()


def test_names_are_compared_only_where_they_are_read(pair: Pair) -> None:
    ward, first, second = pair
    label = design().form("F.CONTACT").find("NAME")[1].label("en")
    with on(ward, "one") as session:
        form = key_of(first, "SE.V1", "F.CONTACT")
        session.keep(form, NAME, "Wang  Er")
        session.save(form)
        other = key_of(second, "SE.V1", "F.DM")
        session.keep(other, BORN, "1951-01-01", reason="read again")
        session.save(other)
        assert session.same_person.pairs() == ()
        form = key_of(second, "SE.V1", "F.CONTACT")
        session.keep(form, NAME, "wang er")
        session.save(form)
        assert label in session.same_person.pairs()[0].agrees("en")
    with on(ward, "one", "manager") as session:
        assert session.same_person.pairs() == ()
        assert label not in {one.label("en") for one in session.same_person.pair(first, second).lines}


def test_the_blinded_are_offered_nothing_that_lies_elsewhere(pair: Pair) -> None:
    ward, first, second = pair
    linked(pair)
    with on(ward, "one", "assessor") as session:
        assert session.blinded
        assert lines(session) == [("001-A001", ("001-B001",))]
        view = session.same_person.pair(first, second)
        assert all("1950" not in one.first("en") for one in view.lines)
        assert {word.reason for word in view.words} <= {OTHER_REASON, ""}
    with on(ward, "one") as session:
        assert WHY in {word.reason for word in session.same_person.pair(first, second).words}


def test_what_lies_on_the_standard_shelf_has_no_words_of_somebody_who_could_know_the_treatment(pair: Pair) -> None:
    ward, *_ = pair
    linked(pair)
    acts = [read(one) for one in ward.network.log.commits() if one.parsed.kind == "link"]
    assert {one.act for one in acts if isinstance(one, LinkPayload)} == {LinkAct.LINK, LinkAct.CONFIRM}
    assert all(one.parsed.compartment == STANDARD for one in ward.network.log.commits() if one.parsed.kind == "link")
    assert WHY not in {one.reason for one in acts if isinstance(one, LinkPayload)}


def test_two_persons_are_not_offered_again(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one") as session, pytest.raises(RightMissingError):
        session.same_person.keep_apart(first, second, WHY)
    with on(ward, "one", "principal") as session:
        with pytest.raises(LinkReasonRequiredError):
            session.same_person.keep_apart(first, second, " ")
        session.same_person.keep_apart(first, second, WHY)
        assert session.same_person.pairs() == ()
    with on(ward, "two") as session:
        assert session.same_person.pairs() == ()
        view = session.same_person.pair(first, second)
        assert (view.pair.standing, view.words[0].reason) == (PairStanding.APART, WHY)


# -- two people -----------------------------------------------------------------------------------------


def test_nothing_changes_before_the_second_person(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one", "principal") as session:
        view = session.same_person.propose(second, first, WHY)
        assert view.pair.standing is PairStanding.PROPOSED
        assert lines(session) == [("001-A001", ()), ("001-B001", ())]
        with pytest.raises(RightMissingError):
            session.same_person.answer(first, second, True, "")
        with pytest.raises(LinkedAlreadyError):
            session.same_person.propose(second, first, WHY)
    with on(ward, "two") as session:
        (found,) = session.same_person.pairs()
        assert found.standing is PairStanding.PROPOSED
        assert not session.same_person.pair(first, second).may("confirm")
        session.keep(key_of(second, "SE.V1", "F.VS"), path_of("F.VS", "HR"), "70")


def test_a_coordinator_cannot_propose_and_is_told_whom_to_ask(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one") as session, pytest.raises(RightMissingError) as refused:
        session.same_person.propose(second, first, WHY)
    assert "Principal investigator" in refused.value.sentence("en")


def test_who_proposed_takes_it_back(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one", "principal") as session:
        session.same_person.propose(second, first, WHY)
        view = session.same_person.answer(first, second, False, "Wrong bed.")
        assert view.pair.standing is PairStanding.OFFERED
        with pytest.raises(LinkChangedError):
            session.same_person.answer(first, second, False, "again")


# -- linked ---------------------------------------------------------------------------------------------


def test_one_line_with_both_numbers_and_the_forms_at_their_visits(pair: Pair) -> None:
    ward, first, second = pair
    linked(pair)
    with on(ward, "one") as session:
        assert lines(session) == [("001-A001", ("001-B001",))]
        view = session.casebook(first)
        assert view.also == ((second, "001-B001"),)
        cells = [(cell.key.form, cell.of) for column in view.visits for cell in column.cells if cell.of]
        assert cells == [("F.DM", "001-B001"), ("F.TIME", "001-B001")]
        other = session.casebook(second)
        assert (other.into, other.due) == ((first, "001-A001"), ())
        assert session.same_person.pairs() == ()


def test_the_other_record_is_read_and_no_more_written(pair: Pair) -> None:
    ward, _, second = pair
    linked(pair)
    with on(ward, "two") as session:
        key = key_of(second, "SE.V1", "F.TIME")
        assert not session.form(key).editable
        with pytest.raises(LinkedSubjectError) as refused:
            session.keep(key, path_of("F.TIME", "LKWDTM"), "2026-02-28 11:00", reason="x")
        assert "001-A001" in refused.value.sentence("en")
        assert session.oversight.of_form(key).closed is not None


def test_what_was_open_when_the_link_came_is_kept(pair: Pair) -> None:
    ward, first, second = pair
    laptop = ward.laptop("two")
    with ward.session(laptop, "investigator") as session:
        key = key_of(second, "SE.V1", "F.VS")
        session.keep(key, path_of("F.VS", "HR"), "70")
        with on(ward, "one", "principal") as other:
            other.same_person.propose(second, first, WHY)
        with on(ward, "one", "manager") as other:
            other.same_person.answer(first, second, True, "")
        sync(laptop, session)
        session.save(key)
        assert not session.form(key).editable
        sync(laptop, session)
    with on(ward, "one") as session:
        cells = [cell.key.form for column in session.casebook(first).visits for cell in column.cells if cell.of]
        assert "F.VS" in cells


def test_a_form_under_both_numbers_asks_which_counts(pair: Pair) -> None:
    ward, first, second = pair
    linked(pair)
    with on(ward, "one") as session:
        (line,) = [one for one in session.oversight.queries().lines if one.asked is not None]
        assert (line.scope.key, line.turn, line.number) == (key_of(first, "SE.V1", "F.DM"), Turn.SITE, "001-A001")
        assert line.asked is not None
        assert "001-B001" in line.asked("en")
        (row,) = session.subjects()
        assert row.queries == 1
        assert session.form(key_of(first, "SE.V1", "F.DM")).editable
        session.oversight.answer(line.id, "A001 counts.")
    with on(ward, "two", "manager") as session:
        (line,) = [one for one in session.oversight.queries().lines if one.asked is not None]
        assert line.standing is QueryStanding.ANSWERED
        session.oversight.close(line.id, "")
        assert [one.standing for one in session.oversight.queries().lines] == [QueryStanding.CLOSED]
        (row,) = session.subjects()
        assert row.queries == 0
    del second


def test_the_end_of_a_link_restores_both(pair: Pair) -> None:
    ward, first, second = pair
    linked(pair)
    with on(ward, "one", "principal") as session:
        assert session.same_person.end(first, second, "They are sisters.").pair.standing is PairStanding.ENDING
        assert lines(session) == [("001-A001", ("001-B001",))]
    with on(ward, "two", "manager") as session:
        session.same_person.answer(first, second, True, "")
    for name in ("one", "two"):
        with on(ward, name) as session:
            assert lines(session) == [("001-A001", ()), ("001-B001", ())]
            assert session.form(key_of(second, "SE.V1", "F.TIME")).editable
            assert session.casebook(first).also == ()


def test_links_both_ways_have_no_effect_until_one_is_ended(pair: Pair) -> None:
    ward, first, second = pair
    for name, source, target in (("one", second, first), ("two", first, second)):
        with ward.session(ward.laptop(name), "principal") as session:
            session.same_person.propose(source, target, WHY)
        with ward.session(ward.laptop(name), "manager") as session:
            session.same_person.answer(source, target, True, "")
    for name in ("one", "two", "one"):
        with on(ward, name) as session:
            found = session.same_person.pairs()
    assert [one.standing for one in found] == [PairStanding.CONTRADICTED]
    with on(ward, "one", "principal") as session:
        assert lines(session) == [("001-A001", ()), ("001-B001", ())]
        assert session.same_person.end(first, second, "One way is enough.").may("end") is False
    with on(ward, "one", "manager") as session:
        session.same_person.answer(first, second, True, "")
        assert len(lines(session)) == 1


# -- randomised -----------------------------------------------------------------------------------------


def randomise(session: Session, subject: SubjectId) -> None:
    key = key_of(subject, "SE.V1", "F.RND")
    session.keep(key, path_of("F.RND", "RANDDTM"), "2026-02-28 15:00")
    session.save(key)


def test_two_that_are_randomised_are_not_linked(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one") as session:
        randomise(session, first)
        randomise(session, second)
    with on(ward, "two", "principal") as session, pytest.raises(BothRandomisedError):
        session.same_person.propose(second, first, WHY)


def test_the_randomised_one_shows_the_other(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "two") as session:
        randomise(session, second)
    with on(ward, "two", "principal") as session:
        (found,) = session.same_person.pairs()
        assert (found.first, found.second) == (second, first)
        with pytest.raises(LinkWayRoundError):
            session.same_person.propose(second, first, WHY)
        session.same_person.propose(first, second, WHY)


def test_a_randomisation_that_comes_before_the_second_person_stops_it(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one", "principal") as session:
        session.same_person.propose(second, first, WHY)
    with on(ward, "two") as session:
        randomise(session, first)
        randomise(session, second)
    with on(ward, "two", "manager") as session:
        view = session.same_person.pair(first, second)
        assert not view.may("confirm")
        assert view.may("decline")
        with pytest.raises(BothRandomisedError):
            session.same_person.answer(first, second, True, "")


def test_a_second_randomisation_after_the_link_is_told(pair: Pair) -> None:
    ward, first, second = pair
    with ward.session(ward.laptop("two"), "investigator") as session:
        randomise(session, second)
    with on(ward, "one") as session:
        randomise(session, first)
    with on(ward, "one", "principal") as session:
        session.same_person.propose(second, first, WHY)
    with ward.session(ward.laptop("one"), "manager") as session:
        session.same_person.answer(first, second, True, "")
    with on(ward, "two"):
        pass
    with on(ward, "one") as session:
        (found,) = session.same_person.pairs()
        assert found.standing is PairStanding.BOTH_RANDOMISED


# -- what leaves ----------------------------------------------------------------------------------------


def table(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_an_export_has_one_subject_with_both_numbers(pair: Pair, tmp_path: Path) -> None:
    ward, *_ = pair
    linked(pair)
    with on(ward, "one") as session:
        done = session.export(str(tmp_path / "out"), "all")
    folder = Path(done.path)
    assert done.subjects == 1
    (subject,) = table(folder, "subjects.csv")
    assert (subject["subject"], subject["also_numbers"]) == ("001-A001", "001-B001")
    rows = table(folder, "F.DM.csv")
    assert [(row["subject"], row["entered_under"]) for row in rows] == [("001-A001", ""), ("001-A001", "001-B001")]
    for name in ("odm_snapshot.xml", "odm_history.xml"):
        text = (folder / name).read_text("utf-8")
        assert text.count("<SubjectData ") == 1
        assert "Entered under 001-B001" in text
        assert 'FormRepeatKey="001-B001/' in text


def test_a_printed_visit_has_the_forms_of_both_numbers(pair: Pair) -> None:
    ward, first, _ = pair
    linked(pair)
    with on(ward, "one") as session:
        item = next(one for one in session.papers(first) if one.kind == "visit")
        with pypdfium2.PdfDocument(session.paper(first, item)) as document:
            text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "entered under 001-B001" in " ".join(text.split())
    assert "Stroke timeline" in text


# -- numbers --------------------------------------------------------------------------------------------


def test_a_number_that_nobody_else_has_stays(pair: Pair) -> None:
    ward, first, second = pair
    with on(ward, "one", "manager") as session, pytest.raises(NumberUniqueError):
        session.same_person.renumber(second, first, WHY)


def test_a_number_given_twice_is_told_and_given_anew_by_hand(pair: Pair) -> None:
    ward, *_ = pair
    # a copy of the laptop goes on by itself and gives the next number too
    shutil.copytree(ward.folder / "one", ward.folder / "copy")
    with on(ward, "one") as session:
        mine = session.add_subject()
    laptop = ward.laptop("copy")
    with ward.session(laptop) as session:
        theirs = session.add_subject()
        assert theirs.number == mine.number
        sync(laptop, session)
    with on(ward, "one", "manager") as session:
        twice = [row for row in session.subjects() if row.number == mine.number]
        assert [row.number_twice for row in twice] == [True, True]
        urgent = session.same_person.pairs()[0]
        assert urgent.standing is PairStanding.NUMBER_TWICE
        view = session.same_person.renumber(theirs.subject, mine.subject, "The laptop was copied.")
        assert view.pair.standing is PairStanding.NOTHING
        found = {row.subject: row for row in session.subjects()}
        assert found[theirs.subject].number == "001-A003"
        assert found[theirs.subject].earlier == ("001-A002",)
        assert found[mine.subject].number == "001-A002"
    with on(ward, "two") as session:
        assert {row.number for row in session.subjects()} >= {"001-A002", "001-A003"}


# -- a machine that stops -------------------------------------------------------------------------------


def test_a_laptop_that_stops_between_the_acts_goes_on(pair: Pair) -> None:
    ward, first, second = pair
    with ward.session(ward.laptop("one"), "principal") as session:
        session.same_person.propose(second, first, WHY)
        shutil.copytree(ward.folder / "one", ward.folder / "stopped")  # the disk as a sudden end leaves it
    with ward.session(ward.laptop("stopped"), "manager") as again:
        view = again.same_person.pair(first, second)
        assert (view.pair.standing, [one.reason for one in view.words]) == (PairStanding.PROPOSED, [WHY])
        again.same_person.answer(first, second, True, "")
        assert lines(again) == [("001-A001", ("001-B001",))]
