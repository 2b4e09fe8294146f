"""Without a screen: the main job through the windows, by keys and clicks, each step verified.

One participant from consent to signed paper on a laptop without its server; then the server comes
back, a second laptop is enrolled and admitted, and shows the same. Then what can go wrong between laptops
and server does go wrong (`survival`). At the end people come and go, data management asks and locks, and
a laptop is lost.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from desktop_app.app import make_qt
from desktop_app.snapshots import DocumentRow, Mark

from . import papers
from .entries import CONSENT, CONTACT, FIRST_VISIT, PARTICIPANT, SECOND_VISIT, Place, entries
from .management import lose_laptop, oversee, verify_record
from .people import people_at_work
from .report import Report, expect
from .rounds import make_rounds
from .stage import Stage, laptop_in, set_stage
from .survival import Site, survive
from .visitor import Visitor
from .whole_subjects import enter_whole_subjects

NO_SCREEN = "This plugin does not support"
"""How the screen in memory begins to say what it lacks; nothing is wrong."""
SUBJECT = "受试者"
MORE_SUBJECTS = ("001-A002", "001-A003")
DISCHARGED = "04_early_discharge"
SCREENED = "10_in_screening"


@dataclass
class Tour:
    """What the steps hand on to each other.

    Attributes:
        signed: The signed papers that were saved to files, each with Chinese words that stand in it.
        drawn: By visit, what laptop A drew: the page code's digest, the record's code on the casebook page.
    """

    qt: QApplication
    report: Report
    stage: Stage
    given: dict[Place, dict[str, str]]
    signed: dict[Path, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)
    digest: str = ""
    number: str = ""

    @property
    def authority(self) -> bytes:
        """The study authority's certificate, as laptop A keeps it."""
        return (self.stage.laptop.folder.path / "study-authority.der").read_bytes()

    def paper(self, name: str) -> Path:
        """Return where a paper goes."""
        return self.report.part("papers") / name


def walk(report: Report) -> None:
    """Do the main job and verify each step. Raises StepFailedError, AssertionError."""
    with listening() as bugs:
        qt = make_qt(["casebook"])
        theme.apply(qt, theme.LIGHT)
        with set_stage(report) as stage:
            given = {place: dict(items) for place, items in entries(datetime.now().astimezone()).items()}
            tour = Tour(qt=qt, report=report, stage=stage, given=given)
            first = Visitor(qt, stage.laptop, report)
            coordinator_works(tour, first)
            investigator_works(tour, first)
            papers_are_signed(tour, first)
            early = whole_subjects_are_entered(tour, first)
            server_comes_back(tour, first)
            second = second_laptop_joins(tour, first)
            second_laptop_shows_the_same(tour, second)
            record_survives(tour, first, second)
            people_and_data_management(tour, first, early)
            lose_laptop(report, second, stage)
            second.close()
            first.close()
            verify_record(report, stage)
        with report.step("The papers were verified once more by programs that are not ours."):
            papers.ask_poppler(report, tour.signed, tour.authority)
        with report.step("No window reported a fault, and nothing was left running."):
            expect(not bugs, f"{bugs}")
    report.conclude()


@contextmanager
def listening() -> Iterator[list[str]]:
    """Gather faults inside Qt's callbacks, and Qt's own warnings, which would be printed and forgotten."""
    bugs: list[str] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        bugs.append(repr(error))
        sys.__excepthook__(kind, error, trace)

    def hear(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and not message.startswith(NO_SCREEN):
            bugs.append(message)

    before, sys.excepthook = sys.excepthook, note
    heard = qInstallMessageHandler(hear)
    try:
        yield bugs
    finally:
        qInstallMessageHandler(heard)
        sys.excepthook = before


# -- laptop A, without its server -----------------------------------------------------------------------


def coordinator_works(tour: Tour, hands: Visitor) -> None:
    """Coordinator: server away, subject, consent with ink, contact details; the windows speak Chinese."""
    report, account = tour.report, tour.stage.coordinator
    with report.step("The server was stopped: from here on laptop A works alone."):
        tour.stage.server.stop()
    with report.step(f"{account.name} signed in on laptop A; the unlock screen shows the demo accounts."):
        hands.picture("unlock")
        hands.sign_in(account.name, account.words)
    with report.step("A subject was added, offline."):
        hands.click("subjects_add")
        hands.settle()
        hands.open_first_subject()
        tour.number = hands.window.windowTitle().split()[0]
        expect(tour.number.startswith("001-A"), f"The number is {tour.number}.")
        report.note(f"Its number: {tour.number}")
    with report.step("The windows were switched to Chinese while they stood."):
        hands.speak("zh")
        expect(hands.words("subjects_add").startswith("添加受试者"), hands.words("subjects_add"))
        hands.open_first_subject()
        hands.picture("casebook-empty-zh")
    with report.step("The consent was filled in, and the participant signed with ink."):
        fill(tour, hands, CONSENT)
        hands.look_at("SIGPNAM")
        hands.picture("consent-ink-zh")
        finish(hands)
    with report.step("Contact details were entered: sealed to the site's own key, which the server never has."):
        fill(tour, hands, CONTACT)
        hands.picture("contact-zh")
        finish(hands)
    with report.step(f"{account.name} locked the laptop."):
        hands.speak("en")
        hands.lock()


def investigator_works(tour: Tour, hands: Visitor) -> None:
    """Investigator: the consent's second signature, then every form of the first two visits."""
    report, account = tour.report, tour.stage.investigator
    with report.step(f"{account.name} signed in on the same laptop."):
        hands.sign_in(account.name, account.words)
    with report.step(f"{account.name} signed the consent with the passphrase: a PDF signature, made offline."):
        sign_consent(tour, hands)
    with report.step("Entries are kept on the disk as the field is left, and recorded by Save."):
        watch_the_marks(tour, hands)
    for visit, form, turn in tour.given:
        if (visit, form, turn) not in {CONSENT, CONTACT, MARKED}:
            enter_form(tour, hands, (visit, form, turn))
    with report.step("The casebook shows what is complete, and that it is on this laptop only."):
        hands.open_first_subject()
        expect("this laptop only" in hands.words("foot_custody"), hands.words("foot_custody"))
        hands.picture("casebook")
    with report.step("Two more subjects were added, offline."):
        hands.back()
        for _ in MORE_SUBJECTS:
            hands.control(Qt.Key.Key_N)
            hands.settle()
        numbers = hands.subject_numbers()
        expect(numbers == (tour.number, *MORE_SUBJECTS), f"The subjects are {numbers}.")
        report.note(f"Their numbers: {', '.join(MORE_SUBJECTS)}")
        hands.picture("subjects")


MARKED: Place = (FIRST_VISIT, "F.VS", 0)


def watch_the_marks(tour: Tour, hands: Visitor) -> None:
    """Fill in the vital signs, with pictures of an entry that is kept and of a form that is recorded."""
    hands.open_first_subject()
    visit, form, turn = MARKED
    hands.open_form(visit, form, turn)
    hands.fill(tour.given[MARKED])
    expect_marks(hands, Mark.KEPT)
    hands.look_at("SYSBP")
    hands.picture("vital-signs-kept")
    save(hands)
    hands.picture("vital-signs-recorded")
    finish(hands)


def enter_form(tour: Tour, hands: Visitor, place: Place) -> None:
    """Fill in a form by keyboard, see it kept, then recorded."""
    visit, form, turn = place
    seen = SIGHTS.get(place)
    with tour.report.step(f"{NAMES[form]} entered by keyboard{OCCASIONS.get(place, '')}: kept, recorded, complete."):
        if not hands.shows("casebook_table"):
            hands.open_first_subject()
        hands.open_form(visit, form, turn)
        if seen is not None and seen.before:
            hands.picture(f"{seen.name}-begun")
        hands.fill(tour.given[place])
        expect_marks(hands, Mark.KEPT)
        if form == "F.NIHSS":
            tour.report.note(hands.words("form_score"))
        if seen is not None:
            look(hands, seen)
        finish(hands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A picture of a form. `item`: what is in sight; `dark`: in the dark colours; `before`: also when it is empty."""

    name: str
    item: str
    dark: bool = False
    before: bool = False


SIGHTS = {
    (FIRST_VISIT, "F.NIHSS", 1): Sight(name="nihss", item="NIHSS04", before=True),
    (FIRST_VISIT, "F.MRS", 0): Sight(name="mrs", item="MRSPRE"),
    (FIRST_VISIT, "F.LB", 0): Sight(name="labs", item="INR"),
    (FIRST_VISIT, "F.IMG1", 0): Sight(name="imaging", item="ASPSIDE", dark=True),
    (FIRST_VISIT, "F.RND", 0): Sight(name="randomisation", item="RANDDTM"),
    (SECOND_VISIT, "F.NIHSS", 0): Sight(name="nihss-24h", item="NIHSS05A", dark=True),
}
NAMES = {
    "F.NIHSS": "NIHSS",
    "F.MRS": "Modified Rankin scale",
    "F.VS": "Vital signs",
    "F.LB": "Laboratory results",
    "F.IMG1": "Baseline imaging",
    "F.IMG2": "Follow-up imaging",
    "F.RND": "Result of the central randomisation (twice)",
}
OCCASIONS = {
    (FIRST_VISIT, "F.NIHSS", 0): " (initial)",
    (FIRST_VISIT, "F.NIHSS", 1): " (before randomisation)",
    (SECOND_VISIT, "F.NIHSS", 0): " (24 h visit)",
    (SECOND_VISIT, "F.IMG2", 0): " (24 h visit)",
}


def look(hands: Visitor, sight: Sight) -> None:
    """Take the picture of a sight."""
    hands.look_at(sight.item)
    if not sight.dark:
        hands.picture(sight.name)
        return
    hands.wear(theme.DARK)
    hands.picture(f"{sight.name}-dark")
    hands.wear(theme.LIGHT)


def fill(tour: Tour, hands: Visitor, place: Place) -> None:
    """Fill in a form of the casebook in front; everything is on the disk then."""
    visit, form, turn = place
    hands.open_form(visit, form, turn)
    hands.fill(tour.given[place])
    expect_marks(hands, Mark.KEPT)


def save(hands: Visitor) -> None:
    """Save by its key; everything is sealed then."""
    hands.control(Qt.Key.Key_S)
    hands.settle()
    expect_marks(hands, Mark.RECORDED)


def finish(hands: Visitor) -> None:
    """Save, mark the form complete, and go back to the casebook."""
    save(hands)
    hands.click("form_complete")
    hands.settle()
    view = hands.form.view
    expect(view is not None and view.complete, "The form is not complete.")
    hands.back()
    expect(hands.shows("casebook_table"), "The casebook is not in front.")


def expect_marks(hands: Visitor, mark: Mark) -> None:
    """Expect the same mark beside everything that was entered.

    Raises:
        StepFailedError: Something entered carries another one.
    """
    entered = {
        path.item: row.mark.mark
        for path, row in hands.rows().items()
        if row.editor.raw() and row.item.derivation is None
    }
    expect(entered, "Nothing was entered.")
    others = {item: found for item, found in entered.items() if found is not mark}
    expect(not others, f"Not marked as {mark}: {others}")


# -- papers ---------------------------------------------------------------------------------------------


def sign_consent(tour: Tour, hands: Visitor) -> None:
    """Sign the consent, look at the document, and save a copy of it."""
    account = tour.stage.investigator
    hands.open_first_subject()
    hands.open_form(*CONSENT)
    hands.look_below()
    hands.type("consent_passphrase", account.words)
    hands.picture("consent-to-sign")
    hands.click("consent_sign")
    hands.settle()
    expect(account.name in hands.words("consent_signed_words"), hands.words("consent_signed_words"))
    hands.click("consent_preview")
    hands.rest()
    hands.picture("consent-document")
    file = tour.paper(f"{tour.number}-consent-signed.pdf")
    hands.save_copy("consent", file)
    hands.back()
    hands.back()
    papers.verify_signed(tour.report, file, tour.authority, account.name)
    tour.signed[file] = PARTICIPANT


def papers_are_signed(tour: Tour, hands: Visitor) -> None:
    """Sign and print the record of the first visit, offline."""
    report, account = tour.report, tour.stage.investigator
    with report.step(f"{account.name} looked at the record of the first visit and signed it, offline."):
        hands.open_papers()
        hands.choose_visit(FIRST_VISIT)
        hands.picture("paper-to-sign")
        hands.click("paper_sign_open")
        hands.type("paper_passphrase", account.words)
        hands.picture("paper-signing")
        hands.click("paper_sign")
        hands.settle()
        hands.settle()
        hands.picture("paper-signed")
        file = tour.paper(f"{tour.number}-first-visit-signed.pdf")
        hands.save_copy("paper", file)
        papers.verify_signed(report, file, tour.authority, account.name)
        tour.signed[file] = SUBJECT
    with report.step("The signed record was printed, to a file in place of a printer."):
        file = tour.paper(f"{tour.number}-first-visit-printed.pdf")
        hands.print_to(file)
    with report.step("Both visits were drawn on laptop A, to be compared with laptop B."):
        for visit in (FIRST_VISIT, SECOND_VISIT):
            drawn = hands.choose_visit(visit)
            tour.drawn[visit] = papers.code_of(drawn, tour.authority)
            file = tour.paper(f"{tour.number}-{visit}-laptop-A.pdf")
            file.write_bytes(drawn)
            report.made(file)


def whole_subjects_are_entered(tour: Tour, hands: Visitor) -> str:
    """Enter whole subjects, still offline, and make the rounds among them; returns the one whose day 90 lies ahead."""
    report, account = tour.report, tour.stage.investigator
    hands.lock()
    told = enter_whole_subjects(report, tour.stage)
    with report.step(f"{account.name} signed in again."):
        hands.sign_in(account.name, account.words)
    look_at_what_is_due(report, hands, told[SCREENED].number)
    make_rounds(report, hands, told, tour.authority)
    return told[DISCHARGED].number


def look_at_what_is_due(report: Report, hands: Visitor, number: str) -> None:
    """See what is to be done now, and by when the subject in screening may be randomised."""
    with report.step(
        "Today tells what is to be done now, with the time left; a digit shows one kind, Enter opens the field."
    ):
        hands.control(Qt.Key.Key_1)
        hands.settle()
        clocks = [line for line in hands.lines("today_table") if line[1] == number and "ends in" in line[3]]
        expect(clocks, f"No clock of {number} is told: {hands.lines('today_table')}")
        report.note("; ".join(f"{what} {time}".replace("\n", " ") for _, _, what, time in clocks))
        hands.picture("today")
        hands.choose_line("today_table", clocks[0][2])
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        expect(hands.window.windowTitle().startswith(number), hands.window.windowTitle())
        hands.back()
    with report.step("Randomise tells who may be randomised now or soon, by when, and what is missing."):
        hands.control(Qt.Key.Key_4)
        hands.settle()
        found = next((line for line in hands.lines("randomise_table") if line[0] == number), None)
        expect(found is not None and "missing" in found[1], f"{number}: {found}")
        hands.picture("randomise")
        hands.choose_line("randomise_table", number)
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        expect(hands.shows("casebook_criteria"), "The criteria are not in front.")
        hands.picture("eligibility")
    with report.step("Both speak Chinese."):
        hands.speak("zh")
        for key, name in ((Qt.Key.Key_1, "today-zh"), (Qt.Key.Key_4, "randomise-zh")):
            hands.control(key)
            hands.settle()
            hands.picture(name)
        hands.speak("en")


# -- the server is back ---------------------------------------------------------------------------------


def server_comes_back(tour: Tour, hands: Visitor) -> None:
    """Synchronise in vain, then with the server."""
    report = tour.report
    with report.step("Without the server, synchronising says so and loses nothing."):
        said = hands.sync()
        kept = hands.numbers("sync_here_only")
        expect(kept, "Nothing is on this laptop only.")
        report.note(f"{said} ({kept} records on this laptop only)")
        hands.picture("sync-offline")
    with report.step("The server was started again, and laptop A synchronised: signed receipts for every record."):
        tour.stage.server.start()
        said = hands.sync()
        expect(hands.numbers("sync_here_only") == 0, said)
        expect("received by the server" in hands.words("foot_custody"), hands.words("foot_custody"))
        report.note(f"{said} ({hands.numbers('sync_received')} records received by the server)")
        hands.picture("sync-received")


def second_laptop_joins(tour: Tour, first: Visitor) -> Visitor:
    """Enrol laptop B through its windows; laptop A admits it once the fingerprint was compared."""
    report, server, account = tour.report, tour.stage.server, tour.stage.coordinator
    with report.step("Laptop B was enrolled through its own first window, with one-time codes."):
        second = Visitor(tour.qt, laptop_in(report.part("laptops") / "B"), report)
        second.picture("enrol")
        codes = (server.enrolment_code(), server.personal_code(account.user))
        second.enrol(server.url, codes, "Neurology ward", account.words)
    with report.step("Laptop B synchronised: it holds the records, and cannot read names or ink yet."):
        second.sign_in(account.name, account.words)
        second.sync()
        expect(second.shows("sync_aside"), "Nothing says that laptop B is not admitted.")
        report.note(second.words("sync_aside"))
        fingerprint = second.texts("sync_laptop_B")[1]
    administrator, writer = tour.stage.administrator, tour.stage.investigator
    with report.step(f"{administrator.name} admitted laptop B on laptop A after their fingerprints were compared."):
        first.come_to_front()
        first.lock()
        first.sign_in(administrator.name, administrator.words)
        first.sync()
        first.click("sync_admit_B")
        expect(fingerprint in " ".join(first.texts("sync_laptop_B")), f"Laptop A shows another one than {fingerprint}.")
        first.picture("sync-admit")
        first.click("sync_admit_yes_B")
        first.settle()
        first.sync()
        first.lock()
        first.sign_in(writer.name, writer.words)
        first.open_first_subject()
        tour.digest = first.words("casebook_digest")
        report.note(f"Fingerprint on both screens: {fingerprint}")
    return second


def second_laptop_shows_the_same(tour: Tour, second: Visitor) -> None:
    """Compare casebook, forms and papers of laptop B with those of laptop A."""
    report = tour.report
    with report.step("Laptop B synchronised and shows the same casebook."):
        second.come_to_front()
        second.sync()
        expect(not second.shows("sync_aside"), "Laptop B still says that it is not admitted.")
        second.open_first_subject()
        expect(second.window.windowTitle().startswith(tour.number), second.window.windowTitle())
        digest = second.words("casebook_digest")
        expect(digest == tour.digest, f"Laptop A: {tour.digest}. Laptop B: {digest}.")
        report.note(f"On both laptops: {digest}")
        second.picture("second-laptop-casebook")
    with report.step("Contact details can be read on laptop B now."):
        second.open_form(*CONTACT)
        name = second.row("NAME").editor.raw()
        expect(name == tour.given[CONTACT]["NAME"], f"The name reads {name!r}.")
        second.back()
    with report.step("Papers drawn on laptop B carry the same data as those of laptop A."):
        second.open_papers()
        for visit in (FIRST_VISIT, SECOND_VISIT):
            drawn = second.choose_visit(visit)
            code = papers.code_of(drawn, tour.authority)
            expect(code == tour.drawn[visit], f"{visit}: {code} on laptop B, {tour.drawn[visit]} on laptop A.")
            file = tour.paper(f"{tour.number}-{visit}-laptop-B.pdf")
            file.write_bytes(drawn)
            report.made(file)
            report.note(f"Document code of {visit} on both laptops: {code}")
    with report.step("The documents signed on laptop A are on laptop B, byte for byte."):
        wanted = {hashlib.sha256(file.read_bytes()).hexdigest() for file in tour.signed}
        lines = [(place, what) for place, what in enumerate(second.paper_lines()) if isinstance(what, DocumentRow)]
        shown = {hashlib.sha256(second.choose_paper(place)).hexdigest() for place, _ in lines}
        expect(shown == wanted, f"Laptop B shows {len(shown & wanted)} of {len(wanted)}.")
    with report.step("Laptop B shows it all in Chinese and in dark colours, too."):
        second.speak("zh")
        second.wear(theme.DARK)
        second.picture("subjects-zh-dark")
        second.open_first_subject()
        second.picture("casebook-zh-dark")
        second.open_papers()
        second.wear(theme.LIGHT)
        second.picture("papers-zh")
        second.speak("en")  # the windows of one process share their language


# -- what a record survives -------------------------------------------------------------------------------


def record_survives(tour: Tour, first: Visitor, second: Visitor) -> None:
    """Conflicts, a link that breaks, no network, a server put back, a laptop that leaves; on two further subjects."""
    number, other = MORE_SUBJECTS
    survive(Site(report=tour.report, stage=tour.stage, first=first, second=second, number=number, other=other))


# -- people and data management ---------------------------------------------------------------------------


def people_and_data_management(tour: Tour, first: Visitor, early: str) -> None:
    """Let everybody do what they alone may do: on laptop A, and by turns on the laptop of data management."""
    first.come_to_front()
    people_at_work(tour.report, first, tour.stage, tour.number, early)
    office = Visitor(tour.qt, tour.stage.sponsor, tour.report)
    oversee(tour.report, first, office, tour.stage, tour.number)
    office.close()
