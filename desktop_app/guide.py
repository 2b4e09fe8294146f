"""Leads somebody through the first steps: says the one thing to do, points at it, notices that it was done, goes on.

In a real session it only offers to practise; the steps are for training. What was done is read off the record and the
page in front, never off keys. Where somebody stands is kept with each step, and taken up after a lock or a kill.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey
from desktop_app.background import Background
from desktop_app.guide_texts import GuideHint, GuideSheet, GuideStep, guide_texts
from desktop_app.help_texts import help_name
from desktop_app.models import guide_steps
from desktop_app.models.guide_steps import Found, Progress, Standing
from desktop_app.widgets.focus import focused_widget, holds_focus
from desktop_app.widgets.guide_strip import GuideCard, GuideStrip
from desktop_app.widgets.marker import Marker, Part
from desktop_app.windows.entry_page import EntryPage
from desktop_app.windows.form import FormPage
from desktop_app.windows.main import MainWindow
from desktop_app.windows.port import SessionPort
from desktop_app.workplace import Workplace

KEYS = "F6"
CASEBOOK = "casebook"
FORM, OTHER_FORM = "form", "other_form"
SENDING = "sync"
NEVER = "never"
SETTLE_MS = 30
"""What the focus and the pages do at once is looked at once."""


class Guide(QObject):
    """The guide of one session.

    Signals:
        practise_wanted: The session is to end, and training to begin.
    """

    practise_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        background: Background,
        session: SessionPort,
        workplace: Workplace,
        *,
        leads_to_training: bool,
    ) -> None:
        """Say nothing yet; `begin` and `open` do.

        Args:
            leads_to_training: A real session can be left for training; else there is nothing to offer in it.
        """
        super().__init__(workplace)
        self._is_offered = session.training or leads_to_training
        self._window = window
        self._background = background
        self._session = session
        self._workplace = workplace
        self._language = workplace.language
        self._texts = guide_texts()
        person = session.person
        self._is_for = person.may("enter") and not session.blinded
        self._ground = guide_steps.ground_of(session.design, person.enters)
        self._steps = self._ground.steps(self._texts)
        self._name = f"guide.{hashlib.sha256(person.user.encode()).hexdigest()[:16]}"
        self._progress = guide_steps.read_progress(session.remembered(self._name))
        self._found: Found | None = None
        self._sheet: GuideSheet | None = None
        self._by_itself = False
        """It was offered without being asked for: it goes with the page on which that was."""
        self._held = False
        """A step that is done stands in front again."""
        self._told = ""
        self._is_over = False
        """The session ends: nothing is asked of it any more."""
        self._return_to: QWidget | None = None
        self.strip = GuideStrip()
        self.marker = Marker(window.desk)
        window.show_strip(self.strip)
        self._keys = QShortcut(QKeySequence(KEYS), window.desk)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._connect(workplace)
        self.strip.retranslate()

    def _connect(self, workplace: Workplace) -> None:
        self._keys.activated.connect(self.open)
        self.strip.accepted.connect(self._accept)
        self.strip.declined.connect(self._decline)
        self.strip.back_wanted.connect(partial(self._go, -1))
        self.strip.skip_wanted.connect(partial(self._go, 1))
        self._soon.timeout.connect(self._show)
        self._window.front_changed.connect(self._front_changed)
        workplace.locking.connect(partial(self._end, is_over=True))
        workplace.stayed.connect(partial(self._end, is_over=False))
        workplace.settings.guide_wanted.connect(self.open)
        workplace.subjects.status.connect(self._look)
        for page in workplace.forms.pages:
            page.changed.connect(self._look)
            page.left.connect(self._look)
        workplace.exchanges.ended.connect(self._look)
        for one in (self.strip, self.marker, self._keys):
            workplace.destroyed.connect(one.deleteLater)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    # -- beginning and ending ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """Go on where it was left; to who was never asked it is offered, once."""
        standing = self._progress.standing
        if self._session.training and standing is Standing.OPEN:
            self._look()
        elif standing is Standing.NEW and self._is_for and self._is_offered:
            self._by_itself = True
            self._offer()

    def open(self) -> None:
        """Go on where it was left, or offer it; where it stands open, put the keyboard there, or back to the page."""
        if not self._is_offered:
            return
        if not self.strip.is_open:
            self._return_to = focused_widget()
            self._take_up()
        elif holds_focus(self.strip):
            self._give_back()
            return
        else:
            self._return_to = focused_widget()
        self.strip.take_focus()

    def _take_up(self) -> None:
        if self._session.training and self._is_for and self._progress.step:
            self._keep(replace(self._progress, standing=Standing.OPEN))
            self._show()
            self._look()
        else:
            self._offer()

    def _offer(self) -> None:
        texts = self._texts
        if not self._is_for:
            self._sheet = texts.role
        else:
            self._sheet = texts.begin if self._session.training else texts.offer
        self._show()

    def set_language(self, language: str) -> None:
        """Say it in another language."""
        self._language = language
        self.strip.retranslate()
        self._told = ""
        self._show()

    # -- what the user answers --------------------------------------------------------------------------------

    def _accept(self) -> None:
        self._give_back()
        if self._sheet is self._texts.offer:
            self._pass(Standing.PASSED)
            self.practise_wanted.emit()
        elif self._sheet is self._texts.begin:
            self._sheet = None
            self._background.run(self._session.subjects, then=lambda rows: self._start(len(rows)), otherwise=self._say)
        elif self._held:
            self._go(1)
        else:
            self._pass(self._progress.standing)

    def _start(self, before: int) -> None:
        self._told = ""
        self._keep(guide_steps.following(Progress(before=before), self._steps, 1))
        self._look()

    def _decline(self) -> None:
        self._give_back()
        open_now = self._progress.standing is Standing.OPEN and self._sheet is None
        self._pass(Standing.CLOSED if open_now else self._progress.standing or Standing.PASSED)

    def _pass(self, standing: Standing) -> None:
        """Say nothing any more."""
        self._sheet, self._by_itself, self._held, self._told = None, False, False, ""
        self._keep(replace(self._progress, standing=standing))
        self.strip.show_card(None)
        self.marker.point_at(None)

    def _give_back(self) -> None:
        """Give the keyboard back to the page."""
        if not holds_focus(self.strip):
            return
        back, page = self._return_to, self._window.page()
        if back is not None and back.isVisible() and not self.strip.isAncestorOf(back):
            back.setFocus()
        elif page is not None:
            take_focus = getattr(page, "take_focus", page.setFocus)
            take_focus()

    def _go(self, by: int) -> None:
        """Go to the step before or after."""
        self._told, self._held = "", by < 0
        self._keep(guide_steps.following(self._progress, self._steps, by))
        self._found = None
        self._look()

    def _keep(self, progress: Progress) -> None:
        if progress != self._progress:
            self._progress = progress
            self._session.remember(self._name, progress.text())

    # -- what was done ----------------------------------------------------------------------------------------

    @property
    def _step(self) -> GuideStep | None:
        """The step in front."""
        progress = self._progress
        open_now = progress.standing is Standing.OPEN and self._sheet is None
        return next((one for one in self._steps if open_now and one.name == progress.step), None)

    def _end(self, *, is_over: bool) -> None:
        self._is_over = is_over

    def _front_changed(self) -> None:
        front = self._window.front()
        if self._is_over:
            return
        if self._by_itself and self._sheet is not None and front is self._window.page():
            if front is not self._workplace.now.today:
                self._pass(Standing.PASSED)
        else:
            self._look()

    def _focus_moved(self) -> None:
        if self._step is not None:
            self._soon.start()

    def _look(self) -> None:
        """Ask what the record says; it is answered behind what was asked before."""
        step, done = self._step, self._progress.standing is Standing.DONE and not self._progress.step
        if not self._is_over and (step is not None or (done and self.strip.is_open)):
            work = partial(self._gather, self._progress, step, self._key_in_front(step))
            self._background.run(work, then=self._take, otherwise=self._say)

    def _key_in_front(self, step: GuideStep | None) -> FormKey | None:
        """Return the form in front, where it is one of those in which the step can be done."""
        page, planned = self._window.page(), self._ground.planned(step) if step is not None else None
        key = page.view.key if isinstance(page, EntryPage) and page.view is not None else None
        return key if planned is not None and key is not None and key.form == planned.form.oid else None

    def _gather(self, progress: Progress, step: GuideStep | None, in_front: FormKey | None) -> tuple[Progress, Found]:
        """Return what the record says now, with what it was asked for. On the store thread."""
        session, planned = self._session, self._ground.planned(step) if step is not None else None
        rows = session.subjects()
        own = next((row for row in rows if row.subject == progress.subject), None)
        row = own or max(rows, key=lambda one: one.added_at, default=None)
        found = Found(
            subjects=len(rows),
            subject=row.subject if row is not None else "",
            number=row.number if row is not None else "",
            sync=session.sync_view(),
        )
        if row is None or planned is None:
            return progress, found
        key = in_front if in_front is not None and in_front.subject == row.subject else planned.key(row.subject)
        limited = self._ground.limited
        trail = session.trail(key, limited.path) if limited is not None and limited.planned is planned else ()
        return progress, replace(found, form=session.form(key), trail=trail)

    def _take(self, answer: tuple[Progress, Found]) -> None:
        asked, found = answer
        step = self._step
        if asked != self._progress:
            return  # another look is on its way
        self._found = found
        if step is not None:
            if step.name == SENDING and not asked.since:
                self._keep(replace(asked, since=str(found.sync.last_contact or NEVER)))
            told = guide_steps.facts(self._progress, self._ground, found)
            if step.done not in told:
                self._held = False
            elif not self._held:
                self._go_on(step, found)
                return
        self._show()

    def _go_on(self, step: GuideStep, found: Found) -> None:
        """Go to the next step: this one was done."""
        self._told = self._filled(step.told(self._language), found)
        self._found = replace(found, form=None, trail=())
        self._keep(guide_steps.following(replace(self._progress, subject=found.subject), self._steps, 1))
        self._look()

    def _say(self, error: CasebookError) -> None:
        self._window.foot.say(error.sentence(self._language))

    # -- what is shown ----------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Say what is to be done now, and point at it."""
        sheet, step, found = self._sheet, self._step, self._found
        hint: GuideHint | None = None
        if sheet is not None:
            self._say_card(self._card_of(sheet))
        elif step is not None and found is not None:
            hint = None if self._held else self._hint(step, found)
            self._say_card(self._step_card(step, hint, found))
        elif found is not None and self._progress.standing is Standing.DONE and self.strip.is_open:
            self._say_card(self._card_of(self._texts.end))
        self._point(step, hint)

    def _say_card(self, card: GuideCard) -> None:
        """Say a card; what was just done is said no more once something else is to be done."""
        before = self.strip.card
        if before is not None and before.told == card.told and before.words != card.words:
            self._told, card = "", replace(card, told="")
        self.strip.show_card(card)

    def _card_of(self, sheet: GuideSheet) -> GuideCard:
        language = self._language
        return GuideCard(
            figure="",
            title=sheet.title(language),
            words=self._filled(sheet.words(language), self._found),
            keys=KEYS,
            told=self._told,
            accept=sheet.accept(language),
            decline=sheet.decline(language) if sheet.decline is not None else "",
        )

    def _step_card(self, step: GuideStep, hint: GuideHint | None, found: Found) -> GuideCard:
        language, number = self._language, self._steps.index(step) + 1
        title = self.tr("Step %1 of %2: %3").replace("%1", str(number)).replace("%2", str(len(self._steps)))
        words = hint.words if hint is not None else step.told
        return GuideCard(
            figure=str(number),
            title=title.replace("%3", step.title(language)),
            words=self._filled(words(language), found, step),
            keys=hint.keys if hint is not None else "",
            told=self._told,
            accept=self.tr("Next") if hint is None else "",
            back=number > 1,
            skip=hint is not None,
        )

    def _filled(self, words: str, found: Found | None, step: GuideStep | None = None) -> str:
        language, limited = self._language, self._ground.limited
        given = {"count": str(len(self._steps)), "number": found.number if found is not None else ""}
        planned = self._ground.planned(step) if step is not None else None
        if planned is not None:
            given["form"] = planned.form.label(language)
        if limited is not None:
            item = limited.planned.form.find(limited.path.item)[1]
            given |= {"item": item.label(language), "wrong": limited.wrong, "right": limited.right}
        return guide_steps.filled_in(words, given)

    def _hint(self, step: GuideStep, found: Found) -> GuideHint:
        told = guide_steps.facts(self._progress, self._ground, found) | self._of_page()
        return guide_steps.hint_of(step, self._at(step, found), told)

    def _of_page(self) -> frozenset[str]:
        """Return what the page in front adds to the facts."""
        page = self._window.page()
        if not isinstance(page, FormPage):
            return frozenset()
        return frozenset({"list", "asked"} if page.whereabouts().asking is not None else {"list"})

    def _at(self, step: GuideStep, found: Found) -> frozenset[str]:
        """Return where the user stands, in the words of the texts."""
        page = self._window.page()
        if isinstance(page, EntryPage) and page.view is not None:
            if page.view.key.subject != found.subject:
                return frozenset()
            return frozenset({FORM if self._key_in_front(step) is not None else OTHER_FORM})
        name = help_name(page)
        if name == CASEBOOK and self._workplace.casebook.whereabouts().subject != found.subject:
            return frozenset()
        return frozenset({name})

    # -- what is pointed at -----------------------------------------------------------------------------------

    def _point(self, step: GuideStep | None, hint: GuideHint | None) -> None:
        if step is None or hint is None:
            self.marker.point_at(None)
            return
        target, part = self._targets().get(hint.target, partial(self._named, hint.target))()
        self.marker.point_at(target, str(self._steps.index(step) + 1), part)

    def _targets(self) -> Mapping[str, Callable[[], tuple[QWidget | None, Part | None]]]:
        return {"": lambda: (None, None), "@form": self._cell, "@item": self._item, "@next": self._next}

    def _named(self, name: str) -> tuple[QWidget | None, Part | None]:
        shown = (one for one in self._window.desk.findChildren(QWidget, name) if one.isVisible())
        return next(shown, None), None

    def _cell(self) -> tuple[QWidget | None, Part | None]:
        step, found = self._step, self._found
        planned = self._ground.planned(step) if step is not None else None
        if planned is None or found is None:
            return None, None
        return self._workplace.casebook.area_of(planned.key(found.subject))

    def _item(self) -> tuple[QWidget | None, Part | None]:
        page, limited = self._window.page(), self._ground.limited
        return page.field(limited.path) if isinstance(page, FormPage) and limited is not None else None, None

    def _next(self) -> tuple[QWidget | None, Part | None]:
        """Return the item that has the focus, where it awaits an answer; else the first that does."""
        page = self._window.page()
        if not isinstance(page, FormPage) or page.view is None or page.sections is None:
            return None, None
        row, waiting = page.sections.focused_row(), page.view.unanswered
        if row is not None and row.path in waiting:
            return row, None
        return page.field(waiting[0]) if waiting else None, None
