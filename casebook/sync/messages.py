"""What the two ends say to each other besides commits.

    OPEN     laptop: who I am, which chains I hold up to where      signed by the device's and the person's key
    SIDECAR  laptop: the file of its key slots, as it lies there    as asked for
    HELLO    server: which chains I hold up to where                signed by the server's receipt key
    RECEIPT  server: this chain is durable here up to this commit   signed by the server's receipt key
    END      both: so many commits were sent                        (so that a cut is not taken for an end)

A signed body is 64 bytes of signature, then canonical JSON; what is verified is those bytes. An OPEN has
two signatures before it, the second 64 zero bytes where nobody is signed in.

Source: docs/sync_protocol.md, section "Messages".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from casebook import crypto
from casebook.canonical import Value, decode, decode_object, encode, int_of, list_of, text_of
from casebook.errors import (
    CommitUnreadableError,
    FrameCorruptError,
    ProtocolUnsupportedError,
    ServerWordUntrustedError,
    StudyMismatchError,
)
from casebook.ids import DeviceId, RandomBytes, commit_id, device_id, epoch
from casebook.ledger import SIGNATURE_BYTES, STANDARD, UNBLINDING, ChainHead
from casebook.sync.spoken import eight_letters

PROTOCOL = 1
"""Version 1, with the first release."""
OPEN_DOMAIN = "CRF-open-v1"
OPEN_PERSON_DOMAIN = "CRF-open-person-v1"
HELLO_DOMAIN = "CRF-hello-v1"
RECEIPT_DOMAIN = "CRF-receipt-v1"

_TOKEN_BYTES = 16


def new_nonce(random_bytes: RandomBytes) -> str:
    """Return 32 hex digits that tie an answer to its question."""
    return random_bytes(_TOKEN_BYTES).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChain:
    """The end of a chain that one side holds, and how far the server's receipts for it reach there."""

    head: ChainHead
    receipted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A laptop opens an exchange of one shelf.

    Attributes:
        chains: Everything that the laptop holds in this shelf.
        user: Who is signed in, "" for nobody.
        person_key: Short name of the key that signed for `user`, "" for none.
        sidecar_hash: SHA-256 (hex) of the file of the laptop's key slots, "" where it is not offered.
    """

    study: str
    device: DeviceId
    app_version: str
    nonce: str
    chains: tuple[HeldChain, ...]
    shelf: str = STANDARD
    user: str = ""
    person_key: str = ""
    sidecar_hash: str = ""
    protocol: tuple[int, int] = (PROTOCOL, PROTOCOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The server answers.

    Attributes:
        knows_device: False while the server has no certificate of the device (it may be refilled with one).
        heads: The ends of the chains that concern this exchange: those of the served sites, and the laptop's own,
            after what was just sent.
        sites: The sites that are served.
        waiting: Commits of this exchange that wait for their author's certificate.
        withdrawn: The laptop is withdrawn: it can hand in what it made and gets nothing; it locks itself.
        wants_sidecar: The file of the key slots that was offered is not the one that the server has.
        server_epoch: Six characters: this incarnation of the server's store. Another one after it was put back.
        backup_serial: The last receipt that lies in a verified backup, 0 for none.
        backup_at_ms: When that backup was made (UTC ms).
        retry_s: After how many seconds the laptop is asked to come again; 0 leaves it to the laptop.
        credit_bytes: How many bytes of records the server takes in one request now; 0 for no limit.
        knows_heads: The server knows what the laptop holds: `heads` are those of the chains that stand otherwise.
    """

    study: str
    nonce: str
    now_ms: int
    knows_device: bool
    heads: tuple[ChainHead, ...]
    sites: tuple[str, ...] = ()
    waiting: int = 0
    withdrawn: bool = False
    wants_sidecar: bool = False
    server_epoch: str = ""
    backup_serial: int = 0
    backup_at_ms: int = 0
    retry_s: int = 0
    credit_bytes: int = 0
    knows_heads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The server's word that a chain is durable there up to `head`. `serial` rises with every receipt.

    `server_epoch`: in which incarnation of the server's store; what it said before it was put back counts no more.
    """

    study: str
    serial: int
    head: ChainHead
    at_ms: int
    server_epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last frame of either direction."""

    commits: int


# -- signed bodies -----------------------------------------------------------------------------------


def _sign(key: crypto.SigningKey, domain: str, record: dict[str, Value]) -> bytes:
    message = encode(record)
    return key.sign(domain, message) + message


def content_of(body: bytes) -> bytes:
    """Return what is signed of a signed body."""
    return body[SIGNATURE_BYTES:]


def signature_holds(public_key: bytes, domain: str, body: bytes) -> bool:
    """Tell whether a signed body carries the signature of `public_key`."""
    return crypto.signature_holds(public_key, domain, content_of(body), body[:SIGNATURE_BYTES])


def _read(data: bytes) -> dict[str, Value]:
    try:
        return decode_object(data)
    except CommitUnreadableError:
        raise FrameCorruptError(why="a message in another form") from None


# -- chains ------------------------------------------------------------------------------------------


def _chain(head: ChainHead) -> list[Value]:
    return [head.device, head.epoch, head.sequence, head.id or ""]


def _read_chain(value: Value) -> ChainHead:
    match value:
        case [str(device), str(epoch_), int(sequence), str(id_), *_] if sequence >= 1:
            return ChainHead(device=device_id(device), epoch=epoch(epoch_), sequence=sequence, id=commit_id(id_))
        case [str(device), str(epoch_), 0, "", *_]:
            return ChainHead(device=device_id(device), epoch=epoch(epoch_), sequence=0, id=None)
        case _:
            raise FrameCorruptError(why="a chain in another form")


def _read_held(value: Value) -> HeldChain:
    match value:
        case [_, _, _, _, int(receipted)]:
            return HeldChain(head=_read_chain(value), receipted=receipted)
        case _:
            raise FrameCorruptError(why="a chain in another form")


# -- OPEN --------------------------------------------------------------------------------------------


def write_open(message: Open, key: crypto.SigningKey, person: crypto.SigningKey | None = None) -> bytes:
    """Return the body of an OPEN frame, signed by the device and by the signed-in person."""
    content = encode(
        {
            "v": PROTOCOL,
            "pr": list(message.protocol),
            "st": message.study,
            "d": message.device,
            "sh": message.shelf,
            "u": message.user,
            "uk": message.person_key,
            "av": message.app_version,
            "no": message.nonce,
            "ks": message.sidecar_hash,
            "hv": [[*_chain(one.head), one.receipted] for one in message.chains],
        }
    )
    by_person = person.sign(OPEN_PERSON_DOMAIN, content) if person is not None else bytes(SIGNATURE_BYTES)
    return key.sign(OPEN_DOMAIN, content) + by_person + content


def open_is_signed_by_device(public_key: bytes, body: bytes) -> bool:
    """Tell whether an OPEN body carries the signature of the device's key."""
    return crypto.signature_holds(public_key, OPEN_DOMAIN, body[2 * SIGNATURE_BYTES :], body[:SIGNATURE_BYTES])


def open_is_signed_by_person(public_key: bytes, body: bytes) -> bool:
    """Tell whether an OPEN body carries the signature of a person's key."""
    content, signature = body[2 * SIGNATURE_BYTES :], body[SIGNATURE_BYTES : 2 * SIGNATURE_BYTES]
    return crypto.signature_holds(public_key, OPEN_PERSON_DOMAIN, content, signature)


def read_open(body: bytes) -> Open:
    """Read an OPEN body; its signatures are checked apart, where the keys are known.

    Raises:
        FrameCorruptError: It is in another form.
        ProtocolUnsupportedError: The device speaks only other versions.
    """
    try:
        record = _read(body[2 * SIGNATURE_BYTES :])
        match list_of(record, "pr"):
            case [int(lowest), int(highest)]:
                pass
            case _:
                raise FrameCorruptError(why="a protocol range in another form")
        if not lowest <= PROTOCOL <= highest:
            raise ProtocolUnsupportedError
        shelf = text_of(record, "sh")
        if shelf not in (STANDARD, UNBLINDING):
            raise FrameCorruptError(why="a shelf that there is not")
        return Open(
            study=text_of(record, "st"),
            device=device_id(text_of(record, "d")),
            shelf=shelf,
            user=text_of(record, "u"),
            person_key=text_of(record, "uk"),
            sidecar_hash=text_of(record, "ks"),
            app_version=text_of(record, "av"),
            nonce=text_of(record, "no"),
            chains=tuple(_read_held(one) for one in list_of(record, "hv")),
            protocol=(lowest, highest),
        )
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="an opening in another form") from None


# -- HELLO -------------------------------------------------------------------------------------------


def write_hello(message: Hello, key: crypto.SigningKey) -> bytes:
    """Return the body of a HELLO frame, signed by the server."""
    return _sign(
        key,
        HELLO_DOMAIN,
        {
            "v": PROTOCOL,
            "st": message.study,
            "no": message.nonce,
            "now": message.now_ms,
            "kn": int(message.knows_device),
            "hv": [_chain(one) for one in message.heads],
            "ss": list(message.sites),
            "wt": message.waiting,
            "wd": int(message.withdrawn),
            "kw": int(message.wants_sidecar),
            "se": message.server_epoch,
            "bk": [message.backup_serial, message.backup_at_ms],
            "rt": message.retry_s,
            "cr": message.credit_bytes,
        },
    )


def read_hello(body: bytes, receipt_key: bytes, nonce: str) -> Hello:
    """Read a HELLO body that must carry the server's signature and answer `nonce`.

    Raises:
        ServerWordUntrustedError: It is not signed by the server, or answers something else.
        FrameCorruptError: It is in another form.
    """
    if not signature_holds(receipt_key, HELLO_DOMAIN, body):
        raise ServerWordUntrustedError(why="greeting")
    try:
        hello = hello_of(_read(content_of(body)))
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="a greeting in another form") from None
    if hello.nonce != nonce:
        raise ServerWordUntrustedError(why="greeting of another exchange")
    return hello


def hello_of(record: dict[str, Value]) -> Hello:
    """Return a hello from its fields. Raises CommitUnreadableError, ValueError, FrameCorruptError."""
    backup_serial, backup_at_ms = _pair(record, "bk")
    return Hello(
        study=text_of(record, "st"),
        nonce=text_of(record, "no"),
        now_ms=int_of(record, "now"),
        knows_device=int_of(record, "kn") == 1,
        heads=tuple(_read_chain(one) for one in list_of(record, "hv")),
        sites=tuple(_read_site(one) for one in list_of(record, "ss")),
        waiting=int_of(record, "wt"),
        withdrawn=int_of(record, "wd") == 1,
        wants_sidecar=int_of(record, "kw") == 1,
        server_epoch=text_of(record, "se"),
        backup_serial=backup_serial,
        backup_at_ms=backup_at_ms,
        retry_s=int_of(record, "rt"),
        credit_bytes=int_of(record, "cr"),
        knows_heads=record.get("kh") == 1,
    )


def _pair(record: dict[str, Value], key: str) -> tuple[int, int]:
    match list_of(record, key):
        case [int(first), int(second)]:
            return first, second
        case _:
            raise FrameCorruptError(why=f"field {key} in another form")


def _read_site(value: Value) -> str:
    match value:
        case str(site):
            return site
        case _:
            raise FrameCorruptError(why="a site in another form")


# -- RECEIPT -----------------------------------------------------------------------------------------


def write_receipt(message: Receipt, key: crypto.SigningKey) -> bytes:
    """Return the body of a RECEIPT frame, signed by the server."""
    content = receipt_content(message)
    return key.sign(RECEIPT_DOMAIN, content) + content


def receipt_content(message: Receipt) -> bytes:
    """Return what is signed of a receipt."""
    head = message.head
    return encode(
        {
            "v": PROTOCOL,
            "st": message.study,
            "r": message.serial,
            "d": head.device,
            "e": head.epoch,
            "q": head.sequence,
            "id": head.id or "",
            "at": message.at_ms,
            "se": message.server_epoch,
        }
    )


def read_receipt(body: bytes, receipt_key: bytes, study: str | None = None) -> Receipt:
    """Read a RECEIPT body that must carry the server's signature.

    Args:
        study: Of which it must speak: one key may sign for several studies. None where that is known otherwise.

    Raises:
        ServerWordUntrustedError: It is not signed by the server.
        StudyMismatchError: It is of another study.
        FrameCorruptError: It is in another form.
    """
    if not signature_holds(receipt_key, RECEIPT_DOMAIN, body):
        raise ServerWordUntrustedError(why="receipt")
    try:
        record = _read(content_of(body))
        receipt = Receipt(
            study=text_of(record, "st"),
            serial=int_of(record, "r"),
            head=_read_chain([text_of(record, "d"), text_of(record, "e"), int_of(record, "q"), text_of(record, "id")]),
            at_ms=int_of(record, "at"),
            server_epoch=text_of(record, "se"),
        )
    except (CommitUnreadableError, ValueError):
        raise FrameCorruptError(why="a receipt in another form") from None
    if study is not None and receipt.study != study:
        raise StudyMismatchError
    return receipt


# -- END ---------------------------------------------------------------------------------------------


def write_end(message: End) -> bytes:
    """Return the body of an END frame: the number, in digits."""
    return encode(message.commits)


def read_end(body: bytes) -> End:
    """Read an END body. Raises FrameCorruptError."""
    try:
        match decode(body):
            case int(commits):
                return End(commits=commits)
    except CommitUnreadableError:
        pass
    raise FrameCorruptError(why="an end in another form")


# -- comparing by voice ------------------------------------------------------------------------------


def spoken_check(heads: Iterable[ChainHead]) -> str:
    """Return eight letters over all heads: equal letters on both ends mean equal records.

    Forty bits of SHA-256 over the sorted lines `device|epoch|sequence|id`; short enough for the telephone.
    """
    lines = sorted(f"{one.device}|{one.epoch}|{one.sequence}|{one.id}" for one in heads)
    return eight_letters(crypto.sha256("\n".join(lines).encode("ascii")))
