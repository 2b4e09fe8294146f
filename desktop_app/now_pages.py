"""Today and Randomise in one session, and the ways from them to the rest."""

from PySide6.QtCore import QObject, Signal

from desktop_app.background import Background
from desktop_app.windows.port import SessionPort
from desktop_app.windows.randomise import RandomisePage
from desktop_app.windows.today import TodayPage


class NowPages(QObject):
    """What is to be done now, and who may be randomised.

    Signals:
        place_wanted: A place of the rail is to be opened (its name).
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        casebook_wanted: A casebook is to be opened (SubjectId).
        eligibility_wanted: The criteria of a subject are to be shown (SubjectId).
        signing_wanted: The forms of a subject that await a signature are to be shown (its number).
    """

    place_wanted = Signal(str)
    item_wanted = Signal(object, object)
    casebook_wanted = Signal(str)
    eligibility_wanted = Signal(str)
    signing_wanted = Signal(str)

    def __init__(self, background: Background, session: SessionPort, language: str, parent: QObject) -> None:
        """Make the pages."""
        super().__init__(parent)
        self.today = TodayPage(background, session, language)
        self.randomise = RandomisePage(background, session, language)
        for source in (self.today, self.randomise):
            source.item_wanted.connect(self.item_wanted)
        self.today.casebook_wanted.connect(self.casebook_wanted)
        self.today.signing_wanted.connect(self.signing_wanted)
        self.today.sync_wanted.connect(lambda: self.place_wanted.emit("sync"))
        self.today.subjects_wanted.connect(lambda: self.place_wanted.emit("subjects"))
        self.randomise.eligibility_wanted.connect(self.eligibility_wanted)
