"""Ways to a form and around in it, by the keys and clicks that a user has."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTableView, QWidget

from casebook.ids import SubjectId
from casebook.records import FormKey, VisitKey
from desktop_app.models.casebook_grid import CasebookGrid
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.marks import MarkButton
from tests.desktop_app.hands import Hands

COORDINATOR, INVESTIGATOR, ASSESSOR = 0, 1, 2
NEVER = 100
"""More steps of Tab than any form needs."""


def open_casebook(hands: Hands, person: int = COORDINATOR) -> None:
    """Sign in, add a subject, open its casebook."""
    hands.unlock(place=person)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def open_form(hands: Hands, form: str, *, visit: str = "SE.V1", repeat: str = "") -> None:
    """Put the casebook's cursor on a form and open it, a scale as a list."""
    table = hands.find("casebook_table")
    assert isinstance(table, QTableView)
    grid = table.model()
    assert isinstance(grid, CasebookGrid)
    key = FormKey(subject=subject_of(hands), visit=VisitKey(visit=visit), form=form, repeat=repeat)
    table.setFocus()
    table.setCurrentIndex(grid.place(key))
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    if hands.shows("scorer_as_list"):
        hands.press(Qt.Key.Key_F9)
        hands.settle()
    assert hands.shows("form_title")


def subject_of(hands: Hands) -> SubjectId:
    """Return the subject whose casebook is open."""
    workplace = hands.application.workplace
    assert workplace is not None
    view = workplace.casebook._view  # noqa: SLF001 - the subject's id is shown nowhere
    assert view is not None
    return view.subject


def go_to(hands: Hands, oid: str) -> None:
    """Press Tab until an item has the focus."""
    for _ in range(NEVER):
        focused = focused_widget()
        if focused is not None and focused.objectName().split("=")[0] == oid:
            return
        hands.press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never reaches {oid}; it stands at {focused_widget()}")


def enter(hands: Hands, oid: str, text: str) -> None:
    """Go to an item by Tab, type, and leave it by Enter."""
    go_to(hands, oid)
    QTest.keyClicks(hands.window.focusWidget(), text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def strike_keys(hands: Hands, keys: str) -> None:
    """Strike keys one after the other where the focus is, and let each be kept."""
    for key in keys:
        QTest.keyClicks(hands.window.focusWidget(), key)
        hands.settle()


def choose(hands: Hands, oid: str, code: str) -> None:
    """Click the button of a code."""
    bring_into_sight(hands, f"{oid}={code}")
    hands.click(f"{oid}={code}")
    hands.settle()


def bring_into_sight(hands: Hands, name: str) -> None:
    """Scroll to a widget, as the wheel would."""
    workplace = hands.application.workplace
    assert workplace is not None
    for page in (workplace.form, workplace.consent):
        if page.isVisible() and page.sections is not None:
            page.sections.ensureWidgetVisible(hands.find(name))
            QApplication.processEvents()


def is_in_sight(one: QWidget) -> bool:
    """Tell whether all of a control is seen."""
    return one.visibleRegion().boundingRect() == one.rect()


def mark_of(hands: Hands, oid: str) -> str:
    """Return the word beside an item."""
    mark = hands.find(f"mark.{oid}")
    assert isinstance(mark, MarkButton)
    return mark.text()


def sentences(hands: Hands, oid: str) -> list[str]:
    """Return everything that is said in an item's row, its own label aside."""
    return [label.text() for label in hands.find(f"row.{oid}").findChildren(QLabel) if label.isVisible()][1:]


def draw(pad: QWidget, strokes: int = 3, points: int = 12) -> None:
    """Draw strokes with the mouse."""
    for stroke in range(strokes):
        start = QPoint(30 + 60 * stroke, 60)
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=start)
        for step in range(points):
            QTest.mouseMove(pad, start + QPoint(3 * step, 10 * (step % 3)))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 5))
    QApplication.processEvents()
