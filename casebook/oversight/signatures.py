"""Signatures: bound to the content by its digest, and what becomes of them when the content changes.

A form's content lies in compartments, and not everybody opens all of them. So there is a digest for each, and a
reader compares those that they open. The signer signs no digest of what the signature's own place may not tell:
a signature that lies on the standard shelf covers the standard content of its forms and their names.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; 21 CFR 11.70.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from casebook.canonical import Value, encode
from casebook.ids import UserId
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.oversight.acts import Said
from casebook.records import FormKey
from casebook.supervision import Meaning, SignPayload


def readable(*, opens_unblinding: bool, opens_identity: bool) -> tuple[str, ...]:
    """Return the compartments that a session opens."""
    shelves = (STANDARD, UNBLINDING) if opens_unblinding else (STANDARD,)
    sealed = {STANDARD: IDENTITY, UNBLINDING: UNBLINDING_IDENTITY}
    return tuple(one for shelf in shelves for one in ((shelf, sealed[shelf]) if opens_identity else (shelf,)))


class SignState(StrEnum):
    """How a form stands towards its signatures."""

    NONE = "none"
    SIGNED = "signed"
    CHANGED = "changed"
    """It was signed, and its content is another since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSignature:
    """A signature on one form. `is_current`: it stands for the content as it is now."""

    said: Said[SignPayload]
    digests: Mapping[str, str]
    is_current: bool

    @property
    def user(self) -> UserId:
        """Who signed."""
        return self.said.author

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        return self.said.payload.meaning

    @property
    def printed_digest(self) -> str:
        """One digest over those of all compartments, for paper: 64 hex digits."""
        return printed_digest(self.digests)


def printed_digest(digests: Mapping[str, str]) -> str:
    """Return one digest over those of several compartments, 64 hex digits."""
    pairs: list[Value] = [[name, digests[name]] for name in sorted(digests)]
    return hashlib.sha256(encode(pairs)).hexdigest()


def signatures_of(
    key: FormKey, signed: Iterable[Said[SignPayload]], standing: Mapping[str, str]
) -> tuple[FormSignature, ...]:
    """Return the signatures on a form, oldest first by the signers' clocks.

    Args:
        standing: The digests of the content as it is now, of the compartments that the reader opens.
    """
    found = [
        FormSignature(said=one, digests=form.digests, is_current=_equal(form.digests, standing))
        for one in signed
        for form in one.payload.forms
        if form.key == key
    ]
    return tuple(sorted(found, key=lambda one: (one.said.moment.utc_ms, one.said.commit)))


def _equal(signed: Mapping[str, str], standing: Mapping[str, str]) -> bool:
    both = signed.keys() & standing.keys()
    return bool(both) and all(signed[name] == standing[name] for name in both)


def state_of(signatures: Iterable[FormSignature]) -> SignState:
    """Return how a form stands: signed while any signature on it is current."""
    found = list(signatures)
    if not found:
        return SignState.NONE
    return SignState.SIGNED if any(one.is_current for one in found) else SignState.CHANGED


def to_sign_again(signatures: Iterable[FormSignature]) -> tuple[tuple[UserId, Meaning], ...]:
    """Return who signed with which meaning and has to sign again, since no signature of that meaning is current."""
    found = list(signatures)
    current = {one.meaning for one in found if one.is_current}
    again = [(one.user, one.meaning) for one in found if one.meaning not in current]
    return tuple(dict.fromkeys(again))
