"""Laptops of people who act on one form, for tests of what is said over it."""

from datetime import date

from casebook import payloads
from casebook.ledger import SealedCommit
from casebook.oversight import (
    FormFlags,
    Oversight,
)
from casebook.projection import FormState, project
from casebook.records import (
    FormKey,
    ItemPath,
    Operation,
    Reading,
    SetItem,
    VisitKey,
)

from .commits import Laptop
from .people import design

TODAY = date(2026, 3, 10)
PLAIN = ("S",)


class Ward:
    """Laptops of people who all see everything at once, and the commits that they made."""

    def __init__(self) -> None:
        self.laptops: dict[str, Laptop] = {}
        self.commits: list[SealedCommit] = []
        self.subject, added = self.of("coordinator").add_subject()
        self.commits.append(added)
        self.key = FormKey(subject=self.subject, visit=VisitKey(visit="SE.BL"), form="F.VS", repeat="")

    def of(self, user: str) -> Laptop:
        """Return a person's own laptop."""
        if user not in self.laptops:
            self.laptops[user] = Laptop(len(self.laptops) + 1, author=user, identity_key=b"k" * 32)
        return self.laptops[user]

    def says(self, user: str, payload: payloads.Payload, compartment: str = "S") -> SealedCommit:
        """Seal a payload and keep it."""
        commit = self.of(user).seal(payload, compartment)
        self.commits.append(commit)
        return commit

    def saves(self, user: str, *operations: Operation, compartment: str = "S") -> SealedCommit:
        """Save operations on the form."""
        return self.says(
            user, payloads.DataPayload(key=self.key, form_version="0" * 16, operations=operations), compartment
        )

    def enters(self, user: str, value: str | None, item: str = "SYSBP", *, compartment: str = "S") -> SealedCommit:
        """Enter a value on top of what stands."""
        path = ItemPath(group="IG.VS.MAIN", item=item)
        known = self.state.items.get(path)
        entry = SetItem(path=path, reading=Reading(value=value), bases=known.bases if known else (), reason="r")
        return self.saves(user, entry, compartment=compartment)

    @property
    def state(self) -> FormState:
        return project(self.subject, self.commits, b"k" * 32).form(self.key)

    @property
    def oversight(self) -> Oversight:
        return Oversight.of(self.commits, b"k" * 32)

    @property
    def flags(self) -> FormFlags:
        return self.oversight.of_form(self.state, design().forms["F.VS"], site="001", compartments=PLAIN)


def in_conflict() -> Ward:
    ward = Ward()
    for user, value in (("nurse.a", "140 mmHg"), ("nurse.b", "150 mmHg")):
        path = ItemPath(group="IG.VS.MAIN", item="SYSBP")
        ward.saves(user, SetItem(path=path, reading=Reading(value=value)))
    return ward
