"""What bundles tell a blinded person: content, keys, lengths, clear words, notes."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.errors import (
    NotPermittedError,
)
from casebook.ledger import UNBLINDING
from casebook.sync.bundle_file import (
    LEAST_BYTES,
    MOST_BYTES,
    SEGMENT_BYTES,
    BundleReader,
    read_prefix,
    room_for,
)
from casebook.sync.bundles import noted, write_bundle
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync import bundling
from tests.casebook.sync.bundling import BLIND, BundleServer, Carrier, write_both
from tests.casebook.sync.study import START_MS, STUDY, ids

study, laptop = bundling.study, bundling.laptop


def test_a_blinded_session_writes_and_reads_shelf_s_alone(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    write_both(laptop)

    written = laptop.write(BLIND)
    study.take(*written.files)
    (read,) = laptop.read(*study.reply(laptop.device, tmp_path), user=BLIND)

    assert written.count == 3
    assert ids(study.server.unblinding) == set()
    assert read.unblinding is None
    assert laptop.custody() == [True]


def test_part_u_of_an_answer_opens_for_nobody_blinded(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    other = Carrier(study, tmp_path, "B")
    write_both(other)
    other.writer.sync_both()
    study.take(*laptop.write().files)
    (file,) = study.reply(laptop.device, tmp_path)

    with file.open("rb") as opened:
        reader = BundleReader(opened, file.name)
        blind = [laptop.writer.sealing, laptop.sealings[BLIND]]  # all that a blinded session holds
        assert reader.key("S", blind) is not None
        assert reader.key("U", blind) is None
        assert reader.key("U", [laptop.sealings[laptop.writer.user]]) is not None


def test_a_blinded_person_cannot_ask_for_shelf_u(study: BundleServer, laptop: Carrier, tmp_path: Path) -> None:
    """They hold the laptop's keys and their own, and write shelf U's part with a log of their own."""
    forged = replace(laptop.holder(BLIND), logs={"S": laptop.writer.log, "U": MemoryLog()})
    written = write_bundle(forged, tmp_path, "forged", at_ms=START_MS)

    (taken,) = study.take(*written.files)
    (file,) = study.reply(laptop.device, tmp_path)

    assert [type(one) for one in taken.notices] == [NotPermittedError]
    with file.open("rb") as opened:
        assert BundleReader(opened, file.name).key("U", [laptop.sealings[BLIND], laptop.writer.sealing]) is None


@pytest.mark.parametrize("entries", [0, 1, 40, 400])
def test_no_length_and_no_clear_word_of_a_file_tells_what_is_in_part_u(laptop: Carrier, entries: int) -> None:
    laptop.writer.write("1")
    for value in range(entries):
        laptop.writer.write(f"{value}", compartment=UNBLINDING)

    with_u, without = laptop.write(), laptop.write(BLIND)

    sizes = {file.stat().st_size for file in (*with_u.files, *without.files)}
    assert len(sizes) == 1
    prefixes = []
    for (file,) in (with_u.files, without.files):
        with file.open("rb") as opened:
            prefixes.append(replace(read_prefix(opened, ""), number=0, id=""))
    assert prefixes[0] == prefixes[1]


def test_room_that_shelf_u_once_needed_is_kept_by_sessions_without_it(laptop: Carrier) -> None:
    laptop.writer.write("1")
    laptop.writer.write(random.Random(5).randbytes(400_000).hex(), compartment=UNBLINDING)

    with_u, without = laptop.write().files[0], laptop.write(BLIND).files[0]

    assert with_u.stat().st_size == without.stat().st_size
    assert with_u.stat().st_size > LEAST_BYTES["S"] + 2 * LEAST_BYTES["U"]


def test_notes_of_shelf_s_say_nothing_of_shelf_u(laptop: Carrier) -> None:
    laptop.writer.write("1")
    for value in range(7):
        laptop.writer.write(f"{value}", compartment=UNBLINDING)

    laptop.write()

    (note,) = noted(laptop.writer.log)
    unblinding = {head.epoch for head in laptop.writer.unblinding.heads()}
    assert note.count == 1
    assert not unblinding & {head.epoch for head in note.heads}
    assert json.loads(laptop.writer.log.setting("bundle.1") or "")["n"] == 1


def test_a_participants_data_stand_nowhere_in_a_file(laptop: Carrier) -> None:
    laptop.writer.write("VALUE-IN-CLEAR")
    laptop.writer.write("ARM-IN-CLEAR", compartment=UNBLINDING)

    (file,) = laptop.write().files

    data = file.read_bytes()
    assert b"VALUE-IN-CLEAR" not in data
    assert b"ARM-IN-CLEAR" not in data
    assert str(laptop.writer.user).encode() not in data


def test_room_is_a_doubling_of_the_least_up_to_the_most() -> None:
    assert room_for("S", 0) == SEGMENT_BYTES
    assert room_for("S", SEGMENT_BYTES) == 2 * SEGMENT_BYTES
    assert room_for("U", 10**9) == MOST_BYTES
    assert STUDY == "RELOW1"
