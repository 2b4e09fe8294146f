"""Parts of the Sync page: the picture of what is where, a laptop of the site."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.models.words import Sign
from desktop_app.sync_snapshots import LaptopRow, SyncView
from desktop_app.theme import Tone
from desktop_app.widgets.icon import Glyph, SignLabel
from desktop_app.windows import sheet
from desktop_app.windows.sync_port import SyncStanding

NARROW = 760
"""Below this width in pixels there is no room for arrows."""


class Picture(QWidget):
    """Where this laptop's records are: here, on the way, at the server, in its backup; and what came from others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with dashes."""
        super().__init__(parent)
        self.setObjectName("sync_picture")
        self._here = Station("laptop", "sync_here_only")
        self._way = Station("sync", "sync_on_the_way")
        self._server = Station("server", "sync_received")
        self._backup = Station("backup", "sync_backed_up")
        self._arrows = [Glyph("arrow_right", Tone.QUIET, theme.ICON_LARGE) for _ in range(3)]
        self._others = sheet.label("note")
        self._others.setObjectName("sync_from_others")
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SMALL)
        stations = (self._here, self._way, self._server, self._backup)
        for station, arrow in zip(stations, (*self._arrows, None), strict=True):
            self._row.addWidget(station, 1)
            if arrow is not None:
                self._row.addWidget(arrow, 0, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addLayout(self._row)
        column.addWidget(self._others)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the arrows out where it is narrow."""
        super().resizeEvent(event)
        for arrow in self._arrows:
            arrow.setVisible(self.width() >= NARROW)

    def show_view(self, view: SyncView | None, standing: SyncStanding) -> None:
        """Set every count and word again."""
        self._here.show_words(self.tr("This laptop"), self.tr("on this laptop only"))
        self._way.show_words(
            self.tr("On the way"), self.tr("in a bundle") if not standing.running else self.tr("sent now")
        )
        self._server.show_words(self.tr("Server"), self.tr("received by the server"))
        self._backup.show_words(self.tr("Backup"), self.tr("in a backup of the server"))
        if view is None:
            return
        self._here.show_count(view.here_only, Tone.WARN if view.here_only else Tone.GOOD)
        self._way.show_count(standing.moved.sent if standing.running else view.in_bundles, Tone.QUIET)
        self._server.show_count(view.received, Tone.GOOD if view.received else Tone.QUIET)
        self._backup.show_count(view.backed_up, Tone.GOOD if view.backed_up else Tone.QUIET)
        words = self.tr("Came from other laptops and the server: %1.")
        self._others.setText(words.replace("%1", str(view.from_others)))


class Station(QFrame):
    """A place where records can be: its name, how many, what that means."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        """Start with a dash."""
        super().__init__(parent)
        self.setObjectName(name)
        theme.set_role(self, "card")
        self._icon = icon
        self._glyph = Glyph(icon, Tone.QUIET, theme.ICON_LARGE)
        self._place = QLabel()
        self._number = QLabel("–")
        theme.set_role(self._number, "title")
        self._meaning = sheet.label("note")
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        grid.setHorizontalSpacing(theme.SMALL)
        grid.setVerticalSpacing(theme.HAIR)
        grid.addWidget(self._glyph, 0, 0)
        grid.addWidget(self._place, 0, 1)
        grid.addWidget(self._number, 1, 0, 1, 2)
        grid.addWidget(self._meaning, 2, 0, 1, 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)

    def show_words(self, place: str, meaning: str) -> None:
        """Say where it is and what is counted."""
        self._place.setText(place)
        self._meaning.setText(meaning)
        self._name()

    def show_count(self, count: int, tone: Tone) -> None:
        """Show a count."""
        self._number.setText(str(count))
        self._glyph.show_icon(self._icon, tone)
        self._name()

    def _name(self) -> None:
        self.setAccessibleName(f"{self._number.text()} {self._meaning.text()}")


class LaptopLine(QWidget):
    """A laptop of the site; one that is not admitted can be, in two steps on the spot.

    Signals:
        admitted: The user compared the fingerprint and admits the laptop (DeviceId).
    """

    admitted = Signal(str)

    def __init__(self, row: LaptopRow, parent: QWidget | None = None) -> None:
        """Show `row`."""
        super().__init__(parent)
        self._row = row
        self.setObjectName(f"sync_laptop_{row.letter}")
        self._name = QLabel()
        self._state = SignLabel()
        self._fingerprint = QLabel(row.fingerprint)
        theme.set_role(self._fingerprint, "code")
        self._admit = QPushButton()
        self._admit.setObjectName(f"sync_admit_{row.letter}")
        keeps = self._admit.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # fingerprints stand below each other
        self._admit.setSizePolicy(keeps)
        self._question = sheet.label()
        self._yes = QPushButton()
        self._yes.setObjectName(f"sync_admit_yes_{row.letter}")
        self._no = QPushButton()
        self._no.setObjectName(f"sync_admit_no_{row.letter}")
        theme.set_role(self._no, "quiet")
        upper = QHBoxLayout()
        upper.setSpacing(theme.LARGE)
        upper.addWidget(self._name, 2)
        upper.addWidget(self._fingerprint, 1)
        upper.addWidget(self._state, 1)
        upper.addWidget(self._admit)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        column.addLayout(upper)
        column.addWidget(self._question)
        column.addLayout(sheet.row(self._yes, self._no))
        self._admit.clicked.connect(lambda: self._ask(asking=True))
        self._no.clicked.connect(lambda: self._ask(asking=False))
        self._yes.clicked.connect(self._confirm)
        self._ask(asking=False)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        row = self._row
        name = self.tr("%1, laptop %2").replace("%1", row.name).replace("%2", row.letter)
        self._name.setText(name + ("  " + self.tr("(this one)") if row.is_this else ""))
        if row.withdrawn:
            sign = Sign(icon="strike", word=self.tr("withdrawn"), tone=Tone.BAD)
        elif row.admitted:
            sign = Sign(icon="check", word=self.tr("admitted"), tone=Tone.GOOD)
        else:
            sign = Sign(icon="sealed_away", word=self.tr("not admitted"), tone=Tone.WARN)
        self._state.show_sign(sign)
        self._fingerprint.setAccessibleName(self.tr("Fingerprint %1").replace("%1", row.fingerprint))
        self._admit.setText(self.tr("Admit…"))
        self._admit.setAccessibleName(self.tr("Admit laptop %1").replace("%1", row.letter))
        question = self.tr("Did the owner of %1 read you the fingerprint %2?")
        self._question.setText(question.replace("%1", row.name).replace("%2", row.fingerprint))
        self._yes.setText(self.tr("Yes, admit it"))
        self._no.setText(self.tr("No, not now"))

    def refuse(self, why_not: str) -> None:
        """Say why the person who is signed in admits no laptop; "" where they do."""
        sheet.offer(self._admit, why_not)

    def _ask(self, *, asking: bool) -> None:
        can = not self._row.admitted and not self._row.is_this and not self._row.withdrawn
        self._admit.setVisible(can and not asking)
        for widget in (self._question, self._yes, self._no):
            widget.setVisible(can and asking)
        if asking:
            self._no.setFocus()

    def _confirm(self) -> None:
        self._yes.setEnabled(False)
        self.admitted.emit(self._row.device)
