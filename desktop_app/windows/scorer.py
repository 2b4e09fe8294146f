"""The scorer: a scale scored item by item at the bedside, by key, finger, pen or mouse.

Each grade goes to the disk at once and the next item comes; its place in the strip is marked when the disk has it.
A grade that stands changes by a correction alone. Which scale, in which order, with what held, suggested and
offered, is said by the study; nothing here knows one. What is filled in here is the same form that the list shows.

Source: clinical content 2.1 (score in order, first effort, nothing filled in beforehand); docs/windows.md.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from casebook.design import Item, StudyDesign
from casebook.errors import CasebookError, ReasonRequiredError
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import scoring
from desktop_app.models.scoring import Plan
from desktop_app.snapshots import EarlierValue, FormView
from desktop_app.widgets.focus import focused_widget, go_by_tab, tab_stops
from desktop_app.widgets.item_cards import HelpPart
from desktop_app.widgets.item_row import Entry, ItemRow
from desktop_app.widgets.scale import GradeEditor
from desktop_app.widgets.scorer_card import ScoreCard
from desktop_app.widgets.scorer_cards import ScorerCards
from desktop_app.widgets.scorer_strip import ScorerLine
from desktop_app.windows.entry_page import EntryPage, Field
from desktop_app.windows.form_words import explain, open_findings
from desktop_app.windows.port import SessionPort
from desktop_app.windows.scorer_asides import Asides
from desktop_app.windows.scorer_head import ScorerHead
from desktop_app.windows.scorer_words import change_words, flag_words, short_change_words, stops_of, total_words
from desktop_app.windows.whereabouts import Whereabouts

START = 0
"""The place of the strip before the scale; its items follow, and the end."""
LOW = 560
"""Below this height in pixels, grades stand beside each other."""


class ScorerPage(EntryPage):
    """One form with a scale, item by item.

    Signals:
        list_wanted: The form is to be shown as a list, at an item (FormKey, ItemPath or None).
    """

    list_wanted = Signal(object, object)
    page_name = "scorer"

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `show_form` fills it."""
        super().__init__(background, port, language, parent)
        self.clock: Callable[[], float] = time.monotonic
        self.cards: ScorerCards | None = None
        self.place = START
        self._plan: Plan | None = None
        self._earlier: Mapping[ItemPath, EarlierValue] = {}
        self._muted = f"scorer_muted.{port.person.user}"
        self._waits_behind: ItemPath | None = None
        self._went_from: ItemPath | None = None
        self._asides = Asides()
        self._arriving = False
        self._make_parts()
        self._lay_out()
        self._connect()

    def _make_parts(self) -> None:
        self.head = ScorerHead(self._now, self)
        self.line = ScorerLine(self)
        self._body = QVBoxLayout()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.TIGHT)
        outer.addWidget(self.head)
        outer.addWidget(self.line)
        outer.addLayout(self._body, 1)

    def _connect(self) -> None:
        self.head.back_wanted.connect(self.back_requested)
        self.head.list_wanted.connect(self._want_list)
        self.head.aside_wanted.connect(self._go_aside)
        self.line.wanted.connect(self.go_to)
        self.line.stepped.connect(self._step)
        for keys, action in (
            ("Ctrl+S", self.save),
            ("F9", self._want_list),
            ("Alt+M", lambda: self._on_row(lambda row: row.open_menu(codes_only=True))),
            ("Alt+H", lambda: self._on_row(ItemRow.toggle_trail)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # -- what is shown --------------------------------------------------------------------------------------

    def show_form(self, view: FormView) -> None:
        """Show a form as it stands; another instance begins where something is to be answered."""
        shown = self.view
        first = shown is None or view.key != shown.key
        if shown is None or first or view.form.version != shown.form.version:
            self.cards = self._make_cards(view, view.design or self.port.design)
        self.view = view
        for path, row in self._rows().items():
            row.show_item(view.item(path), self.language)
        self.head.show_form(view, self.language)
        if first:
            self._asides = Asides(view)
            self.place = self._beginning(view)
            self._ask_earlier(view)
        self._show_all()
        self._look_behind()
        self._look_between()
        self._tell_aside(view)
        if first:
            self.go_to(self.place)
        elif self._arriving and self.place == self._last:
            self._put_focus()  # what is missing was not known yet when the last grade led here

    def refresh(self) -> None:
        """Ask for the form again."""
        if self.view is not None:
            self.background.run(partial(self.port.form, self.view.key), then=self.show_form, otherwise=self.refuse)

    def retranslate(self) -> None:
        """Set every visible text again."""
        if self.view is not None:
            self.show_form(self.view)

    def _make_cards(self, view: FormView, design: StudyDesign) -> ScorerCards:
        if self.cards is not None:
            self._body.removeWidget(self.cards)
            self.cards.hide()
            self.cards.deleteLater()
        self._plan = scoring.plan_of(view.form)
        cards = ScorerCards(view, self._plan, design, self._now, self._explain, self)
        cards.entered.connect(self._enter)
        cards.finished.connect(self._finished)
        cards.confirmation_given.connect(self.confirm)
        cards.trail_wanted.connect(self.ask_trail)
        cards.suggestion_taken.connect(self._take_suggestion)
        cards.all_taken.connect(self._take_all)
        cards.correcting.connect(self._corrected)
        cards.muted.connect(self._mute)
        cards.rested.connect(self._show_all)
        cards.start.begin_wanted.connect(self._begin)
        cards.start.offer_taken.connect(self._take_offer)
        cards.end.item_wanted.connect(self.go_to_item)
        cards.end.complete_wanted.connect(partial(self.set_complete, True))
        cards.end.done.connect(self.back_requested)
        cards.mute(on=bool(self.port.remembered(self._muted)))
        self._body.addWidget(cards)
        self.head.elapsed.forget()
        self._earlier = {}
        return cards

    def _beginning(self, view: FormView) -> int:
        """Return the place where the form is gone on with."""
        plan = self._planned()
        if scoring.is_untouched(view, plan):
            return START
        step = scoring.first_open(view, plan)
        return self._place_of(step) if step is not None else self._last

    def _rows(self) -> Mapping[ItemPath, ItemRow]:
        return self.cards.rows if self.cards is not None else {}

    def _planned(self) -> Plan:
        if self._plan is None:
            raise KeyError(self.page_name)
        return self._plan

    def _place_of(self, step: ItemPath) -> int:
        return self._planned().steps.index(step) + 1

    @property
    def _last(self) -> int:
        return len(self._planned().steps) + 1

    def _card(self) -> ScoreCard | None:
        """Return the card of the item in front; None at the start and at the end."""
        inside = self.cards is not None and START < self.place < self._last
        return self.cards.items[self.place - 1] if self.cards is not None and inside else None

    def _ask_earlier(self, view: FormView) -> None:
        self.background.run(partial(self.port.earlier, view.key), then=self._take_earlier, otherwise=self.refuse)

    def _take_earlier(self, earlier: Mapping[ItemPath, EarlierValue]) -> None:
        self._earlier = earlier
        self._show_all()

    def _show_all(self) -> None:
        """Show everything that follows from the form as it stands."""
        view, plan, cards, language = self.view, self._plan, self.cards, self.language
        if view is None or plan is None or cards is None:
            return
        tally = scoring.tally_of(view, plan)
        total = total_words(view, tally, language)
        before = self._earlier.get(scoring.total_item(view, plan).path)
        change = change_words(tally, before, language)
        lists = (view.design or self.port.design).code_lists
        brief = short_change_words(tally, before) if self.head.is_low else change
        self.head.show_facts(total, brief, flag_words(view, plan, lists, language))
        cards.start.show_form(view, language, begun=tally.given > 0)
        asked = scoring.suggested(view, plan)
        for card in cards.items:
            path = card.row.path
            others, earlier = len(asked) - (path in asked), self._earlier.get(path)
            card.show_card(view.item(path), language, others_suggested=others, earlier=earlier)
            card.settle(language)
        found = [(path, f"{one.check}  {view.item(path).item.label(language)}") for path, one in open_findings(view)]
        cards.end.show_end(total, change, view, found, language)
        self.line.show_stops(stops_of(view, plan, [card.row for card in cards.items], tally, language), self.place)
        self.head.elapsed.show_tally(begun=tally.given > 0, whole=tally.is_whole)

    def _explain(self, item: Item, language: str) -> tuple[HelpPart, ...]:
        view = self.view
        return explain(view, view.design or self.port.design, item, language) if view is not None else ()

    def _now(self) -> float:
        return self.clock()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing count while nobody looks."""
        super().hideEvent(event)
        self.head.elapsed.pause()
        if self.cards is not None:
            self.cards.stop_timers()

    # -- going from item to item ----------------------------------------------------------------------------

    def go_to(self, place: int) -> None:
        """Go to a place of the strip, and note there that the user stands there: a kill leads back to it."""
        cards = self.cards
        if self.view is None or cards is None:
            return
        before = self._card()
        if before is not None and place != self.place:
            before.correction = ""
            before.is_fresh = False
        self.place = max(START, min(place, self._last))
        cards.show_place(self.place)
        if self._asides.place is None or self.head.is_low:
            self.head.tell("", "")
        self._fit()
        self._show_all()
        self._arriving = True
        self._put_focus()
        self.note_place()

    def _put_focus(self) -> None:
        card, cards = self._card(), self.cards
        if card is not None:
            waiting = next((row for row in card.behind if self._is_unanswered(row.path)), None)
            (waiting if waiting is not None and not card.row.in_flight else card.row).focus_editor()
        elif cards is not None:
            button = cards.start.begin if self.place == START else cards.end.main_button()
            button.setFocus(Qt.FocusReason.TabFocusReason)

    def _is_unanswered(self, path: ItemPath) -> bool:
        return self.view is not None and path in self.view.unanswered

    def take_focus(self) -> None:
        """Put the focus where keys score, unless something here has it."""
        focused = focused_widget()
        if focused is None or focused is self or not self.isAncestorOf(focused):
            self._put_focus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the focus on."""
        super().focusInEvent(event)
        self.take_focus()

    def go_to_item(self, path: ItemPath) -> bool:
        """Put the focus on an item; False where the form does not ask it now."""
        plan, row = self._plan, self._rows().get(path)
        if plan is None or row is None or row.view is None or not row.view.visible:
            return False
        step = plan.step_of(path)
        if step is not None:
            self.go_to(self._place_of(step))
        else:
            self.go_to(START if path in plan.before else self._last)
        if path != step:
            self._stand_at(row)
        return True

    def _stand_at(self, row: ItemRow) -> None:
        row.focus_editor()
        if self.cards is not None:
            self.cards.show_soon(row)

    def _step(self, step: int) -> None:
        if self.place == START:
            self.flush()
        self.go_to(self.place + step)

    def _go_on(self, here: int | None = None) -> None:
        """Go to the next item behind `here` that awaits a grade, then from the top again; else to the end."""
        view, plan, rows = self.view, self._planned(), self._rows()
        if view is None:
            return
        here = self.place if here is None else here
        following = (*plan.steps[here:], *plan.steps[: max(0, here - 1)])
        waits = (step for step in following if scoring.is_open(view, plan, step) and not rows[step].in_flight)
        step = next(waits, None)
        self.go_to(self._place_of(step) if step is not None else self._last)

    # -- entry ----------------------------------------------------------------------------------------------

    def field(self, path: ItemPath) -> ItemRow:
        """Return the row of an item."""
        return self._rows()[path]

    def _enter(self, entry: Entry) -> None:
        """Keep what was entered; a grade leads on at once."""
        row, view, card = self.field(entry.path), self.view, self._card()
        if card is None or card.row is not row:
            self.keep(entry)
            return
        if card.correction:
            entry = replace(entry, reason=entry.reason or card.correction)
        self.keep(entry)
        card.correction = ""
        card.settle(self.language)
        if card.timer is not None:
            card.timer.stop()
        waits_for_reason = row.view is not None and row.view.asks_reason and not entry.reason
        if view is None or waits_for_reason or not (entry.raw or entry.missing):
            return
        if scoring.asks_more(self._planned(), view.form, entry.path, entry.raw):
            self._waits_behind = entry.path
            card.is_fresh = True
            card.settle(self.language)
        else:
            self._go_on()

    def _look_behind(self) -> None:
        """Ask what belongs behind a grade as soon as the form asks it."""
        step, card = self._waits_behind, self._card()
        if step is None or card is None or card.row.path != step or card.row.in_flight:
            return
        self._waits_behind = None
        shown = next((row for row in card.behind if row.view is not None and row.view.visible), None)
        if shown is not None:
            self._stand_at(shown)

    def _finished(self, path: ItemPath) -> None:
        """Go on from a row: behind a grade to what is asked there, elsewhere to what awaits an answer."""
        card = self._card()
        if card is None:
            self._went_from = path
            self._go_to_open_row(path)
            return
        rows = [card.row, *card.behind]
        here = next((number for number, row in enumerate(rows) if row.path == path), len(rows))
        following = [row for row in rows[here + 1 :] if row.view is not None and row.view.visible]
        if following:
            self._stand_at(following[0])
        elif here < len(rows) and card.row.editor.raw() and self._waits_behind is None:
            self._go_on()

    def _go_to_open_row(self, path: ItemPath) -> None:
        """Go to the next row of the start, or the end, that awaits an answer; where none does, to the next act."""
        cards = self.cards
        rows = () if cards is None else cards.start.rows if self.place == START else cards.end.rows
        here = next((number for number, row in enumerate(rows) if row.path == path), len(rows))
        waiting = [row for row in rows[here + 1 :] if self._is_unanswered(row.path) and not row.is_busy]
        if waiting:
            self._stand_at(waiting[0])
        elif self.view is not None and self.place == START and scoring.first_open(self.view, self._planned()) is None:
            self.go_to(self._last)
        else:
            self._put_focus()

    def _look_between(self) -> None:
        """Go to a row that is asked only since the one before it was answered, unless something is typed elsewhere."""
        path, row = self._went_from, self._focused_row()
        if path is None or self.field(path).in_flight:
            return
        self._went_from = None
        if self._card() is None and (row is None or not row.is_busy):
            self._go_to_open_row(path)

    def _not_kept(self, field: Field, entry: Entry, error: CasebookError) -> None:
        super()._not_kept(field, entry, error)
        if entry.path in self._planned().steps and not isinstance(error, ReasonRequiredError):
            self.go_to_item(entry.path)  # a grade that the disk does not have is not passed over

    def _corrected(self, card: ScoreCard, code: str) -> None:
        if not code:
            self._go_on()
            return
        card.settle(self.language)
        card.row.focus_editor()

    # -- offers and suggestions -----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Take what is offered, all that was told above the button, and go on with the scale."""
        view, plan = self.view, self._planned()
        self.flush()
        for path in plan.before:
            self._take_offer(path)
        if view is not None:
            self._ask_earlier(view)  # now that the form may have its date
            step = scoring.first_open(view, plan)
            self.go_to(self._place_of(step) if step is not None else self._last)

    def _take_offer(self, path: ItemPath) -> None:
        item = self.view.item(path) if self.view is not None else None
        if item is not None and item.offer and not self.field(path).is_busy:
            self.keep(Entry(path=path, raw=item.offer))

    def _take_suggestion(self, step: ItemPath) -> None:
        view, editor = self.view, self.field(step).editor
        if view is not None and isinstance(editor, GradeEditor) and not editor.raw():
            editor.choose(view.item(step).suggested)

    def _take_all(self) -> None:
        view = self.view
        if view is None:
            return
        for path, grade in scoring.suggested(view, self._planned()).items():
            if not self.field(path).is_busy:
                self.keep(Entry(path=path, raw=grade))
        self._go_on(here=self.place - 1)

    def _tell_aside(self, view: FormView) -> None:
        """Say at once what a grade means for another item."""
        card = self._card()
        here = card.row.path if card is not None else None
        news = self._asides.look(view, here, self._rows())
        if news is not None:
            self.head.tell(news(self.language) if news.by_language else "", self.tr("Look at it"))

    def _go_aside(self) -> None:
        if self._asides.place is not None:
            self.go_to_item(self._asides.place)

    # -- what the base page asks ----------------------------------------------------------------------------

    def flush(self) -> None:
        """Say what stands in a field that was not left yet."""
        for row in self._rows().values():
            row.flush()

    def set_aside(self) -> Iterable[tuple[ItemPath, str, str]]:
        """Return path, text and unit of what was not said yet, and say no more of it."""
        found = ((path, row.set_aside()) for path, row in self._rows().items())
        return [(path, *left) for path, left in found if left is not None]

    def refuse(self, error: CasebookError) -> None:
        """Say in the head why something was not done."""
        self.head.refuse(error, self.language)

    def clear_error(self) -> None:
        """Say no more that something was not done."""
        self.head.clear_error()

    def whereabouts(self) -> Whereabouts:
        """Return form, item, cursor, and what is being asked."""
        if self.view is None:
            return Whereabouts()
        row, card = self._focused_row(), self._card()
        path = row.path if row is not None else card.row.path if card is not None else None
        asked = ((one_path, one.asking()) for one_path, one in self._rows().items())
        asked_at, asking = next(((at, one) for at, one in asked if one is not None), (path, None))
        return Whereabouts(
            subject=self.view.key.subject,
            number=self.view.number,
            key=self.view.key,
            path=asked_at,
            cursor=row.editor.text_cursor() if row is not None else -1,
            asking=asking,
        )

    def take_up(self, place: Whereabouts) -> None:
        """Stand again at the item, at the letter, and before the question."""
        path = place.path
        if path is None or not self.go_to_item(path):
            return
        self.field(path).editor.put_cursor(place.cursor)
        if place.asking is not None:
            self.field(path).ask_again(place.asking)

    def _on_row(self, act: Callable[[ItemRow], None]) -> None:
        row = self._focused_row()
        if row is not None:
            act(row)

    def _focused_row(self) -> ItemRow | None:
        return self.cards.focused_row() if self.cards is not None else None

    def _want_list(self) -> None:
        if self.view is not None:
            self.list_wanted.emit(self.view.key, self.whereabouts().path)

    def _mute(self, on: bool) -> None:
        self.port.remember(self._muted, "yes" if on else "")
        if self.cards is not None:
            self.cards.mute(on=on)

    # -- keys -----------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Let Tab follow the eye; behind a grade it goes on with the scale."""
        focused = focused_widget()
        if focused is not None and not focused.isHidden():  # else Qt looks for another place: nobody pressed Tab
            self._arriving = False
            if next and self._leave_behind():
                return True
        front = [self.cards.parts[self.place]] if self.cards is not None else []
        controls = [*self.head.controls(), *self.line.controls(), *front]
        return go_by_tab(self, tab_stops(controls), onwards=next)

    def _leave_behind(self) -> bool:
        """Go on with the scale from what was asked behind a grade, once that is answered; False elsewhere."""
        card, row = self._card(), self._focused_row()
        if card is None or row is None or row not in card.behind or not row.editor.raw():
            return False
        row.flush()
        self._finished(row.path)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back and on, correct, count, take what is suggested; help by F1."""
        card, key, letter = self._card(), event.key(), event.text().upper()
        self._arriving = False
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._escape(card)
        elif key in {Qt.Key.Key_Backspace, Qt.Key.Key_Left}:
            self._step(-1)
        elif key == Qt.Key.Key_Right:
            self._step(1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(button := focused_widget(), QAbstractButton):
            button.click()
        elif card is None or not self._act_on(card, key, letter):
            super().keyPressEvent(event)

    def _escape(self, card: ScoreCard | None) -> None:
        done = self.view is None or scoring.first_open(self.view, self._planned()) is None
        if card is not None and (card.is_at_rest or card.correction) and not done:
            card.correction = ""
            self._go_on()
        else:
            self.back_requested.emit()

    def _act_on(self, card: ScoreCard, key: int, letter: str) -> bool:
        """Do what a key means at an item; False for one that means nothing."""
        if key == Qt.Key.Key_F1:
            return card.row.toggle_hint()
        if letter == "T" and card.timer is not None:
            card.timer.toggle()
        elif letter == "S" and card.take.isVisibleTo(self):
            self._take_suggestion(card.row.path)
        elif letter == "A" and card.take_all.isVisibleTo(self):
            self._take_all()
        elif card.is_at_rest and card.correction_of(letter):
            card.correct(card.correction_of(letter))
        elif card.is_at_rest and letter.isalnum():
            card.ask(self.language)  # a grade was struck where one stands
        elif isinstance(card.row.editor, GradeEditor) and card.row.editor.strike(letter):
            return True  # struck while a button of the card has the focus
        elif letter.isdecimal():
            if not card.is_paused:
                self.head.tell(self.tr("%1 is no grade of this item.").replace("%1", letter), "")
            card.pause(self.language)
        else:
            return False
        return True

    # -- inside ---------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand grades beside each other where the window is low, labels above editors where it is narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        low = self.height() < LOW
        self.head.set_low(on=low)
        if self.cards is not None:
            self.cards.fit(low=low)
