"""With a screen: the application, as users open it: one window of the site, one of data management."""

import subprocess
import sys
from pathlib import Path

from casebook.ids import UserId

from .report import Report, expect
from .stage import Stage, exchange, set_stage
from .whole_subjects import enter_whole_subjects

_ROOT = Path(__file__).resolve().parents[2]


def show(report: Report) -> None:
    """Open the application on both demo laptops; the server runs until their windows are closed."""
    with set_stage(report) as stage:
        enter_whole_subjects(report, stage)
        _send(report, stage)
        print("\nThe application opens twice now: laptop A of the site, and the laptop of data management.")
        print("The unlock screens show the accounts:")
        for account in (*stage.staff, *stage.data_management):
            print(f"    {account.name}: {account.words}")
        print("Ctrl+N adds a subject, Ctrl+6 synchronises. Close both windows to end the demonstration.", flush=True)
        with report.step("The application was opened on both laptops and closed again."):
            # Each lock begins a new process, which inherits the pipe: reading it to its end waits for the last one.
            windows = [
                subprocess.Popen(
                    [sys.executable, "-m", "desktop_app", "--folder", str(laptop.folder.path)],
                    cwd=_ROOT,
                    stdout=subprocess.PIPE,
                )
                for laptop in (stage.laptop, stage.sponsor)
            ]
            for window in windows:
                window.communicate()
                expect(window.returncode == 0, f"It ended with status {window.returncode}.")
    report.conclude()


def _send(report: Report, stage: Stage) -> None:
    """Bring the site's record to the server, and on to data management."""
    with report.step("Laptop A and the laptop of data management synchronised."):
        for laptop, people in ((stage.laptop, stage.staff), (stage.sponsor, stage.data_management)):
            session = laptop.unlock(UserId(people[0].user), people[0].words)
            try:
                exchange(laptop, session)
            finally:
                session.lock()
