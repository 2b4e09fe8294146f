"""Ctrl+K: one field over the page, and the lines that fit what is typed. A line is chosen by Enter or a click.

It stays while the keyboard is in its field. Nothing that is typed leaves the field, and the field is emptied when it
closes. While an input method composes, no key chooses and nothing is looked for: the letters are not there yet.
"""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.finding import LINES, Found, Line
from desktop_app.widgets.find_list import FindList, Role
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.spoken import announce
from desktop_app.windows import sheet

WIDTH = 660
"""At most, in pixels."""
LOW = 560
"""Below this height of the window in pixels it begins at the very top."""
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Backtab: -1}
_CHOOSING = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_LEAVING = {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ShortcutFocusReason}


class FindField(QLineEdit):
    """The field.

    Signals:
        stepped: Go on or back by so many lines.
        chosen: Choose the current line.
        given_up: Close.
        robbed: A page took the keyboard by itself, such as when its lines arrived.
    """

    stepped = Signal(int)
    chosen = Signal()
    given_up = Signal()
    robbed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.composing = False

    def event(self, event: QEvent) -> bool:
        """Take Tab before it leads away."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _STEPS:
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Note whether letters are being composed."""
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the lines, choose, close; while composing do none of it."""
        key = event.key()
        if self.composing and (key in _STEPS or key in _CHOOSING or key == Qt.Key.Key_Escape):
            return
        if key in _CHOOSING:
            self.chosen.emit()
        elif key in _STEPS:
            self.stepped.emit(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close where the user goes elsewhere; a menu or a list of an input method is not elsewhere."""
        super().focusOutEvent(event)
        if event.reason() in _LEAVING:
            self.given_up.emit()
        elif event.reason() is Qt.FocusReason.OtherFocusReason:
            QTimer.singleShot(0, self, self.robbed.emit)


class Palette(QFrame):
    """The field and its lines, over everything else of its parent.

    Signals:
        asked: Lines are wanted for what stands in the field.
        chosen: A line was chosen; the palette has closed (Line).
    """

    asked = Signal(str)
    chosen = Signal(object)

    def __init__(self, parent: QWidget, *, below: QWidget | None = None) -> None:
        """Make it, closed. `below`: what stands at the top of `parent` and is not covered."""
        super().__init__(parent)
        self.setObjectName("palette")
        theme.set_role(self, "palette")
        self._over = parent
        self._below = below
        self._language = "en"
        self._return_to: QWidget | None = None
        self.field = FindField()
        self.field.setObjectName("palette_field")
        self.list = FindList()
        self.list.setObjectName("palette_list")
        self._empty = sheet.label()
        self._empty.setObjectName("palette_empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMinimumHeight(theme.TARGET)
        self._hint = sheet.label("note")
        self._hint.setObjectName("palette_hint")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.SMALL, theme.SMALL, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        for widget in (self.field, self.list, self._empty, self._hint):
            column.addWidget(widget)
        self.field.textChanged.connect(self.asked)
        self.field.stepped.connect(self.list.step)
        self.field.chosen.connect(self._choose)
        self.field.given_up.connect(self.close_palette)
        self.field.robbed.connect(self._take_back)
        self.list.clicked.connect(self._choose_at)
        self.list.selectionModel().currentChanged.connect(self._tell)
        parent.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it stands open."""
        return not self.isHidden()

    def open_palette(self, language: str) -> None:
        """Stand over the page, empty, with the keyboard; where it stands already, close."""
        if self.is_open:
            self.close_palette()
            return
        self._language = language
        self._return_to = focused_widget()
        self.retranslate()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.asked.emit("")

    def show_found(self, found: Found) -> None:
        """Show the lines that fit; the first of them is the current one."""
        self.list.lines.show_found(found, self._language)
        self.list.setVisible(bool(found.lines))
        self._empty.setVisible(not found.lines)
        if found.lines:
            self.list.go_to(0)
        self._place()

    def close_palette(self) -> None:
        """Close, empty the field, and give the keyboard back to where it was."""
        if not self.is_open:
            return
        back, self._return_to = self._return_to, None
        had_focus = self.field.hasFocus()
        self.hide()
        self.field.setText("")
        self.list.lines.show_found(Found(), self._language)
        if back is not None and back.isVisible() and had_focus:
            back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_back(self) -> None:
        """Keep the keyboard; who took it gets it when the palette closes."""
        thief = focused_widget()
        if self.is_open and thief is not None and thief is not self.field:
            self._return_to = thief
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self.field.setPlaceholderText(self.tr("Number, form, place or action"))
        self.field.setAccessibleName(self.tr("Find a subject, a form, a place or an action"))
        self.list.setAccessibleName(self.tr("What was found"))
        self._empty.setText(self.tr("Nothing fits. Try fewer letters, or a number such as A001."))
        self._hint_at(self.list.currentIndex())
        self.setAccessibleName(self.field.accessibleName())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of what it stands over."""
        if watched is self._over and event.type() is QEvent.Type.Resize and self.is_open:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        over = self._over
        top = theme.SMALL if over.height() < LOW else theme.HUGE * 2
        top += self._below.height() if self._below is not None else 0
        width = min(WIDTH, over.width() - 2 * theme.SMALL)
        hint = self._hint.heightForWidth(width - 2 * theme.SMALL)
        rest = theme.TARGET + hint + 2 * theme.SMALL + 3 * theme.TIGHT
        room = over.height() - top - theme.SMALL - rest
        rows = min(self.list.lines.rowCount(), LINES, max(1, (room - theme.HAIR) // theme.TARGET))
        self.list.setFixedHeight(self.list.height_of(rows))
        height = rest + (self.list.height() if rows else theme.TARGET)
        self.setGeometry((over.width() - width) // 2, top, width, height)

    def _choose_at(self, index: QModelIndex) -> None:
        self._take(index.data(Role.LINE))

    def _choose(self) -> None:
        self._take(self.list.current())

    def _take(self, line: object) -> None:
        if isinstance(line, Line) and line.why_not is None:
            self.close_palette()
            self.chosen.emit(line)

    def _hint_at(self, current: QModelIndex) -> None:
        """Say why the current line may not be chosen, whole; else which keys there are."""
        line = current.data(Role.LINE) if current.isValid() else None
        why_not = line.why_not if isinstance(line, Line) else None
        keys = self.tr("Up and Down choose, Enter opens, Esc closes. Words in any order: a001 v2 lab")
        self._hint.setText(keys if why_not is None else why_not(self._language))
        if self.is_open:
            self._place()

    def _tell(self, current: QModelIndex) -> None:
        """Say the current line to screen readers: the keyboard's focus stays in the field."""
        said = str(current.data(Qt.ItemDataRole.AccessibleTextRole) or "") if current.isValid() else ""
        self._hint_at(current)
        self.field.setAccessibleDescription(said)
        announce(self.field, said)
