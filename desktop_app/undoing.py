"""Undoing the last entry: what stood before is entered again, with the reason `undo`.

Nothing is taken from the trail: an undo is an entry like any other, kept at once and recorded with the next save. A
session remembers its own steps, the latest last; a step counts only as long as what it entered still stands and what
stood before may still be said: not in a form that is closed or signed, not after a redaction, not over what an
exchange brought.

Source: 21 CFR 11.10(e) (an audit trail never obscures an earlier value).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from casebook.decisions import find_item
from casebook.errors import NothingToUndoError
from casebook.records import EMPTY, FormKey, ItemPath, Reading, SetItem
from desktop_app.drafts import Effective, lay_over
from desktop_app.snapshots import UndoLine
from desktop_app.views import shown_text
from desktop_app.workbench import Workbench

MOST_STEPS = 200
"""How many entries a session remembers; nobody goes back further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item of a step. `typed`: text that is no value was typed; else the value changed."""

    path: ItemPath
    before: Reading
    after: Reading
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was entered at once."""

    key: FormKey
    changes: tuple[Change, ...]


class Undoing:
    """The steps of one session. On the store thread."""

    def __init__(self, bench: Workbench) -> None:
        """Remember nothing yet."""
        self._bench = bench
        self._steps: list[Step] = []

    @contextmanager
    def watch(self, key: FormKey, paths: Sequence[ItemPath]) -> Iterator[None]:
        """Remember what an entry changes; one that is refused changes nothing."""
        before = self._effective(key)
        try:
            yield
        finally:
            now = self._effective(key)
            changes = tuple(change for path in paths if (change := _change(path, before, now)) is not None)
            if changes:
                self._steps = [*self._steps[1 - MOST_STEPS :], Step(key=key, changes=changes)]

    def line(self, key: FormKey) -> UndoLine | None:
        """Tell what an undo in a form would put back; None where there is nothing."""
        step = self._last(key)
        if step is None:
            return None
        change = step.changes[0]
        _, item = find_item(self._bench.design.form(key.form), change.path)
        around = self._bench.around()
        return UndoLine(
            path=change.path,
            item=item.label,
            was=shown_text(item, change.after, around),
            back=shown_text(item, change.before, around),
            count=len(step.changes),
        )

    def undo(self, key: FormKey) -> UndoLine:
        """Put back what stood before the last entry in a form.

        Raises:
            NothingToUndoError: This session entered nothing here that still stands, or the form is signed.
            Refusal, SealedAwayError: The person may not enter it any more.
        """
        step, line = self._last(key), self.line(key)
        if step is None or line is None:
            raise NothingToUndoError
        self._bench.entering.put_back(key, [(one.path, one.before, bool(one.typed)) for one in step.changes])
        self._steps.remove(step)
        return line

    def _last(self, key: FormKey) -> Step | None:
        """Return the last step in a form that can be undone; those that cannot be any more are forgotten."""
        if self._is_signed(key):
            return None
        now = self._effective(key)
        for step in [one for one in reversed(self._steps) if one.key == key]:
            if all(_stands(change, now) and self._may_be_said(key, change) for change in step.changes):
                return step
            self._steps.remove(step)
        return None

    def _effective(self, key: FormKey) -> Effective:
        record = self._bench.record
        return lay_over(record.casebook(key.subject).form(key), record.drafts.get(key))

    def _is_signed(self, key: FormKey) -> bool:
        casebook = self._bench.record.casebook(key.subject)
        named = any(form.key == key for signed in casebook.signatures.values() for form in signed.forms)
        return named or bool(casebook.form(key).documents)

    def _may_be_said(self, key: FormKey, change: Change) -> bool:
        """Tell whether what stood before is in the record still: a redaction takes it out of every hand."""
        recorded = self._bench.record.casebook(key.subject).form(key).items.get(change.path)
        draft = self._bench.record.drafts.get(key)
        entries = draft.operations if draft is not None else ()
        open_here = [one.reading for one in entries if isinstance(one, SetItem) and one.path == change.path]
        known = [one.reading for one in recorded.history] if recorded is not None else []
        return change.before.is_empty or change.before in (*known, *open_here)


def _change(path: ItemPath, before: Effective, now: Effective) -> Change | None:
    was, is_now = before.readings.get(path, EMPTY), now.readings.get(path, EMPTY)
    typed = now.typed[path].raw if path in now.typed else ""
    if was == is_now and (not typed or path in before.typed):
        return None
    return Change(path=path, before=was, after=is_now, typed=typed)


def _stands(change: Change, now: Effective) -> bool:
    typed = now.typed[change.path].raw if change.path in now.typed else ""
    return now.readings.get(change.path, EMPTY) == change.after and typed == change.typed
