"""All that a form with a scale is scored on: what stands before it, a card for each item, what stands after it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from casebook.design import StudyDesign
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.models.scoring import Plan
from desktop_app.snapshots import FormView
from desktop_app.widgets.form_sections import COLUMN_WIDTH, NARROW
from desktop_app.widgets.item_row import Explain, ItemRow
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.widgets.scale import GradeEditor
from desktop_app.widgets.scorer_card import ScoreCard
from desktop_app.widgets.scorer_ends import EndCard, StartCard

BESIDE = (3, 150)
"""How many grades stand beside each other in a low window, and how wide each is at least, in pixels."""
BELOW = (1, theme.LINE_WIDTH)


class ScorerCards(QScrollArea):
    """The cards of one form instance, of which one is shown.

    Signals:
        entered, finished, confirmation_given, trail_wanted: As of `ItemRow`.
        suggestion_taken: The grade suggested for an item is to be given (path); `all_taken`: all of them.
        correcting: Somebody said why a grade changes, or that it stays (ScoreCard, code or "").
        muted: Sounds are wanted no more, or again.
        rested: As of `ScoreCard`.
    """

    entered = Signal(object)
    finished = Signal(object)
    confirmation_given = Signal(object, str, str)
    trail_wanted = Signal(object)
    suggestion_taken = Signal(object)
    all_taken = Signal()
    correcting = Signal(object, str)
    muted = Signal(bool)
    rested = Signal()

    def __init__(
        self,
        view: FormView,
        plan: Plan,
        design: StudyDesign,
        clock: Callable[[], float],
        explain: Explain,
        parent: QWidget | None = None,
    ) -> None:
        """Make the cards of a form; they show nothing yet.

        Args:
            clock: Of the countdowns, in seconds.
        """
        super().__init__(parent)
        self.rows: dict[ItemPath, ItemRow] = {}
        self._form, self._design, self._explain = view.form, design, explain
        self._reasons = Reasons(design.reasons, design.absences)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground = QWidget()
        theme.set_role(ground, "sheet")
        self._sheet = QWidget(ground)
        self._sheet.setMaximumWidth(COLUMN_WIDTH)
        across = QHBoxLayout(ground)
        across.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.MEDIUM)
        across.addWidget(self._sheet, 1)
        common = {code.value: code for code in design.reasons}
        corrections = [common[code] for code in plan.scorer.corrections if code in common]
        self.start = StartCard([self._row(path) for path in plan.before], design.code_lists, self._sheet)
        self.items = [
            ScoreCard(self._row(step), [self._row(path) for path in plan.behind[step]], corrections, clock, self._sheet)
            for step in plan.steps
        ]
        self.end = EndCard([self._row(path) for path in plan.after], self._sheet)
        column = QVBoxLayout(self._sheet)
        column.setContentsMargins(0, 0, 0, 0)
        for part in self.parts:
            part.hide()
            column.addWidget(part)
        for card in self.items:
            self._connect(card)
        self.setWidget(ground)

    @property
    def parts(self) -> tuple[QWidget, ...]:
        """All cards, in the order of the strip."""
        return self.start, *self.items, self.end

    def _row(self, path: ItemPath) -> ItemRow:
        group, item = self._form.find(path.item)
        lists = self._design.code_lists
        row = ItemRow(path, group, item, lists, self._reasons, self._sheet, explain=self._explain)
        row.entered.connect(self.entered)
        row.finished.connect(self.finished)
        row.confirmation_given.connect(self.confirmation_given)
        row.trail_wanted.connect(self.trail_wanted)
        self.rows[path] = row
        return row

    def _connect(self, card: ScoreCard) -> None:
        card.suggestion_taken.connect(partial(self.suggestion_taken.emit, card.row.path))
        card.all_taken.connect(self.all_taken)
        card.rested.connect(self.rested)
        card.correcting.connect(partial(self.correcting.emit, card))
        if card.timer is not None:
            card.timer.muted.connect(self.muted)

    def show_place(self, place: int) -> None:
        """Show one card alone, from its top; no countdown goes on."""
        self.stop_timers()
        for number, part in enumerate(self.parts):
            part.setVisible(number == place)
        self.verticalScrollBar().setValue(0)

    def show_soon(self, widget: QWidget) -> None:
        """Scroll to what takes its place only after the next turn of the loop."""
        show = partial(self.ensureWidgetVisible, widget)
        QTimer.singleShot(0, widget, lambda: QTimer.singleShot(0, widget, show))

    def stop_timers(self) -> None:
        """Let no countdown go on."""
        for card in self.items:
            if card.timer is not None:
                card.timer.stop()

    def mute(self, *, on: bool) -> None:
        """Let all countdowns be silent, or sound."""
        for card in self.items:
            if card.timer is not None:
                card.timer.set_muted(on=on)

    def fit(self, *, low: bool) -> None:
        """Stand in a low window, or a narrow one."""
        for card in self.items:
            card.set_low(on=low)
            if isinstance(card.row.editor, GradeEditor):
                card.row.editor.set_columns(*(BESIDE if low else BELOW), brief=low)
        self.start.set_low(on=low)
        narrow = self.viewport().width() < NARROW
        behind = [row for card in self.items for row in card.behind]
        for row in (*self.start.rows, *self.end.rows, *behind):
            row.set_narrow(on=narrow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave keys that go sideways to the page: nothing scrolls that way."""
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focused_row(self) -> ItemRow | None:
        """Return the row that has the focus, or had it when the window did."""
        focused: object = self.window().focusWidget()
        if not isinstance(focused, QWidget):
            return None
        return next((row for row in self.rows.values() if row.isAncestorOf(focused)), None)
