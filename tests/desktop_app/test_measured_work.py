"""Measured work: the ten most frequent tasks, done in the real window, counted, and held to what they may cost.

Each key press and each click is one, a chord such as Ctrl+K is one; what is written as a value, a search or a
passphrase is not counted, and neither is reading on with the wheel; reading on by keys is printed apart. A task begins
where its user stands and ends once what was done is durable: each test looks for it in the record with a session of its
own, after the window has closed. The figures stand at the end of the run, under "measured work".
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QListWidget, QTableView

from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.supervision import Meaning, of_item
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.oversight_snapshots import QueryStanding
from desktop_app.session import Session
from desktop_app.snapshots import FormView, Mark
from tests.desktop_app.places import Book
from tests.desktop_app.test_lab_grid import ALL, FIRST, REPORT, SECOND, TYPED
from tests.desktop_app.test_scorer import BEFORE
from tests.journeys.hands import PATIENCE_S, Hands
from tests.laptops import NOW, PASSPHRASE, SITE, Ward, design, sync
from tests.screens.stage import CASES
from tests.subject_entry import enter, enter_site_file
from tests.whole_subjects import HOSPITAL, read_cases, read_site_file

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier

WHOLE = "04_early_discharge"
"""The subject with visits; everything of it but its third visit, of three forms, is signed."""
VISIT = "SE.V3"
PEOPLE = ("coordinator", "investigator", "assessor", "monitor")
PANELS = "HAEM COAG GLUC RENAL"


class CountingHands(Hands):
    """Hands that count what they do: keys and clicks are taken where a desktop delivers them."""

    acts: int = 0
    reading: int = 0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key in the window that is active."""
        self.acts += 1
        window = QApplication.focusWindow()
        assert window is not None
        QTest.keyClick(window, key, modifier)
        self.settle()

    def click(self, name: str) -> None:
        """Click in the middle of a widget."""
        self.acts += 1
        super().click(name)
        self.settle()

    def strike(self, digits: str) -> None:
        """Press one digit after the other: they choose, and are counted."""
        for digit in digits:
            self.press(Key(Key.Key_0.value + int(digit)))

    def roll_to_end(self, name: str) -> None:
        """Read on to the end with the wheel, which is neither a key nor a click."""
        area = self.find(name)
        assert isinstance(area, QAbstractScrollArea)
        bar = area.verticalScrollBar()
        middle = area.viewport().mapTo(self.window, area.viewport().rect().center())
        while bar.value() < bar.maximum():
            QTest.wheelEvent(self.window.windowHandle(), middle, QPoint(0, -120))
            self.settle()

    def read_to_end(self, name: str) -> None:
        """Read on to the end by keys, which are counted apart."""
        area = self.find(name)
        assert isinstance(area, QAbstractScrollArea)
        bar = area.verticalScrollBar()
        while bar.value() < bar.maximum():
            self.press(Key.Key_PageDown)
            self.acts -= 1
            self.reading += 1

    def wait(self, come: Callable[[], bool]) -> None:
        """Wait for what comes by itself."""
        for _ in range(round(PATIENCE_S * 100)):
            if come():
                return
            QTest.qWait(10)
        raise AssertionError("it does not come")

    def sign_in(self, place: int) -> None:
        """Sign in as the person in line `place`."""
        people = self.find("unlock_people")
        assert isinstance(people, QListWidget)
        people.setCurrentRow(place)
        self.find("unlock_passphrase").setFocus()
        self.write(PASSPHRASE)
        self.press(Key.Key_Return)
        assert self.shows("foot_who")

    def stand_in(self, key: FormKey, item: str = "") -> None:
        """Be led to a form, and to an item of it."""
        group = design().form(key.form).find(item)[0].oid if item else ""
        self.workplace.open_item(key, ItemPath(group=group, item=item) if item else None)
        self.settle()

    def stand_at(self, key: FormKey) -> None:
        """Be led to a casebook, and to the cell of a form in it."""
        self.workplace.open_casebook(key.subject)
        self.settle()
        table = self.find("casebook_table")
        assert isinstance(table, QTableView)
        grid = table.model()
        assert isinstance(grid, CasebookGrid)
        table.setCurrentIndex(grid.place(key))
        table.setFocus()
        self.settle()

    @property
    def view(self) -> FormView:
        """The form in front."""
        view = self.form.view
        assert view is not None
        return view


class Site:
    """A laptop on which people work, and what lies on it."""

    def __init__(self, folder: Path) -> None:
        """Make it: a subject with visits of which one awaits its signature, one in screening, and a query."""
        self.ward = Ward(folder)
        laptop = self.ward.enrolled("one", *PEOPLE)

        @contextmanager
        def sit_down(person: str) -> Iterator[Session]:
            with self.ward.session(laptop, person) as session:
                yield session

        now = NOW.astimezone(HOSPITAL)
        with sit_down("coordinator") as session:
            enter_site_file(read_site_file(CASES, now), session)
        entered = enter([case for case in read_cases(CASES, now) if case.name == WHOLE], sit_down)[WHOLE]
        self.whole: SubjectId = entered.subject
        with sit_down("coordinator") as session:
            self.screened: SubjectId = session.add_subject().subject
            book = Book(session.design, self.screened, SITE)
            book.enter(session, {"F.DM": {"SEX": "M"}, "F.NIHSS/INITIAL": BEFORE, "F.LB": FIRST})
            book.enter(session, {"F.LB@SE.V2": SECOND | {"LBPANEL": ALL}})
            book.enter(session, {"F.LB@SE.V5": SECOND | {"LBPANEL": PANELS}})
        with sit_down("investigator") as session:
            awaiting = session.oversight.signing().lines
            earlier = [(one.key, one.digest) for one in awaiting if one.key.visit.visit != VISIT]
            session.oversight.sign(earlier, Meaning.AUTHORSHIP, "investigator", PASSPHRASE)
        with sit_down("monitor") as session:
            asked = of_item(self.key("F.VS"), _path("F.VS", "SYSBP"))
            session.oversight.raise_query(asked, "The source shows another value: please check.")
            sync(laptop, session)

    def key(self, form: str, visit: str = VISIT, subject: SubjectId | None = None, repeat: str = "") -> FormKey:
        """Return a form instance; of the subject with visits where no other is named."""
        return FormKey(subject=subject or self.whole, visit=VisitKey(visit=visit), form=form, repeat=repeat)


def _path(form: str, item: str) -> ItemPath:
    return ItemPath(group=design().form(form).find(item)[0].oid, item=item)


class Work:
    """One task at a time: who does it, where it begins, what it may cost."""

    def __init__(self, ward: Ward, qt: QApplication, note: Callable[[str, object], None]) -> None:
        self.ward = ward
        self._qt = qt
        self._note = note
        self._hands: CountingHands | None = None

    def sit_down(self, person: str) -> CountingHands:
        """Open the application and sign somebody in; nothing is counted yet."""
        laptop = self.ward.laptop("one")
        people = [one.user for one in laptop.state().people]
        self._hands = hands = CountingHands(self._qt, laptop)
        hands.sign_in(people.index(UserId(person)))
        return hands

    @contextmanager
    def counted(self, place: int, task: str, start: str, budget: int) -> Iterator[None]:
        """Count from here to the end, print it in its place and hold it to its budget."""
        hands = self._hands
        assert hands is not None
        hands.acts = hands.reading = 0
        yield
        read = f"; reading: {hands.reading}" if hands.reading else ""
        self._note("work", f"{place:>2}. {hands.acts:>2} of {budget:<2}  {task} (from: {start}{read})")
        assert hands.acts <= budget, f"{task}: {hands.acts} of {budget}"

    @contextmanager
    def record(self, person: str = "coordinator") -> Iterator[Session]:
        """Close the window, and look into the record."""
        self.close()
        with self.ward.session(self.ward.laptop("one"), person) as session:
            yield session

    def close(self) -> None:
        """Close the window, if one is open."""
        if self._hands is not None:
            self._hands.close()
            self._hands = None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The laptop, made once; nobody works on it, it is copied for each task."""
    return Site(tmp_path_factory.mktemp("measured"))


@pytest.fixture
def work(
    site: Site, tmp_path: Path, qapp: QApplication, record_property: Callable[[str, object], None]
) -> Iterator[Work]:
    """A copy of the laptop to work on."""
    shutil.copytree(site.ward.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(site.ward)
    ward.folder = tmp_path
    work = Work(ward, qapp, record_property)
    yield work
    work.close()


# -- the tasks --------------------------------------------------------------------------------------------------


def test_scoring_nihss(work: Work, site: Site) -> None:
    key = site.key("F.NIHSS", "SE.V1", site.screened, "PRERAND")
    hands = work.sit_down("coordinator")
    hands.stand_in(key)
    with work.counted(1, "score NIHSS", "the scorer in front, before randomisation", 17):
        hands.press(Key.Key_Return)
        hands.strike("011000000000021")
        hands.press(Key.Key_Return)
    with work.record() as session:
        view = session.form(key)
        assert view.complete
        assert view.item(_path("F.NIHSS", "NIHSSTOT")).reading.value == "5"


@pytest.mark.parametrize(("by", "budget"), [("begun by taps", 18), ("by keys alone", 20)])
def test_scoring_nihss_once_there_is_an_arm(work: Work, site: Site, by: str, budget: int) -> None:
    key = site.key("F.NIHSS", "SE.V2", site.screened)
    hands = work.sit_down("coordinator")
    hands.stand_in(key)
    task = f"score NIHSS and say whether the arm is known, {by}"
    with work.counted(1, task, "the scorer in front, after randomisation", budget):
        if by == "begun by taps":
            hands.click("I.NIHSS.NIHARMKN=N")
            hands.click("scorer_begin")
            hands.strike("011000000000021")
        else:
            hands.press(Key.Key_Return)
            hands.strike("011000000000021")
            hands.press(Key.Key_Return)  # leads to what is missing
            hands.strike("2")
            hands.press(Key.Key_Return)  # leads back to the end
        hands.press(Key.Key_Return)
    with work.record() as session:
        view = session.form(key)
        assert view.complete
        assert view.item(_path("F.NIHSS", "NIHARMKN")).reading.value == "N"
        assert view.item(_path("F.NIHSS", "NIHSSTOT")).reading.value == "5"


def test_panel_of_twenty_by_paste(work: Work, site: Site) -> None:
    key = site.key("F.LB", "SE.V2", site.screened)
    hands = work.sit_down("coordinator")
    hands.stand_in(key, "WBC")
    QApplication.clipboard().setText(REPORT)
    with work.counted(2, "a laboratory panel of 20, pasted", "its grid in front, the results copied", 4):
        hands.press(Key.Key_V, CONTROL)
        hands.press(Key.Key_Return)
        hands.press(Key.Key_S, CONTROL)
    assert hands.view.item(_path("F.LB", "WBC")).mark is Mark.RECORDED
    with work.record() as session:
        kept = _results(session.form(key))
    assert len(kept) == 3 * (len(REPORT.splitlines()) - 1) - 1  # each with both ends of its range, one with one


def test_panel_of_twenty_by_hand(work: Work, site: Site) -> None:
    key = site.key("F.LB", "SE.V5", site.screened)
    hands = work.sit_down("coordinator")
    hands.stand_in(key, "WBC")
    with work.counted(2, "a laboratory panel of 20, typed", "its grid in front", 22):
        for value in TYPED.split():
            hands.write(value)
            hands.press(Key.Key_Return)
        hands.press(Key.Key_S, CONTROL)
    assert hands.view.item(_path("F.LB", "WBC")).mark is Mark.RECORDED
    with work.record() as session:
        assert [value.split()[0] for value in _results(session.form(key))] == TYPED.split()


def _results(view: FormView) -> list[str]:
    """Return what was entered into the grids of a form, line by line."""
    rows = [row for group in view.groups if group.group.style == "grid" for row in group.rows]
    items = [item for row in rows for item in row.items if item.item.derivation is None]
    return [item.reading.value for item in items if item.reading.value is not None]


def test_adding_a_subject(work: Work) -> None:
    hands = work.sit_down("coordinator")
    hands.press(Key.Key_1, CONTROL)
    with work.counted(3, "add a subject", "Today in front", 4):
        hands.press(Key.Key_2, CONTROL)
        hands.press(Key.Key_N, CONTROL)
    assert "kept on this laptop" in hands.words("subjects_notice_words")
    with work.record() as session:
        assert [row.number for row in session.subjects()] == ["001-A001", "001-A002", "001-A003"]


def test_answering_a_query(work: Work) -> None:
    hands = work.sit_down("coordinator")
    hands.press(Key.Key_1, CONTROL)
    with work.counted(4, "answer a query", "Today in front", 3):
        hands.press(Key.Key_3, CONTROL)
        hands.press(Key.Key_A, ALT)
        hands.wait(lambda: hands.shows("query_say_words"))  # a button that is pressed by its letter shows it first
        hands.write("As in the source.")
        hands.press(Key.Key_Return)
    with work.record() as session:
        (line,) = session.oversight.queries().lines
        assert line.standing is QueryStanding.ANSWERED
        assert line.words[-1].text == "As in the source."


@pytest.mark.parametrize("by", ["read with the wheel", "read by keys"])
def test_signing_a_visit(work: Work, site: Site, by: str) -> None:
    hands = work.sit_down("investigator")
    hands.stand_at(site.key("F.VS"))
    task, start = f"sign a visit of three forms, {by}; and the passphrase", "the casebook in front"
    with work.counted(5, task, start, 6):
        hands.press(Key.Key_S, CONTROL | SHIFT)
        for _ in range(3):
            (hands.roll_to_end if by == "read with the wheel" else hands.read_to_end)("signing_form")
            hands.press(Key.Key_PageDown)
        hands.write("investigator")
        hands.press(Key.Key_Tab)
        hands.write(PASSPHRASE)
        hands.press(Key.Key_Return)
    assert "Signed: 3" in hands.words("signing_notice_words")
    with work.record("investigator") as session:
        awaiting = session.oversight.signing().lines
        assert [one.key for one in awaiting if Meaning.AUTHORSHIP in one.meanings] == []


def test_finding_a_form(work: Work, site: Site) -> None:
    hands = work.sit_down("coordinator")
    hands.press(Key.Key_1, CONTROL)
    with work.counted(6, "find a form", "Today in front", 3):
        hands.press(Key.Key_K, CONTROL)
        hands.write("a1 v3 vital")
        hands.wait(lambda: hands.shows("palette_list"))
        hands.press(Key.Key_Return)
    assert hands.view.key == site.key("F.VS")


def test_printing_a_visit_record(work: Work, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "no-printer-here"))
    paper = tmp_path / "paper.pdf"
    hands = work.sit_down("coordinator")
    hands.stand_at(site.key("F.VS"))
    with work.counted(7, "print a visit record", "the casebook in front, the cursor in the visit", 3):
        hands.press(Key.Key_P, CONTROL)
        hands.press(Key.Key_P, CONTROL)
        (dialog,) = hands.window.findChildren(QPrintDialog)
        file_name = dialog.findChild(QLineEdit, "filename")
        assert isinstance(file_name, QLineEdit)
        file_name.setText(str(paper))  # in place of a printer: a file
        hands.press(Key.Key_Return)
    hands.wait(lambda: hands.shows("paper_sheet_notice_words") and "Sent" in hands.words("paper_sheet_notice_words"))
    listed = hands.find("paper_list")
    assert isinstance(listed, QListWidget)
    assert listed.currentItem().text() == "Visit 3: 48 hours"
    assert paper.read_bytes().startswith(b"%PDF")


def test_changing_a_value_with_its_reason(work: Work, site: Site) -> None:
    key, path = site.key("F.VS"), _path("F.VS", "SYSBP")
    hands = work.sit_down("coordinator")
    hands.stand_in(key, "SYSBP")
    with work.counted(8, "change a value, with the reason", "its field", 4):
        hands.press(Key.Key_A, CONTROL)
        hands.write("151")
        hands.press(Key.Key_Return)
        hands.strike("1")
    assert hands.view.item(path).mark is Mark.KEPT
    with work.record() as session:
        last = session.trail(key, path)[-1]
        assert (last.shown("en"), last.reason) == ("151", "TRANSCRIPTION")


def test_syncing_now(work: Work, site: Site) -> None:
    with work.record() as session:
        before = session.sync_view()
    hands = work.sit_down("coordinator")
    hands.stand_in(site.key("F.VS"), "SYSBP")
    assert "on this laptop only" in hands.words("foot_custody")
    with work.counted(9, "sync now", "any page, here a form", 1):
        hands.press(Key.Key_F5)
    assert hands.words("foot_custody") == "All received by the server"
    with work.record() as session:
        assert session.sync_view().received >= before.received + before.here_only > before.received


def test_switching_the_user(
    enrolled_ward: Ward, qapp: QApplication, record_property: Callable[[str, object], None]
) -> None:
    work = Work(enrolled_ward, qapp, record_property)
    hands = work.sit_down("coordinator")
    with work.counted(10, "switch user; and the passphrase", "any page; a laptop of two people", 2):
        hands.press(Key.Key_L, CONTROL | SHIFT)
        hands.write(PASSPHRASE)
        hands.press(Key.Key_Return)
    assert hands.words("foot_who").startswith("Investigator B")
    work.close()


def test_switching_between_two_of_four(work: Work) -> None:
    hands = work.sit_down("coordinator")
    hands.press(Key.Key_L, CONTROL | SHIFT)
    assert hands.find("unlock_people").hasFocus(), "nobody was here before: whoever comes says so"
    hands.write("inv")
    hands.press(Key.Key_Return)
    hands.write(PASSPHRASE)
    hands.press(Key.Key_Return)
    assert hands.words("foot_who").startswith("Investigator B")
    hands.press(Key.Key_L, CONTROL)
    hands.write(PASSPHRASE)
    hands.press(Key.Key_Return)
    assert hands.words("foot_who").startswith("Investigator B"), "who locks comes back"
    with work.counted(10, "switch user; and the passphrase", "any page; two of four people in turn", 2):
        hands.press(Key.Key_L, CONTROL | SHIFT)
        hands.write(PASSPHRASE)
        hands.press(Key.Key_Return)
    assert hands.words("foot_who").startswith("Coordinator A")
    with work.counted(10, "switch user, and back; and the passphrase", "any page; two of four people in turn", 2):
        hands.press(Key.Key_L, CONTROL | SHIFT)
        hands.write(PASSPHRASE)
        hands.press(Key.Key_Return)
    assert hands.words("foot_who").startswith("Investigator B")
