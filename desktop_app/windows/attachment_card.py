"""What is about to be attached: a look at it, its name, what is kept of it, and the two ways out."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models.attachment_words import size_text
from desktop_app.models.pictures import LONGEST_EDGE, PDF, Candidate
from desktop_app.widgets.fields import Field
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PrimaryButton

THUMBNAIL = QSize(150, 120)
NAME_LENGTH = 100


class AttachmentCard(QFrame):
    """The question before a file is attached. Hidden while there is none.

    Signals:
        given: It is to be attached: its name, and whether it is about the item alone.
        discarded: It is not.
    """

    given = Signal(str, bool)
    discarded = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the card."""
        super().__init__(parent)
        self.setObjectName("attachment_card")
        theme.set_role(self, "notice")
        self.candidate: Candidate | None = None
        self._item = ""
        self._picture = QLabel(self)
        self._picture.setObjectName("attachment_thumbnail")
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = Field("attachment_name")
        self.name.edit.setMaxLength(NAME_LENGTH)
        self.about_item = QCheckBox(self)
        self.about_item.setObjectName("attachment_about_item")
        self._kept = QLabel(self)
        self._kept.setObjectName("attachment_kept")
        self._kept.setWordWrap(True)
        theme.set_role(self._kept, "note")
        self.confirm = PrimaryButton(self)
        self.confirm.setObjectName("attachment_confirm")
        self.discard = QPushButton(self)
        self.discard.setObjectName("attachment_discard")
        theme.set_role(self.discard, "quiet")
        buttons = WrappingRow(theme.SMALL, self)
        buttons.add(self.confirm)
        buttons.add(self.discard)
        column = QVBoxLayout()
        column.setSpacing(theme.SMALL)
        column.addWidget(self.name)
        column.addWidget(self.about_item)
        column.addWidget(self._kept)
        column.addWidget(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, theme.MEDIUM, theme.MEDIUM, theme.MEDIUM)
        row.setSpacing(theme.LARGE)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.confirm.clicked.connect(self._give)
        self.name.edit.returnPressed.connect(self._give)
        self.discard.clicked.connect(self.discarded)
        self.hide()

    def ask(self, candidate: Candidate, item: str) -> None:
        """Ask about a file. `item`: the item from which the user came, in words; "" for none."""
        self.candidate, self._item = candidate, item
        self.name.edit.setText(candidate.name)
        self.about_item.setChecked(False)
        self.about_item.setVisible(bool(item))
        self._picture.setVisible(candidate.preview is not None)
        if candidate.preview is not None:
            ratio = self.devicePixelRatioF()
            small = QPixmap.fromImage(candidate.preview).scaled(
                THUMBNAIL * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            small.setDevicePixelRatio(ratio)
            self._picture.setPixmap(small)
        self.confirm.setEnabled(True)
        self.retranslate()
        self.show()
        self.name.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.edit.selectAll()

    def close_card(self) -> None:
        """Ask nothing any more, and forget the file."""
        self.candidate = None
        self._picture.clear()
        self.hide()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self.name.set_texts(self.tr("&Name of the file"), self.tr("As everybody who opens this form will see it."))
        self.about_item.setText(self.tr("About “%1” only").replace("%1", self._item))
        self.confirm.setText(self.tr("Attach to this form"))
        self.confirm.setAccessibleName(self.tr("Attach the file to this form"))
        self.discard.setText(self.tr("Do not attach (Esc)"))
        self.discard.setAccessibleName(self.tr("Do not attach the file"))
        candidate = self.candidate
        if candidate is None:
            return
        self._picture.setAccessibleName(self.tr("What is to be attached: %1").replace("%1", candidate.name))
        self._kept.setText(self._kept_words(candidate))

    def _kept_words(self, candidate: Candidate) -> str:
        size = size_text(len(candidate.content))
        if candidate.media_type == PDF:
            return self.tr("The PDF is kept as it is: %1. It is sealed to the site.").replace("%1", size)
        if not candidate.redrawn:
            told = self.tr("The scan of %1 pages is kept as it is: %2. It is sealed to the site.")
            return told.replace("%1", str(candidate.pages)).replace("%2", size)
        told = self.tr(
            "Kept as a photo of %1 × %2 pixels (at most %3 along its longer edge), %4, sealed to the site. Where it "
            "was taken and by which camera is left out; the original stays where it is and is not kept here."
        )
        width, height = candidate.after
        told = told.replace("%1", str(width)).replace("%2", str(height))
        return told.replace("%3", str(LONGEST_EDGE)).replace("%4", size)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave everything as it was by Esc; Enter does what the button in focus says."""
        if event.key() == Qt.Key.Key_Escape:
            self.discarded.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            focused = next((button for button in (self.confirm, self.discard) if button.hasFocus()), None)
            if focused is not None:
                focused.click()
        else:
            super().keyPressEvent(event)

    def _give(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.name.show_error(self.tr("Give it a name."))
        elif self.confirm.isEnabled():
            self.confirm.setEnabled(False)
            self.given.emit(name, bool(self._item) and self.about_item.isChecked())
