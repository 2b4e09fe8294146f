"""Long work on the store thread, a slice at a time: what people enter or open meanwhile comes in between."""

import time
from collections.abc import Callable
from typing import TypeVar

SLICE_S = 0.05
"""For so long (seconds) the store thread goes on at a time."""
Piece = TypeVar("Piece")


def work_off(ahead: list[Piece], do: Callable[[Piece], object]) -> None:
    """Do the last pieces of `ahead`, until a slice is over; at least one, where there is any.

    Args:
        ahead: What is still to be done; what is done is taken out of it.
    """
    until = time.monotonic() + SLICE_S
    while ahead:
        do(ahead.pop())
        if time.monotonic() >= until:
            break
