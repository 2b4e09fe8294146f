"""The server's judge: what `casebook.verdicts` finds of each commit, with what arrived before it.

A commit of shelf S is judged from shelf S alone, so that no verdict in it can tell anything of shelf U; one of
shelf U from both. Who is withdrawn is not looked at here: `casebook.sync.office` tells that by the chains.

Source: docs/sync_protocol.md, section "What the server finds"; docs/adr/0020.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from casebook.design import StudyDesign
from casebook.ids import CommitId, CommitRef, UserId, ref_of
from casebook.ledger import STANDARD, SealedCommit
from casebook.oversight import Oversight
from casebook.rights import DelegationLog, delegators
from casebook.store import CommitLog
from casebook.sync.trust import Directory
from casebook.verdicts import Judgements, Verdict, judge


@dataclass(slots=True)
class _Seen:
    """What was read of one shelf so far: acts over entries, delegations, verdicts and rulings, and all names."""

    log: CommitLog
    acts: Oversight = field(default_factory=Oversight)
    delegations: dict[str, list[SealedCommit]] = field(default_factory=dict)
    judging: list[SealedCommit] = field(default_factory=list)
    names: dict[CommitRef, CommitId] = field(default_factory=dict)
    position: int = 0

    def read_on(self) -> None:
        """Read what arrived since."""
        for position, commit in self.log.feed(self.position):
            self.position = position
            self.names[ref_of(commit.id)] = commit.id
            match commit.parsed.kind:
                case "query" | "flag" | "sign":
                    self.acts = self.acts.plus(commit)
                case "deleg":
                    self.delegations.setdefault(commit.parsed.site, []).append(commit)
                case "srv" | "adj":
                    self.judging.append(commit)
                case _:
                    pass


class StudyJudge:
    """Judges commits under one study definition. Call it with a shelf and a commit that is durable there."""

    def __init__(self, logs: Mapping[str, CommitLog], directory: Directory, design: StudyDesign) -> None:
        """Begin to judge. Nothing is read before the first commit."""
        self._seen = {shelf: _Seen(log) for shelf, log in logs.items()}
        self._directory = directory
        self._design = design
        self._state: tuple[int, str] | None = None
        self._known: dict[str, tuple[tuple[int, ...], Judgements]] = {}

    def __call__(self, shelf: str, commit: SealedCommit) -> Verdict | None:
        """Return what is found of a commit, or None."""
        sources = [self._seen[one] for one in sorted(self._seen) if one in (STANDARD, shelf)]
        state = (self._directory.count_verdicts(), shelf)
        if state != self._state or ref_of(commit.id) not in self._seen[shelf].names:
            self._state = state
            for one in sources:
                one.read_on()
        held = self._judgements(shelf, sources).held
        known = sources[0].acts
        for one in sources[1:]:
            known = _joined(known, one.acts)
        delegations = DelegationLog.of(
            (each for one in sources for each in one.delegations.get(commit.parsed.site, [])),
            may_sign=delegators(self._design, self._directory.member),
            held=held,
        )
        return judge(
            commit,
            directory=self._directory,
            delegations=delegations,
            design=self._design,
            known=known.with_held(held),
            find=_finder(sources),
            withdrawals=False,
        )

    def held(self) -> frozenset[CommitId]:
        """Return the commits that give no value now: held by a verdict and not accepted."""
        sources = list(self._seen.values())
        for one in sources:
            one.read_on()
        return self._judgements("".join(sorted(self._seen)), sources).held

    def _judgements(self, whose: str, sources: list[_Seen]) -> Judgements:
        mark = tuple(len(one.judging) for one in sources)
        known = self._known.get(whose)
        if known is None or known[0] != mark:
            commits: Iterator[SealedCommit] = (each for one in sources for each in one.judging)
            known = (mark, Judgements.of(commits, may_rule=self._may_rule))
            self._known[whose] = known
        return known[1]

    def _may_rule(self, user: UserId) -> bool:
        member = self._directory.member(user)
        role = self._design.role(member.role) if member is not None else None
        return role is not None and "adjudicate" in role.rights


def _joined(first: Oversight, second: Oversight) -> Oversight:
    return Oversight(
        asked={**first.asked, **second.asked},
        flagged={**first.flagged, **second.flagged},
        signing={**first.signing, **second.signing},
    )


def _finder(sources: list[_Seen]) -> Callable[[CommitRef], SealedCommit | None]:
    def find(ref: CommitRef) -> SealedCommit | None:
        for one in sources:
            if ref in one.names:
                return one.log.commit(one.names[ref])
        return None

    return find
