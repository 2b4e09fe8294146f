"""Laptops against a real server process over TLS on 127.0.0.1."""

import os
import socket
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casebook import crypto
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import (
    CodeMistypedError,
    CodeRefusedError,
    DeviceRevokedError,
    DeviceUnknownError,
    FrameCorruptError,
    OlderCopyError,
    ServerNotTrustedError,
    ServerUnreachableError,
    SignatureBadError,
)
from casebook.ids import new_device_id
from casebook.ledger import IDENTITY, SealedCommit
from casebook.store.commit_log import SqlcipherLog
from casebook.sync import enrolment
from casebook.sync.enrolment import Enrolled
from casebook.sync.frames import FrameType, write_frame
from casebook.sync.trust import Directory
from central_server.app import open_stores
from central_server.authority import read_keys
from central_server.settings import read_settings
from desktop_app.sync_client import HttpPeer, certify_person, clean_url, enrol, fetch_authority
from tests.casebook.store.memory_log import MemoryLog
from tests.central_server.laptops import EnrolledLaptop, identities, paper_key
from tests.server_process import ServerProcess


def _enrol(server: ServerProcess, code: str, *, url: str | None = None) -> Enrolled:
    return enrol(
        url or server.url,
        code,
        device=new_device_id(os.urandom),
        signing=SigningKey.generate(),
        sealing=SealingKey.generate(),
        name="Ward laptop",
        app_version="1",
    )


def test_two_laptops_of_a_site_enrol_and_come_to_hold_the_same(server: ServerProcess) -> None:
    first, second = EnrolledLaptop(server), EnrolledLaptop(server, name="Principal Investigator")
    written = [first.write(str(value)) for value in range(40)]

    report = first.sync()
    second.write("150")
    other = second.sync()
    again = first.sync()

    assert (report.pushed, report.in_step, other.in_step, again.in_step) == (40, True, True, True)
    assert {one.id for one in written} <= identities(second.log)
    assert identities(first.log) == identities(second.log)
    assert (first.enrolled.letter, second.enrolled.letter) == ("A", "B")
    assert (first.enrolled.is_first, second.enrolled.is_first) == (True, False)
    site = next(one for one in server.status()["sites"] if one["site"] == "001")
    assert site["check"] == again.spoken_check
    assert [one["fingerprint"] for one in site["laptops"]] == [
        one.fingerprint for one in first.directory.devices("001")
    ]


def test_enrolment_tells_study_site_and_staff(server: ServerProcess) -> None:
    server.add_user("赵敏", role="ROLE.COORDINATOR", site="002")

    enrolled = _enrol(server, server.enrolment_code("002").lower().replace("-", " "))

    assert (enrolled.study, enrolled.site, enrolled.site_name) == ("RELOW1", "002", "Site 2")
    assert [(one.name, one.role) for one in enrolled.staff] == [("赵敏", "ROLE.COORDINATOR")]
    assert crypto.authority_fingerprint(enrolled.authority)


def test_certified_person_holds_a_certificate_of_the_study_authority(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="003")
    laptop.sync()

    key = laptop.directory.person_key(laptop.user, laptop.device)

    assert key is not None
    assert key.certificate == laptop.certified.certificate
    assert laptop.certified.authority == laptop.enrolled.authority
    assert laptop.certified.role == "ROLE.INVESTIGATOR"


# -- codes -----------------------------------------------------------------------------------------------------


def test_used_code_is_refused(server: ServerProcess) -> None:
    code = server.enrolment_code("004")
    _enrol(server, code)

    with pytest.raises(CodeRefusedError):
        _enrol(server, code)


def test_enrolment_repeated_with_the_same_keys_is_answered_again(server: ServerProcess) -> None:
    code, device = server.enrolment_code("004"), new_device_id(os.urandom)
    signing, sealing = SigningKey.generate(), SealingKey.generate()

    answers = [
        enrol(server.url, code, device=device, signing=signing, sealing=sealing, name="W", app_version="1")
        for _ in range(2)
    ]

    assert answers[0] == answers[1]


def test_mistyped_code_is_told_before_anything_is_sent(server: ServerProcess) -> None:
    code = server.enrolment_code("004")
    wrong = ("0" if code[0] != "0" else "1") + code[1:]

    with pytest.raises(CodeMistypedError):
        _enrol(server, wrong, url="https://127.0.0.1:1")


def _guess(code: str) -> str:
    """A code for the same slot and authority with another secret."""
    read = enrolment.read_enrolment_code(code)
    secret = read.secret.text[:3] + "".join("1" if letter == "0" else "0" for letter in read.secret.text[3:])
    return enrolment.EnrolmentCode(secret=enrolment.Secret(text=secret), fingerprint=read.fingerprint).text


def test_code_is_void_after_five_wrong_tries(server: ServerProcess) -> None:
    code = server.enrolment_code("004")
    for _ in range(5):
        with pytest.raises(CodeRefusedError):
            _enrol(server, _guess(code))

    with pytest.raises(CodeRefusedError):
        _enrol(server, code)


def test_code_survives_four_wrong_tries(server: ServerProcess) -> None:
    code = server.enrolment_code("004")
    for _ in range(4):
        with pytest.raises(CodeRefusedError):
            _enrol(server, _guess(code))

    assert _enrol(server, code).site == "004"


def test_personal_code_of_another_site_is_refused(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="005")
    _, code = server.add_user("Sun Li", site="006")

    with pytest.raises(CodeRefusedError):
        certify_person(
            server.url,
            laptop.enrolled.authority,
            code,
            device=laptop.device,
            device_signing=laptop.signing,
            signing=SigningKey.generate().public,
            paper=paper_key(),
        )


def test_person_of_an_unknown_laptop_is_refused(server: ServerProcess) -> None:
    _, code = server.add_user("Sun Li", site="006")

    with pytest.raises(DeviceUnknownError):
        certify_person(
            server.url,
            fetch_authority(server.url),
            code,
            device=new_device_id(os.urandom),
            device_signing=SigningKey.generate(),
            signing=SigningKey.generate().public,
            paper=paper_key(),
        )


def test_key_that_cannot_be_certified_is_refused(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="005")

    with pytest.raises(FrameCorruptError):
        certify_person(
            server.url,
            laptop.enrolled.authority,
            server.personal_code(laptop.user),
            device=laptop.device,
            device_signing=laptop.signing,
            signing=SigningKey.generate().public,
            paper=b"no key",
        )


# -- trust in the server ---------------------------------------------------------------------------------------


def test_server_of_another_authority_is_refused_at_enrolment(server: ServerProcess, tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "other", sites={"001": "Elsewhere"}) as other:
        code = server.enrolment_code("004")
        with pytest.raises(ServerNotTrustedError) as refused:
            _enrol(server, code, url=other.url)

        assert other.url in refused.value.sentence()
        assert other.status()["sites"][0]["laptops"] == []


def test_server_with_the_wrong_certificate_is_refused_and_nothing_is_sent(
    server: ServerProcess, tmp_path: Path
) -> None:
    laptop = EnrolledLaptop(server, site="004")
    laptop.write("1")
    with ServerProcess(tmp_path / "other", sites={"004": "Elsewhere"}) as other:
        peer = HttpPeer(other.url, laptop.enrolled.authority)
        with peer, pytest.raises(ServerNotTrustedError):
            laptop.sync(peer)
    assert not any("exchange" in line for line in other.log_lines)


def test_certificate_for_another_name_is_refused(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="004")
    elsewhere = server.url.replace("127.0.0.1", "localhost")

    with HttpPeer(elsewhere, laptop.enrolled.authority) as peer, pytest.raises(ServerNotTrustedError):
        laptop.sync(peer)


def test_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(ServerUnreachableError):
        fetch_authority(f"https://127.0.0.1:{port}")


def test_server_that_says_nothing_is_unreachable_after_the_stall_time() -> None:
    _, authority = crypto.make_authority("X", at=datetime.now(tz=UTC))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with HttpPeer(url, authority, stall_s=0.2) as peer, pytest.raises(ServerUnreachableError):
            peer.post("enrol", b"")


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("crf.example.cn:8443", "https://crf.example.cn:8443"),
        (" https://crf.example.cn/ ", "https://crf.example.cn"),
        ("https://10.1.2.3:8443/sync/v1", "https://10.1.2.3:8443"),
    ],
)
def test_address_is_read_as_people_type_it(typed: str, clean: str) -> None:
    assert clean_url(typed) == clean


@pytest.mark.parametrize("typed", ["http://crf.example.cn", "", "https://", "ftp://x"])
def test_address_without_tls_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistypedError):
        clean_url(typed)


# -- what does not verify ----------------------------------------------------------------------------------------


def test_tampered_commit_is_quarantined_and_told_while_the_laptop_goes_on(server: ServerProcess) -> None:
    before = server.status()["quarantined"]
    laptop = EnrolledLaptop(server, site="007")
    good, bad = laptop.write("1"), laptop.write("2")
    tampered = MemoryLog()
    tampered.append([good, SealedCommit(bad.header, bad.payload, bytes(64))])
    laptop.log = tampered

    report = laptop.sync()

    assert [type(one) for one in report.notices] == [SignatureBadError]
    assert "sequence" in report.notices[0].fields
    assert server.status()["quarantined"] == before + 1
    assert laptop.directory.site("007") is not None


def test_refusal_is_a_problem_document(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="007")
    frames = write_frame(FrameType.END, b"0")

    with (
        HttpPeer(server.url, laptop.enrolled.authority) as peer,
        pytest.raises(FrameCorruptError, match="out of place"),
    ):
        list(peer.send([frames]))


def test_large_refused_request_still_hears_the_refusal(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="007")

    def request() -> Iterator[bytes]:
        yield write_frame(FrameType.END, b"0")
        for _ in range(40):
            yield bytes(65536)

    with HttpPeer(server.url, laptop.enrolled.authority) as peer, pytest.raises(FrameCorruptError):
        list(peer.send(request()))


def test_withdrawn_laptop_hands_in_what_it_made_and_is_told(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="007")
    laptop.sync()
    server.command("revoke", "--device", laptop.device)
    pending = laptop.write("1")

    report = laptop.sync()

    assert report.withdrawn
    assert [type(one) for one in report.notices] == [DeviceRevokedError]
    assert laptop.log.custody(pending.parsed.device, pending.parsed.epoch) == 1
    assert not report.pulled


# -- losses ------------------------------------------------------------------------------------------------------


def test_older_folder_of_a_laptop_is_told(server: ServerProcess) -> None:
    laptop = EnrolledLaptop(server, site="008")
    laptop.write("1")
    laptop.sync()
    older = MemoryLog()
    older.append(list(laptop.log.commits()))
    newer = laptop.write("2")
    laptop.sync()
    laptop.log = older

    report = laptop.sync()

    assert report.older_copy
    assert [type(one) for one in report.notices] == [OlderCopyError]
    assert newer.id in identities(laptop.log)


class KillingPeer:
    """Kills the server when some bytes of the request have gone out."""

    def __init__(self, peer: HttpPeer, server: ServerProcess, after_bytes: int) -> None:
        self._peer = peer
        self._server = server
        self._left = after_bytes

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        return self._peer.send(self._until_killed(request))

    def _until_killed(self, request: Iterable[bytes]) -> Iterator[bytes]:
        for data in request:
            self._left -= len(data)
            if self._left < 0:
                self._server.kill()
            yield data


def test_server_killed_in_mid_exchange_goes_on_where_it_stood(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").start()
    laptop = EnrolledLaptop(server)
    for value in range(300):
        laptop.write(str(value))
    with HttpPeer(server.url, laptop.enrolled.authority) as http, pytest.raises(ServerUnreachableError):
        laptop.sync(KillingPeer(http, server, 8_000))
    receipts = laptop.log.receipts()

    with server.start():
        report = laptop.sync()
        second = EnrolledLaptop(server, name="Principal Investigator")
        second.sync()

    assert receipts == ()
    assert report.in_step
    assert report.pushed <= 300
    assert identities(second.log) >= identities(laptop.log)


def test_lost_store_is_refilled_by_a_laptop(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server") as server:
        laptop = EnrolledLaptop(server)
        written = laptop.write("1")
        laptop.sync()
    for path in server.folder.glob("casebook.db*"):
        path.unlink()
    server.command("rebuild")

    with server:
        report = laptop.sync()
        sites = server.status()["sites"]

    assert report.in_step
    assert sites[0]["check"] == report.spoken_check
    assert written.id in identities(laptop.log)


def test_laptop_with_an_encrypted_file_exchanges_while_the_file_is_open_elsewhere(
    server: ServerProcess, tmp_path: Path
) -> None:
    key, salt = os.urandom(32), os.urandom(16)
    store = SqlcipherLog.create(tmp_path / "casebook.db", key, salt)
    laptop = EnrolledLaptop(server, site="009", log=store)
    for value in range(20):
        laptop.write(str(value))

    def on_another_thread() -> None:
        laptop.log = SqlcipherLog.open(tmp_path / "casebook.db", key, salt)
        laptop.sync()
        laptop.log.close()

    thread = threading.Thread(target=on_another_thread)
    thread.start()
    thread.join()

    assert store.custody(laptop.device, laptop.heads["S", "009"].epoch) == 20
    directory = Directory(laptop.enrolled.server)
    directory.refresh(store)
    assert len(directory.devices("009")) == 1
    store.close()


# -- what the server can know --------------------------------------------------------------------------------------


def test_servers_files_opened_with_its_own_keys_hold_nothing_of_identity(tmp_path: Path) -> None:
    secrets = ["Participant One", "13800138000", "参与者甲"]
    with ServerProcess(tmp_path / "server") as server:
        laptop = EnrolledLaptop(server)
        for secret in secrets:
            laptop.write(secret, compartment=IDENTITY)
        laptop.write("visible-value")
        laptop.sync()
    settings = read_settings(server.folder)
    keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
    with open_stores(settings, keys) as stores:
        held = b"".join(one.header + one.payload for log in stores.by_shelf.values() for one in log.commits())
    files = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
    said = "\n".join(server.log_lines).encode()

    assert b"visible-value" in held
    for secret in secrets:
        for place in (held, files, said):
            assert secret.encode() not in place
    assert b"visible-value" not in files + said
    assert b"F.VS" not in files + said
