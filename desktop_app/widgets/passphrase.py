"""Fields for passphrases: hidden until the eye is pressed, Caps Lock told, a new one measured as it is typed."""

import ctypes
import importlib
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app import theme
from desktop_app.models.words import Sign
from desktop_app.theme import Tone
from desktop_app.widgets.fields import Field
from desktop_app.widgets.icon import IconButton, SignLabel

if TYPE_CHECKING:
    from desktop_app.strength import Strength

PAUSE_MS = 60
"""A passphrase is measured when the keys rest that long: each measuring takes some milliseconds."""
SEGMENTS = 4
_SEGMENT_HEIGHT = 6
_CAPS_LOCK = 0x14


@cache
def _measure() -> "Callable[[str, Iterable[str]], Strength]":
    """Load the measure of passphrases, with its word lists; asked for when such a field gets the focus."""
    return cast("Callable[[str, Iterable[str]], Strength]", importlib.import_module("desktop_app.strength").measure)


def native_caps_lock() -> bool | None:
    """Return whether Caps Lock is on where the system says so; None where only the letters tell."""
    if sys.platform == "win32":
        return bool(ctypes.windll.user32.GetKeyState(_CAPS_LOCK) & 1)
    return None


class PassphraseEdit(QLineEdit):
    """A line for a passphrase. It tells when Caps Lock seems to be on.

    Signals:
        caps_lock_seen: Whether it is on, or the last letter came in the case that Shift did not ask for.
        entered: The line got the focus.
    """

    caps_lock_seen = Signal(bool)
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty line that hides what is typed."""
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look at each letter's case; Qt has no portable way to ask for Caps Lock."""
        letter = event.text()
        native = native_caps_lock()
        if native is not None:
            self.caps_lock_seen.emit(native)
        elif letter.isalpha() and letter.upper() != letter.lower():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_lock_seen.emit(letter.isupper() != shifted)
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell of Caps Lock before the first letter, where the system says so."""
        super().focusInEvent(event)
        self.entered.emit()
        native = native_caps_lock()
        if native is not None:
            self.caps_lock_seen.emit(native)


class PassphraseField(Field):
    """A passphrase that is known already: a line, an eye, and a word on Caps Lock."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the field; the eye is called `NAME_eye`, the word on Caps Lock `NAME_caps`."""
        self.line = PassphraseEdit()
        super().__init__(name, self.line, parent)
        self.eye = IconButton("eye", self)
        self.eye.setObjectName(f"{name}_eye")
        self.eye.setCheckable(True)
        theme.set_role(self.eye, "quiet")
        self.eye.setFixedSize(theme.TARGET, theme.TARGET)
        self._across.setSpacing(theme.TIGHT)
        self._across.addWidget(self.eye)
        self.caps = SignLabel(self)
        self.caps.setObjectName(f"{name}_caps")
        self.caps.hide()
        self._column.addWidget(self.caps)
        self._put_last(self._glyph, self._line, self.caps)
        self.eye.toggled.connect(self._show_text)
        self.line.caps_lock_seen.connect(self.caps.setVisible)
        self.line.textChanged.connect(self._hide_when_empty)

    def set_texts(self, label: str, help_line: str = "") -> None:
        """Set the label and the help, and the field's own words."""
        super().set_texts(label, help_line)
        self.caps.show_sign(Sign(icon="caps", word=self.tr("Caps Lock seems to be on."), tone=Tone.WARN))
        self._name_eye()

    def clear(self) -> None:
        """Empty the field, hidden again."""
        self.line.clear()
        self.caps.hide()

    def _name_eye(self) -> None:
        shown = self.eye.isChecked()
        words = self.tr("Hide the passphrase") if shown else self.tr("Show the passphrase")
        self.eye.setAccessibleName(f"{words}: {self.line.accessibleName()}")
        self.eye.setToolTip(words)

    def _show_text(self, on: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.eye.show_icon("eye_off" if on else "eye")
        self._name_eye()

    def _hide_when_empty(self, text: str) -> None:
        if not text:
            self.eye.setChecked(False)


class StrengthBar(QWidget):
    """Four segments. The words beside them say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setFixedHeight(_SEGMENT_HEIGHT)
        self.filled = 0
        self._tone = Tone.QUIET

    def show_strength(self, filled: int, tone: Tone) -> None:
        """Fill so many segments in a tone."""
        self.filled, self._tone = filled, tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the segments."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = (self.width() - (SEGMENTS - 1) * theme.TIGHT) / SEGMENTS
        empty = QColor(theme.scheme_of(self.palette()).line)
        for place in range(SEGMENTS):
            painter.setBrush(theme.tone(self.palette(), self._tone) if place < self.filled else empty)
            left = place * (width + theme.TIGHT)
            painter.drawRoundedRect(QRectF(left, 0, width, self.height()), theme.HAIR, theme.HAIR)


class NewPassphraseField(PassphraseField):
    """A passphrase that is being chosen: measured as it is typed, refused only when it is easy to guess."""

    _measured: "Strength | None" = None

    def __init__(
        self, name: str, known: Callable[[], Iterable[str]] = lambda: (), parent: QWidget | None = None
    ) -> None:
        """Make the field; its bar is called `NAME_strength`.

        Args:
            known: Tells what anybody knows of the person and the place: such words count nothing.
        """
        super().__init__(name, parent)
        self._known = known
        self.bar = StrengthBar(self)
        self.bar.setObjectName(f"{name}_strength")
        self._column.insertWidget(2, self.bar)
        self._put_last(self._glyph, self._line, self.caps)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.line.textChanged.connect(self._typed)
        self.line.entered.connect(self._load_soon)

    def set_texts(self, label: str, help_line: str = "") -> None:
        """Set the label and the help, and say the strength in the language of now."""
        super().set_texts(label, help_line)
        self._say()

    def refusal(self) -> str:
        """Return why this passphrase is not taken and what to do, or ""."""
        worth = _measure()(self.line.text(), tuple(self._known()))
        if worth.too_short:
            return self.tr("Use at least 8 characters. Four or five unrelated words are easy to type.")
        if not worth.is_enough:
            return self.tr("This is too easy to guess. Add two or three words that have nothing to do with each other.")
        return ""

    def is_good_with(self, again: PassphraseField, differ: str) -> bool:
        """Tell whether this passphrase is taken, and typed again alike; the one that is wrong says so.

        Args:
            differ: What is said where the two are not alike.
        """
        weak = self.refusal()
        if weak:
            self.show_error(weak)
            return False
        if again.text() != self.text():
            again.show_error(differ)
            return False
        return True

    def _load_soon(self) -> None:
        QTimer.singleShot(0, self, _load)

    def _typed(self, text: str) -> None:
        if text:
            self._pause.start()
            return
        self._pause.stop()
        self._measured = None
        self._say()

    def _look(self) -> None:
        self._measured = _measure()(self.line.text(), tuple(self._known()))
        self._say()

    def _say(self) -> None:
        """Show bar and words; an error that is shown stays until something is typed."""
        worth = self._measured
        if worth is None:
            self.bar.show_strength(0, Tone.QUIET)
            self.bar.setAccessibleName("")
        else:
            tone = (Tone.BAD, Tone.BAD, Tone.WARN, Tone.WARN, Tone.GOOD)[worth.score]
            tone = Tone.BAD if worth.too_short else tone
            self.bar.show_strength(1 if worth.too_short else max(1, worth.score), tone)
            self.bar.setAccessibleName(self._words(worth))
        if not self.error():
            self._show_help()

    def _help_words(self) -> tuple[str, Tone | None]:
        worth = self._measured
        if worth is None:
            return super()._help_words()
        return self._words(worth), None if worth.is_enough else Tone.BAD

    def _words(self, worth: "Strength") -> str:
        if worth.too_short:
            return self.tr("Too short yet: at least 8 characters.")
        lasts = worth.holds in {"years", "centuries"}
        said = (
            self.tr("Very weak"),
            self.tr("Weak"),
            self.tr("Barely enough"),
            self.tr("Fair"),
            self.tr("Strong") if lasts else self.tr("Good"),
        )[worth.score]
        told = self.tr("%1: would hold a thief off for %2.", "strength; how long")
        return told.replace("%1", said).replace("%2", self._how_long(worth.holds))

    def _how_long(self, holds: str) -> str:
        return {
            "seconds": self.tr("seconds"),
            "minutes": self.tr("minutes"),
            "hours": self.tr("hours"),
            "days": self.tr("days"),
            "months": self.tr("months"),
            "years": self.tr("years"),
            "centuries": self.tr("centuries"),
        }[holds]


def _load() -> None:
    _measure()
