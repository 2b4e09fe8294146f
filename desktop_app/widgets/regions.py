"""ASPECTS: ten regions to tick on two levels, big enough for a finger.

Source: Barber PA et al. 2000; clinical content 2.3 (which region lies on which level).
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QVBoxLayout

from casebook.design import Code
from desktop_app import theme
from desktop_app.widgets.choice_editors import ChoiceButton, TicksEditor
from desktop_app.widgets.flow import EvenCards, WrappingRow
from desktop_app.widgets.scale import CARD_WIDTH, GradeCard

GANGLIA = frozenset({"C", "L", "IC", "I", "M1", "M2", "M3"})
ABOVE = frozenset({"M4", "M5", "M6"})


class RegionsEditor(TicksEditor):
    """The regions of each level in a card of their own; what is no region (none affected) above them."""

    def _build(self, codes: Sequence[Code]) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        made: dict[str, QAbstractButton] = {}
        rest = WrappingRow(theme.SMALL, self)
        for code in codes:
            if code.value not in GANGLIA | ABOVE:
                made[code.value] = ChoiceButton(code, f"{self.item.oid}={code.value}", self)
                made[code.value].setMinimumHeight(theme.FINGER)
                rest.add(made[code.value])
        column.addWidget(rest)
        self._headings = (QLabel(self), QLabel(self))
        for heading, level in zip(self._headings, (GANGLIA, ABOVE), strict=True):
            card = QFrame(self)
            theme.set_role(card, "card")
            inside = QVBoxLayout(card)
            theme.set_role(heading, "note")
            inside.addWidget(heading)
            row = EvenCards(CARD_WIDTH, theme.SMALL, most=4, parent=card)
            inside.addWidget(row)
            column.addWidget(card)
            for code in codes:
                if code.value in level:
                    made[code.value] = GradeCard(code, f"{self.item.oid}={code.value}", self)
                    row.add(made[code.value])
        self.ticks = [made[code.value] for code in codes]

    def translate(self, language: str) -> None:
        """Label the levels and the regions."""
        super().translate(language)
        self._headings[0].setText(self.tr("Level of the basal ganglia"))
        self._headings[1].setText(self.tr("Above the basal ganglia"))
        for tick, code in zip(self.ticks, self._codes.codes, strict=True):
            label = code.label(language)
            if isinstance(tick, GradeCard):
                tick.say(code.value, label.removeprefix(code.value).strip())
                tick.setToolTip("")
