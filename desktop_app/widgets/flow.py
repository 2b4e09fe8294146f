"""Two arrangements that Qt lacks: controls that wrap like words, and cards of one width that wrap together.

Both give their height for a width, so that a form stays one column on a small or scaled screen. They
are widgets that place their children, not layouts: a layout written in Python holds items that Qt
deletes behind its back (measured: a crash of PySide6 6.11; docs/known_limits.md).
"""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class _Wrapping(QWidget):
    """What both share: the children, and a height that follows from the width."""

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spacing = spacing
        self._controls: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, control: QWidget) -> None:
        """Take a control at the end."""
        hidden = control.isHidden() and control.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        control.setParent(self)
        control.setVisible(not hidden)
        self._controls.append(control)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        return self._arrange(width, place=False)

    def minimumSizeHint(self) -> QSize:
        """Return the widest control's width and the tallest one's height."""
        if self.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Minimum:
            return self.sizeHint()
        size = QSize(0, 0)
        for control in self._shown():
            least = control.minimumSizeHint()
            size = size.expandedTo(least.expandedTo(control.minimumSize()))
        return size

    def event(self, event: QEvent) -> bool:
        """Arrange again when a control comes, goes or changes its size."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._arrange(self.width(), place=True)
            self.updateGeometry()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Arrange and say what is needed now: controls that changed while they were hidden told nobody."""
        super().showEvent(event)
        self._arrange(self.width(), place=True)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new width."""
        super().resizeEvent(event)
        self._arrange(self.width(), place=True)

    def _shown(self) -> list[QWidget]:
        return [control for control in self._controls if not control.isHidden()]

    def _arrange(self, width: int, *, place: bool) -> int:
        raise NotImplementedError


class WrappingRow(_Wrapping):
    """Controls in a row that goes on in the next line where the width ends."""

    def keep_whole(self, *, whole: bool) -> None:
        """Take the width of one unbroken line from the neighbours, or give way to them."""
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Minimum if whole else QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return the size of one unbroken line."""
        hints = [_wanted(control) for control in self._shown()]
        width = sum(hint.width() for hint in hints) + self._spacing * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def _arrange(self, width: int, *, place: bool) -> int:
        y = 0
        for line in self._lines(width):
            height = max(hint.height() for _, hint in line)
            x = 0
            for control, hint in line:
                if place:
                    top = y + (height - hint.height()) // 2
                    control.setGeometry(QRect(x, top, min(hint.width(), width), hint.height()))
                x += hint.width() + self._spacing
            y += height + self._spacing
        return max(0, y - self._spacing)

    def _lines(self, width: int) -> list[list[tuple[QWidget, QSize]]]:
        """Return the controls of each line, with their sizes."""
        lines: list[list[tuple[QWidget, QSize]]] = []
        used = 0
        for control in self._shown():
            hint = _wanted(control)
            if not lines or used + self._spacing + hint.width() > width:
                lines.append([])
                used = -self._spacing
            lines[-1].append((control, hint))
            used += self._spacing + hint.width()
        return lines


class EvenCards(_Wrapping):
    """Cards of one width: as many beside each other as fit at `card_width` px or what they need, at most `most`."""

    def __init__(self, card_width: int, spacing: int, most: int = 6, parent: QWidget | None = None) -> None:
        """Arrange nothing yet."""
        super().__init__(spacing, parent)
        self._card_width = card_width
        self._most = most

    def set_columns(self, most: int, card_width: int) -> None:
        """Let at most `most` cards stand beside each other, each at least so wide where there are several."""
        if (most, card_width) != (self._most, self._card_width):
            self._most, self._card_width = most, card_width
            self._arrange(self.width(), place=True)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of one line of cards."""
        count = min(self._most, max(1, len(self._shown())))
        return QSize(count * (self._card_width + self._spacing) - self._spacing, self.minimumSizeHint().height())

    def _arrange(self, width: int, *, place: bool) -> int:
        cards = self._shown()
        if not cards:
            return 0
        gap = self._spacing
        columns = self._columns(cards, width)
        card_width = (width - gap * (columns - 1)) // columns
        y = 0
        for start in range(0, len(cards), columns):
            line = cards[start : start + columns]
            height = max(_height_at(card, card_width) for card in line)
            if place:
                for at, card in enumerate(line):
                    card.setGeometry(QRect(at * (card_width + gap), y, card_width, height))
            y += height + gap
        return y - gap

    def _columns(self, cards: list[QWidget], width: int) -> int:
        """Return how many cards stand beside each other, the lines as even as can be."""
        rigid = [_wanted(card).width() for card in cards if not card.hasHeightForWidth()]
        least = max([self._card_width, *rigid])
        fitting = max(1, (width + self._spacing) // (least + self._spacing))
        columns = min(len(cards), fitting, self._most)
        lines = -(-len(cards) // columns)
        return -(-len(cards) // lines)


def _wanted(control: QWidget) -> QSize:
    """Return the size that a control wants, its own limits respected."""
    wanted = control.sizeHint().expandedTo(control.minimumSizeHint()).expandedTo(control.minimumSize())
    return wanted.boundedTo(control.maximumSize())


def _height_at(card: QWidget, width: int) -> int:
    if card.hasHeightForWidth():
        return max(card.heightForWidth(width), card.minimumHeight())
    return _wanted(card).height()
