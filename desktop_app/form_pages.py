"""The pages on which a form is filled in: as a list, a consent with its document, a scale item by item."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from casebook.records import FormKey, ItemPath
from desktop_app.background import Background
from desktop_app.models.scoring import opens_item_by_item
from desktop_app.snapshots import FormView
from desktop_app.windows.consent import ConsentPage
from desktop_app.windows.form import FormPage
from desktop_app.windows.page import FormWindow
from desktop_app.windows.port import SessionPort
from desktop_app.windows.scorer import ScorerPage
from desktop_app.windows.whereabouts import Whereabouts


class FormPages(QObject):
    """The list, the consent, the scorer.

    Signals:
        other_wanted: The form in front is to be shown by another page (FormWindow, FormKey, ItemPath or None).
    """

    other_wanted = Signal(object, object, object)

    def __init__(self, background: Background, session: SessionPort, language: str, parent: QObject) -> None:
        """Make the pages."""
        super().__init__(parent)
        self.form = FormPage(background, session, language)
        self.consent = ConsentPage(background, session, language)
        self.scorer = ScorerPage(background, session, language)
        self.form.scorer_wanted.connect(partial(self._show_by, self.scorer))
        self.scorer.list_wanted.connect(partial(self._show_by, self.form))

    @property
    def pages(self) -> tuple[FormWindow, ...]:
        """All of them."""
        return self.form, self.consent, self.scorer

    def page_of(self, view: FormView, path: ItemPath | None, place: Whereabouts | None) -> FormWindow:
        """Return the page on which a form opens.

        Args:
            path: The item that is to be shown; a scale is then a list.
            place: Where somebody stood who comes back.
        """
        if view.form.consent and view.design is None:
            return self.consent
        scored = path is None if place is None else place.page == self.scorer.page_name
        return self.scorer if scored and opens_item_by_item(view) else self.form

    def _show_by(self, page: FormWindow, key: FormKey, path: ItemPath | None) -> None:
        self.other_wanted.emit(page, key, path)
