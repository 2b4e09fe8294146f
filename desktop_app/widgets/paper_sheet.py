"""A document to look at, print and save: the pages, and the few things that can be done with them."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.page_view import PageView, Printing


class PaperSheet(QWidget):
    """Pages with their tools.

    Signals:
        save_wanted: The document is to be written to a file (path).
        printed: A print job ended well.
    """

    save_wanted = Signal(str)
    printed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty sheet; `name` starts the object names of its controls."""
        super().__init__(parent)
        self._name = name
        self._data: bytes | None = None
        self._file_name = ""
        self._copies = 1
        self._place = (0, 0)
        self._printing: Printing | None = None
        self.print_button = IconButton("print", self)
        self.print_button.setObjectName(f"{name}_print")
        self.save_button = IconButton("save", self)
        self.save_button.setObjectName(f"{name}_save")
        self.smaller = self._button("smaller")
        self.larger = self._button("larger")
        self.fitting = self._button("fit")
        self.place = QLabel(self)
        theme.set_role(self.place, "note")
        self.notice = Notice(f"{name}_sheet_notice", self)
        self.tools = WrappingRow(theme.SMALL, self)
        for part in (self.print_button, self.save_button, self.smaller, self.larger, self.fitting, self.place):
            self.tools.add(part)
        self.view = PageView(self)
        self.head = QHBoxLayout()
        self.head.addWidget(self.tools, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addLayout(self.head)
        column.addWidget(self.notice)
        column.addWidget(self.view, 1)
        self.view.moved.connect(self._show_place)
        self.smaller.clicked.connect(self.view.zoom_out)
        self.larger.clicked.connect(self.view.zoom_in)
        self.fitting.clicked.connect(self.view.fit)
        self.print_button.clicked.connect(self.ask_printer)
        self.save_button.clicked.connect(self.ask_file)
        self.notice.acted.connect(self._cancel_printing)
        self.show_document(None, "")

    def _button(self, what: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"{self._name}_{what}")
        theme.set_role(button, "quiet")
        return button

    @property
    def data(self) -> bytes | None:
        """Return the document that is shown."""
        return self._data

    def show_document(self, data: bytes | None, file_name: str, *, copies: int = 1) -> None:
        """Show a PDF; `file_name` is offered when it is saved, `copies` when it is printed."""
        self._data, self._file_name, self._copies = data, file_name, copies
        self.view.show_pdf(data)
        for part in (self.print_button, self.save_button, self.smaller, self.larger, self.fitting):
            part.setEnabled(data is not None)
        if data is None:
            self._show_place(0, 0)

    def retranslate(self) -> None:
        """Set every visible text again."""
        texts = (
            (self.print_button, self.tr("Print…"), self.tr("Print")),
            (self.save_button, self.tr("Save a copy…"), self.tr("Save a copy to a file")),
            (self.smaller, "\N{MINUS SIGN}", self.tr("Show smaller")),
            (self.larger, "+", self.tr("Show larger")),
            (self.fitting, self.tr("Fit width"), self.tr("Fit to the width")),
        )
        for button, text, name in texts:
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.view.setAccessibleName(self.tr("Pages of the document"))
        self._show_place(*self._place)

    def takes_key(self, event: QKeyEvent, look: QPushButton, leave: Callable[[], None]) -> bool:
        """Look at the pages and print them by Ctrl+P, leave them by Esc; tells whether the key was one of these.

        Args:
            look: Checked while the pages are in front of what they are about.
            leave: Called after Esc, to put the cursor elsewhere.
        """
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_P:
            if look.isChecked():
                self.ask_printer()
            else:
                look.click()
            return True
        if event.key() == Qt.Key.Key_Escape and look.isChecked():
            look.setChecked(False)
            leave()
            return True
        return False

    # -- printing and saving ------------------------------------------------------------------------------------

    def ask_printer(self) -> None:
        """Let the user choose a printer, then print."""
        if self._data is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._file_name)
        printer.setCopyCount(self._copies)
        dialog = QPrintDialog(printer, self)
        dialog.setObjectName(f"{self._name}_print_dialog")
        dialog.accepted.connect(lambda: self.print_to(printer, printer.copyCount()))
        dialog.finished.connect(dialog.deleteLater)
        QDialog.open(dialog)

    def print_to(self, printer: QPrinter, copies: int = 1) -> None:
        """Print what is shown."""
        if self._data is None or self._printing is not None:
            return
        self._printing = Printing(self._data, printer, copies, self)
        self._printing.progressed.connect(self._show_progress)
        self._printing.finished.connect(self._print_ended)
        self._printing.start()

    def ask_file(self) -> None:
        """Let the user choose where a copy goes."""
        if self._data is None:
            return
        dialog = QFileDialog(self, self.tr("Save a copy"), self._file_name, "PDF (*.pdf)")
        dialog.setObjectName(f"{self._name}_save_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(self.save_wanted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _cancel_printing(self) -> None:
        if self._printing is not None:
            self._printing.cancel()

    def _show_progress(self, sent: int, pages: int) -> None:
        told = self.tr("Printing page %1 of %2").replace("%1", str(sent)).replace("%2", str(pages))
        self.notice.say(told, Tone.QUIET, self.tr("Cancel"))

    def _print_ended(self, done: bool) -> None:
        if self._printing is not None:
            self._printing.deleteLater()
            self._printing = None
        if done:
            self.notice.say(self.tr("Sent to the printer."), Tone.GOOD)
            self.printed.emit()
        else:
            self.notice.say(self.tr("Printing stopped. Check the printer, then print again."), Tone.WARN)

    def _show_place(self, page: int, pages: int) -> None:
        self._place = page, pages
        told = self.tr("Page %1 of %2").replace("%1", str(page)).replace("%2", str(pages))
        self.place.setText(told if pages else "")
