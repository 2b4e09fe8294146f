"""A laptop in a process of its own that waits for another one, or calls it.

python -m tests.journeys.neighbour_process wait FOLDER USER       says "open ADDRESS FIGURES", then what it came to
python -m tests.journeys.neighbour_process call FOLDER USER ADDRESS FIGURES
"""

import sys
from pathlib import Path

from casebook.ids import UserId
from desktop_app.bundle_snapshots import BundleOutcome
from desktop_app.bundling import Bundling
from desktop_app.sync_stop import StopSign
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE


def say(*words: str) -> None:
    """Tell the test."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def meet(bundling: Bundling, act: str, more: tuple[str, ...]) -> BundleOutcome:
    """Wait, or call."""
    if act == "wait":
        return bundling.wait(lambda address, figures: say("open", address.split()[0], figures), _nothing, StopSign())
    address, figures = more
    return bundling.call(address, figures, _nothing, StopSign())


def _nothing(_: int) -> None:
    """Look away."""


def main(act: str, folder: str, user: str, *more: str) -> None:
    """Sign in, meet, take in what came, say what is seen, lock."""
    session = online_laptop(Path(folder)).unlock(UserId(user), PASSPHRASE)
    try:
        outcome = meet(session.bundling, act, more)
        session.take_in(outcome.message, older_copy=outcome.older_copy)
        say("done", outcome.message("en"))
        say("subjects", *sorted(row.number for row in session.subjects()))
    finally:
        session.lock()


if __name__ == "__main__":
    main(*sys.argv[1:])
