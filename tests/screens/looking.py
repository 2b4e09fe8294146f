"""Looks at a standing window as people look who need it said, larger, darker or without a mouse.

Contrast is computed from what is drawn, at twice the size, so that a stroke has a middle in its own colour.

Source: WCAG 2.2, 1.4.3 and 1.4.11 (contrast), 2.4.3 (focus order), 2.5.8 (targets of 24 by 24), 4.1.2 (names).
"""

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QColor, QImage, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QWidget,
)

TEXT, PARTS = 4.5, 3.0
"""The least contrast of text, and of what tells a control or a state."""
SMALLEST = 24
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
        elif isinstance(one, QLineEdit | QComboBox):
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
