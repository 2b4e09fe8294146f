"""A kill while something is wrong around the window: what was kept is there, and nobody is locked out."""

import os
import signal
from pathlib import Path

import pytest

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.one_window import FirstStart, raise_first
from desktop_app.session import Session
from desktop_app.windows.whereabouts import read_whereabouts
from tests.journeys.test_kill import talker
from tests.journeys.trouble_process import FORM, VISIT
from tests.laptops import Ward, design


def value(session: Session, key: FormKey, item: str) -> str | None:
    group, found = design().form(FORM).find(item)
    return session.form(key).item(ItemPath(group=group.oid, item=found.name)).reading.value


@pytest.mark.parametrize(
    ("cause", "said"), [("stick", "is not there"), ("fault", "Something went wrong"), ("second", "Vital signs")]
)
def test_kill_in_the_middle_of_trouble_costs_nothing_and_leads_back(tmp_path: Path, cause: str, said: str) -> None:
    ward = Ward(tmp_path)
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        subject = SubjectId(session.add_subject().subject)
    folder = laptop.folder.path
    with talker("tests.journeys.trouble_process", str(folder), cause) as process:
        (_, shown), _ = process.hear("shown")
        assert said in shown
        if cause == "second":
            assert raise_first(folder) is FirstStart.RAISED
            process.hear("raised")
        os.kill(process.process.pid, signal.SIGKILL)
        assert process.process.wait() == -signal.SIGKILL
    if cause == "stick":
        folder.with_name(f"{folder.name} (pulled)").rename(folder)
    assert raise_first(folder) is FirstStart.NONE
    key = FormKey(subject=subject, visit=VisitKey(visit=VISIT), form=FORM)
    with ward.session(laptop) as session:
        assert value(session, key, "RESP") == "18"
        place = read_whereabouts(session.take_place())
        assert place is not None
        assert (place.page, place.key) == ("form", key)
