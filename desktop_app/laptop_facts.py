"""What a laptop knows of itself: what enrolment said, and its own keys, as the encrypted record keeps them.

Source: docs/store.md; docs/sync_protocol.md, section "Enrolment".
"""

import base64
from dataclasses import dataclass, field

from casebook import __version__, crypto
from casebook.canonical import decode_object, encode, text_of
from casebook.errors import LaptopNotEnrolledError
from casebook.ids import DeviceId, device_id
from casebook.store.healing import OpenStore
from casebook.sync import engine
from casebook.sync.enrolment import Enrolled
from casebook.sync.trust import ServerIdentity
from desktop_app.custody import Place

LAPTOP = "laptop"
"""The setting in which the record keeps what enrolment said."""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@dataclass(frozen=True, slots=True)
class LaptopFacts:
    """What enrolment said, and the laptop's own keys, as the record keeps them."""

    place: Place
    study: str
    device: DeviceId
    signing: crypto.SigningKey = field(repr=False)
    sealing: crypto.SealingKey = field(repr=False)

    def text(self) -> str:
        """Return it as the record keeps it."""
        place = self.place
        fields = {
            "si": place.site,
            "sn": place.site_name,
            "l": place.letter,
            "url": place.server,
            "ca": _b64(place.authority),
            "st": self.study,
            "d": self.device,
            "sk": _b64(self.signing.private),
            "bk": _b64(self.sealing.private),
            "sd": place.identity.device,
            "ss": _b64(place.identity.signing),
            "sr": _b64(place.identity.receipts),
        }
        return encode(dict(fields)).decode("utf-8")

    @property
    def fingerprint(self) -> bytes:
        """Which server this laptop belongs to, how that is recognised, and as what: 32 bytes.

        Its address is left out: no other server can answer there under the study's authority.
        """
        place = self.place
        names = (self.study, place.site, self.device, place.identity.device)
        keys = (place.identity.signing, place.identity.receipts, place.authority)
        return crypto.sha256(encode([*names, *map(_b64, keys)]))

    @classmethod
    def read(cls, text: str) -> "LaptopFacts":
        """Read what `text` returned."""
        record = decode_object(text.encode("utf-8"))

        def data(key: str) -> bytes:
            return base64.b64decode(text_of(record, key))

        server = ServerIdentity(device=device_id(text_of(record, "sd")), signing=data("ss"), receipts=data("sr"))
        place = Place(
            site=text_of(record, "si"),
            site_name=text_of(record, "sn"),
            letter=text_of(record, "l"),
            server=text_of(record, "url"),
            identity=server,
            authority=data("ca"),
        )
        return cls(
            place,
            text_of(record, "st"),
            device_id(text_of(record, "d")),
            crypto.SigningKey(data("sk")),
            crypto.SealingKey(data("bk")),
        )


def settings_in(store: OpenStore) -> dict[str, str]:
    """Return the laptop's small facts; the spool's copy counts, since a lost database lags."""
    return {**store.log.settings(), **store.spool.settings()}


def facts_in(store: OpenStore) -> LaptopFacts:
    """Return what the record keeps. Raises LaptopNotEnrolledError."""
    settings = settings_in(store)
    if LAPTOP not in settings:
        raise LaptopNotEnrolledError
    return LaptopFacts.read(settings[LAPTOP])


def facts_of(enrolled: Enrolled, signing: crypto.SigningKey, sealing: crypto.SealingKey) -> LaptopFacts:
    """Return what the server answered, with the keys that the laptop made."""
    place = Place(
        site=enrolled.site,
        site_name=enrolled.site_name,
        letter=enrolled.letter,
        server=enrolled.url,
        identity=enrolled.server,
        authority=enrolled.authority,
    )
    return LaptopFacts(place, enrolled.study, enrolled.device, signing, sealing)


def laptop_of(facts: LaptopFacts) -> engine.Laptop:
    """Return the laptop as an exchange needs it."""
    return engine.Laptop(study=facts.study, device=facts.device, signing=facts.signing, app_version=__version__)
