"""Laptops that enter the same form apart from each other, and a place where they meet."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from casebook import payloads
from casebook.apart import ends
from casebook.decisions import add_row, enter_item, set_complete, settle, strike_row
from casebook.design import DataType, Form, Item, ItemGroup, Text
from casebook.ids import CommitId, CommitRef
from casebook.ledger import SealedCommit
from casebook.oversight import Oversight, Query, content_digests, mark_of
from casebook.projection import Casebook, Clash, FormState, project
from casebook.records import EMPTY, FormKey, ItemPath, Operation, Reading, SetItem
from casebook.supervision import (
    Authentication,
    Meaning,
    SignedForm,
    SignPayload,
    frontier_of,
)

from .commits import Laptop, form_key, path_of

NAME = Text({"en": "name", "zh": "名称"})
SBP, DBP = path_of("SYSBP"), path_of("DIABP")
LEFT, RIGHT = path_of("LEFT", "IG.SCALE"), path_of("RIGHT", "IG.SCALE")


def _item(name: str) -> Item:
    return Item(name=name, oid=f"I.VS.{name}", label=NAME, data_type=DataType.TEXT)


FORM = Form(
    oid="F.VS",
    label=NAME,
    groups=(
        ItemGroup(oid="IG.VS", label=NAME, items=(_item("SYSBP"), _item("DIABP"))),
        ItemGroup(oid="IG.SCALE", label=NAME, items=(_item("LEFT"), _item("RIGHT")), sitting=True),
        ItemGroup(oid="IG.LOG", label=NAME, items=(_item("NOTE"), _item("DOSE")), repeating=True),
    ),
)


@dataclass
class Replica:
    """One person's laptop with what it holds."""

    laptop: Laptop
    key: FormKey
    held: dict[CommitId, SealedCommit] = field(default_factory=dict)

    @property
    def casebook(self) -> Casebook:
        return project(self.key.subject, self.held.values())

    @property
    def state(self) -> FormState:
        return self.casebook.form(self.key)

    @property
    def queries(self) -> tuple[Query, ...]:
        return Oversight.of(self.held.values()).queries([self.casebook])

    @property
    def apart(self) -> list[str]:
        """Who saved the form unseen by another, and no signer looked it through."""
        return sorted(str(one.author) for one in Oversight.of(self.held.values()).entered_apart(self.state))

    @property
    def clash(self) -> Clash:
        (found,) = self.state.clashes
        return found

    def value(self, path: ItemPath) -> str | None:
        found = self.state.items.get(path)
        return found.shown.value if found is not None else None

    def seals(self, payload: payloads.Payload) -> SealedCommit:
        commit = self.laptop.seal(payload)
        self.held[commit.id] = commit
        return commit

    def saves(self, operations: Sequence[Operation]) -> SealedCommit:
        """Save what was decided, the reason for a sitting's values once, as a save does."""
        done = tuple(dict.fromkeys(operations))
        seen = ends(self.state.contributions, "S")
        return self.seals(payloads.DataPayload(key=self.key, form_version="0" * 16, operations=done, seen=seen))

    def enters(self, *entries: tuple[ItemPath, str | None], reason: str | None = "read again") -> SealedCommit:
        """Enter values in one save; None clears."""
        state, done = self.state, list[Operation]()
        for path, value in entries:
            reading = EMPTY if value is None else Reading(value=value)
            done += enter_item(FORM, state, path, reading, reason=reason if path in state.items else None)
        return self.saves(done)

    def adds_row(self, row: str) -> SealedCommit:
        return self.saves(add_row(FORM, self.state, "IG.LOG", row))

    def strikes(self, row: str, reason: str = "entered twice") -> SealedCommit:
        return self.saves(strike_row(FORM, self.state, "IG.LOG", row, reason))

    def marks_complete(self, *, on: bool) -> SealedCommit:
        return self.saves(set_complete(FORM, self.state, (), (), on=on))

    def settles(self, side: CommitRef | None, *more: SetItem, reason: str = "source checked") -> SealedCommit:
        return self.saves((*settle(self.state, self.clash.id, side, reason), *more))

    def settles_any(self, chance: random.Random) -> None:
        """Settle one of the conflicts in some way."""
        clash = chance.choice(self.state.clashes)
        side = chance.choice(clash.sides)
        self.saves(settle(self.state, clash.id, side.ref, "source checked"))

    def signs(self) -> SealedCommit:
        """Sign the form as it stands here."""
        return self.seals(
            SignPayload(
                subject=self.key.subject,
                meaning=Meaning.AUTHORSHIP,
                statement={"en": "s", "zh": "s"},
                name="Investigator",
                role="Investigator",
                authentication=Authentication.FULL,
                forms=(SignedForm(key=self.key, digests=content_digests(self.state, ("S",))),),
                frontier=frontier_of(mark_of(one.parsed) for one in self.held.values()),
            )
        )


def meet(*replicas: Replica) -> None:
    """Bring everything to everybody."""
    everything = {name: commit for one in replicas for name, commit in one.held.items()}
    for one in replicas:
        one.held = dict(everything)


def two(*authors: str) -> tuple[Replica, Replica]:
    """Return two laptops of a site that know the same subject and nothing else."""
    first, second = authors or ("nurse.a", "nurse.b")
    a, b = Laptop(1, author=first), Laptop(2, author=second)
    subject, added = a.add_subject()
    one, other = (Replica(laptop, form_key(subject), {added.id: added}) for laptop in (a, b))
    return one, other
