"""Bundles: the exchange as files, by any carrier, in any order, lost, cut, repeated, or of somebody else."""

import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.crypto import SealingKey
from casebook.errors import (
    BundleDamagedError,
    BundleForAnotherError,
    BundleForeignFileError,
    BundleKeyMissingError,
    BundleNewerError,
    BundleOtherStudyError,
    BundleSealedError,
    BundleSenderError,
    BundleTurnedAwayError,
    CasebookError,
    FileUnreadableError,
    FileUnwritableError,
    SignatureBadError,
    StoppedError,
)
from casebook.ledger import UNBLINDING, SealedCommit
from casebook.sync import trust
from casebook.sync.bundle_disk import Watch, keep_file
from casebook.sync.bundle_file import (
    LEAST_BYTES,
    MOST_BYTES,
    SEGMENT_BYTES,
    BundleReader,
    Part,
    Prefix,
    write_file,
)
from casebook.sync.bundles import TO_SERVER, noted, write_bundle
from casebook.sync.frames import FrameType, write_frame
from casebook.sync.step import note_step, read_step
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync import bundling
from tests.casebook.sync.bundling import BundleServer, Carrier, write_both
from tests.casebook.sync.study import START_MS, STUDY, copy_of, ids

study, laptop = bundling.study, bundling.laptop


# -- there and back ----------------------------------------------------------------------------------


def test_a_bundle_carries_both_shelves_and_its_answer_brings_the_receipts(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    write_both(laptop)

    written = laptop.write()
    (taken,) = study.take(*written.files)
    before = [*laptop.custody(), *laptop.custody(UNBLINDING)]
    (read,) = laptop.read(*study.reply(laptop.device, tmp_path))

    assert ids(study.server.log) >= ids(laptop.writer.log)
    assert ids(study.server.unblinding) == ids(laptop.writer.unblinding)
    assert (written.number, written.count, taken.appended) == (1, 7, 7)
    assert before == [False, False]
    assert [*laptop.custody(), *laptop.custody(UNBLINDING)] == [True, True]
    assert read.answers == 1
    assert read.by_server


def test_an_answer_says_whether_both_ends_are_in_step(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    write_both(laptop)
    study.take(*laptop.write().files)
    (first,) = study.reply(laptop.device, tmp_path)
    laptop.writer.write("later")
    laptop.read(first)
    before = [read_step(log) for log in laptop.holder().logs.values()]

    study.take(*laptop.write().files)
    laptop.read(*study.reply(laptop.device, tmp_path))
    laptop.read(first)  # again, and late: it says nothing any more
    after = [read_step(log) for log in laptop.holder().logs.values()]

    assert [one.in_step for one in before if one is not None] == [False, True]
    assert [one.in_step for one in after if one is not None] == [True, True]


def test_what_a_receipt_covers_is_not_carried_again_and_what_none_covers_is(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.writer.write("1")
    study.take(*laptop.write().files)
    laptop.writer.write("2")
    unanswered = laptop.write()
    laptop.read(*study.reply(laptop.device, tmp_path))
    laptop.writer.write("3")

    assert unanswered.count == 2
    assert laptop.write().count == 2


def test_bundles_are_noted_with_where_they_reach_and_whether_they_were_answered(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.writer.write("1")
    first = laptop.write()
    laptop.writer.write("2")
    laptop.write()
    study.take(*first.files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    one, two = noted(laptop.writer.log)

    assert (one.number, two.number) == (1, 2)
    assert (one.replied, two.replied) == (True, False)
    assert [head.sequence for head in one.heads if head.device == laptop.device] == [1]
    assert [head.sequence for head in two.heads if head.device == laptop.device] == [2]
    assert one.recipient == TO_SERVER
    assert one.made_at == START_MS


def test_news_travel_in_the_answer(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    other = Carrier(study, tmp_path, "B")
    write_both(other)
    other.writer.sync_both()

    study.take(*laptop.write().files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    assert ids(other.writer.log) <= ids(laptop.writer.log)
    assert ids(other.writer.unblinding) == ids(laptop.writer.unblinding)


def test_reading_and_taking_again_changes_nothing(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    write_both(laptop)
    files = laptop.write().files
    study.take(*files)
    reply = study.reply(laptop.device, tmp_path)
    laptop.read(*reply)
    here, there = ids(laptop.writer.log), ids(study.server.log)
    receipts = laptop.writer.log.receipts()

    (again,) = study.take(*files)
    (reread,) = laptop.read(*reply)

    assert (again.appended, reread.standard.appended, reread.standard.receipts) == (0, 0, 0)
    assert (ids(laptop.writer.log), ids(study.server.log)) == (here, there)
    assert laptop.writer.log.receipts() == receipts


def test_an_older_answer_says_nothing_of_the_servers_store(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    study.server.log.set_setting("server_epoch", "older_")
    study.take(*laptop.write().files)
    old = study.reply(laptop.device, tmp_path)
    study.server.log.set_setting("server_epoch", "newer_")
    laptop.read(*study.reply(laptop.device, tmp_path))

    laptop.read(*old)

    assert laptop.writer.log.setting("server_epoch") == "newer_"


def test_a_bundle_of_a_withdrawn_laptop_is_taken_and_held(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    write_both(laptop)
    files = laptop.write().files
    device = study.server.directory.device(laptop.device)
    assert device is not None
    study.server.office.withdraw_laptop(device)

    (taken,) = study.take(*files)
    (read,) = laptop.read(*study.reply(laptop.device, tmp_path))

    assert taken.withdrawn
    assert taken.appended == 7
    own = [one for one in study.server.log.commits() if one.parsed.device == laptop.device]
    assert {study.server.directory.effect(one.id) for one in own} == {"held"}
    assert read.standard.withdrawn
    assert read.unblinding is None


def test_an_older_copy_of_the_folder_is_told_before_its_lost_records_come_back(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.writer.write("1")
    before = copy_of(laptop.writer.log)
    for value in range(3):
        laptop.writer.write(str(value))
        study.take(*laptop.write().files)
    held = ids(laptop.writer.log)
    laptop.writer.log = before  # which counts its bundles from the first again

    (taken,) = study.take(*laptop.write().files)
    (read,) = laptop.read(*study.reply(laptop.device, tmp_path))

    assert taken.number == 1
    assert laptop.begun == ["S"]
    assert read.standard.older_copy
    assert ids(laptop.writer.log) >= held


def test_a_bundle_says_nothing_but_what_bundles_say(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    """A short opening, which rests on what the server remembers, has no place in a file that may come at any time."""
    holder, id_ = laptop.holder(), "0" * 32
    prefix = Prefix(
        study=STUDY,
        sender=laptop.device,
        recipient=study.server.identity.device,
        number=2**40,
        part=1,
        parts=1,
        at_ms=START_MS,
        id=id_,
        answers="",
        room=(LEAST_BYTES["S"], LEAST_BYTES["U"]),
    )
    for content in (write_frame(FrameType.BRIEF, bytes(200)), write_frame(FrameType.END, b""), b"\xff\xff\xff\xff"):
        path = tmp_path / "odd.crfb"
        part = Part(content=[content], size_bytes=len(content), openers=[study.standard[0].public])
        keep_file(path, write_file(prefix, part, Part(), holder.random_bytes))
        with pytest.raises(BundleDamagedError):
            study.take(path)


def test_a_server_set_up_anew_is_filled_by_a_bundle_of_everything(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    write_both(laptop)
    laptop.writer.sync_both()
    study.server.begin(MemoryLog(), MemoryLog())

    with pytest.raises(BundleSenderError):
        study.take(*laptop.write().files)
    study.take(*laptop.write(whole=True).files)
    laptop.read(*study.reply(laptop.device, tmp_path))

    assert ids(study.server.log) >= ids(laptop.writer.log)
    assert ids(study.server.unblinding) == ids(laptop.writer.unblinding)


def test_a_chain_that_does_not_verify_ends_there_and_the_others_are_taken(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other = Carrier(study, tmp_path, "B")
    laptop.writer.sync()
    forged = other.writer.write("forged")
    other.writer.log = MemoryLog()
    laptop.writer.log.append([replace_signature(forged)])
    laptop.writer.write("good")

    (taken,) = study.take(*laptop.write().files)

    own = {one.id for one in laptop.writer.log.commits() if one.parsed.device == laptop.device}
    assert own <= ids(study.server.log)
    assert forged.id not in ids(study.server.log)
    assert SignatureBadError in {type(one) for one in taken.notices}


def replace_signature(commit: SealedCommit) -> SealedCommit:
    return SealedCommit(commit.header, commit.payload, bytes(64))


def test_keys_are_renewed_and_what_was_sealed_to_the_old_ones_still_opens(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.writer.write("1")
    old = laptop.write().files
    study.standard.append(SealingKey(study.server.rng.randbytes(32)))
    study.unblinding.append(SealingKey(study.server.rng.randbytes(32)))
    study.state_keys()
    study.take(*old)
    laptop.read(*study.reply(laptop.device, tmp_path))
    laptop.writer.write("2")
    new = laptop.write().files

    (taken,) = study.take(*new)
    del study.standard[-1], study.unblinding[-1]

    assert taken.appended == 1
    with pytest.raises(BundleSealedError):
        study.take(*new)


def test_a_laptop_that_knows_no_key_of_the_server_says_so(tmp_path: Path) -> None:
    study = BundleServer()
    laptop = Carrier(study, tmp_path)
    laptop.writer.directory = trust.Directory(study.server.identity)
    laptop.writer.log = MemoryLog()

    with pytest.raises(BundleKeyMissingError):
        laptop.write()


# -- files that are not right ------------------------------------------------------------------------


def test_a_file_that_is_cut_or_changed_anywhere_is_refused_and_changes_nothing(
    study: BundleServer, laptop: Carrier
) -> None:
    write_both(laptop)
    (file,) = laptop.write().files
    whole = file.read_bytes()
    before = ids(study.server.log)
    rng = random.Random(2)
    places = [0, 4, 5, 6, 7, 60, 400, 500, 2000, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(40))]
    for place in places:
        bent = bytearray(whole)
        bent[place] ^= 1 << rng.randrange(8)
        for data in (whole[:place], bytes(bent), whole + b"\0"):
            file.write_bytes(data)
            with pytest.raises(CasebookError) as refusal:
                study.take(file)
            assert refusal.value.code.startswith("bundle.")
            assert file.name in refusal.value.sentence("zh")
    assert ids(study.server.log) == before

    file.write_bytes(whole)
    assert study.take(file)[0].appended == 7


def test_an_answer_that_is_cut_or_changed_anywhere_is_refused_and_changes_nothing(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    write_both(laptop)
    study.take(*laptop.write().files)
    (file,) = study.reply(laptop.device, tmp_path)
    whole, rng = file.read_bytes(), random.Random(3)
    for place in [8, 70, 500, *(rng.randrange(len(whole)) for _ in range(20))]:
        bent = bytearray(whole)
        bent[place] ^= 1 << rng.randrange(8)
        for data in (whole[:place], bytes(bent)):
            file.write_bytes(data)
            with pytest.raises(CasebookError):
                laptop.read(file)
    assert laptop.custody() == [False]

    file.write_bytes(whole)
    laptop.read(file)
    assert laptop.custody() == [True]


def test_a_file_of_another_study_recipient_or_kind_is_refused_with_its_own_sentence(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other = Carrier(study, tmp_path, "B")
    laptop.writer.sync()
    laptop.writer.write("1")
    (to_server,) = laptop.write().files
    (to_other,) = laptop.write(to=other.device).files
    study.take(to_server)
    (reply,) = study.reply(laptop.device, tmp_path)
    text = tmp_path / "letter.crfb"
    text.write_bytes(b"no bundle")
    newer = tmp_path / "newer.crfb"
    newer.write_bytes(to_server.read_bytes()[:4] + b"\x02" + to_server.read_bytes()[5:])
    elsewhere = Carrier(BundleServer(seed=9), tmp_path, "A")
    stranger = replace(elsewhere.holder(), laptop=replace(elsewhere.holder().laptop, study="OTHER1"))
    (foreign,) = write_bundle(stranger, tmp_path, "foreign", at_ms=START_MS).files

    with pytest.raises(BundleForAnotherError):
        laptop.read(to_server)
    with pytest.raises(BundleForAnotherError):
        other.read(reply)
    with pytest.raises(BundleForAnotherError):
        study.take(to_other)
    with pytest.raises(BundleForeignFileError):
        laptop.read(text)
    with pytest.raises(BundleNewerError):
        study.take(newer)
    with pytest.raises(BundleOtherStudyError):
        study.take(foreign)
    with pytest.raises(FileUnreadableError):
        laptop.read(tmp_path / "gone.crfb")
    with pytest.raises(BundleTurnedAwayError):
        laptop.write(to=laptop.device)
    with pytest.raises(BundleTurnedAwayError):
        study.reply(other.device, tmp_path)


def test_another_server_of_the_same_study_code_cannot_open_a_bundle_and_is_not_believed(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    false = BundleServer(seed=7)
    false.server.directory.server = study.server.identity
    laptop.writer.write("1")
    files = laptop.write().files

    with pytest.raises(BundleSealedError):
        false.take(*files)

    false.standard, false.unblinding = study.standard, study.unblinding  # even with the stolen keys
    false.server.directory.refresh(study.server.log)
    false.take(*files)
    with pytest.raises(BundleSenderError):
        laptop.read(*false.reply(laptop.device, tmp_path))


def test_a_folder_that_takes_no_file_or_a_stop_leaves_nothing_behind(laptop: Carrier, tmp_path: Path) -> None:
    laptop.writer.write("1")
    before = sorted(tmp_path.iterdir())
    calls: list[int] = []

    with pytest.raises(FileUnwritableError):
        write_bundle(laptop.holder(), tmp_path / "no folder", "lap", at_ms=START_MS)
    watch = Watch(on_bytes=calls.append, cancelled=lambda: sum(calls) > SEGMENT_BYTES)
    with pytest.raises(StoppedError):
        write_bundle(laptop.holder(), tmp_path, "lap", at_ms=START_MS, watch=watch)

    assert sorted(tmp_path.iterdir()) == before
    assert noted(laptop.writer.log) == ()


def test_what_lies_in_the_folder_already_is_never_replaced(laptop: Carrier, tmp_path: Path) -> None:
    (tmp_path / "lap-1.crfb").write_bytes(b"the only copy")

    (file,) = laptop.write().files

    assert file.name == "lap-1-copy2.crfb"
    assert (tmp_path / "lap-1.crfb").read_bytes() == b"the only copy"


# -- many parts --------------------------------------------------------------------------------------


def test_much_goes_into_several_files_that_may_come_in_any_order(study: BundleServer, laptop: Carrier) -> None:
    rng = random.Random(4)
    for _ in range(3):
        laptop.writer.write(rng.randbytes(3_000_000).hex())
    laptop.writer.write("u", compartment=UNBLINDING)

    files = list(laptop.write().files)
    assert [file.name for file in files] == ["lap-1-1of2.crfb", "lap-1-2of2.crfb"]
    assert max(file.stat().st_size for file in files) < 25_000_000 * 3 // 4
    backwards = study.take(*reversed(files))
    assert backwards[0].waiting
    study.take(*files)

    assert ids(study.server.log) >= ids(laptop.writer.log)
    assert ids(study.server.unblinding) == ids(laptop.writer.unblinding)


def test_a_large_file_is_written_and_read_with_the_memory_of_some_segments(laptop: Carrier, tmp_path: Path) -> None:
    size_bytes, path, key = 8_000_000, tmp_path / "large.crfb", SealingKey.generate()
    prefix = Prefix(
        study=STUDY,
        sender=laptop.device,
        recipient=laptop.device,
        number=1,
        part=1,
        parts=1,
        at_ms=START_MS,
        id="0" * 32,
        answers="",
        room=(MOST_BYTES, LEAST_BYTES["U"]),
    )
    content = (bytes([place % 251]) * 1000 for place in range(size_bytes // 1000))
    part = Part(content=content, size_bytes=size_bytes, openers=[key.public])

    tracemalloc.start()
    try:
        keep_file(path, write_file(prefix, part, Part(), laptop.writer.rng.randbytes))
        with path.open("rb") as file:
            reader = BundleReader(file, path.name)
            reader.verify()
            opened = reader.key("S", [key])
            assert opened is not None
            read = sum(len(data) for data in reader.content("S", opened))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == size_bytes
    assert path.stat().st_size > 9_000_000
    assert peak_bytes < 3_000_000


def test_an_answer_of_several_files_brings_both_ends_into_step(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    other, rng = Carrier(study, tmp_path, "B"), random.Random(8)
    for _ in range(3):
        other.writer.write(rng.randbytes(3_000_000).hex())
    other.writer.sync(person=other.writer.signer)
    laptop.writer.write("1")
    study.take(*laptop.write().files)

    answers = study.reply(laptop.device, tmp_path)
    for file in answers:
        laptop.read(file)
    step = read_step(laptop.writer.log)

    assert len(answers) == 2
    assert ids(laptop.writer.log) == ids(study.server.log)
    assert step is not None
    assert step.in_step


def test_an_answer_from_before_the_server_was_put_back_does_not_bring_its_epoch_back(
    study: BundleServer, laptop: Carrier, tmp_path: Path
) -> None:
    laptop.writer.write("1")
    study.server.log.set_setting("server_epoch", "older_")
    study.take(*laptop.write().files)
    old = study.reply(laptop.device, tmp_path)
    study.server.log.set_setting("server_epoch", "newer_")
    note_step(laptop.writer.log, laptop.writer.sync())

    laptop.read(*old)

    assert laptop.writer.log.setting("server_epoch") == "newer_"
