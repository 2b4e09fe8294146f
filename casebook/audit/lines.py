"""The lines of many commits in one order, made as they are asked for.

A commit never comes before the one that it follows in its chain; among those that could come next, the one
with the earlier wall clock does. So nothing is lost and nothing in a chain is turned round, whatever clocks say.

Reading headers is all that is done beforehand; what a line says is worked out when it is asked.

Source: docs/record_format.md, section "Audit"; 21 CFR 11.10(e).
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from casebook.audit.act import NOTHING, Act, AuditContext, Deed, Teller, both, same
from casebook.audit.acts import acts_of
from casebook.audit.words import Wording, settled_sentence
from casebook.design import Text
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, CommitRef, DeviceId, SubjectId, UserId, ref_of
from casebook.ledger import Header, SealedCommit
from casebook.payloads import DataPayload
from casebook.records import EMPTY, AddRow, FormKey, ItemPath, Reading, SetItem
from casebook.timekeeping import TimeLabel

SHORT_ID = 8
"""So many digits name a commit on paper."""
_DEVICE = UserId("device")
_SERVER = UserId("server")
_UNKNOWN_ROLES: Mapping[UserId, Text] = {_DEVICE: NOTHING, _SERVER: NOTHING}


def in_order(commits: Iterable[SealedCommit]) -> list[SealedCommit]:
    """Return commits without repeats, each after the one it follows, else by wall clock; stable."""
    held: dict[CommitId, tuple[SealedCommit, Header]] = {}
    for commit in commits:
        held.setdefault(commit.id, (commit, commit.parsed))
    following: dict[CommitId, list[CommitId]] = {}
    ready: list[tuple[int, str, str, int, CommitId]] = []
    for id_, (_, header) in held.items():
        if header.previous is not None and header.previous in held:
            following.setdefault(header.previous, []).append(id_)
        else:
            ready.append(_place(id_, header))
    heapq.heapify(ready)
    ordered: list[SealedCommit] = []
    while ready:
        id_ = heapq.heappop(ready)[-1]
        ordered.append(held[id_][0])
        for next_id in following.pop(id_, ()):
            heapq.heappush(ready, _place(next_id, held[next_id][1]))
    return ordered


def _place(id_: CommitId, header: Header) -> tuple[int, str, str, int, CommitId]:
    return (header.moment.utc_ms, header.device, header.epoch, header.sequence, id_)


class _Past:
    """What stood before: looked up in the commits themselves, when it is asked for."""

    def __init__(self, commits: list[SealedCommit], context: AuditContext) -> None:
        self._by_ref: dict[CommitRef, SealedCommit] = {ref_of(one.id): one for one in commits}
        self._commits = commits
        self._context = context
        self._read: dict[CommitRef, DataPayload | None] = {}
        self._rows: dict[tuple[FormKey, str], list[str]] | None = None

    def _data(self, ref: CommitRef) -> DataPayload | None:
        if ref not in self._read:
            self._read[ref] = self._opened(self._by_ref.get(ref))
        return self._read[ref]

    def _opened(self, commit: SealedCommit | None) -> DataPayload | None:
        if commit is None or commit.parsed.kind != "data":
            return None
        try:
            payload = self._context.read(commit)
        except (SealedAwayError, CommitUnreadableError):
            return None
        return payload if isinstance(payload, DataPayload) else None

    def placed(self, act: Act) -> Act:
        """Return an act with its form, which a redaction names by the commit alone."""
        data = self._data(ref_of(CommitId(act.what))) if act.deed is Deed.REDACTED else None
        return act if data is None else replace(act, key=data.key, form_version=data.form_version)

    def readings(self, act: Act) -> tuple[Reading, ...]:
        """Return the values that an entry replaces."""
        found = (self._data(base) for base in act.bases)
        return tuple(_said_of(act, payload) for payload in found if payload is not None)

    def row_number(self, key: FormKey, path: ItemPath) -> str:
        """Return the number of a row in the order of being added, "" where that is not known."""
        if self._rows is None:
            self._rows = {}
            for commit in self._commits:
                self._note_rows(self._data(ref_of(commit.id)), self._rows)
        rows = self._rows.get((key, path.group), [])
        return str(rows.index(path.row) + 1) if path.row in rows else ""

    @staticmethod
    def _note_rows(payload: DataPayload | None, rows: dict[tuple[FormKey, str], list[str]]) -> None:
        for operation in payload.operations if payload is not None else ():
            if payload is not None and isinstance(operation, AddRow):
                known = rows.setdefault((payload.key, operation.group), [])
                if operation.row not in known:
                    known.append(operation.row)


def _said_of(act: Act, payload: DataPayload) -> Reading:
    """Return what a save said of an act's item; the last word of the save counts."""
    said = EMPTY
    if payload.key == act.key:
        for operation in payload.operations:
            if isinstance(operation, SetItem) and operation.path == act.path:
                said = operation.reading
    return said


@dataclass(frozen=True, slots=True, eq=False)
class AuditLine:
    """One line of the audit trail. What it says is worked out when it is asked.

    Attributes:
        commit: The commit that carries it.
        header: The commit's header.
        index: Its place among the lines of its commit, from 0.
        act: What was done.
    """

    commit: CommitId
    header: Header
    index: int
    act: Act
    _past: _Past
    _context: AuditContext
    _words: Wording

    # -- who --------------------------------------------------------------------------------------------

    @property
    def user(self) -> UserId:
        """Whose act it is."""
        return self.act.author or self.header.author

    @property
    def who(self) -> Text:
        """The person's name; the laptop or the server where it acted itself."""
        return self._named(self.user)

    @property
    def role(self) -> Text:
        """The person's role at the site."""
        known = _UNKNOWN_ROLES.get(self.user)
        return self._context.role_of(self.user) if known is None else known

    @property
    def sealed_by(self) -> Text:
        """Who signed the commit: the person, or the laptop where it recovered what a person had entered."""
        return self._named(self.header.author)

    def _named(self, user: UserId) -> Text:
        if user == _DEVICE:
            return both(f"laptop {self.laptop} itself", f"电脑 {self.laptop}（自动）")
        if user == _SERVER:
            return both("the study's server", "研究服务器")
        return same(self._context.name_of(user))

    @property
    def laptop(self) -> str:
        """The letter of the laptop on which it was done; "" for the server."""
        return self._context.letter_of(self.header.device)

    @property
    def device(self) -> DeviceId:
        """The laptop's identity."""
        return self.header.device

    @property
    def commit_short(self) -> str:
        """The first digits of the commit's id."""
        return self.commit[:SHORT_ID]

    # -- when -------------------------------------------------------------------------------------------

    @property
    def at(self) -> datetime:
        """When, by the laptop's wall clock, in the offset that its user saw."""
        return self.header.moment.local

    @property
    def time(self) -> TimeLabel:
        """What is known of that time."""
        return self._context.time_of(self.header)

    @property
    def time_words(self) -> Text:
        """What is known of that time, in words."""
        return self.time.words(self.header.moment.offset_minutes)

    # -- what -------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What the act is called in tables: a deed, or an event's or statement's own name."""
        return self.act.name or str(self.act.deed)

    @property
    def site(self) -> str:
        """The site of the chain, three digits."""
        return self.header.site

    @property
    def subject(self) -> SubjectId | None:
        """Whom it is about."""
        return self.act.key.subject if self.act.key is not None else self.act.subject

    @property
    def number(self) -> str:
        """The subject's number, "" where there is no subject."""
        return self._context.number_of(self.subject) if self.subject is not None else ""

    @property
    def form(self) -> Text:
        """The form, as the study calls it."""
        return self._words.form(self.act)

    @property
    def visit(self) -> Text:
        """The visit, as the study calls it."""
        return self._words.visit(self.act)

    @property
    def item(self) -> Text:
        """The item, as it was asked; with the row's number in a group of rows."""
        path, key = self.act.path, self.act.key
        in_row = path is not None and path.row and key is not None
        return self._words.item(self.act, self._past.row_number(key, path) if in_row and path and key else "")

    @property
    def old(self) -> Text:
        """The value before, in words; several where entries had disagreed."""
        return self._words.value(self.act, self._past.readings(self.act)) if self.act.bases else NOTHING

    @property
    def new(self) -> Text:
        """The value after, in words."""
        return self._words.value(self.act, [self.act.reading])

    @property
    def why(self) -> Text:
        """The reason that was given."""
        return self._words.reason(self.act)

    @property
    def sentence(self) -> Text:
        """What was done, as a sentence."""
        replaced = set(self._past.readings(self.act)) if len(self.act.bases) > 1 else ()
        if len(replaced) > 1:
            return settled_sentence(self.item, self.old, self.new)
        return self._words.sentence(self.act, self.item, self.old, self.new)

    @property
    def unconfirmed(self) -> bool:
        """Whether the laptop sealed it after a crash and its author has not confirmed it."""
        return self.act.author is not None and self.act.author != self.header.author

    @property
    def is_entry(self) -> bool:
        """Whether a value was entered, changed or cleared."""
        return self.act.deed is Deed.ENTERED


def audit_of(
    commits: Iterable[SealedCommit],
    context: AuditContext,
    *,
    newest_first: bool = False,
    tellers: Mapping[str, Teller] | None = None,
) -> Iterator[AuditLine]:
    """Yield the audit trail of commits, of one or several logs: at least one line for each commit.

    Args:
        newest_first: In the opposite order.
        tellers: Else `casebook.audit.acts.TELLERS`.

    Raises:
        CommitUnreadableError: A header is in another form; no log holds such a commit.
    """
    ordered = in_order(commits)
    past, words = _Past(ordered, context), Wording(context)
    for commit in reversed(ordered) if newest_first else ordered:
        acts = list(enumerate(acts_of(commit, context, tellers)))
        for index, act in reversed(acts) if newest_first else acts:
            yield AuditLine(commit.id, commit.parsed, index, past.placed(act), past, context, words)
