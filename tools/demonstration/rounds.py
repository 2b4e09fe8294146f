"""What is done with whole subjects through the windows: logs, findings, queries, papers, exports."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt

from casebook.export.schema import refuse_unless_valid
from desktop_app.snapshots import PaperItem
from desktop_app.widgets.line_list import LineList

from . import papers
from .report import Report, StepFailedError, expect
from .visitor import Visitor
from .whole_subjects import Told

LOG, CRITERIA, FINDINGS = "casebook_running", "casebook_criteria", "casebook_findings"
BLEEDING, SCREENING, CROSSED, DIED = "08_haemorrhage", "10_in_screening", "07_crossover", "03_death"
_BOARDS = 5
_ROOT = Path(__file__).resolve().parents[2]


def make_rounds(report: Report, hands: Visitor, told: Mapping[str, Told], authority: bytes) -> None:
    """Look at whole subjects, and do with them what is left to do. Somebody who signs is signed in.

    Raises:
        StepFailedError: A window does not show what the subjects' files say.
    """
    look_at_screening_log(report, hands, told)
    look_at_a_casebook(report, hands, told)
    answer_findings(report, hands, told[BLEEDING])
    look_at_eligibility(report, hands, told[SCREENING], authority)
    export_everything(report, hands, told)
    print_blank_forms(report)


def look_at_screening_log(report: Report, hands: Visitor, told: Mapping[str, Told]) -> None:
    """Read the screening log, and save its pages."""
    with report.step("The subjects stand in the screening log, each with its status; its pages were drawn and saved."):
        _see_subjects(hands)
        hands.picture("subjects-whole")
        hands.click("subjects_log")
        hands.settle()
        shown = {line[0]: line[4] for line in _lines(_list(hands, "screening_table"))}
        for one in told.values():
            expect(one.number in shown and shown[one.number], f"{one.number} has no status in the log.")
        hands.picture("screening-log")
        hands.control(Qt.Key.Key_P)
        hands.settle()
        hands.picture("screening-log-pages")
        file = report.part("papers") / "screening-log.pdf"
        hands.save_copy("screening", file)
        for one in told.values():
            papers.expect_words(report, file, one.number)
        hands.back()
        hands.back()


def look_at_a_casebook(report: Report, hands: Visitor, told: Mapping[str, Told]) -> None:
    """Look at casebooks from first to last visit, and at a log."""
    with report.step("Whole casebooks were looked at: a death, a crossover with its deviation."):
        for name in (DIED, CROSSED):
            _open(hands, told[name])
            hands.picture(f"casebook-{name[3:]}")
        running = _turn_to(hands, LOG)
        expect(any("deviation" in line[0].casefold() for line in _lines(running)), f"{_lines(running)}")
        hands.picture("events-crossover")
    with report.step("A log was opened: its rows stand folded, one line each."):
        _choose(hands, running, "Concomitant medication")
        hands.picture("log-medication")
        hands.back()


def answer_findings(report: Report, hands: Visitor, bleeding: Told) -> None:
    """Confirm a hard finding as the investigator, and answer a query."""
    with report.step("The investigator confirmed a hard finding: implausible, and true."):
        _open(hands, bleeding)
        findings = _turn_to(hands, FINDINGS)
        hands.picture("findings")
        _choose(hands, findings, "EC051")
        hands.look_at("CRP")
        _confirm(hands, "I.LB.CRP", "EC051", "measured twice in the same sample")
        hands.picture("hard-finding-confirmed")
        hands.control(Qt.Key.Key_S)
        hands.settle()
        hands.click("form_complete")
        hands.settle()
        view = hands.form.view
        expect(view is not None and view.complete, "The laboratory form is not complete.")
        hands.back()
    with report.step("A query was answered in its place."):
        findings = _turn_to(hands, FINDINGS)
        _choose(hands, findings, "EC064")
        hands.look_at("MRS")
        _confirm(hands, "I.MRS.MRS", "EC064", "sits in a chair for some hours a day with help")
        hands.picture("query-answered")
        hands.control(Qt.Key.Key_S)
        hands.settle()
        hands.back()
    with report.step("No finding of that participant is open any more."):
        states = [line for line in _lines(_turn_to(hands, FINDINGS)) if "open" in " ".join(line).casefold().split()]
        expect(not states, f"{states}")
        hands.picture("findings-answered")


def look_at_eligibility(report: Report, hands: Visitor, waiting: Told, authority: bytes) -> None:
    """Read how each criterion stands while the clock runs, and save it as a paper."""
    with report.step("Eligibility of the participant in screening: criteria, what decides them, the running clocks."):
        _open(hands, waiting)
        lines = _lines(_turn_to(hands, CRITERIA))
        unknown = {line[0] for line in lines if line[1] == "unknown"}
        expect(unknown == waiting.seen.unknown, f"Unknown are {unknown}.")
        report.note(f"Unknown: {', '.join(sorted(unknown))}. Running: {[line[4] for line in lines if line[4]]}")
        hands.picture("eligibility")
        hands.control(Qt.Key.Key_P)
        hands.settle()
        places = [
            place
            for place, what in enumerate(hands.paper_lines())
            if isinstance(what, PaperItem) and what.kind == "eligibility"
        ]
        expect(places, "There is no paper on eligibility.")
        drawn = hands.choose_paper(places[0])
        papers.verdict_on(drawn, authority)
        hands.picture("eligibility-paper")
        file = report.part("papers") / f"{waiting.number}-eligibility.pdf"
        file.write_bytes(drawn)
        report.made(file)
        papers.expect_words(report, file, waiting.number)
        hands.back()


def export_everything(report: Report, hands: Visitor, told: Mapping[str, Told]) -> None:
    """Export the record as ODM and tables through the window, and read the archive."""
    with report.step("The record was exported as CDISC ODM and as tables; the ODM is valid by the official schema."):
        _see_subjects(hands)
        hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        hands.settle()
        folder, name = report.part("papers"), "whole-subjects"
        for field, text in (("export_where", str(folder)), ("export_name", name)):
            edit = hands.find(field)
            edit.setFocus()
            hands.control(Qt.Key.Key_A)
            hands.write(text)
        hands.picture("export")
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        report.note(" ".join(hands.words("export_outcome_words").split()))
        file = folder / f"{name}.zip"
        report.made(file)
        with zipfile.ZipFile(file) as archive:
            odm = [one for one in archive.namelist() if one.endswith(".xml")]
            tables = [one for one in archive.namelist() if one.endswith(".csv")]
            for one in odm:
                refuse_unless_valid(io.BytesIO(archive.read(one)))
            rows = sum(len(list(csv.reader(io.StringIO(archive.read(one).decode("utf-8-sig"))))) for one in tables)
            everything = b"".join(archive.read(one) for one in archive.namelist())
        expect(odm and tables, f"The archive holds {archive.namelist()}.")
        secret = [one for told_one in told.values() for one in _identity(told_one) if one.encode() in everything]
        expect(not secret, f"{len(secret)} names or telephone numbers stand in the export.")
        report.note(f"{len(odm)} ODM file(s), {len(tables)} tables, {rows} lines; no name and no telephone number.")
        hands.back()


def _identity(told: Told) -> list[str]:
    return [
        text for sheet in told.entered.case.sheets if sheet.place == "F.CONTACT" for name, text in sheet.values.items()
        if name in {"NAME", "TEL1"} and not text.startswith("!")
    ]  # fmt: skip


def print_blank_forms(report: Report) -> None:
    """Print the annotated blank forms and the dictionary by the command line."""
    with report.step("The annotated blank forms were printed as one PDF, with the data dictionary."):
        folder = report.part("papers") / "blank-forms"
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", "study", "print", str(folder)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        expect(done.returncode == 0, f"It ended with status {done.returncode}: {done.stdout}{done.stderr}")
        for file in sorted(folder.iterdir()):
            report.made(file)
        (forms,) = folder.glob("*.pdf")
        papers.ask_qpdf(report, forms)
        papers.expect_words(report, forms, "NIHSS05B")


# -- hands --------------------------------------------------------------------------------------------------


def _see_subjects(hands: Visitor) -> None:
    hands.control(Qt.Key.Key_2)
    hands.settle()
    expect(hands.shows("subjects_table"), "The subjects are not in front.")


def _open(hands: Visitor, told: Told) -> None:
    _see_subjects(hands)
    hands.open_subject(told.number)
    expect(hands.window.windowTitle().startswith(told.number), hands.window.windowTitle())


def _list(hands: Visitor, name: str) -> LineList:
    found = hands.find(name)
    if not isinstance(found, LineList):
        raise StepFailedError(f"{name} is no list of lines.")
    return found


def _lines(table: LineList) -> list[tuple[str, ...]]:
    return [line.texts for line in table.lines.lines]


def _turn_to(hands: Visitor, board: str) -> LineList:
    """Go through the boards of the casebook by their key until one is in front."""
    for _ in range(_BOARDS):
        if hands.shows(board):
            break
        hands.control(Qt.Key.Key_PageDown)
    return _list(hands, board)


def _choose(hands: Visitor, table: LineList, words: str) -> None:
    """Go to a line by the arrow keys and open it."""
    table.setFocus()
    wanted = [place for place, line in enumerate(_lines(table)) if words in " ".join(line)]
    expect(wanted, f"No line says {words}: {_lines(table)}")
    while table.currentIndex().row() != wanted[0]:
        before = table.currentIndex().row()
        hands.press(Qt.Key.Key_Down if before < wanted[0] else Qt.Key.Key_Up)
        expect(table.currentIndex().row() != before, f"The line {words} cannot be reached.")
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def _confirm(hands: Visitor, item: str, check: str, reason: str) -> None:
    """Say of a finding that it is true, with a reason in words."""
    hands.click(f"{item}.confirm.{check}")
    hands.settle()
    hands.type(f"{item}.reason.words", reason)
    hands.click(f"{item}.reason.confirm")
    hands.settle()
    expect(not hands.shows(f"{item}.confirm.{check}"), f"{check} still asks.")
