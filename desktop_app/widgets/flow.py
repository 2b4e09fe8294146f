"""Two layouts that Qt lacks: controls that wrap like words, and cards of one width that wrap together.

Both give their height for a width, so that a form stays one column on a small or scaled screen.
"""

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class _Wrapping(QLayout):
    """What both layouts share: the list of items, and a height that follows from the width."""

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(QMargins())
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item at the end."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return one item, or None past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give one item back."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more height than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """Return the smallest size."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the widest item's width and one line's height."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        raise NotImplementedError


class WrappingRow(_Wrapping):
    """Controls in a row that goes on in the next line where the width ends."""

    def sizeHint(self) -> QSize:
        """Return the size of one unbroken line."""
        hints = [item.sizeHint() for item in self._shown()]
        width = sum(hint.width() for hint in hints) + self.spacing() * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        y = rect.y()
        for line in self._lines(rect.width()):
            height = max(hint.height() for _, hint in line)
            x = rect.x()
            for item, hint in line:
                width = min(hint.width(), rect.width())
                if place:
                    item.setGeometry(QRect(x, y + (height - hint.height()) // 2, width, hint.height()))
                x += width + self.spacing()
            y += height + self.spacing()
        return max(0, y - self.spacing() - rect.y())

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Return the items of each line, with their sizes."""
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._shown():
            hint = item.sizeHint()
            if not lines or used + self.spacing() + hint.width() > width:
                lines.append([])
                used = -self.spacing()
            lines[-1].append((item, hint))
            used += self.spacing() + hint.width()
        return lines


class EvenCards(_Wrapping):
    """Cards of one width: as many beside each other as fit at `card_width` px, never more than `most`."""

    def __init__(self, card_width: int, spacing: int, most: int = 6, parent: QWidget | None = None) -> None:
        """Lay out nothing yet."""
        super().__init__(spacing, parent)
        self._card_width = card_width
        self._most = most

    def sizeHint(self) -> QSize:
        """Return the size of one line of cards."""
        count = min(self._most, max(1, len(self._shown())))
        return QSize(count * (self._card_width + self.spacing()) - self.spacing(), self.minimumSize().height())

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        cards = self._shown()
        if not cards:
            return 0
        gap = self.spacing()
        fitting = max(1, (rect.width() + gap) // (self._card_width + gap))
        columns = min(len(cards), fitting, self._most)
        if columns < len(cards):
            lines = -(-len(cards) // columns)
            columns = -(-len(cards) // lines)
        width = (rect.width() - gap * (columns - 1)) // columns
        y = rect.y()
        for start in range(0, len(cards), columns):
            line = cards[start : start + columns]
            height = max(
                item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height() for item in line
            )
            if place:
                for place_in_line, item in enumerate(line):
                    item.setGeometry(QRect(rect.x() + place_in_line * (width + gap), y, width, height))
            y += height + gap
        return y - gap - rect.y()
