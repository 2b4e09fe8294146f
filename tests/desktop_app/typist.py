"""A typist who knows no form: opens any form and fills it from first to last item by keys alone.

What it types follows from each item's definition; where a form's own rules need a certain answer, the
caller gives it. Where the next open item is, it reads off the window, as the eye does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QListWidget, QMenu, QPushButton, QTableView, QWidget

from casebook.design import (
    DataType,
    Form,
    Item,
    Need,
    StudyDesign,
    VisitKind,
)
from casebook.ids import SubjectId
from casebook.records import EMPTY, FormKey, ItemPath, MissingCode, Reading
from casebook.rule_kinds import (
    AllOf,
    AnyOf,
    OneOf,
    Rule,
)
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.session import Session
from desktop_app.snapshots import FormView
from desktop_app.widgets.choice_editors import ChoiceEditor, ListEditor, TicksEditor
from desktop_app.widgets.focus import focused_widget, holds_focus
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.item_editors import ItemEditor, LineEditor, ParagraphEditor
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.line_list import LineList
from desktop_app.widgets.twice import TwiceEditor
from desktop_app.windows.form import FormPage
from tests.desktop_app.places import Book, Entries
from tests.journeys.hands import Hands
from tests.laptops import PASSPHRASE

Result = TypeVar("Result")
Key = Qt.Key

FIRST = datetime.fromisoformat("2026-02-28T06:00+08:00")
"""The first time that is typed; each further one is a minute later, as a protocol is filled in."""
MOST_STEPS = 700
"""More answers and more steps of Tab than any form has."""
SITE_PLACE = Key.Key_8
LEFT_OPEN = ""
"""An answer that says: this item stays empty."""


def reading_of(text: str) -> Reading:
    """Return a canonical value, or a missing-data code written `!UNK`."""
    if text == LEFT_OPEN:
        return EMPTY
    return Reading(missing=MissingCode(text[1:])) if text.startswith("!") else Reading(value=text)


@dataclass
class Answers:
    """A valid answer to any item of a form: what was given for it, or what its definition suggests.

    Attributes:
        language: Of the words that are typed.
        given: Canonical values by item name, missing-data codes as `!UNK`, "" for what stays empty.
        rare: Of several codes take those that ask for more, the last one first: other reasons, every panel.
    """

    design: StudyDesign
    form: Form
    language: str
    given: Mapping[str, str] = field(default_factory=dict)
    rare: bool = False
    asked: int = 0

    def to(self, item: Item) -> str:
        """Return the answer to an item."""
        self.asked += 1
        if item.name in self.given:
            return self.given[item.name]
        if self.rare and item == self._unknown:
            return f"!{item.missing_codes[-1]}"
        match item.data_type:
            case DataType.CODE | DataType.CODES:
                return self._code(item)
            case DataType.INTEGER | DataType.DECIMAL:
                return _usual(item)
            case DataType.QUANTITY:
                return f"{_usual(item)} {item.units[0].unit if item.units else ''}".strip()
            case DataType.DATE:
                return (FIRST + timedelta(days=-30)).date().isoformat()
            case DataType.DATETIME:
                return (FIRST + timedelta(minutes=self.asked)).isoformat(timespec="minutes")
            case _:
                return {"en": f"words {self.asked}", "zh": f"文字{self.asked}"}[self.language]

    @property
    def _unknown(self) -> Item | None:
        """The last item that is typed and takes a missing-data code."""
        items = [one for group in self.form.groups for one in group.items]
        return next((one for one in reversed(items) if one.missing_codes and one.code_list is None), None)

    def _code(self, item: Item) -> str:
        codes = [one.value for one in self.design.code_lists[item.code_list or ""].codes]
        named = {
            value
            for group in self.form.groups
            for other in group.items
            if other.relevant_when is not None
            for value in _values_named(other.relevant_when, item.name)
        }
        asking = [one for one in codes if one in named]
        if self.rare and asking:
            return " ".join(asking) if item.data_type is DataType.CODES else asking[-1]
        return "Y" if "Y" in codes else codes[0]


def _stands_at_unit(place: QWidget) -> bool:
    """Tell whether the focus is on the unit of a row; who comes from below meets it before the number."""
    editor = place.editor if isinstance(place, ItemRow) else None
    return isinstance(editor, LineEditor) and editor.chooser is not None and editor.chooser.hasFocus()


def _values_named(rule: Rule, name: str) -> Iterator[str]:
    """Return the codes of an item for which a rule asks."""
    match rule:
        case OneOf(item=item, values=values) if item == name:
            yield from values
        case AllOf(rules=rules) | AnyOf(rules=rules):
            for one in rules:
                yield from _values_named(one, name)


def _usual(item: Item) -> str:
    """Return a number in the middle of the narrowest limits that an item has."""
    for low, high in (item.soft, item.hard):
        if low is not None and high is not None:
            middle = (low + high) / 2
            return str(middle.quantize(Decimal("0.1") if high - low <= 1 else Decimal(1)))
    low = next((one for one in (item.soft[0], item.hard[0]) if one is not None), None)
    return str(int(low) + 1) if low is not None else "5"


class Typist:
    """Works the forms of one application by keys."""

    def __init__(self, hands: Hands, language: str) -> None:
        """Take over an application in which somebody has signed in."""
        self.hands = hands
        self.language = language
        self.typed: dict[ItemPath, str] = {}

    # -- what the session says ---------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session behind the windows. What is asked of it runs on its own thread: see `ask`."""
        session = self.hands.workplace._session  # noqa: SLF001 - what was typed is read back from where it is kept
        assert isinstance(session, Session)
        return session

    def ask(self, work: Callable[[], Result]) -> Result:
        """Return what the session says, asked on the store thread."""
        said: list[Result] = []
        self.hands.application.background.run(work, then=said.append)
        self.hands.settle()
        return said[0]

    # -- who is signed in --------------------------------------------------------------------------------

    def sign_in(self, person: int) -> None:
        """Lock, and let the person sign in who has this place in the list."""
        hands = self.hands
        hands.control(Key.Key_L)
        hands.settle()
        people = hands.find("unlock_people")
        assert isinstance(people, QListWidget)
        people.setFocus()
        while people.currentRow() != person:
            hands.press(Key.Key_Down if person > people.currentRow() else Key.Key_Up)
        hands.unlock(PASSPHRASE)

    # -- ways to a form ----------------------------------------------------------------------------------

    def open_casebook(self, subject: SubjectId) -> None:
        """Open the casebook of a subject that is there."""
        self.hands.workplace.open_casebook(subject)
        self.hands.settle()
        assert self.hands.shows("casebook_table")

    def open_new_subject(self) -> None:
        """Add a subject and open its casebook."""
        hands = self.hands
        hands.control(Key.Key_2)
        hands.settle()
        hands.control(Key.Key_N)
        hands.settle()
        hands.press(Key.Key_Return)
        hands.settle()
        assert hands.shows("casebook_table")

    def enter_beside(self, entries: Entries) -> None:
        """Enter into other forms of the open casebook, without windows."""
        book = Book(self.session.design, self.subject, self.session.site)
        self.ask(partial(book.enter, self.session, entries))

    @property
    def subject(self) -> SubjectId:
        """The subject whose casebook is open."""
        view = self.hands.workplace.casebook._view  # noqa: SLF001 - the subject's id is shown nowhere
        assert view is not None
        return view.subject

    def open_form(self, form: str) -> FormKey:
        """Open an instance of a form where the study plans it first."""
        design = self.hands.workplace.form.port.design
        planned = [
            (visit, one) for visit in design.visits for one in visit.forms if one.form == form and one.when is None
        ]
        visit, plan = planned[0]
        match visit.kind:
            case VisitKind.SITE:
                self.hands.control(SITE_PLACE)
                self.hands.settle()
                self._choose_line("site_table", form)
            case VisitKind.LOG:
                self.hands.press(Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
                self._choose_line("casebook_running", form)
            case VisitKind.EVENT:
                self.hands.control(Key.Key_N)
                self._choose_action(f"casebook_add_event={form}")
            case _:
                self._choose_cell(visit.oid, form, plan.occasion)
        if self.hands.shows("scorer_as_list"):
            self.hands.press(Key.Key_F9)
            self.hands.settle()
        return self.view.key

    def _choose_line(self, name: str, form: str) -> None:
        table = self.hands.find(name)
        assert isinstance(table, LineList)
        self.hands.control(Key.Key_Home)
        for _ in range(table.lines.rowCount()):
            key = table.current()
            if isinstance(key, FormKey) and key.form == form:
                self._enter()
                return
            self.hands.press(Key.Key_Down)
        raise AssertionError(f"{form} has no line in {name}")

    def _choose_cell(self, visit: str, form: str, occasion: str) -> None:
        """Go by arrows over the cells; those that the study leaves blank are passed."""
        table = self.hands.find("casebook_table")
        assert isinstance(table, QTableView)
        grid = table.model()
        assert isinstance(grid, CasebookGrid)
        rows, columns = range(grid.rowCount()), range(grid.columnCount())
        cells = {(row, column): grid.cell(grid.index(row, column)) for row in rows for column in columns}
        row, column = next(
            place
            for place, cell in cells.items()
            if cell is not None and (cell.key.visit.visit, cell.key.form, cell.key.repeat) == (visit, form, occasion)
        )
        start = table.currentIndex().column()
        bridge = next((one for one in rows if cells[one, start] is not None and cells[one, column] is not None), None)
        if bridge is not None:
            self._go_over(table, bridge, start)
            self._go_over(table, bridge, column)
        self._go_over(table, row, column)
        self._enter()

    def _go_over(self, table: QTableView, row: int, column: int) -> None:
        """Press an arrow until the cursor is in a line and a column."""
        while (here := table.currentIndex()).row() != row or here.column() != column:
            down, right = row - here.row(), column - here.column()
            if down:
                self.hands.press(Key.Key_Down if down > 0 else Key.Key_Up)
            else:
                self.hands.press(Key.Key_Right if right > 0 else Key.Key_Left)
            assert table.currentIndex() != here, f"arrows do not lead to line {row}, column {column}"

    def _enter(self) -> None:
        self.hands.press(Key.Key_Return)
        self.hands.settle()

    def _choose_action(self, name: str) -> None:
        """Choose in the menu that is open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in menu.actions():
            self.hands.press(Key.Key_Down)
            if menu.activeAction().objectName() == name:
                self._enter()
                return
        raise AssertionError(f"the menu does not offer {name}")

    # -- what is in front --------------------------------------------------------------------------------

    @property
    def page(self) -> FormPage:
        """The form in front."""
        return self.hands.form

    @property
    def view(self) -> FormView:
        """The form in front, as its page was told of it."""
        assert self.page.view is not None
        return self.page.view

    @property
    def sections(self) -> FormSections:
        """What of the form can be filled in."""
        assert self.page.sections is not None
        return self.page.sections

    def _open_places(self, answers: Answers) -> Iterator[ItemRow | QPushButton]:
        """Return what is still to be done, from top to bottom: items without answer, sections without a row."""
        open_rows: dict[str, list[ItemRow]] = {}
        for row in self.sections.in_order():
            settled = row.item.derivation is not None or row.path in self.typed
            if not settled and answers.given.get(row.item.name) != LEFT_OPEN:
                open_rows.setdefault(row.path.group, []).append(row)
        for name, section in self.sections.sections.items():
            if section.add is not None and section.add.isVisible() and not section.rows:
                yield section.add
            yield from open_rows.get(name, [])

    # -- filling in --------------------------------------------------------------------------------------

    def fill(self, answers: Answers) -> dict[ItemPath, str]:
        """Answer every item that is shown, add a row to every section that repeats; return what was answered.

        Enter leads on from item to item; to what came into sight behind, Tab leads.
        """
        self.typed = {}
        for _ in range(MOST_STEPS):
            place = next(self._open_places(answers), None)
            if place is None:
                return self.typed
            self.tab_to(place)
            if isinstance(place, ItemRow):
                text = answers.to(place.item)
                self.typed[place.path] = text
                self.answer(place, text)
                self.hands.settle()
                reading = self.view.item(place.path).reading
                assert reading == reading_of(text), f"{place.path} took {text} as {reading}"
            else:
                self.hands.press(Key.Key_Space)
                self.hands.settle()
        raise AssertionError("the form never ends")

    def tab_to_control(self, control: QWidget) -> None:
        """Press Tab until a control has the focus."""
        for _ in range(MOST_STEPS):
            if control.hasFocus():
                return
            self.hands.press(Key.Key_Tab)
        raise AssertionError(f"Tab never reaches {control.objectName()}")

    def tab_to(self, place: QWidget) -> None:
        """Press Tab, or Shift and Tab, until the focus is in a row or on a button; which way, the eye sees."""
        stops = [one for one in self.page.findChildren(QWidget) if one is place or isinstance(one, ItemRow)]
        stops.sort(key=lambda one: one.mapTo(self.page, QPoint()).y())
        here = next((at for at, one in enumerate(stops) if holds_focus(one)), -1)
        back = here > stops.index(place)
        for _ in range(MOST_STEPS):
            if holds_focus(place) and not _stands_at_unit(place):
                return
            key, shift = (Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier) if back else (Key.Key_Tab, _NONE)
            self.hands.press(key, shift)
        raise AssertionError(f"Tab never reaches {place.objectName()}; it stands at {focused_widget()}")

    def answer(self, row: ItemRow, text: str) -> None:
        """Answer the item that has the focus by keys, and go on."""
        if text.startswith("!"):
            self._choose_missing(row, text[1:])
        else:
            self._answer_in(row.editor, text)

    def _choose_missing(self, row: ItemRow, code: str) -> None:
        self.hands.press(Key.Key_M, Qt.KeyboardModifier.AltModifier)
        self._choose_action(f"missing={code}")
        self.hands.come_to_front()
        assert holds_focus(row), f"{row.path} has lost the focus to {focused_widget()}"
        if row.item.need is not Need.OPTIONAL:
            self.hands.write("1")  # the first of the common reasons why there is no value
        elif not isinstance(row.editor, ParagraphEditor):
            self.hands.press(Key.Key_Return)

    def _answer_in(self, editor: ItemEditor, text: str) -> None:
        match editor:
            case ChoiceEditor():
                self._choose(editor, text)
            case ListEditor():
                self._search(editor, text)
            case TicksEditor():
                self._tick(editor, text.split())
            case TwiceEditor():
                self._answer_in(editor.first, text)
                self.hands.settle()
                self._answer_in(editor.second, text)
            case ParagraphEditor():
                self.hands.write(text)
                self.hands.press(Key.Key_Tab)
            case _:
                self.hands.write(_as_typed(editor.item, text))
                self.hands.press(Key.Key_Return)

    def _choose(self, editor: ChoiceEditor, code: str) -> None:
        """Choose a code by its own key, or else by moving to it and Space; Enter goes on."""
        values = [button.code.value for button in editor.buttons]
        key = _key_of(values, code)
        before = focused_widget()
        if key:
            self.hands.write(key)
        else:
            for _ in range(values.index(code)):
                self.hands.press(Key.Key_Right)
            before = focused_widget()
            self.hands.press(Key.Key_Space)
        self.hands.settle()
        if (before is not None and focused_widget() is before) or holds_focus(editor):
            self.hands.press(Key.Key_Return)

    def _search(self, editor: ListEditor, code: str) -> None:
        self.hands.write(editor.combo.itemText(editor.combo.findData(code)))
        self.hands.press(Key.Key_Return)  # closes the suggestions
        self.hands.come_to_front()
        self.hands.settle()
        self.hands.press(Key.Key_Return)

    def _tick(self, editor: TicksEditor, codes: list[str]) -> None:
        left = list(codes)
        for tick in editor.ticks:
            value = tick.objectName().rpartition("=")[2]
            while not tick.hasFocus():
                assert holds_focus(editor), f"Tab never reaches {tick.objectName()}"
                self.hands.press(Key.Key_Tab)
            if value in left:
                self.hands.press(Key.Key_Space)
                left.remove(value)
            if not left:
                break
        self.hands.settle()
        self.hands.press(Key.Key_Return)

    # -- ending ------------------------------------------------------------------------------------------

    def save_and_complete(self) -> None:
        """Save by key, and mark the form complete by key."""
        self.hands.control(Key.Key_S)
        self.hands.settle()
        self.tab_to(self.hands.find("form_complete"))
        self.hands.press(Key.Key_Space)
        self.hands.settle()

    def kept(self, key: FormKey) -> FormView:
        """Return a form as the session holds it."""
        return self.ask(partial(self.session.form, key))


_NONE = Qt.KeyboardModifier.NoModifier
_TIME_LENGTH = len("2026-03-01T14:30")


def _as_typed(item: Item, text: str) -> str:
    """Return what is typed for a canonical value; units beside the field are left as they are."""
    match item.data_type:
        case DataType.DATETIME:
            return text[:_TIME_LENGTH].replace("T", " ")
        case DataType.QUANTITY:
            number, _, unit = text.partition(" ")
            return text if item.units and unit != item.units[0].unit else number
        case _:
            return text


def _key_of(values: list[str], code: str) -> str:
    """Return the key that chooses a code, or "" where only moving to it does."""
    if len(code) == 1 and (code.isascii()):
        return code
    place = str(values.index(code) + 1)
    return place if len(place) == 1 and not any(value.isdigit() for value in values) else ""
