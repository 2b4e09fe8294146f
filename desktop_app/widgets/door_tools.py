"""What stands on top of every page before a session: practising, another language, light or dark, help."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop_app import theme
from desktop_app.i18n import LANGUAGES, other
from desktop_app.theme import Look
from desktop_app.widgets.icon import IconButton


class DoorTools(QWidget):
    """The heading of a door, and buttons beside it that need no word of the language in front.

    Signals:
        language_wanted: The user asks for another language ('en' or 'zh').
        look_wanted: The user asks for another look (Look).
        help_wanted: The page is to be explained, as by F1.
        practice_wanted: The user wants to practise.
    """

    language_wanted = Signal(str)
    look_wanted = Signal(str)
    help_wanted = Signal()
    practice_wanted = Signal()

    def __init__(self, name: str, heading: QLabel, parent: QWidget | None = None) -> None:
        """Make the buttons of the door `name`, beside its heading."""
        super().__init__(parent)
        self._language = "en"
        self._switch = IconButton("language")
        self._switch.setObjectName(f"{name}_language")
        self._look = IconButton("moon")
        self._look.setObjectName(f"{name}_look")
        self._help = IconButton("question")
        self._help.setObjectName(f"{name}_help")
        self._practise = IconButton("practice")
        self._practise.setObjectName(f"{name}_practise")
        self._practise.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(heading, 1)
        for button in (self._practise, self._switch, self._look, self._help):
            theme.set_role(button, "quiet")
            row.addWidget(button)
        self._switch.clicked.connect(lambda: self.language_wanted.emit(other(self._language)))
        self._look.clicked.connect(lambda: self.look_wanted.emit(self._other_look()))
        self._help.clicked.connect(self.help_wanted)
        self._practise.clicked.connect(self.practice_wanted)

    def offer_practice(self) -> None:
        """Show the way to training."""
        self._practise.show()

    def allow_practice(self, *, on: bool) -> None:
        """Let nobody go to training while something is under way at the door: it would end without a word."""
        self._practise.setEnabled(on)

    def changeEvent(self, event: QEvent) -> None:
        """Offer the look that is not in front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._name_look()

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        self._switch.setText(LANGUAGES[other(language)])
        self._switch.setAccessibleName(self.tr("Switch the language"))
        self._help.setText(self.tr("Help"))
        self._help.setToolTip("F1")
        self._practise.setText(self.tr("P&ractise"))
        told = self.tr("Practise with data of no study: nothing counts, and no passphrase is needed")
        self._practise.setToolTip(told)
        self._practise.setAccessibleDescription(told)
        self._name_look()

    def _name_look(self) -> None:
        light = self._other_look() is Look.LIGHT
        self._look.show_icon("sun" if light else "moon")
        self._look.setText(self.tr("Light") if light else self.tr("Dark"))
        self._look.setAccessibleName(self.tr("Switch to light") if light else self.tr("Switch to dark"))

    def _other_look(self) -> Look:
        return Look.LIGHT if theme.is_dark(self.palette()) else Look.DARK
