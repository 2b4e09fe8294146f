"""Where everything is, whether a laptop may be wiped, and everything that could destroy: over real files."""

import csv
import random
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from casebook.custody import Custody, Kept, Light
from casebook.errors import (
    CasebookError,
    LaptopEnrolledAlreadyError,
    LaptopRetiredError,
    LastUnblindedHolderError,
    NotSafeToWipeError,
    RescueTargetRefusedError,
    RightMissingError,
    SiteNumberMistypedError,
    VaultInUseError,
    WrongPassphraseError,
)
from casebook.ids import CommitId, SubjectId, UserId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.records import FormKey
from casebook.store import SERVER_EPOCH
from casebook.store.commit_log import SqlcipherLog
from casebook.store.rescue import open_rescue
from casebook.store.retiring import JOURNAL, begin_retiring
from casebook.store.slots import KeySlots, database_key
from casebook.store.vault_files import VaultLock
from desktop_app.custody_snapshots import Retired
from desktop_app.session import Session
from desktop_app.sync_stop import StopSign
from desktop_app.vault import Laptop
from tests.casebook.commits import Laptop as OtherDevice
from tests.desktop_app.places import Book
from tests.laptops import CHEAP_KDF, PASSPHRASE, SITE, URL, Ward, design, sync


@pytest.fixture
def two(ward: Ward) -> tuple[Ward, Laptop]:
    """A laptop of a site whose second laptop was admitted: names would not be lost with the first."""
    return ward, admitted_pair(ward)


def admitted_pair(ward: Ward, *users: str) -> Laptop:
    first = ward.enrolled("one", *(users or ("principal", "coordinator")))
    ward.enrolled("two", "investigator")
    with ward.session(first, (users or ("principal",))[0]) as session:
        sync(first, session)
        (other,) = [row for row in session.sync_view().laptops if not row.is_this]
        session.admit_laptop(other.device)
        sync(first, session)
    return first


def vital_signs(session: Session, subject: SubjectId, text: str = "120", *, save: bool = True) -> FormKey:
    book = Book(design(), subject, SITE)
    key = book.key(session, "F.VS@SE.V1")
    session.keep(key, book.path(session, "F.VS@SE.V1", "SYSBP"), text, reason="CORRECTED")
    if save:
        session.save(key)
    return key


# -- where it is -------------------------------------------------------------------------------------------


def test_a_form_is_here_only_until_the_server_has_it_and_then_says_since_when(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session:
        subject = session.add_subject().subject
        key = vital_signs(session, subject)
        (cell,) = [one for visit in session.casebook(subject).visits for one in visit.cells if one.key == key]
        assert (cell.whereis.custody, cell.whereis.at) == (Custody.HERE_ONLY, None)
        (line,) = [one for one in session.custody.view().rows if one.key == key]
        assert (line.whereis.custody, line.records, line.here_only) == (Custody.HERE_ONLY, 1, 1)
        sync(laptop, session)
        (cell,) = [one for visit in session.casebook(subject).visits for one in visit.cells if one.key == key]
        assert cell.whereis.custody is Custody.RECEIVED
        assert cell.whereis.at is not None
        assert session.form(key).whereis == cell.whereis
        (listed,) = session.subjects()
        assert listed.whereis.custody is Custody.RECEIVED
        (line,) = [one for one in session.custody.view().rows if one.key == key]
        assert (line.whereis, line.here_only) == (cell.whereis, 0)


def test_what_the_server_said_before_it_was_put_back_is_no_evidence_any_more(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session:
        subject = session.add_subject().subject
        key = vital_signs(session, subject)
        sync(laptop, session)
        assert session.form(key).whereis.custody is Custody.RECEIVED
        with open_logs(laptop) as logs:
            for log in logs.values():
                log.set_setting(SERVER_EPOCH, "ZZZZZZ")
        assert session.custody.verdict().light is Light.UNSAFE
        session.take_in()
        assert session.form(key).whereis.custody is Custody.HERE_ONLY


def test_the_table_is_saved_as_csv_in_both_languages(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "principal") as session:
        subject = session.add_subject()
        vital_signs(session, subject.subject)
        for language, heading, place in (("en", "Where", "this laptop only"), ("zh", "位置", "仅在本机")):
            text = session.custody.table(language).decode("utf-8-sig")
            head, *lines = list(csv.reader(text.splitlines()))
            assert heading in head
            assert any(line[0] == subject.number and place in line for line in lines)


# -- safe to wipe ------------------------------------------------------------------------------------------


def test_the_light_is_green_only_when_nothing_at_all_would_be_lost(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session:
        assert session.custody.verdict().count(Kept.OWN) > 0  # the sign-in itself
        sync(laptop, session)
        assert session.custody.verdict().light is Light.SAFE
        subject = session.add_subject().subject
        assert session.custody.verdict().light is Light.UNSAFE
        sync(laptop, session)
        vital_signs(session, subject, save=False)
        assert session.custody.verdict().reasons == ((Kept.OPEN, 1),)
        session.save(Book(design(), subject, SITE).key(session, "F.VS@SE.V1"))
        assert session.custody.verdict().count(Kept.OWN) > 0
        sync(laptop, session)
        assert session.custody.verdict().light is Light.SAFE


def test_files_moved_aside_by_healing_keep_the_laptop_from_being_wiped(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    database = laptop.folder.database
    database.write_bytes(b"x" * 4096)
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        sync(laptop, session)
        assert session.custody.verdict().count(Kept.SET_ASIDE) == 1
    assert (laptop.folder.path / "damaged" / "0001" / "casebook.db").read_bytes() == b"x" * 4096


def test_a_laptop_that_alone_reads_the_names_of_its_site_is_not_safe_to_wipe(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator")
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        assert session.custody.verdict().reasons == ((Kept.NAMES_KEY, 1),)
        second = ward.enrolled("two", "investigator")
        sync(laptop, session)
        (other,) = [row for row in session.sync_view().laptops if not row.is_this]
        assert session.custody.verdict().count(Kept.NAMES_KEY) == 1
        session.admit_laptop(other.device)
        sync(laptop, session)
        assert session.custody.verdict().light is Light.SAFE
        (device,) = [one for one in ward.network.directory.devices(SITE) if one.letter == "B"]
        ward.network.office.withdraw_laptop(device)
        sync(laptop, session)
        assert session.custody.verdict().count(Kept.NAMES_KEY) == 1
    assert second.state().enrolled


def test_a_blinded_session_says_that_it_cannot_tell_where_there_is_a_second_shelf(ward: Ward) -> None:
    laptop = admitted_pair(ward, "coordinator", "assessor")
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        assert session.custody.verdict().light is Light.SAFE
    with ward.session(laptop, "assessor") as session:
        sync(laptop, session)
        verdict = session.custody.verdict()
        assert (verdict.light, verdict.reasons) == (Light.CANNOT_TELL, ((Kept.UNSEEN, 1),))


def test_where_no_second_shelf_was_ever_made_a_blinded_session_can_tell(ward: Ward) -> None:
    laptop = admitted_pair(ward, "assessor")
    assert not laptop.folder.unblinding.path.exists()
    with ward.session(laptop, "assessor") as session:
        sync(laptop, session)
        assert session.custody.verdict().light is Light.SAFE


ACTS = ("subject", "save", "open", "sync", "cut", "sync", "other", "lock", "colleague")


@pytest.mark.parametrize("seed", range(4))
def test_never_green_while_a_reader_with_every_key_finds_something_that_the_server_lacks(ward: Ward, seed: int) -> None:
    """The oracle opens both shelves' files with the keys and holds them against the server's own store."""
    laptop = admitted_pair(ward, "coordinator", "assessor")
    chosen = random.Random(seed)
    greens = 0
    user = "coordinator"
    session = laptop.unlock(UserId(user), PASSPHRASE)
    subjects: list[SubjectId] = []
    try:
        for _ in range(14):
            act = chosen.choice(ACTS)
            if act == "subject" and user == "coordinator":
                subjects.append(session.add_subject().subject)
            elif act in {"save", "open"} and subjects and user == "coordinator":
                vital_signs(session, chosen.choice(subjects), str(chosen.randrange(90, 180)), save=act == "save")
            elif act == "sync":
                sync(laptop, session)
            elif act == "cut":
                ward.network.down = True
                sync(laptop, session)
                ward.network.down = False
            elif act == "other":
                stranger = OtherDevice(seed=chosen.randrange(1 << 30))
                _, commit = stranger.add_subject()
                with open_logs(laptop) as logs:
                    logs[STANDARD].append([commit])
            elif act in {"lock", "colleague"}:
                session.lock()
                user = "assessor" if act == "colleague" else "coordinator"
                session = laptop.unlock(UserId(user), PASSPHRASE)
            if session.custody.verdict().light is Light.SAFE:
                greens += 1
                assert not lost_with(laptop, ward)
        session.lock()
        user = "coordinator"
        session = laptop.unlock(UserId(user), PASSPHRASE)
        sync(laptop, session)
        verdict = session.custody.verdict()
        assert (verdict.light is Light.SAFE) == (not lost_with(laptop, ward))
    finally:
        session.lock()


@contextmanager
def open_logs(laptop: Laptop) -> Iterator[dict[str, SqlcipherLog]]:
    """Open the databases of both shelves beside whoever has them open."""
    slots = KeySlots.open(laptop.folder.path, CHEAP_KDF)
    unlocked = slots.unlock(UserId("coordinator"), PASSPHRASE)
    assert unlocked.unblinding_key is not None
    with (
        closing(
            SqlcipherLog.open(laptop.folder.database, database_key(unlocked.vault_key), slots.database_salt)
        ) as standard,
        closing(
            SqlcipherLog.open(
                laptop.folder.unblinding.database, database_key(unlocked.unblinding_key), slots.unblinding_salt
            )
        ) as unblinding,
    ):
        yield {STANDARD: standard, UNBLINDING: unblinding}


def lost_with(laptop: Laptop, ward: Ward) -> frozenset[CommitId]:
    """Return what is in a laptop's files, of either shelf, and not at the server."""
    lost: set[CommitId] = set()
    with open_logs(laptop) as logs:
        for name, held in logs.items():
            log = ward.network.log if name == STANDARD else ward.network.unblinding
            assert log is not None
            lost |= {one.id for one in (*held.commits(), *held.parked()) if not log.has(one.id)}
    return frozenset(lost)


def test_an_attached_file_that_the_server_lacks_keeps_the_laptop(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session:
        subject = session.add_subject().subject
        key = vital_signs(session, subject)
        session.attachments.attach(key, "scan.jpg", "image/jpeg", b"a picture" * 1000)
        assert session.custody.verdict().count(Kept.ATTACHMENTS) == 1


def test_what_lies_on_a_stick_is_said_to_be_in_a_bundle_and_not_to_be_safe(
    two: tuple[Ward, Laptop], tmp_path: Path
) -> None:
    ward, laptop = two
    stick = tmp_path / "stick"
    stick.mkdir()
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        key = vital_signs(session, session.add_subject().subject)
        outcome = session.bundling.write(str(stick), None, lambda _: None, StopSign())
        assert outcome.error is None
        session.take_in(outcome.message)
        place = session.form(key).whereis
        assert (place.custody, place.bundle) == (Custody.BUNDLE, 1)
        assert session.custody.verdict().count(Kept.OWN) > 0
        vital_signs(session, key.subject, "99")
        assert session.form(key).whereis.custody is Custody.HERE_ONLY
        sync(laptop, session)
        assert session.form(key).whereis.custody is Custody.RECEIVED


# -- what could destroy ------------------------------------------------------------------------------------


def retire(laptop: Laptop, session: Session, rescue_to: Path | None, *, online: bool = True) -> Retired:
    session.custody.begin_retiring(PASSPHRASE, SITE, rescue=rescue_to is not None)
    if online:
        sync(laptop, session)
    return session.custody.retire(str(rescue_to) if rescue_to is not None else None)


def test_retiring_in_step_leaves_nothing_and_the_server_hears_of_it(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    session.add_subject()
    done = session.custody.begin_retiring(PASSPHRASE, f" {SITE} ", rescue=False)
    assert done.light is Light.UNSAFE
    sync(laptop, session)
    told = session.custody.retire(None)
    session.lock()  # the windows do; there is nothing left to close
    assert (told.copy, told.left) == ("", ())
    assert {one.name for one in laptop.folder.path.iterdir()} <= {"lock"}
    assert not laptop.state().enrolled
    events = [one for one in ward.network.log.commits() if b"laptop-retired" in one.payload]
    assert len(events) == 1


def test_without_a_network_retiring_is_refused_and_the_laptop_works_on(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    subject = session.add_subject().subject
    with pytest.raises(NotSafeToWipeError):
        retire(laptop, session, None, online=False)
    assert not session.custody.ended
    session.lock()
    with ward.session(laptop, "principal") as again:
        assert [one.subject for one in again.subjects()] == [subject]
        sync(laptop, again)
    said = [
        event
        for one in ward.network.log.commits()
        for event in (b"laptop-retired", b"laptop-kept")
        if event in one.payload
    ]
    assert said == [b"laptop-retired", b"laptop-kept"]


def test_with_a_rescue_copy_it_retires_without_a_network_and_nothing_is_lost(
    two: tuple[Ward, Laptop], tmp_path: Path
) -> None:
    ward, laptop = two
    stick = tmp_path / "stick"
    stick.mkdir()
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    subject = session.add_subject().subject
    key = vital_signs(session, subject, "143")
    told = retire(laptop, session, stick, online=False)
    assert not laptop.state().enrolled
    (copy,) = stick.glob("*.zip")
    assert str(copy) == told.copy
    assert list(stick.glob("*.crfb"))
    open_rescue(copy, ward.folder / "opened")
    opened = ward.laptop("opened")
    with ward.session(opened, "principal") as again:
        assert again.form(key).groups
        sync(opened, again)
        assert [one.subject for one in again.subjects()] == [subject]
    assert any(subject.encode() in one.payload for one in ward.network.log.commits())


def test_a_rescue_copy_that_cannot_be_made_keeps_the_laptop(two: tuple[Ward, Laptop], tmp_path: Path) -> None:
    _, laptop = two
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    with pytest.raises(RescueTargetRefusedError):
        retire(laptop, session, tmp_path / "no such stick", online=False)
    assert session.add_subject().number
    session.lock()


def test_retiring_takes_the_right_the_site_and_the_passphrase(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "coordinator") as session, pytest.raises(RightMissingError):
        session.custody.begin_retiring(PASSPHRASE, SITE, rescue=False)
    with ward.session(laptop, "principal") as session:
        sync(laptop, session)
        with pytest.raises(SiteNumberMistypedError):
            session.custody.begin_retiring(PASSPHRASE, "002", rescue=False)
        with pytest.raises(WrongPassphraseError):
            session.custody.begin_retiring("not this", SITE, rescue=False)
        assert laptop.state().enrolled


def test_a_laptop_that_was_locked_while_it_was_being_retired_says_that_it_stayed(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    with ward.session(laptop, "principal") as session:
        session.custody.begin_retiring(PASSPHRASE, SITE, rescue=True)
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
    assert sum(b"laptop-kept" in one.payload for one in ward.network.log.commits()) == 1


def test_what_was_begun_is_finished_by_whoever_looks_next(two: tuple[Ward, Laptop]) -> None:
    _, laptop = two
    begin_retiring(laptop.folder)
    for act in (
        lambda: laptop.unlock(UserId("principal"), PASSPHRASE),
        lambda: laptop.recover("code", "PERS-ONAL", PASSPHRASE),
    ):
        with pytest.raises((LaptopRetiredError, CasebookError)):
            act()
    with VaultLock(laptop.folder):
        assert isinstance(laptop.state().problem, VaultInUseError)
    assert not laptop.state().enrolled
    assert not (laptop.folder.path / JOURNAL).exists()


@pytest.mark.parametrize(
    "kept",
    [
        ("keyslots.json",),
        ("keyslots.json.bak",),
        ("casebook.db",),
        ("spool",),
        ("unblinding",),
        ("keyslots.json", "keyslots.json.bak", "casebook.db", "spool", "unblinding"),
    ],
)
def test_an_enrolled_folder_is_never_written_over_not_even_a_part_of_one(
    two: tuple[Ward, Laptop], kept: tuple[str, ...]
) -> None:
    ward, laptop = two
    folder = laptop.folder.path
    for path in sorted(folder.iterdir()):
        if path.name not in {*kept, "lock"}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    codes = ward.network.enrolment_code(), ward.network.personal_code("coordinator")
    with pytest.raises(LaptopEnrolledAlreadyError):
        laptop.enrol(codes[0], URL, codes[1], "Another", PASSPHRASE)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    fresh = ward.laptop("three")
    fresh.enrol(codes[0], URL, codes[1], "Another", PASSPHRASE)  # the codes were not used up
    assert fresh.state().enrolled


def test_a_retired_folder_can_be_enrolled_again(two: tuple[Ward, Laptop]) -> None:
    ward, laptop = two
    session = laptop.unlock(UserId("principal"), PASSPHRASE)
    retire(laptop, session, None)
    ward.enrolled("one", "coordinator")
    with ward.session(laptop, "coordinator") as again:
        sync(laptop, again)
        assert again.laptop_letter not in {"A", "B"}


def test_the_last_one_who_can_send_the_unblinding_records_is_not_removed(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    ward.join(laptop, "administrator", "assessor")  # nobody has handed over the second key yet
    with ward.session(laptop, "administrator") as session:
        sync(laptop, session)
        assert session.blinded
        with pytest.raises(LastUnblindedHolderError):
            session.staff.remove(UserId("coordinator"), PASSPHRASE)
    with ward.session(laptop, "coordinator") as session:
        sync(laptop, session)
        assert session.custody.verdict().count(Kept.OWN) == 0


def test_an_administrator_without_the_second_key_retires_only_with_a_rescue_copy(ward: Ward, tmp_path: Path) -> None:
    laptop = admitted_pair(ward, "coordinator", "assessor")
    ward.join(laptop, "administrator", "assessor")
    session = laptop.unlock(UserId("administrator"), PASSPHRASE)
    sync(laptop, session)
    with pytest.raises(NotSafeToWipeError):
        session.custody.begin_retiring(PASSPHRASE, SITE, rescue=False)
    stick = tmp_path / "stick"
    stick.mkdir()
    retire(laptop, session, stick)
    (copy,) = stick.glob("*.zip")
    open_rescue(copy, ward.folder / "opened")
    with ward.session(ward.laptop("opened"), "coordinator") as again:
        assert not again.blinded
