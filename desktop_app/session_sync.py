"""The sync half of a session: what an exchange brought, keys for other laptops and for colleagues.

Source: docs/sync_protocol.md; docs/store.md, section "Shelves".
"""

from dataclasses import replace

from casebook.clock import local_time
from casebook.design import Text
from casebook.ids import DeviceId
from casebook.ledger import STANDARD
from desktop_app import custody
from desktop_app.custody import IDENTITY_INFO
from desktop_app.sync_plan import PauseKind, pause_of
from desktop_app.sync_snapshots import SyncView
from desktop_app.workbench import Workbench


class SessionSync:
    """Takes in what comes. Methods as `desktop_app.session.Session` has them."""

    def __init__(self, bench: Workbench) -> None:
        """Take over what came while nobody was signed in."""
        self._bench = bench
        self._message: Text | None = None
        self._withdrawn = False
        self._take_identity_key()

    def take_in(self, message: Text | None, *, older_copy: bool, withdrawn: bool = False) -> SyncView:
        """Take in what an exchange brought. Of which shelf an older copy was put back, its synchroniser has said."""
        self._message = message
        bench = self._bench
        bench.learn()
        bench.record.refresh()
        self._take_identity_key()
        if older_copy:
            bench.note("older-copy")
        if withdrawn and not self._withdrawn:
            self._withdrawn = True
            bench.note("laptop-withdrawn", {"device": bench.record.seat.device})
        bench.record.prune()
        bench.look_at_versions()
        self.hand_over_unblinding()
        return self.view()

    def view(self) -> SyncView:
        """Tell what is where."""
        bench = self._bench
        return custody.sync_view(bench.record, bench.place, bench.directory, self._message)

    def pause(self, kind: PauseKind | None) -> SyncView:
        """Let exchanges of their own accord wait; None lets them go on."""
        record = self._bench.record
        moment = record.seat.clock()
        now = local_time(moment.utc_ms, moment.offset_minutes)
        custody.keep_pause(record, pause_of(kind, now) if kind is not None else None)
        return self.view()

    def admit_laptop(self, device: DeviceId) -> SyncView:
        """Seal the site's identity key to another laptop of the site, after its fingerprint was compared."""
        bench = self._bench
        bench.permissions.require_managing()
        grant = custody.grant(bench.record.seat, bench.place, bench.directory, device)
        bench.record.seal([(grant, STANDARD)])
        bench.learn()
        return self.view()

    def hand_over_unblinding(self) -> None:
        """Give the unblinding key to colleagues of this laptop who are to have it and were certified."""
        handed, refused = self._bench.ring.hand_over_unblinding(self._bench.directory)
        for user in handed:
            self._bench.note("unblinding-key-granted", {"user": user})
        for user in refused:
            self._bench.note("unblinding-key-refused", {"user": user})

    def _take_identity_key(self) -> None:
        """Open the identity key that another laptop of the site sealed to this one."""
        record = self._bench.record
        seat = record.seat
        sealed = self._bench.directory.grant(seat.device)
        if record.admitted or sealed is None:
            return
        key = seat.device_sealing.open(sealed, IDENTITY_INFO)
        record.standard.set_setting("identity_key", key.hex())
        if self._bench.permissions.sees_identity:
            record.reopen_with(replace(seat, identity_key=key))
