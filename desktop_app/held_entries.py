"""Held entries: what a verdict holds, in words, and data management's rulings on it; and what is only told.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; casebook/verdicts.py.
"""

from collections.abc import Iterator

from casebook import payloads, supervision
from casebook.design import Text
from casebook.errors import CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, SubjectId
from casebook.ledger import SealedCommit
from casebook.payloads import DataPayload, Payload, SecurityPayload, SubjectPayload
from casebook.records import FormKey, SetItem
from casebook.rights import Refusal, Rights
from casebook.subject_acts import NumberPayload
from casebook.supervision import AdjudicationPayload, DelegationPayload, FlagPayload, QueryPayload, SignPayload
from casebook.verdicts import TOLD, VERDICT_WORDS, Judgements, Verdict, adjudicate
from desktop_app import views
from desktop_app.oversight_gather import Gathered
from desktop_app.oversight_snapshots import NO_TEXT, HeldLine, Ruling
from desktop_app.oversight_views import both, form_label, item_of, joined, place_of, same, says, visit_label

MOST_ITEMS = 4
"""How many values a line says."""


class HeldEntries:
    """The held entries of one session's record."""

    def __init__(self, gathered: Gathered) -> None:
        """Look at nothing yet."""
        self._gathered = gathered
        self._bench = gathered.bench

    def lines(self) -> tuple[HeldLine, ...]:
        """Return what waits, what is told and counts, what was declined and accepted; in each the newest first."""
        judged, rights = self._gathered.judgements, self._gathered.rights()
        order = (judged.waiting, _told(judged), judged.declined, judged.accepted)
        found = [[line for commit in part for line in self._line(commit, judged, rights)] for part in order]
        for part in found:
            part.sort(key=lambda one: one.at, reverse=True)
        return tuple(line for part in found for line in part)

    def of_form(self, key: FormKey) -> tuple[HeldLine, ...]:
        """Return what is held of one form, and was declined."""
        judged = self._gathered.judgements
        state = self._gathered.state(key)
        commits = [one.commit for one in state.held]
        rights = self._gathered.rights()
        return tuple(line for commit in commits for line in self._line(commit, judged, rights))

    def rule(self, commit: CommitId, *, accept: bool, reason: str) -> None:
        """Accept or decline a held entry. Raises Refusal, NotHeldError, RulingReasonRequiredError."""
        gathered, record = self._gathered, self._bench.record
        found = self._read(record.commit(commit))
        subject = _subject_of(found)
        payload = adjudicate(
            gathered.rights(),
            gathered.judgements,
            commit,
            accept=accept,
            reason=reason,
            subject=subject,
            on=gathered.today,
        )
        record.seal([(payload, gathered.lies_with(commit))], subject=subject)
        gathered.look()

    # -- in words --------------------------------------------------------------------------------------------

    def _line(self, commit: CommitId, judged: Judgements, rights: Rights) -> Iterator[HeldLine]:
        record, around = self._bench.record, self._bench.around()
        try:
            sealed = record.commit(commit)
        except KeyError:
            return  # it lies on a shelf that this session does not open, or has not arrived
        payload, header = self._read(sealed), sealed.parsed
        key = payload.key if isinstance(payload, DataPayload) else None
        subject = _subject_of(payload)
        answer = rights.may("adjudicate", on=self._gathered.today)
        design = self._bench.design
        yield HeldLine(
            commit=commit,
            key=key if key is not None and key.form in design.forms else None,
            number=self._gathered.number_of(subject) if subject is not None else self._bench.place.site,
            where=joined((visit_label(design, key.visit.visit), form_label(design, key))) if key else NO_TEXT,
            what=self._what(payload),
            author=around.name_of(header.author),
            laptop=around.letter_of(header.device),
            at=header.moment.local,
            why=joined([VERDICT_WORDS[one.code] for one in judged.verdicts.get(commit, ()) if _is_shown(one)], " "),
            ruling=_ruling(commit, judged),
            ruled=self._ruled(commit, judged),
            may_rule=not isinstance(answer, Refusal),
            why_not=says(answer) if isinstance(answer, Refusal) else None,
        )

    def _read(self, commit: SealedCommit) -> Payload | None:
        try:
            return payloads.read(commit, self._bench.record.seat.identity_key)
        except (CommitUnreadableError, SealedAwayError):
            return None

    def _ruled(self, commit: CommitId, judged: Judgements) -> Text:
        parts = [
            f"{self._bench.name_of(one.author)}, {one.moment.local:%Y-%m-%d %H:%M}: {one.payload.reason}"
            for one in judged.rulings.get(commit, ())
        ]
        return same("; ".join(parts))

    def _what(self, payload: Payload | None) -> Text:
        design = self._bench.design
        match payload:
            case DataPayload():
                return self._values(payload)
            case QueryPayload(target=scope, text=text):
                return joined((both("query", "质疑"), place_of(design, scope)[1], same(text)), ": ")
            case FlagPayload(flag=flag, scope=scope):
                return joined((both(str(flag), _FLAG_ZH[str(flag)]), place_of(design, scope)[1]), ": ")
            case SignPayload(forms=forms):
                signed = joined([form_label(design, one.key) for one in forms], ", ")
                return joined((both("signature", "签名"), signed), ": ")
            case SubjectPayload(number=number):
                return joined((both("subject added", "新增受试者"), same(number)), ": ")
            case NumberPayload(number=number):
                return joined((both("another number", "新编号"), same(number)), ": ")
            case SecurityPayload():
                return both("what the laptop noted itself", "电脑自身的记录")
            case DelegationPayload(person=person):
                return joined((both("delegation", "授权分工"), same(self._bench.name_of(person))), ": ")
            case None:
                return both("sealed away here", "本机无法打开")
            case _:
                return both("an entry", "一项录入")

    def _values(self, payload: DataPayload) -> Text:
        design, around = self._bench.design, self._bench.around()
        said = []
        entries = [one for one in payload.operations if isinstance(one, SetItem)]
        for one in entries[:MOST_ITEMS]:
            item = item_of(design, payload.key, one.path)
            label = item.label if item is not None else same(one.path.item)
            bare = same(one.reading.value or str(one.reading.missing or "–"))
            value = views.shown_text(item, one.reading, around) if item is not None else bare
            said.append(joined((label, value), ": "))
        left = len(entries) - len(said)
        if left:
            said.append(both(f"{left} more", f"另有 {left} 项"))
        return joined(said, "; ") if said else both("a mark or a note on the form", "表单上的标记或说明")


_FLAG_ZH = {"verified": "已核对", "frozen": "冻结", "locked": "锁定"}


def _is_shown(verdict: Verdict) -> bool:
    return verdict.holds or verdict.code in TOLD


def _told(judged: Judgements) -> frozenset[CommitId]:
    """Return what is told to data management and counts."""
    told = frozenset(commit for commit, found in judged.verdicts.items() if any(one.code in TOLD for one in found))
    return told - judged.held - judged.accepted


def _ruling(commit: CommitId, judged: Judgements) -> Ruling:
    if commit not in judged.held | judged.accepted:
        return Ruling.TOLD
    if commit in judged.accepted:
        return Ruling.ACCEPTED
    return Ruling.DECLINED if commit in judged.declined else Ruling.WAITING


def _subject_of(payload: Payload | None) -> SubjectId | None:
    match payload:
        case DataPayload(key=key):
            return key.subject
        case SubjectPayload(subject=subject) | NumberPayload(subject=subject):
            return subject
        case QueryPayload() | FlagPayload() | SignPayload() | AdjudicationPayload() | DelegationPayload():
            return supervision.about(payload)
        case _:
            return None
