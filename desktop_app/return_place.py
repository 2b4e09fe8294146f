"""Where a person stood when the laptop was locked, kept for them alone until they sign in again.

It lies among the laptop's small facts, encrypted a second time under a key that only this person's own
slot yields: a colleague who opens the record learns nothing of where somebody else worked. What was
typed is no part of it; that is kept with its form (`Session.set_aside`).

Source: docs/store.md, section "Key slots".
"""

import base64

from casebook import crypto
from casebook.errors import SealBrokenError
from desktop_app.record import Record, Seat

_PURPOSE = "return-place"


def _name(seat: Seat) -> str:
    return f"place.{seat.user}"


def _aad(seat: Seat) -> bytes:
    return f"{_PURPOSE}|{seat.device}|{seat.user}".encode()


def keep_place(record: Record, text: str) -> None:
    """Keep where the signed-in person stands; durable on return. "" forgets it."""
    seat = record.seat
    sealed = crypto.encrypt(crypto.expand(seat.signer.private, _PURPOSE), text.encode("utf-8"), _aad(seat))
    record.note_setting(_name(seat), base64.b64encode(sealed).decode("ascii") if text else "")


def take_place(record: Record) -> str | None:
    """Return where the signed-in person stood, once; None where nothing is kept, or under keys that are gone."""
    seat = record.seat
    kept = record.setting(_name(seat))
    if not kept:
        return None
    record.set_setting(_name(seat), "")
    try:
        opened = crypto.decrypt(crypto.expand(seat.signer.private, _PURPOSE), base64.b64decode(kept), _aad(seat))
    except (SealBrokenError, ValueError):
        return None
    return opened.decode("utf-8")
