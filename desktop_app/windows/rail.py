"""The rail: the places of a session, one press or one key each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.widgets.icon import RailButton

PLACES = ("today", "subjects", "queries", "randomise", "paper", "sync", "settings", "site")
"""The places of the rail, in order; Ctrl+1 to Ctrl+8."""
WIDTH = 100
NARROW = theme.FINGER + theme.SMALL
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class Rail(QFrame):
    """The narrow rail on the left: icons over words; in a low window icons alone, whose words are tips and names.

    Signals:
        place_wanted: A place was pressed (one of PLACES).
    """

    place_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make one button per place."""
        super().__init__(parent)
        self.setObjectName("rail")
        theme.set_role(self, "rail")
        self._buttons = {place: RailButton(place) for place in PLACES}
        self._column = QVBoxLayout(self)
        for number, (place, button) in enumerate(self._buttons.items(), start=1):
            button.setObjectName(f"rail_{place}")
            button.clicked.connect(lambda _checked=False, place=place: self.place_wanted.emit(place))
            for keys in (f"Ctrl+{number}", f"Alt+{number}"):
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.activated.connect(lambda place=place: self.place_wanted.emit(place))
            self._column.addWidget(button)
        self._column.addStretch(1)
        self._place = PLACES[0]
        self._is_low: bool | None = None
        self._fit(low=False)
        self._whole = self.sizeHint().height()
        self.setMinimumHeight(len(PLACES) * theme.TARGET + 2 * theme.HAIR)
        self.retranslate()
        self.show_place(self._place)

    def show_place(self, place: str) -> None:
        """Mark where the user is."""
        self._place = place
        for one, button in self._buttons.items():
            button.show_current(on=one == place)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if one == place else Qt.FocusPolicy.ClickFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows inside the rail, one stop of Tab; Enter opens the place under the focus."""
        buttons = list(self._buttons.values())
        here = next((number for number, button in enumerate(buttons) if button.hasFocus()), None)
        step = _STEPS.get(Qt.Key(event.key()))
        if here is not None and step is not None:
            buttons[(here + step) % len(buttons)].setFocus(Qt.FocusReason.OtherFocusReason)
        elif here is not None and event.key() in _ENTER:
            buttons[here].click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words away where they do not fit."""
        super().resizeEvent(event)
        self._fit(low=self.height() < self._whole)

    def _fit(self, *, low: bool) -> None:
        if low == self._is_low:
            return
        self._is_low = low
        self.setFixedWidth(NARROW if low else WIDTH)
        side, ends = (theme.TIGHT, theme.HAIR) if low else (theme.SMALL, theme.MEDIUM)
        self._column.setContentsMargins(side, ends, side, ends)
        self._column.setSpacing(0 if low else theme.TIGHT)
        for button in self._buttons.values():
            button.stand_alone(on=low)

    def retranslate(self) -> None:
        """Set every visible text again."""
        words = {
            "today": self.tr("Today"),
            "subjects": self.tr("Subjects"),
            "queries": self.tr("Queries"),
            "randomise": self.tr("Randomise"),
            "paper": self.tr("Paper"),
            "sync": self.tr("Sync"),
            "settings": self.tr("Settings"),
            "site": self.tr("Site file"),
        }
        for number, (place, button) in enumerate(self._buttons.items(), start=1):
            button.setText(words[place])
            button.setAccessibleName(words[place])
            button.setToolTip(f"{words[place]}  Ctrl+{number}")
            button.show_current(on=place == self._place)
