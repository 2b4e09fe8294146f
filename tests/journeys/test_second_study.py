"""A study that the program has never heard of: sleep, in German and French, in another time zone.

A real server is made for it, two real laptops join, and its casebook is filled in, checked, printed,
exchanged and exported by keys and clicks. Not one line of Python is the study's own: what is asked,
what is wrong, who is done and what is printed stands in `tests/second_study`.
"""

import csv
import io
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QTableView

from casebook.errors import LaptopOfAnotherStudyError
from casebook.export import ExportFormat
from casebook.records import ItemPath
from casebook.study_files import read_study
from desktop_app import cli, theme
from desktop_app.__main__ import main
from desktop_app.export_command import run_export
from desktop_app.https_network import HttpsNetwork
from desktop_app.preferences import keep_preference, preferences
from desktop_app.snapshots import Mark, PaperItem
from desktop_app.start import LaptopOnDemand
from desktop_app.vault import Laptop
from desktop_app.widgets.line_list import LineList
from tests.journeys.hands import Hands
from tests.journeys.online import online_laptop
from tests.laptops import CHEAP_KDF, PASSPHRASE, design
from tests.server_process import ServerProcess

STUDY = Path(__file__).parents[1] / "second_study"
LEADER = "Studienleitung Eins"
HELPER = "Studienhilfe Zwei"
NAME = "Jörg Müßig"
PLACE = timezone(timedelta(hours=1))
"""The wall clock of the study, whatever that of this machine."""

CONSENT, NIGHT, NAPS = "F.BEGINN", "F.NACHT", "F.TAG"
FIRST, SECOND = "SE.A", "SE.B"
NAP_GROUP = "IG.TAG.NICKER"


@dataclass
class Seen:
    """What there was to see."""

    folder: Path
    number: str = ""
    statuses: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    title: str = ""
    shown: dict[str, Mapping[ItemPath, tuple[str, str, Mark | None]]] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    consent: str = ""
    synced: str = ""

    def laptop(self, name: str) -> Laptop:
        """Return a laptop of the sleep laboratory."""
        return Laptop(self.folder / name, read_study(STUDY), HttpsNetwork(), kdf=CHEAP_KDF)


@pytest.fixture(scope="module")
def seen(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Walk the whole way once."""
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)
    seen = Seen(folder=tmp_path_factory.mktemp("second"))
    with ServerProcess(seen.folder / "server", study=STUDY, sites={"001": "Schlaflabor"}) as server:
        one = _enrolled(qapp, seen, server, "one", (LEADER, "leitung"))
        two = _enrolled(qapp, seen, server, "two", (HELPER, "hilfe"))
        one.come_to_front()
        one.unlock(PASSPHRASE)
        one.control(Qt.Key.Key_N)
        one.settle()
        seen.statuses.append(_status(one))
        _enter_all(one, seen)
        seen.papers["one"] = _paper(one, seen.folder)
        _exchange(one, two)
        two.open_first_subject()
        two.open_form(SECOND, NIGHT)
        seen.shown["two"] = two.shown()
        two.back()
        seen.papers["two"] = _paper(two, seen.folder)
        seen.synced = two.sync()
        two.close()
        one.close()
    return seen


def _enrolled(qt: QApplication, seen: Seen, server: ServerProcess, laptop: str, who: tuple[str, str]) -> Hands:
    hands = Hands(qt, seen.laptop(laptop))
    _, personal = server.add_user(*who)
    hands.enrol(server.url, (server.enrolment_code(), personal), f"Laptop {laptop}", PASSPHRASE)
    return hands


def _days_ago(days: int, hour: int, minute: int = 0) -> str:
    day = datetime.now(PLACE).replace(hour=hour, minute=minute) - timedelta(days=days)
    return day.strftime("%Y-%m-%d %H:%M")


def _enter_all(hands: Hands, seen: Seen) -> None:
    """Fill in every form; the first night once wrongly, so that its checks are seen."""
    hands.open_first_subject()
    seen.number = hands.window.windowTitle().split()[0]
    hands.open_form(FIRST, CONSENT)
    seen.title = hands.words("form_title")
    hands.fill(
        {
            "FASSUNG": "V1",
            "TNNAME": NAME,
            "TNINK": "ink",
            "TNZEIT": _days_ago(9, 18),
            "ALTER": "41",
            "MITTEL": "N",
            "LOS": "BAD",
            "LOSZEIT": _days_ago(9, 19),
        }
    )
    hands.back()
    seen.statuses.append(_status(hands))
    hands.open_first_subject()
    _enter_nap(hands)
    _enter_first_night(hands, seen)
    hands.open_form(SECOND, NIGHT)
    hands.fill({"ZUBETT": _days_ago(2, 22), "AUF": _days_ago(1, 6), "WARM": "18 Cel", "GUT": "J"})
    hands.click("form_complete")
    hands.settle()
    seen.shown["one"] = hands.shown()
    hands.back()
    seen.statuses.append(_status(hands))


def _enter_nap(hands: Hands) -> None:
    """Open the log of the week from its board, and add a row."""
    hands.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    board = hands.find("casebook_running")
    assert isinstance(board, LineList)
    board.setFocus()
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    hands.click(f"add.{NAP_GROUP}")
    hands.settle()
    for name, text in {"WANN": _days_ago(9, 14), "DAUER": "90", "ORT": "SOFA"}.items():
        hands.answer(hands.go_to(name), text)
        hands.settle()
    hands.back()
    hands.press(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)


def _enter_first_night(hands: Hands, seen: Seen) -> None:
    hands.open_form(FIRST, NIGHT)
    hands.fill(
        {
            "ZUBETT": _days_ago(9, 22),
            "AUF": _days_ago(9, 21),
            "WARM": "68 degF",
            "GUT": "N",
            "WARUM": "Mücken",
        }
    )
    seen.notes["hard"] = _said_beside(hands, "AUF")
    seen.notes["soft"] = _said_beside(hands, "GUT")
    hands.go_to("AUF")
    hands.control(Qt.Key.Key_A)
    hands.write(_days_ago(8, 6, 30))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    seen.notes["corrected"] = _said_beside(hands, "AUF")
    hands.click("I.NACHT.GUT.confirm.NACHT2")
    hands.settle()
    hands.write("2")
    hands.settle()
    seen.notes["answered"] = _said_beside(hands, "GUT")
    hands.click("form_complete")
    hands.settle()
    seen.shown["first night"] = hands.shown()
    hands.back()


def _said_beside(hands: Hands, name: str) -> str:
    row = next(row for path, row in hands.rows().items() if path.item == name)
    return " ".join(label.text() for label in row.findChildren(QLabel) if label.isVisibleTo(hands.window))


def _status(hands: Hands) -> str:
    """Return the subject's line in the list, cell by cell."""
    hands.control(Qt.Key.Key_2)
    hands.settle()
    table = hands.find("subjects_table")
    assert isinstance(table, QTableView)
    model = table.model()
    return " | ".join(str(model.index(0, column).data() or "") for column in range(model.columnCount()))


def _paper(hands: Hands, folder: Path) -> str:
    """Print the first visit, and return what an independent program reads in it."""
    hands.open_first_subject()
    hands.control(Qt.Key.Key_P)
    hands.settle()
    papers = hands.find("paper_list")
    assert isinstance(papers, QListWidget)
    papers.setFocus()
    for place in range(papers.count()):
        what = papers.item(place).data(Qt.ItemDataRole.UserRole)
        if isinstance(what, PaperItem) and what.visit is not None and what.visit.visit == FIRST:
            while papers.currentRow() != place:
                hands.press(Qt.Key.Key_Down if papers.currentRow() < place else Qt.Key.Key_Up)
            break
    hands.settle()
    data = hands.workplace.paper.sheet.data
    assert data is not None
    return _words(data, folder)


def _words(pdf: bytes, folder: Path) -> str:
    (folder / "paper.pdf").write_bytes(pdf)
    said = subprocess.run(["pdftotext", str(folder / "paper.pdf"), "-"], check=True, capture_output=True).stdout
    return " ".join(said.decode().split())


def _exchange(one: Hands, two: Hands) -> None:
    """Send from the first laptop, admit the second, and fetch there."""
    one.sync()
    two.come_to_front()
    two.unlock(PASSPHRASE)
    two.sync()
    one.come_to_front()
    one.sync()
    one.click("sync_admit_B")
    one.click("sync_admit_yes_B")
    one.settle()
    one.sync()
    two.come_to_front()
    two.sync()


# -- in the windows ------------------------------------------------------------------------------------


def test_form_is_asked_in_the_first_language_of_the_study(seen: Seen) -> None:
    assert "Einwilligung und Los" in seen.title


def test_checks_of_the_study_fire_and_are_answered(seen: Seen) -> None:
    assert "NACHT1" in seen.notes["hard"]
    assert "Aufgestanden vor dem Zubettgehen" in seen.notes["hard"]
    assert "NACHT1" not in seen.notes["corrected"]
    assert "nach einem langen Nickerchen" in seen.notes["soft"]
    assert "Anderer Grund" in seen.notes["answered"]


def test_value_is_worked_out_by_a_named_function_on_the_clock_of_the_study(seen: Seen) -> None:
    night = {path.item: shown[0] for path, shown in seen.shown["first night"].items()}
    assert night["LIEGEZEIT"] == "510"
    assert night["ZUBETT"] == _days_ago(9, 22)


def test_status_follows_the_rules_of_the_study(seen: Seen) -> None:
    for line, word in zip(seen.statuses, ("gefragt", "nimmt teil", "beide Nächte erfasst"), strict=True):
        assert word in line


def test_second_laptop_shows_the_same(seen: Seen) -> None:
    assert "In step with the server" in seen.synced
    assert seen.shown["two"].keys() == seen.shown["one"].keys()
    for path, shown in seen.shown["one"].items():
        assert seen.shown["two"][path][:2] == shown[:2], path


# -- on paper ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "Warme Füße, guter Schlaf",
        "Pieds au chaud, bon sommeil",
        "Schlafprotokoll",
        "Journal du sommeil",
        "Raumtemperatur",
        "Température de la chambre",
        "Mücken",
        "+01:00",
    ],
)
def test_visit_record_speaks_both_languages_of_the_study(seen: Seen, words: str) -> None:
    assert words in seen.papers["one"]
    assert words in seen.papers["two"]


def test_paper_of_the_study_speaks_no_language_that_is_not_its_own(seen: Seen) -> None:
    assert not [letter for letter in seen.papers["one"] if "\u4e00" <= letter <= "\u9fff"]


# -- in files ------------------------------------------------------------------------------------------


def test_export_holds_the_study(seen: Seen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO(PASSPHRASE + "\n")
    status = run_export(seen.laptop("one"), tmp_path / "out", user=None, kind=ExportFormat.ALL, stream=stream)
    assert status == 0, capsys.readouterr().err
    (table,) = (tmp_path / "out").rglob("F.NACHT.csv")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["LIEGEZEIT"], row["WARM.num"], row["WARM.unit"]) for row in rows] == [
        ("510", "20", "Cel"),
        ("480", "18", "Cel"),
    ]
    assert not any(NAME.encode() in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())


def test_laptop_refuses_another_study_with_a_sentence(seen: Seen) -> None:
    other = online_laptop(seen.folder / "one")
    (person,) = other.state().people
    with pytest.raises(LaptopOfAnotherStudyError) as refused:
        other.unlock(person.user, PASSPHRASE)
    for language in ("en", "zh"):
        assert "SCHLAF1" in refused.value.sentence(language)
        assert design().code in refused.value.sentence(language)


def test_laptop_remembers_its_study_once_it_fitted(seen: Seen, tmp_path: Path) -> None:
    assert cli.remembered_study(tmp_path, None) == cli.study_folder()
    laptop = LaptopOnDemand(lambda: seen.laptop("one"), lambda: cli.keep_study(tmp_path, STUDY))
    (person,) = laptop.state().people
    assert cli.remembered_study(tmp_path, None) == cli.study_folder()
    laptop.unlock(person.user, PASSPHRASE).lock()
    assert cli.remembered_study(tmp_path, None) == STUDY
    keep_preference(tmp_path, "language", "zh")
    assert cli.remembered_study(tmp_path, None) == STUDY
    cli.keep_study(tmp_path, cli.study_folder())
    assert preferences(tmp_path) == {"language": "zh"}


# -- the commands --------------------------------------------------------------------------------------


def test_study_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "check", "--study-folder", str(STUDY)]) == 0, capsys.readouterr().out


def test_study_test_answers_cases_of_the_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--study-folder", str(STUDY), "study", "test", str(STUDY / "cases.json")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 failed"


def test_study_print_speaks_both_languages(tmp_path: Path) -> None:
    assert main(["study", "print", str(tmp_path / "out"), "--study-folder", str(STUDY)]) == 0
    (blank,) = (tmp_path / "out").glob("*.pdf")
    words = _words(blank.read_bytes(), tmp_path)
    assert "Gut geschlafen?" in words
    assert "Bien dormi ?" in words
    items = (tmp_path / "out" / "items.csv").read_text(encoding="utf-8-sig")
    assert "Raumtemperatur" in items
    assert "Température de la chambre" in items


def test_study_diff_tells_a_change_in_its_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in STUDY.rglob("*.toml"):
        copy = tmp_path / "new" / file.relative_to(STUDY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text(encoding="utf-8").replace("Gut geschlafen?", "Wie geschlafen?"), "utf-8")
    main(["study", "diff", str(STUDY), str(tmp_path / "new")])
    said = capsys.readouterr().out
    assert "Gut geschlafen?" in said
    assert "Wie geschlafen?" in said
