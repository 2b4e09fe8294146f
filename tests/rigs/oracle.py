"""What the casebooks of replicas must show, told apart from the code that works it out.

The oracle keeps a plain list: which entry was made where, and which entries of the same place lay before its author.
An entry stands until somebody who had it before them enters another; entries that stand together and differ are a
conflict. Clocks, order of arrival and chains play no part.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casebook.form_state import FormState
from casebook.ids import CommitId, SubjectId, ref_of
from casebook.oversight import Oversight, Query, QueryState
from casebook.projection import Casebook, project
from casebook.records import FormKey
from casebook.store import CommitLog
from casebook.verdicts import Judgements
from tests.rigs.forms import Place


class BrokenPromiseError(AssertionError):
    """Something that was promised does not hold."""


def claim(holds: object, promise: str) -> None:
    """Fail where a promise does not hold."""
    if not holds:
        raise BrokenPromiseError(promise)


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry as the oracle remembers it.

    Attributes:
        seen: The entries of the same place that lay before its author.
    """

    subject: SubjectId
    place: Place
    seen: frozenset[CommitId]

    @property
    def key(self) -> FormKey:
        """The form instance."""
        return self.place.key(self.subject)


def standing(entered: Mapping[CommitId, Entered], held: frozenset[CommitId]) -> dict[CommitId, Entered]:
    """Return the entries, of those that are held somewhere, that nobody replaced knowingly."""
    present = {one: made for one, made in entered.items() if one in held}
    replaced = {seen for made in present.values() for seen in made.seen}
    return {one: made for one, made in present.items() if one not in replaced}


@dataclass(frozen=True)
class Shown:
    """What a replica shows of its subjects. Equal replicas compare equal."""

    casebooks: tuple[Casebook, ...]
    queries: tuple[Query, ...]
    plain: tuple[Casebook, ...]
    """The casebooks as if nothing were held by a verdict: the oracle knows of no verdicts."""


def shown(subjects: Iterable[SubjectId], logs: Iterable[CommitLog]) -> Shown:
    """Work out what a replica with these logs shows."""
    files = tuple(logs)
    known = [commit for log in files for commit in log.commits()]
    held = Judgements.of(known, may_rule=lambda _: False).held
    casebooks, plain = [], []
    for subject in subjects:
        filed = [commit for log in files for commit in log.commits(subject)]
        casebooks.append(project(subject, filed, held=held))
        plain.append(project(subject, filed))
    queries = Oversight.of(known, held=held).queries(casebooks)
    return Shown(tuple(casebooks), queries, tuple(plain))


def check_nothing_overwritten(
    replica: Shown, entered: Mapping[CommitId, Entered], held: frozenset[CommitId], *, exactly: bool
) -> None:
    """Compare what stands in the casebooks with the oracle's list.

    Args:
        held: Every commit that the replica holds.
        exactly: Nothing was destroyed on the way; otherwise an entry may stand again whose replacement is gone.
    """
    by_subject = {one.subject: one for one in replica.plain}
    expected: dict[tuple[SubjectId, Place], set[CommitId]] = {}
    for id_, made in standing(entered, held).items():
        expected.setdefault((made.subject, made.place), set()).add(id_)
    for (subject, place), ids in expected.items():
        state = by_subject[subject].form(place.key(subject))
        found, wanted = _heads(state, place), {ref_of(one) for one in ids}
        claim(wanted <= found, f"an entry of {place.form} was overwritten by somebody who had not seen it")
        claim(not exactly or found == wanted, f"an entry of {place.form} stands that was replaced")
        _check_conflict(state, place)
    asked = {one.id for one in replica.queries if one.state is not QueryState.CLOSED}
    for casebook in replica.casebooks:
        for state in casebook.forms.values():
            claim(all(one.id in asked for one in state.clashes), "a conflict is an open query")


def _heads(state: FormState, place: Place) -> set[str]:
    if place.is_sitting:
        return set(state.sittings[place.paths[0].group, ""])
    return {head.ref for head in state.items[place.paths[0]].heads}


def _check_conflict(state: FormState, place: Place) -> None:
    for path in place.paths:
        item = state.items[path]
        readings = {head.reading for head in item.heads}
        claim((path in state.conflicts) == (len(readings) > 1), "a conflict is told where entries differ")
        claim(item.shown in readings, "what is shown was entered")
