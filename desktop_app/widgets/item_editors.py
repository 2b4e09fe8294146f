"""One editor per data type, made from an item's definition.

An editor holds what the user types until it is left, then says so once (`committed`); it never reads,
judges or keeps a value, and never throws away what was typed. It is told what stands in the record
by `show_item` and only then forgets its own text.

Source: docs/record_format.md, "Values"; WCAG 2.2, 1.3.1 (a name for every control).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from casebook.design import CodeList, DataType, Item, Need
from casebook.entry import display, read_item
from casebook.errors import UnreadableItemError
from desktop_app import theme
from desktop_app.snapshots import ItemView, Mark
from desktop_app.widgets.item_text import editable_text

Present = Callable[[], datetime]
"""Returns the present, aware."""
NOT_YET = "\N{EN DASH}"
"""Stands for a calculated value that cannot be told yet."""
LONG_TEXT = 120
"""Texts that may be longer get an editor of several lines."""
LONG_TEXT_HEIGHT = 84
NUMBER_WIDTH = 120
UNIT_WIDTH = 120


class ItemEditor(QWidget):
    """The base of all editors.

    Signals:
        committed: The field was left with a change: text as typed, unit ("" where there is none).
        edited: The user changed what is shown; see `is_dirty`.
        finished: The user is done with the item (Enter, or a key that decides) and goes on.
    """

    committed = Signal(str, str)
    edited = Signal()
    finished = Signal()

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        """Keep the definition. `item` never changes."""
        super().__init__(parent)
        self.item = item
        self.language = "en"
        self._standing: tuple[str, str] | None = ("", "")
        self._about = ""
        self._problem = ""
        self._asked = False
        self.setObjectName(f"editor.{item.oid}")

    # -- for the row that holds the editor --------------------------------------------------------------

    def show_item(self, view: ItemView, language: str) -> None:
        """Show an item as it stands; typed text that was not readable is shown as it was typed."""
        self.language = language
        text, unit = editable_text(view.item, view.reading)
        if view.mark is Mark.TYPED:
            text = view.typed
        self._asked = view.editable and view.item.need is not Need.OPTIONAL
        self.translate(language)
        self.put(text, unit)
        self._standing = (self.raw(), self.unit())
        self.set_editable(on=view.editable)

    def show_beside(self, items: Sequence[ItemView]) -> None:
        """Take notice of the other items of the section; most editors have no need to."""

    def translate(self, language: str) -> None:
        """Set texts of the study and of the program again."""
        self.language = language
        self.input().setAccessibleName(self.item.label(language))
        self.describe(self.item.hint(language) if self.item.hint else "")

    def describe(self, about: str) -> None:
        """Tell screen readers something of the field beside its name."""
        self._about = about
        self._tell_field()

    def tell_problem(self, sentence: str) -> None:
        """Tell screen readers what is wrong with what stands here, before all else; "" for nothing."""
        if sentence != self._problem:
            self._problem = sentence
            self._tell_field()

    def _tell_field(self) -> None:
        self.input().setAccessibleDescription(self._told())

    def _told(self) -> str:
        """Return what is wrong here, that an answer is required, and what else there is to know."""
        required = self.tr("required", "an item of a form") if self._asked else ""
        return " \N{MIDDLE DOT} ".join(part for part in (self._problem, required, self._about) if part)

    @property
    def is_dirty(self) -> bool:
        """Whether something stands here that was not committed."""
        return self._standing != (self.raw(), self.unit())

    def commit(self) -> None:
        """Say what stands here, unless that was said already."""
        if self.is_dirty:
            self._standing = (self.raw(), self.unit())
            self.committed.emit(*self._standing)

    def forget(self) -> None:
        """Empty the field, as if nothing had ever stood in it."""
        self.put("", "")
        self._standing = (self.raw(), self.unit())

    def mark_unkept(self) -> None:
        """Say it again at the next leaving: keeping failed."""
        self._standing = None

    def unfinished(self) -> str:
        """Return what stands here though it is no answer yet; else as `raw`."""
        return self.raw()

    def warning(self) -> str:
        """Return what is wrong with what is being typed, where that can be told already; "" for nothing."""
        return ""

    def is_readable(self) -> bool:
        """Tell whether what stands here can be a value; what is chosen always can."""
        return True

    def use_clock(self, present: Present) -> None:
        """Know the present by a clock; most editors have no need to."""

    def settle(self) -> None:
        """Take what stands here as said, without saying it."""
        self._standing = (self.raw(), self.unit())

    def text_cursor(self) -> int:
        """Return where the cursor stands in the text; -1 where there is none."""
        control = self.input()
        if isinstance(control, QLineEdit):
            return control.cursorPosition()
        return control.textCursor().position() if isinstance(control, QPlainTextEdit) else -1

    def put_cursor(self, place: int) -> None:
        """Put the cursor where it stood, with nothing selected."""
        control = self.input()
        if place < 0:
            return
        if isinstance(control, QLineEdit):
            control.deselect()
            control.setCursorPosition(place)
        elif isinstance(control, QPlainTextEdit):
            cursor = control.textCursor()
            cursor.setPosition(min(place, len(control.toPlainText())))
            control.setTextCursor(cursor)

    # -- for each kind ------------------------------------------------------------------------------------

    def input(self) -> QWidget:
        """Return the control that takes the keys; the label's buddy."""
        raise NotImplementedError

    def put(self, text: str, unit: str) -> None:
        """Show text and unit without any signal."""
        raise NotImplementedError

    def raw(self) -> str:
        """Return what was typed or chosen."""
        raise NotImplementedError

    def unit(self) -> str:
        """Return the chosen unit, or ""."""
        return ""

    def set_editable(self, *, on: bool) -> None:
        """Let the user type, or only read."""
        self.input().setEnabled(on)

    def leaves_undo(self, event: QEvent) -> bool:
        """Tell whether Ctrl+Z is for the form: nothing is being typed here that could be taken back."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if not event.matches(QKeySequence.StandardKey.Undo) or self.is_dirty:
            return False
        event.ignore()
        return True

    def _note_change(self) -> None:
        self.edited.emit()


class RowEditor(ItemEditor):
    """An editor laid out from left to right."""

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        super().__init__(item, parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(theme.SMALL)

    def _place(self, control: QWidget) -> None:
        """Make `control` the item's own: it bears the item's OID and has the focus."""
        control.setObjectName(self.item.oid)
        control.setMinimumHeight(theme.TARGET)
        self.setFocusProxy(control)
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit when the control loses the focus to another control of this window."""
        if event.type() is QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            quiet = {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason}
            if event.reason() not in quiet and not self._keeps_focus():
                self.commit()
        if self.leaves_undo(event):
            return True
        return super().eventFilter(watched, event)

    def _keeps_focus(self) -> bool:
        return False

    def _note_text(self) -> None:
        """Take at once what assistive technology wrote: it puts a text where the focus is not, and leaves no field."""
        self._note_change()
        if self.window().focusWidget() is not self.input():  # of a window behind another one, too
            self.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on at Enter, which a line lets through to its parent."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & ~_KEYPAD:
            self.commit()
            self.finished.emit()
        else:
            super().keyPressEvent(event)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class LineEditor(RowEditor):
    """Short text and numbers, with a unit beside it where the item has one."""

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        """Make a line, and a chooser where there are several units."""
        super().__init__(item, parent)
        self.line = QLineEdit(self)
        if item.max_length:
            self.line.setMaxLength(item.max_length)
        if item.data_type is not DataType.TEXT:
            self.line.setFixedWidth(NUMBER_WIDTH)
        self._place(self.line)
        self.chooser: QuietCombo | None = None
        self._suggested = ""
        self.row.addWidget(self.line)
        self._add_units()
        if item.data_type is not DataType.TEXT:
            self.row.addStretch(1)
        self.line.textChanged.connect(self._note_text)

    def input(self) -> QWidget:
        """Return the line."""
        return self.line

    def put(self, text: str, unit: str) -> None:
        """Show text and unit; a unit outside the item's list stays in the text, where it can be corrected."""
        if unit and unit not in {one.unit for one in self.item.units}:
            text, unit = f"{text} {unit}", ""
        if self.line.text() != text:
            with QSignalBlocker(self.line):
                self.line.setText(text)
        if self.chooser is not None:
            with QSignalBlocker(self.chooser):
                self.chooser.setCurrentText(unit or self._suggested or self.item.units[0].unit)

    def raw(self) -> str:
        """Return the text without blanks around it."""
        return self.line.text().strip()

    def unit(self) -> str:
        """Return the unit; a unit without a number is none."""
        if not self.raw() or not self.item.units or self.item.data_type is not DataType.QUANTITY:
            return ""
        return self.chosen_unit()

    def is_readable(self) -> bool:
        """Tell whether what is typed is a value of the item's type."""
        try:
            read_item(self.item, None, self.raw(), unit=self.unit() or None, now=datetime.now(UTC), offset_minutes=0)
        except UnreadableItemError:
            return False
        return True

    def chosen_unit(self) -> str:
        """Return the unit that is shown, also beside an empty field; "" for none."""
        if self.chooser is not None:
            return self.chooser.currentText()
        return self.item.units[0].unit if self.item.units else ""

    def suggest_unit(self, unit: str) -> None:
        """Show a unit beside an empty field, as a suggestion; what is recorded is what is shown."""
        self._suggested = unit if any(one.unit == unit for one in self.item.units) else ""
        if self.chooser is not None and not self.raw() and not self.is_dirty:
            self.put("", "")
            self.settle()

    def set_widths(self, number: int, unit: int) -> None:
        """Take these widths in pixels, as a column of a table."""
        self.line.setFixedWidth(number)
        if self.chooser is not None:
            self.chooser.setMinimumWidth(unit)
            self.chooser.setFixedWidth(unit)
            self.chooser.setToolTip(self.chooser.currentText())

    def translate(self, language: str) -> None:
        """Name the chooser too."""
        super().translate(language)
        if self.chooser is not None:
            self.chooser.setAccessibleName(self.tr("Unit of %1").replace("%1", self.item.label(language)))

    def set_editable(self, *, on: bool) -> None:
        """Let the user type and choose, or only read."""
        self.line.setReadOnly(not on)
        self.line.setEnabled(on or bool(self.line.text()))
        if self.chooser is not None:
            self.chooser.setEnabled(on)

    def _add_units(self) -> None:
        units = self.item.units
        if len(units) > 1:
            self.chooser = QuietCombo(self)
            self.chooser.setObjectName(f"{self.item.oid}.unit")
            self.chooser.setMinimumHeight(theme.TARGET)
            self.chooser.setMinimumWidth(UNIT_WIDTH)
            self.chooser.addItems([one.unit for one in units])
            self.chooser.currentIndexChanged.connect(self._unit_chosen)
            self.chooser.installEventFilter(self)
            self.row.addWidget(self.chooser)
        elif units:
            label = QLabel(units[0].unit, self)
            theme.set_tone(label, theme.Tone.QUIET)
            self.row.addWidget(label)

    def _unit_chosen(self) -> None:
        self._note_change()

    def _keeps_focus(self) -> bool:
        return self.chooser is not None and (self.chooser.hasFocus() or self.line.hasFocus())


class ParagraphEditor(RowEditor):
    """Text of several lines. Tab goes on; Enter makes a new line."""

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        """Make a small text area."""
        super().__init__(item, parent)
        self.area = QPlainTextEdit(self)
        self.area.setTabChangesFocus(True)
        self._place(self.area)
        self.area.setFixedHeight(LONG_TEXT_HEIGHT)
        self.row.addWidget(self.area)
        self.area.textChanged.connect(self._note_text)

    def input(self) -> QWidget:
        """Return the text area."""
        return self.area

    def put(self, text: str, unit: str) -> None:
        """Show the text."""
        del unit
        if self.area.toPlainText() != text:
            with QSignalBlocker(self.area):
                self.area.setPlainText(text)

    def raw(self) -> str:
        """Return the text without blanks around it."""
        return self.area.toPlainText().strip()

    def set_editable(self, *, on: bool) -> None:
        """Let the user type, or only read."""
        self.area.setReadOnly(not on)


class DerivedEditor(RowEditor):
    """A calculated value: shown, never typed."""

    def __init__(self, item: Item, codes: CodeList | None = None, parent: QWidget | None = None) -> None:
        """Make a label that screen readers and the mouse can read out and copy."""
        super().__init__(item, parent)
        self._codes = codes
        self.label = QLabel(self)
        self.label.setObjectName(item.oid)
        self.label.setMinimumHeight(theme.TARGET)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        in_words = item.data_type in {DataType.TEXT, DataType.CODE, DataType.CODES}
        theme.set_role(self.label, "" if in_words else "lead")
        self.label.setWordWrap(in_words)
        self.row.addWidget(self.label, 1 if in_words else 0)
        if item.units:
            unit = QLabel(item.units[0].unit, self)
            theme.set_tone(unit, theme.Tone.QUIET)
            self.row.addWidget(unit)
        if not in_words:
            self.row.addStretch(1)

    def input(self) -> QWidget:
        """Return the label."""
        return self.label

    def show_item(self, view: ItemView, language: str) -> None:
        """Show the value rounded as the study shows it."""
        self.language = language
        shown = display(self.item, self._codes, view.reading, language, offset_minutes=view.offset_minutes)
        self.put(shown, "")
        self.translate(language)

    def put(self, text: str, unit: str) -> None:
        """Show the value, or a dash while it cannot be told."""
        del unit
        self.label.setText(text or NOT_YET)

    def raw(self) -> str:
        """Return the value as shown."""
        return self.label.text()

    @property
    def is_dirty(self) -> bool:
        """Never: nobody types here."""
        return False

    def set_editable(self, *, on: bool) -> None:
        """Stay as it is."""


class QuietCombo(QComboBox):
    """A chooser that the wheel never changes: scrolling a form must not alter a value."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
