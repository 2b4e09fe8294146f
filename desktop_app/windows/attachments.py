"""Attachments of a form: photos of source documents, scans, PDFs; look, attach, strike through, fetch, save a copy.

A file comes by the button, by drag and drop, or from the clipboard. What is kept of it is shown before it is.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFileDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from casebook.errors import AttachmentElsewhereError, AttachmentFormatError, CasebookError, ClipboardEmptyError
from casebook.ids import CommitId
from casebook.records import FormKey, ItemPath
from desktop_app import theme
from desktop_app.attachment_snapshots import AttachmentRow, AttachmentsView
from desktop_app.background import Background
from desktop_app.models import pictures
from desktop_app.models.attachment_words import line_of, where_sign
from desktop_app.models.pictures import Candidate
from desktop_app.theme import Tone
from desktop_app.widgets.attachment_viewer import AttachmentViewer
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.page_view import Pages
from desktop_app.widgets.words_panel import WordsPanel
from desktop_app.windows import sheet
from desktop_app.windows.attachment_card import AttachmentCard
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

SMALLEST = (360, 240)
NARROW = 820
LIST_WIDTH = 340
LIST_HEIGHT_NARROW = 96
VIEW_HEIGHT = 260
"""In pixels: what is shown is never lower; the page scrolls where the window is."""
FILES = "*.jpg *.jpeg *.png *.tif *.tiff *.webp *.bmp *.pdf"
_ROW = Qt.ItemDataRole.UserRole


class AttachmentsPage(Page):
    """The attachments of one form."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_form` fills it."""
        super().__init__(background, port, language, parent)
        self._key: FormKey | None = None
        self._path: ItemPath | None = None
        self._item = ""
        self._view: AttachmentsView | None = None
        self._wanted = ""
        self._shown = ""
        self._waiting: list[str] = []
        self._dropped: list[str] = []
        self._not_taken: list[CasebookError] = []
        self._said: tuple[Callable[[], str], Tone] | None = None
        self.setMinimumSize(*SMALLEST)
        self.setAcceptDrops(True)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.retranslate()

    def _make_parts(self) -> None:
        self._back = BackButton("attachments")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._where = QLabel()
        self._where.setObjectName("attachments_where")
        theme.set_role(self._where, "note")
        self.choose_button = IconButton("attachment")
        self.choose_button.setObjectName("attachments_choose")
        self.paste_button = IconButton("paper")
        self.paste_button.setObjectName("attachments_paste")
        self._notice = Notice("attachments_notice")
        self.card = AttachmentCard(self)
        self._list = QListWidget()
        self._list.setObjectName("attachments_list")
        self._list.setWordWrap(True)
        self._list.setSpacing(theme.HAIR)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._hint = sheet.label("note")
        self._hint.setObjectName("attachments_hint")
        self._sign = SignLabel()
        self._facts = sheet.label("note")
        self._facts.setObjectName("attachments_facts")
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.viewer = AttachmentViewer(self)
        self.strike_button = IconButton("strike")
        self.strike_button.setObjectName("attachments_strike")
        self.redact_button = IconButton("nothing")
        self.redact_button.setObjectName("attachments_redact")
        for button in (self.strike_button, self.redact_button):
            theme.set_role(button, "quiet")
        self._reason = WordsPanel("attachments_strike", self)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._heading)
        names.addWidget(self._where)
        head = sheet.row(self._back)
        head.insertLayout(1, names, 1)
        actions = WrappingRow(theme.SMALL)
        actions.add(self.choose_button)
        actions.add(self.paste_button)
        left = QVBoxLayout()
        left.setSpacing(theme.SMALL)
        left.addWidget(self._list, 1)
        left.addWidget(self._hint)
        right = QVBoxLayout()
        right.setSpacing(theme.SMALL)
        right.addWidget(self._sign)
        right.addWidget(self._facts)
        right.addWidget(self.viewer, 1)
        self.viewer.tools.add(self.strike_button)
        self.viewer.tools.add(self.redact_button)
        self._halves.setSpacing(theme.LARGE)
        self._halves.addLayout(left)
        self._halves.addLayout(right, 1)
        self.viewer.setMinimumHeight(VIEW_HEIGHT)
        inner = QWidget()
        theme.set_role(inner, "sheet")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.TIGHT, 0)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(actions)
        column.addWidget(self._notice)
        column.addWidget(self.card)
        column.addWidget(self._reason)
        column.addLayout(self._halves, 1)
        self._area = sheet.scrolling(inner)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._area, 1)
        self._order_by_tab()

    def _order_by_tab(self) -> None:
        """Let Tab follow the eye."""
        asked = (self.card.name.edit, self.card.about_item, self.card.confirm, self.card.discard)
        looked = (self.viewer.save_button, self.viewer.smaller, self.viewer.larger, self.viewer.fitting)
        shown = (self.strike_button, self.redact_button, self.viewer.picture, self.viewer.pages)
        stops = [self._back, self.choose_button, self.paste_button, *asked, self._list, *looked, *shown]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self.choose_button.clicked.connect(self.ask_file)
        self.paste_button.clicked.connect(self.paste)
        self.card.given.connect(self._attach)
        self.card.discarded.connect(self._discard)
        self._list.currentItemChanged.connect(self._choose)
        self.viewer.save_wanted.connect(self.ask_copy)
        self.strike_button.clicked.connect(self.ask_strike)
        self.redact_button.clicked.connect(self._want_redaction)
        self._reason.given.connect(self._strike)
        self._reason.cancelled.connect(self.take_focus)
        for keys, action in (
            (QKeySequence("Ctrl+O"), self.ask_file),
            (QKeySequence(QKeySequence.StandardKey.Paste), self.paste),
            (QKeySequence("Ctrl+S"), self.ask_copy),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name, and where the form stands."""
        where = self._view.where(self.language) if self._view is not None else ""
        return f"{self.tr('Attachments')}  {where}".strip()

    def show_form(self, key: FormKey, path: ItemPath | None, item: str) -> None:
        """Take up a form, for the next `refresh`. `path`, `item`: the item from which the user came."""
        if key != self._key:
            self._view, self._wanted, self._shown, self._said = None, "", "", None
            self._list.clear()
            self.viewer.say("")
            self._notice.say("")
        self._key, self._path, self._item = key, path, item
        self._waiting = []
        self.card.close_card()
        self._reason.close_panel()

    def refresh(self) -> None:
        """Ask what is attached again."""
        if self._key is not None:
            work = partial(self.port.attachments.of_form, self._key)
            self.background.run(work, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: AttachmentsView) -> None:
        """Show what is attached, the attachment that was chosen in front."""
        if view.key != self._key:
            return
        first, self._view = self._view is None, view
        chosen = self._wanted or self._chosen_commit()
        self._list.blockSignals(True)
        self._list.clear()
        for row in view.rows:
            line = QListWidgetItem(line_of(row, self.language))
            line.setData(_ROW, row)
            line.setToolTip(row.name)
            font = line.font()
            font.setStrikeOut(row.struck is not None or row.redacted)
            line.setFont(font)
            self._list.addItem(line)
            if row.commit == chosen:
                self._list.setCurrentItem(line)
        if self._list.currentRow() < 0 and view.rows:
            self._list.setCurrentRow(len(view.rows) - 1)
        self._list.blockSignals(False)
        self._wanted = ""
        refused = view.why_not(self.language) if view.why_not is not None else ""
        for button, keys in ((self.choose_button, "Ctrl+O"), (self.paste_button, "Ctrl+V")):
            sheet.offer(button, refused, keys)
        self._show_words()
        self._show_chosen()
        self.titled.emit()
        if first and self.choose_button.hasFocus():
            self.take_focus()
        files, self._dropped = self._dropped, []
        if files and self._may_attach:
            self.offer_files(files)
        elif files:
            self._tell(lambda: refused, Tone.WARN)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self.choose_button.setText(self.tr("Attach a file…"))
        self.choose_button.setAccessibleName(self.tr("Attach a photo, a scan or a PDF"))
        self.paste_button.setText(self.tr("Paste a picture"))
        self.paste_button.setAccessibleName(self.tr("Attach the picture on the clipboard"))
        self._list.setAccessibleName(self.tr("Attachments of this form"))
        self.strike_button.setText(self.tr("Strike through…"))
        self.strike_button.setAccessibleName(self.tr("Strike this attachment through"))
        self.redact_button.setText(self.tr("Take out of the record…"))
        self.redact_button.setAccessibleName(self.tr("Take this attachment out of the record"))
        self.viewer.retranslate()
        self.card.retranslate()
        if self._said is not None:
            self._notice.say(self._said[0](), self._said[1])
        self._show_words()
        if self._view is not None:
            self.show_view(self._view)

    def _show_words(self) -> None:
        self._heading.setText(self.tr("Attachments"))
        self._where.setText(self._view.where(self.language) if self._view is not None else "")
        empty = self._view is not None and not self._view.rows
        told = self.tr("Nothing is attached to this form yet.") + " " if empty else ""
        self._hint.setText(told + self.tr("Photos, scans and PDFs can also be dropped here or pasted (Ctrl+V)."))

    # -- the attachment in front ----------------------------------------------------------------------------

    def _chosen(self) -> AttachmentRow | None:
        row = self._list.currentIndex().data(_ROW)
        return row if isinstance(row, AttachmentRow) else None

    def _chosen_commit(self) -> str:
        row = self._chosen()
        return row.commit if row is not None else ""

    def _choose(self, _line: QListWidgetItem | None, _before: QListWidgetItem | None = None) -> None:
        self._reason.close_panel()
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show the facts of the chosen attachment, and the file where it is another one than shown."""
        row = self._chosen()
        may = self._view is not None and self._view.why_not is None
        self._sign.setVisible(row is not None)
        self._facts.setVisible(row is not None)
        self.strike_button.setVisible(row is not None and may and row.struck is None and not row.redacted)
        may_redact = "redact" in self.port.person.rights
        self.redact_button.setVisible(row is not None and may_redact and not row.redacted)
        if row is None:
            self._shown = ""
            self.viewer.say("")
            return
        self._sign.show_sign(where_sign(row))
        told = [self.tr("Attached on laptop %1").replace("%1", row.laptop)]
        if row.struck is not None:
            struck = self.tr("struck through by %1: %2").replace("%1", row.struck_by).replace("%2", row.struck)
            told.append(struck)
        if row.sha256:
            told.append(f"SHA-256 {row.sha256[:16]}…")
            self._facts.setToolTip(row.sha256)
        self._facts.setText(" · ".join(told))
        if row.redacted:
            self._shown = ""
            self.viewer.say(self.tr("It was taken out of the record and can be opened nowhere."))
        elif row.commit != self._shown or (row.is_here and self.viewer.content is None):
            self._shown = row.commit
            self._open(row)

    def _open(self, row: AttachmentRow) -> None:
        self.viewer.say(self.tr("Opening…"))
        work = partial(self.port.attachments.content, self._form(), row.commit)
        self.background.run(work, then=partial(self._opened, row), otherwise=partial(self._not_opened, row))

    def _opened(self, row: AttachmentRow, content: bytes) -> None:
        if self._shown == row.commit and not self.viewer.show_file(content, row.media_type):
            self.viewer.say(self.tr("This file cannot be shown here. Save a copy and open it with another program."))
            self.viewer.content = content
            self.viewer.save_button.setEnabled(True)

    def _not_opened(self, row: AttachmentRow, error: CasebookError) -> None:
        if self._shown != row.commit:
            return
        self.viewer.say(error.sentence(self.language))
        if isinstance(error, AttachmentElsewhereError):
            self.refresh_signs()

    def refresh_signs(self) -> None:
        """Look again where attachments are; what is shown stays."""
        if self._key is not None:
            work = partial(self.port.attachments.of_form, self._key)
            self.background.run(work, then=self._show_signs, otherwise=self._refused)

    def _show_signs(self, view: AttachmentsView) -> None:
        if self._view is not None and view != self._view and view.key == self._key:
            self.show_view(view)

    def _form(self) -> FormKey:
        if self._key is None:
            raise LookupError
        return self._key

    def take_focus(self) -> None:
        """Put the focus on the list; on the button where there is none."""
        target = self._list if self._list.count() else self.choose_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- attaching ------------------------------------------------------------------------------------------

    @property
    def _may_attach(self) -> bool:
        return self.choose_button.isEnabled() and self._key is not None

    def ask_file(self) -> None:
        """Let the user choose files."""
        if not self._may_attach:
            return
        dialog = QFileDialog(self, self.tr("Attach a file"), "", f"{self.tr('Photos, scans, PDF')} ({FILES})")
        dialog.setObjectName("attachments_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.offer_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def offer_when_shown(self, paths: Sequence[str]) -> None:
        """Ask about files that were dropped on the form, as soon as it is known whether they may be attached."""
        self._dropped = list(paths)

    def offer_files(self, paths: Sequence[str]) -> None:
        """Ask about files one after the other."""
        self._not_taken = []
        self._waiting += list(paths)
        if self.card.candidate is None:
            self._offer_next()

    def _offer_next(self) -> None:
        if self._waiting:
            path = self._waiting.pop(0)
            if not self._not_taken:
                self._tell(lambda: self.tr("Reading the file…"), Tone.QUIET)
            work = partial(pictures.read_candidate, path)
            self.background.run(work, then=self._offered, otherwise=self._not_read)

    def _not_read(self, error: CasebookError) -> None:
        """Say why a file is not attached, beside what was said of the files before it, and go on with the next."""
        self._not_taken = [*self._not_taken, error]
        refused = self._not_taken
        self._tell(lambda: " ".join(one.sentence(self.language) for one in refused), Tone.BAD)
        if self._waiting:
            self._offer_next()

    def offer_picture(self, image: QImage) -> None:
        """Ask about a picture that is no file: from the clipboard, or from another window."""
        work = partial(pictures.candidate_of_image, image.copy(), self.tr("pasted picture"))
        self.background.run(work, then=self._offered, otherwise=self._refused)

    def paste(self) -> None:
        """Take what is on the clipboard: files, or a picture."""
        if self._may_attach and not self._take(QApplication.clipboard().mimeData()):
            self._refused(ClipboardEmptyError())

    def _take(self, what: QMimeData | None) -> bool:
        """Take what was pasted or dropped; False where there is nothing to attach."""
        if what is None:
            return False
        files = [url.toLocalFile() for url in what.urls() if url.isLocalFile()]
        if files:
            self.offer_files(files)
            return True
        image = what.imageData() if what.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.offer_picture(image)
            return True
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and pictures."""
        if self._may_attach and (event.mimeData().hasUrls() or event.mimeData().hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask about what was dropped."""
        if self._may_attach and self._take(event.mimeData()):
            event.acceptProposedAction()

    def _offered(self, candidate: Candidate) -> None:
        try:
            if candidate.media_type == pictures.PDF:
                Pages(candidate.content).close()
        except RuntimeError:  # of the PDF library
            self._not_read(AttachmentFormatError(name=candidate.name))
            return
        if not self._not_taken:
            self._said = None
            self._notice.say("")
        self.card.ask(candidate, self._item if self._path is not None else "")
        self._look_at(self.card)

    def _attach(self, name: str, about_item: bool) -> None:
        candidate = self.card.candidate
        if candidate is None:
            return
        work = partial(
            self.port.attachments.attach,
            self._form(),
            name,
            candidate.media_type,
            candidate.content,
            self._path if about_item else None,
        )
        known = {row.commit for row in self._view.rows} if self._view is not None else set()
        self.background.run(work, then=partial(self._attached, known), otherwise=self._not_attached)

    def _attached(self, known: set[CommitId], view: AttachmentsView) -> None:
        new = [row for row in view.rows if row.commit not in known]
        self.card.close_card()
        if new:
            self._wanted = new[-1].commit
            name = new[-1].name
            self._tell(lambda: self.tr("%1 is attached and kept on this laptop.").replace("%1", name), Tone.GOOD)
        else:
            self._tell(lambda: self.tr("The same file is attached to this form already."), Tone.WARN)
        self.show_view(view)
        if self._waiting:
            self._offer_next()
        else:
            self.take_focus()

    def _not_attached(self, error: CasebookError) -> None:
        self._refused(error)
        self.card.confirm.setEnabled(True)

    def _discard(self) -> None:
        self.card.close_card()
        if self._waiting:
            self._offer_next()
        else:
            self.take_focus()

    # -- striking, taking out, saving -----------------------------------------------------------------------

    def ask_strike(self) -> None:
        """Ask why the chosen attachment is struck through."""
        row = self._chosen()
        if row is not None and not self.strike_button.isHidden():
            question = self.tr("Why is “%1” struck through? It stays readable.").replace("%1", row.name)
            self._reason.ask(question, self.tr("Strike through"))
            self._look_at(self._reason)

    def _strike(self, reason: str) -> None:
        row = self._chosen()
        if row is not None:
            work = partial(self.port.attachments.strike, self._form(), row.commit, reason)
            self.background.run(work, then=self._struck, otherwise=self._not_struck)

    def _struck(self, view: AttachmentsView) -> None:
        self._reason.close_panel()
        self._tell(lambda: self.tr("It is struck through, with the reason."), Tone.GOOD)
        self.show_view(view)
        self.take_focus()

    def _not_struck(self, error: CasebookError) -> None:
        self._reason.refuse(error.sentence(self.language))

    def _want_redaction(self) -> None:
        row = self._chosen()
        if row is not None:
            self.attachment_redaction_wanted.emit(self._form(), row.commit)

    def ask_copy(self) -> None:
        """Let the user choose where a copy of what is shown goes."""
        row = self._chosen()
        if row is None or self.viewer.content is None:
            return
        dialog = QFileDialog(self, self.tr("Save a copy"), self.file_name(row.name))
        dialog.setObjectName("attachments_copy_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(partial(self.save_copy, row))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_copy(self, row: AttachmentRow, path: str) -> None:
        """Write a copy to a file, and note in the record that one left the vault."""
        content, key, port = self.viewer.content, self._form(), self.port
        if content is None or self._shown != row.commit:
            return

        def write() -> str:
            port.attachments.note_copied(key, row.commit)
            return write_file(path, content)

        self.background.run(write, then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        name = Path(path).name
        told = self.tr("A copy was saved as %1; the record says so. It is not protected there.")
        self._tell(lambda: told.replace("%1", name), Tone.WARN)

    # -- the page -------------------------------------------------------------------------------------------

    def leave(self, then: Callable[[], None]) -> None:
        """Forget what was asked about."""
        self._waiting = []
        self.card.close_card()
        self._reason.close_panel()
        super().leave(then)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list above the viewer where the window is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._halves.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._list.setMinimumWidth(0 if narrow else LIST_WIDTH)
        self._list.setMaximumWidth(16777215 if narrow else LIST_WIDTH)
        self._list.setMaximumHeight(LIST_HEIGHT_NARROW if narrow else 16777215)
        self._hint.setMaximumWidth(16777215 if narrow else LIST_WIDTH)

    def _look_at(self, widget: QWidget) -> None:
        """Bring a part of the page into sight, once it has its place."""
        QTimer.singleShot(0, self, partial(self._area.ensureWidgetVisible, widget, 0, theme.SMALL))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Strike by Del, show the file by Enter on its line, go back by Esc."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.back_requested.emit()
        elif key == Qt.Key.Key_Delete and self._list.hasFocus():
            self.ask_strike()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._list.hasFocus():
            self.viewer.take_focus()
            self._look_at(self.viewer)
        else:
            super().keyPressEvent(event)

    def _tell(self, words: Callable[[], str], tone: Tone) -> None:
        self._said = (words, tone)
        self._notice.say(words(), tone)
        self._look_at(self._notice)

    def _refused(self, error: CasebookError) -> None:
        self._tell(lambda: error.sentence(self.language), Tone.BAD)
