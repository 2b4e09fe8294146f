"""A fresh recovery code: shown once, and typed back, so that it is known to be on paper."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.widgets.fields import Field
from desktop_app.widgets.icon import PrimaryButton


class RecoveryCode(QWidget):
    """The code with its sentence, the line to type it back, and the button.

    Signals:
        written_down: What was typed back is the code; it has left the screen.
    """

    written_down = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make it without a code; `name` begins the object names of its controls."""
        super().__init__(parent)
        self._value = ""
        self._heading = QLabel(self)
        theme.set_role(self._heading, "title")
        self._lead = QLabel(self)
        for label in (self._heading, self._lead):
            label.setWordWrap(True)
        self._code = QLineEdit(self)
        self._code.setObjectName(f"{name}_code")
        self._code.setReadOnly(True)
        self._code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._typed = Field(f"{name}_typed", parent=self)
        self._done = PrimaryButton(self)
        self._done.setObjectName(f"{name}_done")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MEDIUM)
        for widget in (self._heading, self._lead, self._code, self._typed, self._done):
            column.addWidget(widget)
        self.setFocusProxy(self._typed)
        self._done.clicked.connect(self._compare)
        self._typed.edit.returnPressed.connect(self._compare)
        self.retranslate()

    def show_code(self, code: str) -> None:
        """Show a code until it was typed back."""
        self._value = code
        self._code.setText(code)
        self._typed.edit.clear()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Write down the recovery code"))
        self._lead.setText(
            self.tr(
                "It opens this laptop's records when every passphrase is forgotten. It is shown once and stored "
                "nowhere. Write it on paper and lock it away, apart from the laptop."
            )
        )
        self._code.setAccessibleName(self.tr("Recovery code"))
        self._typed.set_texts(self.tr("&Type it back from your paper"), self.tr("Spaces and hyphens do not matter."))
        self._done.setText(self.tr("I have written it down"))

    def _compare(self) -> None:
        if not self._value or bare_code(self._typed.text()) != bare_code(self._value):
            self._typed.show_error(self.tr("This is not the code above. Compare it group by group with your paper."))
            return
        self._value = ""
        self._code.clear()
        self._typed.edit.clear()
        self.written_down.emit()


def bare_code(text: str) -> str:
    """Return a recovery code as it is compared: no spaces or hyphens, look-alikes as Crockford reads them."""
    bare = "".join(letter for letter in text.upper() if letter.isalnum())
    return bare.translate(str.maketrans("OIL", "011"))
