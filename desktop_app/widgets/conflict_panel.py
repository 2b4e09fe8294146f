"""What people entered who had not seen each other, side by side, and the choice among it: a digit, then a reason.

A single value is a button with who entered it below. A sitting is shown whole, item by item with its totals, one
column for each laptop; it counts as a whole, or is entered anew. Those who only read see the same without buttons.

Source: ICH E6(R3) 4.2.2 (changes are justified and do not obscure); docs/adr/0024.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from casebook.design import Code
from desktop_app import theme
from desktop_app.models import times
from desktop_app.oversight_snapshots import Disputed, QueryLine, SideView
from desktop_app.phrases import told_of
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.reason_panel import ReasonPanel

ANEW = ""
"""Stands for no side: the sitting is entered anew."""
LONGEST = 60
"""Letters of a value that a button shows; the whole value stands below it."""


def bring_into_sight(widget: QWidget) -> None:
    """Scroll whatever a widget lies in so that it can be seen."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 0, theme.SMALL)
        around = around.parentWidget()


class ConflictPanel(QFrame):
    """The sides of one conflict. Hidden while there is none.

    Signals:
        chosen: A side counts: its name, or `ANEW`; and the reason.
        other_wanted: Another value is to be entered, in its field.
    """

    chosen = Signal(str, str)
    other_wanted = Signal()

    def __init__(self, reasons: Sequence[Code], name: str, parent: QWidget | None = None) -> None:
        """Make an empty panel; `name` starts the object names of its controls."""
        super().__init__(parent)
        self.setObjectName(f"{name}_conflict")
        self._name = name
        self._shown: tuple[object, ...] = ()
        self._reasons = reasons
        self._line: QueryLine | None = None
        self._language = "en"
        self._wanted = ANEW
        self._focus_back: QPushButton | None = None
        self.buttons: list[QPushButton] = []
        self._reason: ReasonPanel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SMALL)
        self._ground: QWidget | None = None
        self._refusal = QLabel(self)
        self._refusal.setObjectName(f"{name}_conflict_refusal")
        self._refusal.setWordWrap(True)
        theme.set_tone(self._refusal, Tone.BAD)
        self._refusal.hide()
        self._column.addWidget(self._refusal)
        self.hide()

    # -- in ---------------------------------------------------------------------------------------------------

    def show_line(self, line: QueryLine | None, language: str) -> None:
        """Show the sides of a query's conflict; what is being chosen is let go only where they changed."""
        conflict = line if line is not None and line.is_conflict else None
        shown = (conflict.id, conflict.sides, conflict.may_choose, language) if conflict is not None else ()
        if shown == self._shown:
            return
        had_focus = any(button.hasFocus() for button in self.buttons)
        self._shown, self._line, self._language = shown, conflict, language
        self._forget()
        self.setVisible(conflict is not None)
        if conflict is not None:
            self._build(conflict)
            if had_focus:
                self.take_focus()

    def _forget(self) -> None:
        self.buttons = []
        for widget in (self._ground, self._reason):
            if widget is not None:
                self._column.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self._ground = self._reason = None
        self._refusal.hide()

    def _build(self, line: QueryLine) -> None:
        self._ground = QWidget(self)
        column = QVBoxLayout(self._ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._label(self._told(line), "", Tone.WARN))
        if line.disputed is Disputed.SITTING:
            column.addWidget(self._table(line))
        else:
            for number, side in enumerate(line.sides, start=1):
                self._add_side(column, line, number, side)
                column.addSpacing(theme.SMALL)
        if line.may_choose and line.disputed in {Disputed.ITEM, Disputed.SITTING}:
            row = WrappingRow(theme.SMALL, self._ground)
            row.add(self._another(line))
            column.addWidget(row)
        self._column.insertWidget(0, self._ground)

    def _told(self, line: QueryLine) -> str:
        words = {
            Disputed.ITEM: self.tr("Entered on %1 laptops unseen by each other. Which value counts?"),
            Disputed.SITTING: self.tr(
                "Taken at one time, and entered on %1 laptops unseen by each other. Which one counts as a whole?"
            ),
            Disputed.ROW: self.tr("Struck out on one laptop and edited on another, unseen by each other. What counts?"),
            Disputed.COMPLETE: self.tr(
                "Marked complete on one laptop, and taken up again on another, unseen by each other. Is it complete?"
            ),
        }
        laptops = len({side.laptop for side in line.sides})
        told = words[line.disputed or Disputed.ITEM].replace("%1", str(max(laptops, 2)))
        press = self.tr("Press %1.").replace("%1", self._digits(line))
        return f"{told} {press}" if line.may_choose else told

    @staticmethod
    def _digits(line: QueryLine) -> str:
        return " / ".join(str(number) for number in range(1, len(line.sides) + 1))

    def _add_side(self, column: QVBoxLayout, line: QueryLine, number: int, side: SideView) -> None:
        value = side.shown(self._language) or "–"
        short = value if len(value) <= LONGEST else f"{value[:LONGEST].rstrip()}…"
        if line.may_choose:
            column.addWidget(self._choice(number, side, short))
        if not line.may_choose or short != value:
            column.addWidget(self._label(value, "lead" if not line.may_choose else ""))
        for one in side.values:
            column.addWidget(
                self._label(told_of(self._language, one.label(self._language), one.value(self._language) or "–"), "")
            )
        column.addWidget(self._label(self._who(side), "note"))

    def _table(self, line: QueryLine) -> QWidget:
        """Return the sittings beside each other, every item a row."""
        ground = QWidget(self)
        ground.setObjectName(f"{self._name}_sittings")
        grid = QGridLayout(ground)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.MEDIUM)
        grid.setVerticalSpacing(theme.TIGHT)
        top, language = Qt.AlignmentFlag.AlignTop, self._language
        for column, side in enumerate(line.sides, start=1):
            if line.may_choose:
                grid.addWidget(self._choice(column, side, self.tr("This one", "sitting")), 0, column)
            grid.addWidget(self._label(self._who(side), "note"), 1, column, top)
            grid.setColumnStretch(column, 3)
        grid.setColumnStretch(0, 4)
        for row, told in enumerate(line.sides[0].values, start=2):
            values = [side.values[row - 2] for side in line.sides]
            differs = any(one.differs for one in values)
            tone = Tone.WARN if differs else None
            grid.addWidget(self._label(told.label(language), "", tone), row, 0, top)
            for column, one in enumerate(values, start=1):
                grid.addWidget(self._label(one.value(language) or "–", "", tone), row, column, top)
        return ground

    def _choice(self, number: int, side: SideView, words: str) -> QPushButton:
        button = QPushButton(f"{number}   {words}".replace("&", "&&"), self)
        button.setObjectName(f"{self._name}_choose_{number}")
        button.setCheckable(True)
        button.setMinimumHeight(theme.TARGET)
        button.setAccessibleName(f"{number}: {side.shown(self._language) or words}, {self._who(side)}")
        button.setToolTip(side.shown(self._language))
        button.toggled.connect(lambda _, side=side, button=button: self._ask(side.ref, button))
        self.buttons.append(button)
        return button

    def _another(self, line: QueryLine) -> QPushButton:
        sitting = line.disputed is Disputed.SITTING
        button = QPushButton(self.tr("Enter it anew…") if sitting else self.tr("Another value…"), self)
        button.setObjectName(f"{self._name}_another")
        button.setAccessibleName(button.text().rstrip("…"))
        button.setCheckable(sitting)
        if sitting:
            button.toggled.connect(lambda _: self._ask(ANEW, button))
        else:
            button.clicked.connect(self.other_wanted)
        self.buttons.append(button)
        return button

    def _who(self, side: SideView) -> str:
        parts = [f"{side.author} ({side.laptop})", times.minute(side.at)]
        if side.reason:
            label = next((one.label(self._language) for one in self._reasons if one.value == side.reason), side.reason)
            parts.append(label)
        if side.is_shown:
            parts.append(self.tr("shown meanwhile"))
        return " · ".join(parts)

    def _label(self, text: str, role: str, tone: Tone | None = None) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            theme.set_role(label, role)
        if tone is not None:
            theme.set_tone(label, tone)
        return label

    # -- choosing ---------------------------------------------------------------------------------------------

    def take_focus(self) -> bool:
        """Put the focus on the first side; False where there is none to choose."""
        if not self.buttons:
            return False
        self.buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
        bring_into_sight(self)
        return True

    def choose(self, number: int) -> bool:
        """Choose a side by its number, from 1; False where there is none."""
        sides = self._line.sides if self._line is not None and self._line.may_choose else ()
        if not 0 < number <= len(sides):
            return False
        self._ask(sides[number - 1].ref, self.buttons[number - 1])
        return True

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        if self.isHidden():
            return []
        asked: list[QWidget] = []
        if self._reason is not None and not self._reason.isHidden():
            asked = [*self._reason.buttons, self._reason.words, self._reason.confirm, self._reason.cancel]
        return [*self.buttons, *asked]

    def refuse(self, sentence: str) -> None:
        """Say why it was not done."""
        self._refusal.setText(sentence)
        self._refusal.setAccessibleName(sentence)
        self._refusal.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by digit; Enter presses the button in focus."""
        text = event.text()
        if text.isdigit() and self.choose(int(text)):
            return
        focused = next((button for button in self.buttons if button.hasFocus()), None)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and focused is not None:
            focused.click()
        else:
            super().keyPressEvent(event)

    def _ask(self, ref: str, button: QPushButton) -> None:
        """Ask why a side counts; of a mark there is nothing to ask."""
        self._wanted, self._focus_back = ref, button
        self._refusal.hide()
        self._check(button)
        if self._line is not None and self._line.disputed is Disputed.COMPLETE:
            self.chosen.emit(ref, "")
            return
        if self._reason is None:
            self._reason = ReasonPanel(self._reasons, f"{self._name}_choice", self)
            self._reason.given.connect(self._given)
            self._reason.cancelled.connect(self._cancelled)
            self._column.insertWidget(1, self._reason)
        if ref == ANEW:
            question = self.tr("Why is it entered anew? Both stay in the history.")
        else:
            question = self.tr("Why does this one count? Every one stays in the history.")
        self._reason.ask(question, self._language)
        self._reason.focus_first()
        QTimer.singleShot(0, self._reason, partial(bring_into_sight, self._reason))

    def _check(self, button: QPushButton | None) -> None:
        """Show which side is chosen; None for none yet."""
        for one in self.buttons:
            with QSignalBlocker(one):
                one.setChecked(one is button)

    def _given(self, reason: str) -> None:
        if self._reason is not None:
            self._reason.hide()
        self.chosen.emit(self._wanted, reason)

    def _cancelled(self) -> None:
        self._check(None)
        if self._reason is not None:
            self._reason.hide()
        if self._focus_back is not None:
            self._focus_back.setFocus(Qt.FocusReason.OtherFocusReason)
