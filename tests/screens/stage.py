"""A ward that is lived in: its people, some whole subjects at different stages, queries, a conflict, attachments.

Made once through sessions and copied for each run; nothing is written past the session. The wire is the only fake.
"""

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casebook.records import ItemPath
from casebook.supervision import of_item
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.laptops import NOW, Ward, design, sync
from tests.subject_entry import Entered, enter, enter_site_file
from tests.whole_subjects import ASSESSOR, COORDINATOR, HOSPITAL, INVESTIGATOR, read_cases, read_site_file

CASES = Path(__file__).parents[2] / "tools" / "demonstration" / "cases"
SHOWN = ("01_evt_good_outcome", "04_early_discharge", "09_screen_failure", "10_in_screening")
"""The subjects of the stage: one at the end, one on the way, one that failed screening, one in screening."""
DISPUTED = "04_early_discharge"
"""The subject of which two laptops know different values."""
PEOPLE = ("coordinator", "investigator", "assessor", "principal", "monitor", "administrator")
"""Who signs in on the laptop, in the order of the unlock page."""
_USERS = {COORDINATOR: "coordinator", INVESTIGATOR: "investigator", ASSESSOR: "assessor"}


class Stage:
    """The ward and where its subjects lie."""

    def __init__(self, folder: Path) -> None:
        """Make it in an empty folder: some seconds for each subject."""
        self.ward = Ward(folder)
        laptop = self.ward.enrolled("one", *PEOPLE)

        @contextmanager
        def sit_down(person: str) -> Iterator[Session]:
            with self.ward.session(laptop, _USERS[person]) as session:
                yield session

        now = NOW.astimezone(HOSPITAL)
        with sit_down(COORDINATOR) as session:
            enter_site_file(read_site_file(CASES, now), session)
        cases = [case for case in read_cases(CASES, now) if case.name in SHOWN]
        self.entered: dict[str, Entered] = enter(cases, sit_down)
        with self.ward.session(laptop, "monitor") as session:
            self._ask(session)
            sync(laptop, session)
        self._disagree(laptop)

    def _ask(self, session: Session) -> None:
        """Raise a query on a value, as a monitor does."""
        one = next(iter(self.entered.values()))
        key = one.keys["F.VS@SE.V2"]
        view = session.form(key)
        path = next(
            item.path for group in view.groups for row in group.rows for item in row.items if item.reading.value
        )
        session.oversight.raise_query(of_item(key, path), "The source shows another value: please check.")

    def _disagree(self, laptop: Laptop) -> None:
        """Let two laptops correct one value, each to another one, before either heard of the other."""
        other = self.ward.enrolled("two", "investigator")
        key = self.entered[DISPUTED].keys["F.VS@SE.V2"]
        pulse = ItemPath(group=design().form(key.form).find("HR")[0].oid, item="HR")
        sessions = ((other, "investigator", "88"), (laptop, "coordinator", "83"))
        for place, user, value in sessions:
            with self.ward.session(place, user) as session:
                if place is other:
                    sync(place, session)
                session.keep(key, pulse, value, reason="SOURCE")
                session.save(key)
                if place is laptop:
                    sync(place, session)
        for place, user, _ in sessions:
            with self.ward.session(place, user) as session:
                sync(place, session)

    def copied(self, folder: Path) -> "Stage":
        """Return the same stage in another folder."""
        shutil.copytree(self.ward.folder, folder, dirs_exist_ok=True)
        other = copy.deepcopy(self)
        other.ward.folder = folder
        return other
