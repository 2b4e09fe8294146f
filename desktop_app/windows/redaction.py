"""Redaction: two people take a value out of the record for good, with a reason; that it was done stays."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from casebook.ids import CommitId, UserId
from casebook.records import FormKey, ItemPath
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.staff_snapshots import RedactView, SecondPerson
from desktop_app.theme import Tone
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort
from desktop_app.windows.two_people import TwoPeoplePage


class RedactPage(TwoPeoplePage):
    """The redaction of one entry of an item."""

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `take_item` says of which item."""
        super().__init__("redact", "entry", background, port, staff, language, parent)
        self._place: tuple[FormKey, ItemPath] | None = None
        self._attachment: tuple[FormKey, CommitId] | None = None
        self._view: RedactView | None = None
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        name = self._view.label(self.language) if self._view is not None else ""
        return self.tr("Redaction: %1").replace("%1", name)

    def take_item(self, key: FormKey, path: ItemPath) -> None:
        """Take up another item, for the next `refresh`."""
        self._place, self._attachment, self._view, self._said = (key, path), None, None, None
        self._begin()

    def take_attachment(self, key: FormKey, commit: CommitId) -> None:
        """Take up an attachment, for the next `refresh`."""
        self._place, self._attachment, self._view, self._said = None, (key, commit), None, None
        self._begin()

    def _begin(self) -> None:
        self._clear()
        self._notice.say("")
        self._show_lead()

    def refresh(self) -> None:
        """Ask for the item's entries, and who may be the second person."""
        if self._attachment is not None:
            work = partial(self.port.attachments.redact_view, *self._attachment)
        elif self._place is not None:
            work = partial(self.port.redacting.entries, *self._place)
        else:
            return
        self.background.run(work, then=self.show_view, otherwise=self._refused)
        self.background.run(partial(self._staff.seconds, "redact"), then=self._show_seconds, otherwise=self._refused)

    def show_view(self, view: RedactView) -> None:
        """Show the entries of the item."""
        self._view = view
        self._choice.clear()
        for row in view.rows:
            words = self.tr("%1, by %2, %3", "value; who; when").replace("%1", row.shown(self.language))
            words = words.replace("%2", row.who).replace("%3", times.minute(row.at))
            self._choice.addItem(words, None if row.redacted else row.commit)
        self._heading.setText(self.title())
        self.titled.emit()
        if not view.rows:
            self._tell(lambda: self.tr("Nothing is recorded in this item."), Tone.WARN)

    def _show_seconds(self, people: tuple[SecondPerson, ...]) -> None:
        self._offer_seconds(people)
        if not people and (self._view is None or self._view.rows):
            self._tell(
                lambda: self.tr("Nobody else who may redact signs in on this laptop: let a second person in first."),
                Tone.WARN,
            )

    def retranslate(self) -> None:
        """Set every visible text again."""
        super().retranslate()
        self._show_lead()
        self._choice_label.setText(self.tr("&Entry"))
        self._choice.setAccessibleName(self.tr("Entry"))
        self._reason.set_texts(self.tr("&Why"), self.tr("Without the detail itself: the reason stays readable."))
        self._own.set_texts(self.tr("Your passphrase"))
        self._second_label.setText(self.tr("The &second person"))
        self._second.setAccessibleName(self.tr("The second person"))
        self._other.set_texts(self.tr("Their passphrase"), self.tr("They type it themselves."))
        self._go.setText(self.tr("Take it out for good"))
        if self._view is not None:
            self.show_view(self._view)

    def _show_lead(self) -> None:
        if self._attachment is not None:
            self._lead.setText(
                self.tr(
                    "For a photo or a file that must not be in the record: a face, another patient's page. Its key is "
                    "destroyed, here and on every copy, so that nobody can open it any more; that it was taken out, by "
                    "whom and why, stays. A file that is merely wrong is struck through."
                )
            )
            return
        self._lead.setText(
            self.tr(
                "For a name or another personal detail that was typed by mistake. The value is taken out of the record "
                "for good, here and on every copy; that it was, by whom and why, stays. A wrong value is corrected, "
                "not redacted."
            )
        )

    # -- what the user does ---------------------------------------------------------------------------------

    def _act(self) -> None:
        if not self._ready() or (self._place is None and self._attachment is None):
            return
        commit = self._choice.currentData()
        if commit is None:
            self._tell(lambda: self.tr("This entry has no value any more. Choose another one."), Tone.WARN)
            return
        given = self._given(self.tr("This is needed."))
        if given is None:
            return
        self._go.setEnabled(False)
        work = self._work(CommitId(str(commit)), *given)
        self.background.run(work, then=self._redacted, otherwise=self._refused)

    def _work(self, commit: CommitId, reason: str, own: str, second: UserId, other: str) -> Callable[[], RedactView]:
        """Return what takes it out and looks again, for the store thread."""
        if self._attachment is None and self._place is not None:
            return partial(self.port.redacting.redact, *self._place, commit, reason, own, second, other)
        attachments, taken = self.port.attachments, self._attachment

        def redact() -> RedactView:
            if taken is None:
                raise LookupError
            attachments.redact(*taken, reason, own, second, other)
            return attachments.redact_view(*taken)

        return redact

    def _redacted(self, view: RedactView) -> None:
        self._done(lambda: self.tr("The value is taken out. The audit trail says so."))
        self.show_view(view)
