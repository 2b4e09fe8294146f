"""Makes what the black-box runs start from: `python -m tests.blackbox.prepared FOLDER`.

A laptop on which a coordinator is signed up, with three subjects: each is scored once, and the first one has a consent
that lacks nothing but the signature and a laboratory report without results. This is our own code; what drives the
application is not.
"""

import sys
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF, KdfPolicy
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests import laptops
from tests.desktop_app.places import Book, Entries
from tests.journeys.answers import CONSENT

SUBJECTS = 3
_ITEMS = tuple(item.name for item in laptops.design().form("F.NIHSS").group("IG.NIHSS.ITEMS").items)
_SCORED: Entries = {
    "F.NIHSS/INITIAL": {
        "NIHDTM": "2026-03-01T08:00+08:00",
        "NIHRATER": "coordinator",
        "NIHCERT": "C-1234",
        "NIHCEXP": "2027-05-01",
        "NIHSEDAT": "N",
        "NIHINTUB": "N",
        "NIHARMKN": "NA",
        **dict.fromkeys(_ITEMS, "0"),
    }
}
_READY: Entries = {
    "F.LB": {"LBDTM": "2026-02-27T08:00+08:00", "LBFAST": "Y", "LBPANEL": "HAEM COAG"},
    "F.ICF": {
        **CONSENT,
        "DISCSTDTM": "2026-03-01T06:30+08:00",
        "DISCBY": "INV-01",
        "SIGPNAM": "A participant",
        "SIGPDTM": "2026-03-01T07:00+08:00",
        "SIGIDTM": "2026-03-01T07:05+08:00",
    },
}


def enter(session: Session) -> None:
    """Add the subjects."""
    for number in range(SUBJECTS):
        book = Book(session.design, session.add_subject().subject, session.site)
        book.enter(session, {**_SCORED, **(_READY if number == 0 else {})})


def main() -> None:
    """Enrol a laptop whose passphrase costs what the application asks for at least, and enter."""
    folder = Path(sys.argv[1])
    least = KdfPolicy(chosen=PRODUCTION_KDF.floor, floor=PRODUCTION_KDF.floor, ceiling=PRODUCTION_KDF.ceiling)
    ward = laptops.Ward(folder)
    laptop = Laptop(folder / "laptop", laptops.design(), ward.network, kdf=least, clock=ward.clock)
    recovery = laptop.enrol(
        ward.network.enrolment_code(),
        laptops.URL,
        ward.network.personal_code("coordinator"),
        "Laptop",
        laptops.PASSPHRASE,
    )
    laptop.test_recovery(recovery)
    with ward.session(laptop) as session:
        enter(session)


if __name__ == "__main__":
    main()
