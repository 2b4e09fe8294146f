"""Filters that stand side by side, each with how many lines it shows; one of them is on. Digits choose."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from desktop_app import theme
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.spoken import tell_choice


class Chips(WrappingRow):
    """One filter of several.

    Signals:
        chosen: Another filter is on (its name).
    """

    chosen = Signal(str)

    def __init__(self, name: str, values: Sequence[str], parent: QWidget | None = None) -> None:
        """Make a chip for each of `values`; the first is on, and always shown."""
        super().__init__(theme.SMALL, parent)
        self.setObjectName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._chips: dict[str, QPushButton] = {}
        for value in values:
            chip = QPushButton()
            chip.setObjectName(f"{name}_{value}" if value else name + "_all")
            chip.setCheckable(True)
            chip.setAutoExclusive(True)
            theme.set_role(chip, "chip")
            chip.toggled.connect(lambda on, value=value: self.chosen.emit(value) if on else None)
            self._group.addButton(chip)
            self._chips[value] = chip
            self.add(chip)
        self._first = next(iter(self._chips))
        self._chips[self._first].setChecked(True)

    @property
    def value(self) -> str:
        """The filter that is on."""
        return next((value for value, chip in self._chips.items() if chip.isChecked()), self._first)

    def show_counts(self, words: Sequence[tuple[str, str, int]]) -> None:
        """Show the filters that are named here, each with its word and count; the others go.

        A filter that is on and goes gives way to the first.
        """
        named = {value: (word, count) for value, word, count in words}
        if self.value not in named:
            self._chips[self._first].setChecked(True)
        shown = [value for value in self._chips if value in named]
        for value, chip in self._chips.items():
            chip.setVisible(value in named)
        for digit, value in enumerate(shown, start=1):
            word, count = named[value]
            self._chips[value].setText(f"{word}  {count}")
            self._chips[value].setAccessibleName(f"{word} {count}")
            self._chips[value].setToolTip(str(digit))
        tell_choice([self._chips[value] for value in shown], self.accessibleName())

    def choose(self, digit: int) -> bool:
        """Turn on the filter at a place among those that are shown, counted from 1; False where there is none."""
        shown = [chip for chip in self._chips.values() if not chip.isHidden()]
        if not 1 <= digit <= len(shown):
            return False
        shown[digit - 1].setChecked(True)
        return True
