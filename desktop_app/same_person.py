"""The same person registered twice: what is offered, proposed and confirmed of two subjects, and new numbers.

What is said lies on the standard shelf, where everybody of the site reads it, and tells nothing of the treatment:
of somebody who could know it the words of the reason lie on the other shelf, in an act beside. Refusals and pairs
rest on what this session reads, so that none tells the blinded what they may not know.

Source: docs/record_format.md, section "One person, two numbers"; docs/adr/0028.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from casebook import links
from casebook.design import Item, Text
from casebook.entry import display
from casebook.errors import LANGUAGES, CasebookError, LinkChangedError, NumberElsewhereError
from casebook.ids import SubjectId, new_id, subject_number
from casebook.ledger import STANDARD
from casebook.likeness import Alike, Compared, Told, alike, compare, told
from casebook.links import Link, Links, LinkSaid, LinkState, Two
from casebook.payloads import Payload
from casebook.projection import Casebook
from casebook.records import OTHER_REASON, Reading
from casebook.subject_acts import LinkAct, LinkPayload
from desktop_app import custody
from desktop_app.oversight_gather import Gathered
from desktop_app.oversight_views import both, same, says
from desktop_app.slices import work_off
from desktop_app.subject_snapshots import ComparedLine, PairLine, PairStanding, PairView, PairWord

RANDOMISED = "randomised_at"
_ORDER = tuple(PairStanding)
_STANDINGS = {
    LinkState.PROPOSED: PairStanding.PROPOSED,
    LinkState.STANDS: PairStanding.LINKED,
    LinkState.ENDING: PairStanding.ENDING,
    LinkState.CONTRADICTED: PairStanding.CONTRADICTED,
}
_SAID: Mapping[LinkAct, Text] = {
    LinkAct.LINK: both("Proposed: one person", "提出：为同一人"),
    LinkAct.UNLINK: both("Proposed: end the link", "提出：解除关联"),
    LinkAct.CONFIRM: both("Confirmed", "已确认"),
    LinkAct.DECLINE: both("Declined", "未同意"),
    LinkAct.APART: both("Not the same person", "不是同一人"),
}


class SamePerson:
    """Who is the same person, in one session. On the store thread."""

    def __init__(self, gathered: Gathered) -> None:
        """Look at nothing yet."""
        self._gathered = gathered
        self._bench = gathered.bench
        self._told: dict[SubjectId, tuple[object, Told]] = {}
        self._ahead: list[SubjectId] = []

    # -- what is known ---------------------------------------------------------------------------------------

    @property
    def links(self) -> Links:
        """Which subjects are one person, as far as anybody said."""
        self._gathered.look()
        return self._bench.record.links

    def read_on(self) -> bool:
        """Read a little further who the subjects are; True once `pairs` has nothing more to read.

        A site's casebooks take many seconds in their first session: other work comes in between.
        """
        if not self._ahead:
            self._ahead = [one for one in self._subjects() if not self._is_told(one)]
        work_off(self._ahead, self._tell_once)
        return not self._ahead

    def pairs(self) -> tuple[PairLine, ...]:
        """Return the pairs that ask something of people, the most urgent first."""
        standing = self.links
        found = {one.pair: one for one in alike(self._bench.design, self._everyone())}
        lines = {pair: self._line(one.first, one.second, one) for pair, one in found.items()}
        for link in standing.links:
            if link.pair not in lines and self._knows(link.source) and self._knows(link.target):
                lines[link.pair] = self._line(link.target, link.source, None)
        quiet = {PairStanding.LINKED, PairStanding.APART, PairStanding.NOTHING}
        asking = [one for one in lines.values() if one.standing not in quiet]
        return tuple(sorted(asking, key=lambda one: (_ORDER.index(one.standing), one.first_number, one.second_number)))

    def numbers_twice(self) -> frozenset[str]:
        """Return the numbers that more than one subject has."""
        numbers = [self._own(one).number for one in self._subjects()]
        return frozenset(one for one in numbers if one and numbers.count(one) > 1)

    def pair(self, first: SubjectId, second: SubjectId) -> PairView:
        """Return two subjects side by side."""
        line = self._line(first, second, None)
        one, other = self._own(line.first), self._own(line.second)
        return PairView(
            pair=line,
            lines=tuple(sorted((*self._compared(one, other), *self._facts(one, other)), key=_first_what_tells)),
            words=self._words(frozenset({first, second})),
            refusals={act: why for act, why in self._refusals(line) if why is not None},
        )

    def _subjects(self) -> tuple[SubjectId, ...]:
        files = self._bench.site_files()
        return tuple(one for one in self._bench.record.subjects() if one not in files)

    def _knows(self, subject: SubjectId) -> bool:
        return subject in self._bench.record.subjects()

    def _own(self, subject: SubjectId) -> Casebook:
        return self._bench.record.casebook(subject)

    def _everyone(self) -> Iterator[Told]:
        for subject in self._subjects():
            yield self._tell_once(subject)

    def _rests_on(self, subject: SubjectId) -> object:
        record = self._bench.record
        version, reads = self._bench.design.version, record.seat.identity_key is not None
        return (record.subjects().get(subject, ""), version, record.held, reads)

    def _is_told(self, subject: SubjectId) -> bool:
        known = self._told.get(subject)
        return known is not None and known[0] == self._rests_on(subject)

    def _tell_once(self, subject: SubjectId) -> Told:
        if not self._is_told(subject):
            self._told[subject] = (self._rests_on(subject), self._tell(subject))
        return self._told[subject][1]

    def _line(self, first: SubjectId, second: SubjectId, found: Alike | None) -> PairLine:
        link = self.links.of_pair(first, second)
        one, other = (link.target, link.source) if link is not None else self._in_order(first, second)
        design = self._bench.design
        compared = found.compared if found is not None else compare(design, *map(self._tell, (first, second)))
        return PairLine(
            first=one,
            second=other,
            first_number=self._own(one).number,
            second_number=self._own(other).number,
            standing=self._standing(one, other, link, found),
            agrees=_listed([self._label(each) for each in compared if each.agrees]),
        )

    def _tell(self, subject: SubjectId) -> Told:
        return told(self._bench.design, self._own(subject))

    def _in_order(self, first: SubjectId, second: SubjectId) -> tuple[SubjectId, SubjectId]:
        """Return whose casebook would show the other's forms: the randomised, else the one that was added first."""

        def rank(subject: SubjectId) -> tuple[bool, int, str]:
            added = self._own(subject).added_at
            return (subject not in self._randomised(subject), added.utc_ms if added is not None else 0, subject)

        one, other = sorted((first, second), key=rank)
        return one, other

    def _standing(self, first: SubjectId, second: SubjectId, link: Link | None, found: Alike | None) -> PairStanding:
        twice = self._own(first).number == self._own(second).number != ""
        if link is not None:
            if link.has_effect and self._randomised(first, second) == {first, second}:
                return PairStanding.BOTH_RANDOMISED
            return _STANDINGS[link.state]
        if twice:
            return PairStanding.NUMBER_TWICE
        if frozenset({first, second}) in self.links.apart:
            return PairStanding.APART
        if found is None:
            compared = alike(self._bench.design, map(self._tell, (first, second)))
            return PairStanding.OFFERED if compared else PairStanding.NOTHING
        into = self.links.into
        shown = into.get(first, first) == into.get(second, second)
        return PairStanding.LINKED if shown else PairStanding.OFFERED

    def _randomised(self, *subjects: SubjectId) -> frozenset[SubjectId]:
        """Return those of subjects of whom this session knows that they are randomised."""
        return frozenset(one for one in subjects if self._bench.reader(one).anchor(RANDOMISED) is not None)

    # -- side by side ----------------------------------------------------------------------------------------

    def _facts(self, first: Casebook, second: Casebook) -> Iterator[ComparedLine]:
        around = self._bench.around()
        readers = [self._bench.reader(one.subject) for one in (first, second)]

        def line(label: Text, of: Callable[[int], Text]) -> ComparedLine:
            return ComparedLine(label=label, first=of(0), second=of(1))

        books = (first, second)
        yield line(both("Earlier numbers", "原编号"), lambda at: same(", ".join(books[at].earlier_numbers)))
        yield line(both("Added", "登记时间"), lambda at: same(_minute(self._added_at(books[at]))))
        yield line(both("Added by", "登记人"), lambda at: same(self._added_by(books[at])))
        statuses = around.design.statuses
        yield line(both("Status", "状态"), lambda at: statuses.get(readers[at].status, same("")))
        yield line(both("Forms begun", "已开始的表单"), lambda at: same(str(sum(1 for _ in readers[at].keys))))
        yield line(both("Last entry", "最近录入"), lambda at: same(_minute(_last_entry(books[at]))))

    @staticmethod
    def _added_at(casebook: Casebook) -> datetime | None:
        return casebook.added_at.local if casebook.added_at is not None else None

    def _added_by(self, casebook: Casebook) -> str:
        commit = next((one for one, given in casebook.numbers.items() if not given.bases), None)
        if commit is None:
            return ""
        header = self._bench.record.commit(commit).parsed
        return f"{self._bench.name_of(header.author)} ({self._bench.letter_of(header.device)})"

    def _compared(self, first: Casebook, second: Casebook) -> Iterator[ComparedLine]:
        for one in compare(self._bench.design, self._tell(first.subject), self._tell(second.subject)):
            if one.form not in self._bench.design.forms or self._is_sealed(one):
                continue
            known = one.first is not None and one.second is not None
            yield ComparedLine(
                label=self._label(one),
                first=self._shown(one, one.first),
                second=self._shown(one, one.second),
                agrees=one.agrees if known else None,
            )

    def _is_sealed(self, one: Compared) -> bool:
        item = self._item(one)
        return (item.identity or self._bench.design.form(one.form).identity) and not self._bench.around().opens_identity

    def _item(self, one: Compared) -> Item:
        return self._bench.design.form(one.form).find(one.item.partition(":")[2])[1]

    def _label(self, one: Compared) -> Text:
        return self._item(one).label

    def _shown(self, one: Compared, reading: Reading | None) -> Text:
        if reading is None:
            return same("")
        design, item = self._bench.design, self._item(one)
        codes = design.code_lists.get(item.code_list or "")
        here = design.utc_offset_minutes
        return Text({each: display(item, codes, reading, each, offset_minutes=here) for each in LANGUAGES})

    def _words(self, pair: frozenset[SubjectId]) -> tuple[PairWord, ...]:
        said: dict[str, LinkSaid] = {}
        for link in self.links.links:
            if link.pair == pair:
                said |= {one.commit: one for one in (link.proposed, *link.answers, *link.ending, *link.end_answers)}
        apart = self.links.apart.get(pair)
        if apart is not None:
            said[apart.commit] = apart
        ordered = sorted(said.values(), key=lambda one: (one.moment.utc_ms, one.commit))
        return tuple(
            PairWord(
                what=_SAID[one.payload.act],
                who=self._bench.name_of(one.author),
                at=one.moment.local,
                reason=one.words,
                commit=one.commit,
            )
            for one in ordered
        )

    # -- what can be done ------------------------------------------------------------------------------------

    def _refusals(self, line: PairLine) -> Iterator[tuple[str, Text | None]]:
        trials: Mapping[str, Callable[[], object]] = {
            "propose": lambda: self._proposal(line.second, line.first, "?"),
            "apart": lambda: self._apart(line.first, line.second, "?"),
            "end": lambda: self._end(line.first, line.second, "?"),
            "confirm": lambda: self._answer(line.first, line.second, "?", agree=True),
            "decline": lambda: self._answer(line.first, line.second, "?", agree=False),
            "renumber": lambda: self._number(line.second, "?"),
        }
        for act, trial in trials.items():
            try:
                trial()
            except CasebookError as error:
                yield act, says(error)

    def _two(self, source: SubjectId, target: SubjectId) -> Two:
        return Two(source=self._own(source), target=self._own(target), randomised=self._randomised(source, target))

    def _mark(self) -> str:
        return new_id(self._bench.record.seat.random_bytes)

    def _link(self, first: SubjectId, second: SubjectId) -> Link:
        found = self.links.of_pair(first, second)
        if found is None:
            raise LinkChangedError
        return found

    def _proposal(self, source: SubjectId, target: SubjectId, reason: str) -> LinkPayload:
        return links.propose(
            self._gathered.rights(),
            self.links,
            self._two(source, target),
            reason=reason,
            mark=self._mark(),
            on=self._gathered.today,
        )

    def _apart(self, first: SubjectId, second: SubjectId, reason: str) -> LinkPayload:
        return links.keep_apart(
            self._gathered.rights(),
            self.links,
            self._two(first, second),
            reason=reason,
            mark=self._mark(),
            on=self._gathered.today,
        )

    def _end(self, first: SubjectId, second: SubjectId, reason: str) -> LinkPayload:
        return links.end(
            self._gathered.rights(),
            self.links,
            self._link(first, second),
            reason=reason,
            mark=self._mark(),
            on=self._gathered.today,
        )

    def _answer(self, first: SubjectId, second: SubjectId, reason: str, *, agree: bool) -> LinkPayload:
        link = self._link(first, second)
        return links.answer(
            self._gathered.rights(),
            link,
            self._two(link.source, link.target),
            agree=agree,
            reason=reason,
            mark=self._mark(),
            on=self._gathered.today,
        )

    def _number(self, subject: SubjectId, reason: str) -> Payload:
        bench, casebook = self._bench, self._own(subject)
        if casebook.site != bench.place.site:
            raise NumberElsewhereError(number=casebook.number)
        used = custody.numbers_used(bench.record, bench.place)
        return links.renumber(
            self._gathered.rights(),
            casebook,
            [self._own(one) for one in self._subjects()],
            number=subject_number(bench.place.site, bench.place.letter, used + 1),
            reason=reason,
            on=self._gathered.today,
        )

    # -- what is done ----------------------------------------------------------------------------------------

    def propose(self, source: SubjectId, target: SubjectId, reason: str) -> PairView:
        """Propose that `source` is the same person as `target`, whose casebook is to show both; see `links.propose`."""
        return self._seal(self._proposal(source, target, reason))

    def keep_apart(self, first: SubjectId, second: SubjectId, reason: str) -> PairView:
        """Say that two subjects are two persons; see `links.keep_apart`."""
        return self._seal(self._apart(first, second, reason))

    def end(self, first: SubjectId, second: SubjectId, reason: str) -> PairView:
        """Propose to end the link of two subjects; see `links.end`."""
        return self._seal(self._end(first, second, reason))

    def answer(self, first: SubjectId, second: SubjectId, agree: bool, reason: str) -> PairView:
        """Confirm or decline what was proposed of two subjects, as the second person; see `links.answer`."""
        return self._seal(self._answer(first, second, reason, agree=agree))

    def renumber(self, subject: SubjectId, other: SubjectId, reason: str) -> PairView:
        """Give a subject whose number `other` has too this laptop's next number.

        Raises:
            Refusal, NumberUniqueError, NumberElsewhereError, LinkReasonRequiredError: See `links.renumber`.
            NumbersExhaustedError: All numbers of this laptop are used.
        """
        self._bench.record.catch_up()
        payload = self._number(subject, reason)
        self._bench.record.seal([(payload, STANDARD)], subject=subject)
        return self.pair(subject, other)

    def _seal(self, payload: LinkPayload) -> PairView:
        """Seal an act where everybody reads it, its words apart where whoever gave them could know the treatment."""
        bench = self._bench
        written: list[tuple[Payload, str]] = [(payload, STANDARD)]
        known = {one.value for one in bench.design.reasons}
        if bench.record.opens_unblinding and payload.reason and payload.reason not in known:
            words = replace(payload, act=LinkAct.WORDS, about=())
            written = [(words, bench.compartment()), (replace(payload, reason=OTHER_REASON), STANDARD)]
        bench.record.catch_up()
        bench.record.seal(written, subject=payload.source)
        return self.pair(payload.source, payload.target)


def _first_what_tells(line: ComparedLine) -> tuple[int, bool]:
    """Order what agrees before what differs, and both before the rest; what nobody knows comes last."""
    return {True: 0, False: 1, None: 2}[line.agrees], not line.first("en") and not line.second("en")


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else ""


def _last_entry(casebook: Casebook) -> datetime | None:
    moments = [one.moment for form in casebook.forms.values() for one in form.contributions]
    latest = max(moments, key=lambda one: one.utc_ms, default=None)
    return latest.local if latest is not None else None


def _listed(labels: list[Text]) -> Text:
    return Text({one: ("、" if one == "zh" else ", ").join(label(one) for label in labels) for one in LANGUAGES})
