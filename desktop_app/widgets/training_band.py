"""The band of training: on every page, at the doors and over the curtain, the word and what it means.

It says it in a word, with stripes as of a site under construction and never by colour alone, and holds the
passphrase that everybody has here, the way out, and the way to begin anew.
"""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop_app import theme
from desktop_app.theme import Tone
from desktop_app.widgets.icon import FootButton

TRAINING = "TRAINING 培训"
"""How windows, files and pages of training are named, in every language."""
STRIPES = 6
"""Height in pixels of the striped edge."""
NARROW = 900
"""Below this width in pixels only what is needed is said."""


class TrainingBand(QFrame):
    """The band.

    Signals:
        leave_wanted: The user goes back to the real data.
        start_over_wanted: All practice data are to be deleted; the user was asked.
    """

    leave_wanted = Signal()
    start_over_wanted = Signal()

    def __init__(self, passphrase: str, parent: QWidget | None = None) -> None:
        """Make the band. `passphrase`: the one that everybody has here."""
        super().__init__(parent)
        self.setObjectName("training_band")
        theme.set_role(self, "training")
        self._passphrase = passphrase
        self._asks = False
        self._word = QLabel(TRAINING)
        self._word.setObjectName("training_word")
        theme.set_role(self._word, "lead")
        self._told = QLabel()
        self._told.setObjectName("training_told")
        self._told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._again, self._leave, self._yes, self._no = (
            _button(icon, f"training_{name}")
            for icon, name in (("undo", "again"), ("back", "leave"), ("strike", "delete"), ("close", "keep"))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MEDIUM, STRIPES, theme.SMALL, 0)
        row.setSpacing(theme.SMALL)
        row.addWidget(self._word)
        row.addWidget(self._told, 1)
        for button in (self._yes, self._no, self._again, self._leave):
            row.addWidget(button)
        self._again.clicked.connect(lambda: self.ask(on=True))
        self._no.clicked.connect(lambda: self.ask(on=False))
        self._yes.clicked.connect(self._begin_anew)
        self._leave.clicked.connect(self.leave_wanted)
        keys = QShortcut(QKeySequence("Ctrl+Shift+Q"), self)
        keys.activated.connect(self.leave_wanted)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def ask(self, *, on: bool) -> None:
        """Ask in the band whether to delete everything that was practised, or take the question back."""
        self._asks = on
        self.retranslate()
        (self._no if on else self._again).setFocus()

    def _begin_anew(self) -> None:
        self.ask(on=False)
        self.start_over_wanted.emit()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._again.setText(self.tr("Start over…"))
        self._again.setAccessibleName(self.tr("Start training over: asks first"))
        self._leave.setText(self.tr("Leave training"))
        self._leave.setToolTip("Ctrl+Shift+Q")
        self._yes.setText(self.tr("Delete practice data"))
        self._no.setText(self.tr("Keep them"))
        for button in (self._yes, self._no):
            button.setVisible(self._asks)
        for button in (self._again, self._leave):
            button.setVisible(not self._asks)
        narrow = self.width() < NARROW
        if self._asks:
            whole = self.tr("Delete all that was practised here? Real data are not touched.")
            short = self.tr("Delete all of it?")
        else:
            whole = self.tr("Practice data only: nothing counts, nothing leaves this laptop. Passphrase: %1")
            short = self.tr("Passphrase: %1")
        self._told.setText((short if narrow else whole).replace("%1", self._passphrase))
        self._told.setToolTip(whole.replace("%1", self._passphrase))
        self.setAccessibleName(f"{TRAINING}. {self._told.toolTip()}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less in a narrow window."""
        super().resizeEvent(event)
        self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the question back by Esc."""
        if self._asks and event.key() == Qt.Key.Key_Escape:
            self.ask(on=False)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the striped edge."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRect(0, 0, self.width(), STRIPES - 1)
        painter.setClipRect(edge)
        painter.setPen(QPen(theme.tone(self.palette(), Tone.WARN), STRIPES))
        for x in range(-STRIPES, self.width() + STRIPES, 3 * STRIPES):
            painter.drawLine(x, STRIPES, x + STRIPES, -1)
        painter.end()


def _button(icon: str, name: str) -> FootButton:
    button = FootButton(icon)
    button.setObjectName(name)
    return button
