"""The crash window: what remains when the program itself is wrong.

It says that kept entries are safe, shows the report for whoever mends the program, and offers to
copy it. A report names modules and lines, never values of the record.
"""

import traceback

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

import casebook
from desktop_app import theme
from desktop_app.windows import sheet


def report_of(error: BaseException) -> str:
    """Return where `error` happened and of which kind it is, without its message: that may hold what was typed."""
    lines = [f"Casebook {casebook.__version__}", type(error).__name__]
    lines += [
        f"  {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "\n".join(lines)


class CrashWindow(QDialog):
    """One report, not modal: what can still be saved can be saved."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        """Show the report of `error`."""
        super().__init__(parent)
        self.setObjectName("crash_window")
        self.setWindowTitle(self.tr("Casebook has a fault"))
        lead = sheet.label("lead")
        lead.setText(self.tr("Something went wrong in the program itself."))
        words = sheet.label()
        words.setText(
            self.tr(
                "Every entry marked as kept is safe on this laptop. Close Casebook, start it again and check your last "
                "entry. Send the report below to your data manager; it holds no participant's data."
            )
        )
        report = QPlainTextEdit(report_of(error))
        report.setObjectName("crash_report")
        report.setAccessibleName(self.tr("Report"))
        report.setReadOnly(True)
        copy = QPushButton(self.tr("&Copy the report"))
        copy.setObjectName("crash_copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report.toPlainText()))
        close = QPushButton(self.tr("C&lose"))
        close.setObjectName("crash_close")
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.HUGE, theme.LARGE, theme.HUGE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        for widget in (lead, words, report):
            column.addWidget(widget)
        column.addLayout(sheet.row(copy, close))
        self.resize(theme.LINE_WIDTH, 360)
