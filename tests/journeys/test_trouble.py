"""A kill while something is wrong around the window: what was kept is there, and nobody is locked out."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.one_window import FirstStart, raise_first
from desktop_app.session import Session
from desktop_app.windows.whereabouts import read_whereabouts
from tests.journeys.test_kill import Talker, talker
from tests.journeys.trouble_process import FORM, VISIT
from tests.laptops import Ward, design
from tests.small_disk import SmallDisk


def value(session: Session, key: FormKey, item: str) -> str | None:
    group, found = design().form(FORM).find(item)
    return session.form(key).item(ItemPath(group=group.oid, item=found.name)).reading.value


@pytest.mark.parametrize(
    ("cause", "said"), [("stick", "is not there"), ("fault", "Something went wrong"), ("second", "Vital signs")]
)
def test_kill_in_the_middle_of_trouble_costs_nothing_and_leads_back(tmp_path: Path, cause: str, said: str) -> None:
    ward, key = begun(tmp_path)
    laptop = ward.laptop("one")
    folder = laptop.folder.path
    with talker("tests.journeys.trouble_process", str(folder), cause) as process:
        (_, shown), _ = process.hear("shown")
        assert said in shown
        if cause == "second":
            assert raise_first(folder) is FirstStart.RAISED
            process.hear("raised")
        kill(process)
    if cause == "stick":
        folder.with_name(f"{folder.name} (pulled)").rename(folder)
    assert raise_first(folder) is FirstStart.NONE
    with ward.session(laptop) as session:
        assert value(session, key, "RESP") == "18"
        assert returns(session, key)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A disk that can be filled."""
    disk = SmallDisk(folder / "disk", size_mib=40)
    try:
        yield disk
    finally:
        disk.close()


def kill(process: Talker) -> None:
    """End a process as a power cut does."""
    os.kill(process.process.pid, signal.SIGKILL)
    assert process.process.wait() == -signal.SIGKILL


def begun(folder: Path) -> tuple[Ward, FormKey]:
    """Return a ward with one laptop, and the form that is filled in on it."""
    ward = Ward(folder)
    with ward.session(ward.enrolled()) as session:
        subject = SubjectId(session.add_subject().subject)
    return ward, FormKey(subject=subject, visit=VisitKey(visit=VISIT), form=FORM)


def returns(session: Session, key: FormKey) -> bool:
    """Tell whether the person is led back to the form."""
    place = read_whereabouts(session.take_place())
    return place is not None and (place.page, place.key) == ("form", key)


@pytest.mark.parametrize("then", ["killed in its form", "locked by itself, killed at the door"])
def test_kill_while_the_disk_is_full_costs_nothing_that_was_kept_and_locks_nobody_out(
    tmp_path: Path, then: str
) -> None:
    with small_disk(tmp_path) as disk:
        ward, key = begun(disk.path)
        laptop = ward.laptop("one")
        locked = then.startswith("locked")
        with talker(
            "tests.journeys.trouble_process", str(laptop.folder.path), "locked" if locked else "full"
        ) as process:
            (_, refused), before = process.hear("refused")
            kept = [number for said, number in before if said == "kept"]
            (_, shown), _ = process.hear("shown")
            assert locked or "The disk is full" in shown
            kill(process)
        disk.free()
        assert laptop.folder.lock_room.is_spent is (locked and disk.is_mounted)
        with ward.session(laptop) as session:
            assert value(session, key, "RESP") == "18"
            # What was typed and refused has room at a lock alone (docs/adr/0036).
            assert value(session, key, "HR") == (refused if locked else kept[-1])
            assert returns(session, key)
        assert not laptop.folder.lock_room.is_spent


def test_kill_while_another_process_holds_the_database_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    ward, key = begun(tmp_path)
    laptop = ward.laptop("one")
    with talker("tests.journeys.trouble_process", str(laptop.folder.path), "held") as process:
        (_, shown), _ = process.hear("shown")
        assert "is being used by something else" in shown
        kill(process)
    with ward.session(laptop) as session:
        assert (value(session, key, "RESP"), value(session, key, "HR")) == ("18", "66")
        assert returns(session, key)
