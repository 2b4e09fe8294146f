"""Ctrl+K in a session: what can be found there, and what happens when a line is chosen.

What is found comes from three sides: the study (which forms there are), the session (which subjects), and the helps
(what can be done on the page in front, and everywhere). The stock of the last time is shown at once and exchanged
when the store thread has answered. What was typed and what was chosen is kept nowhere but here.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QKeyCombination, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget

from casebook.design import Text
from casebook.errors import LANGUAGES
from casebook.ids import SubjectId
from casebook.records import FormKey
from desktop_app.background import Background
from desktop_app.finding import (
    Found,
    Kind,
    Known,
    KnownSubjects,
    Line,
    Stock,
    form_line,
    planned_forms,
    search,
    stock_of,
)
from desktop_app.guide import Guide
from desktop_app.help_texts import EVERYWHERE, Act, help_name, help_text
from desktop_app.phrases import clauses
from desktop_app.snapshots import CasebookView, SubjectRow
from desktop_app.theme import Look
from desktop_app.widgets.focus import focused_widget
from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import Page
from desktop_app.windows.palette import Palette
from desktop_app.windows.port import SessionPort
from desktop_app.windows.rail import PLACES
from desktop_app.workplace import Workplace

REMEMBERED = 24
"""How many chosen lines are remembered, the latest first."""
PLACE = "place_"
IN_TRAINING = {"practise": False, "leave_training": True}
"""What is offered with real data alone, and what in training alone."""


class Finder(QObject):
    """The search of one session."""

    def __init__(
        self, window: MainWindow, background: Background, session: SessionPort, workplace: Workplace, guide: Guide
    ) -> None:
        """Make the palette; `window.find_wanted` opens it."""
        super().__init__(workplace)
        self._guide = guide
        self._window = window
        self._background = background
        self._session = session
        self._workplace = workplace
        self._known = KnownSubjects()
        self._front: SubjectId | None = None
        self._own: tuple[Line, ...] = ()
        self._recent: list[str] = []
        self._stock: Stock | None = None
        self._then: tuple[str, str] | None = None
        self._does = self._what_it_does()
        self.palette = Palette(window.desk, below=window.band)
        self.palette.asked.connect(self._search)
        self.palette.chosen.connect(self._do)
        window.find_wanted.connect(self.open)
        window.front_changed.connect(self._arrived)
        workplace.locking.connect(self.palette.close_palette)
        workplace.destroyed.connect(self.palette.deleteLater)

    # -- what can be found -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the palette over the page in front; where it is open, close it."""
        front = self._window.page()
        subject = SubjectId(front.whereabouts().subject) if isinstance(front, Page) else SubjectId("")
        if subject and subject != self._front:
            self._front, self._own = subject, ()
        self._take_stock()
        self.palette.open_palette(self._workplace.language)
        if self.palette.is_open:
            self._background.run(partial(_ask, self._session, self._front, self._known), then=self._answered)

    def _answered(self, answer: "tuple[KnownSubjects, CasebookView | None]") -> None:
        self._known, view = answer
        self._own = tuple(_forms_of(view)) if view is not None else ()
        if self.palette.is_open:
            self._take_stock()
            self._search(self.palette.field.text())

    def _take_stock(self) -> None:
        front = self._window.page()
        here = tuple(self._lines_here(front)) if isinstance(front, Page) else ()
        lines = (*here, *self._lines_everywhere({one.label("en") for one in here}), *self._own)
        self._stock = stock_of(lines, self._known, planned_forms(self._session.design), self._front)

    def _search(self, typed: str) -> None:
        found = search(self._stock, typed, self._recent) if self._stock is not None else Found()
        self.palette.show_found(found)

    def _lines_here(self, page: Page) -> Iterator[Line]:
        """Return what can be done on the page in front: what is not shown there is left out, what is grey says why."""
        told = help_text(help_name(page))
        for act in told.acts if told is not None else ():
            control = page.findChild(QWidget, act.control) if act.control else None
            if act.control and (control is None or not control.isVisible()):
                continue
            why_not = None
            if control is not None and not control.isEnabled():
                said = control.accessibleDescription() or control.toolTip()
                why_not = _plain(said) if said and said != act.keys else NOT_NOW
            yield Line(
                id=f"here {help_name(page)} {act.label('en')}",
                kind=Kind.HERE,
                label=act.label,
                also=act.also,
                keys=act.keys,
                icon=act.icon,
                why_not=why_not,
                leads_to=act,
            )

    def _lines_everywhere(self, taken: set[str]) -> Iterator[Line]:
        """Return what can be done on every page, but for what the page in front has a line of its own."""
        told, person = help_text(EVERYWHERE), self._session.person
        for act in told.acts if told is not None else ():
            place = act.does.removeprefix(PLACE) if act.does.startswith(PLACE) else ""
            hidden = self._session.blinded and not act.blinded
            hidden = hidden or IN_TRAINING.get(act.does, self._session.training) is not self._session.training
            if hidden or act.label("en") in taken or (place and place not in PLACES):
                continue
            yield Line(
                id=f"everywhere {act.does}",
                kind=Kind.PLACE if place else Kind.ACT,
                label=act.label,
                also=act.also,
                keys=act.keys,
                icon=act.icon,
                why_not=person.refusals.get(act.needs),
                leads_to=act,
            )

    # -- what is done ----------------------------------------------------------------------------------------

    def _do(self, line: Line) -> None:
        if line.id in self._recent:
            self._recent.remove(line.id)
        self._recent = [line.id, *self._recent][:REMEMBERED]
        match line.leads_to:
            case FormKey() as key:
                self._workplace.jump_to_form(key)
            case str() as subject:
                self._workplace.open_casebook(subject)
            case Act() as act if line.kind is Kind.HERE:
                self._act_here(act)
            case Act() as act:
                self._does[act.does]()

    def _act_here(self, act: Act) -> None:
        page = self._window.page()
        if page is None:
            return
        control = page.findChild(QWidget, act.control) if act.control else None
        if isinstance(control, QPushButton) and control.menu() is not None:
            control.setFocus()
            control.showMenu()
        elif isinstance(control, QAbstractButton):
            control.setFocus()
            control.click()
        else:
            press(self._window, act.keys)

    def _what_it_does(self) -> dict[str, Callable[[], None]]:
        place, staff, custody = self._workplace, self._workplace.staff, self._workplace.custody
        oversight = self._workplace.oversight
        return {
            **{f"{PLACE}{one}": partial(place.open_place, one) for one in PLACES},
            "add_subject": partial(self._go_and_press, "subjects", "subjects_add"),
            "sync": place.sync,
            "lock": place.lock,
            "switch_user": place.switch_user,
            **{f"language_{one}": partial(place.language_wanted.emit, one) for one in LANGUAGES},
            **{f"look_{one}": partial(place.look_wanted.emit, one) for one in Look},
            "custody": custody.open_custody,
            "screening": place.open_screening_log,
            "audit": staff.open_audit,
            "papers": self._open_papers,
            **{one: partial(oversight.open_place, one) for one in ("signing", "review", "held")},
            "same": staff.open_pair,
            "bundle_out": partial(custody.open_bundles, reading=False),
            "bundle_in": partial(custody.open_bundles, reading=True),
            "export": place.open_export,
            "people": staff.open_people,
            "delegation": partial(staff.page_wanted.emit, staff.delegation),
            "roles": partial(staff.page_wanted.emit, staff.roles),
            "versions": place.open_versions,
            "passphrase": partial(self._go_and_press, "settings", "settings_old_passphrase"),
            "retire": custody.open_retiring,
            "guide": self._guide.open,
            "practise": self._window.practice_wanted.emit,
            "leave_training": self._leave_training,
            "help": self._window.help_wanted.emit,
        }

    def _leave_training(self) -> None:
        if self._window.band is not None:
            self._window.band.leave_wanted.emit()

    def _open_papers(self) -> None:
        known = next((one for one in self._known.known if one.subject == self._front), None)
        if known is not None:
            self._workplace.open_papers(known.subject, known.numbers[0])
        else:
            self._workplace.open_place("paper")

    def _go_and_press(self, place: str, control: str) -> None:
        """Lead to a place and, once it stands, press a button there or put the cursor into a field."""
        self._then = (place, control)
        self._workplace.open_place(place)
        self._arrived()

    def _arrived(self) -> None:
        self.palette.close_palette()
        if self._then is not None:
            QTimer.singleShot(0, self, self._go_on)  # the page has first to take the keyboard

    def _go_on(self) -> None:
        page = self._window.page()
        if self._then is None or page is None or help_name(page) != self._then[0]:
            return
        control = page.findChild(QWidget, self._then[1])
        self._then = None
        if isinstance(control, QAbstractButton):
            control.click()
        elif isinstance(control, QLineEdit):
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)


NOT_NOW = Text({"en": "not possible now", "zh": "目前不可用"})


def _plain(said: str) -> Text:
    return Text(dict.fromkeys(LANGUAGES, said))


def _ask(
    session: SessionPort, front: SubjectId | None, known: KnownSubjects
) -> tuple[KnownSubjects, CasebookView | None]:
    """Ask the session who is there, and for the forms of the subject in front. On the store thread."""
    subjects = tuple(map(_known, session.agenda.subjects().rows))
    fresh = known if subjects == known.known else KnownSubjects(subjects)
    there = front is not None and any(one.subject == front for one in subjects)
    return fresh, session.casebook(front) if front is not None and there else None


def _known(row: SubjectRow) -> Known:
    return Known(subject=row.subject, numbers=(row.number, *row.earlier, *row.also), status=row.status_label)


def _forms_of(view: CasebookView) -> Iterator[Line]:
    """Return the forms of a casebook that stand for themselves: those of its visits, its logs, its events."""
    for visit in view.visits:
        for cell in visit.cells:
            where = visit.short
            if cell.occasion is not None:
                occasion = cell.occasion
                where = Text({one: clauses(one, (visit.short(one), occasion(one))) for one in LANGUAGES})
            yield form_line(cell.key, cell.of or view.number, cell.label, where)
    for row in view.running:
        which = row.cell.occasion
        names = dict.fromkeys(LANGUAGES, "") if which is None else which.by_language
        said = Text({one: " ".join(part for part in (names[one], row.day) if part) for one in LANGUAGES})
        yield form_line(row.cell.key, row.cell.of or view.number, row.cell.label, said)


def press(window: QWidget, keys: str) -> None:
    """Do what a key does on the page in front: by its shortcut, else by the key itself where the keyboard is."""
    wanted = QKeySequence(keys)
    for shortcut in window.findChildren(QShortcut):
        owner = shortcut.parent()
        if isinstance(owner, QWidget) and owner.isVisible() and wanted in list(shortcut.keys()):
            shortcut.activated.emit()
            return
    combination = cast("Sequence[QKeyCombination]", wanted)[0]  # the stubs do not know that it is one
    event = QKeyEvent(QKeyEvent.Type.KeyPress, combination.key(), combination.keyboardModifiers())
    QApplication.sendEvent(focused_widget() or window, event)
