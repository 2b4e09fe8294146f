"""What is entered in the journey: one invented participant, who exists nowhere.

The texts are such as nothing else in any file says, so that a byte search for them means something.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

NAME = "欧阳志远"
PHONE = "13912349876"
RATER = "Quillon Vrabec"
CERTIFICATE = "NIH-CERT-77120934"
READER = "Tarquin Osei"
SOFTWARE = "9.81.4-qzx"
RANDOM_NUMBER = "RN-580417-K"
INR = "1.0371"

GRADES = {
    "01A": "0", "01B": "1", "01C": "0", "02": "1", "03": "1", "04": "2", "05A": "0", "05B": "3", "06A": "0",
    "06B": "2", "07": "0", "08": "1", "09": "1", "10": "1", "11": "0",
}  # fmt: skip
SCALE = {f"NIHSS{item}": grade for item, grade in GRADES.items()}
TOTAL = 13

CONSENT = {
    "ICFVER": "V1.0",
    "ICFVDAT": "2026-01-05",
    "ICFAPDT": "2026-01-20",
    "ICFTYPE": "INITIAL",
    "CONSMODE": "ECONSENT",
    "CONSBY": "PARTICIPANT",
    "CANREADP": "Y",
    "WITREQ": "N",
    "CONSPI": "Y",
    "COPYGIV": "Y",
}
"""What a consent says, whoever gives it."""

FIRST_VISIT, SECOND_VISIT = "SE.V1", "SE.V2"


def _at(base: datetime, **later: float) -> str:
    return (base + timedelta(**later)).strftime("%Y-%m-%d %H:%M")


def _scale(at: str) -> Mapping[str, str]:
    head = {"NIHDTM": at, "NIHRATER": RATER, "NIHCERT": CERTIFICATE, "NIHCEXP": "2031-01-31"}
    return {**head, "NIHSEDAT": "N", "NIHINTUB": "N", "NIHARMKN": "Y", **SCALE}


def answers(base: datetime) -> dict[tuple[str, str, int], Mapping[str, str]]:
    """Return what is entered, by visit, form and turn in the grid; `base` is when consent was given."""
    day = base.strftime("%Y-%m-%d")
    return {
        (FIRST_VISIT, "F.ICF", 0): {
            **CONSENT,
            "DISCSTDTM": _at(base, minutes=-30),
            "DISCBY": RATER,
            "SIGPNAM": NAME,
            "SIGPINK": "ink",
            "SIGPDTM": _at(base),
            "SIGIDTM": _at(base, minutes=2),
        },
        (FIRST_VISIT, "F.CONTACT", 0): {"NAME": NAME, "TEL1": PHONE, "CONTDAT": day},
        (FIRST_VISIT, "F.NIHSS", 1): _scale(_at(base, minutes=20)),
        (FIRST_VISIT, "F.MRS", 0): {
            "MRSDTM": _at(base, minutes=25),
            "MRSRATER": RATER,
            "MRSMODE": "FACE",
            "MRSINF": "RELATIVE",
            "MRSPER": "PRESTROKE",
            "MRSPRE": "1",
        },
        (FIRST_VISIT, "F.LB", 0): {
            "LBDTM": _at(base, minutes=-50),
            "LBFAST": "N",
            "LBPANEL": "COAG",
            "INR": INR,
            "APTT": "31.7",
        },
        (FIRST_VISIT, "F.IMG1", 0): {
            "NCCTDTM": _at(base, minutes=-70),
            "NCCTQUAL": "GOOD",
            "NCCTREAD": READER,
            "ICHBL": "N",
            "HDAS": "Y",
            "OLDINF": "N",
            "FAZEKAS": "1",
            "ASPMODE": "REGIONS",
            "ASPSIDE": "L",
            "ASPREG": "IC M4",
            "ANGMOD": "CTA",
            "ANGDTM": _at(base, minutes=-65),
            "ANGQUAL": "GOOD",
            "ANGREAD": READER,
            "OCCSITE": "M1",
            "OCCSIDE": "L",
            "M1SEG": "PROX",
            "TANDEM": "N",
            "PERFMOD": "CTP",
            "PERFDTM": _at(base, minutes=-60),
            "PERFQUAL": "GOOD",
            "PERFREAD": READER,
            "PERFSW": "RAPID",
            "PERFSWV": SOFTWARE,
            "COREDEF": "RCBF30",
            "TARGHYP": "Y",
            "CORVOL": "21.4",
            "TMAX6VOL": "88.9",
        },
        (FIRST_VISIT, "F.RND", 0): {
            "RNDCONF": "Y",
            "METHOD": "CENTRAL_WEB",
            "RANDDTM": _at(base, minutes=40),
            "RANDNO": RANDOM_NUMBER,
            "RANDARM": "EVT",
            "RANDBY": RATER,
            "OVERRIDE": "laboratory results are still awaited",
        },
        (SECOND_VISIT, "F.NIHSS", 0): _scale(_at(base, hours=24)),
        (SECOND_VISIT, "F.IMG2", 0): {
            "IMGDTM": _at(base, hours=25),
            "IMGREAS": "SCHEDULED",
            "MODAL": "NCCT",
            "IMGQUAL": "GOOD",
            "IMGREAD": READER,
            "HTTYPE": "NONE",
            "MASSEFF": "N",
            "MLSHIFT": "0",
        },
    }


CHANGED_VOLUME = "22.8"
"""What F.IMG1's core volume is changed to after it was recorded."""
UNREADABLE = "irregular zqvw"
"""Typed as a heart rate; it is no value and stays on the laptop."""


def searched() -> tuple[str, ...]:
    """Return what no file of a laptop may show: what was entered, and what names participant, form and item."""
    forms = ("F.ICF", "F.NIHSS", "F.CONTACT", "F.IMG1", "SE.V1", "IG.IMG1")
    items = ("NIHSS05B", "TMAX6VOL", "SIGPINK", "CENTRAL_WEB")
    people = (NAME, PHONE, RATER, READER)
    return (*people, CERTIFICATE, SOFTWARE, RANDOM_NUMBER, INR, UNREADABLE, *forms, *items)
