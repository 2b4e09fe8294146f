"""The button that leads back to where the user came from, and says where that is."""

from PySide6.QtWidgets import QWidget

from desktop_app import theme
from desktop_app.widgets.icon import IconButton

LETTERS = 24
"""How much of a page's name is shown; all of it is the tip and the accessible name."""


class BackButton(IconButton):
    """Back, with the name of the page that it leads to."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the button of the page `name`; it says nothing more than Back until `came_from`."""
        super().__init__("back", parent)
        self.setObjectName(f"{name}_back")
        theme.set_role(self, "quiet")
        self._origin = ""
        self._is_alone = False

    def came_from(self, title: str) -> None:
        """Name the page that it leads to."""
        self._origin = title
        self.retranslate()

    def stand_alone(self, *, on: bool) -> None:
        """Show the icon alone where there is little room."""
        self._is_alone = on
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        origin = self._origin
        shown = origin if len(origin) <= LETTERS else f"{origin[: LETTERS - 1].rstrip()}…"
        self.setText("" if self._is_alone else shown or self.tr("Back"))
        self.setToolTip(f"{origin}  Esc".strip())
        self.setAccessibleName(
            self.tr("Back: %1").replace("%1", origin) if origin else self.tr("Back to where you came from")
        )
