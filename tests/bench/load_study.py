"""A study of a thousand laptops whose server's store is filled directly: real commits, signed by real keys.

Making the same through exchanges would take hours for a million commits. What is written is what exchanges would
have left: statements of sites, laptops and people in the server's chains, then entries in the laptops' chains.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from casebook import crypto, ledger, payloads
from casebook.clock import Moment, system_clock
from casebook.crypto import SigningKey
from casebook.ids import DeviceId, UserId, new_device_id, new_epoch, new_subject_id, user_id
from casebook.ledger import STANDARD, ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.store import CommitLog
from casebook.sync import messages, trust
from casebook.sync.frames import FrameType, batches, pack_commits, write_frame
from casebook.sync.messages import End, HeldChain, Open
from casebook.sync.office import LOOKED_AT
from casebook.sync.trust import Device, PersonKey, Site, StaffMember
from central_server.accounts import Accounts
from central_server.app import open_accounts, open_stores
from central_server.authority import read_keys
from central_server.settings import read_settings
from tests.server_process import ServerProcess

LAPTOPS = 1000
SITES = 250
ITEMS = 12
"""Items of a form: what a save carries at most, and entries of a first visit do."""
_AT_ONCE = 500


@dataclass(slots=True)
class SimulatedLaptop:
    """A laptop's keys, and where its chain stands."""

    device: DeviceId
    signing: SigningKey
    user: UserId
    person: SigningKey
    site: str
    head: ChainHead

    def seal_many(self, study: str, moment: Moment, count: int) -> list[SealedCommit]:
        """Seal small forms with the same content as the next commits of its chain: each is signed, for filling."""
        first = self.seal(study, moment, ["1"] * 4)
        sealed, header = [first], first.parsed
        for _ in range(count - 1):
            header = replace(header, sequence=header.sequence + 1, previous=sealed[-1].id)
            data = ledger.write_header(header)
            sealed.append(SealedCommit(data, first.payload, self.person.sign(ledger.COMMIT_DOMAIN, data)))
        self.head = ledger.head_after(sealed[-1])
        return sealed

    def seal(self, study: str, moment: Moment, texts: Sequence[str]) -> SealedCommit:
        """Seal one form as the next commit of its chain."""
        key = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS")
        operations = tuple(
            SetItem(path=ItemPath(group="IG.VS", item=f"ITEM{number}"), reading=Reading(value=text))
            for number, text in enumerate(texts)
        )
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=operations))
        sealer = Sealer(study=study, site=self.site, app_version="1", signer=self.person, random_bytes=os.urandom)
        commit = ledger.seal(
            CommitDraft(kind=kind, author=self.user, body=body), after=self.head, sealer=sealer, moment=moment
        )
        self.head = ledger.head_after(commit)
        return commit


class LoadStudy:
    """The server's folder and its laptops."""

    def __init__(self, folder: Path) -> None:
        """Make the server and state everybody in its chains."""
        self.server = ServerProcess(folder / "server", sites={"001": "Site 001"})
        self._settings = read_settings(self.server.folder)
        self._keys = read_keys(self.server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
        self.authority = self._keys.authority
        self.study = self._settings.study
        self.stored = 0
        self.statements: dict[str, tuple[ChainHead, ...]] = {}
        self.laptops: list[SimulatedLaptop] = []
        with self._accounts() as (accounts, log), accounts.together():
            for number in range(1, SITES + 1):
                self._state_site(accounts, f"{number:03d}")
            self._look(log)

    @contextmanager
    def _accounts(self) -> Iterator[tuple[Accounts, CommitLog]]:
        with open_stores(self._settings, self._keys) as stores:
            yield open_accounts(self._settings, self._keys, stores), stores.standard

    def _look(self, log: CommitLog) -> None:
        """Note what stands as looked at, and where the chains of statements end."""
        log.set_setting(LOOKED_AT, str(log.last_position()))
        self.stored = log.count()
        own = [(head, site) for head, site in log.tips() if head.device == self._keys.device]
        self.statements = {site: tuple(head for head, at in own if at == site) for _, site in own}

    def _state_site(self, accounts: Accounts, site: str) -> None:
        drafts = [trust.site_statement(Site(site=site, name=f"Site {site}"))]
        for number in range(LAPTOPS // SITES):
            laptop = SimulatedLaptop(
                device=(device := new_device_id(os.urandom)),
                signing=SigningKey.generate(),
                user=user_id(f"person.{site}.{number}"),
                person=SigningKey.generate(),
                site=site,
                head=ChainHead(device=device, epoch=new_epoch(os.urandom), sequence=0, id=None),
            )
            known = Device(
                device=device,
                signing=laptop.signing.public,
                sealing=os.urandom(32),
                site=site,
                letter="ABCDEFGH"[number],
                name="Laptop",
            )
            member = StaffMember(user=laptop.user, name="Investigator", role="ROLE.INVESTIGATOR", site=site)
            key = PersonKey(user=laptop.user, device=device, signing=laptop.person.public, certificate=b"")
            drafts += [
                trust.user_statement(member, 1),
                trust.device_statement(known),
                trust.person_statement(key, site),
            ]
            self.laptops.append(laptop)
        accounts.office.state(site, *drafts)

    def fill(self, count: int) -> float:
        """Add commits until the store holds so many; returns the seconds that it took."""
        begun = time.perf_counter()
        moment = system_clock()
        with self._accounts() as (_, log):
            while self.stored < count:
                with log.together():
                    for laptop in self.laptops:
                        each = min(_AT_ONCE, -(-(count - self.stored) // len(self.laptops)))
                        log.append(laptop.seal_many(self.study, moment, each))
                self.stored = log.count()
            self._look(log)
        return time.perf_counter() - begun

    def request(self, laptop: SimulatedLaptop, forms: int) -> tuple[bytes, list[SealedCommit]]:
        """Sign new forms of a laptop; returns the bytes of the request that hands them in, and the forms."""
        moment = system_clock()
        commits = [laptop.seal(self.study, moment, [str(100 + one) for one in range(ITEMS)]) for _ in range(forms)]
        others = [one.head for one in self.laptops if one.site == laptop.site and one.head.sequence]
        chains = [HeldChain(head=head) for head in (*self.statements[laptop.site], *others)]
        opening = Open(
            study=self.study,
            device=laptop.device,
            app_version="1",
            nonce=messages.new_nonce(os.urandom),
            chains=tuple(chains),
            shelf=STANDARD,
        )
        frames = [write_frame(FrameType.OPEN, messages.write_open(opening, laptop.signing))]
        frames += [write_frame(FrameType.COMMITS, pack_commits(batch)) for batch in batches(commits)]
        frames.append(write_frame(FrameType.END, messages.write_end(End(commits=forms))))
        return b"".join(frames), commits
