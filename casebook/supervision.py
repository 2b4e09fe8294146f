"""What is said about entries and about people: queries, flags, signatures, rulings, delegations.

    query  a question about a place, its answers, its end      sign   a person signs forms as they stood
    flag   verified, frozen or locked is set or cleared        adj    a held commit is accepted or declined
    deleg  the principal investigator delegates, or ends it

None of them changes a value. Like an entry, each names the acts that its author saw (`bases`), and what was
seen of the record as a frontier: how far along each chain. So what came late is told without a clock.

Source: docs/record_format.md, section "Payloads"; 21 CFR 11.50, 11.70, 11.200; ICH E6(R3) 4.2.2.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casebook.canonical import Value, int_of, list_of, text_of
from casebook.errors import CommitUnreadableError
from casebook.ids import (
    CommitId,
    CommitRef,
    DeviceId,
    Epoch,
    SubjectId,
    UserId,
    commit_id,
    commit_ref,
    device_id,
    subject_id,
    user_id,
)
from casebook.ids import epoch as epoch_of
from casebook.records import FormKey, ItemPath, VisitKey

KINDS = ("query", "flag", "sign", "adj", "deleg")

_QUERY_ID = re.compile(r"[A-Za-z0-9_-]{16}|[0-9a-f]{32}")
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")
_SITE = re.compile(r"[0-9]{3}")
_RIGHT = re.compile(r"[a-z_]{1,16}")


# -- where ------------------------------------------------------------------------------------------------


class Level(StrEnum):
    """How wide a scope is, the widest first."""

    STUDY = "study"
    SITE = "site"
    SUBJECT = "subject"
    VISIT = "visit"
    FORM = "form"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A place that an act is about. Made by the functions `whole_study`, `of_site` ... `of_item`.

    Attributes:
        site: Three digits; "" elsewhere than at a site's scope.
        subject: "" for the study and a site.
    """

    level: Level
    site: str = ""
    subject: SubjectId | str = ""
    visit: VisitKey | None = None
    form: str = ""
    repeat: str = ""
    path: ItemPath | None = None

    @property
    def key(self) -> FormKey | None:
        """The form instance; None for what is wider than a form."""
        if self.level not in {Level.FORM, Level.ITEM} or self.visit is None:
            return None
        return FormKey(subject=SubjectId(self.subject), visit=self.visit, form=self.form, repeat=self.repeat)

    def covers(self, key: FormKey | None, site: str) -> bool:
        """Tell whether a form instance of a site lies in this scope; a single item does not cover its form.

        Args:
            key: None for whatever the site has: then the study and the site cover it alone.
        """
        match self.level:
            case Level.STUDY:
                return True
            case Level.SITE:
                return self.site == site
            case Level.SUBJECT:
                return key is not None and self.subject == key.subject
            case Level.VISIT:
                return key is not None and (self.subject, self.visit) == (key.subject, key.visit)
            case Level.FORM:
                return key is not None and self.key == key
            case Level.ITEM:
                return False

    def to_list(self) -> list[Value]:
        """Return the canonical list: the level, then what names the place."""
        if self.level is Level.STUDY:
            return [str(self.level)]
        if self.level is Level.SITE:
            return [str(self.level), self.site]
        parts: list[Value] = [str(self.level), self.subject]
        if self.visit is not None:
            parts += [self.visit.visit, self.visit.repeat]
        if self.key is not None:
            parts += [self.form, self.repeat]
        if self.path is not None:
            parts += [self.path.group, self.path.row, self.path.item]
        return parts


def whole_study() -> Scope:
    """Return the scope of everything."""
    return Scope(level=Level.STUDY)


def of_site(site: str) -> Scope:
    """Return the scope of a site, its own file included."""
    return Scope(level=Level.SITE, site=site)


def of_subject(subject: SubjectId) -> Scope:
    """Return the scope of a subject's whole casebook."""
    return Scope(level=Level.SUBJECT, subject=subject)


def of_visit(subject: SubjectId, visit: VisitKey) -> Scope:
    """Return the scope of one visit of a subject."""
    return Scope(level=Level.VISIT, subject=subject, visit=visit)


def of_form(key: FormKey) -> Scope:
    """Return the scope of a form instance."""
    return Scope(level=Level.FORM, subject=key.subject, visit=key.visit, form=key.form, repeat=key.repeat)


def of_item(key: FormKey, path: ItemPath) -> Scope:
    """Return the scope of an item of a form instance."""
    return Scope(level=Level.ITEM, subject=key.subject, visit=key.visit, form=key.form, repeat=key.repeat, path=path)


def read_scope(value: Value) -> Scope:
    """Return the scope that a canonical list spells. Raises CommitUnreadableError."""
    try:
        return _read_scope(value)
    except ValueError:
        raise CommitUnreadableError(why="a scope of a bad subject") from None


def _read_scope(value: Value) -> Scope:
    match value:
        case ["study"]:
            return whole_study()
        case ["site", str(site)] if _SITE.fullmatch(site):
            return of_site(site)
        case ["subject", str(subject)]:
            return of_subject(subject_id(subject))
        case ["visit", str(subject), str(visit), str(repeat)]:
            return of_visit(subject_id(subject), VisitKey(visit=visit, repeat=repeat))
        case ["form", str(subject), str(visit), str(again), str(form), str(repeat)]:
            return of_form(_key(subject, visit, again, form, repeat))
        case ["item", str(subject), str(visit), str(again), str(form), str(repeat), str(group), str(row), str(item)]:
            path = ItemPath(group=group, row=row, item=item)
            return of_item(_key(subject, visit, again, form, repeat), path)
        case _:
            raise CommitUnreadableError(why="an unknown scope")


def _key(subject: str, visit: str, again: str, form: str, repeat: str) -> FormKey:
    return FormKey(subject=subject_id(subject), visit=VisitKey(visit=visit, repeat=again), form=form, repeat=repeat)


# -- what was seen ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ChainMark:
    """A commit's place: its device, the epoch, the sequence in that chain."""

    device: DeviceId
    epoch: Epoch
    sequence: int


Frontier = tuple[ChainMark, ...]
"""How far along each chain somebody saw the record: one mark a chain, sorted. What is beyond it is late."""


def frontier_of(marks: Iterable[ChainMark]) -> Frontier:
    """Return the frontier that lies around commits: the furthest mark of each chain."""
    furthest: dict[tuple[DeviceId, Epoch], ChainMark] = {}
    for mark in marks:
        chain = (mark.device, mark.epoch)
        if chain not in furthest or furthest[chain].sequence < mark.sequence:
            furthest[chain] = mark
    return tuple(sorted(furthest.values()))


def is_inside(mark: ChainMark, frontier: Frontier) -> bool:
    """Tell whether a commit was seen by whoever gave a frontier."""
    return any(
        (one.device, one.epoch) == (mark.device, mark.epoch) and mark.sequence <= one.sequence for one in frontier
    )


# -- what is said -----------------------------------------------------------------------------------------


class QueryAct(StrEnum):
    """What is done with a query."""

    OPEN = "open"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPayload:
    """A query is raised, answered, closed or raised again.

    Attributes:
        query: Its id: 16 characters, or the 32 hex digits of a conflict (`projection.conflict_id`).
        target: A subject, a visit, a form or an item.
        text: The words; a close may have none.
        code: A common reason of the study, or what raised it; "" for none.
        bases: The acts on this query that the author saw.
    """

    query: str
    act: QueryAct
    target: Scope
    text: str = ""
    code: str = ""
    bases: tuple[CommitRef, ...] = ()


class Flag(StrEnum):
    """A flag of a place, independent of the others."""

    VERIFIED = "verified"
    """Held against the source: of an item."""
    FROZEN = "frozen"
    """The site enters nothing here; what came late counts and is asked about."""
    LOCKED = "locked"
    """Nobody enters anything here; what came late is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagPayload:
    """A flag is set or cleared. `frontier`: the record as its author saw it. `bases`: acts on this flag, here."""

    flag: Flag
    on: bool
    scope: Scope
    reason: str = ""
    frontier: Frontier = ()
    bases: tuple[CommitRef, ...] = ()


class Meaning(StrEnum):
    """What a signature means (21 CFR 11.50)."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"


class Authentication(StrEnum):
    """How the signer proved who signs (21 CFR 11.200)."""

    FULL = "full"
    """User id and passphrase."""
    NEXT = "next"
    """The passphrase alone, within one continuous session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedForm:
    """A form as it was signed.

    Attributes:
        digests: For each compartment that was signed, the digest of the content that it holds (64 hex
            digits; see `casebook.oversight.content_digests`).
    """

    key: FormKey
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPayload:
    """A person signs forms of one subject.

    Attributes:
        statement: The sentence that was shown, by language.
        name, role: As they are printed.
        frontier: The record as the signer saw it.
        pdf: SHA-256 of the pages that were seen, 64 hex digits; "" where none were drawn.
    """

    subject: SubjectId
    meaning: Meaning
    statement: Mapping[str, str]
    name: str
    role: str
    authentication: Authentication
    forms: tuple[SignedForm, ...]
    frontier: Frontier = ()
    pdf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjudicationPayload:
    """A held commit is accepted or declined. `subject`: whom it is about, if anybody. `bases`: rulings seen."""

    commit: CommitId
    accept: bool
    reason: str
    subject: SubjectId | None = None
    bases: tuple[CommitRef, ...] = ()


class DelegationAct(StrEnum):
    """What is done with a line of the delegation log."""

    ADD = "add"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationPayload:
    """A line of a site's delegation log begins or ends.

    Attributes:
        entry: Id of the line, 16 characters; its end names the same.
        role: OID of the role in which the person acts.
        rights: The duties: of `casebook.design.RIGHTS`, sorted; empty for all that the role has.
        start: The first day.
        end: The last day, or None while it is open; an end always has one.
    """

    entry: str
    act: DelegationAct
    person: UserId
    role: str
    rights: tuple[str, ...]
    start: date
    end: date | None = None
    reason: str = ""


SupervisionPayload = QueryPayload | FlagPayload | SignPayload | AdjudicationPayload | DelegationPayload


def about(payload: SupervisionPayload) -> SubjectId | None:
    """Return the subject that an act is about, or None when it is about none."""
    match payload:
        case QueryPayload(target=scope) | FlagPayload(scope=scope):
            return SubjectId(scope.subject) if scope.subject else None
        case SignPayload(subject=subject):
            return subject
        case AdjudicationPayload(subject=found):
            return found
        case DelegationPayload():
            return None


# -- writing ----------------------------------------------------------------------------------------------


def write(payload: SupervisionPayload) -> tuple[str, dict[str, Value]]:
    """Return the kind and the body's fields of an act."""
    match payload:
        case QueryPayload():
            return "query", {
                "qi": payload.query,
                "ac": str(payload.act),
                "sc": payload.target.to_list(),
                "tx": payload.text,
                "co": payload.code,
                "ba": list(payload.bases),
            }
        case FlagPayload():
            return "flag", {
                "fl": str(payload.flag),
                "on": int(payload.on),
                "sc": payload.scope.to_list(),
                "w": payload.reason,
                "fx": _marks(payload.frontier),
                "ba": list(payload.bases),
            }
        case SignPayload():
            return "sign", {
                "s": payload.subject,
                "me": str(payload.meaning),
                "tx": _pairs(payload.statement),
                "na": payload.name,
                "ro": payload.role,
                "au": str(payload.authentication),
                "fs": [_signed(one) for one in payload.forms],
                "fx": _marks(payload.frontier),
                "pd": payload.pdf,
            }
        case AdjudicationPayload():
            return "adj", {
                "ci": payload.commit,
                "ac": "accept" if payload.accept else "decline",
                "w": payload.reason,
                "s": payload.subject or "",
                "ba": list(payload.bases),
            }
        case DelegationPayload():
            return "deleg", {
                "di": payload.entry,
                "ac": str(payload.act),
                "us": payload.person,
                "ro": payload.role,
                "ri": list(payload.rights),
                "fd": payload.start.isoformat(),
                "td": payload.end.isoformat() if payload.end is not None else "",
                "w": payload.reason,
            }


def _pairs(fields: Mapping[str, str]) -> list[Value]:
    return [[name, fields[name]] for name in sorted(fields)]


def _marks(frontier: Frontier) -> list[Value]:
    return [[one.device, one.epoch, one.sequence] for one in frontier]


def _signed(one: SignedForm) -> Value:
    key = one.key
    return [key.visit.visit, key.visit.repeat, key.form, key.repeat, _pairs(one.digests)]


# -- reading ----------------------------------------------------------------------------------------------


def read(kind: str, body: dict[str, Value]) -> SupervisionPayload:
    """Return what a body of one of `KINDS` says.

    Raises:
        CommitUnreadableError: It is not in the agreed form.
        ValueError: One of its ids, dates or words is none.
    """
    match kind:
        case "query":
            return QueryPayload(
                query=_matched(_QUERY_ID, text_of(body, "qi"), "query id"),
                act=QueryAct(text_of(body, "ac")),
                target=_of_subject(read_scope(list_of(body, "sc"))),
                text=text_of(body, "tx"),
                code=text_of(body, "co"),
                bases=_refs(body),
            )
        case "flag":
            return _read_flag(body)
        case "sign":
            return _read_sign(body)
        case "adj":
            subject = text_of(body, "s")
            return AdjudicationPayload(
                commit=commit_id(text_of(body, "ci")),
                accept=_one_of(text_of(body, "ac"), ("accept", "decline")) == "accept",
                reason=text_of(body, "w"),
                subject=subject_id(subject) if subject else None,
                bases=_refs(body),
            )
        case "deleg":
            return _read_delegation(body)
        case _:
            raise CommitUnreadableError(why=f"kind {kind}")


def _of_subject(scope: Scope) -> Scope:
    if not scope.subject:
        raise CommitUnreadableError(why="a query about no subject")
    return scope


def _read_flag(body: dict[str, Value]) -> FlagPayload:
    on = int_of(body, "on")
    if on not in {0, 1}:
        raise CommitUnreadableError(why="a flag that is neither on nor off")
    flag, scope = Flag(text_of(body, "fl")), read_scope(list_of(body, "sc"))
    if (flag is Flag.VERIFIED) != (scope.level is Level.ITEM):
        raise CommitUnreadableError(why="a flag that does not go with its scope")
    return FlagPayload(
        flag=flag, on=bool(on), scope=scope, reason=text_of(body, "w"), frontier=_frontier(body), bases=_refs(body)
    )


def _read_sign(body: dict[str, Value]) -> SignPayload:
    subject = subject_id(text_of(body, "s"))
    pdf = text_of(body, "pd")
    return SignPayload(
        subject=subject,
        meaning=Meaning(text_of(body, "me")),
        statement=_read_pairs(list_of(body, "tx")),
        name=text_of(body, "na"),
        role=text_of(body, "ro"),
        authentication=Authentication(text_of(body, "au")),
        forms=tuple(_read_signed(subject, one) for one in list_of(body, "fs")),
        frontier=_frontier(body),
        pdf=_matched(_HASH, pdf, "hash") if pdf else "",
    )


def _read_signed(subject: SubjectId, value: Value) -> SignedForm:
    match value:
        case [str(visit), str(again), str(form), str(repeat), list(parts)]:
            digests = {name: _matched(_HASH, digest, "digest") for name, digest in _read_pairs(parts).items()}
            return SignedForm(key=_key(subject, visit, again, form, repeat), digests=digests)
        case _:
            raise CommitUnreadableError(why="a signed form of another shape")


def _read_delegation(body: dict[str, Value]) -> DelegationPayload:
    act, end = DelegationAct(text_of(body, "ac")), text_of(body, "td")
    if act is DelegationAct.END and not end:
        raise CommitUnreadableError(why="an end without a day")
    rights = [one for one in list_of(body, "ri") if isinstance(one, str) and _RIGHT.fullmatch(one)]
    if rights != list_of(body, "ri"):
        raise CommitUnreadableError(why="duties that are not a list of words")
    return DelegationPayload(
        entry=_matched(_ENTRY_ID, text_of(body, "di"), "delegation id"),
        act=act,
        person=user_id(text_of(body, "us")),
        role=text_of(body, "ro"),
        rights=tuple(rights),
        start=date.fromisoformat(text_of(body, "fd")),
        end=date.fromisoformat(end) if end else None,
        reason=text_of(body, "w"),
    )


def _matched(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise CommitUnreadableError(why=f"not a {what}")
    return text


def _one_of(text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise CommitUnreadableError(why="an unknown word")
    return text


def _refs(body: dict[str, Value]) -> tuple[CommitRef, ...]:
    found = list_of(body, "ba")
    if not all(isinstance(one, str) for one in found):
        raise CommitUnreadableError(why="bases are not a list of references")
    return tuple(commit_ref(str(one)) for one in found)


def _frontier(body: dict[str, Value]) -> Frontier:
    marks = []
    for value in list_of(body, "fx"):
        match value:
            case [str(device), str(epoch), int(sequence)] if sequence > 0:
                marks.append(ChainMark(device=device_id(device), epoch=epoch_of(epoch), sequence=sequence))
            case _:
                raise CommitUnreadableError(why="a frontier of another shape")
    return tuple(marks)


def _read_pairs(pairs: list[Value]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in pairs:
        match pair:
            case [str(name), str(text)]:
                fields[name] = text
            case _:
                raise CommitUnreadableError(why="a field that is not a pair of texts")
    return fields
