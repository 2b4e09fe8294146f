"""A study whose server answers in this process: for training, and for the self test of an installation.

It certifies with an authority of its own and serves with the server's own code; only the wire is
missing. Nothing that it certifies is trusted by anybody else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from casebook import __version__, crypto
from casebook.clock import Moment
from casebook.errors import CodeRefusedError, ServerNotTrustedError, ServerUnreachableError
from casebook.ids import DeviceId, RandomBytes, new_device_id
from casebook.ledger import STANDARD, UNBLINDING, CommitDraft
from casebook.store import CommitLog
from casebook.store.chunks import Chunks, ChunksInMemory
from casebook.sync import trust
from casebook.sync.bundle_desk import BundleKeys, BundleTaken, take_bundle, write_reply
from casebook.sync.chunk_serving import ChunkDesk, serve_chunks
from casebook.sync.enrolment import (
    CertifiedPerson,
    Enrolled,
    new_enrolment_code,
    new_personal_secret,
    personal_code,
    read_enrolment_code,
    read_personal_code,
)
from casebook.sync.office import Judge, Office, RoleFacts, nothing_found
from casebook.sync.serving import Desk, serve
from casebook.sync.trust import Device, Directory, PersonKey, ServerIdentity, Site, StaffMember

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerKeys:
    """The private keys of a study's server, and its name in the record.

    Attributes:
        custodians: Of the data, and of what is unblinding; `bundles` likewise.
    """

    device: DeviceId
    signing: crypto.SigningKey = field(repr=False)
    receipts: crypto.SigningKey = field(repr=False)
    custodians: tuple[crypto.SealingKey, crypto.SealingKey] = field(repr=False)
    bundles: tuple[crypto.SealingKey, crypto.SealingKey] = field(repr=False)

    @classmethod
    def generate(cls, random_bytes: RandomBytes) -> "ServerKeys":
        """Make fresh keys."""
        signing, receipts = (crypto.SigningKey(random_bytes(crypto.KEY_BYTES)) for _ in range(2))
        device = new_device_id(random_bytes)
        data, unblinding = (crypto.SealingKey(random_bytes(crypto.KEY_BYTES)) for _ in range(2))
        return cls(
            device=device,
            signing=signing,
            receipts=receipts,
            custodians=(data, unblinding),
            bundles=(crypto.SealingKey.generate(), crypto.SealingKey.generate()),
        )


class PracticeStudy:
    """One study with one site. `desktop_app.vault.Network` without a network."""

    def __init__(
        self,
        log: CommitLog,
        *,
        study: str,
        site: Site,
        staff: Sequence[StaffMember],
        authority: tuple[bytes, bytes],
        random_bytes: RandomBytes,
        now_ms: Callable[[], int],
        unblinding: CommitLog | None = None,
        roles: Sequence[RoleFacts] = (),
        judge: Judge = nothing_found,
        keys: ServerKeys | None = None,
        chunks: Mapping[str, Chunks] | None = None,
    ) -> None:
        """Begin a study on an empty log, or go on with one.

        Args:
            authority: Private key and certificate, DER.
            unblinding: The server's log of shelf U; without one that shelf is served to nobody.
            roles: What the study's roles may do: who may invite whom offline.
            judge: What the server finds of what arrives.
            keys: Those with which the study was begun; fresh ones on an empty log.
            chunks: Where attachments lie, by shelf; in memory where nothing is said.
        """
        keys = keys or ServerKeys.generate(random_bytes)
        self.log = log
        self.unblinding = unblinding
        self.study = study
        self.site = site
        self.down = False
        self.authority_key, self.authority = authority
        self.random_bytes = random_bytes
        self._now_ms = now_ms
        self.identity = ServerIdentity(device=keys.device, signing=keys.signing.public, receipts=keys.receipts.public)
        self._staff = {member.user: member for member in staff}
        self._codes: dict[str, StaffMember] = {}
        self.directory = Directory(self.identity)
        self.office = Office(
            {STANDARD: log} if unblinding is None else {STANDARD: log, UNBLINDING: unblinding},
            self.directory,
            study=study,
            app_version=__version__,
            signing=keys.signing,
            roles=roles,
            certify=self._certificate,
            clock=lambda: Moment(utc_ms=now_ms(), offset_minutes=0, boot="practice", uptime_ms=0),
            random_bytes=random_bytes,
            judge=judge,
        )
        self.custodians = keys.custodians
        self._desk = Desk(
            log=log,
            directory=self.directory,
            study=study,
            receipts=keys.receipts,
            now_ms=now_ms,
            unblinding=unblinding,
            on_kept=self.office.kept,
        )
        self.chunks = chunks or {STANDARD: ChunksInMemory(), UNBLINDING: ChunksInMemory()}
        self.chunk_desk = ChunkDesk(self._desk, self.chunks)
        self._desk = replace(self._desk, on_kept=self.chunk_desk.after(self._desk.on_kept))
        self.bundle_keys = BundleKeys(standard=[keys.bundles[0]], unblinding=[keys.bundles[1]])
        self.directory.refresh(log)
        if self.directory.site(site.site) is None:
            self._begin()
        for member in staff:
            if self.directory.member(member.user) is None:
                self.state(trust.user_statement(member))

    def _begin(self) -> None:
        """State what every study begins with."""
        site, (data, unblinding) = self.site, self.custodians
        self.state(trust.site_statement(site))
        self.state(trust.custodians_statement(site.site, (data.public, unblinding.public)))
        newest = (self.bundle_keys.standard[-1].public, self.bundle_keys.unblinding[-1].public)
        self.state(trust.bundle_key_statement(site.site, newest))

    def state(self, draft: CommitDraft, shelf: str = STANDARD) -> None:
        """Append a statement to the server's chain."""
        self.office.state(self.site.site, draft, shelf=shelf)

    def take_bundle(self, path: Path) -> BundleTaken:
        """Take in a file that a laptop wrote for the server; the wire is not asked."""
        return take_bundle(self._desk, self.bundle_keys, path, self.chunk_desk)

    def write_reply(self, device: DeviceId, folder: Path) -> tuple[Path, ...]:
        """Write the answer to a laptop's latest bundle into a folder."""
        return write_reply(self._desk, device, folder, "answer", random_bytes=self.random_bytes, chunks=self.chunk_desk)

    def _certificate(self, paper: bytes, name: str) -> bytes:
        at = datetime.fromtimestamp(self._now_ms() / 1000, tz=UTC)
        return crypto.issue_person(self.authority_key, self.authority, paper, name, at=at)

    def enrolment_code(self) -> str:
        """Return a fresh code for a laptop."""
        return new_enrolment_code(self.authority, self.random_bytes).text

    def personal_code(self, user: str) -> str:
        """Return a fresh code for a person of the staff."""
        secret = new_personal_secret(self.random_bytes)
        self._codes[secret.text] = next(member for member in self._staff.values() if member.user == user)
        return personal_code(secret)

    def _reach(self) -> None:
        if self.down:
            raise ServerUnreachableError

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer an exchange."""
        self._reach()
        return serve(self._desk, request)

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Answer an exchange of chunks."""
        self._reach()
        return serve_chunks(self.chunk_desk, request)

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
        """Enrol a laptop under the next letter."""
        del app_version
        self._reach()
        if not read_enrolment_code(code).matches(self.authority):
            raise ServerNotTrustedError(url=url)
        letter = LETTERS[len(self.directory.devices(self.site.site))]
        place = Device(
            device=device,
            signing=signing.public,
            sealing=sealing.public,
            site=self.site.site,
            letter=letter,
            name=name,
        )
        self.state(trust.device_statement(place))
        return Enrolled(
            url=url,
            authority=self.authority,
            study=self.study,
            site=self.site.site,
            site_name=self.site.name,
            device=device,
            letter=letter,
            server=self.identity,
            staff=tuple(self._staff.values()),
            is_first=letter == LETTERS[0],
            custodians=(self.custodians[0].public, self.custodians[1].public),
        )

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
        """Certify the keys of the person to whom a code was given."""
        del url, device_signing
        self._reach()
        member = self._codes.pop(read_personal_code(code).text, None)
        if member is None:
            raise CodeRefusedError
        certificate = self._certificate(paper, member.name)
        key = PersonKey(user=member.user, device=device, signing=signing, certificate=certificate, sealing=sealing)
        self.state(trust.person_statement(key, self.site.site))
        return CertifiedPerson(
            user=member.user,
            name=member.name,
            role=member.role,
            site=self.site.site,
            sites=member.sites,
            sees=member.sees,
            certificate=certificate,
            authority=authority,
        )

    def open_peer(self, url: str, authority: bytes) -> "PracticeStudy":
        """Return the way to the server, which is this object."""
        del url, authority
        self._reach()
        return self

    def cut(self) -> None:
        """Nothing waits for a server in the same process."""

    def close(self) -> None:
        """Nothing is held open."""
