"""What a grade means for other items: findings that open while somebody looks at another one."""

from collections.abc import Container

from casebook.design import Text
from casebook.records import ItemPath
from desktop_app.snapshots import FormView
from desktop_app.windows.form_words import open_findings

SETTLED = Text({})
"""What was told is true no more."""


class Asides:
    """Which findings of a form somebody has been told of.

    Attributes:
        place: The item that was spoken of last; None where nothing is to be told.
    """

    def __init__(self, view: FormView | None = None) -> None:
        """Take what is found in `view` as told."""
        self.place: ItemPath | None = None
        self._known = _found(view) if view is not None else frozenset()

    def look(self, view: FormView, here: ItemPath | None, shown: Container[ItemPath]) -> Text | None:
        """Return what is to be told now, SETTLED where nothing is any more, None where that has not changed.

        Args:
            here: The item in front, whose own findings stand beside it.
            shown: The items that can be gone to.
        """
        found, news = _found(view), None
        fresh, self._known = found - self._known, found
        if self.place is not None and not any(path == self.place for path, _ in found):
            self.place, news = None, SETTLED
        for path, one in open_findings(view):
            if (path, one.check) in fresh and path != here and path in shown:
                self.place, news = path, one.message
        return news


def _found(view: FormView) -> frozenset[tuple[ItemPath, str]]:
    return frozenset((path, one.check) for path, one in open_findings(view))
