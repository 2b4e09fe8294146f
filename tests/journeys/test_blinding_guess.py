"""Nobody guesses an arm better than by a coin from what lies open: numbers, sizes, times and gaps of 60 subjects.

The same guesser is right about nearly every subject when it is given the other shelf: it can guess.
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from casebook.ids import SubjectId
from casebook.ledger import STANDARD, UNBLINDING
from desktop_app.vault import Laptop
from tests.desktop_app.places import Book
from tests.desktop_app.test_shelves import keys_of, rows_of
from tests.laptops import CHEAP_KDF, SITE, Ward, design, sync

SUBJECTS = 60
SEED = 20_261_123
REASONS = ("OTHER", "TRANSCRIPTION", "SOURCE")
NEVER_BY_CHANCE = 1e-6
BY_CHANCE = 0.05
HOUR_MS = 3_600_000

Features = tuple[float, ...]


class SeededWard(Ward):
    """A ward whose laptop draws its random bytes from a seed, so that sizes are the same in every run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bytes = random.Random(SEED)

    def laptop(self, name: str) -> Laptop:
        return Laptop(
            self.folder / name,
            design(),
            self.network,
            kdf=CHEAP_KDF,
            clock=self.clock,
            random_bytes=self._bytes.randbytes,
        )


@dataclass(frozen=True)
class Entered:
    """A laptop with its subjects. `arms`: known to the test alone."""

    laptop: Laptop
    arms: dict[SubjectId, str]


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Entered:
    """Enter 60 subjects as they come, one after the other, and correct and assess some of them."""
    ward = SeededWard(tmp_path_factory.mktemp("guess"))
    laptop = ward.enrolled("one", "coordinator", "assessor")
    coin, work = random.Random(SEED + 1), random.Random(SEED + 2)
    arms: dict[SubjectId, str] = {}

    def wait(hours: float) -> None:
        """Let time pass as it does on a ward, whatever the arm: from minutes to days."""
        ward.clock.utc_ms += int(work.expovariate(1 / hours) * HOUR_MS)

    with ward.session(laptop) as session:
        for _ in range(SUBJECTS):
            wait(20)
            subject = session.add_subject().subject
            arm = arms[subject] = coin.choice(("EVT", "BMM"))
            book = Book(design(), subject, SITE)
            wait(1)
            book.enter(session, {"F.RND": {"RANDDTM": "2026-03-01T09:30+08:00", "RANDNO": "R", "RANDARM": arm}})
            if arm == "EVT":
                book.enter(session, {"F.EVT": {"EVTDONE": "Y", "OPERID": "operator 1", "ANESTH": "LOCAL"}})
            wait(1)
            book.enter(session, {"F.BMM@SE.V1": {"BMMPHYS": "physician 1"}})
        sync(laptop, session)
        for subject in work.sample(list(arms), SUBJECTS):
            wait(4)
            if work.random() < 0.5:
                words = f"the {arms[subject]} arm's clock was wrong"
                reason = work.choice(("TRANSCRIPTION", "SOURCE", words))
                book = Book(design(), subject, SITE)
                book.enter(session, {"F.RND": {"RANDDTM": "2026-03-01T09:45+08:00"}}, reason)
        sync(laptop, session)
    with ward.session(laptop, "assessor") as session:
        for subject in work.sample(list(arms), SUBJECTS):
            wait(2)
            Book(design(), subject, SITE).enter(session, {"F.B90@SE.V7": {"ASSID": "B01"}})
        sync(laptop, session)
    with ward.session(laptop) as session:
        sync(laptop, session)
    return Entered(laptop, arms)


# -- the guesser -----------------------------------------------------------------------------------------------------


def features(entered: Entered, shelf: str) -> dict[SubjectId, Features]:
    """Return what a shelf tells of each subject to somebody who looks at everything but the words."""
    slots, vault_key, unblinding_key = keys_of(entered.laptop, "coordinator")
    assert unblinding_key is not None
    folder, key, salt = (
        (entered.laptop.folder, vault_key, slots.database_salt)
        if shelf == STANDARD
        else (entered.laptop.folder.unblinding, unblinding_key, slots.unblinding_salt)
    )
    rows = rows_of(folder.database, key, salt)["commit_"]
    found: dict[SubjectId, Features] = {}
    for subject in entered.arms:
        mine = [place for place, row in enumerate(rows) if row[8] == subject]
        found[subject] = _features(rows, mine)
    return found


def _features(rows: Sequence[tuple[object, ...]], mine: Sequence[int]) -> Features:
    payloads = [_bytes(rows[place][10]) for place in mine]
    sizes = [float(len(one)) for one in payloads] or [0.0]
    kept = [_number(rows[place][12]) for place in mine]
    gaps = [math.log1p(after - before) for before, after in itertools.pairwise(kept)] or [0.0]
    to_others = [
        math.log1p(abs(_number(rows[place + step][12]) - _number(rows[place][12])))
        for place in mine
        for step in (-1, 1)
        if 0 <= place + step < len(rows)
    ] or [0.0]
    kinds = Counter(str(rows[place][6]) + str(rows[place][7]) for place in mine)
    reasons = [float(sum(one.count(reason.encode()) for one in payloads)) for reason in REASONS]
    return (
        float(len(mine)),
        sum(sizes),
        max(sizes),
        min(sizes),
        max(gaps),
        min(gaps),
        sum(gaps),
        max(to_others),
        min(to_others),
        float(len(kinds)),
        *(float(kinds[kind]) for kind in ("dataS", "dataU", "dataUI", "secS", "srvS")),
        *reasons,
        *(float(len(_bytes(rows[place][9]))) for place in mine[:2]),
    )


def _bytes(cell: object) -> bytes:
    assert isinstance(cell, bytes)
    return cell


def _number(cell: object) -> int:
    assert isinstance(cell, int)
    return cell


def guessed_right(found: dict[SubjectId, Features], arms: dict[SubjectId, str]) -> int:
    """Return for how many subjects the arm of the subject most like it, itself left out, is the right guess."""
    width = max(map(len, found.values()))
    table = {subject: [*one, *([0.0] * (width - len(one)))] for subject, one in found.items()}
    columns = list(zip(*table.values(), strict=True))
    middles = [sum(column) / len(column) for column in columns]
    spreads = [
        math.sqrt(sum((value - middle) ** 2 for value in column) / len(column)) or 1.0
        for column, middle in zip(columns, middles, strict=True)
    ]

    def apart(one: SubjectId, other: SubjectId) -> float:
        return sum(((a - b) / spread) ** 2 for a, b, spread in zip(table[one], table[other], spreads, strict=True))

    return sum(
        arms[min((other for other in table if other != subject), key=lambda other: apart(subject, other))]
        == arms[subject]
        for subject in table
    )


def chance_of(right: int, of: int) -> float:
    """Return how probable it is that a coin guesses at least so many right: the exact binomial tail."""
    return math.fsum(math.comb(of, count) for count in range(right, of + 1)) / float(1 << of)


# -- what it finds ---------------------------------------------------------------------------------------------------


def test_what_lies_open_guesses_no_better_than_a_coin(entered: Entered) -> None:
    right = guessed_right(features(entered, STANDARD), entered.arms)
    assert chance_of(right, SUBJECTS) > BY_CHANCE, right
    assert chance_of(SUBJECTS - right, SUBJECTS) > BY_CHANCE, right  # nor worse, which would tell as much


def test_the_same_guesser_tells_the_arms_from_the_other_shelf(entered: Entered) -> None:
    right = guessed_right(features(entered, UNBLINDING), entered.arms)
    assert chance_of(right, SUBJECTS) < NEVER_BY_CHANCE, right


def test_numbers_of_the_open_shelf_have_no_gap_where_the_other_one_was_written(entered: Entered) -> None:
    """Sequences, rows and serials of the open shelf go on by one, whatever was sealed in between."""
    slots, vault_key, _ = keys_of(entered.laptop, "assessor")
    rows = rows_of(entered.laptop.folder.database, vault_key, slots.database_salt)
    positions = [_number(row[0]) for row in rows["commit_"]]
    assert positions == list(range(1, len(positions) + 1))
    chains: dict[tuple[object, object], list[int]] = {}
    for row in rows["commit_"]:
        chains.setdefault((row[2], row[3]), []).append(_number(row[4]))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in chains.values())
    serials = sorted(_number(row[6]) for row in rows["receipt_"])
    assert serials == list(range(serials[0], serials[0] + len(serials)))
