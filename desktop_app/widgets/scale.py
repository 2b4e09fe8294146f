"""Graded scales: each grade a card with its digit and its short meaning, scored by key, finger or mouse.

A digit (or U for untestable) chooses and goes on to the next item; nothing is filled in beforehand.
The scale's order, its meanings and its total are the study's; nothing here knows a scale.

Source: clinical content 2.1 (score in order, no pre-filled zero); the scale's general instructions.
"""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from casebook.design import Code
from desktop_app import theme
from desktop_app.widgets.choice_editors import ChoiceButton, ChoiceEditor
from desktop_app.widgets.flow import EvenCards, WrappingRow

CARD_WIDTH = 132
DIGIT_WIDTH = 26
LARGE_DIGIT_WIDTH = 40
FOCUS_WIDTH = 3
BESIDE_WIDTH = 620
"""From this width in pixels on, a large card's name and meaning stand beside each other."""
NAME_WIDTH = 190


class GradeCard(ChoiceButton):
    """One grade: the digit in bold, the meaning beside it, wrapped. A large one says its name as well, and a note."""

    def __init__(self, code: Code, name: str, parent: QWidget | None = None) -> None:
        """Make an unchosen card."""
        super().__init__(code, name, parent)
        self._name = ""
        self._meaning = ""
        self._note = ""
        self._large = False
        self._brief = False
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumHeight(theme.FINGER)

    def say(self, label: str, meaning: str) -> None:
        """Show the grade and what it means; a label that says more than the grade is its meaning."""
        self._name = label if label != self.code.value else ""
        self._meaning = meaning or self._name
        self._tell()

    def enlarge(self) -> None:
        """Be read from a bedside: larger, with name and meaning. A double click counts once."""
        self._large = True
        self._tell()

    def shorten(self, *, on: bool) -> None:
        """Say the name alone where it has one; what it means is told by a tip, and to screen readers."""
        self._brief = on
        self.setToolTip(self._meaning if on and self._name else "")
        self.updateGeometry()
        self.update()

    def note(self, words: str) -> None:
        """Say something of this grade beside it, such as that it was given the last time; "" for nothing."""
        if words != self._note:
            self._note = words
            self._tell()

    def _tell(self) -> None:
        told = f"{self.code.value}: {self._meaning}" if self._meaning else self.code.value
        if self._large and self._name and self._name != self._meaning:
            told = f"{self.code.value} {self._name}: {self._meaning}"
        self.setAccessibleName(f"{told} ({self._note})" if self._note else told)
        self.updateGeometry()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ignore the second press where the first one has led to the next item."""
        if self._large:
            event.accept()
        else:
            super().mouseDoubleClickEvent(event)

    def hasHeightForWidth(self) -> bool:
        """Say that the meaning wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the words need at a width."""
        return max(theme.FINGER, self._lay_words(QRect(0, 0, width, 0))[1] + 2 * theme.SMALL)

    def sizeHint(self) -> QSize:
        """Return one card's size."""
        return QSize(CARD_WIDTH, self.heightForWidth(CARD_WIDTH))

    def minimumSizeHint(self) -> QSize:
        """Return what a finger needs."""
        return QSize(theme.FINGER, theme.FINGER)

    def _lay_words(self, card: QRect) -> tuple[list[tuple[str, QFont, QRect]], int]:
        """Return each text beside the digit with its font and place, and the height of all; the note comes last."""
        area = self._text_area(card)
        body, bold, small = self._font(theme.BODY_PT), self._font(theme.BODY_PT, bold=True), self._font(theme.NOTE_PT)
        if not self._large:
            return self._stack([(self._meaning, bold if self.isChecked() else body)], area)
        own = self._name if self._name != self._meaning else ""
        note = [(self._note, small)] if self._note else []
        if self._brief and own:
            return self._stack([(own, bold), *note], area)
        if not own or card.width() < BESIDE_WIDTH:
            texts = [(own, bold), (self._meaning, body)]
            return self._stack([one for one in texts if one[0]] + note, area)
        name, name_height = self._stack([(own, bold)], QRect(area.topLeft(), QSize(NAME_WIDTH, 0)))
        rest = area.adjusted(NAME_WIDTH + theme.MEDIUM, 0, 0, 0)
        told, height = self._stack([(self._meaning, body), *note], rest)
        tallest = max(height, name_height)
        lower = [(text, font, place.translated(0, (tallest - height) // 2)) for text, font, place in told]
        middle = (tallest - name_height) // 2
        return [(text, font, place.translated(0, middle)) for text, font, place in name] + lower, tallest

    @staticmethod
    def _stack(texts: list[tuple[str, QFont]], area: QRect) -> tuple[list[tuple[str, QFont, QRect]], int]:
        """Put texts below each other, from the top of `area`."""
        placed, top = [], 0
        for text, font in texts:
            height = QFontMetrics(font).boundingRect(QRect(0, 0, area.width(), 1000), _WRAPPED, text).height()
            placed.append((text, font, QRect(area.left(), top, area.width(), height)))
            top += height
        return placed, top

    def _font(self, points: float, *, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(points)
        font.setBold(bold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card: chosen by fill, frame and weight, never by colour alone."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame, ground, ink = self._colours()
        width = 2.0 if self.isChecked() or self.hasFocus() else 1.0
        painter.setPen(QPen(frame, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(ink, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), theme.RADIUS - 2, theme.RADIUS - 2)
        self._draw_texts(painter, ink)

    def _draw_texts(self, painter: QPainter, ink: QColor) -> None:
        painter.setFont(self._font(theme.TITLE_PT if self._large else theme.LEAD_PT, bold=True))
        painter.setPen(ink)
        digit = QRect(theme.SMALL, 0, self._digit_width, self.height())
        painter.drawText(digit, Qt.AlignmentFlag.AlignCenter, self.code.value)
        placed, height = self._lay_words(self.rect())
        top = (self.height() - height) // 2
        for text, font, place in placed:
            is_note = self._large and text == self._note and self.isEnabled()
            painter.setFont(font)
            painter.setPen(theme.tone(self.palette(), theme.Tone.ACCENT) if is_note else ink)
            painter.drawText(place.translated(0, top), _WRAPPED, text)

    @property
    def _digit_width(self) -> int:
        return LARGE_DIGIT_WIDTH if self._large else DIGIT_WIDTH

    def _text_area(self, card: QRect) -> QRect:
        return card.adjusted(theme.SMALL + self._digit_width + theme.TIGHT, theme.TIGHT, -theme.SMALL, -theme.TIGHT)

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        """Return frame, ground and text."""
        scheme = theme.scheme_of(self.palette())
        if not self.isEnabled():
            chosen = scheme.hover if self.isChecked() else scheme.window
            return QColor(scheme.line), QColor(chosen), QColor(scheme.quiet)
        if self.isChecked():
            return QColor(scheme.accent), QColor(scheme.selected), QColor(scheme.text)
        ground = scheme.hover if self.underMouse() else scheme.raised
        return QColor(scheme.accent if self.hasFocus() else scheme.control_line), QColor(ground), QColor(scheme.text)


_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_ACTING = ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class GradeGround(EvenCards):
    """The cards of one item; it has the focus itself while a scale is scored, and its editor shows that.

    Signals:
        focus_changed: Keys go here now, or no more.
    """

    focus_changed = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the editor draw where keys go."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the editor draw it no more."""
        super().focusOutEvent(event)
        self.focus_changed.emit()


class GradeEditor(ChoiceEditor):
    """One item of a scale.

    While a scale is scored item by item (`begin_scoring`) the ground of the cards has the focus and no card has: no key
    chooses a grade that was not struck or gone to. What stands is taken back by a correction alone (`hold`).
    """

    _scoring = False
    _held = False

    def _make_button(self, code: Code) -> ChoiceButton:
        return GradeCard(code, f"{self.item.oid}={code.value}", self)

    def _make_ground(self) -> WrappingRow | EvenCards:
        self._ground = GradeGround(CARD_WIDTH, theme.SMALL, parent=self)
        self._ground.focus_changed.connect(self.update)
        return self._ground

    # -- scored item by item --------------------------------------------------------------------------------

    def begin_scoring(self) -> None:
        """Be scored item by item from now on."""
        self._scoring = True
        self._ground.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._ground.setObjectName(f"grades.{self.item.oid}")
        self.setContentsMargins(theme.SMALL, 0, 0, 0)  # room for the line that says where keys go
        for card in self.cards():
            card.enlarge()

    def set_columns(self, most: int, width: int, *, brief: bool) -> None:
        """Let at most so many cards of that width stand beside each other; `brief` ones say their names alone."""
        for card in self.cards():
            card.shorten(on=brief)
        self._ground.set_columns(most, width)

    def hold(self, *, on: bool) -> None:
        """Keep the grade that stands until somebody said why it changes."""
        self._held = on
        self.set_editable(on=not on)

    def cards(self) -> list[GradeCard]:
        """Return the cards in their order."""
        return [card for card in self.buttons if isinstance(card, GradeCard)]

    def note(self, words: Mapping[str, str]) -> None:
        """Say something beside grades, by grade."""
        for card in self.cards():
            card.note(words.get(card.code.value, ""))

    def input(self) -> QWidget:
        """Return the ground of the cards while a scale is scored: no card is nearer than another."""
        return self._ground if self._scoring else super().input()

    def set_editable(self, *, on: bool) -> None:
        """Let the user choose, or only read."""
        super().set_editable(on=on and not self._held)

    def translate(self, language: str) -> None:
        """Label the cards, and their ground."""
        super().translate(language)
        hint = self.item.hint(language) if self.item.hint is not None else ""
        self._ground.setAccessibleName(self.item.label(language))
        self.describe(hint)

    def _tell_field(self) -> None:
        super()._tell_field()
        self._ground.setAccessibleDescription(self._told())

    def _note_toggle(self, on: bool) -> None:
        if self._scoring and not on and not self.raw():  # the standing grade was pressed: it stands
            button = self.sender()
            if isinstance(button, GradeCard):
                with QSignalBlocker(button):
                    button.setChecked(True)
            self.finished.emit()
            return
        super()._note_toggle(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While a scale is scored: a key that is held down counts once, and only up and down move."""
        if not self._scoring:
            super().keyPressEvent(event)
        elif event.isAutoRepeat():
            event.accept()
        elif event.key() in _STEPS:
            self._step(_STEPS[Qt.Key(event.key())])
        elif event.key() in _ENTER:
            self._enter()
        elif event.modifiers() & _ACTING or not self.strike(event.text()):
            event.ignore()

    def strike(self, key: str) -> bool:
        """Give the grade that a key means, wherever it was struck; False where it means none or a grade is held."""
        value = "" if self._held else self._code_for(key.upper())
        if value:
            self.choose(value)
            self._decided()
        return bool(value)

    def _enter(self) -> None:
        focused = next((card for card in self.buttons if card.hasFocus()), None)
        if focused is not None and not self._held:
            self.choose(focused.code.value)
        self._decided()

    def _step(self, step: int) -> None:
        if self._scoring and not any(card.hasFocus() for card in self.buttons):
            self.buttons[0 if step > 0 else -1].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super()._step(step)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line at the left while the editor itself has the focus: keys go here."""
        super().paintEvent(event)
        if self._scoring and self._ground.hasFocus():
            painter = QPainter(self)
            painter.fillRect(QRect(0, 0, FOCUS_WIDTH, self.height()), theme.tone(self.palette(), theme.Tone.ACCENT))
            painter.end()

    # -- keys -----------------------------------------------------------------------------------------------

    def _code_for(self, text: str) -> str:
        """Return the grade whose digit was struck, or the only grade that begins with the letter."""
        values = [button.code.value for button in self.buttons]
        if text in values:
            return text
        fitting = [value for value in values if text.isalpha() and value.upper().startswith(text)]
        return fitting[0] if len(fitting) == 1 else ""

    def _decided(self) -> None:
        self.finished.emit()
