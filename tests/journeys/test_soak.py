"""Two people do anything that they may, at random, on one laptop: nothing breaks, and nothing that was kept is lost.

After each step the screen is held against the record; after each lock what still lives is counted; in the end the
audit trail has what the windows said was kept, in its order as far as it is sealed together, and a second laptop shows
the same.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.logging import _QtMessageCapture

from casebook.records import FormKey
from desktop_app import theme
from desktop_app.audit_snapshots import AuditKind, AuditQuestion, AuditRow
from desktop_app.session import Session
from desktop_app.snapshots import TrailKind
from tests.journeys.agreement import Census, Kept, Told, items_of
from tests.journeys.random_user import RandomUser
from tests.laptops import Ward, design, sync
from tests.rigs.histories import chosen_seed

SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
STEPS = 300
AGAIN = 40
SOAK_S = 7200.0
ROOM = 3
"""So many objects may come and go between two locks, such as a menu that was open."""
MOST_MORE_KB = 200_000
PEOPLE = ("investigator", "coordinator")


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What would have opened the crash window."""
    found: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind, trace
        found.append(error)

    monkeypatch.setattr(sys, "excepthook", note)
    return found


@contextmanager
def sitting(qt: QApplication, ward: Ward, seed: int) -> Iterator[RandomUser]:
    """Sit a random user down at laptop `one`; the window is closed at the end."""
    user = RandomUser(qt, ward.enrolled("one", *PEOPLE), ward.network, seed)
    try:
        yield user
    finally:
        user.close()
        theme.apply(qt, theme.LIGHT)


@pytest.mark.timeout(0 if SOAK else 1500)
def test_random_users_break_and_lose_nothing(
    qapp: QApplication,
    tmp_path: Path,
    faults: list[BaseException],
    qtlog: _QtMessageCapture,
    record_property: Callable[[str, object], None],
) -> None:
    seed, began = chosen_seed(), time.monotonic()
    ward = Ward(tmp_path, judged=True)
    resident: list[int] = []
    with sitting(qapp, ward, seed) as user:
        told = user.told
        try:
            while time.monotonic() < began + SOAK_S if SOAK else len(told.steps) < STEPS:
                locks = len(told.census)
                said = user.step()
                where = f"step {len(told.steps)}: {said}"
                assert not faults, f"{where}: {faults}"
                assert not [one for one in qtlog.records if not one.ignored], where
                if SOAK and len(told.census) > locks:
                    resident.append(resident_kb())
        finally:
            counted = f"{len(told.steps)} steps, {len(told.kept)} entries, {len(told.census)} locks"
            record_property("rig", f"random users: {counted} (CASEBOOK_SEED={seed})")
    _hold_against_the_record(ward, told)
    _hold_what_lives(told.census)
    if SOAK:
        half = len(resident) // 2
        assert max(resident[half:]) < max(resident[:half]) + MOST_MORE_KB, resident


@pytest.mark.timeout(600)
def test_a_seed_leads_to_the_same_steps_again(qapp: QApplication, tmp_path: Path, faults: list[BaseException]) -> None:
    walked: list[list[str]] = []
    for turn in ("first", "again"):
        with sitting(qapp, Ward(tmp_path / turn), 7) as user:
            for _ in range(AGAIN):
                user.step()
        walked.append(user.told.steps)
    assert walked[0] == walked[1]
    assert not faults


def resident_kb() -> int:
    """Return how much memory this process holds."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _hold_what_lives(census: Sequence[Census]) -> None:
    """Nothing grows from lock to lock."""
    first = census[0]
    for later in census:
        assert later.in_window <= first.in_window + ROOM, census
        assert later.widgets <= first.widgets + ROOM, census
        assert later.timers <= first.timers + ROOM, census
        assert later.threads <= first.threads, census


def _hold_against_the_record(ward: Ward, told: Told) -> None:
    """Both laptops tell every entry that a window said was kept, in its order, and show the same forms."""
    ward.network.down = False
    one = ward.laptop("one")
    two = ward.enrolled("two", PEOPLE[0])
    for laptop in (one, two, one):
        with ward.session(laptop, PEOPLE[0]) as session:
            sync(laptop, session)
            for row in session.sync_view().laptops if laptop is one else ():
                if not row.admitted:
                    session.admit_laptop(row.device)
            sync(laptop, session)
    with ward.session(two, PEOPLE[0]) as there:
        sync(two, there)
        with ward.session(one, PEOPLE[0]) as here:
            for key in told.forms:
                kept = [entry for entry in told.kept if entry.key == key]
                for together in {_seal(entry) for entry in kept}:
                    _tells(here, key, [entry for entry in kept if _seal(entry) == together])
                assert _shown(here, key) == _shown(there, key)


def _seal(entry: Kept) -> tuple[bool, bool]:
    """Return what tells apart the commits that one save becomes: their order among each other tells nothing."""
    study, path = design(), entry.path
    form = study.form(entry.key.form)
    identity = form.identity or form.find(path.item)[1].identity
    return identity, study.is_open(form.oid) or (not path.row and study.is_open_item(form.oid, path.item))


def _tells(session: Session, key: FormKey, kept: Sequence[Kept]) -> None:
    lines = _audited(session, key)
    begins = 0
    for _, entries in groupby(kept, key=lambda entry: entry.step):
        ends = begins
        for entry in entries:
            found = next((at for at in range(begins, len(lines)) if _is_of(lines[at], entry)), None)
            assert found is not None, (entry, [line.sentence("en") for line in lines])
            ends = max(ends, found + 1)
        begins = ends


def _is_of(line: AuditRow, entry: Kept) -> bool:
    return line.path == entry.path and entry.shown in line.sentence("en")


def _audited(session: Session, key: FormKey) -> list[AuditRow]:
    """Return the lines of a form's audit trail, the oldest first."""
    rows: list[AuditRow] = []
    page, pages = 0, 1
    while page < pages:
        view = session.audit.page(AuditQuestion(subject=key.subject, key=key, kind=AuditKind.VALUES, page=page))
        rows += view.rows
        page, pages = page + 1, view.pages
    return rows[::-1]


def _shown(session: Session, key: FormKey) -> tuple[object, ...]:
    """Return what stands in a form, and each item's history."""
    view = session.form(key)
    standing = [(item.path, item.reading) for item in items_of(view)]
    history = [
        (item.path, line.author, line.at, line.shown("en"), line.reason)
        for item in items_of(view)
        for line in session.trail(key, item.path)
        if line.kind is TrailKind.ENTRY
    ]
    return (view.complete, standing, history)
