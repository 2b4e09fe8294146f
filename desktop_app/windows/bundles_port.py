"""What windows may ask of bundles: a protocol, no code. All calls but `view` are the sync thread's."""

from collections.abc import Callable, Sequence
from typing import Protocol

from casebook.ids import DeviceId
from desktop_app.bundle_snapshots import BundleOutcome, BundlesView
from desktop_app.sync_stop import StopSign

OnBytes = Callable[[int], None]
"""Told, on the sync thread, how many more bytes are done."""


class BundlingPort(Protocol):
    """The calls of bundles."""

    def view(self) -> BundlesView:
        """Tell what was carried, and to whom something can be."""

    def write(
        self,
        folder: str,
        to: DeviceId | None,
        on_bytes: OnBytes,
        sign: StopSign,
        *,
        whole: bool = False,
        attachments: bool = True,
    ) -> BundleOutcome:
        """Write a bundle into a folder, for the server or another laptop, and read it back."""

    def read(self, paths: Sequence[str], on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Read files that the server or other laptops of the site wrote for this one."""

    def wait(self, on_open: Callable[[str, str], None], on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Wait for another laptop of the site. `on_open` is told, on the sync thread, address and figures."""

    def call(self, address: str, figures: str, on_bytes: OnBytes, sign: StopSign) -> BundleOutcome:
        """Exchange with the laptop that waits at an address."""
