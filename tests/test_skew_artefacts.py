"""What earlier releases left behind opens, and is exchanged, with today's code: every released artefact, for ever."""

import shutil
from pathlib import Path

import pytest

from casebook import payloads
from casebook.errors import StoreNewerError
from casebook.ids import DeviceId, SubjectId
from casebook.projection import project
from casebook.store import _sqlite
from casebook.store.healing import OpenStore, open_store
from casebook.store.slots import KeySlots, database_key
from casebook.store.vault_files import VaultFolder
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.store.vaults import CHEAP_KDF, USER, bytes_of_all_files
from tests.skew import DRAFT, Artefact, Frozen, artefacts, ids_of

RELEASES = artefacts()


@pytest.fixture(params=RELEASES, ids=lambda one: str(one.folder.name))
def release(request: pytest.FixtureRequest) -> Artefact:
    found = request.param
    assert isinstance(found, Artefact)
    return found


def test_there_are_artefacts_of_every_version_so_far() -> None:
    assert [one.folder.name for one in RELEASES] == ["v1"]


def test_requests_of_then_are_taken_in_by_todays_server(release: Artefact) -> None:
    log, server = release.server()
    for part, told in zip(("first", "second"), release.exchanges, strict=True):
        for request, _ in told:
            assert b"".join(server.send([request]))
        assert ids_of(release.commits[part]) <= ids_of(log.commits())
    assert log.quarantined() == ()


def test_answers_of_then_are_taken_in_by_todays_laptop(release: Artefact) -> None:
    log = MemoryLog()
    for number, (part, told) in enumerate(zip(("first", "second"), release.exchanges, strict=True), start=1):
        log.append(release.commits[part])
        release.exchange(log, Frozen(told), number)
        last = release.commits[part][-1].parsed
        assert log.custody(last.device, last.epoch) == last.sequence
    assert ids_of(release.commits["statements"]) <= ids_of(log.commits())


@pytest.fixture
def laptop(release: Artefact, tmp_path: Path) -> tuple[VaultFolder, bytes, bytes]:
    """A copy of the laptop's folder, the vault's key and the salt of its database."""
    shutil.copytree(release.folder / "laptop", tmp_path / "laptop")
    slots = KeySlots.open(tmp_path / "laptop", CHEAP_KDF)
    key = slots.unlock(USER, release.facts["passphrase"]).vault_key
    return VaultFolder(tmp_path / "laptop", ballast_bytes=0), key, slots.database_salt


@pytest.fixture
def opened(release: Artefact, laptop: tuple[VaultFolder, bytes, bytes]) -> OpenStore:
    return open_store(*laptop, device=DeviceId(release.facts["device"]))


def test_laptop_of_then_opens_with_all_that_it_held_and_is_exchanged(release: Artefact, opened: OpenStore) -> None:
    parts = release.commits
    made = [*parts["first"], *parts["second"], *parts["later"]]
    try:
        assert ids_of(made) <= ids_of(opened.log.commits())  # what lay in the spool alone was healed
        assert opened.spool.drafts() == (DRAFT,)
        assert opened.log.custody(made[0].parsed.device, made[0].parsed.epoch) == len(made) - 2
        log, server = release.server()
        release.exchange(opened.log, server, 3)
        assert ids_of(made) <= ids_of(log.commits())
        assert opened.log.custody(made[0].parsed.device, made[0].parsed.epoch) == len(made)
        subject = payloads.subject_of(parts["later"][0])
        assert subject is not None
        casebook = project(subject, opened.log.commits(SubjectId(subject)))
        assert (casebook.unknown, len(casebook.commits)) == (1, len(made) - 1)
    finally:
        opened.close()


def test_folder_of_a_newer_release_is_refused_with_a_sentence_and_stays_as_it_is(
    laptop: tuple[VaultFolder, bytes, bytes],
) -> None:
    folder, key, salt = laptop
    connection = _sqlite.connect(folder.database, database_key(key), salt)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = bytes_of_all_files(folder.path)
    with pytest.raises(StoreNewerError) as refused:
        open_store(folder, key, salt)
    assert "newer Casebook" in refused.value.sentence("en")
    assert "Casebook" in refused.value.sentence("zh")
    held = {path: data for path, data in bytes_of_all_files(folder.path).items() if data and "lock" not in path.name}
    assert held == {path: data for path, data in before.items() if data and "lock" not in path.name}
