"""Looks at a standing window as people look who need it said, larger, darker or without a mouse.

Contrast is computed from what is drawn, at twice the size, so that a stroke has a middle in its own colour.

Source: WCAG 2.2, 1.3.2 (reading order), 1.4.3 and 1.4.11 (contrast), 2.1.2 (no trap), 2.4.3 (focus order), 2.5.8
(targets of 24 by 24), 4.1.2 (names and roles).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from PySide6.QtCore import (
    QAbstractAnimation,
    QAbstractListModel,
    QModelIndex,
    QPoint,
    QPropertyAnimation,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QImage, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QToolButton,
    QWidget,
)

from desktop_app.widgets.focus import is_stop

TEXT, PARTS = 4.5, 3.0
"""The least contrast of text, and of what tells a control or a state."""
SMALLEST = 24
FRAME = "workplace"
"""What holds rail, page and foot line."""
OVER = ("palette", "help")
"""What lies over a page."""
ENLARGED = 2
ALIKE = 0xF8F8F8
"""Colours that differ less are one: the edges of a shape that was scaled are all a little different."""
ENOUGH = 6
"""How many dots of a colour make it one that is seen; fewer are the edges of letters."""


# -- names, order, targets, room -----------------------------------------------------------------------------


def nameless(window: QWidget) -> list[str]:
    """Return what takes the keyboard and has no accessible name."""
    found = []
    for interface in _interfaces(QAccessible.queryAccessibleInterface(window)):
        state = interface.state()
        reached = state.focusable and not state.invisible and not state.disabled
        if reached and not interface.text(QAccessible.Text.Name).strip():
            found.append(f"{type(interface.object()).__name__} {interface.object().objectName()}")
    return found


def _interfaces(top: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    for place in range(top.childCount()):
        child = top.child(place)
        if child is not None:
            yield child
            if child.role() not in {QAccessible.Role.Table, QAccessible.Role.List}:
                yield from _interfaces(child)


def shown(window: QWidget) -> list[QWidget]:
    """Return the widgets of which something can be seen; over a page that lies under something, what lies over it."""
    over = [one for name in OVER for one in window.findChildren(QWidget, name) if one.isVisible()]
    inside = (over[0] if over else window).findChildren(QWidget)
    return [one for one in inside if one.isVisible() and not one.visibleRegion().isEmpty()]


def small_targets(window: QWidget) -> list[str]:
    """Return the buttons that are smaller than a target may be."""
    buttons = [one for one in shown(window) if isinstance(one, QAbstractButton) and _is_met(one)]
    return [_name(one) for one in buttons if min(one.width(), one.height()) < SMALLEST]


def _is_met(one: QAbstractButton) -> bool:
    """Tell whether a button can be met; what clears a field has keys that do the same (2.5.8, Equivalent)."""
    return one.isEnabled() and not isinstance(one.parentWidget(), QLineEdit)


def cut_off(window: QWidget) -> list[str]:
    """Return the texts of labels and buttons that have less room than they need, and pages that scroll sideways."""
    found = []
    for one in shown(window):
        if isinstance(one, QLabel) and one.text() and one.textFormat() is not Qt.TextFormat.RichText:
            need = one.heightForWidth(one.width()) if one.wordWrap() else one.sizeHint().height()
            if need > one.height() or (not one.wordWrap() and one.sizeHint().width() > one.width()):
                found.append(one.text())
        elif isinstance(one, QAbstractButton) and one.text() and one.sizeHint().width() > one.width():
            found.append(one.text())
        elif isinstance(one, QScrollArea) and one.horizontalScrollBar().maximum():
            found.append(f"{_name(one)} scrolls sideways")
    return found


def rivals(window: QWidget) -> list[str]:
    """Return the buttons that each want to be the one next action of a screen; nothing where there is one."""
    primary = [one for one in shown(window) if one.property("role") == "primary"]
    return [_name(one) for one in primary] if len(primary) > 1 else []


def moving(window: QWidget) -> list[str]:
    """Return what moves by itself: animations that run, of ours or of the style. A fade in one place moves nothing."""
    run = (*QApplication.style().findChildren(QAbstractAnimation), *window.findChildren(QAbstractAnimation))
    fades = [one for one in run if isinstance(one, QPropertyAnimation) and one.propertyName() == b"opacity"]
    running = [one for one in run if one.state() is QAbstractAnimation.State.Running and one not in fades]
    return [type(one).__name__ for one in running]


# -- order ---------------------------------------------------------------------------------------------------


def misread(window: QWidget) -> list[str]:
    """Return what a screen reader, which goes through the parts in their order, meets before what stands before it."""
    found = []
    for parent in (window, *window.findChildren(QWidget)):
        if parent.isVisible() and parent.layout() is not None and not isinstance(parent, QLineEdit | QComboBox):
            parts = [one for one in parent.children() if isinstance(one, QWidget) and _is_part(one)]
            for before, after in pairwise(parts):
                if _stands_before(after.geometry(), before.geometry()):
                    found.append(f"{_name(after)} is met after {_name(before)}")
    return found


def _is_part(one: QWidget) -> bool:
    drawn_over = one.objectName() in OVER or one.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return one.isVisible() and not one.isWindow() and not drawn_over and not one.size().isEmpty()


def _stands_before(one: QRect, other: QRect) -> bool:
    """Tell whether an area lies above another one, unless in a column further right, or left of it in one line."""
    above = one.bottom() < other.top() and one.left() <= other.right()
    return above or (one.right() < other.left() and one.top() <= other.bottom())


def misled(window: QWidget, press: Callable[[], None]) -> list[str]:
    """Go round by Tab; return what it never comes to, where it jumps back, and whether it comes round at all.

    `press` presses Tab. Where one goes from part to part of the window, such as from the page to the rail, nothing
    stands before anything else. The focus is put back.
    """
    began, stops = window.focusWidget(), list[QWidget]()
    now = _pressed(window, press)
    while now is not None and now not in stops:
        stops.append(now)
        now = _pressed(window, press)
    if began is not None:
        began.setFocus()
    if now is None:
        return ["Tab leads nowhere"]
    if now is not stops[0]:
        return [f"Tab never comes back to {_name(stops[0])}, but to {_name(now)}"]
    over = [one for name in OVER for one in window.findChildren(QWidget, name) if one.isVisible()]
    inside = (over[0] if over else window).findChildren(QWidget)
    missed = [f"Tab never comes to {_name(one)}" for one in inside if is_stop(one, window) and one not in stops]
    jumps = [(one, after) for one, after in pairwise(stops) if _jumps_back(one, after)]
    frame = window.findChild(QWidget, FRAME)
    round_once = 0 if frame is not None and frame.isVisible() and not over else 1
    return missed + [f"Tab jumps back from {_name(one)} to {_name(after)}" for one, after in jumps[round_once:]]


def _pressed(window: QWidget, press: Callable[[], None]) -> QWidget | None:
    press()
    return window.focusWidget()


def _jumps_back(one: QWidget, after: QWidget) -> bool:
    """Tell whether a stop stands before the one from which Tab came, in what holds both, unless that is the frame."""
    around = _up(one)
    up = _up(after)
    shared = next(holder for holder in around if holder in up)
    if shared.objectName() == FRAME or shared in {one, after}:
        return False
    first, second = (chain[chain.index(shared) - 1].geometry() for chain in (around, up))
    return _stands_before(second, first)


def _up(one: QWidget) -> list[QWidget]:
    """Return a widget and what holds it, up to the window."""
    chain = [one]
    while (holder := chain[-1].parentWidget()) is not None:
        chain.append(holder)
    return chain


# -- contrast ------------------------------------------------------------------------------------------------


def faint(window: QWidget) -> list[str]:
    """Return the texts that are drawn too faintly, with their contrast."""
    picture = QImage(window.size() * ENLARGED, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ENLARGED)
    window.render(
        picture, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
    )
    picture.setDevicePixelRatio(1)
    found = []
    for name, area, least in _texts(window):
        contrast = _contrast(picture, area)
        if contrast is not None and contrast < least:
            found.append(f"{name}: {contrast:.1f}")
    return found


def _texts(window: QWidget) -> Iterator[tuple[str, QRect, float]]:
    """Return where a text is seen, with what it says; what is disabled may be faint."""
    for one in shown(window):
        if not one.isEnabled():
            continue
        if isinstance(one, QAbstractItemView):
            yield from _cells(one, window)
        elif one.visibleRegion().boundingRect() != one.rect():
            continue  # of a control that is scrolled out of sight in part its edge alone may be seen
        elif isinstance(one, QLabel | QAbstractButton) and one.text().strip():
            alone = isinstance(one, QToolButton) and one.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
            yield (
                (f"icon of {one.text()}", _seen(one, window), PARTS)
                if alone
                else (one.text(), _seen(one, window), TEXT)
            )
        elif isinstance(one, QAbstractButton) and one.icon().isNull() and one.accessibleName():
            yield one.accessibleName(), _seen(one, window), TEXT  # it draws its words itself: a grade, a region
        elif isinstance(one, QLineEdit | QComboBox | QPlainTextEdit | QTextEdit):
            yield _name(one), _seen(one, window).adjusted(6, 6, -6, -6), TEXT


def _cells(view: QAbstractItemView, window: QWidget) -> Iterator[tuple[str, QRect, float]]:
    model = view.model()
    if isinstance(view, QHeaderView):
        return
    port, columns = view.viewport(), 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for row in range(min(model.rowCount(), 12)):
        for column in range(columns):
            index = model.index(row, column)
            area = view.visualRect(index) & port.visibleRegion().boundingRect()
            if _said(index) and area.height() > SMALLEST and area.width() > SMALLEST:
                yield _said(index), QRect(port.mapTo(window, area.topLeft()), area.size()).adjusted(3, 3, -3, -3), TEXT


def _said(index: QModelIndex) -> str:
    flags = index.flags()
    return str(index.data() or "").strip() if flags & Qt.ItemFlag.ItemIsEnabled else ""


def _seen(one: QWidget, window: QWidget) -> QRect:
    area = one.visibleRegion().boundingRect()
    return QRect(one.mapTo(window, area.topLeft()), area.size())


def _contrast(picture: QImage, area: QRect) -> float | None:
    """Return the contrast of the strongest colour in an area with its ground; None where nothing is drawn."""
    size = QSize(area.width(), area.height()) * ENLARGED
    part = picture.copy(QRect(area.topLeft() * ENLARGED, size))
    if part.isNull():
        return None
    colours = Counter(one & ALIKE for one in memoryview(part.constBits()).cast("I"))
    ground, _ = colours.most_common(1)[0]
    strong = [_ratio(ground, one) for one, count in colours.items() if count >= ENOUGH and one != ground]
    return max(strong, default=None)


def _ratio(first: int, second: int) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: int) -> float:
    shade = QColor.fromRgb(colour)
    red, green, blue = (_linear(part / 255) for part in (shade.red(), shade.green(), shade.blue()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _name(one: QWidget) -> str:
    text = one.property("text")
    return f"{type(one).__name__} {one.objectName()} {text or ''}".strip()
