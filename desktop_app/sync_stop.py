"""How one thread ends the exchange that another one carries on: between two frames, or in the middle of a wait."""

import threading
from collections.abc import Callable


class StopSign:
    """One exchange's way to be stopped. Any thread may raise it; it is not taken back."""

    def __init__(self) -> None:
        """Start with nothing to stop."""
        self._guard = threading.Lock()
        self._raised = threading.Event()
        self._cut_asked = False
        self._cut: Callable[[], None] | None = None

    @property
    def raised(self) -> bool:
        """Whether the exchange is to end."""
        return self._raised.is_set()

    def stop(self) -> None:
        """Ask the exchange to end after the frame that is under way."""
        self._raised.set()

    def cut(self) -> None:
        """End the exchange at once: what waits for the network waits no more. The frame under way is lost."""
        self._raised.set()
        with self._guard:
            self._cut_asked = True
            cut = self._cut
        if cut is not None:
            cut()

    def watch(self, cut: Callable[[], None] | None) -> None:
        """Say what cuts the connection that is open now; None: there is none any more."""
        with self._guard:
            self._cut = cut
            asked = self._cut_asked
        if asked and cut is not None:
            cut()
