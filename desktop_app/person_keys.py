"""A person's own keys on one laptop: what their slot seals, so that nobody signs as a colleague.

Source: docs/threat_model.md; docs/store.md, section "Keys".
"""

import base64
from dataclasses import dataclass, field

from casebook import crypto
from casebook.canonical import decode_object, encode, text_of
from casebook.ids import DeviceId, device_id
from casebook.store.slots import Unlocked


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """A person's own keys on this laptop, as their slot seals them; `sealing` is a part of the slot itself.

    `server`: what identified the study's server when the keys were made (32 bytes; `LaptopFacts.fingerprint`):
    whoever can write to this laptop's record cannot name another server to this person.
    """

    device: DeviceId
    server: bytes
    signer: crypto.SigningKey = field(repr=False)
    paper_key: bytes = field(repr=False)
    sealing: crypto.SealingKey = field(repr=False)

    def bundle(self) -> bytes:
        """Return what the slot seals beside the sealing key."""
        return encode(
            {
                "d": self.device,
                "ss": _b64(self.server),
                "sk": _b64(self.signer.private),
                "rk": _b64(self.paper_key),
            }
        )

    @classmethod
    def read(cls, unlocked: Unlocked) -> "PersonKeys":
        """Read the keys that a passphrase opened."""
        record = decode_object(unlocked.private)
        signer = crypto.SigningKey(base64.b64decode(text_of(record, "sk")))
        paper_key = base64.b64decode(text_of(record, "rk"))
        server = base64.b64decode(text_of(record, "ss"))
        return cls(device_id(text_of(record, "d")), server, signer, paper_key, unlocked.sealing)

    @classmethod
    def generate(cls, device: DeviceId, server: bytes) -> "PersonKeys":
        """Make fresh keys; an RSA key takes its time."""
        return cls(device, server, crypto.SigningKey.generate(), crypto.new_rsa_key(), crypto.SealingKey.generate())


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
