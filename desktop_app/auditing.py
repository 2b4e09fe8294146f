"""The audit trail of an open record: asked for by page, printed, written as a table.

Nothing is decided here. What a session does not hold the keys of is not in its trail, because its commits are
not in the files it opened.

Source: 21 CFR 11.10(e); ICH E6(R3) 4.2.2; docs/record_format.md, section "Audit".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta, timezone
from functools import cache, partial

from casebook import payloads
from casebook.audit import AuditContext, AuditFilter, AuditLine, audit_csv, audit_of, audit_table
from casebook.audit.act import Deed, both, same
from casebook.design import Text
from casebook.errors import LANGUAGES, AuditTooLongError, CommitUnreadableError, SealedAwayError
from casebook.ids import CommitId, SubjectId
from casebook.ledger import Header, SealedCommit
from casebook.payloads import BlobPayload, DataPayload, SecurityPayload
from casebook.records import FormKey
from casebook.supervision import ChainMark, Frontier, SignPayload, is_inside
from casebook.timekeeping import ANCHOR_EVENT, TimeLabel, Timeline, Told, read_anchor
from desktop_app.audit_snapshots import AuditKind, AuditQuestion, AuditRow, AuditView
from desktop_app.reader import Reader
from desktop_app.workbench import Workbench

PAGE = 200
"""So many lines are shown at a time."""
LATE_HOURS = 72
"""From so many hours after a form's own date on, an entry is called late."""
MOST_PRINTED = 5_000
"""A document longer than that is refused: a narrower question can be printed."""

_KINDS: Mapping[AuditKind, tuple[frozenset[Deed], frozenset[str]]] = {
    AuditKind.VALUES: (
        frozenset({Deed.ENTERED, Deed.ROW_ADDED, Deed.ROW_STRUCK, Deed.NO_CHANGE, Deed.SEALED_AWAY}),
        frozenset(),
    ),
    AuditKind.FORMS: (
        frozenset({Deed.MARKED, Deed.UNMARKED, Deed.DOCUMENT, Deed.ATTACHED, Deed.SUBJECT_ADDED}),
        frozenset({"sign", "flag", "blob", "attach", "subj"}),
    ),
    AuditKind.QUERIES: (frozenset({Deed.FIRED, Deed.CLOSED, Deed.CONFIRMED}), frozenset({"query", "adj"})),
    AuditKind.SECURITY: (frozenset(), frozenset({"sec", "key", "srv", "deleg", "inv", "redact"})),
}
"""From a kind to the deeds of saved forms, and to the kinds of record, that belong to it."""


class Auditing:
    """The audit trail of a session's record. On the store thread."""

    def __init__(self, bench: Workbench) -> None:
        """Read nothing yet."""
        self._bench = bench
        self._read: tuple[object, list[AuditLine]] | None = None
        self._timed: tuple[object, Timeline] | None = None

    # -- asked by windows ------------------------------------------------------------------------------

    def page(self, question: AuditQuestion) -> AuditView:
        """Return one page of what is asked for, the newest first; the last page where there are fewer."""
        lines = self._lines(question)
        people = {line.user: line.who("en") for line in lines if question.person in {None, line.user}}
        pages = max(1, -(-len(lines) // PAGE))
        page = min(question.page, pages - 1)
        shown = lines[page * PAGE : (page + 1) * PAGE]
        return AuditView(
            question=replace(question, page=page),
            about=self._about(question),
            rows=tuple(_row(line, question) for line in shown),
            count=len(lines),
            first=page * PAGE + 1 if shown else 0,
            pages=pages,
            people=tuple(sorted(people.items(), key=lambda one: one[1])),
            late_hours=LATE_HOURS,
        )

    def paper(self, question: AuditQuestion) -> bytes:
        """Return what is asked for as a PDF, the oldest first.

        Raises:
            Refusal: The person does not print.
            AuditTooLongError: It has more lines than a document should.
        """
        self._bench.permissions.require("print")
        lines = self._lines(question)
        if len(lines) > MOST_PRINTED:
            raise AuditTooLongError(count=len(lines), most=MOST_PRINTED)
        bench = self._bench
        bench.note("print", {"kind": "audit"} | _scope(question))
        table = audit_table(
            lines[::-1],
            subject=self._number(question) or bench.place.site,
            site=f"{bench.place.site} {bench.place.site_name}".strip(),
            about=(self._about(question), *self._conditions(question)),
        )
        return bench.paperwork(bench.site_file).draw_table(table)

    def tables(self, question: AuditQuestion, language: str) -> bytes:
        """Return what is asked for as a CSV file, the oldest first, in the words of `language`. Raises Refusal."""
        self._bench.permissions.require("export")
        self._bench.note("export", {"kind": "audit"} | _scope(question))
        return audit_csv(self._lines(question)[::-1], language)

    # -- inside ----------------------------------------------------------------------------------------

    def _lines(self, question: AuditQuestion) -> list[AuditLine]:
        """Return what is asked for, the newest first."""
        wanted = self._filter(question)
        return [line for line in self._all(question.subject) if wanted.admits(line) and _is_of(line, question)]

    @property
    def _mark(self) -> tuple[object, ...]:
        """Return another value whenever other lines could be told."""
        bench = self._bench
        counted = tuple((shelf.log.count(), shelf.log.last_serial()) for shelf in bench.record.shelves)
        return (*counted, bench.design.version, bench.record.seat.identity_key is not None)

    def _all(self, subject: SubjectId | None) -> list[AuditLine]:
        mark = (subject, self._mark)
        if self._read is None or self._read[0] != mark:
            self._bench.record.catch_up()
            mark = (subject, self._mark)
            lines = list(audit_of(self._bench.record.commits(subject), self._context(), newest_first=True))
            self._read = (mark, lines)
        return self._read[1]

    def _context(self) -> AuditContext:
        bench, key = self._bench, self._bench.record.seat.identity_key
        return AuditContext(
            design=bench.design,
            name_of=bench.name_of,
            role_of=lambda user: bench.person_of(user).role_label,
            letter_of=bench.letter_of,
            number_of=self._number_of,
            time_of=self.time_of,
            read=lambda commit: payloads.read(commit, key),
            asked_in=bench.study.designs.asked_in,
        )

    def _number_of(self, subject: SubjectId) -> str:
        bench = self._bench
        return bench.place.site if subject == bench.site_file else bench.record.casebook(subject).number

    def time_of(self, header: Header) -> TimeLabel:
        """Return what is known of the time of a record."""
        if self._timed is None or self._timed[0] != self._mark:
            self._timed = (self._mark, self._timeline())
        return self._timed[1].label(header)

    def _timeline(self) -> Timeline:
        timeline = Timeline()
        for shelf in self._bench.record.shelves:
            for _, commit in shelf.log.of_kind("sec"):
                payload = payloads.read(commit, self._bench.record.seat.identity_key)
                anchor = (
                    read_anchor(payload.fields)
                    if isinstance(payload, SecurityPayload) and payload.event == ANCHOR_EVENT
                    else None
                )
                if anchor is not None:
                    timeline.add_anchor(commit.parsed, anchor)
            timeline.add_receipts(
                Told(device=one.device, epoch=one.epoch, sequence=one.sequence, at_ms=one.at_ms, serial=one.serial)
                for one in shelf.log.receipts()
            )
        return timeline

    def _form_time(self, reader: Callable[[SubjectId], Reader], key: FormKey) -> datetime | None:
        """Return a form's own date and time; None where it has none, or the study has it no more."""
        if key.form not in self._bench.design.forms:
            return None
        return reader(key.subject).visited_at(key.visit, key)

    def _after_signature(self, subject: SubjectId | None) -> frozenset[CommitId]:
        """Return the commits about a form that its first signature did not see."""
        key = self._bench.record.seat.identity_key
        seen: dict[FormKey, Frontier] = {}
        touched: list[tuple[FormKey, SealedCommit]] = []
        for commit in self._bench.record.commits(subject):
            if commit.parsed.kind not in {"sign", "data", "blob"}:
                continue
            try:
                payload = payloads.read(commit, key)
            except (SealedAwayError, CommitUnreadableError):
                continue
            if isinstance(payload, SignPayload):
                for form in payload.forms:
                    seen.setdefault(form.key, payload.frontier)
            elif isinstance(payload, DataPayload | BlobPayload):
                touched.append((payload.key, commit))
        return frozenset(
            commit.id for form, commit in touched if form in seen and not is_inside(_mark_of(commit), seen[form])
        )

    def _filter(self, question: AuditQuestion) -> AuditFilter:
        zone = timezone(timedelta(minutes=self._bench.design.utc_offset_minutes))
        until = question.until + timedelta(days=1) if question.until is not None else None
        after = self._after_signature(question.subject) if question.after_signature else None
        return AuditFilter(
            instance=question.key,
            item=question.path.item if question.path is not None else None,
            person=question.person,
            since=datetime.combine(question.since, time(), zone) if question.since is not None else None,
            until=datetime.combine(until, time(), zone) if until is not None else None,
            after_signature=after,
            late_hours=LATE_HOURS if question.late else None,
            form_time=cache(partial(self._form_time, cache(self._bench.reader))),
            clock_uncertain=question.uncertain,
        )

    # -- in words --------------------------------------------------------------------------------------

    def _number(self, question: AuditQuestion) -> str:
        return self._number_of(question.subject) if question.subject is not None else ""

    def _about(self, question: AuditQuestion) -> Text:
        design, number = self._bench.design, self._number(question)
        if question.subject is None:
            return both(f"Site {self._bench.place.site}", f"研究中心 {self._bench.place.site}")
        parts = [same(number)]
        if question.key is not None:
            visit = next((one.label for one in design.visits if one.oid == question.key.visit.visit), None)
            form = design.forms.get(question.key.form)
            parts += [visit or same(question.key.visit.visit), form.label if form else same(question.key.form)]
            if question.path is not None and form is not None:
                found = [item for group in form.groups for item in group.items if item.name == question.path.item]
                parts += [found[0].label if found else same(question.path.item)]
        return Text({one: " · ".join(part(one) for part in parts) for one in LANGUAGES})

    def _conditions(self, question: AuditQuestion) -> Iterator[Text]:
        """Yield what narrows the trail, in words, for paper."""
        if question.kind is not AuditKind.ALL:
            yield _KIND_WORDS[question.kind]
        if question.person is not None:
            name = self._bench.name_of(question.person)
            yield both(f"Only by {name}.", f"仅限 {name}。")
        if question.since is not None:
            yield both(f"From {question.since} on.", f"自 {question.since} 起。")
        if question.until is not None:
            yield both(f"Up to {question.until}.", f"至 {question.until} 止。")
        if question.late:
            yield both(
                f"Only entries later than {LATE_HOURS} h after their form's date.",
                f"仅限晚于表单日期 {LATE_HOURS} 小时以上的录入。",
            )
        if question.uncertain:
            yield both("Only times that are not verified.", "仅限时间未核实者。")
        if question.after_signature:
            yield both("Only what came after a signature of its form.", "仅限表单签名之后的操作。")


_KIND_WORDS = {
    AuditKind.VALUES: both("Only values.", "仅限数值。"),
    AuditKind.FORMS: both("Only marks, signatures and documents.", "仅限标记、签名与文件。"),
    AuditKind.QUERIES: both("Only queries.", "仅限质疑。"),
    AuditKind.SECURITY: both("Only security and people.", "仅限安全与人员事项。"),
}


def _scope(question: AuditQuestion) -> dict[str, str]:
    named: dict[str, str] = {}
    if question.subject is not None:
        named["subject"] = question.subject
    if question.key is not None:
        named["form"] = question.key.form
    return named


def _mark_of(commit: SealedCommit) -> ChainMark:
    header = commit.parsed
    return ChainMark(device=header.device, epoch=header.epoch, sequence=header.sequence)


def _is_of(line: AuditLine, question: AuditQuestion) -> bool:
    if question.path is not None and line.act.path is not None and line.act.path != question.path:
        return False
    if question.kind is AuditKind.ALL:
        return True
    deeds, kinds = _KINDS[question.kind]
    return line.act.deed in deeds or line.header.kind in kinds


def _row(line: AuditLine, question: AuditQuestion) -> AuditRow:
    return AuditRow(
        commit=line.commit,
        index=line.index,
        at=line.at,
        time=line.time_words,
        verified=line.time.verified,
        who=line.who,
        role=line.role,
        laptop=line.laptop,
        where=_where(line, question),
        sentence=line.sentence,
        why=line.why,
        sealed_by=line.sealed_by if line.unconfirmed else None,
        key=line.act.key,
        path=line.act.path,
    )


def _where(line: AuditLine, question: AuditQuestion) -> Text:
    """Return where it was, as far as the question leaves it open; the sentence names the item."""
    if question.key is not None:
        return line.item
    number = same(line.number if question.subject is None else "")
    item = line.item if line.act.said is not None else same("")
    parts = [part for part in (number, line.visit, line.form, item) if part("en")]
    return Text({one: " · ".join(part(one) for part in parts) for one in LANGUAGES})
