"""Over a casebook: that the same person was registered under another number, and the way there."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from casebook.ids import SubjectId
from desktop_app.snapshots import CasebookView
from desktop_app.theme import Tone
from desktop_app.widgets.notice import Notice


class AlsoNotice(Notice):
    """One sentence about the other numbers of a person; hidden for most subjects.

    Signals:
        other_wanted: The casebook in which this one is shown is to be opened (SubjectId).
        pair_wanted: The two subjects are to be shown side by side (SubjectId, SubjectId).
    """

    other_wanted = Signal(str)
    pair_wanted = Signal(str, str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(name, parent)
        self._into: SubjectId | None = None
        self._pair: tuple[SubjectId, SubjectId] | None = None
        self.acted.connect(self._lead)

    def show_view(self, view: CasebookView) -> None:
        """Show what is to be told of a casebook."""
        self._into = view.into[0] if view.into is not None else None
        self._pair = (view.subject, view.also[0][0]) if view.also else None
        if view.into is not None:
            words = self.tr("The same person as %1: these forms are shown there, and can only be read.")
            action = self.tr("Open %1").replace("%1", view.into[1])
            self.say(words.replace("%1", view.into[1]), Tone.WARN, action)
        elif view.also:
            numbers = ", ".join(number for _, number in view.also)
            words = self.tr("Also registered as %1: those forms stand at their visits, with that number, to be read.")
            self.say(words.replace("%1", numbers), Tone.QUIET, self.tr("Side by side"))
        else:
            self.say("")

    def _lead(self) -> None:
        if self._into is not None:
            self.other_wanted.emit(self._into)
        elif self._pair is not None:
            self.pair_wanted.emit(*self._pair)
