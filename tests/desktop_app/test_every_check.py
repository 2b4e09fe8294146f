"""Every check is seen firing beside its item in both languages, answered there, and gone after the correction."""

import copy
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from casebook.checks import Finding
from casebook.design import Severity
from casebook.errors import CasebookError, RightMissingError, UnknownItemError
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath
from desktop_app.session import Session
from desktop_app.snapshots import TrailKind
from desktop_app.widgets.item_row import ItemRow
from tests.desktop_app.forms_at_work import ASSESSOR, COORDINATOR, INVESTIGATOR
from tests.desktop_app.places import Book, Entries
from tests.desktop_app.typist import Typist
from tests.journeys.hands import Hands
from tests.laptops import PASSPHRASE, TestClock, Ward, design

FIRING = tomllib.loads((Path(__file__).parents[1] / "data" / "firing.toml").read_text(encoding="utf-8"))
CHECKS = sorted({check.id for form in design().forms.values() for check in form.checks})
NOW = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
LANGUAGES = ("en", "zh")
ASSESSED = tuple(sorted(blinding.assessed)) if (blinding := design().blinding) is not None else ()
ELSEWHERE = {"F.VS@SE.V1": {"SYSBP": "150"}}
"""A save of the coordinator's, whose session sees what rests on more than a blinded one knows."""
SAYS_WHO = {"en": "investigator", "zh": "研究者"}
SAYS_CONTRADICTION = {"en": "contradicts itself", "zh": "自相矛盾"}
REASON = design().reasons[0]
TOLD_OF = {
    TrailKind.OPENED: "query opened – %1",
    TrailKind.ANSWERED: "confirmed true – %1",
    TrailKind.CLOSED: "query closed: the data no longer fire it – %1",
}


@dataclass
class Desk:
    """An application at which the coordinator, the investigator and the blinded assessor take turns."""

    typist: Typist
    clock: TestClock
    person: int = COORDINATOR

    @property
    def hands(self) -> Hands:
        """The hands that work it."""
        return self.typist.hands

    @property
    def session(self) -> Session:
        """Whose session it is now."""
        return self.typist.session

    def sign_in(self, person: int) -> None:
        """Let the other person sign in, unless it is their session already."""
        if person == self.person:
            return
        self.typist.sign_in(person)
        self.person = person

    def new_book(self) -> Book:
        """Add a participant."""
        return Book(design(), self.typist.ask(self._add), self.session.site)

    def _add(self) -> SubjectId:
        return self.session.add_subject().subject

    def enter(self, book: Book, entries: Entries, reason: str | None = None) -> None:
        """Enter form by form, each some minutes after the other, by the person who enters that form."""
        for place, values in entries.items():
            self.clock.utc_ms += 120_000
            self.sign_in(ASSESSOR if place.startswith(ASSESSED) else COORDINATOR)
            self.typist.ask(partial(book.enter, self.session, {place: values}, reason))

    def show(self, key: FormKey, path: ItemPath) -> None:
        """Open a form at an item, as the list of findings does."""
        self.hands.workplace.open_item(key, path)
        self.hands.settle()

    def speak(self, language: str) -> None:
        """Switch the language of the windows."""
        if self.typist.language != language:
            self.hands.application.switch_language(language)
            self.typist.language = language
        self.hands.settle()

    def row(self, path: ItemPath) -> ItemRow:
        """Return an item of the form in front."""
        row = self.typist.sections.rows[path]
        assert row.isVisible(), f"{path} is not shown"
        return row

    def sentences(self, path: ItemPath) -> list[str]:
        """Return what is said below an item."""
        row = self.row(path)
        labels = [label for part in _parts(row) for label in part.findChildren(QLabel)]
        return [label.text() for label in labels if label.isVisible() and label is not row.label]

    def finding(self, key: FormKey, path: ItemPath, check: str) -> Finding | None:
        """Return a finding as the session tells it."""
        view = self.typist.kept(key)
        return next((one for one in view.item(path).findings if one.check == check), None)

    def refusal(self, key: FormKey, path: ItemPath, check: str) -> type[CasebookError]:
        """Return how the session refuses to confirm a finding."""
        refused: list[CasebookError] = []
        work = partial(self.session.confirm, key, check, path, REASON.value)
        self.hands.application.background.run(work, otherwise=refused.append)
        self.hands.settle()
        return type(refused[0])


@pytest.fixture(scope="module")
def desk(qapp: QApplication, enrolled_once: Ward, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A laptop for all checks, with the coordinator signed in."""
    folder = tmp_path_factory.mktemp("checks")
    shutil.copytree(enrolled_once.folder, folder, dirs_exist_ok=True)
    ward = copy.deepcopy(enrolled_once)
    ward.folder = folder
    ward.join(ward.laptop("one"), "assessor")
    ward.clock.utc_ms = int(NOW.timestamp() * 1000)
    hands = Hands(qapp, ward.laptop("one"), LANGUAGES[0])
    hands.unlock(PASSPHRASE)
    hands.application.background.run_sync(lambda: None)  # its thread begins here and not in one of the tests
    hands.settle()
    yield Desk(Typist(hands, LANGUAGES[0]), ward.clock)
    hands.close()


def test_every_check_of_the_study_has_its_entries() -> None:
    assert sorted(FIRING) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_check_is_seen_answered_and_closed(desk: Desk, check: str) -> None:
    case = FIRING[check]
    desk.sign_in(COORDINATOR)
    for entries in (case.get("elsewhere", {}), case["enter"]):
        book = desk.new_book() if entries else None
        if book is not None:
            desk.enter(book, entries)
    assert book is not None
    desk.sign_in(COORDINATOR)
    place, _, item = case["beside"].partition(" ")
    key = book.key(desk.session, place)
    path = desk.typist.ask(partial(book.path, desk.session, place, item))
    found = desk.finding(key, path, check)
    assert found is not None, f"{check} does not fire"
    desk.show(key, path)
    for language in sorted(LANGUAGES, key=lambda one: one != desk.typist.language):
        _sees(desk, found, language)
    _answers(desk, key, found)
    desk.enter(book, case["correct"], REASON.value)
    if place.startswith(ASSESSED):
        desk.enter(book, ELSEWHERE)
    desk.sign_in(COORDINATOR)
    desk.show(key, path)
    assert not [said for said in desk.sentences(path) if said.startswith(f"{check} ")]
    assert desk.finding(key, path, check) is None
    _sees_history(desk, key, found)


def _sees(desk: Desk, found: Finding, language: str) -> None:
    """The finding's sentence stands beside its item, and says what can be done."""
    desk.speak(language)
    said = [one for one in desk.sentences(found.path) if one.startswith(f"{found.check} ")]
    assert len(said) == 1, desk.sentences(found.path)
    assert found.message(language) in said[0]
    assert (SAYS_CONTRADICTION[language] in said[0]) is not found.confirmable
    needs_other = found.confirmable and found.severity is Severity.HARD
    assert (SAYS_WHO[language] in said[0].replace(found.message(language), "")) is needs_other
    assert bool(_confirm_button(desk, found)) is (found.confirmable and not needs_other)


def _answers(desk: Desk, key: FormKey, found: Finding) -> None:
    """Answer the finding in place, by the person who may."""
    if not found.confirmable:
        assert desk.refusal(key, found.path, found.check) is UnknownItemError
        return
    if found.severity is Severity.HARD:
        assert desk.refusal(key, found.path, found.check) is RightMissingError
        desk.sign_in(INVESTIGATOR)
        desk.show(key, found.path)
    button = _confirm_button(desk, found)
    assert button is not None
    desk.typist.tab_to_control(button)
    desk.hands.press(Qt.Key.Key_Space)
    QTest.keyClicks(desk.hands.window.focusWidget(), "1")
    desk.hands.settle()
    said = [one for one in desk.sentences(found.path) if one.startswith(f"{found.check} ")]
    assert len(said) == 1
    assert REASON.label(desk.typist.language) in said[0]
    desk.hands.control(Qt.Key.Key_S)
    desk.hands.settle()
    answered = desk.finding(key, found.path, found.check)
    assert answered is not None
    assert answered.confirmed == REASON.value


def _confirm_button(desk: Desk, found: Finding) -> QPushButton | None:
    row = desk.row(found.path)
    name = f"{row.item.oid}.confirm.{found.check}"
    buttons = [button for part in _parts(row) for button in part.findChildren(QPushButton, name)]
    return next((one for one in buttons if one.isVisible()), None)


def _parts(row: ItemRow) -> list[QWidget]:
    """Return an item's row, and what stands elsewhere of it in a grid."""
    return [row] if row.below is None else [row, row.below]


def _sees_history(desk: Desk, key: FormKey, found: Finding) -> None:
    """The item's history says that the query was opened, answered where it could be, and closed."""
    wanted = [TrailKind.OPENED, *([TrailKind.ANSWERED] if found.confirmable else []), TrailKind.CLOSED]
    lines = desk.typist.ask(partial(desk.session.trail, key, found.path))
    mine = [line for line in lines if line.shown("en").startswith(f"{found.check}: ")]
    assert [line.kind for line in mine] == wanted
    desk.hands.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    desk.hands.settle()
    said = [one for one in desk.sentences(found.path) if f"{found.check}: " in one]
    words = [QCoreApplication.translate("Trail", TOLD_OF[kind]).partition("%1")[0].strip() for kind in wanted]
    assert [word in line for word, line in zip(words, said, strict=True)] == [True] * len(wanted), said
