"""How far the casebooks of a site are read, above a list that does not show all of them yet."""

from PySide6.QtWidgets import QLabel, QWidget

from desktop_app import theme
from desktop_app.today_snapshots import SiteReading


class SiteProgress(QLabel):
    """One line, hidden once everything is read."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setWordWrap(True)
        theme.set_role(self, "note")
        self._unread = 0
        self._reading: SiteReading | None = None
        self.hide()

    def show_unread(self, unread: int) -> None:
        """Tell of how many casebooks a list lacks something."""
        self._unread = unread
        self.retranslate()

    def show_reading(self, reading: SiteReading) -> None:
        """Tell how far the reading is, where something is lacking."""
        self._reading = reading
        self.retranslate()

    def retranslate(self) -> None:
        """Say it again, in the language of the window."""
        reading = self._reading
        if reading is not None and reading.read < reading.of:
            words = self.tr("Reading casebooks: %1 of %2. Not everything stands here yet; you can go on working.")
            words = words.replace("%1", str(reading.read)).replace("%2", str(reading.of))
        else:
            words = self.tr("Reading casebooks. Not everything stands here yet; you can go on working.")
        self.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(self._unread))
