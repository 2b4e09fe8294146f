"""Whole subjects on the demo laptop, entered from data through sessions, each verified."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casebook.ids import UserId
from desktop_app.session import Session
from tests.subject_entry import Entered, Seen, enter, enter_site_file, expect_as_told
from tests.whole_subjects import read_cases, read_site_file

from .report import Report
from .stage import Stage

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A subject of the demonstration, and how it stood after it was entered."""

    entered: Entered
    seen: Seen

    @property
    def number(self) -> str:
        """The subject's number."""
        return self.entered.number


def enter_whole_subjects(report: Report, stage: Stage) -> Mapping[str, Told]:
    """Enter the site's file and all subjects; nobody else may be signed in on the laptop.

    Raises:
        NotAsExpectedError: A subject does not stand as its file says.
    """
    now = datetime.now().astimezone()
    people = {one.role: one for one in (stage.coordinator, stage.investigator, stage.assessor)}

    @contextmanager
    def sit_down(person: str) -> Iterator[Session]:
        session = stage.laptop.unlock(UserId(people[person].user), people[person].words)
        try:
            yield session
        finally:
            session.lock()

    cases = read_cases(CASES, now)
    with report.step(f"{len(cases)} whole subjects were entered by coordinator, assessor and investigator."):
        with sit_down(stage.coordinator.role) as session:
            site = enter_site_file(read_site_file(CASES, now), session)
        entered = enter(cases, sit_down)
        sheets = sum(len(case.sheets) for case in cases)
        answers = sum(
            len(sheet.values) + sum(len(row) for _, row in sheet.rows) for case in cases for sheet in case.sheets
        )
        report.note(f"{sheets} forms, {answers} answers; {len(site.keys)} forms of the site itself.")
    with report.step("Status, visits, eligibility, findings and deviations of each are as its file says."):
        with sit_down(stage.investigator.role) as session:
            told = {name: Told(entered=one, seen=expect_as_told(one, session)) for name, one in entered.items()}
        for one in told.values():
            report.note(f"{one.number} {one.seen.status}: {one.entered.case.title}")
    return told
