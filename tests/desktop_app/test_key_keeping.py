"""What keeps a laptop's keys: cost of a guess, custodians, the word of the server, and what goes at a removal."""

import io
import random
from dataclasses import replace
from pathlib import Path

import pytest

from casebook import ledger
from casebook.crypto import KdfParameters, KdfPolicy, SealingKey, SigningKey
from casebook.errors import LaptopNotEnrolledError, TamperedStoreError, WrongPassphraseError, WrongRecoveryCodeError
from casebook.ids import UserId, new_epoch
from casebook.ledger import ChainHead, Sealer
from casebook.store.escrow import make_site_code, open_escrow
from casebook.store.healing import OpenStore, open_store
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY, read_sidecar
from casebook.store.slots import KeySlots, VaultPerson
from casebook.sync import trust
from desktop_app.audit_snapshots import AuditKind, AuditQuestion
from desktop_app.laptop_facts import LAPTOP, LaptopFacts
from desktop_app.session import Session
from desktop_app.vault import Laptop
from desktop_app.verify_command import run_verify
from tests.laptops import CHEAP_KDF, PASSPHRASE, SITE, URL, Ward, design, sync

COORDINATOR, INVESTIGATOR = UserId("coordinator"), UserId("investigator")


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path)


def slots_of(laptop: Laptop) -> KeySlots:
    return KeySlots.open(laptop.folder.path, CHEAP_KDF)


def opened(laptop: Laptop, user: UserId = COORDINATOR) -> OpenStore:
    """Open the standard shelf as anybody can who holds the vault key."""
    slots = slots_of(laptop)
    return open_store(laptop.folder, slots.unlock(user, PASSPHRASE).vault_key, slots.database_salt)


def trail(session: Session) -> list[str]:
    return [row.sentence("en") for row in session.audit.page(AuditQuestion(kind=AuditKind.SECURITY)).rows]


def test_cost_is_measured_at_enrolment_and_new_slots_have_it(ward: Ward) -> None:
    measured = KdfParameters(memory_kib=128, passes=2, lanes=1)
    policy = KdfPolicy(chosen=CHEAP_KDF.chosen, floor=CHEAP_KDF.floor, ceiling=measured)
    network = ward.network
    laptop = Laptop(ward.folder / "one", design(), network, kdf=policy, clock=ward.clock, measure=lambda _: measured)
    code = laptop.enrol(network.enrolment_code(), URL, network.personal_code("coordinator"), "Ward", PASSPHRASE)
    laptop.test_recovery(code)
    ward.join(laptop, "investigator")
    sidecar = read_sidecar(laptop.folder.sidecar_bytes())
    assert sidecar is not None
    assert [slot.cost for slot in sidecar.slots if slot.person] == [measured, measured]


def test_nothing_of_a_session_stays_in_the_laptop(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop):
        laptop.synchroniser()
    with pytest.raises(LaptopNotEnrolledError):
        laptop.synchroniser()


def test_wrong_passphrases_are_in_the_trail_of_whoever_signs_in_next(ward: Ward) -> None:
    laptop = ward.enrolled()
    for _ in range(2):
        with pytest.raises(WrongPassphraseError):
            laptop.unlock(INVESTIGATOR, "not theirs")
    with ward.session(laptop) as session:
        assert "A wrong passphrase was typed (times: 2; person: Investigator B)." in trail(session)
    with ward.session(laptop, "investigator") as session:
        assert sum("wrong passphrase" in one for one in trail(session)) == 1


def test_both_envelopes_stand_when_the_recovery_code_is_shown(ward: Ward) -> None:
    network = ward.network
    laptop = ward.laptop("one")
    laptop.enrol(network.enrolment_code(), URL, network.personal_code("coordinator"), "Ward", PASSPHRASE)
    data, unblinding = network.custodians
    keys = slots_of(laptop).unlock(COORDINATOR, PASSPHRASE)
    assert open_escrow(laptop.folder.sidecar_bytes(), data).vault_key == keys.vault_key
    assert open_escrow(laptop.folder.sidecar_bytes(), unblinding).unblinding_key == keys.unblinding_key
    with ward.session(laptop) as session:
        assert "The keys of this laptop were sealed to the study's custodians." in trail(session)


def test_unblinding_key_made_later_is_sealed_to_its_custodian(ward: Ward) -> None:
    laptop = ward.enrolled("one", "assessor", "coordinator")
    with ward.session(laptop):
        key = slots_of(laptop).unlock(COORDINATOR, PASSPHRASE).unblinding_key
    assert open_escrow(laptop.folder.sidecar_bytes(), ward.network.custodians[1]).unblinding_key == key is not None


def test_custodian_that_somebody_put_into_the_file_goes_at_the_next_sign_in(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    own = SealingKey.generate()
    slots = slots_of(laptop)
    slots.set_escrow(slots.unlock(UserId("assessor"), PASSPHRASE).vault_key, own.public)
    with ward.session(laptop):
        pass
    assert slots_of(laptop).is_sealed_to(ward.network.custodians[0].public)
    assert not slots_of(laptop).has_escrow(own.public)


def test_other_server_in_the_record_is_refused(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    store = opened(laptop, UserId("assessor"))
    facts = LaptopFacts.read(store.log.settings()[LAPTOP])
    server = replace(facts.place.identity, signing=SigningKey.generate().public)
    forged = replace(facts, place=replace(facts.place, identity=server)).text()
    for part in (store.spool, store.log):
        part.set_setting(LAPTOP, forged)
    store.close()
    with pytest.raises(TamperedStoreError, match="another server"):
        laptop.unlock(COORDINATOR, PASSPHRASE)


def test_custodians_that_the_server_never_named_are_refused(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    server, own = ward.network.identity, SealingKey.generate().public
    randomly = random.Random(5).randbytes
    sealer = Sealer(study=design().code, site=SITE, app_version="", signer=SigningKey.generate(), random_bytes=randomly)
    head = ChainHead(device=server.device, epoch=new_epoch(randomly), sequence=0, id=None)
    lie = ledger.seal(trust.custodians_statement(SITE, (own, own)), after=head, sealer=sealer, moment=ward.clock())
    store = opened(laptop, UserId("assessor"))
    store.log.append([lie])
    store.close()
    with pytest.raises(TamperedStoreError, match="server's name"):
        laptop.unlock(COORDINATOR, PASSPHRASE)
    assert not slots_of(laptop).has_escrow(own)


def test_removal_takes_sheets_and_whoever_the_study_does_not_know(ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "coordinator", "investigator")
    with ward.session(laptop, "principal") as session:
        sheet = session.staff.begin_sheet().code
        session.staff.test_sheet(sheet)
        waiting = session.staff.make_keys(session.staff.invite("late", "Late", "ROLE.COORDINATOR"), PASSPHRASE)
        session.staff.announce(waiting)
    slots = slots_of(laptop)
    key = slots.unlock(COORDINATOR, PASSPHRASE).vault_key
    slots.add_person(key, VaultPerson(user=UserId("ghost"), name="Ghost"), PASSPHRASE, b"")
    planted = slots.make_recovery(key)
    with ward.session(laptop, "principal") as session:
        session.staff.remove(COORDINATOR, PASSPHRASE)
        told = [one for one in trail(session) if one.startswith("A person was removed")]
        assert len(told) == 2
        assert not session.staff.view().has_sheet
    assert {one.user for one in slots_of(laptop).people()} == {"principal", "investigator", "late"}
    for code in (sheet, planted):
        with pytest.raises(WrongRecoveryCodeError):
            slots_of(laptop).unlock_recovery(code)
    with ward.session(laptop, "investigator") as session:
        assert not session.blinded


def test_record_that_lags_behind_new_keys_is_verified(ward: Ward) -> None:
    laptop = ward.enrolled("one", "principal", "coordinator")
    with ward.session(laptop, "principal") as session:
        sync(laptop, session)
        session.staff.remove(COORDINATOR, PASSPHRASE)
    typed = io.StringIO(f"{PASSPHRASE}\n")
    slots = slots_of(laptop)
    assert slots.vault_files_behind
    status, lines = run_verify(laptop.folder.path, slots, user="principal", language="en", stream=typed)
    assert status == 0, lines
    assert any(line.startswith("[U]") for line in lines)
    assert slots_of(laptop).vault_files_behind


def test_keys_are_renewed_when_somebody_left_while_nobody_unblinded_was_there(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator")
    slots = slots_of(laptop)
    before = slots.unlock(COORDINATOR, PASSPHRASE)
    slots.remove_person(before.vault_key, INVESTIGATOR)
    assert slots.unblinding_rotation_due
    with ward.session(laptop) as session:
        assert "A key was replaced by a new one (because of: A person was removed from this laptop)." in trail(session)
    after = slots_of(laptop).unlock(COORDINATOR, PASSPHRASE)
    assert not slots_of(laptop).unblinding_rotation_due
    assert {after.vault_key, after.unblinding_key}.isdisjoint({before.vault_key, before.unblinding_key})
    assert open_escrow(laptop.folder.sidecar_bytes(), ward.network.custodians[1]).unblinding_key == after.unblinding_key


def test_code_that_opens_nothing_unblinding_lets_a_blinded_person_in(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "assessor")
    content = laptop.folder.sidecar_bytes()
    code, changed = make_site_code(content, [ward.network.custodians[0]], CHEAP_KDF, random.Random(2).randbytes)
    for name in (SIDECAR, SIDECAR_COPY):
        (laptop.folder.path / name).write_bytes(changed)
    personal = ward.network.personal_code("assessor")
    laptop.test_recovery(laptop.recover(code, personal, f"{PASSPHRASE} again", UserId("assessor")))
    session = laptop.unlock(UserId("assessor"), f"{PASSPHRASE} again")
    assert session.blinded
    session.lock()
