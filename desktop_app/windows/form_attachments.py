"""The way from a form to its attachments: a button that counts them, drag and drop, a key."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from casebook.records import FormKey
from desktop_app import theme
from desktop_app.attachment_snapshots import AttachmentsView
from desktop_app.background import Background
from desktop_app.snapshots import FormView
from desktop_app.widgets.icon import IconButton
from desktop_app.windows.port import SessionPort

KEYS = "Alt+Shift+A"


class FormAttachments(QObject):
    """A button for the head of a form, and what is dropped on the form.

    Signals:
        wanted: The attachments of the form are to be shown, with files that were dropped (list of paths).
    """

    wanted = Signal(object)

    def __init__(self, background: Background, port: SessionPort, page: QWidget) -> None:
        """Make the button for `page`."""
        super().__init__(page)
        self._background = background
        self._port = port
        self._key: FormKey | None = None
        self._count = 0
        self._short = False
        self._page = page
        self.button = IconButton("attachment", page)
        self.button.setObjectName("form_attachments")
        theme.set_role(self.button, "quiet")
        self.button.clicked.connect(lambda: self.wanted.emit([]))
        shortcut = QShortcut(QKeySequence(KEYS), page)
        shortcut.activated.connect(lambda: self.wanted.emit([]))
        page.setAcceptDrops(True)
        page.installEventFilter(self)
        self.retranslate()

    def look(self, form: FormView) -> None:
        """Ask how many there are."""
        if form.key != self._key:
            self._key, self._count = form.key, 0
            self.retranslate()
        self._background.run(partial(self._port.attachments.of_form, form.key), then=self._show)

    def _show(self, view: AttachmentsView) -> None:
        if view.key == self._key:
            self._count = view.standing
            self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        words = self.tr("Attachments (%1)").replace("%1", str(self._count)) if self._count else self.tr("Attach…")
        self.button.setText((str(self._count) if self._count else "") if self._short else words)
        self.button.setAccessibleName(
            self.tr("Attachments of this form: %1. Attach, look, strike.").replace("%1", str(self._count))
        )
        self.button.setToolTip(KEYS)

    def be_short(self, *, on: bool) -> None:
        """Show the icon and the number alone, for a narrow window."""
        self._short = on
        self.retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files that are dropped on the form."""
        if watched is self._page and isinstance(event, QDragEnterEvent) and event.mimeData().hasUrls():
            event.acceptProposedAction()
            return True
        if watched is self._page and type(event) is QDropEvent:
            files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
            if files:
                event.acceptProposedAction()
                self.wanted.emit(files)
            return True
        return super().eventFilter(watched, event)
