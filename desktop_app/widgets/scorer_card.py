"""One item of a scale as it is scored: its name and rule, the grades, the countdown, what stood here before.

A grade that stands is changed by a correction alone: one key says whether it was mis-keyed or the person was
examined again. What a rule of the scale asks for is offered. The card says what the user wants, and keeps nothing.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from casebook.design import Code, Item
from desktop_app import theme
from desktop_app.snapshots import EarlierValue, ItemView
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.hold_timer import HoldTimer
from desktop_app.widgets.icon import Glyph
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.scale import GradeEditor

PAUSE_MS = 800


class AskLine(QWidget):
    """A sentence with an icon, and buttons behind it."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        """Be hidden until there is something to say."""
        super().__init__(parent)
        glyph = Glyph(icon, Tone.WARN, parent=self)
        self.words = QLabel(self)
        self.words.setObjectName(name)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = WrappingRow(theme.SMALL, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SMALL)
        row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(theme.TIGHT)
        column.addWidget(self.words)
        column.addWidget(self._buttons)
        row.addLayout(column, 1)
        theme.set_tone(self.words, Tone.WARN)
        self.hide()

    def add(self, name: str) -> QPushButton:
        """Add a button and return it."""
        button = QPushButton(self)
        button.setObjectName(name)
        button.setMinimumHeight(theme.FINGER)
        self._buttons.add(button)
        return button

    def say(self, text: str) -> None:
        """Show a sentence; "" hides the line."""
        self.words.setText(text)
        self.words.setAccessibleName(text)
        self.setVisible(bool(text))


class ScoreCard(QWidget):
    """One item of a scale.

    Signals:
        suggestion_taken: The grade that a rule asks for here is to be given.
        all_taken: All grades that rules ask for are to be given.
        correcting: The user said why the grade changes, or that it stays ("").
        rested: The moment of `pause` is over.
    """

    suggestion_taken = Signal()
    all_taken = Signal()
    correcting = Signal(str)
    rested = Signal()

    def __init__(
        self,
        row: ItemRow,
        behind: Sequence[ItemRow],
        corrections: Sequence[Code],
        clock: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        """Make the card of one item.

        Args:
            row: The item's; `behind` the rows of what is asked behind it.
            corrections: The reasons with which a kept grade changes.
            clock: Of the countdown.
        """
        super().__init__(parent)
        self.row, self.behind = row, tuple(behind)
        self.correction = ""
        self.is_at_rest = False
        self.is_fresh = False
        """The grade was given just now; nobody came back to it."""
        self._low: bool | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.rested)
        self._corrections = tuple(corrections)
        item = row.item
        self.timer = HoldTimer(item.hold_seconds, f"hold.{item.oid}", clock, self) if item.hold_seconds else None
        self.name = QLabel(self)
        self.name.setObjectName(f"scorer_name.{item.oid}")
        self.name.setWordWrap(True)
        theme.set_role(self.name, "title")
        self.rule = QLabel(self)
        self.rule.setWordWrap(True)
        theme.set_tone(self.rule, Tone.QUIET)
        self.before = QLabel(self)
        self.before.setObjectName(f"scorer_before.{item.oid}")
        self.before.setWordWrap(True)
        theme.set_tone(self.before, Tone.ACCENT)
        self.question = AskLine("question", f"scorer_question.{item.oid}", self)
        self.reasons = [self.question.add(f"scorer_{code.value}.{item.oid}") for code in corrections]
        self.stay = self.question.add(f"scorer_stay.{item.oid}")
        self.offer = AskLine("information", f"scorer_suggestion.{item.oid}", self)
        self.take = self.offer.add(f"scorer_take.{item.oid}")
        self.take_all = self.offer.add(f"scorer_take_all.{item.oid}")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(theme.MEDIUM)
        self._head.addWidget(self.name, 1)
        self._head.addWidget(self.row.bare(), 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SMALL)
        self._column.addLayout(self._head)
        self._column.addStretch(1)
        self.set_low(on=False)

    def set_low(self, *, on: bool) -> None:
        """Stand in a low window: the grades come first, the rule behind them."""
        if on == self._low:
            return
        self._low = on
        timer = [self.timer] if self.timer is not None else []
        told: list[QWidget] = [self.rule, self.before]
        for widget in (*told, *timer, self.question, self.offer, *self.behind, self.row):
            self._column.removeWidget(widget)
        if self.timer is not None:
            self._head.removeWidget(self.timer)
            self.timer.set_short(on=on)
            if on:
                self._head.insertWidget(1, self.timer)
        first = [] if on else [*told, *timer]
        below = (*first, self.question, self.offer, *self.behind, self.row, *(told if on else ()))
        for widget in below:
            self._column.insertWidget(self._column.count() - 1, widget)
        for widget in (self.name, *(timer if on else ()), self.row.mark, *below):
            widget.raise_()  # a screen reader and Tab meet them as they stand

    def _connect(self) -> None:
        if isinstance(self.row.editor, GradeEditor):
            self.row.editor.begin_scoring()
        for button, code in zip(self.reasons, self._corrections, strict=True):
            button.clicked.connect(lambda _=False, code=code.value: self.correct(code))
        self.stay.clicked.connect(lambda: self.correcting.emit(""))
        self.take.clicked.connect(self.suggestion_taken)
        self.take_all.clicked.connect(self.all_taken)

    # -- in -------------------------------------------------------------------------------------------------

    def show_card(self, view: ItemView, language: str, *, others_suggested: int, earlier: EarlierValue | None) -> None:
        """Show the item as it stands; its rows are shown by whoever holds them.

        Args:
            others_suggested: How many grades of other items rules ask for too.
            earlier: What the item said at the assessment before.
        """
        item = view.item
        self.name.setText(item.label(language))
        hint = item.hint(language) if item.hint is not None else ""
        meanings = self._meanings(language) if self._low else []
        self.rule.setText("\n".join([hint, *meanings]) if hint else "\n".join(meanings))
        self.rule.setVisible(bool(self.rule.text()))
        self._show_earlier(item, earlier, language)
        self._show_notes(view, earlier)
        self._show_suggestion(view, language, others_suggested)
        self._show_question(language)
        if self.timer is not None:
            self.timer.translate()

    def settle(self, language: str) -> None:
        """Hold the grade that stands, unless somebody said why it changes."""
        view, editor = self.row.view, self.row.editor
        if view is None or not isinstance(editor, GradeEditor):
            return
        stands = bool(editor.raw()) or not view.reading.is_empty or self.row.in_flight > 0
        free = bool(self.correction) or view.asks_reason or not view.editable
        self.is_at_rest = stands and not free
        editor.hold(on=self.is_at_rest or self._pause.isActive())
        self._show_question(language)

    def pause(self, language: str) -> None:
        """Take no grade for a moment: behind a digit that is none, hurried ones would be one item out of step."""
        self._pause.start()
        self.settle(language)

    @property
    def is_paused(self) -> bool:
        """Whether grades wait for a moment."""
        return self._pause.isActive()

    def ask(self, language: str) -> None:
        """Ask why the grade that stands changes."""
        self.is_fresh = False
        self._show_question(language)

    def correct(self, code: str) -> None:
        """Let the grade be given anew for one of the common reasons."""
        self.correction = code
        self.correcting.emit(code)

    def correction_of(self, key: str) -> str:
        """Return the reason whose first letter is a key; "" for none."""
        return next((code.value for code in self._corrections if key and code.value.startswith(key.upper())), "")

    # -- inside ---------------------------------------------------------------------------------------------

    def _meanings(self, language: str) -> list[str]:
        """Return what the grades mean, for a low window where the cards say their names alone."""
        editor = self.row.editor
        codes = [card.code for card in editor.cards()] if isinstance(editor, GradeEditor) else []
        return [f"{code.value}  {code.meaning(language)}" for code in codes if code.meaning is not None]

    def _show_question(self, language: str) -> None:
        chosen = next((code for code in self._corrections if code.value == self.correction), None)
        for button, code in zip(self.reasons, self._corrections, strict=True):
            button.setText(f"{code.value[0]}  {code.label(language)}".replace("&", "&&"))
            button.setAccessibleName(code.label(language))
            button.setVisible(chosen is None)
        self.stay.setText(self.tr("Leave it (Esc)"))
        self.stay.setAccessibleName(self.tr("Leave the grade as it is"))
        if chosen is not None:
            self.question.say(self.tr("%1: give the new grade.").replace("%1", chosen.label(language)))
        elif self.is_at_rest and not self.is_fresh:
            self.question.say(self.tr("This item is scored. Why does its grade change?"))
        else:
            self.question.say("")

    def _show_suggestion(self, view: ItemView, language: str, others: int) -> None:
        why = view.why_suggested
        wanted = bool(view.suggested) and view.suggested != view.reading.value and why is not None
        self.take.setVisible(wanted and view.reading.is_empty)
        self.take_all.setVisible(others > 0 and view.reading.is_empty)
        self.take.setText(self.tr("Give %1 (S)").replace("%1", view.suggested))
        self.take.setAccessibleName(self.tr("Give the suggested grade %1").replace("%1", view.suggested))
        self.take_all.setText(self.tr("Give all %1 suggested grades (A)").replace("%1", str(others + wanted)))
        self.take_all.setAccessibleName(self.take_all.text())
        self.offer.say(why(language) if wanted and why is not None else self._others_alone(others, view))

    def _others_alone(self, others: int, view: ItemView) -> str:
        if not others or not view.reading.is_empty:
            return ""
        return self.tr("What was scored asks for the grades of %1 other items.").replace("%1", str(others))

    def _show_earlier(self, item: Item, earlier: EarlierValue | None, language: str) -> None:
        told = before_words(earlier, language)
        self.before.setText(told)
        self.before.setAccessibleName(f"{item.label(language)}. {told}")
        self.before.setVisible(bool(told))

    def _show_notes(self, view: ItemView, earlier: EarlierValue | None) -> None:
        notes: dict[str, str] = {}
        if earlier is not None and earlier.reading.value:
            notes[earlier.reading.value] = self.tr("as last time")
        if view.suggested:
            both = [notes.get(view.suggested, ""), self.tr("suggested by a rule of the scale")]
            notes[view.suggested] = " \N{MIDDLE DOT} ".join(part for part in both if part)
        if isinstance(self.row.editor, GradeEditor):
            self.row.editor.note(notes)


def before_words(earlier: EarlierValue | None, language: str) -> str:
    """Return what an item said at the assessment before, with its day; "" where nothing is known."""
    if earlier is None:
        return ""
    told = QCoreApplication.translate("Scorer", "Last time: %1 (%2)")
    return told.replace("%1", earlier.reading.value or "").replace("%2", when_words(earlier, language))


def when_words(earlier: EarlierValue, language: str) -> str:
    """Return visit, occasion and day of the assessment before."""
    return " ".join(part for part in (earlier.where(language), earlier.day) if part)
