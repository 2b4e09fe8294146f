"""What can be opened below an item: what it means and what its checks look for, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from casebook.tellings import TellingLine
from desktop_app import theme
from desktop_app.snapshots import TrailLine
from desktop_app.theme import Tone
from desktop_app.widgets.notes import TRAIL_ICONS, NoteLine, trail_sentence

POINT = "\N{BULLET}"
POINT_WIDTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPart:
    """One thing that is to be known of an item. `heading`: "" for none."""

    lines: tuple[TellingLine, ...]
    heading: str = ""


class HelpCard(QFrame):
    """The help of an item: sentences, and lists where there is much of one kind."""

    def __init__(self, name: str, parts: Sequence[HelpPart], parent: QWidget) -> None:
        """Make the card."""
        super().__init__(parent)
        column = _card(self, name)
        told: list[str] = []
        for place, part in enumerate(parts):
            if place:
                column.addSpacing(theme.SMALL)
            if part.heading:
                column.addWidget(_words(part.heading, "part", self))
                told.append(part.heading)
            for line in part.lines:
                if line.depth:
                    column.addLayout(_point(line, self))
                else:
                    column.addWidget(_words(line.text, "", self))
                told.append(line.text)
        column.addStretch(1)
        self.setAccessibleName(QCoreApplication.translate("ItemCards", "Help of the item"))
        self.setAccessibleDescription("\n".join(told))


class TrailCard(QFrame):
    """The history of an item, a line for each entry."""

    def __init__(self, name: str, lines: Sequence[TrailLine], language: str, parent: QWidget) -> None:
        """Make the card."""
        super().__init__(parent)
        column = _card(self, name)
        for line in lines:
            icon, tone = TRAIL_ICONS[line.kind]
            column.addWidget(NoteLine(icon, tone, trail_sentence(line, language), parent=self))
        if not lines:
            nothing = QCoreApplication.translate("ItemCards", "Nothing was entered here yet.")
            column.addWidget(NoteLine("trail", Tone.QUIET, nothing, parent=self))


def take_away(card: QWidget | None, column: QVBoxLayout) -> None:
    """Take a card out of where it stands, if there is one."""
    if card is not None:
        column.removeWidget(card)
        card.hide()
        card.deleteLater()


def _card(card: QFrame, name: str) -> QVBoxLayout:
    card.setObjectName(name)
    theme.set_role(card, "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
    column.setSpacing(theme.TIGHT)
    return column


def _point(line: TellingLine, parent: QWidget) -> QHBoxLayout:
    """Return a line of a list, set in by its depth."""
    row = QHBoxLayout()
    row.setSpacing(theme.TIGHT)
    row.addSpacing((line.depth - 1) * theme.LARGE)
    point = _words(POINT, "", parent)
    point.setFixedWidth(POINT_WIDTH)
    row.addWidget(point, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_words(line.text, "", parent), 1)
    return row


def _words(text: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    if role:
        theme.set_role(label, role)
    return label
