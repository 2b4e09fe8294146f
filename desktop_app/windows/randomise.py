"""Randomise: who may be randomised now or soon, by when, and whose randomisation is to be recorded wholly.

The result of the central system is recorded in the form that the study names: number and arm, each entered twice.
"""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import today_lines
from desktop_app.theme import Tone
from desktop_app.today_snapshots import RandomiseLine, RandomiseView, Readiness
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.now_page import LOW, NowPage
from desktop_app.windows.port import SessionPort

OPEN, ENDED = "open", "ended"
_RECORDED = frozenset({Readiness.READY, Readiness.TO_FINISH})
"""Where Enter leads to the form; elsewhere to the criteria."""


class RandomisePage(NowPage[RandomiseView]):
    """Whom randomisation is about.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        eligibility_wanted: The criteria of a subject are to be shown (SubjectId).
    """

    item_wanted = Signal(object, object)
    eligibility_wanted = Signal(str)

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        lines = ChoiceList(
            "randomise_table",
            (Share(least=88), Share(least=130), Share(least=140, weight=1, from_width=560), Share(least=206)),
        )
        super().__init__(background, port, language, Chips("randomise_show", (OPEN, ENDED)), lines, parent)
        self._how = sheet.label("note")
        self._how.setObjectName("randomise_how")
        self._notice = Notice("randomise_notice")
        self._record = PrimaryButton()
        self._record.setObjectName("randomise_record")
        self._criteria = IconButton("check")
        self._criteria.setObjectName("randomise_criteria")
        self._empty = sheet.label("note")
        self._empty.setObjectName("randomise_empty")
        page = sheet.page_column(self)
        page.setSpacing(theme.SMALL)
        page.addWidget(self._heading)
        page.addWidget(self._how)
        page.addWidget(self._notice)
        page.addWidget(self._progress)
        asked = QHBoxLayout()
        asked.setSpacing(theme.SMALL)
        asked.addWidget(self._chips, 1)
        asked.addWidget(self._criteria)
        asked.addWidget(self._record)
        page.addLayout(asked)
        page.addWidget(self._empty)
        page.addWidget(self._table, 1)
        page.addStretch()  # where there is no table, nothing else spreads
        lines.current_changed.connect(self._offer)
        self._table.line_chosen.connect(self._enter)
        self._record.clicked.connect(self._want_form)
        self._criteria.clicked.connect(self._want_criteria)
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Randomise")

    def refresh(self) -> None:
        """Ask whom randomisation is about."""
        self.background.run(self.port.agenda.randomising, then=self.show_view, otherwise=self._refused)

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

    def _show_at(self, view: RandomiseView, now: datetime) -> None:
        """See `NowPage`."""
        lines, hidden = self._lines(), view.why_hidden is not None
        said = today_lines.randomise_lines(lines, now, self.language)
        self._table.show_lines(today_lines.randomise_headings(), said)
        self._table.setVisible(bool(lines))
        for widget in (self._chips, self._record, self._criteria):
            widget.setVisible(not hidden)
        self._empty.setVisible(not lines and not hidden and not view.unread)
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

    def _focus(self) -> None:
        """See `NowPage`."""
        (self._table if self._view is None or self._lines() else self).setFocus()

    def _above(self) -> tuple[QWidget, ...]:
        """See `NowPage`."""
        return (self._heading, self._how)

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
        self._progress.retranslate()
        self._tell()
        self._show_lines()

    # -- what the user does ---------------------------------------------------------------------------------------

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
