"""Source data verification: one value after the other, held against its source, marked by Space."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey, ItemPath
from casebook.supervision import of_item
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.oversight_lines import verify_headings, verify_lines
from desktop_app.models.oversight_words import verify_sign
from desktop_app.oversight_snapshots import VerificationView, VerifyLine, VerifyState
from desktop_app.theme import Tone
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PrimaryButton, PromptButton, SignLabel
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.oversight_tabs import OversightTabs
from desktop_app.widgets.words_panel import WordsPanel
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

LOW = 520
"""Below this height in pixels the page says less."""
LEFT = "left"
"""The filter's value for what is not verified as it stands."""


class ReviewPage(Page):
    """What is to be verified at the site.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath).
        place_wanted: Another page of data management is to be opened (its name).
        settled: Something was marked, or a query was raised.
    """

    item_wanted = Signal(object, object)
    place_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view = VerificationView(lines=())
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self._heading = sheet.label("title")
        self._tabs = OversightTabs("review", self)
        self._notice = Notice("review_notice")
        self._state = QComboBox()
        self._state.setObjectName("review_state")
        for value in (LEFT, VerifyState.OPEN, VerifyState.CHANGED, VerifyState.VERIFIED, sheet.ANY):
            self._state.addItem("", value)
        self._subject = QComboBox()
        self._subject.setObjectName("review_subject")
        self._subject.addItem("", sheet.ANY)
        self._visit = QComboBox()
        self._visit.setObjectName("review_visit")
        self._visit.addItem("", sheet.ANY)
        for combo in (self._subject, self._visit):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._progress = QLabel()
        self._progress.setObjectName("review_progress")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._table = ChoiceList(
            "review_table",
            (
                Share(least=124),
                Share(least=100),
                Share(least=110, weight=1, from_width=620),
                Share(least=160, weight=3),
                Share(least=120, weight=2),
            ),
        )
        self._card = QFrame()
        self._card.setObjectName("review_card")
        theme.set_role(self._card, "card")
        self._where = sheet.label("note")
        self._item = sheet.label("lead")
        self._item.setObjectName("review_item")
        self._value = sheet.label("title")
        self._value.setObjectName("review_value")
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        self._sign = SignLabel()
        self._verify = PrimaryButton()
        self._verify.setObjectName("review_verify")
        self._query = PromptButton()
        self._query.setObjectName("review_query")
        self._undo = PromptButton()
        self._undo.setObjectName("review_undo")
        self._go = PromptButton()
        self._go.setObjectName("review_go")
        self.panel = WordsPanel("review_say")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        asked = WrappingRow(theme.SMALL)
        for widget in (self._state, self._subject, self._visit, self._progress):
            asked.add(widget)
        buttons = WrappingRow(theme.SMALL)
        for button in (self._verify, self._query, self._undo, self._go):
            buttons.add(button)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        for part in (self._where, self._item, self._value, self._sign, buttons, self.panel):
            column.addWidget(part)
        page = sheet.scrolling_column(self, self._table)
        page.setSpacing(theme.SMALL)
        for line in (self._heading, self._tabs, asked, self._bar, self._notice):
            page.addWidget(line)
        page.addWidget(self._table, 1)
        page.addWidget(self._card)

    def _connect(self) -> None:
        self._tabs.wanted.connect(self.place_wanted)
        for combo in (self._state, self._subject, self._visit):
            combo.currentIndexChanged.connect(self._show_lines)
        self._table.current_changed.connect(self._show_card)
        self._table.marked.connect(partial(self._mark, on=True))
        self._table.line_chosen.connect(self._lead)
        self._verify.clicked.connect(partial(self._mark, on=True))
        self._undo.clicked.connect(partial(self._mark, on=False))
        self._query.clicked.connect(self._ask)
        self._go.clicked.connect(self._lead)
        self.panel.given.connect(self._raise)
        self.panel.cancelled.connect(self._table.setFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low window to the value."""
        super().resizeEvent(event)
        self._heading.setVisible(self.height() >= LOW)

    # -- what is shown ----------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Source data verification")

    def refresh(self) -> None:
        """Ask again for what is to be verified."""
        self.background.run(self.port.oversight.verification, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: VerificationView) -> None:
        """Show what is to be verified; the value in front stays there."""
        self._view = view
        self._error = None
        sheet.offer_values(self._subject, self.tr("All subjects"), [one.number for one in view.lines])
        sheet.offer_values(self._visit, self.tr("All visits"), [one.visit(self.language) for one in view.lines])
        self._show_lines()
        if self._focus_wanted:
            self._focus_wanted = False
            self._focus()

    def _show_lines(self) -> None:
        view = self._view
        lines = [one for one in view.lines if self._fits(one)]
        self._table.show_lines(verify_headings(), verify_lines(lines, self.language))
        told = self.tr("%1 of %2 verified").replace("%1", str(view.done)).replace("%2", str(len(view.lines)))
        self._progress.setText(told)
        self._bar.setRange(0, max(1, len(view.lines)))
        self._bar.setValue(view.done)
        self._bar.setAccessibleName(told)
        self._table.setVisible(bool(lines))
        if view.why_not is not None:
            self._notice.say(view.why_not(self.language), Tone.WARN)
        elif not view.lines:
            self._notice.say(self.tr("Nothing that is to be verified is recorded yet."))
        elif not lines:
            self._notice.say(self.tr("Nothing of this kind is left here."), Tone.GOOD)
        else:
            self._notice.say("")
        self._show_card()

    def _fits(self, line: VerifyLine) -> bool:
        state = self._state.currentData()
        of_state = line.state is not VerifyState.VERIFIED if state == LEFT else state in {sheet.ANY, line.state}
        of_subject = self._subject.currentData() in {sheet.ANY, line.number}
        return of_state and of_subject and self._visit.currentData() in {sheet.ANY, line.visit(self.language)}

    def _current(self) -> VerifyLine | None:
        wanted = self._table.current() if self._table.isVisibleTo(self) else None
        return next((one for one in self._view.lines if (one.key, one.path) == wanted), None)

    def _show_card(self) -> None:
        line = self._current()
        self._card.setVisible(line is not None)
        if line is None:
            self.panel.close_panel()
            return
        language = self.language
        self._where.setText(" · ".join((line.number, line.visit(language), line.form(language))))
        self._item.setText(line.item(language))
        self._value.setText(line.value(language) or "–")
        sign = verify_sign(line.state)
        told = f"{sign.word}, {line.by}, {times.minute(line.at)}" if line.by else sign.word
        self._sign.show_sign(sign, told)
        why_not = self._view.why_not(language) if self._view.why_not is not None else ""
        verified = line.state is VerifyState.VERIFIED
        self._verify.setVisible(not verified)
        self._undo.setVisible(verified)
        for button in (self._verify, self._undo, self._query):
            button.setEnabled(not why_not)
            button.setToolTip(why_not)
            button.setAccessibleDescription(why_not)

    def take_focus(self) -> None:
        """Put the cursor into the list; once more when the list has come."""
        self._focus_wanted = True
        self._focus()

    def _focus(self) -> None:
        (self._table if self._table.isVisibleTo(self) else self._state).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._tabs.retranslate()
        for place, words in enumerate(
            (
                self.tr("Left to verify"),
                self.tr("Never verified"),
                self.tr("Changed since"),
                self.tr("Verified"),
                self.tr("All values"),
            )
        ):
            self._state.setItemText(place, words)
        self._state.setAccessibleName(self.tr("Which values are shown"))
        self._subject.setAccessibleName(self.tr("Subject of the values that are shown"))
        self._visit.setAccessibleName(self.tr("Visit of the values that are shown"))
        self._table.setAccessibleName(self.tr("Values to verify; Space marks and goes on, Q raises a query"))
        self._verify.setText(self.tr("As in the source (Space)"))
        self._verify.setAccessibleName(self.tr("Mark as verified against the source"))
        self._query.setText(self.tr("Differs: raise a query (Q)"))
        self._query.setAccessibleName(self.tr("Raise a query on this value"))
        self._undo.setText(self.tr("Take the mark back"))
        self._undo.setAccessibleName(self._undo.text())
        self._go.setText(self.tr("Go to the form (Enter)"))
        self._go.setAccessibleName(self.tr("Go to the form"))
        self.show_view(self._view)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Raise a query by Q."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if plain and event.key() == Qt.Key.Key_Q and not self.panel.is_open and self._query.isEnabled():
            self._ask()
        else:
            super().keyPressEvent(event)

    def _mark(self, _what: object = None, *, on: bool) -> None:
        """Mark the value in front, or take its mark back, and go on to the next."""
        line = self._current()
        if line is None or self._view.why_not is not None or on == (line.state is VerifyState.VERIFIED):
            return
        if on and not self._table.go(1):
            self._table.go(-1)
        work = partial(self.port.oversight.verify, line.key, line.path, on)
        self.background.run(work, then=self._done, otherwise=self._refused)

    def _ask(self) -> None:
        line = self._current()
        if line is not None:
            question = self.tr("%1: what differs from the source?")
            self.panel.ask(question.replace("%1", line.item(self.language)), self.tr("Raise query"))

    def _raise(self, words: str) -> None:
        line = self._current()
        if line is not None:
            work = partial(self.port.oversight.raise_query, of_item(line.key, line.path), words)
            self.background.run(work, then=self._raised, otherwise=self._not_raised)

    def _raised(self, done: None) -> None:
        self.panel.close_panel()
        self._done(done)

    def _not_raised(self, error: CasebookError) -> None:
        self.panel.refuse(error.sentence(self.language))

    def _done(self, _done: None) -> None:
        self.settled.emit()
        self.refresh()
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lead(self, _what: object = None) -> None:
        line = self._current()
        if line is not None:
            key: FormKey = line.key
            path: ItemPath = line.path
            self.item_wanted.emit(key, path)
