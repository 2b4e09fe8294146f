"""Data management and the site through the windows: queries, source data, signatures, locks, the audit trail.

And what is done at the server about a laptop that is lost.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from . import papers
from .people import TIMES, moment, sign_forms
from .report import Report, StepFailedError, expect
from .stage import SITE, Account, Stage
from .visitor import Visitor

SIGNED = ("SE.V2", "F.NIHSS")
"""A form of the visit that is signed as a whole, and in which something is corrected afterwards."""
VISIT = "Visit 2"
ASKED = "The note on the ward says another hour. Which is right?"
ANSWERED = "The ward's note is the time of the call; the entry is right."
_MOST_VALUES = 120
_LOOKS = 50
_ROOT = Path(__file__).resolve().parents[2]


def oversee(report: Report, site: Visitor, office: Visitor, stage: Stage, number: str) -> None:
    """Let data management and the site work on one subject; nobody is signed in on laptop A.

    Args:
        site: Laptop A.
        office: The laptop of data management.
        number: The subject.

    Raises:
        StepFailedError: What one of them did does not reach the other, or is not refused where it should be.
    """
    sign_visit(report, site, stage.investigator, number)
    raise_query(report, office, stage.manager, number)
    verify_visit(report, office, stage.monitor, number)
    site.come_to_front()
    answer_query(report, site, stage.coordinator)
    correct_what_was_signed(report, site, number)
    read_audit_trail(report, site, number)
    office.come_to_front()
    lock_subject(report, office, stage.manager, number)
    site.come_to_front()
    entered = enter_after_the_lock(report, site, number)
    office.come_to_front()
    accept_what_was_held(report, office)
    site.come_to_front()
    see_it_count(report, site, number, entered)


def sign_visit(report: Report, hands: Visitor, account: Account, number: str) -> None:
    """Sign every form of a visit, each read through first."""
    with report.step(f"{account.name} read each form of the second visit through and signed them at once."):
        hands.come_to_front()
        hands.sign_in(account.name, account.words)
        hands.open_tab("signing")
        (visit,) = {line[2] for line in hands.lines("signing_table") if line[1] == number and VISIT in line[2]}
        count = sign_forms(hands, number, account, "signing", visit)
        expect(count, "Nothing was signed.")
        report.note(f"Forms signed: {count}")
        open_form(hands, number, SIGNED)
        expect(hands.shows("form_flags.signed"), "The form is not marked as signed.")
        hands.picture("form-signed")
        hands.sync()
        hands.lock()


def raise_query(report: Report, hands: Visitor, account: Account, number: str) -> None:
    """Fetch the site's record on the laptop of data management, and ask about a time."""
    with report.step(f"{account.name} synchronised the laptop of data management: it holds the records of the site."):
        hands.come_to_front()
        hands.sign_in(account.name, account.words)
        _send(hands)
        hands.control(Qt.Key.Key_2)
        hands.settle()
        numbers = hands.subject_numbers()
        expect(number in numbers and all(numbers), f"The subjects are {numbers}.")
        hands.picture("data-management-subjects")
    with report.step(f"{account.name} raised a query on a time by Alt+Q, and may not change the time."):
        open_form(hands, number, TIMES)
        row = hands.row("PROGDTM")
        expect(row.view is not None and not row.view.editable, "Data management may change the time.")
        row.mark.setFocus()
        hands.alt(Qt.Key.Key_Q)
        expect("Progression" in hands.words("form_act_question"), hands.words("form_act_question"))
        _say(hands, "form_act", ASKED)
        expect(hands.shows("form_query_1"), "No query stands in the form.")
        hands.picture("query-raised")
        _send(hands)
        hands.lock()


def verify_visit(report: Report, hands: Visitor, account: Account, number: str) -> None:
    """Verify every value of a visit against its source."""
    with report.step(f"{account.name} verified the values of the second visit against their source, one by one."):
        hands.sign_in(account.name, account.words)
        hands.open_tab("review")
        hands.choose_text("review_subject", number)
        (visit,) = {line[2] for line in hands.lines("review_table") if VISIT in line[2]}
        hands.choose_text("review_visit", visit)
        left = len(hands.lines("review_table"))
        hands.find("review_table").setFocus()
        hands.picture("verification")
        for _ in range(min(left, _MOST_VALUES)):
            hands.press(Qt.Key.Key_Space)
            hands.settle()
        expect(not hands.lines("review_table"), f"Still to be verified: {len(hands.lines('review_table'))} of {left}.")
        report.note(f"{left} values; {hands.words('review_progress')} at the site")
        _send(hands)
        hands.lock()


def answer_query(report: Report, hands: Visitor, account: Account) -> None:
    """Fetch the query on laptop A and answer it in the list."""
    with report.step(f"{account.name} fetched the query on laptop A and answered it."):
        hands.sign_in(account.name, account.words)
        _send(hands)
        hands.open_tab("queries")
        hands.find("queries_table").setFocus()
        asked = [line for line in hands.lines("queries_table") if ASKED in " ".join(line)]
        expect(asked, f"The queries are {hands.lines('queries_table')}.")
        hands.choose_line("queries_table", ASKED)
        hands.picture("queries")
        hands.alt(Qt.Key.Key_A)
        _say(hands, "query_say", ANSWERED)
        states = [line[0] for line in hands.lines("queries_table") if ANSWERED in " ".join(line)]
        expect(states and states[0].startswith("Answered"), f"{hands.lines('queries_table')}")
        hands.picture("query-answered-by-site")


def correct_what_was_signed(report: Report, hands: Visitor, number: str) -> None:
    """Correct a value of a signed form, with a reason."""
    with report.step("A value of a signed form was corrected with a reason: the form says that it changed since."):
        open_form(hands, number, SIGNED)
        change(hands, "NIHSS10", "2")
        expect(hands.shows("form_flags.changed_since_signed"), "The form does not say that it changed since.")
        hands.picture("changed-since-signed")
        _send(hands)


def change(hands: Visitor, item: str, text: str) -> None:
    """Change a recorded value, give the first of the common reasons, and save."""
    row = hands.go_to(item)
    hands.control(Qt.Key.Key_A)
    hands.answer(row, text)
    hands.write("1")
    hands.settle()
    hands.control(Qt.Key.Key_S)
    hands.settle()


def read_audit_trail(report: Report, hands: Visitor, number: str) -> None:
    """Ask the audit trail of the site for what came after a signature, and save its pages."""
    with report.step("The audit trail showed what came after a signature; its pages were drawn and saved."):
        hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        hands.settle()
        hands.picture("audit")
        box = hands.find("audit_signed")
        box.setFocus()
        hands.press(Qt.Key.Key_Space)
        hands.settle()
        lines = hands.lines("audit_table")
        expect(lines and all(number in line[2] for line in lines), f"After a signature: {lines}.")
        report.note(f"{hands.words('audit_count')} The newest: {' '.join(lines[0][3].split())}")
        hands.picture("audit-after-signature")
        hands.control(Qt.Key.Key_P)
        hands.settle()
        hands.picture("audit-pages")
        file = report.part("papers") / "audit-after-signature.pdf"
        hands.save_copy("audit", file)
        papers.expect_words(report, file, number)
        hands.back()


def lock_subject(report: Report, hands: Visitor, account: Account, number: str) -> None:
    """Read the answer, close the query, and lock the subject."""
    with report.step(f"{account.name} read the answer, closed the query and locked the subject."):
        hands.sign_in(account.name, account.words)
        _send(hands)
        hands.open_tab("queries")
        hands.choose_line("queries_table", ANSWERED)
        hands.alt(Qt.Key.Key_C)
        _say(hands, "query_say", "Thank you")
        hands.control(Qt.Key.Key_2)
        hands.settle()
        hands.open_subject(number)
        hands.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        _menu_line("casebook.lock.subject").trigger()
        _say(hands, "casebook_act", "Reviewed with the investigator")
        open_form(hands, number, TIMES)
        expect(hands.shows("form_flags.locked"), "The form does not say that it is locked.")
        hands.picture("locked")
        _send(hands)


def enter_after_the_lock(report: Report, hands: Visitor, number: str) -> str:
    """Correct a value on laptop A, which has not heard of the lock; the server holds it. Returns what was typed."""
    entered = moment(29)
    with report.step("Laptop A, which had not heard of the lock, recorded a correction: it arrived, and is held."):
        open_form(hands, number, TIMES)
        change(hands, "PROGDTM", entered)
        _send(hands)
        open_form(hands, number, TIMES)
        said = " ".join(hands.texts("form_standing"))
        expect("waiting for data management" in said, f"The form says: {said}")
        expect(hands.shows("form_flags.locked"), "The lock has not arrived.")
        report.note(said)
        hands.look_below()
        hands.picture("held-at-site")
    return entered


def accept_what_was_held(report: Report, hands: Visitor) -> None:
    """Accept the held entry with a reason."""
    with report.step("Data management looked at the held correction and accepted it, with a reason."):
        _send(hands)
        hands.open_tab("held")
        hands.picture("held")
        hands.alt(Qt.Key.Key_A)
        _say(hands, "held_reason", "Made before the lock was known on the ward")
        lines = hands.lines("held_table")
        expect(lines and all(line[0] == "Accepted" for line in lines), f"{lines}")
        _send(hands)


def see_it_count(report: Report, hands: Visitor, number: str, entered: str) -> None:
    """Fetch the ruling on laptop A: the correction counts."""
    with report.step("Laptop A fetched the ruling: the correction counts now."):
        _send(hands)
        open_form(hands, number, TIMES)
        value = hands.row("PROGDTM").editor.raw()
        expect(value == entered, f"The time reads {value}.")
        said = " ".join(hands.texts("form_standing")) if hands.shows("form_standing") else ""
        expect("waiting" not in said, said)
        hands.picture("held-counts")


def lose_laptop(report: Report, hands: Visitor, stage: Stage) -> None:
    """Withdraw laptop B at the server; at its next contact it locks. Somebody is signed in there."""
    with report.step("Laptop B was reported lost: withdrawn at the server, which says what was on it."):
        (place,) = [one for one in stage.server.status()["sites"] if one["site"] == SITE]
        (device,) = [one["device"] for one in place["laptops"] if one["letter"] == "B"]
        said = stage.server.command("lost", "--device", device)
        expect("State: withdrawn" in said, said)
        file = report.part("papers") / "lost-laptop-B.txt"
        shutil.copyfile(stage.server.folder / f"lost-{device}.txt", file)
        report.made(file)
        for line in said.splitlines()[:6]:
            report.note(line)
    with report.step("At its next contact laptop B handed in what it made, locked itself and says why."):
        hands.come_to_front()
        hands.control(Qt.Key.Key_6)
        hands.settle()
        hands.click("sync_now")
        hands.settle()
        expect(hands.shows("unlock_people"), "Laptop B did not lock.")
        report.note(hands.words("unlock_problem_words"))
        hands.picture("withdrawn")


def verify_record(report: Report, stage: Stage) -> None:
    """Walk every chain of laptop A's folder by the command line; nobody is signed in there."""
    with report.step(
        "`casebook verify` walked every chain of laptop A's record: links, signatures, contents, receipts."
    ):
        account = stage.investigator
        folder = str(stage.laptop.folder.path)
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", "verify", folder, "--user", account.user],
            cwd=_ROOT,
            input=f"{account.words}\n",
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        expect(done.returncode == 0, f"It ended with status {done.returncode}: {done.stdout}{done.stderr}")
        report.note(done.stdout.splitlines()[-1])


# -- hands --------------------------------------------------------------------------------------------------


def open_form(hands: Visitor, number: str, place: tuple[str, str]) -> None:
    """Open a form of a subject from the list of subjects."""
    hands.control(Qt.Key.Key_2)
    hands.settle()
    hands.open_subject(number)
    hands.open_form(*place)


def _send(hands: Visitor) -> None:
    """Synchronise until nothing is on this laptop only; the server's word on what arrived comes with the next one."""
    for _ in range(2):
        said = hands.sync()
    expect(hands.numbers("sync_here_only") == 0, said)


def _say(hands: Visitor, panel: str, words: str) -> None:
    """Answer a question that is asked in place."""
    for _ in range(_LOOKS):
        if hands.shows(f"{panel}_words"):
            break
        hands.rest()  # a button's key presses it visibly
    expect(hands.shows(f"{panel}_words"), f"{panel} asks nothing.")
    hands.type(f"{panel}_words", words)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    expect(not hands.shows(f"{panel}_words"), f"{panel} still asks.")


def _menu_line(name: str) -> QAction:
    """Return a line of the open menu, or of its parts."""
    menu: QWidget | None = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        raise StepFailedError("No menu is open.")
    found = {action.objectName(): action for action in _lines_of(menu)}
    menu.close()
    expect(name in found and found[name].isEnabled(), f"The menu offers {sorted(found)}.")
    return found[name]


def _lines_of(menu: QMenu) -> list[QAction]:
    found: list[QAction] = []
    for action in menu.actions():
        part = action.menu()
        found += _lines_of(part) if isinstance(part, QMenu) else [action]
    return found
