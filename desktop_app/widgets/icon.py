"""Icons that follow the palette, and buttons that carry them."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QShortcutEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from desktop_app import theme
from desktop_app.models.words import Sign
from desktop_app.theme import Tone


class Glyph(QWidget):
    """One icon in the colour of a tone. It says nothing to screen readers: a word stands beside it."""

    def __init__(
        self, name: str = "", tone: Tone | None = None, size: int = theme.ICON, parent: QWidget | None = None
    ) -> None:
        """Show the icon `name`, or nothing for ""."""
        super().__init__(parent)
        self._name = name
        self._tone = tone
        self.setFixedSize(size, size)

    def show_icon(self, name: str, tone: Tone | None = None) -> None:
        """Show another icon."""
        self._name = name
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon in the palette's colour of the moment."""
        del event
        if not self._name:
            return
        palette = self.palette()
        colour = theme.tone(palette, self._tone) if self._tone else palette.color(QPalette.ColorRole.WindowText)
        painter = QPainter(self)
        theme.paint_icon(painter, QRectF(self.rect()), self._name, colour)
        painter.end()


class SignLabel(QWidget):
    """An icon and the word for a state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._glyph = Glyph(parent=self)
        self._word = QLabel(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SMALL - theme.HAIR)
        row.addWidget(self._glyph)
        row.addWidget(self._word, 1)

    def show_sign(self, sign: Sign, words: str | None = None) -> None:
        """Show a state; `words` replaces its word by a longer one."""
        self._glyph.show_icon(sign.icon, sign.tone)
        self._word.setText(words if words is not None else sign.word)
        theme.set_tone(self._word, sign.tone)
        self.setAccessibleName(self._word.text())

    def text(self) -> str:
        """Return the words that are shown."""
        return self._word.text()


class PromptButton(QPushButton):
    """A button that acts as soon as its letter is pressed: what is typed next belongs to what it opens.

    Qt presses it for a tenth of a second first, and letters typed meanwhile go where the keyboard was.
    """

    def event(self, event: QEvent) -> bool:
        """Take the key of the underlined letter."""
        if isinstance(event, QShortcutEvent) and not event.isAmbiguous():
            self.click()
            return True
        return super().event(event)


class IconButton(PromptButton):
    """A button with an icon beside its word; the icon follows the palette."""

    def __init__(self, name: str, parent: QWidget | None = None, *, tone: Tone | None = None) -> None:
        """Make a button with the icon `name`; its text is set by its owner."""
        super().__init__(parent)
        self._icon_name = name
        self._tone = tone
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tint()

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        if name != self._icon_name:
            self._icon_name = name
            self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.setIcon(theme.icon(self._icon_name, self.palette(), self._tone))


class PrimaryButton(PromptButton):
    """The one obvious next action of a screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the button; its text is set by its owner."""
        super().__init__(parent)
        theme.set_role(self, "primary")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)


class RailButton(QToolButton):
    """A button of the rail: an icon above its word. It says where one is, and is never ticked: it leads."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make a button with the icon `name`."""
        super().__init__(parent)
        self._icon_name = name
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(theme.ICON_LARGE, theme.ICON_LARGE))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.set_role(self, "rail")
        self._tint()

    def show_current(self, *, on: bool) -> None:
        """Say whether its page is in front: by its ground and its weight, and in words to a screen reader."""
        self.setProperty("current", on)
        self.setAccessibleDescription(self.tr("You are here") if on else "")
        theme.restyle(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys but Space to the rail."""
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def stand_alone(self, *, on: bool) -> None:
        """Show the icon alone, for a low window; the word is the tip and the name."""
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if on else Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        self.setToolButtonStyle(style)
        theme.set_role(self, "rail_low" if on else "rail")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.setIcon(theme.icon(self._icon_name, self.palette()))


class FootButton(QToolButton):
    """A flat button of the foot line: an icon and a word that say a state and lead to more."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make a button with the icon `name`."""
        super().__init__(parent)
        self._icon_name = name
        self._tone: Tone | None = None
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.set_role(self, "foot")
        self._tint()

    def show_icon(self, name: str, tone: Tone | None = None) -> None:
        """Show another icon."""
        self._icon_name = name
        self._tone = tone
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.setIcon(theme.icon(self._icon_name, self.palette(), self._tone))
