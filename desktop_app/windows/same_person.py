"""Same person? Two subjects side by side: what agrees, what differs, what was said; and what can be done.

One action leads, whatever the pair waits for; it takes a reason. Whoever may not do it reads whom to ask.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from casebook.errors import CasebookError
from casebook.ids import SubjectId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.subject_snapshots import ComparedLine, PairLine, PairStanding, PairView
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.fields import Field
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

_ACTS = {
    PairStanding.OFFERED: ("propose", "apart"),
    PairStanding.PROPOSED: ("confirm", "decline"),
    PairStanding.ENDING: ("confirm", "decline"),
    PairStanding.LINKED: ("end", ""),
    PairStanding.CONTRADICTED: ("end", ""),
    PairStanding.BOTH_RANDOMISED: ("end", ""),
    PairStanding.NUMBER_TWICE: ("renumber", "propose"),
    PairStanding.APART: ("propose", ""),
    PairStanding.NOTHING: ("propose", ""),
}
"""What can be done of a pair: what leads, and what stands beside it."""
_TURNING = {"propose", "renumber"}
"""Acts for which it matters who is first."""


class SamePersonPage(Page):
    """Two subjects side by side.

    Signals:
        casebook_wanted: A casebook is to be opened (SubjectId).
        settled: Something was said; what lists subjects may look again.
    """

    casebook_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `take_pair` says of whom."""
        super().__init__(background, port, language, parent)
        self._wanted: tuple[SubjectId, SubjectId] | None = None
        self._pairs: tuple[PairLine, ...] = ()
        self._view: PairView | None = None
        self._turned = False
        self._back = BackButton("same")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._lead = sheet.label()
        self._lead.setObjectName("same_lead")
        self._notice = Notice("same_notice")
        self._lines = LineList(
            "same_lines",
            (Share(least=150, weight=1), Share(least=130, weight=1), Share(least=130, weight=1), Share(least=110)),
        )
        self._said = sheet.label("note")
        self._said.setObjectName("same_said")
        self._reason = Field("same_reason")
        self._go = PrimaryButton()
        self._go.setObjectName("same_go")
        self._other = IconButton("strike")
        self._other.setObjectName("same_other")
        self._turn = IconButton("sync")
        self._turn.setObjectName("same_turn")
        self._first, self._second = IconButton("subjects"), IconButton("subjects")
        self._first.setObjectName("same_first")
        self._second.setObjectName("same_second")
        self._next = IconButton("chevron_right")
        self._next.setObjectName("same_next")
        self._why_not = sheet.label("note")
        self._why_not.setObjectName("same_why_not")
        self._lay_out()
        self._back.clicked.connect(self.back_requested)
        self._go.clicked.connect(partial(self._act, 0))
        self._other.clicked.connect(partial(self._act, 1))
        self._reason.edit.returnPressed.connect(partial(self._act, 0))
        self._turn.clicked.connect(self._turn_round)
        self._first.clicked.connect(partial(self._open, 0))
        self._second.clicked.connect(partial(self._open, 1))
        self._next.clicked.connect(self._show_next)
        self._lines.line_chosen.connect(lambda _: self._reason.edit.setFocus())
        shortcut = QShortcut(QKeySequence("Ctrl+T"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._turn_round)
        self.retranslate()

    def _lay_out(self) -> None:
        self._rows = (WrappingRow(theme.SMALL), WrappingRow(theme.SMALL))
        opens, acts = self._rows
        for button in (self._first, self._second, self._turn, self._next):
            opens.add(button)
        acts.add(self._go)
        acts.add(self._other)
        page = sheet.page_column(self)
        page.addLayout(sheet.row(self._back, self._heading))
        page.addWidget(self._notice)
        page.addWidget(self._lead)
        page.addWidget(opens)
        page.addWidget(self._lines, 1)
        page.addWidget(self._said)
        page.addWidget(self._why_not)
        page.addWidget(self._reason)
        page.addWidget(acts)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Same person?")

    def take_pair(self, first: SubjectId | None = None, second: SubjectId | None = None) -> None:
        """Take up two subjects for the next `refresh`; none for the pair that is most urgent."""
        self._wanted = (first, second) if first is not None and second is not None else None
        self._view, self._turned = None, False
        self._reason.edit.clear()
        self._notice.say("")

    def refresh(self) -> None:
        """Ask for the pairs and for the one in front."""
        self.background.run(self.port.same_person.pairs, then=self._show_pairs, otherwise=self._refused)

    def _show_pairs(self, pairs: tuple[PairLine, ...]) -> None:
        self._pairs = pairs
        if self._wanted is None and pairs:
            self._wanted = (pairs[0].first, pairs[0].second)
        if self._wanted is not None:
            work = partial(self.port.same_person.pair, *self._wanted)
            self.background.run(work, then=self.show_view, otherwise=self._refused)
        self._tell()

    def show_view(self, view: PairView) -> None:
        """Show a pair."""
        if self._view is None or self._view.pair.standing is not view.pair.standing:
            self._turned = False
        self._view = view
        self._tell()
        for row in self._rows:
            row.updateGeometry()
        self._lines.updateGeometry()

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        (self._reason.edit if self._reason.isVisible() and self._reason.isEnabled() else self._lines).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._lines.setAccessibleName(self.tr("What is told of both"))
        self._reason.set_texts(self.tr("&Why"), self.tr("By what you compared the two; nothing about the treatment."))
        self._turn.setText(self.tr("The other way round"))
        self._turn.setToolTip("Ctrl+T")
        self._next.setText(self.tr("Next pair"))
        self._tell()

    def _numbers(self) -> tuple[str, str]:
        line = self._view.pair if self._view is not None else None
        found = (line.first_number, line.second_number) if line is not None else ("", "")
        return (found[1], found[0]) if self._turned else found

    def _subjects(self) -> tuple[SubjectId, SubjectId] | None:
        if self._view is None:
            return None
        first, second = self._view.pair.first, self._view.pair.second
        return (second, first) if self._turned else (first, second)

    def _tell(self) -> None:
        view = self._view
        for part in (self._lines, self._reason, self._go, self._first, self._second):
            part.setVisible(view is not None)
        self._other.setVisible(view is not None and bool(_ACTS[view.pair.standing][1]))
        self._turn.setVisible(view is not None and _ACTS[view.pair.standing][0] in _TURNING)
        self._next.setVisible(len(self._pairs) > 1)
        if view is None:
            self._lead.setText(self.tr("No two subjects look like one person."))
            self._said.setText("")
            self._why_not.setText("")
            return
        first, second = self._numbers()
        self._lead.setText(self._sentence(view).replace("%1", first).replace("%2", second))
        for button, number in ((self._first, first), (self._second, second)):
            button.setText(self.tr("Open %1").replace("%1", number))
            button.setAccessibleName(self.tr("Open the casebook of %1").replace("%1", number))
        headings = (self.tr("What"), first, second, self.tr("Comparison"))
        self._lines.show_lines(headings, [self._line(one) for one in view.lines])
        said = [
            self.tr("%1: %2, %3. %4")
            .replace("%1", one.what(self.language))
            .replace("%2", one.who)
            .replace("%3", times.minute(one.at))
            .replace("%4", self._reason_of(one.reason))
            .strip()
            for one in view.words
        ]
        self._said.setText("\n".join(said))
        self._said.setVisible(bool(said))
        self._tell_acts(view, first, second)

    def _reason_of(self, reason: str) -> str:
        known = next((one for one in self.port.design.reasons if one.value == reason), None)
        return known.label(self.language) if known is not None else reason

    def _tell_acts(self, view: PairView, first: str, second: str) -> None:
        lead, beside = _ACTS[view.pair.standing]
        offered: tuple[tuple[QPushButton, str], ...] = ((self._go, lead), (self._other, beside))
        for button, act in offered:
            if act:
                button.setText(self._words(act).replace("%1", first).replace("%2", second))
                button.setAccessibleName(button.text().replace("&", ""))
                refused = self._refusal(view, act)
                sheet.offer(button, refused)
        why_not = self._refusal(view, lead)
        self._why_not.setText(why_not)
        self._why_not.setVisible(bool(why_not))
        may_some = any(act and not self._refusal(view, act) for act in (lead, beside))
        self._reason.setVisible(may_some)

    def _refusal(self, view: PairView, act: str) -> str:
        refused = view.refusals.get(act)
        turned = self._turned and act in _TURNING
        return refused(self.language) if refused is not None and not turned else ""

    def _line(self, one: ComparedLine) -> Line:
        mark, tone, icon = "", Tone.QUIET, ""
        if one.agrees is not None:
            mark = self.tr("agrees") if one.agrees else self.tr("differs")
            tone, icon = (Tone.WARN, "warning") if one.agrees else (Tone.QUIET, "changed")
        language = self.language
        values = (one.second, one.first) if self._turned else (one.first, one.second)
        texts = (one.label(language), values[0](language) or "–", values[1](language) or "–", mark)
        signs = {3: Sign(icon=icon, word=mark, tone=tone)} if icon else {}
        return Line(texts=texts, what=one.label("en"), signs=signs)

    def _sentence(self, view: PairView) -> str:
        match view.pair.standing:
            case PairStanding.OFFERED:
                words = self.tr("%1 and %2 look like the same person (%3 agree). Compare, then say whether they are.")
                return words.replace("%3", view.pair.agrees(self.language))
            case PairStanding.PROPOSED:
                return self.tr("Proposed: %2 is the same person as %1. A second person of data management confirms it.")
            case PairStanding.ENDING:
                return self.tr("Proposed: %2 is not the same person as %1 after all. Data management confirms it.")
            case PairStanding.LINKED:
                return self.tr("%2 is the same person as %1: its forms stand in that casebook, with their own number.")
            case PairStanding.CONTRADICTED:
                return self.tr("The links of %1 and %2 contradict each other and have no effect. End the wrong one.")
            case PairStanding.BOTH_RANDOMISED:
                return self.tr(
                    "%1 and %2 are linked, and both are randomised: a critical deviation. Tell the principal "
                    "investigator and the sponsor today, and end the link."
                )
            case PairStanding.NUMBER_TWICE:
                return self.tr(
                    "Two subjects have the number %1: a copy of a laptop was at work. Look which papers and tubes "
                    "carry it, then give one of them a new number; the old one stays beside it."
                )
            case PairStanding.APART:
                return self.tr("Somebody said that %1 and %2 are not the same person.")
            case PairStanding.NOTHING:
                return self.tr("Nothing says that %1 and %2 are the same person.")

    def _words(self, act: str) -> str:
        return {
            "propose": self.tr("Propose: &one person, shown as %1"),
            "apart": self.tr("&Not the same person"),
            "confirm": self.tr("&Confirm"),
            "decline": self.tr("&Decline"),
            "end": self.tr("Propose to &end the link"),
            "renumber": self.tr("Give the second of them a new n&umber"),
        }[act]

    # -- what the user does ---------------------------------------------------------------------------------

    def _turn_round(self) -> None:
        if self._turn.isVisible():
            self._turned = not self._turned
            self._tell()

    def _open(self, place: int) -> None:
        subjects = self._subjects()
        if subjects is not None:
            self.casebook_wanted.emit(subjects[place])

    def _show_next(self) -> None:
        at = next((place for place, one in enumerate(self._pairs) if self._is_front(one)), -1)
        following = self._pairs[(at + 1) % len(self._pairs)]
        self.take_pair(following.first, following.second)
        self.refresh()

    def _is_front(self, line: PairLine) -> bool:
        return self._wanted is not None and {line.first, line.second} == set(self._wanted)

    def _act(self, place: int) -> None:
        view, subjects = self._view, self._subjects()
        if view is None or subjects is None:
            return
        act = _ACTS[view.pair.standing][place]
        button = (self._go, self._other)[place]
        if not act or not button.isEnabled() or not button.isVisible():
            return
        reason = self._reason.text().strip()
        if not reason and act != "confirm":
            self._reason.show_error(self.tr("This is needed."))
            self._reason.edit.setFocus()
            return
        button.setEnabled(False)
        self.background.run(self._work(act, *subjects, reason), then=self._done, otherwise=self._refused)

    def _work(self, act: str, first: SubjectId, second: SubjectId, reason: str) -> Callable[[], PairView]:
        port = self.port.same_person
        return {
            "propose": partial(port.propose, second, first, reason),
            "apart": partial(port.keep_apart, first, second, reason),
            "end": partial(port.end, first, second, reason),
            "confirm": partial(port.answer, first, second, True, reason),
            "decline": partial(port.answer, first, second, False, reason),
            "renumber": partial(port.renumber, second, first, reason),
        }[act]

    def _done(self, view: PairView) -> None:
        self._reason.edit.clear()
        self._reason.show_error("")
        self._notice.say(self.tr("Kept. The audit trail of both says so."), Tone.GOOD)
        self._turned = False
        self.show_view(view)
        self.settled.emit()
        self.background.run(self.port.same_person.pairs, then=self._show_pairs, otherwise=self._refused)

    def _refused(self, error: CasebookError) -> None:
        self._notice.say(error.sentence(self.language), Tone.BAD)
        self._tell()
