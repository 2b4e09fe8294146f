"""Taking a value out of the record in a session: two people who both may, each by their passphrase, with a reason.

The session proves both and gathers; `casebook.redaction` builds what is sealed, and every copy on this laptop
forgets at once. What had been sent before is forgotten by each copy when the redaction arrives there.

Source: docs/record_format.md, section "Redaction".
"""

from casebook.design import Text
from casebook.errors import UnknownItemError
from casebook.ids import CommitId, UserId
from casebook.projection import Entry
from casebook.records import FormKey, ItemPath
from casebook.redaction import REDACTED, build_redaction
from desktop_app import views
from desktop_app.staff_snapshots import RedactRow, RedactView
from desktop_app.workbench import Workbench


class Redacting:
    """Redactions of one session. On the store thread."""

    def __init__(self, bench: Workbench) -> None:
        """Look at nothing yet."""
        self._bench = bench

    def entries(self, key: FormKey, path: ItemPath) -> RedactView:
        """Return the entries of an item that hold a value or its words, the newest first. Raises UnknownItemError."""
        bench = self._bench
        bench.refuse_hidden(key)
        form = bench.design.form(key.form)
        items = [item for group in form.groups if group.oid == path.group for item in group.items]
        item = next((one for one in items if one.name == path.item), None)
        if item is None:
            raise UnknownItemError(form=key.form, item=path.item)
        recorded = bench.record.casebook(key.subject).form(key).items.get(path)
        history = recorded.history if recorded is not None else ()
        around = bench.around()
        return RedactView(
            label=item.label,
            rows=tuple(
                RedactRow(
                    commit=entry.commit,
                    shown=_shown(entry, views.shown_text(item, entry.reading, around, bench.design)),
                    who=bench.name_of(entry.author),
                    at=entry.moment.local,
                    redacted=entry.reading.value == REDACTED,
                )
                for entry in reversed(history)
                if not entry.reading.is_empty or entry.reason
            ),
        )

    def redact(
        self, key: FormKey, path: ItemPath, commit: CommitId, reason: str, passphrase: str, second: UserId, other: str
    ) -> RedactView:
        """Take the value that one entry gave out of the record, here and wherever the redaction comes.

        Args:
            passphrase: Of the signed-in person; `other`: of the second one.

        Raises:
            Refusal, SecondSignerRefusedError, ReasonRequiredError: It takes two people who may, and a reason.
            NothingToRedactError: The entry has no value, or was redacted already.
            WrongPassphraseError: One of the passphrases is wrong.
        """
        bench = self._bench
        record, me = bench.record, bench.record.seat.user
        bench.permissions.require("redact")
        record.catch_up()
        bench.save_all(key.subject)
        bench.ring.prove(passphrase)
        signer = bench.ring.signer(second, other)
        today = bench.permissions.today
        target = record.commit(commit)
        said = build_redaction(
            target,
            [path],
            reason,
            first=me,
            second=second,
            second_signer=signer,
            may_redact=lambda user: bench.permissions.rights(user).allows("redact", on=today),
            identity_key=record.seat.identity_key,
        )
        header = target.parsed
        (sealed,) = record.seal([(said, header.shelf)], subject=key.subject, site=header.site)
        record.redact(sealed)
        bench.take_up(bench.design)
        return self.entries(key, path)


def _shown(entry: Entry, shown: Text) -> Text:
    words = entry.reason or ""
    return shown if not words else Text({one: f"{text} ({words})" for one, text in shown.by_language.items()})
