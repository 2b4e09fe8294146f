"""Two laptops of a site side by side: who they are, what each holds, then a bundle each way.

    waiter -> caller   magic | version | a key made for this call | salt
    caller -> waiter   sealed to that key: who calls, the six figures, a key of its own, signed by the laptop
    waiter -> caller   sealed to the caller's key: who answers, the key of this link, signed by the laptop
    both               openings: what I hold of shelf S, who is signed in; of shelf U, where both sessions have it
    both               the files of a bundle with the records that the other lacks, caller first
    both               the same with the attachments that it lacks
    both               a check over what is held now

Before the second message has verified, the waiter has told nothing but random bytes and taken no more than two
kilobytes; whoever listens sees ciphertext alone. What is said of shelf U is sealed to the person who is signed in
there. Nothing is kept of a call that breaks but what was taken in: the next one begins with what each holds.

Source: docs/sync_protocol.md, section "Bundles"; docs/adr/0025.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from casebook import crypto
from casebook.canonical import Value, decode_object, encode, int_of, text_of
from casebook.crypto import SealingKey
from casebook.errors import (
    CommitUnreadableError,
    FrameCorruptError,
    NearbyRefusedError,
    NearbyUnreachableError,
    SealBrokenError,
    WrongFiguresError,
)
from casebook.ids import KeyId, UserId, device_id
from casebook.ledger import STANDARD, UNBLINDING
from casebook.sync import bundle_notes, messages
from casebook.sync.bundle_disk import UNWATCHED, Watch
from casebook.sync.bundle_file import MOST_BYTES
from casebook.sync.bundle_words import is_opened_by
from casebook.sync.bundles import BundleRead, BundleWritten, Holder, opening_frames, read_bundle, write_bundle
from casebook.sync.carried_chunks import Attached
from casebook.sync.chains import all_heads, site_of
from casebook.sync.frames import FrameParser
from casebook.sync.messages import Open
from casebook.sync.trust import Device

FIGURES = 6
_DOMAIN = "CRF-nearby-v1"
_MAGIC = b"CRFN\x01"
_SALT_BYTES = 16
_MAX_HELLO_BYTES = 2048
_MAX_MESSAGE_BYTES = 1024 * 1024
_MAX_FILES = 1000
"""More than all attachments of a laptop fill."""
_PIECE_BYTES = 64 * 1024


class Link(Protocol):
    """Bytes to and from the other laptop, in order. One thread."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises NearbyUnreachableError."""
        ...

    def receive(self, count: int) -> bytes:
        """Return exactly so many bytes. Raises NearbyUnreachableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a meeting came to.

    Attributes:
        other: The other laptop.
        read: What its files came to.
        sent: Commits that went to it; `attached`: attachments of which something did.
        unblinding: Shelf U was exchanged too.
        agree: Both hold the same records of the site now, in what was exchanged.
    """

    other: Device
    read: tuple[BundleRead, ...]
    sent: int
    unblinding: bool
    agree: bool
    attached: int = 0


def new_figures(random_bytes: Callable[[int], bytes]) -> str:
    """Return six figures for the screen of the laptop that waits."""
    return f"{int.from_bytes(random_bytes(8), 'big') % 10**FIGURES:06d}"


# -- who is there ------------------------------------------------------------------------------------


@dataclass(slots=True)
class SecureLink:
    """A link whose ends know each other: messages under keys of this call, each way in its order."""

    link: Link
    other: Device
    id: str
    sending: bytes = field(repr=False)
    receiving: bytes = field(repr=False)
    _sent: int = 0
    _received: int = 0

    def send(self, message: bytes) -> None:
        """Send one message."""
        sealed = crypto.encrypt(self.sending, message, self._sent.to_bytes(8, "big"))
        self._sent += 1
        self.link.send(len(sealed).to_bytes(4, "big") + sealed)

    def receive(self) -> bytes:
        """Return the next message. Raises NearbyRefusedError where it is not the other end's."""
        size_bytes = int.from_bytes(self.link.receive(4), "big")
        if size_bytes > _MAX_MESSAGE_BYTES:
            raise NearbyRefusedError
        try:
            message = crypto.decrypt(self.receiving, self.link.receive(size_bytes), self._received.to_bytes(8, "big"))
        except SealBrokenError:
            raise NearbyRefusedError from None
        self._received += 1
        return message


def answer_call(link: Link, holder: Holder, figures: str) -> SecureLink:
    """Let one caller in.

    Raises:
        WrongFiguresError: A laptop of the site called, and its figures are not those shown.
        NearbyRefusedError: Somebody else called. Nothing was told to them.
        NearbyUnreachableError: They went away.
    """
    holder.refresh()
    own = SealingKey.generate()
    greeting = _MAGIC + own.public + holder.random_bytes(_SALT_BYTES)
    link.send(greeting)
    about = crypto.sha256(greeting)
    sealed = _receive_hello(link)
    record = _opened(own, sealed, about)
    caller = _known(holder, _word(record, "d"))
    public, theirs = _data(record, "c"), _word(record, "f")
    if not crypto.signature_holds(caller.signing, _DOMAIN, _call(holder, about, public, theirs), _data(record, "s")):
        raise NearbyRefusedError
    if not hmac.compare_digest(theirs.encode(), figures.encode()):
        raise WrongFiguresError
    key = holder.random_bytes(crypto.KEY_BYTES)
    transcript = crypto.sha256(greeting + sealed)
    body = {
        "d": holder.laptop.device,
        "k": _text(key),
        "s": _text(holder.laptop.signing.sign(_DOMAIN, transcript + key)),
    }
    _send_hello(link, crypto.seal_to(public, encode(dict(body)), transcript))
    return _secured(link, caller, transcript, key, waiter=True)


def call(link: Link, holder: Holder, figures: str) -> SecureLink:
    """Call the laptop at the other end.

    Raises:
        NearbyRefusedError: It is no laptop of this study and site, or did not accept the figures.
        NearbyUnreachableError: It went away.
    """
    holder.refresh()
    greeting = link.receive(len(_MAGIC) + crypto.KEY_BYTES + _SALT_BYTES)
    if not greeting.startswith(_MAGIC):
        raise NearbyRefusedError
    about, own = crypto.sha256(greeting), SealingKey.generate()
    body = {
        "d": holder.laptop.device,
        "c": _text(own.public),
        "f": figures,
        "s": _text(holder.laptop.signing.sign(_DOMAIN, _call(holder, about, own.public, figures))),
    }
    public = greeting[len(_MAGIC) : len(_MAGIC) + crypto.KEY_BYTES]
    try:
        sealed = crypto.seal_to(public, encode(dict(body)), about)
    except ValueError:
        raise NearbyRefusedError from None
    _send_hello(link, sealed)
    transcript = crypto.sha256(greeting + sealed)
    try:
        answer = _receive_hello(link)
    except NearbyUnreachableError:
        raise NearbyRefusedError from None  # whoever refuses says nothing, and hangs up
    record = _opened(own, answer, transcript)
    waiter, key = _known(holder, _word(record, "d")), _data(record, "k")
    if not crypto.signature_holds(waiter.signing, _DOMAIN, transcript + key, _data(record, "s")):
        raise NearbyRefusedError
    return _secured(link, waiter, transcript, key, waiter=False)


def _call(holder: Holder, about: bytes, public: bytes, figures: str) -> bytes:
    return about + public + encode([holder.laptop.study, holder.site, figures])


def _secured(link: Link, other: Device, transcript: bytes, key: bytes, *, waiter: bool) -> SecureLink:
    if len(key) != crypto.KEY_BYTES:
        raise NearbyRefusedError
    ways = (crypto.expand(key, "nearby caller"), crypto.expand(key, "nearby waiter"))
    receiving, sending = ways if waiter else ways[::-1]
    return SecureLink(link, other, transcript[:16].hex(), sending, receiving)


def _known(holder: Holder, text: str) -> Device:
    try:
        device = holder.directory.device(device_id(text))
    except ValueError:
        device = None
    if device is None or device.revoked or device.site != holder.site or device.device == holder.laptop.device:
        raise NearbyRefusedError
    return device


def _send_hello(link: Link, sealed: bytes) -> None:
    link.send(len(sealed).to_bytes(2, "big") + sealed)


def _receive_hello(link: Link) -> bytes:
    size_bytes = int.from_bytes(link.receive(2), "big")
    if size_bytes > _MAX_HELLO_BYTES:
        raise NearbyRefusedError
    return link.receive(size_bytes)


def _opened(key: SealingKey, sealed: bytes, info: bytes) -> dict[str, Value]:
    try:
        return decode_object(key.open(sealed, info))
    except (SealBrokenError, CommitUnreadableError):
        raise NearbyRefusedError from None


def _word(record: dict[str, Value], key: str) -> str:
    try:
        return text_of(record, key)
    except CommitUnreadableError:
        raise NearbyRefusedError from None


def _data(record: dict[str, Value], key: str) -> bytes:
    try:
        return base64.b64decode(text_of(record, key), validate=True)
    except (CommitUnreadableError, binascii.Error):
        raise NearbyRefusedError from None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


# -- the exchange ------------------------------------------------------------------------------------


def meet(link: SecureLink, holder: Holder, *, first: bool, at_ms: int, watch: Watch = UNWATCHED) -> Met:
    """Exchange with the other laptop: what each holds, then what the other lacks.

    Args:
        first: This laptop's files go first; it called.

    Raises:
        NearbyRefusedError: The other end says what it may not say.
        NearbyUnreachableError: The link was cut; what had arrived in whole files stays.
        StoppedError: The user stopped it.
    """
    theirs = _heard(link, holder, STANDARD, _swap(link, _opening(holder, STANDARD, link.id), first=first))
    unblinding = _swap_unblinding(link, holder, theirs, first=first)
    shelves = (STANDARD, UNBLINDING) if unblinding else (STANDARD,)
    narrowed = replace(holder, logs={shelf: holder.logs[shelf] for shelf in shelves})
    read: list[BundleRead] = []
    written: list[BundleWritten] = []
    with TemporaryDirectory() as folder:
        for what in (Attached.WITHOUT, Attached.ALONE):  # each other's records first: a photo holds up none
            for turn in (first, not first):
                if turn:
                    written.append(_send_files(link, narrowed, Path(folder), at_ms, what, watch))
                else:
                    read += _receive_files(link, narrowed, Path(folder), watch)
    check = _check(narrowed)
    agree = _swap(link, check, first=first) == check
    return Met(
        other=link.other,
        read=tuple(read),
        sent=sum(one.count for one in written),
        unblinding=unblinding,
        agree=agree,
        attached=sum(one.attached for one in written),
    )


def _swap(link: SecureLink, message: bytes, *, first: bool) -> bytes:
    """Send a message and return the other end's; never do both speak at once."""
    if first:
        link.send(message)
        return link.receive()
    theirs = link.receive()
    link.send(message)
    return theirs


def _opening(holder: Holder, shelf: str, id_: str) -> bytes:
    (frame,) = FrameParser().feed(opening_frames(holder, shelf, id_, with_sidecar=False))
    return frame.body


def _heard(link: SecureLink, holder: Holder, shelf: str, body: bytes) -> Open:
    """Verify what the other laptop says it holds, and keep it."""
    try:
        opened = messages.read_open(body)
    except FrameCorruptError:
        raise NearbyRefusedError from None
    about = (opened.study, opened.device, opened.shelf, opened.nonce)
    if about != (holder.laptop.study, link.other.device, shelf, link.id):
        raise NearbyRefusedError
    if not is_opened_by(holder.directory, opened, body):
        raise NearbyRefusedError
    bundle_notes.keep_heard_heads(holder.logs[shelf], link.other.device, (one.head for one in opened.chains))
    return opened


def _swap_unblinding(link: SecureLink, holder: Holder, theirs: Open, *, first: bool) -> bool:
    """Exchange what is held of shelf U where both sessions have it; each tells the other's person alone."""
    sealing = _person_there(holder, theirs) if UNBLINDING in holder.logs else None
    if _swap(link, b"U" if sealing is not None else b"-", first=first) != b"U" or sealing is None:
        return False
    info = b"CRF-nearby-unblinding-v1\0" + link.id.encode("ascii")
    mine = crypto.seal_to(sealing, _opening(holder, UNBLINDING, link.id), info)
    try:
        body = holder.person_sealing.open(_swap(link, mine, first=first), info)
    except SealBrokenError:
        raise NearbyRefusedError from None
    _heard(link, holder, UNBLINDING, body)
    return True


def _person_there(holder: Holder, theirs: Open) -> bytes | None:
    """Return the sealing key of the person at the other laptop, where they are to know what is unblinding."""
    key = holder.directory.person(UserId(theirs.user), theirs.device, KeyId(theirs.person_key))
    member = holder.directory.member(key.user) if key is not None else None
    if key is None or member is None or member.revoked or not member.sees_unblinding:
        return None
    return key.sealing if len(key.sealing) == crypto.KEY_BYTES else None


def _send_files(
    link: SecureLink, holder: Holder, folder: Path, at_ms: int, what: Attached, watch: Watch
) -> BundleWritten:
    device = link.other.device
    written = write_bundle(holder, folder, "to", to=device, at_ms=at_ms, passing=True, attachments=what)
    link.send(encode({"n": len(written.files)}))
    for path in written.files:
        link.send(encode({"b": path.stat().st_size}))
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                watch.pass_by(len(piece))
                link.send(piece)
        path.unlink()
    return written


def _receive_files(link: SecureLink, holder: Holder, folder: Path, watch: Watch) -> Iterator[BundleRead]:
    for number in range(_count(link, "n", _MAX_FILES)):
        left = _count(link, "b", 3 * MOST_BYTES)
        path = folder / f"from-{number}.crfb"
        with path.open("wb") as file:
            while left > 0:
                piece = link.receive()
                left -= len(piece)
                if not piece or left < 0:
                    raise NearbyRefusedError
                watch.pass_by(len(piece))
                file.write(piece)
        yield read_bundle(holder, path, watch)
        path.unlink()


def _count(link: SecureLink, name: str, most: int) -> int:
    try:
        count = int_of(decode_object(link.receive()), name)
    except CommitUnreadableError:
        raise NearbyRefusedError from None
    if not 0 <= count <= most:
        raise NearbyRefusedError
    return count


def _check(holder: Holder) -> bytes:
    """Return a check over the site's chains in the shelves that were exchanged."""
    heads = [
        head
        for log in holder.logs.values()
        for chain, ends in all_heads(log).items()
        if site_of(log, chain) == holder.site
        for head in ends
    ]
    return messages.spoken_check(heads).encode("ascii")
