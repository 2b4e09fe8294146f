"""The subjects of a session's site, each with what it asks for: the list, Today, and whom Randomise is about.

What was worked out of a subject is kept beside the record, so that a whole site stands at once. It is worked out
anew when something of the subject was recorded, and when time alone has changed what it asks for; where that is much,
a slice at a time (`read_on`), and the lists show what is known so far.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from casebook.clock import local_time
from casebook.custody import Where
from casebook.ids import SubjectId
from casebook.oversight.decisions import RIGHT_OF_MEANING
from casebook.supervision import Meaning
from desktop_app import pending, today, views
from desktop_app.joined_views import subject_lines
from desktop_app.oversight import SessionOversight
from desktop_app.oversight_views import both, says
from desktop_app.reader import Reader
from desktop_app.slices import work_off
from desktop_app.snapshots import Custody, SubjectRow
from desktop_app.today import Asked, Looking, Waiting
from desktop_app.today_snapshots import Pending, RandomiseView, SiteReading, SubjectsView, TodayView
from desktop_app.views import Surroundings
from desktop_app.workbench import Workbench

LAYOUT = 7
"""Of what is kept beside the record; another number lets everything but its first line be worked out anew."""
Cached = Mapping[SubjectId, tuple[str, bytes]]
"""What is kept of subjects: the digest of what it was made from; three lines: unique values, row, what is asked for."""
_BLINDED = both(
    "Your role is blinded, so nothing about randomisation is shown here. Whoever enters the casebook records it.",
    "您的角色处于盲态，故此处不显示随机信息。随机结果由录入病例的人员登记。",
)
_NOT_IN_STUDY = both(
    "This study does not say when a subject is randomised, so there is nothing to record here.",
    "本研究未定义随机时间，此处无需登记。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A subject's line; with what it asks for, where somebody wants to know that."""

    row: SubjectRow
    pending: Pending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """The subjects, and of how many of them more is to be worked out."""

    lines: tuple[_Listed, ...]
    unread: int


class Agenda:
    """What a site's subjects ask for in one session. On the store thread."""

    def __init__(self, bench: Workbench, oversight: SessionOversight, look: Callable[[], None]) -> None:
        """Read nothing yet. `look`: takes in what came, before anything is asked."""
        self._bench = bench
        self._record = bench.record
        self._oversight = oversight
        self._look = look
        self._ahead: list[SubjectId] = []

    # -- what is worked out ----------------------------------------------------------------------------------

    def read_on(self) -> SiteReading:
        """Work out a slice more of what the site's subjects ask for; it is kept, over a lock or a kill too.

        After another release or version of the study, or when much came, a site takes minutes: other work comes in
        between.
        """
        self._look()
        subjects = self._subjects()
        if not self._ahead:
            cached = self._record.home.log.summaries()
            self._ahead = self._to_be_read(subjects, cached, self._asked_for(cached))
        self._read(self._ahead)
        return SiteReading(read=len(subjects) - len(self._ahead), of=len(subjects))

    def _subjects(self) -> list[SubjectId]:
        files = self._bench.site_files()
        return [one for one in self._record.subjects() if one not in files]

    @property
    def _open_here(self) -> frozenset[SubjectId]:
        return frozenset(key.subject for key in self._record.drafts)

    @property
    def _here(self) -> str:
        """What every subject's digest begins with in this session: another layout, version or right reads otherwise."""
        reads = self._record.seat.identity_key is not None
        return f"{LAYOUT} {self._bench.design.version[:16]} {reads}"

    def _digest(self, subject: SubjectId) -> str:
        return f"{self._here} {self._record.rests_on(subject)}"

    def _asked_for(self, cached: Cached) -> dict[SubjectId, Pending]:
        """Return what subjects ask for, as it is kept; of some of them more came since, or time has changed it."""
        here = f"{self._here} "
        kept = ((one, body) for one, (digest, body) in cached.items() if digest.startswith(here))
        return {one: pending.read_pending(body.split(b"\n", 2)[2], one) for one, body in kept}

    def _to_be_read(
        self, subjects: Iterable[SubjectId], cached: Cached, asked: Mapping[SubjectId, Pending]
    ) -> list[SubjectId]:
        """Return the subjects of whom what is kept does not hold; of those with open entries nothing is kept.

        Args:
            asked: What they ask for as it is kept, where that is to be right at this minute.
        """
        open_here = self._open_here
        now = self._record.seat.clock().local
        late = {one for one, kept in asked.items() if not kept.holds(now)}

        def holds(subject: SubjectId) -> bool:
            return subject in cached and cached[subject][0] == self._digest(subject) and subject not in late

        return [one for one in subjects if one not in open_here and not holds(one)]

    def _read(self, ahead: list[SubjectId]) -> Cached:
        """Work out a slice of `ahead`, and keep it beside the record; not what rests on entries that are open now."""
        around, open_here = self._bench.around(), self._open_here
        fresh: dict[SubjectId, tuple[str, bytes]] = {}

        def read(subject: SubjectId) -> None:
            if subject in open_here:
                return
            row, asked = self._worked_out(subject, around)
            kept = (self._bench.taken.line(subject), views.write_row(row), pending.write_pending(asked))
            fresh[subject] = (self._digest(subject), b"\n".join(kept))

        work_off(ahead, read)
        if fresh:
            self._record.home.log.set_summaries(fresh)
        return fresh

    def _worked_out(self, subject: SubjectId, around: Surroundings) -> tuple[SubjectRow, Pending]:
        reader = self._bench.reader(subject)
        return views.subject_row(reader, around), self._pending(reader, around)

    def _pending(self, reader: Reader, around: Surroundings) -> Pending:
        return pending.pending_of(reader, around, self._oversight.flags_of(reader.casebook.subject))

    # -- subjects --------------------------------------------------------------------------------------------

    def subjects(self, *, whole: bool = False) -> SubjectsView:
        """Return the subjects, in order of number.

        Args:
            whole: Work out all that is to be worked out first; else a slice of it.
        """
        listed = self._listed(in_time=False, whole=whole)
        rows = subject_lines([one.row for one in listed.lines], self._record.links)
        return SubjectsView(rows=rows, unread=listed.unread)

    def _listed(self, *, in_time: bool, whole: bool = False) -> _List:
        """Return the subjects as far as they are worked out; those of whom more came since, as they were before.

        Args:
            in_time: What they ask for is wanted too, and is to be right at this minute.
            whole: As in `subjects`.
        """
        self._look()
        around, record, here = self._bench.around(), self._record, self._here
        open_here = self._open_here
        unsent = set(record.unsent.values())
        subjects, cached = self._subjects(), record.home.log.summaries()
        asked_for = self._asked_for(cached) if in_time else {}
        ahead = self._to_be_read(subjects, cached, asked_for)
        fresh = dict(self._read(ahead))
        while ahead and whole:
            fresh |= self._read(ahead)
        self._ahead = [one for one in self._ahead if one not in fresh]
        asked_for |= self._asked_for(fresh) if in_time else {}
        queries = self._oversight.open_queries()
        found = []
        for subject in subjects:
            digest, body = fresh.get(subject) or cached.get(subject, ("", b""))
            if subject in open_here:
                row, asked_for[subject] = self._worked_out(subject, around)
            elif digest.startswith(f"{here} "):
                row = views.read_row(body.split(b"\n", 2)[1], around)
            else:
                continue
            where = record.places.of_subject(subject)
            if subject in open_here or (subject in unsent and where.custody is not Custody.BUNDLE):
                where = Where(custody=Custody.HERE_ONLY)
            place = views.whereis_of(where, around.offset_minutes)
            row = replace(row, custody=place.custody, whereis=place, queries=queries.get(subject, 0))
            found.append(_Listed(row=row, pending=asked_for.get(subject)))
        return _List(lines=tuple(found), unread=len(ahead))

    def _asked(self, listed: _List) -> Iterator[Asked]:
        """Yield every subject that has a casebook of its own, and the site's file, with what they ask for."""
        for one in listed.lines:
            if one.pending is not None and one.row.subject not in self._record.links.into:
                yield Asked(subject=one.row.subject, number=one.row.number, pending=one.pending)
        home = self._bench.site_file
        of_site = replace(self._pending(self._bench.reader(home), self._bench.around()), candidate=None)
        yield Asked(subject=home, number=self._bench.place.site, pending=of_site)

    # -- Today -----------------------------------------------------------------------------------------------

    def today(self) -> TodayView:
        """Return what is to be done now by the signed-in person, the most urgent first."""
        bench, listed = self._bench, self._listed(in_time=True)
        now, design = bench.permissions.now(), bench.design
        forms = frozenset(design.forms)
        signs = {one: frozenset(form for form in forms if now.allows(RIGHT_OF_MEANING[one], form)) for one in Meaning}
        looking = Looking(
            user=self._record.seat.user,
            enters=frozenset(form for form in forms if now.allows("enter", form)).__contains__,
            answers=lambda form: now.allows("answer", form or None),
            judges=lambda form: now.allows("query", form or None),
            signs={meaning: found for meaning, found in signs.items() if found},
        )
        asked, moment = tuple(self._asked(listed)), self._record.seat.clock().local
        found = today.today_view(asked, self._oversight.raised(), self._waiting(), looking, design, moment)
        return replace(found, subjects=len(asked) - 1, unread=listed.unread)

    def _waiting(self) -> Waiting | None:
        """Return what the server has not received."""
        unsent = self._record.unsent
        if not unsent:
            return None
        first = self._record.commit(next(iter(unsent))).parsed.moment
        return Waiting(count=len(unsent), since=local_time(first.utc_ms, self._bench.design.utc_offset_minutes))

    # -- Randomise -------------------------------------------------------------------------------------------

    def randomising(self) -> RandomiseView:
        """Return who may be randomised, and whose randomisation is to be recorded wholly."""
        self._look()
        bench = self._bench
        now = self._record.seat.clock().local
        name = pending.randomisation_of(bench.design)
        if name is None or bench.blinded:
            return RandomiseView(now=now, why_hidden=_BLINDED if bench.blinded else _NOT_IN_STUDY)
        listed = self._listed(in_time=True)
        asked = tuple(self._asked(listed))
        refused = bench.permissions.refusal("enter", name.form)
        return RandomiseView(
            now=now,
            lines=today.randomise_lines(asked, now),
            until=today.next_turn(asked, now),
            unread=listed.unread,
            why_not=says(refused) if refused is not None else None,
            form=bench.design.form(name.form).label,
        )
