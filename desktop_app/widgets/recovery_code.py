"""A fresh recovery sheet: its code on the screen once, the page to print, and the code typed back from paper."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.fields import Field
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet


class RecoveryCode(QWidget):
    """The code with its sentence, the page to print, the line to type it back, and the button.

    Signals:
        typed_back: What was typed back is the code (the code); whoever asked opens the sheet's slot with it, and
            calls `accept` or `refuse`.
        written_down: The sheet was opened with it and counts; the code has left the screen.
        save_wanted: The page is to be written to a file (path).
    """

    typed_back = Signal(str)
    written_down = Signal()
    save_wanted = Signal(str)

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
        theme.set_role(self._code, "code")
        self.paper = PaperSheet(f"{name}_paper", self)
        self.paper.hide()
        self._print = IconButton("print", self)
        self._print.setObjectName(f"{name}_print")
        self._save = IconButton("save", self)
        self._save.setObjectName(f"{name}_save")
        self._tools = WrappingRow(theme.SMALL, self)
        for button in (self._print, self._save):
            self._tools.add(button)
        self._outcome = Notice(f"{name}_outcome", self)
        self._typed = Field(f"{name}_typed", parent=self)
        self._done = PrimaryButton(self)
        self._done.setObjectName(f"{name}_done")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MEDIUM)
        for widget in (self._heading, self._lead, self._code, self._tools, self._outcome, self._typed, self._done):
            column.addWidget(widget)
        self.setFocusProxy(self._typed)
        self._done.clicked.connect(self._compare)
        self._typed.edit.returnPressed.connect(self._compare)
        self._print.clicked.connect(self.paper.ask_printer)
        self._save.clicked.connect(self.paper.ask_file)
        self.paper.save_wanted.connect(self.save_wanted)
        self.paper.printed.connect(self._tell_printed)
        self.retranslate()

    def show_code(self, code: str, pdf: bytes | None = None, file_name: str = "") -> None:
        """Show a code until it was typed back. `pdf`: the page to print, which lies in memory alone."""
        self._value = code
        self._code.setText(code)
        self._typed.edit.clear()
        self._typed.show_error("")
        self._outcome.say("")
        self._done.setEnabled(True)
        self._tools.setVisible(pdf is not None)
        self.paper.show_document(pdf, file_name)

    def tell(self, sentence: str, tone: Tone) -> None:
        """Say what came of printing or saving."""
        self._outcome.say(sentence, tone)

    def accept(self) -> None:
        """The sheet counts: let the code leave the screen."""
        self.forget()
        self.written_down.emit()

    def refuse(self, sentence: str) -> None:
        """The sheet could not be opened with it: say why; the code stays."""
        self._done.setEnabled(True)
        self._typed.show_error(sentence)

    def forget(self) -> None:
        """Let the code and its page leave the screen and the memory."""
        self._value = ""
        self._code.clear()
        self._typed.edit.clear()
        self._done.setEnabled(True)
        self.paper.show_document(None, "")

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Write down the recovery code"))
        self._lead.setText(
            self.tr(
                "It opens this laptop's records when every passphrase is forgotten. It is shown once and stored "
                "nowhere. Print it or write it on paper, and lock the paper away, apart from the laptop."
            )
        )
        self._code.setAccessibleName(self.tr("Recovery code"))
        self._print.setText(self.tr("&Print the sheet…"))
        self._save.setText(self.tr("Save the sheet…"))
        self._save.setToolTip(self.tr("A file opens the laptop as the paper does: print it and delete it."))
        self._typed.set_texts(self.tr("&Type it back from your paper"), self.tr("Spaces and hyphens do not matter."))
        self._done.setText(self.tr("I have it on paper"))
        self.paper.retranslate()

    def _tell_printed(self) -> None:
        self._outcome.say(self.tr("Sent to the printer."), Tone.GOOD)

    def _compare(self) -> None:
        if not self._done.isEnabled():
            return
        if not self._value or bare_code(self._typed.text()) != bare_code(self._value):
            self._typed.show_error(self.tr("This is not the code above. Compare it group by group with your paper."))
            return
        self._done.setEnabled(False)
        self.typed_back.emit(self._typed.text())


def bare_code(text: str) -> str:
    """Return a recovery code as it is compared: no spaces or hyphens, look-alikes as Crockford reads them."""
    bare = "".join(letter for letter in text.upper() if letter.isalnum())
    return bare.translate(str.maketrans("OIL", "011"))
