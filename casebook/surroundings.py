"""What stands around a form instance: how its rules see other forms, and how those see it.

Every question is noted with its answer, so that it can be asked again and what was worked out be kept.

Source: docs/study_files.md, section "Names of items".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from casebook.dependencies import Plan
from casebook.records import EMPTY, FormKey, Reading
from casebook.references import Pseudo, PseudoKind, Reference, literal, parse
from casebook.rules import ClockQuestion, Sight, pseudo_name


class Question(NamedTuple):
    """Something that a form asked about what is outside it; `circle` is the asker's, 0 for none."""

    kind: Literal["item", "column", "places", "at", "pseudo"]
    name: str
    key: FormKey | None = None
    row: str = ""
    circle: int = 0


Trace = dict[Question | ClockQuestion, object]


class Answers(Protocol):
    """Answers the questions of all form instances of one subject; see `casebook.subject.Subject`."""

    plan: Plan
    now: datetime | None

    @property
    def offset_minutes(self) -> int:
        """The wall clock of the study's sites, minutes east of UTC."""
        ...

    def find(self, question: Question, /) -> Reading | None:
        """Return an item of some form."""
        ...

    def gather(self, question: Question, /) -> Sequence[Reading]:
        """Return a column."""
        ...

    def instances_of(self, question: Question, /) -> Sequence[tuple[FormKey, str]]:
        """Return the instances of a form, or the rows of its group."""
        ...

    def look(self, question: Question, /) -> Reading:
        """Return what a name stands for at another place."""
        ...

    def tell(self, question: Question, /) -> Reading | None:
        """Return what the engine itself knows."""
        ...

    def rows_of(self, key: FormKey, item: str, /) -> Sequence[str]:
        """Return the rows of the group in which an item stands."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around one form instance; notes what was asked, for asking again."""

    subject: Answers
    key: FormKey
    trace: Trace

    def _note(self, question: Question | ClockQuestion, asker: str, answer: object) -> None:
        if not self.subject.plan.counting(self.key.form, asker):
            self.trace[question] = answer

    def _circle(self, asker: str) -> int:
        return self.subject.plan.circle(self.key.form, asker)

    def item(self, name: str, asker: str, /) -> Reading | None:
        """Return an item of another form."""
        question = Question("item", name, circle=self._circle(asker))
        answer = self.subject.find(question)
        self._note(question, asker, answer)
        return answer

    def column(self, name: str, asker: str, /) -> Sequence[Reading]:
        """Return a column."""
        question = Question("column", name, circle=self._circle(asker))
        answer = self.subject.gather(question)
        self._note(question, asker, answer)
        return answer

    def places(self, form: str, group: str, asker: str, /) -> Sequence[Sight] | None:
        """Return the places over which `exists` looks."""
        question = Question("places", form, row=group)
        answer = self.subject.instances_of(question)
        self._note(question, asker, answer)
        return [_There(self, key, row, asker) for key, row in answer]

    def at(self, name: str, key: FormKey, row: str, asker: str) -> Reading:
        """Return what a name stands for at another place."""
        question = Question("at", name, key, row, self._circle(asker))
        answer = self.subject.look(question)
        self._note(question, asker, answer)
        return answer

    def pseudo(self, pseudo: Pseudo, row: str, asker: str, /) -> Reading | None:
        """Return what the engine itself knows."""
        question = Question("pseudo", pseudo_name(pseudo), self.key, row, self._circle(asker))
        answer = self.subject.tell(question)
        self._note(question, asker, answer)
        return answer

    def entangled(self, asker: str, name: str, /) -> bool:
        """Tell whether both stand on one circle."""
        circle = self._circle(asker)
        return bool(circle) and self.subject.plan.circle(self.key.form, name) == circle

    def asked(self, question: ClockQuestion, asker: str, answer: object) -> None:
        """Note a question to the clock."""
        self._note(question, asker, answer)


@dataclass(frozen=True, slots=True)
class _There(Sight):
    """An instance, or a row of it, over which a rule of another form looks."""

    around: Surroundings
    key: FormKey
    row: str
    asker: str

    def __call__(self, name: str, /) -> Reading:
        text = literal(name)
        return Reading(value=text) if text is not None else self.around.at(name, self.key, self.row, self.asker)

    def column(self, name: str, /) -> Sequence[Reading]:
        reference = parse(name)
        if isinstance(reference, Reference) and not reference.form:
            return [_There(self.around, self.key, row, self.asker)(reference.item) for row in self._rows(reference)]
        return self.around.column(name, self.asker)

    def _rows(self, reference: Reference) -> Sequence[str]:
        return self.around.subject.rows_of(self.key, reference.item)

    def places(self, form: str, group: str, /) -> Sequence[Sight] | None:
        return self.around.places(form, group, self.asker)


@dataclass(frozen=True, slots=True)
class Outside(Sight):
    """How rules see a subject that stand in no form: statuses, eligibility, planned forms."""

    subject: Answers
    circle: int = 0

    def __call__(self, name: str, /) -> Reading:
        """Return an item of some form, a text that stands for itself, or what the engine itself knows."""
        text = literal(name)
        if text is not None:
            return Reading(value=text)
        match parse(name):
            case Pseudo(kind=PseudoKind.NOW):
                present = ClockQuestion(None, None).answer(self.subject.now, self.subject.offset_minutes)
                return Reading(value=present if isinstance(present, str) else None)
            case Pseudo():
                return self.subject.tell(Question("pseudo", name, circle=self.circle)) or EMPTY
            case _:
                return self.subject.find(Question("item", name, circle=self.circle)) or EMPTY

    def column(self, name: str, /) -> Sequence[Reading]:
        """Return a column."""
        return self.subject.gather(Question("column", name, circle=self.circle))

    def places(self, form: str, group: str, /) -> Sequence[Sight] | None:
        """Return the places over which `exists` looks."""
        places = self.subject.instances_of(Question("places", form, row=group))
        return [_There(Surroundings(self.subject, key, {}), key, row, "") for key, row in places]

    def clock(self, question: ClockQuestion, /) -> bool | None:
        """Answer a comparison with the present."""
        answer = question.answer(self.subject.now, self.subject.offset_minutes)
        return answer if isinstance(answer, bool) else None
