"""What is entered: the journey's answers, under names that say who is who.

One invented participant; nothing here is about a person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.journeys import answers

FIRST_VISIT, SECOND_VISIT = answers.FIRST_VISIT, answers.SECOND_VISIT
PARTICIPANT = "参与者甲"
PHONE = "13800000000"
_SAID = {
    answers.NAME: PARTICIPANT,
    answers.PHONE: PHONE,
    answers.RATER: "Investigator B",
    answers.CERTIFICATE: "NIHSS-0001",
    answers.READER: "Reader C",
    answers.SOFTWARE: "5.0.4",
    answers.RANDOM_NUMBER: "R-0001",
    answers.INR: "1.04",
}
Place = tuple[str, str, int]
"""Visit, form and turn in the grid."""
CONSENT: Place = (FIRST_VISIT, "F.ICF", 0)
CONTACT: Place = (FIRST_VISIT, "F.CONTACT", 0)
Entries = Mapping[Place, Mapping[str, str]]


def entries(now: datetime) -> Entries:
    """Return what is entered by visit, form and turn in the grid; consent was given 26 hours before `now`."""
    consented = (now - timedelta(hours=26)).replace(second=0, microsecond=0)
    base = {place: dict(items) for place, items in answers.answers(consented).items()}
    told = {place: {name: _SAID.get(text, text) for name, text in items.items()} for place, items in base.items()}
    first = {place: told.pop(place) for place in (CONSENT, CONTACT)}
    first[FIRST_VISIT, "F.VS", 0] = _vital_signs(consented)
    first[FIRST_VISIT, "F.NIHSS", 0] = _initial(told[FIRST_VISIT, "F.NIHSS", 1], consented)
    told[SECOND_VISIT, "F.NIHSS", 0] = _better(told[SECOND_VISIT, "F.NIHSS", 0])
    return {**first, **told}


def _initial(later: Mapping[str, str], consented: datetime) -> dict[str, str]:
    return {**later, "NIHDTM": _at(consented - timedelta(hours=2)), "NIHSS06A": "1"}


def _better(earlier: Mapping[str, str]) -> dict[str, str]:
    return {**earlier, "NIHSS04": "1", "NIHSS05B": "1", "NIHSS06B": "1", "NIHSS09": "0"}


def _vital_signs(consented: datetime) -> dict[str, str]:
    at = {"VSDTM": _at(consented - timedelta(minutes=80)), "VSPOS": "SUPINE", "VSARM": "R"}
    measured = {"SYSBP": "164", "DIABP": "92", "HR": "78", "RESP": "16", "TEMP": "36.7", "OXYSAT": "97"}
    return {**at, **measured, "GCSE": "4", "GCSV": "5", "GCSM": "6"}


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
