"""Killed while it changes who can open a laptop: nobody is locked out, and nothing that was dropped opens.

Real laptops against a real server, `kill -9` at two hundred random moments of enrolment, change of passphrase,
recovery by sheet and by a colleague, and removal with new keys: half of them by the clock, half before one of
the changes on the disk.
"""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from casebook.errors import StoreDamagedError, WrongPassphraseError, WrongRecoveryCodeError
from casebook.ids import UserId
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slot_file import SIDECAR, read_sidecar
from casebook.store.slots import KeySlots, database_key
from desktop_app.audit_snapshots import AuditKind, AuditQuestion
from desktop_app.session import Session
from tests.journeys.online import online_laptop
from tests.journeys.test_kill import Talker, talker
from tests.laptops import CHEAP_KDF, PASSPHRASE, sync
from tests.server_process import CUSTODIAN_KEYS, ServerProcess

SOAK = os.environ.get("CASEBOOK_EFFORT") == "soak"
FACTOR = 5 if SOAK else 1
ROUNDS = {"passphrase": 65 * FACTOR, "sheet": 40 * FACTOR, "colleague": 30 * FACTOR, "removal": 40 * FACTOR}
ENROLMENTS = 25 * FACTOR
LETTERS = 24
"""So many laptops a site may have; a killed enrolment uses one, and trying again another."""
LIMIT_S = 0 if SOAK else 290

LAPTOPS = 4
"""The acts on a laptop at work are spread over so many, since each look at a record reads all of it."""
LOOKS = 6
"""After every so many kills it is looked whether all is there; what was lost stays lost until then."""

Lines = list[list[Any]]


@dataclass
class Killer:
    """Lets a child process act, and kills it at random moments."""

    process: Talker
    chance: random.Random
    took: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Seconds and changes on the disk of an act that nobody disturbed."""
    cut: int = 0
    """Acts that were killed before they were done."""

    def kill(self, act: str, folder: Path, **told: str) -> Lines:
        """Kill an act at a random moment, and return what it said until then; the first of a kind when it is done."""
        seconds, changes = self.took.get(act, (0.0, 0))
        by_change = changes > 0 and self.chance.random() < 0.5
        last = self.chance.randint(1, changes) if by_change else 0
        self.process.ask(json.dumps({"act": act, "folder": str(folder), "last": str(last), **told}))
        (_, child), _ = self.process.hear("go")
        lines: Lines = []
        if not changes:
            (_, *took), lines = self.process.hear("done")
            self.took[act] = (took[0], took[1])
            os.kill(child, signal.SIGKILL)
        elif not by_change:
            time.sleep(self.chance.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
        (_, status), rest = self.hear_end(child, by_change=by_change)
        assert status == -signal.SIGKILL
        lines += rest
        self.cut += ["done"] not in [line[:1] for line in lines] and bool(changes)
        return lines

    def hear_end(self, child: int, *, by_change: bool) -> tuple[list[Any], Lines]:
        """Wait until the child was killed; an act that made fewer changes than another time is killed when done."""
        lines: Lines = []
        while by_change:
            line = self.process.lines.get(timeout=120)
            if line[0] == "ended":
                return line, lines
            lines.append(line)
            if line[0] == "done":
                os.kill(child, signal.SIGKILL)
                by_change = False
        end, rest = self.process.hear("ended")
        return end, lines + rest


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    sites = {
        **{f"00{number}": "Demo site" for number in range(LAPTOPS)},
        **{f"{101 + number}": "Another" for number in range(2 * ENROLMENTS // LETTERS + 1)},
    }
    with ServerProcess(tmp_path / "server", sites=sites) as running:
        yield running


@pytest.fixture
def killer() -> Iterator[Killer]:
    with talker("tests.journeys.key_process") as process:
        process.hear("ready")
        yield Killer(process, random.Random(20260404))


def slots_in(folder: Path) -> KeySlots:
    return KeySlots.open(folder, CHEAP_KDF)


def opens(folder: Path, user: str, passphrase: str) -> bool:
    try:
        slots_in(folder).unlock(UserId(user), passphrase)
    except WrongPassphraseError:
        return False
    return True


def code_opens(folder: Path, code: str) -> bool:
    try:
        slots_in(folder).unlock_recovery(code)
    except WrongRecoveryCodeError:
        return False
    return True


def escrow_stands(folder: Path, user: str) -> bool:
    data, unblinding = (key.public for key in CUSTODIAN_KEYS)
    slots = slots_in(folder)
    key = slots.unlock(UserId(user), PASSPHRASE).unblinding_key
    return key is not None and slots.is_sealed_to(data) and slots.is_sealed_to(unblinding, key)


def no_weak_slot_in(folder: Path) -> None:
    sidecar = read_sidecar((folder / SIDECAR).read_bytes())
    assert sidecar is not None
    assert {slot.cost for slot in sidecar.slots if slot.person} == {CHEAP_KDF.chosen}


def told(lines: Lines, what: str) -> list[Any]:
    return [line[1] if len(line) > 1 else "" for line in lines if line[0] == what]


# -- enrolment -------------------------------------------------------------------------------------------


@pytest.mark.timeout(LIMIT_S)
def test_enrolment_that_was_killed_lets_the_person_in_or_begins_anew(
    server: ServerProcess, killer: Killer, tmp_path: Path
) -> None:
    people: dict[str, str] = {}
    begun_anew = 0
    for number in range(ENROLMENTS):
        site = f"{101 + number * 2 // LETTERS}"
        if site not in people:
            people[site] = server.add_user("Principal investigator", "ROLE.PI", site)[0]
        user, folder = people[site], tmp_path / f"laptop{number}"
        lines = killer.kill(
            "enrol",
            folder,
            url=server.url,
            code=server.enrolment_code(site),
            personal=server.personal_code(user),
            new=PASSPHRASE,
        )
        laptop = online_laptop(folder)
        state = laptop.state()
        assert state.problem is None
        if not state.enrolled:
            assert not told(lines, "code")
            begun_anew += 1
            codes = server.enrolment_code(site), server.personal_code(user)
            code = laptop.enrol(codes[0], server.url, codes[1], "Ward", PASSPHRASE)
            laptop.test_recovery(code)
            lines = [["code", code], ["tested"]]
        for code in told(lines, "code"):
            assert not told(lines, "tested") or code_opens(folder, code)
        session = laptop.unlock(UserId(user), PASSPHRASE)
        assert not session.blinded
        subject = session.add_subject().number
        sync(laptop, session)
        assert subject in {row.number for row in session.subjects()}
        session.lock()
        if not escrow_stands(folder, user):  # cut short before it was made, and before the server was heard
            laptop.unlock(UserId(user), PASSPHRASE).lock()
            assert escrow_stands(folder, user)
        no_weak_slot_in(folder)
    assert 0 < begun_anew < ENROLMENTS
    assert killer.cut > ENROLMENTS // 2


# -- a laptop at work ------------------------------------------------------------------------------------


class AtWork:
    """One laptop, and what its people know to be valid."""

    def __init__(self, server: ServerProcess, killer: Killer, folder: Path, site: str) -> None:
        """Enrol it, with a principal investigator and a coordinator."""
        self.server, self.killer, self.folder = server, killer, folder
        self.laptop = online_laptop(folder)
        self.chief, personal = server.add_user("Principal investigator", "ROLE.PI", site)
        self.other, another = server.add_user("Coordinator", "ROLE.COORDINATOR", site)
        self.valid = {self.chief: PASSPHRASE, self.other: PASSPHRASE}
        self.sheet: str | None = self.laptop.enrol(
            server.enrolment_code(site), server.url, personal, "Ward", PASSPHRASE
        )
        self.laptop.test_recovery(self.sheet)
        self.leaver = ""
        self.numbers: set[str] = set()
        self.count = self.kills = 0
        self.site = site
        session = self.enter()
        session.add_person(another, PASSPHRASE)
        self.leave(session)

    def enter(self) -> Session:
        return self.laptop.unlock(UserId(self.chief), self.valid[self.chief])

    def leave(self, session: Session) -> None:
        """Exchange, look whether all is there that was recorded, and lock."""
        sync(self.laptop, session)
        here = {row.number for row in session.subjects()}
        assert self.numbers <= here
        self.numbers = here
        session.lock()

    def check(self, lines: Lines) -> None:
        """After a kill: the chief gets in, and what was recorded is there."""
        self.numbers |= set(told(lines, "subject"))
        self.kills += 1
        assert opens(self.folder, self.chief, self.valid[self.chief])
        if self.kills % LOOKS == 0:
            self.leave(self.enter())
        no_weak_slot_in(self.folder)

    def fresh(self) -> str:
        self.count += 1
        return f"{PASSPHRASE} {self.count}"

    def settle(self, user: str, new: str, *, changed: bool) -> None:
        """Find out which passphrase counts: exactly one does, and the new one where that was said."""
        opening = [one for one in (self.valid[user], new) if opens(self.folder, user, one)]
        assert len(opening) == 1
        assert not changed or opening == [new]
        self.valid[user] = opening[0]

    # -- the acts --

    def passphrase(self) -> None:
        user, new = self.killer.chance.choice([self.chief, self.other]), self.fresh()
        lines = self.killer.kill("passphrase", self.folder, user=user, old=self.valid[user], new=new)
        self.settle(user, new, changed=bool(told(lines, "changed")))
        self.check(lines)

    def recovery(self) -> None:
        if self.sheet is None:
            session = self.enter()
            self.sheet = session.staff.begin_sheet().code
            session.staff.test_sheet(self.sheet)
            session.lock()
        new, old = self.fresh(), self.sheet
        personal = self.server.personal_code(self.other)
        lines = self.killer.kill("sheet", self.folder, user=self.other, code=old, personal=personal, new=new)
        codes = told(lines, "code")
        self.settle(self.other, new, changed=bool(codes))
        opening = [code for code in (old, *codes) if code_opens(self.folder, code)]
        assert not codes or old not in opening, "the sheet that was used"
        assert not told(lines, "tested") or opening == codes
        self.sheet = opening[0] if opening else None
        self.check(lines)

    def colleague(self) -> None:
        new = self.fresh()
        lines = self.killer.kill(
            "colleague", self.folder, by=self.chief, passphrase=self.valid[self.chief], user=self.other, new=new
        )
        self.settle(self.other, new, changed=bool(told(lines, "changed")))
        self.check(lines)

    def removal(self) -> None:
        if not self.leaver:
            self.count += 1
            self.leaver = f"leaver{self.site}x{self.count}"
            self.let_in(self.leaver)
        passphrase = self.valid[self.chief]
        before = slots_in(self.folder).unlock(UserId(self.chief), passphrase).vault_key
        lines = self.killer.kill("removal", self.folder, by=self.chief, passphrase=passphrase, user=self.leaver)
        gone = self.leaver not in {person.user for person in slots_in(self.folder).people()}
        assert gone or not told(lines, "removed")
        assert opens(self.folder, self.leaver, PASSPHRASE) is not gone
        self.check(lines)
        if gone:
            self.leave(self.enter())
            self.leaver = ""
            assert self.sheet is None or not code_opens(self.folder, self.sheet), "they may have seen it"
            self.sheet = None
            with pytest.raises(StoreDamagedError):
                SqlcipherLog.open(
                    self.folder / "casebook.db", database_key(before), slots_in(self.folder).database_salt
                )
            if not opens(self.folder, self.other, self.valid[self.other]):
                # Let in again by a process that was killed before it told the study of the new keys.
                self.let_in(self.other, known=True)

    def let_in(self, user: str, *, known: bool = False) -> None:
        session = self.enter()
        staff = session.staff
        if known:
            session.add_person(self.server.personal_code(user), PASSPHRASE)
        else:
            staff.announce(staff.make_keys(staff.invite(user, "Leaver", "ROLE.COORDINATOR"), PASSPHRASE))
        self.valid[user] = PASSPHRASE
        self.leave(session)


def audited(session: Session) -> list[str]:
    question = AuditQuestion(kind=AuditKind.SECURITY)
    pages = range(session.audit.page(question).pages)
    rows = [row for page in pages for row in session.audit.page(replace(question, page=page)).rows]
    return [row.sentence("en") for row in rows]


@pytest.mark.timeout(LIMIT_S)
def test_somebody_gets_in_and_nothing_dropped_opens_after_a_kill(
    server: ServerProcess, killer: Killer, tmp_path: Path
) -> None:
    order = [act for act, rounds in ROUNDS.items() for _ in range(rounds)]
    killer.chance.shuffle(order)
    said: list[str] = []
    for number in range(LAPTOPS):
        work = AtWork(server, killer, tmp_path / f"laptop{number}", f"00{number}")
        acts = {
            "passphrase": work.passphrase,
            "sheet": work.recovery,
            "colleague": work.colleague,
            "removal": work.removal,
        }
        for act in order[number::LAPTOPS]:
            acts[act]()
        session = work.enter()
        said += audited(session)
        work.leave(session)
    assert killer.cut > len(order) // 2
    for words in (
        "Changed the own passphrase",
        "The recovery sheet was used",
        "Made a new recovery sheet",
        "Let a person in again",
        "A person was removed",
        "A key was replaced",
        "A wrong passphrase was typed",
        "sealed to the study's custodians",
    ):
        assert any(words in sentence for sentence in said), words
