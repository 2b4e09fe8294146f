"""What the pages have in common on which a form is filled in: entries go to the disk one by one, and are sealed later.

What a field holds when it is left goes to the store thread at once; what shows it is told when the
disk has it, or why not. Leaving the page seals. A page says how it shows a form and where its
fields are; it never talks to the disk by itself.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from casebook.errors import CasebookError, ReasonRequiredError, StoreDamagedError, UnavailableError
from casebook.records import FormKey, ItemPath
from desktop_app.background import Background
from desktop_app.snapshots import FormView, Mark, TrailLine, UndoLine
from desktop_app.widgets.item_row import Entry
from desktop_app.windows.form_words import items_of, missing_words
from desktop_app.windows.page import FormWindow
from desktop_app.windows.port import SessionPort

TRY_AGAIN_MS = 3000
"""Between two tries to keep what the disk refused."""


class Field(Protocol):
    """What shows one item and is told what became of an entry."""

    in_flight: int

    def sent(self) -> None:
        """Note that an entry is on its way to the disk."""

    def answered(self) -> None:
        """Note that the disk has answered; the form as it stands follows."""

    def ask_reason(self, entry: Entry) -> None:
        """Ask why a recorded value changes, and hold the entry until the answer."""

    def refuse(self, sentence: str) -> None:
        """Say why an entry was not kept."""

    def says_again(self, entry: Entry) -> bool:
        """Take what stands here as said once more, where it still is what an entry says."""

    def show_trail(self, lines: Sequence[TrailLine]) -> None:
        """Show the item's history."""


class EntryPage(FormWindow):
    """A page that fills in one form instance."""

    page_name = ""
    """By which name the workplace leads back to it."""

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(background, port, language, parent)
        self.view: FormView | None = None
        self.unkept: dict[ItemPath, tuple[Entry, CasebookError]] = {}
        """What the disk refused in the form in front, and why: it is tried again until the disk takes it."""
        self._warned: set[ItemPath] = set()
        self._again = QTimer(self)
        self._again.setInterval(TRY_AGAIN_MS)
        self._again.timeout.connect(self._try_again)

    def short_title(self) -> str:
        """Return the form's name."""
        view = self.view
        return view.form.label(self.language) if view is not None else ""

    def title(self) -> str:
        """Return the form's name and the subject's number."""
        view = self.view
        return f"{view.number}  {view.form.label(self.language)}" if view is not None else ""

    # -- for each page ------------------------------------------------------------------------------------------

    def field(self, path: ItemPath) -> Field:
        """Return what shows an item."""
        raise NotImplementedError

    def flush(self) -> None:
        """Say what stands in a field that was not left yet."""
        raise NotImplementedError

    def set_aside(self) -> Iterable[tuple[ItemPath, str, str]]:
        """Return path, text and unit of what was not said yet, and say no more of it."""
        raise NotImplementedError

    def refuse(self, error: CasebookError) -> None:
        """Say why something was not done."""
        raise NotImplementedError

    def clear_error(self) -> None:
        """Say no more that something was not done."""
        raise NotImplementedError

    def note_place(self) -> None:
        """Note on the disk that the user stands here: a kill or a fault leads back to it."""
        self._keep_place(self.whereabouts().on(self.page_name).text())

    def _keep_place(self, place: str) -> None:
        self.background.run(partial(self.port.keep_place, place), otherwise=lambda _error: None)

    # -- entry --------------------------------------------------------------------------------------------------

    def keep(self, entry: Entry) -> None:
        """Keep one entry, durably; its field is told what became of it."""
        view = self.view
        if view is None:
            return
        field = self.field(entry.path)
        self.unkept.pop(entry.path, None)
        field.sent()
        self.status.emit("")
        self.background.run(
            self._keeping(view.key, entry),
            then=partial(self._kept, field, entry.path),
            otherwise=partial(self._not_kept, field, entry),
        )

    def _keeping(self, key: FormKey, entry: Entry) -> Callable[[], FormView]:
        return partial(
            self.port.keep,
            key,
            entry.path,
            entry.raw,
            unit=entry.unit or None,
            missing=entry.missing,
            reason=entry.reason or None,
        )

    def _kept(self, field: Field, path: ItemPath, view: FormView) -> None:
        field.answered()
        self._warned.discard(path)
        self._show_changed(view)

    def _not_kept(self, field: Field, entry: Entry, error: CasebookError) -> None:
        field.answered()
        if isinstance(error, ReasonRequiredError):
            if not field.in_flight:  # else the answer to a later entry is on its way
                field.ask_reason(entry)
                self._read_again()  # what was typed is on the disk
            return
        if isinstance(error, UnavailableError | StoreDamagedError) and not field.in_flight:
            self.unkept[entry.path] = (entry, error)
            self._again.start()
        field.refuse(self._refusal(entry.path, error))

    def _refusal(self, path: ItemPath, error: CasebookError) -> str:
        told = error.sentence(self.language)
        if path in self._warned:
            more = self.tr("It is tried again by itself. Going away once more gives it up.")
            told += more if self.language == "zh" else f" {more}"
        return told

    def _try_again(self) -> None:
        """Say once more what the disk refused: the cause may be gone."""
        if not self.unkept:
            self._again.stop()
        elif self.isVisible():
            for entry, _ in tuple(self.unkept.values()):
                if self.field(entry.path).says_again(entry):
                    self.keep(entry)

    def keep_at_last(self) -> None:
        """Keep what the disk refused in the room that is there for a lock alone, and hold it for unkept no more.

        Where only the record refuses, as a database that cannot be written, it is set aside as it was typed.
        """
        view = self.view
        for path, (entry, _) in tuple(self.unkept.items()):
            if view is not None and self.field(path).says_again(entry):
                work = partial(self._keep_or_set_aside, view.key, entry)
                self.background.run(work, then=partial(self._kept_at_last, path), otherwise=self.refuse)

    def _keep_or_set_aside(self, key: FormKey, entry: Entry) -> FormView | None:
        """On the store thread. Raises UnavailableError."""
        try:
            return self.port.at_last(self._keeping(key, entry))
        except UnavailableError:
            if not entry.raw:
                raise
            return self.port.at_last(partial(self.port.set_aside, key, entry.path, entry.raw, entry.unit or None))

    def _kept_at_last(self, path: ItemPath, _view: FormView | None) -> None:
        self.unkept.pop(path, None)

    def holds_back(self) -> bool:
        """Lead once to what the disk refused, before it is given up by going away; False lets the page go."""
        if self.unkept.keys() <= self._warned:
            return False
        self._warned.update(self.unkept)
        for path, (_, error) in self.unkept.items():
            self.field(path).refuse(self._refusal(path, error))
        self.go_to_item(next(iter(self.unkept)))
        self.status.emit(self.tr("Not kept: %1").replace("%1", str(len(self.unkept))))
        return True

    def run(self, work: Callable[[], FormView], then: Callable[[FormView], None] | None = None) -> None:
        """Do what changes the form on the store thread, and show what came of it."""
        self.background.run(work, then=then or self.answered, otherwise=self.refuse)

    def confirm(self, path: ItemPath, check: str, reason: str) -> None:
        """Say of a finding that it is so."""
        if self.view is not None:
            self.run(partial(self.port.confirm, self.view.key, check, path, reason))

    def ask_trail(self, path: ItemPath) -> None:
        """Ask for an item's history, and show it beside the item."""
        if self.view is not None:
            work = partial(self.port.trail, self.view.key, path)
            self.background.run(work, then=self.field(path).show_trail, otherwise=self.refuse)

    def answered(self, view: FormView) -> None:
        """Show a form as the store thread has it after an act."""
        self.clear_error()
        self._show_changed(view)

    def is_shown(self, view: FormView) -> bool:
        """Tell whether a form is still the one in front."""
        return self.view is not None and view.key == self.view.key

    def _show_changed(self, view: FormView) -> None:
        if self.is_shown(view):
            self.show_form(view)
            self.changed.emit()

    def undo(self) -> None:
        """Put back what stood before the last entry in the form, as a new entry, and say in the foot line what."""
        if self.view is not None and self.view.editable:
            self.background.run(partial(self.port.undo, self.view.key), then=self._undone, otherwise=self.refuse)

    def _undone(self, done: tuple[FormView, UndoLine]) -> None:
        view, line = done
        self.answered(view)
        language = self.language
        if line.count > 1:
            told = self.tr("Undone: %1 values that were entered together.").replace("%1", str(line.count))
        else:
            told = self.tr("Undone: %1 is %2 again, not %3. Both stay in its history.")
            nothing = self.tr("empty")
            for place, text in (("%3", line.was), ("%2", line.back), ("%1", line.item)):
                told = told.replace(place, text(language) or nothing)
        self.status.emit(told)
        if self.is_shown(view):
            self.go_to_item(line.path)

    # -- saving and leaving -------------------------------------------------------------------------------------

    def save(self) -> None:
        """Record what was entered."""
        self.flush()
        if self.view is not None and self.view.editable:
            self.run(partial(self.port.save, self.view.key))

    def set_complete(self, on: bool) -> None:
        """Mark the form complete, or take the mark back."""
        self.flush()
        if self.view is not None:
            work = partial(self.port.set_complete, self.view.key, on)
            self.background.run(work, then=self.answered, otherwise=self._not_complete)

    def _not_complete(self, error: CasebookError) -> None:
        """Say why the form is not complete, and show its entries as recorded: they were sealed before that."""
        self.refuse(error)
        self._read_again()

    def _read_again(self) -> None:
        """Show the form as the store thread has it."""
        if self.view is not None:
            self.background.run(partial(self.port.form, self.view.key), then=self._show_changed, otherwise=self.refuse)

    def leave(self, then: Callable[[], None]) -> None:
        """Seal what was entered, then let the page go. What waits for a reason is not entered."""
        view = self.view
        if view is None or not view.editable:
            self._let_go(then)
            return
        self.flush()

        def sealed(view: FormView) -> None:
            if self.holds_back():
                self._show_changed(view)
                return
            self.left.emit()
            self._let_go(then)
            self._say_what_is_missing(view)

        def refused(error: CasebookError) -> None:
            if self.holds_back():
                return
            self._let_go(then)
            self.status.emit(error.sentence(self.language))

        self.background.run(partial(self.port.save, view.key), then=sealed, otherwise=refused)

    def _let_go(self, then: Callable[[], None]) -> None:
        """Give up what the disk refused, and let nobody be led back to here."""
        self.unkept.clear()
        self._keep_place("")
        then()

    def _say_what_is_missing(self, view: FormView) -> None:
        """Say of a form that was left half filled what is missing; of one that was only looked at nothing."""
        if not any(item.mark is not Mark.EMPTY for item in items_of(view)):
            return
        names = missing_words(view, self.language)
        if names:
            told = self.tr("%1 is not complete. Missing: %2")
            self.status.emit(told.replace("%2", names).replace("%1", view.form.label(self.language)))

    def put_down(self, *, by_itself: bool) -> None:
        """Keep what was typed: as left where the user locks, set aside where the laptop does so by itself.

        Half a number that somebody was called away from is no value; it waits in its field.
        """
        if self.view is None or not self.view.editable:
            return
        if not by_itself:
            self.flush()
        for path, text, unit in self.set_aside():
            work = partial(self.port.set_aside, self.view.key, path, text, unit or None)
            self.background.run(partial(self.port.at_last, work))
