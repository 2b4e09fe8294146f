"""The head of the scorer: whose form this is, the total so far and its change, how long it took, what is to be seen."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.models.words import whereis_sign
from desktop_app.snapshots import FormView
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import SignLabel
from desktop_app.widgets.notice import Notice

MINUTE = 60
SECOND_MS = 1000


class Elapsed(QLabel):
    """How long a scale takes, from its first grade to its last one."""

    def __init__(self, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        """Be hidden until something was graded."""
        super().__init__(parent)
        self.setObjectName("scorer_elapsed")
        theme.set_role(self, "note")
        self._clock = clock
        self._began: float | None = None
        self._took: int | None = None
        self._short = False
        self._ticks = QTimer(self)
        self._ticks.setInterval(SECOND_MS)
        self._ticks.timeout.connect(self._show)

    def forget(self) -> None:
        """Begin with the next first grade."""
        self.pause()
        self._began = self._took = None

    def pause(self) -> None:
        """Count no more until the scale is looked at again."""
        self._ticks.stop()

    def set_short(self, *, on: bool) -> None:
        """Say the figures alone; what they are is told to screen readers."""
        self._short = on
        self._show()

    def show_tally(self, *, begun: bool, whole: bool) -> None:
        """Count while the scale is begun and not whole."""
        if begun and self._began is None:
            self._began = self._clock()
        if begun and not whole and not self._ticks.isActive():
            self._took = None
            self._ticks.start()
        elif whole and self._ticks.isActive():
            self._took = self._run()
            self._ticks.stop()
        self._show()

    def _run(self) -> int | None:
        return None if self._began is None else int(self._clock() - self._began)

    def _show(self) -> None:
        seconds = self._run() if self._ticks.isActive() else self._took
        self.setVisible(seconds is not None)
        if seconds is not None:
            clock = f"{seconds // MINUTE}:{seconds % MINUTE:02d}"
            told = self.tr("%1 since the first grade").replace("%1", clock)
            self.setText(clock if self._short else told)
            self.setAccessibleName(told)


class ScorerHead(QFrame):
    """The scorer's head.

    Signals:
        back_wanted, list_wanted: The button was pressed.
        aside_wanted: What was told of another item is to be looked at.
    """

    back_wanted = Signal()
    list_wanted = Signal()
    aside_wanted = Signal()

    def __init__(self, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        """Show nothing yet. `clock`: seconds, only onwards."""
        super().__init__(parent)
        self._error: CasebookError | None = None
        self._low = False
        self._names = ("", "")
        self._back = BackButton("scorer")
        self._back.stand_alone(on=True)
        self._heading = QLabel()
        self._heading.setObjectName("scorer_title")
        theme.set_role(self._heading, "title")
        self._where = QLabel()
        self._where.setObjectName("scorer_where")
        theme.set_role(self._where, "note")
        self._custody = SignLabel()
        self.total = QLabel()
        self.total.setObjectName("scorer_total")
        theme.set_role(self.total, "lead")
        self.change = QLabel()
        self.change.setObjectName("scorer_change")
        self.flags = QLabel()
        self.flags.setObjectName("scorer_flags")
        theme.set_tone(self.flags, Tone.WARN)
        self.elapsed = Elapsed(clock)
        self.list_button = QPushButton()
        self.list_button.setObjectName("scorer_as_list")
        self.notice = Notice("scorer_notice")
        self._lay_out()
        self._back.clicked.connect(self.back_wanted)
        self.list_button.clicked.connect(self.list_wanted)
        self.notice.acted.connect(self.aside_wanted)

    def _lay_out(self) -> None:
        below = self._below = WrappingRow(theme.MEDIUM)
        below.add(self._where)
        below.add(self._custody)
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(self._heading)
        titles.addWidget(below)
        facts = WrappingRow(theme.MEDIUM)
        for widget in (self.total, self.change, self.flags, self.elapsed):
            facts.add(widget)
        line = QHBoxLayout()
        line.setSpacing(theme.SMALL)
        line.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(titles, 1)
        line.addWidget(facts, 1)
        line.addWidget(self.list_button, 0, Qt.AlignmentFlag.AlignTop)
        self._line = line
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.TIGHT, theme.MEDIUM, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(line)
        column.addWidget(self.notice)

    def set_low(self, *, on: bool) -> None:
        """Stand in a low window: in one line, with the place as a tip of the name."""
        if on == self._low:
            return
        self._low = on
        self.elapsed.set_short(on=on)
        self._below.setVisible(not on)
        self._heading.setText(self._names[on])
        self._line.setStretch(1, 0 if on else 1)
        self.list_button.setText(self.tr("List") if on else self.tr("Show as a list"))
        theme.set_role(self._heading, "lead" if on else "title")

    def show_form(self, view: FormView, language: str) -> None:
        """Show whose form this is and where it is kept."""
        self._names = (view.form.label(language), view.number)
        self._heading.setText(self._names[self._low])
        where = [view.number, view.visit_label(language)]
        if view.occasion is not None:
            where.append(view.occasion(language))
        self._where.setText(" · ".join(where))
        self._heading.setToolTip(self._where.text())
        self._custody.show_sign(whereis_sign(view.whereis))
        self._back.retranslate()
        self.list_button.setText(self.tr("List") if self._low else self.tr("Show as a list"))
        self.list_button.setAccessibleName(self.tr("Show the form as a list"))
        self.list_button.setToolTip("F9")
        if self._error is not None:
            self.notice.say(self._error.sentence(language), Tone.BAD)

    @property
    def is_low(self) -> bool:
        """Whether it stands in a low window."""
        return self._low

    def show_facts(self, total: str, change: str, flags: str) -> None:
        """Show how the scale stands."""
        for label, text in ((self.total, total), (self.change, change), (self.flags, flags)):
            label.setText(text)
            label.setVisible(bool(text))

    def refuse(self, error: CasebookError, language: str) -> None:
        """Say why something was not done, until `clear_error`."""
        self._error = error
        self.notice.say(error.sentence(language), Tone.BAD)

    def clear_error(self) -> None:
        """Say no more that something was not done."""
        if self._error is not None:
            self._error = None
            self.notice.say("")

    def tell(self, sentence: str, action: str) -> None:
        """Say what a grade means for another item; "" says no more of it."""
        if self._error is None:
            self.notice.say(sentence, Tone.WARN, action)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes."""
        return [self._back, self.list_button, self.notice]
