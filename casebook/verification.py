"""Walking every chain of a record and telling where it breaks.

Nothing that a record says of itself is believed before it verifies: the server's statements come first, under
the server's key; what they say of people and laptops then verifies everything else. Commits, links, numbers,
signatures, contents, sites, shelves and the server's receipts are looked at one by one, and each thing that is
wrong is told with the laptop, the number in its chain and the commit.

Pure over `CommitLog`; nothing is changed.

Source: docs/record_format.md, section "Audit"; 21 CFR 11.10(a), (c), (e); docs/sync_protocol.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from casebook import crypto, ledger
from casebook.design import Text
from casebook.errors import (
    CasebookError,
    CommitUnreadableError,
    CommitUntrustedError,
    StoreDamagedError,
)
from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import Header, SealedCommit
from casebook.redaction import check_redacted, check_redaction, fits
from casebook.store import CommitLog
from casebook.sync.messages import read_receipt
from casebook.sync.redactions import authority_of
from casebook.sync.trust import Directory, ServerIdentity


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


SERVER = "server"
"""Stands for the server where a laptop would have its letter."""
_SERVER = _both("the study's server", "研究服务器")
_STRANGER = _both("an unknown laptop", "未登记的电脑")


class Fault(StrEnum):
    """What can be wrong at one place of a chain."""

    UNREADABLE = "unreadable"
    CONTENT = "content"
    AUTHOR = "author"
    SIGNATURE = "signature"
    STUDY = "study"
    SITE = "site"
    SHELF = "shelf"
    SERVER = "server"
    GAP = "gap"
    LINK = "link"
    FORK = "fork"
    RECEIPT = "receipt"
    RECEIPT_OTHER = "receipt_other"
    BEHIND = "behind"
    REDACTION = "redaction"
    NOT_REDACTED = "not_redacted"
    DAMAGE = "damage"


_FAULTS = {
    Fault.UNREADABLE: _both("it is not in the agreed form", "格式不符"),
    Fault.CONTENT: _both("its content is not what was sealed", "内容与封存时不一致"),
    Fault.AUTHOR: _both("nobody is certified to have signed it", "签署者未经认证"),
    Fault.SIGNATURE: _both("its signature is wrong", "签名不正确"),
    Fault.STUDY: _both("it is of another study", "属于另一项研究"),
    Fault.SITE: _both(
        "it names a site to which its author or laptop does not belong", "所属研究中心与其作者或电脑不符"
    ),
    Fault.SHELF: _both(
        "it lies in the wrong file (blinded and unblinded data)", "存放在错误的文件中（盲态与非盲数据）"
    ),
    Fault.SERVER: _both("only the study's server may state this", "此类内容只能由研究服务器声明"),
    Fault.GAP: _both("records before it are missing", "缺少其之前的记录"),
    Fault.LINK: _both("it does not follow the record before it", "与前一条记录不衔接"),
    Fault.FORK: _both("two records have this number", "有两条记录使用同一序号"),
    Fault.RECEIPT: _both("a receipt of the server does not verify", "服务器回执未通过校验"),
    Fault.RECEIPT_OTHER: _both(
        "the server has received another record with this number", "服务器收到的是同一序号的另一条记录"
    ),
    Fault.BEHIND: _both("the server has later records of this chain", "服务器上有该链之后的记录"),
    Fault.REDACTION: _both("it is a redaction that does not verify, or rests on one", "遮蔽未通过校验"),
    Fault.NOT_REDACTED: _both("it was redacted, and its values are still here", "该记录已被遮蔽，但其数值仍在此处"),
    Fault.DAMAGE: _both("the file is damaged here", "文件在此处损坏"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and exactly where.

    Attributes:
        letter: The laptop's letter, "" where it is not known; `SERVER` for the study's server.
        commit: The commit at that place, where there is one.
    """

    shelf: str
    device: DeviceId
    letter: str
    epoch: Epoch
    sequence: int
    commit: CommitId | None
    fault: Fault

    def sentence(self, language: str) -> str:
        """Return the place and what is wrong there."""
        what = _FAULTS[self.fault](language)
        name = self.commit[:16] if self.commit is not None else "-"
        if language == "zh":
            return f"{_whose(self, 'zh')} 第 {self.sequence} 号记录（{name}）：{what}。"
        return f"{_whose(self, 'en')}, record {self.sequence} ({name}): {what}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What was found in one chain.

    Attributes:
        site: The site that its commits name, "" where none could be read.
        commits: How many were looked at, those that wait for missing ones too.
        received: Up to which number the server has said that it has the chain.
    """

    shelf: str
    device: DeviceId
    letter: str
    epoch: Epoch
    site: str
    commits: int
    last: int
    received: int
    problems: tuple[Problem, ...] = ()

    def sentence(self, language: str) -> str:
        """Return one line: whose chain, how long, and whether it holds."""
        found = len(self.problems)
        if language == "zh":
            said = "完好" if not found else f"发现 {found} 处问题"
            there = "" if self.letter == SERVER else f"服务器已收到前 {self.received} 条；"
            return f"{_whose(self, 'zh')}：{self.commits} 条记录，{there}{said}。"
        said = "holds" if not found else f"{found} problem(s)"
        there = "" if self.letter == SERVER else f"received by the server up to {self.received}; "
        return f"{_whose(self, 'en')}: {self.commits} record(s), {there}{said}."


def _whose(one: Problem | ChainReport, language: str) -> str:
    zh = language == "zh"
    who = f"电脑 {one.letter}" if zh else f"laptop {one.letter}"
    if one.letter in {"", SERVER}:
        known = _SERVER if one.letter == SERVER else _STRANGER
        who = known(language)
    chain = f"{one.device}/{one.epoch}"
    return f"[{one.shelf}] {who}，链 {chain}" if zh else f"[{one.shelf}] {who}, chain {chain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """What was found in a whole record.

    Attributes:
        refused: Files that could not be opened or read, with the reason.
        quarantined: How many arrivals were kept apart because they did not verify; they are no part of the record.
        not_opened: Shelves that this person's keys do not open.
    """

    chains: tuple[ChainReport, ...] = ()
    refused: tuple[tuple[str, CasebookError], ...] = ()
    quarantined: int = 0
    not_opened: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, chain by chain."""
        return tuple(problem for chain in self.chains for problem in chain.problems)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not self.refused

    def lines(self, language: str) -> tuple[str, ...]:
        """Return the report, a sentence a line: each chain, where it breaks, and the sum."""
        said: list[str] = []
        for chain in self.chains:
            said.append(chain.sentence(language))
            said += [f"  {problem.sentence(language)}" for problem in chain.problems]
        said += [f"[{shelf}] {error.sentence(language)}" for shelf, error in self.refused]
        return (*said, *self._sum(language))

    def _sum(self, language: str) -> Iterator[str]:
        records = sum(chain.commits for chain in self.chains)
        wrong = len(self.problems) + len(self.refused)
        zh = language == "zh"
        if self.quarantined:
            yield (
                f"另有 {self.quarantined} 项未通过校验的来件已隔离保存，不属于记录。"
                if zh
                else f"Kept apart because they did not verify when they arrived, no part of the record: "
                f"{self.quarantined}."
            )
        for shelf in self.not_opened:
            yield f"[{shelf}] 此人无权打开，未核验。" if zh else f"[{shelf}] not for this person to open: not verified."
        if zh:
            yield f"共 {len(self.chains)} 条链、{records} 条记录：" + (
                f"发现 {wrong} 处问题。" if wrong else "全部完好。"
            )
        else:
            yield f"{len(self.chains)} chain(s), {records} record(s): " + (
                f"{wrong} problem(s)." if wrong else "everything holds."
            )


def verify_logs(logs: Mapping[str, CommitLog], server: ServerIdentity, study: str) -> VerificationReport:
    """Walk every chain of a record.

    Args:
        logs: The open logs by shelf: `S` and, where it is open, `U`.
        server: The server as enrolment made it known; nothing else is believed unproved.
        study: The study's code.
    """
    directory = _directory(logs, server)
    chains: list[ChainReport] = []
    refused: list[tuple[str, CasebookError]] = []
    quarantined = 0
    for shelf, log in logs.items():
        try:
            chains += _Walk(shelf, log, directory, study).reports()
            quarantined += len(log.quarantined())
        except StoreDamagedError as error:
            refused.append((shelf, error))
    return VerificationReport(chains=tuple(chains), refused=tuple(refused), quarantined=quarantined)


def _directory(logs: Mapping[str, CommitLog], server: ServerIdentity) -> Directory:
    """Return what the server stated, as far as it verifies under the server's key."""
    directory = Directory(server)
    for log in logs.values():
        try:
            for _, commit in log.of_kind("srv"):
                if _is_stated(commit, directory):
                    directory.learn([commit])
        except StoreDamagedError:
            continue  # what cannot be read is told when its chain is walked
    return directory


def _is_stated(commit: SealedCommit, directory: Directory) -> bool:
    try:
        key = directory.key(commit.parsed)
        if key is None:
            return False
        ledger.verify(commit, key)
    except (CommitUnreadableError, CommitUntrustedError):
        return False
    return True


@dataclass(slots=True)
class _Chain:
    """One chain while it is walked."""

    device: DeviceId
    epoch: Epoch
    site: str = ""
    commits: int = 0
    last: int = 0
    before: set[CommitId] = field(default_factory=set)
    """The commits with the number before `last`."""
    here: set[CommitId] = field(default_factory=set)
    """The commits with the number `last`."""
    at: dict[int, set[CommitId]] = field(default_factory=dict)
    """The commits at the numbers that receipts name."""
    problems: list[Problem] = field(default_factory=list)


class _Walk:
    """Walks the chains of one log."""

    def __init__(self, shelf: str, log: CommitLog, directory: Directory, study: str) -> None:
        self._shelf = shelf
        self._log = log
        self._directory = directory
        self._study = study
        self._authority = authority_of(directory)
        self._taken_out: set[CommitId] = set()
        self._named: dict[tuple[DeviceId, Epoch], dict[int, CommitId | None]] = {}
        self._bad: dict[tuple[DeviceId, Epoch], list[int]] = {}

    def reports(self) -> Iterator[ChainReport]:
        """Yield a report for each chain, by laptop and epoch."""
        self._read_receipts()
        self._read_redactions()
        waiting: dict[tuple[DeviceId, Epoch], list[SealedCommit]] = {}
        for commit in self._log.parked():
            waiting.setdefault((commit.parsed.device, commit.parsed.epoch), []).append(commit)
        held = {(head.device, head.epoch) for head in self._log.heads()}
        for chain in sorted(held | waiting.keys() | self._named.keys() | self._bad.keys()):
            parked = sorted(waiting.get(chain, ()), key=lambda one: one.parsed.sequence)
            yield self._walk(_Chain(*chain), parked)

    def _read_redactions(self) -> None:
        for _, commit in self._log.of_kind(ledger.REDACTION):
            try:
                said = check_redaction(commit, self._authority)
                if self._log.has(said.commit) and fits(commit, self._log.commit(said.commit)):
                    self._taken_out.add(said.commit)
            except (CommitUnreadableError, CommitUntrustedError):
                continue  # told where its chain is walked

    def _read_receipts(self) -> None:
        for receipt in self._log.receipts():
            chain = (receipt.device, receipt.epoch)
            try:
                said = read_receipt(receipt.body, self._directory.server.receipts)
            except CasebookError:
                self._bad.setdefault(chain, []).append(receipt.sequence)
                continue
            head = said.head
            if (head.device, head.epoch, head.sequence) != (*chain, receipt.sequence) or said.study != self._study:
                self._bad.setdefault(chain, []).append(receipt.sequence)
            else:
                self._named.setdefault(chain, {})[head.sequence] = head.id

    def _walk(self, chain: _Chain, parked: list[SealedCommit]) -> ChainReport:
        named = self._named.get((chain.device, chain.epoch), {})
        try:
            for commit in self._log.chain(chain.device, chain.epoch):
                self._look(chain, commit, named)
        except StoreDamagedError:
            self._tell(chain, chain.last + 1, None, Fault.DAMAGE)
        for commit in parked:
            self._look(chain, commit, named)
        self._hold_against_receipts(chain, named)
        return ChainReport(
            shelf=self._shelf,
            device=chain.device,
            letter=self._letter(chain.device),
            epoch=chain.epoch,
            site=chain.site,
            commits=chain.commits,
            last=chain.last,
            received=max(named, default=0),
            problems=tuple(sorted(chain.problems, key=lambda one: one.sequence)),
        )

    def _look(self, chain: _Chain, commit: SealedCommit, named: Mapping[int, CommitId | None]) -> None:
        chain.commits += 1
        try:
            header = commit.parsed
        except CommitUnreadableError:
            self._tell(chain, chain.last + 1, commit.id, Fault.UNREADABLE)
            return
        for fault in (*self._sealed_wrong(header, commit), *self._placed_wrong(chain, header)):
            self._tell(chain, header.sequence, commit.id, fault)
        self._follow(chain, header, commit.id)
        if header.sequence in named:
            chain.at.setdefault(header.sequence, set()).add(commit.id)

    # -- one commit by itself ---------------------------------------------------------------------------

    def _sealed_wrong(self, header: Header, commit: SealedCommit) -> Iterator[Fault]:
        try:
            ledger.check(commit)
        except CommitUntrustedError:
            yield Fault.CONTENT
        except CommitUnreadableError:
            yield Fault.UNREADABLE
        if not self._redaction_holds(header, commit):
            yield Fault.REDACTION
        if commit.id in self._taken_out and ledger.redaction_of(commit) is None:
            yield Fault.NOT_REDACTED
        if header.study != self._study:
            yield Fault.STUDY
        if (header.kind == "srv") != (header.device == self._directory.server.device):
            yield Fault.SERVER
            return
        key = self._directory.key(header)
        if key is None:
            yield Fault.AUTHOR
        elif crypto.key_id(key) != header.author_key or not crypto.signature_holds(
            key, ledger.COMMIT_DOMAIN, commit.header, commit.signature
        ):
            yield Fault.SIGNATURE

    def _redaction_holds(self, header: Header, commit: SealedCommit) -> bool:
        try:
            if header.kind == ledger.REDACTION:
                check_redaction(commit, self._authority)
            check_redacted(commit, self._authority)
        except (CommitUnreadableError, CommitUntrustedError):
            return False
        return True

    def _placed_wrong(self, chain: _Chain, header: Header) -> Iterator[Fault]:
        if header.shelf != self._shelf:
            yield Fault.SHELF
        chain.site = chain.site or header.site
        if header.site != chain.site or not self._directory.may_write(header):
            yield Fault.SITE

    # -- its place in the chain -------------------------------------------------------------------------

    def _follow(self, chain: _Chain, header: Header, id_: CommitId) -> None:
        sequence = header.sequence
        if sequence == chain.last:
            self._tell(chain, sequence, id_, Fault.FORK)
            chain.here.add(id_)
            before, gap = chain.before, False
        else:
            gap = sequence != chain.last + 1
            before, chain.before = chain.here, chain.here
            chain.last, chain.here = sequence, {id_}
        if gap:
            self._tell(chain, sequence, id_, Fault.GAP)
        elif not (header.previous in before if sequence > 1 else self._may_begin(header)):
            self._tell(chain, sequence, id_, Fault.LINK)

    def _may_begin(self, header: Header) -> bool:
        """Tell whether the first commit of an epoch follows nothing, or one of its laptop's earlier epochs."""
        if header.previous is None:
            return True
        if not self._log.has(header.previous):
            return False
        parent = self._log.commit(header.previous).parsed
        return parent.device == header.device and parent.epoch != header.epoch

    def _hold_against_receipts(self, chain: _Chain, named: Mapping[int, CommitId | None]) -> None:
        for sequence in self._bad.get((chain.device, chain.epoch), ()):
            self._tell(chain, sequence, None, Fault.RECEIPT)
        for sequence, id_ in named.items():
            held = chain.at.get(sequence, set())
            if held and id_ not in held:
                self._tell(chain, sequence, id_, Fault.RECEIPT_OTHER)
        if named and max(named) > chain.last:
            self._tell(chain, chain.last + 1, None, Fault.BEHIND)

    # -- telling ----------------------------------------------------------------------------------------

    def _letter(self, device: DeviceId) -> str:
        if device == self._directory.server.device:
            return SERVER
        known = self._directory.device(device)
        return known.letter if known is not None else ""

    def _tell(self, chain: _Chain, sequence: int, commit: CommitId | None, fault: Fault) -> None:
        chain.problems.append(
            Problem(
                shelf=self._shelf,
                device=chain.device,
                letter=self._letter(chain.device),
                epoch=chain.epoch,
                sequence=sequence,
                commit=commit,
                fault=fault,
            )
        )
