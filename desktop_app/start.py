"""Starts the application: the one place that builds the production key-derivation policy and the real network."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF
from casebook.study_files import read_study
from desktop_app import cli
from desktop_app.app import Application, make_qt
from desktop_app.https_network import HttpsNetwork
from desktop_app.i18n import system_language
from desktop_app.smoke import run_smoke
from desktop_app.vault import Laptop

_PREFERENCES = "preferences.json"
"""Beside the vault: the window's language. Nothing of a study or a person."""


def run(options: argparse.Namespace) -> int:
    """Open the window, or run what needs Qt but no user. Returns the exit status."""
    if options.smoke:
        return run_smoke()
    folder: Path = options.folder or cli.default_folder()
    design = read_study(cli.study_folder())
    laptop = Laptop(folder, design, HttpsNetwork(), kdf=PRODUCTION_KDF)
    qt = make_qt(["casebook"])
    application = Application(
        qt, laptop, lambda _session: laptop.synchroniser(), options.language or read_language(folder)
    )
    application.language_switched.connect(keep_language(folder))
    application.start()
    return qt.exec()


def read_language(folder: Path) -> str:
    """Return the language that was chosen last on this laptop, else the system's."""
    try:
        chosen = json.loads((folder / _PREFERENCES).read_text(encoding="utf-8"))["language"]
    except (OSError, ValueError, KeyError, TypeError):
        return system_language()
    return chosen if chosen in cli.LANGUAGES else system_language()


def keep_language(folder: Path) -> Callable[[str], None]:
    """Return what remembers the language of a laptop."""

    def keep(language: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / _PREFERENCES).write_text(json.dumps({"language": language}), encoding="utf-8")

    return keep
