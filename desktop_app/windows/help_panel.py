"""F1: what the page in front is for, what to do next, its keys, and what can go wrong. Beside the page, in its window.

The texts are those of `desktop_app.help_texts`. Nothing here leads out of the program: no links, no network.
"""

from html import escape

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.help_texts import EVERYWHERE, HelpText, help_text
from desktop_app.widgets.focus import focused_widget, holds_focus
from desktop_app.widgets.icon import IconButton
from desktop_app.windows import sheet

WIDTH = 440
"""At most, in pixels."""


class HelpPanel(QFrame):
    """A panel at the right of its parent.

    Signals:
        closed: It has closed.
        guide_wanted: The first steps are to be shown.
    """

    closed = Signal()
    guide_wanted = Signal()

    def __init__(self, parent: QWidget, *, below: QWidget | None = None) -> None:
        """Make it, closed. `below`: what stands at the top of `parent` and is not covered."""
        super().__init__(parent)
        self.setObjectName("help")
        theme.set_role(self, "palette")
        self._over = parent
        self._below = below
        self._language = "en"
        self._name = ""
        self._return_to: QWidget | None = None
        self._heading = QLabel()
        self._heading.setObjectName("help_title")
        self._heading.setWordWrap(True)
        theme.set_role(self._heading, "title")
        self._close = IconButton("close")
        self._close.setObjectName("help_close")
        theme.set_role(self._close, "quiet")
        self._text = QTextBrowser()
        self._text.setObjectName("help_text")
        self._text.setOpenLinks(False)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._guide = IconButton("guide")
        self._guide.setObjectName("help_guide")
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.SMALL, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addLayout(head)
        column.addWidget(self._text, 1)
        column.addLayout(sheet.row(self._guide))
        self._guide.clicked.connect(self._want_guide)
        self._close.clicked.connect(self.close_panel)
        parent.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it stands open."""
        return not self.isHidden()

    def open_panel(self, name: str, language: str) -> None:
        """Explain a page; where that stands open already, close."""
        if self.is_open and name == self._name:
            self.close_panel()
            return
        if not self.is_open:
            self._return_to = focused_widget()
        self._name = name
        self.set_language(language)
        self._place()
        self.show()
        self.raise_()
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> None:
        """Close, and give the keyboard back to where it was."""
        if not self.is_open:
            return
        had_focus = holds_focus(self)
        self.hide()
        back, self._return_to = self._return_to, None
        if back is not None and back.isVisible() and had_focus:
            back.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def set_language(self, language: str) -> None:
        """Say it in another language."""
        self._language = language
        self._close.setText(self.tr("Close"))
        self._close.setAccessibleName(self.tr("Close the help"))
        self._close.setToolTip("Esc")
        self._guide.setText(self.tr("First steps: practise with a practice subject"))
        self._guide.setToolTip("F6")
        self._guide.setVisible(self._name not in DOORS)
        told = help_text(self._name)
        if told is None:
            return
        self._heading.setText(told.title(language))
        self._text.setHtml(self._page(told))
        self._text.setAccessibleName(self.tr("Help: %1").replace("%1", told.title(language)))
        self.setAccessibleName(self._text.accessibleName())

    def _want_guide(self) -> None:
        self.close_panel()
        self.guide_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of what it stands over."""
        if watched is self._over and event.type() is QEvent.Type.Resize and self.is_open:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        over = self._over.size()
        width = min(WIDTH, over.width() - 2 * theme.SMALL)
        top = self._below.height() if self._below is not None else 0
        self.setGeometry(over.width() - width, top, width, over.height() - top)

    def _page(self, told: HelpText) -> str:
        language = self._language
        parts = [
            _paragraph(told.purpose(language)),
            _heading(self.tr("What to do next")),
            _paragraph(told.next(language)),
        ]
        if told.all_keys():
            parts += [_heading(self.tr("Keys on this page")), _table(told, language)]
        everywhere = help_text(EVERYWHERE)
        if told.troubles:
            parts.append(_heading(self.tr("What can go wrong")))
            parts += [
                f"<p><b>{escape(one.what(language))}</b><br>{escape(one.do(language))}</p>" for one in told.troubles
            ]
        if everywhere is not None and self._name not in DOORS:
            parts += [_heading(self.tr("Keys everywhere")), _table(everywhere, language)]
        return "".join(parts)


DOORS = frozenset({"enrol", "unlock", "recover", "retire"})
"""Helps of pages before a session or after it: the keys of the workplace do not work there."""


def _heading(words: str) -> str:
    return f"<h3>{escape(words)}</h3>"


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _table(told: HelpText, language: str) -> str:
    lines = "".join(
        f'<tr><td style="padding: 2px 14px 2px 0; white-space: nowrap"><b>{escape(keys)}</b></td>'
        f'<td style="padding: 2px 0">{escape(words(language))}</td></tr>'
        for keys, words in told.all_keys()
    )
    return f"<table>{lines}</table>"
