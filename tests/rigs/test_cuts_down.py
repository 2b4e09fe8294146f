"""A session of twenty forms is cut at every byte on its way down."""

from collections.abc import Callable

import pytest

from tests.rigs.cuts import cut, remember_verified, uncut
from tests.rigs.laptops import SHELVES


@pytest.mark.parametrize("shelf", SHELVES)
@pytest.mark.timeout(900)
def test_cut_at_any_byte_down_loses_and_repeats_nothing(
    shelf: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    remember_verified(monkeypatch)
    whole = uncut()
    size = whole.carriers[shelf].down.carried

    for byte in range(size + 1):
        cut(whole, shelf, down_bytes=byte)

    record_property("rig", f"cut at each of {size + 1} places down, shelf {shelf}")
