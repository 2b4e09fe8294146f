"""Nothing readable: what a finder of the laptop sees, and what the server's operator sees.

The journey's laptops are looked at as they lay on the disk while a form was open, after work offline,
in mid-session and after closing; the server's store is opened with its own keys.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import zstandard

from casebook import ledger
from casebook.errors import SealedAwayError
from casebook.payloads import BlobPayload, DataPayload, SubjectPayload, read
from casebook.store import CommitLog
from casebook.store.commit_log import SqlcipherLog
from central_server.app import Stores, open_stores
from central_server.authority import read_keys
from central_server.settings import read_settings
from tests.journeys.answers import NAME, PHONE, RATER, searched
from tests.journeys.story import COORDINATOR, INVESTIGATOR, Journey
from tests.laptops import CHEAP_KDF, PASSPHRASE, design

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
MOST_BYTES = 64 * 1024 * 1024
BALLAST = "ballast"
"""Random bytes that only take space: short texts occur there by chance, and there is nothing to unpack."""
SHORT = 8


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what opens as zstd or zlib anywhere inside."""
    for place in _places(data, (ZSTD_MAGIC,)):
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[place:])
        except zstandard.ZstdError:
            continue
    for place in _places(data, ZLIB_HEADS):
        try:
            yield zlib.decompressobj().decompress(data[place:], MOST_BYTES)
        except zlib.error:
            continue


def _places(data: bytes, heads: Iterable[bytes]) -> Iterator[int]:
    for head in heads:
        place = data.find(head)
        while place >= 0:
            yield place
            place = data.find(head, place + 1)


def found_in(data: bytes, texts: Iterable[str], *, unpack: bool = True) -> set[str]:
    """Return which of `texts` can be read in `data`, in any spelling that programs use."""
    layers = [data, *(_unpacked(data) if unpack else ())]
    return {
        text
        for text in texts
        for encoding in ENCODINGS
        for layer in layers
        if text.encode(encoding) in layer or text.encode(encoding).hex().encode() in layer.lower()
    }


def files_of(folder: Path) -> Mapping[str, bytes]:
    """Return every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _found_in_file(name: str, data: bytes, texts: tuple[str, ...]) -> set[str]:
    named = {text for text in texts if text in name}
    if Path(name).name.startswith(BALLAST):
        return named | found_in(data, [text for text in texts if len(text.encode()) >= SHORT], unpack=False)
    return named | found_in(data, texts)


def readable(folder: Path, texts: Iterable[str]) -> set[tuple[str, str]]:
    """Return what can be read where, in the files below `folder` and in their names."""
    wanted = tuple(texts)
    return {(name, text) for name, data in files_of(folder).items() for text in _found_in_file(name, data, wanted)}


@pytest.fixture
def secrets(journey: Journey) -> tuple[str, ...]:
    """What no file of a laptop may show."""
    return (*searched(), journey.number, PASSPHRASE)


def _stages() -> tuple[str, ...]:
    return tuple(
        f"{stage}, {laptop}"
        for stage in ("entries kept, form open", "offline work done", "second laptop shows all", "closed")
        for laptop in ("one", "two")
    )


@pytest.mark.parametrize("stage", _stages())
def test_laptop_shows_nothing_to_its_finder(journey: Journey, secrets: tuple[str, ...], stage: str) -> None:
    assert readable(journey.disks[stage], secrets) == set()


def test_every_kind_of_file_was_searched(journey: Journey) -> None:
    names = {name for stage, disk in journey.disks.items() if "one" in stage for name in files_of(disk)}
    for name in (
        "casebook.db",
        "casebook.db-wal",
        "casebook.db-shm",
        "keyslots.json",
        "keyslots.json.bak",
        "preferences.json",
        "unblinding/casebook.db",
        "unblinding/casebook.db-wal",
    ):
        assert name in names
    for spool in ("spool/", "unblinding/spool/"):
        assert any(name.startswith(spool) for name in names)


def test_sidecar_names_staff_and_nobody_else(journey: Journey) -> None:
    sidecar = (journey.disks["closed, one"] / "keyslots.json").read_bytes()
    assert found_in(sidecar, (INVESTIGATOR, NAME, COORDINATOR)) == {INVESTIGATOR}


def test_temporary_files_and_logs_show_nothing(journey: Journey, secrets: tuple[str, ...]) -> None:
    assert readable(journey.folder / "temporary", secrets) == set()
    logs = {"server": "\n".join(journey.server.log_lines), "applications": journey.log.read_text(encoding="utf-8")}
    for log in logs.values():
        assert "exchange" in log
        assert found_in(log.encode(), secrets) == set()


def test_server_files_show_nothing_to_their_finder(journey: Journey, secrets: tuple[str, ...]) -> None:
    assert readable(journey.server.folder, secrets) == set()


def test_search_finds_what_is_there(journey: Journey, secrets: tuple[str, ...], tmp_path: Path) -> None:
    """The same search on plain copies: it would have found them."""
    for number, text in enumerate(secrets):
        (tmp_path / f"{number} plain").write_bytes(b"\0" * 4000 + text.encode() + b"\xff" * 90)
        (tmp_path / f"{number} wide").write_bytes(text.encode("utf-16-le"))
        (tmp_path / f"{number} hex").write_bytes(text.encode().hex().encode())
        (tmp_path / f"{number} zlib").write_bytes(b"head" + zlib.compress(text.encode() * 3) + b"tail")
        (tmp_path / f"{number} zstd").write_bytes(b"head" + zstandard.compress(text.encode() * 3) + b"tail")
    assert len(readable(tmp_path, secrets)) >= 5 * len(secrets)
    laptop = journey.laptop("one")
    assert found_in(_opened(journey), (RATER, "F.NIHSS", journey.number)) == {RATER, "F.NIHSS", journey.number}
    assert laptop.state().enrolled


# -- the server's operator, with the server's own keys --------------------------------------------------------


@pytest.fixture
def stores(journey: Journey) -> Iterator[Stores]:
    """The server's two stores, opened with the server's keys."""
    with _open_servers_stores(journey) as stores:
        yield stores


def _open_servers_stores(journey: Journey) -> AbstractContextManager[Stores]:
    folder = journey.server.folder
    return open_stores(read_settings(folder), read_keys(folder, passphrase=None, policy=CHEAP_KDF))


def _opened(journey: Journey) -> bytes:
    """Return everything that the server can read: headers, payloads as stored, payloads as opened."""
    with _open_servers_stores(journey) as stores:
        assert len(stores.by_shelf) == 2
        return b"\n".join(part for log in stores.by_shelf.values() for part in _parts_of(log))


def _parts_of(log: CommitLog) -> Iterator[bytes]:
    for commit in log.commits():
        yield from (commit.header, commit.payload)
    yield from (one.body for one in log.quarantined())
    assert isinstance(log, SqlcipherLog)
    yield from (text.encode() for text in log.settings().values())


def _ink_and_consent(journey: Journey) -> tuple[bytes, ...]:
    """Return pieces of the drawn signature and of the signed PDFs."""
    (consent,) = (shown for key, shown in journey.second.items() if key.form == "F.ICF")
    ink = next(field[0] for path, field in consent.items() if path.item == "SIGPINK")
    assert len(ink) > 100
    return (ink[-60:].encode(), b"%PDF", *(pdf[1000:1040] for pdf in journey.signed.values()))


def test_server_cannot_read_identity(journey: Journey) -> None:
    whole = _opened(journey)
    assert found_in(whole, (NAME, PHONE)) == set()
    for piece in _ink_and_consent(journey):
        assert piece not in whole


def test_search_in_the_servers_store_finds_what_is_not_sealed(journey: Journey) -> None:
    assert b"%PDF" in b"".join(journey.signed.values())
    assert found_in(_opened(journey), (RATER, "NIHSS05B")) == {RATER, "NIHSS05B"}


def test_server_holds_identity_only_sealed(stores: Stores) -> None:
    opened, sealed = [], 0
    for commit in (commit for log in stores.by_shelf.values() for commit in log.commits()):
        try:
            opened.append(read(commit, None))
        except SealedAwayError:
            assert commit.parsed.compartment in {ledger.IDENTITY, ledger.UNBLINDING_IDENTITY}
            sealed += 1
    forms = {payload.key.form for payload in opened if isinstance(payload, DataPayload)}
    assert sealed >= 4
    assert any(isinstance(payload, SubjectPayload) for payload in opened)
    assert not any(isinstance(payload, BlobPayload) for payload in opened)
    assert "F.NIHSS" in forms
    assert "F.CONTACT" not in forms


def test_standard_store_of_the_server_holds_open_forms_alone(stores: Stores) -> None:
    found = [read(commit, None) for commit in stores.standard.commits() if commit.parsed.compartment == ledger.STANDARD]
    forms = {payload.key.form for payload in found if isinstance(payload, DataPayload)}
    assert forms <= {*(blinding.forms if (blinding := design().blinding) else ()), "F.RND"}
