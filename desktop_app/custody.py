"""Where a session stands and what is where: the laptop's place, its people's keys, what the server has received.

Nothing here decides or writes.
"""

from dataclasses import dataclass

from casebook import crypto
from casebook.clock import local_time
from casebook.design import Text
from casebook.errors import LANGUAGES, NumbersExhaustedError, SealedAwayError, UnknownItemError
from casebook.ids import DeviceId
from casebook.payloads import KINDS, KeyGrantPayload
from casebook.sync.trust import Directory, ServerIdentity
from desktop_app.record import Record, Seat
from desktop_app.snapshots import Custody
from desktop_app.sync_plan import Pause, read_pause
from desktop_app.sync_snapshots import LaptopRow, SyncPause, SyncView

IDENTITY_INFO = b"CRF-identity-grant-v1"
_PAUSE = "sync_pause"
_MAX_NUMBER = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the laptop stands: what enrolment said."""

    site: str
    site_name: str
    letter: str
    server: str
    identity: ServerIdentity
    authority: bytes
    """The study authority's certificate, DER."""


def joined_notices(*notices: Text | None) -> Text | None:
    """Return what is to be told at sign-in, one sentence after the other; None where nothing is."""
    said = [one for one in notices if one is not None]
    return Text({one: " ".join(text(one) for text in said) for one in LANGUAGES}) if said else None


def sync_view(record: Record, place: Place, directory: Directory, message: Text | None) -> SyncView:
    """Tell what is where; `message`: the last outcome in words."""
    logs = [shelf.log for shelf in record.shelves]
    heads = [(log, head) for log in logs for head in log.heads() if head.device == record.seat.device]
    own = sum(head.sequence for _, head in heads)
    places = record.places
    here_only = len(record.unsent)
    last = record.last_told_ms()
    offset = record.seat.clock().offset_minutes
    return SyncView(
        here_only=here_only,
        received=own - here_only,
        from_others=sum(log.count() for log in logs) - own,
        parked=sum(log.count_parked() for log in logs),
        quarantined=sum(len(log.quarantined()) for log in logs),
        open_forms=len(record.drafts),
        phase="idle",
        message=message,
        last_contact=local_time(last, offset) if last is not None else None,
        server=place.server,
        laptops=_laptops(record, place, directory),
        identity_available=record.admitted,
        pause=_pause(record, offset),
        in_bundles=sum(1 for commit in record.unsent if places.where(commit).custody is Custody.BUNDLE),
        newer=sum(count for log in logs for kind, count in log.count_by_kind().items() if kind not in KINDS),
        backed_up=sum(log.backed_up(head.device, head.epoch) for log, head in heads),
    )


def keep_pause(record: Record, pause: Pause | None) -> None:
    """Keep a pause of the laptop's exchanges, whoever signs in next; None ends it."""
    record.standard.set_setting(_PAUSE, pause.text() if pause is not None else "")


def _pause(record: Record, offset: int) -> SyncPause | None:
    pause, now_ms = read_pause(record.standard.setting(_PAUSE)), record.seat.clock().utc_ms
    if pause is None or not pause.holds(now_ms):
        return None
    if pause.until_ms is None:
        return SyncPause(left_s=None, until=None)
    return SyncPause(left_s=-(-(pause.until_ms - now_ms) // 1000), until=local_time(pause.until_ms, offset))


def _laptops(record: Record, place: Place, directory: Directory) -> tuple[LaptopRow, ...]:
    seat = record.seat
    return tuple(
        LaptopRow(
            device=device.device,
            letter=device.letter,
            name=device.name,
            fingerprint=device.fingerprint,
            is_this=device.device == seat.device,
            admitted=directory.grant(device.device) is not None or (device.device == seat.device and record.admitted),
            withdrawn=device.revoked,
        )
        for device in directory.devices(place.site)
    )


def numbers_used(record: Record, place: Place) -> int:
    """Return the highest number that this laptop has given to a subject; 0 before the first.

    Raises:
        NumbersExhaustedError: All 999 are used.
    """
    prefix = f"{place.site}-{place.letter}"
    numbers = [record.casebook(one).number for one in record.subjects()]
    used = max((int(number[-3:]) for number in numbers if number.startswith(prefix)), default=0)
    if used >= _MAX_NUMBER:
        raise NumbersExhaustedError
    return used


def grant(seat: Seat, place: Place, directory: Directory, device: DeviceId) -> KeyGrantPayload:
    """Return the site's identity key, sealed to another laptop of the site.

    Raises:
        SealedAwayError: This laptop has no identity key itself.
        UnknownItemError: No such laptop of this site is known.
    """
    other = directory.device(device)
    if seat.identity_key is None:
        raise SealedAwayError
    if other is None or other.site != place.site or other.revoked:
        raise UnknownItemError(form="", item=device)
    sealed = crypto.seal_to(other.sealing, seat.identity_key, IDENTITY_INFO)
    return KeyGrantPayload(site=place.site, device=device, sealed_key=sealed)
