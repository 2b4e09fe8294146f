"""The guide's strip at the lower edge of the window: which step, the one thing to do, the key for it.

It takes room of its own and covers nothing. In a narrow window the heading goes, and buttons show their icons alone.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models.words import Sign
from desktop_app.theme import Tone
from desktop_app.widgets.focus import focused_widget, go_by_tab, holds_focus, tab_stops
from desktop_app.widgets.icon import IconButton, PromptButton, SignLabel
from desktop_app.widgets.marker import paint_sign
from desktop_app.widgets.spoken import announce

NARROW = 860
"""Below this width in pixels it says less."""
SIGN = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideCard:
    """What the strip says.

    Attributes:
        figure: The number of the step; "" outside the steps.
        title, words: The heading, and the one thing to do.
        keys: The keys that do it; where an answer is asked for, those that lead into the strip.
        told: What was just done.
        accept, decline: The answers that are asked for; "" for none.
        back, skip: Whether there is a step before, and one to be left out.
    """

    figure: str
    title: str
    words: str
    keys: str = ""
    told: str = ""
    accept: str = ""
    decline: str = ""
    back: bool = False
    skip: bool = False

    @property
    def said(self) -> str:
        """All of it, as it is read out."""
        return "\n".join(part for part in (self.told, self.title, self.words) if part)


class _Figure(QWidget):
    """The number of the step, as it stands at the control that is meant."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.figure = ""
        self.setFixedSize(SIGN, SIGN)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        paint_sign(painter, QRectF(self.rect()), self.figure, self.palette())
        painter.end()


class GuideStrip(QFrame):
    """The strip, hidden while there is nothing to say.

    Attributes:
        card: What it says; None for nothing.

    Signals:
        accepted: Yes, or on with it.
        declined: No, or closed.
        back_wanted: The step before is wanted.
        skip_wanted: This step is to be left out.
    """

    accepted = Signal()
    declined = Signal()
    back_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName("guide")
        theme.set_role(self, "guide")
        self.card: GuideCard | None = None
        self._figure = _Figure(self)
        self._head = QWidget(self)
        self._title = QLabel(self)
        self._title.setObjectName("guide_title")
        theme.set_role(self._title, "lead")
        self._told = SignLabel(self)
        self._told.setObjectName("guide_told")
        self._words = QLabel(self)
        self._words.setObjectName("guide_words")
        self._words.setWordWrap(True)
        self._keys = QLabel(self)
        self._keys.setObjectName("guide_keys")
        theme.set_role(self._keys, "key")
        self._accept = PromptButton(self)  # the one primary button is the page's
        self._accept.setObjectName("guide_accept")
        self._decline = QPushButton(self)
        self._decline.setObjectName("guide_decline")
        self._back = IconButton("back", self)
        self._back.setObjectName("guide_back")
        self._skip = IconButton("chevron_right", self)
        self._skip.setObjectName("guide_skip")
        self._close = IconButton("close", self)
        self._close.setObjectName("guide_close")
        quiet: tuple[QPushButton, ...] = (self._decline, self._back, self._skip, self._close)
        for button in quiet:
            theme.set_role(button, "quiet")
        pressed: tuple[QPushButton, ...] = (self._accept, self._decline, self._back, self._skip, self._close)
        for one in pressed:
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard to the page
        self._lay_out()
        self._accept.clicked.connect(self.accepted)
        self._decline.clicked.connect(self.declined)
        self._close.clicked.connect(self.declined)
        self._back.clicked.connect(self.back_wanted)
        self._skip.clicked.connect(self.skip_wanted)
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.MEDIUM)
        head.addWidget(self._title)
        head.addWidget(self._told, 1)
        column = QVBoxLayout()
        column.setSpacing(theme.HAIR)
        column.addStretch(1)
        column.addWidget(self._head)
        column.addWidget(self._words)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, theme.TIGHT, theme.SMALL, theme.TIGHT)
        row.setSpacing(theme.SMALL)
        row.addWidget(self._figure)
        row.addLayout(column, 1)
        for widget in (self._keys, self._accept, self._decline, self._back, self._skip, self._close):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    # -- what is shown --------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it says something."""
        return not self.isHidden()

    def show_card(self, card: GuideCard | None) -> None:
        """Say something, aloud too where it is new; None says nothing any more."""
        before, self.card = self.card, card
        if card is None:
            self.hide()
            return
        had_focus = holds_focus(self)
        self._figure.figure = card.figure
        self._figure.setVisible(bool(card.figure))
        self._figure.update()
        self._title.setText(card.title)
        self._told.show_sign(Sign(icon="check", word=card.told, tone=Tone.GOOD))
        self._words.setText(card.words)
        self._keys.setText(card.keys)
        for button, words in ((self._accept, card.accept), (self._decline, card.decline)):
            button.setText(words)
            button.setVisible(bool(words))
        self._back.setVisible(card.back)
        self._skip.setVisible(card.skip)
        self._close.setVisible(not card.accept)
        self.setAccessibleName(card.title)
        self.setAccessibleDescription(card.said)
        self._fit()
        self.show()
        if had_focus and not holds_focus(self):
            self.take_focus()
        if card != before:
            announce(self, card.said)

    def retranslate(self) -> None:
        """Set the texts of its own controls again; `show_card` says the rest."""
        self._back.setAccessibleName(self.tr("The step before"))
        self._skip.setAccessibleName(self.tr("Leave this step out"))
        self._close.setAccessibleName(self.tr("Close the first steps"))
        self._close.setToolTip("Esc")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where the window is narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow, card = self.width() < NARROW, self.card
        self._head.setVisible(not narrow)
        self._told.setVisible(card is not None and bool(card.told))
        is_asked = card is not None and bool(card.accept)
        self._keys.setVisible(card is not None and bool(card.keys) and (is_asked or not narrow))
        for button, words in ((self._back, self.tr("Back")), (self._skip, self.tr("Skip"))):
            button.setText("" if narrow else words)
            button.setToolTip(button.accessibleName())

    # -- keys -----------------------------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Put the keyboard on the first of its buttons."""
        stops = tab_stops((self,))
        if stops:
            stops[0].setFocus(Qt.FocusReason.TabFocusReason)

    def focusNextPrevChild(self, onwards: bool) -> bool:
        """Let Tab go on with the rail: Qt's own chain leads back into what was made after the strip."""
        return go_by_tab(self, tab_stops([self]), onwards=onwards)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Esc; press a button by Enter too, on every system."""
        focused = focused_widget()
        if event.key() == Qt.Key.Key_Escape:
            self.declined.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(focused, QPushButton):
            focused.click()
        else:
            super().keyPressEvent(event)
