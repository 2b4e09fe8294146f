"""The part of the page of bundles for two laptops in one room: one waits and shows, the other types."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.widgets.fields import Field
from desktop_app.widgets.icon import IconButton
from desktop_app.windows import sheet

FIGURES = 6


class NeighbourCard(QFrame):
    """Lets this laptop wait for another one of the site, or call it.

    Signals:
        wait_wanted: This laptop is to wait.
        call_wanted: The laptop at an address is to be called, with figures (str, str).
    """

    wait_wanted = Signal()
    call_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing under way."""
        super().__init__(parent)
        self.setObjectName("bundles_neighbour_card")
        theme.set_role(self, "card")
        self._open: tuple[str, str] | None = None
        self._heading = sheet.label("lead")
        self._note = sheet.label("note")
        self._wait = IconButton("laptop")
        self._wait.setObjectName("bundles_wait")
        self._shown = sheet.label()
        self._shown.setObjectName("bundles_open")
        self._address_shown = QLabel()
        self._address_shown.setObjectName("bundles_open_address")
        self._figures_shown = QLabel()
        self._figures_shown.setObjectName("bundles_open_figures")
        for label in (self._address_shown, self._figures_shown):
            theme.set_role(label, "title")
        self._address = Field("bundles_address", QLineEdit())
        self._figures = Field("bundles_figures", QLineEdit())
        self._call = IconButton("arrow_right")
        self._call.setObjectName("bundles_call")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.HUGE, theme.LARGE, theme.HUGE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        for widget in (self._heading, self._note):
            column.addWidget(widget)
        column.addLayout(sheet.row(self._wait))
        for widget in (self._shown, self._address_shown, self._figures_shown):
            column.addWidget(widget)
        typed = sheet.row(self._address, self._figures)
        typed.setStretch(0, 3)
        typed.setStretch(1, 2)
        column.addLayout(typed)
        column.addLayout(sheet.row(self._call))
        self._wait.clicked.connect(self.wait_wanted)
        self._call.clicked.connect(self._ask)
        self._figures.edit.returnPressed.connect(self._ask)
        self.show_closed()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.tr("Beside another laptop of this site"))
        self._note.setText(
            self.tr(
                "Both laptops are in one network, with or without internet. One waits and shows an address and six "
                "figures; on the other somebody types them. Afterwards both show the same entries."
            )
        )
        self._wait.setText(self.tr("Wait &here"))
        self._shown.setText(self.tr("On the other laptop, type this address and these figures:"))
        self._address.set_texts(self.tr("A&ddress of the laptop that waits"))
        self._figures.set_texts(self.tr("S&ix figures"))
        self._call.setText(self.tr("&Call it"))
        self._show_open()

    def show_running(self, *, running: bool) -> None:
        """Offer nothing while something is under way."""
        for control in (self._wait, self._call, self._address, self._figures):
            control.setEnabled(not running)

    def show_open(self, address: str, figures: str) -> None:
        """Show under which address and with which figures this laptop can be called."""
        self._open = (address, figures)
        self._show_open()

    def show_closed(self) -> None:
        """Show them no more."""
        self._open = None
        self._show_open()

    def _show_open(self) -> None:
        for label in (self._shown, self._address_shown, self._figures_shown):
            label.setVisible(self._open is not None)
        if self._open is not None:
            address, figures = self._open
            self._address_shown.setText(address)
            self._figures_shown.setText(f"{figures[:3]} {figures[3:]}")
            self._address_shown.setAccessibleName(self.tr("Address %1").replace("%1", address))
            self._figures_shown.setAccessibleName(self.tr("Figures %1").replace("%1", " ".join(figures)))

    def _ask(self) -> None:
        address = self._address.text().strip()
        figures = "".join(self._figures.text().split())
        if not address:
            self._address.show_error(self.tr("This is needed."))
        elif len(figures) != FIGURES or not figures.isascii() or not figures.isdigit():
            self._figures.show_error(self.tr("Type the six figures that the other laptop shows."))
        else:
            self.call_wanted.emit(address, figures)
