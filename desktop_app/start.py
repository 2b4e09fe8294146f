"""Starts the application: the one place that builds the production key-derivation policy and the real network.

The window stands first. What it does not need to stand - the store, the network, the study - is loaded
by the store thread at the first question, which the unlock page asks as soon as it is shown.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop_app import cli, theme
from desktop_app.app import Application, Training, make_qt
from desktop_app.hard_faults import HardFaults
from desktop_app.i18n import system_language
from desktop_app.one_window import FirstStart, OneWindow, raise_first
from desktop_app.power import Power, with_sleep_s
from desktop_app.preferences import keep_preference, preferences
from desktop_app.relaunch import Relaunch, command_line, keep_memory_private, read_told, tell_shown
from desktop_app.theme import Look
from desktop_app.widgets.training_band import TRAINING

if TYPE_CHECKING:
    from casebook.ids import UserId
    from desktop_app.session import Session
    from desktop_app.synchroniser import Synchroniser
    from desktop_app.training import TrainingLaptop
    from desktop_app.vault import Laptop, LaptopState

_LANGUAGE, _LOOK = "language", "look"


class LaptopOnDemand:
    """A laptop that is loaded by the first thread that asks something of it: the store thread."""

    def __init__(self, make: "Callable[[], Laptop | TrainingLaptop]", fits: Callable[[], None]) -> None:
        """Load nothing yet.

        Args:
            fits: Told each time the laptop turned out to belong to the study that is open.
        """
        self._make = make
        self._fits = fits
        self._made: Laptop | TrainingLaptop | None = None

    def _laptop(self) -> "Laptop | TrainingLaptop":
        if self._made is None:
            self._made = self._make()
        return self._made

    def state(self) -> "LaptopState":
        """See `Laptop.state`."""
        return self._laptop().state()

    def enrol(self, code_text: str, url: str, personal_code: str, laptop_name: str, passphrase: str) -> str:
        """See `Laptop.enrol`."""
        recovery = self._laptop().enrol(code_text, url, personal_code, laptop_name, passphrase)
        self._fits()
        return recovery

    def recover(self, recovery_code: str, personal_code: str, passphrase: str, user: "UserId | None" = None) -> str:
        """See `Laptop.recover`."""
        return self._laptop().recover(recovery_code, personal_code, passphrase, user)

    def recovery_paper(self, code: str) -> bytes:
        """See `Laptop.recovery_paper`."""
        return self._laptop().recovery_paper(code)

    def test_recovery(self, code: str) -> None:
        """See `Laptop.test_recovery`."""
        self._laptop().test_recovery(code)

    def unlock(self, user: "UserId", passphrase: str) -> "Session":
        """See `Laptop.unlock`."""
        session = self._laptop().unlock(user, passphrase)
        self._fits()
        return session

    def synchroniser(self) -> "Synchroniser":
        """See `Laptop.synchroniser`."""
        return self._laptop().synchroniser()

    def start_over(self) -> None:
        """See `TrainingLaptop.start_over`; a real laptop has no such thing."""
        from desktop_app.training import TrainingLaptop

        laptop = self._laptop()
        if isinstance(laptop, TrainingLaptop):
            laptop.start_over()


def make_laptop(folder: Path, study: Path) -> "Laptop":
    """Return the real laptop: its study, HTTPS, and the production cost of a passphrase, measured at enrolment."""
    from casebook.crypto import PRODUCTION_KDF
    from casebook.store.calibration import calibrate
    from casebook.versions import read_designs
    from desktop_app.https_network import HttpsNetwork
    from desktop_app.vault import Laptop

    designs = read_designs(study)
    return Laptop(
        folder, designs.current, HttpsNetwork(), kdf=PRODUCTION_KDF, earlier=designs.earlier, measure=calibrate
    )


def begin_training(laptop: Path) -> Path:
    """Return the folder of training beside a laptop's; it speaks and looks as that one does until told otherwise."""
    folder = cli.training_folder(laptop)
    with contextlib.suppress(OSError):  # the page says what is wrong with it
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own, others = preferences(folder), preferences(laptop)
    for name in (_LANGUAGE, _LOOK):
        chosen = own.get(name, others.get(name))
        keep_preference(folder, name, chosen if isinstance(chosen, str) else None)
    return folder


def make_training(folder: Path, study: Path) -> "TrainingLaptop":
    """Return the laptop of training: the real study's files, and a server in this process."""
    from casebook.versions import read_designs
    from desktop_app.training import TrainingLaptop

    return TrainingLaptop(folder, read_designs(study))


def run(
    options: argparse.Namespace,
    on_first_turn: Callable[[QApplication], None] | None = None,
    *,
    owns_process: bool = False,
) -> int:
    """Open the window, or run the self test. Returns the exit status.

    Args:
        on_first_turn: Called once the window is shown and the event loop turns.
        owns_process: This is the whole program: its memory is kept private, and a lock replaces it.
    """
    if options.smoke:
        from desktop_app.smoke import run_smoke

        return run_smoke()
    if owns_process:
        keep_memory_private()
    folder: Path = options.folder or cli.default_folder()
    study = cli.remembered_study(folder, options.study_folder)
    if options.training:
        folder = begin_training(folder)
    first = raise_first(folder) if options.after_lock is None else FirstStart.NONE
    if first is FirstStart.RAISED:
        return 0
    after = read_told(options.after_lock) if options.after_lock is not None else None
    language: str = (after.language if after is not None else options.language) or read_language(folder)
    if options.training:
        laptop = LaptopOnDemand(lambda: make_training(folder, study), lambda: None)
    else:
        laptop = LaptopOnDemand(lambda: make_laptop(folder, study), lambda: cli.keep_study(folder, study))
    qt = make_qt(["casebook"])
    if options.training:
        qt.setApplicationDisplayName(TRAINING)  # Qt writes it behind the title of every dialog
    theme.choose_look(qt, read_look(folder))
    power = Power()
    application = Application(
        qt,
        laptop,
        lambda _session: laptop.synchroniser(),
        language,
        relaunch=Relaunch(command_line(sys.argv[1:])) if owns_process else None,
        after=after,
        now_s=with_sleep_s,
        power=power,
        training=Training(passphrase=cli.PRACTICE_WORD, start_over=laptop.start_over) if options.training else None,
    )
    one_window = OneWindow(folder, application)
    one_window.raise_wanted.connect(application.come_to_front)
    one_window.listen()
    application.language_switched.connect(keep_language(folder))
    application.ended.connect(one_window.end)
    if owns_process:
        faults = HardFaults(folder)
        faults.watch()
        application.ended.connect(faults.end)
        application.stands.connect(lambda: application.tell_of_fall(faults.last))
    application.look_switched.connect(partial(keep_preference, folder, _LOOK))
    application.ended.connect(qt.quit)  # its window is hidden by then, and Qt ends by itself only with one that is seen
    application.superseded.connect(lambda: os._exit(0))  # everything is sealed and closed; a thread may wait for ever
    if options.after_lock is not None:
        application.stands.connect(lambda: tell_shown(options.after_lock))
    application.stands.connect(lambda: application.tell_of_first(first))
    application.stands.connect(lambda: power.listen(int(application.window.winId())))
    application.watch_for_faults()
    application.start()
    if on_first_turn is not None:
        QTimer.singleShot(0, lambda: on_first_turn(qt))
    return qt.exec()


def read_language(folder: Path) -> str:
    """Return the language that was chosen last on this laptop, else the system's."""
    chosen = preferences(folder).get(_LANGUAGE)
    return chosen if isinstance(chosen, str) and chosen in cli.LANGUAGES else system_language()


def read_look(folder: Path) -> Look:
    """Return the look that was chosen last on this laptop, else the system's."""
    chosen = preferences(folder).get(_LOOK)
    return next((one for one in Look if one == chosen), Look.SYSTEM)


def keep_language(folder: Path) -> Callable[[str], None]:
    """Return what remembers the language of a laptop."""

    def keep(language: str) -> None:
        keep_preference(folder, _LANGUAGE, language)

    return keep
