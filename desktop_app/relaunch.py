"""A fresh process after every lock: what one person's session held in memory is nowhere in the next one's.

Python cannot wipe what it has freed, so the process itself goes. The old one keeps its window standing as a
curtain, starts the same program again and waits until that has shown its unlock page; then it ends. The two
speak through a folder that only this user can read: `told` says where the window stood, in which language
and who locked it; `shown` appears once the new window stands. Nothing of it goes over the command line.

Also here, since it serves the same end: no core dump, and no reading of this process's memory by another
program of the same user (Linux).
"""

import contextlib
import ctypes
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from casebook.errors import CasebookError
from casebook.ids import UserId
from casebook.texts import Text
from desktop_app.snapshots import Person

if sys.platform != "win32":
    import resource

OPTION = "--after-lock"
TRAINING = "--training"
INSPECTABLE = "CASEBOOK_INSPECTABLE"
"""Developers' switch (docs/development.md): with 1 the memory stays readable for debuggers and tests."""
PATIENCE_MS = 30_000
"""A laptop that is busy with an update still starts a program within that."""
LOOK_MS = 10
_TOLD, _SHOWN = "told", "shown"
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterLock:
    """What the next process takes over: nothing of a session.

    Attributes:
        geometry: Where the window stands, as Qt writes it down, in hex digits.
        user: Who was signed in; their name is chosen in the list.
        before: Who was signed in before that person, if somebody else was.
        to_people: Somebody else wants to sign in: `before`, or the list has the focus.
        people: Who can sign in here, so that the list stands before the laptop's folder was looked at.
        fault: Kind and line of the fault of the program that was left behind; "" without one.
    """

    geometry: str
    language: str
    user: str = ""
    before: str = ""
    to_people: bool = False
    people: tuple[Person, ...] = ()
    fault: str = ""

    def text(self) -> str:
        """Return it as text. Of a person it holds what the unlock page shows."""
        people = [[one.user, one.name, one.role, dict(one.role_label.by_language)] for one in self.people]
        told = (self.geometry, self.language, self.user, self.before, self.to_people, self.fault)
        return json.dumps([*told, people], ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldState:
    """A laptop as the old process knew it: shown until its folder was looked at."""

    people: tuple[Person, ...]
    enrolled: bool = True
    site: str = ""
    letter: str = ""
    demo_accounts: tuple[tuple[str, str], ...] = ()
    problem: CasebookError | None = None
    gone: CasebookError | None = None
    withdrawn: bool = False
    waiting: int = 0
    practice_passphrase: str = ""


def command_line(arguments: Sequence[str]) -> list[str]:
    """Return how this program was started, without what an earlier lock added to it.

    Args:
        arguments: `sys.argv[1:]`; the interpreter's own come from what the system started.
    """
    given = list(arguments) if getattr(sys, "frozen", False) else list(sys.orig_argv[1:])
    if OPTION in given:
        place = given.index(OPTION)
        del given[place : place + 2]
    return [sys.executable, *given]


def _over_to(command: Sequence[str], *, training: bool | None) -> list[str]:
    """Return a command that leads to training, or to the real records; None leaves it as it is."""
    if training is None:
        return list(command)
    return [*(one for one in command if one != TRAINING), *([TRAINING] if training else [])]


def read_told(folder: Path) -> AfterLock | None:
    """Return what the old process wrote down; None where that cannot be read."""
    try:
        told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
        geometry, language, user, before, to_people, fault, people = told
        return AfterLock(
            geometry=str(geometry),
            language=str(language),
            user=str(user),
            before=str(before),
            to_people=bool(to_people),
            fault=str(fault),
            people=tuple(
                Person(user=UserId(one), name=name, role=role, role_label=Text(label), rights=frozenset())
                for one, name, role, label in people
            ),
        )
    except (OSError, ValueError, TypeError):
        return None


def tell_shown(folder: Path) -> None:
    """Let the old process go: the new window stands."""
    with contextlib.suppress(OSError):
        (folder / _SHOWN).touch()


class Relaunch(QObject):
    """Starts the program again and waits for its window.

    Signals:
        shown: The new window stands; this process can go. It has to go without taking its objects apart:
            Qt ends a program whose `QProcess` goes (`os._exit`).
        failed: It did not come. This process goes on.
    """

    shown = Signal()
    failed = Signal()

    def __init__(
        self, command: Sequence[str], parent: QObject | None = None, *, patience_ms: int = PATIENCE_MS
    ) -> None:
        """Keep the command that starts the program."""
        super().__init__(parent)
        self._command = tuple(command)
        self._patience_ms = patience_ms
        self._folder: Path | None = None
        self._process: QProcess | None = None
        self._waited_ms = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def begin(self, told: AfterLock, *, training: bool | None = None) -> None:
        """Start the program again; `shown` or `failed` follows.

        Args:
            training: Whether for training; None for whatever this process is for.
        """
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="casebook-"))
            (self._folder / _TOLD).write_text(told.text(), encoding="utf-8")
        except OSError:
            QTimer.singleShot(0, self, self._give_up)
            return
        environment = QProcessEnvironment.systemEnvironment()
        if getattr(sys, "frozen", False):
            environment.insert("PYINSTALLER_RESET_ENVIRONMENT", "1")  # a program of its own, not a part of this one
        program, *arguments = _over_to(self._command, training=training)
        self._process = QProcess(self)
        self._process.setProcessEnvironment(environment)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedChannels)
        self._process.start(program, [*arguments, OPTION, str(self._folder)])
        self._waited_ms = 0
        self._timer.start()

    def _look(self) -> None:
        self._waited_ms += LOOK_MS
        if self._folder is not None and (self._folder / _SHOWN).exists():
            self._timer.stop()
            self._clear()
            self.shown.emit()
        elif not self._runs() or self._waited_ms > self._patience_ms:
            self._timer.stop()
            self._give_up()

    def _runs(self) -> bool:
        return self._process is not None and self._process.state() is not QProcess.ProcessState.NotRunning

    def _give_up(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.waitForFinished()
            self._process.deleteLater()
            self._process = None
        self._clear()
        self.failed.emit()

    def _clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def keep_memory_private() -> None:
    """Leave no core dump, and let no other program read this one's memory; not with the developers' switch."""
    if os.environ.get(INSPECTABLE) == "1":
        return
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
