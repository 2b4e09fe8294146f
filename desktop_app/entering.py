"""Entering: from what was typed to kept operations, and from kept operations to sealed commits.

Works on one record and one study design; the session decides which form and who.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from casebook import blinding, decisions
from casebook.apart import ends
from casebook.design import Form, Item, StudyDesign
from casebook.entry import UNDO, read_item
from casebook.errors import ReasonRequiredError, SealedAwayError, UnavailableError, UnreadableItemError
from casebook.ids import CommitRef, UserId, new_id
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY, shelf_of
from casebook.payloads import DataPayload, Payload
from casebook.records import (
    EMPTY,
    Calculated,
    Confirmation,
    Fired,
    FormKey,
    ItemPath,
    Mark,
    MissingCode,
    Note,
    Operation,
    Reading,
    SetItem,
    Sitting,
)
from casebook.versions import Designs
from desktop_app.consequences import Consequences
from desktop_app.drafts import DraftEntry, OpenDraft, Typed, settles_sitting
from desktop_app.reader import Reader
from desktop_app.record import Record


@dataclass(frozen=True, slots=True)
class Entering:
    """The entering half of a session."""

    record: Record
    design: StudyDesign
    designs: Designs
    reader_of: Callable[[FormKey], Reader]
    consequences: Callable[[OpenDraft], Consequences]
    require: Callable[[str, str], None]
    """Raises a refusal where the signed-in person may not do an act on a form."""

    # -- keeping -------------------------------------------------------------------------------------

    def keep(
        self,
        key: FormKey,
        path: ItemPath,
        raw: str,
        *,
        unit: str | None,
        missing: MissingCode | None,
        reason: str | None,
    ) -> None:
        """Keep one entry, durably; raises as `decisions.enter_item`.

        Text that cannot be read, and a change that lacks its reason, are kept as they were typed.
        """
        form = self.design.form(key.form)
        item = self._item_to_enter(form, path)
        try:
            reading = self._read(item, raw, unit=unit, missing=missing)
        except UnreadableItemError:
            self._append(key, [Typed(path=path, raw=raw, unit=unit)])
            return
        try:
            decided = self._decide(form, key, path, reading, reason)
        except ReasonRequiredError:
            if raw.strip():
                self._append(key, [Typed(path=path, raw=raw, unit=unit)])
            raise
        self._append(key, decided)

    def keep_together(
        self, key: FormKey, given: Sequence[tuple[ItemPath, str, str | None]], *, reason: str | None
    ) -> None:
        """Keep values of several items, durably: path, text and unit of each. All are judged before the first is kept.

        Args:
            reason: Why those that are recorded already change, one for all.

        Raises:
            UnreadableItemError: One of them cannot be read; nothing is kept.
            ReasonRequiredError, SealedAwayError, Refusal: As `keep`, of any of them; nothing is kept.
        """
        form = self.design.form(key.form)
        decided: list[Operation | Typed] = []
        for path, raw, unit in given:
            reading = self._read(self._item_to_enter(form, path), raw, unit=unit, missing=None)
            is_recorded = path in self.record.casebook(key.subject).form(key).items
            why = reason if is_recorded else None
            decided += [one for one in self._decide(form, key, path, reading, why) if one not in decided]
        self._append(key, decided)

    def put_back(self, key: FormKey, before: Sequence[tuple[ItemPath, Reading, bool]]) -> None:
        """Enter again what stood before, with the reason `undo`; of text that is no value: let go of it.

        Args:
            before: Of each item its place, the value that stood there, and whether text is to be let go.

        Raises:
            SealedAwayError, Refusal: As `keep`, of any of them; nothing is kept.
        """
        form = self.design.form(key.form)
        decided: list[Operation | Typed] = []
        for path, reading, typed in before:
            self._item_to_enter(form, path)
            done = self._decide(form, key, path, reading, UNDO)
            decided += [
                replace(one, reason=UNDO) if isinstance(one, SetItem) and one.path == path else one
                for one in done
                if one not in decided
            ]
            if typed and not done:
                decided.append(Typed(path=path, raw=""))
        self._append(key, decided)

    def _item_to_enter(self, form: Form, path: ItemPath) -> Item:
        """Return an item that this person may enter now. Raises Refusal, SealedAwayError."""
        self.refuse_unless_entered(form)
        _, item = decisions.find_item(form, path)
        if self._is_identity(form, item) and self.record.seat.identity_key is None:
            raise SealedAwayError
        return item

    def refuse_unless_entered(self, form: Form) -> None:
        """Refuse who does not enter a form today. Raises `casebook.rights.Refusal`."""
        self.require("enter", form.oid)

    def _read(self, item: Item, raw: str, *, unit: str | None, missing: MissingCode | None) -> Reading:
        if missing is not None:
            return Reading(missing=missing)
        if not raw.strip():
            return EMPTY
        code_list = self.design.code_lists.get(item.code_list or "")
        moment = self.record.seat.clock()
        return read_item(item, code_list, raw, unit=unit, now=moment.local, offset_minutes=moment.offset_minutes)

    def _decide(
        self, form: Form, key: FormKey, path: ItemPath, reading: Reading, reason: str | None
    ) -> list[Operation | Typed]:
        state = self.record.casebook(key.subject).form(key)
        draft = self.record.drafts.get(key)
        earlier = _last_entry(draft, path)
        recorded = state.items.get(path)
        if earlier is not None and earlier.reading == reading:
            return [Typed(path=path, raw="")] if draft is not None and path in draft.typed else []
        if earlier is not None and recorded is not None and recorded.shown == reading and not recorded.conflict:
            # back to what is recorded: mis-keyed and noticed before it was sealed; the trail keeps both
            return [SetItem(path=path, reading=reading, bases=recorded.bases, reason=earlier.reason)]
        if earlier is not None and recorded is None and reading.is_empty:
            return [SetItem(path=path, reading=reading)]
        why = reason or (earlier.reason if earlier is not None else None)
        anew = draft is not None and settles_sitting(state, draft, path)
        decided = decisions.enter_item(form, state, path, reading, reason=why, anew=anew)
        if not decided and draft is not None and path in draft.typed:
            return [Typed(path=path, raw="")]
        return [one for one in decided if not _is_repeated(one, draft)]

    def set_aside(self, key: FormKey, path: ItemPath, raw: str, *, unit: str | None) -> None:
        """Keep text that was being typed, durably, and as no value: nobody has left its field."""
        form = self.design.form(key.form)
        self.refuse_unless_entered(form)
        decisions.find_item(form, path)
        with contextlib.suppress(UnavailableError):  # what the database is owed can wait
            self.record.catch_up()
        self._append(key, [Typed(path=path, raw=raw, unit=unit)])

    def apply(self, key: FormKey, done: tuple[Operation, ...]) -> None:
        """Keep decided operations, durably. Raises `casebook.rights.Refusal`."""
        self.refuse_unless_entered(self.design.form(key.form))
        draft = self.record.drafts.get(key)
        self._append(key, [one for one in done if not _is_repeated(one, draft)])

    def answer(self, key: FormKey, done: tuple[Operation, ...], *, hard: bool) -> None:
        """Keep what was said of a finding, durably. Raises `casebook.rights.Refusal`."""
        self.require("confirm" if hard else "answer", key.form)
        self._append(key, list(done))

    def _append(self, key: FormKey, what: list[Operation | Typed]) -> None:
        if not what:
            return
        form = self.design.form(key.form)
        seat = self.record.seat
        moment = seat.clock()
        draft = self.record.drafts.get(key)
        opened = draft.opened_ms if draft else moment.utc_ms
        entries = [
            DraftEntry(
                draft=draft.id if draft else "",
                author=seat.user,
                key=key,
                form_version=form.version,
                what=one,
                since_open_ms=max(0, moment.utc_ms - opened),
                entered_ms=moment.utc_ms,
            )
            for one in what
        ]
        self.record.keep(entries if draft else _with_new_id(entries, new_id(seat.random_bytes)))

    # -- sealing -------------------------------------------------------------------------------------

    def seal(self, draft: OpenDraft, *, recovered_for: UserId | None = None) -> None:
        """Seal what a draft holds; text that could not be read stays open in a draft of its own."""
        left = tuple(draft.typed.values())
        if not draft.operations:
            if not left:
                self.record.let_go(draft)
            return
        beside = self.consequences(draft) if recovered_for is None else {}
        form = self.design.forms.get(draft.key.form)
        now = form.version if form is not None else draft.form_version
        parts = dict(draft.by_version)
        parts[now] = (*parts.get(now, ()), *self._calculated(form, draft.key), *beside.get(draft.key, ()))
        lies = self.record.lies_in(draft)
        written = [
            (
                DataPayload(
                    key=draft.key,
                    form_version=version,
                    operations=done,
                    recovered_for=recovered_for,
                    seen=self._seen(draft.key, where) if recovered_for is None else (),
                ),
                where,
            )
            for version, part in parts.items()
            for where, done in self._by_compartment(self._form_of(draft.key.form, version), part, lies.name)
        ]
        payloads: list[tuple[Payload, str]] = [*written, *self._beside(draft.key, beside)]
        self.record.seal(
            payloads,
            subject=draft.key.subject,
            closes=draft,
            leaves=self.record.keep_beside(self._entries_of(draft, left), lies) if left else None,
            as_device=recovered_for is not None,
        )

    def _seen(self, key: FormKey, where: str) -> tuple[CommitRef, ...]:
        """Return the saves of a form that this person had before their eyes, of the shelf where the next one lies."""
        state = self.record.casebook(key.subject).form(key)
        return ends((*state.contributions, *state.held), shelf_of(where))

    def _form_of(self, form: str, version: str) -> Form | None:
        """Return a form as the version asked it; where that is not known, as it is asked now."""
        asked = self.designs.asked_in(form, version)
        return asked[1] if asked is not None else self.design.forms.get(form)

    def _beside(self, saved: FormKey, beside: Consequences) -> list[tuple[Payload, str]]:
        """Return what a save writes into other forms."""
        return [
            (
                DataPayload(
                    key=key,
                    form_version=self.design.form(key.form).version,
                    operations=done,
                    seen=self._seen(key, where),
                ),
                where,
            )
            for key, operations in beside.items()
            if key != saved
            for where, done in self._by_compartment(self.design.form(key.form), operations, self.record.home.name)
        ]

    def _entries_of(self, draft: OpenDraft, left: tuple[Typed, ...]) -> list[DraftEntry]:
        """Return what stays open of a draft, as entries of a draft of its own."""
        fresh, now_ms = new_id(self.record.seat.random_bytes), self.record.seat.clock().utc_ms
        return [
            DraftEntry(
                draft=fresh,
                author=draft.author,
                key=draft.key,
                form_version=draft.form_version,
                what=one,
                since_open_ms=0,
                entered_ms=now_ms,
            )
            for one in left
        ]

    def _by_compartment(
        self, form: Form | None, done: tuple[Operation, ...], shelf: str
    ) -> list[tuple[str, tuple[Operation, ...]]]:
        """Split operations by the keys and the shelf that they are sealed to: identity first, it must not be lost."""
        parts: dict[str, list[Operation]] = {IDENTITY: [], UNBLINDING_IDENTITY: [], STANDARD: [], UNBLINDING: []}
        for one in done:
            sealed = self._belongs_to_identity(form, one)
            oid = form.oid if form is not None else None
            where = blinding.compartment_of(self.design, oid, one, sealed=sealed, shelf=shelf)
            kept, note = one, None
            if isinstance(one, SetItem) and where in {STANDARD, IDENTITY} and shelf == UNBLINDING and oid is not None:
                kept, note = self._disclosed(oid, one)
            parts[where].append(kept)
            if note is not None:
                parts[UNBLINDING_IDENTITY if sealed else UNBLINDING].append(note)
        return [(where, tuple(part)) for where, part in parts.items() if part]

    def _disclosed(self, form: str, change: SetItem) -> tuple[SetItem, Note | None]:
        """Return a change as the blinded may read it, and what of its reason they may not."""
        if blinding.is_disclosed(self.design, form, change):
            return blinding.reason_apart(self.design, change)
        return change, None

    def _calculated(self, form: Form | None, key: FormKey) -> list[Operation]:
        """Return derived values as their author saw them."""
        if form is None:
            return []
        values = self.reader_of(key).values(key)
        return [
            Calculated(path=path, value=reading.value)
            for path, reading in sorted(values.items())
            if (found := _item_of(form, path)) is not None and found.derivation is not None and reading.value
        ]

    def _belongs_to_identity(self, form: Form | None, operation: Operation) -> bool:
        if form is None:
            return True  # a form that this design does not know stays within the site
        if form.identity:
            return True
        match operation:
            case (
                SetItem(path=path)
                | Calculated(path=path)
                | Confirmation(path=path)
                | Fired(path=path)
                | Note(path=path)
            ):
                item = _item_of(form, path)
                if item is None and (known := self.designs.latest_with(form.oid, path)) is not None:
                    item = known[1]  # of another version: a finding there may close today
                return item is None or item.identity
            case Sitting(group=group):
                return any(one.oid == group and all(item.identity for item in one.items) for one in form.groups)
            case _:
                return False

    def _is_identity(self, form: Form, item: Item) -> bool:
        return form.identity or item.identity


def _item_of(form: Form, path: ItemPath) -> Item | None:
    for group in form.groups:
        if group.oid == path.group:
            return next((item for item in group.items if item.name == path.item), None)
    return None


def _last_entry(draft: OpenDraft | None, path: ItemPath) -> SetItem | None:
    if draft is None:
        return None
    entries = [one for one in draft.operations if isinstance(one, SetItem) and one.path == path]
    return entries[-1] if entries else None


def _is_repeated(operation: Operation | Typed, draft: OpenDraft | None) -> bool:
    """What was seen of a sitting, and the reopening of a form, are said once in a save."""
    return draft is not None and isinstance(operation, Sitting | Mark) and operation in draft.operations


def _with_new_id(entries: list[DraftEntry], draft: str) -> list[DraftEntry]:
    return [replace(entry, draft=draft) for entry in entries]
