"""A session of twenty forms is cut at every byte on its way down."""

from collections.abc import Callable

import pytest

from tests.rigs.cuts import cut, remember_verified, uncut
from tests.rigs.histories import SOAK


@pytest.mark.timeout(0 if SOAK else 900)
def test_cut_at_any_byte_down_loses_and_repeats_nothing(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    remember_verified(monkeypatch)
    whole = uncut()
    size = whole.carrier.down.carried

    for byte in range(size + 1):
        for ahead in (False, True) if SOAK else (byte % 2 == 0,):
            cut(whole, down_bytes=byte, ahead=ahead)

    record_property("rig", f"cut at each of {size + 1} places down, both shelves")
