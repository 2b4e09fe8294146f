"""One laptop's folder: enrolling it, unlocking it, and the keys that a session needs.

Keys leave this module only inside the objects of a session and are dropped with it. The laptop's own
keys and the site's identity key lie in the encrypted record; each person's signing and PDF keys lie
in their slot, under their own passphrase, so that nobody can sign as a colleague.

Source: docs/threat_model.md; docs/store.md, section "Key slots".
"""

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from casebook import __version__, crypto
from casebook.clock import Clock, site_clock
from casebook.crypto import KdfParameters, KdfPolicy
from casebook.design import StudyDesign, Text
from casebook.errors import (
    LANGUAGES,
    CasebookError,
    FolderGoneError,
    LaptopEnrolledAlreadyError,
    LaptopNotEnrolledError,
    LaptopOfAnotherStudyError,
    LaptopRetiredError,
    SheetNotForBlindedError,
    StudyMismatchError,
    UnavailableError,
)
from casebook.ids import DeviceId, RandomBytes, UserId, new_device_id
from casebook.ledger import STANDARD, UNBLINDING
from casebook.paper import desk
from casebook.paper.context import RecoverySheet
from casebook.store.chunks import ChunkFolder
from casebook.store.commit_log import SqlcipherLog
from casebook.store.device_secret import device_secret
from casebook.store.healing import OpenStore, create_store, open_store
from casebook.store.rekeying import follow_rotation
from casebook.store.retiring import finish_retiring, is_retiring
from casebook.store.slots import KeySlots, Recovered, Unlocked, VaultPerson
from casebook.store.vault_files import VaultFolder, VaultLock
from casebook.sync import engine
from casebook.sync.enrolment import (
    CertifiedPerson,
    Enrolled,
    read_personal_code,
)
from casebook.sync.trust import Directory
from desktop_app import owed_notes
from desktop_app.beside import make_bundling, shelf_doors
from desktop_app.custody import Place, joined_notices
from desktop_app.evidence import waiting
from desktop_app.kept_blinding import keep_blinding, refuse_dropped_blinding
from desktop_app.key_ring import KeyRing
from desktop_app.laptop_facts import LAPTOP, LaptopFacts, facts_in, facts_of, laptop_of, settings_in
from desktop_app.person_keys import PersonKeys
from desktop_app.record import Record, Seat
from desktop_app.second_shelf import SecondShelf, make_second, open_second, sees_unblinding
from desktop_app.server_word import check_word, keep_escrow
from desktop_app.session import Session
from desktop_app.shelf import Shelf
from desktop_app.snapshots import Person
from desktop_app.synchroniser import ClosingPeer, Synchroniser

_IDENTITY = "identity_key"
AUTHORITY_FILE = "study-authority.der"
"""Beside the vault: the certificate against which papers are verified, also without signing in. Public."""
WITHDRAWN_FILE = "withdrawn"
"""Beside the vault: the server said that this laptop is withdrawn; the unlock page tells it."""
DEMO_FILE = "demo-accounts.json"
"""Made by the demonstration alone: accounts with invented people, shown on the unlock screen."""


class Network(Protocol):
    """What enrolling and exchanging ask of the network; `desktop_app.sync_client` does it over HTTPS."""

    def enrol(
        self,
        url: str,
        code: str,
        *,
        device: DeviceId,
        signing: crypto.SigningKey,
        sealing: crypto.SealingKey,
        name: str,
        app_version: str,
    ) -> Enrolled:
        """Enrol a laptop at the server that the code names, and at no other."""
        ...

    def certify_person(
        self,
        url: str,
        authority: bytes,
        code: str,
        *,
        device: DeviceId,
        device_signing: crypto.SigningKey,
        signing: bytes,
        paper: bytes,
        sealing: bytes = b"",
    ) -> CertifiedPerson:
        """Certify a person's public keys; `sealing`: what colleagues seal keys to."""
        ...

    def open_peer(self, url: str, authority: bytes) -> ClosingPeer:
        """Return the way to the server for one exchange."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LaptopState:
    """A laptop before anyone is signed in. `problem`: what stands in the way, if anything."""

    enrolled: bool
    people: tuple[Person, ...] = ()
    site: str = ""
    letter: str = ""
    demo_accounts: tuple[tuple[str, str], ...] = ()
    problem: CasebookError | None = None
    withdrawn: bool = False
    gone: CasebookError | None = None
    """What to tell somebody who knows a laptop here, where the folder holds no trace of one."""
    waiting: int = 0
    """How many records the server was not known to have at the last lock; what could tell the treatment left out."""
    practice_passphrase: str = ""
    """In training, the passphrase that everybody has here."""


class Laptop:
    """One laptop's folder. One session at a time."""

    def __init__(
        self,
        folder: Path,
        design: StudyDesign,
        network: Network,
        *,
        kdf: KdfPolicy,
        earlier: tuple[StudyDesign, ...] = (),
        clock: Clock | None = None,
        random_bytes: RandomBytes = os.urandom,
        measure: Callable[[KdfPolicy], KdfParameters] | None = None,
        training: bool = False,
    ) -> None:
        """Look after `folder`; nothing is read yet.

        Args:
            design: The study as it is released now.
            earlier: Its earlier versions, the earliest first.
            kdf: Only the application's start builds the production policy.
            clock: Else the machine's, told as on the study's wall.
            measure: Chooses at enrolment what a guess of a passphrase costs here; else the policy's choice stands.
            training: Everything here is for practice: see `desktop_app.training`.
        """
        self.folder = VaultFolder(folder)
        self._design = design
        self._earlier = earlier
        self._network = network
        self._kdf = kdf
        self._clock = clock or site_clock(design.utc_offset_minutes)
        self._random_bytes = random_bytes
        self._measure = measure
        self._training = training
        self._synchroniser: Synchroniser | None = None
        self._sheet_of: Place | None = None

    # -- before anyone is signed in ------------------------------------------------------------------

    def state(self) -> LaptopState:
        """Look at the folder; what was begun with retiring it is finished first."""
        try:
            self._finish_retiring()
        except CasebookError as error:
            return LaptopState(enrolled=True, problem=error)
        if not self.folder.is_made:
            gone = None if (self.folder.path / "lock").exists() else FolderGoneError(folder=self.folder.path)
            return LaptopState(enrolled=False, gone=gone)
        try:
            slots = self._slots()
        except CasebookError as error:
            return LaptopState(enrolled=True, problem=error)
        return LaptopState(
            enrolled=True,
            people=tuple(self._person(person) for person in slots.people()),
            demo_accounts=self._demo_accounts(),
            withdrawn=(self.folder.path / WITHDRAWN_FILE).exists(),
            waiting=waiting(self.folder),
        )

    def _finish_retiring(self) -> None:
        if is_retiring(self.folder):
            with VaultLock(self.folder):
                finish_retiring(self.folder)

    def _refuse_retiring(self) -> None:
        """Refuse to open what is being wiped. Raises LaptopRetiredError."""
        if is_retiring(self.folder):
            raise LaptopRetiredError(folder=self.folder.path)

    def _refuse_enrolled(self) -> None:
        """Refuse to enrol over a laptop. Raises LaptopEnrolledAlreadyError, LaptopRetiredError."""
        self._refuse_retiring()
        if self.folder.is_made:
            raise LaptopEnrolledAlreadyError(folder=self.folder.path)

    def _slots(self) -> KeySlots:
        path = self.folder.path
        return KeySlots.open(path, self._kdf, self._random_bytes, clock=self._clock, device=device_secret(path))

    def _person(self, person: VaultPerson) -> Person:
        role = person.roles[0] if person.roles else ""
        definition = next((one for one in self._design.roles if one.oid == role), None)
        return Person(
            user=person.user,
            name=person.name,
            role=role,
            role_label=definition.label if definition else Text({"en": role}),
            rights=definition.rights if definition else frozenset(),
        )

    def _demo_accounts(self) -> tuple[tuple[str, str], ...]:
        path = self.folder.path / DEMO_FILE
        if not path.exists():
            return ()
        return tuple((name, passphrase) for name, passphrase in json.loads(path.read_text(encoding="utf-8")))

    # -- enrolling -----------------------------------------------------------------------------------

    def enrol(self, code_text: str, url: str, personal_code: str, laptop_name: str, passphrase: str) -> str:
        """Enrol this laptop and its first person; asks the server.

        Returns:
            The recovery code, to be written down and typed back.

        Raises:
            CodeMistypedError, EnrolmentRefusedError: The codes.
            ServerNotTrustedError: The server is not the one that the code names.
            ServerUnreachableError: No way to it now; nothing was changed.
            LaptopEnrolledAlreadyError: There is a laptop in the folder, or a part of one; it is left as it is.
        """
        read_personal_code(personal_code)  # mistyped? then before the laptop's own code is used up
        self._refuse_enrolled()
        self.folder.prepare()
        with VaultLock(self.folder):
            self._refuse_enrolled()  # another process may have been quicker
            device = new_device_id(self._random_bytes)
            signing, sealing = crypto.SigningKey.generate(), crypto.SealingKey.generate()
            enrolled = self._network.enrol(
                url,
                code_text,
                device=device,
                signing=signing,
                sealing=sealing,
                name=laptop_name,
                app_version=__version__,
            )
            if enrolled.study != self._design.code:
                raise StudyMismatchError(study=enrolled.study)
            facts = facts_of(enrolled, signing, sealing)
            keys = PersonKeys.generate(device, facts.fingerprint)
            certified = self._certify(facts, personal_code, keys)
            self.folder.begin_making()
            (self.folder.path / AUTHORITY_FILE).write_bytes(enrolled.authority)
            code = self._make_vault(facts, keys, certified, passphrase, enrolled)
            self.folder.end_making()
            self._sheet_of = facts.place
            return code

    def recovery_paper(self, code: str) -> bytes:
        """Return the sheet for a code that `enrol` or `recover` gave just now, as a PDF; nothing is written."""
        place = self._sheet_of
        if place is None:
            raise LaptopNotEnrolledError
        said = RecoverySheet(
            code=code,
            study=self._design.name,
            site=f"{place.site} {place.site_name}".strip(),
            laptop=place.letter,
            made_by="",
            made_at=self._clock().local,
        )
        return desk.print_recovery_sheet(said, self._design.languages)

    def test_recovery(self, code: str) -> None:
        """Open a new recovery sheet with its code as it was typed back: from now on it counts.

        Raises:
            RecoveryCodeUnreadableError, WrongRecoveryCodeError: It is not that code.
        """
        with VaultLock(self.folder):
            self._slots().test_recovery(code)

    def _certify(self, facts: LaptopFacts, code: str, keys: PersonKeys) -> CertifiedPerson:
        return self._network.certify_person(
            facts.place.server,
            facts.place.authority,
            code,
            device=facts.device,
            device_signing=facts.signing,
            signing=keys.signer.public,
            paper=crypto.public_key_der(keys.paper_key),
            sealing=keys.sealing.public,
        )

    def _make_vault(
        self, facts: LaptopFacts, keys: PersonKeys, person: CertifiedPerson, passphrase: str, enrolled: Enrolled
    ) -> str:
        """Make the files, the first person's slot, the custodians' and that of a sheet, in this order.

        Once the person's slot stands they can sign in, and what a crash left out is made up for then.
        """
        path, kdf = self.folder.path, self._kdf
        if self._measure is not None:
            kdf = replace(kdf, chosen=self._measure(kdf))
        device = device_secret(path, make=True)
        slots, vault_key = KeySlots.create(path, kdf, self._random_bytes, clock=self._clock, device=device)
        store = create_store(self.folder, vault_key, slots.database_salt, clock=self._clock)
        try:
            settings = {LAPTOP: facts.text()}
            if enrolled.is_first:
                settings[_IDENTITY] = self._random_bytes(crypto.KEY_BYTES).hex()
            for name, text in settings.items():
                store.spool.set_setting(name, text)
                store.log.set_setting(name, text)
            owed_notes.owe(store, [("escrow-set", {})])
            slots.add_person(vault_key, _vault_person(person), passphrase, keys.bundle(), sealing=keys.sealing)
            holding = slots.unlock(person.user, passphrase)
            if self._sees_unblinding(person.role):
                holding = slots.make_unblinding_key(holding)
            unblinding_key = holding.unblinding_key
            keep_escrow(slots, holding, enrolled.custodians)
            if unblinding_key is not None:
                make_second(self.folder, slots, unblinding_key, store, clock=self._clock)
            code = slots.begin_recovery(vault_key, unblinding_key)
            self._first_exchange(facts, store.log)
            return code
        finally:
            store.close()

    def _sees_unblinding(self, role: str) -> bool:
        return sees_unblinding(self._design, self._design.role(role))

    def _first_exchange(self, facts: LaptopFacts, log: SqlcipherLog) -> None:
        """Fetch what the server says of the site, its people and its laptops.

        The codes are used up by now: a wire that breaks here must not undo it. Signing in asks again.
        """
        with (
            contextlib.suppress(UnavailableError),
            contextlib.closing(self._network.open_peer(facts.place.server, facts.place.authority)) as peer,
        ):
            engine.exchange(
                log,
                peer,
                laptop=laptop_of(facts),
                directory=Directory(facts.place.identity),
                random_bytes=self._random_bytes,
            )

    # -- signing in ----------------------------------------------------------------------------------

    def unlock(self, user: UserId, passphrase: str) -> Session:
        """Derive the key and open the record: about a second by design.

        Raises:
            WrongPassphraseError: It does not open this person's slot.
            VaultInUseError: Casebook is open already.
            CasebookError: See docs/store.md; nothing is lost by any of them.
        """
        lock = VaultLock(self.folder)
        try:
            self._refuse_retiring()
            slots = self._slots()
            unlocked, rotated = _with_due_rotation(slots, slots.unlock(user, passphrase))
            self.folder.end_making()
            follow_rotation(self.folder, slots, unlocked.vault_key, unlocked.unblinding_key)
            keys = PersonKeys.read(unlocked)
            with contextlib.ExitStack() as opened:
                store = open_store(
                    self.folder, unlocked.vault_key, slots.database_salt, device=keys.device, clock=self._clock
                )
                opened.callback(store.close)
                if rotated:
                    owed_notes.owe(store, [("key-rotated", {"cause": "person-removed"})])
                facts = self._own_facts(store)
                check_word(store.log, facts, keys, self.folder.database.name)
                second = self._open_second(slots, unlocked, facts, store)
                if second.store is not None:
                    opened.callback(second.store.close)
                session = self._begin(lock, slots, facts, keys, (store, second))
                opened.pop_all()
                return session
        except BaseException:
            lock.close()
            raise

    def recover(self, recovery_code: str, personal_code: str, passphrase: str, user: UserId | None = None) -> str:
        """Let somebody in who forgot their passphrase: the printed code opens, the server certifies new keys.

        A person's own signing key lies under the forgotten passphrase and is lost; nobody can sign with
        it any more, and what it signed stays valid. The recovery code that was used opens nothing afterwards.

        Args:
            personal_code: A fresh one-time code from the server's operator: who one is, a sheet cannot prove.
            user: Who one says to be, where that is known: somebody blinded is refused before a code is used.

        Returns:
            The new recovery code, to be written down and typed back: it counts once `test_recovery` opened it.

        Raises:
            SheetNotForBlindedError: The sheet opens what a blinded person must not see; a colleague lets them in.
            RecoveryCodeUnreadableError, WrongRecoveryCodeError, CodeMistypedError, CodeRefusedError: The codes.
            ServerUnreachableError: No way to it now; nothing was changed.
        """
        read_personal_code(personal_code)
        with VaultLock(self.folder):
            self._refuse_retiring()
            slots = self._slots()
            recovered = slots.unlock_recovery(recovery_code)
            for known in slots.people():
                if known.user == user:
                    self._refuse_blinded(known, recovered)
            vault_key = recovered.vault_key
            follow_rotation(self.folder, slots, vault_key)
            store = open_store(self.folder, vault_key, slots.database_salt, clock=self._clock)
            try:
                facts = self._own_facts(store)
                keys = PersonKeys.generate(facts.device, facts.fingerprint)
                person = _vault_person(self._certify(facts, personal_code, keys))
                self._refuse_blinded(person, recovered)
                used = "escrow-used" if recovered.by_escrow else "recovery-used"
                owed_notes.owe(store, [(used, {"user": person.user}), ("key-rotated", {"cause": used})])
                slots.add_person(
                    vault_key,
                    person,
                    passphrase,
                    keys.bundle(),
                    sealing=keys.sealing,
                    unblinding_key=recovered.unblinding_key,
                    replace_slot=True,
                )
                rotated = slots.rotate(vault_key, recovered.unblinding_key, remove_sheets=[recovered.slot])
                self._first_exchange(facts, store.log)
                self._sheet_of = facts.place
                return slots.begin_recovery(rotated.vault_key, rotated.unblinding_key)
            finally:
                store.close()

    def _refuse_blinded(self, person: VaultPerson, recovered: Recovered) -> None:
        """Refuse somebody blinded a code that opens the unblinding key. Raises SheetNotForBlindedError."""
        if recovered.unblinding_key is not None and not self._sees_unblinding(person.roles[0] if person.roles else ""):
            raise SheetNotForBlindedError(person=person.name)

    def _open_second(self, slots: KeySlots, unlocked: Unlocked, facts: LaptopFacts, store: OpenStore) -> SecondShelf:
        directory = Directory(facts.place.identity)
        directory.refresh(store.log)
        refuse_dropped_blinding(self._design, directory, unlocked)
        second = open_second(
            self.folder,
            slots,
            unlocked,
            store,
            design=self._design,
            directory=directory,
            device=facts.device,
            clock=self._clock,
        )
        if keep_escrow(slots, second.unlocked, directory.custodians(facts.place.site)):
            owed_notes.owe(store, [("escrow-set", {})])
        return second

    def _begin(
        self,
        lock: VaultLock,
        slots: KeySlots,
        facts: LaptopFacts,
        keys: PersonKeys,
        stores: tuple[OpenStore, SecondShelf],
    ) -> Session:
        store, second = stores
        unlocked = second.unlocked
        identity = settings_in(store).get(_IDENTITY)
        seat = Seat(
            study=facts.study,
            site=facts.place.site,
            device=facts.device,
            user=unlocked.person.user,
            signer=keys.signer,
            device_signer=facts.signing,
            device_sealing=facts.sealing,
            identity_key=bytes.fromhex(identity) if identity else None,
            app_version=__version__,
            clock=self._clock,
            random_bytes=self._random_bytes,
        )
        shelves = [_shelf(STANDARD, store, self.folder)]
        if second.store is not None:
            shelves.append(_shelf(UNBLINDING, second.store, self.folder.unblinding))
        record = Record(shelves, seat, on_close=partial(self._forget, lock))
        report = store.report
        healed = None if report.is_clean else Text({language: report.sentence(language) for language in LANGUAGES})
        self._synchroniser = self._make_synchroniser(facts, unlocked, slots, record)
        kept = keep_blinding((self._design, *self._earlier), record)
        design, *earlier = kept.designs
        ring = KeyRing(
            slots,
            unlocked,
            design=design,
            device=facts.device,
            server=facts.fingerprint,
            certify=partial(self._certify, facts),
        )
        notice = joined_notices(healed, second.notice, kept.notice)
        return Session(
            record,
            design,
            facts.place,
            ring,
            earlier=tuple(earlier),
            notice=notice,
            folder=self.folder,
            training=self._training,
            bundling=make_bundling(
                self.folder,
                facts,
                unlocked,
                slots,
                record,
                on_withdrawn=(self.folder.path / WITHDRAWN_FILE).touch,
                training=self._training,
            ),
        )

    def _forget(self, lock: VaultLock) -> None:
        """Drop what a session opened, since the laptop outlives it."""
        self._synchroniser = None
        lock.close()

    def _own_facts(self, store: OpenStore) -> LaptopFacts:
        """Return what enrolment said. Raises LaptopOfAnotherStudyError when another study is open."""
        facts = facts_in(store)
        if facts.study != self._design.code:
            raise LaptopOfAnotherStudyError(enrolled=facts.study, opened=self._design.code)
        return facts

    def _make_synchroniser(
        self, facts: LaptopFacts, unlocked: Unlocked, slots: KeySlots, record: Record
    ) -> Synchroniser:
        person = engine.PersonSigner(user=unlocked.person.user, signing=record.seat.signer)
        return Synchroniser(
            shelf_doors(self.folder, unlocked, slots, record.shelves, self._clock),
            lambda: self._network.open_peer(facts.place.server, facts.place.authority),
            laptop=replace(laptop_of(facts), person=person),
            server=facts.place.identity,
            random_bytes=self._random_bytes,
            identity_key=lambda: record.seat.identity_key,
            sidecar=self.folder.sidecar_bytes,
            clock=self._clock,
            on_withdrawn=(self.folder.path / WITHDRAWN_FILE).touch,
        )

    def synchroniser(self) -> Synchroniser:
        """Return the sync thread's end of the session that is open. Raises LaptopNotEnrolledError when none is."""
        if self._synchroniser is None:
            raise LaptopNotEnrolledError
        return self._synchroniser


def _shelf(name: str, store: OpenStore, folder: VaultFolder) -> Shelf:
    chunks = ChunkFolder(folder.chunks)
    behind = store.report.behind
    shelf = Shelf(name=name, log=store.log, spool=store.spool, chunks=chunks, must_begin_epoch=behind)
    shelf.tidy_chunks()
    return shelf


def _with_due_rotation(slots: KeySlots, unlocked: Unlocked) -> tuple[Unlocked, bool]:
    """Renew the keys where somebody left who held the unblinding key, and a blinded colleague could not do it.

    Returns:
        The person with the newest keys, and whether they are new.
    """
    if unlocked.unblinding_key is None or not slots.unblinding_rotation_due:
        return unlocked, False
    fresh = slots.rotate(unlocked.vault_key, unlocked.unblinding_key)
    return replace(unlocked, vault_key=fresh.vault_key, unblinding_key=fresh.unblinding_key), True


def _vault_person(certified: CertifiedPerson) -> VaultPerson:
    return VaultPerson(user=certified.user, name=certified.name, roles=(certified.role,))
