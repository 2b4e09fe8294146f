"""A labelled entry with its sentence of help or error below."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph


class Field(QWidget):
    """A line of text to be entered: label above, one sentence below.

    The sentence is help while all is well and names the error, with its icon, when it is not. What
    was typed always stays.
    """

    def __init__(self, name: str, edit: QLineEdit | None = None, parent: QWidget | None = None) -> None:
        """Make the field; `name` becomes the object name of its editor."""
        super().__init__(parent)
        self.edit = edit if edit is not None else QLineEdit()
        self.edit.setObjectName(name)
        self._label = QLabel(self)
        self._label.setBuddy(self.edit)
        self._glyph = Glyph("error", Tone.BAD, theme.LARGE, self)
        self._glyph.hide()
        self._line = QLabel(self)
        self._line.setObjectName(f"{name}_line")
        self._line.setWordWrap(True)
        theme.set_role(self._line, "note")
        self._help = ""
        self._across = QHBoxLayout()
        self._across.setSpacing(theme.SMALL)
        self._across.addWidget(self.edit, 1)
        below = QHBoxLayout()
        below.setSpacing(theme.TIGHT)
        below.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._line, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.TIGHT)
        self._column.addWidget(self._label)
        self._column.addLayout(self._across)
        self._column.addLayout(below)
        self._put_last(self._glyph, self._line)
        self.setFocusProxy(self.edit)
        self.edit.textEdited.connect(self._clear)
        self._show_help()

    @staticmethod
    def _put_last(*widgets: QWidget) -> None:
        """Let a screen reader meet these last: it goes through parts in the order in which they lie over each other."""
        for widget in widgets:
            widget.raise_()

    def text(self) -> str:
        """Return what stands in the field."""
        return self.edit.text()

    def error(self) -> str:
        """Return the error that is shown, or ""."""
        return "" if self._glyph.isHidden() else self._line.text()

    def set_texts(self, label: str, help_line: str = "") -> None:
        """Set the label and the help. A shown error stays."""
        self._label.setText(label)
        self.edit.setAccessibleName(label.replace("&", ""))
        self._help = help_line
        if self._glyph.isHidden():
            self._show_help()

    def show_error(self, sentence: str) -> None:
        """Show what is wrong and put the cursor there; "" takes it back."""
        if not sentence:
            self._clear()
            return
        self._line.setText(sentence)
        self._line.show()
        self._glyph.show()
        theme.set_tone(self._line, Tone.BAD)
        theme.set_tone(self.edit, Tone.BAD)
        self.edit.setAccessibleDescription(sentence)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def _clear(self) -> None:
        if not self._glyph.isHidden():
            self._show_help()

    def _help_words(self) -> tuple[str, Tone | None]:
        """Return what the line says while nothing is wrong, and in which tone."""
        return self._help, None

    def _show_help(self) -> None:
        words, tone = self._help_words()
        self._glyph.hide()
        self._line.setText(words)
        self._line.setVisible(bool(words))
        theme.set_tone(self._line, tone)
        theme.set_tone(self.edit, None)
        self.edit.setAccessibleDescription(words)


def all_filled(fields: Iterable[Field], needed: str) -> bool:
    """Tell whether something stands in each field; the first in which nothing does says that it is `needed`."""
    for field in fields:
        if not field.text().strip():
            field.show_error(needed)
            return False
    return True
