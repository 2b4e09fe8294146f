"""Randomise: who may be randomised now or soon, by when, and whose randomisation is to be recorded wholly.

The result of the central system is recorded in the form that the study names: number and arm, each entered twice.
"""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import today_lines
from desktop_app.theme import Tone
from desktop_app.today_snapshots import RandomiseLine, RandomiseView, Readiness
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.minute_clock import MinuteClock
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

LOW = 460
"""Below this height in pixels the page says less."""
OPEN, ENDED = "open", "ended"
_RECORDED = frozenset({Readiness.READY, Readiness.TO_FINISH})
"""Where Enter leads to the form; elsewhere to the criteria."""


class RandomisePage(Page):
    """Whom randomisation is about.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        eligibility_wanted: The criteria of a subject are to be shown (SubjectId).
    """

    item_wanted = Signal(object, object)
    eligibility_wanted = Signal(str)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view: RandomiseView | None = None
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self.clock = MinuteClock(self)
        self._heading = sheet.label("title")
        self._how = sheet.label("note")
        self._how.setObjectName("randomise_how")
        self._notice = Notice("randomise_notice")
        self._chips = Chips("randomise_show", (OPEN, ENDED))
        self._record = PrimaryButton()
        self._record.setObjectName("randomise_record")
        self._criteria = IconButton("check")
        self._criteria.setObjectName("randomise_criteria")
        self._table = ChoiceList(
            "randomise_table",
            (Share(least=100), Share(least=150), Share(least=150, weight=1, from_width=560), Share(least=190)),
        )
        self._empty = sheet.label("note")
        self._empty.setObjectName("randomise_empty")
        page = sheet.page_column(self)
        page.setSpacing(theme.SMALL)
        page.addWidget(self._heading)
        page.addWidget(self._how)
        page.addWidget(self._notice)
        asked = QHBoxLayout()
        asked.setSpacing(theme.SMALL)
        asked.addWidget(self._chips, 1)
        asked.addWidget(self._criteria)
        asked.addWidget(self._record)
        page.addLayout(asked)
        page.addWidget(self._empty)
        page.addWidget(self._table, 1)
        page.addStretch()  # where there is no table, nothing else spreads
        self.clock.turned.connect(self._turn)
        self._chips.chosen.connect(self._show_lines)
        self._table.current_changed.connect(self._offer)
        self._table.line_chosen.connect(self._enter)
        self._record.clicked.connect(self._want_form)
        self._criteria.clicked.connect(self._want_criteria)
        self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the time left go on while somebody looks."""
        super().showEvent(event)
        self.clock.run(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Count no more."""
        super().hideEvent(event)
        self.clock.run(on=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low window to the lines."""
        super().resizeEvent(event)
        self._heading.setVisible(self.height() >= LOW)
        self._how.setVisible(self.height() >= LOW)

    # -- what is shown --------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Randomise")

    def refresh(self) -> None:
        """Ask whom randomisation is about."""
        self.background.run(self.port.randomising, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: RandomiseView) -> None:
        """Show the subjects; the one in front stays there."""
        self._view, self._error = view, None
        self.clock.tell(view.now)
        self._tell()
        self._show_lines()
        if self._focus_wanted:
            self._focus_wanted = False
            (self._table if self._lines() else self).setFocus()

    def _tell(self) -> None:
        """Say how randomisation is recorded, or why nothing of it is shown here."""
        view = self._view
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)
        elif view is not None and view.why_hidden is not None:
            self._notice.say(view.why_hidden(self.language))
        else:
            self._notice.say("")
        self._how.setText(
            self.tr(
                "Casebook does not randomise by itself yet: randomise in the study's central system, then record here "
                "what it says. Number and treatment are each entered twice."
            )
        )
        if view is None:
            return
        over = sum(1 for one in view.lines if one.is_over(view.now))
        self._chips.show_counts(
            [
                (OPEN, self.tr("Now or soon"), len(view.lines) - over),
                (ENDED, self.tr("Not any more"), over),
            ]
        )

    def _lines(self) -> list[RandomiseLine]:
        """Return the lines of the filter that is on."""
        view, over = self._view, self._chips.value == ENDED
        return [one for one in view.lines if one.is_over(view.now) is over] if view is not None else []

    def _show_lines(self) -> None:
        now = self.clock.now()
        if now is not None:
            self._show_at(now)

    def _show_at(self, now: datetime) -> None:
        view = self._view
        if view is None:
            return
        lines, hidden = self._lines(), view.why_hidden is not None
        said = today_lines.randomise_lines(lines, now, self.language)
        self._table.show_lines(today_lines.randomise_headings(), said)
        self._table.setVisible(bool(lines))
        for widget in (self._chips, self._record, self._criteria):
            widget.setVisible(not hidden)
        self._empty.setVisible(not lines and not hidden)
        self._empty.setText(
            self.tr("Nobody has been found unfit, and no time limit has ended.")
            if self._chips.value == ENDED
            else self.tr("Nobody waits to be randomised. Subjects show here as soon as they are added.")
        )
        self._how.setVisible(not hidden and self.height() >= LOW)
        self._offer()

    def _offer(self) -> None:
        """Offer what can be done for the line in front."""
        line, view = self._current(), self._view
        refused = view.why_not(self.language) if view is not None and view.why_not is not None else ""
        nobody = "" if line is not None else self.tr("Choose a subject first.")
        sheet.offer(self._record, refused or nobody, "Alt+R")
        sheet.offer(self._criteria, nobody, "Alt+E")

    def _current(self) -> RandomiseLine | None:
        wanted = self._table.current()
        return next((one for one in self._lines() if one.subject == wanted), None)

    def _turn(self, now: datetime) -> None:
        """Say the time left anew; ask again where time has changed more than that."""
        view = self._view
        if view is not None and view.until is not None and now >= view.until:
            self.refresh()
        else:
            self._show_at(now)

    def take_focus(self) -> None:
        """Put the cursor on the first line; once more when the lines have come."""
        self._focus_wanted = True
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._chips.setAccessibleName(self.tr("Which subjects are shown"))
        self._record.setText(self.tr("&Record the result"))
        self._record.setAccessibleName(self.tr("Record the result of the randomisation of the subject in front"))
        self._criteria.setText(self.tr("&Eligibility"))
        self._criteria.setAccessibleName(self.tr("Show the criteria of the subject in front"))
        self._table.setAccessibleName(
            self.tr("Subjects to be randomised; Enter leads to the form, or to the criteria where something is missing")
        )
        self._tell()
        self._show_lines()

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._tell()

    # -- what the user does ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose who is shown by a digit."""
        if event.text().isdigit() and self._chips.choose(int(event.text())):
            self._table.setFocus()
        else:
            super().keyPressEvent(event)

    def _enter(self, _subject: object) -> None:
        """Lead to the form where the result may be recorded, else to the criteria."""
        line = self._current()
        if line is not None and line.readiness in _RECORDED:
            self._want_form()
        else:
            self._want_criteria()

    def _want_form(self) -> None:
        line = self._current()
        if line is not None:
            self.item_wanted.emit(line.candidate.form.key, line.candidate.form.path)

    def _want_criteria(self) -> None:
        line = self._current()
        if line is not None:
            self.eligibility_wanted.emit(line.subject)
