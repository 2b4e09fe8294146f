"""The pages of data management in one session, and the ways from them to the rest."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from desktop_app.background import Background
from desktop_app.windows.held import HeldPage
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.queries import QueriesPage
from desktop_app.windows.review import ReviewPage
from desktop_app.windows.signing import SigningPage


class OversightPages(QObject):
    """Queries, verification, signing, held entries.

    Signals:
        page_wanted: One of the pages is to come to the front (Page).
        item_wanted: An item of a form is to be shown (FormKey, ItemPath or None).
        casebook_wanted: A casebook is to be opened (SubjectId).
        settled: Something was done; what counts records may look again.
    """

    page_wanted = Signal(object)
    item_wanted = Signal(object, object)
    casebook_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, session: SessionPort, language: str, parent: QObject) -> None:
        """Make the pages."""
        super().__init__(parent)
        self.queries = QueriesPage(background, session, language)
        self.review = ReviewPage(background, session, language)
        self.signing = SigningPage(background, session, language)
        self.held = HeldPage(background, session, language)
        for source in (self.queries, self.review, self.signing, self.held):
            source.place_wanted.connect(self.open_place)
            source.settled.connect(self.settled)
        for leads in (self.queries.item_wanted, self.review.item_wanted, self.signing.item_wanted):
            leads.connect(self.item_wanted)
        self.held.form_wanted.connect(self.item_wanted)
        self.queries.casebook_wanted.connect(self.casebook_wanted)

    @property
    def pages(self) -> Mapping[str, Page]:
        """The pages by name."""
        return {"queries": self.queries, "review": self.review, "signing": self.signing, "held": self.held}

    def open_place(self, place: str) -> None:
        """Bring one of the pages to the front."""
        self.page_wanted.emit(self.pages[place])

    def open_queries_of(self, number: str) -> None:
        """Show the queries of one subject."""
        self.queries.choose_subject(number)
        self.open_place("queries")

    def open_signing_of(self, number: str) -> None:
        """Show the forms of one subject that await a signature."""
        self.signing.choose_subject(number)
        self.open_place("signing")
