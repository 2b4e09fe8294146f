"""An attachment to look at, whatever it is: a picture, a scan of several pages, a PDF."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models.pictures import PDF
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.page_view import PageView
from desktop_app.widgets.picture_view import PictureView


class AttachmentViewer(QWidget):
    """A file with its tools.

    Signals:
        save_wanted: A copy is to be written to a file.
    """

    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing."""
        super().__init__(parent)
        self.content: bytes | None = None
        self._place = (0, 0)
        self.picture = PictureView(self)
        self.pages = PageView(self)
        self._words = QLabel(self)
        self._words.setObjectName("attachment_words")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        theme.set_role(self._words, "note")
        self.smaller, self.larger, self.fitting = (QPushButton(self) for _ in range(3))
        for button, name in ((self.smaller, "smaller"), (self.larger, "larger"), (self.fitting, "fit")):
            button.setObjectName(f"attachment_{name}")
            theme.set_role(button, "quiet")
        self.save_button = IconButton("save", self)
        self.save_button.setObjectName("attachment_save")
        self._place_label = QLabel(self)
        self._place_label.setObjectName("attachment_place")
        theme.set_role(self._place_label, "note")
        self.tools = WrappingRow(theme.SMALL, self)
        for part in (self.save_button, self.smaller, self.larger, self.fitting, self._place_label):
            self.tools.add(part)
        self._stack = QStackedLayout()
        for view in (self._words, self.picture, self.pages):
            self._stack.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.tools)
        column.addLayout(self._stack, 1)
        self.smaller.clicked.connect(self.zoom_out)
        self.larger.clicked.connect(self.zoom_in)
        self.fitting.clicked.connect(self.fit)
        self.save_button.clicked.connect(self.save_wanted)
        self.picture.moved.connect(self._show_place)
        self.pages.moved.connect(self._show_place)
        self.say("")

    @property
    def _view(self) -> PictureView | PageView:
        return self.pages if self._stack.currentWidget() is self.pages else self.picture

    def zoom_in(self) -> None:
        """Show what is in front larger."""
        self._view.zoom_in()

    def zoom_out(self) -> None:
        """Show what is in front smaller."""
        self._view.zoom_out()

    def fit(self) -> None:
        """Show all of what is in front."""
        self._view.fit()

    def show_file(self, content: bytes, media_type: str) -> bool:
        """Show a file; returns whether it could be drawn."""
        self.say("")
        try:
            drawn = self._show(content, media_type)
        except RuntimeError:  # of the PDF library: the file is not one
            drawn = False
        if drawn:
            for button in (self.smaller, self.larger, self.fitting):
                button.setEnabled(True)
        else:
            self._stack.setCurrentWidget(self._words)
        self.content = content
        self.save_button.setEnabled(True)
        return drawn

    def _show(self, content: bytes, media_type: str) -> bool:
        if media_type == PDF:
            self.pages.show_pdf(content)
            self._stack.setCurrentWidget(self.pages)
            return True
        self._stack.setCurrentWidget(self.picture)
        return self.picture.show_picture(content)

    def say(self, sentence: str) -> None:
        """Show a sentence in the place of a file; "" shows nothing at all."""
        self.content = None
        self.picture.show_picture(None)
        self.pages.show_pdf(None)
        self._words.setText(sentence)
        self._stack.setCurrentWidget(self._words)
        for button in (self.save_button, self.smaller, self.larger, self.fitting):
            button.setEnabled(False)
        self._show_place(0, 0)

    def take_focus(self) -> None:
        """Put the focus on what is shown, so that its keys work."""
        if self.content is not None:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Set every visible text again."""
        texts = (
            (self.save_button, self.tr("Save a copy…"), self.tr("Save a copy to a file")),
            (self.smaller, "\N{MINUS SIGN}", self.tr("Show smaller")),
            (self.larger, "+", self.tr("Show larger")),
            (self.fitting, self.tr("Fit"), self.tr("Show all of it")),
        )
        for button, text, name in texts:
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self.picture.setAccessibleName(self.tr("The attachment"))
        self.pages.setAccessibleName(self.tr("Pages of the attachment"))
        self._show_place(*self._place)

    def _show_place(self, page: int, pages: int) -> None:
        self._place = page, pages
        told = self.tr("Page %1 of %2").replace("%1", str(page)).replace("%2", str(pages))
        self._place_label.setText(told if pages > 1 else "")
