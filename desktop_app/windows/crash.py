"""The crash window: what remains when the program itself is wrong.

It says that kept entries are safe, shows the whole report for whoever mends the program, and leads on: "Start again"
locks, sets aside what was typed, and comes back to the same place. A report names versions, modules, lines and kinds
of errors; never a message, a line of code or a value, since those may hold what was typed.
"""

import platform
import traceback
from enum import StrEnum

from PySide6.QtCore import Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

import casebook
from casebook.errors import FileUnwritableError
from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.training_band import TRAINING
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file

FILE = "casebook-report.txt"


class After(StrEnum):
    """What somebody reads a report after."""

    FAULT = "fault"
    SAME_FAULT = "same fault"
    """It happened at the same place before somebody started again: the way leads elsewhere now."""
    FALL = "fall"
    """The process before this one fell: nothing is to be started again."""


def report_of(error: BaseException) -> str:
    """Return where `error` happened and of which kind it is, with what led to it, and nothing that was typed."""
    return "\n".join([_versions(), *_lines_of(error)])


def report_of_fall(lines: str) -> str:
    """Return what is known of a process that fell (see `desktop_app.hard_faults`), with the versions."""
    return f"{_versions()}\n{lines}"


def _versions() -> str:
    system = f"Python {platform.python_version()}, Qt {qVersion()}, {platform.system()} {platform.release()}"
    return f"Casebook {casebook.__version__}\n{system}"


def place_of(error: BaseException) -> str:
    """Return kind and innermost line of `error`: what tells whether two faults are one."""
    return "\n".join([type(error).__name__, *_frames_of(error)[-1:]])


def _lines_of(error: BaseException) -> list[str]:
    lines, seen = list[str](), set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        lines += [type(one).__name__, *_frames_of(one)]
        one = one.__cause__ or one.__context__
    return lines


def _frames_of(error: BaseException) -> list[str]:
    return [
        f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]


class CrashWindow(QDialog):
    """One report, not modal: what can still be saved can be saved.

    Signals:
        again_wanted: The user starts again.
    """

    again_wanted = Signal()

    def __init__(
        self, report: str, parent: QWidget | None = None, *, after: After, language: str, training: bool = False
    ) -> None:
        """Show a report (`report_of`, `report_of_fall`). In `training` its title says so."""
        super().__init__(parent)
        self._language = language
        self.setObjectName("crash_window")
        title = self.tr("Casebook has a fault")
        self.setWindowTitle(f"{title} – {TRAINING}" if training else title)
        lead = sheet.label("lead")
        lead.setObjectName("crash_lead")
        lead.setText(
            self.tr("Casebook ended unexpectedly last time.")
            if after is After.FALL
            else self.tr("Something went wrong in the program itself.")
        )
        words = sheet.label()
        words.setObjectName("crash_words")
        words.setText(self._words(after))
        self.report = QPlainTextEdit(report)
        self.report.setObjectName("crash_report")
        self.report.setAccessibleName(self.tr("Report"))
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self._told = Notice("crash_told")
        self.again = PrimaryButton()
        self.again.setText(self.tr("&Start again"))
        self.again.setObjectName("crash_again")
        self.again.clicked.connect(self.again_wanted)
        copy = QPushButton(self.tr("&Copy the report"))
        copy.setObjectName("crash_copy")
        copy.clicked.connect(self._copy)
        save = QPushButton(self.tr("Sa&ve the report…"))
        save.setObjectName("crash_save")
        save.clicked.connect(self._ask_file)
        close = QPushButton(self.tr("C&lose"))
        close.setObjectName("crash_close")
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        column.setSpacing(theme.SMALL)
        for widget in (lead, words, self.report, self._told):
            column.addWidget(widget)
        column.addLayout(sheet.row(self.again, copy, save, close))
        self.again.setVisible(after is not After.FALL)
        (copy if after is After.FALL else self.again).setFocus()
        self.resize(theme.LINE_WIDTH, 360)

    def _words(self, after: After) -> str:
        safe = self.tr("Every entry marked as kept is safe on this laptop.")
        if after is After.FALL:
            way = self.tr("Sign in as usual: that leads back to the form that was open. Look at its last entry.")
        elif after is After.SAME_FAULT:
            way = self.tr(
                "This happened at the same place before. “Start again” asks for your passphrase and begins with what "
                "is due today: work elsewhere until this is mended."
            )
        else:
            way = self.tr(
                "“Start again” asks for your passphrase and leads back to where you are; what you were typing waits "
                "there."
            )
        send = self.tr(
            "Read the report, copy or save it, and send it to your data manager; it holds no participant's data."
        )
        return ("" if self._language == "zh" else " ").join([safe, way, send])

    def add(self, error: BaseException) -> None:
        """Add the report of another fault, unless it stands there: a fault in drawing comes again and again."""
        more = "\n".join(_lines_of(error))
        if more not in self.report.toPlainText():
            self.report.appendPlainText(f"\n{more}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self._told.say(self.tr("The report is on the clipboard."), Tone.GOOD)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the report"), FILE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self._save)
        dialog.open()

    def _save(self, path: str) -> None:
        try:
            write_file(path, self.report.toPlainText().encode("utf-8"))
        except FileUnwritableError as error:
            self._told.say(error.sentence(self._language), Tone.BAD)
        else:
            self._told.say(self.tr("Saved: %1").replace("%1", path), Tone.GOOD)
