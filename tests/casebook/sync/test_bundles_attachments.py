"""Attachments by file: chunks after the records, in either direction, and the server's word of what it has."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.attachments import CHUNK_BYTES, chunk_names
from casebook.errors import BundleChunkDamagedError, BundleChunkStrangeError, BundleRoomError, ServerWordUntrustedError
from casebook.ledger import STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.store.chunks import Chunks
from casebook.sync import bundle_parts, carried_chunks
from casebook.sync.attachments import FETCHED_BYTES, want
from casebook.sync.bundle_file import MOST_BYTES, SEGMENT_BYTES, BundleReader, read_prefix
from casebook.sync.bundles import noted
from casebook.sync.carried_chunks import Attached, Going
from casebook.sync.frames import FrameParser, FrameType, write_frame
from tests.casebook.sync import bundling
from tests.casebook.sync.bundling import BLIND, BundleServer, Carrier
from tests.casebook.sync.chunk_study import photo

PHOTO = photo(3 * CHUNK_BYTES + 77)


study, laptop = bundling.study, bundling.laptop


def kinds_in(study: BundleServer, file: Path, shelf: str = STANDARD) -> list[FrameType]:
    """Return the frames of a part of a file for the server, in order."""
    with file.open("rb") as opened:
        reader = BundleReader(opened, file.name)
        key = reader.key(shelf, study.standard if shelf == STANDARD else study.unblinding)
        assert key is not None
        parser = FrameParser()
        return [frame.type for data in reader.content(shelf, key) for frame in parser.feed(data)]


def room_of_unblinding(file: Path) -> int:
    with file.open("rb") as opened:
        return read_prefix(opened, file.name).room[1]


# -- to the server and back --------------------------------------------------------------------------


def test_a_photo_reaches_the_server_by_file_after_the_records_and_its_word_brings_custody(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    commit = laptop.attach(PHOTO)

    written = laptop.write()
    kinds = kinds_in(study, written.files[0])
    (taken,) = study.take(*written.files)
    before = laptop.pending()
    laptop.read(*study.reply(laptop.device, tmp_path))

    assert (written.attached, taken.chunks, taken.notices) == (1, 4, ())
    assert kinds.index(FrameType.HELD) < kinds.index(FrameType.COMMITS)  # in the first file, however many there are
    assert kinds.index(FrameType.CHUNK) > max(at for at, kind in enumerate(kinds) if kind is FrameType.COMMITS)
    assert all(study.chunks.chunks[STANDARD].has(name) for name in chunk_names(commit))
    assert (before, laptop.pending()) == (1, 0)  # the bundle proves nothing, the answer does
    assert laptop.write().attached == 0


def test_taking_and_reading_twice_changes_nothing(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    laptop.attach(PHOTO)
    written = laptop.write()
    study.take(*written.files)
    answers = study.reply(laptop.device, tmp_path)
    laptop.read(*answers)

    (taken,) = study.take(*written.files)
    (read,) = laptop.read(*answers)

    assert (taken.appended, taken.chunks, taken.notices) == (0, 0, ())
    assert (read.standard.appended, read.standard.notices, laptop.pending()) == (0, (), 0)


def test_an_older_answer_that_comes_late_takes_no_custody_back(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.attach(PHOTO)
    study.take(*laptop.write(attachments=Attached.WITHOUT).files)
    late = study.reply(laptop.device, tmp_path)
    study.take(*laptop.write().files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    laptop.read(*late)

    assert laptop.pending() == 0


def test_what_stays_behind_is_noted_and_goes_with_the_next_bundle(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.attach(PHOTO)

    first = laptop.write(attachments=Attached.WITHOUT)
    study.take(*first.files)
    laptop.read(*study.reply(laptop.device, tmp_path))
    still = laptop.pending()
    second = laptop.write()
    study.take(*second.files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    assert (first.attached, first.left_out, still) == (0, 1, 1)
    assert [(one.attached, one.left_out) for one in noted(laptop.writer.log)] == [(0, 1), (1, 0)]
    assert (second.count, second.attached, laptop.pending()) == (0, 1, 0)


def test_an_answer_brings_a_colleagues_photo_and_a_large_one_only_where_it_is_wanted(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other = Carrier(study, tmp_path, "B")
    small, large = other.attach(PHOTO), other.attach(photo(FETCHED_BYTES + 1, seed=6))
    other.writer.sync_both()
    study.take(*other.write().files)
    laptop.writer.sync_both()

    study.take(*laptop.write().files)
    (first,) = laptop.read(*study.reply(laptop.device, tmp_path))
    has_large = laptop.chunks[STANDARD].has(chunk_names(large)[0])
    want(laptop.writer.log, large.id)
    study.take(*laptop.write().files)
    (second,) = laptop.read(*study.reply(laptop.device, tmp_path))

    assert all(laptop.chunks[STANDARD].has(name) for name in chunk_names(small))
    assert (first.standard.attachments, has_large, second.standard.attachments) == (1, False, 1)


def test_an_answer_to_a_bundle_without_attachments_brings_none(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other = Carrier(study, tmp_path, "B")
    other.attach(PHOTO)
    study.take(*other.write().files)

    study.take(*laptop.write(attachments=Attached.WITHOUT).files)
    (read,) = laptop.read(*study.reply(laptop.device, tmp_path))

    assert read.standard.appended > 0
    assert laptop.chunks[STANDARD].held == {}


def test_a_withdrawn_laptop_hands_its_photo_in_and_is_given_none(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other = Carrier(study, tmp_path, "B")
    other.attach(PHOTO)
    study.take(*other.write().files)
    laptop.attach(photo(100))
    written = laptop.write()
    device = study.server.directory.device(laptop.device)
    assert device is not None
    study.server.office.withdraw_laptop(device)

    (taken,) = study.take(*written.files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    assert (taken.withdrawn, taken.chunks, laptop.pending()) == (True, 1, 0)
    assert len(laptop.chunks[STANDARD].held) == 1


# -- between laptops ---------------------------------------------------------------------------------


def test_a_photo_goes_to_the_laptop_beside_once(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    other = Carrier(study, tmp_path, "B")
    laptop.writer.sync_both()
    laptop.attach(PHOTO)

    other.read(*laptop.write(to=other.device).files)
    laptop.read(*other.write(to=laptop.device).files)
    again = laptop.write(to=other.device)

    assert other.chunks[STANDARD].held == laptop.chunks[STANDARD].held
    assert again.attached == 0
    assert (laptop.pending(), other.pending()) == (1, 1)  # a colleague's laptop is not the server


# -- several files, little room ----------------------------------------------------------------------


def test_attachments_go_on_in_further_files_of_which_each_is_good_for_itself(
    study: BundleServer, laptop: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_parts, "CONTENT_BYTES", 2 * SEGMENT_BYTES)
    laptop.attach(PHOTO)
    written = laptop.write()
    first, *others = written.files

    early = [notice for taken in study.take(*others) for notice in taken.notices]
    taken = study.take(first, *others)

    assert len(written.files) > 2
    assert {type(one) for one in early} == {BundleChunkStrangeError}  # no record names them yet: nothing was kept
    assert sum(one.chunks for one in taken) == 4
    assert [one.notices for one in taken] == [()] * len(written.files)


def test_a_stick_that_is_too_small_is_refused_before_anything_is_written(
    laptop: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop.attach(PHOTO)
    usage = shutil.disk_usage(laptop.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=SEGMENT_BYTES))

    with pytest.raises(BundleRoomError) as refused:
        laptop.write()

    assert "0.1 MiB free" in refused.value.sentence()
    assert list(laptop.folder.iterdir()) == []


# -- hostile and damaged -----------------------------------------------------------------------------


def _with_frames(monkeypatch: pytest.MonkeyPatch, *bodies: bytes) -> None:
    """Have bundles carry these chunks in the place of what they would."""

    def frames(_: Chunks, going: tuple[Going, ...]) -> Iterator[bytes]:
        del going
        return (write_frame(FrameType.CHUNK, body) for body in bodies)

    monkeypatch.setattr(bundle_parts, "chunk_frames", frames)


def test_chunks_that_are_not_what_they_say_are_refused_by_name_and_the_records_are_taken(
    study: BundleServer, laptop: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = laptop.attach(PHOTO)
    named = bytes.fromhex(chunk_names(commit)[0])
    _with_frames(
        monkeypatch,
        named + b"other bytes",
        named + bytes(2 * CHUNK_BYTES),
        bytes(32) + b"a chunk that no record names",
        b"",
    )

    (taken,) = study.take(*laptop.write(BLIND).files)

    assert (taken.appended > 0, taken.chunks) == (True, 0)
    assert {type(one): one.fields["count"] for one in taken.notices} == {
        BundleChunkDamagedError: 1,
        BundleChunkStrangeError: 3,
    }
    assert study.chunks.chunks[STANDARD].get(chunk_names(commit)[0]) is None


def test_a_chunk_in_the_part_of_the_other_shelf_is_refused(
    study: BundleServer, laptop: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = laptop.attach(PHOTO, UNBLINDING_IDENTITY)
    name = chunk_names(commit)[0]
    chunk = laptop.chunks[UNBLINDING].get(name)
    assert chunk is not None
    _with_frames(monkeypatch, bytes.fromhex(name) + chunk)

    (taken,) = study.take(*laptop.write().files)  # it stands in both parts

    assert [type(one) for one in taken.notices] == [BundleChunkStrangeError]
    assert not study.chunks.chunks[STANDARD].has(name)
    assert study.chunks.chunks[UNBLINDING].has(name)


def test_the_servers_word_is_taken_under_its_signature_alone(study: BundleServer, laptop: Carrier) -> None:
    laptop.attach(PHOTO)
    study.take(*laptop.write().files)
    about: dict[str, str | int] = {"st": "RELOW1", "no": "0" * 32, "at": 1, "se": ""}
    (frame,) = carried_chunks.word_frames(
        study.server.log,
        study.chunks.chunks[STANDARD],
        device=laptop.device,
        sites=("001",),
        about=about,
        key=laptop.people[BLIND],
    )
    (word,) = FrameParser().feed(frame)
    key = study.server.identity.receipts

    with pytest.raises(ServerWordUntrustedError):
        carried_chunks.hear_word(laptop.writer.log, word.body, key, study="RELOW1", nonce="0" * 32)

    assert laptop.pending() == 1


# -- blinding ----------------------------------------------------------------------------------------


def test_a_blinded_persons_bundle_holds_no_chunk_of_shelf_u_and_is_as_long_as_without(
    study: BundleServer, laptop: Carrier
) -> None:
    commit = laptop.attach(photo(9 * CHUNK_BYTES), UNBLINDING_IDENTITY)

    blind = laptop.write(BLIND)
    study.take(*blind.files)
    nothing = [study.chunks.chunks[UNBLINDING].has(name) for name in chunk_names(commit)]
    full = laptop.write()
    study.take(*full.files)
    after = laptop.write(BLIND)

    assert (blind.attached, any(nothing), full.attached) == (0, False, 1)
    assert all(study.chunks.chunks[UNBLINDING].has(name) for name in chunk_names(commit))
    assert room_of_unblinding(full.files[0]) > room_of_unblinding(blind.files[0])
    assert room_of_unblinding(after.files[0]) == room_of_unblinding(blind.files[0]) < MOST_BYTES
