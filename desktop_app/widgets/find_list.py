"""The lines that a search has found: icon, name with what was typed set off, what stands beside it, its keys."""

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop_app import theme
from desktop_app.finding import NOTHING, Found, Line, spans
from desktop_app.models.row_table import ROOT, Index
from desktop_app.theme import Tone

LABEL_SHARE = 0.62
"""How much of a line its name takes at most, where something stands beside it."""


class Role(IntEnum):
    """What the model tells beside Qt's own roles."""

    LINE = Qt.ItemDataRole.UserRole + 1


class FindModel(QAbstractListModel):
    """The lines that were found, in words of one language."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.found = Found()
        self.language = "en"

    def show_found(self, found: Found, language: str) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.found, self.language = found, language
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self.found.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a line, or all its words for screen readers."""
        if not index.isValid():
            return None
        line = self.found.lines[index.row()]
        if role == Role.LINE:
            return line
        if role == Qt.ItemDataRole.ToolTipRole and line.why_not is not None:
            return line.why_not(self.language)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return ", ".join(part for part in (line.label(self.language), self.note(line), line.keys) if part)
        return None

    def note(self, line: Line) -> str:
        """Return what stands beside a name: why it may not be, or the name in the other language where that fitted."""
        if line.why_not is not None:
            return line.why_not(self.language)
        note, words = line.note(self.language), self.found.words
        told = f"{line.label(self.language)} {note}"
        if line.note is NOTHING and words and not spans(told, words):
            others = [text for one, text in line.label.by_language.items() if one != self.language]
            return next((text for text in others if spans(text, words)), note)
        return note


class FindList(QListView):
    """The lines; the keyboard stays in the field above."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.lines = FindModel(self)
        self.setModel(self.lines)
        self.setItemDelegate(FindDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)

    def current(self) -> Line | None:
        """Return the line that Enter would choose."""
        line = self.currentIndex().data(Role.LINE)
        return line if isinstance(line, Line) else None

    def step(self, by: int) -> None:
        """Go on or back; round at the ends."""
        count = self.lines.rowCount()
        if count:
            self.go_to((self.currentIndex().row() + by) % count)

    def go_to(self, row: int) -> None:
        """Make a line the current one and bring it into sight."""
        self.setCurrentIndex(self.lines.index(row, 0))

    def height_of(self, rows: int) -> int:
        """Return the height of so many lines."""
        return rows * theme.TARGET + 2 * self.frameWidth()


class FindDelegate(QStyledItemDelegate):
    """Draws one line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that a finger can hit."""
        del index
        return QSize(option.rect.width(), theme.TARGET)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw icon, name, what stands beside it, keys."""
        model, line = index.model(), index.data(Role.LINE)
        if not isinstance(model, FindModel) or not isinstance(line, Line):
            return
        palette, area = QPalette(option.palette), QRect(option.rect)
        painter.save()
        scheme = theme.scheme_of(palette)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.tone_field(palette, Tone.ACCENT))
            painter.fillRect(
                QRect(area.left(), area.top(), theme.TIGHT, area.height()), theme.tone(palette, Tone.ACCENT)
            )
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Midlight))
        plain = palette.color(QPalette.ColorRole.Text)
        quiet = theme.tone(palette, Tone.QUIET)
        colour = quiet if line.why_not is not None else plain
        side = theme.ICON
        place = QRectF(area.left() + theme.MEDIUM, area.center().y() - side / 2 + 1, side, side)
        if line.icon:
            theme.paint_icon(painter, place, line.icon, quiet)
        inner = area.adjusted(theme.MEDIUM + side + theme.SMALL, 0, -theme.MEDIUM, 0)
        inner.setRight(_draw_keys(painter, inner, line.keys, quiet.name(), scheme.line) if line.keys else inner.right())
        words, note = model.found.words, model.note(line)
        label = line.label(model.language)
        widest = round(inner.width() * LABEL_SHARE) if note else inner.width()
        used = _draw_words(painter, inner, widest, label, words, colour.name())
        if note:
            rest = inner.adjusted(used + theme.MEDIUM, 0, 0, 0)
            _draw_words(painter, rest, rest.width(), note, words, quiet.name())
        painter.restore()


def _draw_words(painter: QPainter, area: QRect, widest: int, text: str, words: Sequence[str], colour: str) -> int:
    """Draw a text, what was typed in bold; cut off at its end where it is too long. Returns the width used."""
    usual, bold = QFont(painter.font()), QFont(painter.font())
    bold.setBold(True)
    marked = spans(text, words)
    text = QFontMetrics(bold if marked else usual).elidedText(text, Qt.TextElideMode.ElideRight, widest)
    painter.setPen(colour)
    left, at = area.left(), 0
    ends = [(start, end) for start, end in marked if end <= len(text)]
    for start, end in [*ends, (len(text), len(text))]:
        for font, part in ((usual, text[at:start]), (bold, text[start:end])):
            painter.setFont(font)
            width = QFontMetrics(font).horizontalAdvance(part)
            painter.drawText(
                QRect(left, area.top(), width + theme.HAIR, area.height()), Qt.AlignmentFlag.AlignVCenter, part
            )
            left += width
        at = end
    painter.setFont(usual)
    return left - area.left()


def _draw_keys(painter: QPainter, area: QRect, keys: str, colour: str, line: str) -> int:
    """Draw keys in a frame at the right; returns where they begin."""
    width = painter.fontMetrics().horizontalAdvance(keys) + 2 * theme.SMALL
    height = painter.fontMetrics().height() + theme.TIGHT
    frame = QRectF(area.right() - width, area.center().y() - height / 2 + 1, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(line)
    painter.drawRoundedRect(frame, theme.TIGHT, theme.TIGHT)
    painter.setPen(colour)
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, keys)
    return round(frame.left()) - theme.MEDIUM
