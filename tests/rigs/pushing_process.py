"""A laptop that seals forms and pushes them to a server until it is killed.

`python -m tests.rigs.pushing_process FOLDER` loads everything once, then forks a child for each line of its standard
input; the child opens the vault in FOLDER with the product's own start-up, seals and exchanges without end. A line is
written only after what it says is durable; one line is one write, so none is ever torn.
"""

import base64
import itertools
import json
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from casebook import ledger, payloads
from casebook.clock import system_clock
from casebook.crypto import SigningKey
from casebook.ids import DeviceId, UserId, new_epoch, new_subject_id
from casebook.ledger import ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.payloads import DataPayload
from casebook.records import FormKey, ItemPath, Reading, SetItem, VisitKey
from casebook.store.healing import OpenStore, open_store
from casebook.store.vault_files import VaultFolder
from casebook.sync.engine import Laptop, PersonSigner, exchange
from casebook.sync.trust import Directory, ServerIdentity
from desktop_app.sync_client import HttpPeer
from tests.casebook.store.vaults import KEY, SALT

FORMS_AT_ONCE = 12
_FILE = "laptop.json"


@dataclass(frozen=True, kw_only=True)
class Pusher:
    """What a laptop knows of itself, kept beside its vault."""

    url: str
    study: str
    site: str
    user: str
    device: str
    keys: tuple[str, str]
    authority: str
    server: tuple[str, str, str]

    def write(self, folder: Path) -> None:
        """Keep it."""
        (folder / _FILE).write_text(json.dumps(vars(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Pusher":
        """Read it again."""
        return cls(**json.loads((folder / _FILE).read_text(encoding="utf-8")))

    @property
    def identity(self) -> ServerIdentity:
        """The server as enrolment made it known."""
        device, signing, receipts = self.server
        return ServerIdentity(device=DeviceId(device), signing=bytes.fromhex(signing), receipts=bytes.fromhex(receipts))

    def open(self, folder: Path) -> OpenStore:
        """Open the vault, healing what a kill left."""
        return open_store(VaultFolder(folder, ballast_bytes=4096), KEY, SALT, device=DeviceId(self.device))

    def exchange(self, store: OpenStore, directory: Directory) -> None:
        """Exchange shelf S with the server."""
        signing, person = (SigningKey(bytes.fromhex(one)) for one in self.keys)
        laptop = Laptop(
            study=self.study,
            device=DeviceId(self.device),
            signing=signing,
            app_version="1",
            person=PersonSigner(user=UserId(self.user), signing=person),
        )
        with HttpPeer(self.url, base64.b64decode(self.authority)) as peer:
            exchange(store.log, peer, laptop=laptop, directory=directory, random_bytes=os.urandom)

    def seal(self, after: ChainHead, text: str) -> SealedCommit:
        """Seal one form."""
        key = FormKey(subject=new_subject_id(os.urandom), visit=VisitKey(visit="SE.V1"), form="F.VS")
        operation = SetItem(path=ItemPath(group="IG.VS", item="PULSE"), reading=Reading(value=text))
        kind, body = payloads.write(DataPayload(key=key, form_version="0" * 16, operations=(operation,)))
        sealer = Sealer(
            study=self.study,
            site=self.site,
            app_version="1",
            signer=SigningKey(bytes.fromhex(self.keys[1])),
            random_bytes=os.urandom,
        )
        draft = CommitDraft(kind=kind, author=UserId(self.user), body=body)
        return ledger.seal(draft, after=after, sealer=sealer, moment=system_clock())

    def head(self, store: OpenStore) -> ChainHead:
        """Return the end of this laptop's chain."""
        fresh = ChainHead(device=DeviceId(self.device), epoch=new_epoch(os.urandom), sequence=0, id=None)
        return next((head for head in store.log.heads() if head.device == self.device), fresh)


def say(*words: object) -> None:
    """Write one line in one piece."""
    os.write(1, (json.dumps(words) + "\n").encode())


def push(folder: Path, seed: str) -> None:
    """Seal and push without end."""
    pusher = Pusher.read(folder)
    store = pusher.open(folder)
    head, directory = pusher.head(store), Directory(pusher.identity)
    say("open", store.report.torn_bytes)
    for number in itertools.count():
        for form in range(FORMS_AT_ONCE):
            commit = pusher.seal(head, f"{seed}.{number}.{form}")
            store.spool.append_sealed(commit)
            say("sealed", commit.id)
            store.log.append([commit])
            head = ledger.head_after(commit)
        say("pushing")
        pusher.exchange(store, directory)
        say("received", store.log.custody(head.device, head.epoch))


def main(folder: Path) -> None:
    """Fork a child for each line."""
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                push(folder, line.strip())
            finally:
                traceback.print_exc()
                os._exit(1)
        say("child", child)
        _, status = os.waitpid(child, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
