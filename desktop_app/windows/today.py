"""Today: what is to be done now, the most urgent first. Each line leads to where it is done."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from casebook.design import Text
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import today_lines
from desktop_app.theme import Tone
from desktop_app.today_snapshots import Lead, TodayKind, TodayLine, TodayView
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.icon import Glyph, PrimaryButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.now_page import NowPage
from desktop_app.windows.port import SessionPort

ALL = ""


class _Lines(LineList):
    """Lines whose digits are for the page."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave digits to the page."""
        if event.text().isdigit():
            event.ignore()
        else:
            super().keyPressEvent(event)


class TodayPage(NowPage[TodayView]):
    """What is to be done now.

    Signals:
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        casebook_wanted: A casebook is to be opened (SubjectId).
        signing_wanted: The forms of a subject that await a signature are to be shown (its number).
        sync_wanted: How exchanges stand is to be shown.
        subjects_wanted: The subjects are to be shown.
    """

    item_wanted = Signal(object, object)
    casebook_wanted = Signal(str)
    signing_wanted = Signal(str)
    sync_wanted = Signal()
    subjects_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        shares = (Share(least=100), Share(least=92), Share(least=160, weight=1), Share(least=164))
        chips, lines = Chips("today_show", (ALL, *TodayKind)), _Lines("today_table", shares)
        super().__init__(background, port, language, chips, lines, parent)
        self._told: Text | None = None
        self._sum = sheet.label("note")
        self._sum.setObjectName("today_sum")
        self._notice = Notice("today_notice")
        self._make_empty()
        page = sheet.page_column(self)
        page.setSpacing(theme.SMALL)
        page.addLayout(sheet.row(self._heading, self._sum, stretch_last=True))
        page.addWidget(self._notice)
        page.addWidget(self._progress)
        page.addWidget(self._chips)
        page.addWidget(self._table, 1)
        page.addWidget(self._nothing, 1)
        self._table.line_chosen.connect(self._lead)
        self._next.clicked.connect(self.subjects_wanted)
        self.retranslate()

    def _make_empty(self) -> None:
        """Make what stands there while nothing is to be done."""
        card, column = sheet.card("today_empty")
        self._empty = sheet.label("lead")
        self._empty.setObjectName("today_empty_words")
        self._empty_more = sheet.label("note")
        self._next = PrimaryButton()
        self._next.setObjectName("today_next")
        column.addLayout(sheet.row(Glyph("check", Tone.GOOD, theme.ICON_LARGE), self._empty, stretch_last=True))
        column.addWidget(self._empty_more)
        column.addLayout(sheet.row(self._next))
        self._nothing = sheet.centred(card, 440)
        self._nothing.hide()

    # -- what is shown --------------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Today")

    def refresh(self) -> None:
        """Ask for what is to be done."""
        self.background.run(self.port.agenda.today, then=self.show_view, otherwise=self._refused)

    def show_notice(self, notice: Text | None) -> None:
        """Show what was found when the record was opened."""
        self._told = notice
        self._say()

    def _tell_counts(self, view: TodayView) -> None:
        counts = [(kind.value, today_lines.kind_words(kind), count) for kind, count in view.counts()]
        self._chips.show_counts([(ALL, self.tr("All"), len(view.lines)), *counts])
        self._sum.setText(today_lines.urgency_sentence(view.lines))

    def _show_at(self, view: TodayView, now: datetime) -> None:
        """See `NowPage`."""
        kind = self._chips.value
        lines = [one for one in view.lines if kind in {ALL, one.kind}]
        self._table.show_lines(today_lines.today_headings(), today_lines.today_lines(lines, now, self.language))
        has_lines, was_there = bool(view.lines or view.unread), self._table.hasFocus()
        for widget in (self._table, self._chips):
            widget.setVisible(has_lines)
        self._nothing.setVisible(not has_lines)
        self._tell_empty(view)
        if was_there and not has_lines:
            self._focus()

    def _tell_empty(self, view: TodayView) -> None:
        first = not view.subjects and not self.why_not("enter")
        self._empty.setText(self.tr("Nothing is waiting for you."))
        self._empty_more.setText(
            self.tr("There is no subject yet. The first one is added under Subjects.")
            if first
            else self.tr("What becomes due shows here by itself: clocks, visits, forms, queries, signatures.")
        )
        self._next.setText(self.tr("Go to Subjects"))
        self._next.setToolTip("Ctrl+2")

    def _tell(self) -> None:
        """See `NowPage`."""
        if self._view is not None:
            self._tell_counts(self._view)
        self._say()

    def _say(self) -> None:
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)
        else:
            self._notice.say(self._told(self.language) if self._told is not None else "", Tone.WARN)

    def _focus(self) -> None:
        """See `NowPage`."""
        has_lines = self._view is None or bool(self._view.lines or self._view.unread)
        (self._table if has_lines else self._next).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._chips.setAccessibleName(self.tr("What is shown"))
        self._table.setAccessibleName(self.tr("What is to be done, the most urgent first; Enter leads there"))
        self._progress.retranslate()
        self._tell()
        self._show_lines()

    def _above(self) -> tuple[QWidget, ...]:
        """See `NowPage`."""
        return (self._heading, self._sum)

    # -- what the user does ---------------------------------------------------------------------------------------

    def _lead(self, what: object) -> None:
        line = next((one for one in self._view.lines if one.id == what), None) if self._view is not None else None
        if line is not None:
            self.lead(line)

    def lead(self, line: TodayLine) -> None:
        """Lead to where a line is done."""
        match line.lead:
            case Lead.ITEM if line.key is not None:
                self.item_wanted.emit(line.key, line.path)
            case Lead.SIGNING:
                self.signing_wanted.emit(line.number)
            case Lead.SYNC:
                self.sync_wanted.emit()
            case _ if line.subject is not None:
                self.casebook_wanted.emit(line.subject)
