"""What windows may ask of `session.agenda` and `session.same_person`: protocols, no code.

Every call runs on the store thread of `desktop_app.background`. Refusals are `casebook.errors.CasebookError`s.
"""

from typing import Protocol

from casebook.ids import SubjectId
from desktop_app.subject_snapshots import PairLine, PairView
from desktop_app.today_snapshots import RandomiseView, SiteReading, SubjectsView, TodayView


class AgendaPort(Protocol):
    """The subjects of the site, as far as they are worked out; none of these takes longer than a form's opening."""

    def read_on(self) -> SiteReading:
        """Work out a little more of what the subjects ask for; it is kept."""

    def subjects(self) -> SubjectsView:
        """Return the subjects, in order of number."""

    def today(self) -> TodayView:
        """Return what is to be done now by the signed-in person, the most urgent first."""

    def randomising(self) -> RandomiseView:
        """Return who may be randomised, and whose randomisation is to be recorded wholly."""


class SamePersonPort(Protocol):
    """Subjects that may be one person."""

    def read_on(self) -> bool:
        """Read a little further who the subjects are; True once `pairs` has nothing more to read."""

    def pairs(self) -> tuple[PairLine, ...]:
        """Return the pairs that ask something of people, the most urgent first."""

    def pair(self, first: SubjectId, second: SubjectId) -> PairView:
        """Return two subjects side by side."""

    def propose(self, source: SubjectId, target: SubjectId, reason: str) -> PairView:
        """Propose that two subjects are one person, `source` to be shown under `target`."""

    def keep_apart(self, first: SubjectId, second: SubjectId, reason: str) -> PairView:
        """Say that two subjects are two persons."""

    def end(self, first: SubjectId, second: SubjectId, reason: str) -> PairView:
        """Propose to end the link of two subjects."""

    def answer(self, first: SubjectId, second: SubjectId, agree: bool, reason: str) -> PairView:
        """Confirm or decline what was proposed, as the second person."""

    def renumber(self, subject: SubjectId, other: SubjectId, reason: str) -> PairView:
        """Give a subject whose number `other` has too the laptop's next number."""
