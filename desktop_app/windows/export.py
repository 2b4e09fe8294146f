"""Export: the record of the site as CDISC ODM and as tables, in a folder that the user chooses.

What leaves here leaves the protection of the vault, and the page says so, with what stays behind.
"""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QDateTime, QDir, QStandardPaths
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.theme import Tone
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.folder_dialog import ask_folder
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import ExportedPort, SessionPort

WIDTH = 640
KINDS = ("all", "odm", "csv")


class ExportPage(Page):
    """Chooses what is exported and where to, exports, and says where it lies and what is left out."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; nothing is read yet."""
        super().__init__(background, port, language, parent)
        self._error: CasebookError | None = None
        self._done: ExportedPort | None = None
        self._heading = sheet.label("title")
        self._intro = sheet.label()
        self._left_out = sheet.label("note")
        self._left_out.setObjectName("export_left_out")
        self._what_heading = sheet.label("lead")
        self._kinds = QButtonGroup(self)
        self._kind_buttons = [QRadioButton() for _ in KINDS]
        for place, (kind, button) in enumerate(zip(KINDS, self._kind_buttons, strict=True)):
            button.setObjectName(f"export_{kind}")
            self._kinds.addButton(button, place)
        self._kind_buttons[0].setChecked(True)
        self._attachments = QCheckBox()
        self._attachments.setObjectName("export_attachments")
        self._attachments_note = sheet.label("note")
        self._attachments_note.setObjectName("export_attachments_note")
        self._where_heading = sheet.label("lead")
        self._where = Field("export_where", QLineEdit())
        self._choose = IconButton("folder")
        self._choose.setObjectName("export_choose")
        self._name = Field("export_name", QLineEdit())
        self._archive = QCheckBox()
        self._archive.setObjectName("export_archive")
        self._archive.setChecked(True)
        self._export = PrimaryButton()
        self._export.setObjectName("export_start")
        self._outcome = Notice("export_outcome")
        self._lay_out()
        self._attachments.toggled.connect(self._say_what_attachments_mean)
        self._choose.clicked.connect(self._ask_folder)
        self._export.clicked.connect(self._start)
        self._name.edit.returnPressed.connect(self._start)
        self.retranslate()

    def _lay_out(self) -> None:
        what, column = sheet.card("export_what_card")
        column.addWidget(self._what_heading)
        choices = QVBoxLayout()
        choices.setSpacing(0)
        for button in self._kind_buttons:
            choices.addWidget(button)
        column.addLayout(choices)
        column.addWidget(self._attachments)
        column.addWidget(self._attachments_note)
        column.addWidget(self._left_out)
        where, column = sheet.card("export_where_card")
        for widget in (self._where_heading, self._where):
            column.addWidget(widget)
        column.addLayout(sheet.row(self._choose))
        column.addWidget(self._name)
        column.addWidget(self._archive)
        inner, whole = sheet.card("export_inner")
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        whole.setContentsMargins(0, 0, theme.SMALL, 0)
        whole.setSpacing(theme.LARGE)
        for part in (self._intro, what, where):
            whole.addWidget(part)
        whole.addStretch(1)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)
        outer.addWidget(self._outcome)  # below what scrolls: the way on and what came of it are always seen
        outer.addLayout(sheet.row(self._export))

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Export")

    def refresh(self) -> None:
        """Propose a folder, and a name that holds the minute until the user gives another."""
        sheet.offer(self._export, self.why_not("export"))
        if not self._export.isEnabled():
            self._outcome.say(self.why_not("export"), Tone.WARN)
        if not self._where.text().strip():
            documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
            self._where.edit.setText(QDir.toNativeSeparators(documents))
        if not self._name.edit.isModified():
            minute = QDateTime.currentDateTime().toString("yyyyMMdd-HHmm")
            self._name.edit.setText(f"casebook-{self.port.design.code}-{self.port.site}-{minute}")

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._kind_buttons[self._kinds.checkedId()].setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._intro.setText(
            self.tr(
                "An export is a copy of this site's record for data managers, statisticians and inspectors. It is not "
                "encrypted: keep it where only those may read it who should."
            )
        )
        self._what_heading.setText(self.tr("What"))
        words = (
            self.tr("&Everything: CDISC ODM and tables"),
            self.tr("CDISC &ODM 1.3.2: what stands now, and the whole history"),
            self.tr("&Tables (CSV): one for each form, with a data dictionary"),
        )
        for button, text in zip(self._kind_buttons, words, strict=True):
            button.setText(text)
        self._left_out.setText(
            self.tr(
                "Never exported: identity forms and items with their attachments, handwritten signatures, documents, "
                "names of people. "
                "Values in conflict are left empty, with the reason beside them."
            )
        )
        self._attachments.setText(self.tr("With the files of &attachments (photos, scans)"))
        self._say_what_attachments_mean()
        self._where_heading.setText(self.tr("Where"))
        self._where.set_texts(self.tr("&Folder"))
        self._choose.setText(self.tr("&Choose a folder…"))
        self._name.set_texts(self.tr("&Name"), self.tr("Nothing is ever overwritten: the name must be new."))
        self._archive.setText(self.tr("One &ZIP archive in place of a folder"))
        self._export.setText(self.tr("E&xport"))
        sheet.offer(self._export, self.why_not("export"))
        self._retell()

    def _say_what_attachments_mean(self) -> None:
        if self._attachments.isChecked():
            words = self.tr(
                "Photos can show faces and names, and nothing covers them: give this export only to those who may see "
                "them. Files are named by subject number, visit and form."
            )
        else:
            words = self.tr("Left out: the export says which there are, with their SHA-256, and holds no file of them.")
        self._attachments_note.setText(words)

    def _retell(self) -> None:
        if self._error is not None:
            self._outcome.say(self._error.sentence(self.language), Tone.BAD)
        elif self._done is not None:
            self._outcome.say(self._said(self._done), Tone.GOOD)

    def _said(self, done: ExportedPort) -> str:
        lines = [
            self.tr("It lies at %1").replace("%1", QDir.toNativeSeparators(done.path)),
            self.tr("Subjects: %1. Forms: %2. Values left empty because entries disagree: %3.")
            .replace("%1", str(done.subjects))
            .replace("%2", str(done.forms))
            .replace("%3", str(done.conflicts)),
        ]
        if done.attachments:
            lines.append(self.tr("Files of attachments: %1.").replace("%1", str(done.attachments)))
        if done.no_file:
            sentence = self.tr("Attachments without a file in it: %1. The table of attachments says why.")
            lines.append(sentence.replace("%1", str(done.no_file)))
        if done.unreadable:
            sentence = self.tr("This laptop cannot read %1 records, such as sealed ones; they are not in it.")
            lines.append(sentence.replace("%1", str(done.unreadable)))
        return "\n".join(lines)

    # -- what the user does --------------------------------------------------------------------------------

    def _ask_folder(self) -> None:
        ask_folder(self, "export_dialog", self.tr("Folder for the export"), self._where.text(), self._folder_chosen)

    def _folder_chosen(self, path: str) -> None:
        self._where.edit.setText(QDir.toNativeSeparators(path))
        self._name.edit.setFocus()

    def _start(self) -> None:
        if not all_filled((self._where, self._name), self.tr("This is needed.")):
            return
        if not self._export.isEnabled():
            return
        self._export.setEnabled(False)
        self._error = self._done = None
        self._outcome.say(self.tr("Exporting. Open entries are sealed first; a large site takes a minute or two."))
        name = self._name.text().strip().removesuffix(".zip")
        out = Path(self._where.text().strip()) / (f"{name}.zip" if self._archive.isChecked() else name)
        attachments = self._attachments.isChecked()
        work = partial(self.port.export, str(out), KINDS[self._kinds.checkedId()], attachments=attachments)
        self.background.run(work, then=self._finished, otherwise=self._refused)

    def _finished(self, done: ExportedPort) -> None:
        self._export.setEnabled(True)
        self._done = done
        self._retell()
        self._export.setFocus()

    def _refused(self, error: CasebookError) -> None:
        self._export.setEnabled(True)
        self._error = error
        self._retell()
