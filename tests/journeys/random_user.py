"""A user who does anything that a user may do: keys, clicks and the wheel, chosen by a seed.

Each step is one valid action where the user stands. What the windows said was kept is noted, so that it can be
looked for afterwards where it has to be.
"""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMenu, QPushButton, QTableView, QWidget

from casebook.design import CodeList
from casebook.entry import display
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.practice import PracticeStudy
from desktop_app.snapshots import FormView, Mark
from desktop_app.vault import Laptop
from desktop_app.widgets.choice_editors import ChoiceEditor, ListEditor, TicksEditor
from desktop_app.widgets.ink import InkEditor
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.twice import TwiceEditor
from desktop_app.windows.casebook import CasebookPage
from desktop_app.windows.entry_page import EntryPage
from desktop_app.windows.form import FormPage
from desktop_app.windows.paper import PaperPage
from desktop_app.windows.queries import QueriesPage
from desktop_app.windows.scorer import ScorerPage
from tests.journeys.agreement import Kept, Noted, compare, hold, items_of
from tests.journeys.random_hands import ALT, CONTROL, NONE, SHIFT, RandomHands
from tests.journeys.random_values import NO_VALUES, SCORED, WORDS, report_of, value_of
from tests.laptops import PASSPHRASE

MOST_SUBJECTS = 4
MOST_PAGES = 8
"""So often a form is read on before it is signed."""

Here = Callable[[], bool]


class RandomUser(RandomHands):
    """Two people who take turns on one laptop, and do at random what they may."""

    def __init__(self, qt: QApplication, laptop: Laptop, network: PracticeStudy, seed: int) -> None:
        """Open the application; it stands at the unlock page, in English."""
        super().__init__(qt, laptop, network, seed)
        self._subjects = 0
        self._acts: tuple[tuple[int, Here, Callable[[], str]], ...] = (
            (300, partial(self._stands_on, FormPage), self._answer),
            (30, partial(self._stands_on, FormPage), self._miss),
            (40, self._is_asked, self._give_reason),
            (30, partial(self._stands_on, FormPage), self._press_in_form),
            (12, partial(self._stands_on, FormPage), self._rows_of_a_log),
            (12, partial(self._stands_on, FormPage), self._ask_a_query),
            (12, self._has_a_grid, self._paste_results),
            (120, partial(self._stands_on, ScorerPage), self._score),
            (160, partial(self._stands_on, CasebookPage), self._open_a_form),
            (20, partial(self._stands_on, CasebookPage), self._press_in_casebook),
            (30, partial(self._stands_on, CasebookPage), self._begin_an_event),
            (8, partial(self._stands_on, CasebookPage), self._sign),
            (30, partial(self._stands_on, PaperPage), self._choose_a_paper),
            (40, partial(self._stands_on, QueriesPage), self._answer_a_query),
            (40, self._is_in, self._open_a_subject),
            (6, self._is_in, self._add_a_subject),
            (20, self._is_in, self._go_to_a_place),
            (15, self._is_in, self._find),
            (8, self._is_in, self._help),
            (20, self._is_in, self._go_back),
            (6, self._is_in, self._tab),
            (25, self._is_in, self._press_a_button),
            (8, self._is_in, self._wheel),
            (9, self._is_in, self._lock),
            (12, self._is_in, self._synchronise),
            (4, self._is_in, self._switch_language),
            (2, self._is_in, self._switch_theme),
            (6, self._is_in, self._resize),
            (6, self._is_in, self._cut_or_mend_the_wire),
        )

    # -- a step ----------------------------------------------------------------------------------------------

    def step(self) -> str:
        """Do one thing; returns what, in words that are the same for the same seed."""
        if not self._is_in():
            said = self._sign_in()
        else:
            fitting = [(weight, act) for weight, here, act in self._acts if here()]
            (_, act) = self._chance.choices(fitting, [weight for weight, _ in fitting])[0]
            said = act()
        self.settle()
        self._close_what_is_open()
        self.told.steps.append(said)
        self._note()
        return said

    # -- subjects and casebook ---------------------------------------------------------------------------------

    def _add_a_subject(self) -> str:
        if self._subjects >= MOST_SUBJECTS:
            return self._open_a_subject()
        self._subjects += 1
        self.control(Qt.Key.Key_2)
        self.settle()
        self.control(Qt.Key.Key_N)
        return "add a subject"

    def _open_a_subject(self) -> str:
        if not self._subjects:
            return self._add_a_subject()
        self.control(Qt.Key.Key_2)
        self.settle()
        table = self.find("subjects_table")
        assert isinstance(table, QTableView)
        row = self._one(table.model().rowCount())
        self._click_cell(table, row, 0)
        return f"subject {row}"

    def _open_a_form(self) -> str:
        if not self.shows("casebook_table"):
            self.press(Qt.Key.Key_PageDown, CONTROL)
            return "next board"
        table = self.find("casebook_table")
        assert isinstance(table, QTableView)
        grid = table.model()
        assert isinstance(grid, CasebookGrid)
        places = [
            (row, column)
            for row in range(grid.rowCount())
            for column in range(grid.columnCount())
            if grid.cell(grid.index(row, column)) is not None
        ]
        row, column = places[self._one(len(places))]
        cell = grid.cell(grid.index(row, column))
        assert cell is not None
        self._click_cell(table, row, column)
        return f"form {cell.key.form} at {cell.key.visit.visit}"

    def _press_in_casebook(self) -> str:
        name, modifier = self._chance.choice(
            (
                (Qt.Key.Key_PageDown, CONTROL),
                (Qt.Key.Key_PageUp, CONTROL),
                (Qt.Key.Key_T, CONTROL),
                (Qt.Key.Key_T, CONTROL | SHIFT),
                (Qt.Key.Key_P, CONTROL),
                (Qt.Key.Key_H, ALT | SHIFT),
                (Qt.Key.Key_Return, NONE),
                (Qt.Key.Key_Right, NONE),
                (Qt.Key.Key_Down, NONE),
            )
        )
        self.press(name, modifier)
        return f"{name.name} in the casebook"

    def _begin_an_event(self) -> str:
        event = self._chance.random() < 0.6
        self.control(Qt.Key.Key_N if event else Qt.Key.Key_U)
        QApplication.processEvents()
        menu: object = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            return "no event"
        place = self._one(len(menu.actions()))
        for _ in range(place + 1):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        return f"event {place}"

    def _sign(self) -> str:
        """Sign what may be signed, read to its end, where the person may; the passphrase is wrong now and then."""
        self.press(Qt.Key.Key_S, CONTROL | SHIFT)
        self.settle()
        if not self.shows("signing_user"):
            return "nothing to sign"
        for _ in range(MOST_PAGES):
            self.press(Qt.Key.Key_PageDown)
            self.settle()
        self.type("signing_user", self.person)
        self.press(Qt.Key.Key_Tab)
        self.write(PASSPHRASE if self._chance.random() < 0.8 else "not this one")
        self.press(Qt.Key.Key_Return)
        return "sign"

    def _choose_a_paper(self) -> str:
        papers = self.find("paper_list")
        assert isinstance(papers, QListWidget)
        if not papers.count():
            return "no paper"
        place = self._one(papers.count())
        QTest.mouseClick(
            papers.viewport(), Qt.MouseButton.LeftButton, NONE, papers.visualItemRect(papers.item(place)).center()
        )
        return f"paper {place}"

    def _answer_a_query(self) -> str:
        self.press(Qt.Key.Key_A, ALT)
        self.settle()
        if self._line_of_words():
            self.write(self._chance.choice(WORDS))
            self.press(Qt.Key.Key_Return)
        return "answer a query"

    # -- in a form -----------------------------------------------------------------------------------------------

    def _open_rows(self) -> list[ItemRow]:
        rows = self.rows().values()
        return [row for row in rows if row.view is not None and row.view.editable and row.item.derivation is None]

    def _answer(self) -> str:
        rows = self._open_rows()
        if not rows:
            return self._go_back()
        unanswered = [row for row in rows if not row.editor.raw()]
        some = unanswered if unanswered and self._chance.random() < 0.75 else rows
        row = some[self._one(len(some))]
        said = self._enter(row)
        self.settle()
        if self._chance.random() < 0.8:
            self._give_reason_at(row)
        return f"{row.item.oid} {said}"

    def _enter(self, row: ItemRow) -> str:
        editor = row.editor
        match editor:
            case ChoiceEditor():
                button = editor.buttons[self._one(len(editor.buttons))]
                self._touch(button)
                return button.code.value
            case TicksEditor():
                place = self._one(len(editor.ticks))
                self._tick(editor.ticks[place])
                return f"tick {place}"
            case ListEditor():
                line = editor.combo.lineEdit()
                place = 1 + self._one(editor.combo.count() - 1)
                self._touch(line)
                self.control(Qt.Key.Key_A)
                self._choose_in(editor.combo, str(editor.combo.itemData(place)))
                return f"line {place}"
            case InkEditor():
                self.sign(editor)
                return "ink"
            case TwiceEditor():
                if isinstance(editor.first, ChoiceEditor):
                    return self._enter_choice_twice(editor)
                text = value_of(row.item, self._chance)
                self._touch(editor.input())
                self._answer_once(editor, text)
                self._answer_once(editor, text)
                return text
            case _:
                text = (
                    value_of(row.item, self._chance) if self._chance.random() < 0.93 else self._chance.choice(NO_VALUES)
                )
                self._touch(editor.input())
                self.control(Qt.Key.Key_A)
                self.write(text)
                self.press(Qt.Key.Key_Return if self._chance.random() < 0.7 else Qt.Key.Key_Tab)
                return text

    def _enter_choice_twice(self, editor: TwiceEditor) -> str:
        assert isinstance(editor.first, ChoiceEditor)
        place = self._one(len(editor.first.buttons))
        self._touch(editor.first.buttons[place] if editor.first.isVisible() else editor.restart)
        if isinstance(editor.second, ChoiceEditor) and editor.second.isVisible():
            self._touch(editor.second.buttons[place])
        return f"twice {place}"

    def _is_asked(self) -> bool:
        return self._stands_on(FormPage) and any(row.asking() is not None for row in self.rows().values())

    def _give_reason(self) -> str:
        asked = [row for row in self.rows().values() if row.asking() is not None]
        row = asked[self._one(len(asked))]
        return f"{row.item.oid} {self._give_reason_at(row)}"

    def _give_reason_at(self, row: ItemRow) -> str:
        panel = row.panel
        if panel is None or row.asking() is None:
            return "without a reason"
        how = self._chance.random()
        if how < 0.6 and panel.buttons:
            place = self._one(len(panel.buttons))
            self._touch(panel.buttons[place])
            return f"reason {place}"
        if how < 0.85:
            words = self._chance.choice(WORDS)
            self._touch(panel.words)
            self.write(words)
            self.press(Qt.Key.Key_Return)
            return f"reason {words}"
        self._touch(panel.cancel)
        return "reason taken back"

    def _miss(self) -> str:
        rows = [row for row in self._open_rows() if row.item.missing_codes]
        if not rows:
            return "nothing to miss"
        row = rows[self._one(len(rows))]
        self._touch(row.mark)
        menu: object = QApplication.activePopupWidget()
        if not isinstance(menu, QMenu):
            return f"no menu at {row.item.oid}"
        place = self._one(len(row.item.missing_codes))
        for _ in range(place + 1):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)
        self.settle()
        return f"{row.item.oid} missing {place} {self._give_reason_at(row)}"

    def _press_in_form(self) -> str:
        name, modifier = self._chance.choice(
            (
                (Qt.Key.Key_Z, CONTROL),
                (Qt.Key.Key_Z, CONTROL),
                (Qt.Key.Key_S, CONTROL),
                (Qt.Key.Key_J, CONTROL),
                (Qt.Key.Key_F8, NONE),
                (Qt.Key.Key_F9, NONE),
                (Qt.Key.Key_H, ALT),
                (Qt.Key.Key_H, ALT | SHIFT),
                (Qt.Key.Key_M, CONTROL),
                (Qt.Key.Key_A, ALT),
                (Qt.Key.Key_Escape, NONE),
                (None, NONE),
            )
        )
        if name is not None:
            self.press(name, modifier)
            return f"{name.name} in the form"
        if self.shows("form_complete") and self.find("form_complete").isEnabled():
            self.click("form_complete")
        return "mark complete"

    def _rows_of_a_log(self) -> str:
        name = self._chance.choice((Qt.Key.Key_Insert, Qt.Key.Key_Insert, Qt.Key.Key_Delete, Qt.Key.Key_Down))
        self.control(name)
        self.settle()
        if name is Qt.Key.Key_Delete and isinstance(self.window.focusWidget(), QWidget):
            self.write("1")
        return f"rows {name.name}"

    def _has_a_grid(self) -> bool:
        return self._stands_on(FormPage) and bool(self._paste_buttons())

    def _paste_buttons(self) -> list[QPushButton]:
        buttons = self.window.findChildren(QPushButton)
        return [one for one in buttons if one.isVisible() and one.objectName().startswith("paste.")]

    def _paste_results(self) -> str:
        QApplication.clipboard().setText(report_of(self._chance))
        buttons = self._paste_buttons()
        self._touch(buttons[self._one(len(buttons))])
        self.settle()
        takes = self._chance.random() < 0.7
        self.press(Qt.Key.Key_Return if takes else Qt.Key.Key_Escape)
        return f"paste {takes}"

    def _ask_a_query(self) -> str:
        self.press(Qt.Key.Key_Q, ALT)
        self.settle()
        if self._line_of_words():
            self.write(self._chance.choice(WORDS))
            self.press(Qt.Key.Key_Return)
        return "ask a query"

    def _line_of_words(self) -> bool:
        line: object = self.window.focusWidget()
        return isinstance(line, QLineEdit) and line.objectName().endswith("_line")

    def _score(self) -> str:
        if self._chance.random() < 0.8:
            grade = self._chance.choice(SCORED)
            self.write(grade)
            return f"score {grade}"
        name = self._chance.choice(
            (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_F9, Qt.Key.Key_M, Qt.Key.Key_T)
        )
        self.press(name)
        return f"{name.name} in the scorer"

    # -- what the windows say ------------------------------------------------------------------------------------

    def _note(self) -> None:
        """Note what stands newly in the form in front, and hold the screen against the record."""
        page = self._front()
        if not isinstance(page, EntryPage) or page.view is None:
            return
        fresh = self._asked(page)
        compare(page.view, fresh)
        code_lists = page.port.design.code_lists
        if isinstance(page, FormPage):
            for path, row in self.rows().items():
                if not row.is_busy:
                    hold(row, fresh.item(path), code_lists, self.application.translations.language)
        self._take(fresh, code_lists)

    def _asked(self, page: EntryPage) -> FormView:
        """Return what the record says of the form in front, asked on the thread that owns it."""
        assert page.view is not None
        heard: list[FormView] = []
        self.application.background.run(partial(page.port.form, page.view.key), then=heard.append)
        self.settle()
        return heard[0]

    def _take(self, view: FormView, code_lists: Mapping[str, CodeList]) -> None:
        now: Noted = {}
        for item in items_of(view):
            now[item.path] = item.reading
        before = self.told.forms.get(view.key)
        for item in items_of(view) if before is not None else ():
            entered = item.item.derivation is None and item.mark in {Mark.KEPT, Mark.RECORDED}
            if before is not None and entered and before.get(item.path) != item.reading and not item.reading.is_empty:
                codes = code_lists.get(item.item.code_list or "")
                shown = display(item.item, codes, item.reading, "en", offset_minutes=item.offset_minutes)
                self.told.kept.append(Kept(len(self.told.steps), view.key, item.path, shown))
        self.told.forms[view.key] = now
