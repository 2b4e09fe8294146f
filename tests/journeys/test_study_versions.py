"""A sponsor rolls out a new version of a study: dormant, previewed, approved, in force; nothing is lost either way.

A real server, two real laptops with data of version 1.0, real windows; a process that is killed while the new
version starts for the first time.
"""

import csv
import io
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from casebook.errors import OtherVersionError, UnknownItemError
from casebook.ids import SubjectId, UserId, site_file_id
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.versions import Designs, read_designs
from desktop_app import theme
from desktop_app.https_network import HttpsNetwork
from desktop_app.session import Session
from desktop_app.snapshots import Mark, Running
from desktop_app.vault import Laptop
from desktop_app.version_snapshots import VersionState
from desktop_app.widgets.line_list import LineList
from tests.journeys.hands import Hands
from tests.journeys.test_kill import talker
from tests.journeys.versioned_study import write_first, write_second
from tests.laptops import CHEAP_KDF, PASSPHRASE, sync
from tests.server_process import ServerProcess

KILLS = 12 if os.environ.get("CASEBOOK_EFFORT") == "soak" else 3
PLACE = timezone(timedelta(hours=8))
WHY = "TRANSCRIPTION"


def at(item: str) -> ItemPath:
    return ItemPath(group="IG.VIS.MAIN", item=item)


VISDTM, WEIGHT, PAIN, OLDQ, NEWQ = (at(name) for name in ("VISDTM", "WEIGHT", "PAIN", "OLDQ", "NEWQ"))
OLDNOTE = ItemPath(group="IG.OLD.MAIN", item="OLDNOTE")


def visit(subject: SubjectId, form: str = "F.VIS", at_visit: str = "SE.V1") -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=at_visit), form=form)


def ethics() -> FormKey:
    return FormKey(subject=site_file_id("VERS1", "001"), visit=VisitKey(visit="SE.SITE"), form="F.ETH")


@dataclass
class Site:
    """One site with two laptops, and the study in both versions."""

    folder: Path
    server: ServerProcess
    first: Designs
    second: Designs
    user: UserId
    subject: SubjectId

    def laptop(self, name: str, designs: Designs) -> Laptop:
        return Laptop(self.folder / name, designs.current, HttpsNetwork(), kdf=CHEAP_KDF, earlier=designs.earlier)

    @contextmanager
    def session(self, name: str, designs: Designs) -> Iterator[Session]:
        session = self.laptop(name, designs).unlock(self.user, PASSPHRASE)
        try:
            yield session
        finally:
            session.lock()

    def sync(self, name: str, designs: Designs) -> None:
        laptop = self.laptop(name, designs)
        session = laptop.unlock(self.user, PASSPHRASE)
        try:
            sync(laptop, session)
        finally:
            session.lock()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Two laptops that know the same subject, entered with version 1.0."""
    first = read_designs(write_first(tmp_path / "v1"))
    second = read_designs(write_second(tmp_path / "v2", tmp_path / "v1"))
    with ServerProcess(tmp_path / "server", study=tmp_path / "v1") as server:
        user, code = server.add_user("Investigator One")
        site = Site(tmp_path, server, first, second, UserId(user), SubjectId(""))
        for name in ("one", "two"):
            personal = code if name == "one" else server.personal_code(user)
            site.laptop(name, first).enrol(server.enrolment_code(), server.url, personal, f"Laptop {name}", PASSPHRASE)
        with site.session("one", first) as session:
            site.subject = session.add_subject().subject
            key = visit(site.subject)
            for path, raw in ((VISDTM, today(-1, "08:00")), (WEIGHT, "130"), (PAIN, "MILD"), (OLDQ, "noodles")):
                session.keep(key, path, raw)
            session.set_complete(key, on=True)
            session.keep(visit(site.subject, "F.OLD"), OLDNOTE, "an old note")
        site.sync("one", first)
        site.sync("two", first)
        yield site


def today(days: int = 0, clock: str = "") -> str:
    day = datetime.now(PLACE) + timedelta(days=days)
    return f"{day:%Y-%m-%d} {clock}".strip()


def approve(session: Session, label: str, day: str) -> None:
    """Record an approval in the site's own file."""
    view = session.add_row(ethics(), "IG.ETH.APPR")
    row = view.groups[0].rows[-1].row
    for name, raw in (("ETHWHAT", "DESIGN"), ("ETHVER", label), ("ETHDAY", day)):
        session.keep(ethics(), ItemPath(group="IG.ETH.APPR", item=name, row=row), raw)
    session.save(ethics())


def asked(session: Session, subject: SubjectId) -> list[str]:
    return [item.path.item for group in session.form(visit(subject)).groups for row in group.rows for item in row.items]


def text_of(pdf: bytes) -> str:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


# -- before the approval -------------------------------------------------------------------------------


def test_new_version_lies_dormant_and_asks_the_old_questions(site: Site) -> None:
    with site.session("one", site.second) as session:
        assert session.design.label == "1.0"
        assert asked(session, site.subject) == ["VISDTM", "WEIGHT", "PAIN", "OLDQ"]
        assert session.notice is not None
        assert "Version 1.1 of the study is on this laptop but dormant" in session.notice("en")
        assert "1.1 版" in session.notice("zh")
        assert "尚未启用" in session.notice("zh")
        session.keep(visit(site.subject), OLDQ, "soup", reason=WHY)
        session.save(visit(site.subject))
    with site.session("one", site.first) as session:
        view = session.form(visit(site.subject))
        assert (view.note, view.editable, view.item(OLDQ).reading.value) == (None, True, "soup")
        assert session.casebook(site.subject).newer_version_needed == 0


def test_preview_counts_what_is_kept_reworded_added_and_no_longer_asked(site: Site) -> None:
    with site.session("one", site.second) as session:
        view = session.versions()
        assert [(row.label, row.state) for row in view.rows] == [
            ("1.0", VersionState.IN_FORCE),
            ("1.1", VersionState.DORMANT),
        ]
        assert (view.old, view.new, view.ahead) == ("1.0", "1.1", True)
        lines = {line.form: line for line in view.lines}
        assert set(lines) == {"F.VIS", "F.OLD", "F.NEW"}
        told = lines["F.VIS"]
        assert (told.instances, told.kept, told.reworded, told.added, told.orphaned) == (1, 2, 1, 1, 2)
        assert [one("en") for one in told.orphaned_items] == ["Favourite dish", "Pain"]
        assert [one("zh") for one in told.added_items] == ["睡眠小时数"]
        assert [one("en") for one in told.reworded_items] == ["Weight without shoes"]
        assert (lines["F.OLD"].kept, lines["F.OLD"].orphaned, lines["F.OLD"].label("en")) == (0, 1, "Old form")
        assert (lines["F.NEW"].instances, lines["F.NEW"].added) == (0, 1)
        for language in ("en", "zh"):
            assert any("SE.V2" in line or "V2" in line for line in view.changes[language])
        printed = text_of(session.versions_paper())
    for word in ("Favourite dish", "Hours of sleep", "睡眠小时数", "Old form", "1.1"):
        assert word in printed


def test_approval_of_a_later_day_another_document_or_another_version_changes_nothing(site: Site) -> None:
    with site.session("one", site.second) as session:
        approve(session, "1.2", today())
        assert session.design.label == "1.0"
        approve(session, "1.1", today(2))
        assert session.design.label == "1.0"
        assert session.notice is not None
        assert f"approved for this site from {today(2)} on" in session.notice("en")
        assert f"自 {today(2)} 起" in session.notice("zh")


# -- the approval ---------------------------------------------------------------------------------------


def test_version_is_in_force_from_its_approval_also_on_the_other_laptop_once_it_knows(site: Site) -> None:
    with site.session("one", site.second) as session:
        approve(session, "V1.1", today())
        assert session.design.label == "1.1"
        assert session.notice is None or "1.1" not in session.notice("en")
        assert asked(session, site.subject) == ["VISDTM", "WEIGHT", "PAIN", "NEWQ"]
        assert session.versions().rows[1].approved_on is not None
    site.sync("one", site.second)
    with site.session("two", site.second) as session:
        assert session.design.label == "1.0"
        assert session.notice is not None
    laptop = site.laptop("two", site.second)
    session = laptop.unlock(site.user, PASSPHRASE)
    try:
        sync(laptop, session)
        assert session.design.label == "1.1"
        assert session.notice is None or "1.1" not in session.notice("en")
    finally:
        session.lock()


def test_old_entries_show_their_question_and_orphans_stay_readable_printed_and_exported(
    site: Site, tmp_path: Path
) -> None:
    with site.session("one", site.second) as session:
        approve(session, "1.1", today())
        key = visit(site.subject)
        view = session.form(key)
        assert view.editable
        assert view.item(WEIGHT).item.label("en") == "Weight without shoes"
        assert view.item(WEIGHT).reading.value == "130"
        assert view.item(PAIN).reading.is_empty
        assert {PAIN, NEWQ} <= set(view.unanswered)
        assert [one.check for one in view.item(WEIGHT).findings] == ["VIS1"]
        assert [(one.asked("en"), one.shown("zh"), one.version) for one in view.orphans] == [
            ("Favourite dish", "noodles", "1.0"),
            ("Pain", "轻度", "1.0"),
        ]
        (line,) = session.trail(key, WEIGHT)
        assert line.asked is not None
        assert (line.asked("en"), line.asked("zh")) == ("Weight (1.0)", "体重 (1.0)")
        for path, raw in ((WEIGHT, "110"), (PAIN, "LIGHT"), (NEWQ, "7")):
            session.keep(key, path, raw, reason=WHY)
        session.save(key)
        assert [one.path for one in session.form(key).orphans] == [OLDQ]
        told = [line for line in session.trail(key, PAIN) if line.shown("en")]
        assert [line.shown("en") for line in told] == ["Mild", "Light"]
        assert told[1].asked is None
        _assert_old_form_is_read_only(session, site.subject)
        papers = [one for one in session.papers(site.subject) if one.visit == key.visit]
        printed = text_of(session.paper(site.subject, papers[0]))
        versions = [designs.current.form("F.VIS").version[:8] for designs in (site.first, site.second)]
        assert all(version in printed for version in versions)
        session.export(str(tmp_path / "out"), "csv")
    others = _table(tmp_path / "out" / "other_versions.csv")
    assert [(one["item"], one["value"], one["value.en"], one["study_version"], one["stands"]) for one in others] == [
        ("OLDNOTE", "an old note", "an old note", "1.0", "Y"),
        ("OLDQ", "noodles", "noodles", "1.0", "Y"),
        ("PAIN", "MILD", "Mild", "1.0", "N"),
    ]
    assert others[1]["question.zh"] == "喜欢的菜"
    (row,) = _table(tmp_path / "out" / "F.VIS.csv")
    assert (row["WEIGHT"], row["PAIN"], row["NEWQ"]) == ("110", "LIGHT", "7")
    assert set(row["form_version"].split()) == {d.current.form("F.VIS").version for d in (site.first, site.second)}


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def _assert_old_form_is_read_only(session: Session, subject: SubjectId) -> None:
    (row,) = [row for row in session.casebook(subject).running if row.kind is Running.OTHER_VERSION]
    assert row.cell.label("en") == "Old form"
    view = session.form(row.cell.key)
    assert (view.editable, view.item(OLDNOTE).reading.value) == (False, "an old note")
    assert view.note is not None
    assert "1.0" in view.note("zh")
    assert [line.shown("en") for line in session.trail(row.cell.key, OLDNOTE)] == ["an old note"]
    with pytest.raises(OtherVersionError):
        session.keep(row.cell.key, OLDNOTE, "another", reason=WHY)


def test_draft_of_the_old_version_is_sealed_under_it(site: Site) -> None:
    with site.session("one", site.first) as session:
        approve(session, "1.1", today())
        session.keep(visit(site.subject), OLDQ, "rice", reason=WHY)
    with site.session("one", site.second) as session:
        assert session.design.label == "1.1"
        (orphan, _) = session.form(visit(site.subject)).orphans
        assert (orphan.shown("en"), orphan.version) == ("rice", "1.0")
        assert session.sync_view().open_forms == 0


# -- going back -----------------------------------------------------------------------------------------


def test_older_application_keeps_shows_and_passes_on_what_it_does_not_know(site: Site) -> None:
    with site.session("one", site.second) as session:
        approve(session, "1.1", today())
        session.keep(visit(site.subject), NEWQ, "7")
        session.save(visit(site.subject))
        session.keep(visit(site.subject, "F.NEW", "SE.V2"), ItemPath(group="IG.NEW.MAIN", item="NEWNOTE"), "new")
        session.save(visit(site.subject, "F.NEW", "SE.V2"))
    site.sync("one", site.second)
    site.sync("two", site.first)
    with site.session("two", site.first) as session:
        assert session.design.label == "1.0"
        assert session.casebook(site.subject).newer_version_needed == 2
        view = session.form(visit(site.subject))
        assert (view.editable, view.item(WEIGHT).reading.value, view.item(PAIN).reading.value) == (False, "130", "MILD")
        assert view.note is not None
        assert "newer version" in view.note("en")
        assert "新版本" in view.note("zh")
        assert [(one.path, one.shown("en")) for one in view.orphans] == [(NEWQ, "7")]
        with pytest.raises(OtherVersionError):
            session.keep(visit(site.subject), WEIGHT, "1", reason=WHY)
        with pytest.raises(OtherVersionError):
            session.form(visit(site.subject, "F.NEW", "SE.V2"))
        other = visit(site.subject, at_visit="SE.V2")
        assert session.keep(other, WEIGHT, "80").editable
        session.save(other)
        with pytest.raises(UnknownItemError):
            session.keep(other, NEWQ, "1")
    site.sync("two", site.first)
    site.sync("one", site.second)
    with site.session("two", site.first) as two:
        old = two.casebook(site.subject).digest
    with site.session("one", site.second) as session:
        assert session.form(visit(site.subject, at_visit="SE.V2")).item(WEIGHT).reading.value == "80"
        assert session.form(visit(site.subject)).item(NEWQ).reading.value == "7"
        assert session.casebook(site.subject).digest == old
        assert session.sync_view().quarantined == 0


# -- a crash --------------------------------------------------------------------------------------------


def test_kill_during_the_first_start_of_the_new_version_loses_nothing(site: Site) -> None:
    with site.session("one", site.first) as session:
        approve(session, "1.1", today())
    chance = random.Random(20261122)
    arguments = (str(site.folder / "one"), str(site.folder / "v2"), site.user, site.subject)
    standing = "130"
    for kill in range(KILLS):
        text = str(131 + kill)
        with talker("tests.journeys.versioned_process", *arguments, text) as process:
            process.hear("starting")
            if kill % 3 == 0:
                (_, label), _ = process.hear("open")
                process.hear("kept")
                assert label == "1.1"
                standing = text
            else:
                time.sleep(chance.uniform(0, 1.5))
            os.kill(process.process.pid, signal.SIGKILL)
            _, rest = process.hear("silent")
            if ["kept"] in rest:
                standing = text
        with site.session("one", site.second) as session:
            view = session.form(visit(site.subject)).item(WEIGHT)
            assert view.mark is Mark.RECORDED
            assert view.reading.value in {standing, text}
            standing = view.reading.value or ""
            assert [one.path for one in session.form(visit(site.subject)).orphans] == [OLDQ, PAIN]
    site.sync("one", site.second)
    with site.session("one", site.second) as session:
        sent = session.sync_view()
        assert (sent.quarantined, sent.parked, sent.open_forms) == (0, 0, 0)


# -- in the windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_windows_tell_of_the_dormant_version_and_lead_to_it_by_keys(
    site: Site, qapp: QApplication, language: str
) -> None:
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)
    hands = Hands(qapp, site.laptop("one", site.second), language)
    hands.unlock(PASSPHRASE)
    said = {"en": "dormant: no ethics approval", "zh": "尚未启用"}[language]
    assert said in hands.words("subjects_notice_words")
    hands.workplace.open_place("site")
    hands.settle()
    assert said in hands.words("site_notice_words")
    hands.find("site_versions").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    table = hands.find("versions_table")
    assert isinstance(table, LineList)
    lines = {line.what: line.texts for line in table.lines.lines}
    assert lines["F.VIS"][1].startswith("1")
    assert {"en": "Favourite dish", "zh": "喜欢的菜"}[language] in lines["F.VIS"][4]
    assert table.hasFocus()
    hands.press(Qt.Key.Key_Down)
    assert table.current() == list(lines)[1]
    hands.control(Qt.Key.Key_P)
    hands.settle()
    assert hands.workplace.versions.sheet.data is not None
    hands.press(Qt.Key.Key_Escape)
    hands.back()
    assert hands.shows("site_versions")
    hands.close()


def test_form_in_the_window_shows_the_new_question_and_the_old_values(site: Site, qapp: QApplication) -> None:
    theme.load_fonts()
    with site.session("one", site.second) as session:
        approve(session, "1.1", today())
    hands = Hands(qapp, site.laptop("one", site.second))
    hands.unlock(PASSPHRASE)
    hands.open_first_subject()
    hands.open_form("SE.V1", "F.VIS")
    assert {path.item for path in hands.rows()} == {"VISDTM", "WEIGHT", "PAIN", "NEWQ"}
    said = [label.text() for label in hands.find("form_orphans").findChildren(QLabel)]
    assert any(text.startswith("Favourite dish: noodles") and "1.0" in text for text in said)
    assert any(text.startswith("Pain: Mild") for text in said)
    hands.close()
