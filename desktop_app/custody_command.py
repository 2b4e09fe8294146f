"""`casebook custody` and `casebook rescue`: for uninstallers and for laptops that nobody can sign in to. No window.

`custody` says whether a laptop's folder may be wiped, as an exit status. Without a person who signs in it can
tell that there is nothing, or that damaged files lie aside; else it cannot tell. It looks at a copy of the sealed
files and changes nothing. `rescue` needs no passphrase: it copies sealed files as they are.

Source: docs/store.md, section "Custody"; docs/installer.md, section "Uninstalling".
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from casebook.clock import Clock, system_clock
from casebook.custody import Holding, Kept, Light, WipeVerdict, may_wipe
from casebook.errors import CasebookError, DiskFailedError, LaptopNotEnrolledError
from casebook.ids import DeviceId, UserId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.chunks import ChunkFolder
from casebook.store.commit_log import SqlcipherLog
from casebook.store.rescue import check_rescue, holds_anything, on_same_disk, open_rescue, write_rescue
from casebook.store.retiring import is_retiring
from casebook.store.slots import KeySlots, Unlocked, database_key, spool_key
from casebook.store.spool import Spool
from casebook.store.vault_files import VaultFolder, VaultLock
from casebook.sync.trust import Directory
from desktop_app import evidence
from desktop_app.export_command import read_passphrase
from desktop_app.laptop_facts import LAPTOP, LaptopFacts
from desktop_app.second_shelf import MADE
from desktop_app.shelf import Shelf

SAFE, NOT_SAFE, REFUSED, CANNOT_TELL = 0, 1, 2, 3
"""Exit statuses. An uninstaller goes on with `SAFE` alone."""
_STATUS = {Light.SAFE: SAFE, Light.UNSAFE: NOT_SAFE, Light.CANNOT_TELL: CANNOT_TELL}

_SAID = {
    "en": {
        "nothing": "{folder} holds nothing of a laptop: it is safe to remove.",
        "retired": "The laptop in {folder} was retired: what is left of it is safe to remove.",
        "aside": "Not safe to remove: damaged files that nothing else may hold lie aside in {folder}.",
        "locked": (
            "It cannot be told whether {folder} is safe to remove: its records are encrypted. Sign in and retire the "
            "laptop in the settings, or name a person with --user."
        ),
        "who": "Name the person with --user. People on this laptop: {people}",
        Light.SAFE: "Safe to remove: the server has everything in {folder}.",
        Light.UNSAFE: "Not safe to remove: something in {folder} would be lost.",
        Light.CANNOT_TELL: (
            "It cannot be told whether {folder} is safe to remove: {person} does not open the unblinding records. "
            "Ask somebody who does."
        ),
        Kept.OWN: "  made here, not with the server: {count}",
        Kept.OTHERS: "  of other laptops, not known to be with the server: {count}",
        Kept.OPEN: "  forms with entries that are not sealed: {count}",
        Kept.PARKED: "  waiting for earlier records: {count}",
        Kept.QUARANTINED: "  did not verify, set aside: {count}",
        Kept.SET_ASIDE: "  folders of damaged files: {count}",
        Kept.OWED: "  notes not written down yet: {count}",
        Kept.ATTACHMENTS: "  attached files, not with the server: {count}",
        Kept.NAMES_KEY: "  no other laptop of the site can read the participants' names",
        Kept.NOT_IN_STEP: "  the last exchange did not end in step with the server",
        Kept.UNSEEN: "  the unblinding records were not looked into",
        "copied": "Rescue copy: {path} ({files} files, read back; sha256 {sha256})",
        "same_disk": "It lies on the same disk as the laptop's folder: copy it to another medium before anything else.",
        "opened": "Laid out in {path}: {files} files. Start Casebook with --folder {path} and sign in, or recover.",
        "whole": "{path} is a whole rescue copy: {files} files.",
    },
    "zh": {
        "nothing": "{folder} 中没有电脑数据，可以删除。",
        "retired": "{folder} 中的电脑已停用，剩余内容可以删除。",
        "aside": "不可删除：{folder} 中另行存放着可能别处没有的损坏文件。",
        "locked": "无法判断 {folder} 能否删除：其中的记录已加密。请登录后在设置中停用本机，或用 --user 指定人员。",
        "who": "请用 --user 指定人员。本机人员：{people}",
        Light.SAFE: "可以删除：{folder} 中的全部内容均已由服务器接收。",
        Light.UNSAFE: "不可删除：{folder} 中有内容会丢失。",
        Light.CANNOT_TELL: "无法判断 {folder} 能否删除：{person} 不能打开揭盲数据。请询问能打开的同事。",
        Kept.OWN: "  在本机产生、服务器尚未接收：{count}",
        Kept.OTHERS: "  其他电脑的记录，未确认服务器已有：{count}",
        Kept.OPEN: "  含未封存录入的表单：{count}",
        Kept.PARKED: "  等待前序记录：{count}",
        Kept.QUARANTINED: "  未通过校验而另行保存：{count}",
        Kept.SET_ASIDE: "  损坏文件的文件夹：{count}",
        Kept.OWED: "  尚未记入的事项：{count}",
        Kept.ATTACHMENTS: "  服务器尚未接收的附件：{count}",
        Kept.NAMES_KEY: "  本中心没有其他电脑能读取受试者姓名",
        Kept.NOT_IN_STEP: "  上次同步结束时未与服务器一致",
        Kept.UNSEEN: "  未查看揭盲数据",
        "copied": "救援副本：{path}（{files} 个文件，已回读核对；sha256 {sha256}）",
        "same_disk": "副本与本机数据在同一磁盘：请先复制到其他存储介质。",
        "opened": "已展开到 {path}：{files} 个文件。请用 --folder {path} 启动 Casebook 并登录或恢复。",
        "whole": "{path} 是完整的救援副本：{files} 个文件。",
    },
}


def run_custody(
    folder: Path, open_slots: Callable[[Path], KeySlots], *, user: str | None, language: str, stream: TextIO
) -> tuple[int, tuple[str, ...]]:
    """Tell whether a laptop's folder may be wiped.

    Args:
        open_slots: Reads the key slots of a folder.
        user: Who signs in, by user id or name; None tells what can be told without.

    Returns:
        The exit status (`SAFE`, `NOT_SAFE`, `CANNOT_TELL`), and what is to be said, a line each.
    """
    vault, said = VaultFolder(folder), _SAID[language]

    def line(name: str) -> str:
        return said[name].format(folder=folder)

    if is_retiring(vault):
        return SAFE, (line("retired"),)
    if not holds_anything(vault):
        return SAFE, (line("nothing"),)
    if evidence.set_aside(vault) or evidence.set_aside(vault.unblinding):
        return NOT_SAFE, (line("aside"),)
    if user is None:
        return CANNOT_TELL, (line("locked"),)
    try:
        slots = open_slots(folder)
        people = [one for one in slots.people() if user in {one.user, one.name}]
        if len(people) != 1:
            return CANNOT_TELL, (said["who"].format(people=", ".join(one.user for one in slots.people())),)
        verdict = look(vault, slots, people[0].user, read_passphrase(stream, people[0].user))
    except CasebookError as error:
        return CANNOT_TELL, (error.sentence(language),)
    first = said[verdict.light].format(folder=folder, person=people[0].name)
    return _STATUS[verdict.light], (first, *(said[kept].format(count=count) for kept, count in verdict.reasons))


def look(folder: VaultFolder, slots: KeySlots, user: UserId, passphrase: str) -> WipeVerdict:
    """Tell whether a laptop may be wiped, as far as a person may look. Nothing in its folder is changed.

    Raises:
        WrongPassphraseError, WaitBeforeRetryError: It does not open this person's slot.
        VaultInUseError: Casebook is open on this folder.
        CasebookError: A file cannot be opened.
    """
    with VaultLock(folder), ExitStack() as opened:
        unlocked = slots.unlock(user, passphrase)
        failures = sum(slots.untold_failures().values())
        away = VaultFolder(Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="casebook-custody-"))))
        _copy(folder, away)
        shelves = _open(away, folder, slots, unlocked, opened)
        standard = shelves[0].shelf
        laptop = _laptop(standard)
        holdings = [_holding(one, laptop.device) for one in shelves]
        failed = Holding(owed=failures, in_step=True)
        directory = Directory(laptop.place.identity)
        directory.refresh(standard.log)
        others = evidence.others_with_names_key(standard.log, directory, laptop.place.site, laptop.device)
        made = standard.setting(MADE) is not None or folder.unblinding.path.exists()
        return may_wipe(
            [*holdings, failed],
            unseen=made and len(shelves) == 1,
            attachments=sum(evidence.unsent_attachments(one.shelf, laptop.device) for one in shelves),
            names_key_alone=standard.setting("identity_key") is not None and not others,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A shelf whose copy is open, and its folder as it lies on the laptop."""

    shelf: Shelf
    folder: VaultFolder


def _copy(folder: VaultFolder, away: VaultFolder) -> None:
    """Copy what holds records, encrypted as it is: opening it in place would mend what is to be looked at."""
    try:
        for part, to in ((folder, away), (folder.unblinding, away.unblinding)):
            for path in (*part.database_family(), part.spool):
                if path.is_dir():
                    shutil.copytree(path, to.path / path.name)
                elif path.exists():
                    to.path.mkdir(exist_ok=True)
                    shutil.copyfile(path, to.path / path.name)
    except OSError as error:
        raise DiskFailedError(folder=folder.path, why=type(error).__name__) from error


def _open(
    away: VaultFolder, folder: VaultFolder, slots: KeySlots, unlocked: Unlocked, opened: ExitStack
) -> list[_Opened]:
    keys = [(STANDARD, away, folder, unlocked.vault_key, slots.database_salt)]
    if unlocked.unblinding_key is not None and folder.unblinding.database.exists():
        unblinding = (away.unblinding, folder.unblinding, unlocked.unblinding_key, slots.unblinding_salt)
        keys.append((UNBLINDING, *unblinding))
    shelves: list[_Opened] = []
    for name, copy, place, key, salt in keys:
        log = SqlcipherLog.open(copy.database, database_key(key), salt)
        opened.callback(log.close)
        spool = Spool.open(copy.spool, spool_key(key))
        opened.callback(spool.close)
        shelf = Shelf(name=name, log=log, spool=spool, chunks=ChunkFolder(place.chunks))
        shelves.append(_Opened(shelf=shelf, folder=place))
    return shelves


def _holding(one: _Opened, device: DeviceId) -> Holding:
    ledger = evidence.ledger_of(one.shelf.log)
    return evidence.holding_of(one.shelf, ledger, device, one.folder, owed=evidence.owed_notes(one.shelf))


def _laptop(standard: Shelf) -> LaptopFacts:
    text = standard.setting(LAPTOP)
    if text is None:
        raise LaptopNotEnrolledError
    return LaptopFacts.read(text)


def run_rescue(
    what: Path, *, to: Path | None, into: Path | None, language: str, clock: Clock = system_clock
) -> tuple[int, tuple[str, ...]]:
    """Make a rescue copy of a folder (`to`), lay one out again (`into`), or check one.

    Returns:
        The exit status, and what is to be said.

    Raises:
        CasebookError: It was refused; nothing is left half made.
    """
    said = _SAID[language]
    if into is not None:
        count = open_rescue(what, into)
        return SAFE, (said["opened"].format(path=into, files=count),)
    if to is None:
        return SAFE, (said["whole"].format(path=what, files=len(check_rescue(what))),)
    folder = VaultFolder(what)
    with VaultLock(folder):
        copy = write_rescue(folder, to, clock())
    lines = [said["copied"].format(path=copy.path, files=copy.files, sha256=copy.sha256)]
    return SAFE, (*lines, *([said["same_disk"]] if on_same_disk(folder, to) else []))
