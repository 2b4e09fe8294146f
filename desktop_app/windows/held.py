"""Held entries: what arrived although its author might not enter it, shown and ruled on, never lost."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.oversight_lines import held_headings, held_lines
from desktop_app.models.oversight_words import ruling_sign
from desktop_app.oversight_snapshots import HeldLine, Ruling
from desktop_app.theme import Tone
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PromptButton, SignLabel
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.oversight_tabs import OversightTabs
from desktop_app.widgets.words_panel import WordsPanel
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

Lines = tuple[HeldLine, ...]


class HeldPage(Page):
    """Entries that wait for data management, and what became of earlier ones.

    Signals:
        form_wanted: The form of an entry is to be shown (FormKey, None).
        place_wanted: Another page of data management is to be opened (its name).
        settled: An entry was ruled on.
    """

    form_wanted = Signal(object, object)
    place_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._lines: Lines = ()
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self._accepting = True
        self._heading = sheet.label("title")
        self._tabs = OversightTabs("held", self)
        self._note = sheet.label("note")
        self._notice = Notice("held_notice")
        self._table = ChoiceList(
            "held_table",
            (
                Share(least=150, weight=1),
                Share(least=130, weight=1),
                Share(least=150, weight=3),
                Share(least=140, weight=1, from_width=560),
                Share(least=180, weight=3, from_width=720),
            ),
        )
        self._card = QFrame()
        self._card.setObjectName("held_card")
        theme.set_role(self._card, "card")
        self._what = sheet.label("lead")
        self._who = sheet.label("note")
        self._why = sheet.label()
        self._why.setObjectName("held_why")
        self._sign = SignLabel()
        self._ruled = sheet.label("note")
        self._ruled.setObjectName("held_ruled")
        self._accept = PromptButton()
        self._accept.setObjectName("held_accept")
        self._decline = PromptButton()
        self._decline.setObjectName("held_decline")
        self._go = PromptButton()
        self._go.setObjectName("held_go")
        self.panel = WordsPanel("held_reason")
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        buttons = WrappingRow(theme.SMALL)
        for button in (self._accept, self._decline, self._go):
            buttons.add(button)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        for widget in (self._what, self._who, self._why, self._sign, self._ruled, buttons, self.panel):
            column.addWidget(widget)
        page = sheet.page_column(self)
        page.setSpacing(theme.SMALL)
        for part in (self._heading, self._tabs, self._note, self._notice):
            page.addWidget(part)
        page.addWidget(self._table, 1)
        page.addWidget(self._card)
        self._heading.lower()  # a screen reader meets it first
        page.addStretch()  # where there is no table, nothing else spreads

    def _connect(self) -> None:
        self._tabs.wanted.connect(self.place_wanted)
        self._table.current_changed.connect(self._show_card)
        self._table.line_chosen.connect(self._lead)
        self._accept.clicked.connect(partial(self._ask, accept=True))
        self._decline.clicked.connect(partial(self._ask, accept=False))
        self._go.clicked.connect(self._lead)
        self.panel.given.connect(self._rule)
        self.panel.cancelled.connect(self._table.setFocus)

    # -- what is shown ----------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Held entries")

    def refresh(self) -> None:
        """Ask for the held entries again."""
        self.background.run(self.port.oversight.held, then=self.show_lines, otherwise=self._refused)

    def show_lines(self, lines: Lines) -> None:
        """Show the entries, those that wait first."""
        self._lines = lines
        self._error = None
        waiting = sum(1 for one in lines if one.ruling is Ruling.WAITING)
        if not lines:
            told = self.tr("Nothing is held.")
        else:
            told = self.tr("Waiting for a ruling: %1. A held entry stays in the record and counts only once accepted.")
        self._notice.say("")
        self._note.setText(told.replace("%1", str(waiting)))
        self._table.show_lines(held_headings(), held_lines(lines, self.language))
        self._table.setVisible(bool(lines))
        self._show_card()
        if self._focus_wanted:
            self._focus_wanted = False
            self._focus()

    def _current(self) -> HeldLine | None:
        wanted = self._table.current()
        return next((one for one in self._lines if one.commit == wanted), None)

    def _show_card(self) -> None:
        line = self._current()
        self._card.setVisible(line is not None)
        self.panel.close_panel()
        if line is None:
            return
        language = self.language
        self._what.setText(line.what(language))
        place = " · ".join(part for part in (line.number, line.where(language)) if part)
        who = f"{line.author} ({line.laptop}), {times.minute(line.at)}"
        self._who.setText(f"{place} · {who}")
        found = self.tr("Found: %1") if line.ruling is Ruling.TOLD else self.tr("Held: %1")
        self._why.setText(found.replace("%1", line.why(language)))
        self._sign.show_sign(ruling_sign(line))
        why_not = line.why_not(language) if line.why_not is not None else ""
        self._ruled.setText(line.ruled(language))
        self._ruled.setVisible(bool(self._ruled.text()))
        for button in (self._accept, self._decline):
            button.setVisible(line.ruling is Ruling.WAITING)
            button.setEnabled(line.may_rule)
            button.setToolTip(why_not)
            button.setAccessibleDescription(why_not)
        self._go.setVisible(line.key is not None)

    def take_focus(self) -> None:
        """Put the cursor into the list; once more when the list has come."""
        self._focus_wanted = True
        self._focus()

    def _focus(self) -> None:
        (self._table if self._table.isVisibleTo(self) else self._tabs).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._tabs.retranslate()
        self._accept.setText(self.tr("&Accept…"))
        self._accept.setAccessibleName(self.tr("Accept the entry"))
        self._decline.setText(self.tr("&Decline…"))
        self._decline.setAccessibleName(self.tr("Decline the entry"))
        self._go.setText(self.tr("Go to the form (Enter)"))
        self._go.setAccessibleName(self.tr("Go to the form"))
        self._table.setAccessibleName(self.tr("Held entries; Enter leads to the form"))
        self.show_lines(self._lines)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does -------------------------------------------------------------------------------------

    def _lead(self, _what: object = None) -> None:
        line = self._current()
        if line is not None and line.key is not None:
            self.form_wanted.emit(line.key, None)

    def _ask(self, *, accept: bool) -> None:
        self._accepting = accept
        if accept:
            self.panel.ask(self.tr("Why does the entry count after all?"), self.tr("Accept"))
        else:
            self.panel.ask(self.tr("Why does the entry not count?"), self.tr("Decline"))

    def _rule(self, reason: str) -> None:
        line = self._current()
        if line is not None:
            work = partial(self.port.oversight.rule, line.commit, self._accepting, reason)
            self.background.run(work, then=self._done, otherwise=self._not_done)

    def _done(self, _done: None) -> None:
        self.panel.close_panel()
        self.settled.emit()
        self.refresh()
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _not_done(self, error: CasebookError) -> None:
        self.panel.refuse(error.sentence(self.language))
