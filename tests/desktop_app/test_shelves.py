"""What unblinded people enter stays out of everything that a blinded colleague holds: file, spool, counts, screens.

The reader here is an attacker with a blinded account: their passphrase, the laptop's files, any SQL tool.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casebook.errors import (
    AssessedBlindError,
    FormOfOthersError,
    NotForBlindedError,
    OtherVersionError,
    UnknownItemError,
)
from casebook.ids import SubjectId, UserId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.records import FormKey, MissingCode, VisitKey
from casebook.store import _sqlite
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, database_key, spool_key
from casebook.store.spool import Spool
from desktop_app.session import Session
from desktop_app.snapshots import CasebookView, Mark
from desktop_app.vault import Laptop
from tests.desktop_app.places import Book
from tests.laptops import CHEAP_KDF, PASSPHRASE, SITE, Ward, design, sync

V1 = VisitKey(visit="SE.V1")
CANARY = "canary-7f3a"
RANDOMISED = "2026-03-01T09:30+08:00"
WHY_LATER = f"{CANARY} called back, angiography had begun"


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture
def laptop(ward: Ward) -> Laptop:
    return ward.enrolled("one", "coordinator", "assessor", "investigator")


def enter_much(session: Session) -> SubjectId:
    """Enter as an unblinded person: values, reasons, terms, times, text that is no value; most with the canary."""
    subject = session.add_subject().subject
    book = Book(design(), subject, SITE)
    book.enter(
        session,
        {
            "F.RND": {"RANDDTM": RANDOMISED, "RANDNO": CANARY, "RANDARM": "EVT"},
            "F.AE": {"AETERM": f"{CANARY} groin haematoma"},
            "F.VS@SE.V1": {"SYSBP": "310"},
            "F.DTH": {"DTHDTM": "2026-03-02T10:00+08:00"},
            "F.CONTACT": {"NAME": "Participant"},
        },
    )
    rnd = book.key(session, "F.RND")
    moment = book.path(session, "F.RND", "RANDDTM")
    session.keep(rnd, moment, "2026-03-01T09:35+08:00", reason=WHY_LATER)
    session.save(rnd)
    vitals = book.key(session, "F.VS@SE.V1")
    pressure = book.path(session, "F.VS@SE.V1", "SYSBP")
    session.keep(vitals, pressure, "", missing=MissingCode.NOT_DONE, reason=f"{CANARY} cuff was on the wrong arm")
    session.keep(vitals, book.path(session, "F.VS@SE.V1", "HR"), f"{CANARY} not a number")
    session.save(vitals)
    paper = next(one for one in session.papers(subject) if one.kind == "visit")
    session.paper(subject, paper)
    return subject


# -- the attacker's hands ---------------------------------------------------------------------------------------


TABLES = {
    "commit_": "SELECT * FROM commit_",
    "receipt_": "SELECT * FROM receipt_",
    "parked_": "SELECT * FROM parked_",
    "quarantine_": "SELECT * FROM quarantine_",
    "setting_": "SELECT * FROM setting_",
    "redacted_": "SELECT * FROM redacted_",
    "summary_": "SELECT * FROM summary_",
    "tip_": "SELECT * FROM tip_",
    "_sqlite_migrations": "SELECT * FROM _sqlite_migrations",
}


def rows_of(path: Path, key: bytes, salt: bytes) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of a shelf's database, as any SQL tool shows it."""
    connection = _sqlite.connect(path, database_key(key), salt)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert {name for (name,) in names} - {"sqlite_sequence"} == set(TABLES), "a table that this test does not read"
        return {name: connection.execute(select).fetchall() for name, select in TABLES.items()}
    finally:
        connection.close()


def dump(path: Path, key: bytes, salt: bytes) -> bytes:
    """Return every cell of every table."""
    cells = (cell for rows in rows_of(path, key, salt).values() for row in rows for cell in row)
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)


def spooled(folder: Path, key: bytes) -> bytes:
    """Return everything that a spool holds, decrypted: drafts, sealed commits, settings."""
    spool = Spool.open(folder, spool_key(key))
    try:
        parts = [entry.body for entry in spool.open_entries()]
        parts += [part for commit in spool.sealed() for part in (commit.header, commit.payload)]
        parts += [text.encode() for pair in spool.settings().items() for text in pair]
        return b"\n".join(parts)
    finally:
        spool.close()


def keys_of(laptop: Laptop, user: str) -> tuple[KeySlots, bytes, bytes | None]:
    """Return the slots, the vault key and the unblinding key that a person's passphrase opens."""
    slots = KeySlots.open(laptop.folder.path, CHEAP_KDF)
    unlocked = slots.unlock(UserId(user), PASSPHRASE)
    return slots, unlocked.vault_key, unlocked.unblinding_key


def held_by_blinded(laptop: Laptop) -> bytes:
    """Return all that the blinded account opens of a laptop's files, in the clear."""
    slots, vault_key, unblinding_key = keys_of(laptop, "assessor")
    assert unblinding_key is None
    return dump(laptop.folder.database, vault_key, slots.database_salt) + spooled(laptop.folder.spool, vault_key)


def traces(laptop: Laptop) -> dict[str, int]:
    """Return how much there is in the standard shelf: the rows of each table, and the last serial of a receipt."""
    slots, vault_key, _ = keys_of(laptop, "assessor")
    rows = rows_of(laptop.folder.database, vault_key, slots.database_salt)
    serials = [cell for row in rows["receipt_"] for cell in row if isinstance(cell, int)]
    return {name: len(found) for name, found in rows.items()} | {"small numbers": sum(n for n in serials if n < 10**6)}


# -- bytes ------------------------------------------------------------------------------------------------------


def test_nothing_that_unblinded_people_enter_is_in_a_byte_that_a_blinded_account_opens(
    ward: Ward, laptop: Laptop
) -> None:
    with ward.session(laptop) as session:
        enter_much(session)
        sync(laptop, session)
    with ward.session(laptop, "investigator") as session:
        (row,) = session.subjects()
        paper = next(one for one in session.papers(row.subject) if one.kind == "visit")
        signed = session.sign_paper(row.subject, paper, PASSPHRASE, "review")
        sync(laptop, session)
    held = held_by_blinded(laptop)
    for secret in (CANARY, '"EVT"', "groin", "310 mmHg", "2026-03-02T10:00", "F.AE", "F.DTH", "F.VS", signed.sha256):
        assert secret.encode() not in held, secret
    assert b"RANDDTM" in held, "what is on the allow-list is there"
    assert RANDOMISED.encode() in held
    slots, _, unblinding_key = keys_of(laptop, "coordinator")
    assert unblinding_key is not None
    there = dump(laptop.folder.unblinding.database, unblinding_key, slots.unblinding_salt)
    assert there.count(CANARY.encode()) >= 4, "the canaries were written at all"


def test_entries_that_are_still_open_are_in_no_standard_spool(ward: Ward, laptop: Laptop) -> None:
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    book = Book(design(), session.add_subject().subject, SITE)
    session.keep(book.key(session, "F.MRS@SE.V5"), book.path(session, "F.MRS@SE.V5", "MRSDTM"), f"{CANARY} noon")
    contact = book.key(session, "F.CONTACT")
    session.keep(contact, book.path(session, "F.CONTACT", "CONTDAT"), f"{CANARY} spring")
    session.set_aside(contact, book.path(session, "F.CONTACT", "TEL1"), f"{CANARY} 0")
    crashed = ward.folder / "crashed"
    shutil.copytree(laptop.folder.path, crashed)  # the disk as a sudden end leaves it
    session.lock()
    assert CANARY.encode() not in held_by_blinded(ward.laptop("crashed"))
    with ward.session(ward.laptop("crashed"), "assessor") as blinded:
        assert not blinded.form(contact).open_here
    with ward.session(ward.laptop("crashed")) as session:
        assert session.form(contact).item(book.path(session, "F.CONTACT", "TEL1")).typed == f"{CANARY} 0"


def test_what_unblinded_people_do_changes_no_number_in_the_standard_shelf(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
        sync(laptop, session)
    with ward.session(laptop, "assessor") as blinded:
        sync(laptop, blinded)
    with ward.session(laptop) as session:
        sync(laptop, session)  # what the assessor's leaving left to be sent
    before = traces(laptop)
    book = Book(design(), subject, SITE)
    with ward.session(laptop) as session:
        book.enter(session, {"F.VS@SE.V1": {"SYSBP": "150"}, "F.DTH": {"DTHDTM": "2026-03-02T10:00+08:00"}})
        book.enter(session, {"F.AE": {"AETERM": "headache"}}, "TRANSCRIPTION")
        session.papers(subject)
        session.screening_log()
        session.subjects()
        sync(laptop, session)
        assert session.sync_view().here_only == 0
    assert traces(laptop) == before


def test_own_words_for_a_change_of_an_open_item_lie_apart_and_stand_in_its_trail(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = enter_much(session)
        book = Book(design(), subject, SITE)
        key, path = book.key(session, "F.RND"), book.path(session, "F.RND", "RANDDTM")
        assert [line.reason for line in session.trail(key, path)] == ["", WHY_LATER]
    kinds = {UNBLINDING: 0, STANDARD: 0}
    for commit in laptop_commits(laptop):
        kinds[commit] += 1
    assert min(kinds.values()) > 0


def laptop_commits(laptop: Laptop) -> Iterator[str]:
    """Yield the shelf of every commit as its header names it, from both files."""
    slots, vault_key, unblinding_key = keys_of(laptop, "coordinator")
    assert unblinding_key is not None
    for folder, key, salt, name in (
        (laptop.folder, vault_key, slots.database_salt, STANDARD),
        (laptop.folder.unblinding, unblinding_key, slots.unblinding_salt, UNBLINDING),
    ):
        log = SqlcipherLog.open(folder.database, database_key(key), salt)
        try:
            for commit in log.commits():
                assert commit.parsed.shelf == name
                yield name
        finally:
            log.close()


# -- screens ----------------------------------------------------------------------------------------------------


def all_cells(view: CasebookView) -> set[str]:
    return {cell.key.form for visit in view.visits for cell in visit.cells} | {
        row.cell.key.form for row in view.running
    }


def test_blinded_session_shows_the_allow_list_and_nothing_else(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = enter_much(session)
    with ward.session(laptop, "assessor") as blinded:
        assert blinded.blinded
        (row,) = blinded.subjects()
        assert (row.number, row.status, row.forms_started, row.conflicts) == ("001-A001", "randomised", 1, 0)
        assert row.screening.reason("en") == ""
        view = blinded.casebook(subject)
        assert all_cells(view) == {"F.B90", "F.CONTACT"}
        assert view.randomised_at is not None
        assert (view.status, view.eligibility, view.documents, view.findings) == ("randomised", None, (), ())
        assert (view.sealed_away, view.newer_version_needed) == (0, 0)
        assert {line.kind.value for line in view.due} <= {"visit_open", "visit_ahead", "visit_missed", "form"}
        assert all("death" not in line.what("en").lower() for line in view.due)
        for visit in design().visits:
            for planned in visit.forms:
                key = FormKey(subject=subject, visit=VisitKey(visit=visit.oid), form=planned.form)
                if not design().is_open(planned.form):
                    with pytest.raises((OtherVersionError, UnknownItemError)):
                        blinded.form(key)
        assert {one.kind for one in blinded.papers(subject)} == {"timeline", "visit"}
        assert {row.cell.key.form for row in blinded.site_forms()} == {"F.ETHICS"}
        for refused in (blinded.screening_log, blinded.add_subject):
            with pytest.raises(NotForBlindedError):
                refused()


def test_paper_of_a_blinded_session_tells_of_open_forms_only(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = enter_much(session)
    with ward.session(laptop, "assessor") as blinded:
        items = blinded.papers(subject)
        assert [(one.kind, one.visit) for one in items] == [("timeline", None), ("visit", V1)]
        text = "".join(words_of(blinded.paper(subject, one)) for one in items)
    assert CANARY not in text
    titles = {form: design().form(form).label("en") for form in design().forms if not design().is_open(form)}
    told = {form for form, title in titles.items() if title in text}
    assert told == {"F.RND"}, "the timeline says when a subject was randomised, which the assessor knows"


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF's pages."""
    found = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return found.stdout.decode()


# -- who enters what ---------------------------------------------------------------------------------------------


def test_assessed_form_is_entered_by_the_blinded_and_read_by_others(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = enter_much(session)
        book = Book(design(), subject, SITE)
        key, path = book.key(session, "F.B90@SE.V7"), book.path(session, "F.B90@SE.V7", "ASSID")
        assert not session.form(key).editable
        with pytest.raises(AssessedBlindError):
            session.keep(key, path, "B01")
    with ward.session(laptop, "assessor") as blinded:
        assert blinded.form(key).editable
        blinded.keep(key, path, "B01")
        blinded.save(key)
        contact = book.key(blinded, "F.CONTACT")
        assert blinded.form(contact).editable
        sync(laptop, blinded)
        assert blinded.sync_view().here_only == 0
    with ward.session(laptop) as session:
        item = session.form(key).item(path)
        assert (item.reading.value, item.author) == ("B01", "Assessor D")


def test_interventionalist_enters_the_forms_of_the_role_alone(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "interventionalist")
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
    with ward.session(laptop, "interventionalist") as session:
        book = Book(design(), subject, SITE)
        assert session.form(book.key(session, "F.EVT@SE.V1")).editable
        vitals = book.key(session, "F.VS@SE.V1")
        assert not session.form(vitals).editable
        with pytest.raises(FormOfOthersError):
            session.keep(vitals, book.path(session, "F.VS@SE.V1", "SYSBP"), "150")


# -- keys of the second shelf --------------------------------------------------------------------------------------


def test_blinded_session_never_touches_the_second_folder(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        enter_much(session)
    away = ward.folder / "away"
    shutil.move(laptop.folder.unblinding.path, away)
    with ward.session(laptop, "assessor") as blinded:
        assert blinded.notice is None
        sync(laptop, blinded)
        message = blinded.sync_view().message
        assert message is not None
        assert "In step" in message("en")
    assert not laptop.folder.unblinding.path.exists()
    shutil.move(away, laptop.folder.unblinding.path)
    with ward.session(laptop) as session:
        assert session.notice is None
        assert len(session.casebook(session.subjects()[0].subject).findings) > 0


def test_laptop_enrolled_by_the_blinded_has_a_second_shelf_once_an_unblinded_person_signs_in(ward: Ward) -> None:
    laptop = ward.enrolled("one", "assessor", "coordinator")
    assert not laptop.folder.unblinding.path.exists()
    with ward.session(laptop) as session:
        assert not session.blinded
        enter_much(session)
        sync(laptop, session)
        assert session.sync_view().here_only == 0
    assert laptop.folder.unblinding.database.exists()


def test_unblinded_person_without_the_key_is_told_and_gets_it_from_a_colleague(ward: Ward) -> None:
    laptop = ward.enrolled("one", "assessor", "coordinator")
    with ward.session(laptop) as session:
        subject = enter_much(session)
        sync(laptop, session)
    with ward.session(laptop, "assessor") as blinded:  # holds no key that could be handed on
        blinded.add_person(ward.network.personal_code("investigator"), PASSPHRASE)
        sync(laptop, blinded)
    with ward.session(laptop, "investigator") as waiting:
        assert waiting.blinded
        assert waiting.notice is not None
        assert "colleague" in waiting.notice("en")
        assert all_cells(waiting.casebook(subject)) == {"F.B90", "F.CONTACT"}
        sync(laptop, waiting)
    with ward.session(laptop):
        pass  # the coordinator signs in once
    with ward.session(laptop, "investigator") as session:
        assert (session.blinded, session.notice) == (False, None)
        assert "F.AE" in all_cells(session.casebook(subject))
    assert keys_of(laptop, "assessor")[2] is None


def test_damaged_second_shelf_keeps_the_first_one_open(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        enter_much(session)
        sync(laptop, session)
    slots, _, key = keys_of(laptop, "coordinator")
    assert key is not None
    connection = _sqlite.connect(laptop.folder.unblinding.database, database_key(key), slots.unblinding_salt)
    connection.execute("CREATE TABLE foreign_ (x)")  # somebody's hand: nothing is touched, and it is told
    connection.close()
    with ward.session(laptop) as session:
        assert session.blinded
        assert session.notice is not None
        assert session.notice("en").startswith("Unblinding records: ")
        assert session.subjects()[0].number == "001-A001"


def test_second_laptop_of_the_site_gets_both_shelves(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop) as session:
        subject = enter_much(session)
        sync(laptop, session)
    two = ward.enrolled("two", "coordinator", "assessor")
    with ward.session(two) as session:
        sync(two, session)
        assert "F.AE" in all_cells(session.casebook(subject))
        assert session.sync_view().here_only == 0
        message = session.sync_view().message
        assert message is not None
        assert message("en").count(" / ") == 1, "a code to compare for each shelf"
    with ward.session(two, "assessor") as blinded:
        sync(two, blinded)
        message = blinded.sync_view().message
        assert message is not None
        assert " / " not in message("en")


# -- a save that belongs to both shelves ---------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(4))
def test_save_that_is_cut_between_the_shelves_is_repeated_and_is_no_conflict(
    ward: Ward, laptop: Laptop, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The program ends before the first write of a save, or after any of those that follow."""
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    book = Book(design(), session.add_subject().subject, SITE)
    key = book.key(session, "F.RND")
    moment, number = (book.path(session, "F.RND", item) for item in ("RANDDTM", "RANDNO"))
    session.keep(key, moment, RANDOMISED)
    session.keep(key, number, CANARY)
    left = ward.folder / "left"
    writes = 0

    def watch(work: Callable[..., object]) -> Callable[..., object]:
        def watched(*arguments: object, **named: object) -> object:
            nonlocal writes
            if writes == at:
                shutil.copytree(laptop.folder.path, left)  # the disk as a sudden end leaves it
            writes += 1
            return work(*arguments, **named)

        return watched

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "append_sealed_together", watch(Spool.append_sealed_together))
        patch.setattr(SqlcipherLog, "append", watch(SqlcipherLog.append))
        session.save(key)
    session.lock()
    assert writes == 4
    ended = ward.laptop("left")
    with ward.session(ended) as session:
        view = session.form(key)
        assert (view.item(moment).reading.value, view.item(number).reading.value) == (RANDOMISED, CANARY)
        assert not view.open_here
        assert session.subjects()[0].conflicts == 0
        session.keep(key, moment, "2026-03-01T10:00+08:00", reason="TRANSCRIPTION")
        assert session.save(key).item(moment).mark is Mark.RECORDED
        sync(ended, session)
        assert (session.sync_view().here_only, session.sync_view().parked) == (0, 0)
    with ward.session(ended, "assessor") as blinded:
        assert blinded.casebook(key.subject).randomised_at is not None
        assert blinded.subjects()[0].conflicts == 0
