"""The server's judge: what `casebook.verdicts` finds of each commit, with what arrived before it.

A commit of shelf S is judged from shelf S alone, so that no verdict in it can tell anything of shelf U; one of
shelf U from both. Who is withdrawn is not looked at here: `casebook.sync.office` tells that by the chains.

What judging needs is read once and kept by what it is about: delegations by site, flags and signatures by subject.
Entries are never kept; one that another names is looked up in the store. So a verdict costs what is known of one
subject, and memory grows with acts over entries alone.

A clock is told to be off at the first record of a boot that shows it, and again after it was set: not at each of
the thousand saves that follow. What is known of the time of each is said by `casebook.timekeeping` everywhere.

Source: docs/sync_protocol.md, section "What the server finds"; docs/adr/0020.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from casebook import payloads
from casebook.design import StudyDesign
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, CommitRef, SubjectId, UserId
from casebook.ledger import STANDARD, Header, SealedCommit
from casebook.oversight import Oversight, Said, said
from casebook.payloads import DataPayload, Payload, SecurityPayload, SubjectPayload
from casebook.rights import DelegationLog, delegators
from casebook.store import CommitLog
from casebook.subject_acts import NUMBER, NumberPayload
from casebook.supervision import Flag, FlagPayload, SignPayload
from casebook.sync.trust import Directory
from casebook.timekeeping import ANCHOR_EVENT, TOLERANCE_MS, Anchor, TimeStanding, label_of, read_anchor
from casebook.verdicts import Judgements, Verdict, VerdictCode, judge, read_verdict
from casebook.versions import Designs

_EVERYWHERE = ""
"""Stands for the subject of flags that are wider than one subject."""
_JUDGED_BY = frozenset({Flag.LOCKED, Flag.FROZEN})
"""The flags that a late entry can meet; a mark of verification holds nothing."""
_ACTS = ("flag", "sign", "deleg", "adj")
_STATEMENTS = "srv"
_OFF_MS = 5 * 60_000
"""By how much a clock must be off to be told, beyond what is uncertain of that."""
_BRANCHES = 8
"""So many records with one number are looked at; a chain that forked more often was told before."""


@dataclass(slots=True)
class _Seen:
    """What was read of one shelf so far: acts over entries by subject, delegations by site, verdicts and rulings."""

    log: CommitLog
    flags: dict[str, dict[CommitId, Said[FlagPayload]]] = field(default_factory=dict)
    signatures: dict[str, dict[CommitId, Said[SignPayload]]] = field(default_factory=dict)
    delegations: dict[str, list[SealedCommit]] = field(default_factory=dict)
    judging: list[SealedCommit] = field(default_factory=list)
    acts: set[CommitId] = field(default_factory=set)
    numbers: dict[str, SubjectId] = field(default_factory=dict)
    """The subject that first had a number."""
    anchors: dict[str, list[tuple[Header, Anchor]]] = field(default_factory=dict)
    """What each laptop heard of the server's time, and in which record it says so."""
    position: int = 0

    def read_on(self) -> None:
        """Read what arrived since: the kinds that judging rests on, and nothing else of the log."""
        last = self.log.last_position()
        if last == self.position:
            return
        for kind in _ACTS:  # before statements, which are kept for acts alone
            for _, commit in self.log.of_kind(kind, self.position):
                self.acts.add(commit.id)
                self._file(commit)
        for _, commit in self.log.of_kind(_STATEMENTS, self.position):
            if self._is_about_an_act(commit):
                self.judging.append(commit)
        for kind in ("subj", NUMBER):
            for _, commit in self.log.of_kind(kind, self.position):
                payload = _readable(commit)
                if isinstance(payload, SubjectPayload | NumberPayload):
                    self.numbers.setdefault(payload.number, payload.subject)
        for _, commit in self.log.of_kind("sec", self.position):
            if ANCHOR_EVENT.encode() in commit.payload:
                self._file_anchor(commit)
        self.position = last

    def _file_anchor(self, commit: SealedCommit) -> None:
        payload = _readable(commit)
        if isinstance(payload, SecurityPayload) and payload.event == ANCHOR_EVENT:
            anchor = read_anchor(payload.fields)
            if anchor is not None:
                self.anchors.setdefault(commit.parsed.device, []).append((commit.parsed, anchor))

    def _file(self, commit: SealedCommit) -> None:
        match commit.parsed.kind:
            case "deleg":
                self.delegations.setdefault(commit.parsed.site, []).append(commit)
            case "adj":
                self.judging.append(commit)
            case _:
                self._file_act(commit)

    def _file_act(self, commit: SealedCommit) -> None:
        match _readable(commit):  # what is not stands in its chain without effect, as on every replica
            case FlagPayload(flag=flag, scope=scope) as payload if flag in _JUDGED_BY:
                self.flags.setdefault(scope.subject or _EVERYWHERE, {})[commit.id] = said(commit, payload)
            case SignPayload(subject=subject) as payload:
                self.signatures.setdefault(subject, {})[commit.id] = said(commit, payload)
            case _:
                pass

    def _is_about_an_act(self, commit: SealedCommit) -> bool:
        """Tell whether a statement is a verdict that bears on later judging: on an act, or on what has not come."""
        payload = _readable(commit)
        verdict = read_verdict(payload) if isinstance(payload, payloads.ServerPayload) else None
        return verdict is not None and (verdict.commit in self.acts or not self.log.has(verdict.commit))


class StudyJudge:
    """Judges commits under one study definition. Call it with a shelf and a commit that is durable there."""

    def __init__(
        self,
        logs: Mapping[str, CommitLog],
        directory: Directory,
        design: StudyDesign | Designs,
        *,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        """Begin to judge. Nothing is read before the first commit.

        Args:
            design: The study, with its earlier versions where values entered under these are to be judged.
            now_ms: The server's clock: what arrived cannot have been sealed later. Without it that is not looked at.
        """
        self._seen = {shelf: _Seen(log) for shelf, log in logs.items()}
        self._directory = directory
        self._designs = design if isinstance(design, Designs) else Designs(current=design)
        self._design = self._designs.current
        self._now_ms = now_ms
        self._held: dict[str, tuple[tuple[int, ...], frozenset[CommitId]]] = {}
        self._ends_of: tuple[object, bool] = (None, False)
        self._delegations: dict[tuple[str, str], tuple[object, DelegationLog]] = {}

    def __call__(self, shelf: str, commit: SealedCommit) -> Verdict | None:
        """Return what is found of a commit, or None."""
        sources = [self._seen[one] for one in sorted(self._seen) if one in (STANDARD, shelf)]
        for one in sources:
            one.read_on()
        held = self._held_acts(shelf, sources)
        return judge(
            commit,
            directory=self._directory,
            delegations=self._delegation_log(shelf, commit.parsed.site, sources, held),
            design=self._design,
            known=lambda payload: _known(sources, payload, held),
            find=_finder(sources),
            asked=self._designs.asked_in,
            told=lambda payload: self._told(self._seen[shelf].log, sources, commit, payload),
            withdrawals=False,
        )

    # -- what is told and holds nothing ----------------------------------------------------------------

    def _told(
        self, log: CommitLog, sources: list[_Seen], commit: SealedCommit, payload: Payload | None
    ) -> VerdictCode | None:
        if isinstance(payload, SubjectPayload | NumberPayload):
            first = next((one.numbers[payload.number] for one in sources if payload.number in one.numbers), None)
            if first not in {None, payload.subject}:
                return VerdictCode.DUP_NO
        if self._has_ends_apart(log, commit.parsed) and _has_forked(log, commit):
            return VerdictCode.FORK
        return VerdictCode.CLOCK if self._shows_a_clock_that_is_off(log, sources, commit.parsed) else None

    def _has_ends_apart(self, log: CommitLog, header: Header) -> bool:
        """Tell whether a chain has more than one end, without which it has not forked anywhere; looked at once."""
        place = (log.last_position(), header.device, header.epoch)
        if self._ends_of[0] != place:
            found = sum((one.device, one.epoch) == place[1:] for one, _ in log.tips_of((), header.device))
            self._ends_of = (place, found > 1)
        return self._ends_of[1]

    def _shows_a_clock_that_is_off(self, log: CommitLog, sources: list[_Seen], header: Header) -> bool:
        if not self._is_off(sources, header):
            return False
        before = header.previous
        last = log.commit(before).parsed if before is not None and log.has(before) else None
        return last is None or not _is_of_one_run(last, header) or not self._is_off(sources, last)

    def _is_off(self, sources: list[_Seen], header: Header) -> bool:
        """Tell whether a wall clock was off by more than is allowed, by what its laptop had heard until then."""
        moment = header.moment
        heard = [one for each in sources for one in each.anchors.get(header.device, ())]
        in_boot = [
            anchor for said, anchor in heard if anchor.boot == moment.boot and said.moment.uptime_ms <= moment.uptime_ms
        ]
        before = [
            anchor.server_ms
            for said, anchor in heard
            if (said.device, said.epoch) == (header.device, header.epoch) and said.sequence < header.sequence
        ]
        label = label_of(
            moment,
            in_boot,
            earliest_ms=max(before, default=None),
            latest_ms=self._now_ms() if self._now_ms is not None else None,
        )
        return label.standing is TimeStanding.OFF and abs(label.off_ms) > _OFF_MS + label.uncertainty_ms

    def forget(self) -> None:
        """Read everything anew: some of what was read did not become durable."""
        self._seen = {shelf: _Seen(one.log) for shelf, one in self._seen.items()}
        self._held.clear()
        self._delegations.clear()

    def held(self) -> frozenset[CommitId]:
        """Return the commits that give no value now: held by a verdict and not accepted. Reads all verdicts."""
        logs = [one.log for one in self._seen.values()]
        commits = (commit for log in logs for kind in ("srv", "adj") for _, commit in log.of_kind(kind))
        return Judgements.of(commits, may_rule=self._may_rule).held

    def _held_acts(self, whose: str, sources: list[_Seen]) -> frozenset[CommitId]:
        """Return the acts over entries that are held now."""
        mark = tuple(len(one.judging) for one in sources)
        known = self._held.get(whose)
        if known is None or known[0] != mark:
            commits: Iterator[SealedCommit] = (each for one in sources for each in one.judging)
            known = (mark, Judgements.of(commits, may_rule=self._may_rule).held)
            self._held[whose] = known
        return known[1]

    def _delegation_log(self, shelf: str, site: str, sources: list[_Seen], held: frozenset[CommitId]) -> DelegationLog:
        """Return a site's delegation log; worked out anew when a line, a verdict or an account changed."""
        commits = [each for one in sources for each in one.delegations.get(site, [])]
        may_sign = delegators(self._design, self._directory.member)
        signers = frozenset(user for user in {one.parsed.author for one in commits} if may_sign(user))
        mark = (len(commits), held, signers)
        known = self._delegations.get((shelf, site))
        if known is None or known[0] != mark:
            known = (mark, DelegationLog.of(commits, may_sign=signers.__contains__, held=held))
            self._delegations[shelf, site] = known
        return known[1]

    def _may_rule(self, user: UserId) -> bool:
        member = self._directory.member(user)
        role = self._design.role(member.role) if member is not None else None
        return role is not None and "adjudicate" in role.rights


def _readable(commit: SealedCommit) -> Payload | None:
    try:
        return payloads.read(commit)
    except (CommitUnreadableError, SealedAwayError):
        return None


def _has_forked(log: CommitLog, commit: SealedCommit) -> bool:
    """Tell whether another record follows the one that this follows, in the same chain: here it forked."""
    header = commit.parsed
    return any(
        one.id != commit.id and (one.parsed.sequence, one.parsed.previous) == (header.sequence, header.previous)
        for one in log.chain(header.device, header.epoch, header.sequence - 1, _BRANCHES)
    )


def _is_of_one_run(one: Header, other: Header) -> bool:
    """Tell whether two records are of one boot in which the clock was not set between them."""
    bases = [each.moment.utc_ms - each.moment.uptime_ms for each in (one, other)]
    return one.moment.boot == other.moment.boot and abs(bases[0] - bases[1]) <= TOLERANCE_MS


def _known(sources: Iterable[_Seen], payload: payloads.Payload | None, held: frozenset[CommitId]) -> Oversight:
    """Return the flags and signatures that a commit can meet: of its subject, and the wide ones."""
    subjects = (_EVERYWHERE, payload.key.subject) if isinstance(payload, DataPayload) else (_EVERYWHERE,)
    flagged: dict[CommitId, Said[FlagPayload]] = {}
    signing: dict[CommitId, Said[SignPayload]] = {}
    for one in sources:
        for subject in subjects:
            flagged.update(one.flags.get(subject, {}))
            signing.update(one.signatures.get(subject, {}))
    return Oversight(flagged=flagged, signing=signing, held=held)


def _finder(sources: list[_Seen]) -> Callable[[CommitRef], SealedCommit | None]:
    def find(ref: CommitRef) -> SealedCommit | None:
        for one in sources:
            found = one.log.find(ref)
            if found is not None:
                return found
        return None

    return find
