"""What an exchange is given on the laptop's side, and what it comes to.

Source: docs/sync_protocol.md, section "An exchange".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from casebook.crypto import SigningKey
from casebook.errors import CasebookError
from casebook.ids import DeviceId, UserId
from casebook.ledger import STANDARD, ChainHead
from casebook.sync.chains import Chain


class SyncPeer(Protocol):
    """Carries one request to the server and its answer back."""

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """Send the frames of one request as they are made; give the answer's bytes as they come.

        Raises:
            CasebookError: The server's refusal, or why it cannot be reached or trusted.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSigner:
    """The signed-in person as they sign openings beside the laptop: with their own key on this laptop."""

    user: UserId
    signing: SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """This laptop as it signs its openings.

    Attributes:
        shelf: Which of the two files is exchanged: `S` or `U`; a log of its own belongs to each.
        person: Who is signed in. Without one the server gives the laptop its own site's shelf S and no more.
        sidecar: The key slots' file as it lies on the disk (sealed throughout): the server keeps the latest, for
            the study's custodians and the report on a lost laptop. b"" to leave what it has.
    """

    study: str
    device: DeviceId
    signing: SigningKey
    app_version: str
    shelf: str = STANDARD
    person: PersonSigner | None = None
    sidecar: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a session has come.

    Attributes:
        sent: Commits sent; `received`: commits taken in.
        sent_bytes: Bytes that went out; `received_bytes`: bytes that came.
        to_send_bytes: What is known to have to go in all, packed as it travels (an estimate until it is packed);
            0 while it is not known.
        to_receive_bytes: The same of what has to come.
    """

    sent: int
    received: int
    sent_bytes: int = 0
    to_send_bytes: int = 0
    received_bytes: int = 0
    to_receive_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeReport:
    """What an exchange did.

    Attributes:
        in_step: Both ends named the same heads at the end.
        waiting: Commits whose author is not certified yet; they are offered again next time.
        older_copy: The server held newer commits of this laptop: an older copy of the folder had been
            put back. They were fetched; a new epoch must begin before the next save.
        notices: Sentences for the user: an older copy, a fork, chains that were set aside.
        spoken_check: Eight letters over the heads held here; the server shows the same when in step.
        server_ms: The server's clock (UTC ms) when it answered.
        checks: The same eight letters for each site that was served; the server's status shows them by site.
        withdrawn: The server's signed word: this laptop is withdrawn. It handed in its own; lock it.
        server_heads: The ends of chains that the server named last: what it holds, by its own signed word.
    """

    pushed: int
    pulled: int
    receipts: int
    waiting: int
    in_step: bool
    older_copy: bool
    forks: tuple[Chain, ...]
    notices: tuple[CasebookError, ...]
    spoken_check: str
    server_ms: int
    rounds: int
    sent_bytes: int
    received_bytes: int
    checks: tuple[tuple[str, str], ...] = ()
    withdrawn: bool = False
    server_epoch: str = ""
    retry_s: int = 0
    restored: bool = False
    copied: bool = False
    server_heads: tuple[ChainHead, ...] = ()
