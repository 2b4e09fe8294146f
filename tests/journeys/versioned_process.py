"""A process that opens a laptop with a study folder, changes one value and waits to be killed.

`python -m tests.journeys.versioned_process LAPTOP STUDY USER SUBJECT TEXT`. A line is written only after the
session has answered.
"""

import sys
from pathlib import Path

from casebook.ids import UserId, subject_id
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.versions import read_designs
from desktop_app.https_network import HttpsNetwork
from desktop_app.vault import Laptop
from tests.journeys.entering_process import say
from tests.laptops import CHEAP_KDF, PASSPHRASE


def main() -> None:
    """Open, enter, wait."""
    laptop_folder, study, user, subject, text = sys.argv[1:]
    say("starting")
    designs = read_designs(Path(study))
    laptop = Laptop(Path(laptop_folder), designs.current, HttpsNetwork(), kdf=CHEAP_KDF, earlier=designs.earlier)
    session = laptop.unlock(UserId(user), PASSPHRASE)
    say("open", session.design.label)
    key = FormKey(subject=subject_id(subject), visit=VisitKey(visit="SE.V1"), form="F.VIS")
    session.keep(key, ItemPath(group="IG.VIS.MAIN", item="WEIGHT"), text, reason="TRANSCRIPTION")
    say("kept")
    sys.stdin.read()


if __name__ == "__main__":
    main()
