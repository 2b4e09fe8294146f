"""The way through the pages: leaving one for the next, and leading back to where the user came from."""

from collections.abc import Callable, Mapping

from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import Page


class Way:
    """The pages that the user went through, the one in front last."""

    def __init__(
        self, window: MainWindow, home: Page, places: Mapping[Page, str], *, may_arrive: Callable[[], bool]
    ) -> None:
        """Stand nowhere yet.

        Args:
            home: Where a way begins that was begun by a step.
            places: The place of the rail that a page belongs to; one that is missing belongs to where its way began.
            may_arrive: Asked when a page was left: False while the session ends.
        """
        self._window = window
        self._home = home
        self._places = places
        self._may_arrive = may_arrive
        self._pages: list[Page] = []
        self._wanted = 0

    def go(self, arrive: Callable[[], None]) -> None:
        """Leave the page in front, then arrive. Of several hurried requests the last one counts."""
        self._wanted += 1
        wanted = self._wanted
        front = self._window.page()

        def left() -> None:
            if wanted == self._wanted and self._may_arrive():
                arrive()

        if isinstance(front, Page) and self._pages:
            front.leave(left)
        else:
            left()

    def begin(self, page: Page) -> None:
        """Arrive at a page from where nothing leads back."""
        self._pages = []
        self._arrive(page)

    def step(self, page: Page) -> None:
        """Arrive at a page from the one in front; at one that is on the way, back there."""
        if page in self._pages:
            self._pages = self._pages[: self._pages.index(page)]
        elif not self._pages:
            self._pages = [self._home]
        self._arrive(page)

    def instead(self, page: Page) -> None:
        """Arrive at a page in the place of the one in front, which nothing leads back to."""
        self._pages.pop()
        self.step(page)

    def back(self) -> None:
        """Leave for the page that the user came from, if there is one."""
        if len(self._pages) > 1:
            self.go(self._step_back)

    def _step_back(self) -> None:
        self._pages.pop()
        self._arrive(self._pages.pop())

    def _arrive(self, page: Page) -> None:
        self._pages.append(page)
        self._window.foot.say("")
        self._window.show_page(page, page.title())
        began = self._places.get(self._pages[0], "subjects")
        self._window.rail.show_place(self._places.get(page, began))
        page.refresh()
        take_focus = getattr(page, "take_focus", None)
        if take_focus is not None:
            take_focus()
