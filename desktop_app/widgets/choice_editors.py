"""Editors of coded items: buttons for a few codes, a list to search for many, ticks for several at once.

A choice is said as soon as it is made. Arrow keys only move; Space, a digit or the first letter
chooses, so that moving past a code never records it. Choosing the standing code again, or Delete,
takes it back.

State is taken from `toggled`, never from `clicked`: assistive technology checks a button without
clicking it (measured; docs/known_limits.md).
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casebook.design import Code, CodeList, Item
from desktop_app import theme
from desktop_app.widgets.flow import EvenCards, WrappingRow
from desktop_app.widgets.item_editors import ItemEditor, QuietCombo
from desktop_app.widgets.spoken import make_choice, tell_choice

MOST_BUTTONS = 5
TICK_WIDTH = 190

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
_GO_ON = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_CLEAR = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
_OPENING = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class ChoiceButton(QPushButton):
    """A button that holds one code. Keys other than Space and Tab belong to the editor around it.

    Signals:
        left: The focus went elsewhere.
    """

    left = Signal()

    def __init__(self, code: Code, name: str, parent: QWidget | None = None) -> None:
        """Make a checkable button named `name`."""
        super().__init__(parent)
        self.code = code
        self.setObjectName(name)
        self.setCheckable(True)
        self.setMinimumHeight(theme.TARGET)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say(self, label: str, meaning: str) -> None:
        """Show the code's label; the meaning is told to screen readers."""
        self.setText(label.replace("&", "&&"))
        self.setAccessibleName(f"{label}: {meaning}" if meaning else label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys but Space to the editor."""
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Select}:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say so: Tab comes back to the chosen one, not to the one that the arrows reached last."""
        super().focusOutEvent(event)
        self.left.emit()


class ChoiceEditor(ItemEditor):
    """One code of a few, each a button."""

    def __init__(self, item: Item, codes: CodeList, parent: QWidget | None = None) -> None:
        """Make one button per code."""
        super().__init__(item, parent)
        self.setObjectName(item.oid)
        self._codes = codes
        self.buttons = [self._make_button(code) for code in codes.codes]
        ground = self._make_ground()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ground)
        for place, button in enumerate(self.buttons):
            ground.add(button)
            button.toggled.connect(self._note_toggle)
            button.installEventFilter(self)
            button.left.connect(self._move_tab_stop)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if place == 0 else Qt.FocusPolicy.ClickFocus)
        make_choice(self.buttons, self)
        self.setFocusProxy(self.buttons[0])

    def _make_button(self, code: Code) -> ChoiceButton:
        return ChoiceButton(code, f"{self.item.oid}={code.value}", self)

    def _make_ground(self) -> WrappingRow | EvenCards:
        return WrappingRow(theme.SMALL, self)

    def input(self) -> QWidget:
        """Return the button that Tab reaches."""
        return next((button for button in self.buttons if button.isChecked()), self.buttons[0])

    def translate(self, language: str) -> None:
        """Label the buttons."""
        self.language = language
        label = self.item.label(language)
        self.setAccessibleName(label)
        for button in self.buttons:
            code = button.code
            button.say(code.label(language), code.meaning(language) if code.meaning else "")
        self._tell_field()

    def _tell_field(self) -> None:
        self.setAccessibleDescription(self._told())
        tell_choice(self.buttons, self.item.label(self.language), self._told())

    def put(self, text: str, unit: str) -> None:
        """Check the standing code's button only."""
        del unit
        for button in self.buttons:
            with QSignalBlocker(button):
                button.setChecked(button.code.value == text)
        self._move_tab_stop()

    def raw(self) -> str:
        """Return the chosen code, or ""."""
        return next((button.code.value for button in self.buttons if button.isChecked()), "")

    def set_editable(self, *, on: bool) -> None:
        """Let the user choose, or only read."""
        for button in self.buttons:
            button.setEnabled(on)

    def choose(self, value: str) -> None:
        """Choose a code, as its button does; "" chooses none."""
        for button in self.buttons:
            if button.code.value == value or (not value and button.isChecked()):
                button.setChecked(bool(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows, choose by digit or letter, take back by Delete, go on by Enter."""
        key, text = Qt.Key(event.key()), event.text().upper()
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key in _STEPS:
            self._step(_STEPS[key])
        elif key in _GO_ON:
            self.commit()
            self.finished.emit()
        elif key in _CLEAR:
            self.choose("")
        elif value := self._code_for(text):
            self.choose(value)
            self._decided()
        else:
            super().keyPressEvent(event)

    def _code_for(self, text: str) -> str:
        """Return the code that a key means: its own text, its place, or the only one with that first letter."""
        values = [button.code.value for button in self.buttons]
        if not text or not text.strip():
            return ""
        if text in values:
            return text
        if text.isdigit() and not any(value.isdigit() for value in values):
            place = int(text) - 1
            return values[place] if 0 <= place < len(values) else ""
        fitting = [value for value in values if value.upper().startswith(text)]
        return fitting[0] if len(fitting) == 1 else ""

    def _decided(self) -> None:
        """What follows a choice by key; a scale goes on by itself."""

    def _step(self, step: int) -> None:
        enabled = [button for button in self.buttons if button.isEnabled()]
        here = next((place for place, button in enumerate(enabled) if button.hasFocus()), 0)
        if enabled:
            enabled[(here + step) % len(enabled)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _note_toggle(self, on: bool) -> None:
        sender = self.sender()
        if on:
            for button in self.buttons:
                if button is not sender and button.isChecked():
                    with QSignalBlocker(button):
                        button.setChecked(False)
        self._move_tab_stop()
        self._note_change()
        self.commit()

    def _move_tab_stop(self) -> None:
        stop = self.input()
        for button in self.buttons:
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if button is stop else Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(stop)


class CodeCompleter(QCompleter):
    """Searches the codes by their words in every language, and shows those of the window's."""

    SEARCHED = Qt.ItemDataRole.UserRole + 1
    """Where the model holds the words that are searched."""

    def __init__(self, combo: QComboBox) -> None:
        """Search the lines of a list."""
        super().__init__(combo.model(), combo)
        self.setCompletionRole(self.SEARCHED)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Return what stands in the field for a line that was found: its label."""
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")


class ListEditor(ItemEditor):
    """One code of many: a list that searches in what is typed, in either language."""

    def __init__(self, item: Item, codes: CodeList, parent: QWidget | None = None) -> None:
        """Make the list."""
        super().__init__(item, parent)
        self._codes = codes
        self.combo = QuietCombo(self)
        self.combo.setObjectName(item.oid)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setMinimumHeight(theme.TARGET)
        self.combo.addItem("", "")
        for code in codes.codes:
            self.combo.addItem(code.label("en"), code.value)
            words = "\n".join((*code.label.by_language.values(), code.value))
            self.combo.setItemData(self.combo.count() - 1, words, CodeCompleter.SEARCHED)
        self.combo.setCompleter(CodeCompleter(self.combo))
        self.setFocusProxy(self.combo)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.combo)
        self.combo.installEventFilter(self)
        self.combo.activated.connect(self._chosen)
        self.combo.editTextChanged.connect(self._note_text)

    def input(self) -> QWidget:
        """Return the list."""
        return self.combo

    def put(self, text: str, unit: str) -> None:
        """Show the code's label, or text that is no code as it was typed."""
        del unit
        with QSignalBlocker(self.combo):
            place = self.combo.findData(text)
            self.combo.setCurrentIndex(place)
            if place < 0:
                self.combo.setEditText(text)

    def raw(self) -> str:
        """Return the code, or what was typed where that is no label of the list."""
        text = self.combo.currentText().strip()
        for place in range(self.combo.count()):
            if self.combo.itemText(place).casefold() == text.casefold():
                return str(self.combo.itemData(place))
        return text

    def translate(self, language: str) -> None:
        """Label the codes."""
        super().translate(language)
        with QSignalBlocker(self.combo):
            standing = self.raw()
            for place, code in enumerate(self._codes.codes, start=1):
                self.combo.setItemText(place, code.label(language))
            self.put(standing, "")
        edit = self.combo.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(self.tr("Type to search"))
            edit.setAccessibleName(self.item.label(language))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit when the list is left; arrows open it, so that moving past a code never records it."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _OPENING:
            self.combo.showPopup()
            return True
        if (
            event.type() is QEvent.Type.FocusOut
            and isinstance(event, QFocusEvent)
            and event.reason() is not Qt.FocusReason.PopupFocusReason
        ):
            self.commit()
        if self.leaves_undo(event):
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on at Enter."""
        if event.key() in _GO_ON:
            self.commit()
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def _chosen(self) -> None:
        self._note_change()
        self.commit()

    def _note_text(self) -> None:
        """Take at once what assistive technology wrote where the focus is not."""
        self._note_change()
        inside = {self.combo, self.combo.lineEdit()}
        if self.window().focusWidget() not in inside and QApplication.activePopupWidget() is None:
            self.commit()


class Tick(QCheckBox):
    """A check box that is ticked wherever it is touched, not on its mark and word alone."""

    def hitButton(self, pos: QPoint) -> bool:
        """Take a press anywhere inside."""
        return self.rect().contains(pos)


class TicksEditor(ItemEditor):
    """Several codes of one list, in the list's order."""

    def __init__(self, item: Item, codes: CodeList, parent: QWidget | None = None) -> None:
        """Make one tick per code."""
        super().__init__(item, parent)
        self.setObjectName(item.oid)
        self.ticks: list[QAbstractButton] = []
        self._codes = codes
        self._build(codes.codes)
        self.setFocusProxy(self.ticks[0])
        for tick in self.ticks:
            tick.toggled.connect(self._note_toggle)

    def _build(self, codes: Sequence[Code]) -> None:
        ground = EvenCards(TICK_WIDTH, theme.SMALL, most=3, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ground)
        for code in codes:
            tick = Tick(self)
            tick.setObjectName(f"{self.item.oid}={code.value}")
            ground.add(tick)
            self.ticks.append(tick)

    def input(self) -> QWidget:
        """Return the first tick."""
        return self.ticks[0]

    def translate(self, language: str) -> None:
        """Label the ticks."""
        self.language = language
        label = self.item.label(language)
        self.setAccessibleName(label)
        for tick, code in zip(self.ticks, self._codes.codes, strict=True):
            meaning = code.meaning(language) if code.meaning else ""
            text = code.label(language)
            tick.setText(text.replace("&", "&&"))
            tick.setToolTip(meaning)
            tick.setAccessibleName(f"{text}: {meaning}" if meaning else text)
        self._tell_field()

    def _tell_field(self) -> None:
        told = self._told()
        self.setAccessibleDescription(told)
        for tick in self.ticks:
            tick.setAccessibleDescription(" \N{MIDDLE DOT} ".join(filter(None, (self.item.label(self.language), told))))

    def put(self, text: str, unit: str) -> None:
        """Tick the standing codes only."""
        del unit
        chosen = text.split()
        for tick, code in zip(self.ticks, self._codes.codes, strict=True):
            with QSignalBlocker(tick):
                tick.setChecked(code.value in chosen)

    def raw(self) -> str:
        """Return the ticked codes in the list's order, separated by one space."""
        pairs = zip(self.ticks, self._codes.codes, strict=True)
        return " ".join(code.value for tick, code in pairs if tick.isChecked())

    def set_editable(self, *, on: bool) -> None:
        """Let the user tick, or only read."""
        for tick in self.ticks:
            tick.setEnabled(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on at Enter."""
        if event.key() in _GO_ON:
            self.commit()
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def _note_toggle(self) -> None:
        self._note_change()
        self.commit()
