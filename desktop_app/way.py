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
            places: The place of the rail that a page belongs to; one that is missing belongs to the page before it.
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

    def step(self, page: Page, *, over: Page | None = None) -> None:
        """Arrive at a page from the one in front; at one that is on the way, back there.

        Args:
            over: A page to which Back leads first, though it was not shown.
        """
        for one in (over, page) if over is not None else (page,):
            if one in self._pages:
                self._pages = self._pages[: self._pages.index(one)]
            elif not self._pages:
                self._pages = [self._home]
            self._pages.append(one)
        self._arrive(self._pages.pop())

    def instead(self, page: Page) -> None:
        """Arrive at a page in the place of the one in front, which nothing leads back to."""
        self._pages.pop()
        self.step(page)

    def back(self) -> None:
        """Leave for the page that the user came from, if there is one."""
        if len(self._pages) > 1:
            self.go(self._step_back)

    def tell_origin(self) -> None:
        """Tell the page in front which page it leads back to."""
        if len(self._pages) > 1:
            self._pages[-1].came_from(self._pages[-2].short_title())

    def _step_back(self) -> None:
        self._pages.pop()
        self._arrive(self._pages.pop())

    def _arrive(self, page: Page) -> None:
        self._pages.append(page)
        self.tell_origin()
        self._window.foot.say("")
        self._window.show_page(page, page.title())
        place = next((self._places[one] for one in reversed(self._pages) if one in self._places), "subjects")
        self._window.rail.show_place(place)
        page.refresh()
        take_focus = getattr(page, "take_focus", None)
        if take_focus is not None:
            take_focus()
