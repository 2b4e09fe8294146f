"""The flags of a form in a row: icon and word each."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop_app import theme
from desktop_app.models.oversight_words import flag_sign, flag_word
from desktop_app.oversight_snapshots import FlagMark
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import SignLabel


class FlagStrip(WrappingRow):
    """Flags side by side; they wrap where the window is narrow."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start without flags, hidden."""
        super().__init__(theme.MEDIUM, parent)
        self.setObjectName(name)
        self._labels: list[SignLabel] = []
        self.hide()

    def show_marks(self, marks: Sequence[FlagMark], language: str) -> None:
        """Show flags; each tells on hovering who set it, when and why."""
        while len(self._labels) < len(marks):
            label = SignLabel(self)
            self.add(label)
            self._labels.append(label)
        for place, label in enumerate(self._labels):
            shown = place < len(marks)
            label.setVisible(shown)
            if shown:
                mark = marks[place]
                label.setObjectName(f"{self.objectName()}.{mark.kind.value}")
                label.show_sign(flag_sign(mark), flag_word(mark))
                label.setToolTip(mark.told(language))
                label.setAccessibleDescription(mark.told(language))
        self.setVisible(bool(marks))
