"""Unblinding: two people record that a blinded assessor was told a subject's treatment, and why.

It gives nobody a key. What was told is known from then on; the record says so, and the deviation is begun.
"""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from casebook.ids import SubjectId, UserId
from desktop_app.background import Background
from desktop_app.phrases import clauses
from desktop_app.staff_snapshots import SecondPerson, Unblinded
from desktop_app.theme import Tone
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort
from desktop_app.windows.two_people import TwoPeoplePage


class UnblindPage(TwoPeoplePage):
    """The unblinding of one subject.

    Signals:
        item_wanted: The deviation form is to be gone on with (FormKey, None).
        done: It is recorded.
    """

    item_wanted = Signal(object, object)
    done = Signal()

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `show_subject` says whose treatment was told."""
        super().__init__("unblind", "told", background, port, staff, language, parent)
        self._subject: SubjectId | None = None
        self._number = ""
        self._choice.addItem("", None)
        self.retranslate()

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Unblinding of %1").replace("%1", self._number)

    def show_subject(self, subject: SubjectId, number: str) -> None:
        """Take up another subject."""
        self._subject, self._number = subject, number
        self._clear()
        self._said = None
        self._notice.say("")
        self.retranslate()
        self.titled.emit()

    def refresh(self) -> None:
        """Ask who may have been told, and who may be the second person."""
        self.background.run(self._staff.blinded_people, then=self._show_told, otherwise=self._refused)
        self.background.run(partial(self._staff.seconds, "unblind"), then=self._show_seconds, otherwise=self._refused)

    def _show_told(self, people: tuple[SecondPerson, ...]) -> None:
        while self._choice.count() > 1:
            self._choice.removeItem(1)
        for one in people:
            self._choice.addItem(clauses(self.language, (one.name, one.role_label(self.language))), one.user)

    def _show_seconds(self, people: tuple[SecondPerson, ...]) -> None:
        self._offer_seconds(people)
        if not people:
            self._tell(
                lambda: self.tr("Nobody else who may unblind signs in on this laptop: let a second person in first."),
                Tone.WARN,
            )

    def retranslate(self) -> None:
        """Set every visible text again."""
        super().retranslate()
        self._lead.setText(
            self.tr(
                "Record here that somebody who should be blinded was told the treatment, or must be. Two people do it "
                "together. Nobody's login shows more afterwards; the record says who knows, since when and why, and a "
                "protocol deviation is begun."
            )
        )
        self._choice_label.setText(self.tr("&Who was told"))
        self._choice.setAccessibleName(self.tr("Who was told"))
        self._choice.setItemText(0, self.tr("Somebody who does not sign in to the study"))
        self._reason.set_texts(self.tr("&Why"), self.tr("For example the medical reason, or how it came to be known."))
        self._own.set_texts(self.tr("Your passphrase"))
        self._second_label.setText(self.tr("The &second person"))
        self._second.setAccessibleName(self.tr("The second person"))
        self._other.set_texts(self.tr("Their passphrase"), self.tr("They type it themselves."))
        self._go.setText(self.tr("Record the unblinding"))

    # -- what the user does ---------------------------------------------------------------------------------

    def _act(self) -> None:
        if self._subject is None or not self._ready():
            return
        given = self._given(self.tr("This is needed."))
        if given is None:
            return
        self._go.setEnabled(False)
        told = self._choice.currentData()
        work = partial(self._staff.unblind, self._subject, UserId(str(told)) if told else None, *given)
        self.background.run(work, then=self._recorded, otherwise=self._refused)

    def _recorded(self, unblinded: Unblinded) -> None:
        self._done(lambda: self.tr("The unblinding is recorded."))
        self.done.emit()
        if unblinded.form is not None:
            self.item_wanted.emit(unblinded.form, None)
