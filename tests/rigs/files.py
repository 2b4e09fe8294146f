"""Worlds of the rigs whose logs are encrypted files, copied and killed as files are."""

import itertools
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from casebook.store import CommitLog
from casebook.store.commit_log import SqlcipherLog
from tests.casebook.store.vaults import KEY, SALT
from tests.rigs.world import World


@dataclass
class Files:
    """Log files in one folder."""

    folder: Path
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _paths: dict[int, Path] = field(default_factory=dict)
    _opened: list[SqlcipherLog] = field(default_factory=list)

    def world(self, laptops: int) -> World:
        """Make a world whose logs are files here; `World.close` removes them."""
        return World(
            laptops,
            make_log=self.make,
            make_server_log=self.make,
            copy_log=self.copy,
            durable=self.after_a_kill,
            close=self.close,
        )

    def make(self) -> SqlcipherLog:
        """Make an empty log."""
        path = self.folder / f"{next(self._numbers)}.db"
        return self._note(path, SqlcipherLog.create(path, KEY, SALT))

    def copy(self, log: CommitLog) -> SqlcipherLog:
        """Copy the files of a log as they lie on the disk, and open the copy."""
        before = self._paths[id(log)]
        path = self.folder / f"{next(self._numbers)}.db"
        for suffix in ("", "-wal"):
            source = before.with_name(before.name + suffix)
            if source.exists():
                shutil.copyfile(source, path.with_name(path.name + suffix))
        return self._note(path, SqlcipherLog.open(path, KEY, SALT))

    def after_a_kill(self, log: CommitLog) -> SqlcipherLog:
        """Return what is found after a kill: what lies in the files, and nothing that only the process knew."""
        return self.copy(log)

    def _note(self, path: Path, log: SqlcipherLog) -> SqlcipherLog:
        self._paths[id(log)] = path
        self._opened.append(log)
        return log

    def close(self) -> None:
        """Close and remove all."""
        for log in self._opened:
            log.close()
        for path in self.folder.iterdir():
            path.unlink()
        self._opened.clear()
        self._paths.clear()
