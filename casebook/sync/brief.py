"""The short words of an exchange whose ends hold the same, or nearly: what the other end can work out is left out.

    BRIEF     laptop: a digest over what I hold            signed by the person's key on this laptop, or the laptop's
    GREETING  server: what stands otherwise than you hold  signed by the server's receipt key
    MARK      server: a receipt without what you know      signed as the receipt that it becomes

Equal digests say equal sets, so nothing that either end remembers of the other is believed: the server compares the
digest with that of what it holds itself, and of what it last knew the laptop to hold. Where neither fits it names its
heads in full, and the laptop opens in full (`casebook.sync.messages`).

What is signed begins with the study, and a greeting with the nonce that it answers: neither is on the wire.

Source: docs/sync_protocol.md, section "In short".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from casebook import crypto
from casebook.canonical import Value, decode, encode
from casebook.errors import (
    CommitUnreadableError,
    FrameCorruptError,
    ProtocolUnsupportedError,
    ServerWordUntrustedError,
)
from casebook.ids import DeviceId, Epoch, KeyId, RandomBytes, device_id
from casebook.ledger import SIGNATURE_BYTES, STANDARD, UNBLINDING, ChainHead
from casebook.sync import messages
from casebook.sync.messages import PROTOCOL, HeldChain, Hello, Receipt
from casebook.sync.trust import Device, StaffMember

BRIEF_DOMAIN = "CRF-brief-v1"
GREETING_DOMAIN = "CRF-greeting-v1"
DIGEST_BYTES = 16
_NONCE_BYTES = 8
_KEY_BYTES = 8
_DEVICE_CHARACTERS = 16
_IN_U, _BY_PERSON = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A laptop opens an exchange of one shelf in short.

    Attributes:
        signer: The short name of the signed-in person's key, which is certified for this laptop alone; or the laptop.
        digest: See `digest_of`.
    """

    signer: KeyId | DeviceId
    by_person: bool
    nonce: str
    digest: bytes
    shelf: str = STANDARD


def new_nonce(random_bytes: RandomBytes) -> str:
    """Return 16 hex digits that tie a greeting to its question."""
    return random_bytes(_NONCE_BYTES).hex()


def served_sites(device: Device | None, person: StaffMember | None) -> tuple[str, ...]:
    """Return the sites that a laptop is served: its own, and those of a person who is not withdrawn."""
    if device is None or device.revoked:
        return ()
    given = person.all_sites if person is not None and not person.revoked else ()
    return tuple(dict.fromkeys((device.site, *given)))


def digest_of(chains: Iterable[HeldChain], *, sites: Iterable[str], server_epoch: str, sidecar_hash: str = "") -> bytes:
    """Return 16 bytes of SHA-256 over what a laptop holds.

    Args:
        chains: Each end of each chain, with the sequence of its last receipt; of a chain that is sent from some
            commit on, that commit.
        sites: The sites that it is served.
        server_epoch: The server's store that gave the receipts.
        sidecar_hash: SHA-256 (hex) of the key slots' file, "" where it is not offered.
    """
    held = [
        "|".join(("h", one.head.device, one.head.epoch, str(one.head.sequence), one.head.id or "", str(one.receipted)))
        for one in chains
    ]
    lines = [*held, *(f"s|{site}" for site in sites), f"e|{server_epoch}", f"k|{sidecar_hash}"]
    return crypto.sha256("\n".join(sorted(lines)).encode("utf-8"))[:DIGEST_BYTES]


# -- BRIEF -------------------------------------------------------------------------------------------


def _of_study(study: str, *parts: bytes) -> bytes:
    return b"\0".join((study.encode("utf-8"), *parts))


def write_brief(message: Brief, study: str, key: crypto.SigningKey) -> bytes:
    """Return the body of a BRIEF frame, signed by whoever `signer` names."""
    flags = _IN_U * (message.shelf == UNBLINDING) + _BY_PERSON * message.by_person
    signer = bytes.fromhex(message.signer) if message.by_person else message.signer.encode("ascii")
    content = bytes([PROTOCOL, flags]) + signer + bytes.fromhex(message.nonce) + message.digest
    return key.sign(BRIEF_DOMAIN, _of_study(study, content)) + content


def brief_holds(public_key: bytes, study: str, body: bytes) -> bool:
    """Tell whether a BRIEF body carries the signature of `public_key`, in this study."""
    content = _of_study(study, body[SIGNATURE_BYTES:])
    return crypto.signature_holds(public_key, BRIEF_DOMAIN, content, body[:SIGNATURE_BYTES])


def read_brief(body: bytes) -> Brief:
    """Read a BRIEF body; its signature is checked apart. What a newer release says behind it is passed over.

    Raises:
        FrameCorruptError: It is in another form.
        ProtocolUnsupportedError: It is of another version.
    """
    content = body[SIGNATURE_BYTES:]
    if len(content) < 1 or content[0] != PROTOCOL:
        raise ProtocolUnsupportedError if content else FrameCorruptError(why="an opening in another form")
    by_person = bool(content[1:2] and content[1] & _BY_PERSON)
    signer_end = 2 + (_KEY_BYTES if by_person else _DEVICE_CHARACTERS)
    nonce_end = signer_end + _NONCE_BYTES
    digest_end = nonce_end + DIGEST_BYTES
    if len(content) < digest_end or content[1] > (_IN_U | _BY_PERSON):
        raise FrameCorruptError(why="an opening in another form")
    signer = content[2:signer_end]
    try:
        named: KeyId | DeviceId = KeyId(signer.hex()) if by_person else device_id(signer.decode("ascii"))
    except ValueError:
        raise FrameCorruptError(why="an opening in another form") from None
    return Brief(
        signer=named,
        by_person=by_person,
        nonce=content[signer_end:nonce_end].hex(),
        digest=content[nonce_end:digest_end],
        shelf=UNBLINDING if content[1] & _IN_U else STANDARD,
    )


# -- GREETING ----------------------------------------------------------------------------------------


def write_greeting(message: Hello, key: crypto.SigningKey) -> bytes:
    """Return the body of a GREETING frame: a hello without what is as usual, or known to the laptop."""
    record: dict[str, Value] = {
        "now": message.now_ms,
        "kh": int(message.knows_heads),
        "hv": [[one.device, one.epoch, one.sequence, one.id or ""] for one in message.heads],
        "un": int(not message.knows_device),
        "wt": message.waiting,
        "wd": int(message.withdrawn),
        "kw": int(message.wants_sidecar),
        "bk": [message.backup_serial, message.backup_at_ms] if message.backup_serial else 0,
        "rt": message.retry_s,
        "cr": message.credit_bytes,
    }
    said = {name: value for name, value in record.items() if value not in (0, [])}
    if not message.knows_heads:
        said |= {"se": message.server_epoch, "ss": list(message.sites)}
    content = encode(said)
    return key.sign(GREETING_DOMAIN, _answering(message.study, message.nonce, content)) + content


def _answering(study: str, nonce: str, content: bytes) -> bytes:
    return _of_study(study, bytes.fromhex(nonce), content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a laptop knows of its own question, to read a greeting by: what the greeting leaves out is as here."""

    study: str
    nonce: str
    sites: tuple[str, ...]
    server_epoch: str


def read_greeting(body: bytes, receipt_key: bytes, asked: Asked) -> Hello:
    """Read a GREETING body that must carry the server's signature and answer what was asked.

    Raises:
        ServerWordUntrustedError: It is not signed by the server, or answers something else.
        FrameCorruptError: It is in another form.
    """
    content = body[SIGNATURE_BYTES:]
    signed = _answering(asked.study, asked.nonce, content)
    if not crypto.signature_holds(receipt_key, GREETING_DOMAIN, signed, body[:SIGNATURE_BYTES]):
        raise ServerWordUntrustedError(why="greeting")
    usual: dict[str, Value] = dict.fromkeys(("kh", "un", "wt", "wd", "kw", "rt", "cr"), 0)
    usual |= {"v": PROTOCOL, "st": asked.study, "no": asked.nonce, "hv": [], "bk": [0, 0]}
    usual |= {"se": asked.server_epoch, "ss": list(asked.sites)}
    try:
        match decode(content):
            case dict(said) if said.get("kh") or {"se", "ss"} <= said.keys():
                return messages.hello_of(usual | {"kn": int(not said.get("un"))} | said)
    except (CommitUnreadableError, ValueError):
        pass
    raise FrameCorruptError(why="a greeting in another form")


# -- MARK --------------------------------------------------------------------------------------------


def write_mark(receipt: Receipt, among: Iterable[ChainHead], now_ms: int, key: crypto.SigningKey) -> bytes:
    """Return the body of a MARK frame: a receipt as its signature and what the laptop cannot know.

    Args:
        among: The heads that a receipt can be for, the same at both ends.
        now_ms: The server's clock in the greeting.
    """
    place = _in_order(among).index(receipt.head)
    signature = messages.write_receipt(receipt, key)[:SIGNATURE_BYTES]
    return signature + encode([place, receipt.serial, receipt.at_ms - now_ms])


def read_mark(body: bytes, among: Iterable[ChainHead], hello: Hello) -> bytes:
    """Return the whole body of the receipt that a mark stands for, to be read as any receipt.

    Raises:
        FrameCorruptError: It is in another form.
    """
    try:
        match decode(body[SIGNATURE_BYTES:]):
            case [int(place), int(serial), int(later_ms), *_] if 0 <= place < len(heads := _in_order(among)):
                receipt = Receipt(
                    study=hello.study,
                    serial=serial,
                    head=heads[place],
                    at_ms=hello.now_ms + later_ms,
                    server_epoch=hello.server_epoch,
                )
                return body[:SIGNATURE_BYTES] + messages.receipt_content(receipt)
    except CommitUnreadableError:
        pass
    raise FrameCorruptError(why="a receipt in another form")


def _in_order(heads: Iterable[ChainHead]) -> list[ChainHead]:
    """Return the longest head of each chain (of two the lower id), by device and epoch."""
    longest: dict[tuple[DeviceId, Epoch], ChainHead] = {}
    for head in sorted(heads, key=lambda one: (-one.sequence, one.id or "")):
        longest.setdefault((head.device, head.epoch), head)
    return [longest[chain] for chain in sorted(longest)]
