"""Training: a laptop and a server for practice, in a folder of their own, with one person for each role.

Everything is done by the same code as with real data; only the study's authority and the server are made here,
in this process, and nobody else knows them. So nothing that is made in training can reach a real server or
another laptop, and nothing of the real laptop's folder is opened.

Source: docs/adr/0037-training-is-a-study-of-its-own.md.
"""

import base64
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from casebook import crypto
from casebook.clock import Clock, site_clock
from casebook.crypto import KdfParameters, KdfPolicy
from casebook.design import Role, StudyDesign
from casebook.errors import CasebookError, NotInTrainingError, TrainingFolderError
from casebook.ids import RandomBytes, UserId, device_id
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.chunks import ChunkFolder
from casebook.store.commit_log import SqlcipherLog
from casebook.store.vault_files import VaultFolder, VaultLock
from casebook.sync.office import RoleFacts
from casebook.sync.trust import Site, StaffMember
from casebook.versions import Designs
from desktop_app.cli import PRACTICE_WORD
from desktop_app.practice import LETTERS, PracticeStudy, ServerKeys
from desktop_app.session import Session
from desktop_app.snapshots import Person
from desktop_app.synchroniser import Synchroniser
from desktop_app.vault import Laptop, LaptopState

SITE = "000"
"""No site of a study has this number, so that a practice subject is known by its own."""
SITE_NAME = "Training 培训"
LETTER = "A"
_NOWHERE = "https://training.invalid"
"""RFC 2606: a name that never leads anywhere."""
_LAPTOP, _SERVER = "laptop", "server"
_KEYS, _MADE, _DEVICE = "keys.json", "made", "device"
_SHELVES = {STANDARD: "server.db", UNBLINDING: "unblinding.db"}
_LITTLE = KdfParameters(memory_kib=8 * 1024, passes=1, lanes=1)
TRAINING_KDF = KdfPolicy(chosen=_LITTLE, floor=_LITTLE, ceiling=_LITTLE)
"""The passphrase is no secret, so what it costs to guess protects nothing."""
_ELSEWHERE = frozenset({"statistics"})
"""Rights for which there is no window."""


def practice_staff(design: StudyDesign) -> tuple[StaffMember, ...]:
    """Return one person for each role that works with the windows; the one who sets up the laptop first.

    That one sees everything and may do more than any other. Their names say that it is training, since a name
    stands on signatures and in the audit trail; the role beside it tells who is who.
    """
    roles = [role for role in design.roles if role.rights - _ELSEWHERE]
    first = max(roles, key=lambda role: (len(role.sees), len(role.rights)))
    return tuple(
        StaffMember(
            user=_user_of(role, roles),
            name=f"TRAINING 培训 {letter}",
            role=role.oid,
            site=SITE,
            sees=role.sees,
        )
        for letter, role in zip(LETTERS, sorted(roles, key=lambda role: role is not first), strict=False)
    )


def _user_of(role: Role, roles: list[Role]) -> UserId:
    """Return a short user id, since it is typed to sign: the last part of the role's OID where no other has it."""
    short = [one.oid.rpartition(".")[2].lower() for one in roles]
    own = role.oid.rpartition(".")[2].lower()
    return UserId(own if short.count(own) == 1 else role.oid.lower())


class TrainingLaptop:
    """The laptop of training. `desktop_app.windows.port.LaptopPort`, and `start_over`.

    One process at a time works with it, as with a real one: the lock of its vault sees to that.
    """

    def __init__(
        self,
        folder: Path,
        designs: Designs,
        *,
        clock: Clock | None = None,
        random_bytes: RandomBytes = os.urandom,
    ) -> None:
        """Look after `folder`; nothing is read yet.

        Args:
            folder: Of training alone; see `cli.training_folder`.
            designs: The study files of the real study.
        """
        self.folder = folder
        self._designs = designs
        self._clock = clock or site_clock(designs.current.utc_offset_minutes)
        self._random_bytes = random_bytes
        self._logs: list[SqlcipherLog] = []
        self._laptop: Laptop | None = None

    # -- before anyone is signed in ------------------------------------------------------------------

    def state(self) -> LaptopState:
        """Tell who practises here, also before anything was made."""
        if not self._is_made:
            return LaptopState(
                enrolled=True, people=self._people(), site=SITE, letter=LETTER, practice_passphrase=PRACTICE_WORD
            )
        try:
            state = (self._laptop or self._open()).state()
        except CasebookError as error:
            return LaptopState(enrolled=True, problem=error, practice_passphrase=PRACTICE_WORD)
        return LaptopState(
            enrolled=True,
            people=state.people,
            site=SITE,
            letter=LETTER,
            problem=state.problem or state.gone,
            waiting=state.waiting,
            practice_passphrase=PRACTICE_WORD,
        )

    def _people(self) -> tuple[Person, ...]:
        roles = {role.oid: role for role in self._designs.current.roles}
        return tuple(
            Person(
                user=one.user,
                name=one.name,
                role=one.role,
                role_label=roles[one.role].label,
                rights=roles[one.role].rights,
            )
            for one in practice_staff(self._designs.current)
        )

    def unlock(self, user: UserId, passphrase: str) -> Session:
        """Open the practice record; the first time it is made, which takes some seconds. Raises as `Laptop.unlock`."""
        if not self._is_made:
            self._make()
        return self._open().unlock(user, passphrase)

    def synchroniser(self) -> Synchroniser:
        """See `Laptop.synchroniser`."""
        return (self._laptop or self._open()).synchroniser()

    def start_over(self) -> None:
        """Delete everything that was made in training. Nobody may be signed in.

        Raises:
            VaultInUseError: Somebody practises in another window.
            TrainingFolderError: The disk refuses.
        """
        self.close()
        vault = VaultFolder(self._place(_LAPTOP))
        try:
            if vault.path.exists():
                with VaultLock(vault):
                    self._place(_MADE).unlink(missing_ok=True)
            for name in (_LAPTOP, _SERVER):
                if self._place(name).exists():
                    shutil.rmtree(self._place(name))
        except OSError as error:
            raise self._unusable(error) from None

    def close(self) -> None:
        """Close the server's files."""
        for log in self._logs:
            log.close()
        self._logs.clear()
        self._laptop = None

    # -- what is only done with real data ------------------------------------------------------------

    def enrol(self, code_text: str, url: str, personal_code: str, laptop_name: str, passphrase: str) -> str:
        """Refuse: there is nothing to enrol. Raises NotInTrainingError."""
        del code_text, url, personal_code, laptop_name, passphrase
        raise NotInTrainingError

    def recover(self, recovery_code: str, personal_code: str, passphrase: str, user: UserId | None = None) -> str:
        """Refuse: the passphrase is shown. Raises NotInTrainingError."""
        del recovery_code, personal_code, passphrase, user
        raise NotInTrainingError

    def recovery_paper(self, code: str) -> bytes:
        """Refuse: a practice sheet would look like a real one. Raises NotInTrainingError."""
        del code
        raise NotInTrainingError

    def test_recovery(self, code: str) -> None:
        """Refuse: a practice sheet would look like a real one. Raises NotInTrainingError."""
        del code
        raise NotInTrainingError

    # -- making and opening --------------------------------------------------------------------------

    def _unusable(self, error: OSError) -> TrainingFolderError:
        return TrainingFolderError(folder=self.folder, why=error.strerror or "")

    def _place(self, name: str) -> Path:
        return self.folder / name

    @property
    def _is_made(self) -> bool:
        """Whether the practice study was made to its end; what was cut short is made anew."""
        return self._place(_MADE).exists()

    def _make(self) -> None:
        """Make server, laptop and people. A kill on the way leaves nothing that counts as made."""
        self.start_over()
        VaultFolder(self._place(_LAPTOP)).prepare()
        try:
            self._place(_SERVER).mkdir(mode=0o700)
            self._place(_SERVER).joinpath(_KEYS).write_text(self._new_keys(), encoding="utf-8")
        except OSError as error:
            raise self._unusable(error) from None
        server = self._serve()
        laptop = self._laptop_of(server)
        first, *others = practice_staff(self._designs.current)
        code = laptop.enrol(
            server.enrolment_code(), _NOWHERE, server.personal_code(first.user), SITE_NAME, PRACTICE_WORD
        )
        laptop.test_recovery(code)
        session = laptop.unlock(first.user, PRACTICE_WORD)
        try:
            for one in others:
                session.add_person(server.personal_code(one.user), PRACTICE_WORD)
            session.take_in(laptop.synchroniser().sync_now().message)
        finally:
            session.lock()
        try:
            self._place(_MADE).touch()
        except OSError as error:
            raise self._unusable(error) from None

    def _new_keys(self) -> str:
        """Return the keys of a fresh server as its file keeps them; they guard nothing but practice."""
        keys = ServerKeys.generate(self._random_bytes)
        authority = crypto.make_authority(f"TRAINING {self._designs.current.code}", at=datetime.now(UTC))
        parts = {
            "server": [keys.signing.private, keys.receipts.private],
            "custodians": [one.private for one in keys.custodians],
            "bundles": [one.private for one in keys.bundles],
            "authority": list(authority),
            **{name: [self._random_bytes(crypto.KEY_BYTES), self._random_bytes(16)] for name in _SHELVES.values()},
        }
        kept = {name: [base64.b64encode(one).decode("ascii") for one in some] for name, some in parts.items()}
        return json.dumps({_DEVICE: keys.device, **kept})

    def _open(self) -> Laptop:
        """Return the laptop with its server as they lie on the disk now."""
        self.close()
        self._laptop = self._laptop_of(self._serve())
        return self._laptop

    def _serve(self) -> PracticeStudy:
        """Return the server as it lies on the disk. Raises TrainingFolderError, StoreDamagedError."""
        try:
            read = json.loads(self._place(_SERVER).joinpath(_KEYS).read_text(encoding="utf-8"))
        except OSError as error:
            raise self._unusable(error) from None
        kept = {name: [base64.b64decode(one) for one in some] for name, some in read.items() if name != _DEVICE}
        signing, receipts = kept["server"]
        data, unblinding = kept["custodians"]
        bundle, bundle_unblinding = kept["bundles"]
        authority_key, authority = kept["authority"]
        design = self._designs.current
        standard, second = (self._log(name, *kept[name]) for name in _SHELVES.values())
        return PracticeStudy(
            standard,
            unblinding=second,
            study=design.code,
            site=Site(site=SITE, name=SITE_NAME),
            staff=practice_staff(design),
            authority=(authority_key, authority),
            random_bytes=self._random_bytes,
            now_ms=lambda: self._clock().utc_ms,
            roles=[
                RoleFacts(oid=role.oid, sees=role.sees, rights=role.rights, of_study=role.of_study)
                for role in design.roles
            ],
            keys=ServerKeys(
                device=device_id(read[_DEVICE]),
                signing=crypto.SigningKey(signing),
                receipts=crypto.SigningKey(receipts),
                custodians=(crypto.SealingKey(data), crypto.SealingKey(unblinding)),
                bundles=(crypto.SealingKey(bundle), crypto.SealingKey(bundle_unblinding)),
            ),
            chunks={name: ChunkFolder(self._place(_SERVER) / name) for name in _SHELVES},
        )

    def _log(self, name: str, key: bytes, salt: bytes) -> SqlcipherLog:
        """Open or make a log of the server. The exchange runs on the sync thread alone, making on the store's."""
        path = self._place(_SERVER) / name
        work = SqlcipherLog.open if path.exists() else SqlcipherLog.create
        self._logs.append(work(path, key, salt, clock=self._clock, any_thread=True))
        return self._logs[-1]

    def _laptop_of(self, server: PracticeStudy) -> Laptop:
        return Laptop(
            self._place(_LAPTOP),
            self._designs.current,
            server,
            kdf=TRAINING_KDF,
            earlier=self._designs.earlier,
            clock=self._clock,
            random_bytes=self._random_bytes,
            training=True,
        )
