"""Bundles on their way: files that anybody may bring late, twice, in another order or never."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from casebook.crypto import SealingKey
from casebook.errors import (
    BundleKeyMissingError,
    BundleSealedError,
    BundleSenderError,
    BundleTurnedAwayError,
    NotPermittedError,
)
from casebook.ids import DeviceId
from casebook.sync import trust
from casebook.sync.bundle_desk import BundleKeys, take_bundle, write_reply
from casebook.sync.bundles import read_bundle, write_bundle
from tests.casebook.sync.study import START_MS, Server
from tests.rigs.laptops import Ward

_TURNED_AWAY = (
    BundleKeyMissingError,
    BundleSealedError,
    BundleSenderError,
    BundleTurnedAwayError,
    NotPermittedError,
)
"""What may be said of a bundle after somebody was withdrawn, or of a server that was rebuilt."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A file on its way. `by`: whose it is; `to`: a laptop, or None for the server."""

    by: DeviceId
    to: DeviceId | None
    content: bytes


@dataclass(slots=True)
class Post:
    """The files on their way, and the server's keys for them."""

    keys: BundleKeys
    letters: list[Letter] = field(default_factory=list)

    @classmethod
    def of(cls, server: Server) -> "Post":
        """Make the server's keys and state them."""
        standard, unblinding = (SealingKey(server.rng.randbytes(32)) for _ in range(2))
        server.state("001", trust.bundle_key_statement("001", (standard.public, unblinding.public)))
        return cls(BundleKeys(standard=[standard], unblinding=[unblinding]))

    def from_laptop(self, laptop: Ward, to: DeviceId | None) -> None:
        """A laptop writes a bundle, for the server or another laptop."""
        with TemporaryDirectory() as folder, contextlib.suppress(*_TURNED_AWAY):
            written = write_bundle(laptop.holder(), Path(folder), "lap", to=to, at_ms=START_MS)
            self._put(laptop.device, to, written.files)

    def from_server(self, server: Server, to: DeviceId) -> None:
        """The server writes its answer for a laptop."""
        with TemporaryDirectory() as folder, contextlib.suppress(*_TURNED_AWAY):
            files = write_reply(server.desk, to, Path(folder), "reply", random_bytes=server.rng.randbytes)
            self._put(server.identity.device, to, files)

    def _put(self, by: DeviceId, to: DeviceId | None, files: Iterable[Path]) -> None:
        self.letters += [Letter(by, to, file.read_bytes()) for file in files]

    def bring_to_server(self, server: Server, letter: Letter) -> None:
        """The server takes a bundle."""
        with TemporaryDirectory() as folder, contextlib.suppress(*_TURNED_AWAY):
            take_bundle(server.desk, self.keys, _laid(folder, letter))

    def bring_to_laptop(self, laptop: Ward, letter: Letter) -> None:
        """A laptop, or a copy of it, reads a bundle."""
        with TemporaryDirectory() as folder, contextlib.suppress(*_TURNED_AWAY):
            read_bundle(laptop.holder(), _laid(folder, letter))


def _laid(folder: str, letter: Letter) -> Path:
    path = Path(folder) / "bundle.crfb"
    path.write_bytes(letter.content)
    return path
