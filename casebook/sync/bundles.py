"""Bundles on a laptop: the exchange as files, written for the server or another laptop of the site, and read.

A bundle says what an exchange would say in that direction: an opening signed by the laptop and the signed-in
person, with every chain held here; the commits that the recipient is not known to have; an end. What the server
answers is its greeting, receipts, news and an end. Whether commits were sent before is never looked at: what a
receipt does not cover goes into each bundle, so one that is lost, late or read twice does no harm.

Shelf U is a part of its own, sealed to other keys. A session without it writes and reads shelf S, and its files
look like all others.

Source: docs/sync_protocol.md, section "Bundles"; docs/adr/0025.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from casebook import crypto
from casebook.crypto import SealingKey
from casebook.errors import (
    BundleForAnotherError,
    BundleKeyMissingError,
    BundleOtherStudyError,
    BundleSenderError,
    BundleTurnedAwayError,
    FileUnreadableError,
)
from casebook.ids import DeviceId, RandomBytes
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store import CommitLog
from casebook.store.chunks import Chunks
from casebook.sync import bundle_notes, messages
from casebook.sync.bundle_disk import UNWATCHED, HeldFrames, Watch
from casebook.sync.bundle_file import (
    BundleReader,
    Prefix,
)
from casebook.sync.bundle_notes import TO_SERVER, NotedBundle, noted
from casebook.sync.bundle_parts import Outgoing, write_parts
from casebook.sync.bundle_words import WHOLE, Heard, Hearing, hear_laptop, hear_server, hear_statements
from casebook.sync.carried_chunks import Attached, Going, for_neighbour, for_server, held_frames
from casebook.sync.chains import Chain, all_heads, by_chain, in_order, lacking, site_of
from casebook.sync.engine import Laptop
from casebook.sync.frames import FrameType, batches, pack_commits, write_frame
from casebook.sync.messages import HeldChain, Open
from casebook.sync.trust import Device, Directory

__all__ = [
    "TO_SERVER",
    "BundleRead",
    "BundleWritten",
    "Holder",
    "NotedBundle",
    "going_along",
    "noted",
    "openers_on",
    "read_bundle",
    "write_bundle",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who writes and reads: a laptop with what its session holds.

    Attributes:
        laptop: As it signs openings; `person` is the signed-in one.
        site: The laptop's site.
        logs: Shelf S, and shelf U where the session holds it.
        sealing: The laptop's key, to which part S is sealed.
        person_sealing: The signed-in person's key, to which part U is sealed.
        begin_epoch: By shelf, what to call before this laptop's own lost commits are appended.
        chunks: By shelf, where chunks of attachments lie; of a shelf without them none are carried.
    """

    laptop: Laptop
    site: str
    logs: Mapping[str, CommitLog]
    directory: Directory
    sealing: SealingKey
    person_sealing: SealingKey
    random_bytes: RandomBytes
    identity_key: bytes | None = None
    begin_epoch: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    chunks: Mapping[str, Chunks] = field(default_factory=dict)

    def refresh(self) -> None:
        """Learn what the server stated."""
        for shelf, log in self.logs.items():
            self.directory.refresh(log, shelf)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleWritten:
    """What was written.

    Attributes:
        count: Commits in it.
        size_bytes: Of all files together.
        attached: Attachments of which something is in it; `left_out`: those that stayed behind, as was asked.
    """

    number: int
    files: tuple[Path, ...]
    count: int
    size_bytes: int
    attached: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRead:
    """What reading a file came to.

    Attributes:
        sender: The server or a laptop.
        number: The sender's own count of its bundles, with `part` of `parts`.
        answers: The bundle of this laptop that it answers; None where it answers none that is known.
        unblinding: What the part of shelf U came to; None where this session does not read it.
    """

    sender: DeviceId
    by_server: bool
    number: int
    part: int
    parts: int
    answers: int | None
    standard: Heard
    unblinding: Heard | None = None


# -- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a bundle is to be; see `write_bundle`."""

    to: DeviceId | None
    whole: bool
    attachments: Attached
    watch: Watch


def write_bundle(
    holder: Holder,
    folder: Path,
    stem: str,
    *,
    to: DeviceId | None = None,
    at_ms: int,
    whole: bool = False,
    passing: bool = False,
    attachments: Attached = Attached.WITH,
    watch: Watch = UNWATCHED,
) -> BundleWritten:
    """Write what the server, or another laptop of the site, is not known to have: records, then attachments.

    Args:
        stem: How the files' names begin; number and part follow.
        to: The other laptop; None for the server.
        at_ms: Now, by this laptop's clock.
        whole: Everything that is held here, whatever receipts say: for a server that was set up anew.
        passing: It goes over a wire at once: it gets no number, and nothing is noted.
        attachments: Whether their chunks go along. Alone they make no file where there are none.

    Raises:
        BundleRoomError: There is less room in the folder than it takes.
        BundleKeyMissingError: This laptop has not heard yet to which key bundles for the server are sealed.
        BundleTurnedAwayError: There is no such laptop at the site.
        FileUnwritableError, StoppedError: Nothing is left in the folder.
    """
    holder.refresh()
    openers = _openers_at_server(holder) if to is None else openers_on(holder.directory, _neighbour(holder, to))
    standard, id_ = holder.logs[STANDARD], messages.new_nonce(holder.random_bytes)
    number = 0 if passing else bundle_notes.take_number(standard)
    wish = _Wish(to=to, whole=whole, attachments=attachments, watch=watch)
    with ExitStack() as stack:
        outgoing = {
            shelf: _outgoing(holder, shelf, id_, stack, openers[shelf], wish)
            for shelf in (STANDARD, UNBLINDING)
            if shelf in holder.logs
        }
        if attachments is Attached.ALONE and not any(one.attached for one in outgoing.values()):
            return BundleWritten(number=number, files=(), count=0, size_bytes=0)
        prefix = Prefix(
            study=holder.laptop.study,
            sender=holder.laptop.device,
            recipient=to or holder.directory.server.device,
            number=number,
            part=1,
            parts=1,
            at_ms=at_ms,
            id=id_,
            answers="",
            room=(0, 0),
        )
        files = write_parts(
            prefix,
            outgoing[STANDARD],
            outgoing.get(UNBLINDING),
            folder=folder,
            stem=f"{stem}-{number}",
            widen=lambda size_bytes: bundle_notes.widen(standard, size_bytes),
            random_bytes=holder.random_bytes,
            watch=watch,
        )
    for shelf, one in () if passing else outgoing.items():
        bundle = NotedBundle(
            number=number,
            made_at=at_ms,
            recipient=to or TO_SERVER,
            heads=one.heads,
            replied=False,
            count=one.count,
            id=id_,
            files=tuple(file.name for file in files),
            attached=one.attached,
            left_out=one.left_out,
        )
        bundle_notes.note(holder.logs[shelf], bundle)
    return BundleWritten(
        number=number,
        files=files,
        count=sum(one.count for one in outgoing.values()),
        size_bytes=sum(file.stat().st_size for file in files),
        attached=sum(one.attached for one in outgoing.values()),
        left_out=sum(one.left_out for one in outgoing.values()),
    )


def going_along(holder: Holder, to: DeviceId | None, *, whole: bool = False) -> dict[str, tuple[Going, ...]]:
    """Return which attachments a bundle for somebody would carry, by shelf."""
    return {
        shelf: for_server(
            log,
            holder.chunks[shelf],
            device=holder.laptop.device,
            site=holder.site,
            whole=whole or log.setting(WHOLE) == "1",
        )
        if to is None
        else for_neighbour(log, holder.chunks[shelf], to=to, site=holder.site)
        for shelf, log in holder.logs.items()
        if shelf in holder.chunks
    }


def _openers_at_server(holder: Holder) -> dict[str, tuple[bytes, ...]]:
    keys = holder.directory.bundle_keys(holder.site)
    if keys is None:
        raise BundleKeyMissingError
    standard, unblinding = keys
    return {STANDARD: (standard,), UNBLINDING: (unblinding,)}


def openers_on(directory: Directory, device: Device) -> dict[str, tuple[bytes, ...]]:
    """Return to which keys each part is sealed for a laptop.

    Part S: the laptop's own. Part U: those of the people on it who are to know what is unblinding, which the server
    certified and nobody but they can open: the laptop's key opens for whoever signs in there.
    """
    people: list[bytes] = []
    for user in directory.people_on(device.device):
        member, key = directory.member(user), directory.person_key(user, device.device)
        if member is None or member.revoked or not member.sees_unblinding or key is None:
            continue
        if len(key.sealing) == crypto.KEY_BYTES:
            people.append(key.sealing)
    return {STANDARD: (device.sealing,), UNBLINDING: tuple(people[-16:])}


def _neighbour(holder: Holder, to: DeviceId) -> Device:
    device = holder.directory.device(to)
    if device is None or device.revoked or device.site != holder.site or to == holder.laptop.device:
        raise BundleTurnedAwayError
    return device


def _outgoing(
    holder: Holder, shelf: str, id_: str, stack: ExitStack, openers: Sequence[bytes], wish: _Wish
) -> Outgoing:
    """Gather what goes out of a shelf: what is here of its attachments, the records, then chunks.

    The server's answer brings attachments where what is here was said: not to a bundle that was to be without them.
    """
    log, chunks, held = holder.logs[shelf], holder.chunks.get(shelf), HeldFrames(holder.random_bytes)
    stack.callback(held.close)
    out = Outgoing(opening_frames(holder, shelf, id_, with_sidecar=wish.to is None), held, openers)
    if chunks is not None and (wish.to is not None or wish.attachments is not Attached.WITHOUT):
        for frame in held_frames(log, chunks):
            held.add(frame, 0)
    if wish.attachments is not Attached.ALONE:
        _add_records(holder, log, out, wish)
    if chunks is not None:
        going = going_along(holder, wish.to, whole=wish.whole)[shelf]
        if wish.attachments is Attached.WITHOUT:
            out.left_out = len(going)
        else:
            out.add_chunks(chunks, going, wish.watch)
    return out


def _add_records(holder: Holder, log: CommitLog, out: Outgoing, wish: _Wish) -> None:
    """Put in what follows the planned places of the planned chains."""
    heads, plan = all_heads(log), _plan(holder, log, wish.to, whole=wish.whole)
    for chain in in_order(log, plan, first=holder.directory.server.device, then=holder.laptop.device):
        last = max(head.sequence for head in heads[chain])
        for batch in batches(log.chain(*chain, plan[chain], upto=last)):
            wish.watch.pass_by(0)
            out.held.add(write_frame(FrameType.COMMITS, pack_commits(batch)), len(batch))
            out.count += len(batch)
        out.heads = (*out.heads, *heads[chain])


def opening_frames(holder: Holder, shelf: str, id_: str, *, with_sidecar: bool) -> bytes:
    """Return the opening that each file begins with: which chains are held here, signed."""
    log, laptop = holder.logs[shelf], holder.laptop
    person = laptop.person
    sidecar = laptop.sidecar if with_sidecar and shelf == STANDARD else b""
    opening = Open(
        study=laptop.study,
        device=laptop.device,
        shelf=shelf,
        user=person.user if person is not None else "",
        person_key=person.signing.id if person is not None else "",
        sidecar_hash=crypto.sha256(sidecar).hex() if sidecar else "",
        app_version=laptop.app_version,
        nonce=id_,
        chains=tuple(
            HeldChain(head=head, receipted=log.custody(*chain))
            for chain, ends in all_heads(log).items()
            for head in ends
        ),
    )
    body = messages.write_open(opening, laptop.signing, person.signing if person is not None else None)
    frames = write_frame(FrameType.OPEN, body)
    return frames + write_frame(FrameType.SIDECAR, sidecar) if sidecar else frames


def _plan(holder: Holder, log: CommitLog, to: DeviceId | None, *, whole: bool) -> dict[Chain, int]:
    """Return which chains go out, and after which commit of each."""
    if to is None:
        return _for_server(holder, log, whole=whole or log.setting(WHOLE) == "1")
    theirs = {} if whole else by_chain(bundle_notes.heard_heads(log, to))
    plan: dict[Chain, int] = {}
    for chain, ends in all_heads(log).items():
        after = lacking(ends, theirs.get(chain, ()), has=log.has)
        if after is not None and site_of(log, chain) == holder.site:
            plan[chain] = after
    return plan


def _for_server(holder: Holder, log: CommitLog, *, whole: bool) -> dict[Chain, int]:
    server = holder.directory.server.device
    plan: dict[Chain, int] = {}
    for chain, ends in all_heads(log).items():
        if (chain[0] == server and not whole) or not _concerns(holder, log, chain):
            continue
        after = 0 if whole or len(ends) > 1 else log.custody(*chain)
        if after < max(head.sequence for head in ends):
            plan[chain] = after
    return plan


def _concerns(holder: Holder, log: CommitLog, chain: Chain) -> bool:
    return chain[0] == holder.laptop.device or site_of(log, chain) == holder.site


# -- reading -----------------------------------------------------------------------------------------


def read_bundle(holder: Holder, path: Path, watch: Watch = UNWATCHED) -> BundleRead:
    """Take in a file that the server or a laptop of the site wrote for this laptop.

    The whole file is checked before anything of it is taken in; what is taken in is durable on return, and taking
    it in again changes nothing.

    Raises:
        FileUnreadableError: The file cannot be read.
        BundleForeignFileError, BundleNewerError, BundleDamagedError: It is no bundle that can be read here.
        BundleOtherStudyError, BundleForAnotherError, BundleSealedError, BundleSenderError: It is not for here.
        StoppedError: The user stopped it; what was taken in stays.
    """
    try:
        with path.open("rb") as file:
            return _read(holder, BundleReader(file, path.name, cancelled=watch.cancelled), path.name, watch)
    except OSError as error:
        raise FileUnreadableError(path=path, why=error.strerror or type(error).__name__) from None


def _read(holder: Holder, reader: BundleReader, name: str, watch: Watch) -> BundleRead:
    prefix = reader.prefix
    if prefix.study != holder.laptop.study:
        raise BundleOtherStudyError(file=name, study=prefix.study)
    if prefix.recipient != holder.laptop.device:
        raise BundleForAnotherError(file=name)
    reader.verify()
    holder.refresh()
    by_server = prefix.sender == holder.directory.server.device
    key = reader.key(STANDARD, [holder.sealing])
    if key is None:
        raise reader.sealed_to_others()

    def hearing(shelf: str) -> Hearing:
        return Hearing(
            name=name,
            log=holder.logs[shelf],
            shelf=shelf,
            device=holder.laptop.device,
            study=holder.laptop.study,
            site=None if by_server else holder.site,
            directory=holder.directory,
            identity_key=holder.identity_key,
            begin_epoch=holder.begin_epoch.get(shelf, _nothing),
            watch=watch,
            chunks=holder.chunks.get(shelf),
        )

    if not by_server and holder.directory.device(prefix.sender) is None:
        hear_statements(hearing(STANDARD), reader.content(STANDARD, key))
    sender = None if by_server else _sender(holder, prefix.sender, name)

    def hear(shelf: str, key: bytes) -> Heard:
        content = reader.content(shelf, key)
        if sender is None:
            return hear_server(hearing(shelf), content, prefix.answers)
        return hear_laptop(hearing(shelf), content, sender, prefix.id)

    standard = hear(STANDARD, key)
    opened = reader.key(UNBLINDING, [holder.person_sealing]) if UNBLINDING in holder.logs else None
    unblinding = hear(UNBLINDING, opened) if opened is not None else None
    answered = None
    if by_server:
        answered = bundle_notes.note_reply(holder.logs[STANDARD], prefix.answers)
        if unblinding is not None:
            bundle_notes.note_reply(holder.logs[UNBLINDING], prefix.answers)
    return BundleRead(
        sender=prefix.sender,
        by_server=by_server,
        number=prefix.number,
        part=prefix.part,
        parts=prefix.parts,
        answers=answered.number if answered is not None else None,
        standard=standard,
        unblinding=unblinding,
    )


def _nothing() -> None:
    """Begin no epoch: whoever reads here writes nothing."""


def _sender(holder: Holder, device: DeviceId, name: str) -> Device:
    found = holder.directory.device(device)
    if found is None or found.revoked or found.site != holder.site or device == holder.laptop.device:
        raise BundleSenderError(file=name)
    return found
