"""A blinded colleague who writes into the laptop's files gets nothing of what could tell a treatment.

They hold the vault key, so they can write whatever they like into the standard shelf, into the key slots and into
the study definition. What they wait for is that somebody unblinded signs in and hands them something.
"""

import base64
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from casebook import ledger
from casebook.canonical import decode_object, encode
from casebook.clock import system_clock
from casebook.crypto import SealingKey, SigningKey
from casebook.design import Blinding, StudyDesign
from casebook.errors import BlindingDroppedError, CasebookError, TamperedStoreError
from casebook.ids import DeviceId, UserId, new_epoch
from casebook.ledger import ChainHead, CommitDraft, Sealer
from casebook.store.commit_log import SqlcipherLog
from casebook.store.sidecar import SidecarFiles
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY
from casebook.store.slots import KeySlots, VaultPerson, database_key, spool_key
from casebook.store.spool import Spool
from casebook.sync import trust
from casebook.sync.trust import PersonKey, ServerIdentity, StaffMember
from desktop_app.vault import Laptop
from tests.desktop_app.places import Book
from tests.desktop_app.test_shelves import enter_much, held_by_blinded, keys_of
from tests.laptops import CHEAP_KDF, PASSPHRASE, SITE, Ward, design, sync

CANARY = "canary-7f3a"
BLIND, COORDINATOR, WAITING = UserId("assessor"), UserId("coordinator"), UserId("investigator")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


@pytest.fixture
def laptop(ward: Ward) -> Laptop:
    """A laptop with something on its unblinding shelf, in step with the server."""
    laptop = ward.enrolled("one", "coordinator", "assessor")
    with ward.session(laptop) as session:
        enter_much(session)
        sync(laptop, session)
    return laptop


class Forger:
    """Writes into a laptop's files with what a blinded account opens."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self.slots, self.vault_key, nothing = keys_of(laptop, BLIND)
        assert nothing is None
        self.signing = SigningKey.generate()

    def log(self) -> SqlcipherLog:
        return SqlcipherLog.open(self.laptop.folder.database, database_key(self.vault_key), self.slots.database_salt)

    def facts(self) -> dict[str, str]:
        log = self.log()
        try:
            text = log.setting("laptop")
        finally:
            log.close()
        assert text is not None
        return {name: str(value) for name, value in decode_object(text.encode()).items()}

    def write_facts(self, **changed: str) -> None:
        """Write other facts of the laptop into both copies."""
        text = encode(dict(self.facts() | changed)).decode()
        log, spool = self.log(), Spool.open(self.laptop.folder.spool, spool_key(self.vault_key))
        try:
            log.set_setting("laptop", text)
            spool.set_setting("laptop", text)
        finally:
            log.close()
            spool.close()

    def state(self, *drafts: CommitDraft) -> None:
        """Put statements into the standard shelf that look like the server's and are signed by somebody else."""
        server = DeviceId(self.facts()["sd"])
        log = self.log()
        try:
            head = next(
                (one for one in log.heads() if one.device == server),
                ChainHead(device=server, epoch=new_epoch(os.urandom), sequence=0, id=None),
            )
            sealer = Sealer(
                study=design().code, site=SITE, app_version="1", signer=self.signing, random_bytes=os.urandom
            )
            for draft in drafts:
                commit = ledger.seal(draft, after=head, sealer=sealer, moment=system_clock())
                assert log.append([commit]) == 1
                head = ledger.head_after(commit)
        finally:
            log.close()

    def say_that(self, user: UserId, role: str) -> None:
        """State an account anew, with every compartment."""
        member = StaffMember(user=user, name=str(user), role=role, site=SITE, sees="SIU")
        self.state(trust.user_statement(member, 99))

    def opens(self, user: UserId = BLIND) -> tuple[bytes | None, bytes | None]:
        """Return the unblinding key that a person's slot gives: held, and offered."""
        slots = KeySlots.open(self.laptop.folder.path, CHEAP_KDF)
        unlocked = slots.unlock(user, PASSPHRASE)
        return unlocked.unblinding_key, unlocked.offer.key if unlocked.offer is not None else None


def work(ward: Ward, laptop: Laptop, user: UserId = COORDINATOR, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Sign in as somebody unblinded, enter something and synchronise: whatever is handed over is handed over then.

    Args:
        meanwhile: What the forger writes while the session is open; it was looked at when that began.
    """
    with ward.session(laptop, user) as session:
        meanwhile()
        book = Book(session.design, session.add_subject().subject, SITE)
        book.enter(session, {"F.AE": {"AETERM": f"{CANARY} later"}})
        sync(laptop, session)


# -- statements --------------------------------------------------------------------------------------------------


def test_a_forged_account_that_sees_everything_is_handed_nothing(ward: Ward, laptop: Laptop) -> None:
    forger = Forger(laptop)
    work(ward, laptop, meanwhile=lambda: forger.say_that(BLIND, "ROLE.COORDINATOR"))
    assert forger.opens() == (None, None)
    assert CANARY.encode() not in held_by_blinded(laptop)
    for user in (COORDINATOR, BLIND):  # and the next sign-in tells that somebody wrote there
        with pytest.raises(TamperedStoreError):
            laptop.unlock(user, PASSPHRASE)


def test_the_same_word_of_the_server_itself_hands_the_key_over(ward: Ward, laptop: Laptop) -> None:
    """What the forger tried is what a study does when somebody's role changes: the test above can fail."""
    role = next(one for one in design().roles if one.oid == "ROLE.COORDINATOR")
    member = StaffMember(user=BLIND, name="Assessor D", role=role.oid, site=SITE, sees=role.sees)
    ward.network.state(trust.user_statement(member, 99))
    work(ward, laptop)
    with ward.session(laptop) as session:
        sync(laptop, session)
    held, offered = Forger(laptop).opens()
    assert (held or offered) == keys_of(laptop, COORDINATOR)[2]


def test_own_keys_in_a_colleagues_slot_are_handed_nothing(ward: Ward, laptop: Laptop) -> None:
    """The colleague was let in by the blinded one, and waits for the key; their slot and certificate are forged."""
    with ward.session(laptop, BLIND) as session:
        session.add_person(ward.network.personal_code(WAITING), PASSPHRASE)
        sync(laptop, session)
    forger, mine = Forger(laptop), SealingKey.generate()
    forger.slots.add_person(
        forger.vault_key,
        VaultPerson(user=WAITING, name="Investigator B", roles=("ROLE.INVESTIGATOR",)),
        PASSPHRASE,
        b"{}",
        sealing=mine,
        replace_slot=True,
    )
    forged = PersonKey(
        user=WAITING,
        device=DeviceId(forger.facts()["d"]),
        signing=SigningKey.generate().public,
        certificate=b"",
        sealing=mine.public,
    )
    work(ward, laptop, meanwhile=lambda: forger.state(trust.person_statement(forged, SITE)))
    assert forger.opens(WAITING) == (None, None)


def test_a_key_of_the_forgers_own_is_not_taken_for_the_colleagues(ward: Ward) -> None:
    """An offer that somebody blinded made: taken, the colleague's work would lie under a key that they know."""
    laptop = ward.enrolled("one", "assessor", "investigator")
    forger = Forger(laptop)
    device = DeviceId(forger.facts()["d"])
    known = forger.slots.make_unblinding_key(forger.slots.unlock(BLIND, PASSPHRASE)).unblinding_key
    assert known is not None
    giver = PersonKey(user=COORDINATOR, device=device, signing=forger.signing.public, certificate=b"", sealing=b"")
    forger.state(trust.person_statement(giver, SITE))
    waiting = next(one for one in forger.slots.people() if one.user == WAITING)
    log = forger.log()
    try:
        directory = trust.Directory(_server(forger))
        directory.refresh(log)
        certified = directory.person_key(waiting.user, device)
    finally:
        log.close()
    assert certified is not None
    forger.slots.grant_unblinding(
        forger.vault_key, known, WAITING, certified.sealing, by=COORDINATOR, signer=forger.signing
    )
    with pytest.raises(TamperedStoreError):
        laptop.unlock(WAITING, PASSPHRASE)
    assert forger.opens(WAITING)[0] is None


def _server(forger: Forger) -> ServerIdentity:
    facts = forger.facts()
    return ServerIdentity(
        device=DeviceId(facts["sd"]), signing=base64.b64decode(facts["ss"]), receipts=base64.b64decode(facts["sr"])
    )


# -- the server that is written down on the laptop ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sd", "ss", "sr", "ca", "d", "si"])
def test_a_laptop_that_was_turned_to_another_server_opens_for_nobody(ward: Ward, laptop: Laptop, name: str) -> None:
    forger = Forger(laptop)
    facts = forger.facts()
    other = {"sd": facts["d"], "d": facts["sd"], "si": "002"}.get(name, base64.b64encode(os.urandom(32)).decode())
    forger.write_facts(**{name: other})
    for user in (COORDINATOR, BLIND):
        with pytest.raises(TamperedStoreError):
            laptop.unlock(user, PASSPHRASE)
    forger.write_facts(**{name: facts[name]})
    work(ward, laptop)  # nothing was lost


def test_own_statements_under_an_own_server_key_hand_over_nothing(laptop: Laptop) -> None:
    forger = Forger(laptop)
    forger.write_facts(ss=base64.b64encode(forger.signing.public).decode())
    forger.say_that(BLIND, "ROLE.COORDINATOR")
    with pytest.raises(TamperedStoreError):
        laptop.unlock(COORDINATOR, PASSPHRASE)
    assert forger.opens() == (None, None)


# -- the key slots ---------------------------------------------------------------------------------------------------


def _sidecar(laptop: Laptop) -> dict[str, bytes]:
    return {name: (laptop.folder.path / name).read_bytes() for name in (SIDECAR, SIDECAR_COPY)}


def test_an_older_key_file_gives_a_blinded_account_nothing_and_takes_nothing_away(ward: Ward, laptop: Laptop) -> None:
    before = _sidecar(laptop)
    ward.join(laptop, "investigator")
    work(ward, laptop, WAITING)
    for name, content in before.items():
        (laptop.folder.path / name).write_bytes(content)
    assert Forger(laptop).opens() == (None, None)
    work(ward, laptop)
    assert Forger(laptop).opens() == (None, None)


def test_another_role_in_the_key_file_opens_nothing(ward: Ward, laptop: Laptop) -> None:
    forger = Forger(laptop)
    unlocked = forger.slots.unlock(BLIND, PASSPHRASE)
    forger.slots.add_person(
        forger.vault_key,
        VaultPerson(user=BLIND, name="Assessor D", roles=("ROLE.COORDINATOR",)),
        PASSPHRASE,
        unlocked.private,
        sealing=unlocked.sealing,
        replace_slot=True,
    )
    with ward.session(laptop, BLIND) as session:
        assert session.blinded
    work(ward, laptop)
    assert forger.opens() == (None, None)


def test_a_colleagues_grant_does_not_open_in_another_slot(laptop: Laptop) -> None:
    forger = Forger(laptop)
    files = SidecarFiles.read(laptop.folder.path)
    (current, *_) = files.versions
    theirs, mine = current.of_person(COORDINATOR), current.of_person(BLIND)
    assert theirs is not None
    assert mine is not None
    grant = replace(mine, unblinding_grant=theirs.unblinding_grant, unblinding_code=theirs.unblinding_code)
    files.settle(current, forger.vault_key)
    files.write(forger.vault_key, current.having(grant))
    with pytest.raises(CasebookError):
        forger.opens()


# -- the study definition ----------------------------------------------------------------------------------------------


Change = Callable[[Blinding], Blinding | None]


def _changed(ward: Ward, change: Change) -> Laptop:
    blinding = design().blinding
    assert blinding is not None
    other: StudyDesign = replace(design(), blinding=change(blinding))
    return Laptop(ward.folder / "one", other, ward.network, kdf=CHEAP_KDF, clock=ward.clock)


def test_a_study_definition_that_blinds_nobody_is_refused(ward: Ward, laptop: Laptop) -> None:
    other = _changed(ward, lambda _: None)
    with pytest.raises(BlindingDroppedError):
        other.unlock(COORDINATOR, PASSPHRASE)
    with pytest.raises(BlindingDroppedError):
        other.unlock(BLIND, PASSPHRASE)
    work(ward, laptop)
    assert CANARY.encode() not in held_by_blinded(laptop)


def test_it_is_refused_to_a_colleague_without_the_key_too(ward: Ward, laptop: Laptop) -> None:
    with ward.session(laptop, BLIND) as session:
        session.add_person(ward.network.personal_code(WAITING), PASSPHRASE)
        sync(laptop, session)
    with pytest.raises(BlindingDroppedError):
        _changed(ward, lambda _: None).unlock(WAITING, PASSPHRASE)


@pytest.mark.usefixtures("laptop")
@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, forms=one.forms | {"F.AE", "F.EVT", "F.RND"}),
        lambda one: replace(one, items=one.items | {"F.RND:RANDARM", "F.AE:AETERM"}),
    ],
    ids=["forms", "items"],
)
def test_a_study_definition_that_shows_more_shows_no_more(ward: Ward, change: Change) -> None:
    other = _changed(ward, change)
    with ward.session(other) as session:
        assert session.notice is not None
        assert "more than it did" in session.notice("en")
        subject = session.add_subject().subject
        book = Book(session.design, subject, SITE)
        book.enter(
            session,
            {
                "F.RND": {"RANDDTM": "2026-03-01T09:30+08:00", "RANDNO": CANARY, "RANDARM": "BMM"},
                "F.AE": {"AETERM": f"{CANARY} later"},
            },
        )
        sync(other, session)
    held = held_by_blinded(other)
    for secret in (CANARY, '"BMM"', "RANDARM", "F.AE"):
        assert secret.encode() not in held, secret
    assert b"RANDDTM" in held


@pytest.mark.usefixtures("laptop")
def test_a_role_that_was_blinded_stays_so_whatever_the_definition_says(ward: Ward) -> None:
    roles = tuple(replace(role, sees_unblinding=True) for role in design().roles)
    other = Laptop(ward.folder / "one", replace(design(), roles=roles), ward.network, kdf=CHEAP_KDF, clock=ward.clock)
    work(ward, other)
    assert Forger(other).opens() == (None, None)
    with ward.session(other, BLIND) as session:
        assert not [row for row in session.subjects() if row.forms_started > 1]
        assert session.blinded
    assert Forger(other).opens() == (None, None)


def test_a_whole_folder_from_before_gives_nothing(ward: Ward, laptop: Laptop) -> None:
    kept = ward.folder / "kept"
    shutil.copytree(laptop.folder.path, kept)
    work(ward, laptop)
    shutil.rmtree(laptop.folder.path)
    shutil.copytree(kept, laptop.folder.path)
    with ward.session(laptop, BLIND) as session:
        sync(laptop, session)
        assert session.blinded
    assert Forger(laptop).opens() == (None, None)
    assert CANARY.encode() not in held_by_blinded(laptop)
