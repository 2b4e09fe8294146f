"""The hands of the journey tests, which also write a name, choose who signs in, and take pictures."""

import math
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QListWidget, QTableView, QWidget

from casebook.records import VisitKey
from desktop_app import theme
from desktop_app.snapshots import DocumentRow, PaperItem
from desktop_app.vault import Laptop
from desktop_app.widgets.ink import InkEditor
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.line_list import LineList
from desktop_app.widgets.oversight_tabs import PLACES as OVERSIGHT
from tests.journeys.hands import Hands

from .report import Report, StepFailedError, expect

SCREEN = (1366, 768)
ABOVE = 48
"""How many pixels of what comes before an item stay in sight."""
_LETTERS = 7
_STEPS = 24


class Visitor(Hands):
    """Works one laptop's application by keys and clicks, and takes pictures of its window."""

    pictures_taken: ClassVar[int] = 0

    def __init__(self, qt: QApplication, laptop: Laptop, report: Report, *, sync_every_ms: int = 0) -> None:
        """Open the application on a laptop; it exchanges by hand alone where no time between exchanges is given."""
        super().__init__(qt, laptop, sync_every_ms=sync_every_ms)
        self._qt = qt
        self._report = report
        self.window.resize(*SCREEN)
        self.settle()

    # -- pictures ------------------------------------------------------------------------------------------

    @property
    def qt(self) -> QApplication:
        """The Qt application that the window belongs to."""
        return self._qt

    def picture(self, name: str) -> Path:
        """Take a picture of the window as it stands; pictures are numbered over all laptops."""
        self.rest()
        return self.picture_at_work(name)

    def picture_at_work(self, name: str) -> Path:
        """Take a picture while work is under way in the window."""
        Visitor.pictures_taken += 1
        path = self._report.part("pictures") / f"{Visitor.pictures_taken:02}-{name}.png"
        picture = self.window.grab()
        expect((picture.width(), picture.height()) == SCREEN, f"The window is {picture.width()} pixels wide.")
        expect(picture.save(str(path)), f"{path} was not written.")
        self._report.made(path)
        return path

    def picture_in_both_languages(self, name: str) -> None:
        """Take two pictures of the page in front: in English, and in Chinese."""
        self.picture(name)
        self.workplace.language_wanted.emit("zh")
        self.picture(f"{name}-zh")
        self.workplace.language_wanted.emit("en")
        self.rest()

    def rest(self) -> None:
        """Wait until the window has caught up with what was done."""
        self.settle()
        QTest.qWait(30)
        self.settle()

    def wear(self, scheme: theme.Scheme) -> None:
        """Show every window in another colour scheme, as the system's setting does."""
        theme.apply(self._qt, scheme)
        self.rest()

    # -- doors ---------------------------------------------------------------------------------------------

    def sign_in(self, name: str, words: str) -> None:
        """Choose a name by the arrow keys, type the passphrase, and wait for the subjects."""
        self.settle()
        people = self.find("unlock_people")
        expect(isinstance(people, QListWidget), "There is no list of people.")
        people.setFocus()
        names = (
            [people.item(place).text() for place in range(people.count())] if isinstance(people, QListWidget) else []
        )
        place = next(place for place, text in enumerate(names) if text.startswith(name))
        self.press(Qt.Key.Key_Home)
        for _ in range(place):
            self.press(Qt.Key.Key_Down)
        self.type("unlock_passphrase", words)
        self.press(Qt.Key.Key_Return)
        self.settle()
        expect(self.shows("foot_who"), "The laptop did not open.")
        self.control(Qt.Key.Key_2)  # who locked on a page comes back to it
        self.settle()
        expect(name in self.words("foot_who"), f"{self.words('foot_who')} is signed in.")

    def lock(self) -> None:
        """Lock by its key."""
        self.control(Qt.Key.Key_L)
        self.settle()
        expect(self.shows("unlock_people"), "The laptop did not lock.")

    def speak(self, language: str) -> None:
        """Switch the language on the settings page, and go back to the subjects."""
        self.control(Qt.Key.Key_7)
        self.settle()
        self.click(f"settings_language_{language}")
        self.control(Qt.Key.Key_2)
        self.settle()

    # -- what is said --------------------------------------------------------------------------------------

    def texts(self, name: str) -> tuple[str, ...]:
        """Return every text of the labels in a shown widget."""
        return tuple(label.text() for label in self.find(name).findChildren(QLabel))

    def numbers(self, name: str) -> int:
        """Return the count that a tally shows."""
        return next(int(text) for text in self.texts(name) if text.isdecimal())

    def lines(self, name: str) -> list[tuple[str, ...]]:
        """Return the texts of a shown list, line by line."""
        found = self.find(name) if self.shows(name) else None
        return [line.texts for line in found.lines.lines] if isinstance(found, LineList) else []

    def subject_numbers(self) -> tuple[str, ...]:
        """Return the first column of the subjects' table."""
        table = self.find("subjects_table")
        if not isinstance(table, QTableView):
            raise StepFailedError("There is no table of subjects.")
        model = table.model()
        return tuple(str(model.index(line, 0).data()) for line in range(model.rowCount()))

    def open_tab(self, name: str) -> None:
        """Open a page of data management: queries by its key, the others by the key that goes on."""
        self.control(Qt.Key.Key_3)
        self.settle()
        for _ in OVERSIGHT[: OVERSIGHT.index(name)]:
            self.control(Qt.Key.Key_PageDown)
            self.settle()
        expect(self.shows(f"{name}_tabs"), f"The page {name} is not in front.")

    def choose_text(self, name: str, text: str) -> None:
        """Choose in a list that folds, by the arrow keys, the line that reads `text`."""
        combo = self.find(name)
        if not isinstance(combo, QComboBox):
            raise StepFailedError(f"{name} offers no choice.")
        combo.setFocus()
        self.press(Qt.Key.Key_Home)
        for _ in range(combo.count()):
            if combo.currentText() == text:
                return
            self.press(Qt.Key.Key_Down)
        raise StepFailedError(f"{name} does not offer {text}.")

    def choose_line(self, name: str, words: str) -> None:
        """Go by the arrow keys to the first line of a list that says `words`."""
        table = self.find(name)
        place = next((place for place, line in enumerate(self.lines(name)) if words in " ".join(line)), None)
        if not isinstance(table, LineList) or place is None:
            raise StepFailedError(f"No line says {words}: {self.lines(name)}")
        table.setFocus()
        for _ in range(len(self.lines(name))):
            here = table.currentIndex().row()
            if here == place:
                return
            self.press(Qt.Key.Key_Down if here < place else Qt.Key.Key_Up)
        expect(table.currentIndex().row() == place, f"The line {words} cannot be reached.")

    def alt(self, key: Qt.Key) -> None:
        """Press a key with Alt, as the system delivers it: to the window, which finds the button it is written on."""
        QTest.keyClick(self.window.windowHandle(), key, Qt.KeyboardModifier.AltModifier)
        self.settle()

    def open_subject(self, number: str) -> None:
        """Click a subject's line in the subjects' table, which is in front."""
        table = self.find("subjects_table")
        if not isinstance(table, QTableView):
            raise StepFailedError("There is no table of subjects.")
        self._click_cell(table, self.subject_numbers().index(number), 0)

    def row(self, item: str) -> ItemRow:
        """Return a shown item of the form in front."""
        return next(row for path, row in self.rows().items() if path.item == item)

    def look_at(self, item: str) -> None:
        """Scroll the form in front until an item is near its top."""
        sections = self.form.sections
        column = sections.widget() if sections is not None else None
        if sections is not None and column is not None:
            sections.verticalScrollBar().setValue(self.row(item).mapTo(column, QPoint(0, 0)).y() - ABOVE)

    def look_below(self) -> None:
        """Scroll the form in front to its end."""
        if self.form.sections is not None:
            bar = self.form.sections.verticalScrollBar()
            bar.setValue(bar.maximum())

    # -- papers --------------------------------------------------------------------------------------------

    def open_papers(self) -> None:
        """Open the papers of the first subject."""
        self.open_first_subject()
        self.control(Qt.Key.Key_P)
        self.settle()

    def paper_lines(self) -> list[PaperItem | DocumentRow | None]:
        """Return what stands in the list of papers; None for a heading."""
        papers = self._paper_list()
        return [papers.item(place).data(Qt.ItemDataRole.UserRole) for place in range(papers.count())]

    def choose_paper(self, place: int) -> bytes:
        """Choose a line of the list of papers by the arrow keys; returns the PDF that is shown then."""
        papers = self._paper_list()
        papers.setFocus()
        while papers.currentRow() != place:
            self.press(Qt.Key.Key_Up if papers.currentRow() > place else Qt.Key.Key_Down)
        self.settle()
        data = self.workplace.paper.sheet.data
        if data is None:
            raise StepFailedError("No page is shown.")
        return data

    def choose_visit(self, visit: str) -> bytes:
        """Choose the record of a visit; returns the unsigned PDF."""
        for place, what in enumerate(self.paper_lines()):
            if isinstance(what, PaperItem) and what.visit == VisitKey(visit=visit):
                return self.choose_paper(place)
        raise StepFailedError(f"There is no paper for {visit}.")

    def _paper_list(self) -> QListWidget:
        papers = self.find("paper_list")
        if not isinstance(papers, QListWidget):
            raise StepFailedError("There is no list of papers.")
        return papers

    def save_copy(self, sheet: str, path: Path) -> None:
        """Press "Save a copy" and answer the dialog by keys."""
        self.click(f"{sheet}_save")
        self.answer_dialog(path)
        self._report.made(path)

    def answer_dialog(self, path: Path) -> None:
        """Type a path into the dialog that asks for a file or a folder, and press Enter."""
        dialog = next(one for one in self.window.findChildren(QFileDialog) if one.isVisible())
        line = next(one for one in dialog.findChildren(QLineEdit) if one.isVisible())
        line.selectAll()
        QTest.keyClicks(line, str(path))
        QTest.keyClick(line, Qt.Key.Key_Return)
        self.come_to_front()
        self.settle()

    def print_to(self, path: Path) -> None:
        """Print what the paper page shows to a file, through the printing of Qt."""
        sheet = self.workplace.paper.sheet
        printed: list[bool] = []
        sheet.printed.connect(lambda: printed.append(True))
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        sheet.print_to(printer)
        for _ in range(2000):
            if printed:
                break
            QTest.qWait(10)
        expect(printed, "The printing did not end.")
        self._report.made(path)

    # -- ink -----------------------------------------------------------------------------------------------

    @staticmethod
    def _draw(editor: InkEditor) -> None:
        """Write a running hand: loops from left to right, then a line below."""
        pad = editor.pad
        loops = [
            QPoint(
                round(60 + 34 * turn / _STEPS + 16 * math.sin(2 * math.pi * turn / _STEPS)),
                round(80 - (30 - 2.5 * (turn / _STEPS)) * math.cos(2 * math.pi * turn / _STEPS)),
            )
            for turn in range(_LETTERS * _STEPS)
        ]
        flourish = [QPoint(330 - 8 * step, round(122 + 4 * math.sin(step / 4))) for step in range(32)]
        for stroke in (loops, flourish):
            _write_stroke(pad, stroke)
        QTest.mouseClick(editor.done_button, Qt.MouseButton.LeftButton)


def _write_stroke(pad: QWidget, points: list[QPoint]) -> None:
    first, *rest = points
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
    for point in rest:
        QTest.mouseMove(pad, point)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rest[-1])
