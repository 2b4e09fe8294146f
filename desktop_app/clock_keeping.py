"""The laptop's clock as a session watches it: what the server told, a clock that was set, and what the user is told.

Nothing is refused and nothing is put in another order. What was heard of the server's time is written with the next
record that is sealed anyway, so that a laptop in step with the server stays so.

Source: docs/record_format.md, section "Time"; casebook.timekeeping.
"""

from casebook import payloads
from casebook.clock import Moment
from casebook.design import Text
from casebook.payloads import SecurityPayload
from casebook.timekeeping import (
    ANCHOR_EVENT,
    JUMP_EVENT,
    Anchor,
    ClockWatch,
    anchor_fields,
    read_anchor,
    says_something_new,
    skew_banner,
    skew_of,
)
from desktop_app.workbench import Workbench


class ClockKeeping:
    """Watches the clock of one session. On the store thread."""

    def __init__(self, bench: Workbench) -> None:
        """Take over what is known of the server's time and of the newest record held."""
        self._bench = bench
        self._watch = ClockWatch(trusted_ms=bench.record.last_told_ms(), newest_ms=self._newest_ms())
        self._last = self._last_recorded()
        self._heard: Anchor | None = None
        self._banner: Text | None = None

    def _newest_ms(self) -> int | None:
        record = self._bench.record
        ends = [record.commit(head.id) for shelf in record.shelves for head in shelf.log.heads() if head.id is not None]
        return max((end.parsed.moment.utc_ms for end in ends), default=None)

    def _last_recorded(self) -> tuple[Anchor, Moment] | None:
        """Return the anchor that this laptop recorded last, with the moment of that record."""
        seat, last = self._bench.record.seat, None
        for shelf in self._bench.record.shelves:
            for _, commit in shelf.log.of_kind("sec"):
                header = commit.parsed
                if header.device != seat.device or (last is not None and header.moment.utc_ms < last[1].utc_ms):
                    continue
                payload = payloads.read(commit, seat.identity_key)
                if isinstance(payload, SecurityPayload) and payload.event == ANCHOR_EVENT:
                    anchor = read_anchor(payload.fields)
                    last = (anchor, header.moment) if anchor is not None else last
        return last

    @property
    def banner(self) -> Text | None:
        """What is to be told of the clock now; None while nothing is."""
        return self._banner

    def look(self) -> None:
        """Look at the clock: at sign-in, before a save is sealed, and after an exchange. A jump is written down."""
        moment = self._bench.record.seat.clock()
        jump = self._watch.look(moment)
        if jump is not None:
            self._banner = jump.banner
            self._bench.note(JUMP_EVENT, jump.fields())

    def hear(self, anchor: Anchor) -> None:
        """Take the server's time as an exchange heard it; it is written with the next record."""
        moment = self._bench.record.seat.clock()
        self._watch.heard(anchor.server_ms)
        if moment.boot == anchor.boot:
            self._banner = skew_banner(skew_of(moment, anchor))
            if says_something_new(anchor, moment, self._last):
                self._heard = anchor

    def settle(self) -> None:
        """Write what was heard of the server's time, if anything is worth a record."""
        if self._heard is not None:
            anchor, self._heard = self._heard, None
            self._last = (anchor, self._bench.record.seat.clock())
            self._bench.note(ANCHOR_EVENT, anchor_fields(anchor))
