"""The only module that starts threads.

There are two: the store thread, which owns the record, and the sync thread, which waits for the
network, so that a slow network never delays typing. Work is a plain function that touches no
widget; what comes of it is called on the GUI thread. Nothing that goes wrong is lost: a
`CasebookError` goes to `otherwise`, or to `refused` where nobody asked; anything else is a bug and
goes to `sys.excepthook`, where the crash window listens. Closing waits for what was handed in.
"""

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from casebook.errors import CasebookError

PATIENCE_MS = 2_000
"""After this long without an answer of the store a user wants to know what it is waiting for."""
Result = TypeVar("Result")
Refusal = Callable[[CasebookError], None]


class Background(QObject):
    """Two threads, and the way back to the GUI thread.

    Signals:
        refused: A CasebookError that no `otherwise` took.
        settled: The last outstanding work has been delivered.
        slow: The store thread has been at one piece of work for longer than a user waits in silence (True), or
            has done it (False).
    """

    refused = Signal(object)
    settled = Signal()
    slow = Signal(bool)
    _finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Start with no thread; each begins with its first work."""
        super().__init__(parent)
        self._store = ThreadPoolExecutor(max_workers=1, thread_name_prefix="casebook-store")
        self._sync = ThreadPoolExecutor(max_workers=1, thread_name_prefix="casebook-sync")
        self._deliveries: deque[tuple[Callable[[], None], bool]] = deque()
        self._at_store = 0
        self._is_slow = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._tell_slow)
        self._outstanding = 0
        self._closed = False
        self._ending = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether everything handed in has been delivered."""
        return self._outstanding == 0

    def run(
        self,
        work: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        otherwise: Refusal | None = None,
    ) -> None:
        """Do `work` on the store thread, in the order of calls.

        Args:
            work: Touches no widget.
            then: Gets the result on the GUI thread; not called when its receiver is gone by then.
            otherwise: Gets a refusal on the GUI thread.
        """
        if not self._ending:
            self._hand_in(self._store, work, then, otherwise)

    def run_last(
        self,
        work: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        otherwise: Refusal | None = None,
    ) -> None:
        """Do `work`, which closes what other work needs; else as `run`.

        What is handed in between this call and its answer comes too late, and is not done: a page that
        looks again after an entry does not know that the record is being closed.
        """
        self._hand_in(self._store, work, then, otherwise, last=True)
        self._ending = True

    def run_sync(
        self,
        work: Callable[[], Result],
        then: Callable[[Result], None] | None = None,
        otherwise: Refusal | None = None,
    ) -> None:
        """Do `work` on the sync thread; else as `run`."""
        self._hand_in(self._sync, work, then, otherwise)

    def close(self) -> None:
        """Wait for all work, deliver what came of it, end both threads. Nothing can be handed in afterwards."""
        while not self._closed and self._outstanding:
            self._drain(self._store)
            self._drain(self._sync)
            self._deliver()
        self._closed = True
        self._store.shutdown(wait=True)
        self._sync.shutdown(wait=True)

    @staticmethod
    def _drain(thread: ThreadPoolExecutor) -> None:
        thread.submit(lambda: None).result()

    def _hand_in(
        self,
        thread: ThreadPoolExecutor,
        work: Callable[[], Result],
        then: Callable[[Result], None] | None,
        otherwise: Refusal | None,
        *,
        last: bool = False,
    ) -> None:
        self._outstanding += 1
        of_store = thread is self._store
        if of_store:
            self._at_store += 1
            if not self._patience.isActive() and not self._is_slow:
                self._patience.start()
        future = thread.submit(work)
        future.add_done_callback(partial(self._note, then=then, otherwise=otherwise, last=last, of_store=of_store))

    def _tell_slow(self) -> None:
        self._is_slow = True
        self.slow.emit(True)

    def _be_patient_again(self) -> None:
        """Wait anew: a piece of work on the store was done."""
        self._at_store -= 1
        if self._is_slow:
            self._is_slow = False
            self.slow.emit(False)
        self._patience.stop()
        if self._at_store:
            self._patience.start()

    def _note(
        self,
        future: Future[Result],
        *,
        then: Callable[[Result], None] | None,
        otherwise: Refusal | None,
        last: bool,
        of_store: bool,
    ) -> None:
        """Queue the delivery. Runs on the worker's thread."""
        self._deliveries.append((partial(self._hand_out, future, then, otherwise, last=last), of_store))
        self._finished.emit()

    def _deliver(self) -> None:
        while self._deliveries:
            delivery, of_store = self._deliveries.popleft()
            if of_store:
                self._be_patient_again()
            self._outstanding -= 1  # before the call: it may close the application, which waits for the rest
            delivery()
        if self.idle:
            self.settled.emit()

    def _hand_out(
        self, future: Future[Result], then: Callable[[Result], None] | None, otherwise: Refusal | None, *, last: bool
    ) -> None:
        if last:
            self._ending = False
        error = future.exception()
        if error is None:
            if then is not None and _is_alive(then):
                then(future.result())
        elif isinstance(error, CasebookError):
            if otherwise is not None and _is_alive(otherwise):
                otherwise(error)
            else:
                self.refused.emit(error)
        else:
            sys.excepthook(type(error), error, error.__traceback__)


def _is_alive(callback: Callable[..., None]) -> bool:
    """Tell whether the Qt object that `callback` belongs to, if any, still exists."""
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
