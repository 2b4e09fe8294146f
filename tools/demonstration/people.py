"""People of the site through the windows: a newcomer let in offline, the delegation log, the blinded assessor."""

from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QTableView

from casebook.crypto import PRODUCTION_KDF
from casebook.errors import StoreDamagedError
from casebook.ids import UserId
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, database_key
from desktop_app.models.casebook_grid import CasebookGrid

from .report import Report, StepFailedError, expect
from .stage import Account, Stage
from .visitor import Visitor

NEWCOMER = Account(user="coordinator.f", name="Coordinator F", role="coordinator", words="soft orange kettle bridge")
TIMES = ("SE.V1", "F.TIME")
"""Visit and form that the newcomer fills in; data management asks about it later."""
ASSESSED = ("SE.V6", "F.B90")
OPEN_TO_ASSESSOR = {"F.B90", "F.CONTACT"}
PROMPTS = {"MRSCONST": "N", "MRSWALK": "Y", "MRSHELP": "N", "MRSFORM": "N", "MRSSYMP": "Y"}
"""What the person can do; the answers suggest a grade."""
SECRETS = ("RANDARM", "F.EVT", "F.BMM", "F.IMG1", "F.AE")
"""What nothing says that the assessor's passphrase opens: the arm, and forms from which it follows."""


def people_at_work(report: Report, hands: Visitor, stage: Stage, number: str, early: str) -> None:
    """Let the site's people do what each of them alone may do; nobody is signed in then.

    Args:
        number: The subject that was entered through the windows.
        early: A subject whose visit after a month the assessor has still to look at.

    Raises:
        StepFailedError: Somebody may more or less than the study says.
    """
    with report.step("The server was stopped again."):
        stage.server.stop()
        hands.lock()
    let_newcomer_in(report, hands, stage.administrator)
    newcomer_enters(report, hands, number)
    see_certified(report, hands, stage)
    sign_delegation_log(report, hands, stage)
    assess(report, hands, stage, early)
    prove_assessor_is_blind(report, stage)


def let_newcomer_in(report: Report, hands: Visitor, account: Account) -> None:
    """Invite somebody at the laptop, who chooses a passphrase there."""
    with report.step(f"{account.name} let {NEWCOMER.name} in, offline: certificate pending."):
        hands.sign_in(account.name, account.words)
        _see_people(hands)
        hands.click("people_add")
        hands.click("people_offline")
        for field, text in (("people_name", NEWCOMER.name), ("people_user", NEWCOMER.user)):
            hands.type(field, text)
        choose(hands, "people_role", "ROLE.COORDINATOR")
        for field in ("people_passphrase", "people_passphrase_again"):
            hands.type(field, NEWCOMER.words)
        hands.picture("people-add")
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        said = " ".join(_line_of(hands, NEWCOMER.name))
        expect("certificate pending" in said, f"{hands.words('people_notice_words')} {said}")
        hands.picture("people-pending")
        hands.lock()


def newcomer_enters(report: Report, hands: Visitor, number: str) -> None:
    """Sign in as the newcomer and enter the times of the stroke."""
    with report.step(f"{NEWCOMER.name} signed in at once and entered when the stroke began and when it got worse."):
        hands.sign_in(NEWCOMER.name, NEWCOMER.words)
        hands.open_subject(number)
        hands.open_form(*TIMES)
        for item, hours in (("LKWDTM", 60), ("PROGDTM", 30)):
            hands.answer(hands.go_to(item), moment(hours))
            hands.settle()
        hands.control(Qt.Key.Key_S)
        hands.settle()
        values = [hands.row(item).mark.mark for item in ("LKWDTM", "PROGDTM")]
        report.note(f"Marked: {', '.join(str(mark) for mark in values)}")
        hands.lock()


def moment(hours_ago: float) -> str:
    """Return a moment as somebody types it."""
    return (datetime.now().astimezone() - timedelta(hours=hours_ago)).strftime("%Y-%m-%d %H:%M")


def see_certified(report: Report, hands: Visitor, stage: Stage) -> None:
    """Synchronise as the principal investigator; the newcomer's keys are certified then."""
    account = stage.principal
    with report.step(f"The server was started, {account.name} synchronised: {NEWCOMER.name}'s certificate was issued."):
        stage.server.start()
        hands.sign_in(account.name, account.words)
        for _ in range(2):
            said = hands.sync()
        expect(hands.numbers("sync_here_only") == 0, said)
        _see_people(hands)
        line = " ".join(_line_of(hands, NEWCOMER.name))
        expect("signs in here" in line and "pending" not in line, line)
        hands.picture("people-issued")


def sign_delegation_log(report: Report, hands: Visitor, stage: Stage) -> None:
    """Sign an entry for everybody who needs one; from the first entry on a role alone does not suffice."""
    principal = stage.principal
    with report.step(f"{principal.name} signed the delegation log, each entry with the passphrase."):
        hands.click("people_delegation")
        hands.settle()
        expect(hands.shows("delegation_none_yet"), "There is a delegation log already.")
        delegated = (stage.coordinator, stage.investigator, stage.assessor, NEWCOMER)
        for one in delegated:
            hands.click("delegation_add")
            choose(hands, "delegation_person", one.user)
            hands.settle()
            if one is NEWCOMER:
                hands.picture("delegation-sign")
            hands.type("delegation_passphrase", principal.words)
            hands.press(Qt.Key.Key_Return)
            hands.settle()
            said = hands.words("delegation_notice_words")
            expect(said == "Signed and recorded.", said)
        lines = hands.lines("delegation_table")
        expect(len(lines) == len(delegated), f"The log reads {lines}.")
        expect(all("stands today" in " ".join(line) for line in lines), f"The log reads {lines}.")
        hands.picture("delegation-log")


def assess(report: Report, hands: Visitor, stage: Stage, number: str) -> None:
    """Switch user to the blinded assessor, who enters and signs the assessment."""
    account = stage.assessor
    with report.step(f"The laptop went over to {account.name} by two keys; they see no more than the study opens."):
        hands.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        hands.settle()
        expect(hands.find("unlock_passphrase").hasFocus(), "Whoever was signed in before is not asked for.")
        hands.press(Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
        expect(hands.find("unlock_people").hasFocus(), "The list of people has not the focus.")
        hands.sign_in(account.name, account.words)
        hands.picture("assessor-subjects")
        hands.open_subject(number)
        shown = _forms_shown(hands)
        expect(shown == OPEN_TO_ASSESSOR, f"The assessor sees {shown}.")
        hands.picture("assessor-casebook")
    with report.step(f"{account.name} entered the blinded assessment and signed it."):
        hands.open_form(*ASSESSED)
        hands.fill(_assessment())
        for item, text in PROMPTS.items():
            hands.row(item).editor.input().setFocus()
            hands.answer(hands.row(item), text)
            hands.settle()
        suggested = hands.row("MRSSUG").editor.raw()
        expect(suggested == "2", f"The answers suggest the grade {suggested!r}.")
        hands.control(Qt.Key.Key_S)
        hands.settle()
        hands.click("form_complete")
        hands.settle()
        view = hands.form.view
        expect(view is not None and view.complete, "The assessment is not complete.")
        hands.look_at("MRS")
        hands.picture("assessment")
        hands.back()
        count = sign_forms(hands, number, account, "assessment-sign")
        report.note(f"Forms signed: {count}")
        hands.lock()


def _assessment() -> dict[str, str]:
    at = datetime.now().astimezone() - timedelta(days=15)
    return {
        "TASKST": "CLOSED",
        "B90DONE": "Y",
        "B90DTM": at.strftime("%Y-%m-%d 10:00"),
        "ASSID": "B03",
        "CERTID": "MRS-2208",
        "CERTDAT": (at - timedelta(days=200)).strftime("%Y-%m-%d"),
        "MODE": "FACE",
        "INFORM": "PATIENT",
        "RECORDED": "Y",
        "WOUNDCOV": "Y",
        "MRS": "2",
        "ARMLEARN": "N",
        "ARMGUESS": "UNKNOWN",
    }


def sign_forms(hands: Visitor, number: str, account: Account, picture: str, visit: str = "") -> int:
    """Read the subject's forms that await a signature, tick each at its end, and sign them; returns how many."""
    hands.open_tab("signing")
    hands.choose_text("signing_subject", number)
    if visit:
        hands.choose_text("signing_visit", visit)
    forms = len(hands.lines("signing_table"))
    hands.find("signing_table").setFocus()
    hands.press(Qt.Key.Key_Return)
    for _ in range(40 * forms):
        if hands.find("signing_user").hasFocus():
            break
        hands.press(Qt.Key.Key_PageDown)
        hands.settle()
    states = [line[0] for line in hands.lines("signing_table")]
    expect(set(states) == {"Ticked"}, f"The forms to be signed are {states}.")
    hands.type("signing_user", account.user)
    hands.type("signing_passphrase", account.words)
    hands.picture(picture)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    said = hands.words("signing_notice_words")
    expect(said == f"Signed: {forms}.", said)
    return forms


def prove_assessor_is_blind(report: Report, stage: Stage) -> None:
    """Take the files and the assessor's passphrase, without the application, and look for what must not be there."""
    with report.step(
        "On the files: the assessor's passphrase opens no unblinding shelf, and nothing open tells an arm."
    ):
        folder = stage.laptop.folder
        slots = KeySlots.open(folder.path, PRODUCTION_KDF)
        blinded = slots.unlock(UserId(stage.assessor.user), stage.assessor.words)
        expect(blinded.unblinding_key is None, "The assessor's slot yields an unblinding key.")
        try:
            SqlcipherLog.open(
                folder.unblinding.database, database_key(blinded.vault_key), slots.unblinding_salt
            ).close()
        except StoreDamagedError:
            report.note("With the assessor's key the unblinding shelf is no database at all.")
        else:
            raise StepFailedError("The assessor's key opens the unblinding shelf.")
        held = _bytes_of(SqlcipherLog.open(folder.database, database_key(blinded.vault_key), slots.database_salt))
        told = [one for one in SECRETS if one.encode() in held]
        expect(not told, f"The standard shelf names {told}.")
        expect(b"RANDDTM" in held, "The standard shelf does not even say when subjects were randomised.")
        whole = slots.unlock(UserId(stage.investigator.user), stage.investigator.words)
        if whole.unblinding_key is None:
            raise StepFailedError("The investigator's slot yields no unblinding key.")
        key = database_key(whole.unblinding_key)
        apart = _bytes_of(SqlcipherLog.open(folder.unblinding.database, key, slots.unblinding_salt))
        expect(all(one.encode() in apart for one in SECRETS), "The unblinding shelf does not hold what it should.")
        report.note(f"Looked for in {len(held)} bytes: {', '.join(SECRETS)}. All of them lie in the other shelf.")


def _bytes_of(log: SqlcipherLog) -> bytes:
    """Return everything that a shelf's records and settings say, and close it."""
    try:
        records = [part for commit in log.commits() for part in (commit.header, commit.payload)]
        return b"\n".join([*records, *(text.encode() for pair in log.settings().items() for text in pair)])
    finally:
        log.close()


# -- hands --------------------------------------------------------------------------------------------------


def _see_people(hands: Visitor) -> None:
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.click("settings_people")
    hands.settle()


def _line_of(hands: Visitor, name: str) -> tuple[str, ...]:
    lines = hands.lines("people_table")
    found = [line for line in lines if line[0].startswith(name)]
    expect(found, f"{name} is not among {lines}.")
    return found[0]


def _forms_shown(hands: Visitor) -> set[str]:
    table = hands.find("casebook_table")
    grid = table.model() if isinstance(table, QTableView) else None
    if not isinstance(grid, CasebookGrid):
        raise StepFailedError("There is no casebook.")
    places = [(row, column) for row in range(grid.rowCount()) for column in range(grid.columnCount())]
    cells = [grid.cell(grid.index(*place)) for place in places]
    return {cell.key.form for cell in cells if cell is not None}


def choose(hands: Visitor, name: str, data: str) -> None:
    """Choose in a list that folds, by the arrow keys, the line that stands for `data`."""
    combo = hands.find(name)
    if not isinstance(combo, QComboBox):
        raise StepFailedError(f"{name} offers no choice.")
    combo.setFocus()
    hands.press(Qt.Key.Key_Home)
    for _ in range(combo.count()):
        if combo.currentData() == data:
            return
        hands.press(Qt.Key.Key_Down)
    raise StepFailedError(f"{name} does not offer {data}.")
