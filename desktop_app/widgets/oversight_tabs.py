"""The way between the pages of data management: queries, source data, signing, held entries."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar, QWidget

PLACES = ("queries", "review", "signing", "held")
"""The pages, in order."""


class OversightTabs(QTabBar):
    """A tab for each page; the page that carries it is in front.

    Signals:
        wanted: Another page is to come to the front (one of PLACES).
    """

    wanted = Signal(str)

    def __init__(self, place: str, page: QWidget) -> None:
        """Stand on `page`, which is that of `place`; Ctrl+PgDown and Ctrl+PgUp go on from there."""
        super().__init__(page)
        self._place = place
        self.setObjectName(f"{place}_tabs")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        for _ in PLACES:
            self.addTab("")
        self.setCurrentIndex(PLACES.index(place))
        self.currentChanged.connect(self._changed)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), page).activated.connect(lambda step=step: self._turn(step))
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        words = (self.tr("&Queries"), self.tr("&Verification"), self.tr("&Sign"), self.tr("&Held entries"))
        for place, text in enumerate(words):
            self.setTabText(place, text)
        self.setAccessibleName(self.tr("Pages of data management"))

    def _turn(self, step: int) -> None:
        wanted = PLACES.index(self._place) + step
        if 0 <= wanted < len(PLACES):
            self.wanted.emit(PLACES[wanted])

    def _changed(self, index: int) -> None:
        """Ask for the page, and stay on the own tab: this bar belongs to its page."""
        if PLACES[index] != self._place:
            self.wanted.emit(PLACES[index])
            self.setCurrentIndex(PLACES.index(self._place))
