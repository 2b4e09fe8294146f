"""A study whose server answers in this process: for the self test of an installation.

It certifies with an authority of its own and serves with the server's own code; only the wire is
missing. Nothing that it certifies is trusted by anybody else.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from casebook import __version__, crypto, ledger
from casebook.clock import Moment
from casebook.errors import CodeRefusedError, ServerNotTrustedError, ServerUnreachableError
from casebook.ids import DeviceId, RandomBytes, new_device_id, new_epoch
from casebook.ledger import ChainHead, CommitDraft, Sealer
from casebook.store import CommitLog
from casebook.sync import trust
from casebook.sync.enrolment import (
    CertifiedPerson,
    Enrolled,
    new_enrolment_code,
    new_personal_secret,
    personal_code,
    read_enrolment_code,
    read_personal_code,
)
from casebook.sync.serving import Desk, serve
from casebook.sync.trust import Device, Directory, PersonKey, ServerIdentity, Site, StaffMember

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


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
    ) -> None:
        """Begin a study on an empty log.

        Args:
            authority: Private key and certificate, DER.
        """
        self.log = log
        self.study = study
        self.site = site
        self.down = False
        self.authority_key, self.authority = authority
        self.random_bytes = random_bytes
        self._now_ms = now_ms
        self._signing = crypto.SigningKey(random_bytes(crypto.KEY_BYTES))
        receipts = crypto.SigningKey(random_bytes(crypto.KEY_BYTES))
        self.identity = ServerIdentity(
            device=new_device_id(random_bytes), signing=self._signing.public, receipts=receipts.public
        )
        self._head = ChainHead(device=self.identity.device, epoch=new_epoch(random_bytes), sequence=0, id=None)
        self._staff = {member.user: member for member in staff}
        self._codes: dict[str, StaffMember] = {}
        self._laptops = 0
        self.directory = Directory(self.identity)
        self._desk = Desk(log=log, directory=self.directory, study=study, receipts=receipts, now_ms=now_ms)
        self.state(trust.site_statement(site))
        for member in staff:
            self.state(trust.user_statement(member))

    def state(self, draft: CommitDraft) -> None:
        """Append a statement to the server's chain."""
        sealer = Sealer(
            study=self.study,
            site=self.site.site,
            app_version=__version__,
            signer=self._signing,
            random_bytes=self.random_bytes,
        )
        moment = Moment(utc_ms=self._now_ms(), offset_minutes=0, boot="practice", uptime_ms=0)
        commit = ledger.seal(draft, after=self._head, sealer=sealer, moment=moment)
        self._head = ledger.head_after(commit)
        self.log.append([commit])
        self.directory.learn([commit])

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
        letter = LETTERS[self._laptops]
        self._laptops += 1
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
    ) -> CertifiedPerson:
        """Certify the keys of the person to whom a code was given."""
        del url, device_signing
        self._reach()
        member = self._codes.pop(read_personal_code(code).text, None)
        if member is None:
            raise CodeRefusedError
        certificate = crypto.issue_person(
            self.authority_key,
            self.authority,
            paper,
            member.name,
            at=datetime.fromtimestamp(self._now_ms() / 1000, tz=UTC),
        )
        key = PersonKey(user=member.user, device=device, signing=signing, certificate=certificate)
        self.state(trust.person_statement(key, self.site.site))
        return CertifiedPerson(
            user=member.user,
            name=member.name,
            role=member.role,
            site=self.site.site,
            certificate=certificate,
            authority=authority,
        )

    def open_peer(self, url: str, authority: bytes) -> "PracticeStudy":
        """Return the way to the server, which is this object."""
        del url, authority
        self._reach()
        return self

    def close(self) -> None:
        """Nothing is held open."""
