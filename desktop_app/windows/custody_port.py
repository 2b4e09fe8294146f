"""What the custody windows may ask of a session. Every call runs on the store thread."""

from typing import Protocol

from casebook.custody import WipeVerdict
from desktop_app.custody_snapshots import CustodyView, Retired


class CustodyPort(Protocol):
    """Where everything is, and retiring the laptop."""

    @property
    def ended(self) -> bool:
        """Whether retiring has closed the session. May be asked by any thread."""

    def view(self) -> CustodyView:
        """Return where everything is, and whether the laptop may be wiped."""

    def table(self, language: str) -> bytes:
        """Return the table as CSV."""

    def begin_retiring(self, passphrase: str, site: str, *, rescue: bool) -> WipeVerdict:
        """Prove who retires the laptop and note it in the record; an exchange is to follow."""

    def retire(self, rescue_to: str | None) -> Retired:
        """Wipe the laptop, after a verified rescue copy where one is wanted. The session is over then."""

    def keep(self) -> None:
        """Note that the laptop was not retired after all."""
