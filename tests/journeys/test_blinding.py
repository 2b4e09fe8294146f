"""An attacker with a blinded assessor's account, passphrase and laptop looks for the arm of any subject.

A site is told once, over real files and a real server: eight subjects whose arms a coin chose that only the test
knows, with whole entries, corrections, queries, flags, signatures, papers and exports. Then everything that the
blinded account opens, is sent and is shown is searched for what was entered of them.
"""

import base64
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QWidget

from casebook import ledger
from casebook.canonical import decode_object, encode
from casebook.crypto import SigningKey, key_id
from casebook.errors import CasebookError, NotForBlindedError, NotPermittedError, SealedAwayError
from casebook.export import ExportFormat
from casebook.ids import DeviceId, SubjectId, UserId
from casebook.ledger import STANDARD, UNBLINDING, SealedCommit
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import database_key
from casebook.supervision import of_form, of_item, of_subject
from casebook.sync import messages
from casebook.sync.brief import read_brief
from casebook.sync.engine import SyncPeer
from casebook.sync.frames import FrameParser, FrameType, unpack_commits, write_frame
from casebook.sync.messages import End, Open
from casebook.sync.packing import tag_of
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.https_network import HttpsNetwork
from desktop_app.oversight_snapshots import Act
from desktop_app.person_keys import PersonKeys
from desktop_app.session import Session
from desktop_app.sync_client import HttpPeer
from desktop_app.synchroniser import ClosingPeer
from desktop_app.vault import Laptop
from tests.desktop_app.places import Book
from tests.desktop_app.test_shelves import dump, keys_of, rows_of, spooled, words_of
from tests.journeys.hands import Hands
from tests.journeys.test_nothing_readable import files_of, found_in
from tests.laptops import CHEAP_KDF, PASSPHRASE, design, sync
from tests.server_process import ServerProcess

SUBJECTS = 8
SEED = 20_261_122
COORDINATOR, INVESTIGATOR, PRINCIPAL, MONITOR, MANAGER, ASSESSOR = (
    "coordinator",
    "investigator",
    "pi",
    "monitor",
    "data",
    "blind",
)
ROLES = (COORDINATOR, INVESTIGATOR, PRINCIPAL, MONITOR, MANAGER, ASSESSOR)
WORDS = {"EVT": "after thrombectomy", "BMM": "medical arm alone"}
TOLD_BY_FORMS = ("F.EVT", "F.BMM", "F.AE", "F.DTH", "F.NIHSS", "F.DV", "RANDARM", "RANDNO", '"EVT"', '"BMM"')
"""Forms, items and codes that are not on the allow-list."""


@dataclass
class Wire:
    """Everything that went over the wire while somebody was signed in, as the laptop's end saw it."""

    sent: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class _Listened:
    """A way to the server that keeps what passes."""

    def __init__(self, peer: ClosingPeer, wire: Wire) -> None:
        self._peer = peer
        self._wire = wire

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        return self._listened(self._peer.send, request)

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        return self._listened(self._peer.send_chunks, request)

    def _listened(
        self, send: Callable[[Iterable[bytes]], Iterator[bytes]], request: Iterable[bytes]
    ) -> Iterator[bytes]:
        def noted() -> Iterator[bytes]:
            for data in request:
                self._wire.sent += data
                yield data

        for data in send(noted()):
            self._wire.answered += data
            yield data

    def cut(self) -> None:
        self._peer.cut()

    def close(self) -> None:
        self._peer.close()


class ListenedNetwork:
    """The real network, listened to at the laptop's end."""

    def __init__(self) -> None:
        self.wire = Wire()
        real = HttpsNetwork()
        self.enrol, self.certify_person, self._open = real.enrol, real.certify_person, real.open_peer

    def open_peer(self, url: str, authority: bytes) -> ClosingPeer:
        return _Listened(self._open(url, authority), self.wire)


@dataclass
class Site:
    """The site as it was told.

    Attributes:
        arms: By subject, in order of entry: known to the test alone.
        canaries: By subject: what stands in every free text about them.
        wires: What went over the wire in each session, by whose it was.
        held: What the blinded account opened after each session, by what had been done.
    """

    folder: Path
    server: ServerProcess
    laptop: Laptop
    network: ListenedNetwork
    users: dict[str, str]
    subjects: list[SubjectId] = field(default_factory=list)
    arms: dict[SubjectId, str] = field(default_factory=dict)
    canaries: dict[SubjectId, str] = field(default_factory=dict)
    wires: list[tuple[str, Wire]] = field(default_factory=list)
    held: dict[str, bytes] = field(default_factory=dict)
    exported: Path = Path()

    @contextmanager
    def session(self, who: str, told: str = "") -> Iterator[Session]:
        """Sign in, synchronise at the end and lock; then look with the blinded account."""
        self.network.wire = Wire()
        session = self.laptop.unlock(UserId(self.users[who]), PASSPHRASE)
        try:
            yield session
            sync(self.laptop, session)
        finally:
            session.lock()
        self.wires.append((who, self.network.wire))
        if told:
            self.held[f"{len(self.held)} {who} {told}"] = self.opened()

    def opened(self) -> bytes:
        """Return all that the blinded account opens of the laptop's files, in the clear, sealed payloads too."""
        slots, vault_key, nothing = keys_of(self.laptop, self.users[ASSESSOR])
        assert nothing is None
        whole = dump(self.laptop.folder.database, vault_key, slots.database_salt)
        return b"\n".join([whole, spooled(self.laptop.folder.spool, vault_key), *self._bodies(vault_key)])

    def _bodies(self, vault_key: bytes) -> Iterator[bytes]:
        """Yield the bodies of all commits, those sealed to the site opened with its identity key."""
        log = self.log(STANDARD, vault_key)
        try:
            identity = log.setting("identity_key")
            assert identity is not None
            for commit in log.commits():
                assert commit.parsed.shelf == STANDARD
                try:
                    yield encode(ledger.open_body(commit, bytes.fromhex(identity)))
                except SealedAwayError:
                    yield commit.payload
        finally:
            log.close()

    def log(self, shelf: str, key: bytes) -> SqlcipherLog:
        slots, *_ = keys_of(self.laptop, self.users[ASSESSOR])
        folder, salt = (
            (self.laptop.folder, slots.database_salt)
            if shelf == STANDARD
            else (self.laptop.folder.unblinding, slots.unblinding_salt)
        )
        return SqlcipherLog.open(folder.database, database_key(key), salt)

    def unblinding(self) -> bytes:
        """Return the key that the blinded account has not."""
        _, _, key = keys_of(self.laptop, self.users[COORDINATOR])
        assert key is not None
        return key

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nothing that the blinded account opens may hold."""
        return (*self.canaries.values(), *WORDS.values(), *TOLD_BY_FORMS)


# -- telling --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Tell everything once."""
    folder = tmp_path_factory.mktemp("blinding")
    with ServerProcess(folder / "server") as server:
        users = {role: server.add_user(f"Person {turn}", role)[0] for turn, role in enumerate(ROLES)}
        network = ListenedNetwork()
        laptop = Laptop(folder / "one", design(), network, kdf=CHEAP_KDF)
        code = laptop.enrol(
            server.enrolment_code(), server.url, server.personal_code(users[COORDINATOR]), "Ward", PASSPHRASE
        )
        laptop.test_recovery(code)
        told = Site(folder, server, laptop, network, users)
        for role in ROLES[1:]:
            with told.session(COORDINATOR) as session:
                session.add_person(server.personal_code(users[role]), PASSPHRASE)
        coin, name = random.Random(SEED), random.Random(SEED + 1)
        with told.session(COORDINATOR, "adds the subjects") as session:
            for _ in range(SUBJECTS):
                subject = session.add_subject().subject
                told.subjects.append(subject)
                told.arms[subject] = coin.choice(("EVT", "BMM"))
                told.canaries[subject] = f"zq{name.randbytes(6).hex()}"
        assert set(told.arms.values()) == {"EVT", "BMM"}
        _enter(told)
        _assess(told, "first")
        _correct(told)
        _oversee(told)
        _assess(told, "second")
        yield told


def _at(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M +00:00")


def _said(site: Site, subject: SubjectId, what: str) -> str:
    return f"{site.canaries[subject]} {what} {WORDS[site.arms[subject]]}"


def _enter(site: Site) -> None:
    with site.session(COORDINATOR, "enters") as session:
        for turn, subject in enumerate(site.subjects):
            book = Book(design(), subject, session.site)
            book.enter(
                session,
                {"F.RND": {"RANDDTM": _at(30), "RANDNO": site.canaries[subject], "RANDARM": site.arms[subject]}},
            )
            if site.arms[subject] == "EVT":
                book.enter(session, {"F.EVT": {"EVTDONE": "Y", "OPERID": site.canaries[subject], "ANESTH": "LOCAL"}})
            book.enter(
                session,
                {
                    "F.BMM@SE.V1": {"BMMPHYS": site.canaries[subject]},
                    "F.AE": {"AEYN": "Y", "AETERM": _said(site, subject, "headache")},
                    "F.NIHSS@SE.V2": {"NIHRATER": site.canaries[subject]},
                    "F.CONTACT": {"NAME": f"Participant {turn}"},
                },
            )
            if turn % 3 == 0:
                book.enter(session, {"F.DTH": {"DTHDTM": _at(2), "DTHNARR": _said(site, subject, "died")}})
            half = book.path(session, "F.BMM@SE.V1", "BMMPHYS")
            session.set_aside(book.key(session, "F.BMM@SE.V1"), half, _said(site, subject, "half typed"))
    with site.session(INVESTIGATOR, "records a deviation") as session:
        for subject in site.subjects:
            Book(design(), subject, session.site).enter(session, {"F.DV": {"DVTERM": _said(site, subject, "late")}})
        session.staff.unblind(
            site.subjects[0],
            None,
            _said(site, site.subjects[0], "asked"),
            PASSPHRASE,
            UserId(site.users[PRINCIPAL]),
            PASSPHRASE,
        )


def _assess(site: Site, which: str) -> None:
    with site.session(ASSESSOR, f"assesses, {which}") as session:
        for subject in site.subjects:
            book = Book(design(), subject, session.site)
            visit = "SE.V6" if which == "first" else "SE.V7"
            book.enter(session, {f"F.B90@{visit}": {"ASSID": "B01", "MODE": "PHONE"}})


def _correct(site: Site) -> None:
    with site.session(COORDINATOR, "corrects") as session:
        for subject in site.subjects:
            book = Book(design(), subject, session.site)
            book.enter(session, {"F.RND": {"RANDDTM": _at(29)}}, _said(site, subject, "misread"))
        site.exported = site.folder / "export"
        session.export(str(site.exported), ExportFormat.CSV.value)
        session.screening_log()
        session.audit.paper(AuditQuestion(subject=site.subjects[0]))


def _oversee(site: Site) -> None:
    with site.session(MONITOR, "asks") as session:
        for subject in site.subjects:
            book = Book(design(), subject, session.site)
            key = book.key(session, "F.RND")
            session.oversight.raise_query(
                of_item(key, book.path(session, "F.RND", "RANDDTM")), _said(site, subject, "why")
            )
            session.oversight.raise_query(of_form(book.key(session, "F.BMM@SE.V1")), _said(site, subject, "what of"))
            session.oversight.raise_query(of_subject(subject), _said(site, subject, "all of"))
    with site.session(INVESTIGATOR, "signs") as session:
        for subject in site.subjects:
            paper = next(one for one in session.papers(subject) if one.kind == "visit")
            session.sign_paper(subject, paper, PASSPHRASE, "review")
    with site.session(COORDINATOR, "answers") as session:
        for line in session.oversight.queries().lines:
            if line.may_answer:
                session.oversight.answer(line.id, f"{site.canaries[SubjectId(line.scope.subject)]} as told")
    with site.session(MANAGER, "locks") as session:
        for subject in site.subjects:
            session.oversight.set_flag(Act.LOCK, of_subject(subject), _said(site, subject, "done"))
        for subject in site.subjects:
            session.oversight.set_flag(Act.UNLOCK, of_subject(subject), _said(site, subject, "not done"))


# -- 1. what the account opens -----------------------------------------------------------------------------------------


def test_nothing_of_any_arm_is_in_what_the_blinded_account_opens_after_any_session(site: Site) -> None:
    assert len(site.held) >= 9
    for when, held in site.held.items():
        assert found_in(held, site.secrets) == set(), when


def test_the_same_search_finds_all_of_it_in_the_other_shelf(site: Site) -> None:
    key = site.unblinding()
    slots, *_ = keys_of(site.laptop, site.users[COORDINATOR])
    there = dump(site.laptop.folder.unblinding.database, key, slots.unblinding_salt)
    there += spooled(site.laptop.folder.unblinding.spool, key)
    assert found_in(there, site.secrets) == set(site.secrets)


def test_what_is_on_the_list_is_there(site: Site) -> None:
    held = site.opened()
    assert held.count(b"RANDDTM") >= 2 * SUBJECTS
    assert b"F.B90" in held
    assert b"Participant 0" in held


def test_no_commit_of_the_other_shelf_is_named_in_the_open_one(site: Site) -> None:
    held = site.opened()
    log = site.log(UNBLINDING, site.unblinding())
    try:
        commits = list(log.commits())
        assert len(commits) > 10 * SUBJECTS
        chains = {(one.parsed.device, one.parsed.epoch) for one in commits}
        for commit in commits:
            assert commit.id.encode() not in held
            assert bytes.fromhex(commit.id) not in held
        assert not [epoch for _, epoch in chains if epoch.encode() in held]
    finally:
        log.close()


def test_reasons_for_a_disclosed_change_are_codes(site: Site) -> None:
    """Every subject has as many open entries, of the same form and with the same reason, whatever its arm."""
    slots, vault_key, _ = keys_of(site.laptop, site.users[ASSESSOR])
    rows = rows_of(site.laptop.folder.database, vault_key, slots.database_salt)["commit_"]
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for row in rows:
        if isinstance(row[8], str):
            kinds.setdefault(row[8], []).append((row[6], row[7]))
    assert set(site.subjects) <= set(kinds)
    assert len({tuple(kinds[subject]) for subject in site.subjects}) == 1


def test_files_and_names_beside_the_shelves_say_nothing(site: Site) -> None:
    for name, data in files_of(site.laptop.folder.path).items():
        if "ballast" not in name:
            assert found_in(data + name.encode(), site.secrets[: SUBJECTS + 2]) == set(), name
    assert {Path(name).parts[0] for name in files_of(site.laptop.folder.path)} <= {
        "casebook.db",
        "casebook.db-wal",
        "casebook.db-shm",
        "spool",
        "unblinding",
        "keyslots.json",
        "keyslots.json.bak",
        "attempts.json",
        "ballast",
        "ballast-for-lock",
        "lock",
        "study-authority.der",
        "preferences.json",
    }


def test_a_lock_of_a_casebook_says_why_to_those_only_who_may_know(site: Site) -> None:
    subject = site.subjects[1]
    with site.session(INVESTIGATOR) as session:
        trail = "\n".join(row.sentence("en") + row.why("en") for row in session.audit.page(AuditQuestion()).rows)
    assert _said(site, subject, "not done") in trail
    assert b'"OTHER"' in site.opened()


# -- 2. the wire -------------------------------------------------------------------------------------------------------


def test_the_server_answers_a_blinded_session_with_nothing_of_any_arm(site: Site) -> None:
    blinded = [wire for who, wire in site.wires if who == ASSESSOR]
    in_clear = _in_clear(site.wires)
    unblinded = b"".join(text for who, text in in_clear if who == COORDINATOR)
    assert all(len(wire.answered) > 60 for wire in blinded)
    for wire in blinded:
        assert found_in(bytes(wire.answered + wire.sent), site.secrets) == set()
    for text in (text for who, text in in_clear if who == ASSESSOR):
        assert found_in(text, site.secrets) == set()
    assert set(site.canaries.values()) <= found_in(unblinded, site.secrets)


def _in_clear(wires: Iterable[tuple[str, Wire]]) -> list[tuple[str, bytes]]:
    """Return what each session's wire carried, every frame unpacked by the protocol's own rules."""
    known: dict[bytes, SealedCommit] = {}
    read: list[tuple[str, bytes]] = []
    for who, wire in wires:
        text = bytearray(wire.sent + wire.answered)
        for way in (wire.sent, wire.answered):
            for frame in FrameParser().feed(bytes(way)):
                text += frame.body
                for commit in unpack_commits(frame.body, known.get) if frame.type is FrameType.COMMITS else ():
                    known[tag_of(commit)] = commit
                    text += commit.header + commit.payload
        read.append((who, bytes(text)))
    return read


def _facts(site: Site) -> dict[str, str]:
    _, vault_key, _ = keys_of(site.laptop, site.users[ASSESSOR])
    log = site.log(STANDARD, vault_key)
    try:
        text = log.setting("laptop")
        assert text is not None
        return {name: str(value) for name, value in decode_object(text.encode()).items()}
    finally:
        log.close()


def _ask(site: Site, frames: bytes) -> bytes:
    facts = _facts(site)
    with HttpPeer(facts["url"], base64.b64decode(facts["ca"])) as peer:
        way: SyncPeer = peer
        return b"".join(way.send([frames]))


def _refusal(site: Site, frames: bytes) -> str:
    with pytest.raises(CasebookError) as refused:
        _ask(site, frames)
    assert isinstance(refused.value, NotPermittedError)
    return str(refused.value)


def _asking(site: Site, user: str, named: SigningKey | None, signs: SigningKey | None) -> bytes:
    facts = _facts(site)
    opening = Open(
        study=facts["st"],
        device=DeviceId(facts["d"]),
        app_version="1",
        nonce=random.Random(f"{user} {named} {signs}").randbytes(16).hex(),
        chains=(),
        shelf=UNBLINDING,
        user=user,
        person_key=key_id(named.public) if named is not None else "",
    )
    body = messages.write_open(opening, SigningKey(base64.b64decode(facts["sk"])), signs)
    return write_frame(FrameType.OPEN, body) + write_frame(FrameType.END, messages.write_end(End(commits=0)))


def test_the_other_shelf_is_refused_to_the_laptop_and_to_the_blinded_person_in_the_same_words(site: Site) -> None:
    slots, *_ = keys_of(site.laptop, site.users[ASSESSOR])
    mine = PersonKeys.read(slots.unlock(UserId(site.users[ASSESSOR]), PASSPHRASE)).signer
    theirs = PersonKeys.read(slots.unlock(UserId(site.users[COORDINATOR]), PASSPHRASE)).signer
    said = {
        _refusal(site, _asking(site, "", None, None)),
        _refusal(site, _asking(site, site.users[ASSESSOR], mine, mine)),
        _refusal(site, _asking(site, site.users[COORDINATOR], mine, mine)),
        _refusal(site, _asking(site, site.users[COORDINATOR], theirs, mine)),
        _refusal(site, _asking(site, site.users[COORDINATOR], theirs, None)),
        _refusal(site, _asking(site, "nobody", SigningKey.generate(), mine)),
    }
    assert len(said) == 1
    answer = Wire(answered=bytearray(_ask(site, _asking(site, site.users[COORDINATOR], theirs, theirs))))
    ((_, told),) = _in_clear([(COORDINATOR, answer)])
    assert found_in(told, site.secrets), "it can be had"


def test_a_colleagues_opening_that_was_heard_opens_nothing_again(site: Site) -> None:
    wire = next(wire for who, wire in site.wires if who == COORDINATOR)
    parser = FrameParser()
    openings = [
        frame.body
        for frame in parser.feed(bytes(wire.sent))
        if frame.type is FrameType.BRIEF and read_brief(frame.body).shelf == UNBLINDING
    ]
    assert openings
    end = write_frame(FrameType.END, messages.write_end(End(commits=0)))
    for body in openings:
        assert _refusal(site, write_frame(FrameType.BRIEF, body) + end)


def test_a_person_field_that_was_changed_after_signing_is_refused(site: Site) -> None:
    slots, *_ = keys_of(site.laptop, site.users[COORDINATOR])
    theirs = PersonKeys.read(slots.unlock(UserId(site.users[COORDINATOR]), PASSPHRASE)).signer
    mine = PersonKeys.read(slots.unlock(UserId(site.users[ASSESSOR]), PASSPHRASE)).signer
    assert _refusal(site, _asking(site, site.users[MONITOR], theirs, theirs))
    assert _refusal(site, _asking(site, site.users[MANAGER], mine, theirs))


# -- 4. what is shown -------------------------------------------------------------------------------------------------


def test_audit_trail_papers_and_refusals_of_a_blinded_session_tell_nothing(site: Site) -> None:
    shown: list[str] = []
    with site.session(ASSESSOR) as session:
        assert session.blinded
        for subject in (None, *site.subjects):
            view = session.audit.page(AuditQuestion(subject=subject))
            assert view.count > 0
            for row in view.rows:
                shown += [text(one) for text in (row.sentence, row.why, row.where) for one in ("en", "zh")] + [
                    repr(row)
                ]
        shown += [words_of(session.audit.paper(AuditQuestion(subject=one))) for one in (None, site.subjects[0])]
        shown.append(words_of(session.staff.delegation_paper()))
        for subject in site.subjects:
            for item in session.papers(subject):
                pdf = session.paper(subject, item)
                assert found_in(pdf, site.secrets[: SUBJECTS + 2]) == set()
                shown.append(words_of(pdf))
            shown.append(repr(session.casebook(subject)))
            shown.append(repr(session.oversight.of_subject(subject)))
        shown += [repr(session.subjects()), repr(session.oversight.queries()), repr(session.oversight.held())]
        shown += [repr(session.sync_view()), repr(session.site_forms()), repr(session.staff.view())]
        refused: tuple[Callable[[], object], ...] = (
            session.screening_log,
            lambda: session.export(str(site.folder / "mine"), ExportFormat.CSV.value),
        )
        for act in refused:
            with pytest.raises(CasebookError) as error:
                act()
            shown.append(str(error.value))
        with pytest.raises(NotForBlindedError):
            session.screening_log()
    assert not (site.folder / "mine").exists()
    assert found_in("\n".join(shown).encode(), site.secrets[: SUBJECTS + 2]) == set()


def test_no_page_of_a_blinded_persons_window_says_an_arm(site: Site, qapp: QApplication) -> None:
    hands = Hands(qapp, site.laptop)
    try:
        people = hands.find("unlock_people")
        assert isinstance(people, QListWidget)
        mine = next(
            row for row in range(people.count()) if f"Person {ROLES.index(ASSESSOR)}" in people.item(row).text()
        )
        people.setCurrentRow(mine)
        hands.type("unlock_passphrase", PASSPHRASE)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        said = set(_texts(hands))
        for key in (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_5, Qt.Key.Key_6, Qt.Key.Key_7, Qt.Key.Key_8):
            hands.control(key)
            hands.settle()
            said |= set(_texts(hands))
        hands.open_first_subject()
        said |= set(_texts(hands))
        hands.open_form("SE.V7", "F.B90")
        said |= set(_texts(hands))
        hands.back()
        hands.control(Qt.Key.Key_2)
        hands.settle()
        for canary in (*site.canaries.values(), "thrombectomy", "EVT"):
            hands.find("subjects_search").setFocus()
            hands.control(Qt.Key.Key_A)
            hands.write(canary)
            hands.settle()
            said |= {one for one in _texts(hands) if canary not in one}  # but for what was typed just now
            assert not hands.shows("subjects_table"), "nobody is found by it"
        hands.control(Qt.Key.Key_A)
        hands.write("A001")
        hands.settle()
        assert hands.shows("subjects_table"), "the search finds what is to be found"
    finally:
        hands.close()
    assert len(said) > 100
    assert found_in("\n".join(said).encode(), site.secrets[: SUBJECTS + 2]) == set()


def _texts(hands: Hands) -> Iterator[str]:
    """Yield every text of every widget that the window has, shown or not, and what screen readers are told."""
    for widget in (hands.window, *hands.window.findChildren(QWidget)):
        yield from (widget.windowTitle(), widget.accessibleName(), widget.accessibleDescription(), widget.toolTip())
        yield from (str(widget.property(name) or "") for name in ("text", "plainText", "title", "placeholderText"))
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(place) for place in range(widget.count()))
