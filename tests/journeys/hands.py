"""Hands on a real application: keys and clicks, and nothing that a user cannot do.

Needs no test around it, so that a child process can type too. What it reads, it reads off the
widgets.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QListWidget, QTableView, QWidget

from casebook.records import FormKey, ItemPath
from desktop_app import theme
from desktop_app.app import Application, Training
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.snapshots import Mark
from desktop_app.training import TrainingLaptop
from desktop_app.vault import Laptop
from desktop_app.widgets.choice_editors import ChoiceEditor, ListEditor, TicksEditor
from desktop_app.widgets.ink import InkEditor
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.scale import GradeEditor
from desktop_app.widgets.twice import TwiceEditor
from desktop_app.windows.form import FormPage
from desktop_app.workplace import Workplace
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE

PATIENCE_S = 60.0
SIZE = (1366, 728)
MOST_STEPS = 200
SIGNATURE = ((40, 100), (60, 40), (80, 100), (100, 40), (120, 100), (140, 60), (160, 100), (180, 60), (220, 90))
"""Where the mouse goes when it writes a signature, in the pad's pixels."""


class Hands:
    """Works one application as a user does."""

    def __init__(
        self,
        qt: QApplication,
        laptop: Laptop | TrainingLaptop,
        language: str = "en",
        *,
        sync_every_ms: int = 0,
        training: Training | None = None,
    ) -> None:
        """Open the application on a laptop; it exchanges by hand alone where no time between exchanges is given."""
        self.application = Application(
            qt, laptop, lambda _: laptop.synchroniser(), language, sync_every_ms=sync_every_ms, training=training
        )
        self.window = self.application.window
        self.window.resize(*SIZE)
        self.application.start()
        assert QTest.qWaitForWindowExposed(self.window)
        self.come_to_front()
        self.settle()

    def settle(self) -> None:
        """Wait until no work is under way."""
        until = time.monotonic() + PATIENCE_S
        QApplication.processEvents()
        while not self.application.background.idle:
            assert time.monotonic() < until, "work does not end"
            QTest.qWait(2)
        QApplication.processEvents()

    def close(self) -> None:
        """Close the window and wait until the application has ended."""
        ended: list[bool] = []
        self.application.ended.connect(lambda: ended.append(True))
        self.window.close()
        until = time.monotonic() + PATIENCE_S
        while not ended:
            assert time.monotonic() < until, "the application does not end"
            QTest.qWait(2)
        self.window.deleteLater()
        QApplication.processEvents()

    def come_to_front(self) -> None:
        """Make the window the active one, as a desktop does; the screen in memory has no desktop."""
        self.window.activateWindow()
        assert QTest.qWaitForWindowActive(self.window)

    # -- what is shown -----------------------------------------------------------------------------------

    def find(self, name: str) -> QWidget:
        """Return the shown widget with this object name."""
        found = [widget for widget in self.window.findChildren(QWidget, name) if widget.isVisible()]
        assert found, f"nothing called {name} is shown"
        return found[0]

    def shows(self, name: str) -> bool:
        """Tell whether a widget with this object name is shown."""
        return any(widget.isVisible() for widget in self.window.findChildren(QWidget, name))

    def words(self, name: str) -> str:
        """Return the words that a shown widget says."""
        return str(self.find(name).property("text"))

    @property
    def workplace(self) -> Workplace:
        """The pages of who is signed in."""
        assert self.application.workplace is not None
        return self.application.workplace

    @property
    def form(self) -> FormPage:
        """The form in front."""
        page = self.window.page()
        assert isinstance(page, FormPage)
        return page

    def rows(self) -> dict[ItemPath, ItemRow]:
        """Return the items of the form in front that are shown."""
        assert self.form.sections is not None
        return {path: row for path, row in self.form.sections.rows.items() if row.isVisibleTo(self.window)}

    def shown(self) -> dict[ItemPath, tuple[str, str, Mark | None]]:
        """Return what stands in each shown item of the form in front: text, unit, mark."""
        return {path: (row.editor.raw(), row.editor.unit(), row.mark.mark) for path, row in self.rows().items()}

    # -- keys and clicks -----------------------------------------------------------------------------------

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard's focus is; an open list of suggestions gets it first."""
        QTest.keyClick(self._listening(), key, modifier)
        QApplication.processEvents()

    def _listening(self) -> QWidget:
        listening: tuple[QWidget | None, ...] = (QApplication.activePopupWidget(), self.window.focusWidget())
        return next((widget for widget in listening if widget is not None), self.window)

    def control(self, key: Qt.Key) -> None:
        """Press a key with Control."""
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def write(self, text: str) -> None:
        """Type where the focus is; what is not ASCII comes from an input method, as it does for users."""
        target = self.window.focusWidget()
        assert target is not None
        if text.isascii():
            QTest.keyClicks(target, text)
        else:
            event = QInputMethodEvent("", [])
            event.setCommitString(text)
            QApplication.sendEvent(target, event)

    def click(self, name: str) -> None:
        """Click in the middle of a widget."""
        widget = self.find(name)
        assert widget.isEnabled(), name
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        QApplication.processEvents()

    def type(self, name: str, text: str) -> None:
        """Click a field and type."""
        self.click(name)
        self.write(text)

    # -- doors -----------------------------------------------------------------------------------------------

    def enrol(self, server: str, codes: tuple[str, str], laptop_name: str, passphrase: str) -> None:
        """Fill in the enrolment page and type the recovery code back."""
        fields = ("enrol_server", "enrol_code", "enrol_personal_code", "enrol_laptop_name", "enrol_passphrase")
        for name, text in zip(fields, (server, *codes, laptop_name, passphrase), strict=True):
            self.type(name, text)
        self.type("enrol_passphrase_again", passphrase)
        self.press(Qt.Key.Key_Return)
        self.settle()
        assert self.shows("enrol_recovery_code"), self.words("enrol_problem_words")
        self.type("enrol_recovery_typed", self.words("enrol_recovery_code"))
        self.press(Qt.Key.Key_Return)
        self.settle()

    def unlock(self, passphrase: str) -> None:
        """Sign in as the only person of the laptop."""
        people = self.find("unlock_people")
        assert isinstance(people, QListWidget)
        self.type("unlock_passphrase", passphrase)
        self.press(Qt.Key.Key_Return)
        self.settle()
        assert self.shows("foot_who"), self.words("unlock_passphrase_line")
        if not self.shows("subjects_search"):  # who locked on a page comes back to it
            self.control(Qt.Key.Key_2)
            self.settle()

    def sync(self) -> str:
        """Synchronise, and return what the page says of it."""
        self.control(Qt.Key.Key_6)
        self.settle()
        self.click("sync_now")
        self.settle()
        return self.words("sync_message_words")

    # -- ways ------------------------------------------------------------------------------------------------

    def open_first_subject(self) -> None:
        """Open the first line of the subjects."""
        self.control(Qt.Key.Key_2)
        self.settle()
        table = self.find("subjects_table")
        assert isinstance(table, QTableView)
        self._click_cell(table, 0, 0)

    def open_form(self, visit: str, form: str, turn: int = 0) -> FormKey:
        """Open a form from the casebook's grid; a scale, which opens item by item, as a list."""
        key = self.open_cell(visit, form, turn)
        if self.shows("scorer_as_list"):
            self.press(Qt.Key.Key_F9)
            self.settle()
        return key

    def open_cell(self, visit: str, form: str, turn: int = 0) -> FormKey:
        """Open what stands in a cell of the casebook's grid."""
        table = self.find("casebook_table")
        assert isinstance(table, QTableView)
        grid = table.model()
        assert isinstance(grid, CasebookGrid)
        for row in range(grid.rowCount()):
            for column in range(grid.columnCount()):
                cell = grid.cell(grid.index(row, column))
                if cell is not None and (cell.key.visit.visit, cell.key.form) == (visit, form):
                    if turn == 0:
                        self._click_cell(table, row, column)
                        return cell.key
                    turn -= 1
        raise AssertionError(f"no cell for {form} at {visit}")

    def _click_cell(self, table: QTableView, row: int, column: int) -> None:
        index = table.model().index(row, column)
        table.scrollTo(index)
        middle = table.visualRect(index).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
        self.settle()

    def back(self) -> None:
        """Go back by Esc."""
        self.press(Qt.Key.Key_Escape)
        self.settle()

    # -- filling in --------------------------------------------------------------------------------------------

    def fill(self, answers: Mapping[str, str]) -> None:
        """Answer every mandatory item of the form in front, going on by the key for the next unanswered.

        Args:
            answers: By the item's name; an item that is asked and not named here is a failure.
        """
        for _ in range(MOST_STEPS):
            if not self.shows("form_next"):
                break
            row = self._focused()
            if row is None or row.path not in self._unanswered():
                self.control(Qt.Key.Key_J)
                row = self._focused()
            assert row is not None, f"{self.window.focusWidget()} has the focus"
            assert row.item.name in answers, f"no answer for {row.path}"
            self.answer(row, answers[row.item.name])
            self.settle()
            assert row.path not in self._unanswered(), f"{row.path} did not take {answers[row.item.name]}"
        assert not self.shows("form_next"), f"the form is never filled in: {self._unanswered()}"
        for path, row in self.rows().items():
            if path.item in answers and not row.editor.raw():
                self.go_to(path.item)
                self.answer(row, answers[path.item])
                self.settle()

    def _unanswered(self) -> tuple[ItemPath, ...]:
        return self.form.view.unanswered if self.form.view is not None else ()

    def _focused(self) -> ItemRow | None:
        widget: object = self.window.focusWidget()
        while isinstance(widget, QWidget) and not isinstance(widget, ItemRow):
            widget = widget.parentWidget()
        return widget if isinstance(widget, ItemRow) else None

    def go_to(self, name: str) -> ItemRow:
        """Click an item of the form in front."""
        row = next(row for path, row in self.rows().items() if path.item == name)
        QTest.mouseClick(row.editor.input(), Qt.MouseButton.LeftButton)
        return row

    def answer(self, row: ItemRow, text: str) -> None:
        """Answer the item that has the focus, in the way that its editor asks for."""
        editor = row.editor
        match editor:
            case GradeEditor():
                self.write(text[0])
            case ChoiceEditor():
                values = [button.code.value for button in editor.buttons]
                has_digits = any(value.isdigit() for value in values)
                self.write(text if has_digits else str(values.index(text) + 1))
            case ListEditor():
                self._choose_in(editor.combo, text)
            case TicksEditor():
                for value in text.split():
                    self._tick(next(one for one in editor.ticks if one.objectName().endswith(f"={value}")))
            case InkEditor():
                self.sign(editor)
            case TwiceEditor():
                for _ in range(2):
                    self._answer_once(editor, text)
            case _:
                self.write(text)
                self.press(Qt.Key.Key_Return)

    def _answer_once(self, editor: TwiceEditor, text: str) -> None:
        single = editor.first if editor.first.isVisible() else editor.second
        if isinstance(single, ChoiceEditor):
            self.write(str([button.code.value for button in single.buttons].index(text) + 1))
        else:
            self.write(text)
        self.press(Qt.Key.Key_Return)

    def _choose_in(self, combo: QComboBox, value: str) -> None:
        self.write(combo.itemText(combo.findData(value)))
        self.press(Qt.Key.Key_Return)  # closes the suggestions
        self.come_to_front()
        self.press(Qt.Key.Key_Return)

    @staticmethod
    def _tick(button: QAbstractButton) -> None:
        QTest.mouseClick(
            button, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(8, button.height() // 2)
        )

    def sign(self, editor: InkEditor) -> None:
        """Write a signature and say that it is done."""
        self.draw(editor)
        QTest.mouseClick(editor.done_button, Qt.MouseButton.LeftButton)

    @staticmethod
    def draw(editor: InkEditor) -> None:
        """Write a signature with the mouse."""
        pad = editor.pad
        first, *rest = (QPoint(x, y) for x, y in SIGNATURE)
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
        for point in rest:
            QTest.mouseMove(pad, point)
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rest[-1])


def begin_process(folder: Path) -> Hands:
    """Begin the application in a process of its own on the laptop of a folder, and open its first subject."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = QApplication([])
    theme.load_fonts()
    theme.apply(qt, theme.LIGHT)
    hands = Hands(qt, online_laptop(folder))
    hands.unlock(PASSPHRASE)
    hands.open_first_subject()
    return hands
