"""Verifying a record in real encrypted files: each thing that is wrong is told at its place."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from casebook import ledger
from casebook.crypto import SigningKey
from casebook.ids import new_device_id
from casebook.ledger import CommitDraft, SealedCommit, Sealer
from casebook.payloads import SecurityPayload, write
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.trust import Site, site_statement
from casebook.verification import Fault, Problem, VerificationReport, verify_logs
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.store.vaults import flip
from tests.casebook.sync.study import STUDY, Server, Writer, memory_study, moment

KEY, SALT = bytes(range(32)), bytes(range(16))


@pytest.fixture
def server() -> Server:
    return memory_study(sites=("001", "002"))


@pytest.fixture
def writer(server: Server) -> Writer:
    """A laptop with ten records, five of which the server has received."""
    made = Writer(server, MemoryLog())
    for number in range(5):
        made.write(str(120 + number))
    made.sync()
    for number in range(5):
        made.write(str(130 + number))
    return made


def file_of(path: Path, commits: Iterable[SealedCommit], writer: Writer) -> SqlcipherLog:
    """Return an encrypted file made anew from these commits, with the laptop's receipts."""
    log = SqlcipherLog.create(path / "casebook.db", KEY, SALT)
    for commit in commits:
        log.append([commit])
    for one in writer.log.receipts():
        log.add_receipt(
            one.body,
            device=one.device,
            epoch=one.epoch,
            sequence=one.sequence,
            at_ms=one.at_ms,
            serial=one.serial,
        )
    return log


def examined(path: Path, commits: Iterable[SealedCommit], writer: Writer) -> VerificationReport:
    log = file_of(path, commits, writer)
    try:
        return verify_logs({"S": log}, writer.server.identity, STUDY)
    finally:
        log.close()


def own(writer: Writer) -> list[SealedCommit]:
    return list(writer.log.chain(writer.device, writer.head.epoch))


def the_one(report: VerificationReport) -> Problem:
    assert not report.holds
    assert len(report.problems) == 1, report.lines("en")
    return report.problems[0]


def changed(writer: Writer, at: int, change: Callable[[SealedCommit], SealedCommit]) -> list[SealedCommit]:
    """Return the record with one commit of the laptop's chain replaced (`at`: its number)."""
    victim = own(writer)[at - 1]
    return [change(one) if one.id == victim.id else one for one in writer.log.commits()]


def resealed(
    writer: Writer, commit: SealedCommit, *, site: str = "001", signer: SigningKey | None = None
) -> SealedCommit:
    """Return what somebody would put in a commit's place: same number and parent, their own words."""
    header = commit.parsed
    kind, body = write(SecurityPayload(event="sign-in"))
    return ledger.seal(
        CommitDraft(kind=kind, author=header.author, body=body),
        after=ledger.ChainHead(
            device=header.device, epoch=header.epoch, sequence=header.sequence - 1, id=header.previous
        ),
        sealer=Sealer(
            study=STUDY, site=site, app_version="1", signer=signer or writer.person, random_bytes=writer.rng.randbytes
        ),
        moment=moment(),
    )


# -- a record that holds --------------------------------------------------------------------------------


def test_a_sound_record_holds_and_says_so(tmp_path: Path, writer: Writer) -> None:
    report = examined(tmp_path, writer.log.commits(), writer)
    assert report.holds, report.lines("en")
    chain = next(one for one in report.chains if one.device == writer.device)
    assert (chain.letter, chain.site, chain.commits, chain.last, chain.received) == ("A", "001", 10, 10, 5)
    assert chain.sentence("en").endswith("10 record(s), received by the server up to 5; holds.")
    assert any(line.startswith("[S] the study's server, chain ") for line in report.lines("en"))
    assert report.lines("en")[-1].endswith("everything holds.")
    assert report.lines("zh")[-1].endswith("全部完好。")


def test_a_new_epoch_follows_the_earlier_one(tmp_path: Path, writer: Writer) -> None:
    writer.begin_epoch()
    writer.write()
    report = examined(tmp_path, writer.log.commits(), writer)
    assert report.holds, report.lines("en")
    assert len([one for one in report.chains if one.device == writer.device]) == 2


# -- what is wrong, and where ---------------------------------------------------------------------------


def test_changed_content_is_told_at_its_number(tmp_path: Path, writer: Writer) -> None:
    def lie(commit: SealedCommit) -> SealedCommit:
        return SealedCommit(commit.header, commit.payload.replace(b'"122"', b'"222"'), commit.signature)

    problem = the_one(examined(tmp_path, changed(writer, 3, lie), writer))
    assert (problem.fault, problem.letter, problem.sequence) == (Fault.CONTENT, "A", 3)
    assert problem.commit == own(writer)[2].id
    assert problem.sentence("en") == (
        f"[S] laptop A, chain {writer.device}/{writer.head.epoch}, record 3 ({own(writer)[2].id[:16]}): "
        "its content is not what was sealed."
    )
    assert "第 3 号记录" in problem.sentence("zh")


def test_a_flipped_signature_is_told(tmp_path: Path, writer: Writer) -> None:
    def flip_one(commit: SealedCommit) -> SealedCommit:
        return SealedCommit(commit.header, commit.payload, bytes([commit.signature[0] ^ 1]) + commit.signature[1:])

    problem = the_one(examined(tmp_path, changed(writer, 4, flip_one), writer))
    assert (problem.fault, problem.sequence) == (Fault.SIGNATURE, 4)


def test_a_commit_taken_out_of_the_middle_is_told_where_the_chain_goes_on(tmp_path: Path, writer: Writer) -> None:
    gone = own(writer)[6]
    report = examined(tmp_path, (one for one in writer.log.commits() if one.id != gone.id), writer)
    problem = the_one(report)
    assert (problem.fault, problem.sequence, problem.commit) == (Fault.GAP, 8, own(writer)[7].id)


def test_an_end_that_the_server_has_and_the_file_lacks_is_told(tmp_path: Path, writer: Writer) -> None:
    kept = {one.id for one in own(writer)[:4]}
    commits = [one for one in writer.log.commits() if one.parsed.device != writer.device or one.id in kept]
    problem = the_one(examined(tmp_path, commits, writer))
    assert (problem.fault, problem.sequence, problem.commit) == (Fault.BEHIND, 5, None)


def test_a_forged_signature_is_told(tmp_path: Path, writer: Writer) -> None:
    stranger = SigningKey(random.Random(99).randbytes(32))
    report = examined(tmp_path, changed(writer, 10, lambda one: resealed(writer, one, signer=stranger)), writer)
    problem = the_one(report)
    assert (problem.fault, problem.sequence) == (Fault.AUTHOR, 10)


def test_a_rewritten_record_breaks_the_link_and_differs_from_what_the_server_received(
    tmp_path: Path, writer: Writer
) -> None:
    """Even under the right key: the next record names what stood there before, and so does the receipt."""
    commits = changed(writer, 5, lambda one: resealed(writer, one))
    report = examined(tmp_path, commits, writer)
    found = {(one.fault, one.sequence) for one in report.problems}
    assert (Fault.RECEIPT_OTHER, 5) in found
    assert (Fault.LINK, 6) in found or (Fault.GAP, 6) in found


def test_another_site_in_the_chain_is_told(tmp_path: Path, writer: Writer) -> None:
    problem = the_one(examined(tmp_path, changed(writer, 10, lambda one: resealed(writer, one, site="002")), writer))
    assert (problem.fault, problem.sequence) == (Fault.SITE, 10)


def test_a_whole_chain_of_another_site_is_told_at_its_first_record(tmp_path: Path) -> None:
    server = memory_study(sites=("001",))
    server.state("002", site_statement(Site(site="002", name="Site 002")))
    other = Writer(server, MemoryLog(), site="001", letter="B")
    other.site = "002"
    other.write()
    other.log.append(list(server.log.commits()))
    problem = the_one(examined(tmp_path, other.log.commits(), other))
    assert (problem.fault, problem.letter, problem.sequence) == (Fault.SITE, "B", 1)


def test_a_fork_is_told_and_both_ends_are_kept(tmp_path: Path, writer: Writer) -> None:
    second = resealed(writer, own(writer)[9])
    report = examined(tmp_path, [*writer.log.commits(), second], writer)
    problem = the_one(report)
    assert (problem.fault, problem.sequence, problem.commit) == (Fault.FORK, 10, second.id)
    assert next(one for one in report.chains if one.device == writer.device).commits == 11


def test_a_statement_that_the_server_did_not_sign_is_not_believed(tmp_path: Path, writer: Writer) -> None:
    """A forged certificate is told, and so is whatever rests on it."""
    forger = SigningKey(random.Random(5).randbytes(32))
    statements = [one for one in writer.log.commits() if one.parsed.kind == "srv"]
    last = statements[-1]
    forged = SealedCommit(last.header, last.payload, forger.sign(ledger.COMMIT_DOMAIN, last.header))
    commits = [forged if one.id == last.id else one for one in writer.log.commits()]
    report = examined(tmp_path, commits, writer)
    assert not report.holds
    faults = {one.fault for one in report.problems}
    assert Fault.SIGNATURE in faults
    assert Fault.AUTHOR in faults


def test_records_in_the_wrong_file_of_another_study_or_of_an_unknown_laptop(tmp_path: Path, writer: Writer) -> None:
    log = file_of(tmp_path, writer.log.commits(), writer)
    wrong_file = verify_logs({"U": log}, writer.server.identity, STUDY)
    assert {one.fault for one in wrong_file.problems} == {Fault.SHELF}
    other = verify_logs({"S": log}, writer.server.identity, "OTHER1")
    assert {one.fault for one in other.problems} == {Fault.STUDY, Fault.RECEIPT}
    stranger = replace(writer.server.identity, device=new_device_id(random.Random(3).randbytes))
    unknown = verify_logs({"S": log}, stranger, STUDY)
    assert {one.fault for one in unknown.problems} >= {Fault.AUTHOR, Fault.SERVER}
    log.close()


def test_a_false_receipt_is_told(tmp_path: Path, writer: Writer) -> None:
    log = file_of(tmp_path, writer.log.commits(), writer)
    log.add_receipt(b"0" * 90, device=writer.device, epoch=writer.head.epoch, sequence=10, at_ms=1, serial=99)
    problem = the_one(verify_logs({"S": log}, writer.server.identity, STUDY))
    assert (problem.fault, problem.sequence) == (Fault.RECEIPT, 10)
    log.close()


def test_a_flipped_bit_of_the_file_is_told(tmp_path: Path, writer: Writer) -> None:
    file_of(tmp_path, writer.log.commits(), writer).close()
    path = tmp_path / "casebook.db"
    for page in list(range(path.stat().st_size // 4096))[-2:]:  # records; the tables' own descriptions stand before
        flip(path, page * 4096 * 8 + 16_000)
    log = SqlcipherLog.open(path, KEY, SALT)
    report = verify_logs({"S": log}, writer.server.identity, STUDY)
    assert not report.holds
    assert any("damaged" in line for line in report.lines("en"))
    log.close()
