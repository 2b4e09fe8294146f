"""A participant who fulfils every criterion, with all forms of visit 1 filled from first to last item."""

from datetime import UTC, datetime

from tests.forms.person import Person

NIHSS_ITEMS = (
    "NIHSS01A", "NIHSS01B", "NIHSS01C", "NIHSS02", "NIHSS03", "NIHSS04", "NIHSS05A", "NIHSS05B", "NIHSS06A", "NIHSS06B",
    "NIHSS07", "NIHSS08", "NIHSS09", "NIHSS10", "NIHSS11",
)  # fmt: skip
ENTERED_AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
"""When the software's clock says that randomisation was entered: at its own time."""
LKW, PROGRESSION, RANDOMISED = "2026-02-27T08:00+08:00", "2026-02-28T20:00+08:00", "2026-03-01T10:00+08:00"


def nihss(at: str, **items: str) -> dict[str, str]:
    """Return a scored NIHSS, 0 where nothing else is said."""
    head = {
        "NIHDTM": at, "NIHRATER": "D07", "NIHCERT": "C-1", "NIHCEXP": "2027-01-01", "NIHSEDAT": "N", "NIHINTUB": "N",
        "NIHARMKN": "NA",
    }  # fmt: skip
    return head | dict.fromkeys(NIHSS_ITEMS, "0") | items


CONSENT = {
    "ICFVER": "V1.0", "ICFVDAT": "2025-11-01", "ICFAPDT": "2025-12-01", "ICFTYPE": "INITIAL", "CONSMODE": "PAPER",
    "CONSBY": "PARTICIPANT", "CANREADP": "Y", "WITREQ": "N", "DISCSTDTM": "2026-03-01T09:00+08:00", "DISCBY": "D07",
    "CONSPI": "Y", "COPYGIV": "Y", "SIGPDTM": "2026-03-01T09:30+08:00", "SIGIDTM": "2026-03-01T09:35+08:00",
}  # fmt: skip
DEMOGRAPHY = {
    "BRTHDAT": "1961-05-06", "SEX": "F", "ETHNIC": "HAN", "HAND": "R", "HEIGHT": "162", "WEIGHT": "60",
    "WEIGHTSRC": "MEASURED",
}  # fmt: skip
TIMELINE = {
    "LKWDTM": LKW, "ONSDTM": "2026-02-27T08:30+08:00", "WAKEUP": "N", "ONSUNC": "N", "INHOSP": "N", "TRANSFER": "N",
    "ARRDTM": "2026-02-27T12:00+08:00", "ADMDTM": "2026-02-27T12:30+08:00", "PROGDTM": PROGRESSION,
    "PROGWIT": "WITNESSED", "IVT": "N", "PLANRDTM": RANDOMISED,
}  # fmt: skip
VITALS = {
    "VSDTM": "2026-03-01T09:00+08:00", "VSPOS": "SUPINE", "VSARM": "L", "SYSBP": "156", "DIABP": "88",
    "VSDTM2": "2026-03-01T09:10+08:00", "VSPOS2": "SUPINE", "VSARM2": "L", "SYSBP2": "158", "DIABP2": "86", "HR": "76",
    "RESP": "18", "TEMP": "36.6 °C", "OXYSAT": "98", "GCSE": "4", "GCSV": "5", "GCSM": "6",
}  # fmt: skip
LABORATORY = {
    "LBDTM": "2026-03-01T08:00+08:00", "LBFAST": "N", "LBPANEL": "HAEM COAG GLUC RENAL LIVER LIPID",
    "WBC": "6.1 10^9/L", "HGB": "131 g/L", "PLAT": "212 10^9/L", "INR": "1.02", "APTT": "30 s", "GLUC": "7.4 mmol/L",
    "CREAT": "60 umol/L", "SODIUM": "140 mmol/L", "K": "4.0 mmol/L", "ALT": "20 U/L", "AST": "21 U/L",
    "CHOL": "4.4 mmol/L", "LDL": "2.6 mmol/L",
}  # fmt: skip
IMAGING = {
    "NCCTDTM": "2026-03-01T07:00+08:00", "NCCTQUAL": "GOOD", "NCCTREAD": "D09", "ICHBL": "N", "HDAS": "Y",
    "OLDINF": "N", "FAZEKAS": "1", "ASPMODE": "REGIONS", "ASPSIDE": "L", "ASPREG": "I M2", "ANGMOD": "CTA",
    "ANGDTM": "2026-03-01T07:10+08:00", "ANGQUAL": "GOOD", "ANGREAD": "D09", "OCCSITE": "M1", "OCCSIDE": "L",
    "M1SEG": "PROX", "TANDEM": "N", "TVDIAM": "2.6", "PERFMOD": "CTP", "PERFDTM": "2026-03-01T07:20+08:00",
    "PERFQUAL": "GOOD", "PERFREAD": "D09", "PERFSW": "RAPID", "PERFSWV": "5.0", "COREDEF": "RCBF30", "TARGHYP": "Y",
    "CORVOL": "18.0", "TMAX6VOL": "72.0",
}  # fmt: skip
ELIGIBILITY = {
    "IEDTM": "2026-03-01T09:40+08:00", "AISSYMP": "Y", "PROGMECH": "HYPOPERFUSION", "ENDOTHER": "N", "ACCUNSUI": "N",
    "MULTIVES": "N", "ANEURTUM": "N", "ICH6M": "N", "BLEED1M": "N", "ONWARF": "N", "COAGSUSP": "N", "BLEEDOTH": "N",
    "ORGANDYS": "N", "SEVALLRG": "N", "CHILDB": "N", "LIFE1Y": "N", "OTHRCT": "N", "INVOTHER": "N", "IEYN": "Y",
    "IEBY": "D07",
}  # fmt: skip
HISTORY = dict.fromkeys(
    ("HTN", "DM", "LIPID", "CAD", "MI", "HF", "VALVE", "PAD", "PRISTR", "TIA", "ICHHX", "ICAS", "DEMENT", "CKD",
     "CANCER", "PRAPT", "PRVKA", "PRDOAC", "PRSTATIN", "PRAHT", "PRADM"), "N",
) | {"AF": "N", "SUNCF": "NEVER", "ALCOHOL": "NEVER", "MHDTM": "2026-03-01T08:30+08:00"}  # fmt: skip
ECG = {
    "EGPERF": "Y", "EGDTM": "2026-03-01T08:20+08:00", "EGRHYTHM": "SINUS", "EGHR": "76", "EGQTC": "420", "EGST": "N",
    "EGINTP": "NORMAL",
}  # fmt: skip
RANDOMISATION = {
    "RNDCONF": "Y", "METHOD": "CENTRAL_WEB", "RANDDTM": RANDOMISED, "RANDNO": "R-0001", "RANDARM": "EVT",
    "RANDBY": "D07",
}  # fmt: skip


def screened() -> Person:
    """Return the participant before randomisation."""
    return Person(
        values={
            "F.ICF": CONSENT,
            "F.DM": DEMOGRAPHY,
            "F.TIME": TIMELINE,
            "F.MH": HISTORY,
            "F.NIHSS/INITIAL": nihss("2026-02-27T12:30+08:00", NIHSS05B="2", NIHSS06B="1", NIHSS04="1"),
            "F.NIHSS/PRERAND": nihss("2026-03-01T08:00+08:00", NIHSS05B="3", NIHSS06B="3", NIHSS04="2", NIHSS10="1"),
            "F.MRS": {
                "MRSDTM": "2026-03-01T08:10+08:00", "MRSRATER": "D07", "MRSMODE": "FACE", "MRSINF": "PATIENT",
                "MRSPER": "PRESTROKE", "MRSPRE": "0",
            },
            "F.VS": VITALS,
            "F.LB": LABORATORY,
            "F.ECG": ECG,
            "F.IMG1": IMAGING,
            "F.IE": ELIGIBILITY,
        }
    )  # fmt: skip


def randomised() -> Person:
    """Return the participant randomised."""
    person = screened()
    person.values["F.RND"] = RANDOMISATION
    return person
