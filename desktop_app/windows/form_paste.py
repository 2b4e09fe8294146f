"""Results that are pasted into a form: the clipboard is read, a preview stands in the form's place until it is left.

A reference range that is typed whole, and the key that leads to it, are understood here as well.
"""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QBoxLayout, QWidget

from casebook.design import CodeList
from casebook.records import FormKey, ItemPath
from desktop_app.pasting import Given, limits_beside, typed_range
from desktop_app.snapshots import FormView
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.item_row import Entry
from desktop_app.widgets.paste_preview import PastePreview
from desktop_app.widgets.reason_panel import Reasons
from desktop_app.windows.entry_page import EntryPage


class FormPaste(QObject):
    """The pasting of one page."""

    def __init__(self, page: EntryPage, head: QWidget, body: QBoxLayout) -> None:
        """Paste into `page`; the preview stands in `body`, in the place of head and sections."""
        super().__init__(page)
        self._page = page
        self._head = head
        self._body = body
        self._sections: FormSections | None = None
        self._units: Mapping[str, str] = {}
        self.preview: PastePreview | None = None

    def take_sections(self, sections: FormSections, reasons: Reasons, code_lists: Mapping[str, CodeList]) -> None:
        """Paste into these sections from now on."""
        self._close_preview()
        if self.preview is not None:
            self.preview.deleteLater()
        self._sections = sections
        self.preview = PastePreview(reasons, code_lists, self._page)
        self.preview.hide()
        self._body.addWidget(self.preview, 1)
        self.preview.taken.connect(self._take)
        self.preview.closed.connect(self.close)
        sections.paste_wanted.connect(self.open)

    def begin(self, key: FormKey) -> None:
        """Learn in which units a form's values were reported last."""
        sections = self._sections
        if sections is not None and sections.tables():
            work = partial(self._page.port.units_used, key.form)
            self._page.background.run(work, then=partial(self._learn, sections))

    def _learn(self, sections: FormSections, units: Mapping[str, str]) -> None:
        self._units = units
        if sections is self._sections:
            sections.suggest_units(units)

    @property
    def is_open(self) -> bool:
        """Whether the preview stands in front."""
        return self.preview is not None and not self.preview.isHidden()

    def controls(self) -> list[QWidget]:
        """Return what Tab passes while the preview stands in front."""
        return [self.preview] if self.preview is not None and self.is_open else []

    def open(self) -> None:
        """Show what the clipboard holds beside the form as it stands."""
        view, preview, sections = self._page.view, self.preview, self._sections
        if view is None or preview is None or sections is None or not view.editable:
            return
        self._page.flush()
        self._head.hide()
        sections.hide()
        preview.show()
        preview.show_text(QApplication.clipboard().text(), view, self._units, self._page.language)

    def show_form(self, view: FormView, language: str) -> None:
        """Show the preview beside the form as it stands now."""
        if self.preview is not None and self.is_open:
            self.preview.show_form(view, language)

    def close(self) -> None:
        """Take nothing, and stand in the form again."""
        self._close_preview()
        if self._sections is not None:
            self._sections.go_back()

    def _close_preview(self) -> None:
        if self.preview is not None and self._sections is not None:
            self.preview.hide()
            self._head.show()
            self._sections.show()

    # -- a range by hand ------------------------------------------------------------------------------------------

    def keeping(self, key: FormKey, entry: Entry) -> Callable[[], FormView] | None:
        """Return how a range is kept that was typed whole into one of its two fields; None for any other entry."""
        view = self._page.view
        if view is None or entry.missing is not None:
            return None
        given = typed_range(view, entry.path, entry.raw, entry.unit)
        return partial(self._page.port.keep_together, key, given, reason=entry.reason or None) if given else None

    def open_limits(self) -> None:
        """Go to the report's range beside the value in focus; what lets it be asked is answered first."""
        view, sections = self._page.view, self._sections
        row = sections.focused_row() if sections is not None else None
        found = limits_beside(view, row.path) if view is not None and view.editable and row is not None else None
        if view is None or sections is None or found is None:
            return
        limit, answers = found
        recorded = [path for path, _, _ in answers if view.item(path).asks_reason]
        if recorded:
            sections.go_to(recorded[0])
        elif answers:
            self._page.flush()
            work = partial(self._page.port.keep_together, view.key, answers)
            self._page.run(work, then=partial(self._opened, limit))
        else:
            sections.go_to(limit)

    def _opened(self, limit: ItemPath, view: FormView) -> None:
        self._page.answered(view)
        if self._sections is not None:
            self._sections.go_to(limit)

    # -- taking ---------------------------------------------------------------------------------------------------

    def _take(self, given: tuple[Given, ...], reason: str) -> None:
        view = self._page.view
        if view is not None and self.preview is not None:
            work = partial(self._page.port.keep_together, view.key, given, reason=reason or None)
            results = {way.path for way in self.preview.values()}
            then: Callable[[FormView], None] = partial(self._taken, results or {path for path, _, _ in given})
            self._page.run(work, then=then)

    def _taken(self, paths: set[ItemPath], view: FormView) -> None:
        self._close_preview()
        self._page.answered(view)
        if self._sections is not None:
            first = next((path for path in self._sections.paths_in_order() if path in paths), None)
            if first is not None:
                self._sections.go_to(first)
