"""`casebook-server bundle`: records that come as files, and the answers to them, for sites without a network.

The server may run meanwhile: what is taken goes through the same intake, office and judge, and the laptops that
do reach the server hear of it at their next exchange.

Source: docs/operations.md, section "Bundles"; docs/sync_protocol.md, section "Bundles".
"""

import argparse
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from casebook.errors import CasebookError, ServerFolderError
from casebook.ids import DeviceId, device_id
from casebook.store.chunks import SERVER_FREE_BYTES
from casebook.sync.bundle_desk import BundleKeys, BundleTaken, take_bundle, write_reply
from casebook.sync.chunk_serving import ChunkDesk
from casebook.sync.serving import Desk
from casebook.sync.trust import Directory
from central_server.accounts import Accounts
from central_server.authority import UNBLINDING_VARIABLE, StudyKeys, renew_bundle_keys
from central_server.checking import chunk_folders

Tell = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser, run: object) -> None:
    """Add what can be done with bundles; `run` does it."""
    acts = parser.add_subparsers(required=True, metavar="ACT")

    def act(name: str, about: str) -> argparse.ArgumentParser:
        made = acts.add_parser(name, help=about, description=about)
        made.add_argument("folder", type=Path, metavar="FOLDER", help="the server's folder")
        made.set_defaults(command=run, act=name)
        return made

    taking = act("take", "take in files that laptops wrote for the server")
    taking.add_argument("files", type=Path, nargs="+", metavar="FILE")
    taking.add_argument("--reply", type=Path, default=None, metavar="DIR", help="write the answers into this folder")
    replying = act("reply", "write the answer to the latest bundle of a laptop again")
    replying.add_argument("--device", required=True, metavar="ID", help="as `status` names it")
    replying.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the file is written")
    act("renew-key", "seal future bundles to fresh keys; the old ones go on opening what they did")


def with_keys(folder: Path, keys: StudyKeys, write: Callable[[StudyKeys], None]) -> StudyKeys:
    """Return the keys with some for bundles: a server that was made before there were any gets them now.

    Raises:
        ServerFolderError: The key of the unblinding store is not at hand.
    """
    if keys.unblinding is None:
        raise ServerFolderError(folder=folder, why=f"set {UNBLINDING_VARIABLE}: bundles carry both parts")
    if keys.bundle and keys.unblinding.bundle:
        return keys
    fresh = renew_bundle_keys(keys)
    write(fresh)
    return fresh


def with_chunks(desk: Desk, folder: Path) -> ChunkDesk:
    """Return the desk with the chunks of attachments: those that a record lets go of go at once."""
    chunks = ChunkDesk(desk, chunk_folders(folder, SERVER_FREE_BYTES))
    for shelf in chunks.chunks:
        chunks.index(shelf)
    return replace(chunks, desk=replace(desk, on_kept=chunks.after(desk.on_kept)))


def take(chunks: ChunkDesk, keys: StudyKeys, accounts: Accounts, options: argparse.Namespace, tell: Tell) -> int:
    """Take in files, each for itself, and answer each laptop once.

    Returns:
        How many files were refused: they changed nothing, and the others were taken.
    """
    opened = BundleKeys(standard=keys.bundle, unblinding=keys.unblinding.bundle if keys.unblinding else ())
    refused = 0
    senders: dict[DeviceId, None] = {}
    for file in options.files:
        try:
            taken = take_bundle(chunks.desk, opened, file, chunks)
        except CasebookError as error:
            refused += 1
            tell(error.sentence())
            continue
        senders[taken.sender] = None
        for line in _in_words(taken, accounts.directory, file):
            tell(line)
    if options.reply is not None:
        reply(chunks, accounts, senders, options.reply, tell)
    return refused


def reply(chunks: ChunkDesk, accounts: Accounts, devices: Iterable[DeviceId], folder: Path, tell: Tell) -> None:
    """Write the answers to the latest bundles of laptops. Raises BundleTurnedAwayError, FileUnwritableError."""
    for device in devices:
        laptop = accounts.laptop(device)
        stem = f"{chunks.desk.study}-server-to-{laptop.site}-{laptop.letter}-bundle"
        with accounts.together():  # receipts are numbered in turn with those of the running server
            files = write_reply(chunks.desk, device, folder, stem, random_bytes=os.urandom, chunks=chunks)
        for file in files:
            tell(f"Answer for laptop {laptop.letter} of site {laptop.site}: {file}")


def reply_again(chunks: ChunkDesk, accounts: Accounts, options: argparse.Namespace, tell: Tell) -> None:
    """Write the answer for one laptop. Raises UnknownSiteError, BundleTurnedAwayError, FileUnwritableError."""
    laptop = accounts.laptop(options.device)
    reply(chunks, accounts, [device_id(laptop.device)], options.out, tell)


def _in_words(taken: BundleTaken, directory: Directory, file: Path) -> list[str]:
    laptop = directory.device(taken.sender)
    whose = f"laptop {laptop.letter} of site {laptop.site}" if laptop is not None else f"laptop {taken.sender}"
    part = f", part {taken.part} of {taken.parts}" if taken.parts > 1 else ""
    lines = [f"{file.name}: bundle {taken.number} of {whose}{part}: {taken.appended} new records"]
    if taken.chunks:
        lines.append(f"  {taken.chunks} parts of attachments are new")
    if taken.waiting:
        lines.append(f"  {taken.waiting} wait for earlier ones or for a person's certificate; the next bundle has them")
    if taken.withdrawn:
        lines.append("  this laptop is withdrawn: what it made since is kept and held")
    lines += [f"  {notice.sentence()}" for notice in taken.notices]
    return lines
