"""Graded scales: each grade a card with its digit and its short meaning, scored by key, finger or mouse.

A digit (or U for untestable) chooses and goes on to the next item; nothing is filled in beforehand.
The scale's order, its meanings and its total are the study's; nothing here knows a scale.

Source: clinical content 2.1 (score in order, no pre-filled zero); the scale's general instructions.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from casebook.design import Code
from desktop_app import theme
from desktop_app.widgets.choice_editors import ChoiceButton, ChoiceEditor
from desktop_app.widgets.flow import EvenCards, WrappingRow

CARD_WIDTH = 132
DIGIT_WIDTH = 26


class GradeCard(ChoiceButton):
    """One grade: the digit in bold, the meaning beside it, wrapped."""

    def __init__(self, code: Code, name: str, parent: QWidget | None = None) -> None:
        """Make an unchosen card."""
        super().__init__(code, name, parent)
        self._meaning = ""
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumHeight(theme.FINGER)

    def say(self, label: str, meaning: str) -> None:
        """Show the grade and what it means; a label that says more than the grade is its meaning."""
        self._meaning = meaning or (label if label != self.code.value else "")
        self.setAccessibleName(f"{self.code.value}: {self._meaning}" if self._meaning else label)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Say that the meaning wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the meaning needs at a width."""
        inner = self._text_area(QRect(0, 0, width, 1000))
        bold = self.font()
        bold.setBold(True)
        needed = QFontMetrics(bold).boundingRect(inner, _WRAPPED, self._meaning).height()
        return max(theme.FINGER, needed + 2 * theme.SMALL)

    def sizeHint(self) -> QSize:
        """Return one card's size."""
        return QSize(CARD_WIDTH, self.heightForWidth(CARD_WIDTH))

    def minimumSizeHint(self) -> QSize:
        """Return what a finger needs."""
        return QSize(theme.FINGER, theme.FINGER)

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
        font = self.font()
        font.setBold(True)
        font.setPointSizeF(theme.LEAD_PT)
        painter.setFont(font)
        painter.setPen(ink)
        digit = QRect(theme.SMALL, 0, DIGIT_WIDTH, self.height())
        painter.drawText(digit, Qt.AlignmentFlag.AlignCenter, self.code.value)
        font.setPointSizeF(theme.BODY_PT)
        font.setBold(self.isChecked())
        painter.setFont(font)
        painter.drawText(self._text_area(self.rect()), _WRAPPED | Qt.AlignmentFlag.AlignVCenter, self._meaning)

    def _text_area(self, card: QRect) -> QRect:
        return card.adjusted(theme.SMALL + DIGIT_WIDTH + theme.TIGHT, theme.TIGHT, -theme.SMALL, -theme.TIGHT)

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


_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft


class GradeEditor(ChoiceEditor):
    """One item of a scale."""

    def _make_button(self, code: Code) -> ChoiceButton:
        return GradeCard(code, f"{self.item.oid}={code.value}", self)

    def _make_ground(self) -> WrappingRow | EvenCards:
        return EvenCards(CARD_WIDTH, theme.SMALL, parent=self)

    def _code_for(self, text: str) -> str:
        """Return the grade whose digit was struck, or the only grade that begins with the letter."""
        values = [button.code.value for button in self.buttons]
        if text in values:
            return text
        fitting = [value for value in values if text.isalpha() and value.upper().startswith(text)]
        return fitting[0] if len(fitting) == 1 else ""

    def _decided(self) -> None:
        self.finished.emit()
