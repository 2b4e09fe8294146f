"""One query with everything that was said in it, the value beside it, and what can be done about it, in place."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from casebook.design import Code
from casebook.supervision import QueryAct
from desktop_app import theme
from desktop_app.models.oversight_words import query_sign, said, settled_sentence, side_sentence, turn_word
from desktop_app.models.words import custody_sign
from desktop_app.oversight_snapshots import QueryLine
from desktop_app.theme import Tone
from desktop_app.widgets.conflict_panel import ConflictPanel
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PromptButton, SignLabel
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.words_panel import WordsPanel


class QueryThread(QFrame):
    """A query, to read and to act on.

    Signals:
        act_wanted: Something is to be done: `QueryAct`, the query's id, words.
        choice_made: One side of a conflict counts: the query's id, the side's name, the reason.
        item_wanted: What the query is about is to be shown (QueryLine).
    """

    act_wanted = Signal(object, str, str)
    choice_made = Signal(str, str, str)
    item_wanted = Signal(object)

    def __init__(
        self, name: str, parent: QWidget | None = None, *, leads: bool = True, reasons: Sequence[Code] = ()
    ) -> None:
        """Make an empty card.

        Args:
            name: Starts the object names.
            leads: It stands away from what it is about.
            reasons: The common reasons for which one side of a conflict counts.
        """
        super().__init__(parent)
        self.setObjectName(name)
        theme.set_role(self, "card")
        self._name = name
        self._leads = leads
        self._line: QueryLine | None = None
        self._language = "en"
        self._act = QueryAct.ANSWER
        self._notes: list[NoteLine] = []
        self._heading = self._label("lead", f"{name}_heading")
        self._where = self._label("note", f"{name}_where")
        self._value = self._label("", f"{name}_value")
        self._sign = SignLabel(self)
        self._custody = SignLabel(self)
        signs = WrappingRow(theme.LARGE, self)
        signs.add(self._sign)
        signs.add(self._custody)
        self._reasons = reasons
        self.conflict = ConflictPanel(reasons, name, self)
        self._words = QVBoxLayout()
        self._words.setSpacing(theme.TIGHT)
        self._why_not = self._label("note", f"{name}_why_not")
        self._buttons = WrappingRow(theme.SMALL, self)
        self._answer = self._button("answer", self._answer_wanted)
        self._question = self._button("ask", lambda: self._ask(QueryAct.OPEN))
        self._close = self._button("close", lambda: self._ask(QueryAct.CLOSE))
        self._reopen = self._button("reopen", lambda: self._ask(QueryAct.REOPEN))
        self._go = self._button("go", self._lead)
        self.panel = WordsPanel(f"{name}_say", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        for label in (self._heading, self._where, self._value):
            column.addWidget(label)
        column.addWidget(signs)
        column.addWidget(self.conflict)
        column.addLayout(self._words)
        column.addWidget(self._why_not)
        column.addWidget(self._buttons)
        column.addWidget(self.panel)
        self.panel.given.connect(self._given)
        self.panel.cancelled.connect(self._focus_first)
        self.conflict.chosen.connect(self._chosen)
        self.conflict.other_wanted.connect(self._lead)
        self.hide()

    def _label(self, role: str, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_role(label, role)
        return label

    def _button(self, name: str, act: Callable[[], None]) -> QPushButton:
        button = PromptButton(self)
        button.setObjectName(f"{self._name}_{name}")
        button.clicked.connect(act)
        self._buttons.add(button)
        return button

    @property
    def query(self) -> str:
        """The id of the query that is shown, or ""."""
        return self._line.id if self._line is not None else ""

    def show_query(self, line: QueryLine | None, language: str) -> None:
        """Show a query; what is being typed for another one is let go."""
        if line is None or line.id != self.query or line != self._line:
            self.panel.close_panel()
        self._line, self._language = line, language
        self.setVisible(line is not None)
        self.conflict.show_line(line, language)
        if self.conflict.controls():  # they come before what can be done, and were made after it
            for before, after in pairwise(self.controls()):
                QWidget.setTabOrder(before, after)
        if line is None:
            return
        self._heading.setText(line.what(language))
        place = " · ".join(one for one in (line.number, line.where(language)) if one)
        self._where.setText(place)
        self._heading.setVisible(self._leads)
        self._where.setVisible(self._leads)
        value = line.value(language)
        self._value.setText(self.tr("Value now: %1").replace("%1", value or "–"))
        self._value.setVisible(self._leads and line.scope.path is not None and not line.is_conflict)
        turn = turn_word(line.turn)
        sign = query_sign(line)
        words = self.tr("%1, turn: %2").replace("%1", sign.word).replace("%2", turn) if turn else sign.word
        self._sign.show_sign(sign, words)
        self._custody.show_sign(custody_sign(line.custody))
        self._show_words(line)
        self._show_buttons(line)

    def _show_words(self, line: QueryLine) -> None:
        for note in self._notes:
            self._words.removeWidget(note)
            note.hide()
            note.deleteLater()
        self._notes = []
        if line.settled:
            told = [side_sentence(one, self._language, self._reasons) for one in line.sides]
            self._notes += [NoteLine("laptop", Tone.QUIET, sentence, parent=self) for sentence in told]
            settled = [settled_sentence(one, self._language, self._reasons) for one in line.settled]
            self._notes += [NoteLine("check", Tone.GOOD, sentence, parent=self) for sentence in settled]
        if line.asked is not None:
            self._notes.append(NoteLine("queries", Tone.WARN, line.asked(self._language), parent=self))
        for word in line.words:
            self._notes.append(NoteLine("queries", Tone.QUIET, said(word), parent=self))
        for note in self._notes:
            self._words.addWidget(note)
        for later in (self._why_not, self._buttons, self.panel):
            later.raise_()  # the notes were made after them, and stand before them

    def _show_buttons(self, line: QueryLine) -> None:
        self._answer.setText(self.tr("&Answer: choose") if line.may_choose else self.tr("&Answer…"))
        self._answer.setVisible(line.may_answer or (line.may_choose and self._leads))  # in its form: Alt+A, or a click
        self._question.setText(self.tr("As&k the site…"))
        self._question.setVisible(line.may_ask)
        self._close.setText(self.tr("&Close query…"))
        self._close.setVisible(line.may_close)
        self._reopen.setText(self.tr("&Reopen…"))
        self._reopen.setVisible(line.may_reopen)
        self._go.setText(self.tr("Go to the value (Enter)") if line.is_conflict else self.tr("Go there (Enter)"))
        self._go.setVisible(self._leads)
        for button in (self._answer, self._question, self._close, self._reopen, self._go):
            button.setAccessibleName(button.text().replace("&", "").rstrip("…"))
        self._why_not.setText(line.why_not(self._language) if line.why_not is not None else "")
        self._why_not.setVisible(line.why_not is not None)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from top to bottom."""
        panel = [self.panel.words, self.panel.confirm, self.panel.cancel] if self.panel.is_open else []
        buttons = [self._answer, self._question, self._close, self._reopen, self._go]
        return [*self.conflict.controls(), *buttons, *panel]

    def _answer_wanted(self) -> None:
        self.ask_to_answer()

    def ask_to_answer(self) -> bool:
        """Ask for an answer, of a conflict for the choice; False where this person does not answer now."""
        if self._line is not None and self._line.may_choose:
            return self.conflict.take_focus()
        if self._line is None or not self._line.may_answer:
            return False
        self._ask(QueryAct.ANSWER)
        return True

    def refuse(self, sentence: str) -> None:
        """Say why it was not done; the words stay."""
        if self.panel.is_open:
            self.panel.refuse(sentence)
        else:
            self.conflict.refuse(sentence)

    def _ask(self, act: QueryAct) -> None:
        self._act = act
        match act:
            case QueryAct.OPEN:
                self.panel.ask(self.tr("What is asked of the site? Choosing is theirs."), self.tr("Ask"))
            case QueryAct.ANSWER:
                self.panel.ask(self.tr("What is the answer?"), self.tr("Answer"))
            case QueryAct.CLOSE:
                self.panel.ask(self.tr("The query is settled. Is there more to say?"), self.tr("Close"), optional=True)
            case _:
                self.panel.ask(self.tr("Why is it opened again?"), self.tr("Reopen"))

    def _given(self, words: str) -> None:
        self.act_wanted.emit(self._act, self.query, words)

    def _chosen(self, side: str, reason: str) -> None:
        self.choice_made.emit(self.query, side, reason)

    def _lead(self) -> None:
        if self._line is not None:
            self.item_wanted.emit(self._line)

    def _focus_first(self) -> None:
        for button in (self._answer, self._question, self._close, self._reopen, self._go):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return
