"""What goes wrong on a ward, through a laptop and its session: each ends in a sentence, and nothing is lost.

Passphrase, key file, database, write-ahead log, older copies, full disk, another server. The store's
own tests look at the files; these look at what a person is told and what stands on the screen then.
"""

import contextlib
import random
import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casebook.errors import (
    LANGUAGES,
    CasebookError,
    DiskFailedError,
    DiskFullError,
    SidecarDamagedError,
    SidecarMissingError,
    WrongPassphraseError,
)
from casebook.ids import UserId
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.store.attempts import ATTEMPTS
from casebook.store.vault_files import VaultFolder
from desktop_app.session import Session
from desktop_app.snapshots import Mark, TrailKind
from desktop_app.sync_snapshots import SyncView
from desktop_app.vault import Laptop
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, Ward, sync
from tests.server_process import ServerProcess
from tests.small_disk import SmallDisk

SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")
HR = ItemPath(group="IG.VS.OTHER", item="HR")
RESP = ItemPath(group="IG.VS.OTHER", item="RESP")
USER = UserId("coordinator")
ACTIONS = {
    "en": ("check", "put", "type", "synchronise", "connect", "free", "ask", "compare", "tell", "call"),
    "zh": ("请",),
}
"""One of these begins what a person is asked to do."""


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def key_of(session: Session) -> FormKey:
    """Return the vital signs of the only subject's first visit."""
    (row,) = session.subjects()
    return FormKey(subject=row.subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def value(session: Session, path: ItemPath) -> str | None:
    return session.form(key_of(session)).item(path).reading.value


def record_one(session: Session, path: ItemPath, text: str) -> None:
    """Enter a value and record it."""
    session.keep(key_of(session), path, text)
    assert session.save(key_of(session)).item(path).mark is Mark.RECORDED


def says_what_to_do(sentences: dict[str, str]) -> bool:
    """Tell whether a sentence stands in both languages and asks for something."""
    return all(any(word in sentences[language].lower() for word in ACTIONS[language]) for language in LANGUAGES)


def sentences_of(error: CasebookError) -> dict[str, str]:
    return {language: error.sentence(language) for language in LANGUAGES}


def notice_of(session: Session) -> dict[str, str]:
    assert session.notice is not None
    return {language: session.notice(language) for language in LANGUAGES}


def message_of(view: SyncView) -> dict[str, str]:
    assert view.message is not None
    return {language: view.message(language) for language in LANGUAGES}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"lock", "ballast", "ballast-for-lock"}
    }


@pytest.fixture
def laptop(ward: Ward) -> Laptop:
    """A laptop with one recorded value that the server has, and one that it has not."""
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        session.add_subject()
        record_one(session, SYSBP, "150")
        sync(laptop, session)
        record_one(session, HR, "81")
    return laptop


Shelved = Callable[[VaultFolder], VaultFolder]


@pytest.fixture(params=["standard", "unblinding"])
def shelf(request: pytest.FixtureRequest) -> Shelved:
    """Which of a vault's two shelves is damaged; the vital signs lie in the second."""
    return lambda folder: folder.unblinding if request.param == "unblinding" else folder


def both_values_stand(session: Session) -> bool:
    return (value(session, SYSBP), value(session, HR)) == ("150", "81")


# -- keys -----------------------------------------------------------------------------------------------------


def test_wrong_passphrase_is_told_and_touches_nothing_but_the_count_of_tries(ward: Ward, laptop: Laptop) -> None:
    before = folder_bytes(laptop.folder.path)
    with pytest.raises(WrongPassphraseError) as refused:
        laptop.unlock(USER, PASSPHRASE + " ")
    assert says_what_to_do(sentences_of(refused.value))
    (laptop.folder.path / ATTEMPTS).unlink()
    assert folder_bytes(laptop.folder.path) == before
    with ward.session(laptop) as session:
        assert both_values_stand(session)


def test_missing_key_files_are_told_before_and_at_unlocking(ward: Ward, laptop: Laptop, tmp_path: Path) -> None:
    files = [laptop.folder.sidecar, laptop.folder.sidecar.with_suffix(".json.bak")]
    for file in files:
        shutil.move(file, tmp_path / file.name)
    before = folder_bytes(laptop.folder.path)
    state = laptop.state()
    assert state.enrolled, "it is no fresh laptop: enrolling over it must not be offered"
    assert isinstance(state.problem, SidecarMissingError)
    with pytest.raises(SidecarMissingError) as refused:
        laptop.unlock(USER, PASSPHRASE)
    assert says_what_to_do(sentences_of(refused.value))
    assert folder_bytes(laptop.folder.path) == before
    for file in files:
        shutil.move(tmp_path / file.name, file)
    with ward.session(laptop) as session:
        assert both_values_stand(session)


def test_one_missing_key_file_is_replaced_by_its_copy(ward: Ward, laptop: Laptop) -> None:
    laptop.folder.sidecar.unlink()
    with ward.session(laptop) as session:
        assert both_values_stand(session)


def test_damaged_key_files_open_nothing(laptop: Laptop) -> None:
    for file in (laptop.folder.sidecar, laptop.folder.sidecar.with_suffix(".json.bak")):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    with pytest.raises((SidecarDamagedError, WrongPassphraseError)) as refused:
        laptop.unlock(USER, PASSPHRASE)
    assert says_what_to_do(sentences_of(refused.value))


# -- the database -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_damaged_page_is_told_and_everything_is_there_again(
    ward: Ward, laptop: Laptop, shelf: Shelved, seed: int
) -> None:
    database = shelf(laptop.folder).database
    data = bytearray(database.read_bytes())
    page = random.Random(seed).randrange(1, len(data) // 4096)
    data[page * 4096 + 100 : page * 4096 + 200] = bytes(100)
    database.write_bytes(data)
    with ward.session(laptop) as session:
        told = notice_of(session)
        assert says_what_to_do(told) or "made anew" in told["en"]
        sync(laptop, session)
        assert both_values_stand(session)
        assert session.sync_view().here_only == 0
    aside = shelf(laptop.folder).path / "damaged" / "0001" / database.name
    assert aside.read_bytes() == bytes(data), "what was damaged is kept, not deleted"


def test_damaged_tail_of_the_write_ahead_log_loses_nothing(ward: Ward, laptop: Laptop) -> None:
    session = laptop.unlock(USER, PASSPHRASE)
    record_one(session, RESP, "18")
    killed = ward.folder / "killed"
    shutil.copytree(laptop.folder.path, killed)  # the disk as a sudden end leaves it
    session.lock()
    wal = killed / "unblinding" / "casebook.db-wal"
    data = bytearray(wal.read_bytes())
    data[-3000:] = bytes(3000)
    wal.write_bytes(data)
    with ward.session(ward.laptop("killed")) as session:
        assert both_values_stand(session)
        assert value(session, RESP) == "18"
        assert notice_of(session)["zh"].endswith("。")


def test_write_ahead_log_cut_short_loses_nothing(ward: Ward, laptop: Laptop) -> None:
    session = laptop.unlock(USER, PASSPHRASE)
    record_one(session, RESP, "18")
    shutil.copytree(laptop.folder.path, ward.folder / "killed")
    session.lock()
    wal = ward.folder / "killed" / "unblinding" / "casebook.db-wal"
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2])
    with ward.session(ward.laptop("killed")) as session:
        assert both_values_stand(session)
        assert value(session, RESP) == "18"


def test_older_copy_of_the_database_is_healed_from_this_laptop(ward: Ward, laptop: Laptop) -> None:
    older = laptop.folder.unblinding.database.read_bytes()
    with ward.session(laptop) as session:
        record_one(session, RESP, "18")
    laptop.folder.unblinding.database.write_bytes(older)
    with ward.session(laptop) as session:
        assert "brought back" in notice_of(session)["en"]
        assert "恢复" in notice_of(session)["zh"]
        assert both_values_stand(session)
        assert value(session, RESP) == "18"
        sync(laptop, session)
        assert session.sync_view().here_only == 0
        assert not session.sync_view().quarantined


def test_older_copy_of_the_database_is_healed_from_the_server_too(ward: Ward, shelf: Shelved) -> None:
    laptop = ward.enrolled()
    older = shelf(laptop.folder).database.read_bytes()
    with ward.session(laptop) as session:
        session.add_subject()
        record_one(session, SYSBP, "150")
        sync(laptop, session)
        record_one(session, HR, "81")
    shutil.rmtree(shelf(laptop.folder).spool)
    shelf(laptop.folder).database.write_bytes(older)
    with ward.session(laptop) as session:
        sync(laptop, session)
        assert value(session, SYSBP) == "150", "what the server had received"
        record_one(session, RESP, "18")
        sync(laptop, session)
        assert session.sync_view().here_only == 0


def test_older_folder_is_told_at_the_next_sync_and_the_server_has_the_rest(ward: Ward, laptop: Laptop) -> None:
    shutil.copytree(laptop.folder.path, ward.folder / "yesterday")
    with ward.session(laptop) as session:
        record_one(session, RESP, "18")
        sync(laptop, session)
    older = ward.laptop("yesterday")
    with ward.session(older) as session:
        assert value(session, RESP) is None
        sync(older, session)
        told = message_of(session.sync_view())
        assert "older" in told["en"].lower()
        assert "较旧" in told["zh"] or "旧" in told["zh"]
        assert both_values_stand(session)
        assert value(session, RESP) == "18"


@pytest.mark.parametrize("lost", ["casebook.db", "spool", "everything but the keys"])
def test_lost_copy_comes_back_from_what_is_left(ward: Ward, laptop: Laptop, shelf: Shelved, lost: str) -> None:
    with ward.session(laptop) as session:
        sync(laptop, session)
    folder = shelf(laptop.folder)
    if lost != "spool":
        for file in folder.database_family():
            file.unlink(missing_ok=True)
    if lost == "spool":
        shutil.rmtree(folder.spool)
    if lost == "everything but the keys":
        shutil.rmtree(folder.spool)
    if lost == "everything but the keys" and folder == laptop.folder:
        with pytest.raises(CasebookError) as refused:
            laptop.unlock(USER, PASSPHRASE)
        assert says_what_to_do(sentences_of(refused.value)) or "enrol it again" in refused.value.sentence("en")
        return
    with ward.session(laptop) as session:
        if lost != "spool":
            assert "made anew" in notice_of(session)["en"]
        sync(laptop, session)
        assert both_values_stand(session)
        sync(laptop, session)  # what the laptop wrote down of it
        assert session.sync_view().here_only == 0


# -- the disk ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.close()


def fill_until_refused(session: Session) -> tuple[list[str], DiskFullError]:
    """Enter and save until the disk refuses; returns what was marked as kept, and the refusal."""
    key, kept = key_of(session), list[str]()
    for number in range(40, 220):
        try:
            view = session.keep(key, HR, str(number), reason="TRANSCRIPTION")
            assert view.item(HR).mark is Mark.KEPT
            kept.append(str(number))
            session.save(key)
        except DiskFullError as error:
            return kept, error
    raise AssertionError("the disk is never full")


def test_full_disk_refuses_the_entry_and_keeps_what_was_kept(small_disk: SmallDisk) -> None:
    ward = Ward(small_disk.path)
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        session.add_subject()
        record_one(session, SYSBP, "150")
        if small_disk.is_mounted:
            small_disk.fill()
            assert not laptop.folder.ballast.is_spent
            session.keep(key_of(session), RESP, "18")
            assert laptop.folder.ballast.is_spent, "the ballast went so that the entry stays"
        small_disk.fill()
        kept, refused = fill_until_refused(session)
        assert says_what_to_do(sentences_of(refused))
        assert str(laptop.folder.path) in refused.sentence("zh")
        assert value(session, SYSBP) == "150", "reading goes on"
        small_disk.free()
        session.keep(key_of(session), HR, "66", reason="TRANSCRIPTION")
    with ward.session(laptop) as session:
        lines = session.trail(key_of(session), HR)
        trail = [line.shown("en").split()[0] for line in lines if line.kind is TrailKind.ENTRY]
        assert trail == [*kept, "66"]
        sync(laptop, session)
        assert (session.sync_view().here_only, session.sync_view().parked) == (0, 0)
        assert "In step" in message_of(session.sync_view())["en"]


@contextlib.contextmanager
def files_limited_to(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: what a full disk says to those who write there."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_disk_that_fills_between_the_two_copies_forks_nothing(ward: Ward, laptop: Laptop) -> None:
    """The spool still takes the record and the database does not: the next save must go on from there."""
    with ward.session(laptop) as session:
        key = key_of(session)
        session.keep(key, RESP, "18")
        limit = (laptop.folder.unblinding.path / "casebook.db-wal").stat().st_size
        spool = max(path.stat().st_size for path in laptop.folder.unblinding.spool.iterdir())
        assert spool + 8192 < limit
        with files_limited_to(limit), pytest.raises((DiskFullError, DiskFailedError)):
            session.save(key)
        assert value(session, RESP) == "18", "it stays on the screen"
        assert session.form(key).item(RESP).mark is Mark.KEPT
        with files_limited_to(limit), pytest.raises((DiskFullError, DiskFailedError)):
            session.add_subject()
        session.keep(key, RESP, "19", reason="TRANSCRIPTION")
        assert session.save(key).item(RESP).mark is Mark.RECORDED
        assert session.add_subject().number == "001-A002"
        trail = session.trail(key_of_first(session), RESP)
        assert [line.shown("en").split()[0] for line in trail] == ["18", "19"]
        sync(laptop, session)
        view = session.sync_view()
        assert (view.here_only, view.quarantined, view.parked) == (0, 0, 0)
        assert "In step" in message_of(view)["en"]


def key_of_first(session: Session) -> FormKey:
    row = session.subjects()[0]
    return FormKey(subject=row.subject, visit=VisitKey(visit="SE.V1"), form="F.VS")


def test_laptop_locks_on_a_full_disk_and_what_was_kept_is_recorded_later(ward: Ward, laptop: Laptop) -> None:
    session = laptop.unlock(USER, PASSPHRASE)
    session.keep(key_of(session), RESP, "18")
    with files_limited_to(1):
        session.lock()
    with ward.session(laptop) as session:
        item = session.form(key_of(session)).item(RESP)
        assert (item.mark, item.reading.value, item.author) == (Mark.RECORDED, "18", "Coordinator A")


# -- the server ---------------------------------------------------------------------------------------------------


def test_server_with_another_certificate_gets_nothing_and_is_told(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server")
    laptop = online_laptop(tmp_path / "one")
    with server:
        user, personal = server.add_user("Coordinator A", "coordinator")
        laptop.enrol(server.enrolment_code(), server.url, personal, "Ward", PASSPHRASE)
    session = laptop.unlock(UserId(user), PASSPHRASE)
    session.add_subject()
    with ServerProcess(tmp_path / "impostor", port=int(server.url.rpartition(":")[2])) as impostor:
        outcome = laptop.synchroniser().sync_now()
        assert impostor.url == server.url
    assert (outcome.failed, outcome.unreachable) == (True, False)
    session.take_in(outcome.message)
    told = message_of(session.sync_view())
    assert says_what_to_do(told)
    assert "certificate" in told["en"] or "not the server" in told["en"]
    assert not any("exchange" in line for line in impostor.log_lines)
    assert session.sync_view().here_only > 0
    with server:
        outcome = laptop.synchroniser().sync_now()
        assert not outcome.failed
        assert session.take_in(outcome.message).here_only == 0
    session.lock()
