"""Export from the application and from the command line, over a real vault."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QRadioButton

from casebook import payloads
from casebook.export import ExportFormat
from casebook.ids import UserId
from casebook.ledger import UNBLINDING
from casebook.payloads import SecurityPayload
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app import cli
from desktop_app.export_command import choose_person, run_export
from desktop_app.session import Session
from desktop_app.vault import Laptop
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.test_attaching import PHOTO, attached, contact
from tests.laptops import PASSPHRASE, Ward, sync

SECRET = "PatientsOwnName"


def enter(session: Session) -> None:
    """Add a subject with a pressure and, under identity, a name."""
    subject = session.add_subject().subject
    visit = VisitKey(visit="SE.V1")
    vitals = FormKey(subject=subject, visit=visit, form="F.VS")
    session.keep(vitals, ItemPath(group="IG.VS.BP1", item="SYSBP"), "150")
    form = session.design.form("F.CONTACT")
    group, item = next((g, i) for g in form.groups for i in g.items if i.data_type.value == "text")
    session.keep(
        FormKey(subject=subject, visit=visit, form="F.CONTACT"), ItemPath(group=group.oid, item=item.name), SECRET
    )


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def notes_of(ward: Ward, laptop: Laptop) -> list[SecurityPayload]:
    """Return what the record says about security, as the server got it."""
    with ward.session(laptop) as session:
        sync(laptop, session)
    assert ward.network.unblinding is not None
    commits = [one for one in ward.network.unblinding.commits() if one.parsed.compartment == UNBLINDING]
    return [one for one in map(payloads.read, commits) if isinstance(one, SecurityPayload)]


@pytest.fixture
def laptop(ward: Ward) -> Laptop:
    """A laptop with one subject."""
    laptop = ward.enrolled("one")
    with ward.session(laptop) as session:
        enter(session)
    return laptop


@pytest.fixture
def hands(open_application: OpenApplication, laptop: Laptop) -> Hands:
    hands = open_application(laptop)
    hands.unlock()
    return hands


def fill_in(hands: Hands, folder: Path, name: str) -> None:
    for field, text in (("export_where", str(folder)), ("export_name", name)):
        edit = hands.find(field)
        assert isinstance(edit, QLineEdit)
        edit.setFocus()
        edit.selectAll()
        hands.type(field, text)


def test_the_record_is_exported_by_keys_alone(hands: Hands, tmp_path: Path) -> None:
    hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    fill_in(hands, tmp_path, "mine")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert str(tmp_path / "mine.zip") in hands.words("export_outcome_words")
    with zipfile.ZipFile(tmp_path / "mine.zip") as packed:
        (vitals,) = lines(packed.read("mine/F.VS.csv"))
        assert vitals["SYSBP"] == "150"
        assert "mine/odm_snapshot.xml" in packed.namelist()
        assert not [name for name in packed.namelist() if SECRET.encode() in packed.read(name)]
    hands.press(Qt.Key.Key_Escape)
    hands.settle()
    assert hands.shows("subjects_table")


def test_a_name_that_is_taken_is_refused_in_a_sentence(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    hands.find("settings_export").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()
    archive = hands.find("export_archive")
    assert isinstance(archive, QCheckBox)
    archive.setFocus()
    hands.press(Qt.Key.Key_Space)
    assert not archive.isChecked()
    fill_in(hands, tmp_path, "mine")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "exists already" in hands.words("export_outcome_words")
    assert not list((tmp_path / "mine").iterdir())


def test_only_what_was_chosen_is_written_to_the_chosen_folder(hands: Hands, tmp_path: Path) -> None:
    hands.application.window.activateWindow()
    hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    tables = hands.find("export_csv")
    assert isinstance(tables, QRadioButton)
    tables.setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.click("export_choose")
    (dialog,) = hands.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    fill_in(hands, tmp_path, "tables")
    hands.click("export_start")
    hands.settle()
    with zipfile.ZipFile(tmp_path / "tables.zip") as packed:
        assert not [name for name in packed.namelist() if name.endswith(".xml")]


def test_the_page_follows_the_language(hands: Hands) -> None:
    hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.language_wanted.emit("zh")
    hands.settle()
    assert "身份信息" in hands.words("export_left_out")


def test_the_record_notes_the_export_with_its_digest(ward: Ward, laptop: Laptop, tmp_path: Path) -> None:
    with ward.session(laptop) as session:
        done = session.export(str(tmp_path / "out"), "csv")
    (note,) = [one for one in notes_of(ward, laptop) if one.event == "export"]
    assert note.fields == {"kind": "csv", "sha256": done.sha256}


def test_attachments_are_named_always_and_written_on_request_under_names_that_say_nothing_of_anybody(
    ward: Ward, laptop: Laptop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ward.session(laptop) as session:
        (row,) = session.subjects()
        vitals = FormKey(subject=row.subject, visit=VisitKey(visit="SE.V1"), form="F.VS")
        struck = attached(session, vitals, b"a first photo", f"{SECRET}.jpg")
        session.attachments.strike(vitals, struck.commit, "blurred")
        attached(session, vitals, PHOTO, f"{SECRET} 2.jpg")
        attached(session, contact(row.subject), b"a letter with the name", "letter.jpg")

        without = session.export(str(tmp_path / "without"), "all")
    asked = cli.parser().parse_args(["export", str(tmp_path / "with.zip"), "--with-attachments"])
    stream = io.StringIO(f"{PASSPHRASE}\n")
    run_export(
        laptop,
        asked.out,
        user="coordinator",
        kind=ExportFormat(asked.kind),
        stream=stream,
        attachments=asked.with_attachments,
    )
    assert "Attachments: 2 files; they can show faces and names. No file of: 0." in capsys.readouterr().out

    named = lines((tmp_path / "without" / "attachments.csv").read_bytes())
    assert [(one["form"], one["struck_reason"], one["file"], one["why"]) for one in named] == [
        ("F.VS", "blurred", "", "left_out"),
        ("F.VS", "", "", "left_out"),
    ]  # that of an identity form does not leave
    assert (without.attachments, without.no_file) == (0, 2)
    assert not (tmp_path / "without" / "attachments").exists()
    with zipfile.ZipFile(tmp_path / "with.zip") as packed:
        assert not [name for name in packed.namelist() if SECRET.encode() in name.encode() + packed.read(name)]
        table = lines(packed.read("with/attachments.csv"))
        files = [one["file"] for one in table]
        assert files == [f"attachments/{row.number}_SE.V1_F.VS_{place}.jpg" for place in (1, 2)]
        assert packed.read(f"with/{files[1]}") == PHOTO
        assert {one["file"] for one in lines(packed.read("with/manifest.csv"))} >= set(files)
        snapshot = packed.read("with/odm_snapshot.xml").decode()
        assert all(f"SHA-256 {one['sha256']}, {one['file']}" in snapshot for one in table)
        assert "2 files in the folder attachments" in packed.read("with/README.txt").decode()
    (note,) = [one for one in notes_of(ward, laptop) if "attachments" in one.fields]
    assert note.fields["attachments"] == "2"


def test_what_is_elsewhere_or_taken_out_is_named_without_a_file(ward: Ward, laptop: Laptop, tmp_path: Path) -> None:
    with ward.session(laptop) as session:
        vitals = FormKey(subject=session.subjects()[0].subject, visit=VisitKey(visit="SE.V1"), form="F.VS")
        attached(session, vitals)
        for path in laptop.folder.path.glob("**/chunks/*/*"):
            path.unlink()

        done = session.export(str(tmp_path / "out"), "csv", attachments=True)

    (row,) = lines((tmp_path / "out" / "attachments.csv").read_bytes())
    assert (row["file"], row["why"], done.attachments, done.no_file) == ("", "elsewhere", 0, 1)


def test_the_page_asks_for_attachments_and_says_what_that_means(hands: Hands, tmp_path: Path) -> None:
    hands.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()
    box = hands.find("export_attachments")
    assert isinstance(box, QCheckBox)
    assert not box.isChecked()
    assert "Left out" in hands.words("export_attachments_note")
    box.setFocus()
    hands.press(Qt.Key.Key_Space)
    assert "faces and names" in hands.words("export_attachments_note")
    fill_in(hands, tmp_path, "mine")
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert (tmp_path / "mine.zip").exists()


def test_the_command_line_unlocks_with_a_piped_passphrase(
    ward: Ward, laptop: Laptop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO(f"{PASSPHRASE}\n")
    status = run_export(laptop, tmp_path / "out", user="coordinator", kind=ExportFormat.ALL, stream=stream)
    assert status == 0
    assert str(tmp_path / "out") in capsys.readouterr().out
    assert (tmp_path / "out" / "odm_history.xml").exists()
    with ward.session(laptop):
        pass  # the folder was locked again


@pytest.mark.parametrize(
    ("user", "passphrase", "said"),
    [("coordinator", "not this", "passphrase"), (None, PASSPHRASE, "--user"), ("nobody", PASSPHRASE, "--user")],
)
def test_the_command_line_says_why_it_refuses(
    laptop: Laptop,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    user: str | None,
    passphrase: str,
    said: str,
) -> None:
    stream = io.StringIO(f"{passphrase}\n")
    assert run_export(laptop, tmp_path / "out", user=user, kind=ExportFormat.CSV, stream=stream) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_only_person_of_a_laptop_needs_no_name(ward: Ward) -> None:
    people = ward.enrolled("one", "coordinator").state().people
    assert choose_person(people, None) == UserId("coordinator")


def test_a_folder_that_is_no_laptop_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.run(["export", str(tmp_path / "out"), "--folder", str(tmp_path / "nowhere")])
    assert status == 2
    assert "laptop" in capsys.readouterr().err
