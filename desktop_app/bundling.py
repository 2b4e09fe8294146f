"""Bundles as a session writes and reads them: to a stick and from one, and beside another laptop of the site.

All calls but `view` are the sync thread's: each opens connections of its own to the store, so that a large file
never delays typing.

Source: docs/sync_protocol.md, section "Bundles"; docs/windows.md.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from casebook.attachments import CHUNK_BYTES
from casebook.clock import Clock, local_time
from casebook.crypto import SealingKey
from casebook.design import Text
from casebook.errors import LANGUAGES, CasebookError, NotInTrainingError
from casebook.ids import DeviceId, RandomBytes
from casebook.sync.bundle_disk import Watch
from casebook.sync.bundle_file import read_prefix
from casebook.sync.bundles import (
    TO_SERVER,
    BundleRead,
    BundleWritten,
    Holder,
    NotedBundle,
    going_along,
    noted,
    read_bundle,
    write_bundle,
)
from casebook.sync.carried_chunks import Attached
from casebook.sync.engine import Laptop
from casebook.sync.nearby import Met, SecureLink, meet, new_figures
from casebook.sync.trust import Directory, ServerIdentity
from desktop_app.bundle_snapshots import AttachedSize, BundleOutcome, BundleRow, BundlesView, Neighbour
from desktop_app.neighbours import calling, waiting
from desktop_app.sync_stop import StopSign
from desktop_app.synchroniser import ShelfDoor

OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundling:
    """Bundles of one signed-in session.

    Attributes:
        doors: The shelves that the session opened, the standard one first.
        letter: The laptop's letter at its site.
        person_sealing: The signed-in person's key, to which part U is sealed.
        sidecar: The key slots' file as it lies on the disk.
        on_withdrawn: Told when the server says that this laptop is withdrawn.
        training: Nothing is written for others, and nothing of theirs is read.
    """

    doors: tuple[ShelfDoor, ...]
    laptop: Laptop
    site: str
    letter: str
    server: ServerIdentity
    sealing: SealingKey
    person_sealing: SealingKey
    random_bytes: RandomBytes
    identity_key: Callable[[], bytes | None]
    sidecar: Callable[[], bytes]
    clock: Clock
    on_withdrawn: Callable[[], None] = lambda: None
    training: bool = False

    @contextmanager
    def _holder(self) -> Iterator[Holder]:
        with ExitStack() as opened:
            logs = {}
            for door in self.doors:
                logs[door.name] = door.open_log()
                opened.callback(logs[door.name].close)
            yield Holder(
                laptop=replace(self.laptop, sidecar=self.sidecar()),
                site=self.site,
                logs=logs,
                directory=Directory(self.server),
                sealing=self.sealing,
                person_sealing=self.person_sealing,
                random_bytes=self.random_bytes,
                identity_key=self.identity_key(),
                begin_epoch={door.name: door.on_older_copy for door in self.doors},
                chunks={door.name: door.chunks for door in self.doors},
            )

    @contextmanager
    def _carrier(self) -> Iterator[Holder]:
        """Hold what is carried to others or from them. Raises NotInTrainingError."""
        if self.training:
            raise NotInTrainingError
        with self._holder() as holder:
            yield holder

    # -- looking ---------------------------------------------------------------------------------------

    def view(self) -> BundlesView:
        """Tell what was carried, and to whom something can be. Any thread."""
        with self._holder() as holder:
            holder.refresh()
            laptops = tuple(
                Neighbour(device=one.device, letter=one.letter, name=one.name)
                for one in holder.directory.devices(self.site)
                if one.device != self.laptop.device and not one.revoked
            )
            letters = {one.device: one.letter for one in holder.directory.devices(self.site)}
            bundles: dict[int, list[NotedBundle]] = {}
            for log in holder.logs.values():
                for one in noted(log):
                    bundles.setdefault(one.number, []).append(one)
            return BundlesView(
                rows=tuple(self._row(bundles[number], letters) for number in sorted(bundles, reverse=True)),
                laptops=laptops,
                here_only=sum(
                    max(0, head.sequence - log.custody(head.device, head.epoch))
                    for log in holder.logs.values()
                    for head in log.heads()
                    if head.device == self.laptop.device
                ),
                server_known=holder.directory.bundle_keys(self.site) is not None,
                attachments={"": _size(holder, None)} | {one.device: _size(holder, one.device) for one in laptops},
            )

    def _row(self, parts: Sequence[NotedBundle], letters: dict[DeviceId, str]) -> BundleRow:
        first = parts[0]
        to_server = first.recipient == TO_SERVER
        return BundleRow(
            number=first.number,
            made_at=local_time(first.made_at, self.clock().offset_minutes),
            laptop="" if to_server else letters.get(DeviceId(first.recipient), "?"),
            count=sum(one.count for one in parts),
            replied=all(one.replied for one in parts),
            files=first.files,
            attached=sum(one.attached for one in parts),
            left_out=sum(one.left_out for one in parts),
        )

    # -- files -----------------------------------------------------------------------------------------

    def write(
        self,
        folder: str,
        to: DeviceId | None,
        on_bytes: OnBytes,
        sign: StopSign,
        *,
        whole: bool = False,
        attachments: bool = True,
    ) -> BundleOutcome:
        """Write a bundle into a folder and read it back. Refusals become the outcome's error.

        Args:
            to: Another laptop of the site; None for the server.
            whole: Everything that is held here, for a server that was set up anew.
            attachments: Their chunks go along, behind the records.
        """
        what = Attached.WITH if attachments else Attached.WITHOUT
        watch = Watch(on_bytes, lambda: sign.raised)
        try:
            with self._carrier() as holder:
                written = write_bundle(
                    holder,
                    Path(folder),
                    self._stem(to),
                    to=to,
                    at_ms=self.clock().utc_ms,
                    whole=whole,
                    attachments=what,
                    watch=watch,
                )
        except CasebookError as error:
            return _failed(error)
        return BundleOutcome(message=_written_words(written))

    def _stem(self, to: DeviceId | None) -> str:
        whom = "server" if to is None else "laptop"
        return f"{self.laptop.study}-{self.site}-{self.letter}-to-{whom}-bundle"

    def read(self, paths: Sequence[str], on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Read files, each for itself. Refusals become the outcome's error; what was taken stays."""
        watch = Watch(on_bytes, lambda: sign.raised)
        read: list[BundleRead] = []
        errors: list[CasebookError] = []
        for path in sorted(map(Path, paths), key=_in_order):
            try:
                with self._carrier() as holder:
                    read.append(read_bundle(holder, path, watch))
            except CasebookError as error:
                errors.append(error)
            if sign.raised:
                break
        return self._brought(read, errors, _read_words(read))

    # -- beside another laptop -------------------------------------------------------------------------

    def wait(self, on_open: Callable[[str, str], None], on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Wait for another laptop of the site to call, and exchange with it.

        Args:
            on_open: Told this laptop's address and the six figures, for the screen.
        """
        figures = new_figures(self.random_bytes)
        try:
            with (
                self._carrier() as holder,
                waiting(holder, figures, lambda address: on_open(address, figures), sign) as link,
            ):
                return self._meet(link, holder, on_bytes, sign, first=False)
        except CasebookError as error:
            return replace(_failed(error), brought=True)

    def call(self, address: str, figures: str, on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Call the laptop that waits at an address, and exchange with it."""
        try:
            with self._carrier() as holder, calling(holder, address, figures, sign) as link:
                return self._meet(link, holder, on_bytes, sign, first=True)
        except CasebookError as error:
            return replace(_failed(error), brought=True)

    def _meet(
        self, link: SecureLink, holder: Holder, on_bytes: OnBytes, sign: StopSign, *, first: bool
    ) -> BundleOutcome:
        watch = Watch(on_bytes, lambda: sign.raised)
        met = meet(link, holder, first=first, at_ms=self.clock().utc_ms, watch=watch)
        return self._brought(met.read, [], _met_words(met))

    def _brought(self, read: Sequence[BundleRead], errors: Sequence[CasebookError], words: Text) -> BundleOutcome:
        heard = [one for each in read for one in (each.standard, each.unblinding) if one is not None]
        notices = [notice for one in heard for notice in one.notices]
        withdrawn = any(one.withdrawn for one in heard)
        if withdrawn:
            self.on_withdrawn()
        told = {
            error.sentence(): Text({one: error.sentence(one) for one in LANGUAGES}) for error in (*errors, *notices)
        }
        return BundleOutcome(
            message=_joined([*([words] if read else []), *told.values()]),
            error=errors[0] if errors else None,
            brought=bool(read),
            older_copy=any(one.older_copy for one in heard),
            withdrawn=withdrawn,
        )


def _size(holder: Holder, to: DeviceId | None) -> AttachedSize:
    going = [one for each in going_along(holder, to).values() for one in each]
    return AttachedSize(count=len(going), size_bytes=CHUNK_BYTES * sum(len(one.names) for one in going))


def _written_words(written: BundleWritten) -> Text:
    names = ", ".join(file.name for file in written.files)
    count, attached = written.count, written.attached
    en = f"{count} records and {attached} attachments" if attached else f"{count} records"
    zh = f"{count} 条记录、{attached} 个附件" if attached else f"{count} 条记录"
    words = [
        Text(
            {
                "en": f"Bundle {written.number} is written and was read back: {en} in {names}. "
                "You can take the stick out.",
                "zh": f"第 {written.number} 号数据包已写入并核对无误：{zh}，文件 {names}。现在可以拔出 U 盘。",
            }
        )
    ]
    if written.left_out:
        words.append(
            Text(
                {
                    "en": f"{written.left_out} attachments are not in it and stay on this laptop.",
                    "zh": f"其中不含 {written.left_out} 个附件，它们仍在本机。",
                }
            )
        )
    return _joined(words)


def _failed(error: CasebookError) -> BundleOutcome:
    return BundleOutcome(message=Text({one: error.sentence(one) for one in LANGUAGES}), error=error)


def _in_order(path: Path) -> tuple[bool, str, int, int]:
    """Return where a file belongs among others: what it follows comes before it."""
    try:
        with path.open("rb") as file:
            prefix = read_prefix(file, path.name)
    except (OSError, CasebookError):
        return True, "", 0, 0
    return False, prefix.sender, prefix.number, prefix.part


def _joined(texts: Sequence[Text]) -> Text:
    return Text({"en": " ".join(one("en") for one in texts), "zh": "".join(one("zh") for one in texts)})


def _appended(read: Sequence[BundleRead]) -> int:
    return sum(one.standard.appended + (one.unblinding.appended if one.unblinding else 0) for one in read)


def _attachments(read: Sequence[BundleRead]) -> int:
    return sum(one.standard.attachments + (one.unblinding.attachments if one.unblinding else 0) for one in read)


def _read_words(read: Sequence[BundleRead]) -> Text:
    count, attached = _appended(read), _attachments(read)
    en = f"{count} new records and {attached} attachments came in." if attached else f"{count} new records came in."
    zh = f"收到 {count} 条新记录、{attached} 个附件。" if attached else f"收到 {count} 条新记录。"
    words = [Text({"en": en, "zh": zh})]
    answered = max((one.answers for one in read if one.answers is not None), default=None)
    if answered is not None:
        words.insert(
            0,
            Text(
                {
                    "en": f"The server has answered bundle {answered}: it has what is marked as received here.",
                    "zh": f"服务器已回复第 {answered} 号数据包：此处标为已接收的记录均已在服务器上。",
                }
            ),
        )
    waits = sum(one.standard.waiting + (one.unblinding.waiting if one.unblinding else 0) for one in read)
    if waits:
        words.append(
            Text(
                {
                    "en": f"{waits} records wait for earlier ones: read the missing file, or the next bundle.",
                    "zh": f"{waits} 条记录在等待更早的记录：请读取缺少的文件或下一个数据包。",
                }
            )
        )
    return _joined(words)


def _met_words(met: Met) -> Text:
    letter, count = met.other.letter, _appended(met.read)
    words = [
        Text(
            {
                "en": f"Exchanged with laptop {letter}: {met.sent} records sent, {count} received.",
                "zh": f"已与电脑 {letter} 交换：发送 {met.sent} 条，接收 {count} 条。",
            }
        )
    ]
    attached = met.attached, _attachments(met.read)
    if any(attached):
        words.append(
            Text(
                {
                    "en": f"Attachments: {attached[0]} sent, {attached[1]} received.",
                    "zh": f"附件：发送 {attached[0]} 个，接收 {attached[1]} 个。",
                }
            )
        )
    if met.agree:
        words.append(Text({"en": "Both show the same now.", "zh": "两台电脑内容现已一致。"}))
    return _joined(words)
