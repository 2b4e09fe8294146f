"""What every commit log does: run over the encrypted file and over the one in memory.

A next implementation is one more entry of `STORES`: how an empty log is made, and how another connection to the
same one is opened. Nothing else here knows what a log is made of (docs/store.md, "Another store").
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from casebook import ledger
from casebook.clock import Moment
from casebook.crypto import SigningKey
from casebook.errors import CommitUnreadableError
from casebook.ids import CommitId, DeviceId, Epoch, SubjectId, UserId, ref_of
from casebook.ledger import ChainHead, SealedCommit, head_after
from casebook.redaction import build_redaction
from casebook.store import BACKUP_SERIAL, SERVER_EPOCH, SERVER_LOST_AT, CommitLog
from casebook.store.commit_log import SqlcipherLog
from tests.casebook.commits import Laptop, form_key, path_of, set_item
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.store.vaults import KEY, SALT, save

NOW_MS = 1_800_000_000_000
ABSENT = CommitId("0" * 64)


def fixed_clock() -> Moment:
    return Moment(utc_ms=NOW_MS, offset_minutes=480, boot="boot", uptime_ms=0)


@dataclass
class Shared:
    """A log with as many connections to it as are wanted; each may be used by one thread after another."""

    connect: Callable[[], CommitLog]
    end: Callable[[CommitLog], None]

    def __post_init__(self) -> None:
        self._open: list[CommitLog] = []

    def door(self) -> CommitLog:
        """Open another connection, as another process of the server has it."""
        self._open.append(self.connect())
        return self._open[-1]

    def close(self) -> None:
        """Close all connections."""
        for one in self._open:
            self.end(one)


def _in_file(folder: Path) -> Shared:
    path = folder / "casebook.db"
    SqlcipherLog.create(path, KEY, SALT, clock=fixed_clock).close()

    def end(log: CommitLog) -> None:
        assert isinstance(log, SqlcipherLog)
        log.close()

    return Shared(lambda: SqlcipherLog.open(path, KEY, SALT, clock=fixed_clock, any_thread=True), end)


def _in_memory(_: Path) -> Shared:
    log = MemoryLog(lambda: NOW_MS)
    return Shared(lambda: log, lambda _: None)


STORES: dict[str, Callable[[Path], Shared]] = {"encrypted file": _in_file, "memory": _in_memory}


@pytest.fixture(params=STORES)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shared]:
    made = STORES[str(request.param)](tmp_path)
    yield made
    made.close()


@pytest.fixture
def log(shared: Shared) -> CommitLog:
    return shared.door()


def chain_of(laptop: Laptop, count: int) -> tuple[SubjectId, list[SealedCommit]]:
    subject, first = laptop.add_subject()
    return subject, [first, *(save(laptop, subject, str(number)) for number in range(count - 1))]


def test_empty_log_holds_nothing(log: CommitLog) -> None:
    assert (log.count(), log.count_parked(), log.heads(), log.forks(), log.receipts()) == (0, 0, (), (), ())
    assert list(log.commits()) == []
    assert list(log.feed(0)) == []
    assert log.quarantined() == ()
    assert log.last_serial() == 0
    assert log.last_told_ms() is None


def test_append_keeps_the_exact_bytes(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 3)
    assert log.append(commits) == 3
    assert list(log.commits()) == commits
    assert [log.commit(commit.id) for commit in commits] == commits
    assert all(log.has(commit.id) for commit in commits)
    assert log.count() == 3
    assert sum(log.count_by_kind().values()) == 3
    assert set(log.count_by_kind()) == {commit.parsed.kind for commit in commits}


def test_short_reference_finds_its_commit(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 5)
    log.append(commits[:4])
    assert [log.find(ref_of(one.id)) for one in commits] == [*commits[:4], None]


def test_last_position_is_that_of_the_feed(log: CommitLog, laptop: Laptop) -> None:
    assert log.last_position() == 0
    _, commits = chain_of(laptop, 5)
    log.append(commits)
    assert log.last_position() == [position for position, _ in log.feed(0)][-1]


def test_writes_made_together_are_read_inside_and_after(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 4)
    with log.together():
        log.append(commits[:2])
        with log.together():
            log.append(commits[2:])
            log.set_setting("key", "text")
        assert log.count() == 4
    assert list(log.commits()) == commits
    assert log.setting("key") == "text"


def test_append_of_what_is_there_changes_nothing(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 3)
    log.append(commits)
    assert log.append([*commits, *commits]) == 0
    assert list(log.commits()) == commits


def test_append_twice_in_one_call_keeps_one(log: CommitLog, laptop: Laptop) -> None:
    _, (first,) = chain_of(laptop, 1)
    assert log.append([first, first]) == 1


def test_append_keeps_nothing_when_one_header_is_unreadable(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 2)
    with pytest.raises(CommitUnreadableError):
        log.append([*commits, SealedCommit(b"{}", b"", b"")])
    assert log.count() == 0


def test_commit_that_is_absent_raises(log: CommitLog) -> None:
    assert not log.has(ABSENT)
    with pytest.raises(KeyError):
        log.commit(ABSENT)


def test_commit_without_its_parent_waits_until_that_comes(log: CommitLog, laptop: Laptop) -> None:
    _, (first, second, third, fourth) = chain_of(laptop, 4)
    assert log.append([third]) == 0
    assert log.append([fourth, first]) == 1
    assert (log.count(), log.count_parked()) == (1, 2)
    assert not log.has(third.id)
    assert set(log.parked()) == {third, fourth}
    assert log.append([second]) == 3
    assert list(log.commits()) == [first, second, third, fourth]
    assert log.count_parked() == 0


def test_commit_parked_twice_waits_once(log: CommitLog, laptop: Laptop) -> None:
    _, (_, second) = chain_of(laptop, 2)
    log.append([second])
    log.append([second])
    assert log.count_parked() == 1


def test_whole_chain_in_reverse_order_is_adopted(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 20)
    assert log.append(commits[::-1]) == 20
    assert list(log.commits()) == commits


def test_subject_of_a_parked_commit_is_kept(log: CommitLog, laptop: Laptop) -> None:
    subject, (first, second) = chain_of(laptop, 2)
    log.append([second], {second.id: subject})
    log.append([first], {first.id: subject})
    assert list(log.commits(subject)) == [first, second]


def test_heads_are_the_ends_of_all_chains(log: CommitLog) -> None:
    laptops = [Laptop(seed=1), Laptop(seed=2), Laptop(seed=3)]
    for count, one in enumerate(laptops, start=1):
        log.append(chain_of(one, count)[1])
    assert set(log.heads()) == {one.head for one in laptops}
    assert [(head.device, head.epoch) for head in log.heads()] == sorted((one.device, one.epoch) for one in laptops)


def test_fork_is_kept_whole_and_told(log: CommitLog, laptop: Laptop) -> None:
    subject, (first, second) = chain_of(laptop, 2)
    laptop.head = head_after(first)
    twin, third = save(laptop, subject, "other"), save(laptop, subject, "other still")
    assert log.append([first, second, twin]) == 3
    assert log.heads() == (head_after(second),)
    assert log.forks() == ((laptop.device, laptop.epoch, 2),)
    assert log.append([third]) == 1
    assert log.heads() == (head_after(third),)
    assert list(log.chain(laptop.device, laptop.epoch)) == [first, second, twin, third]
    assert list(log.chain(laptop.device, laptop.epoch, 2)) == [third]


def test_new_epoch_may_follow_the_old(log: CommitLog, laptop: Laptop) -> None:
    subject, commits = chain_of(laptop, 2)
    laptop.head = ChainHead(device=laptop.device, epoch=Epoch("epoch2"), sequence=0, id=laptop.head.id)
    later = save(laptop, subject)
    assert log.append([later]) == 0
    assert log.append(commits) == 3
    assert {head.epoch for head in log.heads()} == {laptop.epoch, Epoch("epoch2")}


@pytest.mark.parametrize("after", [0, 1, 5, 249, 250, 251])
def test_chain_begins_after_a_sequence(log: CommitLog, laptop: Laptop, after: int) -> None:
    log.append(commits := chain_of(laptop, 250)[1])
    found = [list(log.chain(laptop.device, laptop.epoch, after, upto=upto)) for upto in (None, 249, 3)]
    assert found == [commits[after:], commits[after:249], commits[after:3]]


def test_chain_of_another_device_is_empty(log: CommitLog, laptop: Laptop) -> None:
    log.append(chain_of(laptop, 2)[1])
    assert list(log.chain(DeviceId("x" * 16), laptop.epoch)) == []


def test_commits_are_filed_by_subject(log: CommitLog) -> None:
    (one, first), (other, second) = chain_of(Laptop(seed=1), 3), chain_of(Laptop(seed=2), 2)
    log.append(first, {commit.id: one for commit in first})
    log.append(second)
    assert list(log.commits(one)) == first
    assert list(log.commits(other)) == []
    assert log.file_subjects({commit.id: other for commit in (*second, *first)} | {ABSENT: other}) == 2
    assert list(log.commits(other)) == second
    assert list(log.commits(one)) == first


def test_commits_may_be_read_while_others_are_appended(log: CommitLog) -> None:
    log.append(chain_of(Laptop(seed=1), 150)[1])
    reading = log.commits()
    next(reading)
    log.append(chain_of(Laptop(seed=2), 2)[1])
    assert sum(1 for _ in reading) in {149, 151}


def test_feed_goes_on_where_it_was_left(log: CommitLog) -> None:
    first, second = chain_of(Laptop(seed=1), 120)[1], chain_of(Laptop(seed=2), 3)[1]
    log.append(first)
    start = list(log.feed(0, 110))
    assert [commit for _, commit in start] == first[:110]
    log.append(second)
    assert [commit for _, commit in log.feed(start[-1][0])] == first[110:] + second
    assert list(log.feed(0, 0)) == []


def test_commits_of_one_kind_come_in_order_of_arrival(log: CommitLog, laptop: Laptop) -> None:
    subject, added = laptop.add_subject()
    saved = laptop.save(form_key(subject), set_item("SYSBP", "140"))
    _, second = laptop.add_subject("001-A002")
    log.append([added, saved, second])
    found = list(log.of_kind("subj"))
    assert [commit for _, commit in found] == [added, second]
    assert [commit for _, commit in log.of_kind("subj", found[0][0])] == [second]
    assert list(log.of_kind("srv")) == []


def test_receipts_tell_custody(log: CommitLog, laptop: Laptop) -> None:
    device, epoch = laptop.head.device, laptop.head.epoch
    assert log.custody(device, epoch) == 0
    assert log.received_at(device, epoch, 1) is None
    assert log.add_receipt(b"one", device=device, epoch=epoch, sequence=5, at_ms=100, serial=8)
    assert log.add_receipt(b"two", device=device, epoch=epoch, sequence=9, at_ms=200, serial=9)
    assert not log.add_receipt(b"two", device=device, epoch=epoch, sequence=9, at_ms=200, serial=9)
    assert log.custody(device, epoch) == 9
    assert log.custody(device, Epoch("other1")) == 0
    assert [log.received_at(device, epoch, number) for number in (1, 5, 6, 9, 10)] == [100, 100, 200, 200, None]
    assert [(one.body, one.sequence, one.at_ms, one.serial) for one in log.receipts()] == [
        (b"one", 5, 100, 8),
        (b"two", 9, 200, 9),
    ]
    assert log.last_serial() == 9
    assert log.last_told_ms() == 200


def test_receipts_of_another_server_epoch_are_no_evidence(log: CommitLog, laptop: Laptop) -> None:
    device, epoch = laptop.head.device, laptop.head.epoch
    log.add_receipt(b"one", device=device, epoch=epoch, sequence=5, at_ms=100, serial=8, server_epoch="first1")
    assert log.custody(device, epoch) == 0
    log.set_setting(SERVER_EPOCH, "first1")
    assert log.custody(device, epoch) == 5
    log.set_setting(SERVER_EPOCH, "secon2")
    assert log.custody(device, epoch) == 0
    assert log.received_at(device, epoch, 3) is None
    log.add_receipt(b"two", device=device, epoch=epoch, sequence=4, at_ms=300, serial=9, server_epoch="secon2")
    assert log.custody(device, epoch) == 4
    assert log.received_at(device, epoch, 3) == 300
    assert [one.server_epoch for one in log.receipts()] == ["first1", "secon2"]


def test_receipts_of_before_the_server_lost_records_are_no_evidence(log: CommitLog, laptop: Laptop) -> None:
    device, epoch = laptop.head.device, laptop.head.epoch
    log.set_setting(BACKUP_SERIAL, "9")
    log.add_receipt(b"one", device=device, epoch=epoch, sequence=5, at_ms=100, serial=8)
    log.set_setting(SERVER_LOST_AT, "101")
    assert (log.custody(device, epoch), log.backed_up(device, epoch)) == (0, 0)
    assert log.received_at(device, epoch, 3) is None
    log.add_receipt(b"two", device=device, epoch=epoch, sequence=4, at_ms=101, serial=9)
    assert (log.custody(device, epoch), log.backed_up(device, epoch)) == (4, 4)
    assert log.received_at(device, epoch, 3) == 101


def test_receipts_up_to_a_serial_lie_in_a_backup(log: CommitLog, laptop: Laptop) -> None:
    device, epoch = laptop.head.device, laptop.head.epoch
    for serial, sequence in ((7, 3), (8, 6), (9, 11)):
        log.add_receipt(
            b"%d" % serial, device=device, epoch=epoch, sequence=sequence, at_ms=1, serial=serial, server_epoch="first1"
        )
    log.set_setting(SERVER_EPOCH, "first1")
    assert log.backed_up(device, epoch) == 0
    log.set_setting(BACKUP_SERIAL, "8")
    assert log.backed_up(device, epoch) == 6
    log.set_setting(SERVER_EPOCH, "secon2")
    assert log.backed_up(device, epoch) == 0


def test_every_end_of_every_chain_is_named_with_its_site(log: CommitLog) -> None:
    laptop, other = Laptop(seed=1), Laptop(seed=2)
    subject, first = laptop.add_subject()
    fork = laptop.head
    here = save(laptop, subject)
    laptop.head = fork
    there, further = save(laptop, subject), save(laptop, subject)
    elsewhere = other.add_subject()[1]
    log.append([further, there])
    assert log.tips() == ()
    log.append([elsewhere, first, here])
    assert {head.id for head, _ in log.tips()} == {here.id, further.id, elsewhere.id}
    assert {site for _, site in log.tips()} == {"001"}
    chain = [head.id for head, _ in log.tips() if head.device == laptop.device]
    assert chain == [further.id, here.id]


def test_quarantine_keeps_bytes_once_and_apart(log: CommitLog) -> None:
    log.quarantine(b"strange", "commit.untrusted")
    log.quarantine(b"strange", "again")
    log.quarantine(b"other", "commit.unreadable")
    assert [(one.body, one.why, one.kept_at_ms) for one in log.quarantined()] == [
        (b"strange", "commit.untrusted", NOW_MS),
        (b"other", "commit.unreadable", NOW_MS),
    ]
    assert log.count() == 0


def test_setting_is_replaced(log: CommitLog) -> None:
    assert log.setting("letter") is None
    log.set_setting("letter", "A")
    log.set_setting("letter", "乙")
    assert log.setting("letter") == "乙"


def test_same_number_with_other_bytes_is_another_commit(log: CommitLog, laptop: Laptop) -> None:
    _, (first, second) = chain_of(laptop, 2)
    forged = replace(second, payload=b"other", header=second.header.replace(b'"z":480', b'"z":481'))
    assert log.append([first, second, forged]) == 3
    assert log.forks() == ((laptop.device, laptop.epoch, 2),)


def test_log_holds_the_same_whatever_the_order_of_arrival(
    log: CommitLog, laptop: Laptop, permute: Callable[[list[SealedCommit]], list[SealedCommit]]
) -> None:
    _, commits = chain_of(laptop, 12)
    for commit in permute(commits):
        log.append([commit])
    assert set(log.commits()) == set(commits)
    assert log.heads() == (laptop.head,)


@pytest.fixture(params=range(5))
def permute(request: pytest.FixtureRequest) -> Callable[[list[SealedCommit]], list[SealedCommit]]:
    def shuffled(commits: list[SealedCommit]) -> list[SealedCommit]:
        return random.Random(int(request.param)).sample(commits, len(commits))

    return shuffled


# -- redactions -----------------------------------------------------------------------------------------


def redaction_of(laptop: Laptop, commit: SealedCommit) -> SealedCommit:
    return laptop.seal(
        build_redaction(
            commit,
            [path_of("IT.SBP")],
            "Words about another person",
            first=UserId("coordinator"),
            second=UserId("manager.b"),
            second_signer=SigningKey(bytes(32)),
            may_redact=lambda _user: True,
        )
    )


def test_a_redaction_stands_in_the_place_of_one_payload_and_of_no_other(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 4)
    log.append(commits)
    redaction = redaction_of(laptop, commits[2])
    log.append([redaction])
    assert log.redactions() == {}
    assert log.redact(redaction)
    assert not log.redact(redaction)
    assert log.redactions() == {commits[2].id: ledger.redacted_payload(redaction)}
    held = log.commit(commits[2].id)
    assert (held.header, held.signature) == (commits[2].header, commits[2].signature)
    assert ledger.redaction_of(held) == redaction
    assert [one for one in log.commits() if one.id != held.id] == [
        one for one in (*commits, redaction) if one.id != held.id
    ]


def test_a_commit_that_comes_after_its_redaction_or_waits_is_redacted_too(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 4)
    early, waiting = redaction_of(laptop, commits[1]), redaction_of(laptop, commits[3])
    log.append(commits[3:])
    assert log.count_parked() == 1
    assert not log.redact(early)
    log.redact(waiting)
    log.append(commits[:3])
    assert log.count() == 4
    for commit in (commits[1], commits[3]):
        assert ledger.redaction_of(log.commit(commit.id)) is not None
    assert log.commit(commits[2].id) == commits[2]


def test_a_redacted_commit_brings_its_redaction_along(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 2)
    payload = ledger.redacted_payload(redaction_of(laptop, commits[1]))
    log.append([commits[0], SealedCommit(commits[1].header, payload, commits[1].signature)])
    assert log.redactions() == {commits[1].id: payload}
    assert log.append([commits[1]]) == 0
    assert log.commit(commits[1].id).payload == payload


# -- what a server with many connections rests on --------------------------------------------------------


def test_writes_made_together_are_none_when_their_group_fails(shared: Shared, laptop: Laptop) -> None:
    log, other = shared.door(), shared.door()
    _, commits = chain_of(laptop, 4)
    log.append(commits[:1])
    log.set_setting("cursor", "1")

    def work() -> None:
        with log.together():
            log.append(commits[1:3])
            with log.together():
                log.set_setting("cursor", "3")
            log.add_receipt(b"r", device=laptop.device, epoch=laptop.epoch, sequence=3, at_ms=1, serial=1)
            log.quarantine(b"strange", "why")
            log.append(commits[3:])
            raise KeyError(ABSENT)

    with pytest.raises(KeyError):
        work()
    for one in (log, other):
        assert list(one.commits()) == commits[:1]
        assert {head.id for head, _ in one.tips()} == {commits[0].id}
        assert (one.setting("cursor"), one.receipts(), one.quarantined()) == ("1", (), ())
    assert log.append(commits) == 3
    assert [one for _, one in other.feed(0)] == commits


def test_write_that_is_refused_within_a_group_takes_back_itself_alone(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 3)
    with log.together():
        log.append(commits[:2])
        with pytest.raises(CommitUnreadableError):
            log.append([commits[2], SealedCommit(b"{}", b"", b"")])
        log.set_setting("cursor", "2")
    assert list(log.commits()) == commits[:2]
    assert log.setting("cursor") == "2"


def test_what_one_connection_wrote_every_other_reads(shared: Shared, laptop: Laptop) -> None:
    one, other = shared.door(), shared.door()
    subject, commits = chain_of(laptop, 4)
    assert one.append(commits[:2], {commits[0].id: subject}) == 2
    assert other.append(commits) == 2
    one.set_setting("cursor", "2")
    one.add_receipt(b"r", device=laptop.device, epoch=laptop.epoch, sequence=3, at_ms=7, serial=9)
    late = shared.door()
    for each in (one, other, late):
        assert [commit for _, commit in each.feed(0)] == commits
        assert each.last_position() == [position for position, _ in each.feed(0)][-1]
        assert each.tips() == ((head_after(commits[-1]), "001"),)
        assert list(each.commits(subject)) == commits[:1]
        assert (each.setting("cursor"), each.custody(laptop.device, laptop.epoch)) == ("2", 3)


def test_reader_that_follows_the_feed_misses_nothing_of_writers_at_work(shared: Shared) -> None:
    """A position may only become visible after all lower ones have: else a cursor steps over a commit for ever."""
    chains = [chain_of(Laptop(seed=seed), 24)[1] for seed in (1, 2, 3)]

    def write(commits: list[SealedCommit]) -> int:
        door = shared.door()
        kept = 0
        for start in range(0, len(commits), 2):
            with door.together():
                kept += sum(door.append([commit]) for commit in commits[start : start + 2])
        return kept

    reader = shared.door()
    seen: list[SealedCommit] = []
    position = 0
    with ThreadPoolExecutor(4) as pool:
        # the first chain twice: whoever comes second with a commit finds it there
        writers = [pool.submit(write, commits) for commits in (*chains, chains[0])]
        while True:
            ended = all(one.done() for one in writers)
            for at, commit in reader.feed(position):
                assert at > position
                position = at
                seen.append(commit)
            if ended:
                break
        kept = sum(one.result() for one in writers)
    assert kept == len(seen) == sum(len(one) for one in chains)
    assert {one.id for one in seen} == {one.id for commits in chains for one in commits}
    assert [one.id for one in seen] == [one.id for _, one in shared.door().feed(0)]
    for commits in chains:
        header = commits[0].parsed
        assert [one for one in seen if one.parsed.device == header.device] == commits


def test_ends_of_some_sites_and_of_a_device_are_those_of_its_chains(log: CommitLog) -> None:
    laptops = [Laptop(seed=seed) for seed in (1, 2, 3)]
    chains = [chain_of(one, 2)[1] for one in laptops]
    for commits in chains:
        log.append(commits)
    everything = {head.id for head, _ in log.tips()}
    assert {head.id for head, _ in log.tips_of(("001",))} == everything
    assert log.tips_of(()) == log.tips_of(("999",)) == ()
    assert log.tips_of((), laptops[0].device) == ((laptops[0].head, "001"),)
    assert set(log.tips_of(("001",), laptops[1].device)) == set(log.tips())


def test_order_of_chains_is_that_of_bytes_and_of_no_language(log: CommitLog) -> None:
    laptops = [Laptop(seed=seed) for seed in range(12)]  # letters of both cases and digits begin their names
    for one in laptops:
        log.append(chain_of(one, 1)[1])
    names = [(head.device, head.epoch) for head, _ in log.tips()]
    assert names == sorted(names)


def test_bytes_and_numbers_are_kept_as_large_as_the_format_allows(log: CommitLog, laptop: Laptop) -> None:
    _, (first,) = chain_of(laptop, 1)
    payload = bytes(range(256)) * 8192
    log.append([SealedCommit(first.header, payload, bytes(64))])
    assert log.commit(first.id).payload == payload
    most = 2**53 - 1
    log.add_receipt(payload, device=laptop.device, epoch=laptop.epoch, sequence=most, at_ms=most, serial=most)
    assert (log.custody(laptop.device, laptop.epoch), log.last_serial(), log.last_told_ms()) == (most, most, most)
    assert log.quarantine(b"", "nothing")
    assert log.quarantine(payload, "much")
    assert not log.quarantine(payload, "again")
    assert [one.body for one in log.quarantined()] == [b"", payload]
    log.set_setting("text", "乙" * 100_000)
    assert log.setting("text") == "乙" * 100_000


def test_commit_of_a_kind_and_version_of_a_newer_release_is_kept_as_any(log: CommitLog, laptop: Laptop) -> None:
    subject, (first, second) = chain_of(laptop, 2)
    header = (
        second.header.replace(b'"v":1', b'"v":2')
        .replace(b'"z":480', b'"z":480,"zz":1')
        .replace(b'"k":"data"', b'"k":"orbit"')
    )
    newer = SealedCommit(header, b"\x00later", second.signature)
    log.append([first, newer], {newer.id: subject})
    assert log.commit(newer.id) == newer
    assert [one for _, one in log.of_kind("orbit")] == [newer]
    assert log.count_by_kind() == {"subj": 1, "orbit": 1}
    assert list(log.commits(subject)) == [newer]


def test_limits_count_commits_and_forks_too(log: CommitLog, laptop: Laptop) -> None:
    _, commits = chain_of(laptop, 6)
    log.append(commits)
    assert list(log.chain(laptop.device, laptop.epoch, 2, 3)) == commits[2:5]
    assert list(log.chain(laptop.device, laptop.epoch, 2, 0)) == []
    assert [one for _, one in log.feed(0, 4)] == commits[:4]
