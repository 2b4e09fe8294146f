"""Participants of both arms, with the forms of treatment filled from first to last item."""

from tests.forms.person import Person

CONSENTED = "2026-03-01T09:30+08:00"
RANDOMISED = "2026-03-01T10:00+08:00"
PASS = {
    "PASSNO": "1", "PASSTECH": "COMBINED", "PASSSEG": "M1", "PASSDTM": "2026-03-01T11:40+08:00", "PASSTICI": "2c",
    "CLOTRET": "Y",
}  # fmt: skip
PROCEDURE = {
    "EVTDONE": "Y", "OPERID": "D11", "OPERBLND": "N", "ANESTH": "GENERAL", "ANESTDTM": "2026-03-01T11:05+08:00",
    "ACCSITE": "FEMORAL", "ACCSIDE": "R", "ANGIODTM": "2026-03-01T11:00+08:00", "PUNCDTM": "2026-03-01T11:20+08:00",
    "FIRSTANGDTM": "2026-03-01T11:30+08:00", "GUIDEDTM": "2026-03-01T11:35+08:00",
    "FIRSTPASSDTM": "2026-03-01T11:40+08:00", "FIRSTREPDTM": "2026-03-01T11:50+08:00",
    "FINALDTM": "2026-03-01T12:00+08:00", "CLOSEDTM": "2026-03-01T12:10+08:00", "DSASITE": "M1", "DSASIDE": "L",
    "ETICIBL": "0", "ICAD": "N", "DSATAND": "N", "SRPASS": "1", "ASPPASS": "1", "TOTPASS": "1", "RESCUE": "NONE",
    "REOCC": "N", "FINETICI": "2c", "NTE": "N", "COMPYN": "N", "BPTARGET": "<140", "EXTUBDTM": "!UNK",
}  # fmt: skip
MANAGEMENT = {
    "BMMDTM": "2026-03-02T11:00+08:00", "ATHROMB": "ASPIRIN", "BPTARGET": "<180", "SBPCUR": "150", "DBPCUR": "80",
    "SBPMAX": "170", "DBPMAX": "95", "IVBP": "NONE", "INDHYP": "N", "INSULIN": "N", "HYPON": "0",
    "STATIN": "ATORVASTATIN", "STATDOSE": "40", "STATINT": "HIGH", "EZETIM": "N", "PCSK9": "N", "OSMO": "NONE",
    "NEUROPRO": "NONE", "VENT": "NONE", "DYSPHAG": "PASSED", "DVTPROPH": "IPC", "REHAB": "Y", "HEMICRA": "N",
}  # fmt: skip
DRUG = {
    "CMNO": "1", "CMTRT": "aspirin", "CMCLAS": "ASPIRIN", "CMINDTYP": "STROKE", "CMDOSE": "100", "CMDOSU": "mg",
    "CMDOSFRQ": "QD", "CMROUTE": "ORAL", "CMPRIOR": "N", "CMSTDTM": "2026-03-01T10:30+08:00", "CMONGO": "Y",
}  # fmt: skip
EVENT = {
    "AENO": "1", "AETERM": "pneumonia", "AESTDTM": "2026-03-01T18:00+08:00", "AEONGO": "Y", "AETOXGR": "2",
    "AESER": "N", "AERELEVT": "NOT", "AERELDEV": "NOT", "AERELCON": "NOT", "AERELMED": "UNLIKELY",
    "AEACN": "NOT_APPLICABLE", "AECONTRT": "N", "AEOUT": "NOT_RECOVERED/NOT_RESOLVED", "AESI": "NONE",
}  # fmt: skip
REPORT = {
    "SAEAENO": "1", "SAETYPE": "INITIAL", "AWAREDTM": "2026-03-01T19:00+08:00", "REPDTM": "2026-03-02T09:00+08:00",
    "REPTO": "SPONSOR EC", "REPBY": "D07", "SAENARR": "fever, infiltrate on CT", "SAEREL": "UNLIKELY",
    "SAERELR": "aspiration before randomisation", "EXPECT": "EXPECTED", "EXPREF": "protocol V1.0", "SAEACN": "none",
    "RECHAL": "NA",
}  # fmt: skip
DEFICIENCY = {
    "DDDTM": "2026-03-01T11:45+08:00", "DDDEV": "stent retriever", "DDLOT": "L-100", "DDWHEN": "DURING",
    "DDFAIL": "NAVIGATION", "DDDESC": "would not pass the siphon", "DDINJ": "N", "DDSERPOT": "N", "DDRET": "N",
    "DDREPDTM": "2026-03-01T15:00+08:00",
}  # fmt: skip


def randomised(arm: str) -> Person:
    """Return a participant with consent, times and arm, and nothing of treatment yet."""
    return Person(
        values={
            "F.ICF": {
                "CONSBY": "PARTICIPANT",
                "WITREQ": "N",
                "SIGPDTM": "2026-03-01T09:30+08:00",
                "ICFTYPE": "INITIAL",
            },
            "F.TIME": {
                "LKWDTM": "2026-02-27T08:00+08:00",
                "ARRDTM": "2026-02-27T12:00+08:00",
                "PROGDTM": "2026-02-28T20:00+08:00",
                "IVT": "N",
            },
            "F.NIHSS/PRERAND": {"NIHDTM": "2026-03-01T09:00+08:00"},
            "F.RND": {"RANDARM": arm, "RANDDTM": RANDOMISED, "METHOD": "CENTRAL_WEB"},
        }
    )


def treated() -> Person:
    """Return a participant of the EVT arm after the procedure, one pass in its log."""
    return randomised("EVT").having("F.EVT", **PROCEDURE).with_row("F.EVT", "IG.EVT.PASS", **PASS)
