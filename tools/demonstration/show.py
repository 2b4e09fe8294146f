"""With a screen: the application, as a user opens it."""

import subprocess
import sys
from pathlib import Path

from .report import Report, expect
from .stage import set_stage
from .whole_subjects import enter_whole_subjects

_ROOT = Path(__file__).resolve().parents[2]


def show(report: Report) -> None:
    """Open the application on the demo laptop; the server runs until its window is closed."""
    with set_stage(report) as stage:
        enter_whole_subjects(report, stage)
        print("\nThe application opens now. The unlock screen shows the accounts:")
        for account in (stage.coordinator, stage.investigator, stage.assessor):
            print(f"    {account.name}: {account.words}")
        print("Press Ctrl+N to add a subject. Close the window to end the demonstration.", flush=True)
        command = [sys.executable, "-m", "desktop_app", "--folder", str(stage.laptop.folder.path)]
        with report.step("The application was opened on laptop A and closed again."):
            # Each lock begins a new process, which inherits the pipe: reading it to its end waits for the last one.
            done = subprocess.run(command, cwd=_ROOT, check=False, stdout=subprocess.PIPE)
            expect(done.returncode == 0, f"It ended with status {done.returncode}.")
    report.conclude()
