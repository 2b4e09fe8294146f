"""The subjects of a session's site, each with what it asks for: the list, Today, and whom Randomise is about.

What was worked out of a subject is kept beside the record, so that a whole site stands at once. It is worked out
anew when something of the subject was recorded, and when time alone has changed what it asks for.
"""

from collections.abc import Iterator
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
from desktop_app.snapshots import Custody, SubjectRow
from desktop_app.today import Asked, Looking, Waiting
from desktop_app.today_snapshots import Pending, RandomiseView, TodayView
from desktop_app.views import Surroundings
from desktop_app.workbench import Workbench

LAYOUT = 6
"""Of what is kept beside the record; another number lets everything be worked out anew."""
_BLINDED = both(
    "Your role is blinded, so nothing about randomisation is shown here. Whoever enters the casebook records it.",
    "您的角色处于盲态，故此处不显示随机信息。随机结果由录入病例的人员登记。",
)
_NOT_IN_STUDY = both(
    "This study does not say when a subject is randomised, so there is nothing to record here.",
    "本研究未定义随机化时间，此处无需登记。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """A subject's line; with what it asks for, where somebody wants to know that."""

    row: SubjectRow
    pending: Pending | None


class Agenda:
    """What a site's subjects ask for in one session. On the store thread."""

    def __init__(self, bench: Workbench, oversight: SessionOversight) -> None:
        """Read nothing yet."""
        self._bench = bench
        self._record = bench.record
        self._oversight = oversight

    # -- subjects --------------------------------------------------------------------------------------------

    def subjects(self) -> tuple[SubjectRow, ...]:
        """Return all subjects, in order of number."""
        return subject_lines([one.row for one in self._listed(in_time=False)], self._record.links)

    def _listed(self, *, in_time: bool) -> list[_Listed]:
        """Return every subject. `in_time`: what they ask for is to be right at this minute."""
        around, record = self._bench.around(), self._record
        open_here = {key.subject for key in record.drafts}
        unsent = set(record.unsent.values())
        cached = record.home.log.summaries()
        fresh: dict[SubjectId, tuple[str, bytes]] = {}
        queries = self._oversight.open_queries()
        now = record.seat.clock().local
        found = []
        files = self._bench.site_files()
        here = f"{LAYOUT} {self._bench.design.version[:16]}"
        for subject, mark in record.subjects().items():
            if subject in files:
                continue
            digest = f"{here} {mark} {around.opens_identity} {len(record.held)}"
            known, body = cached.get(subject, ("", b""))
            holds = known == digest and subject not in open_here
            line, _, kept = body.partition(b"\n")
            asked = pending.read_pending(kept, subject) if holds and in_time else None
            if holds and (asked is None or asked.holds(now)):
                row = views.read_row(line, around)
            else:
                reader = self._bench.reader(subject)
                row, asked = views.subject_row(reader, around), self._pending(reader, around)
                if subject not in open_here:
                    fresh[subject] = (digest, views.write_row(row) + b"\n" + pending.write_pending(asked))
            where = record.places.of_subject(subject)
            if subject in open_here or (subject in unsent and where.custody is not Custody.BUNDLE):
                where = Where(custody=Custody.HERE_ONLY)
            place = views.whereis_of(where, around.offset_minutes)
            row = replace(row, custody=place.custody, whereis=place, queries=queries.get(subject, 0))
            found.append(_Listed(row=row, pending=asked))
        if fresh:
            record.home.log.set_summaries(fresh)
        return found

    def _pending(self, reader: Reader, around: Surroundings) -> Pending:
        return pending.pending_of(reader, around, self._oversight.flags_of(reader.casebook.subject))

    def _asked(self) -> Iterator[Asked]:
        """Yield every subject that has a casebook of its own, and the site's file, with what they ask for."""
        for one in self._listed(in_time=True):
            if one.pending is not None and one.row.subject not in self._record.links.into:
                yield Asked(subject=one.row.subject, number=one.row.number, pending=one.pending)
        home = self._bench.site_file
        of_site = replace(self._pending(self._bench.reader(home), self._bench.around()), candidate=None)
        yield Asked(subject=home, number=self._bench.place.site, pending=of_site)

    # -- Today -----------------------------------------------------------------------------------------------

    def today(self) -> TodayView:
        """Return what is to be done now by the signed-in person, the most urgent first."""
        bench = self._bench
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
        asked, moment = tuple(self._asked()), self._record.seat.clock().local
        found = today.today_view(asked, self._oversight.raised(), self._waiting(), looking, design, moment)
        return replace(found, subjects=len(asked) - 1)

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
        bench = self._bench
        now = self._record.seat.clock().local
        name = pending.randomisation_of(bench.design)
        if name is None or bench.blinded:
            return RandomiseView(now=now, why_hidden=_BLINDED if bench.blinded else _NOT_IN_STUDY)
        asked = tuple(self._asked())
        refused = bench.permissions.refusal("enter", name.form)
        return RandomiseView(
            now=now,
            lines=today.randomise_lines(asked, now),
            until=today.next_turn(asked, now),
            why_not=says(refused) if refused is not None else None,
            form=bench.design.form(name.form).label,
        )
