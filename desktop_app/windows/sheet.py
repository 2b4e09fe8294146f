"""The plain ways in which pages lay out their parts: a centred sheet, a card, a title, a scrolling column."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app import theme

LEAST_LINES = 4
ANY = ""
"""What the first of some values stands for, where any will do."""


def label(role: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a label that wraps, in a role of the style sheet."""
    made = QLabel(parent)
    made.setWordWrap(True)
    if role:
        theme.set_role(made, role)
    return made


def offer(control: QWidget, why_not: str, hint: str = "") -> None:
    """Offer a control, or tell in place of its hint, and to screen readers, why the person may not use it."""
    control.setEnabled(not why_not)
    control.setToolTip(why_not or hint)
    control.setAccessibleDescription(why_not)


def offer_values(combo: QComboBox, first: str, values: Iterable[str]) -> None:
    """Offer any value, called `first`, and each of `values`; the chosen one stays chosen where it is still there."""
    chosen = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    combo.addItem(first, ANY)
    for value in dict.fromkeys(values):
        combo.addItem(value, value)
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
    combo.blockSignals(False)


def card(name: str) -> tuple[QFrame, QVBoxLayout]:
    """Return a card and the column inside it."""
    frame = QFrame()
    frame.setObjectName(name)
    theme.set_role(frame, "card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(theme.HUGE, theme.LARGE, theme.HUGE, theme.LARGE)
    column.setSpacing(theme.MEDIUM)
    return frame, column


def centred(frame: QWidget, width: int) -> QScrollArea:
    """Return a scroll area that holds `frame`, `width` wide, in its middle."""
    inner = QWidget()
    theme.set_role(inner, "sheet")
    frame.setFixedWidth(width)
    column = QVBoxLayout(inner)
    column.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.LARGE)
    column.addStretch(1)
    middle = QHBoxLayout()  # an alignment would measure wrapped sentences at the whole window's width
    middle.addStretch(1)
    middle.addWidget(frame)
    middle.addStretch(1)
    column.addLayout(middle)
    column.addStretch(2)
    return scrolling(inner)


def panel(frame: QWidget, column: QVBoxLayout, width: int, *buttons: QWidget) -> QScrollArea:
    """Return a card, at most `width` wide, with buttons at its end; it scrolls where the window is low."""
    column.addLayout(row(*buttons))
    frame.setMaximumWidth(width)
    inner = QWidget()
    theme.set_role(inner, "sheet")
    whole = QVBoxLayout(inner)
    whole.setContentsMargins(0, 0, theme.SMALL, 0)
    whole.addWidget(frame)
    whole.addStretch(1)
    return scrolling(inner)


def scrolling(inner: QWidget) -> QScrollArea:
    """Return a scroll area without frame around `inner`; only what is inside takes the keyboard."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setWidget(inner)
    return area


def row(*widgets: QWidget, stretch_last: bool = False) -> QHBoxLayout:
    """Return `widgets` side by side, the rest of the line left blank."""
    line = QHBoxLayout()
    line.setSpacing(theme.SMALL)
    for widget in widgets:
        line.addWidget(widget)
    if stretch_last:
        line.setStretch(len(widgets) - 1, 1)
    else:
        line.addStretch(1)
    return line


def scrolling_column(page: QWidget, *tall: QWidget) -> QVBoxLayout:
    """Give `page` the same column, which scrolls where the window is low; what is `tall` keeps room for some lines."""
    inner = QWidget()
    theme.set_role(inner, "sheet")
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(scrolling(inner))
    for one in tall:
        one.setMinimumHeight(LEAST_LINES * theme.TARGET)
    return page_column(inner)


def page_column(page: QWidget) -> QVBoxLayout:
    """Give `page` its outer column with the margins that all pages share."""
    column = QVBoxLayout(page)
    column.setContentsMargins(theme.HUGE, theme.LARGE, theme.HUGE, theme.MEDIUM)
    column.setSpacing(theme.MEDIUM)
    return column
