"""People take turns on two laptops, in any order: nothing kept is lost, and nothing is done or seen without a right.

Real vaults, real sessions, the server's own code with its judge in this process. Beside each walk stands what a
person would write on paper: who kept which value, which lines the delegation log has, what was locked, who was
withdrawn, and how much of that has reached which laptop.
"""

import copy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from casebook.errors import LANGUAGES, CasebookError
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath
from casebook.supervision import Meaning, of_form
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.oversight_snapshots import Act
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.desktop_app.test_oversight import completed, key_of, path_of
from tests.laptops import PASSPHRASE, PEOPLE, SITE, Ward, sync
from tests.rights_by_file import Line, StudyFile

FILE = StudyFile()
LAPTOPS = ("one", "two")
USERS = ("coordinator", "investigator", "principal", "assessor", "monitor", "manager")
LEAVERS = ("investigator", "assessor")
ROLE_OF = {user: PEOPLE[user][1] for user in USERS}
DELEGATED = tuple(user for user in USERS if FILE.is_delegated(ROLE_OF[user]))
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Spot:
    """An item that people enter: one of each compartment."""

    visit: str
    form: str
    item: str
    value: Callable[[int], str]

    @property
    def path(self) -> ItemPath:
        """Where it stands in its form."""
        return path_of(self.form, self.item)

    def key(self, subject: SubjectId) -> FormKey:
        """The form instance."""
        return key_of(subject, self.visit, self.form)


SPOTS = (
    Spot("SE.V1", "F.DM", "WEIGHT", lambda number: f"{50 + number // 10}.{number % 10}37"),
    Spot("SE.V7", "F.B90", "ASSID", lambda number: f"Zq{number:03d}w"),
    Spot("SE.V1", "F.CONTACT", "NAME", lambda number: f"Yvx{number:03d}k"),
)
DEMOGRAPHY = SPOTS[0]
authors = st.sampled_from(
    ("coordinator", "coordinator", "investigator", "assessor", "assessor", "principal", "monitor")
)
signers = st.sampled_from(("investigator", "investigator", "principal", "coordinator"))
delegators = st.sampled_from(("principal", "principal", "principal", "investigator"))


@cache
def furnished() -> tuple[Ward, SubjectId]:
    """Return a ward with both laptops admitted, everybody on both, and a complete form; it is copied, never used."""
    ward = Ward(Path(tempfile.mkdtemp()), judged=True)
    for name in LAPTOPS:
        ward.enrolled(name, *USERS)
    subject = completed(ward).subject
    one, two = ward.laptop("one"), ward.laptop("two")
    with ward.session(one, "assessor") as session:
        key = SPOTS[1].key(subject)
        session.keep(key, path_of("F.B90", "B90DONE"), "Y")
        session.save(key)
    for laptop in (two, one):
        with ward.session(laptop) as session:
            sync(laptop, session)
    with ward.session(one, "principal") as session:
        for row in session.sync_view().laptops:
            if not row.admitted:
                session.admit_laptop(row.device)
        sync(one, session)
    for laptop in (two, one, two):
        with ward.session(laptop) as session:
            sync(laptop, session)
    return ward, subject


@dataclass
class Kept:
    """A value that somebody kept. `sent`: the server has it; `late`: since its author or laptop was withdrawn."""

    spot: Spot
    value: str
    user: str
    laptop: str
    day: date
    sealed: bool = False
    sent: bool = False
    late: bool = False


@dataclass
class Entry:
    """A line of the delegation log as it was signed, by days."""

    user: str
    start: int
    last: int | None

    def on(self, day: int) -> Line:
        """Return it counted from a day."""
        return Line(start=self.start - day, last=self.last - day if self.last is not None else None)


@dataclass
class Known:
    """What has reached a place: the server, or a laptop."""

    log: dict[int, Entry] = field(default_factory=dict)
    locked: bool = False
    gone: frozenset[str] = frozenset()


class HandsOver(RuleBasedStateMachine):
    """Two laptops, six people, one subject."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.folders = {name: name for name in LAPTOPS}
        self.at: dict[str, tuple[str, Laptop, Session]] = {}
        self.kept: list[Kept] = []
        self.server = Known()
        self.known = {name: Known() for name in LAPTOPS}
        self.entries = 0
        self.day = 0
        self.number = 0
        self.lost = False
        self.told_lost = False
        self.signed = 0

    @initialize()
    def furnish(self) -> None:
        ward, self.subject = furnished()
        shutil.copytree(ward.folder, self.folder, dirs_exist_ok=True)
        self.ward = copy.deepcopy(ward)
        self.ward.folder = self.folder

    def teardown(self) -> None:
        if hasattr(self, "ward"):
            self.settle()
        shutil.rmtree(self.folder)

    # -- what is expected ------------------------------------------------------------------------------------

    def may(self, name: str, act: str, form: str | None = None) -> bool:
        """Tell whether who sits at a laptop may do something, as far as that laptop knows."""
        user, known = self.at[name][0], self.known[name]
        return user not in known.gone and self.allowed(user, act, form, known.log, self.day)

    @staticmethod
    def allowed(user: str, act: str, form: str | None, log: dict[int, Entry], day: int) -> bool:
        begun = any(entry.start <= day for entry in log.values())
        lines = tuple(entry.on(day) for entry in log.values() if entry.user == user)
        return FILE.allows(ROLE_OF[user], act, form, lines if begun else None)

    @staticmethod
    def done(work: Callable[[], object]) -> bool:
        """Do something; a refusal has a sentence."""
        try:
            work()
        except CasebookError as error:
            return not all(error.sentence(language) for language in LANGUAGES)
        return True

    def seal(self, name: str) -> None:
        for one in self.kept:
            if one.laptop == name:
                one.sealed = True

    # -- people come and go ----------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the laptops on which people still work."""
        return [name for name in LAPTOPS if not (name == "two" and self.told_lost)]

    @rule(name=st.sampled_from(LAPTOPS), user=st.sampled_from(USERS))
    def sit_down(self, name: str, user: str) -> None:
        """Switch user."""
        self.seat(name, user)

    def seat(self, name: str, user: str) -> Session | None:
        """Let somebody sit at a laptop, in place of who does; None where nobody works on it any more."""
        if name not in self.names():
            return None
        if name not in self.at or self.at[name][0] != user:
            self.get_up(name)
            self.sign_in(name, user)
        return self.at[name][2]

    def sign_in(self, name: str, user: str) -> None:
        laptop = self.ward.laptop(self.folders[name])
        self.at[name] = (user, laptop, laptop.unlock(UserId(user), PASSPHRASE))
        for one in self.kept:  # what a sudden end left open is sealed by its author, or by who sees all of it
            sees = FILE.sees(ROLE_OF[user], "unblinding") and FILE.shows(ROLE_OF[user], one.spot.form)
            one.sealed |= one.laptop == name and (one.user == user or sees)

    def get_up(self, name: str) -> None:
        if name in self.at:
            self.at.pop(name)[2].lock()
            self.seal(name)

    @precondition(lambda self: self.at)
    @rule(name=st.sampled_from(LAPTOPS))
    def kill(self, name: str) -> None:
        """End a session at once: the disk stays as it is at this moment."""
        if name not in self.at:
            return
        _, _, session = self.at.pop(name)
        fresh = f"{self.folders[name]}x"
        shutil.copytree(self.folder / self.folders[name], self.folder / fresh)
        session.lock()
        self.folders[name] = fresh

    @rule()
    def night(self) -> None:
        """Midnight passes."""
        self.day += 1
        self.ward.clock.utc_ms += DAY_MS

    # -- entering --------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(LAPTOPS), user=authors, spot=st.sampled_from(SPOTS), save=st.booleans())
    def change(self, name: str, user: str, spot: Spot, *, save: bool) -> None:
        """Enter another value."""
        session = self.seat(name, user)
        if session is None:
            return
        self.number += 1
        value, key = spot.value(self.number), spot.key(self.subject)
        done = self.done(lambda: session.keep(key, spot.path, value, reason="MISREAD"))
        expected = self.may(name, "enter", spot.form) and not (spot is DEMOGRAPHY and self.known[name].locked)
        assert done == expected, (user, spot, name)
        if done:
            day = self.ward.clock().local.date()
            self.kept.append(Kept(spot, value, user, name, day))
            if save:
                session.save(key)
                for one in self.kept:
                    one.sealed |= one.laptop == name and one.spot is spot

    @rule(name=st.sampled_from(LAPTOPS), user=authors, spot=st.sampled_from(SPOTS))
    def void(self, name: str, user: str, spot: Spot) -> None:
        """Take a value back."""
        session, key = self.seat(name, user), spot.key(self.subject)
        if session is None:
            return
        done = self.done(lambda: session.keep(key, spot.path, "", reason="MISREAD"))
        assert done == (self.may(name, "enter", spot.form) and not (spot is DEMOGRAPHY and self.known[name].locked))

    @rule(name=st.sampled_from(LAPTOPS), user=signers)
    def sign(self, name: str, user: str) -> None:
        """Complete the form again where that can be, and sign it where it is complete."""
        session = self.seat(name, user)
        if session is None:
            return
        key = DEMOGRAPHY.key(self.subject)
        self.done(lambda: session.set_complete(key, on=True))
        if self.may(name, "enter", "F.DM"):
            for one in self.kept:
                one.sealed |= one.laptop == name and one.spot is DEMOGRAPHY
        lines = [one for one in session.oversight.signing().lines if one.key == key]
        if session.oversight.signing().meanings:
            self.seal(name)
        assert not lines or self.may(name, "sign", "F.DM")
        for line in lines:
            if Meaning.AUTHORSHIP in line.meanings and not line.obstacles:
                session.oversight.sign([(key, line.digest)], Meaning.AUTHORSHIP, user, PASSPHRASE)
                self.signed += 1

    # -- closing ---------------------------------------------------------------------------------------------

    @rule(user=st.sampled_from(("manager", "manager", "manager", "principal", "monitor")), locks=st.booleans())
    def lock(self, user: str, *, locks: bool) -> None:
        """Lock or unlock demography, from the first laptop."""
        session, known = self.seat("one", user), self.known["one"]
        assert session is not None
        scope = of_form(DEMOGRAPHY.key(self.subject))
        done = self.done(lambda: session.oversight.set_flag(Act.LOCK if locks else Act.UNLOCK, scope, "Asked for"))
        assert done == (self.may("one", "lock", "F.DM") and known.locked != locks)
        if done:
            known.locked = locks
            self.seal("one")

    # -- who may -----------------------------------------------------------------------------------------------

    @rule(by=delegators, user=st.sampled_from(DELEGATED), start=st.integers(-1, 1), days=st.none() | st.integers(0, 2))
    def delegate(self, by: str, user: str, start: int, days: int | None) -> None:
        """Sign a line of the delegation log, on the first laptop."""
        session = self.seat("one", by)
        assert session is not None
        today = session.staff.delegations().today
        first = date.fromordinal(today.toordinal() + start)
        last = date.fromordinal(first.toordinal() + days) if days is not None else None
        done = self.done(lambda: session.staff.delegate(UserId(user), ROLE_OF[user], (), first, last, PASSPHRASE))
        assert done == (self.may("one", "delegate") and user not in self.known["one"].gone)
        if done:
            self.entries += 1
            begins = self.day + start
            self.known["one"].log[self.entries] = Entry(user, begins, begins + days if days is not None else None)

    @precondition(lambda self: self.known["one"].log)
    @rule(by=delegators, which=st.integers(0, 9))
    def end(self, by: str, which: int) -> None:
        """End a line of the log today."""
        session, log = self.seat("one", by), self.known["one"].log
        assert session is not None
        rows = [row for row in session.staff.delegations().rows if not row.ended_by]
        if not rows:
            return
        row = rows[which % len(rows)]
        today = session.staff.delegations().today
        done = self.done(lambda: session.staff.end_delegation(row.entry, today, "Left", PASSPHRASE))
        assert done == (self.may("one", "delegate") and (row.end is None or row.end > today))
        if done:
            first = self.day + (row.start.toordinal() - today.toordinal())
            before = self.day + (row.end.toordinal() - today.toordinal()) if row.end is not None else None
            found = [
                entry
                for entry in log.values()
                if (PEOPLE[entry.user][0], entry.start, entry.last) == (row.person, first, before)
            ]
            found[0].last = self.day

    @precondition(lambda self: len(self.server.gone) < len(LEAVERS))
    @rule(user=st.sampled_from(LEAVERS))
    def withdraw_person(self, user: str) -> None:
        """The sponsor withdraws somebody's account."""
        if user in self.server.gone:
            return
        office = self.ward.network.office
        member = self.ward.network.directory.member(UserId(user))
        assert member is not None
        office.withdraw_person(member, SITE, "left")
        self.server.gone |= {user}

    @precondition(lambda self: not self.lost)
    @rule()
    def withdraw_laptop(self) -> None:
        """The second laptop is reported lost."""
        directory = self.ward.network.directory
        (device,) = [one for one in directory.devices(SITE) if one.name == "Laptop two"]
        self.ward.network.office.withdraw_laptop(device)
        self.lost = True

    # -- exchanging ------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(LAPTOPS), user=st.none() | st.sampled_from(USERS))
    def exchange(self, name: str, user: str | None) -> None:
        """Sync, by who sits there or by somebody else; a withdrawn laptop hands in what it has and is locked."""
        if self.seat(name, user or self.at.get(name, ("coordinator",))[0]) is None:
            return
        _, laptop, session = self.at[name]
        sync(laptop, session)
        self.exchanged(name)
        if name == "two" and self.lost:
            self.get_up(name)
            self.told_lost = True

    def exchanged(self, name: str) -> None:
        user = self.at[name][0]
        sees_all = FILE.sees(ROLE_OF[user], "unblinding")
        for one in self.kept:
            in_reach = sees_all or FILE.shows("ROLE.BLIND", one.spot.form)
            if one.laptop == name and one.sealed and not one.sent and in_reach:
                one.sent = True
                one.late = one.user in self.server.gone or (self.lost and name == "two")
        if name == "one":
            self.server.log = copy.deepcopy(self.known["one"].log)
            if sees_all:
                self.server.locked = self.known["one"].locked
        elif not self.lost:
            self.known["two"].log = copy.deepcopy(self.server.log)
            if sees_all:
                self.known["two"].locked = self.server.locked
        if not (self.lost and name == "two"):
            self.known[name].gone = self.server.gone

    # -- at the end --------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Bring everything together, then look for every value as everybody."""
        for name in LAPTOPS:
            self.get_up(name)
        for name in ("one", "two", "one", "two"):
            laptop = self.ward.laptop(self.folders[name])
            with self.ward.session(laptop) as session:
                self.at[name] = ("coordinator", laptop, session)
                self.seal(name)
                sync(laptop, session)
                self.exchanged(name)
                del self.at[name]
        for name in LAPTOPS:
            for user in USERS:
                with self.ward.session(self.ward.laptop(self.folders[name]), user) as session:
                    self.look(name, user, session)

    def look(self, name: str, user: str, session: Session) -> None:
        role = ROLE_OF[user]
        audit = self.told_by_audit(session)
        for spot in SPOTS:
            key = spot.key(self.subject)
            mine = [one for one in self.kept if one.spot is spot and (not self.lost or name in {one.laptop, "one"})]
            told, current = self.told_by(session, spot)
            for one in mine:
                if FILE.shows(role, spot.form):
                    assert one.value in told, (name, user, one, told)
                    counts = one.value == current and self.is_outside(one)
                    assert not counts or (self.lost and name == "two"), (name, user, one)  # it is told nothing more
                else:
                    assert one.value not in told + audit, (name, user, one)
            if spot is DEMOGRAPHY and FILE.shows(role, spot.form) and name == "one":
                signatures = session.oversight.of_form(key).signatures
                held = [one for one in session.oversight.held() if one.what("en").startswith("signature")]
                assert len(signatures) + len(held) == self.signed, (user, self.signed)

    def is_outside(self, one: Kept) -> bool:
        """Tell whether a value was entered without a right, for which the server holds it."""
        today = self.ward.clock().local.date()
        day = self.day - (today.toordinal() - one.day.toordinal())
        return one.late or not self.allowed(one.user, "enter", one.spot.form, self.server.log, day)

    @staticmethod
    def told_by_audit(session: Session) -> str:
        """Return all that the audit trail of the site says."""
        page = session.audit.page(AuditQuestion())
        rows = list(page.rows)
        for number in range(1, page.pages):
            rows += session.audit.page(AuditQuestion(page=number)).rows
        return "\n".join(row.sentence("en") + row.why("en") for row in rows)

    def told_by(self, session: Session, spot: Spot) -> tuple[str, str | None]:
        """Return what an item's history, its standing entries and the held list say, and the value that counts."""
        key = spot.key(self.subject)
        held = "\n".join(one.what("en") for one in session.oversight.held())
        try:
            item = session.form(key).item(spot.path)
        except (CasebookError, KeyError):
            return held, None
        trail = "\n".join(one.shown("en") for one in session.trail(key, spot.path))
        heads = "\n".join(one.shown("en") for one in item.heads)
        return "\n".join((held, trail, heads, item.reading.value or "")), item.reading.value


def test_a_week_on_the_ward() -> None:
    """Walk once through all of it, so that no chance leaves anything out."""
    ward = HandsOver()
    ward.furnish()
    for number, user in enumerate(("coordinator", "investigator", "assessor", "principal")):
        for name in LAPTOPS:
            for spot in SPOTS:
                ward.change(name, user, spot, save=bool(number % 2))
        ward.kill("two")
    ward.exchange("one", "coordinator")
    ward.exchange("two", "assessor")
    ward.exchange("two", "investigator")
    ward.sign("one", "coordinator")
    ward.sign("one", "principal")
    ward.delegate("principal", "assessor", 0, None)
    ward.delegate("principal", "investigator", -1, 1)
    ward.delegate("investigator", "coordinator", 0, None)  # refused
    ward.lock("manager", locks=True)
    ward.exchange("one", "manager")
    for user in ("coordinator", "investigator", "assessor"):  # laptop two knows neither of the log nor of the lock
        for spot in SPOTS:
            ward.change("two", user, spot, save=True)
    ward.void("two", "assessor", SPOTS[1])
    ward.exchange("two", "coordinator")
    for spot in SPOTS:
        ward.change("two", "coordinator", spot, save=False)
    ward.lock("manager", locks=False)
    ward.night()
    ward.night()
    ward.change("one", "investigator", DEMOGRAPHY, save=True)  # the line has run out
    ward.delegate("principal", "investigator", 0, None)
    ward.change("one", "investigator", DEMOGRAPHY, save=True)
    ward.sign("one", "investigator")
    ward.end("principal", 0)
    ward.night()
    ward.withdraw_person("assessor")
    ward.change("two", "assessor", SPOTS[1], save=True)
    ward.withdraw_laptop()
    ward.change("two", "principal", DEMOGRAPHY, save=False)
    ward.kill("two")
    ward.exchange("two", "coordinator")
    ward.exchange("one", "coordinator")
    ward.change("one", "assessor", SPOTS[1], save=True)
    ward.teardown()
    assert ward.signed >= 2, ward.signed
    assert ward.entries == 3, ward.entries
    assert any(one.late for one in ward.kept)
    assert any(ward.is_outside(one) and not one.late for one in ward.kept)
    assert {(one.user, one.laptop) for one in ward.kept} >= {("investigator", "one"), ("assessor", "two")}


HandsOver.TestCase.settings = settings(
    stateful_step_count=20,
    max_examples=settings().max_examples // 5,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a walk takes seconds; a shorter one would take an hour
)
TestHandsOver = HandsOver.TestCase
