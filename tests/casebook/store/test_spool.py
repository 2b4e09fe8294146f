"""The spool: what it was given is there on the next opening, whatever happened to the file's end."""

import errno
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casebook.errors import DiskFailedError, DiskFullError, StoreDamagedError
from casebook.ledger import Header, SealedCommit
from casebook.store.spool import OpenEntry, Spool
from tests.casebook.commits import Laptop
from tests.casebook.store.vaults import KEY, flip, save, some_bits

SMALL = 2000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def open_spool(folder: Path) -> Iterator[Callable[..., Spool]]:
    opened: list[Spool] = []

    def open_(segment_bytes: int = SMALL) -> Spool:
        for spool in opened:
            spool.close()
        opened.append(Spool.open(folder, KEY, segment_bytes=segment_bytes))
        return opened[-1]

    yield open_
    for spool in opened:
        spool.close()


def entry(draft: str, number: int) -> OpenEntry:
    return OpenEntry(draft=draft, body=f"entry {number} 记录".encode() * 5)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


def never(_: Header) -> bool:
    return False


def always(_: Header) -> bool:
    return True


def test_open_entries_come_back_in_order(open_spool: Callable[..., Spool]) -> None:
    spool = open_spool()
    given = [entry("one" if number % 3 else "two", number) for number in range(50)]
    for one in given:
        spool.append_open(one)
    spool = open_spool()
    assert [one for one in given if one.draft == "one"] == list(spool.open_entries("one"))
    assert spool.open_entries("two") == tuple(one for one in given if one.draft == "two")
    assert set(spool.open_entries()) == set(given)
    assert spool.drafts() == ("two", "one")
    assert spool.open_entries("three") == ()


def test_closed_draft_is_gone(open_spool: Callable[..., Spool]) -> None:
    spool = open_spool()
    spool.append_open(entry("one", 1))
    spool.append_open(entry("two", 2))
    spool.close_open("one")
    spool.close_open("never opened")
    assert spool.drafts() == open_spool().drafts() == ("two",)


def test_sealing_closes_the_draft_in_one_step(open_spool: Callable[..., Spool], laptop: Laptop) -> None:
    subject, commit = laptop.add_subject()
    spool = open_spool()
    spool.append_open(entry("one", 1))
    spool.append_sealed(commit, subject=subject, closes="one")
    spool = open_spool()
    assert spool.drafts() == ()
    assert list(spool.sealed_with_subjects()) == [(commit, subject)]
    assert spool.heads() == (laptop.head,)
    assert spool.holds(commit.id)


def test_sealing_the_same_again_adds_nothing(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    _, commit = laptop.add_subject()
    spool = open_spool()
    spool.append_sealed(commit)
    size = segments(folder)[0].stat().st_size
    spool.append_sealed(commit)
    assert segments(folder)[0].stat().st_size == size
    assert list(open_spool().sealed()) == [commit]


def test_commits_sealed_together_are_kept_together(
    open_spool: Callable[..., Spool], folder: Path, laptop: Laptop
) -> None:
    subject, first = laptop.add_subject()
    second = save(laptop, subject)
    spool = open_spool()
    spool.append_open(entry("one", 1))
    size = segments(folder)[0].stat().st_size
    spool.append_sealed_together([first, second], subject=subject, closes="one")
    assert list(spool.sealed()) == [first, second]
    whole = segments(folder)[0].read_bytes()
    for cut in range(size, len(whole), 97):
        segments(folder)[0].write_bytes(whole[:cut])
        spool = open_spool()
        assert (list(spool.sealed()), spool.drafts()) == ([], ("one",))


def test_many_segments_hold_everything(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    subject, first = laptop.add_subject()
    commits = [first, *(save(laptop, subject, str(number)) for number in range(30))]
    spool = open_spool()
    for commit in commits:
        spool.append_sealed(commit, subject=subject)
    assert len(segments(folder)) > 5
    assert list(spool.sealed()) == list(open_spool().sealed()) == commits


def test_settings_come_back_and_survive_pruning(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    subject, _ = laptop.add_subject()
    spool = open_spool()
    spool.set_setting("letter", "A")
    spool.set_setting("letter", "B")
    for number in range(20):
        spool.append_sealed(save(laptop, subject, str(number)))
    assert spool.prune(always) > 2
    assert len(segments(folder)) <= 2
    spool = open_spool()
    assert spool.settings() == {"letter": "B"}
    assert spool.heads() == (laptop.head,)


def test_pruning_keeps_what_is_not_received(open_spool: Callable[..., Spool], laptop: Laptop) -> None:
    subject, first = laptop.add_subject()
    commits = [first, *(save(laptop, subject, str(number)) for number in range(30))]
    spool = open_spool()
    for commit in commits:
        spool.append_sealed(commit)
    assert spool.prune(never) == 0
    assert list(spool.sealed()) == commits
    assert spool.prune(lambda header: header.sequence <= 15) > 0
    assert set(commits[15:]) <= set(spool.sealed())
    assert len(list(spool.sealed())) < len(commits)
    assert list(open_spool().sealed()) == list(spool.sealed())


def test_pruning_keeps_entries_that_are_open(open_spool: Callable[..., Spool], laptop: Laptop) -> None:
    subject, _ = laptop.add_subject()
    spool = open_spool()
    spool.append_open(entry("early", 1))
    for number in range(20):
        spool.append_sealed(save(laptop, subject, str(number)))
    spool.prune(always)
    assert open_spool().open_entries() == (entry("early", 1),)


def test_pruning_never_brings_a_closed_draft_back(open_spool: Callable[..., Spool], laptop: Laptop) -> None:
    # The first segment stays for its unreceived commit; it holds entries whose closing stands in a later one.
    subject, unreceived = laptop.add_subject()
    spool = open_spool()
    spool.append_sealed(unreceived)
    spool.append_open(entry("one", 1))
    for number in range(10):
        spool.append_sealed(save(laptop, subject, str(number)))
    spool.append_sealed(save(laptop, subject, "closing"), closes="one")
    for number in range(10):
        spool.append_sealed(save(laptop, subject, str(number)))
    assert spool.prune(lambda header: header.sequence > 1) > 0
    assert open_spool().drafts() == ()
    assert unreceived in set(open_spool().sealed())


def test_torn_tail_of_any_length_is_cut(open_spool: Callable[..., Spool], folder: Path) -> None:
    spool = open_spool(1_000_000)
    for number in range(3):
        spool.append_open(entry("one", number))
    until = segments(folder)[0].stat().st_size
    spool.append_open(entry("one", 3))
    whole = segments(folder)[0].read_bytes()
    for cut in [*range(until, len(whole), 7), len(whole)]:
        segments(folder)[0].write_bytes(whole[:cut])
        spool = open_spool(1_000_000)
        kept = 4 if cut == len(whole) else 3
        assert spool.open_entries() == tuple(entry("one", number) for number in range(kept))
        assert spool.damage.records == 0
        assert spool.damage.torn_bytes == (0 if kept == 4 else cut - until)
        spool.append_open(entry("one", 99))
        assert open_spool(1_000_000).open_entries()[-1] == entry("one", 99)


@pytest.mark.parametrize("size", range(9))
def test_segment_that_was_just_begun_is_begun_again(open_spool: Callable[..., Spool], folder: Path, size: int) -> None:
    folder.mkdir()
    (folder / "000001.spool").write_bytes(b"CBSPOOL1\xc5"[:size])
    spool = open_spool()
    spool.append_open(entry("one", 1))
    assert open_spool().open_entries() == (entry("one", 1),)


def test_flipped_bit_costs_at_most_the_records_it_hits(open_spool: Callable[..., Spool], folder: Path) -> None:
    spool = open_spool(3000)
    given = [entry("one", number) for number in range(60)]
    for one in given:
        spool.append_open(one)
    spool.close()
    originals = {path: path.read_bytes() for path in segments(folder)}
    for number in range(60):
        path = sorted(originals)[number % len(originals)]
        flip(path, some_bits(path, 1, seed=number, first_byte=8)[0])
        spool = open_spool(3000)
        assert set(spool.open_entries()) <= set(given)
        assert len(spool.open_entries()) == len(given) - 1
        assert spool.damage.records + (spool.damage.torn_bytes > 0) == 1
        assert list(folder.glob("*.damaged"))
        spool = open_spool(3000)
        assert spool.damage.records == 0, "told once, not at every opening"
        for other, content in originals.items():
            other.write_bytes(content)
        for aside in folder.glob("*.damaged"):
            aside.unlink()


def test_record_of_another_place_is_not_believed(open_spool: Callable[..., Spool], folder: Path) -> None:
    spool = open_spool(1_000_000)
    spool.append_open(entry("one", 1))
    spool.append_open(entry("one", 2))
    path = segments(folder)[0]
    content = path.read_bytes()
    length = (len(content) - 8) // 2
    path.write_bytes(content[:8] + content[8 + length :] + content[8 : 8 + length])
    with pytest.raises(StoreDamagedError):
        open_spool()
    path.write_bytes(content)
    path.rename(folder / "000007.spool")
    with pytest.raises(StoreDamagedError):
        open_spool()


def test_other_key_is_refused_and_nothing_is_changed(open_spool: Callable[..., Spool], folder: Path) -> None:
    spool = open_spool()
    spool.append_open(entry("one", 1))
    content = segments(folder)[0].read_bytes()
    with pytest.raises(StoreDamagedError):
        Spool.open(folder, bytes(32))
    assert [path.read_bytes() for path in folder.iterdir()] == [content]


def test_damage_after_opening_is_told(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    spool = open_spool()
    spool.append_sealed(laptop.add_subject()[1])
    flip(segments(folder)[0], 8 * 100)
    with pytest.raises(StoreDamagedError):
        list(spool.sealed())


def test_record_that_is_too_large_is_a_mistake(open_spool: Callable[..., Spool]) -> None:
    with pytest.raises(ValueError, match="64 MiB"):
        open_spool().append_open(OpenEntry(draft="one", body=bytes(64 * 1024 * 1024)))


def test_records_of_a_newer_release_stay(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    subject, first = laptop.add_subject()
    unreadable = first.header.replace(b'"v":1', b'"v":9').replace(b'"uk":', b'"ul":')
    newer = SealedCommit(unreadable, first.payload, first.signature)
    spool = open_spool()
    spool.append_open(entry("one", 1))
    spool.append_sealed(newer, closes="one")
    for number in range(12):
        spool.append_sealed(save(laptop, subject, str(number)))
    spool.prune(always)
    assert segments(folder)[0].name == "000001.spool"
    assert open_spool().drafts() == ()


class Limited:
    """A reserve that lifts the process's file size limit, once."""

    def __init__(self) -> None:
        self.left = 1

    def release(self) -> bool:
        if not self.left:
            return False
        self.left -= 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return True


@pytest.fixture
def limit() -> Iterator[Callable[[int], None]]:
    def set_limit(size_bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))

    yield set_limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_full_disk_refuses_and_loses_nothing(
    open_spool: Callable[..., Spool], folder: Path, limit: Callable[[int], None]
) -> None:
    spool = open_spool(1_000_000)
    for number in range(20):
        spool.append_open(entry("one", number))
    limit(segments(folder)[0].stat().st_size + 50)
    with pytest.raises(DiskFullError) as caught:
        spool.append_open(entry("one", 20))
    assert str(folder) in caught.value.sentence("zh")
    limit(1_000_000)
    spool.append_open(entry("one", 20))
    assert open_spool(1_000_000).open_entries() == tuple(entry("one", number) for number in range(21))
    assert open_spool().damage.torn_bytes == 0


def test_full_disk_takes_the_reserve_and_keeps(folder: Path, limit: Callable[[int], None]) -> None:
    spool = Spool.open(folder, KEY, reserve=Limited())
    limit(20)
    spool.append_open(entry("one", 1))
    limit(20)
    with pytest.raises(DiskFullError):
        spool.append_open(entry("one", 2))
    limit(1_000_000)
    spool.close()
    spool = Spool.open(folder, KEY)
    assert spool.open_entries() == (entry("one", 1),)
    spool.close()


def test_refused_appends_leave_no_files_behind(folder: Path, limit: Callable[[int], None]) -> None:
    spool = Spool.open(folder, KEY)
    limit(4)
    for _ in range(5):
        with pytest.raises(DiskFullError):
            spool.append_open(entry("one", 1))
    assert segments(folder) == []
    spool.close()


def test_only_the_owner_may_read(open_spool: Callable[..., Spool], folder: Path) -> None:
    open_spool().append_open(entry("one", 1))
    assert segments(folder)[0].stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_folder_that_is_a_file_is_told(folder: Path) -> None:
    folder.write_bytes(b"")
    with pytest.raises(DiskFailedError, match=errno.errorcode[errno.EEXIST]):
        Spool.open(folder, KEY)


def test_nothing_readable_stands_in_it(open_spool: Callable[..., Spool], folder: Path, laptop: Laptop) -> None:
    subject, commit = laptop.add_subject("001-A042")
    spool = open_spool()
    spool.append_open(OpenEntry(draft="draft of F.VS", body=b"entered text"))
    spool.append_sealed(commit, subject=subject)
    spool.set_setting("letter", "a setting")
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    for text in (b"F.VS", b"entered", b"001-A042", subject.encode(), b"setting", laptop.device.encode()):
        assert text not in content


def test_subject_that_is_not_known_is_none(open_spool: Callable[..., Spool], laptop: Laptop) -> None:
    spool = open_spool()
    spool.append_sealed(laptop.add_subject()[1])
    assert [subject for _, subject in open_spool().sealed_with_subjects()] == [None]
