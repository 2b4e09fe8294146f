"""Where the focus is, and where Tab takes it.

Qt keeps one chain of all controls of a window in the order of their making. A form makes and hides
controls while it stands, and reordering the chain afterwards closes it to a loop in Qt 6.11 (measured;
docs/known_limits.md). So pages whose controls come and go ask here, in the order of the eye.
"""

from collections.abc import Iterable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QMenu, QWidget

_WHOLE = (QAbstractSpinBox, QComboBox, QLineEdit, QMenu)


def focused_widget() -> QWidget | None:
    """Return the control that has the focus."""
    focused: object = QApplication.focusWidget()
    return focused if isinstance(focused, QWidget) else None


def holds_focus(owner: QWidget) -> bool:
    """Tell whether the focus is inside `owner`."""
    focused = focused_widget()
    return focused is not None and (focused is owner or owner.isAncestorOf(focused))


def is_stop(widget: QWidget, window: QWidget) -> bool:
    """Tell whether Tab stops at a control of `window` now.

    The line inside a list hands its focus on to the list. `focusProxy` would say so, but PySide6 6.11
    takes what it returns for a child of what it was asked of (docs/known_limits.md).
    """
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    if not by_tab or not widget.isVisible() or not widget.isEnabled():
        return False
    return widget.window() is window and not isinstance(widget.parentWidget(), QComboBox)


def tab_stops(owners: Iterable[QWidget]) -> list[QWidget]:
    """Return where Tab stops in each of `owners`, in their order and inside each in that of making."""
    return [one for owner in owners for one in _inside(owner) if is_stop(one, one.window())]


def _inside(owner: QWidget, beside: QWidget | None = None) -> Iterator[QWidget]:
    """Yield a widget and what is inside it, in the order of making; not `beside`, nor the parts of controls of Qt.

    What Qt made inside of them stays known to PySide6 6.11 for ever once it was asked for (docs/known_limits.md).
    """
    if owner is beside:
        return
    yield owner
    if not isinstance(owner, _WHOLE):
        for one in owner.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            yield from _inside(one, beside)


def go_by_tab(page: QWidget, stops: list[QWidget], *, onwards: bool) -> bool:
    """Put the focus on the next or previous of `stops`, and past their end to what lies outside `page`."""
    reason = Qt.FocusReason.TabFocusReason if onwards else Qt.FocusReason.BacktabFocusReason
    focused = focused_widget()
    place = stops.index(focused) if focused in stops else (-1 if onwards else len(stops))
    place += 1 if onwards else -1
    target = stops[place] if 0 <= place < len(stops) else _outside(page, onwards=onwards)
    if target is None:
        return False
    target.setFocus(reason)
    return True


def _outside(page: QWidget, *, onwards: bool) -> QWidget | None:
    """Return the next stop of the window beside `page`: what lies over it or below it, else the rail.

    Backwards it is the foot line.

    Never `nextInFocusChain`: PySide6 6.11 takes what it returns for a child of what it was asked of,
    and deletes it with that wrapper (measured; docs/known_limits.md).
    """
    window = page.window()
    frame = page
    while (holder := frame.parentWidget()) is not None and holder is not window:
        frame = holder
    stops = sorted((one for one in _inside(window, page) if is_stop(one, window)), key=frame.isAncestorOf)
    if not stops:
        return None
    if onwards and frame.isAncestorOf(stops[0]):
        return next(iter(_below(page)), stops[0])
    return stops[0] if onwards else stops[-1]


def _below(page: QWidget) -> list[QWidget]:
    """Return where Tab stops in what stands below the stack that holds `page`, in the same column."""
    stack = page.parentWidget()
    holder = stack.parentWidget() if stack is not None else None
    if stack is None or holder is None:
        return []
    column = [one for one in holder.children() if isinstance(one, QWidget) and one.x() == stack.x()]
    return tab_stops(one for one in column if one.y() > stack.y())
