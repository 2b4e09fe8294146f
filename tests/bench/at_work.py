"""Somebody at work in a real window of the application, timed."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSortFilterProxyModel, Qt, SignalInstance
from PySide6.QtWidgets import QApplication, QLineEdit, QTableView

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.app import make_qt
from desktop_app.models.subject_table import SubjectTable
from desktop_app.vault import Laptop
from desktop_app.widgets.item_row import ItemRow
from tests.bench.timing import Frames, key_drawn, press, timed, until
from tests.journeys.hands import Hands
from tests.laptops import PASSPHRASE

FIRST_VISIT = "SE.V1"
Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


def application() -> QApplication:
    """Return the Qt application of this process, with the product's looks; made at the first question."""
    standing = QApplication.instance()
    return standing if isinstance(standing, QApplication) else make_qt(["bench"])


class Worker(Hands):
    """Somebody at work in the application, on a laptop whose site was made by `tests.bench.site`."""

    def __init__(self, laptop: Laptop) -> None:
        """Open the application at the unlock page."""
        super().__init__(application(), laptop)

    def idle(self) -> bool:
        """Tell whether no work is under way."""
        return self.application.background.idle

    def sign_in(self) -> float:
        """Sign in as the first person; milliseconds until Today stands."""
        self.type("unlock_passphrase", PASSPHRASE)

        def stands() -> bool:
            return self.application.workplace is not None and self.idle()

        return timed(lambda: press(self.window, Key.Key_Return), stands)

    # -- forms -----------------------------------------------------------------------------------------------

    def open(self, subject: SubjectId, form: str) -> float:
        """Open a form of the first visit from the casebook; milliseconds until it is drawn."""
        key = FormKey(subject=subject, visit=VisitKey(visit=FIRST_VISIT), form=form)
        self.workplace.open_casebook(subject)
        self.settle()
        page = self.workplace.form
        taken = timed(
            lambda: self.workplace.open_item(key, None),
            lambda: page.isVisible() and page.view is not None and page.view.key == key,
        )
        self.settle()
        return taken

    def field(self) -> tuple[ItemRow, QLineEdit]:
        """Go to the first field of the form in front that takes a number, and return it with its item."""
        for path, row in self.rows().items():
            editor = row.editor.input()
            if isinstance(editor, QLineEdit) and row.item.units and row.view is not None and row.view.editable:
                self.form.go_to_item(ItemPath(group=path.group, item=path.item, row=path.row))
                self.settle()
                return row, editor
        raise LookupError

    def enter(self, row: ItemRow, editor: QLineEdit, text: str) -> float:
        """Write into a field and leave it by Tab; milliseconds until the mark says that it is kept."""
        self.form.go_to_item(row.path)
        self.settle()
        editor.selectAll()
        self.write(text)
        frames = Frames(row.mark)

        def marked() -> bool:
            return row.in_flight == 0 and frames.drawn > before

        before = frames.drawn
        taken = timed(lambda: press(self.window, Key.Key_Tab), marked)
        row.mark.removeEventFilter(frames)
        frames.deleteLater()
        self.settle()
        return taken

    # -- subjects --------------------------------------------------------------------------------------------

    def table(self) -> QTableView:
        """Return the list of subjects, which is in front."""
        table = self.find("subjects_table")
        if not isinstance(table, QTableView):
            raise TypeError
        return table

    def subject_in(self, line: int) -> SubjectId:
        """Return who stands in a line of the list."""
        shown = self.table().model()
        if not isinstance(shown, QSortFilterProxyModel):
            raise TypeError
        source = shown.sourceModel()
        if not isinstance(source, SubjectTable):
            raise TypeError
        return source.row(shown.mapToSource(shown.index(line, 0)).row()).subject

    def to_today(self) -> None:
        """Go to Today, and wait until all work is done."""
        press(self.window, Key.Key_1, CONTROL)
        until(self.idle)

    def to_list(self) -> float:
        """Go to the subjects; milliseconds until the list stands as the record has it."""
        model = self.workplace.subjects.findChild(SubjectTable)
        if model is None:
            raise LookupError
        with self._told(model.modelReset) as told:
            return timed(lambda: press(self.window, Key.Key_2, CONTROL), lambda: bool(told))

    @staticmethod
    @contextmanager
    def _told(signal: SignalInstance) -> Iterator[list[bool]]:
        told: list[bool] = []

        def note() -> None:
            told.append(True)

        signal.connect(note)
        try:
            yield told
        finally:
            signal.disconnect(note)

    def find_subject(self, digit: Qt.Key) -> float:
        """Press one more key in the search; milliseconds until it and the list that fits are drawn, in one frame."""
        search = self.find("subjects_search")
        if not isinstance(search, QLineEdit):
            raise TypeError
        search.setFocus()
        return key_drawn(search, digit)

    def clear_search(self) -> None:
        """Look for nobody."""
        search = self.find("subjects_search")
        if isinstance(search, QLineEdit):
            search.clear()
        QApplication.processEvents()

    def to_casebook(self, line: int) -> float:
        """Open who stands in a line of the list by Enter; milliseconds until the casebook is drawn."""
        table, page, subject = self.table(), self.workplace.casebook, self.subject_in(line)
        table.setFocus()
        table.setCurrentIndex(table.model().index(line, 0))
        QApplication.processEvents()
        with self._told(page.titled) as told:
            taken = timed(lambda: press(self.window, Key.Key_Return), lambda: bool(told))
        if page.title() == "" or not page.isVisible():
            raise LookupError(subject)
        return taken
